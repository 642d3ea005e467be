//! Document → records. Tolerant: whatever a document holds, reading gives a record and findings, never an error.
//!
//! A text where a scalar is meant is read as its string (the JavaScript library makes a text of every string); a
//! wrong type becomes a finding; an unknown field stays in the document. Where two devices made the same map at the
//! same time, both maps are read and their members united, for neither device did anything wrong.

use std::collections::{BTreeMap, BTreeSet};

use automerge::{Automerge, ObjId, ObjType, ROOT, Value as Stored};

use super::field::{CONFIRMED, Field, HELPER, MARK, SERVICE, STRUCTURE, VALIDATION, find};
use super::path::{Address, Place};
use super::record::{Entry, Fields, Finding, Part, Structure};
use crate::ids::RecordId;
use value::entry;
pub use view::{Past, View};

pub(super) mod value;
mod view;

type Findings = BTreeSet<(String, Finding)>;

/// Every structure of the document.
pub fn structures(doc: &Automerge) -> BTreeMap<RecordId, Structure> {
    let Some(root) = maps(doc, &ROOT, "structures").into_iter().next() else { return BTreeMap::new() };
    doc.names(&root)
        .into_iter()
        .filter_map(|id| {
            let id = RecordId::from(id);
            structure(doc, &id).map(|structure| (id, structure))
        })
        .collect()
}

/// One structure, or `None` when the document has none of that id.
pub fn structure(doc: &impl View, id: &RecordId) -> Option<Structure> {
    let object = structure_object(doc, id)?;
    let mut findings = Findings::new();
    if !id.is_uuid() {
        findings.insert((String::new(), Finding::NotAUuid));
    }
    let fields = record(doc, &object, STRUCTURE, "", &mut findings);
    let services = parts(doc, &object, "services", SERVICE, &mut findings);
    let helpers = parts(doc, &object, "helpers", HELPER, &mut findings);
    let confirmed = mark(doc, &object, "confirmed", CONFIRMED, &mut findings);
    let archived = mark(doc, &object, "archived", MARK, &mut findings);
    let validation = mark(doc, &object, "validation", VALIDATION, &mut findings);
    let mut structure = Structure { fields, services, helpers, confirmed, archived, validation, findings };
    flag_name(&mut structure);
    Some(structure)
}

/// What reading one field again did to a structure.
#[derive(Debug, Clone, PartialEq)]
pub enum Refreshed {
    /// The field was read; so it stood before.
    Field(Option<Entry>),
    /// Its service or helper is not there, and was not.
    Nothing,
    /// Its record came or went meanwhile: the whole structure was read, which was this before.
    Whole(Box<Structure>),
}

/// Reads one field again into a structure that was read before; `object` is the one that holds the structure.
///
/// Where the service or helper of the field came or went meanwhile (a field may be written while somebody else
/// removes its record), the whole structure is read again.
pub fn refresh(
    doc: &Automerge,
    object: Option<&ObjId>,
    structure: &mut Structure,
    address: &Address,
) -> Refreshed {
    let object = object.and_then(|object| record_object(doc, object, &address.place));
    let known = match &address.place {
        Place::Service(id) => structure.services.contains_key(id),
        Place::Helper(id) => structure.helpers.contains_key(id),
        Place::Itself | Place::Confirmed | Place::Archived | Place::Validation => object.is_some(),
    };
    let object = match (known, object) {
        (true, Some(object)) => object,
        (false, None) => return Refreshed::Nothing,
        (true, None) | (false, Some(_)) => {
            let fresh = self::structure(doc, &address.structure);
            return fresh.map_or(Refreshed::Nothing, |fresh| {
                Refreshed::Whole(Box::new(std::mem::replace(structure, fresh)))
            });
        }
    };
    let path = address.to_string();
    structure.findings.retain(|(at, _)| *at != path);
    let entry = entry(doc, &object, address.field, &path, &mut structure.findings);
    let fields = match &address.place {
        Place::Itself => &mut structure.fields,
        Place::Service(id) => &mut structure.services.entry(id.clone()).or_default().fields,
        Place::Helper(id) => &mut structure.helpers.entry(id.clone()).or_default().fields,
        Place::Confirmed => &mut structure.confirmed,
        Place::Archived => &mut structure.archived,
        Place::Validation => &mut structure.validation,
    };
    let before = match entry {
        Some(entry) => fields.insert(address.field.key, entry),
        None => fields.remove(address.field.key),
    };
    flag_name(structure);
    Refreshed::Field(before)
}

