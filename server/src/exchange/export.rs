//! What every export leaves in and out.

use std::collections::BTreeMap;
use std::io;

use portrea_protocol::ids::RecordId;
use portrea_protocol::schema::field::Field;
use portrea_protocol::schema::record::{Fields, Part, Structure, Value};

/// Which records and fields an export holds. The default is what may be published.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Options {
    /// Archived structures too.
    pub archived: bool,
    /// For those who work with the directory: also notes, helpers who are not public, who confirmed and validated,
    /// concurrent answers and findings.
    pub professional: bool,
}

/// What an export held.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Written {
    /// Structures written.
    pub structures: usize,
    /// Of these, those without coordinates.
    pub without_position: usize,
}

impl Written {
    /// Counts a structure.
    pub(super) fn count(&mut self, structure: &Structure) {
        self.structures += 1;
        self.without_position += usize::from(structure.position().is_none());
    }
}

impl Options {
    /// The structures to write, in the order of their ids.
    pub(super) fn chosen(
        self,
        structures: &BTreeMap<RecordId, Structure>,
    ) -> impl Iterator<Item = (&RecordId, &Structure)> {
        structures.iter().filter(move |(_, structure)| self.archived || !structure.is_archived())
    }

    /// Whether a structure's field is written.
    pub(super) fn holds(self, field: &Field) -> bool {
        self.professional || field.key != "notes"
    }

    /// A structure as this export may show it.
    pub(super) fn view(self, structure: &Structure) -> Structure {
        let mut view = structure.clone();
        if self.professional {
            return view;
        }
        view.fields.remove("notes");
        view.helpers.retain(|_, helper| is_public(helper));
        for mark in [&mut view.confirmed, &mut view.archived, &mut view.validation] {
            mark.remove("by");
            mark.remove("why");
        }
        let parts = view.services.values_mut().chain(view.helpers.values_mut()).map(|part| &mut part.fields);
        let marks = [&mut view.confirmed, &mut view.archived, &mut view.validation];
        for fields in std::iter::once(&mut view.fields).chain(parts).chain(marks) {
            forget_others(fields);
        }
        view.findings.clear();
        view
    }
}

fn forget_others(fields: &mut Fields) {
    for entry in fields.values_mut() {
        entry.others.clear();
    }
}

fn is_public(helper: &Part) -> bool {
    helper.fields.get("public").is_some_and(|entry| entry.value == Value::Flag(true))
}

/// What a writer wrote, as text.
pub(super) fn text(write: impl FnOnce(&mut Vec<u8>) -> io::Result<Written>) -> String {
    let mut bytes = Vec::new();
    write(&mut bytes).expect("writing to memory does not fail");
    String::from_utf8(bytes).expect("every export writes UTF-8")
}
