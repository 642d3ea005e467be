//! Files as the importers read them: communes in GeoJSON, figures in CSV, places in our CSV and in that of France
//! Services.
//!
//! A file is read or refused. Of places the document takes all that is planned, a second import has nothing to do, and
//! what is exported comes back without a difference. Communes that are written out are read again; figures are numbers
//! within bounds, of communes that there are.

use std::collections::{BTreeMap, BTreeSet};

use automerge::Automerge;
use portrea_indicators::grade::Grade;
use portrea_indicators::statistics::Statistics;
use portrea_protocol::ids::RecordId;
use portrea_protocol::schema::record::Structure;
use portrea_protocol::schema::write::perform;
use portrea_protocol::schema::{document, read};
use portrea_server::exchange::export::Options;
use portrea_server::exchange::geometry::{Contour, Point, Polygon};
use portrea_server::exchange::needs::holdings::Holdings;
use portrea_server::exchange::needs::{self, recipes};
use portrea_server::exchange::plan::Plan;
use portrea_server::exchange::statistics::statistics;
use portrea_server::exchange::territory_file::CommuneShape;
use portrea_server::exchange::{communes_out, csv_out, france_services, portrea_csv, territory_file};

use crate::ground::{NOW, actor, id};

/// Communes in GeoJSON.
pub const COMMUNES: u8 = 0;
/// Figures in CSV.
pub const FIGURES: u8 = 1;
/// Places in our own CSV.
pub const PLACES: u8 = 2;
/// Places in the CSV of France Services.
pub const FRANCE_SERVICES: u8 = 3;

/// A directory's structures.
type Structures = BTreeMap<RecordId, Structure>;
/// Whence new records have their ids.
type NewId<'a> = &'a mut dyn FnMut() -> RecordId;

/// Reads what the first byte says the others are. Whether it could be read, and held something.
pub fn meet(bytes: &[u8]) -> bool {
    let Some((kind, file)) = bytes.split_first() else { return false };
    match kind % 4 {
        COMMUNES => shapes(file),
        FIGURES => figures(file),
        PLACES => places(|standing, new_id| {
            let file = portrea_csv::read(file).ok()?;
            Some(portrea_csv::plan(standing, file, &communes(), new_id))
        }),
        _ => places(|standing, new_id| {
            let file = france_services::read(file).ok()?;
            Some(france_services::plan(standing, file, &communes(), new_id))
        }),
    }
}

fn shapes(file: &[u8]) -> bool {
    let Ok(read) = territory_file::read(file) else { return false };
    let codes: Vec<_> = read.communes.iter().map(|commune| commune.code.clone()).collect();
    assert!(codes.iter().all(portrea_protocol::ids::InseeCode::is_well_formed));
    assert_eq!(codes.iter().collect::<BTreeSet<_>>().len(), codes.len(), "a commune twice");
    let written = communes_out::to_string(&read.communes, &Statistics::default());
    let again = territory_file::read(written.as_bytes()).expect("what was written can be read");
    assert_eq!(again.communes.iter().map(|commune| commune.code.clone()).collect::<Vec<_>>(), codes);
    true
}

fn figures(file: &[u8]) -> bool {
    let communes = communes();
    let Ok(read) = needs::read(file, &needs::Told::default()) else { return false };
    let mut holdings = Holdings::default();
    holdings.take(vec![read], &communes);
    for series in &holdings.series {
        let sound = |figure: &f64| figure.is_finite() && *figure >= 0.0;
        assert!(series.values.values().all(sound), "{series:?}");
        assert!(series.secret.iter().all(|code| !series.values.contains_key(code)), "{series:?}");
    }
    let statistics = statistics(&communes, &holdings, &recipes::default());
    for code in statistics.communes.keys() {
        assert!(communes.iter().any(|commune| commune.code == *code), "figures of {code}");
    }
    for (code, marks) in &statistics.evidence.communes {
        let population = marks.get("population").is_some_and(|mark| mark.grade != Grade::Missing);
        let known = statistics.communes.get(code).is_some_and(|commune| commune.population.is_some());
        assert_eq!(population, known, "a grade that does not go with its figure");
    }
    true
}

/// Imports into an empty directory, again, and what is exported then.
fn places(plan: impl Fn(&Structures, NewId<'_>) -> Option<Plan>) -> bool {
    let mut doc = document::create(actor(1), "Test", "0", NOW).expect("a document");
    let mut count = 0;
    let mut new_id = || {
        count += 1;
        id(count)
    };
    let Some(first) = plan(&read::structures(&doc), &mut new_id) else { return false };
    take(&mut doc, &first);
    let structures = read::structures(&doc);
    let second = plan(&structures, &mut new_id).expect("the file can be read again");
    assert!(second.groups.is_empty(), "a second import changes {:?}", second.groups);

    if structures.is_empty() {
        return false;
    }
    let exported = csv_out::to_string(&structures, Options { archived: true, professional: true });
    let file = portrea_csv::read(exported.as_bytes()).expect("what was exported can be read");
    let back = portrea_csv::plan(&structures, file, &communes(), &mut new_id);
    assert!(back.groups.is_empty(), "an export that comes back changes {:?}", back.groups);
    true
}

fn take(doc: &mut Automerge, plan: &Plan) {
    for group in &plan.groups {
        perform(doc, group, NOW).expect("the document takes what is planned");
    }
}

/// One square commune, 35117 Gaël: 48 to 48.3 north, 2.2 to 1.9 west.
fn communes() -> Vec<CommuneShape> {
    let corner = |lat, lon| Point { lat, lon };
    let outer = vec![corner(48.0, -2.2), corner(48.0, -1.9), corner(48.3, -1.9), corner(48.3, -2.2)];
    vec![CommuneShape {
        code: "35117".into(),
        name: "Gaël".to_owned(),
        population: None,
        epci_code: None,
        epci_name: None,
        town_hall: None,
        contour: Contour { polygons: vec![Polygon { outer, holes: vec![] }] },
    }]
}
