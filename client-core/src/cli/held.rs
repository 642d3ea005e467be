//! Own edits that the server did not merge: which, and why.

use portrea_protocol::wire::quarantine::{Held, HeldAct, State};
use serde_json::Value as Json;

use super::call::Call;
use super::http::Http;
use super::words::Lang;
use crate::device::Device;
use crate::shelf::identity::Identity;
use crate::status::{State as Safety, Status};

/// Those of this person's that wait; `None` when nothing waits here or the server cannot be asked.
pub(super) fn of(call: &Call, identity: &Identity, status: &Status) -> Option<Vec<Held>> {
    if call.offline || status.waiting == 0 || status.state == Safety::SignedOut {
        return None;
    }
    let mut own = asked(call, identity)?;
    own.retain(|held| held.state == State::Waiting);
    Some(own)
}

/// Which of the changes that wait here the server set aside, whatever became of them there.
pub(super) fn all_of(call: &Call, device: &Device, status: &Status) -> Vec<Held> {
    let (identity, replica) = (device.identity(), device.replica());
    if status.waiting == 0 || status.state == Safety::SignedOut {
        return Vec::new();
    }
    let mut own = asked(call, identity).unwrap_or_default();
    own.retain(|held| held.id.parse().is_ok_and(|change| replica.waits_for(&change)));
    own
}

/// This person's changes that were not merged, as the server tells them.
fn asked(call: &Call, identity: &Identity) -> Option<Vec<Held>> {
    let url = format!("{}/api/v1/territories/{}/quarantine", identity.server, identity.territory);
    let told = Http::new(call.lang).get(&url, &identity.token).ok()?;
    let all: Vec<Held> = serde_json::from_value(told).ok()?;
    Some(all.into_iter().filter(|held| held.contributor == identity.contributor).collect())
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

    /// How many edits the référent·e did not take, or were taken back.
    pub(super) fn not_taken(self, n: usize) -> String {
        self.say(
            "▲ {} : non retenu dans l’annuaire. Cela reste sur cet appareil et sur le serveur.",
            "▲ {}: not taken into the directory. It stays on this device and on the server.",
            &[&self.edits(n)],
        )
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
