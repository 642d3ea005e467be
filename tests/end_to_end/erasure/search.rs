//! Looks for text in bytes, however deep it is packed: as it is, in every deflate stream, in every change of a document,
//! and in a text that was written letter by letter.

use std::fs;
use std::path::Path;

use automerge::legacy::{Key, OpType};
use automerge::{Automerge, Change, ScalarValue};
use flate2::{Decompress, FlushDecompress};

/// The most bytes that a stream is unfolded to.
const UNFOLDED_MAX: usize = 64 * 1024;
/// A stream that unfolds to less holds nothing worth finding.
const UNFOLDED_MIN: usize = 8;

/// The marks that bytes hold as they are.
pub(super) fn plain(bytes: &[u8], marks: &[&str]) -> Vec<String> {
    let holds = |mark: &&&str| bytes.windows(mark.len()).any(|window| window == mark.as_bytes());
    marks.iter().filter(holds).map(|mark| (*mark).to_owned()).collect()
}

/// The marks that files of a directory hold, as they are or in a deflate stream, with where.
pub(super) fn files(dir: &Path, marks: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, marks));
        } else if path.is_file() {
            let bytes = fs::read(&path).unwrap();
            let at = path.display();
            found.extend(plain(&bytes, marks).into_iter().map(|mark| format!("{mark} in {at}")));
            found.extend(deflated(&bytes, marks).into_iter().map(|mark| format!("{mark} deflated in {at}")));
        }
    }
    found
}

/// The marks in any deflate stream that may begin anywhere.
pub(super) fn deflated(bytes: &[u8], marks: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    let mut unfolded = vec![0; UNFOLDED_MAX];
    for start in 0..bytes.len() {
        let rest = bytes.get(start..).unwrap_or_default();
        // Emptiness, and blocks of a kind that there is none of.
        if rest.iter().take(8).all(|byte| *byte == 0)
            || rest.first().is_some_and(|byte| byte & 0b110 == 0b110)
        {
            continue;
        }
        let mut stream = Decompress::new(false);
        let end = rest.len().min(UNFOLDED_MAX);
        // One that breaks off has unfolded what came before.
        let _ = stream.decompress(rest.get(..end).unwrap_or_default(), &mut unfolded, FlushDecompress::Sync);
        let length = usize::try_from(stream.total_out()).unwrap();
        if length >= UNFOLDED_MIN {
            found.extend(plain(unfolded.get(..length).unwrap_or_default(), marks));
        }
    }
    found.sort();
    found.dedup();
    found
}

/// The marks in a document's history: in its bytes, in each change, and in what its operations say one after another.
pub(super) fn document(doc: &Automerge, marks: &[&str]) -> Vec<String> {
    let mut found = plain(&doc.save_nocompress(), marks);
    let changes = doc.get_changes(&[]);
    found.extend(history(changes.iter(), marks));
    found
}

/// The marks in changes: in the bytes of each, and in what their operations say one after another.
pub(super) fn history<'a>(changes: impl Iterator<Item = &'a Change>, marks: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    let mut said = String::new();
    for change in changes {
        found.extend(plain(change.raw_bytes(), marks));
        found.extend(change.message().into_iter().flat_map(|message| plain(message.as_bytes(), marks)));
        for op in change.decode().operations {
            if let Key::Map(key) = &op.key {
                found.extend(plain(key.as_bytes(), marks));
            }
            if let OpType::Put(ScalarValue::Str(text)) = &op.action {
                said.push_str(text);
            }
        }
    }
    found.extend(plain(said.as_bytes(), marks));
    found.sort();
    found.dedup();
    found
}
