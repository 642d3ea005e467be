//! The commands that show: `status`, `list`, `show`. They never touch the network, but for `status` where edits wait: it
//! asks the server which of them wait for the référent·e.

use portrea_protocol::ids::RecordId;
use portrea_protocol::schema::field::{Field, HELPER, SERVICE, STRUCTURE};
use portrea_protocol::schema::read;
use portrea_protocol::schema::record::{Fields, Part, Structure, text};
use portrea_protocol::wire::resource;
use serde_json::{Value as Json, json};

use super::args::Which;
use super::call::{Call, Failure, note};
use super::find::{self, Directory, fold};
use super::held;
use super::words::Lang;

pub(super) fn status(call: &Call) -> Result<(), Failure> {
    let device = call.device()?;
    let (status, identity, replica) = (device.status(), device.identity(), device.replica());
    let structures = read::structures(replica.doc()).values().filter(|it| !it.is_archived()).count();
    let held = held::of(call, identity, &status);
    if !call.json {
        let role = call.lang.role(identity.role);
        let line = format!("{} · {role} · {}", identity.display_name, identity.server);
        let held: Vec<String> = held.iter().flatten().map(|held| call.lang.held(held)).collect();
        let state = if held.is_empty() { call.lang.state(&status) } else { call.lang.awaits(held.len()) };
        let crossed = device.crossed().map(|crossed| call.lang.left_behind(crossed, replica));
        return call.say(&[vec![state], held, crossed.unwrap_or_default(), vec![line]].concat().join("\n"));
    }
    let hashes = |heads: &[automerge::ChangeHash]| heads.iter().map(ToString::to_string).collect::<Vec<_>>();
    call.json(&json!({
        "state": status.state.code(),
        "waiting": status.waiting,
        "server": identity.server,
        "territory": identity.territory,
        "document": identity.document,
        "contributor": identity.contributor,
        "displayName": identity.display_name,
        "role": identity.role.code(),
        "heads": hashes(&replica.heads()),
        "serverHeads": hashes(replica.server_heads()),
        "structures": structures,
        "quarantine": held,
        "crossed": device.crossed(),
    }))
}

pub(super) fn list(call: &Call, which: &Which) -> Result<(), Failure> {
    let device = call.device()?;
    let all = read::structures(device.replica().doc());
    let found = chosen(&all, which);
    if call.json {
        return call.json(&found.iter().map(|(id, it)| resource::structure(id, it)).collect::<Vec<Json>>());
    }
    if found.is_empty() {
        note(&call.lang.empty());
        return Ok(());
    }
    let length = find::short_length(&all);
    let lines: Vec<String> = found.iter().map(|(id, it)| line(id, it, length, call.lang)).collect();
    call.say(&lines.join("\n"))
}

/// The structures that were asked for, by name.
pub(super) fn chosen<'a>(all: &'a Directory, which: &Which) -> Vec<(&'a RecordId, &'a Structure)> {
    let wanted = which.q.as_deref().map(fold);
    let mut found: Vec<_> = all
        .iter()
        .filter(|(_, it)| which.archived || !it.is_archived())
        .filter(|(_, it)| which.commune.as_deref().is_none_or(|code| text(&it.fields, "commune") == code))
        .filter(|(_, it)| which.family.as_deref().is_none_or(|family| families(it).any(|own| own == family)))
        .filter(|(_, it)| wanted.as_deref().is_none_or(|wanted| tells(it, wanted)))
        .collect();
    found.sort_by_cached_key(|(id, it)| (fold(it.name()), (*id).clone()));
    found
}

fn families(structure: &Structure) -> impl Iterator<Item = &str> {
    structure.services.values().map(|service| text(&service.fields, "family"))
}

fn tells(structure: &Structure, wanted: &str) -> bool {
    ["name", "commune_name", "address", "summary", "description"]
        .into_iter()
        .any(|key| fold(text(&structure.fields, key)).contains(wanted))
}

