//! A record as the indicators see it: where it is, what it gives, how much. Nothing else reaches them, so that an
//! edit of a phone number costs the portrait nothing.

use portrea_indicators::fixed::CentiHours;
use portrea_indicators::resource::{Family, Resource, Service};
use portrea_indicators::statistics::Position;
use portrea_protocol::schema::record::{Part, Structure, number, text};

/// The structure's view. A service of a family that we do not know counts nowhere.
pub fn of(structure: &Structure) -> Resource {
    Resource {
        commune: structure.commune(),
        position: structure.position().map(|(lat, lon)| Position { lat, lon }),
        archived: structure.is_archived(),
        helpers: u32::try_from(structure.helpers.len()).unwrap_or(u32::MAX),
        services: structure.services.values().filter_map(service).collect(),
    }
}

fn service(part: &Part) -> Option<Service> {
    let family = Family::from_key(text(&part.fields, "family"))?;
    let hours = |key| number(&part.fields, key).and_then(CentiHours::from_hours);
    Some(Service {
        eadmin_staff: number(&part.fields, "eadmin_staff").and_then(portrea_indicators::fixed::head_count),
        weekly_hours: hours("weekly_hours"),
        weekly_eadmin_hours: hours("weekly_eadmin_hours"),
        ..Service::new(family)
    })
}

#[cfg(test)]
mod tests;
