//! A browser as far as signing in needs one: cookies by host and path, and redirects one by one.

use std::collections::BTreeMap;

use portrea_tests::live::web::{Answer, request};
use serde_json::json;

/// The most redirects that a way to the provider and back has.
const STEPS_MAX: usize = 20;

/// Somebody's browser, before a server.
pub(crate) struct Browser {
    server: String,
    /// By host and name: the value, and the path that it is sent to.
    cookies: BTreeMap<(String, String), (String, String)>,
}

/// Reads an address as anybody may.
pub(crate) fn get(url: &str) -> Answer {
    request("GET", url, &[("accept-language", "en")], None)
}

impl Browser {
    pub(crate) fn new(server: &str) -> Self {
        Self { server: server.to_owned(), cookies: BTreeMap::new() }
    }

    /// Chooses the provider, with an invitation's link and a name, or without.
    pub(crate) fn start(&mut self, link: Option<&str>, name: &str) -> Answer {
        let token = link.map(|link| link.rsplit('#').next().unwrap_or(link));
        let body = json!({ "token": token, "displayName": name }).to_string();
        let url = format!("{}/api/v1/oidc/start", self.server);
        self.send("POST", &url, &[("content-type", "application/json")], Some(&body))
    }

    /// The same, as a page of another site would.
    pub(crate) fn start_from(&mut self, origin: &str) -> Answer {
        let url = format!("{}/api/v1/oidc/start", self.server);
        self.send("POST", &url, &[("content-type", "application/json"), ("origin", origin)], Some("{}"))
    }

    /// Goes to the provider, and through all that it asks: where it sends the browser back to.
    #[track_caller]
    pub(crate) fn goes(&mut self, address: &str) -> String {
        let mut here = address.to_owned();
        for _ in 0..STEPS_MAX {
            if here.starts_with(&self.server) {
                return here;
            }
            let answer = self.send("GET", &here, &[], None);
            let to = answer.header("location").to_owned();
            assert!(!to.is_empty(), "{here}: {} {}", answer.status, answer.body);
            here = if to.starts_with('/') { format!("{}{to}", origin(&here)) } else { to };
        }
        panic!("the provider leads in circles: {here}");
    }

    /// To the provider, and as far as where it sends the browser back to.
    #[track_caller]
    pub(crate) fn there(&mut self, link: Option<&str>) -> String {
        let started = self.start(link, "").done();
        self.goes(started["address"].as_str().unwrap_or_default())
    }

    /// Comes back from the provider: what came of it, as our page is told.
    #[track_caller]
    pub(crate) fn returns(&mut self, address: &str) -> String {
        let answer = self.send("GET", address, &[], None);
        assert_eq!(answer.status, 303, "{}", answer.body);
        let to = answer.header("location");
        to.strip_prefix("/connexion#").unwrap_or_else(|| panic!("it leads to {to}")).to_owned()
    }

    /// To the provider and back.
    #[track_caller]
    pub(crate) fn goes_and_returns(&mut self, link: Option<&str>, name: &str) -> String {
        let started = self.start(link, name).done();
        let back = self.goes(started["address"].as_str().unwrap_or_default());
        self.returns(&back)
    }

    /// Our page comes in.
    pub(crate) fn finish(&mut self) -> Answer {
        let url = format!("{}/api/v1/oidc/finish", self.server);
        self.send("POST", &url, &[], None)
    }

    fn send(&mut self, method: &str, url: &str, headers: &[(&str, &str)], body: Option<&str>) -> Answer {
        let (host, path) = place(url);
        let fits = |(of, _): &(String, String), at: &str| *of == host && path.starts_with(at);
        let own = self.cookies.iter().filter(|(key, (_, at))| fits(key, at));
        let pairs: Vec<String> = own.map(|((_, name), (value, _))| format!("{name}={value}")).collect();
        let cookie = pairs.join("; ");
        let mut all = vec![("accept-language", "en")];
        all.extend_from_slice(headers);
        if !cookie.is_empty() {
            all.push(("cookie", cookie.as_str()));
        }
        let answer = request(method, url, &all, body);
        for (_, line) in answer.headers.iter().filter(|(name, _)| name == "set-cookie") {
            self.keep(&host, line);
        }
        answer
    }

    fn keep(&mut self, host: &str, line: &str) {
        let mut parts = line.split(';').map(str::trim);
        let Some((name, value)) = parts.next().and_then(|pair| pair.split_once('=')) else { return };
        let found = parts.find_map(|part| {
            let (key, path) = part.split_once('=')?;
            key.eq_ignore_ascii_case("path").then(|| path.to_owned())
        });
        let key = (host.to_owned(), name.to_owned());
        if value.is_empty() {
            self.cookies.remove(&key);
        } else {
            self.cookies.insert(key, (value.to_owned(), found.unwrap_or_else(|| "/".into())));
        }
    }
}

/// An address' host without its port, as cookies know it, and its path.
fn place(url: &str) -> (String, String) {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let host = host.split(':').next().unwrap_or(host);
    (host.to_owned(), format!("/{path}"))
}

/// An address' scheme, host and port.
fn origin(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("http", url));
    format!("{scheme}://{}", rest.split('/').next().unwrap_or(rest))
}
