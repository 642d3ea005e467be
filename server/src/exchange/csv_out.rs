//! Structures as CSV (RFC 4180, UTF-8): the columns of [`super::portrea_csv`], which reads it back.

use std::collections::BTreeMap;
use std::io;

use portrea_protocol::ids::RecordId;
use portrea_protocol::schema::field::{SERVICE, STRUCTURE};
use portrea_protocol::schema::record::{Fields, Part, Structure, Value, text};

use super::export::{Options, Written};
use super::portrea_csv::{columns, guarded, joined};

/// Writes the structures.
pub fn write(
    out: impl io::Write,
    structures: &BTreeMap<RecordId, Structure>,
    options: Options,
) -> io::Result<Written> {
    let mut written = Written::default();
    let mut csv = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(out);
    csv.write_record(columns())?;
    for (id, structure) in options.chosen(structures) {
        let mut services: Vec<Option<(&RecordId, &Part)>> = structure.services.iter().map(Some).collect();
        if services.is_empty() {
            services.push(None);
        }
        for service in services {
            line(&mut csv, id, structure, service, options)?;
        }
        written.count(structure);
    }
    csv.flush()?;
    Ok(written)
}

/// The structures as text.
pub fn to_string(structures: &BTreeMap<RecordId, Structure>, options: Options) -> String {
    super::export::text(|out| write(out, structures, options))
}

fn line(
    csv: &mut csv::Writer<impl io::Write>,
    id: &RecordId,
    structure: &Structure,
    service: Option<(&RecordId, &Part)>,
    options: Options,
) -> io::Result<()> {
    let none = Fields::new();
    let (service_id, service) = service.map_or(("", &none), |(id, part)| (id.as_str(), &part.fields));
    csv.write_field(guarded(id.as_str()).as_ref())?;
    for field in STRUCTURE {
        let value = if options.holds(field) { cell(&structure.fields, field.key) } else { String::new() };
        csv.write_field(guarded(&value).as_ref())?;
    }
    csv.write_field(guarded(service_id).as_ref())?;
    csv.write_field(guarded(&cell(service, "family")).as_ref())?;
    for field in SERVICE.iter().filter(|field| field.key != "family") {
        csv.write_field(guarded(&cell(service, field.key)).as_ref())?;
    }
    for mark in [
        text(&structure.confirmed, "at"),
        text(&structure.confirmed, "how"),
        if structure.is_validated() { text(&structure.validation, "at") } else { "" },
    ] {
        csv.write_field(guarded(mark).as_ref())?;
    }
    csv.write_record(None::<&[u8]>)?;
    Ok(())
}

fn cell(fields: &Fields, key: &str) -> String {
    match fields.get(key).map(|entry| &entry.value) {
        None => String::new(),
        Some(Value::Text(text)) => text.clone(),
        Some(Value::Integer(integer)) => integer.to_string(),
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::Flag(flag)) => (if *flag { "true" } else { "false" }).to_owned(),
        Some(Value::Set(set)) => joined(set.iter().map(String::as_str)),
    }
}

#[cfg(test)]
mod tests;
