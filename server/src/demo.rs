//! The demonstration: the CC de Saint-Méen Montauban with invented structures and figures, built into the program.
//!
//! Pure: values out of the files in `server/demo`; whoever starts the demonstration makes the territory and performs
//! the edits. Only the communes, their contours and their populations are real.

use portrea_indicators::statistics::Statistics;
use portrea_protocol::ids::RecordId;
use portrea_protocol::schema::write::Edit;
use portrea_protocol::time::UnixMillis;

use crate::exchange::needs::holdings::Holdings;
use crate::exchange::needs::{self, NeedsFile, Told, recipes};
use crate::exchange::plan::Plan;
use crate::exchange::portrea_csv;
use crate::exchange::statistics::statistics;
use crate::exchange::territory_file::{self, CommuneShape, TerritoryFile};

/// What the territory is called.
pub const NAME: &str = "CC de Saint-Méen Montauban";
/// The SIREN of its EPCI.
pub const CODE: &str = "200038990";
/// The author of the demonstration's confirmations and validations.
pub const AUTHOR: &str = "Démonstration";

const COMMUNES: &str = include_str!("../demo/communes.geojson");
const NEEDS: &str = include_str!("../demo/needs.csv");
const RESOURCES: &str = include_str!("../demo/resources.csv");

const DAY_MILLIS: i64 = 24 * 60 * 60 * 1000;
/// How many days ago the structures were confirmed, in turn: fresh, to be checked again, old.
const DAYS_AGO: [i64; 7] = [12, 40, 95, 150, 210, 300, 420];

/// Edits that were made at one time.
#[derive(Debug, Clone, PartialEq)]
pub struct Past {
    /// When.
    pub at: UnixMillis,
    /// The edits, as one change.
    pub edits: Vec<Edit>,
}

/// The communes.
pub fn territory() -> TerritoryFile {
    territory_file::read(COMMUNES.as_bytes()).expect("the built-in communes are sound")
}

/// The file of figures.
pub fn needs() -> NeedsFile {
    needs::read(NEEDS.as_bytes(), &Told::default()).expect("the built-in figures are sound")
}

/// The figures as the indicators take them, marked as invented, and the series that they are. Nothing is estimated:
/// the demonstration shows what a missing figure looks like.
pub fn figures(communes: &[CommuneShape]) -> (Statistics, Holdings) {
    let mut holdings = Holdings::default();
    holdings.take(vec![needs()], communes);
    let statistics = Statistics {
        sources: vec!["INSEE (populations)".to_owned()],
        ..statistics(communes, &holdings, &recipes::default().counts())
    };
    (statistics, holdings)
}

/// The structures as a plan for an empty directory.
pub fn plan(communes: &[CommuneShape], new_id: &mut dyn FnMut() -> RecordId) -> Plan {
    let file = portrea_csv::read(RESOURCES.as_bytes()).expect("the built-in structures are sound");
    portrea_csv::plan(&std::collections::BTreeMap::new(), file, communes, new_id)
}

/// The structures as a year and a half of edits before `now`, the oldest first: most of them confirmed, each in its way
/// and at its time, and two in three validated, so that there is something to do.
pub fn past(now: UnixMillis, communes: &[CommuneShape], new_id: &mut dyn FnMut() -> RecordId) -> Vec<Past> {
    let mut past: Vec<Past> = DAYS_AGO
        .iter()
        .rev()
        .map(|days| Past { at: now.plus(-days * DAY_MILLIS), edits: Vec::new() })
        .collect();
    let turns = past.len();
    for (rank, edits) in by_structure(plan(communes, new_id)).into_iter().enumerate() {
        // A step that shares no divisor with the number of times spreads neighbours over all of them.
        let Some(time) = past.get_mut(rank * 4 % turns) else { continue };
        let Some(Edit::AddStructure { id, .. }) = edits.first() else { continue };
        let structure = id.clone();
        time.edits.extend(edits);
        let by = || AUTHOR.to_owned();
        if let Some(how) = ["call", "visit", "mail", "call", "self", "link"].get(rank % 8) {
            let how = (*how).to_owned();
            time.edits.push(Edit::Confirm { structure: structure.clone(), by: by(), how });
        }
        if rank % 3 != 2 {
            time.edits.push(Edit::Validate { structure, by: by() });
        }
    }
    past
}

