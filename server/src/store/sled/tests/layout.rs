//! Keys and heads: order, separation, and the way back.

use crate::store::Table;
use crate::store::contract::territory;
use crate::store::sled::layout::{self, Head, Kind, PART_BYTES};

/// Keys sort as what they name: the feed by number, territories by id; and no prefix catches a neighbour.
#[test]
fn keys_sort_and_do_not_mix() {
    let mut numbers =
        [0, 1, 255, 256, u64::from(u32::MAX), u64::MAX].map(|seq| layout::feed(territory(1), seq));
    let sorted = numbers.clone();
    numbers.reverse();
    numbers.sort();
    assert_eq!(numbers, sorted);
    assert_eq!(layout::seq_of(&layout::feed(territory(1), 258)), Some(258));
    assert_eq!(layout::territory_of(&layout::index(territory(9))), Some(territory(9)));
    assert_eq!(layout::territory_of(b"i too short"), None);
    let (mine, other) =
        (layout::log(territory(1), Kind::Feed, &[]), layout::log(territory(2), Kind::Feed, &[]));
    assert!(layout::feed(territory(1), 1).starts_with(&mine));
    assert!(!layout::feed(territory(1), 1).starts_with(&other));
    let (short, long) = (layout::table(Table::Server, b"k"), layout::table(Table::Server, b"kk"));
    assert!(!layout::part(&long, 0).starts_with(&layout::parts(&short)));
}

/// A head tells a short value from a long one, and is read as it was written; anything else is no head.
#[test]
fn heads_round_trip() {
    let (short, long) = (vec![1; PART_BYTES], vec![1; PART_BYTES + 1]);
    assert_eq!(Head::of(&short), Head::Short(&short));
    assert_eq!(Head::of(&long), Head::Long(2));
    for head in [Head::Short(&[]), Head::Short(&short), Head::Long(7)] {
        assert_eq!(Head::read(&head.to_bytes()).as_ref(), Some(&head));
    }
    for wrong in [[].as_slice(), &[2], &[1, 0, 0], &[1, 0, 0, 0, 0, 0]] {
        assert_eq!(Head::read(wrong), None);
    }
}

/// A head with a checksum is read like one without, and the checksum depends on the key and on the value.
#[test]
fn summed_heads_round_trip() {
    let sum = layout::sum(b"key", b"value");
    for head in [Head::Short(&[]), Head::Short(b"value"), Head::Long(7)] {
        let bytes = head.to_summed_bytes(sum);
        assert_eq!((Head::read(&bytes).as_ref(), layout::sum_of(&bytes)), (Some(&head), Some(sum)));
        assert_eq!(layout::sum_of(&head.to_bytes()), None);
    }
    assert!(sum != layout::sum(b"kez", b"value") && sum != layout::sum(b"key", b"valuf"));
    for wrong in [[2; 8].as_slice(), &[3; 8], &[3; 12], &[4; 20]] {
        assert_eq!(Head::read(wrong), None);
    }
}
