//! Territories that erase, from seeds: new epochs begin while devices are away with edits that they have not sent, or whose
//! acknowledgement was lost. The territory and the replicas are the real ones; the line between them is a loop.

#![allow(clippy::indexing_slicing, reason = "devices are numbered from 0")]

use std::collections::BTreeMap;

use automerge::{ActorId, Automerge};
use portrea_client_core::replica::Replica;
use portrea_protocol::epoch::{Forget, Subject, begin};
use portrea_protocol::ids::{ContributorId, DeviceId, PeerId, RecordId, StorageId, TerritoryId};
use portrea_protocol::people::{Person, Role};
use portrea_protocol::schema::path::{Address, Place};
use portrea_protocol::schema::record::Value;
use portrea_protocol::schema::write::Edit;
use portrea_protocol::schema::{document, read};
use portrea_protocol::time::UnixMillis;
use portrea_protocol::wire::quarantine::State;
use portrea_territory::chunk::{Chunk, FeedRow, Kept};
use portrea_territory::erasure::{Past, Wish, erase};
use portrea_territory::io::{Input, Opening};
use portrea_territory::territory::Territory;
use portrea_tests::script;
use portrea_tests::seed::Seed;
use portrea_tests::world::{MORNING, statistics};

use crate::seeds;

/// What is erased begins so, and its number follows.
const SECRET: &str = "ERASED-";
const DEVICES: u64 = 4;
const STEPS: u64 = 70;

struct Device {
    person: Person,
    peer: PeerId,
    actor: ActorId,
    replica: Replica,
    epoch: u32,
}

/// A territory, its devices, and what came of their moves.
struct World {
    chance: Seed,
    now: UnixMillis,
    id: TerritoryId,
    territory: Territory,
    kept: Kept,
    devices: Vec<Device>,
    secrets: u64,
    feed: Vec<FeedRow>,
    carried: usize,
    left: usize,
}

impl World {
    fn new(seed: u64) -> Self {
        let mut chance = Seed::new(seed);
        let id = TerritoryId(chance.uuid(1));
        let doc =
            document::create(ActorId::from([200; 16]), "Pays d’essai", "200038990", UnixMillis(MORNING))
                .expect("the roots can be written");
        let kept = Kept { snapshots: vec![Chunk::new(doc.save())], ..Kept::default() };
        let devices = (0..DEVICES)
            .map(|number| {
                let contributor = ContributorId(chance.uuid(2));
                let actor = ActorId::from(chance.uuid(3).as_bytes().as_slice());
                Device {
                    person: Person {
                        contributor,
                        name: format!("Personne {number}"),
                        role: if number == 0 { Role::Referent } else { Role::Contributor },
                        device: DeviceId(chance.uuid(4)),
                    },
                    peer: PeerId::from(format!("device-{number}")),
                    replica: Replica::empty(id, actor.clone(), contributor),
                    actor,
                    epoch: 0,
                }
            })
            .collect();
        let territory = opened(id, &kept, &mut chance);
        let now = UnixMillis(MORNING);
        Self { chance, now, id, territory, kept, devices, secrets: 0, feed: Vec::new(), carried: 0, left: 0 }
    }

    /// The territory takes inputs; gives what it sends to a peer, and whether something was merged.
    fn handle(&mut self, input: Input, peer: &PeerId) -> (Vec<Vec<u8>>, bool) {
        self.now = self.now.plus(1_000);
        let outcome = self.territory.handle(self.now, [input]);
        assert!(outcome.refuse.is_empty(), "{:?}", outcome.refuse);
        for held in outcome.persist.quarantine {
            self.kept.quarantine.retain(|earlier| earlier.hash != held.hash);
            self.kept.quarantine.push(held);
        }
        self.kept.bindings.extend(outcome.persist.bindings);
        self.feed.extend(outcome.persist.feed);
        self.kept.feed_last = self.feed.last().map_or(0, |row| row.seq);
        let sent = outcome.send.iter().filter(|(peers, _)| peers.contains(peer));
        let sent = sent.filter_map(|(_, reply)| Some(reply.sync()?.to_vec())).collect();
        (sent, outcome.persist.chunk.is_some())
    }

