//! Instants as plain values. Nothing here reads a clock: time is handed in by whoever owns one.

use std::fmt;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Milliseconds since 1970-01-01 UTC, by whichever clock the context names (the server's, the author's).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UnixMillis(pub i64);

impl UnixMillis {
    /// The instant `millis` later, without overflow.
    #[must_use]
    pub fn plus(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// Milliseconds from `earlier` to `self`; negative when the clock went back.
    pub fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// The same instant as the document and the JSON interfaces write it: RFC 3339 in UTC, to the second.
    /// Instants outside the years 0 to 9999 are clamped, for a wrong clock is shown, never a failure.
    pub fn to_rfc3339(self) -> String {
        let seconds = self.0.div_euclid(1000).clamp(-62_167_219_200, 253_402_300_799);
        OffsetDateTime::from_unix_timestamp(seconds)
            .ok()
            .and_then(|instant| instant.format(&Rfc3339).ok())
            .unwrap_or_default()
    }

    /// Reads RFC 3339, or a bare date as its midnight in UTC.
    pub fn from_rfc3339(text: &str) -> Option<Self> {
        let text = text.trim();
        let whole = if text.len() == 10 { format!("{text}T00:00:00Z") } else { text.to_owned() };
        let instant = OffsetDateTime::parse(&whole, &Rfc3339).ok()?;
        i64::try_from(instant.unix_timestamp_nanos().div_euclid(1_000_000)).ok().map(Self)
    }
}

impl fmt::Display for UnixMillis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_rfc3339())
    }
}

#[cfg(test)]
mod tests {
    use super::UnixMillis;

    #[test]
    fn instants_are_written_in_utc_and_read_back() {
        for (millis, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (1_700_000_000_000, "2023-11-14T22:13:20Z"),
            (-1_000, "1969-12-31T23:59:59Z"),
        ] {
            assert_eq!(UnixMillis(millis).to_rfc3339(), text);
            assert_eq!(UnixMillis::from_rfc3339(text), Some(UnixMillis(millis)));
        }
        assert_eq!(UnixMillis::from_rfc3339("1969-12-31T23:59:59.9995Z"), Some(UnixMillis(-1)));
        assert_eq!(
            UnixMillis::from_rfc3339("2023-11-14T23:13:20+01:00"),
            Some(UnixMillis(1_700_000_000_000))
        );
        assert_eq!(UnixMillis(i64::MAX).to_rfc3339(), "9999-12-31T23:59:59Z");
        assert_eq!(UnixMillis::from_rfc3339("2024-02-30"), None);
        assert_eq!(UnixMillis::from_rfc3339("2023-11-14"), Some(UnixMillis(1_699_920_000_000)));
    }
}
