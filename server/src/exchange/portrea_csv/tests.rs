use super::*;
use crate::exchange::bench::{Directory, ids};
use crate::exchange::plan::Counts;

fn places(text: &str) -> PortreaCsv {
    read(text.as_bytes()).expect(text)
}

fn codes(file: &PortreaCsv) -> Vec<&'static str> {
    file.places.iter().flat_map(|place| &place.findings).map(|finding| finding.code).collect()
}

/// Goal: a hand-made sheet is read. Method: French labels, a set, several families, a further line, oddities.
#[test]
fn a_sheet_is_read() {
    let file = places(concat!(
        "Nom;Commune (code INSEE);labels;Téléphone;itinerant;family;service_price;mystère\n",
        "Médiathèque;35184;A|B \\| C;0261910001;oui;inform|etre_aidee;free;?\n",
        "mediatheque;35184;;;;train;;\n",
        "Mairie;35117;;poste 12;peut-être;sing;cheap;\n",
        "Poste;35117;;;;;free;\n",
    ));
    let [library, town_hall, _] = file.places.as_slice() else { panic!("{file:?}") };
    assert_eq!(file.unused_columns, ["mystère"]);
    assert_eq!((library.line, &library.more_lines), (2, &vec![3]));
    let labels: Vec<&str> = match library.fields.get("labels") {
        Some(Value::Set(set)) => set.iter().map(String::as_str).collect(),
        other => panic!("{other:?}"),
    };
    assert_eq!(labels, ["A", "B | C"]);
    let families: Vec<&str> = library.services.iter().map(|service| service.family).collect();
    assert_eq!(families, ["inform", "assist", "train"]);
    assert_eq!(library.fields.get("phone"), Some(&"02 61 91 00 01".into()));
    assert_eq!(town_hall.fields.get("phone"), Some(&"poste 12".into()));
    assert_eq!(
        codes(&file),
        ["lines_differ", "unreadable_value", "unknown_family", "unreadable_value", "no_family"]
    );
}

#[test]
fn broken_sheets_are_refused() {
    for (text, code) in
        [("kind,phone\na,b\n", "missing_column"), ("name\n", "no_rows"), ("name,phone\nA\n", "wrong_width")]
    {
        assert_eq!(read(text.as_bytes()).expect_err(text).code, code);
    }
}

/// Goal: a place is recognised whatever the sheet knows it by. Method: import a sheet, then others about its places.
#[test]
fn places_are_recognised() {
    let mut directory = Directory::new();
    let sheet = "id,name,commune_name,sources,family\n00000000-0000-7000-8000-0000000000aa,A,,,inform\n,B,,town:7,assist\n,C,,,\n";
    let mut run = |text: &str| {
        let plan = plan(&directory.structures(), places(text), &[], &mut ids(50));
        directory.perform(&plan);
        plan.counts()
    };
    let unchanged = |unchanged| Counts { unchanged, ..Counts::default() };
    assert_eq!(run(sheet), Counts { added: 3, ..Counts::default() });
    assert_eq!(run(sheet), unchanged(3));
    assert_eq!(
        run("name,sources,id\nB,town:7,\nc,,\nA,,12\nA,,00000000-0000-7000-8000-0000000000aa\n").skipped,
        1
    );
    assert_eq!(run("name,phone\nC,0261910001\n").updated, 1);
    assert_eq!(run("name,phone\nC,+33 2 61 91 00 01\n"), unchanged(1));
    assert_eq!(run("name,phone\nC,0261910002\n").kept, 1);
}

#[test]
fn cells_are_no_formulas_and_come_back() {
    for cell in
        ["=1+1", "@x", "-rien", "+33 2 61 91 00 01", "-2.19", "'=1", "''=1", "'tis", " =1", "'+3", "x", ""]
    {
        let written = guarded(cell);
        assert_eq!(unguarded(&written), cell);
        let bare = written.trim_start();
        assert!(!bare.starts_with(['=', '@']), "{written}");
    }
    assert_eq!(guarded("+33 2 61 91 00 01"), "+33 2 61 91 00 01");
    for members in [&["a", "b"][..], &["a|b", "c\\"], &["\\|", "\\\\"], &[]] {
        assert_eq!(split(&joined(members.iter().copied())), members);
    }
}
