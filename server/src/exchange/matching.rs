//! Which record of the directory a line of a file is about: by id, by source tag, or by name and commune.
//!
//! A source tag (`france-services:214`) is a member of a record's `sources` that says where it came from and under
//! which number; it survives every change of name. Each record is matched once a file: a second line about it is told
//! apart, never merged on the quiet.

use std::collections::{BTreeMap, BTreeSet};

use portrea_protocol::ids::RecordId;
use portrea_protocol::schema::record::{Structure, members};

use super::words::folded;

/// The records of a directory, to look up.
#[derive(Debug)]
pub struct Directory<'a> {
    structures: &'a BTreeMap<RecordId, Structure>,
    by_tag: BTreeMap<&'a str, &'a RecordId>,
    by_name: BTreeMap<(String, String), Vec<&'a RecordId>>,
    taken: BTreeMap<RecordId, u64>,
}

/// How a record was recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// By its id.
    Id,
    /// By its source tag.
    Tag,
    /// By its name and commune: the file meets the record for the first time.
    Name,
}

/// What was found for a line.
#[derive(Debug, Clone, PartialEq)]
pub enum Match<'a> {
    /// This record.
    One(&'a RecordId, &'a Structure, By),
    /// None: the place is new.
    New,
    /// Several records have this name in this commune.
    Several,
    /// A record that this earlier line is about already.
    Taken(u64),
}

/// What a line says about who it is.
#[derive(Debug, Clone, Copy)]
pub struct Identity<'a> {
    /// An id of the directory's.
    pub id: Option<&'a RecordId>,
    /// Source tags.
    pub tags: &'a BTreeSet<String>,
    /// The name.
    pub name: &'a str,
    /// The commune's INSEE code, or "".
    pub commune: &'a str,
}

impl<'a> Directory<'a> {
    /// Every structure, by its tags and by its name and commune.
    pub fn new(structures: &'a BTreeMap<RecordId, Structure>) -> Self {
        let mut by_tag: BTreeMap<&str, &RecordId> = BTreeMap::new();
        let mut by_name = BTreeMap::<_, Vec<_>>::new();
        for (id, structure) in structures {
            for tag in tags(structure) {
                // A live record wins over an archived one; of two alike the first stays.
                let standing = by_tag.get(tag).map(|id| is_live(structures, id));
                if standing.is_none_or(|live| !live && !structure.is_archived()) {
                    by_tag.insert(tag, id);
                }
            }
            let commune = structure.commune().map(|code| code.to_string()).unwrap_or_default();
            by_name.entry((folded(structure.name()), commune)).or_default().push(id);
        }
        Self { structures, by_tag, by_name, taken: BTreeMap::new() }
    }

    /// The record that a line is about, which is then taken.
    pub fn find(&mut self, line: u64, identity: Identity<'_>) -> Match<'a> {
        let own = identity.id.and_then(|id| self.structures.get_key_value(id)).map(|(id, _)| (id, By::Id));
        let tagged =
            || identity.tags.iter().find_map(|tag| self.by_tag.get(tag.as_str())).map(|id| (*id, By::Tag));
        let (id, by) = match own.or_else(tagged) {
            Some(found) => found,
            None => match self.named(identity).as_slice() {
                [] => return Match::New,
                [id] => (*id, By::Name),
                _ => return Match::Several,
            },
        };
        if let Some(earlier) = self.taken.get(id) {
            return Match::Taken(*earlier);
        }
        self.taken.insert(id.clone(), line);
        self.structures.get(id).map_or(Match::New, |structure| Match::One(id, structure, by))
    }

    /// The free records of that name and commune that the same source does not know under another number; live ones
    /// before archived ones.
    fn named(&self, identity: Identity<'_>) -> Vec<&'a RecordId> {
        let key = (folded(identity.name), identity.commune.to_owned());
        let sources: BTreeSet<&str> = identity.tags.iter().filter_map(|tag| source(tag)).collect();
        let fits = |id: &&'a RecordId| {
            let known = self.structures.get(*id).into_iter().flat_map(tags).filter_map(source);
            !self.taken.contains_key(*id) && !known.into_iter().any(|source| sources.contains(source))
        };
        let all: Vec<&'a RecordId> =
            self.by_name.get(&key).into_iter().flatten().copied().filter(fits).collect();
        let live: Vec<&'a RecordId> = all.iter().copied().filter(|id| is_live(self.structures, id)).collect();
        if live.is_empty() { all.into_iter().take(1).collect() } else { live }
    }
}

fn is_live(structures: &BTreeMap<RecordId, Structure>, id: &RecordId) -> bool {
    structures.get(id).is_some_and(|structure| !structure.is_archived())
}

fn tags(structure: &Structure) -> impl Iterator<Item = &str> {
    members(&structure.fields, "sources").filter(|member| source(member).is_some())
}

/// The source of a tag (`france-services` of `france-services:214`); nothing when the text is no tag.
pub fn source(text: &str) -> Option<&str> {
    let (source, number) = text.split_once(':')?;
    let name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let whole = !source.is_empty()
        && source.chars().all(name)
        && !number.is_empty()
        && !number.starts_with("//")
        && !number.contains(char::is_whitespace);
    whole.then_some(source)
}

#[cfg(test)]
mod tests {
    use super::*;
    use portrea_protocol::schema::record::{Entry, Value};

