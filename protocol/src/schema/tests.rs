//! What the schema's tests share, and two properties: whatever a document holds can be read and edited, and records
//! that are kept up to date change by change equal those that are read from the whole document.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use automerge::legacy::{Key, ObjectId, OpType};
use automerge::transaction::Transactable;
use automerge::{
    ActorId, Automerge, AutomergeError, Change, ObjId, ObjType, ROOT, ReadDoc, ScalarValue, Value as Stored,
};
use proptest::prelude::*;

use super::field::{Field, HELPER, Kind, SERVICE, STRUCTURE};
use super::path::{Address, Keys, Paths, Place, Target};
use super::record::{Structure, Value};
use super::write::{Edit, perform};
use super::{document, read};
use crate::ids::RecordId;
use crate::time::UnixMillis;
use crate::wire::resource;

/// An instant in May 2026.
pub(crate) const NOW: UnixMillis = UnixMillis(1_778_572_800_000);

/// An actor by number.
pub(crate) fn actor(number: u8) -> ActorId {
    ActorId::from([number; 16])
}

/// A record's id by number.
pub(crate) fn id(number: u8) -> RecordId {
    RecordId::from(format!("01917f3e-0000-7000-8000-0000000000{number:02x}"))
}

/// A field of structure 1.
pub(crate) fn at(path: &str) -> Address {
    Address::parse(&id(1), path).unwrap()
}

/// An empty territory, by actor 1.
pub(crate) fn territory() -> Automerge {
    document::create(actor(1), "CC d’essai", "200000000", NOW).unwrap()
}

/// A territory with structure 1, its service 2 and its helper 3.
pub(crate) fn furnished() -> Automerge {
    let mut doc = territory();
    let edits = [
        Edit::AddStructure { id: id(1), name: "Médiathèque".to_owned() },
        Edit::AddService { structure: id(1), id: id(2), family: "assist".to_owned() },
        Edit::AddHelper { structure: id(1), id: id(3), name: "Amina".to_owned() },
    ];
    perform(&mut doc, &edits, NOW).unwrap();
    doc
}

/// The same document on another device.
pub(crate) fn replica(doc: &Automerge, number: u8) -> Automerge {
    document::load(&doc.save(), actor(number)).unwrap()
}

