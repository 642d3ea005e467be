//! Figures, their medians, and the three places where they are shown: the terminal, `target/bench/load.json`, and the
//! table of `docs/performance.md`.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::{Value as Json, json};

use crate::drive::Outcome;
use crate::machine;
use crate::rows::Row;
use crate::servers::{Usage, Who, npm};

/// What one run gave. Times that too few reached are missing.
#[derive(Debug, Clone, Default)]
pub(crate) struct Figures {
    p50_ms: Option<f64>,
    p99_ms: Option<f64>,
    seen_share: f64,
    edits_a_second: Option<f64>,
    seconds: f64,
    kilobytes: Option<f64>,
    /// Frames that clients were sent, and that they sent.
    frames: (u64, u64),
    usage: Usage,
    failures: Vec<String>,
}

impl Figures {
    /// The figures of a row.
    pub(crate) fn new(outcome: &Outcome, usage: Usage) -> Self {
        let Outcome { times, expected, complete, seconds, bytes, frames, failures } = outcome;
        let is_cold = bytes.is_some();
        let counted = if is_cold { *complete } else { times.count() };
        Self {
            p50_ms: times.within(0.5, *expected),
            p99_ms: times.within(0.99, *expected),
            seen_share: counted as f64 / (*expected).max(1) as f64,
            edits_a_second: (!is_cold && *complete > 0).then(|| *complete as f64 / seconds),
            seconds: *seconds,
            kilobytes: bytes.map(|bytes| bytes as f64 / 1e3),
            frames: *frames,
            usage,
            failures: failures.clone(),
        }
    }

    /// Figures of a run that did not take place.
    pub(crate) fn failed(why: String) -> Self {
        Self { failures: vec![why], ..Self::default() }
    }

    fn json(&self) -> Json {
        json!({
            "p50Ms": self.p50_ms,
            "p99Ms": self.p99_ms,
            "seenShare": self.seen_share,
            "editsASecond": self.edits_a_second,
            "seconds": self.seconds,
            "kilobytes": self.kilobytes,
            "framesToClients": self.frames.0,
            "framesFromClients": self.frames.1,
            "serverCpuSeconds": self.usage.server_seconds,
            "peakRssBytes": self.usage.peak_bytes,
            "driverCpuShare": self.usage.driver_share,
            "failures": self.failures,
        })
    }
}

/// The median of each figure; what is missing counts as the worst, and is missing when it is the median.
fn medians(runs: &[Figures]) -> Figures {
    let of = |figure: &dyn Fn(&Figures) -> Option<f64>| {
        let mut all: Vec<f64> = runs.iter().map(|run| figure(run).unwrap_or(f64::INFINITY)).collect();
        all.sort_by(f64::total_cmp);
        all.get(all.len() / 2).copied().filter(|middle| middle.is_finite())
    };
    let plain = |figure: &dyn Fn(&Figures) -> f64| of(&|run| Some(figure(run))).unwrap_or_default();
    let count = |figure: &dyn Fn(&Figures) -> u64| {
        let mut all: Vec<u64> = runs.iter().map(figure).collect();
        all.sort_unstable();
        all.get(all.len() / 2).copied().unwrap_or_default()
    };
    Figures {
        p50_ms: of(&|run| run.p50_ms),
        p99_ms: of(&|run| run.p99_ms),
        seen_share: plain(&|run| run.seen_share),
        edits_a_second: of(&|run| run.edits_a_second),
        seconds: plain(&|run| run.seconds),
        kilobytes: of(&|run| run.kilobytes),
        frames: (count(&|run| run.frames.0), count(&|run| run.frames.1)),
        usage: Usage {
            server_seconds: plain(&|run| run.usage.server_seconds),
            peak_bytes: plain(&|run| run.usage.peak_bytes),
            driver_share: plain(&|run| run.usage.driver_share),
        },
        failures: runs.iter().flat_map(|run| run.failures.clone()).collect(),
    }
}

/// Everything that was measured.
pub(crate) struct Report {
    rows: Vec<(Row, Who, Vec<Figures>)>,
    bound: bool,
    quick: bool,
}

impl Report {
    /// Nothing yet.
    pub(crate) fn new(bound: bool, quick: bool) -> Self {
        Self { rows: Vec::new(), bound, quick }
    }

    /// Takes the runs of a row and prints their line.
    pub(crate) fn add(&mut self, row: Row, who: Who, runs: Vec<Figures>) {
        let median = medians(&runs);
        println!("{}", line(row, who, &median, "  "));
        for failure in median.failures.iter().take(2) {
            println!("      {}", failure.chars().take(300).collect::<String>());
        }
        self.rows.push((row, who, runs));
    }

