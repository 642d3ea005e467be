//! Bytes of a store change on the disk, and its end is cut off: what is left is served, what is gone is told.

#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;

use automerge::{ActorId, Automerge, Change, ChangeHash, ReadDoc};
use portrea_indicators::statistics::Statistics;
use portrea_protocol::ids::{RecordId, StorageId};
use portrea_protocol::schema::document;
use portrea_protocol::schema::path::Address;
use portrea_protocol::schema::read;
use portrea_protocol::schema::write::{Edit, perform};
use portrea_protocol::time::UnixMillis;
use portrea_territory::chunk::{Batch, Chunk, ChunkId, Damage, FeedRow, Kept, Snapshot};
use portrea_territory::io::{OpenError, Opening};
use portrea_territory::territory::Territory;
use tempfile::TempDir;

use crate::store::contract::{binding, territory};
use crate::store::sled::SledStore;
use crate::store::{KeyValue, Loss, Row, Store, StoreError, Table};

/// Seeds that are tried by `make test`; `PORTREA_HARMED` asks for more.
const SEEDS: u64 = 20;
/// Devices, each of which edits alone and sometimes hears of the others.
const DEVICES: u8 = 5;
/// Edits of all of them.
const EDITS: u64 = 300;
/// How many edits a snapshot of the second territory contains.
const COMPACTED: u64 = 200;
const NOW: UnixMillis = UnixMillis(1_778_572_800_000);

/// What was written, and what each change builds on.
struct Written {
    /// The changes of each kept chunk, by territory.
    chunks: BTreeMap<ChunkId, Vec<ChangeHash>>,
    deps: BTreeMap<ChangeHash, Vec<ChangeHash>>,
    feed: Vec<FeedRow>,
    rows: Vec<KeyValue>,
}

/// SplitMix64.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }
}

fn actor(number: u8) -> ActorId {
    ActorId::from([number; 16])
}

fn id(number: u64) -> RecordId {
    RecordId::from(format!("01917f3e-0000-7000-8000-{number:012x}"))
}

/// The changes that devices make one after the other, each as its own bytes; the first is the document.
fn edited() -> (Automerge, Vec<Change>) {
    let mut doc = document::create(actor(250), "CC d’essai", "200000000", NOW).unwrap();
    let add = |number| Edit::AddStructure { id: id(number), name: format!("Lieu {number}") };
    perform(&mut doc, &(0..u64::from(DEVICES)).map(add).collect::<Vec<_>>(), NOW).unwrap();
    let mut devices: Vec<Automerge> =
        (1..=DEVICES).map(|number| doc.clone().with_actor(actor(number))).collect();
    let mut chance = Chance(1);
    let mut changes = Vec::new();
    for number in 0..EDITS {
        let own = chance.below(u64::from(DEVICES));
        let device = devices.get_mut(usize::try_from(own).unwrap()).unwrap();
        if chance.below(8) == 0 {
            device.apply_changes(changes.iter().cloned()).unwrap();
        }
        let address = Address::parse(&id(own), "phone").unwrap();
        let edit = Edit::Set { address, value: Some(format!("{number:010}").as_str().into()) };
        let hash = perform(device, &[edit], NOW).unwrap().unwrap();
        changes.push(device.get_change_by_hash(&hash).unwrap());
    }
    (doc, changes)
}

