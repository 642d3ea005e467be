//! Files of statistics, small and real, up to the figures of communes.

use std::fmt::Write;

use portrea_indicators::grade::Grade;
use portrea_indicators::series::Covers;

use super::holdings::Holdings;
use super::passage::Move;
use super::*;
use crate::exchange::geometry::Contour;
use crate::exchange::statistics::{figures, statistics};
use crate::exchange::territory_file::CommuneShape;
use crate::exchange::{shared_data, territory_file};

/// A few columns and rows laid out as in the public file: every figure is invented.
const DOSSIER: &[u8] = include_bytes!("tests/dossier_complet.csv");

fn told(file: &str) -> Told {
    Told { file: file.to_owned(), ..Told::default() }
}

fn opened(text: &str) -> NeedsFile {
    read(text.as_bytes(), &told("file.csv")).expect(text)
}

/// The figures of a commune: key, vintage, figure.
fn of<'a>(file: &'a NeedsFile, code: &str) -> Vec<(&'a str, Option<u16>, f64)> {
    let code = InseeCode::from(code);
    let series = file.series.iter();
    series
        .filter_map(|series| Some((series.key.as_str(), series.vintage, *series.values.get(&code)?)))
        .collect()
}

fn codes(file: &NeedsFile) -> Vec<&'static str> {
    file.report.findings.iter().map(|finding| finding.code).collect()
}

fn shapes(codes: &[&str]) -> Vec<CommuneShape> {
    let shape = |code: &&str| CommuneShape {
        code: (*code).into(),
        name: String::new(),
        population: None,
        epci_code: Some("200000001".to_owned()),
        epci_name: None,
        town_hall: None,
        contour: Contour::default(),
    };
    codes.iter().map(shape).collect()
}

fn series<'a>(holdings: &'a Holdings, key: &str) -> &'a Series {
    holdings.series.iter().find(|series| series.key == key).expect(key)
}

/// Goal: both kinds of file are read, oddities found. Method: small files with what they give.
#[test]
fn files_are_read() {
    let ours = "# made up\ncode,name,population,aged_65_or_over,source\n35001,A,100,s,invented\n1002,B,\"1,5\",x,invented\n";
    let file = opened(ours);
    assert_eq!(of(&file, "35001"), [("population", None, 100.0)]);
    assert_eq!(of(&file, "01002"), [("population", None, 1.5)]);
    assert_eq!(codes(&file), ["leading_zero", "not_a_number"]);
    assert_eq!(
        file.report.findings.last().map(|finding| &finding.spot),
        Some(&Spot::cell(4, 3, "aged_65_or_over"))
    );
    assert_eq!((file.kind, file.report.sources.contains(INVENTED)), (Kind::Own, true));

    let insee = "CODGEO;LIBGEO;P21_POP;P15_POP;P21_POP6579;P21_POP80P;NAISD22;SUPERF\r\n35001;A;596;586;100,5;20;3;24.09\r\n35002;B;10;10;1;s;;1\r\n";
    let file = opened(insee);
    assert_eq!(file.kind, Kind::Comparateur);
    assert_eq!(
        of(&file, "35001"),
        [
            ("population", Some(2021), 596.0),
            ("population", Some(2015), 586.0),
            ("aged_65_or_over", Some(2021), 120.5),
            ("births", Some(2022), 3.0)
        ]
    );
    assert_eq!(of(&file, "35002"), [("population", Some(2021), 10.0), ("population", Some(2015), 10.0)]);
    assert_eq!(file.report.unused_columns, ["SUPERF"]);

    let twice = "code,population\n35001,5\n35001,5\n";
    assert_eq!(codes(&opened(twice)), ["duplicate_code"]);
    let wrong = "code,population,aged_15_or_over\n35001,50,100\nX,1,1\n";
    assert_eq!(codes(&opened(wrong)), ["figures_disagree", "bad_code"]);
}

