//! What a dishonest device sends beside its edits: changes under somebody else's name or actor, changes that leave numbers
//! out, and frames that it sent before. It is signed in as itself, and its frames are well made.

use automerge::{ActorId, Author, Automerge, Change, ChangeHash};
use portrea_protocol::ids::{ContributorId, PeerId};
use portrea_protocol::schema::{document, write};
use portrea_protocol::time::UnixMillis;
use portrea_protocol::wire::refusal::Refusal;
use portrea_protocol::wire::sync;

use super::World;
use super::network::Packet;
use crate::check::Check;
use crate::script;
use crate::seed::Seed;

/// Frames that a dishonest device remembers.
pub(super) const SENT_MAX: usize = 16;

impl World {
    /// A dishonest device makes a change that nobody may make, or repeats itself.
    pub(super) fn forges(&mut self, device: usize, draw: u64) {
        let chance = &mut Seed::new(draw);
        let now = UnixMillis(self.now);
        let fresh = ActorId::from(chance.uuid(1).as_bytes().as_slice());
        let at = self.device(device);
        let (own, me) = (at.actor().clone(), at.person.contributor);
        let there: Vec<ActorId> =
            at.replica.doc().get_changes_meta(&[]).into_iter().map(|it| it.actor.into_owned()).collect();
        let others = self.devices.iter().filter(|other| other.person.contributor != me);
        let others: Vec<(ActorId, ContributorId)> =
            others.map(|other| (other.actor().clone(), other.person.contributor)).collect();
        // An actor that has written nothing yet is nobody's.
        let known: Vec<(ActorId, ContributorId)> =
            others.iter().filter(|(actor, _)| there.contains(actor)).cloned().collect();
        let (what, actor, author, skips) = match chance.below(5) {
            0 => match chance.pick(&others) {
                Some((_, other)) => ("somebody else's name", fresh, *other, 0),
                None => return,
            },
            1 => match chance.pick(&known) {
                Some((actor, _)) => ("somebody else's actor", actor.clone(), me, 0),
                None => return,
            },
            2 => match chance.pick(&known) {
                Some((actor, other)) => ("somebody else's actor and name", actor.clone(), *other, 0),
                None => return,
            },
            3 => {
                let actor = if chance.chance(50) { own } else { fresh };
                ("numbers left out", actor, me, chance.between(1, 3))
            }
            _ => {
                let frame = chance.pick(&self.device(device).sent).cloned();
                if let Some(frame) = frame {
                    self.note(|| format!("device {device} repeats {} bytes", frame.len()));
                    self.sends_up(device, Packet::Frame(frame));
                }
                return;
            }
        };
        let Some((hash, bytes)) = forged(self.device(device).replica.doc(), draw, actor, author, skips, now)
        else {
            return;
        };
        self.note(|| format!("device {device} forges {hash}: {what}"));
        self.server.forged.push(hash);
        let at = self.device(device);
        at.made_in_all += 1;
        let message = sync::steady(&at.replica.heads(), vec![bytes], false);
        self.sends_sync(device, message, false);
    }

    /// A peer is turned away: a dishonest one may be, and comes again.
    pub(super) fn turns_away(&mut self, peer: &PeerId, refusal: Refusal) {
        let dishonest = self.devices.iter().any(|device| device.peer == *peer && device.dishonest);
        if !dishonest {
            self.fails(Check::NobodyRefused, format!("{peer} was turned away: {}", refusal.code()));
            return;
        }
        self.note(|| format!("{peer} is turned away: {}", refusal.code()));
        self.server.counts.turned_away += 1;
        if let Some(connection) = self.server.outboxes.get(peer).copied() {
            self.closes(connection, refusal);
        }
    }
}

/// A change on a document by an actor in an author's name, with so many numbers left out.
fn forged(
    doc: &Automerge,
    draw: u64,
    actor: ActorId,
    author: ContributorId,
    skips: u64,
    now: UnixMillis,
) -> Option<(ChangeHash, Vec<u8>)> {
    // What leaves numbers out and builds on what was refused is made anew, as any edit of its author's is.
    let edits = script::forgery(draw, doc, skips == 0)?;
    let mut fork = document::load(&doc.save(), actor.clone()).expect("what was just saved can be read");
    fork.set_author(Some(Author::from(author.0.as_bytes().to_vec()))).set_actor(actor);
    write::perform(&mut fork, &edits, now).expect("the schema takes it");
    let mut expanded = fork.get_last_local_change()?.decode();
    expanded.seq = expanded.seq.saturating_add(skips);
    let change = Change::from(expanded);
    Some((change.hash(), change.raw_bytes().to_vec()))
}
