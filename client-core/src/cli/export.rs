//! `export`: the directory as this device has it, in a file. It never touches the network.

use std::io::{self, IsTerminal};
use std::path::Path;

use portrea_protocol::ids::RecordId;
use portrea_protocol::schema::field::STRUCTURE;
use portrea_protocol::schema::read;
use portrea_protocol::schema::record::{Structure, Value, text};
use portrea_protocol::wire::resource;
use serde_json::{Value as Json, json};

use super::args::{Format, Which};
use super::call::{Call, Failure};
use super::look::chosen;

type Chosen<'a> = [(&'a RecordId, &'a Structure)];

pub(super) fn export(
    call: &Call,
    format: Format,
    output: Option<&Path>,
    archived: bool,
) -> Result<(), Failure> {
    let device = call.device()?;
    if format == Format::Automerge && output.is_none() && io::stdout().is_terminal() {
        return Err(Failure::Wrong(call.lang.not_on_a_terminal()));
    }
    let all = read::structures(device.replica().doc());
    let found = chosen(&all, &Which { archived, ..Which::default() });
    let bytes = match format {
        Format::Json => pretty(&found.iter().map(|(id, it)| resource::structure(id, it)).collect()),
        Format::Geojson => pretty(&geojson(&found)),
        Format::Csv => csv(&found).map_err(|error| Failure::Failed(error.to_string()))?,
        Format::Automerge => device.replica().snapshot(),
    };
    let Some(path) = output else { return call.bytes(&bytes) };
    let shown = path.display().to_string();
    std::fs::write(path, bytes)
        .map_err(|error| Failure::Failed(call.lang.disk(&shown, &error.to_string())))?;
    if call.json {
        return call.json(&json!({ "output": shown, "structures": found.len() }));
    }
    call.say(&call.lang.written_to(&shown))
}

fn pretty(json: &Json) -> Vec<u8> {
    format!("{json:#}\n").into_bytes()
}

/// RFC 7946: a point for each structure whose position is known, no geometry for the others.
fn geojson(found: &Chosen<'_>) -> Json {
    let features: Vec<Json> = found
        .iter()
        .map(|(id, structure)| {
            let geometry = structure.position().map(
                |(latitude, longitude)| json!({ "type": "Point", "coordinates": [longitude, latitude] }),
            );
            json!({
                "type": "Feature",
                "id": id.as_str(),
                "geometry": geometry,
                "properties": resource::structure(id, structure),
            })
        })
        .collect();
    json!({ "type": "FeatureCollection", "features": features })
}

/// RFC 4180: a line a structure, its fields by their names in the document, sets and families joined by `|`.
fn csv(found: &Chosen<'_>) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    let keys = || STRUCTURE.iter().map(|field| field.key);
    writer.write_record(std::iter::once("id").chain(keys()).chain([
        "families",
        "confirmed_at",
        "archived_at",
    ]))?;
    for (id, structure) in found {
        let cells =
            keys().map(|key| structure.fields.get(key).map(|entry| cell(&entry.value)).unwrap_or_default());
        let mut families: Vec<&str> =
            structure.services.values().map(|service| text(&service.fields, "family")).collect();
        families.sort_unstable();
        families.dedup();
        let ends = [
            families.join("|"),
            text(&structure.confirmed, "at").to_owned(),
            text(&structure.archived, "at").to_owned(),
        ];
        writer.write_record(std::iter::once(id.to_string()).chain(cells).chain(ends))?;
    }
    writer.into_inner().map_err(|error| csv::Error::from(io::Error::other(error.to_string())))
}

/// A value as it stands in a cell: numbers with a point, flags in English, whoever reads it.
fn cell(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::Integer(integer) => integer.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Flag(flag) => flag.to_string(),
        Value::Set(members) => members.iter().map(String::as_str).collect::<Vec<_>>().join("|"),
    }
}