/// Goal: that figures were made up is said once and in words, never as a source. Method: lines that are, and some that
/// are not; there and back.
#[test]
fn made_up_figures_are_no_source() {
    let shapes = shapes(&["35001", "35002"]);
    for (lines, sources, invented) in [
        ("35001,5,invented\n35002,6,Invented\n", vec![], true),
        ("35001,5,CAF\n35002,6,invented\n", vec!["CAF"], true),
        ("35001,5,CAF\n35002,6,INSEE\n", vec!["CAF ; INSEE"], false),
    ] {
        let mut holdings = Holdings::default();
        holdings.take(vec![opened(&format!("code,rsa,source\n{lines}"))], &shapes);
        let told = statistics(&shapes, &holdings, &recipes::default());
        assert_eq!(
            (told.sources.clone(), told.invented),
            (sources.iter().map(ToString::to_string).collect(), invented)
        );
        let again = statistics(&shapes, &Holdings::of_statistics(&told), &recipes::default());
        assert_eq!((again.sources, again.invented), (told.sources, told.invented));
    }
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
        let error = read(text.as_bytes(), &Told::default()).expect_err(text);
        assert_eq!((error.code, error.spot.line, error.spot.column), (code, line, column), "{text}");
    }
}

/// Goal: nobody has to say what a file is. Method: a header of each sort.
#[test]
fn files_are_recognised_by_their_columns() {
    for (header, kind, level) in [
        ("CODGEO;P21_POP;SUPERF", Kind::Comparateur, Level::Commune),
        ("CODGEO;P18_POP;P18_NSCOL15P", Kind::Census, Level::Commune),
        ("CODE_INSEE,LIBCOM,DEP,TX_NSCOL15P,TX_65ETPLUS", Kind::CensusRates, Level::Commune),
        ("CODGEO\tLIBGEO\tMED16\tTP6016", Kind::Filosofi, Level::Commune),
        ("iris_code,note,a,arsas,appa,aaah", Kind::Caf, Level::Iris),
        ("Code commune;ARSAS", Kind::Caf, Level::Commune),
        ("numcomdo;nomcom;indfoy_ppa", Kind::Caf, Level::Commune),
        ("Numéro commune;Nom commune;Nombre foyers RSA", Kind::Caf, Level::Commune),
        ("Codes_Insee;Communes;NB_Allocataires;ALL_AAH", Kind::Caf, Level::Commune),
        ("code_commune;nombre_de_demandeurs_d_emploi;categorie", Kind::JobSeekers, Level::Commune),
        ("code_iris,nom_commune,population,score_global", Kind::Ifn, Level::Iris),
        ("CODGEO;DEFM_ABC", Kind::JobSeekers, Level::Commune),
        ("EPCI;TX_65ETPLUS", Kind::CensusRates, Level::Epci),
        ("code,population", Kind::Own, Level::Commune),
    ] {
        let separator = header.chars().find(|c| matches!(c, ';' | ',' | '\t')).unwrap_or(',');
        let row = header.split(separator).enumerate().map(|(at, _)| match (at, level) {
            (0, Level::Iris) => "350010101",
            (0, Level::Epci) => "200000001",
            (0, _) => "35001",
            _ => "1",
        });
        let row = row.collect::<Vec<_>>().join(&separator.to_string());
        let file = opened(&format!("{header}\n{row}\n"));
        assert_eq!((file.kind, file.level), (kind, level), "{header}");
    }
}