/// Writes into a document as a client does that knows no schema.
pub(crate) fn raw(
    doc: &mut Automerge,
    write: impl FnOnce(&mut automerge::transaction::Transaction<'_>) -> Result<(), AutomergeError>,
) {
    doc.transact(write).map_err(|failure| failure.error).unwrap();
}

/// Structure 1, as it reads.
pub(crate) fn first(doc: &Automerge) -> Structure {
    read::structure(doc, &id(1)).unwrap()
}

/// Every table with the place of its records in a furnished territory.
pub(crate) fn places() -> [(Place, &'static [Field]); 6] {
    use super::field::{CONFIRMED, MARK, VALIDATION};
    [
        (Place::Itself, STRUCTURE),
        (Place::Service(id(2)), SERVICE),
        (Place::Helper(id(3)), HELPER),
        (Place::Confirmed, CONFIRMED),
        (Place::Archived, MARK),
        (Place::Validation, VALIDATION),
    ]
}

/// Two values that a field takes.
pub(crate) fn values(field: &Field) -> [Value; 2] {
    match field.kind {
        _ if !field.choices.is_empty() && field.kind == Kind::Text => {
            [field.choices[0].into(), field.choices[1].into()]
        }
        Kind::Set if !field.choices.is_empty() => [set(&field.choices[..1]), set(&field.choices[1..3])],
        Kind::Text => ["35184".into(), "près de la gare".into()],
        Kind::Prose => ["Ouvert à tous.\nSans rendez-vous.".into(), "Sur rendez-vous.".into()],
        Kind::Integer => [Value::Integer(0), Value::Integer(12)],
        Kind::Number => [Value::Number(7.5), Value::Number(48.0)],
        Kind::Flag => [Value::Flag(true), Value::Flag(false)],
        Kind::Instant => ["2026-05-13T08:00:00Z".into(), "2025-01-31T00:00:00Z".into()],
        Kind::Set => [set(&["jeunes", "seniors"]), set(&["seniors", "tout public"])],
    }
}

/// A set's value.
pub(crate) fn set(members: &[&str]) -> Value {
    Value::Set(members.iter().map(|member| (*member).to_owned()).collect())
}

/// Anything that a document may hold under a key.
#[derive(Debug, Clone)]
enum Node {
    Scalar(ScalarValue),
    Text(String),
    List(Vec<Node>),
    Map(BTreeMap<String, Node>),
}

fn scalars() -> impl Strategy<Value = ScalarValue> {
    prop_oneof![
        Just(ScalarValue::Null),
        any::<bool>().prop_map(ScalarValue::Boolean),
        any::<i64>().prop_map(ScalarValue::Int),
        (0_i64..9).prop_map(ScalarValue::Int),
        any::<u64>().prop_map(ScalarValue::Uint),
        any::<f64>().prop_map(ScalarValue::F64),
        any::<i64>().prop_map(ScalarValue::Timestamp),
        any::<i64>().prop_map(ScalarValue::counter),
        any::<Vec<u8>>().prop_map(ScalarValue::Bytes),
        "[a-z0-9,. ]{0,6}".prop_map(ScalarValue::from),
        prop_oneof![Just("oui"), Just("7,5"), Just("assist"), Just("2026-05-12"), Just("")]
            .prop_map(ScalarValue::from),
    ]
}

fn keys() -> impl Strategy<Value = String> {
    let known: Vec<&str> = STRUCTURE.iter().chain(SERVICE).chain(HELPER).map(|field| field.key).collect();
    let inner = ["services", "helpers", "confirmed", "archived", "validation", "at", "by", "how", "why"];
    prop_oneof![
        4 => proptest::sample::select(known).prop_map(str::to_owned),
        3 => proptest::sample::select(inner.to_vec()).prop_map(str::to_owned),
        1 => (1_u8..5).prop_map(|number| id(number).to_string()),
        1 => "[a-c/]{0,3}",
    ]
}

fn nodes() -> impl Strategy<Value = Node> {
    let leaf = prop_oneof![
        3 => scalars().prop_map(Node::Scalar),
        1 => "[a-zé0-9,. ]{0,6}".prop_map(Node::Text)
    ];
    leaf.prop_recursive(4, 40, 8, |inner| {
        prop_oneof![
            1 => proptest::collection::vec(inner.clone(), 0..4).prop_map(Node::List),
            3 => proptest::collection::btree_map(keys(), inner, 0..8).prop_map(Node::Map),
        ]
    })
}

fn put<T: Transactable>(tx: &mut T, map: &ObjId, key: &str, node: &Node) -> Result<(), AutomergeError> {
    let object = match node {
        Node::Scalar(scalar) => return tx.put(map, key, scalar.clone()),
        Node::Text(text) => {
            let object = tx.put_object(map, key, ObjType::Text)?;
            return tx.splice_text(&object, 0, 0, text);
        }
        Node::List(_) => tx.put_object(map, key, ObjType::List)?,
        Node::Map(_) => tx.put_object(map, key, ObjType::Map)?,
    };
    grow(tx, &object, node)
}

fn grow<T: Transactable>(tx: &mut T, object: &ObjId, node: &Node) -> Result<(), AutomergeError> {
    match node {
        Node::Map(entries) => entries.iter().try_for_each(|(key, node)| put(tx, object, key, node)),
        Node::List(items) => items.iter().enumerate().try_for_each(|(index, node)| {
            let item = match node {
                Node::Scalar(scalar) => return tx.insert(object, index, scalar.clone()),
                Node::Text(_) => ObjType::Text,
                Node::List(_) => ObjType::List,
                Node::Map(_) => ObjType::Map,
            };
            let item = tx.insert_object(object, index, item)?;
            grow(tx, &item, node)
        }),
        Node::Text(text) => tx.splice_text(object, 0, 0, text),
        Node::Scalar(_) => Ok(()),
    }
}

/// The object that stands at a path in a document, as its own readers see it.
fn find(doc: &impl ReadDoc, path: &[String]) -> Option<ObjId> {
    path.iter().try_fold(ROOT, |object, key| match doc.get(&object, key.as_str()).ok()?? {
        (Stored::Object(_), id) => Some(id),
        (Stored::Scalar(_), _) => None,
    })
}

/// One thing that some client does, whether or not it makes sense to us.
#[derive(Debug, Clone)]
enum Deed {
    /// Something is put under a key, somewhere below the structures.
    Put(Vec<String>, Node),
    /// A key is removed.
    Delete(Vec<String>),
    /// A character is added to a text.
    Type(Vec<String>),
    /// An edit of ours.
    Edit(Box<Edit>),
    /// The client hears of all that the server has.
    Hear,
}

fn paths() -> impl Strategy<Value = Vec<String>> {
    let structure = (1_u8..3).prop_map(|number| id(number).to_string());
    let keys = prop_oneof![
        Just("name"),
        Just("phone"),
        Just("notes"),
        Just("emails"),
        Just("latitude"),
        Just("colour"),
        Just("services"),
        Just("helpers"),
        Just("confirmed"),
        Just("archived"),
        Just("price"),
        Just("topics"),
        Just("at"),
        Just("how"),
        Just("a@b.c"),
        Just("01917f3e-0000-7000-8000-000000000002"),
        Just("x"),
    ];
    (structure, proptest::collection::vec(keys, 0..4)).prop_map(|(structure, keys)| {
        ["structures".to_owned(), structure].into_iter().chain(keys.into_iter().map(str::to_owned)).collect()
    })
}

fn edits() -> impl Strategy<Value = Edit> {
    let addresses: Vec<Address> = places()
        .into_iter()
        .flat_map(|(place, table)| {
            table.iter().map(move |field| Address { structure: id(1), place: place.clone(), field })
        })
        .collect();
    let structure = id(1);
    prop_oneof![
        3 => (proptest::sample::select(addresses), 0_usize..3).prop_map(|(address, which)| {
            let value = values(address.field).into_iter().nth(which);
            Edit::Set { address, value }
        }),
        1 => Just(Edit::AddService { structure: structure.clone(), id: id(2), family: "train".to_owned() }),
        1 => Just(Edit::Include { address: at("emails"), member: "a@b.c".to_owned() }),
        1 => Just(Edit::Exclude { address: at("emails"), member: "a@b.c".to_owned() }),
        1 => Just(Edit::Archive { structure: structure.clone(), by: "B".to_owned(), why: String::new() }),
        1 => Just(Edit::Unarchive { structure }),
    ]
}

fn deeds() -> impl Strategy<Value = Deed> {
    prop_oneof![
        3 => (paths(), nodes()).prop_map(|(path, node)| Deed::Put(path, node)),
        2 => paths().prop_map(Deed::Delete),
        1 => paths().prop_map(Deed::Type),
        4 => edits().prop_map(|edit| Deed::Edit(Box::new(edit))),
        1 => Just(Deed::Hear),
    ]
}

fn perform_deed(doc: &mut Automerge, deed: &Deed) {
    match deed {
        Deed::Put(path, node) => raw(doc, |tx| {
            let (key, path) = path.split_last().unwrap();
            match find(tx, path) {
                Some(object) if tx.object_type(&object)? == ObjType::Map => put(tx, &object, key, node),
                Some(_) | None => Ok(()),
            }
        }),
        Deed::Delete(path) => raw(doc, |tx| {
            let (key, path) = path.split_last().unwrap();
            match find(tx, path) {
                Some(object)
                    if tx.object_type(&object)? == ObjType::Map
                        && tx.get(&object, key.as_str())?.is_some() =>
                {
                    tx.delete(&object, key.as_str())
                }
                Some(_) | None => Ok(()),
            }
        }),
        Deed::Type(path) => raw(doc, |tx| match find(tx, path) {
            Some(object) if tx.object_type(&object)? == ObjType::Text => tx.splice_text(&object, 0, 0, "é"),
            Some(_) | None => Ok(()),
        }),
        // What the document's shape forbids is refused; that is as good.
        Deed::Edit(edit) => drop(perform(doc, &[Edit::clone(edit)], NOW)),
        Deed::Hear => {}
    }
}

/// What a change touches, as whoever keeps records up to date learns it.
fn touched(paths: &mut Paths, doc: &Automerge, change: &Change) -> BTreeSet<Target> {
    let expanded = change.decode();
    let mut targets = BTreeSet::new();
    for (offset, op) in (0_u64..).zip(&expanded.operations) {
        let parent: Keys = match &op.obj {
            ObjectId::Root => Arc::from([]),
            ObjectId::Id(id) => paths.resolve(doc, id.counter(), id.actor()).unwrap(),
        };
        let keys = match &op.key {
            Key::Map(key) => parent.iter().cloned().chain([Arc::from(key.as_str())]).collect(),
            Key::Seq(_) => parent,
        };
        if matches!(op.action, OpType::Make(_)) {
            paths.remember(expanded.start_op.get() + offset, change.actor_id(), Arc::clone(&keys));
        }
        targets.insert(Target::of(&keys));
    }
    targets
}

/// Reads again what was touched: a field where only fields were, the structure otherwise.
fn reread(doc: &Automerge, records: &mut BTreeMap<RecordId, Structure>, targets: &BTreeSet<Target>) {
    let touched: BTreeSet<&RecordId> = targets.iter().filter_map(Target::structure).collect();
    for structure in touched {
        let about = |target: &&Target| target.structure() == Some(structure);
        let fields: Option<Vec<&Address>> = targets
            .iter()
            .filter(about)
            .map(|target| if let Target::Field(address) = target { Some(address) } else { None })
            .collect();
        match (records.get_mut(structure), fields) {
            (Some(record), Some(fields)) => {
                let object = read::structure_object(doc, structure);
                for address in fields {
                    read::refresh(doc, object.as_ref(), record, address);
                }
            }
            (Some(_), None) | (None, _) => match read::structure(doc, structure) {
                Some(record) => drop(records.insert(structure.clone(), record)),
                None => drop(records.remove(structure)),
            },
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    /// Whatever somebody writes below the structures is read, told in JSON, saved and loaded again, and every field
    /// of whatever reads as a structure can be set to what it takes.
    #[test]
    fn any_document_is_read_and_edited(trees in proptest::collection::vec((1_u8..4, nodes()), 1..4)) {
        let mut doc = territory();
        for (number, node) in &trees {
            let root = find(&doc, &["structures".to_owned()]).unwrap();
            raw(&mut doc, |tx| put(tx, &root, id(*number).as_str(), node));
        }
        let mut doc = replica(&doc, 2);
        for (id, structure) in read::structures(&doc) {
            resource::structure(&id, &structure);
        }
        if read::structure(&doc, &id(1)).is_none() {
            return Ok(());
        }
        for (place, table) in places() {
            for field in table {
                let address = Address { structure: id(1), place: place.clone(), field };
                for value in values(field) {
                    let edit = Edit::Set { address: address.clone(), value: Some(value.clone()) };
                    let done = perform(&mut doc, &[edit], NOW);
                    if read::container(&doc, &address).is_some() {
                        done.unwrap();
                        let structure = first(&doc);
                        let fields = match &place {
                            Place::Itself => &structure.fields,
                            Place::Service(id) => &structure.services[id].fields,
                            Place::Helper(id) => &structure.helpers[id].fields,
                            Place::Confirmed => &structure.confirmed,
                            Place::Archived => &structure.archived,
                            Place::Validation => &structure.validation,
                        };
                        let entry = &fields[field.key];
                        prop_assert_eq!(&entry.value, &value);
                        prop_assert!(entry.others.is_empty());
                        let odd = structure.findings.iter().any(|(path, _)| *path == address.to_string());
                        prop_assert!(!odd, "{}: {:?}", address, structure.findings);
                    } else {
                        prop_assert!(done.is_err());
                    }
                }
            }
        }
    }

    /// Three clients do anything at all, and hear of each other now and then; records kept up to date from the
    /// operations of each change equal records read from the whole document, after each change.
    #[test]
    fn records_kept_up_to_date_are_the_records(deeds in proptest::collection::vec((0_usize..3, deeds()), 1..40)) {
        let mut server = furnished();
        let mut clients: Vec<Automerge> = (11..14).map(|number| replica(&server, number)).collect();
        let mut records = read::structures(&server);
        let mut paths = Paths::of(&server);
        for (turn, (who, deed)) in deeds.iter().enumerate() {
            let client = &mut clients[*who];
            if matches!(deed, Deed::Hear) {
                client.merge(&mut server).unwrap();
            }
            perform_deed(client, deed);
            // Every other turn the client is offline: its changes come with the next ones.
            if turn % 2 == 0 {
                continue;
            }
            for change in client.get_changes(&server.get_heads()) {
                let targets = touched(&mut paths, &server, &change);
                server.apply_changes([change]).unwrap();
                reread(&server, &mut records, &targets);
                prop_assert_eq!(&records, &read::structures(&server));
            }
        }
    }
}
