//! What a file brings to a record that stands already: empty fields filled, filled ones left and reported.

use std::collections::{BTreeMap, BTreeSet};

use portrea_protocol::ids::RecordId;
use portrea_protocol::schema::field::Kind;
use portrea_protocol::schema::path::{Address, Place};
use portrea_protocol::schema::record::{Entry, Part, Structure, Value};
use portrea_protocol::schema::write::Edit;

use super::{Candidate, CandidateService, Outcome, new_service};
use crate::exchange::matching::By;
use crate::exchange::words::on_one_line;

/// What an import writes to a standing record.
pub(super) struct Update<'a> {
    imported: &'a dyn Fn(&Address) -> bool,
    by: By,
    /// The edits so far.
    pub(super) edits: Vec<Edit>,
    filled: Vec<String>,
    kept: Vec<String>,
}

impl<'a> Update<'a> {
    /// Nothing yet.
    pub(super) fn new(imported: &'a dyn Fn(&Address) -> bool, by: By) -> Self {
        Self { imported, by, edits: Vec::new(), filled: Vec::new(), kept: Vec::new() }
    }

    /// Compares a record with what the file says of it.
    pub(super) fn structure(
        &mut self,
        id: &RecordId,
        structure: &Structure,
        candidate: &Candidate,
        new_id: &mut dyn FnMut() -> RecordId,
    ) {
        let half_a_point = ["latitude", "longitude"].iter().any(|key| structure.fields.contains_key(key));
        for (key, value) in &candidate.fields {
            if half_a_point && matches!(*key, "latitude" | "longitude") && !structure.fields.contains_key(key)
            {
                self.kept.push((*key).to_owned());
                continue;
            }
            if let Some(address) = Address::new(id, Place::Itself, key) {
                self.field(address, structure.fields.get(key), value, key);
            }
        }
        let mut free: BTreeMap<&RecordId, &Part> = structure.services.iter().collect();
        for service in &candidate.services {
            let found = service_of(&free, service);
            let Some((service_id, part)) = found.and_then(|id| free.remove_entry(&id)) else {
                self.edits.extend(new_service(id, service, new_id));
                self.filled.push(format!("services/{}", service.family));
                continue;
            };
            for (key, value) in &service.fields {
                if let Some(address) = Address::new(id, Place::Service(service_id.clone()), key) {
                    self.field(
                        address,
                        part.fields.get(key),
                        value,
                        &format!("services/{}/{key}", service.family),
                    );
                }
            }
        }
    }

    fn field(&mut self, address: Address, standing: Option<&Entry>, value: &Value, path: &str) {
        // When a record was made is known better by the document than by a file.
        if address.field.key == "created_at" {
            return;
        }
        let Some(standing) = standing else {
            self.edits.push(Edit::Set { address, value: Some(value.clone()) });
            self.filled.push(path.to_owned());
            return;
        };
        if std::iter::once(&standing.value)
            .chain(&standing.others)
            .any(|known| says(known, value, address.field.key))
        {
            return;
        }
        let missing = absent(&standing.value, value);
        // A tag always joins the sources; other sets are joined once, for a member missing later was taken out.
        if address.field.kind == Kind::Set
            && (address.field.key == "sources" || self.by == By::Name || (self.imported)(&address))
        {
            self.edits.extend(missing.map(|member| Edit::Include { address: address.clone(), member }));
            self.filled.push(path.to_owned());
        } else if address.field.kind != Kind::Set && (self.imported)(&address) {
            self.edits.push(Edit::Set { address, value: Some(value.clone()) });
            self.filled.push(path.to_owned());
        } else {
            self.kept.push(path.to_owned());
        }
    }

    /// What that makes of the line.
    pub(super) fn outcome(&mut self) -> Outcome {
        let (filled, kept) = (std::mem::take(&mut self.filled), std::mem::take(&mut self.kept));
        match (filled.is_empty(), kept.is_empty()) {
            (true, true) => Outcome::Unchanged,
            (true, false) => Outcome::Kept { fields: kept },
            (false, _) => Outcome::Updated { filled, kept },
        }
    }
}

/// The standing service that the file's is: by id, else the nearest of its family.
fn service_of<'a>(free: &BTreeMap<&'a RecordId, &Part>, service: &CandidateService) -> Option<&'a RecordId> {
    let by_id = service.id.as_ref().and_then(|id| free.get_key_value(id)).map(|(id, _)| *id);
    let family = |part: &Part| {
        part.fields.get("family").and_then(|entry| entry.value.as_text()) == Some(service.family)
    };
    let distance = |part: &Part| {
        let of = |counts: fn(Option<&Entry>, &Value, &str) -> bool| {
            service.fields.iter().filter(|(key, value)| counts(part.fields.get(*key), value, key)).count()
        };
        let differs = of(|entry, value, key| entry.is_some_and(|entry| !says(&entry.value, value, key)));
        (differs, of(|entry, _, _| entry.is_none()))
    };
    by_id.or_else(|| {
        let same = free.iter().filter(|(_, part)| family(part));
        same.min_by_key(|(_, part)| distance(part)).map(|(id, _)| *id)
    })
}

/// Whether a standing value says what the file says: spaces and the writing of a phone aside; a set may say more.
fn says(standing: &Value, value: &Value, key: &str) -> bool {
    match (standing, value) {
        (Value::Text(a), Value::Text(b)) if key == "phone" => {
            let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
            on_one_line(a) == on_one_line(b) || (!digits(a).is_empty() && digits(a) == digits(b))
        }
        (Value::Text(a), Value::Text(b)) => on_one_line(a) == on_one_line(b),
        (Value::Set(a), Value::Set(b)) => b.is_subset(a),
        _ => standing == value || standing.as_number().is_some_and(|a| value.as_number() == Some(a)),
    }
}

fn absent(standing: &Value, value: &Value) -> impl Iterator<Item = String> + use<> {
    let set = |value: &Value| if let Value::Set(set) = value { set.clone() } else { BTreeSet::new() };
    let (standing, value) = (set(standing), set(value));
    value.into_iter().filter(move |member| !standing.contains(member))
}
