//! Own edits that the server did not merge: which, and why.

use portrea_protocol::wire::quarantine::{Held, HeldAct, State};
use serde_json::Value as Json;

use super::call::Call;
use super::http::Http;
use super::words::Lang;
use crate::shelf::identity::Identity;
use crate::status::{State as Safety, Status};

/// Those of this person's that wait; `None` when nothing waits here or the server cannot be asked.
pub(super) fn of(call: &Call, identity: &Identity, status: &Status) -> Option<Vec<Held>> {
    if call.offline || status.waiting == 0 || status.state == Safety::SignedOut {
        return None;
    }
    let url = format!("{}/api/v1/territories/{}/quarantine", identity.server, identity.territory);
    let told = Http::new(call.lang).get(&url, &identity.token).ok()?;
    let all: Vec<Held> = serde_json::from_value(told).ok()?;
    let own = |held: &Held| held.contributor == identity.contributor && held.state == State::Waiting;
    Some(all.into_iter().filter(own).collect())
}

impl Lang {
    /// How many edits wait for the référent·e.
    pub(super) fn awaits(self, n: usize) -> String {
        let edits = self.edits(n);
        if self.several(n) {
            self.say(
                "▲ {} attendent l’accord de la personne référente.",
                "▲ {} wait for the référent·e.",
                &[&edits],
            )
        } else {
            self.say(
                "▲ {} attend l’accord de la personne référente.",
                "▲ {} waits for the référent·e.",
                &[&edits],
            )
        }
    }

    /// One of them: what it would do, and why it waits.
    pub(super) fn held(self, held: &Held) -> String {
        let edits: Vec<String> = held
            .edits
            .iter()
            .filter(|edit| edit.act != HeldAct::Create)
            .map(|edit| {
                let place = edit.name.as_deref().unwrap_or_default();
                let value = match (&edit.act, &edit.value) {
                    (HeldAct::Remove, _) | (_, Json::Null) => String::from("—"),
                    (_, Json::String(text)) => text.replace('\n', " "),
                    (_, value) => value.to_string(),
                };
                format!("{place} {} = {value}", edit.path).trim().to_owned()
            })
            .collect();
        format!("  {} ({})", edits.join(", "), self.reason(held.reason))
    }
}
