//! Everything that was measured, in the three places where it is shown: the terminal, `target/bench/load.json`, and the
//! table of `docs/performance.md`.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::json;

use crate::figures::{Figures, medians};
use crate::machine;
use crate::rows::Row;
use crate::servers::{Who, npm};
use crate::table::{self, Form, line};

/// Between these the page has its table.
const MARKERS: [&str; 2] = ["<!-- bench: begin -->", "<!-- bench: end -->"];

/// Everything that was measured.
pub(crate) struct Report {
    rows: Vec<Measured>,
    bound: bool,
    quick: bool,
}

/// The runs of a row against one server.
struct Measured {
    row: Row,
    who: Who,
    runs: Vec<Figures>,
    median: Figures,
}

impl Report {
    /// Nothing yet.
    pub(crate) fn new(bound: bool, quick: bool) -> Self {
        Self { rows: Vec::new(), bound, quick }
    }

    /// Takes the runs of a row and prints their line.
    pub(crate) fn add(&mut self, row: Row, who: Who, runs: Vec<Figures>) {
        let measured = Measured { row, who, median: medians(&runs), runs };
        println!("{}", line(row, who, &measured.median, self.speed(&measured), Form::Terminal));
        for failure in measured.median.failures.iter().take(2) {
            println!("      {}", failure.chars().take(300).collect::<String>());
        }
        self.rows.push(measured);
    }

    /// How a row stands beside Hocuspocus, which keeps nothing and is the faster for it.
    fn speed(&self, one: &Measured) -> Option<f64> {
        let is_twin = |other: &&Measured| other.who == Who::Hocuspocus && other.row.name == one.row.name;
        let twin = self.rows.iter().find(is_twin).filter(|_| one.who != Who::Hocuspocus)?;
        one.median.speed(one.row.load, &twin.median)
    }

    /// Writes `target/bench/load.json`.
    pub(crate) fn write_json(&self, folder: &Path) -> std::io::Result<()> {
        let rows = self.rows.iter().map(|measured| {
            json!({
                "row": measured.row.name,
                "what": measured.row.what,
                "server": measured.who.name(),
                "speedToHocuspocus": self.speed(measured),
                "median": measured.median.json(),
                "runs": measured.runs.iter().map(Figures::json).collect::<Vec<_>>(),
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
        let text = std::fs::read_to_string(page).map_err(|error| error.to_string())?;
        let after = |rest: &str| rest.split_once(MARKERS[1]).map(|(_, after)| after.to_owned());
        let parts = text.split_once(MARKERS[0]).and_then(|(before, rest)| Some((before, after(rest)?)));
        let (before, after) = parts.ok_or("the page has no markers")?;
        let text = format!("{before}{}\n\n{}\n{}{after}", MARKERS[0], self.markdown(), MARKERS[1]);
        std::fs::write(page, text).map_err(|error| error.to_string())
    }

    fn markdown(&self) -> String {
        let bound = if self.bound {
            "server and driver on a core each"
        } else {
            "server and driver not bound to cores, which these figures suffer from"
        };
        let runs = self.rows.iter().map(|measured| measured.runs.len()).max().unwrap_or_default();
        let quick = if self.quick { " Shortened rows: for trying, not for figures." } else { "" };
        let mut text = format!("{}; {bound}; medians of {runs} runs.{quick}\n\n", machine::name());
        let mut add = |line: String| writeln!(text, "{line}").expect("a string takes all");
        add(format!("Versions: {}.\n", versions().join(", ")));
        add(table::head(Form::Page));
        add(table::rule());
        let mut rows: Vec<&Measured> = self.rows.iter().collect();
        let place = |name: &str| self.rows.iter().position(|measured| measured.row.name == name);
        rows.sort_by_key(|measured| (place(measured.row.name), measured.who));
        for measured in rows {
            let speed = self.speed(measured);
            add(line(measured.row, measured.who, &measured.median, speed, Form::Page));
        }
        text
    }
}

/// What was run, with what.
fn versions() -> Vec<String> {
    let mut all =
        vec![concat!("portrea-server ", env!("CARGO_PKG_VERSION")).to_owned(), "samod 0.16.0".to_owned()];
    all.extend(npm::pinned());
    all.push(format!("Node {}", machine::version("node")));
    all
}