    /// A device speaks with the territory until both are at rest; `deaf` when it hears nothing after its edits were taken.
    fn speaks(&mut self, number: usize, deaf: bool) {
        let moves = self.devices[number].epoch < self.territory.epoch();
        let device = &mut self.devices[number];
        let (person, peer) = (device.person.clone(), device.peer.clone());
        let mut earlier = None;
        if moves {
            let later = Replica::empty(self.id, device.actor.clone(), person.contributor);
            earlier = Some(std::mem::replace(&mut device.replica, later));
        }
        let mut said = vec![device.replica.connected(false).data];
        self.handle(Input::Connected { peer: peer.clone(), person, storage: None }, &peer);
        let mut merged_own = false;
        for _ in 0..40 {
            let mut answers = Vec::new();
            for data in said.drain(..) {
                let (heard, merged) = self.handle(Input::Message { peer: peer.clone(), data }, &peer);
                merged_own |= merged;
                if !(deaf && merged_own) {
                    answers.extend(heard);
                }
            }
            let device = &mut self.devices[number];
            for answer in &answers {
                device.replica.absorb(answer).expect("the territory speaks well");
                if let Some(old) = earlier.as_ref().filter(|_| device.replica.is_level()) {
                    let arrival = device.replica.take_over(old).expect("what was kept can be carried over");
                    self.carried += arrival.carried;
                    self.left += arrival.left.len();
                    device.epoch = self.territory.epoch();
                    earlier = None;
                }
                said.extend(device.replica.poll_send());
            }
            if said.is_empty() {
                break;
            }
        }
        assert!(said.is_empty(), "the exchange does not come to rest");
        let device = &mut self.devices[number];
        if let Some(earlier) = earlier {
            // Nothing came: it stays where it was.
            device.replica = earlier;
        }
        device.replica.disconnected();
        self.handle(Input::Disconnected { peer: peer.clone() }, &peer);
    }

    fn edits(&mut self, number: usize) {
        let now = self.now.plus(self.chance.below(5_000).cast_signed());
        let device = &mut self.devices[number];
        let edits = script::edits(self.chance.draw(), &device.person, device.replica.doc(), now);
        if !edits.is_empty() && device.replica.has_document() {
            device.replica.edit(&edits, now).expect("the script writes what is allowed");
        }
    }

    /// The process of a device ends; its shelf has its document.
    fn restarts(&mut self, number: usize) {
        let device = &mut self.devices[number];
        let (chunks, heads) = ([device.replica.snapshot()], device.replica.server_heads().to_vec());
        let (actor, author) = (device.actor.clone(), device.person.contributor);
        device.replica =
            Replica::load(self.id, actor, author, chunks, heads).expect("a snapshot can be read");
    }

    /// A contributor marks a record as only a référent·e may, and edits one after or before.
    fn oversteps(&mut self, number: usize) {
        let draw = self.chance.draw();
        let device = &mut self.devices[number];
        let edits = script::forbidden(draw, &device.person, device.replica.doc());
        if !edits.is_empty() {
            device.replica.edit(&edits, self.now).expect("the schema takes it");
        }
    }

    /// A contributor's device writes a secret on top of what was refused of it; where.
    fn confides(&mut self, number: usize) -> Option<Address> {
        let device = &mut self.devices[number];
        let known: Vec<RecordId> = read::structures(device.replica.doc()).into_keys().collect();
        let address = Address::new(self.chance.pick(&known)?, Place::Itself, "phone").expect("a field");
        self.secrets += 1;
        let value = Some(Value::Text(format!("{SECRET}{}", self.secrets)));
        let edit = Edit::Set { address: address.clone(), value };
        device.replica.edit(&[edit], self.now).expect("a contributor may");
        Some(address)
    }

    /// A field is erased as the server does it: with the feed and what waits.
    fn purges(&mut self, address: &Address) {
        self.kept.snapshots = vec![Chunk::new(self.territory.document().save())];
        let past = Past { kept: self.kept.clone(), feed: self.feed.clone(), statistics: statistics() };
        let forget = Forget { subjects: [Subject::field(address)].into(), before: None };
        let actor = ActorId::from(self.chance.uuid(7).as_bytes().as_slice());
        let wish = Wish { forget, person: None };
        let next = erase(past, &wish, self.now, &actor).expect("it can be rewritten").epoch;
        self.feed = next.feed;
        self.kept = Kept {
            epoch: next.number,
            snapshots: vec![next.document],
            bindings: next.bindings,
            quarantine: next.quarantine,
            feed_last: self.feed.last().map_or(0, |row| row.seq),
            ..Kept::default()
        };
        self.territory = opened(self.id, &self.kept, &mut self.chance);
    }

    /// How many changes wait for a decision.
    fn held(&self) -> usize {
        self.territory.quarantine(None).iter().filter(|held| held.state == State::Waiting).count()
    }

    /// Somebody writes a secret, perhaps without hearing that it was taken; others may have it; then it is erased.
    fn erases(&mut self) {
        let known: Vec<RecordId> = read::structures(self.devices[0].replica.doc()).into_keys().collect();
        if self.devices[0].epoch < self.territory.epoch() {
            return;
        }
        let Some(id) = self.chance.pick(&known).cloned() else { return };
        let key = *self.chance.pick(&["phone", "summary", "publics", "description"]).expect("some");
        let address = Address::new(&id, Place::Itself, key).expect("a field");
        self.secrets += 1;
        let secret = format!("{SECRET}{}", self.secrets);
        let edit = if key == "publics" {
            Edit::Include { address: address.clone(), member: secret }
        } else {
            Edit::Set { address: address.clone(), value: Some(Value::Text(secret)) }
        };
        let now = self.now;
        self.devices[0].replica.edit(&[edit], now).expect("a référent·e may");
        let deaf = self.chance.chance(40);
        self.speaks(0, deaf);
        let reader = self.chance.below(DEVICES);
        self.speaks(usize::try_from(reader).expect("few"), false);
        let whole = self.chance.chance(20);
        let subject = if whole { Subject::structure(&id) } else { Subject::field(&address) };
        let before = self.chance.chance(30).then_some(self.now);
        let forget = Forget { subjects: [subject].into(), before };
        let (epoch, actor) =
            (self.territory.epoch() + 1, ActorId::from(self.chance.uuid(5).as_bytes().as_slice()));
        let next = begin(self.territory.document(), &forget, &BTreeMap::new(), epoch, &actor, self.now);
        let next = next.expect("it can be rewritten");
        self.kept.epoch = epoch;
        self.kept.snapshots = vec![Chunk::new(next.document.save())];
        self.territory = opened(self.id, &self.kept, &mut self.chance);
        assert_eq!(self.territory.heads(), next.document.get_heads());
    }
}

