//! Texts as people write them, over days that are not like others.

#![allow(clippy::unwrap_used)]

use chrono::DateTime;
use portrea_protocol::time::UnixMillis;
use proptest::prelude::*;

use super::{INTERVALS_MAX, Span, TEXT_BYTES_MAX, Unclear, days, instant, is_open, open, zone};

fn at(text: &str) -> UnixMillis {
    UnixMillis(DateTime::parse_from_rfc3339(text).unwrap().timestamp_millis())
}

/// The open intervals from a day on, as `day hour–hour` by the clock on the wall.
fn told(text: &str, commune: &str, day: &str, count: u64) -> String {
    let zone = zone(Some(&commune.into()));
    let span = days(zone, at(day), count);
    let local = |at, form: &str| instant(zone, at).unwrap().format(form).to_string();
    match open(text, zone, span) {
        Ok(open) => {
            let each = open.iter().map(|span| {
                format!("{}–{}", local(span.from, "%a %d.%m. %H:%M"), local(span.until, "%H:%M"))
            });
            each.collect::<Vec<_>>().join(", ")
        }
        Err(unclear) => unclear.code().to_owned(),
    }
}

/// Goal: hours as people write them are understood. Method: a text, where, from when, for how many days, and what it
/// says.
#[test]
fn texts_and_their_hours() {
    const RENNES: &str = "35238";
    const MONDAY: &str = "2026-11-23T12:00:00+01:00";
    for (text, commune, day, count, expected) in [
        // A lunch break.
        (
            "Mo-Tu 09:00-12:00,13:30-17:00",
            RENNES,
            MONDAY,
            3,
            "Mon 23.11. 09:00–12:00, Mon 23.11. 13:30–17:00, Tue 24.11. 09:00–12:00, Tue 24.11. 13:30–17:00",
        ),
        // Every other week: the 23rd begins week 48, the 30th week 49.
        ("week 1-53/2 We 14:00-17:00", RENNES, MONDAY, 21, "Wed 02.12. 14:00–17:00"),
        // Christmas is a Friday.
        (
            "Th-Sa 09:00-12:00; PH off",
            RENNES,
            "2026-12-24T00:00:00+01:00",
            3,
            "Thu 24.12. 09:00–12:00, Sat 26.12. 09:00–12:00",
        ),
        // Past midnight, which is one opening; and the one that began yesterday.
        ("Fr 22:00-02:00", RENNES, "2026-11-27T08:00:00+01:00", 2, "Fri 27.11. 22:00–02:00"),
        ("Fr 22:00-02:00", RENNES, "2026-11-28T08:00:00+01:00", 1, "Sat 28.11. 00:00–02:00"),
        ("24/7", RENNES, MONDAY, 2, "Mon 23.11. 00:00–00:00"),
        (
            "Mo 09:00-12:00 open, Mo 12:00-14:00 unknown \"sur rendez-vous\"",
            RENNES,
            MONDAY,
            1,
            "Mon 23.11. 09:00–12:00",
        ),
        ("Mo 09:00-10:00 \"accueil\", Mo 10:00-12:00", RENNES, MONDAY, 1, "Mon 23.11. 09:00–12:00"),
        ("off", RENNES, MONDAY, 7, ""),
        ("", RENNES, MONDAY, 7, "unreadable"),
        ("le matin sauf le mardi", RENNES, MONDAY, 7, "unreadable"),
        ("Mo 25:99", RENNES, MONDAY, 7, "unreadable"),
        // An ocean away, the same wall clock.
        ("Mo 09:00-12:00", "97105", MONDAY, 7, "Mon 23.11. 09:00–12:00"),
    ] {
        assert_eq!(told(text, commune, day, count), expected, "{text}");
    }
}

/// Goal: the clock's change moves instants and not the hours on the door. Method: both nights of 2026.
#[test]
fn summer_time() {
    let paris = zone(None);
    let lengths = |text, day, count| -> Vec<i64> {
        let open = open(text, paris, days(paris, at(day), count)).unwrap();
        open.iter().map(|span| (span.until.0 - span.from.0) / 60_000).collect()
    };
    assert_eq!(lengths("Sa-Mo 09:00-12:00", "2026-03-28T12:00:00+01:00", 3), [180, 180, 180]);
    assert_eq!(lengths("24/7", "2026-03-29T12:00:00+02:00", 1), [23 * 60]);
    assert_eq!(lengths("24/7", "2026-10-25T12:00:00+01:00", 1), [25 * 60]);
    assert!(is_open("Su 09:00-12:00", paris, at("2026-03-29T07:00:00Z")));
    assert!(!is_open("Su 09:00-12:00", paris, at("2026-03-29T10:00:00Z")));
    assert!(is_open("Su 09:00-12:00", paris, at("2026-10-25T08:00:00Z")));
    assert!(!is_open("Su 09:00-12:00", paris, at("2026-10-25T07:59:59Z")));
}

