//! What one edit costs a territory: merge, records, indicators, feed and the frame for everybody else, without disk and
//! sockets. Prints a table and writes `target/bench/territory.json`.
//!
//! An edit arrives as its own sync message from one of 100 steady peers, as it does on a collection day. Figures are
//! medians of three runs on whatever machine this is; compare them with each other, not with another machine's.

use std::collections::BTreeMap;

use automerge::{ActorId, Automerge, ReadDoc};
use portrea_protocol::ids::{ContributorId, DeviceId, PeerId, RecordId, StorageId, TerritoryId};
use portrea_protocol::people::{Person, Role};
use portrea_protocol::schema::path::{Address, Place};
use portrea_protocol::schema::record::Value;
use portrea_protocol::schema::write::{Edit, perform};
use portrea_protocol::schema::{document, read};
use portrea_protocol::time::UnixMillis;
use portrea_protocol::wire::sync;
use portrea_territory::chunk::{Chunk, Kept};
use portrea_territory::io::{Input, Opening};
use portrea_territory::territory::Territory;
use portrea_tests::seed::Seed;
use portrea_tests::world::statistics;

const PEERS: usize = 100;
const EDITS: usize = 2_000;
const NOW: UnixMillis = UnixMillis(1_778_576_400_000);

fn main() {
    let mut json = Vec::new();
    println!("structures  history  µs of processor an edit (median of 3)");
    for (structures, history) in [(1_000, 0), (1_000, 100_000), (20_000, 0)] {
        let mut chance = Seed::new(1);
        let mut client = directory(structures, &mut chance);
        let ids: Vec<RecordId> = read::structures(&client).into_keys().collect();
        for edit in 0..history {
            change(&mut client, &ids, edit, &mut chance);
        }
        let saved = client.save();
        let mut runs: Vec<f64> = (0..3).map(|_| measure(&saved, &ids, &mut chance)).collect();
        runs.sort_by(f64::total_cmp);
        let median = runs.get(1).copied().unwrap_or_default();
        println!("{structures:>10}  {history:>7}  {median:.1}");
        json.push(
            serde_json::json!({ "structures": structures, "history": history, "microsAnEdit": median }),
        );
    }
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/bench");
    std::fs::create_dir_all(folder).expect("target/bench can be made");
    let text = serde_json::to_string_pretty(&json).expect("figures have a JSON form");
    std::fs::write(format!("{folder}/territory.json"), text).expect("target/bench can be written");
}

/// Microseconds an edit, in a territory opened from this document.
fn measure(saved: &[u8], ids: &[RecordId], chance: &mut Seed) -> f64 {
    let actor = ActorId::from(chance.uuid(0).as_bytes().as_slice());
    let mut client = document::load(saved, actor).expect("what was saved can be loaded");
    let opening = Opening {
        id: TerritoryId(chance.uuid(0)),
        actor: ActorId::from(chance.uuid(0).as_bytes().as_slice()),
        storage: StorageId::from("server"),
        kept: Kept { snapshots: vec![Chunk::new(saved)], ..Kept::default() },
        statistics: statistics(),
    };
    let mut territory = Territory::open(opening).expect("the document can be opened");
    let heads = territory.heads().to_vec();
    let peers: Vec<PeerId> = (0..PEERS).map(|number| PeerId::from(format!("device-{number}"))).collect();
    // All of them one person's: the changes are one actor's.
    let contributor = ContributorId(chance.uuid(0));
    for peer in &peers {
        let person = Person {
            contributor,
            name: "Amina".to_owned(),
            role: Role::Contributor,
            device: DeviceId(chance.uuid(0)),
        };
        let data = sync::steady(&heads, Vec::new(), false);
        let connected = Input::Connected { peer: peer.clone(), person, storage: None };
        territory.handle(NOW, [connected, Input::Message { peer: peer.clone(), data }]);
    }
    let messages: Vec<Input> = (0..EDITS)
        .zip(peers.iter().cycle())
        .map(|(edit, peer)| {
            let bytes = change(&mut client, ids, edit, chance);
            Input::Message { peer: peer.clone(), data: sync::steady(&client.get_heads(), vec![bytes], false) }
        })
        .collect();
    let begun = cpu_nanos();
    let mut sent = 0;
    for message in messages {
        let outcome = territory.handle(NOW, [message]);
        sent += outcome.send.iter().map(|(peers, _)| peers.len()).sum::<usize>();
    }
    let nanos = cpu_nanos() - begun;
    assert_eq!(sent, EDITS * PEERS, "each edit costs each peer one frame");
    assert_eq!(territory.heads(), client.get_heads(), "every edit was merged");
    nanos / 1e3 / f64::from(u32::try_from(EDITS).expect("a small number"))
}