/// The plan's edits, a structure's together.
fn by_structure(plan: Plan) -> Vec<Vec<Edit>> {
    let mut structures: Vec<Vec<Edit>> = Vec::new();
    for edit in plan.groups.into_iter().flatten() {
        match structures.last_mut() {
            Some(edits) if !matches!(edit, Edit::AddStructure { .. }) => edits.push(edit),
            _ => structures.push(vec![edit]),
        }
    }
    structures
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use automerge::ActorId;
    use portrea_indicators::need::Need;
    use portrea_protocol::schema::field::FAMILIES;
    use portrea_protocol::schema::record::{Structure, members, text};
    use portrea_protocol::schema::{document, read, write};
    use uuid::Uuid;

    use super::*;

    fn ids() -> impl FnMut() -> RecordId {
        let mut next = 0x0190_0000_0000_7000_8000_0000_0000_0000_u128;
        move || {
            next += 1;
            Uuid::from_u128(next).into()
        }
    }

    /// Goal: the built-in files are sound. Method: read them all and look at every finding.
    #[test]
    fn the_built_in_files_are_sound() {
        let territory = territory();
        assert_eq!(territory.communes.len(), 17);
        let codes: Vec<&str> = territory.findings.iter().map(|finding| finding.code).collect();
        assert_eq!(codes, ["town_hall_outside"]);
        let needs = needs();
        assert_eq!((needs.report.findings.len(), needs.names.len()), (0, 17));
        let plan = plan(&territory.communes, &mut ids());
        assert_eq!((plan.counts().added, plan.lines.len()), (39, 39));
        for line in &plan.lines {
            assert_eq!(line.findings, [], "{}", line.name);
        }
        assert_eq!(plan.unused_columns, Vec::<String>::new());
    }

    /// Goal: the document takes every edit, and shows what the demonstration needs. Method: perform and count.
    #[test]
    fn the_document_takes_the_past() {
        let now = UnixMillis(1_800_000_000_000);
        let communes = territory().communes;
        let mut doc = document::create(ActorId::from([7_u8; 16]), NAME, CODE, now).expect("a document");
        let past = past(now, &communes, &mut ids());
        assert!(
            past.is_sorted_by_key(|past| past.at)
                && past.iter().all(|past| past.at < now && !past.edits.is_empty())
        );
        for Past { at, edits } in &past {
            write::perform(&mut doc, edits, *at).expect("edits that the document takes");
        }
        let structures = read::structures(&doc);
        assert_eq!(structures.len(), 39);
        assert!(structures.values().all(|structure| structure.findings.is_empty()));
        let communes: BTreeSet<_> = structures.values().filter_map(Structure::commune).collect();
        assert_eq!(communes.len(), 13);
        let services = || structures.values().flat_map(|structure| structure.services.values());
        for family in FAMILIES {
            assert!(
                services().filter(|service| text(&service.fields, "family") == family).count() >= 5,
                "{family}"
            );
        }
        let validated = structures.values().filter(|structure| structure.is_validated()).count();
        let confirmed = structures.values().filter(|structure| structure.confirmed_at().is_some()).count();
        assert_eq!((validated, confirmed), (26, 30));
        for structure in structures.values() {
            let phone = text(&structure.fields, "phone");
            assert!(
                phone.is_empty() || phone.starts_with("02 61 91 ") || phone.starts_with("01 99 00 "),
                "{phone}"
            );
            assert!(
                members(&structure.fields, "emails")
                    .all(|mail| mail.ends_with("@example.org") || mail.ends_with(".invalid"))
            );
        }
    }

    /// Goal: the invented figures add up to the published share. Method: the indicators themselves.
    #[test]
    fn fragility_is_about_the_published_share() {
        let (statistics, holdings) = figures(&territory().communes);
        assert!(holdings.invented());
        let needs: Vec<Need> = statistics
            .communes
            .values()
            .map(|commune| Need::of(commune.population, &commune.needs))
            .collect();
        let share = Need::total(needs.iter()).fragility.share.expect("a share");
        assert!((share - 0.37).abs() < 0.005, "{share}");
        assert!(
            statistics.invented && statistics.communes.values().all(|commune| commune.position.is_some())
        );
        let population: f64 = statistics.communes.values().filter_map(|commune| commune.population).sum();
        assert!((population - 26_393.0).abs() < 0.5, "{population}");
    }
}
