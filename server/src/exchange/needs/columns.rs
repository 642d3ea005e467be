//! Which columns each figure is read from: INSEE's by their stem and vintage, others by their name.
//!
//! INSEE writes `P21_POP65P`: principal (`P`) or complementary (`C`) exploitation of the census of 2021, then what is
//! counted; or `NAISD22`: what, then the year. Where no column has the figure itself, several of one vintage make it up.
//! Each vintage is a series of its own.

use std::collections::BTreeSet;

use portrea_indicators::series::{self, KNOWN};

use super::dated::{Dated, dated};
use super::kind::Kind;

/// INSEE's stems of a figure, the best way first; several are added up, one with `-` before it is taken off.
type Ways = &'static [&'static [&'static str]];

/// Figures that INSEE's columns give.
static INSEE: [(&str, Ways); 24] = [
    ("population", &[&["POP"]]),
    ("aged_0_14", &[&["POP0014"]]),
    ("aged_15_or_over", &[&["POP15P"], &["POP", "-POP0014"]]),
    ("aged_15_64", &[&["POP1564"]]),
    (
        "aged_65_or_over",
        &[&["POP65P"], &["POP6579", "POP80P"], &["POP6574", "POP75P"], &["POP6574", "POP7589", "POP90P"]],
    ),
    ("aged_75_or_over", &[&["POP75P"], &["POP7589", "POP90P"]]),
    ("not_at_school_15_or_over", &[&["NSCOL15P"]]),
    ("no_diploma", &[&["NSCOL15P_DIPLMIN"], &["NSCOL15P_DIPL0", "NSCOL15P_CEP"]]),
    ("unemployed", &[&["CHOM1564"]]),
    ("active", &[&["ACT1564"]]),
    ("unemployed_15_or_over", &[&["CHOM15P"]]),
    ("active_15_or_over", &[&["ACT15P"]]),
    ("births", &[&["NAISD"]]),
    ("deaths", &[&["DECESD"]]),
    ("households", &[&["MEN"]]),
    ("households_living_alone", &[&["MENPSEUL"]]),
    ("families", &[&["FAM"]]),
    ("single_parent_families", &[&["FAMMONO"]]),
    ("recently_moved_households", &[&["MEN_ANEM0002"]]),
    ("tax_households", &[&["NBMENFISC"]]),
    ("tax_people", &[&["NBPERSMENFISC"]]),
    ("poverty_rate", &[&["TP60"]]),
    ("median_income", &[&["MED"]]),
    ("job_seekers_abc", &[&["DEFMABC"]]),
];

/// Columns by name, for kinds of file that do not use stems.
static NAMED: [(Kind, &str, &str); 32] = [
    (Kind::CensusRates, "TX_65ETPLUS", "rate_aged_65_or_over"),
    (Kind::CensusRates, "TX_NSCOL15P", "rate_low_diploma"),
    (Kind::CensusRates, "TX_MENSEUL", "rate_living_alone"),
    (Kind::CensusRates, "TX_FAMMONO", "rate_single_parent"),
    (Kind::Caf, "a", "caf_recipients"),
    (Kind::Caf, "percou", "caf_covered"),
    (Kind::Caf, "arsas", "rsa"),
    (Kind::Caf, "appa", "prime_activite"),
    (Kind::Caf, "aaah", "aah"),
    // data.caf.fr since 2020: the names for programs, and those for people.
    (Kind::Caf, "indfoy_ndur", "caf_recipients"),
    (Kind::Caf, "indnbp_ndur", "caf_covered"),
    (Kind::Caf, "indfoy_rsa", "rsa"),
    (Kind::Caf, "indfoy_ppa", "prime_activite"),
    (Kind::Caf, "indfoy_aah", "aah"),
    (Kind::Caf, "Nombre foyers NDUR", "caf_recipients"),
    (Kind::Caf, "Nombre personnes NDUR", "caf_covered"),
    (Kind::Caf, "Nombre foyers RSA", "rsa"),
    (Kind::Caf, "Nombre foyers PPA", "prime_activite"),
    (Kind::Caf, "Nombre foyers AAH", "aah"),
    // data.caf.fr before, a file a benefit and year.
    (Kind::Caf, "NB_Allocataires", "caf_recipients"),
    (Kind::Caf, "NB_allocataire_RSA", "rsa"),
    (Kind::Caf, "ALL_AAH", "aah"),
    (Kind::Ifn, "score_global", "ifn_score"),
    (Kind::Ifn, "acces_information", "ifn_information"),
    (Kind::Ifn, "acces_interfaces", "ifn_interfaces"),
    (Kind::Ifn, "competences_administratives", "ifn_administrative"),
    (Kind::Ifn, "competences_numeriques", "ifn_digital"),
    (Kind::JobSeekers, "DEFM_ABCDE", "job_seekers"),
    (Kind::JobSeekers, "nb_defm_abcde", "job_seekers"),
    (Kind::JobSeekers, "DEFM_ABC", "job_seekers_abc"),
    (Kind::JobSeekers, "nb_defm_abc", "job_seekers_abc"),
    (Kind::JobSeekers, "job_seekers", "job_seekers"),
];

/// The columns of a file that a series is read from.
#[derive(Debug, Clone, PartialEq)]
pub struct Source {
    /// The figure: a key of [`KNOWN`].
    pub known: &'static series::Known,
    /// The columns by index, each with 1 or −1.
    pub parts: Vec<(usize, f64)>,
    /// The vintage, where the names say it.
    pub year: Option<u16>,
}

impl Source {
    /// The columns as a sum, by their names.
    pub fn shown(&self, header: &[String]) -> String {
        let mut shown = String::new();
        for (index, sign) in &self.parts {
            if !shown.is_empty() {
                shown.push_str(if *sign < 0.0 { " − " } else { " + " });
            }
            shown.push_str(header.get(*index).map_or("", String::as_str));
        }
        shown
    }
}

/// Where each series is read from in a file of that kind; our own column comes before INSEE's for the same figure.
pub fn sources(header: &[String], kind: Kind) -> Vec<Source> {
    let named =
        NAMED.iter().filter(|(of, ..)| *of == kind).filter_map(|(_, name, key)| one(header, name, key));
    let mut found: Vec<Source> = Vec::new();
    for source in named {
        if !found.iter().any(|other| other.known.key == source.known.key) {
            found.push(source);
        }
    }
    // The index's own population is its weight, of a vintage that it does not tell.
    if kind == Kind::Ifn {
        return found;
    }
    for known in &KNOWN {
        if found.iter().any(|other| other.known.key == known.key) {
            continue;
        }
        found.extend(one(header, known.key, known.key));
    }
    let dated: Vec<(usize, Dated<'_>)> = header
        .iter()
        .enumerate()
        .filter_map(|(index, name)| dated(name).map(|dated| (index, dated)))
        .collect();
    let years: BTreeSet<u16> = dated.iter().map(|(_, dated)| dated.year).collect();
    for (key, ways) in &INSEE {
        let typed = found.iter().any(|other| other.known.key == *key && other.year.is_none());
        if !typed {
            let vintages = years.iter().rev().filter_map(|year| of_year(&dated, key, ways, *year));
            found.extend(vintages.collect::<Vec<_>>());
        }
    }
    found
}

fn one(header: &[String], name: &str, key: &str) -> Option<Source> {
    let index = header.iter().position(|column| column.eq_ignore_ascii_case(name))?;
    Some(Source { known: series::find(key)?, parts: vec![(index, 1.0)], year: None })
}

fn of_year(dated: &[(usize, Dated<'_>)], key: &str, ways: Ways, year: u16) -> Option<Source> {
    let column = |stem: &str| {
        let fits =
            dated.iter().filter(|(_, dated)| dated.stem.eq_ignore_ascii_case(stem) && dated.year == year);
        // The principal exploitation counts everybody, the complementary one a sample.
        fits.min_by_key(|(_, dated)| dated.complementary).map(|(index, _)| *index)
    };
    let known = series::find(key)?;
    ways.iter().find_map(|way| {
        let part = |stem: &&str| {
            let (bare, sign) = stem.strip_prefix('-').map_or((*stem, 1.0), |bare| (bare, -1.0));
            column(bare).map(|index| (index, sign))
        };
        let parts: Vec<(usize, f64)> = way.iter().map(part).collect::<Option<_>>()?;
        Some(Source { known, parts, year: Some(year) })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Goal: each series comes from the best columns there are, one a vintage. Method: a header and what it gives.
    #[test]
    fn columns_are_chosen() {
        for (header, key, expected) in [
            ("CODGEO;P15_POP;P21_POP", "population", vec![("P21_POP", Some(2021)), ("P15_POP", Some(2015))]),
            (
                "P21_POP6579;P21_POP80P;P15_POP65P",
                "aged_65_or_over",
                vec![("P21_POP6579 + P21_POP80P", Some(2021)), ("P15_POP65P", Some(2015))],
            ),
            ("P21_POP6579;P15_POP80P;P15_POP65P", "aged_65_or_over", vec![("P15_POP65P", Some(2015))]),
            ("P18_POP;P18_POP0014", "aged_15_or_over", vec![("P18_POP − P18_POP0014", Some(2018))]),
            ("C21_POP15P;P21_POP15P", "aged_15_or_over", vec![("P21_POP15P", Some(2021))]),
            ("C21_MENPSEUL", "households_living_alone", vec![("C21_MENPSEUL", Some(2021))]),
            ("NAISD22;NAISD1621", "births", vec![("NAISD22", Some(2022))]),
            ("TP60AGE116;TP6016", "poverty_rate", vec![("TP6016", Some(2016))]),
            ("P99_POP;P68_POP", "population", vec![("P99_POP", Some(1999)), ("P68_POP", Some(1968))]),
            ("population;P21_POP", "population", vec![("population", None)]),
            ("P21_POPULATION;PXX_POP;P2é_POP;é", "population", vec![]),
            ("RSA;TX_65ETPLUS", "rate_aged_65_or_over", vec![]),
        ] {
            let header: Vec<String> = header.split(';').map(str::to_owned).collect();
            let found: Vec<_> = sources(&header, Kind::Own)
                .iter()
                .filter(|source| source.known.key == key)
                .map(|source| (source.shown(&header), source.year))
                .collect();
            let expected: Vec<_> =
                expected.into_iter().map(|(shown, year)| (shown.to_owned(), year)).collect();
            assert_eq!(found, expected, "{header:?}");
        }
    }

    #[test]
    fn every_column_names_a_known_figure() {
        for key in INSEE.iter().map(|(key, _)| key).chain(NAMED.iter().map(|(.., key)| key)) {
            assert!(series::find(key).is_some(), "{key}");
        }
    }
}
