//! Which day's figures are to be kept: the last on which something changed, once it is over.
//!
//! Pure: the clock is handed in. The day that is over is asked for before anything else changes, so that its point
//! holds what its evening saw, however long nobody came after it.

use chrono::NaiveDate;
use chrono_tz::Tz;
use portrea_protocol::time::UnixMillis;

use crate::opening;

/// What a territory's keeper remembers of days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Diary {
    zone: Tz,
    changed_on: Option<NaiveDate>,
}

impl Diary {
    /// A diary in a time zone; `last`: when something changed last, before it was opened.
    pub fn new(zone: Tz, last: Option<UnixMillis>) -> Self {
        Self { zone, changed_on: last.and_then(|last| opening::day(zone, last)) }
    }

    /// The day that it is.
    pub fn today(&self, now: UnixMillis) -> Option<NaiveDate> {
        opening::day(self.zone, now)
    }

    /// The day to keep the figures of, if it is over.
    pub fn over(&self, now: UnixMillis) -> Option<NaiveDate> {
        let today = self.today(now)?;
        self.changed_on.filter(|changed| *changed < today)
    }

    /// The day to keep the figures of, over or not: whoever keeps the diary goes.
    pub fn last(&self) -> Option<NaiveDate> {
        self.changed_on
    }

    /// Something changed now. A clock that stepped back keeps the later day.
    pub fn changed(&mut self, now: UnixMillis) {
        self.changed_on = self.today(now).max(self.changed_on);
    }

    /// The figures of a day are kept; one that failed to be is asked for again.
    pub fn kept(&mut self, day: NaiveDate) {
        self.changed_on = self.changed_on.filter(|changed| *changed > day);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> UnixMillis {
        UnixMillis::from_rfc3339(text).expect(text)
    }

    /// Goal: a day is kept once, when it is over where people live. Method: a change before midnight in Paris, looks at
    /// the clock after it.
    #[test]
    fn a_day_is_over_where_people_live() {
        let mut diary = Diary::new(Tz::Europe__Paris, None);
        assert_eq!((diary.over(at("2026-11-28T10:00:00Z")), diary.last()), (None, None));
        diary.changed(at("2026-11-28T22:30:00Z"));
        assert_eq!(diary.over(at("2026-11-28T22:59:00Z")), None);
        let day = diary.over(at("2026-11-28T23:01:00Z")).expect("over in Paris, not in UTC");
        assert_eq!(day.to_string(), "2026-11-28");
        assert_eq!(diary.over(at("2027-03-01T10:00:00Z")), Some(day), "asked for until it is kept");
        diary.kept(day);
        assert_eq!(diary.over(at("2027-03-01T10:00:00Z")), None);
    }

    /// Goal: what changed before the diary was opened is kept too; a clock that steps back takes nothing back.
    #[test]
    fn a_diary_goes_on_after_a_restart() {
        let mut diary = Diary::new(Tz::Europe__Paris, Some(at("2026-01-01T09:00:00Z")));
        assert_eq!(diary.over(at("2026-01-02T09:00:00Z")), NaiveDate::from_ymd_opt(2026, 1, 1));
        diary.changed(at("2025-12-01T09:00:00Z"));
        assert_eq!(diary.last(), NaiveDate::from_ymd_opt(2026, 1, 1));
    }
}
