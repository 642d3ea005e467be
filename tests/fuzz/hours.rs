//! Texts of `opening_hours`, and French ones that become such.
//!
//! Any text unfolds within bounds, or not; the stretches are in order and apart, and where one begins, the answer
//! to "is it open now?" is yes. What is made of French hours is plain and can be read.

use portrea_server::exchange::hours::{Slot, day, is_plain, opening_hours};
use portrea_server::opening::{self, Span};

use crate::ground::NOW;

/// Days that are unfolded, as over HTTP.
const DAYS: u64 = 56;

/// Reads the bytes as a text of hours, in either way. Whether one of them could.
pub fn meet(bytes: &[u8]) -> bool {
    let Ok(text) = str::from_utf8(bytes) else { return false };
    let french = day(text);
    assert!(french.slots.iter().all(|slot| slot.from < slot.to && slot.to <= 24 * 60), "{french:?}");
    assert!(
        french.slots.windows(2).all(|pair| matches!(pair, [one, next] if one.to < next.from)),
        "{french:?}"
    );
    let written = week(&french.slots);
    let unfolded = unfolds(text);
    assert!(!is_plain(text) || unfolded, "plain, and cannot be read");
    written || unfolded
}

/// A week of such days, written as `opening_hours`; nothing of a closed one.
fn week(slots: &[Slot]) -> bool {
    let closed = || Vec::new();
    let weeks = [vec![slots.to_vec(); 7], vec![slots.to_vec(), closed(), slots.to_vec(), slots.to_vec()]];
    weeks.into_iter().filter_map(|week| opening_hours(&week)).fold(false, |_, written| {
        assert!(is_plain(&written), "{written}");
        assert!(unfolds(&written), "{written}");
        true
    })
}

/// Unfolds a text as the server does.
fn unfolds(text: &str) -> bool {
    let zone = opening::zone(None);
    let span = opening::days(zone, NOW, DAYS);
    let Ok(spans) = opening::open(text, zone, span) else { return false };
    assert!(spans.windows(2).all(|pair| matches!(pair, [one, next] if one.until < next.from)), "{spans:?}");
    for Span { from, until } in spans {
        assert!(span.from <= from && from < until && until <= span.until, "{from:?} until {until:?}");
        assert!(opening::is_open(text, zone, from), "closed at {from:?}");
    }
    true
}
