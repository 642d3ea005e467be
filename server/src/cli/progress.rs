//! How far a command is, on a terminal, when it takes more than a second.

use std::future::Future;
use std::io::{IsTerminal, stderr};
use std::pin::pin;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::admin::command::Report;

/// What takes less shows nothing.
const PATIENCE: Duration = Duration::from_secs(1);
/// How often the bar moves though nothing is heard.
const TICK: Duration = Duration::from_millis(120);

/// A bar. Cloning shares it.
#[derive(Clone)]
pub(super) struct Progress(ProgressBar);

impl Progress {
    /// A bar that shows nothing yet.
    pub(super) fn new() -> Self {
        let bar = ProgressBar::hidden();
        // A template of our own that cannot be read would be our bug; the default serves then.
        if let Ok(style) = ProgressStyle::with_template("{spinner} {elapsed} {wide_bar} {pos}/{len}") {
            bar.set_style(style);
        }
        Self(bar)
    }

    /// Moves the bar.
    pub(super) fn hear(&self, report: &Report) {
        self.0.set_length(report.of as u64);
        self.0.set_position(report.done as u64);
    }

    /// Shows the bar while the work lasts, once it has lasted a while.
    pub(super) async fn during<T>(&self, work: impl Future<Output = T>) -> T {
        let mut work = pin!(work);
        tokio::select! {
            done = &mut work => return done,
            () = tokio::time::sleep(PATIENCE) => {}
        }
        if stderr().is_terminal() {
            self.0.set_draw_target(ProgressDrawTarget::stderr());
            self.0.enable_steady_tick(TICK);
        }
        let done = work.await;
        self.0.finish_and_clear();
        done
    }
}