/// A store with two territories that hold the same edits, the second behind a snapshot; each edit was durable by itself.
/// It is closed and opened after every `session` edits.
fn written(dir: &Path, session: u64) -> Written {
    let mut store = SledStore::open(dir).unwrap();
    let (mut doc, changes) = edited();
    let base = Chunk::new(doc.save());
    let hashes = |doc: &Automerge| doc.get_changes(&[]).iter().map(Change::hash).collect::<Vec<_>>();
    let mut written = Written {
        chunks: BTreeMap::from([(base.id(), hashes(&doc))]),
        deps: doc.get_changes(&[]).iter().map(|change| (change.hash(), change.deps().to_vec())).collect(),
        feed: Vec::new(),
        rows: Vec::new(),
    };
    let mut batch = Batch { chunk: Some(base.clone()), ..Batch::default() };
    batch.bindings = (1..=DEVICES).map(|number| binding(&actor(number).to_string(), "Amina")).collect();
    let mut supersedes = vec![base.id()];
    for (seq, change) in (1..).zip(&changes) {
        for one in [1, 2] {
            store.append(territory(one), &batch).unwrap();
        }
        let key = format!("row {seq:04}").into_bytes();
        let value = vec![u8::try_from(seq % 251).unwrap(); usize::try_from(seq * 20).unwrap()];
        if seq % 10 == 0 {
            let row = Row { table: Table::Contributor, key: key.clone(), value: Some(value.clone()) };
            store.put(&[row]).unwrap();
            written.rows.push((key, value));
        }
        store.make_durable().unwrap();
        let chunk = Chunk::new(change.raw_bytes().to_vec());
        let row =
            FeedRow { seq, json: Arc::from(format!("{{\"n\":{seq},\"pad\":\"{}\"}}", "·".repeat(800))) };
        written.chunks.insert(chunk.id(), vec![change.hash()]);
        written.deps.insert(change.hash(), change.deps().to_vec());
        doc.apply_changes([change.clone()]).unwrap();
        if seq < COMPACTED {
            supersedes.push(chunk.id());
        }
        if seq == COMPACTED {
            supersedes.push(chunk.id());
            let snapshot = Chunk::new(doc.save());
            written.chunks.insert(snapshot.id(), hashes(&doc));
            store.append(territory(2), &Batch { chunk: Some(chunk.clone()), ..Batch::default() }).unwrap();
            store
                .compact(territory(2), &Snapshot { chunk: snapshot, supersedes: supersedes.clone() })
                .unwrap();
        }
        written.feed.push(row.clone());
        batch = Batch { chunk: Some(chunk), feed: vec![row], ..Batch::default() };
        if seq % session == 0 {
            drop(store);
            store = SledStore::open(dir).unwrap();
        }
    }
    for one in [1, 2] {
        store.append(territory(one), &batch).unwrap();
    }
    store.make_durable().unwrap();
    if session < EDITS {
        // The log goes on to other segments, and what was written so far is read from its pages alone.
        for number in 0..4_u8 {
            let value = Some(vec![number; 1 << 20]);
            store.put(&[Row { table: Table::Server, key: vec![number], value }]).unwrap();
            store.make_durable().unwrap();
        }
        drop(store);
        drop(SledStore::open(dir).unwrap());
    }
    written
}

/// Flips bytes, or cuts the end off; says what was harmed.
fn harm(dir: &Path, chance: &mut Chance) -> String {
    let db = opened_file(dir, "db");
    match chance.below(6) {
        0 => {
            let length = db.metadata().unwrap().len();
            let cut = chance.below(length / 4);
            db.set_len(length - cut).unwrap();
            format!("the last {cut} bytes are gone")
        }
        1 => {
            let mut names = names(dir);
            names.sort();
            names.retain(|name| name != "db");
            let name = names.swap_remove(usize::try_from(chance.below(names.len() as u64)).unwrap());
            format!("byte {} of {name} is another", flip(&opened_file(dir, &name), chance))
        }
        flips => {
            format!("bytes {:?} are others", (1..flips).map(|_| flip(&db, chance)).collect::<Vec<_>>())
        }
    }
}

fn opened_file(dir: &Path, name: &str) -> File {
    OpenOptions::new().read(true).write(true).open(dir.join(name)).unwrap()
}

/// Flips one bit of a file; says in which byte.
fn flip(file: &File, chance: &mut Chance) -> u64 {
    let at = chance.below(file.metadata().unwrap().len());
    let mut byte = [0];
    file.read_exact_at(&mut byte, at).unwrap();
    file.write_all_at(&byte.map(|byte| byte ^ (1 << chance.below(8))), at).unwrap();
    at
}

