//! What that which a change touched did to the records.
//!
//! What an edit touched is learnt from its decoded operations ([`inspection`](crate::inspection)), in microseconds;
//! automerge's patches and diffs cost as much as the whole document. Only the touched fields are read again.

use std::collections::{BTreeMap, BTreeSet};

use automerge::{Automerge, ObjId};
use portrea_protocol::ids::RecordId;
use portrea_protocol::schema::path::{Address, Place, Target};
use portrea_protocol::schema::read::{self, Refreshed};
use portrea_protocol::schema::record::{Entry, Fields, Part, Structure, Value, text};
use portrea_protocol::wire::feed::{Event, json};

/// The records of a territory, as they were last read.
pub type Records = BTreeMap<RecordId, Structure>;

/// The automerge objects of structures, as far as they were looked up. A structure's object is another one only after a
/// change touched the whole structure.
pub type Objects = BTreeMap<RecordId, ObjId>;

/// Reads again what was touched and says what happened to each structure, in the order of their ids.
pub fn reread(
    doc: &Automerge,
    records: &mut Records,
    objects: &mut Objects,
    targets: &BTreeSet<Target>,
) -> Vec<(RecordId, Vec<Event>)> {
    let mut by_structure: BTreeMap<&RecordId, Vec<&Target>> = BTreeMap::new();
    for target in targets {
        if let Some(id) = target.structure() {
            by_structure.entry(id).or_default().push(target);
        } else if *target == Target::Outside("structures".to_owned()) {
            objects.clear();
            return reread_all(doc, records);
        }
    }
    by_structure
        .into_iter()
        .map(|(id, targets)| {
            let fields: Option<Vec<&Address>> = targets.iter().map(|target| target.field()).collect();
            let events = if let (Some(structure), Some(fields)) = (records.get_mut(id), fields) {
                reread_fields(doc, structure, object(doc, objects, id), &fields)
            } else {
                objects.remove(id);
                reread_whole(doc, records, id)
            };
            (id.clone(), events)
        })
        .collect()
}

/// Somebody made, replaced or removed the structure, or a record of it.
fn reread_whole(doc: &Automerge, records: &mut Records, id: &RecordId) -> Vec<Event> {
    let before = records.remove(id);
    let after = read::structure(doc, id);
    let events = difference(before.as_ref(), after.as_ref());
    if let Some(structure) = after {
        records.insert(id.clone(), structure);
    }
    events
}

/// Fields of a structure are read again. One alone, which most edits are, is all that is compared.
fn reread_fields(
    doc: &Automerge,
    structure: &mut Structure,
    object: Option<&ObjId>,
    addresses: &[&Address],
) -> Vec<Event> {
    if let [address] = addresses
        && let Some(prefix) = prefix(&address.place)
    {
        let before = match read::refresh(doc, object, structure, address) {
            Refreshed::Field(before) => before,
            Refreshed::Nothing => return Vec::new(),
            Refreshed::Whole(before) => return difference(Some(&before), Some(structure)),
        };
        let key = address.field.key;
        let now = structure.at(&address.place).and_then(|fields| fields.get(key));
        let mut events = Vec::new();
        field(&prefix, key, before.as_ref(), now, &mut events);
        return events;
    }
    let before = structure.clone();
    for address in addresses {
        read::refresh(doc, object, structure, address);
    }
    difference(Some(&before), Some(structure))
}

/// Where the fields of a record stand inside its structure; `None` for marks, of which events tell otherwise.
fn prefix(place: &Place) -> Option<String> {
    match place {
        Place::Itself => Some(String::new()),
        Place::Service(id) => Some(format!("services/{id}/")),
        Place::Helper(id) => Some(format!("helpers/{id}/")),
        Place::Confirmed | Place::Archived | Place::Validation => None,
    }
}

fn object<'a>(doc: &Automerge, objects: &'a mut Objects, id: &RecordId) -> Option<&'a ObjId> {
    if !objects.contains_key(id) {
        objects.insert(id.clone(), read::structure_object(doc, id)?);
    }
    objects.get(id)
}

/// Somebody replaced the whole map of structures: everything is read again.
fn reread_all(doc: &Automerge, records: &mut Records) -> Vec<(RecordId, Vec<Event>)> {
    let before = std::mem::replace(records, read::structures(doc));
    let ids: BTreeSet<&RecordId> = before.keys().chain(records.keys()).collect();
    ids.into_iter()
        .map(|id| (id.clone(), difference(before.get(id), records.get(id))))
        .filter(|(_, events)| !events.is_empty())
        .collect()
}

