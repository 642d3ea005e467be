//! The mark that begins an epoch: `epoch`, a map in the document's root that only the server writes.
//!
//! It stands behind the highest number that an operation of the old document had, so that no number is ever given
//! twice under one actor: an edit that a device carries over names what it means, and nothing else. And it tells
//! which operations of an actor the server had and forgot, or keeps apart because they were refused, so that a device
//! does not bring them again.

use std::collections::BTreeMap;

use automerge::legacy::{Key, ObjectId, Op, OpId, OpType};
use automerge::{ActorId, Automerge, AutomergeError, ChangeHash, ObjType, ROOT, ReadDoc, ScalarValue, Value};

use super::runs::{Head, Runs};
use crate::schema::path::Keys;
use crate::schema::read::maps;
use crate::time::UnixMillis;

const ROOT_KEY: &str = "epoch";
const NUMBER: &str = "number";
const TAKEN: &str = "taken";

/// What the seal of a document tells.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seal {
    /// The epoch; 0 where there is no seal.
    pub epoch: u32,
    /// The last operation of an actor that the server had in earlier epochs, where the document has it no more.
    pub taken: BTreeMap<ActorId, u64>,
}

/// Whether keys from the root lead to the seal.
pub(super) fn is_here(keys: &Keys) -> bool {
    keys.first().is_some_and(|root| &**root == ROOT_KEY)
}

impl Seal {
    /// Reads the seal of a document; that of epoch 0 where there is none, or none that can be read.
    pub fn of(doc: &impl ReadDoc) -> Self {
        let Some(map) = maps(doc, &ROOT, ROOT_KEY).into_iter().next() else { return Self::default() };
        let number = |value: Value<'_>| value.as_u64().or_else(|| value.as_i64()?.try_into().ok());
        let epoch = doc.get(&map, NUMBER).ok().flatten().and_then(|(value, _)| number(value));
        let taken = maps(doc, &map, TAKEN).into_iter().next().map(|taken| {
            let keys: Vec<String> = doc.keys(&taken).collect();
            keys.into_iter()
                .filter_map(|actor| {
                    let (value, _) = doc.get(&taken, actor.as_str()).ok().flatten()?;
                    Some((ActorId::try_from(actor.as_str()).ok()?, number(value)?))
                })
                .collect()
        });
        let epoch = epoch.and_then(|epoch| u32::try_from(epoch).ok()).unwrap_or_default();
        Self { epoch, taken: taken.unwrap_or_default() }
    }

    /// The seal of the document `new` that was made of `old`, beside which the server keeps operations `apart`.
    pub(super) fn after(
        old: &Automerge,
        new: &Automerge,
        apart: &BTreeMap<ActorId, u64>,
        epoch: u32,
    ) -> Self {
        let (mut taken, standing) = (Self::of(old).taken, last_operations(new));
        let apart = apart.iter().map(|(actor, last)| (actor.clone(), *last));
        for (actor, last) in last_operations(old).into_iter().chain(apart) {
            let known = taken.entry(actor).or_default();
            *known = last.max(*known);
        }
        taken.retain(|actor, last| standing.get(actor).is_none_or(|standing| standing < last));
        Self { epoch, taken }
    }

    /// Writes the seal into a document that was made of `old`.
    pub(super) fn set(
        &self,
        old: &Automerge,
        new: &mut Automerge,
        actor: &ActorId,
        at: UnixMillis,
    ) -> Result<ChangeHash, AutomergeError> {
        let highest = |doc: &Automerge| last_operations(doc).into_values().max().unwrap_or_default();
        let start = highest(old).max(highest(new)) + 1;
        let id = |number: u64| ObjectId::Id(OpId::new(start + number, actor));
        let write = |obj: ObjectId, key: &str, action: OpType| Op {
            action,
            obj,
            key: Key::Map(key.into()),
            pred: Vec::new().into(),
            insert: false,
        };
        // Not as unsigned ones, which JavaScript is given in a type of their own that JSON does not know.
        let number = |number: u64| OpType::Put(ScalarValue::Int(i64::try_from(number).unwrap_or(i64::MAX)));
        let mut operations = vec![
            write(ObjectId::Root, ROOT_KEY, OpType::Make(ObjType::Map)),
            write(id(0), NUMBER, number(self.epoch.into())),
            write(id(0), TAKEN, OpType::Make(ObjType::Map)),
        ];
        operations.extend(
            self.taken.iter().map(|(actor, last)| write(id(2), &actor.to_hex_string(), number(*last))),
        );
        let head =
            Head { actor: actor.clone(), time: at.0.div_euclid(1000), message: None, extra: Vec::new() };
        let mut runs = Runs::after(new);
        let sealed = runs.write(head, (start..).zip(operations), new.get_heads());
        new.apply_changes(runs.changes)?;
        Ok(sealed.into_iter().next().expect("a seal has operations"))
    }
}

/// The number of each actor's last operation.
pub(super) fn last_operations(doc: &Automerge) -> BTreeMap<ActorId, u64> {
    let mut last: BTreeMap<ActorId, u64> = BTreeMap::new();
    for change in doc.get_changes_meta(&[]) {
        let known = last.entry(change.actor.into_owned()).or_default();
        *known = change.max_op.max(*known);
    }
    last
}
