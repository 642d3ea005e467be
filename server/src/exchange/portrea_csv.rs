//! PORTREA's own CSV of places: simple enough to be typed in a spreadsheet, whole enough to be exported and read back.
//!
//! One line a service; a place with three services has three lines, one without has one. Columns, in any order, all
//! optional but `name`:
//!
//! - `id`: the record's id in the directory; leave it empty for a new place;
//! - the fields of a structure by their key (`name`, `address`, `commune`, `phone`, `opening_hours`, …) or by their
//!   French or English label;
//! - `family`: one of the five families of service, or several joined by `|` for services that are alike;
//! - `service_id` and the fields of a service, each with `service_` before its key (`service_price`, …).
//!
//! Members of a set are joined by `|`; a `|` or a `\` inside one has a `\` before it. A cell that a spreadsheet would
//! take for a formula has a `'` before it. The export adds `confirmed_at`, `confirmed_how` and `validated_at`, which
//! are not read back: an import vouches for nothing.
//!
//! Lines with the same `id`, else the same source tag, else the same name and commune, are about the same place.

use std::collections::BTreeMap;

use portrea_protocol::ids::RecordId;
use portrea_protocol::schema::field::{FAMILIES, Field, Kind, SERVICE, STRUCTURE};
use portrea_protocol::schema::record::{Structure, Value};
use portrea_protocol::schema::write::parse;

use super::contact::french_phone;
use super::finding::{FileError, FileFinding, Message};
use super::matching::source;
use super::plan::{Candidate, CandidateService, Plan, Standing, Values};
use super::table::{Row, Table};
use super::territory_file::CommuneShape;
use super::words::folded;

/// Before the key of a service's field.
pub const SERVICE_PREFIX: &str = "service_";
/// Columns that the export writes and nothing is read from.
pub const MARKS: [&str; 3] = ["confirmed_at", "confirmed_how", "validated_at"];

/// What the file says.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PortreaCsv {
    /// Its places, in the order of their first line.
    pub places: Vec<Candidate>,
    /// Columns that nothing is read from.
    pub unused_columns: Vec<String>,
}

/// The columns that the export writes, in its order.
pub fn columns() -> Vec<String> {
    let services = SERVICE.iter().filter(|field| field.key != "family");
    std::iter::once("id".to_owned())
        .chain(STRUCTURE.iter().map(|field| field.key.to_owned()))
        .chain(["service_id".to_owned(), "family".to_owned()])
        .chain(services.map(|field| format!("{SERVICE_PREFIX}{}", field.key)))
        .chain(MARKS.map(str::to_owned))
        .collect()
}

/// Reads the file.
pub fn read(bytes: &[u8]) -> Result<PortreaCsv, FileError> {
    let table = Table::read(bytes)?;
    let roles: Vec<Role> = table.header.iter().map(|name| role(name)).collect();
    if !roles.iter().any(|role| matches!(role, Role::Structure(field) if field.key == "name")) {
        return Err(table.missing(&["name"]));
    }
    table.require(&[])?;
    let mut places: Vec<Candidate> = Vec::new();
    let mut known: BTreeMap<Key, usize> = BTreeMap::new();
    for row in &table.rows {
        let candidate = Line { table: &table, row, roles: &roles, findings: Vec::new() }.candidate();
        let key = Key::of(&candidate);
        match known.get(&key).and_then(|index| places.get_mut(*index)) {
            Some(place) if key != Key::None => join(place, candidate),
            _ => {
                known.insert(key, places.len());
                places.push(candidate);
            }
        }
    }
    let unused = table
        .header
        .iter()
        .zip(&roles)
        .filter(|(name, role)| matches!(role, Role::Unknown) && !name.is_empty());
    let unused_columns = unused.map(|(name, _)| name.clone()).collect();
    Ok(PortreaCsv { places, unused_columns })
}

/// What importing these places does to a directory.
pub fn plan(
    existing: &BTreeMap<RecordId, Structure>,
    file: PortreaCsv,
    communes: &[CommuneShape],
    new_id: &mut dyn FnMut() -> RecordId,
) -> Plan {
    let standing = Standing { structures: existing, imported: &|_| false };
    let plan = super::plan::plan(standing, file.places, communes, new_id);
    Plan { unused_columns: file.unused_columns, ..plan }
}

