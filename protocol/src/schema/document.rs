//! A new document, and the only way to load one.
//!
//! automerge 0.11 and 0.12 keep the values of a loaded document in one slice of memory. An edit cuts it where it
//! falls, and the left part keeps the room of the whole: edits that walk down the records in order (a second import, a
//! campaign that goes down the list) hold memory that grows with the square of the records, to gigabytes. [`load`]
//! cuts the slice first, from its end to its beginning, so that only the first part keeps too much room, and copies
//! the document, which gives that back; so does [`load_behind`] where much came in one piece. `tests/memory.rs` holds
//! the bound.

use automerge::transaction::{CommitOptions, Transactable};
use automerge::{ActorId, Automerge, AutomergeError, ObjId, ObjType, ROOT, ReadDoc, Value, ValueRef};

use super::SCHEMA_VERSION;
use super::read::maps;
use crate::time::UnixMillis;

/// Roots that are maps from a record's id.
pub const RECORD_ROOTS: [&str; 4] = ["structures", "actions", "campaigns", "practices"];

/// Makes a territory's document: the roots and nothing else. Only the server does this, once a territory.
pub fn create(actor: ActorId, name: &str, code: &str, at: UnixMillis) -> Result<Automerge, AutomergeError> {
    let mut doc = blank(actor);
    let options = CommitOptions::default().with_time(at.0.div_euclid(1000)).with_message("territory created");
    doc.transact_with::<_, _, AutomergeError, _>(
        |()| options,
        |tx| {
            tx.put(ROOT, "schema", SCHEMA_VERSION)?;
            let territory = tx.put_object(ROOT, "territory", ObjType::Map)?;
            tx.put(&territory, "name", name)?;
            tx.put(&territory, "code", code)?;
            tx.put_object(ROOT, "settings", ObjType::Map)?;
            RECORD_ROOTS.into_iter().try_for_each(|root| tx.put_object(ROOT, root, ObjType::Map).map(drop))
        },
    )
    .map_err(|failure| failure.error)?;
    Ok(doc)
}

/// A document without anything, not even its roots: to take the changes of another.
pub fn blank(actor: ActorId) -> Automerge {
    Automerge::new_with_encoding(automerge::TextEncoding::UnicodeCodePoint).with_actor(actor)
}

/// Loads a saved document, with any loose changes behind it, as `actor`.
///
/// Every document of this project is loaded here, so that editing it in order stays within bounds.
pub fn load(bytes: &[u8], actor: ActorId) -> Result<Automerge, AutomergeError> {
    let mut doc = Automerge::load(bytes)?.with_actor(actor);
    spread(&mut doc)?;
    Ok(doc)
}

/// The longest chunk of changes, in bytes, that leaves a document's values spread well enough: a hundred edits, and no
/// import.
pub const PIECE_MAX: usize = 16 * 1024;

/// Loads chunks of loose changes into a loaded document, in the order in which they are given.
pub fn load_behind<'a>(
    doc: &mut Automerge,
    chunks: impl IntoIterator<Item = &'a [u8]>,
) -> Result<(), AutomergeError> {
    let mut longest = 0;
    for chunk in chunks {
        doc.load_incremental(chunk)?;
        longest = longest.max(chunk.len());
    }
    if longest > PIECE_MAX { spread(doc) } else { Ok(()) }
}

/// Cuts a freshly loaded document's values evenly and gives back what memory it holds for nothing; see the module's
/// introduction. Nothing of the document changes. Also good, at any time, for a document that took many edits.
pub fn spread(doc: &mut Automerge) -> Result<(), AutomergeError> {
    let marks = marks(doc);
    if marks.is_empty() {
        return Ok(());
    }
    let mut tx = doc.transaction();
    for mark in marks.iter().rev() {
        let cut = match mark {
            Mark::Record(record) => tx.put(record, "name", CUT),
            Mark::Prose(prose) => tx.splice_text(prose, 0, 0, CUT),
        };
        if let Err(error) = cut {
            tx.rollback();
            return Err(error);
        }
    }
    tx.rollback();
    *doc = doc.clone();
    Ok(())
}

/// A directory of fewer structures stays small whatever is done to it, and is not cut.
const SMALL: usize = 64;

/// What is written and taken back: it must not be empty, for what has no length cuts nothing.
const CUT: &str = "\u{2702}";

/// Where a document is cut.
#[derive(Debug)]
enum Mark {
    Record(ObjId),
    Prose(ObjId),
}

impl Mark {
    fn object(&self) -> &ObjId {
        match self {
            Self::Record(object) | Self::Prose(object) => object,
        }
    }
}

/// Some hundred structures with their services, helpers and prose, evenly spread, in the order in which automerge
/// keeps them: that of their making.
fn marks(doc: &Automerge) -> Vec<Mark> {
    let root = maps(doc, &ROOT, "structures").into_iter().next();
    let mut records: Vec<ObjId> = root.iter().flat_map(|root| children(doc, root)).collect();
    if records.len() < SMALL {
        return Vec::new();
    }
    records.sort_unstable();
    let cuts = records.len().min(if records.len() > 10_000 { 1_024 } else { 256 });
    let chosen = (0..cuts).filter_map(|cut| records.get(cut * records.len() / cuts));
    let mut marks = Vec::new();
    for structure in chosen {
        let parts = ["services", "helpers"].into_iter().flat_map(|kind| maps(doc, structure, kind));
        let parts = parts.flat_map(|parts| children(doc, &parts).take(2).collect::<Vec<_>>());
        for record in std::iter::once(structure.clone()).chain(parts) {
            for key in ["description", "notes"] {
                if let Ok(Some((Value::Object(ObjType::Text), prose))) = doc.get(&record, key) {
                    marks.push(Mark::Prose(prose));
                }
            }
            marks.push(Mark::Record(record));
        }
    }
    marks.sort_unstable_by(|one, other| one.object().cmp(other.object()));
    marks
}

/// The maps that stand in a map.
fn children<'a>(doc: &'a Automerge, map: &'a ObjId) -> impl Iterator<Item = ObjId> + 'a {
    doc.map_range(map, ..)
        .filter(|item| matches!(item.value, ValueRef::Object(ObjType::Map)))
        .map(|item| item.id())
}

#[cfg(test)]
mod tests;
