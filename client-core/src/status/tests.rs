//! Goal: the word is honest. Method: every combination that matters, as a table.

use portrea_protocol::time::UnixMillis;

use super::{Facts, State, Status, state};
use crate::link::Phase;

#[test]
fn the_word_follows_from_the_facts() {
    for (phase, has_document, waiting, refused, expected) in [
        (Phase::Offline, false, 0, None, State::Offline),
        (Phase::Offline, true, 0, None, State::Safe),
        (Phase::Offline, true, 2, None, State::Waiting),
        (Phase::Dialling, true, 0, None, State::Offline),
        (Phase::Dialling, true, 1, None, State::Waiting),
        (Phase::Greeting, true, 1, None, State::Sending),
        (Phase::Greeting, true, 0, None, State::Offline),
        (Phase::Live, false, 0, None, State::Offline),
        (Phase::Live, true, 0, None, State::Safe),
        (Phase::Live, true, 3, None, State::Sending),
        (Phase::Live, true, 3, Some("malformed-change"), State::Refused),
        (Phase::Live, true, 0, Some("malformed-change"), State::Safe),
        (Phase::BackingOff, true, 0, None, State::Offline),
        (Phase::BackingOff, true, 1, None, State::Waiting),
        (Phase::BackingOff, true, 1, Some("change-too-large"), State::Refused),
        (Phase::SignedOut, true, 1, Some("signed-out"), State::SignedOut),
    ] {
        let facts = Facts { phase, has_document, waiting, refused };
        assert_eq!(state(facts), expected, "{facts:?}");
    }
}

#[test]
fn a_status_remembers_since_when() {
    let facts = |waiting| Facts { phase: Phase::Offline, has_document: true, waiting, refused: None };
    let first = Status::new("http://localhost", facts(1), UnixMillis(10));
    let second = first.next(facts(2), UnixMillis(20));
    assert_eq!((second.state, second.waiting, second.since), (State::Waiting, 2, UnixMillis(10)));
    let third = second.next(facts(0), UnixMillis(30));
    assert_eq!((third.state, third.since), (State::Safe, UnixMillis(30)));
}