/// Goal: the dossier complet is read as it is. Method: a sample with its columns and its quirks.
#[test]
fn the_dossier_complet_is_read() {
    let file = read(DOSSIER, &told("dossier_complet.csv")).expect("read");
    assert_eq!((file.kind, file.level, file.report.rows), (Kind::DossierComplet, Level::Commune, 4));
    assert_eq!(codes(&file), Vec::<&str>::new());
    let saint_meen = of(&file, "35297");
    for expected in [
        ("population", Some(2021), 4710.25),
        ("population", Some(2015), 4602.0),
        ("aged_65_or_over", Some(2021), 1210.5),
        ("aged_15_64", Some(2021), 2680.75),
        ("not_at_school_15_or_over", Some(2021), 3540.0),
        ("no_diploma", Some(2021), 801.125),
        ("households_living_alone", Some(2021), 790.0),
        ("recently_moved_households", Some(2021), 240.0),
        ("births", Some(2023), 41.0),
        ("births", Some(2022), 44.0),
        ("poverty_rate", Some(2021), 13.0),
        ("median_income", Some(2021), 20_510.0),
    ] {
        assert!(saint_meen.contains(&expected), "{expected:?} in {saint_meen:?}");
    }
    let secret = |code: &str, key: &str| {
        let series = file.series.iter().find(|series| series.key == key).expect(key);
        series.secret.contains(&InseeCode::from(code))
    };
    assert!(
        secret("35301", "poverty_rate")
            && secret("01001", "poverty_rate")
            && !secret("35297", "poverty_rate")
    );
    // It holds what need is put together from: with job seekers and the CAF alone missing.
    let mut holdings = Holdings::default();
    let shapes = shapes(&["35184", "35297"]);
    let reports = holdings.take(vec![file], &shapes);
    let report = reports.first().expect("one");
    assert_eq!(report.moved.iter().map(|one| one.from.as_str()).collect::<Vec<_>>(), ["35301"]);
    assert_eq!((report.elsewhere, report.unknown.len()), (1, 0));
    let population = series(&holdings, "population");
    assert_eq!(population.values.get(&"35184".into()), Some(&(5900.5 + 601.25)));
    let figures = figures(&shapes, &holdings, &recipes::default());
    let fragility =
        figures.get(&"35297".into()).and_then(|figures| figures.get("no_diploma")).expect("figure");
    assert_eq!((fragility.value, fragility.mark.grade), (Some(801.125), Grade::Counted));
}

/// Goal: a wide file made narrow gives the same. Method: the sample both ways; one that is too large even so.
#[test]
fn a_narrow_file_gives_the_same() {
    let narrowed = narrow::narrow(DOSSIER, 100_000).expect("narrowed");
    assert!(narrowed.len() * 3 < DOSSIER.len(), "{} of {}", narrowed.len(), DOSSIER.len());
    let [narrow, wide] =
        [narrowed.as_slice(), DOSSIER].map(|bytes| read(bytes, &told("d.csv")).expect("read"));
    assert_eq!((narrow.kind, &narrow.series, &narrow.names), (wide.kind, &wide.series, &wide.names));
    assert!(narrow::narrow(DOSSIER, 100).is_err());
    assert!(narrow::narrow(&b"{\"a\": 1}\n"[..], 100).is_err());
}

/// Goal: IRIS add up, and a secret one makes the sum a lower bound. Method: communes with all, some, none known.
#[test]
fn iris_are_brought_together() {
    let file = read(
        b"iris_code,note,a,arsas\n350010101,0,10,5\n350010102,0,20,7\n350020101,0,10,3\n350020102,3,,\n350030101,4,,\n",
        &told("caf-2021.csv"),
    );
    let mut holdings = Holdings::default();
    let shapes = shapes(&["35001", "35002", "35003", "35004"]);
    let reports = holdings.take(vec![file.expect("read")], &shapes);
    let rsa = series(&holdings, "rsa");
    assert_eq!((rsa.vintage, rsa.source.producer.as_str()), (Some(2021), "CNAF"));
    assert_eq!(rsa.values.values().copied().collect::<Vec<_>>(), [12.0, 3.0]);
    let covers = Covers { known: 1, partial: 1, secret: 1, absent: 1 };
    assert!(reports.iter().flat_map(|report| &report.series).all(|series| series.covers == covers));
    let figures = figures(&shapes, &holdings, &recipes::default());
    let grade =
        |code: &str| figures.get(&code.into()).and_then(|all| all.get("rsa")).map(|rsa| rsa.mark.grade);
    assert_eq!(grade("35001"), Some(Grade::Counted));
    assert_eq!(grade("35002"), Some(Grade::Missing), "a lower bound is no count");
}

