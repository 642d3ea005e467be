//! The server's life: bind, open, announce, serve, and stop so that nothing that was acknowledged is lost.

use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::arguments::Serve;
use super::{CliError, Context, call, catalogue, directory};
use crate::admin::erase;
use crate::admin::socket::Door;
use crate::http;
use crate::settings::Settings;
use crate::state::State;
use crate::store::StoreError;

/// How long connections and commands may take to end once they were told: less than what a service manager waits.
const PATIENCE: Duration = Duration::from_secs(8);

/// Serves a data directory.
pub(super) async fn run(context: &Context, serve: Serve) -> Result<ExitCode, CliError> {
    let mut settings = serve.place.settings()?;
    if let Some(listen) = serve.listen {
        settings.listen = listen;
    }
    if let Some(url) = serve.base_url {
        settings.base_url = url;
    }
    if !serve.trusted_proxy.is_empty() {
        let proxies: Vec<String> = serve.trusted_proxy.iter().map(ToString::to_string).collect();
        settings.trusted_proxy = proxies.join(",");
    }
    let (state, listener) = open(context, settings).await?;
    let url = state.settings.base_url();
    if context.json {
        let data = state.settings.data.display().to_string();
        say(&json!({ "url": url, "listen": state.settings.listen, "data": data }).to_string());
    } else {
        say(context.lang.of(&catalogue::serving(&url)));
    }
    until_stopped(context, state, listener).await
}

/// Binds the address first, so that a wrong one leaves the data alone; then opens the data.
pub(super) async fn open(
    context: &Context,
    mut settings: Settings,
) -> Result<(Arc<State>, TcpListener), CliError> {
    let url = settings.base_url.as_str();
    if !(url.is_empty() || url.starts_with("http://") || url.starts_with("https://")) {
        return Err(CliError::Call(catalogue::bad_base_url(url)));
    }
    if let Err(word) = settings.trusted_proxies() {
        return Err(CliError::Call(catalogue::bad_proxy(&word)));
    }
    if let Err(error) = settings.provider() {
        return Err(CliError::Call(catalogue::bad_provider(&error)));
    }
    let no_listener =
        |error: std::io::Error| CliError::work("listen", catalogue::not_listening(settings.listen, &error));
    let listener = TcpListener::bind(settings.listen).await.map_err(no_listener)?;
    let bound = listener.local_addr().map_err(no_listener)?;
    settings.listen = bound;
    if settings.base_url.is_empty() {
        settings.base_url = format!("http://{}", reachable(bound));
    }
    let made = directory::prepare(&settings.data);
    made.map_err(|error| CliError::work("data-directory", catalogue::no_directory(&settings.data, &error)))?;
    let store = call::open(context.open, &settings).await.map_err(|error| not_opened(&settings, &error))?;
    let kept = settings.clone();
    let state = State::open(store, settings).await.map_err(|error| call::not_opened(&kept, &error))?;
    // A disk without room for the copy is no reason not to serve; `verify` says it too.
    if let Err(error) = erase::settle(&state, &mut |_| {}).await {
        tracing::error!(%error, "what was erased is in the store's files yet: make room, then `portrea-server compact`");
    }
    Ok((Arc::new(state), listener))
}

fn not_opened(settings: &Settings, error: &StoreError) -> CliError {
    match error {
        StoreError::Busy { .. } => CliError::work("busy", catalogue::served_already(&settings.data)),
        StoreError::Engine { .. }
        | StoreError::NoRoom { .. }
        | StoreError::Damaged(_)
        | StoreError::FeedConflict { .. } => call::not_opened(settings, error),
    }
}

/// An address that a browser on this machine can open: "every address" is none.
fn reachable(bound: SocketAddr) -> SocketAddr {
    let ip = match bound.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip @ (IpAddr::V4(_) | IpAddr::V6(_)) => ip,
    };
    SocketAddr::new(ip, bound.port())
}

/// Serves until a signal, then tells everybody and keeps what arrived. A second signal ends it at once.
pub(super) async fn until_stopped(
    context: &Context,
    state: Arc<State>,
    listener: TcpListener,
) -> Result<ExitCode, CliError> {
    let failed = |error: std::io::Error| CliError::work("server", catalogue::ended(error));
    let mut signals = Signals::new().map_err(failed)?;
    let door = match Door::open(&state.settings.data) {
        Ok(door) => Some(tokio::spawn(door.serve(Arc::clone(&state)))),
        Err(error) => {
            tracing::warn!(%error, "no administrative socket: commands on this data directory will be refused");
            None
        }
    };
    tracing::info!(listen = %state.settings.listen, version = env!("CARGO_PKG_VERSION"), "serving");
    let mut serving = tokio::spawn(http::serve(Arc::clone(&state), listener));
    let served = tokio::select! {
        served = &mut serving => Some(served),
        () = signals.next() => None,
    };
    tracing::info!("stopping");
    state.stopping.send_replace(true);
    if served.is_none() && !context.json {
        drop(writeln!(std::io::stderr(), "{}", context.lang.of(&catalogue::stopping())));
    }
    let running = served.is_none();
    let closing = async {
        let connections = async {
            if running {
                // How serving ended no longer matters.
                drop(serving.await);
            }
        };
        let operators = async {
            if let Some(door) = door {
                drop(door.await);
            }
        };
        let all = async { tokio::join!(connections, sessions_ended(&state), operators) };
        if tokio::time::timeout(PATIENCE, all).await.is_err() {
            tracing::warn!("some connections did not end in time and are cut");
        }
        state.registry.drain().await;
        state.registry.committer().close().await;
    };
    tokio::select! {
        () = closing => tracing::info!("stopped"),
        () = signals.next() => tracing::warn!("stopped without waiting"),
    }
    match served {
        None => Ok(ExitCode::SUCCESS),
        Some(Ok(())) => Err(CliError::work("server", catalogue::ended("?"))),
        Some(Err(error)) => Err(CliError::work("server", catalogue::ended(error))),
    }
}

/// Every websocket gave its permit back.
async fn sessions_ended(state: &State) {
    let all = u32::try_from(state.settings.connections_max).unwrap_or(u32::MAX);
    // An error means that the semaphore is closed: nobody is connected then.
    drop(state.connections.acquire_many(all).await);
}

/// What asks a server to stop.
struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

/// SIGXFSZ, by its number on every common system: a file that would grow beyond a limit. Unheeded it ends the process;
/// heeded, the write fails, which the store can deal with.
#[cfg(unix)]
const FILE_TOO_LARGE: i32 = 25;

impl Signals {
    fn new() -> std::io::Result<Self> {
        // tokio heeds a signal from the first time it was asked for.
        drop(signal(SignalKind::from_raw(FILE_TOO_LARGE))?);
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

/// Says something on standard output; nobody may be listening.
pub(super) fn say(text: &str) {
    let mut out = std::io::stdout();
    drop(writeln!(out, "{text}").and_then(|()| out.flush()));
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn links_lead_somewhere() {
        for (bound, expected) in [
            ("127.0.0.1:8080", "127.0.0.1:8080"),
            ("0.0.0.0:80", "127.0.0.1:80"),
            ("[::]:8080", "[::1]:8080"),
            ("192.168.1.2:9", "192.168.1.2:9"),
        ] {
            assert_eq!(reachable(bound.parse().unwrap()).to_string(), expected);
        }
    }
}
