//! A simulated device: the real replica, and the bytes that its shelf would hold.

use automerge::{ActorId, ChangeHash};
use portrea_client_core::replica::{Greeting, Replica};
use portrea_protocol::ids::{ContributorId, DeviceId, PeerId, TerritoryId};
use portrea_protocol::people::{Person, Role};
use portrea_protocol::schema::write::Edit;
use portrea_protocol::time::UnixMillis;

use crate::seed::Seed;

/// One device of the day.
pub struct Device {
    /// Who holds it.
    pub person: Person,
    /// Its peer id.
    pub peer: PeerId,
    /// What it shows.
    pub replica: Replica,
    /// What is on its shelf.
    shelf: Vec<Vec<u8>>,
    server_heads: Vec<ChangeHash>,
    territory: TerritoryId,
    actor: ActorId,
    /// Whether it looks for the network.
    pub wants_network: bool,
    /// The connection that stands, by number.
    pub connection: Option<u64>,
    /// Every change that the shelf ever took: none of them may be missing in the end.
    pub made: Vec<ChangeHash>,
    /// By how much its clock is wrong, in milliseconds.
    pub clock_error: i64,
}

impl Device {
    pub(super) fn new(number: usize, territory: TerritoryId, chance: &mut Seed) -> Self {
        let contributor = ContributorId(chance.uuid(1));
        let device = DeviceId(chance.uuid(2));
        let actor = ActorId::from(chance.uuid(3).as_bytes().as_slice());
        // One référente, one reader in twenty, a clock in 1970 now and then.
        let role = match number {
            0 => Role::Referent,
            _ if number % 20 == 19 => Role::Reader,
            _ => Role::Contributor,
        };
        let clock_error = if chance.chance(5) { -super::MORNING } else { 0 };
        Self {
            person: Person { contributor, name: format!("Personne {number}"), role, device },
            peer: PeerId::from(format!("device-{number}")),
            replica: Replica::empty(territory, actor.clone(), contributor),
            shelf: Vec::new(),
            server_heads: Vec::new(),
            territory,
            actor,
            wants_network: false,
            connection: None,
            made: Vec::new(),
            clock_error,
        }
    }

    /// Edits; what was made is on the shelf before anything is sent. Gives the message that is due, if connected.
    pub(super) fn edit(&mut self, edits: &[Edit], now: UnixMillis) -> Option<Vec<u8>> {
        if edits.is_empty() || !self.replica.has_document() {
            return None;
        }
        let made =
            self.replica.edit(edits, now.plus(self.clock_error)).expect("the script writes what is allowed");
        let kept = made?;
        self.shelf.push(kept);
        self.made.extend(self.replica.doc().get_last_local_change().map(|change| change.hash()));
        self.replica.poll_send()
    }

    /// Takes a sync message; what it brought is on the shelf before the answer leaves. An error ends the connection.
    pub(super) fn receive(&mut self, data: &[u8]) -> Result<Option<Vec<u8>>, ()> {
        let received = self.replica.receive(data).map_err(drop)?;
        self.shelf.extend(received.keep);
        self.server_heads = self.replica.server_heads().to_vec();
        Ok(received.reply)
    }

    pub(super) fn greet(&mut self) -> Greeting {
        self.replica.connected(false)
    }

    /// Switched off and on: only the shelf remains.
    pub(super) fn restart(&mut self) {
        let kept = self.shelf.iter().cloned();
        let (actor, author) = (self.actor.clone(), self.person.contributor);
        self.replica = Replica::load(self.territory, actor, author, kept, self.server_heads.clone())
            .expect("what the shelf took can be read");
    }

    /// The heads that the server told this device it has on disk.
    pub fn acknowledged(&self) -> &[ChangeHash] {
        &self.server_heads
    }
}
