//! Numbers go on from what was kept, without a gap, and the form that is kept reads back.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use portrea_indicators::delta::Delta;
use portrea_protocol::wire::feed::{Event, FeedEvent};

use super::{Feed, subject};
use crate::tests::{NOW, first, furnished, id};

/// Goal: events are numbered one after the other, rows are given once, and figures that did not move are no event.
#[test]
fn events_are_numbered_without_a_gap() {
    let mut feed = Feed::after(41);
    assert_eq!(feed.last(), 41);
    let subject = subject(&id(1), Some(&first(&furnished())));
    feed.push(NOW, None, Some(subject.clone()), Event::Created);
    feed.push_indicators(NOW, Vec::new());
    let moved = Delta { commune: None, indicator: "offer".to_owned(), before: None, after: Some(1.5) };
    feed.push_indicators(NOW, vec![moved]);
    assert_eq!(feed.last(), 43);
    let rows = feed.take();
    assert_eq!(rows.iter().map(|row| row.seq).collect::<Vec<_>>(), [42, 43]);
    let read: FeedEvent = serde_json::from_str(&rows[0].json).unwrap();
    assert_eq!((read.id, read.subject, read.event), (42, Some(subject), Event::Created));
    assert!(feed.take().is_empty());
}

/// Goal: a structure that is gone is still named by its id.
#[test]
fn what_is_gone_has_a_subject() {
    let subject = subject(&id(1), None);
    assert_eq!((subject.structure, subject.name.as_str(), subject.commune), (id(1), "", None));
}