/// Goal: a score is weighed and never becomes people. Method: two IRIS of unequal size.
#[test]
fn a_score_is_weighed() {
    let file =
        opened("code_iris,nom_commune,population,score_global\n350010101,A,100,80\n350010102,A,300,120\n");
    assert_eq!(of(&file, "35001"), [("ifn_score", None, 110.0)]);
    assert_eq!(file.weights.get(&"35001".into()), Some(&400.0));
}

/// Goal: job seekers are read as they are published. Method: two dates, sexes, categories, one secret.
#[test]
fn job_seekers_are_read() {
    let header = "Type de données;Date;Code commune;Commune;Catégorie;Sexe;Tranche d'âge;Nombre de demandeurs d'emploi\n";
    let mut text = header.to_owned();
    for (date, code, category, sex, count) in [
        ("2022-T4", "35001", "A", "Total", "999"),
        ("2023-T4", "35001", "ABC", "Total", "70"),
        ("2023-T4", "35001", "A", "Total", "50"),
        ("2023-T4", "35001", "B", "Total", "10"),
        ("2023-T4", "35001", "C", "Total", "10"),
        ("2023-T4", "35001", "D", "Total", "5"),
        ("2023-T4", "35001", "E", "Total", "5"),
        ("2023-T4", "35001", "A", "Hommes", "25"),
        ("2023-T4", "35002", "ABC", "Total", "nd"),
    ] {
        writeln!(text, "Brutes;{date};{code};X;{category};{sex};Total;{count}").expect("written");
    }
    let file = opened(&text);
    assert_eq!(
        of(&file, "35001"),
        [("job_seekers", Some(2023), 80.0), ("job_seekers_abc", Some(2023), 70.0)]
    );
    let abc = file.series.last().expect("two");
    assert_eq!(abc.secret.iter().map(InseeCode::as_str).collect::<Vec<_>>(), ["35002"]);
}

/// Goal: job seekers by commune are read as the Dares publishes them. Method: the file's columns and kinds of rows, for
/// people and for programs, whole and made narrow; every figure is invented.
#[test]
fn the_dares_file_by_commune_is_read() {
    let people = "\u{feff}Date;Code région;Région;Code département;Département;Code commune;Commune;Type de données;Catégorie;Sexe;Tranche d'âge;Nombre de demandeurs d'emploi\n";
    let programs = "date;code_region;region;code_departement;departement;code_commune;commune;type_de_donnees;categorie;sexe;tranche_d_age;nombre_de_demandeurs_d_emploi\n";
    let rows = [
        "2023-T4;53;Bretagne;35;Ille-et-Vilaine;35001;A;Brutes;ABC;Total;Total;85",
        "2024-T4;53;Bretagne;35;Ille-et-Vilaine;35001;A;Brutes;ABC;Total;Total;70",
        "2024-T4;53;Bretagne;35;Ille-et-Vilaine;35001;A;Brutes;ABC;Hommes;Total;35",
        "2024-T4;53;Bretagne;35;Ille-et-Vilaine;35001;A;Brutes;ABC;Total;Moins de 25 ans;10",
        "2024-T4;53;Bretagne;35;Ille-et-Vilaine;35002;B;Brutes;ABC;Total;Total;",
        "2024-T4;Total;Total;Total;Total;Total;Total France métropolitaine;Brutes;ABC;Total;Total;5000000",
        "2024-T4;Total;Total;Total;Total;Total;Non localisés;Brutes;ABC;Total;Total;5",
    ];
    let narrowed = |text: &str| narrow::narrow(text.as_bytes(), 10_000).expect("narrowed");
    for header in [people, programs] {
        let text = format!("{header}{}\n", rows.join("\n"));
        let (whole, narrow) = (opened(&text), read(&narrowed(&text), &told("file.csv")).expect("read"));
        for file in [&whole, &narrow] {
            assert_eq!(of(file, "35001"), [("job_seekers_abc", Some(2024), 70.0)]);
            assert_eq!(codes(file), Vec::<&str>::new());
            let secret = file.series.iter().flat_map(|series| &series.secret).map(InseeCode::as_str);
            assert_eq!(secret.collect::<Vec<_>>(), ["35002"]);
            assert_eq!(file.names.get(&"35001".into()).map(String::as_str), Some("A"));
        }
        assert_eq!((whole.report.rows, narrow.report.rows), (7, 5), "rows for some are not sent");
    }
}

