//! What was validated and is no longer as the référent·e saw it is to be reviewed again: a rule, not a client's goodwill.
//!
//! Two things break a validation: an edit by somebody who is no référent·e, once the validation stands; and an edit
//! that the référent·e had not seen when they validated, whichever of the two came first. Then the server writes
//! `validation/review` under its own actor, in the batch of the change that broke it. A record that is to be reviewed is
//! no longer validated, so that nothing is written twice, and every server would write the same value.

use std::collections::BTreeSet;

use automerge::ChangeHash;
use portrea_protocol::ids::RecordId;
use portrea_protocol::people::{Person, Role};
use portrea_protocol::schema::path::{Address, Place, Target};
use portrea_protocol::schema::read::{self, Past};
use portrea_protocol::schema::record::{Structure, Value};
use portrea_protocol::schema::write::{Edit, perform};
use portrea_protocol::time::UnixMillis;

use super::Territory;

impl Territory {
    /// After a change: asks for a review of what it broke the validation of.
    pub(super) fn review(
        &mut self,
        now: UnixMillis,
        hash: ChangeHash,
        person: &Person,
        targets: &BTreeSet<Target>,
        edited: &BTreeSet<RecordId>,
    ) {
        // An import is nobody who has looked.
        let vouches = person.role == Role::Referent && !person.is_importer(self.id);
        let unseen = if vouches { BTreeSet::new() } else { edited.clone() };
        let broken: BTreeSet<RecordId> =
            unseen.into_iter().chain(self.validated_unseen(hash, targets)).collect();
        let is_validated = |id: &RecordId| self.records.get(id).is_some_and(Structure::is_validated);
        let edits: Vec<Edit> = broken
            .iter()
            .filter(|id| is_validated(id))
            .filter_map(Address::review)
            .map(|address| Edit::Set { address, value: Some(Value::Flag(true)) })
            .collect();
        if edits.is_empty() {
            return;
        }
        // A document whose shape is in the way keeps its validation: it was not this server's schema that made it.
        let Ok(Some(hash)) = perform(&mut self.doc, &edits, now) else { return };
        let Some((change, targets)) = self.made(hash) else { return };
        self.merged(now, None, &targets);
        self.keep(hash, change.deps().to_vec(), change.raw_bytes().to_vec(), None);
    }

    /// The structures that a change validates and that read otherwise than where it was made.
    fn validated_unseen(&self, hash: ChangeHash, targets: &BTreeSet<Target>) -> Vec<RecordId> {
        let validated: BTreeSet<&RecordId> = targets
            .iter()
            .filter(|target| match target {
                Target::Field(address) => address.place == Place::Validation,
                Target::Structure(_) => true,
                Target::Record(_) | Target::Unknown(..) | Target::Outside(_) => false,
            })
            .filter_map(Target::structure)
            .collect();
        if validated.is_empty() || self.doc.get_heads() == [hash] {
            return Vec::new();
        }
        let seen = Past { doc: &self.doc, heads: &[hash] };
        let differs = |id: &RecordId| {
            let (then, now) = (read::structure(&seen, id), self.records.get(id));
            now.zip(then.as_ref()).is_none_or(|(now, then)| !now.says_the_same(then))
        };
        validated.into_iter().filter(|id| differs(id)).cloned().collect()
    }
}
