//! From the places that a file describes to the edits that bring a directory up to date with it.
//!
//! A place is matched with its record ([`super::matching`]) and located ([`super::locate`]). A new place becomes a
//! record; of a standing one, empty fields are filled and filled ones are left as somebody wrote them, and reported.
//! Only a value that the caller knows to come from an import, untouched since, is replaced. So the same file imported
//! again gives no edit at all. Archived records stay as they are.

use std::collections::{BTreeMap, BTreeSet};

use portrea_protocol::ids::RecordId;
use portrea_protocol::schema::field::{SERVICE, STRUCTURE};
use portrea_protocol::schema::path::{Address, Place};
use portrea_protocol::schema::record::{Structure, Value};
use portrea_protocol::schema::write::Edit;

use super::finding::{FileFinding, Message, Spot};
use super::geometry::Point;
use super::locate::{Claim, Located, Territory, checked};
use super::matching::{By, Directory, Identity, Match};
use super::territory_file::CommuneShape;
use update::Update;

mod update;

/// How many records a group of edits touches: one change each, small enough to be performed between two messages.
pub const RECORDS_A_GROUP: usize = 200;

/// The values of a record by field, as a file gives them.
pub type Values = BTreeMap<&'static str, Value>;

/// A place as a file describes it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Candidate {
    /// The line it starts at.
    pub line: u64,
    /// Other lines about the same place.
    pub more_lines: Vec<u64>,
    /// The id that the file gives it.
    pub id: Option<RecordId>,
    /// The source tags it is recognised by; they become members of `sources`.
    pub tags: BTreeSet<String>,
    /// Its fields, by the keys of [`STRUCTURE`].
    pub fields: Values,
    /// Its services.
    pub services: Vec<CandidateService>,
    /// Whether it is taken although nothing says where it is.
    pub nowhere_is_fine: bool,
    /// What was odd in its lines.
    pub findings: Vec<FileFinding>,
}

/// A service as a file describes it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CandidateService {
    /// The id that the file gives it.
    pub id: Option<RecordId>,
    /// One of the five families.
    pub family: &'static str,
    /// Its other fields, by the keys of [`SERVICE`].
    pub fields: Values,
}

/// The directory that a file is brought into.
#[derive(Clone, Copy)]
pub struct Standing<'a> {
    /// Its structures.
    pub structures: &'a BTreeMap<RecordId, Structure>,
    /// Whether the value at this address was written by an import and by nobody since. `&|_| false` is always safe.
    pub imported: &'a dyn Fn(&Address) -> bool,
}

/// What importing a file does.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Plan {
    /// The edits, a record's all in one group; standing records in spread order first, then the new ones.
    pub groups: Vec<Vec<Edit>>,
    /// What becomes of each place, in the file's order.
    pub lines: Vec<Line>,
    /// Columns of the file that nothing was read from.
    pub unused_columns: Vec<String>,
}

/// What becomes of a place.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// The line of the file it starts at.
    pub line: u64,
    /// Other lines about the same place.
    pub more_lines: Vec<u64>,
    /// Its name in the file.
    pub name: String,
    /// The record, unless it was skipped.
    pub record: Option<RecordId>,
    /// What is done with it.
    pub outcome: Outcome,
    /// What was odd.
    pub findings: Vec<FileFinding>,
}

/// What is done with a place.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// It becomes a record.
    Added,
    /// Fields of its record are written.
    Updated {
        /// The paths inside the structure that take a value.
        filled: Vec<String>,
        /// The paths where people wrote something else, which stays.
        kept: Vec<String>,
    },
    /// Its record says all that already.
    Unchanged,
    /// It is not imported.
    Skipped {
        /// Why.
        why: Message,
    },
    /// Nothing is written, for people wrote something else.
    Kept {
        /// The paths where they did; `archived` when they archived the record.
        fields: Vec<String>,
    },
}

/// How many places have each outcome.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// New records.
    pub added: usize,
    /// Records written to.
    pub updated: usize,
    /// Records that said it all already.
    pub unchanged: usize,
    /// Places not imported.
    pub skipped: usize,
    /// Records left as people wrote them.
    pub kept: usize,
}

impl Plan {
    /// How many places have each outcome.
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for line in &self.lines {
            *match line.outcome {
                Outcome::Added => &mut counts.added,
                Outcome::Updated { .. } => &mut counts.updated,
                Outcome::Unchanged => &mut counts.unchanged,
                Outcome::Skipped { .. } => &mut counts.skipped,
                Outcome::Kept { .. } => &mut counts.kept,
            } += 1;
        }
        counts
    }
}

