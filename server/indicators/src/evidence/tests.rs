//! Grades of indicators.

use super::*;
use crate::statistics::Needs;

fn commune() -> Commune {
    let needs = Needs {
        aged_65_or_over: Some(200.0),
        aged_15_or_over: Some(800.0),
        no_diploma: Some(160.0),
        minimum_benefits: Some(50.0),
        job_seekers: Some(40.0),
        ..Needs::default()
    };
    Commune { population: Some(1000.0), needs, ..Commune::default() }
}

fn evidence(marks: &[(&str, Grade)]) -> Evidence {
    let marks = marks.iter().map(|(key, grade)| {
        ((*key).to_owned(), Mark { grade: *grade, formula: Some("1".to_owned()), vintages: vec![2021] })
    });
    Evidence { communes: BTreeMap::from([("35001".into(), marks.collect())]), ..Evidence::default() }
}

fn grades(commune: &Commune, evidence: &Evidence) -> (Grade, Grade, Grade) {
    let need = Need::of(commune.population, &commune.needs);
    let grades = CommuneGrades::of(&"35001".into(), commune, &need, evidence);
    (grades.fragility, grades.exposure, grades.vulnerability)
}

/// Goal: an indicator is as good as the worst figure in it. Method: one figure after the other made worse.
#[test]
fn the_worst_figure_grades_the_indicator() {
    use Grade::{Counted, Estimated, Missing};
    let plain = commune();
    assert_eq!(grades(&plain, &Evidence::default()), (Counted, Counted, Counted));
    let estimated = evidence(&[("no_diploma", Estimated)]);
    assert_eq!(grades(&plain, &estimated), (Estimated, Counted, Estimated));
    let estimated = evidence(&[("minimum_benefits", Estimated)]);
    assert_eq!(grades(&plain, &estimated), (Counted, Estimated, Estimated));
    let mut lacking = commune();
    lacking.needs.job_seekers = None;
    assert_eq!(grades(&lacking, &Evidence::default()), (Counted, Missing, Missing));
    let mut alone = commune();
    alone.population = None;
    assert_eq!(grades(&alone, &Evidence::default()), (Counted, Counted, Missing));
}

/// Goal: a territory tells how much was counted. Method: one commune of each sort.
#[test]
fn a_territory_tells_what_it_sums() {
    let whole = commune();
    let mut lacking = commune();
    lacking.needs = Needs::default();
    let estimated = evidence(&[("no_diploma", Grade::Estimated)]);
    let graded = |commune: &Commune, evidence: &Evidence| {
        let need = Need::of(commune.population, &commune.needs);
        (CommuneGrades::of(&"35001".into(), commune, &need, evidence), commune.population, need)
    };
    let all = [
        graded(&whole, &Evidence::default()),
        graded(&whole, &estimated),
        graded(&lacking, &Evidence::default()),
    ];
    let total =
        TerritoryGrades::total(all.iter().map(|(grades, population, need)| (grades, *population, need)));
    assert_eq!(
        total.fragility,
        Known {
            counted_communes: 1,
            counted: 320.0,
            estimated_communes: 1,
            estimated: 320.0,
            missing_communes: 1
        }
    );
    assert_eq!((total.exposure.counted, total.exposure.missing_communes), (180.0, 1));
    assert_eq!(total.population.counted_communes, 3);
}