/// What a column is for.
#[derive(Clone, Copy)]
enum Role {
    Id,
    ServiceId,
    Family,
    Structure(&'static Field),
    Service(&'static Field),
    Ignored,
    Unknown,
}

fn role(name: &str) -> Role {
    let lower = name.to_lowercase();
    let by_key = |table: &'static [Field], key: &str| table.iter().find(|field| field.key == key);
    match lower.as_str() {
        "id" => return Role::Id,
        "service_id" => return Role::ServiceId,
        "family" | "famille" => return Role::Family,
        mark if MARKS.contains(&mark) => return Role::Ignored,
        _ => {}
    }
    if let Some(field) = by_key(STRUCTURE, &lower) {
        return Role::Structure(field);
    }
    if let Some(field) = lower.strip_prefix(SERVICE_PREFIX).and_then(|key| by_key(SERVICE, key)) {
        return if field.key == "family" { Role::Family } else { Role::Service(field) };
    }
    let label = folded(name);
    let labelled =
        |field: &&'static Field| [field.label_fr, field.label_en].iter().any(|known| folded(known) == label);
    STRUCTURE.iter().find(labelled).filter(|_| !label.is_empty()).map_or(Role::Unknown, Role::Structure)
}

/// What tells the places of a file apart.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Id(RecordId),
    Tag(String),
    Name(String, String),
    None,
}

impl Key {
    fn of(candidate: &Candidate) -> Self {
        let text = |key| folded(candidate.fields.get(key).and_then(Value::as_text).unwrap_or_default());
        let commune =
            Some(text("commune")).filter(|code| !code.is_empty()).unwrap_or_else(|| text("commune_name"));
        match (&candidate.id, candidate.tags.first(), text("name")) {
            (Some(id), _, _) => Self::Id(id.clone()),
            (None, Some(tag), _) => Self::Tag(tag.clone()),
            (None, None, name) if !name.is_empty() => Self::Name(name, commune),
            (None, None, _) => Self::None,
        }
    }
}

/// Joins a further line to its place: services are added, empty fields filled, and what differs is a finding.
fn join(place: &mut Candidate, line: Candidate) {
    for (key, value) in line.fields {
        match place.fields.get(key) {
            None => drop(place.fields.insert(key, value)),
            Some(standing) if *standing == value => {}
            Some(_) => {
                let message = Message::new(
                    format!("« {key} » diffère de la ligne {}, qui est gardée", place.line),
                    format!("“{key}” differs from line {}, which is kept", place.line),
                );
                let spot = super::finding::Spot::line(line.line);
                place.findings.push(FileFinding::new("lines_differ", spot, message));
            }
        }
    }
    place.more_lines.push(line.line);
    place.services.extend(line.services);
    place.findings.extend(line.findings);
    place.tags.extend(line.tags);
}

/// A row being read.
struct Line<'a> {
    table: &'a Table,
    row: &'a Row,
    roles: &'a [Role],
    findings: Vec<FileFinding>,
}

impl Line<'_> {
    fn candidate(mut self) -> Candidate {
        let (mut id, mut service_id) = (None, None);
        let (mut families, mut family_said) = (Vec::new(), false);
        let (mut fields, mut service) = (Values::new(), Values::new());
        for (index, role) in self.roles.iter().enumerate() {
            let cell = unguarded(self.row.cell(index)).trim();
            if cell.is_empty() {
                continue;
            }
            match role {
                Role::Id => id = Some(RecordId::from(cell)),
                Role::ServiceId => service_id = Some(RecordId::from(cell)),
                Role::Family => {
                    family_said = true;
                    families = self.families(index, cell);
                }
                Role::Structure(field) => fields.extend(self.value(index, field, cell)),
                Role::Service(field) => service.extend(self.value(index, field, cell)),
                Role::Ignored | Role::Unknown => {}
            }
        }
        if !family_said && !service.is_empty() {
            let message =
                Message::new("service sans famille, laissé de côté", "service without a family, left out");
            self.findings.push(FileFinding::new(
                "no_family",
                super::finding::Spot::line(self.row.line),
                message,
            ));
        }
        let services = families.into_iter().map(|family| CandidateService {
            id: service_id.take(),
            family,
            fields: service.clone(),
        });
        let services = services.collect();
        let tags = match fields.get("sources") {
            Some(Value::Set(sources)) => {
                sources.iter().filter(|member| source(member).is_some()).cloned().collect()
            }
            _ => std::collections::BTreeSet::new(),
        };
        Candidate {
            line: self.row.line,
            id,
            tags,
            fields,
            services,
            nowhere_is_fine: true,
            findings: self.findings,
            ..Candidate::default()
        }
    }

    fn note(&mut self, code: &'static str, index: usize, fr: &str, en: &str) {
        let cell: String = self.row.cell(index).chars().take(80).collect();
        let name = self.table.header.get(index).map_or("", String::as_str);
        let message = Message::new(format!("{fr} : {cell}"), format!("{en}: {cell}"));
        self.findings.push(FileFinding::new(
            code,
            super::finding::Spot::cell(self.row.line, index, name),
            message,
        ));
    }

    fn families(&mut self, index: usize, cell: &str) -> Vec<&'static str> {
        let read: Vec<Option<&'static str>> =
            cell.split('|').filter(|word| !word.trim().is_empty()).map(family).collect();
        if read.contains(&None) {
            let choices = FAMILIES.join(", ");
            self.note(
                "unknown_family",
                index,
                &format!("famille inconnue, laissée de côté (familles : {choices})"),
                &format!("unknown family, left out (families: {choices})"),
            );
        }
        read.into_iter().flatten().collect()
    }

    fn value(&mut self, index: usize, field: &'static Field, cell: &str) -> Option<(&'static str, Value)> {
        let value = match field.kind {
            Kind::Set => set(field, cell),
            Kind::Text if field.key == "phone" => {
                Some(Value::Text(french_phone(cell).unwrap_or_else(|| cell.to_owned())))
            }
            Kind::Text | Kind::Prose | Kind::Integer | Kind::Number | Kind::Flag | Kind::Instant => {
                parse(field, cell).ok()
            }
        };
        if value.is_none() {
            let (fr, en) = (
                format!("valeur non reprise pour « {} »", field.label_fr),
                format!("value not taken for “{}”", field.label_en),
            );
            self.note("unreadable_value", index, &fr, &en);
        }
        value.map(|value| (field.key, value))
    }
}

