//! A store that lost chunks: the rest is served, nothing lost is acknowledged, and devices heal it.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use automerge::ReadDoc;
use portrea_protocol::people::Role;
use portrea_protocol::schema::read;

use crate::chunk::ChunkId;
use crate::territory::Upkeep;
use crate::tests::{Client, Hub, furnished, open, person, set, structure};

/// A device that made `edits` edits, each of which was kept in a chunk of its own.
fn synced(edits: u8) -> (Hub, Client) {
    let mut hub = Hub::furnished();
    let mut amina = Client::with(2, &furnished());
    hub.joins(&mut amina);
    for number in 0..edits {
        amina.edits(&[set("phone", &number.to_string())]);
        hub.exchange(&mut [&mut amina]);
    }
    assert_eq!(hub.territory.heads(), amina.doc.get_heads());
    (hub, amina)
}

/// The store loses the chunk at `index`, and the territory is opened from the rest.
fn loses(hub: &mut Hub, index: usize, server: u8) -> ChunkId {
    let lost = hub.kept.chunks.remove(index).id();
    // What is durable is what the hub checks heads against: it must not count the loss in.
    let left = open(hub.kept.clone(), server).unwrap();
    hub.forgets(left);
    lost
}

/// Goal: whichever chunk is lost, the greatest part before it is served, the rest waits, and the device that still has
/// everything brings it back. Five edits in a row, each lost once.
#[test]
fn a_device_heals_what_the_store_lost() {
    for index in 1..=5 {
        let (mut hub, mut amina) = synced(5);
        let before = hub.territory.records().clone();
        loses(&mut hub, index, 240);
        let gaps = hub.territory.gaps().clone();
        let waiting = 5 - index;
        assert_eq!((gaps.lost.len(), gaps.waiting), (usize::from(waiting > 0), waiting));
        assert_eq!(
            hub.territory.document().get_changes(&[]).len(),
            furnished().get_changes(&[]).len() + index - 1
        );
        assert_eq!(read::structures(hub.territory.document()), *hub.territory.records());
        amina.reconnects();
        hub.joins(&mut amina);
        assert_eq!(hub.territory.heads(), amina.doc.get_heads());
        assert_eq!(*hub.territory.records(), before);
        assert_eq!(hub.territory.waiting(), 0);
        // And it stays healed.
        let again = open(hub.kept.clone(), 241).unwrap();
        assert_eq!((again.heads(), again.records()), (hub.territory.heads(), &before));
        assert!(again.gaps().lost.is_empty());
    }
}

/// Goal: what waits for a lost change is not superseded by a snapshot, so that it can still come back: two chunks
/// wait, the territory is compacted, opened again, and healed by a device that has the lost change alone.
#[test]
fn what_waits_is_never_compacted_away() {
    let (mut hub, amina) = synced(4);
    let mut early = Client::with(3, &furnished());
    let changes = amina.doc.get_changes(&[]);
    let count = changes.len();
    early.doc.apply_changes(changes.into_iter().take(count - 2)).unwrap();
    let before = hub.territory.records().clone();
    loses(&mut hub, 2, 240);
    let waiting: Vec<ChunkId> = hub.kept.chunks[2..].iter().map(crate::chunk::Chunk::id).collect();
    let limits = Upkeep { loose_chunks_max: 1, ..Upkeep::default() };
    hub.territory = open(hub.kept.clone(), 241).unwrap().with_upkeep(limits);
    assert_eq!(hub.rests(), Some(false));
    assert_eq!(hub.kept.snapshots.len(), 1);
    assert!(waiting.iter().all(|id| hub.kept.chunks.iter().any(|chunk| chunk.id() == *id)));
    hub.reopens(242);
    assert_eq!(hub.territory.gaps().waiting, 2);
    hub.joins(&mut early);
    assert_eq!(*hub.territory.records(), before);
    assert_eq!(hub.territory.heads(), amina.doc.get_heads());
}

/// Goal: a territory with gaps goes on: the server and a new device write, and heads never speak of what is lost.
#[test]
fn a_territory_with_gaps_goes_on() {
    let (mut hub, amina) = synced(3);
    loses(&mut hub, 1, 240);
    let lost = hub.territory.gaps().lost.clone();
    hub.command(person(2, Role::Contributor), vec![structure(30)]);
    let mut bruno = Client::new(4, Role::Contributor);
    hub.joins(&mut bruno);
    bruno.edits(&[structure(31)]);
    hub.exchange(&mut [&mut bruno]);
    assert_eq!(hub.territory.heads(), bruno.doc.get_heads());
    assert!(lost.iter().all(|hash| bruno.doc.get_change_by_hash(hash).is_none()));
    let mut amina = amina;
    amina.reconnects();
    hub.joins(&mut amina);
    hub.exchange(&mut [&mut bruno, &mut amina]);
    assert_eq!(hub.territory.heads(), amina.doc.get_heads());
    assert_eq!(read::structures(&amina.doc), *hub.territory.records());
}