/// The files that lie in a directory.
fn names(dir: &Path) -> Vec<String> {
    let files = fs::read_dir(dir).unwrap().map(Result::unwrap);
    let files = files.filter(|file| file.file_type().unwrap().is_file());
    files.map(|file| file.file_name().into_string().unwrap()).collect()
}

fn copied(from: &Path) -> TempDir {
    let dir = TempDir::new().unwrap();
    for name in names(from) {
        fs::copy(from.join(&name), dir.path().join(name)).unwrap();
    }
    dir
}

/// What became of the stores.
#[derive(Debug, Default)]
struct Tally {
    /// The damage lay where nothing stood any more.
    whole: usize,
    /// Something was lost, and told.
    partly: usize,
    /// Territories that lost what their document begins with.
    documentless: usize,
    /// The engine did not open, which is told too.
    shut: usize,
    /// Stores that ended at a write.
    ended: usize,
    /// Writes that would have touched a damaged page.
    refused: usize,
}

/// Goal: nothing panics, nothing is gone in silence, the rest is served, and the store goes on. Method: three hundred
/// edits of five devices in two territories; copies of the directory are harmed by seeds and looked at. A log that was
/// never read back is cut by sled at its first damaged message; one that was closed now and then also has damaged pages;
/// and damage before the end of what was read back, in the segment that is written to, keeps sled from opening at all.
#[test]
fn damage_is_told_and_the_rest_is_served() {
    for session in [EDITS * 2, EDITS, 70] {
        let dir = TempDir::new().unwrap();
        let written = written(dir.path(), session);
        let seeds = std::env::var("PORTREA_HARMED").ok().and_then(|text| text.parse().ok()).unwrap_or(SEEDS);
        let mut tally = Tally::default();
        for seed in 0..seeds {
            let harmed = copied(dir.path());
            let harm =
                format!("sessions of {session}, seed {seed}: {}", harm(harmed.path(), &mut Chance(seed)));
            look(harmed.path(), &written, &harm, &mut tally);
        }
        println!("sessions of {session} edits: {tally:?}");
        assert!(tally.whole + tally.partly > 0, "some are served");
    }
}

/// Opens what was harmed, looks at all that is served, writes on, and opens it once more.
fn look(dir: &Path, written: &Written, harm: &str, tally: &mut Tally) {
    let Some(store) = open(dir, harm) else {
        tally.shut += 1;
        return;
    };
    check(&store, written, harm, tally);
    let losses = store.losses().unwrap();
    let stays = goes_on(&store, harm, tally);
    drop(store);
    let Some(store) = open(dir, harm) else { panic!("{harm}: it does not open a second time") };
    let again = store.losses().unwrap();
    let still = |loss: &&Loss| matches!(loss, Loss::Batches(_));
    assert!(losses.iter().filter(still).all(|loss| again.contains(loss)), "{harm}: told until somebody acts");
    for (table, key) in stays {
        assert_eq!(store.get(table, &key).unwrap().as_deref(), Some(key.as_slice()), "{harm}");
    }
}

fn open(dir: &Path, harm: &str) -> Option<SledStore> {
    match SledStore::open(dir) {
        Ok(store) => Some(store),
        Err(StoreError::Damaged(_)) => None,
        Err(other) => panic!("{harm}: {other}"),
    }
}

