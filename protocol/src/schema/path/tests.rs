//! What keys mean, and how objects are found.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]
#![allow(clippy::format_push_string, clippy::too_many_lines, reason = "its cases are data")]
#![allow(clippy::needless_raw_string_hashes, reason = "expect-test writes them")]

use std::sync::Arc;

use automerge::transaction::Transactable;
use automerge::{ObjId, ObjType, ReadDoc};
use expect_test::expect;

use super::{Address, Keys, Paths, Target};
use crate::schema::read::structure_object;
use crate::schema::tests::{actor, furnished, id, places, raw, replica};

/// Goal: every shape of path has its meaning. The paths are written with `/` between keys.
#[test]
fn paths_have_meanings() {
    let mut all = String::new();
    for path in [
        "schema",
        "territory/name",
        "structures",
        "structures/1",
        "structures/1/name",
        "structures/1/emails/a@b.c",
        "structures/1/notes",
        "structures/1/emails/[]",
        "structures/1/services",
        "structures/1/services/2",
        "structures/1/services/2/price",
        "structures/1/services/2/topics/caf",
        "structures/1/services/[]/price",
        "structures/1/helpers",
        "structures/1/helpers/3",
        "structures/1/helpers/3/skills",
        "structures/1/confirmed",
        "structures/1/confirmed/how",
        "structures/1/archived",
        "structures/1/archived/why",
        "structures/1/validation",
        "structures/1/validation/by",
        "structures/1/colour",
        "structures/1/services/2/colour/x",
        "structures/1/confirmed/why",
        "structures/1/name/inner",
        "?",
        "",
    ] {
        let keys: Vec<Arc<str>> = path.split('/').filter(|key| !key.is_empty()).map(Arc::from).collect();
        let target = Target::of(&keys);
        let meaning = match &target {
            Target::Structure(id) => format!("structure {id}"),
            Target::Record(id) => format!("record of {id}"),
            Target::Field(address) => format!("field {address} of {}", address.structure),
            Target::Unknown(id, path) => format!("unknown {path} of {id}"),
            Target::Outside(path) => format!("outside {path}"),
        };
        assert_eq!(target.structure().is_none(), matches!(target, Target::Outside(_)));
        all += &format!("{path}: {meaning}\n");
    }
    expect![[r#"
        schema: outside schema
        territory/name: outside territory/name
        structures: outside structures
        structures/1: structure 1
        structures/1/name: field name of 1
        structures/1/emails/a@b.c: field emails of 1
        structures/1/notes: field notes of 1
        structures/1/emails/[]: field emails of 1
        structures/1/services: record of 1
        structures/1/services/2: record of 1
        structures/1/services/2/price: field services/2/price of 1
        structures/1/services/2/topics/caf: field services/2/topics of 1
        structures/1/services/[]/price: field services/[]/price of 1
        structures/1/helpers: record of 1
        structures/1/helpers/3: record of 1
        structures/1/helpers/3/skills: field helpers/3/skills of 1
        structures/1/confirmed: record of 1
        structures/1/confirmed/how: field confirmed/how of 1
        structures/1/archived: record of 1
        structures/1/archived/why: field archived/why of 1
        structures/1/validation: record of 1
        structures/1/validation/by: field validation/by of 1
        structures/1/colour: unknown colour of 1
        structures/1/services/2/colour/x: unknown services/2/colour/x of 1
        structures/1/confirmed/why: unknown confirmed/why of 1
        structures/1/name/inner: field name of 1
        ?: outside ?
        : outside 
    "#]]
    .assert_eq(&all);
}

/// Goal: every field's address is written and read back; what is no address is not read.
#[test]
fn addresses_are_written_and_read_back() {
    for (place, table) in places() {
        for field in table {
            let address = Address::new(&id(1), place.clone(), field.key).unwrap();
            assert_eq!(Address::parse(&id(1), &address.to_string()), Some(address));
        }
    }
    for wrong in
        ["", "colour", "services", "services/2", "services/2/colour", "a/b/c/d", "confirmed/why", "/name"]
    {
        assert_eq!(Address::parse(&id(1), wrong), None, "{wrong}");
    }
}

fn resolved(paths: &mut Paths, doc: &automerge::Automerge, object: &ObjId) -> Option<String> {
    let ObjId::Id(counter, actor, _) = object else { return None };
    let keys: Keys = paths.resolve(doc, *counter, actor)?;
    Some(keys.join("/"))
}

/// Goal: objects made in earlier changes, by anybody, are found, also after they were removed; strangers are not.
#[test]
fn objects_are_found() {
    let mut doc = furnished();
    let structure = structure_object(&doc, &id(1)).unwrap();
    raw(&mut doc, |tx| {
        let notes = tx.put_object(&structure, "notes", ObjType::Text)?;
        tx.splice_text(&notes, 0, 0, "é")?;
        let list = tx.put_object(&structure, "emails", ObjType::List)?;
        tx.insert_object(&list, 0, ObjType::Text).map(drop)
    });
    let mut doc = replica(&doc, 5);
    let structure = structure_object(&doc, &id(1)).unwrap();
    let inner =
        |object: &ObjId, key: &str, doc: &automerge::Automerge| doc.get(object, key).unwrap().unwrap().1;
    let (notes, list) = (inner(&structure, "notes", &doc), inner(&structure, "emails", &doc));
    let text = doc.get(&list, 0).unwrap().unwrap().1;
    let services = inner(&structure, "services", &doc);
    let service = inner(&services, id(2).as_str(), &doc);
    let root = format!("structures/{}", id(1));
    // Asked of automerge, and learnt from the whole document; before the service is removed, and after.
    for (removed, learnt) in [(false, false), (false, true), (true, false), (true, true)] {
        if removed && !learnt {
            raw(&mut doc, |tx| tx.delete(&services, id(2).as_str()));
        }
        let mut paths = if learnt { Paths::of(&doc) } else { Paths::default() };
        for (object, path) in [
            (&structure, root.clone()),
            (&notes, format!("{root}/notes")),
            (&text, format!("{root}/emails/[]")),
            (&service, format!("{root}/services/{}", id(2))),
        ] {
            for _ in 0..2 {
                assert_eq!(resolved(&mut paths, &doc, object), Some(path.clone()));
            }
        }
        assert_eq!(paths.resolve(&doc, 9_999, &actor(1)), None);
        assert_eq!(paths.resolve(&doc, 1, &actor(77)), None);
    }
    let mut paths = Paths::default();
    paths.remember(9_999, &actor(77), Arc::from([Arc::from("structures")]));
    assert_eq!(paths.resolve(&doc, 9_999, &actor(77)).unwrap().join("/"), "structures");
}
