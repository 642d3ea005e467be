use super::*;
use crate::exchange::{shared_data, territory_file};

fn figures(file: &NeedsFile, code: &str) -> Vec<(Figure, f64)> {
    let found = file.communes.get(&InseeCode::from(code)).expect(code);
    found.figures.iter().map(|(figure, value)| (*figure, *value)).collect()
}

fn codes(file: &NeedsFile) -> Vec<&'static str> {
    file.report.findings.iter().map(|finding| finding.code).collect()
}

/// Goal: missing stays missing and numbers are read however they are written. Method: one cell a case.
#[test]
fn cells_are_numbers_or_missing() {
    for (cell, expected) in [
        ("596", Some(Some(596.0))),
        ("12,5", Some(Some(12.5))),
        ("12.5", Some(Some(12.5))),
        ("1 234,5", Some(Some(1234.5))),
        ("1\u{202f}234", Some(Some(1234.0))),
        ("1.234,5", Some(Some(1234.5))),
        ("1,234,567.5", Some(Some(1_234_567.5))),
        ("12,3 %", Some(Some(12.3))),
        ("0", Some(Some(0.0))),
        ("", Some(None)),
        ("s", Some(None)),
        ("nd", Some(None)),
        ("N/D", Some(None)),
        ("beaucoup", None),
        ("-3", None),
        ("inf", None),
        ("1e12", None),
        ("--", None),
    ] {
        assert_eq!(number(cell).ok(), expected, "{cell}");
    }
}

/// Goal: both kinds of file are read, oddities found, other rows counted. Method: small files with what they give.
#[test]
fn files_are_read() {
    let ours = "# made up\ncode,name,population,aged_65_or_over,source\n35001,A,100,s,invented\n1002,B,\"1,5\",x,invented\n";
    let file = read(ours.as_bytes(), &[]).expect("ours");
    assert_eq!(figures(&file, "35001"), [(Figure::Population, 100.0)]);
    assert_eq!(figures(&file, "01002"), [(Figure::Population, 1.5)]);
    assert_eq!(codes(&file), ["leading_zero", "not_a_number"]);
    assert_eq!(
        file.report.findings.last().map(|finding| &finding.spot),
        Some(&Spot::cell(4, 3, "aged_65_or_over"))
    );
    assert!(file.report.invented && file.report.sources.contains(INVENTED));

    let insee = "CODGEO;LIBGEO;P21_POP;P15_POP;P21_POP6579;P21_POP80P;NAISD22;SUPERF\r\n35001;A;596;586;100,5;20;3;24.09\r\n35002;B;10;10;1;s;;1\r\n";
    let file = read(insee.as_bytes(), &[]).expect("insee");
    assert_eq!(
        figures(&file, "35001"),
        [(Figure::Population, 596.0), (Figure::Aged65OrOver, 120.5), (Figure::Births, 3.0)]
    );
    assert_eq!(figures(&file, "35002"), [(Figure::Population, 10.0)]);
    assert_eq!(file.report.unused_columns, ["P15_POP", "SUPERF"]);
    assert_eq!(file.report.sources, BTreeSet::from(["INSEE 2021, 2022".to_owned()]));

    let twice = "code,population\n35001,5\n35001,5\n";
    assert_eq!(codes(&read(twice.as_bytes(), &[]).expect("twice")), ["duplicate_code"]);
    let wrong = "code,population,aged_15_or_over\n35001,50,100\nX,1,1\n";
    assert_eq!(codes(&read(wrong.as_bytes(), &[]).expect("wrong")), ["figures_disagree", "bad_code"]);
}

/// Goal: a broken file is refused and says where. Method: one file a mistake.
#[test]
fn broken_files_are_refused() {
    for (text, code, line, column) in [
        ("code,population\n35001,5\n35001,6\n", "contradictory_code", Some(3), Some(1)),
        ("name,population\nA,5\n", "missing_column", Some(1), None),
        ("code,foo\n35001,5\n", "no_figures", None, None),
        ("code,population\n", "no_rows", Some(1), None),
        ("code,population\n35001\n", "wrong_width", Some(2), Some(2)),
        ("", "not_text", None, None),
    ] {
        let error = read(text.as_bytes(), &[]).expect_err(text);
        assert_eq!((error.code, error.spot.line, error.spot.column), (code, line, column), "{text}");
    }
}

#[test]
fn further_files_lie_over_earlier_ones() {
    let read = |text: &str| read(text.as_bytes(), &[]).expect(text).communes;
    let mut base = read("code,population,births\n35001,5,1\n");
    overlay(&mut base, read("code,population,births,deaths\n35001,6,,2\n35002,7,,\n"));
    let file = NeedsFile { communes: base, report: Report::default() };
    assert_eq!(
        figures(&file, "35001"),
        [(Figure::Population, 6.0), (Figure::Births, 1.0), (Figure::Deaths, 2.0)]
    );
    assert_eq!(figures(&file, "35002"), [(Figure::Population, 7.0)]);
}

/// Goal: INSEE's real files are read whole. Method: sums and counts against the folder's list of sources.
#[test]
fn real_statistics_are_read() {
    let (Some(territory), Some(bytes)) = (
        shared_data("territories/ille-et-vilaine.geojson"),
        shared_data("needs/base-cc-comparateur-2021-bretagne.csv"),
    ) else {
        return;
    };
    let population = |file: &NeedsFile| -> f64 {
        file.communes.values().filter_map(|commune| commune.figures.get(&Figure::Population)).sum()
    };
    let all = read(&bytes, &[]).expect("read");
    assert_eq!((all.report.rows, codes(&all)), (1_206, vec![]));
    assert!((population(&all) - 3_394_567.0).abs() < 0.5);
    let communes = territory_file::read(&territory).expect("territory").communes;
    let local = read(&bytes, &communes).expect("read");
    assert_eq!(
        (local.report.rows_elsewhere + local.communes.len(), local.report.without_figures.len()),
        (1_206, 0)
    );
    assert!((population(&local) - 1_098_325.0).abs() < 5_000.0, "{}", population(&local));
    for (name, rows) in [("rp-2018-communes-2000-bretagne", 423), ("filosofi-2016-communes-bretagne", 1_206)]
    {
        let Some(bytes) = shared_data(&format!("needs/{name}.csv")) else { return };
        let file = read(&bytes, &[]).expect(name);
        assert_eq!((file.report.rows, codes(&file)), (rows, vec![]), "{name}");
        println!("{name}: {:?}", file.report.columns);
    }
}
