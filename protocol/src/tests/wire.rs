//! The feed's events in TypeScript.

use ts_rs::Config;

use super::{declared, typescript};
use crate::ids::{ContributorId, DeviceId, InseeCode, RecordId};
use crate::people::Role;
use crate::wire::feed::{Author, Event, FeedEvent, IndicatorChange, Subject};
use crate::wire::quarantine::{Decided, Decision, Held, HeldAct, HeldEdit, Reason, State};

/// Goal: the web application's types are those of the events as serde writes them.
#[test]
fn checked_in_events() {
    // JSON has no 64-bit integers; our numbers of events and structures stay far below 2^53.
    let config = Config::new().with_large_int("number");
    let types = [
        declared::<ContributorId>(&config),
        declared::<DeviceId>(&config),
        declared::<RecordId>(&config),
        declared::<InseeCode>(&config),
        declared::<serde_json::Value>(&config),
        declared::<FeedEvent>(&config),
        declared::<Author>(&config),
        declared::<Subject>(&config),
        declared::<Event>(&config),
        declared::<IndicatorChange>(&config),
        declared::<Role>(&config),
        declared::<Reason>(&config),
        declared::<State>(&config),
        declared::<Decision>(&config),
        declared::<Held>(&config),
        declared::<Decided>(&config),
        declared::<HeldEdit>(&config),
        declared::<HeldAct>(&config),
    ];
    // A flattened enum is written out where it is flattened; its name says the same.
    let types = types.concat();
    let (events, _) = types.split_once("/** Who wrote").expect("events come first");
    let flattened = events.split_once(" & (").expect("an event is flattened").1.trim_end_matches([';', '\n']);
    typescript("wire.ts", &types.replacen(&format!("({flattened}"), "Event", 1));
}
