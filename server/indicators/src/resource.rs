//! The view of a structure that indicators need: where it is, what it gives, how much.
//!
//! A projection, made by whoever reads the document: a structure's name, its phone or its hours in words are none of
//! ours. Views compare with `==`, so that an edit which changes nothing here costs nothing. Figures may be missing, and
//! a missing one stays so: a service that nobody has asked about is not a service of 0 hours.

use serde::{Deserialize, Serialize};

use crate::fixed::CentiHours;
use crate::statistics::Position;
use portrea_protocol::ids::InseeCode;

/// One structure, as indicators see it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Resource {
    /// The commune it is in; one that the territory does not list counts as unknown.
    pub commune: Option<InseeCode>,
    /// Where it is; without a valid one it stands at its commune's point.
    pub position: Option<Position>,
    /// Whether it was retired: kept in the directory's history, counted nowhere.
    pub archived: bool,
    /// The people who help there, as listed by name.
    pub helpers: u32,
    /// What it gives; two services of one family are two services of one structure.
    pub services: Vec<Service>,
}

/// One service of a structure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Service {
    /// The situation it answers.
    pub family: Family,
    /// People who give e-administrative help (`total_personnes_e_administrative`).
    pub eadmin_staff: Option<u32>,
    /// Hours a week in all (`total_heures`).
    pub weekly_hours: Option<CentiHours>,
    /// Hours a week of e-administrative help (`total_heures_e_administrative`): its capacity.
    pub weekly_eadmin_hours: Option<CentiHours>,
    /// Hours a week that its doors are open, from its timetable.
    pub opening_hours_weekly: Option<CentiHours>,
}

impl Service {
    /// A service of a family of which nothing else is known.
    pub fn new(family: Family) -> Self {
        Self {
            family,
            eadmin_staff: None,
            weekly_hours: None,
            weekly_eadmin_hours: None,
            opening_hours_weekly: None,
        }
    }
}

/// PORTREA's five families of service, by the situation they answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum Family {
    /// Needs information, needs to be oriented (`etre_informe_oriente`).
    Inform,
    /// Has no equipment or no network (`acces_materiel_informatique`).
    Equip,
    /// Needs help to do the procedure, or somebody to do it (`etre_aidee`).
    Assist,
    /// Wants to learn digital skills (`developper_culture_numerique`).
    Train,
    /// The equipment is broken (`depanner_reparer_materiel`).
    Repair,
}

impl Family {
    /// The families, in the method's order.
    pub const ALL: [Self; 5] = [Self::Inform, Self::Equip, Self::Assist, Self::Train, Self::Repair];

    /// The family's key in documents, in JSON and in indicator names.
    pub fn key(self) -> &'static str {
        match self {
            Self::Inform => "inform",
            Self::Equip => "equip",
            Self::Assist => "assist",
            Self::Train => "train",
            Self::Repair => "repair",
        }
    }

    /// The family of a key; nothing for a key that is not one.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|family| family.key() == key)
    }
}

/// One value a family; in JSON, an object keyed by [`Family::key`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct PerFamily<T> {
    /// For [`Family::Inform`].
    pub inform: T,
    /// For [`Family::Equip`].
    pub equip: T,
    /// For [`Family::Assist`].
    pub assist: T,
    /// For [`Family::Train`].
    pub train: T,
    /// For [`Family::Repair`].
    pub repair: T,
}

impl<T> PerFamily<T> {
    /// Computes the value of each family, in the method's order.
    pub fn from_fn(mut value: impl FnMut(Family) -> T) -> Self {
        Self {
            inform: value(Family::Inform),
            equip: value(Family::Equip),
            assist: value(Family::Assist),
            train: value(Family::Train),
            repair: value(Family::Repair),
        }
    }

    /// The value of a family.
    pub fn get(&self, family: Family) -> &T {
        match family {
            Family::Inform => &self.inform,
            Family::Equip => &self.equip,
            Family::Assist => &self.assist,
            Family::Train => &self.train,
            Family::Repair => &self.repair,
        }
    }

    /// The value of a family, to change it.
    pub fn get_mut(&mut self, family: Family) -> &mut T {
        match family {
            Family::Inform => &mut self.inform,
            Family::Equip => &mut self.equip,
            Family::Assist => &mut self.assist,
            Family::Train => &mut self.train,
            Family::Repair => &mut self.repair,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_family_is_its_key_and_back() {
        for family in Family::ALL {
            assert_eq!(Family::from_key(family.key()), Some(family));
        }
        for key in ["", "Assist", "etre_aidee", "assist "] {
            assert_eq!(Family::from_key(key), None, "{key}");
        }
    }

    #[test]
    fn each_family_has_its_own_value() {
        let mut keys = PerFamily::from_fn(Family::key);
        for family in Family::ALL {
            assert_eq!(*keys.get(family), family.key());
            *keys.get_mut(family) = "seen";
        }
        assert_eq!(keys, PerFamily::from_fn(|_| "seen"));
    }
}
