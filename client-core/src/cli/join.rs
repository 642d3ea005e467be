//! `join`: an invitation link becomes a device.

use std::io::{self, BufRead, IsTerminal, Write};
use std::path::PathBuf;
use std::time::Duration;

use portrea_protocol::ids::{ContributorId, DocumentId, TerritoryId};
use portrea_protocol::schema::read;
use serde_json::{Value as Json, json};

use super::call::{Call, Failure, note};
use super::http::Http;
use crate::device::clock::{Clock, fresh_actor, fresh_names};
use crate::device::{Device, DeviceError};
use crate::shelf::ShelfError;
use crate::shelf::identity::{Identity, Role, Token};
use crate::status::State;

/// The longest that the first directory may take.
const FIRST_SYNC: Duration = Duration::from_secs(120);

/// What an invitation link says.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Invitation {
    server: String,
    token: String,
}

pub(super) fn join(call: &Call, link: &str, name: Option<&str>) -> Result<(), Failure> {
    let invitation = read_link(link).ok_or_else(|| Failure::Wrong(call.lang.no_link()))?;
    if call.offline {
        return Err(Failure::Wrong(call.lang.needs_network()));
    }
    let former = former_device(call)?;
    let name = name.map_or_else(|| ask_name(call), |name| Ok(name.trim().to_owned()))?;
    let identity = accept(call, &invitation, &name)?;
    if let Some(waiting) = former {
        put_aside(call, waiting)?;
    }
    let mut device = Device::create(&call.dir, identity).map_err(|error| call.explain(&error))?;
    let status = call.reach(&mut device, FIRST_SYNC, &call.lang.receiving())?;
    let identity = device.identity();
    let structures = read::structures(device.replica().doc()).len();
    if call.json {
        call.json(&json!({
            "state": status.state.code(),
            "waiting": status.waiting,
            "server": identity.server,
            "territory": identity.territory,
            "document": identity.document,
            "contributor": identity.contributor,
            "displayName": identity.display_name,
            "role": identity.role.code(),
            "structures": structures,
        }))?;
    } else if status.state == State::Safe {
        call.say(&call.lang.joined(&identity.display_name, identity.role, structures))?;
    }
    if status.state == State::Safe {
        return Ok(());
    }
    Err(Failure::Failed(call.lang.joined_without_directory()))
}

/// Reads `…/join#TOKEN`, `…/join/TOKEN` and `…/join?token=TOKEN`.
fn read_link(link: &str) -> Option<Invitation> {
    let link = link.trim();
    let (scheme, rest) = link.split_once("://")?;
    let (before, after) = rest.split_once("/join")?;
    let token = after.strip_prefix(['#', '/', '?']).or_else(|| {
        // `/join/#TOKEN` and `/join/?token=TOKEN`, as some mail programs rewrite them.
        after.strip_prefix("/#").or_else(|| after.strip_prefix("/?"))
    })?;
    let token = token.trim_start_matches(['#', '?', '/']);
    let token = token.strip_prefix("token=").unwrap_or(token);
    let token = token.split(['&', '#', '?']).next()?.trim_end_matches('/');
    let sound = matches!(scheme, "http" | "https") && !before.is_empty() && !token.is_empty();
    let letters = token.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.~=+%".contains(&byte));
    (sound && letters).then(|| Invitation { server: format!("{scheme}://{before}"), token: token.to_owned() })
}

/// A device that is here already stands in the way, unless its server signed it out: then what waits on it is told.
fn former_device(call: &Call) -> Result<Option<usize>, Failure> {
    match Device::open(&call.dir) {
        Ok(device) if device.is_signed_out() => Ok(Some(device.status().waiting)),
        Ok(_) => Err(Failure::Failed(call.lang.exists(&call.dir.display().to_string()))),
        Err(DeviceError::Shelf(ShelfError::NoDevice(_))) => Ok(None),
        Err(error) => Err(call.explain(&error)),
    }
}

