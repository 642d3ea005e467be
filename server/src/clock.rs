//! The only reader of time and randomness.

use std::sync::Mutex;
use std::time::{SystemTime, UNIX_EPOCH};

use automerge::ActorId;
use portrea_protocol::actor;
use portrea_protocol::time::UnixMillis;
use uuid::{ContextV7, Timestamp, Uuid};

/// Now, by this machine's clock. A clock before 1970 reads as 1970.
pub fn now() -> UnixMillis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    UnixMillis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// What keeps the uuids of one millisecond in the order in which they were made, even where the clock steps back.
static IN_ORDER: Mutex<ContextV7> = Mutex::new(ContextV7::new());

/// A fresh uuid v7: unique, and in the order of creation within this process.
pub fn uuid() -> Uuid {
    let millis = u64::try_from(now().0).unwrap_or_default();
    let nanos = u32::try_from(millis % 1_000 * 1_000_000).unwrap_or_default();
    Uuid::new_v7(Timestamp::from_unix(&IN_ORDER, millis / 1_000, nanos))
}

/// The actor under which the server begins to write.
pub fn actor() -> ActorId {
    actor::fresh(now(), random())
}

/// Bytes from the operating system's source of randomness.
///
/// # Panics
///
/// When the operating system has none to give: nothing secret can be made then.
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}

#[cfg(test)]
mod tests {
    use super::uuid;

    #[test]
    fn uuids_come_in_the_order_in_which_they_were_made() {
        let made: Vec<_> = (0..1_000).map(|_| uuid()).collect();
        assert!(made.is_sorted_by(|earlier, later| earlier < later));
        assert!(made.iter().all(|made| made.get_version_num() == 7));
    }
}
