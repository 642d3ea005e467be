//! What a document, a compressed change and a filter cost in memory, counted by the allocator. A binary of its own with
//! one test, so that nothing else allocates meanwhile.
#![allow(clippy::unwrap_used)]

use std::io::Write;

use automerge::sync::BloomFilter;
use automerge::transaction::{Transactable, Transaction};
use automerge::{ActorId, Change, ChangeHash, ObjId, ObjType, ROOT, ReadDoc, ScalarValue};
use flate2::Compression;
use flate2::write::DeflateEncoder;
use peak_alloc::PeakAlloc;
use portrea_protocol::ids::RecordId;
use portrea_protocol::schema::document;
use portrea_protocol::schema::path::Address;
use portrea_protocol::schema::record::Value;
use portrea_protocol::schema::write::{Edit, perform};
use portrea_protocol::time::UnixMillis;
use portrea_protocol::wire::inflate::{self, Odd};

#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

const RECORDS: usize = 5_000;
const NOW: UnixMillis = UnixMillis(1_778_572_800_000);

const KEYS: [&str; 20] = [
    "name",
    "created_at",
    "kind",
    "siret",
    "rna",
    "parent",
    "address",
    "address_more",
    "postcode",
    "commune",
    "commune_name",
    "phone",
    "website",
    "opening_hours",
    "accessibility_url",
    "appointment_url",
    "summary",
    "latitude",
    "longitude",
    "itinerant",
];

fn actor(number: u8) -> ActorId {
    ActorId::from([number; 16])
}

fn id(record: usize) -> RecordId {
    RecordId::from(format!("01917f3e-0000-7000-8000-{record:012x}"))
}

/// A directory as an import leaves it, saved.
fn directory() -> Vec<u8> {
    let mut doc = document::create(actor(1), "CC d’essai", "200000000", NOW).unwrap();
    let (_, root) = doc.get(ROOT, "structures").unwrap().unwrap();
    let records: Vec<usize> = (0..RECORDS).collect();
    for batch in records.chunks(500) {
        let mut tx = doc.transaction();
        for record in batch {
            fill(&mut tx, &root, *record);
        }
        tx.commit();
    }
    doc.save()
}

fn fill(tx: &mut Transaction<'_>, root: &ObjId, record: usize) {
    let structure = tx.put_object(root, id(record).as_str(), ObjType::Map).unwrap();
    for key in KEYS {
        let value = match key {
            "latitude" | "longitude" => ScalarValue::from(1.5),
            "itinerant" => ScalarValue::from(record.is_multiple_of(3)),
            _ => ScalarValue::from(format!("{key} of {record}")),
        };
        tx.put(&structure, key, value).unwrap();
    }
    for part in ["services", "helpers"] {
        tx.put_object(&structure, part, ObjType::Map).unwrap();
    }
}

/// One change a record, from the first to the last, as another device makes them.
fn edits_in_order(saved: &[u8]) -> Vec<Vec<u8>> {
    let mut device = document::load(saved, actor(2)).unwrap();
    let mut changes = Vec::new();
    for record in 0..RECORDS {
        let address = Address::parse(&id(record), "phone").unwrap();
        let edit = Edit::Set { address, value: Some(Value::Text(format!("02 99 {record}"))) };
        let hash = perform(&mut device, &[edit], NOW).unwrap().unwrap();
        changes.push(device.get_change_by_hash(&hash).unwrap().raw_bytes().to_vec());
    }
    changes
}

