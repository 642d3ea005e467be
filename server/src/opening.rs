//! When doors are open: what a text in OpenStreetMap's `opening_hours` means on a stretch of days.
//!
//! Pure: the instant is handed in. Public holidays are those of the whole of France. A text is what somebody wrote, so
//! its length and the intervals it unfolds to are bounded. "Unknown" (`by appointment`) is not open.

use std::str::FromStr;

use chrono::{DateTime, Days, TimeZone};
use chrono_tz::Tz;
use opening_hours::localization::{Country, TzLocation};
use opening_hours::{Context, OpeningHours, RuleKind};
use portrea_protocol::ids::InseeCode;
use portrea_protocol::time::UnixMillis;

/// The longest text that is read, in bytes.
const TEXT_BYTES_MAX: usize = 1_000;
/// The most intervals that a text may unfold to.
const INTERVALS_MAX: usize = 2_000;

/// A stretch of time, its end not included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// When it begins.
    pub from: UnixMillis,
    /// When it ends.
    pub until: UnixMillis,
}

/// Why a text has no hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unclear {
    /// It is not written in `opening_hours`.
    Unreadable,
    /// It is longer than is read.
    TooLong,
    /// It unfolds to more intervals than are told.
    TooMany,
}

impl Unclear {
    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::TooLong => "too_long",
            Self::TooMany => "too_many",
        }
    }
}

/// The time zone of a territory, by one of its communes.
pub fn zone(commune: Option<&InseeCode>) -> Tz {
    match commune.and_then(|code| code.as_str().get(..3)) {
        Some("971") => Tz::America__Guadeloupe,
        Some("972") => Tz::America__Martinique,
        Some("973") => Tz::America__Cayenne,
        Some("974") => Tz::Indian__Reunion,
        Some("976") => Tz::Indian__Mayotte,
        _ => Tz::Europe__Paris,
    }
}

/// The day that it is somewhere.
pub fn day(zone: Tz, now: UnixMillis) -> Option<chrono::NaiveDate> {
    Some(instant(zone, now)?.date_naive())
}

/// So many whole days from the start of the day that it is now.
pub fn days(zone: Tz, now: UnixMillis, count: u64) -> Span {
    let midnight = |ahead| {
        let day = instant(zone, now)?.date_naive().checked_add_days(Days::new(ahead))?;
        let local = zone.from_local_datetime(&day.and_time(chrono::NaiveTime::MIN));
        Some(UnixMillis(local.earliest()?.timestamp_millis()))
    };
    Span { from: midnight(0).unwrap_or(now), until: midnight(count).unwrap_or(now) }
}

/// When a text says open within a span, in order and apart.
pub fn open(text: &str, zone: Tz, span: Span) -> Result<Vec<Span>, Unclear> {
    let hours = read(text, zone)?;
    let (Some(from), Some(until)) = (instant(zone, span.from), instant(zone, span.until)) else {
        return Ok(Vec::new());
    };
    let mut open: Vec<Span> = Vec::new();
    // Open and closed take turns, and a comment may cut either.
    for (count, interval) in hours.iter_range(from, until).enumerate() {
        if count > 2 * INTERVALS_MAX || open.len() > INTERVALS_MAX {
            return Err(Unclear::TooMany);
        }
        let millis = |at: &DateTime<Tz>| UnixMillis(at.timestamp_millis());
        let next = Span { from: millis(&interval.range.start), until: millis(&interval.range.end) };
        if interval.kind != RuleKind::Open || next.from >= next.until {
            continue;
        }
        match open.last_mut() {
            Some(last) if last.until >= next.from => last.until = last.until.max(next.until),
            _ => open.push(next),
        }
    }
    Ok(open)
}

/// Whether a text says open at an instant; a text that cannot be read says nothing.
pub fn is_open(text: &str, zone: Tz, at: UnixMillis) -> bool {
    let (Ok(hours), Some(at)) = (read(text, zone), instant(zone, at)) else { return false };
    hours.is_open(at)
}

fn read(text: &str, zone: Tz) -> Result<OpeningHours<TzLocation<Tz>>, Unclear> {
    if text.len() > TEXT_BYTES_MAX {
        return Err(Unclear::TooLong);
    }
    if lasts_a_day(text) {
        return Err(Unclear::Unreadable);
    }
    let hours = OpeningHours::from_str(text).map_err(|_| Unclear::Unreadable)?;
    let context = Context::default().with_holidays(Country::FR.holidays()).with_locale(TzLocation::new(zone));
    Ok(hours.with_context(context))
}

/// Whether a text repeats something every `24:00`, or is that far from sunrise. The library's grammar takes this and its
/// reader does not: it panics in builds with debug assertions.
fn lasts_a_day(text: &str) -> bool {
    if !text.contains("24:00") {
        return false;
    }
    let outside_comments = text.split('"').step_by(2);
    let bare: String =
        outside_comments.flat_map(|part| part.chars().filter(|letter| !letter.is_whitespace())).collect();
    ["/24:00", "+24:00)", "-24:00)"].iter().any(|odd| bare.contains(odd))
}

fn instant(zone: Tz, at: UnixMillis) -> Option<DateTime<Tz>> {
    DateTime::from_timestamp_millis(at.0).map(|utc| utc.with_timezone(&zone))
}

#[cfg(test)]
mod tests;
