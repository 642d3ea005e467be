//! Travel times that a territory brings of its own, from commune to commune, instead of the great circle.
//!
//! A square over a list of communes, in tenths of a second, from people (row) to a service (column): roads with one
//! direction and hills make the way back another. What a missing time means is decided once, here:
//!
//! - between two communes of the list, it means *out of reach*: the router found no way, or the file stops at a longest
//!   time;
//! - from or to a commune that the list leaves out, the great circle counts as if there were no matrix;
//! - from a commune to itself it is 0.
//!
//! Not a reader of files: the exchange reads CSV and what routers answer.

use std::collections::BTreeMap;

use portrea_protocol::ids::InseeCode;
use serde::{Deserialize, Serialize};

/// The most communes that a matrix may list: some 100 MB.
pub const COMMUNES_MAX: usize = 5_000;

/// The longest time, in seconds: a week.
pub const SECONDS_MAX: f64 = 7.0 * 86_400.0;

/// Two communes without a time between them.
const ABSENT: u32 = u32::MAX;

/// Travel times between the communes of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", try_from = "Kept")]
pub struct TravelTimes {
    codes: Vec<InseeCode>,
    tenths: Vec<u32>,
}

/// As it was kept: perhaps no square.
#[derive(Deserialize)]
struct Kept {
    codes: Vec<InseeCode>,
    tenths: Vec<u32>,
}

impl TryFrom<Kept> for TravelTimes {
    type Error = &'static str;

    fn try_from(Kept { codes, tenths }: Kept) -> Result<Self, Self::Error> {
        let ordered = codes.windows(2).all(|pair| matches!(pair, [one, next] if one < next));
        if ordered && tenths.len() == codes.len().pow(2) {
            Ok(Self { codes, tenths })
        } else {
            Err("travel times are no square over a list in order")
        }
    }
}

impl TravelTimes {
    /// A matrix from times in seconds, each from a commune to another; every commune that is named is on the list. The
    /// last of several times for a pair counts, and an impossible one (negative, NaN, above a week) is absent.
    ///
    /// Nothing where there are more than [`COMMUNES_MAX`] communes.
    pub fn new(
        communes: impl IntoIterator<Item = InseeCode>,
        seconds: &[(InseeCode, InseeCode, f64)],
    ) -> Option<Self> {
        let mut places: BTreeMap<InseeCode, usize> = communes.into_iter().map(|code| (code, 0)).collect();
        for (from, to, _) in seconds {
            places.entry(from.clone()).or_default();
            places.entry(to.clone()).or_default();
        }
        if places.len() > COMMUNES_MAX {
            return None;
        }
        places.values_mut().enumerate().for_each(|(number, place)| *place = number);
        let width = places.len();
        let mut tenths = vec![ABSENT; width * width];
        for (number, own) in tenths.iter_mut().step_by(width + 1).enumerate() {
            debug_assert!(number < width, "a diagonal is as long as its square is wide");
            *own = 0;
        }
        for (from, to, seconds) in seconds {
            let at = places.get(from).zip(places.get(to)).map(|(from, to)| from * width + to);
            if let (Some(at), Some(time)) = (at, tenths_of(*seconds))
                && let Some(cell) = tenths.get_mut(at)
            {
                *cell = time;
            }
        }
        Some(Self { codes: places.into_keys().collect(), tenths })
    }

    /// The communes of the list, in order.
    pub fn codes(&self) -> &[InseeCode] {
        &self.codes
    }

    /// How many pairs of two different communes have a time.
    pub fn pairs(&self) -> usize {
        self.tenths.iter().filter(|time| **time != ABSENT).count() - self.codes.len()
    }

    /// A commune's place in the list.
    pub fn place(&self, code: &InseeCode) -> Option<usize> {
        self.codes.binary_search(code).ok()
    }

    /// Minutes from one place of the list to another; nothing where it is out of reach.
    pub fn minutes(&self, from: usize, to: usize) -> Option<f64> {
        let time = *self.tenths.get(from * self.codes.len() + to)?;
        // One division of two integers: whole minutes come out whole.
        (time != ABSENT).then(|| f64::from(time) / 600.0)
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded in the line before")]
fn tenths_of(seconds: f64) -> Option<u32> {
    (0.0..=SECONDS_MAX).contains(&seconds).then(|| (seconds * 10.0).round() as u32)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn code(text: &str) -> InseeCode {
        text.into()
    }

    #[test]
    fn times_go_one_way_and_absent_is_out_of_reach() {
        let seconds = [
            (code("35002"), code("35001"), 900.0),
            (code("35001"), code("35002"), 899.96),
            (code("35001"), code("35003"), f64::NAN),
            (code("35003"), code("35001"), -1.0),
        ];
        let times = TravelTimes::new([code("35009")], &seconds).unwrap();
        assert_eq!(times.codes().len(), 4);
        assert_eq!(times.pairs(), 2);
        let between = |from: &str, to: &str| {
            times.minutes(times.place(&code(from)).unwrap(), times.place(&code(to)).unwrap())
        };
        for (from, to, minutes) in [
            ("35002", "35001", Some(15.0)),
            ("35001", "35002", Some(15.0)),
            ("35001", "35003", None),
            ("35003", "35001", None),
            ("35009", "35009", Some(0.0)),
        ] {
            assert_eq!(between(from, to), minutes, "{from} {to}");
        }
        assert_eq!(times.place(&code("35004")), None);
        let kept = serde_json::to_string(&times).unwrap();
        assert_eq!(serde_json::from_str::<TravelTimes>(&kept).unwrap(), times);
        assert!(serde_json::from_str::<TravelTimes>(r#"{"codes":["1","2"],"tenths":[0,1,2]}"#).is_err());
        assert!(serde_json::from_str::<TravelTimes>(r#"{"codes":["2","1"],"tenths":[0,1,2,0]}"#).is_err());
    }
}
