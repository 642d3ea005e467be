//! The actor under which somebody begins to write.
//!
//! automerge keeps a document's actors in order, and for one that comes in between it writes the whole document's columns
//! anew: 20 ms in a directory of 20,000 places, on the server and on every device. One that comes last costs nothing. So an
//! actor here begins with what hardly any actor drawn at random begins with, and goes on with the time. A wrong clock
//! costs that time and nothing else: nothing else depends on the order.

use automerge::ActorId;

use crate::time::UnixMillis;

/// After nearly all that others draw at random: one of theirs in 65,536 comes later.
const LAST: [u8; 2] = [0xff; 2];

/// A new actor, 16 bytes: `ffff`, milliseconds since 1970 in 48 bits, `random`. Drawn where the writing begins, once a
/// device or a document that is opened, and given to nobody else.
pub fn fresh(now: UnixMillis, random: [u8; 8]) -> ActorId {
    let [_, _, millis @ ..] = u64::try_from(now.0).unwrap_or_default().to_be_bytes();
    ActorId::from([LAST.as_slice(), &millis, &random].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Goal: whoever begins later comes later, whatever the clock says. Method: a table, as the web app has it.
    #[test]
    fn an_actor_tells_when_it_began() {
        for (millis, expected) in [
            (-1, "ffff0000000000000707070707070707"),
            (0, "ffff0000000000000707070707070707"),
            (1_778_576_400_000, "ffff019e1b6a1e800707070707070707"),
            (i64::MAX, "ffffffffffffffff0707070707070707"),
        ] {
            assert_eq!(fresh(UnixMillis(millis), [7; 8]).to_hex_string(), expected, "{millis}");
        }
        assert!(fresh(UnixMillis(1), [9; 8]) < fresh(UnixMillis(2), [0; 8]));
    }
}
