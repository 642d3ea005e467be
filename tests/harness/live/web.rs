//! People over HTTP: requests with a token, a cookie or nothing, and the feed as it streams.

use std::io::{BufRead, BufReader};
use std::sync::mpsc;
use std::thread;
use std::time::Instant;

use portrea_protocol::ids::TerritoryId;
use portrea_protocol::wire::feed::FeedEvent;
use serde_json::{Value as Json, json};
use ureq::Agent;

use super::DEADLINE;

/// What came back.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// Headers, their names in small letters.
    pub headers: Vec<(String, String)>,
    /// The body, as text.
    pub body: String,
}

impl Answer {
    /// A header's value; empty when it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(own, _)| own == name).map_or("", |(_, value)| value)
    }

    /// The body as JSON; null when it is none.
    pub fn json(&self) -> Json {
        serde_json::from_str(&self.body).unwrap_or_default()
    }

    /// The body as JSON of a success.
    #[track_caller]
    pub fn done(&self) -> Json {
        assert!((200..300).contains(&self.status), "{}: {}", self.status, self.body);
        self.json()
    }

    /// The problem's type without what all types begin with; it must come with this status.
    #[track_caller]
    pub fn problem(&self, status: u16) -> String {
        assert_eq!(self.status, status, "{}", self.body);
        assert_eq!(self.header("content-type"), "application/problem+json", "{}", self.body);
        let problem = self.json();
        let kind = problem.get("type").and_then(Json::as_str).unwrap_or_default();
        kind.strip_prefix("urn:portrea:problem:").unwrap_or_default().to_owned()
    }
}

