//! What the fuzzer begins with: frames of the stock libraries, honest changes, files of the demonstration, usual hours.
//!
//! `PORTREA_WRITE=1 cargo test -p portrea-tests --test fuzz` writes them into the corpus.

use std::fs;
use std::path::{Path, PathBuf};

use automerge::transaction::Transactable;
use automerge::{Change, ObjType};
use portrea_protocol::schema::read::structure_object;
use portrea_protocol::schema::write::{Edit, perform};
use portrea_protocol::wire::codec;
use portrea_protocol::wire::frame::Frame;
use portrea_protocol::wire::sync::steady;

use crate::changes::{BODY, CHUNK, DEFLATED, MESSAGE, PAIR};
use crate::files::{COMMUNES, FIGURES, FRANCE_SERVICES, PLACES};
use crate::ground::{NOW, body, id, replica, set};

/// Inputs by name.
type Seeds = Vec<(String, Vec<u8>)>;

/// The most bytes of a file that becomes a seed: its first lines say what there is to say.
const FILE_BYTES_MAX: usize = 2_000;

const SMALL: [(u8, &str); 4] = [
    (
        COMMUNES,
        r#"{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"code":"35117","nom":"Gaël",
"population":1700,"mairie":{"type":"Point","coordinates":[-2.1,48.1]}},"geometry":{"type":"MultiPolygon","coordinates":
[[[[-2.2,48],[-1.9,48],[-1.9,48.3],[-2.2,48]],[[-2.1,48.1],[-2,48.1],[-2,48.2],[-2.1,48.1]]]]}}]}"#,
    ),
    (FIGURES, "CODGEO;P21_POP;C21_POP15P\n35117;1700;1400\n"),
    (
        PLACES,
        "id,name,commune_name,latitude,longitude,phone,opening_hours,labels,family,service_price\n\
         ,\"Mairie, \"\"haut\"\"\",Gaël,48.1,-2.1,0299090000,Mo-Fr 09:00-12:00,A|B \\| C,inform|train,free\n",
    ),
    (
        FRANCE_SERVICES,
        "id_fs;lib_fs;adresse;code_postal;lib_com;insee_com;telephone;mail;h_lundi;h_mardi;latitude;longitude\n\
         1;France services de Gaël;1 place;35290;Gaël;35117;0299090000;a@example.org;9h-12h;fermé;48.1;-2.1\n",
    ),
];

const HOURS: [&str; 14] = [
    "Mo-Fr 09:00-12:00,13:30-17:00; Sa 09:00-12:00",
    "24/7",
    "Mo-Sa 08:00-20:00; PH off",
    "Mar-Oct Tu-Su 10:30-18:00",
    "easter -2 days - easter +1 day 10:00-12:00",
    "week 01-53/2 Mo 10:00-12:00 \"on appointment\"",
    "sunrise-sunset",
    "Mo[1,3] 14:00-17:00 || \"sur rendez-vous\"",
    "2026 May 01-2027 Jun 30: 22:00-26:00",
    "2026 Jun Mo-Fr 10:00+; Jun 21 off",
    "09:00 - 12:00 / 13:30 - 17:00",
    "9h-12h et 14h-17h30",
    "de 9h à 12h puis 13 h 30 à 17.45",
    "00:00-24:00",
];

/// Writes a target's seeds into its corpus.
pub fn write(target: &str, seeds: &[(String, Vec<u8>)]) {
    let folder = tests().join("fuzz/corpus").join(target);
    fs::create_dir_all(&folder).expect("a folder can be made");
    for (name, bytes) in seeds {
        fs::write(folder.join(name), bytes).expect("a file can be written");
    }
}

/// Frames of the stock libraries, and the sync messages in them.
pub fn frames() -> Seeds {
    let mut seeds = Vec::new();
    // Two fixtures are a bare change and a bare document.
    for (name, bytes) in
        wire().into_iter().filter(|(name, _)| !matches!(name.as_str(), "change" | "document-javascript"))
    {
        seeds.extend(sync(&bytes).map(|data| (format!("{name}-message"), data)));
        seeds.push((name, bytes));
    }
    seeds
}

/// Honest changes on the furnished document, in each way that they may come.
pub fn changes() -> Seeds {
    let changes = honest();
    let chunk =
        |name: &str| changes.iter().find(|(known, _)| *known == name).map_or(&[][..], |(_, chunk)| chunk);
    let mut seeds: Seeds = changes
        .iter()
        .map(|(name, chunk)| (format!("{name}-body"), [&[BODY], body(chunk)].concat()))
        .collect();
    let phone = chunk("phone");
    seeds.push(("phone-chunk".to_owned(), [&[CHUNK], phone].concat()));
    seeds.push((
        "phone-message".to_owned(),
        [&[MESSAGE][..], &steady(&[], vec![phone.to_vec()], false)].concat(),
    ));
    seeds.push(("notes-deflated".to_owned(), [&[DEFLATED], body(chunk("notes"))].concat()));
    let (first, second) = (body(phone), body(chunk("again")));
    let length = u16::try_from(first.len()).expect("a small change").to_le_bytes();
    seeds.push(("phone-pair".to_owned(), [&[PAIR][..], &length, first, second].concat()));
    seeds
}