    /// The line above the lines.
    pub(crate) fn head() -> String {
        cells(&HEAD.map(str::to_owned), "  ")
    }

    /// Writes `target/bench/load.json`.
    pub(crate) fn write_json(&self, folder: &Path) -> std::io::Result<()> {
        let rows = self.rows.iter().map(|(row, who, runs)| {
            json!({
                "row": row.name,
                "what": row.what,
                "server": who.name(),
                "median": medians(runs).json(),
                "runs": runs.iter().map(Figures::json).collect::<Vec<_>>(),
            })
        });
        let all = json!({
            "machine": machine::name(),
            "versions": versions(),
            "boundToCores": self.bound,
            "quick": self.quick,
            "rows": rows.collect::<Vec<_>>(),
        });
        std::fs::create_dir_all(folder)?;
        let text = serde_json::to_string_pretty(&all).expect("figures have a JSON form");
        std::fs::write(folder.join("load.json"), text)
    }

    /// Puts the table between the two markers of a page.
    pub(crate) fn write_page(&self, page: &Path) -> Result<(), String> {
        const MARKERS: [&str; 2] = ["<!-- bench: begin -->", "<!-- bench: end -->"];
        let text = std::fs::read_to_string(page).map_err(|error| error.to_string())?;
        let parts = text.split_once(MARKERS[0]).and_then(|(before, rest)| Some((before, rest.split_once(MARKERS[1])?.1)));
        let (before, after) = parts.ok_or("the page has no markers")?;
        let text = format!("{before}{}\n{}\n{}{after}", MARKERS[0], self.markdown(), MARKERS[1]);
        std::fs::write(page, text).map_err(|error| error.to_string())
    }

    fn markdown(&self) -> String {
        let bound = if self.bound {
            "server and driver on a core each"
        } else {
            "server and driver not bound to cores, which these figures suffer from"
        };
        let runs = self.rows.iter().map(|(_, _, runs)| runs.len()).max().unwrap_or_default();
        let mut text = format!("{}; {bound}; medians of {runs} runs.\n\n", machine::name());
        writeln!(text, "Versions: {}.\n", versions().join(", ")).expect("a string takes all");
        writeln!(text, "{}", cells(&HEAD.map(str::to_owned), "|")).expect("a string takes all");
        let rules = ["---", "---", "--:", "--:", "--:", "--:", "--:", "--:", "--:", "--:"];
        writeln!(text, "{}", cells(&rules.map(str::to_owned), "|")).expect("a string takes all");
        for (row, who, runs) in &self.rows {
            writeln!(text, "{}", line(*row, *who, &medians(runs), "|")).expect("a string takes all");
        }
        text
    }
}

const HEAD: [&str; 10] =
    ["row", "server", "p50 ms", "p99 ms", "seen", "edits/s", "server CPU s", "peak MB", "driver CPU", "kB"];

fn line(row: Row, who: Who, figures: &Figures, between: &str) -> String {
    let what = if between == "|" { row.what } else { row.name };
    let number = |value: Option<f64>| value.map_or_else(|| "—".to_owned(), short);
    // Rounded down, so that 100 % means all.
    let percent = |share: f64| format!("{} %", short((share * 1_000.0).floor() / 10.0));
    cells(
        &[
            what.to_owned(),
            who.name().to_owned(),
            number(figures.p50_ms),
            number(figures.p99_ms),
            percent(figures.seen_share),
            number(figures.edits_a_second),
            format!("{:.2}", figures.usage.server_seconds),
            short(figures.usage.peak_bytes / 1e6),
            percent(figures.usage.driver_share),
            number(figures.kilobytes),
        ],
        between,
    )
}

/// Three figures, or as many as stand before the point.
fn short(value: f64) -> String {
    match value {
        value if value >= 99.95 => format!("{value:.0}"),
        value if value >= 9.95 || value.fract() == 0.0 => {
            let text = format!("{value:.1}");
            text.trim_end_matches(".0").to_owned()
        }
        value => format!("{value:.2}"),
    }
}

fn cells(cells: &[String; 10], between: &str) -> String {
    if between == "|" {
        return format!("| {} |", cells.join(" | "));
    }
    let widths = [14, 16, 8, 8, 7, 8, 12, 8, 10, 7];
    let padded = cells.iter().zip(widths).enumerate().map(|(column, (cell, width))| {
        if column < 2 { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
    });
    padded.collect::<Vec<_>>().join(between)
}

/// What was run, with what.
fn versions() -> Vec<String> {
    let mut all = vec![concat!("portrea-server ", env!("CARGO_PKG_VERSION")).to_owned(), "samod 0.16.0".to_owned()];
    all.extend(npm::pinned());
    all.push(format!("Node {}", machine::version("node")));
    all
}
