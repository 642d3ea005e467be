//! The append-only file's entries, as pure functions over bytes.
//!
//! An entry is its length (4 bytes, little end first), the first 8 bytes of its SHA-256, and itself. A file that was
//! cut anywhere, by a power cut in the middle of a write, reads as the entries before the cut: an entry is either
//! whole or was never reported as kept.

use sha2::{Digest, Sha256};

const LENGTH_BYTES: usize = 4;
const CHECK_BYTES: usize = 8;

/// The bytes that stand before an entry's own.
pub const HEAD_BYTES: usize = LENGTH_BYTES + CHECK_BYTES;

/// An entry as it stands in the file; `None` when it is too long to be told.
pub fn entry(bytes: &[u8]) -> Option<Vec<u8>> {
    let length = u32::try_from(bytes.len()).ok()?;
    let mut whole = Vec::with_capacity(HEAD_BYTES + bytes.len());
    whole.extend_from_slice(&length.to_le_bytes());
    whole.extend_from_slice(&check(bytes));
    whole.extend_from_slice(bytes);
    Some(whole)
}

/// The whole entries of a file, and where the last of them ends. What stands behind is a torn tail.
pub fn entries(file: &[u8]) -> (Vec<Vec<u8>>, usize) {
    let mut found = Vec::new();
    let mut rest = file;
    while let Some((bytes, after)) = first(rest) {
        found.push(bytes.to_vec());
        rest = after;
    }
    (found, file.len() - rest.len())
}

fn first(file: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = file.split_first_chunk::<LENGTH_BYTES>()?;
    let (told, rest) = rest.split_first_chunk::<CHECK_BYTES>()?;
    let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
    let (bytes, rest) = rest.split_at_checked(length)?;
    (length > 0 && check(bytes) == *told).then_some((bytes, rest))
}

fn check(bytes: &[u8]) -> [u8; CHECK_BYTES] {
    let digest: [u8; 32] = Sha256::digest(bytes).into();
    *digest.first_chunk().expect("32 bytes begin with 8")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{entries, entry};

    proptest! {
        /// Goal: a cut loses the entry it hits and no other. Method: every cut of random files.
        #[test]
        fn a_cut_anywhere_leaves_the_entries_before_it(
            all in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 1..40), 0..6)
        ) {
            let mut file = Vec::new();
            let mut ends = vec![0];
            for bytes in &all {
                file.extend(entry(bytes).unwrap());
                ends.push(file.len());
            }
            for cut in 0..=file.len() {
                let whole = ends.iter().filter(|end| **end <= cut).count() - 1;
                let (found, end) = entries(&file[..cut]);
                prop_assert_eq!(&found, &all[..whole]);
                prop_assert_eq!(end, ends[whole]);
            }
        }

        #[test]
        fn arbitrary_bytes_are_read_without_a_fault(file in proptest::collection::vec(any::<u8>(), 0..200)) {
            let (_, end) = entries(&file);
            prop_assert!(end <= file.len());
        }
    }

    #[test]
    fn a_tail_of_zeros_is_no_entry() {
        assert_eq!(entries(&[0; 64]), (Vec::new(), 0));
    }
}