/// The plan for these places.
pub fn plan(
    standing: Standing<'_>,
    candidates: Vec<Candidate>,
    communes: &[CommuneShape],
    new_id: &mut dyn FnMut() -> RecordId,
) -> Plan {
    let ranks: BTreeMap<&RecordId, usize> = standing.structures.keys().zip(0..).collect();
    let territory = Territory::new(communes);
    let mut planner = Planner {
        standing,
        territory,
        directory: Directory::new(standing.structures),
        tags_seen: BTreeMap::new(),
        new_id,
    };
    let (mut updates, mut additions, mut lines) = (Vec::new(), Vec::new(), Vec::new());
    for candidate in candidates {
        let (line, edits) = planner.place(candidate);
        if !edits.is_empty() {
            match line.record.as_ref().and_then(|id| ranks.get(id)) {
                Some(rank) => updates.push((spread(*rank, ranks.len()), edits)),
                None => additions.push(edits),
            }
        }
        lines.push(line);
    }
    updates.sort_by_key(|(order, _)| *order);
    let records: Vec<Vec<Edit>> = updates.into_iter().map(|(_, edits)| edits).chain(additions).collect();
    let groups = records.chunks(RECORDS_A_GROUP).map(<[Vec<Edit>]>::concat).collect();
    Plan { groups, lines, unused_columns: Vec::new() }
}

/// Where the record of that rank comes when records are touched in spread order: editing a long document from one end
/// to the other costs memory without bound.
fn spread(rank: usize, of: usize) -> usize {
    let bits = of.max(2).next_power_of_two().trailing_zeros();
    rank.reverse_bits() >> (usize::BITS - bits)
}

struct Planner<'a, 'b> {
    standing: Standing<'a>,
    territory: Territory<'a>,
    directory: Directory<'a>,
    tags_seen: BTreeMap<String, u64>,
    new_id: &'b mut dyn FnMut() -> RecordId,
}

impl Planner<'_, '_> {
    fn place(&mut self, mut candidate: Candidate) -> (Line, Vec<Edit>) {
        let name = text(&candidate.fields, "name").to_owned();
        let mut line = Line {
            line: candidate.line,
            more_lines: std::mem::take(&mut candidate.more_lines),
            name,
            record: None,
            outcome: Outcome::Unchanged,
            findings: Vec::new(),
        };
        let edits = match self.outcome(&mut candidate, &mut line) {
            Ok(edits) => edits,
            Err(why) => {
                line.outcome = Outcome::Skipped { why };
                Vec::new()
            }
        };
        // The oddities of a place that is somebody else's are noise.
        if !matches!(line.outcome, Outcome::Skipped { .. }) {
            line.findings = candidate.findings;
        }
        (line, edits)
    }

    fn outcome(&mut self, candidate: &mut Candidate, line: &mut Line) -> Result<Vec<Edit>, Message> {
        if line.name.is_empty() {
            return Err(Message::new("sans nom", "without a name"));
        }
        if let Some(earlier) = candidate.tags.iter().find_map(|tag| self.tags_seen.get(tag)) {
            return Err(same_as(*earlier));
        }
        let known = candidate.id.as_ref().is_some_and(|id| self.standing.structures.contains_key(id));
        if !known {
            self.locate(candidate)?;
        }
        self.tags_seen.extend(candidate.tags.iter().map(|tag| (tag.clone(), candidate.line)));
        let identity = Identity {
            id: candidate.id.as_ref(),
            tags: &candidate.tags,
            name: &line.name,
            commune: text(&candidate.fields, "commune"),
        };
        match self.directory.find(candidate.line, identity) {
            Match::Several => Err(Message::new(
                "plusieurs structures portent ce nom dans cette commune",
                "several structures have this name in this commune",
            )),
            Match::Taken(earlier) => Err(same_as(earlier)),
            Match::One(id, structure, _) if structure.is_archived() => {
                line.record = Some(id.clone());
                line.outcome = Outcome::Kept { fields: vec!["archived".to_owned()] };
                Ok(Vec::new())
            }
            Match::One(id, structure, by) => {
                if by != By::Id {
                    with_tags(candidate);
                }
                line.record = Some(id.clone());
                let mut update = Update::new(self.standing.imported, by);
                update.structure(id, structure, candidate, self.new_id);
                line.outcome = update.outcome();
                Ok(update.edits)
            }
            Match::New => {
                with_tags(candidate);
                let id = candidate.id.clone().filter(RecordId::is_uuid).unwrap_or_else(|| (self.new_id)());
                line.record = Some(id.clone());
                line.outcome = Outcome::Added;
                Ok(addition(&id, &line.name, candidate, self.new_id))
            }
        }
    }

