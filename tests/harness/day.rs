//! A collection day: who joins when, what they write, what goes wrong, and what must hold in the evening.

use std::collections::{BTreeMap, BTreeSet};

use automerge::ReadDoc;
use portrea_indicators::oracle::recompute;
use portrea_protocol::ids::RecordId;
use portrea_protocol::schema::path::{Address, Place};
use portrea_protocol::schema::read;
use portrea_protocol::schema::record::Value;
use portrea_protocol::schema::write::Edit;
use portrea_protocol::time::UnixMillis;
use portrea_protocol::wire::feed::FeedEvent;
use portrea_server::store::Store;
use portrea_territory::projection;

use crate::seed::Seed;
use crate::world::{Device, Trouble, World};

/// Sixty devices; the day of the issue.
pub const DEVICES: usize = 60;
/// Places that are in the directory before the day begins.
const KNOWN_PLACES: u64 = 10;
const HOUR: u64 = 3_600_000;

/// Plays the day of a seed and checks the evening; panics with what does not hold.
pub fn play(seed: u64, devices: usize, edits_each: u64) -> Evening {
    let mut world = World::new(seed, devices, edits);
    // Everybody in the room by the QR code, nothing wrong yet.
    for device in 0..devices {
        world.connects(device, 600_000);
    }
    world.run_until_quiet(1_000_000);
    // The référente writes down the places that everybody knows.
    for _ in 0..KNOWN_PLACES {
        world.acts(0, 60_000);
    }
    world.run_until_quiet(1_000_000);
    // The day, with all its trouble.
    world.trouble = Trouble::BAD;
    for device in 0..devices {
        for _ in 0..edits_each {
            world.acts(device, 6 * HOUR);
        }
        if world.seed.chance(30) {
            world.is_cut(device, 6 * HOUR);
        }
        if world.seed.chance(20) {
            world.restarts(device, 6 * HOUR);
        }
    }
    // One in five works in a hamlet without network until the evening.
    let away: Vec<usize> = (0..devices).filter(|_| world.seed.chance(20)).collect();
    for device in &away {
        world.goes_offline(*device);
    }
    for _ in 0..world.seed.below(4) {
        world.server_crashes(6 * HOUR);
    }
    world.run_until_quiet(3_000_000);
    // The evening: the network is good again and everybody comes back once.
    world.trouble = Trouble::NONE;
    for device in 0..devices {
        world.goes_offline(device);
        world.connects(device, 60_000);
    }
    world.run_until_quiet(3_000_000);
    check(&world)
}

/// Figures of a day, to show that it was one.
#[derive(Debug, Default)]
pub struct Evening {
    /// Structures in the directory.
    pub structures: usize,
    /// Changes made on devices.
    pub changes: usize,
    /// Events in the feed.
    pub events: u64,
    /// Fields with several answers.
    pub conflicts: usize,
    /// Crashes of the server.
    pub crashes: usize,
}

