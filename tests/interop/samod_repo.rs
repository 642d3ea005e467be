//! The Rust crate samod as a stock client, over the websocket crate that the house uses.

use std::sync::Arc;

use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use portrea_tests::live::DEADLINE;
use portrea_tests::live::web::Person;
use portrea_tests::transport;
use samod::{BackoffConfig, DialError, Dialer, DocHandle, Repo, Transport, Url};
use std::time::Duration;
use tokio_tungstenite::connect_async;

/// A repo with its document.
pub(crate) struct Samod {
    /// The repo; it stops when it is asked to.
    pub(crate) repo: Repo,
    /// The territory's document.
    pub(crate) handle: DocHandle,
}

/// Dials with a ticket, as often as it must.
struct Door(Url);

impl Dialer for Door {
    type Error = std::convert::Infallible;

    fn url(&self) -> Url {
        self.0.clone()
    }

    fn connect(&self) -> BoxFuture<'static, Result<Transport, DialError<Self::Error>>> {
        let url = self.0.to_string();
        Box::pin(async move {
            let (socket, _) = connect_async(url).await.map_err(DialError::transient)?;
            Ok(transport::over(socket))
        })
    }
}

impl Samod {
    /// Connects and finds the document.
    pub(crate) async fn start(person: &Person, document: &str) -> Self {
        let repo = Repo::build_tokio().with_peer_id("samod".into()).load().await;
        let backoff = BackoffConfig {
            initial_delay: Duration::from_millis(50),
            max_delay: Duration::from_millis(500),
            max_retries: None,
        };
        let door = Door(person.ticket_url().parse().expect("an address"));
        let dialer = repo.dial(backoff, Arc::new(door)).expect("the repo runs");
        let connected =
            tokio::time::timeout(DEADLINE, dialer.established()).await.expect("connected in time");
        connected.expect("the server welcomes samod");
        let id = document.trim_start_matches("automerge:").parse().expect("a document's id");
        let found = tokio::time::timeout(DEADLINE, repo.find(id)).await.expect("found in time");
        let handle = found.expect("the repo runs").expect("the server has the document");
        Self { repo, handle }
    }

    /// Waits until the document has these heads.
    pub(crate) async fn until_heads(&self, heads: &[automerge::ChangeHash]) {
        let mut changes = Box::pin(self.handle.changes());
        let reached = || self.handle.with_document(|doc| doc.get_heads() == heads);
        tokio::time::timeout(DEADLINE, async {
            while !reached() {
                changes.next().await.expect("the repo runs");
            }
        })
        .await
        .unwrap_or_else(|_| panic!("samod does not reach {heads:?}"));
    }
}
