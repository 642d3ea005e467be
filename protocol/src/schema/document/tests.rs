//! A new document's layout, and that spreading a loaded one leaves no trace.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use automerge::transaction::Transactable;
use automerge::{Automerge, ObjType, ROOT, ReadDoc};
use expect_test::expect;

use super::{RECORD_ROOTS, load, spread};
use crate::schema::read::{structure_object, structures};
use crate::schema::tests::{NOW, actor, at, first, furnished, id, raw, territory};
use crate::schema::write::{Edit, perform};

/// Goal: a new document has the contract's roots and nothing else.
#[test]
fn a_new_document_has_the_contracts_roots() {
    let doc = territory();
    let roots: Vec<String> = doc.keys(ROOT).collect();
    expect!["actions campaigns practices schema settings structures territory"].assert_eq(&roots.join(" "));
    assert_eq!(doc.get(ROOT, "schema").unwrap().unwrap().0.as_i64(), Some(1));
    for root in ["territory", "settings"].into_iter().chain(RECORD_ROOTS) {
        let (_, object) = doc.get(ROOT, root).unwrap().unwrap();
        assert_eq!(doc.object_type(&object).unwrap(), ObjType::Map);
    }
    let (_, about) = doc.get(ROOT, "territory").unwrap().unwrap();
    assert_eq!(doc.get(&about, "name").unwrap().unwrap().0.as_str(), Some("CC d’essai"));
    assert_eq!(doc.get(&about, "code").unwrap().unwrap().0.as_str(), Some("200000000"));
    let changes = doc.get_changes(&[]);
    assert_eq!(changes.len(), 1);
    assert_eq!(changes[0].timestamp(), NOW.0 / 1000);
    assert_eq!(changes[0].message(), Some("territory created"));
}

fn directory(records: u8) -> Automerge {
    let mut doc = territory();
    let add = |number| Edit::AddStructure { id: id(number), name: format!("Structure {number}") };
    perform(&mut doc, &(0..records).map(add).collect::<Vec<_>>(), NOW).unwrap();
    doc
}

/// Goal: spreading leaves no trace. Documents of several sizes are saved, loaded here and by automerge alone, edited,
/// and compared in heads, operations and bytes.
#[test]
fn spreading_leaves_no_trace() {
    for records in [0, 1, 2, 3, 255] {
        let saved = directory(records).save();
        let mut ours = load(&saved, actor(42)).unwrap();
        let mut plain = Automerge::load(&saved).unwrap().with_actor(actor(42));
        let same = |ours: &Automerge, plain: &Automerge| {
            assert_eq!(ours.get_heads(), plain.get_heads());
            assert_eq!(ours.stats().num_ops, plain.stats().num_ops);
            assert_eq!(ours.stats().num_actors, plain.stats().num_actors);
            assert_eq!(ours.save(), plain.save());
            assert_eq!(structures(ours), structures(plain));
        };
        same(&ours, &plain);
        spread(&mut ours).unwrap();
        same(&ours, &plain);
        for doc in [&mut ours, &mut plain] {
            assert_eq!(doc.get_actor(), &actor(42));
            perform(doc, &[Edit::AddStructure { id: id(255), name: "Mairie".to_owned() }], NOW).unwrap();
        }
        same(&ours, &plain);
    }
}

/// Goal: whatever stands where structures are meant, a document can be loaded: nobody can lock a territory out.
#[test]
fn odd_documents_are_loaded() {
    let mut doc = furnished();
    let (_, root) = doc.get(ROOT, "structures").unwrap().unwrap();
    raw(&mut doc, |tx| {
        tx.put_object(&root, "a list", ObjType::List)?;
        tx.put_object(&root, "a text", ObjType::Text)?;
        tx.put(&root, "a number", 1)?;
        tx.put_object(&root, "a map", ObjType::Map).map(drop)
    });
    assert_eq!(structures(&load(&doc.save(), actor(9)).unwrap()).len(), 2);

    let structure = structure_object(&doc, &id(1)).unwrap();
    raw(&mut doc, |tx| tx.put_object(&structure, "name", ObjType::Map).map(drop));
    assert_eq!(first(&load(&doc.save(), actor(9)).unwrap()).name(), "");

    raw(&mut doc, |tx| tx.put(ROOT, "structures", 5));
    assert!(structures(&load(&doc.save(), actor(9)).unwrap()).is_empty());
    raw(&mut doc, |tx| tx.put_object(ROOT, "structures", ObjType::List).map(drop));
    assert!(structures(&load(&doc.save(), actor(9)).unwrap()).is_empty());
    assert!(load(&[], actor(9)).unwrap().get_heads().is_empty());
    assert!(load(b"no document", actor(9)).is_err());
}

/// Goal: loose changes behind a saved document are loaded with it.
#[test]
fn loose_changes_are_loaded() {
    let mut doc = furnished();
    let mut bytes = doc.save();
    for number in 0..3 {
        let edit = Edit::Include { address: at("emails"), member: format!("{number}@example.org") };
        let hash = perform(&mut doc, &[edit], NOW).unwrap().unwrap();
        bytes.extend(doc.get_change_by_hash(&hash).unwrap().raw_bytes());
    }
    let loaded = load(&bytes, actor(9)).unwrap();
    assert_eq!(loaded.get_heads(), doc.get_heads());
    assert_eq!(first(&loaded), first(&doc));
}