/// Goal: today begins at midnight where the territory is.
#[test]
fn zones_have_their_days() {
    for (commune, name, midnight) in [
        ("35238", "Europe/Paris", "2026-11-25T00:00:00+01:00"),
        ("2A004", "Europe/Paris", "2026-11-25T00:00:00+01:00"),
        ("97105", "America/Guadeloupe", "2026-11-24T00:00:00-04:00"),
        ("97209", "America/Martinique", "2026-11-24T00:00:00-04:00"),
        ("97302", "America/Cayenne", "2026-11-25T00:00:00-03:00"),
        ("97411", "Indian/Reunion", "2026-11-25T00:00:00+04:00"),
        ("97608", "Indian/Mayotte", "2026-11-25T00:00:00+03:00"),
        ("é", "Europe/Paris", "2026-11-25T00:00:00+01:00"),
    ] {
        let zone = zone(Some(&commune.into()));
        assert_eq!(zone.name(), name, "{commune}");
        let from = at(midnight);
        let span = Span { from, until: UnixMillis(from.0 + 86_400_000) };
        assert_eq!(days(zone, at("2026-11-25T03:30:00Z"), 1), span, "{commune}");
    }
}

/// Goal: a text costs no more than the bound. Method: too long, and too many openings.
#[test]
fn texts_are_bounded() {
    let paris = zone(None);
    let long = format!("Mo 09:00-12:00{}", " ".repeat(TEXT_BYTES_MAX));
    let span = days(paris, at("2026-11-25T03:30:00Z"), 56);
    assert_eq!(open(&long, paris, span), Err(Unclear::TooLong));
    let slots: Vec<String> = (0..80)
        .map(|slot| format!("{:02}:{:02}-{:02}:{:02}", slot / 4, slot % 4 * 15, slot / 4, slot % 4 * 15 + 7))
        .collect();
    let many = slots.join(",");
    assert!(many.len() <= TEXT_BYTES_MAX && 56 * slots.len() > INTERVALS_MAX);
    assert_eq!(open(&many, paris, span), Err(Unclear::TooMany));
}

/// Goal: what the library's grammar takes and its reader does not is unreadable, in every build. A text of the fuzzer's,
/// and its like; beside it what may be read.
#[test]
fn a_day_is_no_duration() {
    let paris = zone(None);
    let span = days(paris, at("2026-11-25T03:30:00Z"), 56);
    for text in [
        "week 23Mo 0:06-2:00/24:00",
        "10:00-16:00 / 24:00",
        "(sunrise+24:00)-20:00",
        "Mo 09:00-(dusk - 24:00)",
    ] {
        assert_eq!(open(text, paris, span), Err(Unclear::Unreadable), "{text}");
    }
    for text in ["Mo 09:00-24:00", "Mo 09:00-12:00 \"le samedi 10:00/24:00\"", "10:00-16:00/01:30"] {
        assert!(open(text, paris, span).is_ok(), "{text}");
    }
}

proptest! {
    /// Goal: whatever people write, nothing breaks. Method: words of the grammar in any order.
    #[test]
    fn arbitrary_texts_never_panic(words in proptest::collection::vec(proptest::sample::select(&[
        "Mo", "Su", "-", ",", ";", "09:00", "26:00", "00:00", "48:00", "+", "week", "1", "53", "/", "2", "PH", "SH",
        "24:00", "off", "easter", "Jan", "Feb", "29", "31", "||", "\"x\"", "sunset", "(", ")", "2026", "9999", "1900", "[", "]",
        " ", " ", ":", "dawn", "open", "unknown", "day", "days", "24/7", "-5",
    ][..]), 0..24), at in 0_i64..253_402_300_799_999) {
        let text = words.concat();
        let paris = zone(None);
        let _ = open(&text, paris, days(paris, UnixMillis(at), 56));
        let _ = is_open(&text, paris, UnixMillis(at));
    }

    /// Goal: the same for anything at all.
    #[test]
    fn any_text_never_panics(text in "\\PC{0,60}", at in any::<i64>()) {
        let _ = is_open(&text, zone(None), UnixMillis(at));
    }
}
