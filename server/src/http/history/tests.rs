//! Histories read from a feed in memory.

#![allow(clippy::unwrap_used)]

use portrea_territory::chunk::{Batch, FeedRow};
use uuid::Uuid;

use super::*;
use crate::store::memory::MemoryStore;

const HERE: TerritoryId = TerritoryId(Uuid::from_u128(1));

/// A feed of so many events, of which every `every`th is about `structure`, and the others name it in passing.
fn feed(events: u64, every: u64, structure: &RecordId) -> MemoryStore {
    let store = MemoryStore::new();
    let row = |seq: u64| {
        let about = if seq.is_multiple_of(every) { structure.as_str() } else { "another" };
        let json = format!(
            "{{\"id\":{seq},\"kind\":\"created\",\"note\":\"{structure}\",\"subject\":{{\"structure\":\"{about}\"}}}}"
        );
        FeedRow { seq, json: json.into() }
    };
    store.append(HERE, &Batch { feed: (1..=events).map(row).collect(), ..Batch::default() }).unwrap();
    store.make_durable().unwrap();
    store
}

fn numbers(page: &Page) -> Vec<u64> {
    let id =
        |event: &Arc<str>| serde_json::from_str::<Value>(event).unwrap().get("id").unwrap().as_u64().unwrap();
    page.events.iter().map(id).collect()
}

/// Goal: page by page a history has every event of its record once, newest first, and ends. Method: feeds shorter and
/// longer than a stretch and than what one request looks at, by small pages.
#[test]
fn a_history_is_whole_and_bounded() {
    let structure = RecordId::from("019a0000-0000-7000-8000-000000000001");
    for (events, every, limit) in
        [(0, 1, 5), (1, 1, 5), (7, 3, 1), (2_500, 700, 2), (1_001, 1_000, 9), (LOOKED_AT_MAX + 10, 49_000, 3)]
    {
        let store = feed(events, every, &structure);
        let mut found = Vec::new();
        let mut before = events + 1;
        let mut asked = 0;
        while before > 0 {
            let page = page(&store, HERE, &structure, before, limit).unwrap();
            assert!(page.before < before && page.events.len() <= limit, "{events} {every} {limit}: {page:?}");
            found.extend(numbers(&page));
            before = page.before;
            asked += 1;
        }
        let expected: Vec<u64> = (1..=events).rev().filter(|seq| seq.is_multiple_of(every)).collect();
        assert_eq!(found, expected, "{events} {every} {limit}");
        assert!(asked <= expected.len() + 2, "{asked} requests for {} events", expected.len());
    }
}

/// Goal: what is undone is a field's value, and marks are for référent·es. Method: events of several kinds.
#[test]
fn only_fields_are_undone() {
    let structure = RecordId::from("019a0000-0000-7000-8000-000000000001");
    let event = |event: Event| FeedEvent {
        id: 1,
        at: String::new(),
        author: None,
        subject: None,
        erased: false,
        event,
    };
    let changed = |path: &str, before: Value| {
        event(Event::FieldChanged { path: path.into(), before, after: Value::Null })
    };
    let undo = |event: &FeedEvent| undone(&structure, event).map(|edit| is_for_referents(&edit));
    assert_eq!(undo(&changed("phone", json!("02"))), Some(false));
    assert_eq!(undo(&changed("archived/why", json!("closed"))), Some(true));
    assert_eq!(undo(&changed("nothing", json!("02"))), None);
    assert_eq!(undo(&changed("phone", json!(2))), None);
    assert_eq!(undo(&event(Event::Created)), None);
}