    /// Puts the candidate in its commune and checks its coordinates; an error says why it is left out.
    fn locate(&self, candidate: &mut Candidate) -> Result<(), Message> {
        let point = point(&candidate.fields);
        let said = (text(&candidate.fields, "commune"), text(&candidate.fields, "commune_name"));
        let claim = Claim { code: said.0, name: said.1, point };
        let (commune, odd) = match self.territory.locate(claim) {
            Located::Inside(commune, odd) => (Some(commune), odd),
            Located::Nowhere if candidate.nowhere_is_fine => (None, None),
            Located::Nowhere => {
                return Err(Message::new("ni commune ni coordonnées", "neither commune nor coordinates"));
            }
            Located::Outside(why) => return Err(why),
        };
        let mut note = |odd: Option<(&'static str, Message)>, column: &str| {
            let spot = Spot { column_name: Some(column.to_owned()), ..Spot::line(candidate.line) };
            candidate.findings.extend(odd.map(|(code, message)| FileFinding::new(code, spot, message)));
        };
        note(odd, "commune");
        let kept = point.map(|point| checked(point, commune));
        if let Some((point, odd)) = kept {
            note(odd, "latitude");
            let mut put = |key, degrees: Option<f64>| match degrees {
                Some(degrees) => drop(candidate.fields.insert(key, Value::Number(degrees))),
                None => drop(candidate.fields.remove(key)),
            };
            put("latitude", point.map(|point| point.lat));
            put("longitude", point.map(|point| point.lon));
        }
        if let Some(commune) = commune {
            candidate.fields.insert("commune", commune.code.as_str().into());
            if text(&candidate.fields, "commune_name").is_empty() && !commune.name.is_empty() {
                candidate.fields.insert("commune_name", commune.name.as_str().into());
            }
        }
        Ok(())
    }
}

fn same_as(earlier: u64) -> Message {
    Message::new(format!("même lieu qu’à la ligne {earlier}"), format!("the same place as in line {earlier}"))
}

/// Adds the tags to the sources, so that the next import recognises the record.
fn with_tags(candidate: &mut Candidate) {
    if candidate.tags.is_empty() {
        return;
    }
    let sources = candidate.fields.entry("sources").or_insert_with(|| Value::Set(BTreeSet::new()));
    if let Value::Set(sources) = sources {
        sources.extend(candidate.tags.iter().cloned());
    }
}

fn addition(
    id: &RecordId,
    name: &str,
    candidate: &Candidate,
    new_id: &mut dyn FnMut() -> RecordId,
) -> Vec<Edit> {
    let mut edits = vec![Edit::AddStructure { id: id.clone(), name: name.to_owned() }];
    edits.extend(STRUCTURE.iter().filter(|field| field.key != "name").filter_map(|field| {
        let value = candidate.fields.get(field.key)?.clone();
        Some(Edit::Set { address: Address::new(id, Place::Itself, field.key)?, value: Some(value) })
    }));
    for service in &candidate.services {
        edits.extend(new_service(id, service, new_id));
    }
    edits
}

fn new_service(
    structure: &RecordId,
    service: &CandidateService,
    new_id: &mut dyn FnMut() -> RecordId,
) -> Vec<Edit> {
    let id = service.id.clone().filter(RecordId::is_uuid).unwrap_or_else(new_id);
    let add =
        Edit::AddService { structure: structure.clone(), id: id.clone(), family: service.family.to_owned() };
    let fields = SERVICE.iter().filter(|field| field.key != "family").filter_map(|field| {
        let value = service.fields.get(field.key)?.clone();
        Some(Edit::Set {
            address: Address::new(structure, Place::Service(id.clone()), field.key)?,
            value: Some(value),
        })
    });
    std::iter::once(add).chain(fields).collect()
}

fn text<'a>(values: &'a Values, key: &str) -> &'a str {
    values.get(key).and_then(Value::as_text).unwrap_or_default()
}

fn point(values: &Values) -> Option<Point> {
    let number = |key| values.get(key).and_then(Value::as_number);
    Some(Point { lat: number("latitude")?, lon: number("longitude")? })
}

#[cfg(test)]
mod tests;
