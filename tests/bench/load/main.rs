//! The side-by-side benchmark: one driver, the same load against our server, samod's, npm's automerge-repo, and, by the
//! driver's twin, Hocuspocus. `make bench` runs it; docs/performance.md says what is measured and how far it goes.
//!
//! ```sh
//! make bench                                           # everything, three runs a row
//! make bench ROWS=steady,storm PEERS=portrea QUICK=1   # some rows, one server, one short run each
//! make bench WRITE=1                                   # and the table into docs/performance.md
//! ```
//!
//! 1. [`rows`]: the rows as data. 2. [`fixture`], [`base`]: what stands there before, and what clients know of it.
//! 3. [`servers`]: the servers, started and watched. 4. [`drive`], [`client`], [`thin`], [`graph`], [`socket`],
//!    [`wire`], [`cold`], [`attack`]: the load; a client's hand; its mind, automerge's sync state machine without a
//!    document; the changes of all; frames; clients with nothing; callers of ill will. 5. [`tally`], [`times`],
//!    [`minutes`], [`machine`], [`figures`], [`table`], [`report`]: counting and showing.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    reason = "a benchmark may stop at the first thing that is odd, and its counts are small"
)]

mod attack;
mod base;
mod client;
mod cold;
mod drive;
mod figures;
mod fixture;
mod graph;
mod machine;
mod minutes;
mod report;
mod rows;
mod servers;
mod socket;
mod table;
mod tally;
mod thin;
mod times;
mod wire;

use std::fs;
use std::path::{Path, PathBuf};

use drive::Load;
use figures::Figures;
use fixture::{Fixture, Made};
use report::Report;
use rows::Row;
use servers::{Besides, Meter, Who, npm, ours, rust};
use table::Form;

fn main() {
    let words: Vec<String> = std::env::args().collect();
    if words.get(1).is_some_and(|word| word == rust::WORD) {
        let serving = tokio::runtime::Runtime::new().expect("a runtime can be made");
        return serving.block_on(rust::run(Path::new(&words[2]), Path::new(&words[3])));
    }
    if let Err(why) = bench() {
        eprintln!("{why}");
        std::process::exit(1);
    }
}

/// The driver's runtime: one thread, for it has one core.
fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime can be made")
}

fn bench() -> Result<(), String> {
    let word = |name: &str| std::env::var(name).unwrap_or_default();
    let is_set = |name: &str| !matches!(word(name).as_str(), "" | "0");
    let quick = is_set("QUICK");
    let runs = word("RUNS").parse().unwrap_or(if quick { 1 } else { 3 });
    let rows = rows::chosen(&word("ROWS"), quick);
    let peers = rows::peers(&word("PEERS"));
    // Building and installing may use all cores; what is measured may not.
    ours::program()?;
    if rows.iter().flat_map(|row| row.who).any(|who| !who.is_ours() && peers.contains(who)) {
        npm::install()?;
    }
    let bound = machine::has_two_cores() && machine::bind_driver();
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../target/bench"));
    let scratch = folder.join("load");
    fs::create_dir_all(&scratch).map_err(|error| error.to_string())?;
    println!(
        "{}; {} run(s) a row; {}",
        machine::name(),
        runs,
        if bound { "a core each" } else { "not bound" }
    );
    println!("{}", table::head(Form::Terminal));
    let mut report = Report::new(bound, quick);
    let mut made: Option<Made> = None;
    for row in rows {
        if made.as_ref().is_none_or(|made| made.fixture != row.fixture) {
            made = Some(prepare(row.fixture, &scratch, bound)?);
        }
        let made = made.as_ref().expect("just made");
        for who in row.who.iter().copied().filter(|who| peers.contains(who)) {
            let mut figures = Vec::new();
            for life in 1..=runs {
                let run = measure(row, who, made, &scratch, life, bound).unwrap_or_else(Figures::failed);
                let settled = !who.is_ours() && !run.is_complete();
                figures.push(run);
                // A peer that did not bring everything in half a minute will not the next time.
                if settled {
                    break;
                }
            }
            report.add(row, who, figures);
        }
        // After each row, so that a run that is broken off leaves what it found.
        report.write_json(&folder).map_err(|error| error.to_string())?;
        if is_set("WRITE") {
            report.write_page(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/performance.md")))?;
        }
    }
    Ok(())
}

fn prepare(fixture: Fixture, scratch: &Path, bound: bool) -> Result<Made, String> {
    eprintln!("making {fixture:?}");
    Made::make(fixture, scratch, bound).map_err(|why| format!("{fixture:?}: {why}"))
}

/// One run of a row against one server, started for it on its own copy of the data.
fn measure(
    row: Row,
    who: Who,
    made: &Made,
    scratch: &Path,
    life: u8,
    bound: bool,
) -> Result<Figures, String> {
    let folder = scratch.join("run");
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(|error| error.to_string())?;
    }
    fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    if !who.speaks_automerge() {
        let server = npm::hocuspocus(made, &folder, who == Who::HocuspocusFile, bound)?;
        let (outcome, meter) = npm::play(&server, made, row.load, |driver| Meter::new(server.pid(), driver))?;
        return Ok(Figures::new(row.load, &outcome, meter.usage(), Besides::new()));
    }
    let alone = |(server, places)| (server, places, Besides::new());
    let (server, places, besides) = match who {
        Who::Samod => alone(rust::serve(made, &folder, bound)?),
        Who::AutomergeRepo => alone(npm::automerge_repo(made, &folder, bound)?),
        Who::Portrea | Who::PortreaSparing | Who::Hocuspocus | Who::HocuspocusFile => {
            let clients = (row.load.clients() + row.load.intruders(), who == Who::PortreaSparing);
            ours::serve(made, &folder, clients, bound)?
        }
    };
    let meter = Meter::new(server.pid(), std::process::id());
    let outcome = runtime().block_on(drive::play(&places, row.load, life, &meter))?;
    // What a start takes, and what a server without documents needs, is shown where it is the point.
    let is_shown = |name: &&str| match row.load {
        Load::Walk { .. } => *name != "ready ms",
        Load::Steady { .. }
        | Load::Besieged { .. }
        | Load::Burst { .. }
        | Load::Storm { .. }
        | Load::Cold { .. } => made.territories.len() > 1,
    };
    let besides = besides.into_iter().filter(|(name, _)| is_shown(name)).collect();
    Ok(Figures::new(row.load, &outcome, meter.usage(), besides))
}