/// Sends a request.
pub fn request(method: &str, url: &str, headers: &[(&str, &str)], body: Option<&str>) -> Answer {
    let mut request = ureq::http::Request::builder().method(method).uri(url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let sent = match body {
        Some(body) => agent().run(request.body(body.to_owned()).expect("a sound request")),
        None => agent().run(request.body(()).expect("a sound request")),
    };
    let mut answer = sent.unwrap_or_else(|error| panic!("{method} {url}: {error}"));
    let text = |value: &ureq::http::HeaderValue| value.to_str().unwrap_or_default().to_owned();
    let headers = answer.headers().iter().map(|(name, value)| (name.as_str().to_owned(), text(value)));
    Answer {
        status: answer.status().as_u16(),
        headers: headers.collect(),
        body: answer
            .body_mut()
            .with_config()
            .limit(256 * 1024 * 1024)
            .read_to_string()
            .expect("a body of text"),
    }
}

fn agent() -> Agent {
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .allow_non_standard_methods(true)
        .max_redirects(0)
        // The server under test stands on the loopback, whatever proxy leads elsewhere.
        .proxy(None)
        .timeout_connect(Some(DEADLINE))
        .timeout_recv_response(Some(DEADLINE))
        .build();
    config.into()
}

/// Accepts an invitation and gives the whole answer.
pub fn accept(url: &str, invitation: &str, name: &str) -> Answer {
    let token = invitation.rsplit('#').next().unwrap_or(invitation);
    let body = json!({ "token": token, "displayName": name }).to_string();
    let headers = [("content-type", "application/json"), ("accept-language", "en")];
    request("POST", &format!("{url}/api/v1/invitations/accept"), &headers, Some(&body))
}

/// Somebody who signed in over HTTP.
#[derive(Debug, Clone)]
pub struct Person {
    /// The server's address.
    pub url: String,
    /// The token of the session.
    pub token: String,
    /// The person.
    pub contributor: String,
    /// Where.
    pub territory: TerritoryId,
}

impl Person {
    /// Signs in by an invitation that must be good.
    #[track_caller]
    pub fn accept(url: &str, invitation: &str, name: &str) -> Self {
        let signed_in = accept(url, invitation, name).done();
        let text = |key: &str| signed_in.get(key).and_then(Json::as_str).unwrap_or_default().to_owned();
        Self {
            url: url.to_owned(),
            token: text("token"),
            contributor: text("contributor"),
            territory: text("territory").parse().expect("a territory's uuid"),
        }
    }

    /// The header that shows the token.
    pub fn bearer(&self) -> String {
        format!("Bearer {}", self.token)
    }

    /// The cookie that a browser would send.
    pub fn cookie(&self) -> String {
        format!("portrea_session={}", self.token)
    }

    /// Asks for something under `/api/v1`.
    pub fn call(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Option<&str>) -> Answer {
        let bearer = self.bearer();
        let headers = [&[("authorization", bearer.as_str()), ("accept-language", "en")], headers].concat();
        request(method, &format!("{}/api/v1{path}", self.url), &headers, body)
    }

    /// Reads something of the territory: `/indicators`, `/resources?q=…`.
    #[track_caller]
    pub fn read(&self, path: &str) -> Json {
        self.call("GET", &format!("/territories/{}{path}", self.territory), &[], None).done()
    }

    /// Sends JSON to something of the territory.
    pub fn post(&self, path: &str, body: &Json) -> Answer {
        let path = format!("/territories/{}{path}", self.territory);
        self.call("POST", &path, &[("content-type", "application/json")], Some(&body.to_string()))
    }

    /// A ticket for the websocket.
    #[track_caller]
    pub fn ticket(&self) -> String {
        let made = self.call("POST", "/sync-tickets", &[], None).done();
        made.get("ticket").and_then(Json::as_str).expect("a ticket").to_owned()
    }

    /// The websocket's address for a client that can show nothing but a ticket.
    pub fn ticket_url(&self) -> String {
        format!("{}/sync?ticket={}", self.url.replacen("http", "ws", 1), self.ticket())
    }

    /// A page of the feed as JSON.
    pub fn feed_page(&self, after: u64, limit: usize) -> Vec<FeedEvent> {
        let path = format!("/territories/{}/feed?after={after}&limit={limit}", self.territory);
        let page = self.call("GET", &path, &[("accept", "application/json")], None).done();
        serde_json::from_value(page.get("events").cloned().unwrap_or_default()).expect("events")
    }

    /// The whole feed, page by page.
    pub fn feed_all(&self) -> Vec<FeedEvent> {
        let mut all: Vec<FeedEvent> = Vec::new();
        loop {
            let page = self.feed_page(all.last().map_or(0, |event| event.id), 500);
            if page.is_empty() {
                return all;
            }
            all.extend(page);
        }
    }

    /// The feed from now on.
    pub fn feed(&self) -> Feed {
        Feed::open(self, "?after=now", None)
    }

    /// The feed from after this event on, as a browser asks for it when it reconnects.
    pub fn feed_after(&self, last: u64) -> Feed {
        Feed::open(self, "", Some(last))
    }

    /// Waits until `found` finds something in the territory, looking again after each event of the feed.
    #[track_caller]
    pub fn until<T>(&self, mut found: impl FnMut(&Self) -> Option<T>) -> T {
        let mut feed = self.feed();
        loop {
            if let Some(found) = found(self) {
                return found;
            }
            feed.event().expect("the feed goes on until it is found");
        }
    }
}

/// The feed, as it streams.
pub struct Feed {
    events: mpsc::Receiver<FeedEvent>,
}

impl Feed {
    fn open(person: &Person, query: &str, last: Option<u64>) -> Self {
        let url = format!("{}/api/v1/territories/{}/feed{query}", person.url, person.territory);
        let mut request =
            agent().get(&url).header("accept", "text/event-stream").header("authorization", person.bearer());
        if let Some(last) = last {
            request = request.header("last-event-id", last.to_string());
        }
        let answer = request.call().unwrap_or_else(|error| panic!("{url}: {error}"));
        assert_eq!(answer.status(), 200, "{url}");
        let (tell, events) = mpsc::channel();
        let lines = BufReader::new(answer.into_body().into_reader()).lines();
        thread::spawn(move || {
            let mut id = 0;
            for line in lines.map_while(Result::ok) {
                if let Some(number) = line.strip_prefix("id:") {
                    id = number.trim().parse().expect("an event's number");
                } else if let Some(data) = line.strip_prefix("data:") {
                    let event: FeedEvent = serde_json::from_str(data).expect("an event");
                    assert_eq!(event.id, id, "an event says its own number");
                    if tell.send(event).is_err() {
                        break;
                    }
                }
            }
        });
        Self { events }
    }

    /// The next event; `None` when the stream has ended.
    #[track_caller]
    pub fn event(&mut self) -> Option<FeedEvent> {
        match self.events.recv_timeout(DEADLINE) {
            Ok(event) => Some(event),
            Err(mpsc::RecvTimeoutError::Disconnected) => None,
            Err(mpsc::RecvTimeoutError::Timeout) => panic!("nothing came on the feed for {DEADLINE:?}"),
        }
    }

    /// Events until one fits, that one included.
    #[track_caller]
    pub fn until(&mut self, fits: impl Fn(&FeedEvent) -> bool) -> Vec<FeedEvent> {
        let deadline = Instant::now() + DEADLINE;
        let mut seen = Vec::new();
        while let Some(event) = self.event() {
            let fit = fits(&event);
            seen.push(event);
            if fit {
                return seen;
            }
            assert!(Instant::now() < deadline, "the event did not come in {DEADLINE:?}: {seen:?}");
        }
        panic!("the feed ended before the event came: {seen:?}");
    }

    /// Everything until the stream ends.
    pub fn rest(&mut self) -> Vec<FeedEvent> {
        std::iter::from_fn(|| self.event()).collect()
    }
}
