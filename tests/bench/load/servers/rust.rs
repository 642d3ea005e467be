//! samod's server: this benchmark's own program started again with [`WORD`], for the crate has none.

use std::path::Path;
use std::rc::Rc;

use automerge::Automerge;
use portrea_tests::transport;
use samod::Repo;
use samod::storage::TokioFilesystemStorage;
use tokio::net::TcpListener;
use tokio_tungstenite::accept_async;

use super::Served;
use crate::drive::Place;
use crate::fixture::Made;
use crate::machine;
use crate::socket::Door;

/// The first argument of a process that is to be samod's server; the document and the storage's folder follow.
pub(crate) const WORD: &str = "samod-server";

/// Starts it for a row.
pub(crate) fn serve(made: &Made, scratch: &Path, bound: bool) -> Result<(Served, Vec<Place>), String> {
    let here = std::env::current_exe().map_err(|error| error.to_string())?;
    let mut command = machine::on_server_core(&here, bound);
    let data = scratch.join("samod");
    command.arg(WORD).arg(made.document()).arg(&data);
    let server = Served::start(command, &data)?;
    let place = place(&server, made)?;
    Ok((server, vec![place]))
}

/// The one document of a server that lets everybody in.
pub(crate) fn place(server: &Served, made: &Made) -> Result<Place, String> {
    let document = server.said.get("document").and_then(serde_json::Value::as_str);
    let document = document.ok_or("the server does not say which document it has")?.to_owned();
    let base = made.territories.first().and_then(|territory| territory.base.as_ref()).map(Rc::clone);
    let door = Door { address: server.address, path: "/", document, sparing: false };
    Ok(Place { door, base: base.ok_or("a fixture has a document")?, tokens: Vec::new() })
}

/// The server itself; it runs until it is ended.
pub(crate) async fn run(document: &Path, storage: &Path) {
    let storage = TokioFilesystemStorage::new(storage);
    let repo = Repo::build_tokio().with_storage(storage).with_peer_id("samod-server".into()).load().await;
    let saved = std::fs::read(document).expect("the document is there");
    let doc = Automerge::load(&saved).expect("the document can be loaded");
    // The handle keeps the document open.
    let handle = repo.create(doc).await.expect("the repo runs");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("a bound socket");
    let acceptor =
        repo.make_acceptor(format!("ws://{address}").parse().expect("an address")).expect("it runs");
    println!(
        "{}",
        serde_json::json!({ "listen": address.to_string(), "document": handle.document_id().to_string() })
    );
    while let Ok((stream, _)) = listener.accept().await {
        let acceptor = acceptor.clone();
        tokio::spawn(async move {
            drop(stream.set_nodelay(true));
            let Ok(socket) = accept_async(stream).await else { return };
            // The repo drops a connection that it does not want; the client notices.
            drop(acceptor.accept(transport::over(socket)));
        });
    }
}