fn opened(id: TerritoryId, kept: &Kept, chance: &mut Seed) -> Territory {
    let actor = ActorId::from(chance.uuid(6).as_bytes().as_slice());
    let (storage, kept) = (StorageId::from("server"), kept.clone());
    Territory::open(Opening { id, actor, storage, kept, statistics: statistics() }).expect("it can be opened")
}

/// Whether something erased stands in a document: in its bytes, or letter by letter in one of its texts.
fn holds(doc: &Automerge) -> bool {
    let within = |bytes: &[u8]| bytes.windows(SECRET.len()).any(|window| window == SECRET.as_bytes());
    within(&doc.save_nocompress()) || format!("{:?}", read::structures(doc)).contains(SECRET)
}

/// Goal: new epochs in the middle of a day lose nothing that may stay and bring back nothing that was erased; nobody is
/// refused, and everybody ends with one document. Method: random days of four devices.
#[test]
fn epochs_in_the_middle_of_a_day() {
    let (mut carried, mut left, mut epochs) = (0, 0, 0);
    for seed in seeds(0..150) {
        let mut world = World::new(seed);
        (0..4).for_each(|number| world.speaks(number, false));
        for _ in 0..STEPS {
            let number = usize::try_from(world.chance.below(DEVICES)).expect("few");
            match world.chance.below(20) {
                0..11 => world.edits(number),
                11..16 => {
                    let deaf = world.chance.chance(25);
                    world.speaks(number, deaf);
                }
                16..18 => world.restarts(number),
                _ => world.erases(),
            }
        }
        for _ in 0..2 {
            (0..4).for_each(|number| world.speaks(number, false));
        }
        assert_eq!(world.held(), 0, "seed {seed}: nothing is set aside");
        for device in &world.devices {
            assert_eq!(device.replica.waiting(), 0, "seed {seed}");
            assert_eq!(device.replica.heads(), world.territory.heads(), "seed {seed}");
            assert!(!holds(device.replica.doc()), "seed {seed}: something erased is back");
        }
        let doc = world.territory.document();
        assert_eq!(*world.territory.records(), read::structures(doc), "seed {seed}");
        (carried, left) = (carried + world.carried, left + world.left);
        epochs += world.territory.epoch();
    }
    println!("{epochs} epochs; {carried} edits came along, {left} places were no more");
    assert!(epochs > 100 && carried > 100 && left > 0);
}

/// Goal: what waits for a decision when a new epoch begins waits once, and nothing that was erased comes back on top of
/// it, though its author's device has both. Method: days on which a contributor oversteps and goes on.
#[test]
fn what_waits_waits_once() {
    const WHO: usize = 2;
    let (mut waited, mut epochs) = (0, 0);
    for seed in seeds(0..80) {
        let mut world = World::new(seed);
        (0..4).for_each(|number| world.speaks(number, false));
        (0..4).for_each(|number| world.edits(number));
        (0..4).for_each(|number| world.speaks(number, false));
        for _ in 0..4 {
            world.edits(1);
            world.speaks(1, false);
            world.edits(WHO);
            world.oversteps(WHO);
            world.edits(WHO);
            let secret = world.confides(WHO);
            let deaf = world.chance.chance(25);
            world.speaks(WHO, deaf);
            let before = world.held();
            if let Some(address) = secret {
                world.purges(&address);
            }
            let erased = world.held();
            assert!(erased <= before, "seed {seed}");
            if world.chance.chance(50) {
                world.edits(WHO);
            }
            world.speaks(WHO, false);
            assert_eq!(world.held(), erased, "seed {seed}: what waited waits twice");
            assert!(!holds(world.territory.document()), "seed {seed}: something erased is back");
            waited += erased;
        }
        (0..4).for_each(|number| world.speaks(number, false));
        for device in &world.devices {
            assert!(!holds(device.replica.doc()), "seed {seed}: something erased is on a device");
        }
        epochs += world.territory.epoch();
    }
    println!("{epochs} epochs, {waited} changes waited");
    assert!(epochs > 100 && waited > 100);
}
