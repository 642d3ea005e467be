//! The France Services places, as the ANCT publishes them in CSV.
//!
//! Each place becomes a structure that gives `inform` and `assist`, individually, on site and free: what the label
//! guarantees. Hours of help and staff are not published and stay missing. `lib_fs`, the address, `insee_com`, the
//! coordinates, `mail`, `telephone`, `h_lundi` … `h_samedi`, `commentaire` (as description) and `itinerance` are read;
//! hours that could not be read, or say more than could be written, are kept in the notes. Not read: `groupe`,
//! `labellisation`, `format_fs`, `format_fs_anct`, which say how the network is run. A place is recognised next time by
//! the source tag `france-services:<id_fs>`.

use std::collections::{BTreeMap, BTreeSet};

use portrea_protocol::ids::{InseeCode, RecordId};
use portrea_protocol::schema::field::{STRUCTURE, find};
use portrea_protocol::schema::record::{Structure, Value};
use portrea_protocol::schema::write::parse;

use super::contact::{mails, phones};
use super::finding::{FileError, FileFinding, Message};
use super::hours::{ENGLISH_DAYS, FRENCH_DAYS, day, opening_hours};
use super::plan::{Candidate, CandidateService, Plan, Standing, Values};
use super::table::{Row, Table};
use super::territory_file::CommuneShape;
use super::words::on_one_line;

/// The source that records from this file name.
pub const SOURCE: &str = "ANCT France Services";
/// The label, and the national programme.
pub const LABEL: &str = "France Services";

const REQUIRED: [&str; 7] = ["id_fs", "lib_fs", "adresse", "insee_com", "lib_com", "latitude", "longitude"];
const READ: [&str; 12] = [
    "id_fs",
    "insee_dep",
    "lib_fs",
    "adresse",
    "complement_adresse",
    "insee_com",
    "code_postal",
    "lib_com",
    "mail",
    "telephone",
    "commentaire",
    "itinerance",
];

/// What the file says.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FranceServices {
    /// Its places, in its order.
    pub places: Vec<Candidate>,
    /// Columns that nothing is read from.
    pub unused_columns: Vec<String>,
}

/// Reads the file.
pub fn read(bytes: &[u8]) -> Result<FranceServices, FileError> {
    let table = Table::read(bytes)?;
    table.require(&REQUIRED)?;
    let places =
        table.rows.iter().map(|row| Place { table: &table, row, findings: Vec::new() }.candidate()).collect();
    let known = |name: &String| {
        let name = name.to_lowercase();
        READ.contains(&name.as_str())
            || name == "latitude"
            || name == "longitude"
            || name.strip_prefix("h_").is_some_and(|day| FRENCH_DAYS.contains(&day))
    };
    let unused_columns = table.header.iter().filter(|name| !known(name)).cloned().collect();
    Ok(FranceServices { places, unused_columns })
}

/// What importing these places does to a directory.
pub fn plan(
    existing: &BTreeMap<RecordId, Structure>,
    file: FranceServices,
    communes: &[CommuneShape],
    new_id: &mut dyn FnMut() -> RecordId,
) -> Plan {
    let standing = Standing { structures: existing, imported: &|_| false };
    let plan = super::plan::plan(standing, file.places, communes, new_id);
    Plan { unused_columns: file.unused_columns, ..plan }
}

/// A row being read.
struct Place<'a> {
    table: &'a Table,
    row: &'a Row,
    findings: Vec<FileFinding>,
}

