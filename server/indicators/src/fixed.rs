//! The integers that incremental sums are made of, and the only conversions from and to floats.
//!
//! Adding floats in another order gives another last bit, and taking one away does not undo adding it; an engine that
//! adds and takes away all day would drift from a fresh one. Integers do neither. A figure is rounded once, when it
//! enters; it becomes a float again once, when the portrait is drawn.
//!
//! Not a decimal library: three scales, each with the bound that keeps every sum far from overflow.

/// Hours a week above which a figure is a typing mistake, not an offer.
pub const WEEKLY_HOURS_MAX: f64 = 10_000.0;

/// People above which a figure cannot be a French territory's.
pub const PEOPLE_MAX: f64 = 1e9;

/// Weekly hours in hundredths of an hour, from 0 to [`WEEKLY_HOURS_MAX`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct CentiHours(i64);

impl CentiHours {
    /// Reads hours, rounded to the hundredth; negative, infinite, NaN or absurd hours are nobody's and give nothing.
    pub fn from_hours(hours: f64) -> Option<Self> {
        (0.0..=WEEKLY_HOURS_MAX).contains(&hours).then(|| Self(round(hours * 100.0)))
    }

    /// Reads hundredths of an hour, under the same bounds.
    pub fn from_centi(centi: i64) -> Option<Self> {
        Self::from_hours(float(centi) / 100.0)
    }

    /// Hundredths of an hour.
    pub fn centi(self) -> i64 {
        self.0
    }

    /// Hours.
    pub fn hours(self) -> f64 {
        hours(self.0)
    }
}

/// People in thousandths, for census figures are estimates with decimals; from 0 to [`PEOPLE_MAX`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct MilliPeople(i64);

impl MilliPeople {
    /// Reads a number of people, rounded to the thousandth; clamped into its bounds, NaN reads as nothing.
    pub fn from_people(people: f64) -> Option<Self> {
        (!people.is_nan()).then(|| Self(round(people.clamp(0.0, PEOPLE_MAX) * 1000.0)))
    }

    /// Thousandths of a person.
    pub fn milli(self) -> i64 {
        self.0
    }

    /// People.
    pub fn people(self) -> f64 {
        people(self.0)
    }
}

/// Reads a head count, rounded to the person; negative, infinite, NaN or above 10,000 gives nothing.
pub fn head_count(people: f64) -> Option<u32> {
    (0.0..=10_000.0).contains(&people).then(|| u32::try_from(round(people)).unwrap_or(0))
}

/// Hours from a sum of hundredths.
pub(crate) fn hours(centi: i64) -> f64 {
    float(centi) / 100.0
}

/// People from a sum of thousandths.
pub(crate) fn people(milli: i64) -> f64 {
    float(milli) / 1000.0
}

/// A wide sum as a float, in its own unit.
#[expect(clippy::cast_precision_loss, reason = "drawn once, never summed")]
pub(crate) fn wide(sum: i128) -> f64 {
    sum as f64
}

/// A share of a whole, both in the same unit; nothing when there is no whole.
pub(crate) fn share(part: i64, whole: i64) -> Option<f64> {
    (whole > 0).then(|| float(part) / float(whole))
}

/// A tally as a count; a tally is never negative, for only what entered leaves.
pub(crate) fn count(tally: i64) -> u64 {
    u64::try_from(tally).unwrap_or(0)
}

/// A tally or a count as a float.
#[expect(clippy::cast_precision_loss, reason = "sums stay under 2^53 by the bounds above")]
pub(crate) fn float(number: i64) -> f64 {
    number as f64
}

/// Rounds a float that its caller has bounded.
#[expect(clippy::cast_possible_truncation, reason = "bounded by the caller")]
pub(crate) fn round(number: f64) -> i64 {
    number.round() as i64
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn hours_are_hundredths_or_nothing() {
        for (hours, centi) in [
            (0.0, Some(0)),
            (-0.0, Some(0)),
            (7.5, Some(750)),
            (0.333, Some(33)),
            (10_000.0, Some(1_000_000)),
            (10_000.1, None),
            (-0.5, None),
            (f64::NAN, None),
            (f64::INFINITY, None),
            (f64::NEG_INFINITY, None),
        ] {
            assert_eq!(CentiHours::from_hours(hours).map(CentiHours::centi), centi, "{hours}");
        }
        assert_eq!(CentiHours::from_centi(-1), None);
        assert_eq!(CentiHours::from_centi(i64::MAX), None);
        assert_eq!(CentiHours::from_centi(1_234).unwrap().hours().to_bits(), 12.34f64.to_bits());
    }

    #[test]
    fn people_are_thousandths_within_bounds() {
        for (people, milli) in [
            (0.0, Some(0)),
            (12.3456, Some(12_346)),
            (-3.0, Some(0)),
            (f64::INFINITY, Some(1_000_000_000_000)),
            (f64::NAN, None),
        ] {
            assert_eq!(MilliPeople::from_people(people).map(MilliPeople::milli), milli, "{people}");
        }
        for (people, heads) in [(2.0, Some(2)), (0.5, Some(1)), (-1.0, None), (1e5, None), (f64::NAN, None)] {
            assert_eq!(head_count(people), heads, "{people}");
        }
    }
}
