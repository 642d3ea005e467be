//! The portrait in TypeScript, for the web application.

use std::path::Path;

use ts_rs::{Config, TS};

use super::{CommunePortrait, Portrait, TerritoryPortrait};
use crate::coverage::{Coverage, Covered};
use crate::evidence::{CommuneGrades, Known, TerritoryGrades};
use crate::gap::{CommuneGap, TerritoryGap};
use crate::grade::{DimensionWords, Grade, Mark, Words};
use crate::missing::Missing;
use crate::need::{Basis, Events, Fragility, Interval, Need};
use crate::offer::FamilyOffer;
use crate::resource::PerFamily;
use crate::statistics::Options;

const FILE: &str = "server/web/src/domain/generated/portrait.ts";
const COMMAND: &str = "PORTREA_WRITE=1 cargo test -p portrea-indicators checked_in";

/// How [`Within`](crate::coverage::Within) is written: its keys say the thresholds.
const WITHIN: &str = "/** One value for each travel time, by the thresholds in force: `within15`, `within30`. */\n\
                      export type Within<T> = Record<`within${number}`, T>;\n";

/// Goal: the web application's types are those of the portrait as serde writes it; the file is compared, or written.
#[test]
#[expect(clippy::disallowed_methods, reason = "a test reads what is checked in, and writes it when told to")]
fn checked_in_portrait() {
    // JSON has no 64-bit integers; our counts stay far below 2^53.
    let config = Config::new().with_large_int("number");
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
        declared::<TerritoryGap>(&config),
        declared::<CommuneGap>(&config),
    ];
    let fresh =
        format!("// Generated from the Rust code, never edited: {COMMAND}\n\n{}{WITHIN}", types.concat());
    let at = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(FILE);
    if std::env::var("PORTREA_WRITE").is_ok() {
        std::fs::create_dir_all(at.parent().expect("a file stands in a folder")).expect("the folder is made");
        std::fs::write(&at, &fresh).expect("the file is written");
    }
    let stored = std::fs::read_to_string(&at).unwrap_or_default();
    assert!(stored == fresh, "{FILE} is not what the code says; to write it: {COMMAND}");
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