/// Processor time of this thread, in nanoseconds: other programs on the machine do not count (Linux only).
fn cpu_nanos() -> f64 {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat")
        .expect("Linux tells the time on the processor");
    let nanos = told.split_whitespace().next().and_then(|nanos| nanos.parse().ok());
    nanos.expect("the first figure is the time on the processor")
}

/// A directory of structures with some twenty fields each.
fn directory(structures: usize, chance: &mut Seed) -> Automerge {
    let actor = ActorId::from(chance.uuid(0).as_bytes().as_slice());
    let mut doc =
        document::create(actor, "Pays d’essai", "200038990", NOW).expect("the roots can be written");
    let texts: BTreeMap<&str, &str> = BTreeMap::from([
        ("kind", "Médiathèque"),
        ("address", "4 rue de la Mairie"),
        ("postcode", "35360"),
        ("commune_name", "Montauban-de-Bretagne"),
        ("phone", "02 61 91 00 00"),
        ("website", "https://example.org/mediatheque"),
        ("opening_hours", "Mo-Fr 09:00-12:00,14:00-17:00"),
        ("summary", "Un lieu ouvert à tous, avec des ordinateurs."),
    ]);
    let all: Vec<RecordId> = (0..structures).map(|_| chance.record(NOW.0.unsigned_abs())).collect();
    for group in all.chunks(250) {
        let mut edits = Vec::new();
        for id in group {
            edits
                .push(Edit::AddStructure { id: id.clone(), name: format!("Lieu {}", chance.below(100_000)) });
            let own = |key| Address::new(id, Place::Itself, key).expect("the field is in the table");
            for (key, text) in &texts {
                edits.push(Edit::Set { address: own(key), value: Some((*text).into()) });
            }
            edits.push(Edit::Set { address: own("commune"), value: Some("35184".into()) });
            edits.push(Edit::Include { address: own("publics"), member: "Seniors".to_owned() });
            let service = chance.record(NOW.0.unsigned_abs());
            let (structure, family) = (id.clone(), "assist".to_owned());
            edits.push(Edit::AddService { structure, id: service.clone(), family });
            let hours = Address::new(id, Place::Service(service), "weekly_eadmin_hours")
                .expect("a service has hours");
            edits.push(Edit::Set { address: hours, value: Some(Value::Number(6.0)) });
        }
        perform(&mut doc, &edits, NOW).expect("the edits are allowed");
    }
    let actor = ActorId::from(chance.uuid(0).as_bytes().as_slice());
    document::load(&doc.save(), actor).expect("what was saved can be loaded")
}

/// One field of one structure, as a change; seven in eight are a phone number, one in eight the hours of help.
fn change(doc: &mut Automerge, ids: &[RecordId], edit: usize, chance: &mut Seed) -> Vec<u8> {
    let id = chance.pick(ids).expect("there are structures").clone();
    let (address, value) = if edit.is_multiple_of(8) {
        let service = read::structure(doc, &id).and_then(|found| found.services.into_keys().next());
        let address =
            Address::new(&id, Place::Service(service.expect("there is a service")), "weekly_eadmin_hours");
        (address, Value::Number(f64::from(u32::try_from(edit % 40).unwrap_or(0))))
    } else {
        (Address::new(&id, Place::Itself, "phone"), Value::Text(format!("02 61 91 {edit:06}")))
    };
    let address = address.expect("the field is in the table");
    let hash = perform(doc, &[Edit::Set { address, value: Some(value) }], NOW).expect("the edit is allowed");
    let Some(hash) = hash else { return change(doc, ids, edit + 1, chance) };
    doc.get_change_by_hash(&hash).expect("the change stands").raw_bytes().to_vec()
}
