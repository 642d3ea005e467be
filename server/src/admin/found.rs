//! What was odd in a file, as it is told to an operator.

use serde::{Deserialize, Serialize};

use super::said::Said;
use crate::exchange::finding::FileFinding;

/// Something odd in a file that was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Found {
    /// Stable, for programs.
    pub code: String,
    /// The line, where known.
    pub line: Option<u64>,
    /// The column's name, where known.
    pub column: Option<String>,
    /// Where and what, for people.
    pub said: Said,
}

impl Found {
    /// A finding in a file of that name; "" where there is one file only.
    pub(super) fn of(file: &str, finding: &FileFinding) -> Self {
        let at = finding.spot.message();
        let joined = |at: &str, colon: &str, what: &str| {
            let parts = [file, at].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>();
            if parts.is_empty() { what.to_owned() } else { format!("{}{colon} {what}", parts.join(", ")) }
        };
        Self {
            code: finding.code.to_owned(),
            line: finding.spot.line,
            column: finding.spot.column_name.clone(),
            said: Said {
                fr: joined(&at.fr, "\u{a0}:", &finding.message.fr),
                en: joined(&at.en, ":", &finding.message.en),
            },
        }
    }
}
