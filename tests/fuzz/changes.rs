//! Changes as a hostile contributor sends them to a territory.
//!
//! Whatever they say, they are taken or refused. What was refused left nothing behind; what was taken reads the same, edit
//! by edit, from the whole document and from what was kept; and an honest edit is taken afterwards.

use automerge::{Automerge, ChangeHash, ReadDoc};
use portrea_protocol::ids::PeerId;
use portrea_protocol::schema::read;
use portrea_protocol::schema::write::perform;
use portrea_protocol::wire::sync::steady;
use portrea_territory::chunk::Chunk;
use portrea_territory::io::{Input, Outcome};
use portrea_territory::territory::Territory;

use crate::ground::{NOW, actor, chunk, deflated, person, replica, set, territory};

/// A whole sync message.
pub const MESSAGE: u8 = 0;
/// A chunk.
pub const CHUNK: u8 = 1;
/// A change's body, to which the checksum is made.
pub const BODY: u8 = 2;
/// A body that is deflated.
pub const DEFLATED: u8 = 3;
/// Two bodies, one behind the other, the first as long as the two bytes in front of it say.
pub const PAIR: u8 = 4;

/// Gives a territory what the first byte says the others are. Whether something was merged.
pub fn meet(bytes: &[u8]) -> bool {
    let Some((kind, bytes)) = bytes.split_first() else { return false };
    let mut mind = territory([]);
    let hostile = PeerId::from("hostile".to_owned());
    let honest = PeerId::from("honest".to_owned());
    for (peer, number) in [(&hostile, 6), (&honest, 2)] {
        mind.handle(NOW, [Input::Connected { peer: peer.clone(), person: person(number), storage: None }]);
    }
    let before = Standing::of(&mind);
    let (message, alone) = message(*kind, bytes, mind.heads());
    let outcome = mind.handle(NOW, [Input::Message { peer: hostile.clone(), data: message }]);
    assert!(outcome.refuse.iter().all(|(peer, _)| *peer == hostile), "somebody else was refused");
    assert!(outcome.refuse.is_empty() || !alone || outcome.persist.chunk.is_none(), "refused and kept");
    if outcome.persist.chunk.is_none() {
        before.stands(&mind, &outcome);
    }
    let mut kept: Vec<Chunk> = outcome.persist.chunk.into_iter().collect();
    let merged = !kept.is_empty();
    kept.extend(serves(&mut mind, &honest));

    assert_eq!(
        *mind.records(),
        read::structures(mind.document()),
        "kept up edit by edit, and read from nothing"
    );
    let again = territory(kept);
    assert_eq!(again.heads(), mind.heads(), "opened again from what was kept");
    assert_eq!(again.records(), mind.records());
    assert!(again.gaps().lost.is_empty());
    let loaded = Automerge::load(&mind.document().save()).expect("what was saved loads");
    assert_eq!(loaded.get_heads(), mind.heads());
    merged
}

/// The message, and whether it brings a single change.
fn message(kind: u8, bytes: &[u8], heads: &[ChangeHash]) -> (Vec<u8>, bool) {
    let one = |change: Vec<u8>| (steady(heads, vec![change], false), true);
    match kind % 5 {
        MESSAGE => (bytes.to_vec(), false),
        CHUNK => one(bytes.to_vec()),
        BODY => one(chunk(bytes)),
        DEFLATED => one(deflated(bytes)),
        _ => {
            let (length, bodies) = bytes.split_first_chunk::<2>().unwrap_or((&[0; 2], bytes));
            let (first, second) = bodies.split_at(bodies.len().min(u16::from_le_bytes(*length).into()));
            (steady(heads, vec![chunk(first), chunk(second)], false), false)
        }
    }
}

/// Somebody else edits all the same; what is to be kept of it.
fn serves(mind: &mut Territory, honest: &PeerId) -> Option<Chunk> {
    let mut doc = replica(2);
    perform(&mut doc, &[set("phone", "02 99 00 00 00")], NOW).expect("an honest edit");
    let change = doc.get_last_local_change().expect("it was just made");
    let (hash, bytes) = (change.hash(), change.raw_bytes().to_vec());
    let outcome = mind
        .handle(NOW, [Input::Message { peer: honest.clone(), data: steady(&[hash], vec![bytes], false) }]);
    // Bytes that brought another change of actor 2's next number are a copied device: then it may be refused.
    let copied =
        || mind.document().get_changes(&[]).iter().any(|it| *it.actor_id() == actor(2) && it.hash() != hash);
    let taken = mind.document().get_change_by_hash(&hash).is_some();
    assert!(taken || copied(), "an honest edit is refused: {:?}", outcome.refuse);
    outcome.persist.chunk
}

/// What a refused change may not touch.
struct Standing {
    heads: Vec<ChangeHash>,
    saved: Vec<u8>,
    feed_last: u64,
}

impl Standing {
    fn of(mind: &Territory) -> Self {
        Self { heads: mind.heads().to_vec(), saved: mind.document().save(), feed_last: mind.feed_last() }
    }

    /// Nothing was merged: the document, the feed and what is known of actors are as they were.
    fn stands(&self, mind: &Territory, outcome: &Outcome) {
        let aside = !outcome.persist.quarantine.is_empty();
        assert!(aside || outcome.persist.is_empty(), "nothing was merged, and there is something to keep");
        assert_eq!(mind.heads(), self.heads);
        assert_eq!(mind.document().get_heads(), self.heads);
        assert!(mind.document().save() == self.saved, "nothing was merged, and the document changed");
        assert!(aside || mind.feed_last() == self.feed_last, "nothing was merged, and something is told");
    }
}
