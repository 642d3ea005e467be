//! What a file of statistics is, by its columns: nobody has to say.

use portrea_indicators::series::Level;
use serde::{Deserialize, Serialize};

use super::dated::has_dated;
use crate::exchange::table::Table;
use crate::exchange::words::folded;

/// From so many columns on, a census file is the whole dossier.
const DOSSIER_COLUMNS: usize = 300;

/// Columns of the CAF's files by commune: as programs name them, as people do, and as files up to 2015 did.
const CAF: [&str; 10] = [
    "indfoy_rsa",
    "indfoy_ppa",
    "indfoy_aah",
    "indfoy_ndur",
    "Nombre foyers RSA",
    "Nombre foyers PPA",
    "Nombre foyers AAH",
    "Nombre foyers NDUR",
    "NB_allocataire_RSA",
    "ALL_AAH",
];

/// What a file of statistics is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// INSEE's `dossier_complet.csv`: every figure of every commune.
    DossierComplet,
    /// INSEE's `base-cc-comparateur`.
    Comparateur,
    /// Other counts of the census, `PYY_…`.
    Census,
    /// Rates of the census, in percent: `TX_65ETPLUS`, `TX_NSCOL15P`.
    CensusRates,
    /// Filosofi: incomes and poverty.
    Filosofi,
    /// Recipients of the CAF, by IRIS or by commune.
    Caf,
    /// The digital fragility index.
    Ifn,
    /// Registered job seekers.
    JobSeekers,
    /// Our own columns.
    Own,
}

impl Kind {
    /// What a table is.
    pub fn of(table: &Table) -> Self {
        let has = |names: &[&str]| names.iter().any(|name| table.column(name).is_some());
        let dated = |stem| has_dated(&table.header, stem);
        if has(&["score_global"]) {
            return Self::Ifn;
        }
        if has(&["arsas", "appa", "aaah"]) || has(&CAF) {
            return Self::Caf;
        }
        let defm = |name: &String| {
            let name = folded(name);
            name.starts_with("defm") || name.starts_with("nb defm") || name == "nombre de demandeurs d emploi"
        };
        if table.header.iter().any(defm) {
            return Self::JobSeekers;
        }
        if has(&["TX_65ETPLUS", "TX_NSCOL15P", "TX_MENSEUL"]) {
            return Self::CensusRates;
        }
        let census = dated("POP") || dated("NSCOL15P") || dated("CHOM1564") || dated("MEN");
        // No other file has all of these, and this one keeps them when it is made narrow.
        let whole = ["POP", "NSCOL15P", "CHOM1564", "MENPSEUL", "NAISD", "MED"].into_iter().all(dated);
        match census {
            true if table.header.len() >= DOSSIER_COLUMNS || whole => Self::DossierComplet,
            true if has(&["SUPERF"]) => Self::Comparateur,
            true => Self::Census,
            false if dated("TP60") || dated("MED") => Self::Filosofi,
            false => Self::Own,
        }
    }

    /// Who publishes such files; "" for our own, which say it themselves.
    pub fn producer(self) -> &'static str {
        match self {
            Self::DossierComplet | Self::Comparateur | Self::Census | Self::CensusRates => "INSEE",
            Self::Filosofi => "INSEE, Filosofi",
            Self::Caf => "CNAF",
            Self::Ifn => "IFN (La MedNum, ANSA)",
            Self::JobSeekers => "France Travail, Dares",
            Self::Own => "",
        }
    }

    /// Its name in French and in English.
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::DossierComplet => ("dossier complet de l’INSEE", "INSEE’s dossier complet"),
            Self::Comparateur => {
                ("base du comparateur de territoires de l’INSEE", "INSEE’s base-cc-comparateur")
            }
            Self::Census => ("effectifs du recensement (INSEE)", "census counts (INSEE)"),
            Self::CensusRates => ("taux du recensement (INSEE)", "census rates (INSEE)"),
            Self::Filosofi => {
                ("revenus et pauvreté, Filosofi (INSEE)", "incomes and poverty, Filosofi (INSEE)")
            }
            Self::Caf => ("allocataires de la CAF", "recipients of the CAF"),
            Self::Ifn => ("indice de fragilité numérique", "digital fragility index"),
            Self::JobSeekers => ("demandeurs d’emploi inscrits", "registered job seekers"),
            Self::Own => ("colonnes de PORTREA", "PORTREA’s columns"),
        }
    }
}

/// The column that says which commune (IRIS, EPCI, département) a row is about, and what the rows are.
pub(super) fn rows(table: &Table) -> Option<(usize, Level)> {
    let column = |names: &[&str]| {
        let found =
            |name: &&str| table.header.iter().position(|column| folded(column).replace(' ', "_") == **name);
        names.iter().find_map(found)
    };
    if let Some(at) = column(&["iris_code", "code_iris", "iris"]) {
        return Some((at, Level::Iris));
    }
    let communes = [
        "codgeo",
        "code",
        "code_insee",
        "insee",
        "code_commune",
        "com",
        "codcom",
        "depcom",
        "numcomdo",
        "numero_commune",
        "codes_insee",
    ];
    if let Some(at) = column(&communes) {
        return Some((at, shape(table, at)));
    }
    if let Some(at) = column(&["epci", "code_epci", "siren_epci", "siren"]) {
        return Some((at, Level::Epci));
    }
    column(&["dep", "code_departement", "departement"]).map(|at| (at, Level::Departement))
}

/// What the codes of a column without a telling name look like.
fn shape(table: &Table, at: usize) -> Level {
    let cells = || table.rows.iter().take(20).map(|row| row.cell(at)).filter(|cell| !cell.is_empty());
    let all = |digits: std::ops::RangeInclusive<usize>| {
        cells().next().is_some() && cells().all(|cell| digits.contains(&cell.len()))
    };
    if all(9..=9) {
        Level::Epci
    } else if all(2..=3) {
        Level::Departement
    } else {
        Level::Commune
    }
}
