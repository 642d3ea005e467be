//! Goal: a device follows its territory to another document, and at every moment every edit of its own is on one of both.
//! Method: the small server begins an epoch; the shelf fills up, or the disk is opened again, after each step.

use portrea_protocol::epoch::{Forget, Subject};
use portrea_protocol::schema::path::Address;
use portrea_protocol::schema::record::Value;

use super::*;

fn id(number: u128) -> RecordId {
    RecordId::from(Uuid::from_u128(number))
}

fn set(number: u128, path: &str, value: &str) -> Edit {
    let address = Address::parse(&id(number), path).unwrap();
    Edit::Set { address, value: Some(Value::Text(value.to_owned())) }
}

fn forgetting(number: u128, path: &str) -> Forget {
    Forget { subjects: [Subject::parse(&id(number), path).unwrap()].into(), before: None }
}

fn holds(bytes: &[u8], word: &str) -> bool {
    bytes.windows(word.len()).any(|window| window == word.as_bytes())
}

/// A server with two structures, and a device that has them with three edits of its own, one of them in what will be
/// forgotten.
async fn behind(shelf: &MemoryShelf) -> (Server, Device) {
    let server = Server::start().await;
    let mut device = device(&server.address, 1, shelf);
    device.sync_once(SOON).await.unwrap();
    device.edit(&[add(1), add(2)].concat()).unwrap();
    device
        .edit(&[set(1, "phone", "SECRET"), set(2, "phone", "02 99"), set(1, "notes", "une SECRET")])
        .unwrap();
    assert_eq!(device.sync_once(SOON).await.unwrap().state, State::Safe);
    device.edit(&[set(2, "summary", "en bref")]).unwrap();
    device.edit(&[set(1, "notes", "une SECRET de plus")]).unwrap();
    device.edit(&add(3)).unwrap();
    (server, device)
}

fn forget() -> Forget {
    let subjects = [forgetting(1, "phone"), forgetting(1, "notes")].into_iter().flat_map(|it| it.subjects);
    Forget { subjects: subjects.collect(), before: None }
}

fn arrived(server: &Server, device: &Device) {
    let (ours, theirs) = (read::structures(device.replica().doc()), read::structures(&server.document()));
    assert_eq!(ours, theirs);
    assert_eq!(ours.len(), 3);
    assert_eq!(ours[&id(2)].fields["summary"].value, Value::Text("en bref".into()));
    for doc in [device.replica().doc(), &server.document()] {
        assert!(!holds(&doc.save_nocompress(), "SECRET"));
    }
}

#[tokio::test]
async fn a_device_follows_to_another_document() {
    let shelf = MemoryShelf::default();
    let (server, mut device) = behind(&shelf).await;
    server.moves(&forget());
    let status = device.sync_once(SOON).await.unwrap();
    assert_eq!((status.state, status.waiting), (State::Safe, 0));
    arrived(&server, &device);
    let crossed = device.crossed().unwrap().clone();
    assert_eq!((crossed.epoch, crossed.carried, crossed.left.len(), device.has_moved()), (1, 2, 1, true));
    assert_eq!(
        (crossed.left[0].path.clone(), crossed.left[0].said.as_str()),
        (format!("{}/notes", id(1)), " de plus")
    );
    drop(device);
    // It stays there, goes on writing there, and is led on once more.
    let mut device = self::device(&server.address, 1, &shelf);
    assert_eq!((device.crossed(), device.has_moved()), (Some(&crossed), false));
    assert_ne!(device.identity().document, identity("").document);
    device.edit(&[set(3, "phone", "02 98")]).unwrap();
    assert_eq!(device.sync_once(SOON).await.unwrap().state, State::Safe);
    server.moves(&forgetting(3, "phone"));
    assert_eq!(device.sync_once(SOON).await.unwrap().state, State::Safe);
    arrived(&server, &device);
    assert_eq!(device.crossed().map(|crossed| (crossed.epoch, crossed.left.len())), Some((2, 1)));
}

#[tokio::test]
async fn a_device_that_serves_follows_while_it_serves() {
    let (server, device) = behind(&MemoryShelf::default()).await;
    let (handle, serving) = device.serve();
    let work = tokio::spawn(serving);
    until(&mut handle.status(), State::Safe).await;
    server.moves(&forget());
    handle.edit(vec![set(3, "summary", "après")]).await.unwrap();
    let mut status = handle.status();
    tokio::time::timeout(SOON, async {
        while !holds(&server.document().save_nocompress(), "après") {
            status.changed().await.unwrap();
        }
    })
    .await
    .unwrap();
    drop(handle);
    arrived(&server, &work.await.unwrap());
}

#[tokio::test]
async fn whoever_is_new_comes_to_the_document_that_stands() {
    let (server, mut device) = behind(&MemoryShelf::default()).await;
    device.sync_once(SOON).await.unwrap();
    server.moves(&forget());
    let mut other = self::device(&server.address, 2, &MemoryShelf::default());
    assert_eq!(other.sync_once(SOON).await.unwrap().state, State::Safe);
    arrived(&server, &other);
    assert!(!other.has_moved(), "there was nothing to move");
    other.edit(&add(4)).unwrap();
    assert_eq!(other.sync_once(SOON).await.unwrap().state, State::Safe);
}

#[tokio::test]
async fn a_full_disk_leaves_the_device_where_it_was() {
    for room in 0..4 {
        let shelf = MemoryShelf::default();
        let (server, mut device) = behind(&shelf).await;
        server.moves(&forget());
        shelf.room_for(Some(room));
        let moved = device.sync_once(SOON).await;
        drop(device);
        shelf.room_for(None);
        let mut device = self::device(&server.address, 1, &shelf);
        let (waiting, crossed) = (device.status().waiting, device.crossed().is_some());
        assert!(crossed || (waiting == 3 && moved.is_err()), "{room}: {waiting}");
        assert_eq!(device.sync_once(SOON).await.unwrap().state, State::Safe, "{room}");
        arrived(&server, &device);
    }
}

#[tokio::test]
async fn a_document_of_elsewhere_is_not_followed() {
    let shelf = MemoryShelf::default();
    let (_server, mut device) = behind(&shelf).await;
    let odd = portrea_protocol::ids::DocumentId(Uuid::from_u128(99)).to_string();
    let own = identity("").document;
    for told in [None, Some("odd"), Some(odd.as_str()), Some(own.as_str())] {
        device.follow(told).await;
        assert!(device.moving.is_none(), "{told:?}");
    }
}
