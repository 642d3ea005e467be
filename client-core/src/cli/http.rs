//! The server's HTTP interface, as far as the command needs it.

use std::io::{BufRead, BufReader};
use std::time::Duration;

use serde_json::Value as Json;
use ureq::http::Response;
use ureq::{Agent, Body};

use super::call::Failure;
use super::words::Lang;
use crate::shelf::identity::Token;

/// A stream is taken for dead after this silence: the server sends a sign of life every 15 seconds.
const STREAM_SILENCE_MAX: Duration = Duration::from_secs(50);

pub(super) struct Http {
    lang: Lang,
    agent: Agent,
}

impl Http {
    pub(super) fn new(lang: Lang) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_connect(Some(Duration::from_secs(10)))
            .timeout_recv_response(Some(Duration::from_secs(30)))
            .timeout_per_read(Some(STREAM_SILENCE_MAX))
            .build();
        Self { lang, agent: config.into() }
    }

    /// Sends JSON, receives JSON.
    pub(super) fn post(&self, url: &str, body: &Json) -> Result<Json, Failure> {
        let request = self.agent.post(url).header("Accept-Language", self.language());
        self.json(url, request.send_json(body))
    }

    /// Sends nothing in somebody's name, receives JSON.
    pub(super) fn post_as(&self, url: &str, token: &Token) -> Result<Json, Failure> {
        let request = self
            .agent
            .post(url)
            .header("Accept-Language", self.language())
            .header("Authorization", format!("Bearer {}", token.reveal()));
        self.json(url, request.send_empty())
    }

    /// Receives JSON.
    pub(super) fn get(&self, url: &str, token: &Token) -> Result<Json, Failure> {
        let request = self
            .agent
            .get(url)
            .header("Accept-Language", self.language())
            .header("Authorization", format!("Bearer {}", token.reveal()));
        self.json(url, request.call())
    }

    /// Opens a stream of events.
    pub(super) fn stream(
        &self,
        url: &str,
        token: &Token,
        last: Option<&str>,
    ) -> Result<impl BufRead + use<>, Failure> {
        let mut request = self
            .agent
            .get(url)
            .header("Accept", "text/event-stream")
            .header("Accept-Language", self.language())
            .header("Authorization", format!("Bearer {}", token.reveal()));
        if let Some(last) = last {
            request = request.header("Last-Event-ID", last);
        }
        let response = self.answered(url, request.call())?;
        Ok(BufReader::new(response.into_body().into_reader()))
    }

    fn language(&self) -> &'static str {
        match self.lang {
            Lang::Fr => "fr",
            Lang::En => "en",
        }
    }

    fn json(&self, url: &str, answer: Result<Response<Body>, ureq::Error>) -> Result<Json, Failure> {
        let mut response = self.answered(url, answer)?;
        response.body_mut().read_json().map_err(|_| Failure::Failed(self.lang.odd_answer(url)))
    }

    /// An answer of success, or what the server says is wrong, in its own words.
    fn answered(
        &self,
        url: &str,
        answer: Result<Response<Body>, ureq::Error>,
    ) -> Result<Response<Body>, Failure> {
        let mut response =
            answer.map_err(|error| Failure::Failed(self.lang.no_answer(url, &error.to_string())))?;
        if response.status().is_success() {
            return Ok(response);
        }
        let problem: Json = response.body_mut().read_json().unwrap_or_default();
        let said = ["title", "detail"].into_iter().filter_map(|key| problem.get(key)?.as_str());
        let said = said.collect::<Vec<_>>().join(" ");
        if response.status().as_u16() == 401 {
            return Err(Failure::SignedOut(if said.is_empty() { self.lang.signed_out() } else { said }));
        }
        if said.is_empty() {
            let status = response.status().to_string();
            return Err(Failure::Failed(self.lang.no_answer(url, &status)));
        }
        Err(Failure::Failed(said))
    }
}
