//! Territories to compute on: real ones from the shared folder of data, where it is, and made-up ones of any size.

use std::path::{Path, PathBuf};

use portrea_indicators::fixed::CentiHours;
use portrea_indicators::resource::{Family, Resource, Service};
use portrea_indicators::statistics::{Commune, Needs, Position, Statistics};
use portrea_protocol::ids::InseeCode;
use portrea_server::exchange::table::Table;
use portrea_server::exchange::territory_file::{self, CommuneShape};

use crate::seed::Seed;

/// The folder beside the checkout that holds real data; a fresh machine does not have it.
pub fn data() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    if !folder.is_dir() {
        println!("not run: there is no ../shared/data beside this checkout");
        return None;
    }
    Some(folder)
}

/// A real territory (`ille-et-vilaine`, `bretagne`) with its inhabitants, all of them counted as concerned, and the
/// France Services places in it.
pub fn real(territory: &str) -> Option<(Statistics, Vec<Resource>)> {
    let data = data()?;
    let read = |path: &str| std::fs::read(data.join(path)).expect("the shared folder has the file");
    let shapes =
        territory_file::read(&read(&format!("territories/{territory}.geojson"))).expect("it can be read");
    let communes = shapes.communes.iter().map(|shape| (shape.code.clone(), commune(shape))).collect();
    let statistics = Statistics { communes, ..Statistics::default() };
    let table = Table::read(&read("resources/france-services.csv")).expect("it can be read");
    let place = |row| {
        let cell = |name| table.cell(row, name);
        let commune = InseeCode::from(cell("insee_com"));
        let position = Position { lat: cell("latitude").parse().ok()?, lon: cell("longitude").parse().ok()? };
        statistics.communes.contains_key(&commune).then(|| Resource {
            commune: Some(commune),
            position: position.valid(),
            services: vec![Service::new(Family::Inform), Service::new(Family::Assist)],
            ..Resource::default()
        })
    };
    let places = table.rows.iter().filter_map(place).collect();
    Some((statistics, places))
}

fn commune(shape: &CommuneShape) -> Commune {
    Commune {
        name: shape.name.clone(),
        position: shape.town_hall.map(|point| Position { lat: point.lat, lon: point.lon }),
        population: shape.population,
        needs: needs(shape.population),
    }
}

/// Figures with which everybody is concerned.
fn needs(population: Option<f64>) -> Needs {
    Needs { minimum_benefits: population, job_seekers: Some(0.0), ..Needs::default() }
}

/// A made-up territory of so many communes, as dense as Bretagne.
pub fn made_up(communes: usize, chance: &mut Seed) -> Statistics {
    let mut statistics = Statistics { invented: true, ..Statistics::default() };
    // Some 23 km² a commune.
    let side = f64::from(u32::try_from(communes).expect("communes are few")).sqrt() * 4.8 / 111.2;
    for number in 0..communes {
        let position =
            Position { lat: 47.5 + side * chance.fraction(), lon: -3.0 + side * 1.5 * chance.fraction() };
        let population = Some((200.0 / (1.0 - 0.99 * chance.fraction())).round());
        let commune = Commune {
            name: format!("Commune {number}"),
            position: Some(position),
            population,
            needs: needs(population),
        };
        statistics.communes.insert(InseeCode::from(format!("{:05}", 10_000 + number)), commune);
    }
    statistics
}

/// Made-up structures all over a territory, each with one or two services that mostly say their hours.
pub fn structures(statistics: &Statistics, number: usize, chance: &mut Seed) -> Vec<Resource> {
    let communes: Vec<(&InseeCode, Position)> =
        statistics.communes.iter().filter_map(|(code, commune)| Some((code, commune.position?))).collect();
    let one = |_| {
        let (code, around) = *chance.pick(&communes).expect("there are communes with a point");
        let mut aside = || (chance.fraction() - 0.5) / 50.0;
        let position = Position { lat: around.lat + aside(), lon: around.lon + aside() };
        let service = |family, chance: &mut Seed| {
            let quarters = u32::try_from(chance.below(120)).expect("a small number");
            let hours = (quarters > 8).then(|| f64::from(quarters) / 4.0);
            Service { weekly_eadmin_hours: hours.and_then(CentiHours::from_hours), ..Service::new(family) }
        };
        let mut services = vec![service(*chance.pick(&Family::ALL).expect("there are families"), chance)];
        if chance.below(2) == 0 {
            services.push(service(Family::Assist, chance));
        }
        let (commune, position) = (Some(code.clone()), Some(position));
        Resource { commune, position, services, helpers: 1, ..Resource::default() }
    };
    (0..number).map(one).collect()
}
