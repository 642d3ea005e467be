//! The figures of a run, the medians of several, and how they stand beside Hocuspocus.

use serde_json::{Value as Json, json};

use crate::drive::{Load, Outcome};
use crate::minutes;
use crate::servers::{Besides, Usage};

/// What one run gave. Times that too few reached are missing.
#[derive(Debug, Clone, Default)]
pub(crate) struct Figures {
    pub(crate) p50_ms: Option<f64>,
    pub(crate) p99_ms: Option<f64>,
    pub(crate) seen_share: f64,
    pub(crate) edits_a_second: Option<f64>,
    /// Until everybody had everything; missing where that was not reached.
    pub(crate) done_seconds: Option<f64>,
    /// Frames that clients were sent, and that they sent.
    pub(crate) frames: (u64, u64),
    pub(crate) usage: Usage,
    pub(crate) besides: Besides,
    pub(crate) failures: Vec<String>,
}

impl Figures {
    /// The figures of a row; `besides` is what was seen before it began.
    pub(crate) fn new(load: Load, outcome: &Outcome, usage: Usage, mut besides: Besides) -> Self {
        let Outcome { times, expected, complete, seconds, bytes, minutes, frames, sparing, failures } =
            outcome;
        besides.extend(minutes::compared(minutes));
        let counted = if bytes.is_some() { *complete } else { times.count() };
        let is_done = counted >= *expected && *expected > 0;
        if let Some(bytes) = bytes {
            besides.insert("sent kB", *bytes as f64 / 1e3);
        }
        if *sparing > 0 {
            besides.insert("sparing clients", *sparing as f64);
        }
        if matches!(load, Load::Walk { .. }) {
            besides.insert("loaded MB", usage.before_bytes / 1e6);
            besides.insert("peak/loaded ×", usage.peak_bytes / usage.before_bytes.max(1.0));
        }
        Self {
            p50_ms: times.within(0.5, *expected),
            p99_ms: times.within(0.99, *expected),
            seen_share: counted as f64 / (*expected).max(1) as f64,
            edits_a_second: (bytes.is_none() && *complete > 0).then(|| *complete as f64 / seconds),
            done_seconds: is_done.then_some(*seconds),
            frames: *frames,
            usage,
            besides,
            failures: failures.clone(),
        }
    }

    /// Figures of a run that did not take place.
    pub(crate) fn failed(why: String) -> Self {
        Self { failures: vec![why], ..Self::default() }
    }

    /// Whether everybody saw everything.
    pub(crate) fn is_complete(&self) -> bool {
        self.done_seconds.is_some()
    }

    /// How many times as fast this is as another server under the same load: by the median time, by edits a second
    /// in a burst, by the time until all have all in a storm. Above 1 is faster.
    pub(crate) fn speed(&self, load: Load, other: &Self) -> Option<f64> {
        let shorter = |one: Option<f64>, other: Option<f64>| Some(other? / one?);
        match load {
            Load::Burst { .. } => shorter(other.edits_a_second, self.edits_a_second),
            Load::Storm { .. } => shorter(self.done_seconds, other.done_seconds),
            Load::Steady { .. } | Load::Besieged { .. } | Load::Cold { .. } | Load::Walk { .. } => {
                shorter(self.p50_ms, other.p50_ms)
            }
        }
    }

    /// Its form in `target/bench/load.json`.
    pub(crate) fn json(&self) -> Json {
        json!({
            "p50Ms": self.p50_ms,
            "p99Ms": self.p99_ms,
            "seenShare": self.seen_share,
            "editsASecond": self.edits_a_second,
            "doneSeconds": self.done_seconds,
            "framesToClients": self.frames.0,
            "framesFromClients": self.frames.1,
            "serverCpuSeconds": self.usage.server_seconds,
            "rssBytesBefore": self.usage.before_bytes,
            "peakRssBytes": self.usage.peak_bytes,
            "driverCpuShare": self.usage.driver_share,
            "besides": self.besides,
            "failures": self.failures,
        })
    }
}

/// The median of each figure; what is missing counts as the worst, and is missing when it is the median.
pub(crate) fn medians(runs: &[Figures]) -> Figures {
    let longest = |figure: &dyn Fn(&Figures) -> Option<f64>| middle(runs, f64::INFINITY, figure);
    let least = |figure: &dyn Fn(&Figures) -> Option<f64>| middle(runs, f64::NEG_INFINITY, figure);
    let plain = |figure: &dyn Fn(&Figures) -> f64| longest(&|run| Some(figure(run))).unwrap_or_default();
    let count = |figure: &dyn Fn(&Figures) -> u64| {
        let mut all: Vec<u64> = runs.iter().map(figure).collect();
        all.sort_unstable();
        all.get(all.len() / 2).copied().unwrap_or_default()
    };
    let names = runs.iter().flat_map(|run| run.besides.keys().copied());
    let besides = names.filter_map(|name| Some((name, longest(&|run| run.besides.get(name).copied())?)));
    Figures {
        p50_ms: longest(&|run| run.p50_ms),
        p99_ms: longest(&|run| run.p99_ms),
        seen_share: plain(&|run| run.seen_share),
        edits_a_second: least(&|run| run.edits_a_second),
        done_seconds: longest(&|run| run.done_seconds),
        frames: (count(&|run| run.frames.0), count(&|run| run.frames.1)),
        usage: Usage {
            server_seconds: plain(&|run| run.usage.server_seconds),
            before_bytes: plain(&|run| run.usage.before_bytes),
            peak_bytes: plain(&|run| run.usage.peak_bytes),
            driver_share: plain(&|run| run.usage.driver_share),
        },
        besides: besides.collect(),
        failures: runs.iter().flat_map(|run| run.failures.clone()).collect(),
    }
}

fn middle(runs: &[Figures], worst: f64, figure: &dyn Fn(&Figures) -> Option<f64>) -> Option<f64> {
    let mut all: Vec<f64> = runs.iter().map(|run| figure(run).unwrap_or(worst)).collect();
    all.sort_by(f64::total_cmp);
    all.get(all.len() / 2).copied().filter(|middle| middle.is_finite())
}