/// What happened to a structure between two readings.
pub fn difference(before: Option<&Structure>, after: Option<&Structure>) -> Vec<Event> {
    let mut events = Vec::new();
    match (before, after) {
        (None, None) => {}
        (Some(_), None) => events.push(Event::Removed),
        (None, Some(after)) => {
            events.push(Event::Created);
            new_parts("services", "family", &BTreeMap::new(), &after.services, &mut events);
            new_parts("helpers", "name", &BTreeMap::new(), &after.helpers, &mut events);
        }
        (Some(before), Some(after)) => {
            fields("", &before.fields, &after.fields, &mut events);
            for (kind, title, before, after) in [
                ("services", "family", &before.services, &after.services),
                ("helpers", "name", &before.helpers, &after.helpers),
            ] {
                new_parts(kind, title, before, after, &mut events);
                for (id, part) in before {
                    let gone = Part::default();
                    let now = after.get(id).unwrap_or(&gone);
                    fields(&format!("{kind}/{id}/"), &part.fields, &now.fields, &mut events);
                }
            }
            marks(before, after, &mut events);
        }
    }
    events
}

/// Whether an event tells that a structure reads otherwise: one of its fields, a service or a helper, and not a mark.
pub fn is_edit(event: &Event) -> bool {
    const MARKS: [&str; 3] = ["confirmed/", "archived/", "validation/"];
    match event {
        Event::Created | Event::PartAdded { .. } => true,
        Event::FieldChanged { path, .. } | Event::Conflict { path, .. } | Event::Resolved { path, .. } => {
            !MARKS.iter().any(|mark| path.starts_with(mark))
        }
        Event::Confirmed { .. }
        | Event::Validated
        | Event::ToReview
        | Event::Archived { .. }
        | Event::Unarchived
        | Event::Removed
        | Event::Quarantined { .. }
        | Event::QuarantineAccepted { .. }
        | Event::QuarantineRejected { .. }
        | Event::QuarantineWithdrawn
        | Event::Joined
        | Event::Indicators { .. } => false,
    }
}

fn new_parts(
    kind: &str,
    title: &str,
    before: &BTreeMap<RecordId, Part>,
    after: &BTreeMap<RecordId, Part>,
    events: &mut Vec<Event>,
) {
    for (id, part) in after.iter().filter(|(id, _)| !before.contains_key(*id)) {
        let what = text(&part.fields, title).to_owned();
        events.push(Event::PartAdded { path: format!("{kind}/{id}"), what });
    }
}

fn marks(before: &Structure, after: &Structure, events: &mut Vec<Event>) {
    if before.confirmed != after.confirmed && !after.confirmed.is_empty() {
        events.push(Event::Confirmed { how: text(&after.confirmed, "how").to_owned() });
    }
    match (before.is_archived(), after.is_archived()) {
        (false, true) => events.push(Event::Archived { why: text(&after.archived, "why").to_owned() }),
        (true, false) => events.push(Event::Unarchived),
        (true, true) => fields("archived/", &before.archived, &after.archived, events),
        (false, false) => {}
    }
    if before.validation != after.validation && after.is_validated() {
        events.push(Event::Validated);
    }
    if !before.is_to_review() && after.is_to_review() {
        events.push(Event::ToReview);
    }
}

fn fields(prefix: &str, before: &Fields, after: &Fields, events: &mut Vec<Event>) {
    let keys: BTreeSet<&'static str> = before.keys().chain(after.keys()).copied().collect();
    for key in keys {
        field(prefix, key, before.get(key), after.get(key), events);
    }
}

/// What happened to one field.
fn field(prefix: &str, key: &str, was: Option<&Entry>, is: Option<&Entry>, events: &mut Vec<Event>) {
    if was == is {
        return;
    }
    let path = || format!("{prefix}{key}");
    let value = |entry: Option<&Entry>| entry.map_or(serde_json::Value::Null, |entry| json(&entry.value));
    if was.map(|entry| &entry.value) != is.map(|entry| &entry.value) {
        events.push(Event::FieldChanged { path: path(), before: value(was), after: value(is) });
    }
    let others = |entry: Option<&Entry>| -> BTreeSet<String> {
        entry.into_iter().flat_map(|entry| &entry.others).map(|other| json(other).to_string()).collect()
    };
    match (others(was), others(is)) {
        (was, now) if was == now => {}
        (_, now) if now.is_empty() => events.push(Event::Resolved { path: path(), value: value(is) }),
        _ => {
            let values: Vec<&Value> =
                is.into_iter().flat_map(|entry| std::iter::once(&entry.value).chain(&entry.others)).collect();
            events.push(Event::Conflict { path: path(), values: values.into_iter().map(json).collect() });
        }
    }
}

#[cfg(test)]
mod tests;
