//! Goal: a device keeps first, sends afterwards, and tells honestly what is safe. Method: a small server on a port of
//! the loopback that is nothing but automerge's sync state, and shelves of memory that outlive the device.

use std::collections::BTreeMap;
use std::time::Duration;

use portrea_protocol::ids::RecordId;
use portrea_protocol::schema::read;
use portrea_protocol::wire::refusal::Refusal;
use tokio::net::TcpListener;
use uuid::Uuid;

use self::server::{Mood, Server};
use super::*;
use crate::shelf::identity::tests::identity;
use crate::shelf::memory::MemoryShelf;
use automerge::ActorId;

mod moving;
pub(crate) mod server;

const SOON: Duration = Duration::from_secs(20);

fn device(server: &str, number: u8, shelf: &MemoryShelf) -> Device {
    let identity = Identity {
        actor: ActorId::from([number; 16]),
        peer: format!("peer-{number}").as_str().into(),
        ..identity(server)
    };
    Device::new(identity, Box::new(shelf.clone())).unwrap()
}

fn add(number: u128) -> Vec<Edit> {
    vec![Edit::AddStructure { id: RecordId::from(Uuid::from_u128(number)), name: format!("Lieu {number}") }]
}

async fn until(status: &mut watch::Receiver<Status>, state: State) -> Status {
    tokio::time::timeout(SOON, status.wait_for(|status| status.state == state))
        .await
        .unwrap()
        .unwrap()
        .clone()
}

#[tokio::test]
async fn an_edit_is_kept_offline_and_safe_after_one_synchronisation() {
    let server = Server::start().await;
    let shelf = MemoryShelf::default();
    let mut device = device(&server.address, 1, &shelf);
    assert!(matches!(device.edit(&add(1)), Err(DeviceError::Replica(ReplicaError::NoDocument))));
    assert_eq!(device.status().state, State::Offline);
    assert_eq!(device.sync_once(SOON).await.unwrap().state, State::Safe);
    assert!(device.edit(&add(1)).unwrap());
    assert_eq!((device.status().state, device.status().waiting), (State::Waiting, 1));
    drop(device);
    let mut device = self::device(&server.address, 1, &shelf);
    assert_eq!((device.status().state, device.status().waiting), (State::Waiting, 1));
    let status = device.sync_once(SOON).await.unwrap();
    assert_eq!((status.state, status.waiting), (State::Safe, 0));
    assert_eq!(server.names(), ["Lieu 1"]);
    // Whoever comes back finds what happened meanwhile, although nothing of theirs waits.
    let mut other = self::device(&server.address, 2, &MemoryShelf::default());
    other.sync_once(SOON).await.unwrap();
    other.edit(&add(2)).unwrap();
    other.sync_once(SOON).await.unwrap();
    device.sync_once(SOON).await.unwrap();
    assert_eq!(read::structures(device.replica().doc()).len(), 2);
    drop(device);
    let device = self::device(&server.address, 1, &shelf);
    assert_eq!(device.status().state, State::Safe);
}

#[tokio::test]
async fn an_unreachable_server_is_a_status_at_once() {
    let shelf = MemoryShelf::default();
    let address = {
        let server = Server::start().await;
        device(&server.address, 1, &shelf).sync_once(SOON).await.unwrap();
        // Nobody listens where a port was just given back.
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    };
    let mut device = device(&address, 1, &shelf);
    assert_eq!(device.sync_once(SOON).await.unwrap().state, State::Offline);
    device.edit(&add(1)).unwrap();
    assert_eq!(device.sync_once(SOON).await.unwrap().state, State::Waiting);
}

#[tokio::test]
async fn a_server_that_acknowledges_nothing_makes_nothing_safe() {
    let server = Server::start().await;
    let shelf = MemoryShelf::default();
    let mut device = device(&server.address, 1, &shelf);
    device.sync_once(SOON).await.unwrap();
    server.is(Mood::Forgetful);
    device.edit(&add(1)).unwrap();
    let status = device.sync_once(Duration::from_millis(50)).await.unwrap();
    assert_eq!((status.state, status.waiting), (State::Waiting, 1));
}