/// Moves a signed-out device's directory beside: nothing on it is lost, and nothing of it is sent as somebody else.
fn put_aside(call: &Call, waiting: usize) -> Result<(), Failure> {
    let mut beside = call.dir.clone().into_os_string();
    beside.push(format!(".{}", Clock::now().0));
    let beside = PathBuf::from(beside);
    std::fs::rename(&call.dir, &beside).map_err(|error| {
        Failure::Failed(call.lang.disk(&beside.display().to_string(), &error.to_string()))
    })?;
    note(&call.lang.put_aside(&beside.display().to_string(), waiting));
    Ok(())
}

fn ask_name(call: &Call) -> Result<String, Failure> {
    let fallback = || ["USER", "LOGNAME", "USERNAME"].into_iter().find_map(|name| std::env::var(name).ok());
    let mut typed = String::new();
    if io::stdin().is_terminal() && io::stderr().is_terminal() {
        let _ = write!(io::stderr(), "{}", call.lang.your_name());
        io::stdin()
            .lock()
            .read_line(&mut typed)
            .map_err(|error| Failure::Failed(call.lang.disk("stdin", &error.to_string())))?;
    }
    let typed = typed.trim();
    Ok(if typed.is_empty() { fallback().unwrap_or_else(|| "portrea".into()) } else { typed.to_owned() })
}

/// Spends the invitation and says who this device is from now on.
fn accept(call: &Call, invitation: &Invitation, name: &str) -> Result<Identity, Failure> {
    let http = Http::new(call.lang);
    let url = format!("{}/api/v1/invitations/accept", invitation.server);
    let answer = http.post(&url, &json!({ "token": invitation.token, "displayName": name }))?;
    let odd = || Failure::Failed(call.lang.odd_answer(&url));
    let token = Token::new(text(&answer, "token").ok_or_else(odd)?);
    let me = format!("{}/api/v1/me", invitation.server);
    // The name as the server wrote it down; that it does not say so now is no reason to lose the invitation.
    let me = http.get(&me, &token).unwrap_or_default();
    let display_name = text(&me, "displayName").or_else(|| text(&answer, "displayName")).unwrap_or(name);
    let territory: TerritoryId = text(&answer, "territory").and_then(|id| id.parse().ok()).ok_or_else(odd)?;
    let contributor: ContributorId =
        text(&answer, "contributor").and_then(|id| id.parse().ok()).ok_or_else(odd)?;
    let role: Role =
        answer.get("role").and_then(|role| serde_json::from_value(role.clone()).ok()).ok_or_else(odd)?;
    let (peer, storage) = fresh_names();
    Ok(Identity {
        server: invitation.server.clone(),
        token,
        token_at: Some(Clock::now()),
        territory,
        document: DocumentId::of(territory, 0).url(),
        contributor,
        display_name: display_name.to_owned(),
        role,
        actor: fresh_actor(),
        peer,
        storage,
    })
}

fn text<'a>(json: &'a Json, key: &str) -> Option<&'a str> {
    json.get(key)?.as_str()
}

#[cfg(test)]
mod tests {
    use super::{Invitation, read_link};

    /// Goal: every shape in which an invitation travels is understood. Method: a table.
    #[test]
    fn links_are_read_in_every_shape() {
        for (link, expected) in [
            ("http://127.0.0.1:8080/join#abc-_1", Some(("http://127.0.0.1:8080", "abc-_1"))),
            ("https://portrea.example/pays/join#abc", Some(("https://portrea.example/pays", "abc"))),
            ("http://h/join/abc", Some(("http://h", "abc"))),
            ("http://h/join/abc/", Some(("http://h", "abc"))),
            ("http://h/join/#abc", Some(("http://h", "abc"))),
            ("http://h/join?token=abc", Some(("http://h", "abc"))),
            ("http://h/join/?token=abc&x=1", Some(("http://h", "abc"))),
            ("http://h/join#token=abc", Some(("http://h", "abc"))),
            ("  http://h/join#abc\n", Some(("http://h", "abc"))),
            ("http://h/join", None),
            ("http://h/join#", None),
            ("http://h/joined#abc", None),
            ("http:///join#abc", None),
            ("ftp://h/join#abc", None),
            ("h/join#abc", None),
            ("http://h/#abc", None),
            ("http://h/join#a b", None),
            ("", None),
        ] {
            let expected =
                expected.map(|(server, token)| Invitation { server: server.into(), token: token.into() });
            assert_eq!(read_link(link), expected, "{link}");
        }
    }
}
