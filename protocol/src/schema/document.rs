//! A new document, and the only way to load one.
//!
//! automerge 0.11 and 0.12 keep a loaded document in a few long column slices. Edits that walk down the records in
//! order (a second import, a campaign that goes down the list) then cut those slices badly: memory grows with the
//! square of the records, to gigabytes. [`load`] cuts them evenly first: it writes one field of some hundred records,
//! spread over the document in bit-reversed order, and rolls that back. `tests/memory` holds the bound.

use automerge::transaction::{CommitOptions, Transactable};
use automerge::{ActorId, Automerge, AutomergeError, ObjId, ObjType, ROOT, ReadDoc, ValueRef};

use super::SCHEMA_VERSION;
use crate::time::UnixMillis;

/// Roots that are maps from a record's id.
pub const RECORD_ROOTS: [&str; 4] = ["structures", "actions", "campaigns", "practices"];

/// Makes a territory's document: the roots and nothing else. Only the server does this, once a territory.
pub fn create(actor: ActorId, name: &str, code: &str, at: UnixMillis) -> Result<Automerge, AutomergeError> {
    let mut doc = Automerge::new_with_encoding(automerge::TextEncoding::UnicodeCodePoint).with_actor(actor);
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

/// Loads a saved document, with any loose changes behind it, as `actor`.
///
/// Every document of this project is loaded here, so that editing it in order stays within bounds.
pub fn load(bytes: &[u8], actor: ActorId) -> Result<Automerge, AutomergeError> {
    let mut doc = Automerge::load(bytes)?.with_actor(actor);
    spread(&mut doc)?;
    Ok(doc)
}

/// Cuts a freshly loaded document's columns evenly; see the module's introduction.
pub fn spread(doc: &mut Automerge) -> Result<(), AutomergeError> {
    let Some((_, structures)) = doc.get(ROOT, "structures")? else { return Ok(()) };
    let records: Vec<ObjId> = doc
        .map_range(&structures, ..)
        .filter(|item| matches!(item.value, ValueRef::Object(ObjType::Map)))
        .map(|item| item.id())
        .collect();
    let cuts = if records.len() > 10_000 { 1_024_usize } else { 256 };
    if records.len() < 2 {
        return Ok(());
    }
    let bits = cuts.trailing_zeros();
    let mut tx = doc.transaction();
    for cut in 0..cuts {
        let reversed = cut.reverse_bits() >> (usize::BITS - bits);
        let record = records.get(reversed * records.len() / cuts).expect("the cut lies inside the records");
        if let Err(error) = tx.put(record, "name", "") {
            tx.rollback();
            return Err(error);
        }
    }
    tx.rollback();
    Ok(())
}

#[cfg(test)]
mod tests;
