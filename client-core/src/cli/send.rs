//! `sync`, and the attempt that follows every edit.

use std::time::Duration;

use serde_json::{Value as Json, json};

use super::call::{Call, Failure, note};
use crate::device::Device;
use crate::status::{State, Status};

/// The longest that an edit waits for the server before it says where it is kept.
const AFTER_EDIT: Duration = Duration::from_secs(3);

pub(super) fn sync(call: &Call, within: u64) -> Result<(), Failure> {
    if call.offline {
        return Err(Failure::Wrong(call.lang.needs_network()));
    }
    let mut device = call.device()?;
    let status = call.reach(&mut device, Duration::from_secs(within), &call.lang.connecting())?;
    let well = status.state == State::Safe;
    tell_moved(call, &device);
    if call.json {
        call.json(&summary(&status, &device))?;
    } else if well {
        call.say(&call.lang.state(&status))?;
    }
    match status.state {
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
        call.reach(&mut device, AFTER_EDIT, &call.lang.connecting())?
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