/// Goal: recipients by commune are read as the Cnaf publishes them. Method: the columns of its three sorts of files, whole
/// and made narrow; every figure is invented.
#[test]
fn the_cnafs_files_by_commune_are_read() {
    let all = "dtreffre;numcomdo;nomcom;indfoy_ndur;indnbp_ndur;indmtt_ndur;indfoy_af;indfoy_rsa;indnbp_rsa;indmtt_rsa;indfoy_ppa;indmtt_ppa\n\
               2023-12;35001;A;400;900;1;50;35;80;9000;110;1\n\
               2024-12;35001;A;410;905;1;50;30;70;8000;115;1\n\
               2024-12;35002;B;20;45;1;5;;;;5;1\n\
               2024-12;;;70;100;1;5;60;70;1;5;1\n";
    let rsa = "Date référence;Numéro commune;Nom commune;Type RSA;Nombre foyers RSA;Nombre personnes RSA\n\
               2024-12;35001;A;RSA majoré;5;10\n2024-12;35001;A;RSA non majoré;25;60\n2023-12;35001;A;RSA majoré;10;20\n";
    // What the Cnaf writes for a commune that it does not know.
    let unknown = "X".repeat(5);
    let before = &format!(
        "Communes;Codes_Insee;NB_Allocataires;ALL_AAH\nA;35001;390;15\nB;35002; ; \nINCONNU;{unknown};5;5\n"
    );
    for (text, name, figures, odd) in [
        (
            all,
            "s_ben_com_f.csv",
            vec![
                ("caf_recipients", Some(2024), 410.0),
                ("caf_covered", Some(2024), 905.0),
                ("rsa", Some(2024), 30.0),
                ("prime_activite", Some(2024), 115.0),
            ],
            vec!["no_commune"],
        ),
        (rsa, "rsa_s_type_com_f.csv", vec![("rsa", Some(2024), 30.0)], vec![]),
        (
            before,
            "AAHCom2014.csv",
            vec![("caf_recipients", Some(2014), 390.0), ("aah", Some(2014), 15.0)],
            vec!["bad_code"],
        ),
    ] {
        let narrow = narrow::narrow(text.as_bytes(), 10_000).expect("narrowed");
        for bytes in [text.as_bytes(), &narrow] {
            let file = read(bytes, &told(name)).expect(name);
            assert_eq!((file.kind, file.level), (Kind::Caf, Level::Commune), "{name}");
            assert_eq!((of(&file, "35001"), codes(&file)), (figures.clone(), odd.clone()), "{name}");
            assert_eq!(file.names.get(&"35001".into()).map(String::as_str), Some("A"), "{name}");
        }
    }
    let file = opened(all);
    let secret = |key: &str| file.series.iter().find(|series| series.key == key).expect(key).secret.len();
    assert_eq!((secret("rsa"), secret("prime_activite")), (1, 0));
    let twice = "dtreffre;numcomdo;indfoy_rsa\n2024-12;35001;5\n2024-12;35001;5\n2024-12;35001;10\n";
    let error = read(twice.as_bytes(), &Told::default()).expect_err("two figures");
    assert_eq!((error.code, error.spot.line), ("contradictory_code", Some(4)));
}