/// Nothing is there that was not written, nothing is gone in silence, and all that hangs together is served.
fn check(store: &SledStore, written: &Written, harm: &str, tally: &mut Tally) {
    let losses = store.losses().unwrap();
    let batches = losses.iter().any(|loss| matches!(loss, Loss::Batches(_)));
    let rows = store.scan(Table::Contributor).unwrap();
    let mut whole = rows.len() == written.rows.len();
    assert!(rows.iter().all(|row| written.rows.contains(row)), "{harm}: a row was never written");
    assert!(whole || !losses.is_empty(), "{harm}: rows are gone in silence");
    for one in [1, 2] {
        let Some(kept) = store.load(territory(one)).unwrap() else {
            assert!(batches, "{harm}: territory {one} is gone in silence");
            whole = false;
            continue;
        };
        let told = batches || !kept.damaged.is_empty();
        let feed = store.feed(territory(one), 0, usize::MAX).unwrap();
        assert!(feed.iter().all(|row| written.feed.contains(row)), "{harm}: an event was never written");
        assert!(feed.len() == written.feed.len() || batches || has_gap(&feed, &kept), "{harm}: events");
        let changes = reachable(&kept, written);
        assert!(changes.len() == written.deps.len() || told, "{harm}: changes are gone in silence");
        assert!(kept.bindings.len() == usize::from(DEVICES) || told, "{harm}: bindings are gone in silence");
        whole &= changes.len() == written.deps.len() && feed.len() == written.feed.len();
        match opened(kept) {
            Ok(territory) => {
                let doc = territory.document();
                let found: BTreeSet<ChangeHash> = doc.get_changes(&[]).iter().map(Change::hash).collect();
                assert_eq!(found, changes, "{harm}: territory {one}");
                assert_eq!(read::structures(doc), *territory.records(), "{harm}");
            }
            Err(OpenError::NoDocument) => {
                assert!(told && changes.is_empty(), "{harm}: {} changes could be served", changes.len());
                tally.documentless += 1;
            }
            Err(other) => panic!("{harm}: {other}"),
        }
    }
    if whole { tally.whole += 1 } else { tally.partly += 1 }
}

fn has_gap(feed: &[FeedRow], kept: &Kept) -> bool {
    u64::try_from(feed.len()).unwrap() < kept.feed_last || kept.damaged.contains(&Damage::Stretch)
}

/// Writes on; gives the rows that were kept. What cannot be written is refused alone, as damage; where the engine meets
/// a damaged neighbour while it rearranges pages, the store ends, and nothing of that batch was acknowledged.
fn goes_on(store: &SledStore, harm: &str, tally: &mut Tally) -> Vec<(Table, Vec<u8>)> {
    let mut taken = Vec::new();
    for number in 0..20_u8 {
        let key = format!("row {:04}", u32::from(number) * 17 + 5).into_bytes();
        let row = Row { table: Table::Contributor, key: key.clone(), value: Some(key.clone()) };
        let feed = |one| store.load(territory(one)).unwrap().map_or(0, |kept| kept.feed_last + 1);
        let appended = |one| {
            let row = FeedRow { seq: feed(one), json: Arc::from("{}") };
            let chunk = Chunk::new(vec![number; 5000]);
            store.append(territory(one), &Batch { chunk: Some(chunk), feed: vec![row], ..Batch::default() })
        };
        let put = store.put(&[row]);
        let new = put.is_ok().then_some((Table::Contributor, key));
        for done in [put, appended(1), appended(2)] {
            match done {
                Ok(()) => {}
                Err(StoreError::Damaged(_)) => tally.refused += 1,
                Err(other) => panic!("{harm}: {other}"),
            }
        }
        match store.make_durable() {
            Ok(()) => taken.extend(new),
            Err(StoreError::Damaged(_)) => {
                tally.ended += 1;
                break;
            }
            Err(other) => panic!("{harm}: {other}"),
        }
    }
    taken
}

fn opened(kept: Kept) -> Result<Territory, OpenError> {
    let storage: StorageId = "storage".into();
    Territory::open(Opening {
        id: territory(1),
        actor: actor(251),
        storage,
        kept,
        statistics: Statistics::default(),
    })
}

/// Every kept change whose dependencies are kept.
fn reachable(kept: &Kept, written: &Written) -> BTreeSet<ChangeHash> {
    let chunks = kept.snapshots.iter().chain(&kept.chunks);
    let whole: BTreeSet<ChangeHash> = chunks
        .flat_map(|chunk| written.chunks.get(&chunk.id()).expect("a chunk that was written"))
        .copied()
        .collect();
    let mut reached = BTreeSet::new();
    loop {
        let before = reached.len();
        for hash in &whole {
            if written.deps.get(hash).is_some_and(|deps| deps.iter().all(|dep| reached.contains(dep))) {
                reached.insert(*hash);
            }
        }
        if reached.len() == before {
            return reached;
        }
    }
}
