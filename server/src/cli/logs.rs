//! The log, on standard error: lines for people on a terminal, JSON elsewhere. `PORTREA_LOG` chooses what is in it.

use std::io::{IsTerminal, stderr};

use tracing_subscriber::EnvFilter;

/// Starts the log with these levels unless `PORTREA_LOG` says otherwise. Once a process.
pub(super) fn start(levels: &str, json: bool) {
    let filter = EnvFilter::builder()
        .with_env_var("PORTREA_LOG")
        .try_from_env()
        .unwrap_or_else(|_| EnvFilter::new(levels));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(stderr);
    // An error means that a log stands already; it serves as well.
    if json || !stderr().is_terminal() {
        drop(builder.json().try_init());
    } else {
        drop(builder.with_target(false).try_init());
    }
}
