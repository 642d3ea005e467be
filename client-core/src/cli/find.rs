//! Which record and which field are meant: names, beginnings of identifiers, families for services.

use std::collections::BTreeMap;

use portrea_protocol::ids::RecordId;
use portrea_protocol::schema::field::Field;
use portrea_protocol::schema::path::{Address, Place};
use portrea_protocol::schema::record::{Part, Structure, text};

use super::call::Failure;
use super::words::Lang;

/// The shortest beginning of an identifier that is taken for one.
const PREFIX_MIN: usize = 4;

pub(super) type Directory = BTreeMap<RecordId, Structure>;

/// The structure that is meant by an identifier, a unique beginning of one, or an exact name.
pub(super) fn structure<'a>(
    all: &'a Directory,
    meant: &str,
    lang: Lang,
) -> Result<(&'a RecordId, &'a Structure), Failure> {
    let meant = meant.trim();
    let prefix = meant.to_lowercase();
    let by_prefix = |id: &RecordId| prefix.len() >= PREFIX_MIN && id.as_str().starts_with(&prefix);
    let exact: Vec<_> = all.iter().filter(|(id, _)| id.as_str() == meant).collect();
    let named: Vec<_> = all.iter().filter(|(_, structure)| structure.name().trim() == meant).collect();
    let alike: Vec<_> = all.iter().filter(|(_, structure)| fold(structure.name()) == fold(meant)).collect();
    let begun: Vec<_> = all.iter().filter(|(id, _)| by_prefix(id)).collect();
    let found = [exact, named, alike, begun].into_iter().find(|found| !found.is_empty()).unwrap_or_default();
    match found.as_slice() {
        [] => Err(Failure::Failed(lang.not_found(meant))),
        [(id, structure)] => Ok((id, structure)),
        several => {
            let lines: Vec<String> =
                several.iter().map(|(id, it)| format!("  {id}  {}", it.name())).collect();
            Err(Failure::Failed(lang.ambiguous(meant, &lines.join("\n"))))
        }
    }
}

/// The field that a path means inside a structure: its own, or one of a part named by identifier, beginning, family
/// or name.
pub(super) fn address(
    id: &RecordId,
    structure: &Structure,
    path: &str,
    lang: Lang,
) -> Result<Address, Failure> {
    let keys: Vec<&str> = path.split('/').collect();
    let place = match keys.as_slice() {
        ["services" | "service", part, _] => {
            Place::Service(one_part(&structure.services, part, "family", lang)?)
        }
        ["helpers" | "helper", part, _] => Place::Helper(one_part(&structure.helpers, part, "name", lang)?),
        ["confirmed", _] => Place::Confirmed,
        ["archived", _] => Place::Archived,
        ["validation", _] => Place::Validation,
        [part, _] => Place::Service(one_part(&structure.services, part, "family", lang)?),
        _ => Place::Itself,
    };
    let key = keys.last().copied().unwrap_or_default();
    field(id, place, key, path, lang)
}

/// A field of a record, or which there are.
pub(super) fn field(
    id: &RecordId,
    place: Place,
    key: &str,
    typed: &str,
    lang: Lang,
) -> Result<Address, Failure> {
    let known = names(place.table());
    Address::new(id, place, key).ok_or_else(|| Failure::Wrong(lang.no_field(typed, &known)))
}

fn names(table: &[Field]) -> String {
    table.iter().map(|field| field.key).collect::<Vec<_>>().join(", ")
}

fn one_part(
    parts: &BTreeMap<RecordId, Part>,
    meant: &str,
    key: &str,
    lang: Lang,
) -> Result<RecordId, Failure> {
    let begins = |id: &RecordId| meant.len() >= PREFIX_MIN && id.as_str().starts_with(meant);
    let called = |part: &Part| text(&part.fields, key) == meant;
    let found: Vec<_> = parts.iter().filter(|(id, part)| begins(id) || called(part)).collect();
    match found.as_slice() {
        [(id, _)] => Ok((*id).clone()),
        _ => Err(Failure::Failed(lang.no_part(meant))),
    }
}

/// Text as it is compared: without capitals, accents and ligatures.
pub(super) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for letter in text.trim().to_lowercase().chars() {
        match letter {
            'à' | 'â' | 'ä' | 'á' | 'ã' => folded.push('a'),
            'ç' => folded.push('c'),
            'é' | 'è' | 'ê' | 'ë' => folded.push('e'),
            'î' | 'ï' | 'í' | 'ì' => folded.push('i'),
            'ñ' => folded.push('n'),
            'ô' | 'ö' | 'ó' | 'ò' => folded.push('o'),
            'ù' | 'û' | 'ü' | 'ú' => folded.push('u'),
            'ÿ' => folded.push('y'),
            'œ' => folded.push_str("oe"),
            'æ' => folded.push_str("ae"),
            '’' => folded.push('\''),
            other => folded.push(other),
        }
    }
    folded
}

/// How many characters of an identifier tell it from its neighbours, at least eight.
pub(super) fn short_length(all: &Directory) -> usize {
    let ids: Vec<&str> = all.keys().map(RecordId::as_str).collect();
    let shared = |a: &str, b: &str| a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count();
    let longest = ids.windows(2).filter_map(|pair| Some(shared(pair.first()?, pair.last()?))).max();
    longest.map_or(8, |longest| (longest + 1).max(8))
}

#[cfg(test)]
mod tests;
