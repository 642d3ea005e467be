//! The commands that edit. Each is one group of edits, so one change: all of it or nothing.

use portrea_protocol::ids::RecordId;
use portrea_protocol::schema::field::Kind;
use portrea_protocol::schema::path::{Address, Place};
use portrea_protocol::schema::record::Value;
use portrea_protocol::schema::write::{Edit, parse};
use portrea_protocol::schema::{read, record};
use serde_json::{Value as Json, json};

use super::call::{Call, Failure};
use super::{find, send};
use crate::device::Device;
use crate::device::clock::fresh_record;

type Pairs = [(String, String)];

/// What becomes of a value that is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// It takes the place of what stands there.
    Replace,
    /// It joins the set.
    Add,
    /// It leaves the set.
    Remove,
}

impl Way {
    pub(super) fn of(add: bool, remove: bool) -> Self {
        match (add, remove) {
            (true, _) => Self::Add,
            (false, true) => Self::Remove,
            (false, false) => Self::Replace,
        }
    }
}

pub(super) fn add(
    call: &Call,
    name: &str,
    commune: Option<&str>,
    families: &[String],
    set: &Pairs,
) -> Result<(), Failure> {
    let device = call.device()?;
    let id = fresh_record();
    let mut edits = vec![Edit::AddStructure { id: id.clone(), name: name.trim().to_owned() }];
    let mut structure = record::Structure::default();
    for family in families {
        let service = fresh_record();
        let entry = record::Entry { value: family.as_str().into(), others: Vec::new() };
        let fields = record::Fields::from([("family", entry)]);
        structure.services.insert(service.clone(), record::Part { fields });
        edits.push(Edit::AddService { structure: id.clone(), id: service, family: family.clone() });
    }
    if let Some(commune) = commune {
        edits.push(change(call, find::field(&id, Place::Itself, "commune", "commune", call.lang)?, commune)?);
    }
    for (path, typed) in set {
        edits.push(change(call, find::address(&id, &structure, path, call.lang)?, typed)?);
    }
    let services: Vec<&str> = structure.services.keys().map(RecordId::as_str).collect();
    let result = json!({ "id": id.as_str(), "services": services });
    perform(call, device, &edits, result)
}

pub(super) fn set(call: &Call, meant: &str, path: &str, typed: &str, way: Way) -> Result<(), Failure> {
    let device = call.device()?;
    let all = read::structures(device.replica().doc());
    let (id, structure) = find::structure(&all, meant, call.lang)?;
    let address = find::address(id, structure, path, call.lang)?;
    let result = json!({ "id": id.as_str(), "path": address.to_string() });
    let member = typed.trim().to_owned();
    let edit = match (way, address.field.kind) {
        (Way::Replace, _) => change(call, address, typed)?,
        (Way::Add, Kind::Set) => Edit::Include { address, member },
        (Way::Remove, Kind::Set) => Edit::Exclude { address, member },
        (Way::Add | Way::Remove, _) => return Err(Failure::Wrong(call.lang.not_a_set(path))),
    };
    perform(call, device, &[edit], result)
}

pub(super) fn add_service(call: &Call, meant: &str, family: &str, set: &Pairs) -> Result<(), Failure> {
    let (device, structure) = meant_structure(call, meant)?;
    let id = fresh_record();
    let place = Place::Service(id.clone());
    let first = Edit::AddService { structure: structure.clone(), id: id.clone(), family: family.to_owned() };
    let result = json!({ "id": structure.as_str(), "service": id.as_str() });
    perform(call, device, &with_fields(call, first, &structure, &place, set)?, result)
}

pub(super) fn add_helper(call: &Call, meant: &str, name: &str, set: &Pairs) -> Result<(), Failure> {
    let (device, structure) = meant_structure(call, meant)?;
    let id = fresh_record();
    let place = Place::Helper(id.clone());
    let name = name.trim().to_owned();
    let first = Edit::AddHelper { structure: structure.clone(), id: id.clone(), name };
    let result = json!({ "id": structure.as_str(), "helper": id.as_str() });
    perform(call, device, &with_fields(call, first, &structure, &place, set)?, result)
}

pub(super) fn confirm(call: &Call, meant: &str, how: &str) -> Result<(), Failure> {
    let (device, structure) = meant_structure(call, meant)?;
    let by = device.identity().display_name.clone();
    let result = json!({ "id": structure.as_str() });
    perform(call, device, &[Edit::Confirm { structure, by, how: how.to_owned() }], result)
}

pub(super) fn archive(call: &Call, meant: &str, why: &str) -> Result<(), Failure> {
    let (device, structure) = meant_structure(call, meant)?;
    let by = device.identity().display_name.clone();
    let result = json!({ "id": structure.as_str() });
    perform(call, device, &[Edit::Archive { structure, by, why: why.trim().to_owned() }], result)
}

fn meant_structure(call: &Call, meant: &str) -> Result<(Device, RecordId), Failure> {
    let device = call.device()?;
    let all = read::structures(device.replica().doc());
    let id = find::structure(&all, meant, call.lang)?.0.clone();
    Ok((device, id))
}

fn with_fields(
    call: &Call,
    first: Edit,
    structure: &RecordId,
    place: &Place,
    set: &Pairs,
) -> Result<Vec<Edit>, Failure> {
    let mut edits = vec![first];
    for (key, typed) in set {
        edits.push(change(call, find::field(structure, place.clone(), key, key, call.lang)?, typed)?);
    }
    Ok(edits)
}

/// The edit that gives a field what was typed; nothing typed empties it.
fn change(call: &Call, address: Address, typed: &str) -> Result<Edit, Failure> {
    let value: Option<Value> = if typed.trim().is_empty() {
        None
    } else {
        Some(parse(address.field, typed).map_err(|error| call.refused(&error))?)
    };
    Ok(Edit::Set { address, value })
}

fn perform(call: &Call, mut device: Device, edits: &[Edit], result: Json) -> Result<(), Failure> {
    let changed = device.edit(edits).map_err(|error| call.explain(&error))?;
    send::after_edit(call, device, changed, result)
}
