//! The document that a row begins with: what clients must know of it to write changes without holding it.

use std::collections::BTreeSet;
use std::num::NonZeroU64;
use std::rc::Rc;
use std::time::SystemTime;

use automerge::legacy::{Key, ObjectId, Op, OpId, OpType, SortedVec};
use automerge::{ActorId, Automerge, Change, ChangeHash, ExpandedChange, ObjId, ReadDoc, ScalarValue};
use portrea_protocol::actor;
use portrea_protocol::ids::RecordId;
use portrea_protocol::schema::path::{Address, Place};
use portrea_protocol::schema::read;
use portrea_protocol::time::UnixMillis;
use portrea_tests::seed::Seed;

use crate::graph::{Graph, Id};

/// When changes say that they were made, in seconds: it decides nothing.
const MADE_AT: i64 = 1_778_576_400;
/// Fields that people correct on the phone or at the counter.
const FIELDS: [&str; 4] = ["phone", "opening_hours", "summary", "website"];

/// One field of one structure, for one client to write into: fields of different clients differ, so no edit is in
/// conflict with another.
#[derive(Debug, Clone)]
pub(crate) struct Slot {
    object: OpId,
    key: &'static str,
    /// What an edit takes the place of.
    before: Vec<OpId>,
}

/// The document before the row.
pub(crate) struct Base {
    /// Its heads.
    pub(crate) heads: Vec<ChangeHash>,
    /// The highest number of its operations.
    pub(crate) max_op: u64,
    /// The checksums of its changes.
    checksums: Rc<BTreeSet<[u8; 4]>>,
    /// A phone number of each structure, in the order of their making.
    pub(crate) phones: Vec<Slot>,
    /// Fields of all structures: one of each before the second of any; one in eight of the
    /// first is the hours of help of a service, which moves indicators.
    pub(crate) fields: Vec<Slot>,
}

impl Base {
    /// Looks through a saved document.
    pub(crate) fn read(saved: &[u8]) -> Self {
        let doc = Automerge::load(saved).expect("an exported document");
        let changes = doc.get_changes(&[]);
        let ids: Vec<RecordId> = read::structures(&doc).into_keys().collect();
        let of = |id: &RecordId, place, key| slot(&doc, id, place, key);
        let phones = ids.iter().filter_map(|id| of(id, Place::Itself, "phone")).collect();
        // A step that shares no factor with the count walks over all of them, and not in their order.
        let spread: Vec<&RecordId> = (0..ids.len()).map(|at| &ids[at * 7_919 % ids.len()]).collect();
        let mut fields = Vec::new();
        for (round, key) in FIELDS.into_iter().enumerate() {
            for (at, id) in spread.iter().enumerate() {
                let service = (at % 8 == 7 && round == 0).then(|| read::structure(&doc, id)).flatten();
                let service = service.and_then(|found| found.services.into_keys().next());
                let hours = service.and_then(|it| of(id, Place::Service(it), "weekly_eadmin_hours"));
                fields.extend(hours.or_else(|| of(id, Place::Itself, key)));
            }
        }
        let max_op = changes.iter().map(Change::max_op).max().unwrap_or_default();
        let checksums = changes.iter().filter_map(|change| change.hash().0.first_chunk().copied()).collect();
        Self { heads: doc.get_heads(), max_op, checksums: Rc::new(checksums), phones, fields }
    }

    /// The graph that a row begins with.
    pub(crate) fn graph(&self) -> Graph {
        Graph::new(&self.heads, self.max_op, Rc::clone(&self.checksums))
    }
}

fn slot(doc: &Automerge, id: &RecordId, place: Place, key: &'static str) -> Option<Slot> {
    let object = read::container(doc, &Address::new(id, place, key)?)?;
    let before = doc.get_all(&object, key).ok()?.into_iter().filter_map(|(_, id)| op(&id)).collect();
    Some(Slot { object: op(&object)?, key, before })
}

fn op(id: &ObjId) -> Option<OpId> {
    match id {
        ObjId::Id(counter, actor, _) => Some(OpId(*counter, actor.clone())),
        ObjId::Root => None,
    }
}

/// How a client draws the actor that it writes under.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Draw {
    /// At random, as stock clients do.
    Random,
    /// As this project's clients do: by the time at which it begins to write.
    ByTime,
}

/// Who makes changes: one actor with its slots, which it writes into in turn.
pub(crate) struct Author {
    draw: Draw,
    random: u64,
    /// From its first edit on.
    actor: Option<ActorId>,
    made: u64,
    slots: Vec<Slot>,
}

impl Author {
    /// `number` tells authors of one document apart, `life` those of one row from another's on the same data.
    pub(crate) fn new(life: u8, number: usize, draw: Draw, slots: Vec<Slot>) -> Self {
        let number = u32::try_from(number).expect("fewer authors than that");
        // Different numbers draw differently, and in no order.
        let random = Seed::new(u64::from(number) << 8 | u64::from(life)).draw();
        Self { draw, random, actor: None, made: 0, slots }
    }

    /// The next edit of a client that has these heads, as a change of the graph.
    pub(crate) fn edit(&mut self, graph: &mut Graph, heads: &[Id]) -> Id {
        let actor = self.actor.get_or_insert_with(|| drawn(self.draw, self.random)).clone();
        let turn = usize::try_from(self.made).expect("fewer edits than that") % self.slots.len();
        let slot = &mut self.slots[turn];
        let start = 1 + heads.iter().map(|id| graph.node(*id).max_op).max().unwrap_or_default();
        self.made += 1;
        let operation = Op {
            action: OpType::Put(value(slot.key, self.made)),
            obj: ObjectId::Id(slot.object.clone()),
            key: Key::Map(slot.key.into()),
            pred: SortedVec::from(std::mem::take(&mut slot.before)),
            insert: false,
        };
        slot.before = vec![OpId(start, actor.clone())];
        let change = Change::from(ExpandedChange {
            operations: vec![operation],
            actor_id: actor,
            hash: None,
            seq: self.made,
            start_op: NonZeroU64::new(start).expect("counted from one"),
            time: MADE_AT,
            message: None,
            deps: graph.hashes(heads),
            extra_bytes: Vec::new(),
            author: None,
        });
        graph.add(change.hash(), heads.to_vec(), start, Rc::from(change.raw_bytes()))
    }
}

fn drawn(draw: Draw, random: u64) -> ActorId {
    let random = random.to_be_bytes();
    match draw {
        Draw::Random => ActorId::from([random, random].concat()),
        Draw::ByTime => {
            let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
            actor::fresh(UnixMillis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX)), random)
        }
    }
}

fn value(key: &str, number: u64) -> ScalarValue {
    let digits = number % 1_000_000;
    match key {
        "weekly_eadmin_hours" => ScalarValue::F64(f64::from(u32::try_from(number % 40).unwrap_or(0))),
        "phone" => {
            format!("02 99 {:02} {:02} {:02}", digits / 10_000, digits / 100 % 100, digits % 100).into()
        }
        "opening_hours" => {
            format!("Mo-Fr 09:00-12:00; Sa 10:00-{:02}:{:02}", 12 + number % 8, number % 60).into()
        }
        "website" => format!("https://lieux.example.org/accueil/{digits}").into(),
        _ => format!("Accueil sans rendez-vous, mis à jour pour la {number}e fois.").into(),
    }
}
