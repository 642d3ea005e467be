//! The portrait and what is asked of it in TypeScript, for the web application.

use std::path::Path;

use ts_rs::{Config, TS};

use crate::access::Accessibility;
use crate::coverage::{Coverage, Covered};
use crate::delta::Delta;
use crate::evidence::{CommuneGrades, Known, TerritoryGrades};
use crate::gap::{CommuneGap, TerritoryGap};
use crate::grade::{DimensionWords, Grade, Mark, Words};
use crate::missing::Missing;
use crate::need::{Basis, Events, Fragility, Interval, Need};
use crate::offer::FamilyOffer;
use crate::portrait::{CommunePortrait, Portrait, TerritoryPortrait};
use crate::priority::{Change, Priority, Rank, Sensitivity, Term};
use crate::progress::{Compared, FamilyHeadlines, FamilyRates, Headlines, Point, Rates};
use crate::resource::{Family, PerFamily};
use crate::siting::{Demand, Effect, Method, Plan, Proposal, Question, Site};
use crate::statistics::{Band, Options, Weights};
use crate::what_if::{Permanence, Scenario, WhatIf};

const FOLDER: &str = "server/web/src/domain/generated";
const COMMAND: &str = "PORTREA_WRITE=1 cargo test -p portrea-indicators checked_in";

/// How [`Within`](crate::coverage::Within) is written: its keys say the thresholds.
const WITHIN: &str = "/** One value for each travel time, by the thresholds in force: `within15`, `within30`. */\n\
                      export type Within<T> = Record<`within${number}`, T>;\n";

/// What [`study.ts`](FOLDER) takes from the portrait's file.
const IMPORTS: &str = "import type { Basis, Interval, PerFamily, TerritoryGrades, TerritoryPortrait, Weights } from './portrait';\n\n";

/// What every answer about a territory says beside itself.
const AS_OF: &str = "/** How far the directory had come: its changes, and when the server took the last one that was told. */\n\
                     export type DirectoryState = { changes: number, at: string | null };\n\n\
                     /** An answer, with the heads of the document that it was drawn from. */\n\
                     export type AsOf<T> = T & { heads: Array<string>, directory: DirectoryState };\n";

/// Goal: the web application's types are those of the portrait as serde writes it; the file is compared, or written.
#[test]
fn checked_in_portrait() {
    let config = config();
    let types = [
        declared::<Portrait>(&config),
        declared::<TerritoryPortrait>(&config),
        declared::<CommunePortrait>(&config),
        declared::<DimensionWords>(&config),
        declared::<Words>(&config),
        declared::<Grade>(&config),
        declared::<Mark>(&config),
        declared::<TerritoryGrades>(&config),
        declared::<Known>(&config),
        declared::<CommuneGrades>(&config),
        declared::<Options>(&config),
        declared::<Band>(&config),
        declared::<Weights>(&config),
        declared::<Basis>(&config),
        declared::<Need>(&config),
        declared::<Fragility>(&config),
        declared::<Interval>(&config),
        declared::<Events>(&config),
        declared::<Missing>(&config),
        declared::<PerFamily<()>>(&config),
        declared::<FamilyOffer>(&config),
        declared::<Coverage<()>>(&config),
        declared::<Covered>(&config),
        declared::<Accessibility>(&config),
        declared::<TerritoryGap>(&config),
        declared::<CommuneGap>(&config),
    ];
    compare("portrait.ts", &format!("{}{WITHIN}", types.concat()));
}

/// Goal: likewise for priority, siting and what-if.
#[test]
fn checked_in_study() {
    let config = config();
    let types = [
        declared::<Family>(&config),
        declared::<Priority>(&config),
        declared::<Rank>(&config),
        declared::<Term>(&config),
        declared::<Sensitivity>(&config),
        declared::<Change>(&config),
        declared::<Question>(&config),
        declared::<Method>(&config),
        declared::<Demand>(&config),
        declared::<Proposal>(&config),
        declared::<Plan>(&config),
        declared::<Site>(&config),
        declared::<Effect>(&config),
        declared::<Permanence>(&config),
        declared::<WhatIf>(&config),
        declared::<Delta>(&config),
        declared::<Scenario>(&config),
        declared::<Point>(&config),
        declared::<Headlines>(&config),
        declared::<FamilyHeadlines>(&config),
        declared::<Compared>(&config),
        declared::<Rates>(&config),
        declared::<FamilyRates>(&config),
    ];
    compare("study.ts", &format!("{IMPORTS}{}{AS_OF}", types.concat()));
}

fn config() -> Config {
    // JSON has no 64-bit integers; our counts stay far below 2^53.
    Config::new().with_large_int("number")
}

#[expect(clippy::disallowed_methods, reason = "a test reads what is checked in, and writes it when told to")]
fn compare(file: &str, types: &str) {
    let fresh = format!("// Generated from the Rust code, never edited: {COMMAND}\n\n{types}");
    let at = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(FOLDER).join(file);
    if std::env::var("PORTREA_WRITE").is_ok() {
        std::fs::create_dir_all(at.parent().expect("a file stands in a folder")).expect("the folder is made");
        std::fs::write(&at, &fresh).expect("the file is written");
    }
    let stored = std::fs::read_to_string(&at).unwrap_or_default();
    assert!(stored == fresh, "{FOLDER}/{file} is not what the code says; to write it: {COMMAND}");
}

/// A type's declaration with its comments, a member a line.
fn declared<T: TS>(config: &Config) -> String {
    let short = |text: String| text.replace("/**\n * ", "/** ").replace("\n */\n", " */\n");
    let body = short(T::decl(config));
    let indent = |(index, line): (usize, &str)| {
        let margin = if index == 0 || line.starts_with('}') { "" } else { "  " };
        format!("{margin}{}\n", line.trim_end())
    };
    let lines: String = body.replace(", }", ",\n}").lines().enumerate().map(indent).collect();
    format!("{}export {lines}\n", short(T::docs().unwrap_or_default()))
}
