//! What is no change, or would unfold beyond a limit, is refused; real changes pass, and are counted right.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::io::Write;

use automerge::Change;
use automerge::transaction::Transactable;
use automerge::{Automerge, ObjType, ROOT};
use flate2::Compression;
use flate2::write::DeflateEncoder;
use proptest::prelude::*;

use super::{
    CHANGE, COMPRESSED_CHANGE, ELEMENTS, MAGIC, OBJECTS, OPERATIONS_MAX, Odd, REPLACED_EACH, check,
    chunk_body, claims, writer,
};
use crate::schema::tests::{actor, furnished, raw};
use crate::wire::bytes;

const BYTES_MAX: usize = 1 << 20;

fn leb(mut number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let byte = u8::try_from(number & 0x7f).unwrap();
        number >>= 7;
        bytes.push(if number == 0 { byte } else { byte | 0x80 });
        if number == 0 {
            return bytes;
        }
    }
}

/// A chunk of a type; nobody here looks at its checksum.
fn chunk(kind: u8, body: &[u8]) -> Vec<u8> {
    [&MAGIC[..], &[0; 4], &[kind], &leb(body.len() as u64), body].concat()
}

fn deflated(body: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

/// A change's body with these columns and nothing else of note.
fn body(columns: &[(u64, Vec<u8>)]) -> Vec<u8> {
    let mut body = [&[0][..], &[1, 7], &[1], &[1], &[0], &[0], &[0]].concat();
    body.extend(leb(columns.len() as u64));
    for (column, data) in columns {
        body.extend(leb(*column));
        body.extend(leb(data.len() as u64));
    }
    for (_, data) in columns {
        body.extend(data);
    }
    body
}

/// A run-length column that says `times` times `value`; a signed number needs its sign bit clear.
fn run(times: u64, value: u64) -> Vec<u8> {
    let mut run = leb(times);
    if run.last().unwrap() & 0x40 != 0 {
        *run.last_mut().unwrap() |= 0x80;
        run.push(0);
    }
    run.extend(leb(value));
    run
}

/// Goal: a change whose operations name an actor that is not in its list is refused: automerge panics over it. The list
/// of [`body`] is the change's own actor alone, at place 0.
#[test]
fn actors_beyond_the_list_are_refused() {
    for column in [0x01, 0x11, 0x71] {
        let change = |actors: Vec<u8>| chunk(CHANGE, &body(&[(column, actors)]));
        assert_eq!(check(&change(run(3, 0)), BYTES_MAX), Ok(()));
        assert_eq!(check(&change(run(3, 1)), BYTES_MAX), Err(Odd::NotAChange));
        // Twice nothing, then two values as they come.
        assert_eq!(check(&change(vec![0, 2, 0x7e, 0, 0]), BYTES_MAX), Ok(()));
        assert_eq!(check(&change(vec![0, 2, 0x7e, 0, 9]), BYTES_MAX), Err(Odd::NotAChange));
    }
}

/// Goal: a change that names an operation by a number of more than 32 bits is refused: automerge panics over it. Objects' numbers
/// stand as they are, the others as differences.
#[test]
fn numbers_beyond_32_bits_are_refused() {
    const MOST: u64 = u32::MAX as u64;
    let change =
        |column: u64, numbers: Vec<u8>| check(&chunk(CHANGE, &body(&[(column, numbers)])), BYTES_MAX);
    // A difference is signed, as the length of a run is.
    let signed = |number: u64| run(number, 0).split_last().map(|(_, bytes)| bytes.to_vec()).unwrap();
    let differences = |times: u64, each: u64| [signed(times), signed(each)].concat();
    assert_eq!(change(OBJECTS, run(3, MOST)), Ok(()));
    assert_eq!(change(OBJECTS, run(3, MOST + 1)), Err(Odd::NotAChange));
    for column in [ELEMENTS, REPLACED_EACH] {
        assert_eq!(change(column, differences(1, MOST)), Ok(()));
        assert_eq!(change(column, differences(1, MOST + 1)), Err(Odd::NotAChange));
        assert_eq!(change(column, differences(4, MOST / 4)), Ok(()));
        assert_eq!(change(column, differences(5, MOST / 4)), Err(Odd::NotAChange));
        // Up and down again: 2^32 and 2^32 less.
        let back = [differences(1, MOST + 1), signed(1), vec![0x80, 0x80, 0x80, 0x80, 0x70]].concat();
        assert_eq!(change(column, back), Err(Odd::NotAChange));
        assert_eq!(change(column, vec![0x7e, 5, 0x7c]), Ok(()));
    }
}

/// Goal: real changes pass, small and compressed, ours and those that JavaScript wrote.
#[test]
fn real_changes_pass() {
    let mut doc = furnished();
    raw(&mut doc, |tx| tx.put(ROOT, "long", "dépanner réparer ".repeat(500)));
    let changes = doc.get_changes(&[]);
    let stored: Vec<Vec<u8>> = changes.into_iter().map(|mut change| change.bytes().to_vec()).collect();
    assert!(stored.iter().any(|chunk| chunk[8] == COMPRESSED_CHANGE));
    let javascript = bytes(include_str!("../../../../tests/fixtures/wire/change.hex"));
    for chunk in stored.iter().chain([&javascript]) {
        assert_eq!(check(chunk, BYTES_MAX), Ok(()));
        assert_eq!(check(chunk, 16), Err(Odd::TooLarge));
        assert!(Change::try_from(&chunk[..]).is_ok());
        for cut in 0..chunk.len() {
            assert_eq!(check(&chunk[..cut], BYTES_MAX), Err(Odd::NotAChange), "{cut}");
        }
    }
}

/// Goal: other chunks, and what is no chunk, are no changes.
#[test]
fn other_chunks_are_refused() {
    let doc = furnished();
    let change = doc.get_changes(&[]).remove(0).raw_bytes().to_vec();
    let mut magic = change.clone();
    magic[0] ^= 1;
    let long = [change.as_slice(), &[0]].concat();
    let mut bundle = change.clone();
    bundle[8] = 3;
    for wrong in [
        Vec::<u8>::new(),
        doc.save(),
        magic,
        long,
        bundle,
        chunk(CHANGE, &[]),
        chunk(COMPRESSED_CHANGE, &[0xff; 9]),
    ] {
        assert_eq!(check(&wrong, BYTES_MAX), Err(Odd::NotAChange));
    }
}

/// Goal: a deflated body that unfolds to gigabytes is refused once the limit is passed; `tests/memory.rs` measures
/// that it costs no more than the limit.
#[test]
fn a_deflate_bomb_is_refused() {
    let bomb = chunk(COMPRESSED_CHANGE, &deflated(&vec![0; 64 << 20]));
    assert!(bomb.len() < 100_000);
    assert_eq!(check(&bomb, BYTES_MAX), Err(Odd::TooLarge));
}

/// Goal: a change of a few bytes that claims billions of operations, or operations that replace billions, is refused:
/// automerge would walk them one by one, and keep the numbers of what is replaced.
#[test]
fn a_run_length_bomb_is_refused() {
    let columns = |operations, replaced| {
        body(&[
            (0x15, run(operations, 0)),
            (0x34, leb(operations)),
            (0x42, run(operations, 1)),
            (0x70, replaced),
        ])
    };
    let billions = 1_u64 << 40;
    for (body, expected) in [
        (columns(1, run(1, 0)), Ok(())),
        (columns(OPERATIONS_MAX, run(OPERATIONS_MAX, 1)), Ok(())),
        (columns(OPERATIONS_MAX + 1, run(1, 0)), Err(Odd::TooLarge)),
        (columns(billions, run(billions, 0)), Err(Odd::TooLarge)),
        (columns(1, run(1, billions)), Err(Odd::TooLarge)),
        (columns(1, run(billions, billions)), Err(Odd::TooLarge)),
        // Nothing, billions of times; and literal values that are not there.
        (body(&[(0x42, [&[0][..], &leb(billions)].concat())]), Err(Odd::TooLarge)),
        (body(&[(0x42, vec![0x7d, 1, 1])]), Err(Odd::NotAChange)),
        (body(&[(0x42, vec![0x7d, 1, 1, 1])]), Ok(())),
        (body(&vec![(0x42, Vec::new()); 65]), Err(Odd::NotAChange)),
    ] {
        assert_eq!(check(&chunk(CHANGE, &body), BYTES_MAX), expected);
        assert_eq!(check(&chunk(COMPRESSED_CHANGE, &deflated(&body)), BYTES_MAX), expected);
    }
}

proptest! {
    /// Operations are counted as automerge counts them, whatever a change does.
    #[test]
    fn operations_are_counted(
        puts in proptest::collection::vec(("[a-c]{1,2}", any::<i64>(), "[a-zé]{0,9}"), 1..60),
        times in 1_usize..4,
        time in any::<i32>(),
    ) {
        let mut doc = Automerge::load(&furnished().save()).unwrap().with_actor(actor(5));
        let mut other = doc.clone().with_actor(actor(6));
        for _ in 0..times {
            for doc in [&mut doc, &mut other] {
                let mut tx = doc.transaction();
                for (key, number, text) in &puts {
                    tx.put(ROOT, key.as_str(), *number).unwrap();
                    let prose = tx.put_object(ROOT, text.as_str(), ObjType::Text).unwrap();
                    tx.splice_text(&prose, 0, 0, text).unwrap();
                }
                tx.commit_with(automerge::transaction::CommitOptions::default().with_time(time.into()));
            }
            doc.merge(&mut other).unwrap();
        }
        for mut change in doc.get_changes(&[]) {
            let (kind, body) = chunk_body(change.raw_bytes()).unwrap();
            prop_assert_eq!(kind, CHANGE);
            let replaced: usize = change.decode().operations.iter().map(|op| op.pred.iter().count()).sum();
            prop_assert_eq!(claims(body), Some((change.len() as u64, replaced as u64)));
            prop_assert_eq!(check(&change.bytes(), BYTES_MAX), Ok(()));
        }
    }

    /// Arbitrary bytes never panic, also where a change is meant.
    #[test]
    fn arbitrary_bytes_never_panic(noise in any::<Vec<u8>>(), kind in 0_u8..4) {
        let _ = check(&noise, BYTES_MAX);
        let _ = check(&chunk(kind, &noise), BYTES_MAX);
        let _ = check(&chunk(CHANGE, &body(&[(0x42, noise.clone()), (0x70, noise)])), BYTES_MAX);
    }
}

/// Goal: who wrote a change is read without decoding it, and of nothing else. Method: a change, a compressed one, its
/// beginnings, and chunks that are none.
#[test]
fn a_change_tells_who_wrote_it() {
    let mut doc = furnished();
    raw(&mut doc, |tx| tx.put(ROOT, "title", "x".repeat(1_000)));
    let mut change = doc.get_changes(&[]).pop().unwrap();
    assert_eq!(writer(change.raw_bytes()), Some(change.actor_id().to_bytes()));
    let whole = change.raw_bytes().to_vec();
    assert!((0..whole.len()).all(|length| writer(&whole[..length]).is_none()));
    let folded = change.bytes().into_owned();
    assert_eq!((folded[8], writer(&folded)), (COMPRESSED_CHANGE, None));
    assert_eq!(writer(&doc.save()), None);
}
