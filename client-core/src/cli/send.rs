//! `sync`, and the attempt that follows every edit.

use std::time::Duration;

use portrea_protocol::wire::quarantine::State as Set;
use serde_json::{Value as Json, json};

use super::call::{Call, Failure, note};
use super::{held, renew};
use crate::device::Device;
use crate::status::{State, Status};

/// The longest that an edit waits for the server before it says where it is kept.
const AFTER_EDIT: Duration = Duration::from_secs(3);

/// How often it is asked again when a message of others crossed ours.
const TRIES: u32 = 5;

pub(super) fn sync(call: &Call, within: u64) -> Result<(), Failure> {
    if call.offline {
        return Err(Failure::Wrong(call.lang.needs_network()));
    }
    let mut device = call.device()?;
    let mut tries = 0..TRIES;
    let (status, held) = loop {
        let status = call.reach(&mut device, Duration::from_secs(within), &call.lang.connecting())?;
        // What the server set aside is with it, and comes no nearer by waiting.
        let held = held::all_of(call, &device, &status);
        let accounted = held.len() == status.waiting;
        // A message of others may have crossed ours: then it is not there yet.
        if !device.was_left_out() || accounted || tries.next().is_none() {
            break (status, held);
        }
    };
    renew::if_due(call, &mut device);
    let well = status.state == State::Safe;
    tell_moved(call, &device);
    let of = |state: &[Set]| held.iter().filter(|held| state.contains(&held.state)).count();
    let (waits, closed) = (of(&[Set::Waiting]), of(&[Set::Rejected, Set::Withdrawn]));
    if call.json {
        let mut told = summary(&status, &device);
        if let Json::Object(told) = &mut told {
            told.insert("held".into(), waits.into());
        }
        call.json(&told)?;
    } else if well {
        call.say(&call.lang.state(&status))?;
    }
    match status.state {
        State::Waiting | State::Sending if waits > 0 => {
            let waiting = held.iter().filter(|held| held.state == Set::Waiting);
            let words: Vec<String> = waiting.map(|held| call.lang.held(held)).collect();
            Err(Failure::Failed(format!("{}\n{}", call.lang.awaits(waits), words.join("\n"))))
        }
        State::Waiting | State::Sending if closed > 0 => Err(Failure::Failed(call.lang.not_taken(closed))),
        // The server carried all of it over: it stands in the directory.
        State::Waiting | State::Sending if !held.is_empty() => Ok(()),
        State::Safe => Ok(()),
        State::Refused | State::SignedOut => Err(Failure::Failed(call.lang.state(&status))),
        State::Offline | State::Sending | State::Waiting => {
            Err(Failure::Failed(call.lang.unreachable(&status.server, &status)))
        }
    }
}

/// After an edit: tries the server for a while and says honestly where the edit is. `result` joins the JSON.
pub(super) fn after_edit(
    call: &Call,
    mut device: Device,
    changed: bool,
    result: Json,
) -> Result<(), Failure> {
    let status = if call.offline {
        device.status()
    } else {
        let status = call.reach(&mut device, AFTER_EDIT, &call.lang.connecting())?;
        renew::if_due(call, &mut device);
        status
    };
    tell_moved(call, &device);
    if call.json {
        let mut whole = summary(&status, &device);
        if let (Json::Object(whole), Json::Object(result)) = (&mut whole, result) {
            whole.extend(result);
            whole.insert("changed".into(), changed.into());
        }
        return call.json(&whole);
    }
    if !changed {
        call.say(&call.lang.nothing_changed())?;
    }
    if changed || status.waiting > 0 {
        // Of what is not changed, only what waits is worth a word.
        call.say(&call.lang.after_edit(&status))?;
    }
    Ok(())
}

/// Says that the device moved to another document just now. Beside the result, whatever that is.
fn tell_moved(call: &Call, device: &Device) {
    if let Some(crossed) = device.crossed().filter(|_| device.has_moved() && !call.json) {
        note(&call.lang.moved(crossed));
        call.lang.left_behind(crossed, device.replica()).iter().for_each(|line| note(line));
    }
}

fn summary(status: &Status, device: &Device) -> Json {
    let moved = device.crossed().filter(|_| device.has_moved());
    json!({
        "state": status.state.code(), "waiting": status.waiting, "server": status.server, "moved": moved,
    })
}
