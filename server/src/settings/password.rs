//! A password as settings hold it: read, handed to whoever asks for it, and shown nowhere.

use std::fmt;

use serde::Deserialize;

/// A password. It is never printed: not in logs, not in errors, not in `{:?}`.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Password(String);

impl Password {
    /// Takes a password as a file holds it: without the line's end.
    pub fn of_file(text: &str) -> Self {
        Self(text.trim_end_matches(['\r', '\n']).to_owned())
    }

    /// The password, for the one conversation it belongs in.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}
