//! In which order what came at once is handled.
//!
//! As it came, but for devices that never wrote before. automerge writes the whole document anew for an actor that comes
//! before one that it has (`portrea_protocol::actor`), and of many who begin at the same moment the network mixes the
//! order: a hundred devices that come back with what they wrote would cost a hundred such rewritings. So whoever is new
//! comes after everybody else, in the order of the actors, and each peer's inputs stay in the order in which they came.

use std::collections::BTreeMap;

use automerge::ActorId;
use portrea_protocol::ids::PeerId;
use portrea_protocol::wire::{inflate, sync};

use crate::io::Input;

/// Orders a batch; `is_known` tells whether the document has changes of an actor.
pub(crate) fn ordered(mut inputs: Vec<Input>, is_known: impl Fn(&ActorId) -> bool) -> Vec<Input> {
    let mut newcomers: BTreeMap<PeerId, ActorId> = BTreeMap::new();
    if inputs.len() > 1 {
        for input in &inputs {
            let Input::Message { peer, data } = input else { continue };
            let new = writer(data).filter(|actor| !is_known(actor));
            if let (Some(actor), false) = (new, newcomers.contains_key(peer)) {
                newcomers.insert(peer.clone(), actor);
            }
        }
    }
    if newcomers.len() > 1 {
        let place = |input: &Input| input.peer().and_then(|peer| newcomers.get(peer));
        inputs.sort_by(|one, next| place(one).cmp(&place(next)));
    }
    inputs
}

/// Who wrote the first change that a message brings.
fn writer(data: &[u8]) -> Option<ActorId> {
    sync::peek(data)?.contents().next().and_then(inflate::writer).map(ActorId::from)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use portrea_protocol::people::Role;
    use portrea_protocol::schema::write::perform;

    use super::*;
    use crate::tests::{NOW, actor, bytes_of, furnished, person, replica, set};

    /// Somebody's first edit, as their peer sends it.
    fn edit(number: u8) -> Input {
        let mut doc = replica(&furnished(), number);
        let hash = perform(&mut doc, &[set("phone", &number.to_string())], NOW).unwrap().unwrap();
        let data = sync::steady(&doc.get_heads(), vec![bytes_of(&doc, hash)], false);
        Input::Message { peer: peer(number), data }
    }

    fn peer(number: u8) -> PeerId {
        format!("peer-{number}").into()
    }

    fn joins(number: u8) -> Input {
        Input::Connected { peer: peer(number), person: person(number, Role::Contributor), storage: None }
    }

    fn shown(inputs: &[Input]) -> String {
        let shown = inputs.iter().map(|input| {
            let what = if matches!(input, Input::Message { .. }) { "writes" } else { "joins" };
            input.peer().map_or("tick".to_owned(), |peer| format!("{peer} {what}"))
        });
        shown.collect::<Vec<_>>().join(", ")
    }

    /// Goal: newcomers come last and in the order of their actors, each peer in its own order, everything else as it came.
    /// Method: a table; the document knows actors 1 to 9.
    #[test]
    fn newcomers_come_last_in_the_order_of_their_actors() {
        let known = |it: &ActorId| *it < actor(10);
        for (inputs, expected) in [
            (vec![edit(12), edit(11)], "peer-11 writes, peer-12 writes"),
            (vec![edit(12), Input::Tick], "peer-12 writes, tick"),
            (vec![edit(9), edit(8), edit(12)], "peer-9 writes, peer-8 writes, peer-12 writes"),
            (
                vec![joins(12), edit(12), joins(11), edit(9), edit(12), edit(11), Input::Tick],
                "peer-9 writes, tick, peer-11 joins, peer-11 writes, peer-12 joins, peer-12 writes, peer-12 writes",
            ),
            (vec![joins(3), joins(2), Input::Tick], "peer-3 joins, peer-2 joins, tick"),
        ] {
            assert_eq!(shown(&ordered(inputs, known)), expected);
        }
    }

    /// Goal: the order does not hang on anything odd. Method: bytes that are no message, or bring no change.
    #[test]
    fn what_cannot_be_read_stays_where_it_was() {
        let odd = |data: &[u8]| Input::Message { peer: peer(7), data: data.to_vec() };
        let inputs =
            vec![odd(b""), odd(&sync::steady(&[], vec![vec![1; 9]], false)), edit(12), edit(11), odd(b"B")];
        let expected = "peer-7 writes, peer-7 writes, peer-7 writes, peer-11 writes, peer-12 writes";
        assert_eq!(shown(&ordered(inputs, |_| false)), expected);
    }
}