/// A family by its key, or by the name of the method's own base.
fn family(word: &str) -> Option<&'static str> {
    const BASE: [&str; 5] = [
        "etre_informe_oriente",
        "acces_materiel_informatique",
        "etre_aidee",
        "developper_culture_numerique",
        "depanner_reparer_materiel",
    ];
    let word = word.trim().to_lowercase();
    let known = |names: [&'static str; 5]| names.iter().position(|name| *name == word);
    known(FAMILIES).or_else(|| known(BASE)).and_then(|index| FAMILIES.get(index)).copied()
}

/// A set's members; nothing when one of them is not taken by the field.
fn set(field: &'static Field, cell: &str) -> Option<Value> {
    let members = split(cell);
    let good =
        members.iter().all(|member| field.choices.is_empty() || field.choices.contains(&member.as_str()));
    let short = members.iter().all(|member| member.len() <= portrea_protocol::schema::write::TEXT_BYTES_MAX);
    (good && short).then(|| Value::Set(members.into_iter().collect()))
}

/// Takes a cell of a set apart; the other way is [`joined`].
fn split(cell: &str) -> Vec<String> {
    let mut members = vec![String::new()];
    let mut chars = cell.chars().peekable();
    while let Some(c) = chars.next() {
        let escaped = if c == '\\' { chars.next_if(|next| matches!(next, '|' | '\\')) } else { None };
        if c == '|' {
            members.push(String::new());
        } else if let Some(member) = members.last_mut() {
            member.push(escaped.unwrap_or(c));
        }
    }
    members.iter().map(|member| member.trim().to_owned()).filter(|member| !member.is_empty()).collect()
}

/// The members of a set in one cell.
pub(super) fn joined<'a>(members: impl Iterator<Item = &'a str>) -> String {
    members.map(|member| member.replace('\\', "\\\\").replace('|', "\\|")).collect::<Vec<_>>().join("|")
}

/// A cell that no spreadsheet takes for a formula: open data is opened with a double click.
pub(super) fn guarded(cell: &str) -> std::borrow::Cow<'_, str> {
    let number = cell.chars().all(|c| c.is_ascii_digit() || matches!(c, '+' | '-' | '.' | ' ' | '(' | ')'));
    let formula = |cell: &str| cell.trim_start_matches('\'').trim_start().starts_with(['=', '+', '-', '@']);
    let risky = formula(cell) && (cell.starts_with('\'') || !number);
    if risky { format!("'{cell}").into() } else { cell.into() }
}

fn unguarded(cell: &str) -> &str {
    let rest = cell.trim_start_matches('\'').trim_start();
    let guarded = cell.starts_with('\'') && rest.starts_with(['=', '+', '-', '@']);
    if guarded { cell.strip_prefix('\'').unwrap_or(cell) } else { cell }
}

#[cfg(test)]
mod tests;
