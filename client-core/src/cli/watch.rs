//! `watch`: the territory's feed, live, one line an event. It needs the network, and none of the document.

use std::io::BufRead;
use std::thread;
use std::time::Duration;

use portrea_protocol::wire::feed::FeedEvent;

use super::call::{Call, Failure, note};
use super::http::Http;
use super::renew;
use super::sse::Gathering;
use crate::link::BACKOFF_FIRST;
use crate::shelf::disk::DiskShelf;
use crate::shelf::identity::Identity;

/// The longest wait before the feed is asked for again.
const WAIT_MAX: Duration = Duration::from_secs(30);

pub(super) fn watch(call: &Call, since: Option<u64>) -> Result<(), Failure> {
    if call.offline {
        return Err(Failure::Wrong(call.lang.needs_network()));
    }
    let http = Http::new(call.lang);
    let mut last = since.map(|since| since.to_string());
    let mut wait = BACKOFF_FIRST;
    let mut reached = false;
    loop {
        // Another command may have taken the next token meanwhile.
        let identity = identity(call)?;
        let feed = format!("{}/api/v1/territories/{}/feed", identity.server, identity.territory);
        // Without a place to begin, the feed begins now.
        let url = if last.is_none() { format!("{feed}?after=now") } else { feed.clone() };
        let why = match http.stream(&url, &identity.token, last.as_deref()) {
            Ok(stream) => {
                reached = true;
                let (seen, why) = follow(call, stream, &mut last)?;
                wait = if seen { BACKOFF_FIRST } else { wait };
                why
            }
            // The first attempt tells whether the call makes sense at all.
            Err(Failure::Failed(why)) if reached => why,
            Err(failure) => return Err(failure),
        };
        note(&call.lang.watch_again(&why));
        thread::sleep(wait);
        wait = (wait * 2).min(WAIT_MAX);
    }
}

/// Who this device is. The shelf is let go at once: other commands work while this one watches.
fn identity(call: &Call) -> Result<Identity, Failure> {
    let (mut shelf, identity) = DiskShelf::open(&call.dir).map_err(|error| call.explain(&error.into()))?;
    Ok(renew::identity(call, &mut shelf, identity))
}

/// Prints events until the stream ends; gives whether any came, and why it ended.
fn follow(call: &Call, stream: impl BufRead, last: &mut Option<String>) -> Result<(bool, String), Failure> {
    let mut gathering = Gathering::default();
    let mut seen = false;
    for line in stream.lines() {
        let line = match line {
            Ok(line) => line,
            Err(error) => return Ok((seen, error.to_string())),
        };
        let Some(sent) = gathering.line(&line) else { continue };
        if !sent.id.is_empty() {
            *last = Some(sent.id);
        }
        seen = true;
        match serde_json::from_str::<FeedEvent>(&sent.data) {
            Ok(event) if !call.json => call.say(&call.lang.event(&event))?,
            // An event of a newer server is shown as it came.
            Ok(_) | Err(_) => call.say(&sent.data)?,
        }
    }
    Ok((seen, String::from("…")))
}