impl Place<'_> {
    fn candidate(mut self) -> Candidate {
        let mut fields = Values::new();
        for (key, column) in [
            ("name", "lib_fs"),
            ("address", "adresse"),
            ("address_more", "complement_adresse"),
            ("postcode", "code_postal"),
            ("commune_name", "lib_com"),
            ("latitude", "latitude"),
            ("longitude", "longitude"),
        ] {
            self.put(&mut fields, key, column, &tidy(self.cell(column)));
        }
        let code = InseeCode::from(self.cell("insee_com"));
        if code.is_well_formed() {
            fields.insert("commune", code.as_str().into());
        } else if !code.as_str().is_empty() {
            self.note(
                "bad_code",
                "insee_com",
                "code INSEE mal formé, laissé de côté",
                "malformed INSEE code, left out",
            );
        }
        self.contacts(&mut fields);
        self.times(&mut fields);
        let comment = self.cell("commentaire").replace("\"\"", "\"");
        self.put(&mut fields, "description", "commentaire", &comment);
        match self.cell("itinerance").to_lowercase().as_str() {
            "oui" => drop(fields.insert("itinerant", Value::Flag(true))),
            "non" => drop(fields.insert("itinerant", Value::Flag(false))),
            "" => {}
            _ => self.note(
                "unreadable_value",
                "itinerance",
                "ni « Oui » ni « Non », laissé de côté",
                "neither “Oui” nor “Non”, left out",
            ),
        }
        let set = |member: &str| Value::Set(BTreeSet::from([member.to_owned()]));
        fields.insert("labels", set(LABEL));
        fields.insert("national_programmes", set(LABEL));
        fields.insert("sources", set(SOURCE));
        let number: String = self.cell("id_fs").split_whitespace().collect();
        let tags = (!number.is_empty()).then(|| format!("france-services:{number}")).into_iter().collect();
        let services = ["inform", "assist"].map(guaranteed).into();
        Candidate {
            line: self.row.line,
            tags,
            fields,
            services,
            findings: self.findings,
            ..Candidate::default()
        }
    }

    fn cell(&self, column: &str) -> &str {
        self.table.cell(self.row, column)
    }

    fn note(&mut self, code: &'static str, column: &str, fr: &str, en: &str) {
        let cell: String = self.cell(column).chars().take(80).collect();
        let message = Message::new(format!("{fr} : {cell}"), format!("{en}: {cell}"));
        self.findings.push(FileFinding::new(code, self.table.spot(self.row, column), message));
    }

    /// Puts a value in its field; one that the field does not take is a finding.
    fn put(&mut self, fields: &mut Values, key: &'static str, column: &str, text: &str) {
        if text.is_empty() {
            return;
        }
        match find(STRUCTURE, key).and_then(|field| parse(field, text).ok()) {
            Some(value) => drop(fields.insert(key, value)),
            None => self.note(
                "unreadable_value",
                column,
                "valeur illisible, laissée de côté",
                "unreadable value, left out",
            ),
        }
    }

    fn contacts(&mut self, fields: &mut Values) {
        let phones = phones(self.cell("telephone"));
        if phones.odd {
            self.note(
                "phone_odd",
                "telephone",
                "numéro non reconnu, gardé tel quel",
                "number not recognised, kept as it is",
            );
        }
        self.put(fields, "phone", "telephone", phones.first.as_deref().unwrap_or_default());
        if !phones.others.is_empty() {
            self.note(
                "phones_several",
                "telephone",
                "plusieurs numéros, les autres sont dans les notes",
                "several numbers, the others are in the notes",
            );
            add_note(fields, &format!("Autres téléphones : {}", phones.others.join(", ")));
        }
        let (good, bad) = mails(self.cell("mail"));
        if !good.is_empty() {
            fields.insert("emails", Value::Set(good.into_iter().collect()));
        }
        if !bad.is_empty() {
            self.note(
                "mail_odd",
                "mail",
                "adresse électronique non valable, gardée dans les notes",
                "invalid mail address, kept in the notes",
            );
            add_note(fields, &format!("Adresse électronique à vérifier : {}", bad.join(", ")));
        }
    }

    fn times(&mut self, fields: &mut Values) {
        let mut week = Vec::new();
        let mut kept = Vec::new();
        for (french, english) in FRENCH_DAYS.into_iter().zip(ENGLISH_DAYS) {
            let column = format!("h_{french}");
            let text = on_one_line(self.cell(&column));
            let read = day(&text);
            for odd in &read.odd {
                let what = odd.message(&text);
                let message =
                    Message::new(format!("{french}, {}", what.fr), format!("{english}, {}", what.en));
                self.findings.push(FileFinding::new(odd.code(), self.table.spot(self.row, &column), message));
            }
            if read.odd.iter().any(|odd| odd.says_more()) {
                kept.push(format!("{french} {text}"));
            }
            week.push(read.slots);
        }
        fields.extend(opening_hours(&week).map(|hours| ("opening_hours", Value::Text(hours))));
        if !kept.is_empty() {
            add_note(fields, &format!("Horaires à vérifier : {}", kept.join(" ; ")));
        }
    }
}

fn add_note(fields: &mut Values, note: &str) {
    let note = Message::new(note, "").fr;
    let standing = fields.get("notes").and_then(Value::as_text);
    let notes = standing.map_or_else(|| note.clone(), |standing| format!("{standing}\n{note}"));
    fields.insert("notes", Value::Text(notes));
}

fn guaranteed(family: &'static str) -> CandidateService {
    let fields = [("format", "individual".into()), ("onsite", Value::Flag(true)), ("price", "free".into())];
    CandidateService { id: None, family, fields: fields.into() }
}

/// One line, quotation marks that were doubled twice made single.
fn tidy(text: &str) -> String {
    on_one_line(text).replace("\"\"", "\"")
}

#[cfg(test)]
mod tests;
