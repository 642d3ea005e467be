//! What is said to an operator, in both languages.

use serde::{Deserialize, Serialize};

use crate::exchange::finding::Message;

/// One sentence in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// French.
    pub fr: String,
    /// English.
    pub en: String,
}

impl Said {
    /// Both texts; the French one is given its unbreakable spaces.
    pub fn new(fr: impl AsRef<str>, en: impl Into<String>) -> Self {
        Message::new(fr, en).into()
    }
}

impl From<Message> for Said {
    fn from(Message { fr, en }: Message) -> Self {
        Self { fr, en }
    }
}
