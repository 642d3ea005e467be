//! Series: the figures of communes as files give them, side by side, each with its unit, vintage and source.
//!
//! A series is one figure of one vintage from one file. What a file keeps secret and what it does not speak of are two
//! things, and both stay missing. A sum over parts of which some are secret is a lower bound and no count: it is
//! `partial`. Files of former communes are brought to today's before they become series; `moved` says where.

use std::collections::{BTreeMap, BTreeSet};

use portrea_protocol::ids::InseeCode;
use serde::{Deserialize, Serialize};

/// What a figure is a number of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// People.
    People,
    /// Households, or families.
    Households,
    /// Events in a year: births, deaths.
    Events,
    /// A share in percent; the series says of what.
    Percent,
    /// Euros a year.
    Euros,
    /// A score without a unit. It is never turned into people.
    Index,
}

impl Unit {
    /// Whether figures of it can be added up.
    pub fn adds_up(self) -> bool {
        matches!(self, Self::People | Self::Households | Self::Events)
    }
}

/// What the file's rows are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Communes.
    Commune,
    /// IRIS, brought together by commune.
    Iris,
    /// EPCIs, by their SIREN.
    Epci,
    /// Départements, by their number.
    Departement,
}

/// A figure that is known by a key.
#[derive(Debug, PartialEq, Eq)]
pub struct Known {
    /// The key, as recipes name it and as our own CSV's column.
    pub key: &'static str,
    /// Its unit.
    pub unit: Unit,
    /// What it is, in French.
    pub fr: &'static str,
    /// What it is, in English.
    pub en: &'static str,
}

const fn known(key: &'static str, unit: Unit, fr: &'static str, en: &'static str) -> Known {
    Known { key, unit, fr, en }
}

/// Every figure that files may give.
pub static KNOWN: [Known; 40] = [
    known("population", Unit::People, "habitants", "inhabitants"),
    known("aged_0_14", Unit::People, "moins de 15 ans", "under 15"),
    known("aged_15_or_over", Unit::People, "15 ans ou plus", "aged 15 or over"),
    known("aged_15_64", Unit::People, "15 à 64 ans", "aged 15 to 64"),
    known("aged_65_or_over", Unit::People, "65 ans ou plus", "aged 65 or over"),
    known("aged_75_or_over", Unit::People, "75 ans ou plus", "aged 75 or over"),
    known(
        "not_at_school_15_or_over",
        Unit::People,
        "15 ans ou plus non scolarisés",
        "15 or over, not at school",
    ),
    known(
        "no_diploma",
        Unit::People,
        "non scolarisés sans diplôme ou au plus le CEP",
        "no diploma or at most the CEP",
    ),
    known("rsa", Unit::People, "allocataires du RSA", "recipients of the RSA"),
    known(
        "prime_activite",
        Unit::People,
        "allocataires de la prime d’activité",
        "recipients of the prime d’activité",
    ),
    known("aah", Unit::People, "allocataires de l’AAH", "recipients of the AAH"),
    known(
        "minimum_benefits",
        Unit::People,
        "allocataires de minima sociaux",
        "recipients of minimum benefits",
    ),
    known("caf_recipients", Unit::People, "allocataires de la CAF", "recipients of the CAF"),
    known("caf_covered", Unit::People, "personnes couvertes par la CAF", "people covered by the CAF"),
    known(
        "job_seekers",
        Unit::People,
        "demandeurs d’emploi, catégories A à E",
        "job seekers, categories A to E",
    ),
    known(
        "job_seekers_abc",
        Unit::People,
        "demandeurs d’emploi, catégories A, B, C",
        "job seekers, categories A, B, C",
    ),
    known(
        "unemployed",
        Unit::People,
        "chômeurs de 15 à 64 ans, au recensement",
        "unemployed, 15 to 64, by the census",
    ),
    known("active", Unit::People, "actifs de 15 à 64 ans", "active, 15 to 64"),
    known("unemployed_15_or_over", Unit::People, "chômeurs de 15 ans ou plus", "unemployed, 15 or over"),
    known("active_15_or_over", Unit::People, "actifs de 15 ans ou plus", "active, 15 or over"),
    known("births", Unit::Events, "naissances dans l’année", "births in a year"),
    known("deaths", Unit::Events, "décès dans l’année", "deaths in a year"),
    known("households", Unit::Households, "ménages", "households"),
    known("households_living_alone", Unit::Households, "ménages d’une personne", "households of one person"),
    known("families", Unit::Households, "familles", "families"),
    known("single_parent_families", Unit::Households, "familles monoparentales", "single-parent families"),
    known(
        "recently_moved_households",
        Unit::Households,
        "ménages installés depuis moins de deux ans",
        "households settled for under two years",
    ),
    known("tax_households", Unit::Households, "ménages fiscaux", "tax households"),
    known("tax_people", Unit::People, "personnes des ménages fiscaux", "people in tax households"),
    known(
        "poverty_rate",
        Unit::Percent,
        "taux de pauvreté à 60 % (des personnes)",
        "poverty rate at 60 % (of people)",
    ),
    known("median_income", Unit::Euros, "niveau de vie médian", "median standard of living"),
    known(
        "rate_aged_65_or_over",
        Unit::Percent,
        "65 ans ou plus, % des 15 ans ou plus",
        "65 or over, % of 15 or over",
    ),
    known(
        "rate_low_diploma",
        Unit::Percent,
        "non scolarisés ayant au plus un CAP ou BEP, % des 15 ans ou plus",
        "not at school with at most a CAP or BEP, % of 15 or over",
    ),
    known(
        "rate_living_alone",
        Unit::Percent,
        "ménages d’une personne, % des ménages",
        "one person, % of households",
    ),
    known(
        "rate_single_parent",
        Unit::Percent,
        "monoparentales, % des familles",
        "single parents, % of families",
    ),
    known("ifn_score", Unit::Index, "indice de fragilité numérique", "digital fragility index"),
    known("ifn_information", Unit::Index, "indice : accès à l’information", "index: access to information"),
    known("ifn_interfaces", Unit::Index, "indice : accès aux interfaces", "index: access to interfaces"),
    known(
        "ifn_administrative",
        Unit::Index,
        "indice : compétences administratives",
        "index: administrative skills",
    ),
    known("ifn_digital", Unit::Index, "indice : compétences numériques", "index: digital skills"),
];

