//! From former communes to today's: which code became which.
//!
//! A small table is built in: the mergers of Brittany from 2019 to 2025 that the public files of the census straddle
//! (Code officiel géographique, INSEE). Others come as a CSV: the code before, the code after, the year; the columns of
//! INSEE's own list of movements (`COM_AV`, `COM_AP`, `DATE_EFF`) are read as they are.

use std::collections::{BTreeMap, BTreeSet};

use portrea_indicators::series::Level;
use portrea_protocol::ids::InseeCode;
use serde::{Deserialize, Serialize};

use super::cells;
use crate::exchange::finding::{FileError, FileFinding, Message, Spot};
use crate::exchange::table::Table;

/// How many mergers of mergers are followed.
const STEPS_MAX: usize = 8;

/// The mergers that are built in: the commune after, the year, and the other communes that went into it.
const BUILT_IN: [(&str, u16, &[&str]); 21] = [
    ("22093", 2019, &["22154", "22173"]),
    ("22147", 2025, &["22309"]),
    ("22206", 2019, &["22038"]),
    ("22219", 2019, &["22100"]),
    ("22237", 2025, &["22200"]),
    ("22241", 2025, &["22027", "22043"]),
    ("22264", 2019, &["22078", "22247", "22253"]),
    ("29199", 2019, &["29219"]),
    ("29227", 2019, &["29129"]),
    ("35004", 2019, &["35113", "35303", "35341"]),
    ("35062", 2024, &["35112"]),
    ("35163", 2019, &["35100"]),
    ("35184", 2019, &["35301"]),
    ("35220", 2019, &["35053"]),
    ("35282", 2019, &["35269", "35293", "35348"]),
    ("35292", 2019, &["35011"]),
    ("35308", 2019, &["35147", "35344"]),
    ("56102", 2019, &["56059"]),
    ("56165", 2019, &["56138"]),
    ("56173", 2019, &["56016"]),
    ("56213", 2022, &["56049"]),
];

/// One commune that became another, or a part of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Move {
    /// The code before.
    pub from: InseeCode,
    /// The code after.
    pub to: InseeCode,
    /// The year, where known.
    pub year: Option<u16>,
}

/// Which code became which.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Passage {
    moves: BTreeMap<InseeCode, Vec<Move>>,
}

impl Passage {
    /// The built-in table under these moves: what they say of a code stands.
    pub fn with(moves: &[Move]) -> Self {
        let mut passage = Self::default();
        for one in moves {
            passage.moves.entry(one.from.clone()).or_default().push(one.clone());
        }
        for (to, year, from) in BUILT_IN {
            for from in from.iter().copied() {
                let one = Move { from: from.into(), to: to.into(), year: Some(year) };
                passage.moves.entry(one.from.clone()).or_insert_with(|| vec![one]);
            }
        }
        passage
    }

    /// What a code became, if it became something; several where it was split.
    pub fn of(&self, code: &InseeCode) -> &[Move] {
        self.moves.get(code).map(Vec::as_slice).unwrap_or_default()
    }

    /// The commune that a former one went into: its moves followed as long as they are single, up to a commune that
    /// is `here`.
    pub fn today(&self, code: &InseeCode, here: impl Fn(&InseeCode) -> bool) -> InseeCode {
        let mut at = code.clone();
        for _ in 0..STEPS_MAX {
            match self.of(&at) {
                [one] if one.to != at && !here(&at) => at = one.to.clone(),
                _ => break,
            }
        }
        at
    }

    /// The codes that went into a commune, its own among them where it is known to have kept it.
    pub fn before(&self, to: &InseeCode) -> BTreeSet<InseeCode> {
        let all = self.moves.values().flatten();
        let mut before: BTreeSet<InseeCode> =
            all.filter(|one| one.to == *to).map(|one| one.from.clone()).collect();
        if BUILT_IN.iter().any(|(kept, ..)| *kept == to.as_str()) {
            before.insert(to.clone());
        }
        before
    }
}

/// A table of moves that was read.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PassageFile {
    /// The moves.
    pub moves: Vec<Move>,
    /// What was odd.
    pub findings: Vec<FileFinding>,
}

/// Reads a table of moves: the code before, the code after, and the year or date.
pub fn read(bytes: &[u8]) -> Result<PassageFile, FileError> {
    let table = Table::read(bytes)?;
    let column = |names: &[&'static str]| {
        names
            .iter()
            .copied()
            .find(|name| table.column(name).is_some())
            .ok_or_else(|| table.missing(names.get(..1).unwrap_or_default()))
    };
    let from = column(&["old", "ancien", "COM_AV", "code_ancien", "from"])?;
    let to = column(&["new", "nouveau", "COM_AP", "code_nouveau", "to"])?;
    let year = column(&["year", "annee", "année", "DATE_EFF", "date"]).ok();
    table.require(&[])?;
    let mut file = PassageFile::default();
    for row in &table.rows {
        let [old, new] = [from, to].map(|name| cells::code(table.cell(row, name), Level::Commune).0);
        if !old.is_well_formed() || !new.is_well_formed() {
            file.findings.push(FileFinding::new(
                "bad_code",
                Spot::line(row.line),
                Message::new(
                    format!("code INSEE mal formé, ligne laissée de côté : {old} → {new}"),
                    format!("malformed INSEE code, line left out: {old} → {new}"),
                ),
            ));
            continue;
        }
        let year = year.and_then(|name| table.cell(row, name).get(..4).and_then(|year| year.parse().ok()));
        let one = Move { from: old, to: new, year };
        if !file.moves.contains(&one) {
            file.moves.push(one);
        }
    }
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Goal: former codes lead to today's, also in several steps, and splits are seen. Method: a table of each.
    #[test]
    fn former_codes_lead_to_todays() {
        let text = "COM_AV;COM_AP;DATE_EFF\n35001;35002;2017-01-01\n35002;35003;2020-01-01\n35010;35011;2021-01-01\n35010;35012;2021-01-01\nX;35003;2020\n35301;35999;2030\n";
        let file = read(text.as_bytes()).expect("read");
        assert_eq!((file.moves.len(), file.findings.len()), (5, 1));
        let passage = Passage::with(&file.moves);
        let today = |code: &str| passage.today(&code.into(), |_| false).to_string();
        assert_eq!(today("35001"), "35003");
        assert_eq!(today("35004"), "35004");
        assert_eq!(today("35010"), "35010");
        assert_eq!(passage.of(&"35010".into()).len(), 2);
        assert_eq!(today("35112"), "35062");
        assert_eq!(today("35301"), "35999", "what is told stands over what is built in");
        assert_eq!(passage.before(&"35282".into()).len(), 4);
        let round = [("35001", "35002"), ("35002", "35001")].map(|(from, to)| Move {
            from: from.into(),
            to: to.into(),
            year: None,
        });
        assert!(Passage::with(&round).today(&"35001".into(), |_| false).is_well_formed());
    }
}
