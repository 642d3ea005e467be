//! A structure in JSON, as `GET …/resources` gives it: fields by their names in the document, sets as lists.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};

use super::feed;
use crate::ids::RecordId;
use crate::schema::record::{Fields, Part, Structure};

/// A structure with its services, helpers, marks, concurrent answers and findings.
pub fn structure(id: &RecordId, structure: &Structure) -> Json {
    let mut object = fields(&structure.fields);
    object.insert("id".into(), id.as_str().into());
    object.insert("services".into(), parts(&structure.services));
    object.insert("helpers".into(), parts(&structure.helpers));
    for (key, mark) in [
        ("confirmed", &structure.confirmed),
        ("archived", &structure.archived),
        ("validation", &structure.validation),
    ] {
        object.insert(key.into(), if mark.is_empty() { Json::Null } else { fields(mark).into() });
    }
    let conflicts: Vec<Json> = structure
        .conflicts()
        .map(|(path, entry)| {
            let values: Vec<Json> =
                std::iter::once(&entry.value).chain(&entry.others).map(feed::json).collect();
            json!({ "path": path, "values": values })
        })
        .collect();
    object.insert("conflicts".into(), conflicts.into());
    let findings: Vec<Json> = structure
        .findings
        .iter()
        .map(|(path, finding)| json!({ "path": path, "code": finding.code() }))
        .collect();
    object.insert("findings".into(), findings.into());
    object.into()
}

fn fields(fields: &Fields) -> Map<String, Json> {
    fields.iter().map(|(key, entry)| ((*key).to_owned(), feed::json(&entry.value))).collect()
}

fn parts(parts: &BTreeMap<RecordId, Part>) -> Json {
    parts
        .iter()
        .map(|(id, part)| {
            let mut object = fields(&part.fields);
            object.insert("id".into(), id.as_str().into());
            Json::from(object)
        })
        .collect()
}

#[cfg(test)]
mod tests;
