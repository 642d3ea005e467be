//! The feed without what is forgotten: numbers, kinds, times and places stay, values and names go.

use std::sync::Arc;

use portrea_protocol::epoch::Forget;
use portrea_protocol::ids::RecordId;
use portrea_protocol::wire::feed::{Event, FeedEvent};
use serde_json::Value as Json;

use super::Counts;
use super::people::{Known, renamed};
use crate::chunk::FeedRow;

/// A row as it is kept from now on; none for one that cannot be read, for nobody knows what it holds.
pub(super) fn blanked(
    row: FeedRow,
    forget: &Forget,
    whom: Option<&Known>,
    counts: &mut Counts,
) -> Option<FeedRow> {
    let mut told: FeedEvent = serde_json::from_str(&row.json).ok()?;
    let mut blanking = Blanking { forget, structure: None, blanked: false };
    if let Some(subject) = &mut told.subject {
        blanking.structure = Some(subject.structure.clone());
        blanking.text("name", &mut subject.name);
    }
    blanking.event(&mut told.event);
    let mut blanked = blanking.blanked;
    if let Some(whom) = whom {
        if let Some(author) = told.author.as_mut().filter(|author| author.contributor == whom.contributor) {
            blanked |= renamed(&mut author.name);
        }
        if let Event::QuarantineAccepted { whose } | Event::QuarantineRejected { whose } = &mut told.event
            && whom.names.contains(whose)
        {
            blanked |= renamed(whose);
        }
    }
    if !blanked {
        return Some(row);
    }
    counts.events += 1;
    told.erased = true;
    // Plain structs with text keys always have a JSON form.
    let json = serde_json::to_string(&told).expect("an event has a JSON form");
    Some(FeedRow { seq: row.seq, json: json.into() })
}

struct Blanking<'a> {
    forget: &'a Forget,
    structure: Option<RecordId>,
    blanked: bool,
}

impl Blanking<'_> {
    /// Whether what stands at this path of the event's structure is forgotten.
    fn holds(&self, path: &str) -> bool {
        let Some(structure) = &self.structure else { return false };
        let keys: Vec<Arc<str>> =
            ["structures", structure.as_str()].into_iter().chain(path.split('/')).map(Arc::from).collect();
        self.forget.holds(&keys)
    }

    fn text(&mut self, path: &str, text: &mut String) {
        if !text.is_empty() && self.holds(path) {
            text.clear();
            self.blanked = true;
        }
    }

    fn values<'v>(&mut self, path: &str, values: impl IntoIterator<Item = &'v mut Json>) {
        if self.holds(path) {
            for value in values {
                self.blanked |= !value.is_null();
                *value = Json::Null;
            }
        }
    }

    fn event(&mut self, event: &mut Event) {
        match event {
            Event::FieldChanged { path, before, after } => self.values(path, [before, after]),
            Event::Conflict { path, values } => self.values(path, values),
            Event::Resolved { path, value } => self.values(path, [value]),
            Event::PartAdded { path, what } => {
                // A service is told by its family, a helper by their name.
                let field = if path.starts_with("helpers/") { "name" } else { "family" };
                self.text(&format!("{path}/{field}"), what);
            }
            Event::Confirmed { how } => self.text("confirmed/how", how),
            Event::Archived { why } => self.text("archived/why", why),
            Event::Created
            | Event::Validated
            | Event::Unarchived
            | Event::ToReview
            | Event::Removed
            | Event::Quarantined { .. }
            | Event::QuarantineAccepted { .. }
            | Event::QuarantineRejected { .. }
            | Event::QuarantineWithdrawn
            | Event::Joined
            | Event::Indicators { .. } => {}
        }
    }
}
