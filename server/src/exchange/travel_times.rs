//! Travel times between the communes of a territory: a CSV, or what a router answered, as it is.
//!
//! - *CSV, a pair a line*: `from`, `to` (INSEE codes; `origin`/`destination` and `depart`/`arrivee` do too) and `minutes`
//!   or `seconds`.
//! - *CSV, a square*: the first cell of the header says the unit (`minutes` or `seconds`), the others are the codes of
//!   where people go; each line begins with the code of where they live.
//! - *OSRM's table service*: `durations`, in seconds, `null` where there is no way.
//! - *Valhalla's `sources_to_targets`*: `time`, in seconds, in either of its forms.
//!
//! A router answers by position, not by code. Its lists are those of the territory's communes in the order of their
//! INSEE codes, or of a list `communes` that whoever asked added to the file; where the answer says the points it was
//! asked about, each must lie near the commune that it stands for. Times from or to other communes are counted and left
//! out; an empty cell is a pair without a time. What that means is `portrea_indicators::matrix`'s to say.

use std::collections::{BTreeMap, BTreeSet};

use portrea_indicators::matrix::TravelTimes;
use portrea_indicators::statistics::Position;
use portrea_indicators::travel::great_circle_km;
use portrea_protocol::ids::InseeCode;
use serde::Deserialize;
use serde_json::Value as Json;

use super::finding::{FileError, FileFinding, Message, Spot};
use super::geometry::Point;
use super::table::{Row, Table};
use super::territory_file::CommuneShape;

/// How far from its commune's town hall a router's point may lie, in km: communes are large, roads may be far.
const ASTRAY_KM_MAX: f64 = 20.0;

/// The most findings that are told one by one.
const FINDINGS_MAX: usize = 100;

/// What a file of travel times says.
#[derive(Debug, Clone, PartialEq)]
pub struct TravelFile {
    /// The times.
    pub times: TravelTimes,
    /// Lines or columns of communes that are none of the territory's.
    pub elsewhere: usize,
    /// Communes of the territory that the file leaves out: the great circle counts for them.
    pub without: Vec<InseeCode>,
    /// What was odd.
    pub findings: Vec<FileFinding>,
}

/// A time from a commune to another, in seconds.
type Time = (InseeCode, InseeCode, f64);

/// Reads travel times for the communes of a territory.
pub fn read(bytes: &[u8], communes: &[CommuneShape]) -> Result<TravelFile, FileError> {
    let bare = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut reading = Reading::new(communes);
    if bare.trim_ascii_start().starts_with(b"{") {
        reading.answer(bare)?;
    } else {
        reading.table(&Table::read(bytes)?)?;
    }
    reading.done()
}

struct Reading<'a> {
    communes: &'a [CommuneShape],
    known: BTreeSet<&'a InseeCode>,
    named: BTreeSet<InseeCode>,
    times: Vec<Time>,
    elsewhere: usize,
    findings: Vec<FileFinding>,
}

impl<'a> Reading<'a> {
    fn new(communes: &'a [CommuneShape]) -> Self {
        Self {
            communes,
            known: communes.iter().map(|commune| &commune.code).collect(),
            named: BTreeSet::new(),
            times: Vec::new(),
            elsewhere: 0,
            findings: Vec::new(),
        }
    }

    fn done(self) -> Result<TravelFile, FileError> {
        let Self { communes, named, times, elsewhere, findings, .. } = self;
        if times.is_empty() {
            return Err(nothing());
        }
        let without =
            communes.iter().map(|commune| commune.code.clone()).filter(|code| !named.contains(code));
        let without = without.collect();
        let times = TravelTimes::new(named, &times).ok_or_else(too_many)?;
        Ok(TravelFile { times, elsewhere, without, findings })
    }

    fn table(&mut self, table: &Table) -> Result<(), FileError> {
        let column = |names: &[&str]| names.iter().find_map(|name| table.column(name));
        let from = column(&["from", "origin", "depart", "départ"]);
        let to = column(&["to", "destination", "arrivee", "arrivée"]);
        if let (Some(from), Some(to)) = (from, to) {
            let timed = [("minutes", 60.0), ("seconds", 1.0), ("secondes", 1.0)];
            let time = timed.iter().find_map(|(name, unit)| Some((table.column(name)?, *unit)));
            let time = time.ok_or_else(|| table.missing(&["minutes"]))?;
            for row in &table.rows {
                self.pair(table, row, (from, to), time);
            }
            return Ok(());
        }
        let first = table.header.first().map(|name| name.to_lowercase()).unwrap_or_default();
        let unit = match first.as_str() {
            "minutes" => 60.0,
            "seconds" | "secondes" => 1.0,
            _ => return Err(no_unit(&first)),
        };
        self.square(table, unit);
        Ok(())
    }

