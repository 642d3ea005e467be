//! Structures as GeoJSON points (RFC 7946). Those without coordinates are counted in `withoutPosition`, a foreign
//! member behind the features, for a map must say what it does not show.

use std::collections::BTreeMap;
use std::io;

use portrea_protocol::ids::RecordId;
use portrea_protocol::schema::record::Structure;
use portrea_protocol::wire::resource;
use serde_json::json;

use super::export::{Options, Written};

/// Writes the structures, one feature a line.
pub fn write(
    mut out: impl io::Write,
    structures: &BTreeMap<RecordId, Structure>,
    options: Options,
) -> io::Result<Written> {
    let mut written = Written::default();
    let mut features = 0;
    out.write_all(br#"{"type":"FeatureCollection","features":["#)?;
    for (id, structure) in options.chosen(structures) {
        written.count(structure);
        let Some((latitude, longitude)) = structure.position() else { continue };
        let feature = json!({
            "type": "Feature",
            "id": id.as_str(),
            "geometry": { "type": "Point", "coordinates": [longitude, latitude] },
            "properties": resource::structure(id, &options.view(structure)),
        });
        out.write_all(if features > 0 { b",\n" } else { b"\n" })?;
        serde_json::to_writer(&mut out, &feature)?;
        features += 1;
    }
    write!(out, "\n],\"withoutPosition\":{}}}\n", written.without_position)?;
    Ok(written)
}

/// The structures as text.
pub fn to_string(structures: &BTreeMap<RecordId, Structure>, options: Options) -> String {
    super::export::text(|out| write(out, structures, options))
}