fn line(id: &RecordId, structure: &Structure, length: usize, lang: Lang) -> String {
    let short: String = id.as_str().chars().take(length).collect();
    let mut parts = vec![short, structure.name().to_owned()];
    let commune = ["commune_name", "commune"].into_iter().map(|key| text(&structure.fields, key));
    parts.extend(commune.into_iter().find(|text| !text.is_empty()).map(str::to_owned));
    let mut families: Vec<String> = families(structure).map(|family| lang.family(family)).collect();
    families.sort_unstable();
    families.dedup();
    parts.extend((!families.is_empty()).then(|| families.join(", ")));
    parts.extend(structure.conflicts().next().map(|_| "▲".to_owned()));
    parts.join("  ")
}

pub(super) fn show(call: &Call, meant: &str) -> Result<(), Failure> {
    let device = call.device()?;
    let all = read::structures(device.replica().doc());
    let (id, structure) = find::structure(&all, meant, call.lang)?;
    if call.json {
        return call.json(&resource::structure(id, structure));
    }
    call.say(&sheet(id, structure, call.lang))
}

/// A structure as a page of text.
fn sheet(id: &RecordId, structure: &Structure, lang: Lang) -> String {
    let mut lines = vec![structure.name().to_owned(), id.to_string()];
    lines.extend(marks(structure, lang));
    for (path, entry) in structure.conflicts() {
        let address = portrea_protocol::schema::path::Address::parse(id, &path);
        let label = address.map_or(path.as_str(), |address| lang.label(address.field));
        let values: Vec<String> =
            std::iter::once(&entry.value).chain(&entry.others).map(|value| lang.value(value)).collect();
        lines.push(lang.answers(label, &values, &path));
    }
    lines.push(String::new());
    lines.extend(filled(&structure.fields, STRUCTURE, "", lang));
    lines.extend(parts(&lang.services(), &structure.services, SERVICE, "family", lang));
    lines.extend(parts(&lang.helpers(), &structure.helpers, HELPER, "name", lang));
    lines.extend(structure.findings.iter().map(|(path, finding)| lang.finding(path, finding)));
    lines.join("\n").trim_end().to_owned()
}

fn marks(structure: &Structure, lang: Lang) -> Vec<String> {
    let told = |fields: &Fields, key: &str| text(fields, key).to_owned();
    let mut lines = Vec::new();
    if structure.is_archived() {
        let archived = &structure.archived;
        lines.push(lang.archived(&told(archived, "at"), &told(archived, "why")));
    }
    let confirmed = &structure.confirmed;
    lines.push(if confirmed.is_empty() {
        lang.never_confirmed()
    } else {
        lang.confirmed(&told(confirmed, "at"), &told(confirmed, "by"), &told(confirmed, "how"))
    });
    if structure.is_validated() {
        lines.push(lang.validated(&told(&structure.validation, "at")));
    } else if structure.is_to_review() {
        lines.push(lang.to_review(&told(&structure.validation, "at")));
    }
    lines
}

fn filled(fields: &Fields, table: &'static [Field], indent: &str, lang: Lang) -> Vec<String> {
    let mut lines = Vec::new();
    for field in table.iter().filter(|field| field.key != "created_at") {
        let Some(entry) = fields.get(field.key) else { continue };
        lines.push(format!("{indent}{:<30} {}", lang.label(field), lang.value(&entry.value)));
        let others = entry.others.iter().map(|other| lang.or(&lang.value(other)));
        lines.extend(others.map(|other| format!("{indent}{:<30} {other}", "")));
    }
    lines
}

fn parts(
    heading: &str,
    parts: &std::collections::BTreeMap<RecordId, Part>,
    table: &'static [Field],
    title: &str,
    lang: Lang,
) -> Vec<String> {
    let mut lines = Vec::new();
    if !parts.is_empty() {
        lines.extend([String::new(), heading.to_owned()]);
    }
    for (id, part) in parts {
        let called = text(&part.fields, title);
        let called = if title == "family" { lang.family(called) } else { called.to_owned() };
        lines.push(format!("  {called}  {id}"));
        let rest: Fields = part
            .fields
            .iter()
            .filter(|(key, _)| **key != title)
            .map(|(key, it)| (*key, it.clone()))
            .collect();
        lines.extend(filled(&rest, table, "    ", lang));
    }
    lines
}

#[cfg(test)]
mod tests;
