//! Minutes by road between two points: great-circle distance × a detour factor at a mean speed (domain.md).
//!
//! An estimate for a territory that brings no matrix of its own, right on average and wrong at a river. One function
//! for everybody, so that the engine and its oracle compare the same number with a threshold. The trigonometry is the
//! platform's: two machines may differ in the last bit of a minute, never two runs on one.

use crate::statistics::{Options, Position};

/// The Earth's mean radius, in km (IUGG).
const EARTH_RADIUS_KM: f64 = 6371.0088;

/// Minutes from one point to another. Both must be valid; symmetric up to the last bit.
pub fn minutes(from: Position, to: Position, options: &Options) -> f64 {
    great_circle_km(from, to) * options.detour_factor / options.speed_kmh * 60.0
}

/// Great-circle distance in km, by the haversine formula, which stays exact for near points.
pub fn great_circle_km(from: Position, to: Position) -> f64 {
    let (lat_from, lat_to) = (from.lat.to_radians(), to.lat.to_radians());
    let half_lat = ((to.lat - from.lat).to_radians() / 2.0).sin();
    let half_lon = ((to.lon - from.lon).to_radians() / 2.0).sin();
    let chord = half_lat * half_lat + lat_from.cos() * lat_to.cos() * half_lon * half_lon;
    2.0 * EARTH_RADIUS_KM * chord.sqrt().min(1.0).asin()
}

/// Whether the difference of latitude alone puts two points further apart than that, with a minute to spare for
/// rounding: a cheap refusal, which never refuses what [`minutes`] would accept.
pub(crate) fn surely_beyond(from: Position, to: Position, minutes: f64, options: &Options) -> bool {
    let north_south_km = EARTH_RADIUS_KM * (to.lat - from.lat).abs().to_radians();
    north_south_km * options.detour_factor / options.speed_kmh * 60.0 > minutes + 1.0
}

#[cfg(test)]
mod tests {
    use super::*;

    const RENNES: Position = Position { lat: 48.1113, lon: -1.6800 };
    const MONTAUBAN: Position = Position { lat: 48.1996, lon: -2.0472 };

    #[test]
    fn distances_are_those_of_the_globe() {
        let at = |lat, lon| Position { lat, lon };
        for (from, to, km) in [
            (RENNES, RENNES, 0.0),
            (RENNES, MONTAUBAN, 29.0),
            (at(0.0, 0.0), at(0.0, 180.0), 20_015.1),
            (at(90.0, 0.0), at(-90.0, 0.0), 20_015.1),
            (at(10.0, 179.5), at(10.0, -179.5), 109.5),
        ] {
            let found = great_circle_km(from, to);
            assert!((found - km).abs() < 0.1, "{from:?} {to:?}: {found} km, not {km}");
        }
    }

    #[test]
    fn minutes_follow_detour_and_speed() {
        let options = Options::default();
        let km = great_circle_km(RENNES, MONTAUBAN);
        assert!((minutes(RENNES, MONTAUBAN, &options) - km * 1.3 / 45.0 * 60.0).abs() < 1e-9);
        let faster = Options { speed_kmh: 90.0, ..options.clone() };
        assert!(
            (minutes(RENNES, MONTAUBAN, &faster) * 2.0 - minutes(RENNES, MONTAUBAN, &options)).abs() < 1e-9
        );
    }

    #[test]
    fn the_cheap_refusal_refuses_nothing_near() {
        let options = Options::default();
        for step in 0..400 {
            let to = Position { lat: 48.0 + f64::from(step) / 1000.0, lon: -2.0 };
            let from = Position { lat: 48.0, lon: -2.0 };
            if surely_beyond(from, to, 30.0, &options) {
                assert!(minutes(from, to, &options) > 30.0, "{to:?}");
            }
        }
    }
}