/// Files of the demonstration, and small ones.
pub fn files() -> Seeds {
    let demo = tests().join("../server/demo");
    let of_demo = [(FIGURES, "needs"), (PLACES, "resources")];
    let of_demo =
        of_demo.map(|(kind, name)| (name.to_owned(), (kind, beginning(&demo.join(format!("{name}.csv"))))));
    let small =
        (0..).zip(SMALL).map(|(at, (kind, text))| (format!("small-{at}"), (kind, text.as_bytes().to_vec())));
    of_demo
        .into_iter()
        .chain(small)
        .map(|(name, (kind, file))| (name, [&[kind], file.as_slice()].concat()))
        .collect()
}

/// Texts of hours.
pub fn hours() -> Seeds {
    (0..).zip(HOURS).map(|(at, text): (usize, &str)| (format!("usual-{at:02}"), text.into())).collect()
}

/// The folder of the tests' package.
fn tests() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The frames that the fixtures keep, by name.
fn wire() -> Seeds {
    let paths = fs::read_dir(tests().join("fixtures/wire")).expect("the fixtures");
    let paths = paths.map(|entry| entry.expect("a fixture").path());
    let mut hex: Vec<PathBuf> = paths.filter(|path| path.extension().is_some_and(|it| it == "hex")).collect();
    hex.sort();
    let name = |path: &Path| path.file_stem().expect("a name").to_string_lossy().into_owned();
    hex.iter().map(|path| (name(path), unhexed(&fs::read_to_string(path).expect("text")))).collect()
}

fn sync(frame: &[u8]) -> Option<Vec<u8>> {
    if let Ok(Frame::Sync { data, .. }) = codec::decode(frame) { Some(data) } else { None }
}

fn unhexed(text: &str) -> Vec<u8> {
    let digits: Vec<u32> = text.chars().filter_map(|digit| digit.to_digit(16)).collect();
    let byte =
        |pair: &[u32]| u8::try_from(pair.iter().fold(0, |byte, digit| byte * 16 + digit)).expect("a byte");
    digits.chunks(2).map(byte).collect()
}

/// The first lines of a file.
fn beginning(path: &Path) -> Vec<u8> {
    let mut bytes = fs::read(path).expect("a file of the demonstration");
    bytes.truncate(FILE_BYTES_MAX);
    let end = bytes.iter().rposition(|byte| *byte == b'\n').expect("a file has lines");
    bytes.truncate(end + 1);
    bytes
}

/// Changes by name, as plain chunks: edits of a device, two of one number, and one that writes around the schema.
fn honest() -> Vec<(&'static str, Vec<u8>)> {
    let edits = [
        ("phone", vec![set("phone", "02 99 09 00 00")]),
        ("again", vec![set("phone", "02 99 09 00 01")]),
        ("notes", vec![set("notes", "Fermé le lundi, sauf férié")]),
        ("structure", vec![Edit::AddStructure { id: id(9), name: "Poste".to_owned() }]),
        ("helper", vec![Edit::AddHelper { structure: id(1), id: id(8), name: "Bruno".to_owned() }]),
        ("both", vec![set("phone", "1"), set("notes", "2")]),
    ];
    let mut made: Vec<(&'static str, Vec<u8>)> = Vec::new();
    for (name, edits) in edits {
        let mut doc = replica(6);
        perform(&mut doc, &edits, NOW).expect("an honest edit");
        made.push((name, raw(doc.get_last_local_change())));
    }
    made.push(("around", around()));
    made
}

/// Values of every kind, in a list, in a text and beside the schema.
fn around() -> Vec<u8> {
    let mut doc = replica(6);
    // Unknown fields of a record are kept; elsewhere nobody writes.
    let record = structure_object(&doc, &id(1)).expect("a structure");
    let mut writing = doc.transaction();
    let list = writing.put_object(&record, "list", ObjType::List).expect("a list");
    for (index, number) in [1_i64, -2, i64::MAX, i64::MIN].into_iter().enumerate() {
        writing.insert(&list, index, number).expect("an element");
    }
    writing.put(&record, "float", 1.5).expect("a value");
    writing.delete(&list, 1).expect("an element that is there");
    let prose = writing.put_object(&record, "prose", ObjType::Text).expect("a text");
    writing.splice_text(&prose, 0, 0, "été 🙂").expect("letters");
    drop(writing.commit());
    raw(doc.get_last_local_change())
}

fn raw(change: Option<Change>) -> Vec<u8> {
    change.expect("it was just made").raw_bytes().to_vec()
}
