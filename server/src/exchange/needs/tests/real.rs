//! The six public files of the shared folder, as they are.

use super::*;

const FILES: [&str; 6] = [
    "base-cc-comparateur-2021-bretagne.csv",
    "rp-2017-taux-bretagne.csv",
    "rp-2018-communes-2000-bretagne.csv",
    "filosofi-2016-communes-bretagne.csv",
    "caf-2021-iris-bretagne.csv",
    "ifn-2020-bretagne-iris.csv",
];

/// The files, and the communes of Brittany; none where the machine does not have them.
fn real() -> Option<(Vec<NeedsFile>, Vec<CommuneShape>)> {
    let communes =
        territory_file::read(&shared_data("territories/bretagne.geojson")?).expect("communes").communes;
    let files = FILES.iter().map(|name| {
        let bytes = shared_data(&format!("needs/{name}"))?;
        Some(read(&bytes, &told(name)).expect(name))
    });
    Some((files.collect::<Option<_>>()?, communes))
}

/// Goal: each public file is recognised, and says what it covers. Method: kinds, rows, coverage as counted by hand.
#[test]
fn public_files_are_recognised() {
    let Some((files, communes)) = real() else { return };
    let told: Vec<_> = files.iter().map(|file| (file.kind, file.level, file.report.rows)).collect();
    assert_eq!(
        told,
        [
            (Kind::Comparateur, Level::Commune, 1206),
            (Kind::CensusRates, Level::Commune, 1208),
            (Kind::Census, Level::Commune, 423),
            (Kind::Filosofi, Level::Commune, 1206),
            (Kind::Caf, Level::Iris, 632),
            (Kind::Ifn, Level::Iris, 1764),
        ]
    );
    for file in &files {
        assert_eq!(codes(file), Vec::<&str>::new(), "{:?}", file.kind);
    }
    let mut holdings = Holdings::default();
    let reports = holdings.take(files, &communes);
    for report in &reports {
        assert_eq!((report.unknown.len(), report.split.len(), report.elsewhere), (0, 0, 0), "{report:?}");
    }
    let moved: Vec<usize> = reports.iter().map(|report| report.moved.len()).collect();
    assert_eq!(moved, [4, 6, 0, 6, 0, 30]);
    let covers = |key: &str| {
        let series = reports.iter().flat_map(|report| &report.series).find(|series| series.key == key);
        let Covers { known, partial, secret, absent } = series.expect(key).covers;
        (known, partial, secret, absent)
    };
    assert_eq!(covers("population"), (1202, 0, 0, 0));
    assert_eq!(covers("rate_aged_65_or_over"), (1202, 0, 0, 0));
    assert_eq!(covers("no_diploma"), (423, 0, 0, 779));
    assert_eq!(covers("rsa"), (65, 30, 2, 1105));
    assert_eq!(covers("prime_activite").0, 68);
    assert_eq!(covers("ifn_score"), (1202, 0, 0, 0));
    let (known, partial, secret, absent) = covers("poverty_rate");
    assert_eq!((known + partial + secret, absent), (1200, 2));
}

/// Goal: no inhabitant is lost on the way. Method: the sums that INSEE publishes.
#[test]
fn sums_are_those_that_are_published() {
    let Some((files, communes)) = real() else { return };
    let mut holdings = Holdings::default();
    holdings.take(files, &communes);
    let statistics = statistics(&communes, &holdings, &recipes::default());
    let sum = |departement: &str| -> f64 {
        let here = statistics.communes.iter().filter(|(code, _)| code.as_str().starts_with(departement));
        here.filter_map(|(_, commune)| commune.population).sum()
    };
    assert!((sum("") - 3_394_567.0).abs() < 0.5, "{}", sum(""));
    assert!((sum("35") - 1_098_325.0).abs() < 0.5, "{}", sum("35"));
}

/// Goal: every commune has its need, and says how it is known. Method: grades counted over Brittany.
#[test]
fn need_is_put_together_from_public_files() {
    let Some((files, communes)) = real() else { return };
    let mut holdings = Holdings::default();
    holdings.take(files, &communes);
    let figures = figures(&communes, &holdings, &recipes::default());
    let grades = |key: &str| {
        let marks = || figures.values().filter_map(|figures| figures.get(key));
        let count = |grade| marks().filter(|graded| graded.mark.grade == grade).count();
        (count(Grade::Counted), count(Grade::Estimated), count(Grade::Missing))
    };
    assert_eq!(grades("population"), (1202, 0, 0));
    assert_eq!(grades("aged_15_or_over"), (423, 779, 0));
    assert_eq!(grades("aged_65_or_over"), (0, 1202, 0));
    assert_eq!(grades("no_diploma"), (423, 779, 0));
    assert_eq!(grades("job_seekers"), (0, 1202, 0));
    let (counted, estimated, missing) = grades("minimum_benefits");
    assert_eq!((counted + estimated + missing, missing), (1202, 0));
    assert!((50..=65).contains(&counted), "{counted}");
    let total = |key: &str| -> f64 {
        let known = figures.values().filter_map(|figures| figures.get(key)?.value);
        known.sum()
    };
    // The census counted 23.5 % of 65 or over in Brittany in 2021; the rates are of 2017.
    let share = total("aged_65_or_over") / total("population");
    assert!((0.20..0.25).contains(&share), "{share}");
    let ratio = total("minimum_benefits") / total("population");
    assert!((0.04..0.15).contains(&ratio), "{ratio}");
    for (code, figures) in &figures {
        let population = figures.get("population").and_then(|graded| graded.value).unwrap_or_default();
        for key in ["aged_65_or_over", "no_diploma", "minimum_benefits", "job_seekers"] {
            let value = figures.get(key).and_then(|graded| graded.value).unwrap_or_default();
            assert!(value <= population, "{code} {key}: {value} of {population}");
        }
    }
    println!("benefits {counted} counted; 65+ {share:.3}; benefits {ratio:.3} of inhabitants");
}
