//! A change that was not merged, in words that people can decide by: what it would do, and where.

use automerge::legacy::{Key, Op, OpType};
use automerge::{Automerge, ObjType, ScalarValue};
use portrea_protocol::schema::path::{Keys, Paths};
use portrea_protocol::time::UnixMillis;
use portrea_protocol::wire::quarantine::{Decided, Held, HeldAct, HeldEdit};
use serde_json::Value as Json;

use super::{Entry, Quarantine};
use crate::changes::Records;
use crate::inspection::walk;

/// The most edits that are told of one change.
const EDITS_MAX: usize = 100;
/// The most characters that are told of one value.
const CHARS_MAX: usize = 400;

/// A change as it is told; `None` when it cannot be read any more.
pub fn told(
    entry: &Entry,
    quarantine: &Quarantine,
    doc: &Automerge,
    paths: &Paths,
    records: &Records,
) -> Option<Held> {
    let change = entry.expanded()?;
    let lineage = quarantine.lineage(doc, &entry.deps);
    let locate = |id: &automerge::legacy::OpId| match lineage.find(id) {
        Some(hash) => quarantine.get(&hash)?.made.get(&id.counter()).cloned(),
        None => paths.find(doc, id.counter(), id.actor()),
    };
    let mut edits: Vec<HeldEdit> = Vec::new();
    walk(&change, locate, |op, keys, _| {
        let edit = edit(op, keys, records);
        let room = edits.len() < EDITS_MAX;
        match edits.last_mut() {
            Some(last) if runs_on(op, last, &edit) => append(&mut last.value, &edit.value),
            Some(_) | None if room => edits.push(edit),
            Some(_) | None => {}
        }
    });
    let note = &entry.held.note;
    let decided = note.decided.as_ref().map(|(contributor, name, at)| Decided {
        contributor: *contributor,
        name: name.clone(),
        at: at.to_rfc3339(),
    });
    Some(Held {
        id: entry.held.hash.to_string(),
        state: note.state,
        reason: note.reason,
        edits,
        contributor: note.contributor,
        name: note.name.clone(),
        device: note.device,
        role: note.role,
        at: note.at.to_rfc3339(),
        clock: (change.time != 0).then(|| UnixMillis(change.time.saturating_mul(1000)).to_rfc3339()),
        needs: entry.deps.iter().filter(|dep| quarantine.holds(dep)).map(ToString::to_string).collect(),
        merged_as: note.twin.as_ref().map(|twin| twin.change.clone()),
        decided,
    })
}

fn edit(op: &Op, keys: &Keys, records: &Records) -> HeldEdit {
    let joined = |keys: &[std::sync::Arc<str>]| keys.join("/");
    let (structure, path) = match &**keys {
        [root, id, inside @ ..] if **root == *"structures" => (Some((&**id).into()), joined(inside)),
        keys => (None, joined(keys)),
    };
    let name = structure.as_ref().and_then(|id| Some(records.get(id)?.name().to_owned()));
    let (act, value) = match &op.action {
        OpType::Make(ObjType::Map) => (HeldAct::Create, Json::Null),
        OpType::Make(ObjType::Text) => (HeldAct::Write, Json::from("")),
        OpType::Delete => (HeldAct::Remove, Json::Null),
        OpType::Put(value) => (HeldAct::Write, plain(value)),
        OpType::Increment(by) => (HeldAct::Write, Json::from(*by)),
        OpType::Make(_) | OpType::MarkBegin(_) | OpType::MarkEnd(_) => (HeldAct::Write, Json::Null),
    };
    HeldEdit { structure, name, path, act, value }
}

/// Whether an operation goes on with the text or the list of the one before.
fn runs_on(op: &Op, last: &HeldEdit, edit: &HeldEdit) -> bool {
    matches!(op.key, Key::Seq(_)) && last.path == edit.path && last.structure == edit.structure
}

/// A text is told as what is put in; what is taken out of it is not spelled.
fn append(value: &mut Json, more: &Json) {
    if let (Json::String(text), Json::String(more)) = (value, more)
        && text.chars().count() < CHARS_MAX
    {
        text.push_str(more);
    }
}

fn plain(value: &ScalarValue) -> Json {
    match value {
        ScalarValue::Str(text) => Json::from(text.chars().take(CHARS_MAX).collect::<String>()),
        ScalarValue::Int(integer) | ScalarValue::Timestamp(integer) => Json::from(*integer),
        ScalarValue::Uint(integer) => Json::from(*integer),
        ScalarValue::F64(number) => Json::from(*number),
        ScalarValue::Boolean(flag) => Json::from(*flag),
        ScalarValue::Counter(counter) => Json::from(i64::from(counter)),
        ScalarValue::Null | ScalarValue::Bytes(_) | ScalarValue::Unknown { .. } => Json::Null,
    }
}
