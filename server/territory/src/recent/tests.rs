#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use automerge::sync::BloomFilter;
use proptest::prelude::*;

use super::*;

fn hash(number: usize) -> ChangeHash {
    let mut bytes = [0x5a; 32];
    // Filters look at the first twelve bytes, as they are.
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::try_from((number * 2_654_435_761 + at * 40_503) >> (at % 4 * 8) & 0xff).unwrap();
    }
    ChangeHash(bytes)
}

/// Changes 1, 2, … on top of change 0, each on the one before.
fn chain(length: usize) -> Recent {
    let mut recent = Recent::since(&[hash(0)]);
    for number in 1..=length {
        recent.push(hash(number), vec![hash(number - 1)], number.to_be_bytes().to_vec());
    }
    recent
}

fn has(numbers: impl IntoIterator<Item = usize>) -> Have {
    let hashes: Vec<ChangeHash> = numbers.into_iter().map(hash).collect();
    Have { last_sync: Vec::new(), bloom: BloomFilter::from_hashes(hashes.iter()) }
}

fn synced(number: usize) -> Have {
    Have { last_sync: vec![hash(number)], ..Have::default() }
}

fn bytes(numbers: impl IntoIterator<Item = usize>) -> Vec<Vec<u8>> {
    numbers.into_iter().map(|number| number.to_be_bytes().to_vec()).collect()
}

#[test]
fn a_peer_lacks_what_is_neither_in_its_filter_nor_before_its_last_sync() {
    let recent = chain(5);
    assert_eq!(recent.lacking(&has(0..=3)), Some(bytes([4, 5])));
    assert_eq!(recent.lacking(&has(0..=5)), Some(Vec::new()));
    assert_eq!(recent.lacking(&synced(3)), Some(bytes([4, 5])));
    assert_eq!(recent.lacking(&synced(0)), Some(bytes(1..=5)));
}

#[test]
fn what_builds_on_what_it_lacks_it_lacks() {
    assert_eq!(chain(5).lacking(&has([0, 1, 2, 4, 5])), Some(bytes([3, 4, 5])));
}

#[test]
fn whoever_lacks_older_changes_is_not_answered_from_here() {
    let recent = chain(5);
    assert_eq!(recent.lacking(&has([9])), None);
    assert_eq!(recent.lacking(&Have::default()), None);
    let mut recent = chain(CHANGES_MAX + 10);
    assert_eq!(recent.lacking(&synced(9)), None, "change 10 is forgotten");
    assert_eq!(recent.lacking(&synced(10)).unwrap().len(), CHANGES_MAX);
    recent.push(hash(1_000_000), vec![hash(CHANGES_MAX + 10)], vec![0; BYTES_MAX]);
    assert_eq!(recent.lacking(&synced(CHANGES_MAX + 10)).unwrap().len(), 1, "it alone fills the memory");
}

#[test]
fn what_came_after_a_moment_is_counted_from_the_beginning() {
    let recent = chain(CHANGES_MAX + 10);
    assert_eq!(recent.pushed(), CHANGES_MAX + 10);
    let last: Vec<&Vec<u8>> = recent.after(CHANGES_MAX + 8).unwrap().collect();
    assert_eq!(last, bytes([CHANGES_MAX + 9, CHANGES_MAX + 10]).iter().collect::<Vec<_>>());
    assert!(recent.after(9).is_none(), "the tenth is forgotten");
    assert!(recent.after(CHANGES_MAX + 11).is_none());
    assert_eq!(recent.get(hash(CHANGES_MAX + 10)), bytes([CHANGES_MAX + 10]).first());
    assert_eq!(recent.get(hash(10)), None);
}

proptest! {
    /// Goal: with any graph and any peer, what it has and what it is given make the whole.
    #[test]
    fn nothing_is_missing_afterwards(
        deps in prop::collection::vec(prop::collection::vec(any::<prop::sample::Index>(), 1..3), 1..40),
        known in any::<prop::sample::Index>(),
    ) {
        let mut recent = Recent::since(&[hash(0)]);
        let mut before = vec![BTreeSet::from([0])];
        for (number, deps) in (1..).zip(&deps) {
            let deps: BTreeSet<usize> = deps.iter().map(|dep| dep.index(number)).collect();
            recent.push(hash(number), deps.iter().copied().map(hash).collect(), number.to_be_bytes().to_vec());
            let mut all: BTreeSet<usize> = deps.iter().flat_map(|dep| before[*dep].clone()).collect();
            all.insert(number);
            before.push(all);
        }
        let known = known.index(before.len());
        let had = &before[known];
        let missing = bytes((0..before.len()).filter(|number| !had.contains(number)));
        prop_assert_eq!(recent.lacking(&synced(known)), Some(missing));
    }
}