#[tokio::test]
async fn each_refusal_is_told_and_nothing_is_lost() {
    for (refusal, state) in [
        (Refusal::SignedOut, State::SignedOut),
        (Refusal::MalformedChange, State::Refused),
        (Refusal::SequenceReused, State::Refused),
        (Refusal::Stopping, State::Waiting),
    ] {
        let server = Server::start().await;
        let shelf = MemoryShelf::default();
        let mut device = device(&server.address, 1, &shelf);
        device.sync_once(SOON).await.unwrap();
        device.edit(&add(1)).unwrap();
        server.is(Mood::Refusing(refusal));
        let status = device.sync_once(SOON).await.unwrap();
        assert_eq!((status.state, status.waiting), (state, 1), "{refusal:?}");
        drop(device);
        // The next run still knows, until the server takes it after all.
        let mut device = self::device(&server.address, 1, &shelf);
        assert_eq!(device.status().state, state);
        server.is(Mood::Kind);
        assert_eq!(device.sync_once(SOON).await.unwrap().state, State::Safe, "{refusal:?}");
        assert_eq!(server.names(), ["Lieu 1"]);
    }
}

#[tokio::test]
async fn a_full_disk_refuses_the_edit_and_sends_nothing_of_it() {
    let server = Server::start().await;
    let shelf = MemoryShelf::default();
    let mut device = device(&server.address, 1, &shelf);
    device.sync_once(SOON).await.unwrap();
    shelf.room_for(Some(0));
    assert!(matches!(device.edit(&add(1)), Err(DeviceError::Shelf(ShelfError::Full { .. }))));
    assert_eq!((device.status().waiting, read::structures(device.replica().doc()).len()), (0, 0));
    shelf.room_for(None);
    device.edit(&add(2)).unwrap();
    device.sync_once(SOON).await.unwrap();
    assert_eq!(server.names(), ["Lieu 2"]);
    // What comes from the server must find room as well.
    let mut other = self::device(&server.address, 2, &MemoryShelf::default());
    other.sync_once(SOON).await.unwrap();
    other.edit(&add(3)).unwrap();
    other.sync_once(SOON).await.unwrap();
    shelf.room_for(Some(0));
    assert!(device.sync_once(SOON).await.is_err());
    shelf.room_for(None);
    device.sync_once(SOON).await.unwrap();
    assert_eq!(read::structures(device.replica().doc()).len(), 2);
}

#[tokio::test]
async fn a_reader_does_not_edit() {
    let identity = Identity { role: Role::Reader, ..identity("http://127.0.0.1:1") };
    let mut device = Device::new(identity, Box::new(MemoryShelf::default())).unwrap();
    assert!(matches!(device.edit(&add(1)), Err(DeviceError::Reader)));
}

#[tokio::test]
async fn many_loose_changes_become_one_document() {
    let server = Server::start().await;
    let mut shelf = MemoryShelf::default();
    let mut device = device(&server.address, 1, &shelf);
    device.sync_once(SOON).await.unwrap();
    for number in 0..250 {
        device.edit(&add(number)).unwrap();
    }
    assert!(shelf.loose() < COMPACT_AFTER && shelf.read().unwrap().snapshot.is_some());
    drop(device);
    let mut device = self::device(&server.address, 1, &shelf);
    assert_eq!(device.status().waiting, 250);
    assert_eq!(device.sync_once(SOON).await.unwrap().state, State::Safe);
    assert_eq!(server.names().len(), 250);
}

#[tokio::test]
async fn a_serving_device_sends_hears_and_comes_back() {
    let server = Server::start().await;
    let shelves: BTreeMap<u8, MemoryShelf> = (1..=2).map(|number| (number, MemoryShelf::default())).collect();
    let mut handles = Vec::new();
    let mut work = Vec::new();
    for (number, shelf) in &shelves {
        let (handle, serving) = device(&server.address, *number, shelf).serve();
        work.push(tokio::spawn(serving));
        until(&mut handle.status(), State::Safe).await;
        handles.push(handle);
    }
    handles[0].edit(add(1)).await.unwrap();
    until(&mut handles[0].status(), State::Safe).await;
    handles[1].set_offline(true).await.unwrap();
    handles[1].edit(add(2)).await.unwrap();
    until(&mut handles[1].status(), State::Waiting).await;
    server.drops_everybody();
    handles[1].set_offline(false).await.unwrap();
    let safe = until(&mut handles[1].status(), State::Safe).await;
    assert_eq!(safe.waiting, 0);
    handles[0].edit(add(3)).await.unwrap();
    until(&mut handles[0].status(), State::Safe).await;
    assert_eq!(server.names().len(), 3);
    drop(handles);
    for serving in work {
        let device = serving.await.unwrap();
        assert_eq!(device.status().waiting, 0);
    }
}