/// Goal: former communes go into today's, and every code is accounted for. Method: merged, split, unknown, elsewhere.
#[test]
fn every_code_is_accounted_for() {
    let mut text = "code,population,poverty_rate\n".to_owned();
    let all: Vec<String> = (601..626).map(|number| format!("35{number}")).collect();
    for code in &all {
        writeln!(text, "{code},100,10").expect("written");
    }
    text += "35901,50,40\n35902,30,20\n35999,1,1\n22001,1,1\n";
    let told_moves = "old,new,year\n35901,35601,2020\n35902,35602,2021\n35902,35603,2021\n";
    let mut holdings =
        Holdings { moves: passage::read(told_moves.as_bytes()).expect("moves").moves, ..Holdings::default() };
    let shapes = shapes(&all.iter().map(String::as_str).collect::<Vec<_>>());
    // Without a row of 35602 the file dates from before the split.
    let text = text.replace("35602,100,10\n", "");
    let reports = holdings.take(vec![opened(&text)], &shapes);
    let report = reports.first().expect("one");
    assert_eq!(report.moved, [Move { from: "35901".into(), to: "35601".into(), year: Some(2020) }]);
    let codes = |codes: &[fit::Code]| codes.iter().map(|code| code.code.to_string()).collect::<Vec<_>>();
    assert_eq!((codes(&report.split), codes(&report.unknown)), (vec!["35902".into()], vec!["35999".into()]));
    assert_eq!((report.elsewhere, report.neighbours, report.rows), (1, 0, 28));
    let (population, rate) = (series(&holdings, "population"), series(&holdings, "poverty_rate"));
    let figure = |series: &Series, code: &str| series.values.get(&InseeCode::from(code)).copied();
    assert_eq!(figure(population, "35601"), Some(150.0), "counts add up");
    assert_eq!(figure(rate, "35601"), Some(20.0), "rates are weighed: (100 × 10 + 50 × 40) / 150");
    assert_eq!(figure(population, "35602"), None, "a count is not shared out");
    assert_eq!(figure(rate, "35602"), Some(20.0), "a rate holds for each part");
    assert!(population.moved.contains(&InseeCode::from("35601")));
}

/// Goal: series stand side by side; the like replaces the like. Method: vintages, one file over another.
#[test]
fn series_stand_side_by_side() {
    let shapes = shapes(&["35001", "35002"]);
    let mut holdings = Holdings::default();
    holdings.take(vec![opened("CODGEO;P15_POP;P15_MEN\n35001;5;1\n35002;6;2\n")], &shapes);
    holdings.take(vec![opened("CODGEO;P21_POP\n35001;7\n")], &shapes);
    assert_eq!(holdings.series.len(), 3);
    holdings.take(vec![opened("CODGEO;P15_POP\n35001;8\n")], &shapes);
    assert_eq!(holdings.series.len(), 3);
    let fifteen = holdings.series.last().expect("the latest");
    assert_eq!((fifteen.vintage, fifteen.values.len()), (Some(2015), 1), "replaced whole");
    let statistics = statistics(&shapes, &holdings, &recipes::default());
    let population: Vec<_> = statistics.communes.values().map(|commune| commune.population).collect();
    assert_eq!(population, [Some(7.0), None]);

    let both =
        ["code,population,births\n35001,5,1\n35002,9,\n", "code,population,births\n35001,6,\n"].map(opened);
    let mut holdings = Holdings::default();
    holdings.take(both.to_vec(), &shapes);
    let values = |key| series(&holdings, key).values.values().copied().collect::<Vec<_>>();
    assert_eq!(
        (values("population"), values("births")),
        (vec![6.0, 9.0], vec![1.0]),
        "within one import, laid over"
    );
}

/// Goal: figures that an earlier version kept are kept on. Method: statistics without series, there and back.
#[test]
fn earlier_figures_become_series() {
    let shapes = shapes(&["35001"]);
    let mut holdings = Holdings::default();
    holdings.take(vec![opened("code,population,rsa,poverty_rate,source\n35001,100,5,12,CAF\n")], &shapes);
    let recipe = recipes::default();
    let before = statistics(&shapes, &holdings, &recipe);
    let again = statistics(&shapes, &Holdings::of_statistics(&before), &recipe);
    assert_eq!((again.communes, again.sources), (before.communes, before.sources));
}

mod real;