    fn structure(name: &str, commune: &str, sources: &[&str], archived: bool) -> Structure {
        let set = sources.iter().map(|source| (*source).to_owned()).collect();
        let entry = |value| Entry { value, others: vec![] };
        let mut structure = Structure::default();
        structure.fields.insert("name", entry(name.into()));
        structure.fields.insert("commune", entry(commune.into()));
        structure.fields.insert("sources", entry(Value::Set(set)));
        if archived {
            structure.archived.insert("by", entry("x".into()));
        }
        structure
    }

    /// Goal: a line meets its record, whatever it is recognised by. Method: one directory, one line a case.
    #[test]
    fn lines_meet_their_record() {
        let structures = BTreeMap::from([
            ("a".into(), structure("Médiathèque", "35001", &["fs:1"], false)),
            ("b".into(), structure("Mairie", "35001", &[], false)),
            ("c".into(), structure("mairie", "35001", &[], true)),
            ("d".into(), structure("CCAS", "35002", &[], false)),
            ("e".into(), structure("C.C.A.S.", "35002", &[], false)),
            ("f".into(), structure("ccas", "35002", &[], false)),
        ]);
        for (id, tag, name, commune, expected) in [
            (Some("a"), "", "Other", "35009", Some(("a", By::Id))),
            (None, "fs:1", "Other", "35009", Some(("a", By::Tag))),
            (None, "fs:2", "Médiathèque", "35001", None),
            (None, "other:2", "MEDIATHEQUE", "35001", Some(("a", By::Name))),
            (Some("zz"), "", "Mairie", "35001", Some(("b", By::Name))),
            (None, "", "Mairie", "35002", None),
        ] {
            let tags = if tag.is_empty() { BTreeSet::new() } else { BTreeSet::from([tag.to_owned()]) };
            let id = id.map(RecordId::from);
            let identity = Identity { id: id.as_ref(), tags: &tags, name, commune };
            let mut directory = Directory::new(&structures);
            match (directory.find(2, identity), expected) {
                (Match::One(id, _, by), Some(expected)) => {
                    assert_eq!((id.as_str(), by), expected);
                    let again = directory.find(3, identity);
                    assert!(by == By::Name || again == Match::Taken(2), "{again:?}");
                }
                (found, expected) => assert!(found == Match::New && expected.is_none(), "{name}: {found:?}"),
            }
        }
        let tags = BTreeSet::new();
        let identity = Identity { id: None, tags: &tags, name: "CCAS", commune: "35002" };
        assert_eq!(Directory::new(&structures).find(2, identity), Match::Several);
    }

    #[test]
    fn tags_are_told_from_other_sources() {
        for (text, expected) in [
            ("france-services:214", Some("france-services")),
            ("https://example.org", None),
            ("ANCT France Services", None),
            ("Note : x", None),
            ("a:", None),
        ] {
            assert_eq!(source(text), expected, "{text}");
        }
    }
}
