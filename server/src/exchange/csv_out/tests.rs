use super::*;
use crate::exchange::bench::{Directory, communes, ids};
use crate::exchange::{geojson, json, plan::Counts, portrea_csv};
use portrea_protocol::schema::path::{Address, Place};
use portrea_protocol::schema::write::Edit;

/// Three structures with everything that is awkward to write: quotes, newlines, formulas, bars, two services.
fn directory() -> Directory {
    let mut directory = Directory::new();
    let csv = concat!(
        "id,name,address,latitude,longitude,itinerant,labels,notes,family,service_price,service_weekly_hours,service_description\n",
        "00000000-0000-7000-8000-0000000000a1,\"Le \"\"Fil\"\", café\",\"'=1+1\",48.2,-2.05,oui,A|B \\| C,secret,inform,free,3.5,\"une\n\ndeux; trois\"\n",
        "00000000-0000-7000-8000-0000000000a1,\"Le \"\"Fil\"\", café\",,,,,,,train,paid,,\n",
        "00000000-0000-7000-8000-0000000000a2,Sans rien,,,,,,,,,,\n",
        "00000000-0000-7000-8000-0000000000a3,Fermé,,48.1,-2.1,,,,,,,\n",
    );
    let file = portrea_csv::read(csv.as_bytes()).expect("read");
    let plan = portrea_csv::plan(&directory.structures(), file, &communes(), &mut ids(0));
    directory.perform(&plan);
    let structure = RecordId::from("00000000-0000-7000-8000-0000000000a1");
    let helper = RecordId::from("00000000-0000-7000-8000-0000000000b1");
    let hidden = RecordId::from("00000000-0000-7000-8000-0000000000b2");
    let shown = Address::new(&structure, Place::Helper(helper.clone()), "public").expect("a field");
    directory.edit(&[
        Edit::AddHelper { structure: structure.clone(), id: helper, name: "Visible".to_owned() },
        Edit::Set { address: shown, value: Some(Value::Flag(true)) },
        Edit::AddHelper { structure: structure.clone(), id: hidden, name: "Cachée".to_owned() },
        Edit::Confirm { structure: structure.clone(), by: "Quelqu’un".to_owned(), how: "visit".to_owned() },
        Edit::Archive {
            structure: "00000000-0000-7000-8000-0000000000a3".into(),
            by: "Quelqu’un".to_owned(),
            why: "fermé".to_owned(),
        },
    ]);
    directory
}

/// Goal: an export read back changes nothing, and makes the same directory elsewhere. Method: both ways.
#[test]
fn exports_come_back() {
    let directory = directory();
    let whole = Options { archived: true, professional: true };
    let text = to_string(&directory.structures(), whole);
    assert!(text.contains("\r\n"));
    let read = || portrea_csv::read(text.as_bytes()).expect("read back");
    assert_eq!(read().unused_columns, Vec::<String>::new());
    let again = portrea_csv::plan(&directory.structures(), read(), &communes(), &mut ids(9_000));
    assert_eq!(again.groups, Vec::<Vec<Edit>>::new());
    assert_eq!(again.counts(), Counts { unchanged: 2, kept: 1, ..Counts::default() });

    let mut elsewhere = Directory::new();
    let plan = portrea_csv::plan(&elsewhere.structures(), read(), &communes(), &mut ids(9_000));
    elsewhere.perform(&plan);
    let fields = |directory: &Directory| -> Vec<_> {
        directory
            .structures()
            .into_iter()
            .map(|(id, structure)| (id, structure.fields, structure.services))
            .collect()
    };
    assert_eq!(fields(&elsewhere), fields(&directory));
}

/// Goal: what may be published holds no personal data and no archive. Method: export and look.
#[test]
fn published_exports_hold_no_personal_data() {
    let structures = directory().structures();
    for (open, whole) in [
        (
            to_string(&structures, Options::default()),
            to_string(&structures, Options { archived: true, professional: true }),
        ),
        (
            json::to_string(&structures, Options::default()),
            json::to_string(&structures, Options { archived: true, professional: true }),
        ),
        (
            geojson::to_string(&structures, Options::default()),
            geojson::to_string(&structures, Options { archived: true, professional: true }),
        ),
    ] {
        for word in ["secret", "Cachée", "Quelqu’un", "Fermé"] {
            assert!(!open.contains(word), "{word} in {open}");
        }
        assert!(open.contains("Fil") && whole.contains("secret") && whole.contains("Fermé"));
    }
}

#[test]
fn maps_say_what_they_do_not_show() {
    let structures = directory().structures();
    let mut bytes = Vec::new();
    let written = geojson::write(&mut bytes, &structures, Options::default()).expect("written");
    assert_eq!(written, Written { structures: 2, without_position: 1 });
    let map: serde_json::Value = serde_json::from_slice(&bytes).expect("JSON");
    assert_eq!(map.pointer("/withoutPosition"), Some(&1.into()));
    assert_eq!(map.pointer("/features/0/geometry/coordinates"), Some(&serde_json::json!([-2.05, 48.2])));
    assert_eq!(map.pointer("/features/1"), None);
    let list: serde_json::Value =
        serde_json::from_str(&json::to_string(&structures, Options::default())).expect("JSON");
    assert_eq!(list.as_array().map(Vec::len), Some(2));
    assert_eq!(json::to_string(&BTreeMap::new(), Options::default()), "[\n]\n");
}
