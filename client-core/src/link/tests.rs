//! Goal: the link does what its drawing says. Method: scripts of events as data, and the whole trace as expected text.

use std::fmt::Write;
use std::time::Duration;

use expect_test::{Expect, expect};

use super::Event::{Heard, Lost, Opened, Start, Stop, Tick, Welcomed};
use super::{BACKOFF_MAX, BACKOFF_MIN, Event, Link, Loss, Phase};

/// Plays events at milliseconds with a chance of 0.5 and compares the trace.
fn check(script: &[(u64, Event)], expected: &Expect) {
    let mut link = Link::default();
    let mut trace = String::new();
    for &(at, event) in script {
        let action = link.handle(Duration::from_millis(at), 0.5, event);
        let action = action.map_or(String::from("-"), |action| format!("{action:?}"));
        let wake = link.wake().map_or(String::from("-"), |wake| wake.as_millis().to_string());
        writeln!(trace, "{at:<6} {event:?}: {action}, {:?} until {wake}", link.phase()).unwrap();
    }
    expected.assert_eq(&trace);
}

#[test]
fn a_connection_is_opened_greeted_and_kept_alive() {
    check(
        &[
            (0, Tick),
            (10, Start),
            (15, Start),
            (20, Opened),
            (30, Heard),
            (40, Welcomed),
            (10_000, Heard),
            (29_999, Tick),
            (30_000, Tick),
            (30_001, Tick),
            (31_000, Heard),
            (51_000, Tick),
            (76_000, Tick),
            (76_500, Tick),
            (80_000, Opened),
            (80_001, Stop),
            (80_002, Lost(Loss::Broken)),
        ],
        &expect![[r"
            0      Tick: -, Offline until -
            10     Start: Dial, Dialling until 15010
            15     Start: -, Dialling until 15010
            20     Opened: Join, Greeting until 15020
            30     Heard: -, Greeting until 15020
            40     Welcomed: Greet, Live until 20040
            10000  Heard: -, Live until 30000
            29999  Tick: -, Live until 30000
            30000  Tick: Ping, Live until 55000
            30001  Tick: -, Live until 55000
            31000  Heard: -, Live until 51000
            51000  Tick: Ping, Live until 76000
            76000  Tick: HangUp, BackingOff until 76500
            76500  Tick: Dial, Dialling until 91500
            80000  Opened: Join, Greeting until 95000
            80001  Stop: HangUp, Offline until -
            80002  Lost(Broken): -, Offline until -
        "]],
    );
}

#[test]
fn waits_double_and_are_forgotten_after_a_good_connection() {
    let lost = Lost(Loss::Broken);
    check(
        &[
            (0, Start),
            (0, lost),
            (500, Tick),
            (500, lost),
            (1_000, Start),
            (16_000, Tick),
            (18_000, Tick),
            (18_000, Opened),
            (18_000, Welcomed),
            (19_000, lost),
            (23_000, Tick),
            (23_000, Opened),
            (38_000, Tick),
            (46_000, Tick),
            (46_000, Opened),
            (46_000, Welcomed),
            (76_000, lost),
            (76_100, Stop),
        ],
        &expect![[r"
            0      Start: Dial, Dialling until 15000
            0      Lost(Broken): -, BackingOff until 500
            500    Tick: Dial, Dialling until 15500
            500    Lost(Broken): -, BackingOff until 1500
            1000   Start: Dial, Dialling until 16000
            16000  Tick: HangUp, BackingOff until 18000
            18000  Tick: Dial, Dialling until 33000
            18000  Opened: Join, Greeting until 33000
            18000  Welcomed: Greet, Live until 38000
            19000  Lost(Broken): -, BackingOff until 23000
            23000  Tick: Dial, Dialling until 38000
            23000  Opened: Join, Greeting until 38000
            38000  Tick: HangUp, BackingOff until 46000
            46000  Tick: Dial, Dialling until 61000
            46000  Opened: Join, Greeting until 61000
            46000  Welcomed: Greet, Live until 66000
            76000  Lost(Broken): -, BackingOff until 76500
            76100  Stop: -, Offline until -
        "]],
    );
}

#[test]
fn each_way_of_being_turned_away_has_its_answer() {
    for (loss, phase, wait) in [
        (Loss::Closed(4001), Phase::SignedOut, None),
        (Loss::Unauthorised, Phase::SignedOut, None),
        (Loss::Closed(1000), Phase::BackingOff, Some(500)),
        (Loss::Closed(1012), Phase::BackingOff, Some(500)),
        (Loss::Closed(4002), Phase::BackingOff, Some(500)),
        (Loss::Closed(4003), Phase::BackingOff, Some(30_000)),
        (Loss::Closed(1009), Phase::BackingOff, Some(30_000)),
        (Loss::Closed(1007), Phase::BackingOff, Some(30_000)),
        (Loss::Broken, Phase::BackingOff, Some(500)),
    ] {
        let mut link = Link::default();
        for event in [Start, Opened, Welcomed, Lost(loss)] {
            link.handle(Duration::ZERO, 0.5, event);
        }
        assert_eq!(link.phase(), phase, "{loss:?}");
        assert_eq!(link.wake(), wait.map(Duration::from_millis), "{loss:?}");
        if phase == Phase::SignedOut {
            assert_eq!(link.handle(Duration::from_secs(1), 0.5, Start), None);
            assert_eq!(link.phase(), Phase::SignedOut);
        }
    }
}

#[test]
fn waits_stay_within_their_bounds_whatever_chance_says() {
    for chance in [0.0, 0.3, 1.0, -7.0, 7.0, f64::NAN, f64::INFINITY] {
        let mut link = Link::default();
        let mut now = Duration::ZERO;
        for _ in 0..200 {
            link.handle(now, chance, Start);
            link.handle(now, chance, Lost(Loss::Broken));
            let wait = link.wake().unwrap().saturating_sub(now);
            assert!((BACKOFF_MIN..=BACKOFF_MAX).contains(&wait), "{chance} {wait:?}");
            now += wait;
        }
    }
}
