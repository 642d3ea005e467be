//! Which columns each figure is read from: ours by their key, INSEE's by their stem and vintage.
//!
//! INSEE writes `P21_POP65P`: principal (`P`) or complementary (`C`) exploitation of the census of 2021, then what is
//! counted; or `NAISD22`: what, then the year. Where no column has the figure itself, several of one vintage make it up.

/// A figure of a commune.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Figure {
    /// Inhabitants.
    Population,
    /// Aged 65 or over.
    Aged65OrOver,
    /// Aged 15 or over.
    Aged15OrOver,
    /// Aged 15 or over, no longer at school.
    NotAtSchool,
    /// No longer at school, no diploma or at most the CEP.
    NoDiploma,
    /// Recipients of the RSA.
    Rsa,
    /// Recipients of the prime d'activité.
    PrimeActivite,
    /// Recipients of the AAH.
    Aah,
    /// Recipients of minimum benefits in all.
    MinimumBenefits,
    /// Registered job seekers, A to E.
    JobSeekers,
    /// Unemployed, 15 to 64, in the census's sense.
    Unemployed,
    /// Active, 15 to 64.
    Active,
    /// Births in a year.
    Births,
    /// Deaths in a year.
    Deaths,
    /// Households.
    Households,
    /// Households of one person.
    HouseholdsLivingAlone,
    /// Single-parent families.
    SingleParentFamilies,
    /// Households settled for under two years.
    RecentlyMovedHouseholds,
    /// Poverty rate, in percent.
    PovertyRate,
}

impl Figure {
    /// Its column in our own CSV.
    pub fn key(self) -> &'static str {
        FIGURES.iter().find(|recipe| recipe.figure == self).map_or("", |recipe| recipe.key)
    }
}

/// How a figure is read.
#[derive(Debug)]
pub struct Recipe {
    /// The figure.
    pub figure: Figure,
    /// Our column.
    pub key: &'static str,
    /// INSEE's stems, the best way first; several are added up, one with `-` before it is taken off.
    pub insee: &'static [&'static [&'static str]],
}

const fn recipe(figure: Figure, key: &'static str, insee: &'static [&'static [&'static str]]) -> Recipe {
    Recipe { figure, key, insee }
}

/// Every figure, and how it is read.
pub static FIGURES: [Recipe; 19] = [
    recipe(Figure::Population, "population", &[&["POP"]]),
    recipe(
        Figure::Aged65OrOver,
        "aged_65_or_over",
        &[&["POP65P"], &["POP6579", "POP80P"], &["POP6574", "POP75P"], &["POP6574", "POP7589", "POP90P"]],
    ),
    recipe(Figure::Aged15OrOver, "aged_15_or_over", &[&["POP15P"], &["POP", "-POP0014"]]),
    recipe(Figure::NotAtSchool, "not_at_school_15_or_over", &[&["NSCOL15P"]]),
    recipe(Figure::NoDiploma, "no_diploma", &[&["NSCOL15P_DIPLMIN"]]),
    recipe(Figure::Rsa, "rsa", &[]),
    recipe(Figure::PrimeActivite, "prime_activite", &[]),
    recipe(Figure::Aah, "aah", &[]),
    recipe(Figure::MinimumBenefits, "minimum_benefits", &[]),
    recipe(Figure::JobSeekers, "job_seekers", &[]),
    recipe(Figure::Unemployed, "unemployed", &[&["CHOM1564"]]),
    recipe(Figure::Active, "active", &[&["ACT1564"]]),
    recipe(Figure::Births, "births", &[&["NAISD"]]),
    recipe(Figure::Deaths, "deaths", &[&["DECESD"]]),
    recipe(Figure::Households, "households", &[&["MEN"]]),
    recipe(Figure::HouseholdsLivingAlone, "households_living_alone", &[&["MENPSEUL"]]),
    recipe(Figure::SingleParentFamilies, "single_parent_families", &[&["FAMMONO"]]),
    recipe(Figure::RecentlyMovedHouseholds, "recently_moved_households", &[&["MEN_ANEM0002"]]),
    recipe(Figure::PovertyRate, "poverty_rate", &[&["TP60"]]),
];