/// The automerge object that holds a structure.
pub fn structure_object(doc: &impl View, id: &RecordId) -> Option<ObjId> {
    let root = maps(doc, &ROOT, "structures").into_iter().next()?;
    maps(doc, &root, id.as_str()).into_iter().next()
}

/// The automerge object that holds a field: the record's map.
pub fn container(doc: &impl View, address: &Address) -> Option<ObjId> {
    record_object(doc, &structure_object(doc, &address.structure)?, &address.place)
}

/// The map of one of a structure's records.
fn record_object(doc: &impl View, structure: &ObjId, place: &Place) -> Option<ObjId> {
    let inside = |kind: &str, id: &RecordId| {
        maps(doc, structure, kind).iter().find_map(|parts| maps(doc, parts, id.as_str()).into_iter().next())
    };
    match place {
        Place::Itself => Some(structure.clone()),
        Place::Service(id) => inside("services", id),
        Place::Helper(id) => inside("helpers", id),
        Place::Confirmed => maps(doc, structure, "confirmed").into_iter().next(),
        Place::Archived => maps(doc, structure, "archived").into_iter().next(),
        Place::Validation => maps(doc, structure, "validation").into_iter().next(),
    }
}

/// The maps that stand at a key: usually one; several when they were made concurrently, the winner first.
pub fn maps(doc: &impl View, object: &ObjId, key: &str) -> Vec<ObjId> {
    let mut found: Vec<ObjId> = doc
        .values(object, key)
        .into_iter()
        .filter_map(|(value, id)| matches!(value, Stored::Object(ObjType::Map)).then_some(id))
        .collect();
    found.reverse();
    found
}

fn flag_name(structure: &mut Structure) {
    let flag = ("name".to_owned(), Finding::NoName);
    if structure.name().trim().is_empty() {
        structure.findings.insert(flag);
    } else {
        structure.findings.remove(&flag);
    }
}

fn parts(
    doc: &impl View,
    structure: &ObjId,
    kind: &str,
    table: &'static [Field],
    findings: &mut Findings,
) -> BTreeMap<RecordId, Part> {
    let mut found = BTreeMap::new();
    for parts in readable(doc, structure, kind, kind, findings) {
        for id in doc.names(&parts) {
            let path = format!("{kind}/{id}");
            let object = readable(doc, &parts, &id, &path, findings).into_iter().next();
            let (Some(object), id) = (object, RecordId::from(id)) else { continue };
            // The same id in two maps that were made concurrently: the winner's is shown, as `container` finds it.
            if found.contains_key(&id) {
                continue;
            }
            if !id.is_uuid() {
                findings.insert((path.clone(), Finding::NotAUuid));
            }
            let fields = record(doc, &object, table, &format!("{path}/"), findings);
            found.insert(id, Part { fields });
        }
    }
    found
}

/// The maps that stand at a key; that something else stands there instead is noted.
fn readable(doc: &impl View, object: &ObjId, key: &str, path: &str, findings: &mut Findings) -> Vec<ObjId> {
    let found = maps(doc, object, key);
    let stored = doc.values(object, key);
    if found.is_empty() && stored.iter().any(|(value, _)| !value.is_null()) {
        findings.insert((path.to_owned(), Finding::Unreadable));
    }
    found
}

fn mark(
    doc: &impl View,
    structure: &ObjId,
    kind: &str,
    table: &'static [Field],
    findings: &mut Findings,
) -> Fields {
    readable(doc, structure, kind, kind, findings)
        .first()
        .map(|object| record(doc, object, table, &format!("{kind}/"), findings))
        .unwrap_or_default()
}

fn record(
    doc: &impl View,
    object: &ObjId,
    table: &'static [Field],
    prefix: &str,
    findings: &mut Findings,
) -> Fields {
    let mut fields = Fields::new();
    for key in doc.names(object) {
        let path = format!("{prefix}{key}");
        if let Some(field) = find(table, &key) {
            if let Some(entry) = entry(doc, object, field, &path, findings) {
                fields.insert(field.key, entry);
            }
        } else if !(prefix.is_empty() && is_inner(&key)) {
            findings.insert((path, Finding::UnknownField));
        }
    }
    fields
}

fn is_inner(key: &str) -> bool {
    matches!(key, "services" | "helpers" | "confirmed" | "archived" | "validation")
}

#[cfg(test)]
mod tests;
