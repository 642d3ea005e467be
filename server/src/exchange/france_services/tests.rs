use super::*;
use crate::exchange::bench::{Directory, ids};
use crate::exchange::hours::is_plain;
use crate::exchange::plan::{Counts, Outcome};
use crate::exchange::{shared_data, territory_file};

const HEADER: &str = "id_fs,lib_fs,adresse,insee_com,code_postal,lib_com,latitude,longitude,mail,telephone,h_lundi,h_mardi,commentaire,itinerance,groupe";

fn one(row: &str) -> Candidate {
    let file = read(format!("{HEADER}\n{row}\n").as_bytes()).expect(row);
    assert_eq!(file.unused_columns, ["groupe"]);
    file.places.into_iter().next().expect("one place")
}

fn text<'a>(place: &'a Candidate, key: &str) -> &'a str {
    place.fields.get(key).and_then(Value::as_text).unwrap_or_default()
}

/// Goal: a row becomes a record, and nothing is dropped without a word. Method: a row with every oddity.
#[test]
fn a_row_becomes_a_place() {
    let place = one(concat!(
        "214,France services Gaël,\"22 rue\n\n\",35117,35290,Gaël,48.1,-2.2,a@example.org - mairie@ville,0261910001 / 0261910002,",
        "09:00 - 12:00 / 09:00 - 16:00,sur rendez-vous,\"voir \"\"\"\"l'agenda\"\"\"\"\",Oui,"
    ));
    for (key, expected) in [
        ("name", "France services Gaël"),
        ("address", "22 rue"),
        ("commune", "35117"),
        ("phone", "02 61 91 00 01"),
        ("opening_hours", "Mo 09:00-16:00"),
        ("description", "voir \"l'agenda\""),
        (
            "notes",
            "Autres téléphones\u{a0}: 02 61 91 00 02\nAdresse électronique à vérifier\u{a0}: mairie@ville\nHoraires à vérifier\u{a0}: lundi 09:00 - 12:00 / 09:00 - 16:00\u{202f}; mardi sur rendez-vous",
        ),
    ] {
        assert_eq!(text(&place, key), expected, "{key}");
    }
    assert_eq!(place.fields.get("itinerant"), Some(&Value::Flag(true)));
    assert_eq!(place.tags, BTreeSet::from(["france-services:214".to_owned()]));
    let codes: Vec<&str> = place.findings.iter().map(|finding| finding.code).collect();
    assert_eq!(codes, ["phones_several", "mail_odd", "hours_overlap", "hours_unreadable"]);
    let families: Vec<&str> = place.services.iter().map(|service| service.family).collect();
    assert_eq!(families, ["inform", "assist"]);
}

/// Goal: a broken file changes nothing and says where. Method: one file a mistake.
#[test]
fn broken_files_are_refused() {
    for (text, code, line) in [
        ("id_fs,lib_fs\n1,A\n".to_owned(), "missing_column", Some(1)),
        (format!("{HEADER}\n1,A,B\n"), "wrong_width", Some(2)),
        (format!("{HEADER}\n"), "no_rows", Some(1)),
        (String::new(), "not_text", None),
    ] {
        let error = read(text.as_bytes()).expect_err(&text);
        assert_eq!((error.code, error.spot.line), (code, line));
        let message = error.message();
        assert!(message.fr.contains("Rien n’a été importé") && message.en.contains("Nothing was imported"));
    }
    let mut damaged = format!("{HEADER}\n1,été,").into_bytes();
    damaged.push(0xe9);
    assert_eq!(read(&damaged).expect_err("damaged").code, "bad_encoding");
}

/// Goal: the file in Latin-1 with semicolons gives the same places. Method: rewrite it.
#[test]
fn how_the_file_was_saved_does_not_matter() {
    let utf8 = format!("{HEADER}\n1,Médréac,rue,35171,,,48.2,-2.0,,,,,,Non,\n");
    let latin1: Vec<u8> =
        utf8.replace(',', ";").chars().map(|c| u8::try_from(u32::from(c)).expect("Latin-1")).collect();
    assert_eq!(read(&latin1), read(utf8.as_bytes()));
}

/// Goal: the whole real file is read; every hours string is valid. Method: read it and count.
#[test]
fn the_real_file_is_read_whole() {
    let Some(bytes) = shared_data("resources/france-services.csv") else { return };
    let file = read(&bytes).expect("read");
    assert_eq!(file.places.len(), 2_707);
    assert_eq!(file.unused_columns, ["format_fs", "groupe", "labellisation", "format_fs_anct"]);
    let hours: Vec<&str> = file.places.iter().map(|place| text(place, "opening_hours")).collect();
    assert!(hours.iter().all(|hours| hours.is_empty() || is_plain(hours)));
    assert_eq!(hours.iter().filter(|hours| !hours.is_empty()).count(), 2_626);
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for finding in file.places.iter().flat_map(|place| &place.findings) {
        *counts.entry(finding.code).or_default() += 1;
    }
    let expected = [("hours_overlap", 79), ("hours_placeholder", 24), ("hours_unlikely", 4), ("mail_odd", 1)];
    assert_eq!(counts, BTreeMap::from(expected));
}

/// Goal: the real file enters a territory once. Method: import it twice into an empty directory, for two territories.
#[test]
fn the_real_file_is_imported_once() {
    for (territory, inside) in [("ille-et-vilaine", 29), ("cc-saint-meen-montauban", 1)] {
        let (Some(shapes), Some(bytes)) = (
            shared_data(&format!("territories/{territory}.geojson")),
            shared_data("resources/france-services.csv"),
        ) else {
            return;
        };
        let communes = territory_file::read(&shapes).expect(territory).communes;
        let mut directory = Directory::new();
        let mut run = |start| {
            let file = read(&bytes).expect("read");
            let plan = plan(&directory.structures(), file, &communes, &mut ids(start));
            directory.perform(&plan);
            plan
        };
        let first = run(0);
        assert_eq!(first.counts(), Counts { added: inside, skipped: 2_707 - inside, ..Counts::default() });
        for line in first.lines.iter().filter(|line| line.outcome == Outcome::Added) {
            line.findings.iter().for_each(|finding| println!("{}: {finding}", line.name));
        }
        let second = run(1_000_000);
        assert_eq!(
            second.counts(),
            Counts { unchanged: inside, skipped: 2_707 - inside, ..Counts::default() }
        );
        assert_eq!(second.groups, Vec::<Vec<_>>::new());
    }
}