    fn pair(&mut self, table: &Table, row: &Row, (from, to): (usize, usize), (time, unit): (usize, f64)) {
        let (from, to) = (code(row.cell(from)), code(row.cell(to)));
        if !self.known.contains(&from) || !self.known.contains(&to) {
            self.elsewhere += 1;
            return;
        }
        self.named.extend([from.clone(), to.clone()]);
        if let Some(seconds) = self.seconds(table, row, time, unit) {
            self.times.push((from, to, seconds));
        }
    }

    fn square(&mut self, table: &Table, unit: f64) {
        let columns: Vec<(usize, InseeCode)> = table
            .header
            .iter()
            .enumerate()
            .skip(1)
            .map(|(column, name)| (column, code(name)))
            .filter(|(_, code)| self.known.contains(code))
            .collect();
        self.elsewhere += table.header.len().saturating_sub(1 + columns.len());
        self.named.extend(columns.iter().map(|(_, code)| code.clone()));
        for row in &table.rows {
            let from = code(row.cell(0));
            if !self.known.contains(&from) {
                self.elsewhere += 1;
                continue;
            }
            for (column, to) in &columns {
                if let Some(seconds) = self.seconds(table, row, *column, unit) {
                    self.times.push((from.clone(), to.clone(), seconds));
                }
            }
            self.named.insert(from);
        }
    }

    /// A cell in seconds; nothing where it is empty, or no time.
    fn seconds(&mut self, table: &Table, row: &Row, column: usize, unit: f64) -> Option<f64> {
        let cell = row.cell(column);
        if cell.is_empty() || cell.eq_ignore_ascii_case("null") || cell.eq_ignore_ascii_case("nd") {
            return None;
        }
        let time = cell.replace(',', ".").parse::<f64>().ok().filter(|time| (0.0..1e7).contains(time));
        if time.is_none() && self.findings.len() < FINDINGS_MAX {
            let shown: String = cell.chars().take(40).collect();
            let name = table.header.get(column).map_or("", String::as_str);
            self.findings.push(FileFinding::new(
                "not_a_time",
                Spot::cell(row.line, column, name),
                Message::new(
                    format!("« {shown} » n’est pas une durée, laissée vide"),
                    format!("“{shown}” is no travel time, left empty"),
                ),
            ));
        }
        time.map(|time| time * unit)
    }

    fn answer(&mut self, bytes: &[u8]) -> Result<(), FileError> {
        let answer: Routed = serde_json::from_slice(bytes).map_err(|error| bad_json(&error))?;
        let durations = match (answer.durations, answer.sources_to_targets) {
            (Some(durations), _) | (None, Some(Targets::Concise { durations })) => durations,
            (None, Some(Targets::Verbose(rows))) => {
                rows.into_iter().map(|row| row.into_iter().map(|cell| cell.time).collect()).collect()
            }
            (None, None) => return Err(no_durations(answer.message.or(answer.error).as_deref())),
        };
        let named = answer.communes.map(|codes| codes.iter().map(|one| code(one.as_str())).collect());
        let codes: Vec<InseeCode> = named.unwrap_or_else(|| self.known.iter().copied().cloned().collect());
        let square = durations.iter().all(|row| row.len() == codes.len());
        if durations.len() != codes.len() || !square {
            return Err(wrong_size(durations.len(), durations.first().map_or(0, Vec::len), codes.len()));
        }
        self.check_points(&codes, &answer.sources.unwrap_or_default())?;
        self.check_points(&codes, &answer.destinations.or(answer.targets).unwrap_or_default())?;
        self.elsewhere += codes.iter().filter(|code| !self.known.contains(code)).count();
        let known: Vec<_> = codes.iter().map(|code| self.known.contains(code)).collect();
        for ((from, row), _) in codes.iter().zip(durations).zip(&known).filter(|(_, known)| **known) {
            let timed = codes.iter().zip(row).zip(&known).filter(|(_, known)| **known);
            let timed = timed.filter_map(|((to, time), _)| Some((from.clone(), to.clone(), time?)));
            self.times.extend(timed);
        }
        let named = codes.into_iter().zip(known).filter(|(_, known)| *known).map(|(code, _)| code);
        self.named.extend(named);
        Ok(())
    }

    /// Refuses an answer about other places than these communes, as far as it says which.
    fn check_points(&self, codes: &[InseeCode], points: &[Json]) -> Result<(), FileError> {
        let halls: BTreeMap<_, _> =
            self.communes.iter().filter_map(|commune| Some((&commune.code, commune.town_hall?))).collect();
        for (number, (code, point)) in codes.iter().zip(points).enumerate() {
            let (Some(hall), Some(point)) = (halls.get(code), point_of(point)) else { continue };
            let at = |point: Point| Position { lat: point.lat, lon: point.lon };
            let km = great_circle_km(at(*hall), at(point));
            if km > ASTRAY_KM_MAX {
                return Err(astray(number, code, km));
            }
        }
        Ok(())
    }
}

