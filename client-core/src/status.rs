//! What is safe and what is not, in one word. A mind: facts in, status out.
//!
//! It speaks of what the server has on disk, not of the socket: *safe* means that this device could be lost now
//! without losing a word that was written on it.

use portrea_protocol::time::UnixMillis;

use crate::link::Phase;

/// The one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// The server cannot be reached, or never was. Nothing written here waits.
    Offline,
    /// Edits are on their way to the server.
    Sending,
    /// Edits are kept on this device alone, until the network is back.
    Waiting,
    /// Everything written here is on the server's disk.
    Safe,
    /// The server does not take what this device sends; it stays here.
    Refused,
    /// This device is no longer signed in; what it holds stays on it.
    SignedOut,
}

impl State {
    /// The word as programs read it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Offline => "offline",
            Self::Sending => "sending",
            Self::Waiting => "waiting",
            Self::Safe => "safe",
            Self::Refused => "refused",
            Self::SignedOut => "signed_out",
        }
    }
}

/// What a status is derived from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts<'a> {
    /// Where the link stands.
    pub phase: Phase,
    /// Whether the territory's document is on this device.
    pub has_document: bool,
    /// Changes made here that the server is not known to have on disk.
    pub waiting: usize,
    /// The code with which the server refused what was sent, since it last took something.
    pub refused: Option<&'a str>,
}

/// The state of what was written on this device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// The one word.
    pub state: State,
    /// How many changes the server is not known to have on disk.
    pub waiting: usize,
    /// The server.
    pub server: String,
    /// Since when the word has been this one, by this device's clock.
    pub since: UnixMillis,
    /// The code of the server's refusal, while [`State::Refused`].
    pub refused: Option<String>,
}

impl Status {
    /// The status before anything is known.
    pub fn new(server: &str, facts: Facts<'_>, now: UnixMillis) -> Self {
        let state = state(facts);
        let refused = (state == State::Refused).then(|| facts.refused.map(str::to_owned)).flatten();
        Self { state, waiting: facts.waiting, server: server.to_owned(), since: now, refused }
    }

    /// The status that follows this one.
    #[must_use]
    pub fn next(&self, facts: Facts<'_>, now: UnixMillis) -> Self {
        let next = Self::new(&self.server, facts, now);
        let since = if next.state == self.state { self.since } else { now };
        Self { since, ..next }
    }
}

/// The word for these facts.
///
/// With nothing waiting, a device that was not asked to reach the server is safe all the same: the server has it all.
pub fn state(facts: Facts<'_>) -> State {
    match (facts.phase, facts.waiting) {
        (Phase::SignedOut, _) => State::SignedOut,
        (_, 1..) if facts.refused.is_some() => State::Refused,
        (Phase::Greeting | Phase::Live, 1..) => State::Sending,
        (Phase::Offline | Phase::Dialling | Phase::BackingOff, 1..) => State::Waiting,
        (Phase::Live | Phase::Offline, 0) if facts.has_document => State::Safe,
        (Phase::Offline | Phase::Dialling | Phase::Greeting | Phase::Live | Phase::BackingOff, 0) => {
            State::Offline
        }
    }
}

#[cfg(test)]
mod tests;
