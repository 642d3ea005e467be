//! Structures as a JSON array, each as `GET …/resources` gives it.

use std::collections::BTreeMap;
use std::io;

use portrea_protocol::ids::RecordId;
use portrea_protocol::schema::record::Structure;
use portrea_protocol::wire::resource;

use super::export::{Options, Written};

/// Writes the structures, one a line.
pub fn write(
    mut out: impl io::Write,
    structures: &BTreeMap<RecordId, Structure>,
    options: Options,
) -> io::Result<Written> {
    let mut written = Written::default();
    out.write_all(b"[")?;
    for (id, structure) in options.chosen(structures) {
        out.write_all(if written.structures > 0 { b",\n" } else { b"\n" })?;
        serde_json::to_writer(&mut out, &resource::structure(id, &options.view(structure)))?;
        written.count(structure);
    }
    out.write_all(b"\n]\n")?;
    Ok(written)
}

/// The structures as text.
pub fn to_string(structures: &BTreeMap<RecordId, Structure>, options: Options) -> String {
    super::export::text(|out| write(out, structures, options))
}
