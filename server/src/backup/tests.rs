//! Backups, whole and broken.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use automerge::transaction::Transactable;
use automerge::{ActorId, Automerge, ROOT, ReadDoc};
use portrea_protocol::ids::{ContributorId, DeviceId};
use portrea_protocol::people::{Person, Role};
use portrea_protocol::time::UnixMillis;
use portrea_protocol::wire::quarantine::Reason;
use portrea_territory::held::Note;

use super::*;

const HERE: TerritoryId = TerritoryId(Uuid::from_u128(7));

fn pieces() -> Vec<Piece> {
    let row = |table, key: &[u8], value: &[u8]| Row { table, key: key.to_vec(), value: Some(value.to_vec()) };
    let binding = Binding {
        actor: "ab".into(),
        contributor: ContributorId(Uuid::from_u128(1)),
        name: "Amélie".into(),
        device: DeviceId(Uuid::from_u128(2)),
        first_seen: UnixMillis(3),
    };
    let mut doc = Automerge::new().with_actor(ActorId::from([7; 16]));
    let done = doc.transact::<_, _, automerge::AutomergeError>(|tx| tx.put(ROOT, "x", 1)).unwrap();
    let change = doc.get_change_by_hash(&done.hash.unwrap()).unwrap();
    let person = Person {
        contributor: ContributorId(Uuid::from_u128(1)),
        name: "Amélie".into(),
        role: Role::Contributor,
        device: DeviceId(Uuid::from_u128(2)),
    };
    let note = Note::waiting(Reason::Outside, &person, UnixMillis(3));
    let held = Held { hash: change.hash(), bytes: change.raw_bytes().into(), note };
    vec![
        Piece::Row(row(Table::Session, &[0; 32], b"{}")),
        Piece::Row(row(Table::Act, b"", b"")),
        Piece::Epoch(HERE, 3, Chunk::new(vec![2; 7])),
        Piece::Snapshot(HERE, Chunk::new(vec![1; 70_000])),
        Piece::Chunk(HERE, Chunk::new(Vec::new())),
        Piece::Binding(HERE, binding),
        Piece::Quarantine(HERE, held),
        Piece::Feed(HERE, FeedRow { seq: u64::MAX, json: "{\"é\":1}".into() }),
    ]
}

fn written(pieces: &[Piece]) -> Vec<u8> {
    let mut writer = Writer::new(Vec::new()).unwrap();
    for piece in pieces {
        writer.add(piece).unwrap();
    }
    writer.finish().unwrap()
}

/// Goal: what was written is read. Method: one of each kind, the empty ones too, and no piece at all.
#[test]
fn a_backup_is_read_as_it_was_written() {
    for pieces in [pieces(), Vec::new()] {
        let read: Result<Vec<Piece>, _> = Reader::new(written(&pieces).as_slice()).unwrap().collect();
        assert_eq!(read.unwrap(), pieces);
    }
}

/// Goal: a backup that was cut off or changed never passes for a whole one. Method: every length, and every byte
/// flipped in turn.
#[test]
fn a_broken_backup_is_noticed() {
    let mut small = pieces();
    small.remove(2);
    let whole = written(&small);
    let reads = |bytes: &[u8]| {
        let reader = Reader::new(bytes)?;
        reader.collect::<Result<Vec<Piece>, _>>()
    };
    assert_eq!(reads(&whole).unwrap(), small);
    for length in 0..whole.len() {
        assert!(reads(&whole[..length]).is_err(), "{length} of {}", whole.len());
    }
    for at in 0..whole.len() {
        let mut flipped = whole.clone();
        flipped[at] ^= 0x10;
        // The header of a gzip stream tells of nothing in it: its time and system may be anything.
        assert!(reads(&flipped).map_or(true, |read| read == small), "byte {at}");
    }
    assert!(matches!(reads(b"not a backup"), Err(BackupError::NotOne)));
}