/// The known figure of that key.
pub fn find(key: &str) -> Option<&'static Known> {
    KNOWN.iter().find(|known| known.key == key)
}

/// Where a series comes from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Source {
    /// The file's name.
    pub file: String,
    /// Who publishes it, as told or as its columns say.
    pub producer: String,
    /// The columns that it was read from.
    pub columns: String,
}

/// One figure of one vintage.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Series {
    /// Which figure: a key of [`KNOWN`].
    pub key: String,
    /// Its unit.
    pub unit: Unit,
    /// What its rows were.
    pub level: Level,
    /// The year it speaks of; none for figures that somebody typed.
    pub vintage: Option<u16>,
    /// Where it comes from.
    pub source: Source,
    /// The figures, by the code of the commune, EPCI or département. Communes beside the territory are among them, for
    /// the rates of their département.
    pub values: BTreeMap<InseeCode, f64>,
    /// Of these, sums and means over a part of the commune: the rest is secret.
    pub partial: BTreeSet<InseeCode>,
    /// Communes that the file speaks of and keeps secret.
    pub secret: BTreeSet<InseeCode>,
    /// Communes whose figure was put together from those of former communes.
    pub moved: BTreeSet<InseeCode>,
}

/// How many of a territory's communes a series covers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Covers {
    /// Communes with a whole figure.
    pub known: usize,
    /// Communes with a figure for a part of them.
    pub partial: usize,
    /// Communes kept secret.
    pub secret: usize,
    /// Communes that the file does not speak of.
    pub absent: usize,
}

impl Series {
    /// Whether a later series takes this one's place: same figure, vintage and rows.
    pub fn is_same(&self, other: &Self) -> bool {
        let communal = |level| matches!(level, Level::Commune | Level::Iris);
        let alike = self.level == other.level || (communal(self.level) && communal(other.level));
        self.key == other.key && self.vintage == other.vintage && alike
    }

    /// How many of these communes it covers.
    pub fn covers<'a>(&self, communes: impl Iterator<Item = &'a InseeCode>) -> Covers {
        let mut covers = Covers::default();
        for code in communes {
            let place = match (self.values.contains_key(code), self.partial.contains(code)) {
                (true, false) => &mut covers.known,
                (true, true) => &mut covers.partial,
                (false, _) if self.secret.contains(code) => &mut covers.secret,
                (false, _) => &mut covers.absent,
            };
            *place += 1;
        }
        covers
    }
}

/// The département of a commune: the start of its code.
pub fn departement(commune: &InseeCode) -> InseeCode {
    let text = commune.as_str();
    let digits = if text.starts_with("97") || text.starts_with("98") { 3 } else { 2 };
    text.get(..digits).unwrap_or(text).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_told_once() {
        let keys: BTreeSet<_> = KNOWN.iter().map(|known| known.key).collect();
        assert_eq!(keys.len(), KNOWN.len());
    }

    #[test]
    fn departements_are_the_start_of_the_code() {
        for (commune, expected) in
            [("35184", "35"), ("01002", "01"), ("2A004", "2A"), ("97105", "971"), ("9", "9")]
        {
            assert_eq!(departement(&commune.into()), expected.into());
        }
    }

    /// Goal: known, partial, secret and absent are told apart. Method: one commune of each.
    #[test]
    fn coverage_is_counted() {
        let codes: [InseeCode; 4] = ["1", "2", "3", "4"].map(Into::into);
        let [known, partial, secret, _] = codes.clone();
        let series = Series {
            key: "rsa".to_owned(),
            unit: Unit::People,
            level: Level::Iris,
            vintage: Some(2021),
            source: Source::default(),
            values: BTreeMap::from([(known, 1.0), (partial.clone(), 2.0)]),
            partial: BTreeSet::from([partial]),
            secret: BTreeSet::from([secret]),
            moved: BTreeSet::new(),
        };
        assert_eq!(series.covers(codes.iter()), Covers { known: 1, partial: 1, secret: 1, absent: 1 });
    }
}
