//! The tables of fields in TypeScript.

use std::fmt::Write as _;

use super::typescript;
use crate::people::Role;
use crate::schema::field::{
    CONFIRMATIONS, CONFIRMED, FAMILIES, Field, HELPER, Kind, MARK, SERVICE, STRUCTURE, VALIDATION,
};
use crate::schema::record::Finding;
use crate::schema::write::{PROSE_BYTES_MAX, TEXT_BYTES_MAX};

/// Goal: the web application knows every field, word, finding and limit that we know.
#[test]
fn checked_in_tables() {
    let kinds = KINDS.map(kind);
    let roles = [Role::Reader, Role::Contributor, Role::Referent].map(Role::as_str);
    let findings = FINDINGS.map(|finding| finding.code());
    let mut text = format!(
        "export type Kind = {};\n\n\
         export interface Field {{\n  kind: Kind;\n  choices?: readonly string[];\n  fr: string;\n  en: string;\n}}\n\n\
         export type Role = {};\n\n\
         export type FindingCode = {};\n\n\
         export const FAMILIES = [{}] as const;\nexport type Family = (typeof FAMILIES)[number];\n\n\
         export const CONFIRMATIONS = [{}] as const;\nexport type Confirmation = (typeof CONFIRMATIONS)[number];\n\n\
         export const TEXT_BYTES_MAX = {TEXT_BYTES_MAX};\nexport const PROSE_BYTES_MAX = {PROSE_BYTES_MAX};\n",
        quoted(&kinds, " | "),
        quoted(&roles, " | "),
        quoted(&findings, " | "),
        quoted(&FAMILIES, ", "),
        quoted(&CONFIRMATIONS, ", "),
    );
    for (name, interface, table) in [
        ("STRUCTURE", "StructureFields", STRUCTURE),
        ("SERVICE", "ServiceFields", SERVICE),
        ("HELPER", "HelperFields", HELPER),
        ("CONFIRMED", "ConfirmedFields", CONFIRMED),
        ("MARK", "MarkFields", MARK),
        ("VALIDATION", "ValidationFields", VALIDATION),
    ] {
        write!(text, "\n{}\n{}", constant(name, table), members(interface, table))
            .expect("a string takes all");
    }
    typescript("schema.ts", &text);
}

const KINDS: [Kind; 7] =
    [Kind::Text, Kind::Prose, Kind::Integer, Kind::Number, Kind::Flag, Kind::Instant, Kind::Set];

const FINDINGS: [Finding; 8] = [
    Finding::WrongType,
    Finding::Unreadable,
    Finding::UnknownWord,
    Finding::UnknownField,
    Finding::NotAUuid,
    Finding::NoName,
    Finding::CommuneElsewhere,
    Finding::PositionOdd,
];

fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Text => "text",
        Kind::Prose => "prose",
        Kind::Integer => "integer",
        Kind::Number => "number",
        Kind::Flag => "flag",
        Kind::Instant => "instant",
        Kind::Set => "set",
    }
}

fn quoted(words: &[&str], between: &str) -> String {
    words.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(between)
}

fn constant(name: &str, table: &[Field]) -> String {
    let rows = table.iter().map(|field| {
        let choices = if field.choices.is_empty() {
            String::new()
        } else {
            format!(" choices: [{}],", quoted(field.choices, ", "))
        };
        let labels = quoted(&[field.label_fr, field.label_en], ", en: ");
        format!("  {}: {{ kind: '{}',{choices} fr: {labels} }},\n", field.key, kind(field.kind))
    });
    format!(
        "export const {name} = {{\n{}}} as const satisfies Record<string, Field>;\n",
        rows.collect::<String>()
    )
}

fn members(name: &str, table: &[Field]) -> String {
    let rows = table.iter().map(|field| {
        let value = match field.kind {
            Kind::Text | Kind::Prose | Kind::Instant if field.choices.is_empty() => "string".to_owned(),
            Kind::Text | Kind::Prose | Kind::Instant => {
                format!("{} | (string & {{}})", quoted(field.choices, " | "))
            }
            Kind::Integer | Kind::Number => "number".to_owned(),
            Kind::Flag => "boolean".to_owned(),
            Kind::Set if field.choices.is_empty() => "string[]".to_owned(),
            Kind::Set => format!("({} | (string & {{}}))[]", quoted(field.choices, " | ")),
        };
        format!("  {}?: {value};\n", field.key)
    });
    format!("export interface {name} {{\n{}}}\n", rows.collect::<String>())
}