/// What somebody does next, given what they see: mostly the same few places, so that edits meet.
fn edits(chance: &mut Seed, number: usize, device: &Device, now: UnixMillis) -> Vec<Edit> {
    if !device.person.role.writes() {
        return Vec::new();
    }
    let doc = device.replica.doc();
    let Ok(Some((_, structures))) = doc.get(automerge::ROOT, "structures") else { return Vec::new() };
    let known: Vec<RecordId> = doc.keys(&structures).take(12).map(RecordId::from).collect();
    let millis = now.0.unsigned_abs();
    let new = known.len() < 6 || chance.chance(20);
    let Some(id) = chance.pick(&known).filter(|_| !new).cloned() else {
        let id = chance.record(millis);
        let communes = ["35184", "35297", "35238", "29019"];
        let commune = chance.pick(&communes).copied().unwrap_or_default();
        let address = Address::new(&id, Place::Itself, "commune").expect("a structure has a commune");
        return vec![
            Edit::AddStructure { id: id.clone(), name: format!("Lieu {number} {}", chance.below(1_000)) },
            Edit::Set { address, value: Some(commune.into()) },
        ];
    };
    let own = |key| Address::new(&id, Place::Itself, key).expect("the script names fields of the table");
    let by = device.person.name.clone();
    match chance.below(9) {
        0 => vec![Edit::Set {
            address: own("phone"),
            value: Some(Value::Text(format!("02 61 91 00 {number:02}"))),
        }],
        1 => vec![Edit::Set { address: own("name"), value: Some(Value::Text(format!("Lieu de {number}"))) }],
        2 => vec![Edit::Include { address: own("publics"), member: format!("public {}", chance.below(5)) }],
        3 => vec![Edit::Exclude { address: own("publics"), member: format!("public {}", chance.below(5)) }],
        4 => vec![Edit::Set {
            address: own("description"),
            value: Some(Value::Text(format!("Le {number}e récit, en {} mots.", chance.below(100)))),
        }],
        5 => vec![Edit::Confirm { structure: id, by, how: "visit".into() }],
        6 if number == 0 => vec![Edit::Archive { structure: id, by, why: "fermé".into() }],
        6 | 7 => {
            let family = ["inform", "equip", "assist", "train", "repair"];
            let family = chance.pick(&family).copied().unwrap_or("assist").to_owned();
            vec![Edit::AddService { structure: id, id: chance.record(millis), family }]
        }
        _ => {
            let structure = read::structure(doc, &id).unwrap_or_default();
            let services: Vec<RecordId> = structure.services.into_keys().collect();
            let Some(service) = chance.pick(&services).cloned() else { return Vec::new() };
            let address = Address::new(&id, Place::Service(service), "weekly_eadmin_hours");
            let address = address.expect("a service has hours");
            #[expect(clippy::cast_precision_loss, reason = "at most 40")]
            let hours = chance.below(40) as f64 / 2.0;
            vec![Edit::Set { address, value: Some(Value::Number(hours)) }]
        }
    }
}

/// What must hold in the evening, whatever happened.
fn check(world: &World) -> Evening {
    let territory = world.server.open.as_ref().expect("the server is up in the evening");
    let whole = read::structures(territory.document());
    assert_eq!(*territory.records(), whole, "records kept up by edits differ from a full reading");
    let resources: BTreeMap<_, _> =
        whole.iter().map(|(id, structure)| (id.clone(), projection::of(structure))).collect();
    let oracle = recompute(territory.engine().statistics(), &resources);
    assert_eq!(territory.engine().portrait(), oracle, "incremental indicators differ from the oracle's");
    let mut changes = 0;
    for device in &world.devices {
        let (who, replica) = (&device.person.name, &device.replica);
        assert_eq!(replica.heads(), territory.heads(), "{who} does not have what the server has");
        assert_eq!(replica.waiting(), 0, "{who} still waits for an acknowledgement");
        assert_eq!(device.acknowledged(), territory.heads(), "{who} was told other heads");
        let missing = territory.document().get_missing_deps(&device.made);
        assert!(missing.is_empty(), "changes of {who} are lost: {missing:?}");
        changes += device.made.len();
    }
    let rows = world.server.store.feed(world.server.territory, 0, usize::MAX).expect("the feed can be read");
    for (row, expected) in rows.iter().zip(1_u64..) {
        assert_eq!(row.seq, expected, "the feed has a gap or a double");
    }
    let events: Vec<FeedEvent> =
        rows.iter().map(|row| serde_json::from_str(&row.json).expect("a row is an event")).collect();
    let created: Vec<_> = events
        .iter()
        .filter(|event| event.event == portrea_protocol::wire::feed::Event::Created)
        .filter_map(|event| event.subject.as_ref().map(|subject| subject.structure.clone()))
        .collect();
    let once: BTreeSet<_> = created.iter().cloned().collect();
    assert_eq!(once.len(), created.len(), "a structure was announced twice");
    assert_eq!(once, whole.keys().cloned().collect(), "the feed does not announce each structure");
    Evening {
        structures: whole.len(),
        changes,
        events: rows.len() as u64,
        conflicts: whole.values().map(|structure| structure.conflicts().count()).sum(),
        crashes: world.server.crashes,
    }
}