/// The columns of a file that a figure is read from.
#[derive(Debug, Clone, PartialEq)]
pub struct Source {
    /// The figure.
    pub figure: Figure,
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

/// Where each figure is read from in a file with these columns; our own column wins, then the newest vintage.
pub fn sources(header: &[String]) -> Vec<Source> {
    let dated: Vec<(usize, Dated<'_>)> = header
        .iter()
        .enumerate()
        .filter_map(|(index, name)| dated(name).map(|dated| (index, dated)))
        .collect();
    FIGURES.iter().filter_map(|recipe| ours(header, recipe).or_else(|| newest(&dated, recipe))).collect()
}

fn ours(header: &[String], recipe: &Recipe) -> Option<Source> {
    let index = header.iter().position(|name| name.eq_ignore_ascii_case(recipe.key))?;
    Some(Source { figure: recipe.figure, parts: vec![(index, 1.0)], year: None })
}

fn newest(dated: &[(usize, Dated<'_>)], recipe: &Recipe) -> Option<Source> {
    let mut years: Vec<u16> = dated.iter().map(|(_, dated)| dated.year).collect();
    years.sort_unstable_by(|a, b| b.cmp(a));
    years.dedup();
    let in_year = |stem: &str, year: u16| {
        let fits =
            dated.iter().filter(|(_, dated)| dated.stem.eq_ignore_ascii_case(stem) && dated.year == year);
        // The principal exploitation counts everybody, the complementary one a sample.
        fits.min_by_key(|(_, dated)| dated.complementary).map(|(index, _)| *index)
    };
    years.into_iter().find_map(|year| {
        recipe.insee.iter().find_map(|way| {
            let part = |stem: &&str| {
                let (bare, sign) = stem.strip_prefix('-').map_or((*stem, 1.0), |bare| (bare, -1.0));
                in_year(bare, year).map(|index| (index, sign))
            };
            let parts: Vec<(usize, f64)> = way.iter().map(part).collect::<Option<_>>()?;
            Some(Source { figure: recipe.figure, parts, year: Some(year) })
        })
    })
}

/// A column's name taken apart.
#[derive(Debug, PartialEq, Eq)]
struct Dated<'a> {
    stem: &'a str,
    year: u16,
    complementary: bool,
}

fn dated(name: &str) -> Option<Dated<'_>> {
    let exploitation =
        name.get(..1).filter(|letter| letter.eq_ignore_ascii_case("P") || letter.eq_ignore_ascii_case("C"));
    if let (Some(letter), Some(("_", stem))) =
        (exploitation, name.get(3..).and_then(|rest| rest.split_at_checked(1)))
    {
        let complementary = letter.eq_ignore_ascii_case("C");
        return Some(Dated { stem, year: year(name.get(1..3)?)?, complementary });
    }
    let (stem, digits) = name.split_at_checked(name.len().checked_sub(2)?)?;
    let whole = ["NAISD", "DECESD", "TP60"].iter().any(|known| stem.eq_ignore_ascii_case(known));
    whole.then(|| year(digits)).flatten().map(|year| Dated { stem, year, complementary: false })
}

fn year(digits: &str) -> Option<u16> {
    let short: u16 =
        digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok()).flatten()?;
    Some(if short >= 60 { 1900 + short } else { 2000 + short })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Goal: each figure comes from the best columns there are. Method: a header and what it gives.
    #[test]
    fn columns_are_chosen() {
        for (header, figure, expected) in [
            ("CODGEO;P15_POP;P21_POP", Figure::Population, Some(("P21_POP", Some(2021)))),
            (
                "P21_POP6579;P21_POP80P;P15_POP65P",
                Figure::Aged65OrOver,
                Some(("P21_POP6579 + P21_POP80P", Some(2021))),
            ),
            ("P21_POP6579;P15_POP80P;P15_POP65P", Figure::Aged65OrOver, Some(("P15_POP65P", Some(2015)))),
            ("P18_POP;P18_POP0014", Figure::Aged15OrOver, Some(("P18_POP − P18_POP0014", Some(2018)))),
            ("C21_POP15P;P21_POP15P", Figure::Aged15OrOver, Some(("P21_POP15P", Some(2021)))),
            ("C21_MENPSEUL", Figure::HouseholdsLivingAlone, Some(("C21_MENPSEUL", Some(2021)))),
            ("NAISD22;NAISD1621", Figure::Births, Some(("NAISD22", Some(2022)))),
            ("TP60AGE116;TP6016", Figure::PovertyRate, Some(("TP6016", Some(2016)))),
            ("P99_POP;P68_POP", Figure::Population, Some(("P99_POP", Some(1999)))),
            ("population;P21_POP", Figure::Population, Some(("population", None))),
            ("P21_POPULATION;PXX_POP;P2é_POP;é", Figure::Population, None),
        ] {
            let header: Vec<String> = header.split(';').map(str::to_owned).collect();
            let sources = sources(&header);
            let found = sources.iter().find(|source| source.figure == figure);
            let found = found.map(|source| (source.shown(&header), source.year));
            assert_eq!(found, expected.map(|(shown, year)| (shown.to_owned(), year)), "{header:?}");
        }
    }
}
