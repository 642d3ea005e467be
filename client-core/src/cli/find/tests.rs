//! Goal: the record and the field that are meant are found, or it is said why not. Method: a small directory.

use portrea_protocol::schema::record::Entry;

use super::*;

fn named(name: &str, families: &[(&str, &str)]) -> Structure {
    let entry = |text: &str| Entry { value: text.into(), others: Vec::new() };
    let mut structure = Structure::default();
    structure.fields.insert("name", entry(name));
    for (id, family) in families {
        let fields = [("family", entry(family))].into_iter().collect();
        structure.services.insert((*id).into(), Part { fields });
    }
    structure
}

fn directory() -> Directory {
    [
        ("01900000-aaaa", named("Médiathèque", &[("0191-a", "assist"), ("0191-b", "train")])),
        ("01900000-bbbb", named("mediatheque", &[])),
        ("0192ffff-cccc", named("Mairie", &[("0193-a", "assist"), ("0193-b", "assist")])),
    ]
    .into_iter()
    .map(|(id, structure)| (id.into(), structure))
    .collect()
}

#[test]
fn a_structure_is_found_by_identifier_beginning_or_name() {
    for (meant, expected) in [
        ("01900000-aaaa", Some("01900000-aaaa")),
        ("0192", Some("0192ffff-cccc")),
        ("0192FFFF", Some("0192ffff-cccc")),
        ("Médiathèque", Some("01900000-aaaa")),
        ("mediatheque", Some("01900000-bbbb")),
        ("MAIRIE ", Some("0192ffff-cccc")),
        ("MÉDIATHÈQUE", None),
        ("0190", None),
        ("019", None),
        ("Gare", None),
        ("", None),
    ] {
        let all = directory();
        let found = structure(&all, meant, Lang::Fr).map(|(id, _)| id.as_str().to_owned());
        assert_eq!(found.ok().as_deref(), expected, "{meant}");
    }
}

#[test]
fn a_field_is_found_by_path_or_family() {
    let all = directory();
    for (id, path, expected) in [
        ("01900000-aaaa", "phone", Ok("phone")),
        ("01900000-aaaa", "assist/weekly_hours", Ok("services/0191-a/weekly_hours")),
        ("01900000-aaaa", "services/0191-b/price", Ok("services/0191-b/price")),
        ("01900000-aaaa", "services/train/price", Ok("services/0191-b/price")),
        ("01900000-aaaa", "confirmed/how", Ok("confirmed/how")),
        ("01900000-aaaa", "colour", Err(true)),
        ("01900000-aaaa", "assist/colour", Err(true)),
        ("01900000-aaaa", "repair/price", Err(false)),
        ("0192ffff-cccc", "assist/price", Err(false)),
        ("01900000-aaaa", "a/b/c/d", Err(true)),
    ] {
        let id = RecordId::from(id);
        let found = address(&id, &all[&id], path, Lang::Fr).map(|address| address.to_string());
        let found = found.map_err(|failure| matches!(failure, Failure::Wrong(_)));
        assert_eq!(found.as_deref(), expected.as_ref().copied(), "{path}");
    }
}

#[test]
fn short_identifiers_tell_neighbours_apart() {
    assert_eq!(short_length(&directory()), 10);
    assert_eq!(short_length(&Directory::new()), 8);
}