/// What routers answer, as far as it is read.
#[derive(Deserialize)]
struct Routed {
    durations: Option<Vec<Vec<Option<f64>>>>,
    sources_to_targets: Option<Targets>,
    sources: Option<Vec<Json>>,
    destinations: Option<Vec<Json>>,
    targets: Option<Vec<Json>>,
    communes: Option<Vec<InseeCode>>,
    message: Option<String>,
    error: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Targets {
    Verbose(Vec<Vec<Cell>>),
    Concise { durations: Vec<Vec<Option<f64>>> },
}

#[derive(Deserialize)]
struct Cell {
    time: Option<f64>,
}

/// A point as OSRM (`location`) or Valhalla (`lat`, `lon`) writes it.
fn point_of(json: &Json) -> Option<Point> {
    let number = |json: Option<&Json>| json.and_then(Json::as_f64);
    match json.get("location").and_then(Json::as_array) {
        Some(location) => Some(Point { lon: number(location.first())?, lat: number(location.get(1))? }),
        None => Some(Point { lat: number(json.get("lat"))?, lon: number(json.get("lon"))? }),
    }
}

/// A code; a leading zero that a spreadsheet ate is put back.
fn code(cell: &str) -> InseeCode {
    let cell = cell.trim();
    let eaten = cell.len() == 4 && cell.bytes().all(|byte| byte.is_ascii_digit());
    if eaten { format!("0{cell}").into() } else { cell.into() }
}

fn bad_json(error: &serde_json::Error) -> FileError {
    let count = |number: usize| u64::try_from(number).ok();
    FileError::new(
        "bad_json",
        Spot { line: count(error.line()), character: count(error.column()), ..Spot::default() },
        Message::new(
            "ce JSON n’est pas une matrice d’OSRM ou de Valhalla",
            format!("this JSON is no matrix of OSRM or Valhalla ({error})"),
        ),
        Message::new(
            "donnez la réponse du service « table » d’OSRM ou « sources_to_targets » de Valhalla telle quelle",
            "give the answer of OSRM’s table service or of Valhalla’s sources_to_targets as it is",
        ),
    )
}

fn no_durations(said: Option<&str>) -> FileError {
    let said = said.map(|said| said.chars().take(200).collect::<String>()).unwrap_or_default();
    let (fr, en) = if said.is_empty() {
        ("la réponse n’a pas de durées".to_owned(), "the answer has no durations".to_owned())
    } else {
        (format!("le calculateur a répondu : {said}"), format!("the router answered: {said}"))
    };
    FileError::new(
        "no_durations",
        Spot::default(),
        Message::new(fr, en),
        Message::new(
            "demandez les durées (OSRM : annotations=duration)",
            "ask for durations (OSRM: annotations=duration)",
        ),
    )
}

fn wrong_size(rows: usize, columns: usize, communes: usize) -> FileError {
    FileError::new(
        "wrong_size",
        Spot::default(),
        Message::new(
            format!("la matrice a {rows} lignes et {columns} colonnes pour {communes} communes"),
            format!("the matrix has {rows} rows and {columns} columns for {communes} communes"),
        ),
        Message::new(
            "demandez toutes les communes dans l’ordre de leurs codes INSEE, ou ajoutez au fichier la liste « communes » de leurs codes",
            "ask for all communes in the order of their INSEE codes, or add the list “communes” of their codes to the file",
        ),
    )
}

fn astray(number: usize, code: &InseeCode, km: f64) -> FileError {
    FileError::new(
        "wrong_order",
        Spot::default(),
        Message::new(
            format!("le point n° {} est à {km:.0} km de la commune {code} qu’il représente", number + 1),
            format!("point no. {} lies {km:.0} km from the commune {code} that it stands for", number + 1),
        ),
        Message::new(
            "l’ordre des communes n’est pas celui de leurs codes INSEE : ajoutez au fichier la liste « communes » de leurs codes",
            "the communes are not in the order of their INSEE codes: add the list “communes” of their codes to the file",
        ),
    )
}

fn no_unit(first: &str) -> FileError {
    FileError::new(
        "no_unit",
        Spot::default(),
        Message::new(
            format!("l’unité des durées n’est pas dite : la première case est « {first} »"),
            format!("the unit of the times is not said: the first cell is “{first}”"),
        ),
        Message::new(
            "écrivez « minutes » ou « seconds » dans la première case, ou donnez les colonnes from, to et minutes",
            "write “minutes” or “seconds” into the first cell, or give the columns from, to and minutes",
        ),
    )
}

fn nothing() -> FileError {
    FileError::new(
        "no_times",
        Spot::default(),
        Message::new(
            "aucune durée entre deux communes du territoire",
            "there is no travel time between two communes of the territory",
        ),
        Message::new("vérifiez les codes INSEE du fichier", "check the INSEE codes of the file"),
    )
}

fn too_many() -> FileError {
    FileError::new(
        "too_many_communes",
        Spot::default(),
        Message::new("la matrice a trop de communes", "the matrix has too many communes"),
        Message::new("gardez celles du territoire", "keep those of the territory"),
    )
}

#[cfg(test)]
mod tests;
