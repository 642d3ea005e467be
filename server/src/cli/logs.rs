//! The log, on standard error: lines for people on a terminal, JSON elsewhere. `PORTREA_LOG` chooses what is in it.

use std::env;
use std::io::{IsTerminal, stderr};

use tracing_subscriber::EnvFilter;

/// Before all other levels. automerge opens a span for each chunk that it loads and writes the whole graph of changes into it,
/// wherever spans of its are wanted: a territory with some hundred chunks took seconds to open.
const QUIET: &str = "automerge=warn";

/// Starts the log with these levels unless `PORTREA_LOG` says otherwise. Once a process.
pub(super) fn start(levels: &str, json: bool) {
    let asked = env::var("PORTREA_LOG").ok();
    let builder =
        tracing_subscriber::fmt().with_env_filter(filter(levels, asked.as_deref())).with_writer(stderr);
    // An error means that a log stands already; it serves as well.
    if json || !stderr().is_terminal() {
        drop(builder.json().try_init());
    } else {
        drop(builder.with_target(false).try_init());
    }
}

/// What is asked for, if that can be read, and else these levels.
fn filter(levels: &str, asked: Option<&str>) -> EnvFilter {
    let with = |levels: &str| EnvFilter::try_new(format!("{QUIET},{levels}"));
    asked
        .filter(|asked| !asked.trim().is_empty())
        .and_then(|asked| with(asked).ok())
        .or_else(|| with(levels).ok())
        .unwrap_or_else(|| EnvFilter::new(levels))
}

#[cfg(test)]
mod tests {
    use std::io::sink;

    use tracing::{Level, enabled};

    use super::filter;

    /// Whether automerge's spans, our own messages and our own details are wanted.
    fn wanted(asked: Option<&str>) -> [bool; 3] {
        let log =
            tracing_subscriber::fmt().with_env_filter(filter("info,sled=warn", asked)).with_writer(sink);
        tracing::subscriber::with_default(log.finish(), || {
            [
                enabled!(target: "automerge::storage::load", Level::INFO),
                enabled!(target: "portrea_server::registry", Level::INFO),
                enabled!(target: "portrea_server::registry", Level::DEBUG),
            ]
        })
    }

    /// Goal: automerge's spans are opened for nobody who did not ask for automerge.
    #[test]
    fn automerge_is_quiet_unless_it_is_asked() {
        assert_eq!(wanted(None), [false, true, false]);
        assert_eq!(wanted(Some("")), [false, true, false]);
        assert_eq!(wanted(Some("debug")), [false, true, true]);
        assert_eq!(wanted(Some("warn,automerge=debug")), [true, false, false]);
        assert_eq!(wanted(Some("portrea_server=loud")), [false, true, false]);
    }
}