/// Goal: every record edited in order stays within 6 × of the loaded size. A directory of 5,000 records is loaded and
/// takes a change of another device for each, one by one, as the server applies them.
///
/// Measured with automerge 0.12.0 and hexane 1.0.0-alpha.5 in the dev profile, megabytes of live heap. Without the cuts
/// of `document::spread` the same edits end where the third column says:
///
/// | records | loaded by automerge | every record edited | loaded here | every record edited | the cuts take |
/// | --- | --- | --- | --- | --- | --- |
/// | 1,000 | 1.0 | 11 | 0.9 | 1.7 | 50 ms |
/// | 5,000 | 5.0 | 285 | 4.8 | 9.2 | 60 ms |
/// | 20,000 | 20 | 4,860 | 19 | 37 | 300 ms |
fn edits_in_order_stay_bounded() {
    let saved = directory();
    let changes = edits_in_order(&saved);
    let before = HEAP.current_usage();
    let mut doc = document::load(&saved, actor(3)).unwrap();
    let loaded = HEAP.current_usage() - before;
    for bytes in &changes {
        doc.apply_changes([Change::try_from(bytes.as_slice()).unwrap()]).unwrap();
    }
    let edited = HEAP.current_usage() - before;
    assert!(edited < 6 * loaded, "{loaded} bytes became {edited}");

    // What the edits hold for nothing can be given back at any time.
    let heads = doc.get_heads();
    document::spread(&mut doc).unwrap();
    let spread = HEAP.current_usage() - before;
    assert!(spread < 2 * loaded, "{loaded} bytes became {spread}");
    assert_eq!(doc.get_heads(), heads);
}

/// Goal: the same of a directory that comes behind the document in one piece, as an import that no snapshot holds yet.
fn a_piece_behind_stays_bounded() {
    let saved = directory();
    let changes = edits_in_order(&saved);
    let whole = document::load(&saved, actor(2)).unwrap();
    let all = whole.get_changes(&[]);
    let (first, rest) = all.split_first().unwrap();
    let piece: Vec<u8> = rest.iter().flat_map(Change::raw_bytes).copied().collect();
    let before = HEAP.current_usage();
    let mut doc = document::load(first.raw_bytes(), actor(3)).unwrap();
    document::load_behind(&mut doc, [piece.as_slice()]).unwrap();
    let loaded = HEAP.current_usage() - before;
    for bytes in &changes {
        doc.apply_changes([Change::try_from(bytes.as_slice()).unwrap()]).unwrap();
    }
    let edited = HEAP.current_usage() - before;
    assert!(edited < 6 * loaded, "{loaded} bytes became {edited}");
}

/// Goal: a change that unfolds to many megabytes is refused at the cost of the limit.
fn a_deflate_bomb_costs_the_limit() {
    let mut deflated = DeflateEncoder::new(Vec::new(), Compression::fast());
    let megabyte = vec![0; 1 << 20];
    (0..64).for_each(|_| deflated.write_all(&megabyte).unwrap());
    let body = deflated.finish().unwrap();
    let mut bomb = vec![0x85, 0x6f, 0x4a, 0x83, 0, 0, 0, 0, 2];
    let length = u32::try_from(body.len()).unwrap();
    bomb.extend(
        (0..4)
            .map(|part| u8::try_from(length >> (7 * part) & 0x7f).unwrap() | if part < 3 { 0x80 } else { 0 }),
    );
    bomb.extend(body);
    HEAP.reset_peak_usage();
    let before = HEAP.current_usage();
    assert_eq!(inflate::check(&bomb, 4 << 20), Err(Odd::TooLarge));
    let spent = HEAP.peak_usage() - before;
    assert!(spent < 16 << 20, "{spent} bytes");
}

/// Goal: to show why filters are bounded: automerge reserves four bytes for each probe that a filter of a few bytes
/// claims. Ten million are claimed here; the format takes four billion.
fn a_filter_costs_what_it_claims() {
    let filter = BloomFilter::try_from(&[1, 8, 0x80, 0xad, 0xe2, 0x04, 0xff][..]).unwrap();
    HEAP.reset_peak_usage();
    let before = HEAP.current_usage();
    filter.contains_hash(&ChangeHash([7; 32]));
    let spent = HEAP.peak_usage() - before;
    assert!(spent >= 40_000_000, "{spent} bytes");
}

#[test]
fn memory_stays_bounded() {
    edits_in_order_stay_bounded();
    a_piece_behind_stays_bounded();
    a_deflate_bomb_costs_the_limit();
    a_filter_costs_what_it_claims();
}
