//! What somebody does next, given what they see: mostly the same few places, so that edits meet.

use automerge::{Automerge, ReadDoc};
use portrea_protocol::ids::RecordId;
use portrea_protocol::people::{Person, Role};
use portrea_protocol::schema::path::{Address, Place};
use portrea_protocol::schema::read;
use portrea_protocol::schema::record::Value;
use portrea_protocol::schema::write::Edit;
use portrea_protocol::time::UnixMillis;

use crate::seed::Seed;

/// Places that people look at.
const SEEN_MAX: usize = 8;
/// With fewer places than that, people add one.
const PLACES_MIN: usize = 4;

/// One group of edits on this document, or none where the person may not write.
pub fn edits(draw: u64, person: &Person, doc: &Automerge, now: UnixMillis) -> Vec<Edit> {
    let chance = &mut Seed::new(draw);
    if !person.role.writes() {
        return Vec::new();
    }
    let Ok(Some((_, structures))) = doc.get(automerge::ROOT, "structures") else { return Vec::new() };
    let known: Vec<RecordId> = doc.keys(&structures).take(SEEN_MAX).map(RecordId::from).collect();
    let new = known.len() < PLACES_MIN || chance.chance(12);
    match chance.pick(&known).filter(|_| !new).cloned() {
        Some(id) => amends(chance, person, doc, id, now),
        None => adds(chance, person, now),
    }
}

/// A text that no other is like, in a field of a structure; none for somebody who may not write.
pub fn secret(draw: u64, person: &Person, doc: &Automerge) -> Option<(Address, String)> {
    let chance = &mut Seed::new(draw);
    if !person.role.writes() {
        return None;
    }
    let (_, structures) = doc.get(automerge::ROOT, "structures").ok()??;
    let known: Vec<RecordId> = doc.keys(&structures).take(SEEN_MAX).map(RecordId::from).collect();
    let key = chance.pick(&["phone", "summary", "description"]).copied()?;
    let address = Address::new(chance.pick(&known)?, Place::Itself, key)?;
    Some((address, format!("SECRET-{:016x}", chance.draw())))
}

/// What somebody writes who may not: a mark that is a référent·e's, beside a field that everybody may write.
pub fn forbidden(draw: u64, person: &Person, doc: &Automerge) -> Vec<Edit> {
    let chance = &mut Seed::new(draw);
    let Ok(Some((_, structures))) = doc.get(automerge::ROOT, "structures") else { return Vec::new() };
    let known: Vec<RecordId> = doc.keys(&structures).take(SEEN_MAX).map(RecordId::from).collect();
    let Some(id) = chance.pick(&known).cloned() else { return Vec::new() };
    let by = person.name.clone();
    let mark = match chance.below(3) {
        0 => Edit::Validate { structure: id.clone(), by },
        1 => Edit::Archive { structure: id.clone(), by, why: "par malveillance".into() },
        _ => Edit::Unarchive { structure: id.clone() },
    };
    let address = Address::new(&id, Place::Itself, "website").expect("a structure has a website");
    let website = format!("https://malice.example/{}", chance.below(1_000));
    vec![mark, Edit::Set { address, value: Some(Value::Text(website)) }]
}

/// Where a change in somebody else's name says that a structure is to be found: no other one does.
pub const FORGED: &str = "https://forged.example/";

/// What a forged change writes, in somebody else's name or in its author's own: a field that everybody may write.
pub fn forgery(draw: u64, doc: &Automerge, foreign: bool) -> Option<Vec<Edit>> {
    let chance = &mut Seed::new(draw);
    let (_, structures) = doc.get(automerge::ROOT, "structures").ok()??;
    let known: Vec<RecordId> = doc.keys(&structures).take(SEEN_MAX).map(RecordId::from).collect();
    let address = Address::new(chance.pick(&known)?, Place::Itself, "website")?;
    let at = if foreign { FORGED } else { "https://malice.example/" };
    let website = format!("{at}{}", chance.below(1_000));
    Some(vec![Edit::Set { address, value: Some(Value::Text(website)) }])
}

fn millis(now: UnixMillis) -> u64 {
    now.0.unsigned_abs()
}

fn adds(chance: &mut Seed, person: &Person, now: UnixMillis) -> Vec<Edit> {
    let id = chance.record(millis(now));
    let communes = ["35184", "35297", "35238", "29019"];
    let commune = chance.pick(&communes).copied().unwrap_or_default();
    let address = Address::new(&id, Place::Itself, "commune").expect("a structure has a commune");
    vec![
        Edit::AddStructure {
            id: id.clone(),
            name: format!("Lieu de {} {}", person.name, chance.below(1_000)),
        },
        Edit::Set { address, value: Some(commune.into()) },
    ]
}

fn amends(chance: &mut Seed, person: &Person, doc: &Automerge, id: RecordId, now: UnixMillis) -> Vec<Edit> {
    let own = |key| Address::new(&id, Place::Itself, key).expect("the script names fields of the table");
    let text = |key, text: String| vec![Edit::Set { address: own(key), value: Some(Value::Text(text)) }];
    let by = person.name.clone();
    match chance.below(11) {
        0 => text("phone", format!("02 61 91 00 {:02}", chance.below(100))),
        1 => text("name", format!("Lieu {}", chance.below(100))),
        2 => vec![Edit::Include { address: own("publics"), member: format!("public {}", chance.below(5)) }],
        3 => vec![Edit::Exclude { address: own("publics"), member: format!("public {}", chance.below(5)) }],
        4 => text("description", format!("Un récit de {by}, en {} mots.", chance.below(100))),
        5 | 9 if person.role == Role::Referent => vec![Edit::Validate { structure: id, by }],
        5 => vec![Edit::Confirm { structure: id, by, how: "visit".into() }],
        6 if person.role == Role::Referent => {
            vec![Edit::Archive { structure: id, by, why: "fermé".into() }]
        }
        6 => {
            let commune = chance.pick(&["35184", "35297", "35238"]).copied().unwrap_or_default();
            vec![Edit::Set { address: own("commune"), value: Some(commune.into()) }]
        }
        7 | 8 => {
            let family = chance.pick(&["inform", "equip", "assist", "train", "repair"]).copied();
            let family = family.unwrap_or("assist").to_owned();
            vec![Edit::AddService { structure: id, id: chance.record(millis(now)), family }]
        }
        _ => hours(chance, doc, &id),
    }
}

/// The hours of one of a structure's services, if it has any.
fn hours(chance: &mut Seed, doc: &Automerge, id: &RecordId) -> Vec<Edit> {
    let structure = read::structure(doc, id).unwrap_or_default();
    let services: Vec<RecordId> = structure.services.into_keys().collect();
    let Some(service) = chance.pick(&services).cloned() else { return Vec::new() };
    let address = Address::new(id, Place::Service(service), "weekly_eadmin_hours");
    #[expect(clippy::cast_precision_loss, reason = "at most 40")]
    let hours = chance.below(40) as f64 / 2.0;
    vec![Edit::Set { address: address.expect("a service has hours"), value: Some(Value::Number(hours)) }]
}
