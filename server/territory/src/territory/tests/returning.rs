//! Peers that lack something and are brought up to date: those that come back, that missed a message, that were behind.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]
#![allow(clippy::needless_raw_string_hashes, reason = "expect-test writes them")]

use automerge::sync::{Have, Message};
use expect_test::expect;
use portrea_protocol::people::Role;
use portrea_protocol::wire::sync::{peek, steady};

use super::peers::{all, settled};
use crate::io::{Input, Reply};
use crate::tests::{Client, Hub, deliver, furnished, person, set, shown, structure};

/// Goal: a client that comes back gets what it lacks and nothing else. It has the document but not the last edit.
#[test]
fn a_returning_client_gets_what_it_lacks() {
    let mut hub = Hub::furnished();
    let mut amina = Client::with(2, &furnished());
    for number in 0..6_u8 {
        hub.command(person(9, Role::Referent), vec![structure(20 + number)]);
    }
    let mut bruno = Client::with(3, hub.territory.document());
    hub.command(person(9, Role::Referent), vec![set("phone", "1")]);
    for client in [&mut amina, &mut bruno] {
        let outcomes = hub.joins(client);
        assert_eq!(client.doc.get_heads(), hub.territory.heads());
        assert!(outcomes.iter().all(|outcome| outcome.persist.is_empty()));
    }
    let outcome = hub.command(person(9, Role::Referent), vec![set("phone", "2")]);
    expect![[r#"
        keep 1 chunk, 1 event
        peer-2, peer-3: changes 1
        answer 1: written
    "#]]
    .assert_eq(&shown(&outcome));
}

/// Goal: a client that missed a message begins afresh, and is sent what it lacks as from the heads that it tells: no filter
/// over the history, no whole document. Then it has written meanwhile, and automerge answers: all end with the same heads.
#[test]
fn a_client_that_begins_afresh_gets_what_it_lacks() {
    let mut hub = Hub::furnished();
    let mut amina = settled(&mut hub, 2, Role::Contributor);
    let mut bruno = settled(&mut hub, 3, Role::Contributor);
    for own in [false, true] {
        bruno.edits(&[set("phone", "missed")]);
        hub.exchange(&mut [&mut bruno]);
        bruno.edits(&[set("phone", if own { "1" } else { "2" })]);
        let outcome = hub.handle([bruno.speak().unwrap()]);
        deliver(&outcome, &mut [&mut amina, &mut bruno]);
        if own {
            amina.edits(&[set("notes", "Fermé")]);
        }
        let Some(Input::Message { peer, data }) = amina.speak() else { panic!("nothing was said") };
        assert!(peek(&data).unwrap().reset);
        let outcome = hub.handle([Input::Message { peer, data }]);
        if !own {
            expect![[r#"
                peer-2: changes 2
            "#]]
            .assert_eq(&shown(&outcome));
            let (_, Reply::Sync(reply)) = &outcome.send[0] else { panic!("{outcome:?}") };
            let have = &Message::decode(reply).unwrap().have;
            assert_eq!(have[0], Have { last_sync: hub.territory.heads().to_vec(), ..Have::default() });
        }
        deliver(&outcome, &mut [&mut amina]);
        hub.exchange(&mut [&mut amina, &mut bruno]);
        for client in [&amina, &bruno] {
            assert_eq!(client.doc.get_heads(), hub.territory.heads());
        }
    }
}

/// Goal: a client that comes back to a territory that remembers no recent changes, opened anew, gets what it lacks change
/// by change; if that is much of the document, the document, where the client takes such. One lacks 7 of 12 changes, one
/// 1, and one from before there were flags 10.
#[test]
fn a_client_that_was_away_for_long_gets_what_it_lacks() {
    let mut hub = Hub::furnished();
    let mut old = Client { old: true, ..Client::with(2, hub.territory.document()) };
    let mut amina = Client::with(3, hub.territory.document());
    for number in 0..9 {
        if number == 3 {
            amina = Client::with(3, hub.territory.document());
        }
        if number == 8 {
            hub.reopens(241);
        }
        hub.command(person(9, Role::Referent), vec![set("phone", &number.to_string())]);
    }
    let mut bruno = Client::with(4, hub.territory.document());
    hub.command(person(9, Role::Referent), vec![set("phone", "9")]);
    hub.reopens(242);
    let outcomes = [&mut old, &mut amina, &mut bruno].map(|client| all(&hub.joins(client)));
    expect![[r#"
        peer-2: changes 10
        --
        --
        peer-3: whole 1
        --
        --
        peer-4: changes 1
        --
        --
    "#]]
    .assert_eq(&outcomes.concat());
    for client in [&old, &amina, &bruno] {
        assert_eq!(client.doc.get_heads(), hub.territory.heads());
    }
    let outcome = hub.command(person(9, Role::Referent), vec![set("phone", "10")]);
    expect![[r#"
        keep 1 chunk, 1 event, 1 binding
        peer-2, peer-3, peer-4: changes 1
        answer 1: written
    "#]]
    .assert_eq(&shown(&outcome));
}

/// Goal: a peer that is behind is sent nothing, whatever it says, until its queue drained; then what it lacks, once.
#[test]
fn a_peer_that_is_behind_is_brought_up_later() {
    let mut hub = Hub::furnished();
    let mut amina = settled(&mut hub, 2, Role::Contributor);
    let mut bruno = settled(&mut hub, 3, Role::Contributor);
    hub.territory.falls_behind(&amina.peer);
    for number in 0..3 {
        bruno.edits(&[set("phone", &number.to_string())]);
        let outcomes = hub.exchange(&mut [&mut bruno]);
        assert!(!all(&outcomes).contains("peer-2"), "{}", all(&outcomes));
    }
    amina.edits(&[set("notes", "Fermé")]);
    let outcome = hub.handle([amina.speak().unwrap()]);
    expect![[r#"
        keep 1 chunk, 1 event, 1 binding
        peer-3: changes 1
    "#]]
    .assert_eq(&shown(&outcome));
    let outcome = hub.handle([Input::Drained { peer: amina.peer.clone() }]);
    expect![[r#"
        peer-2: changes 3
    "#]]
    .assert_eq(&shown(&outcome));
    deliver(&outcome, &mut [&mut amina]);
    assert_eq!(amina.doc.get_heads(), hub.territory.heads());
    assert_eq!(shown(&hub.handle([Input::Drained { peer: amina.peer.clone() }])), "");
}

/// Goal: a peer that was behind before it told any heads is given the whole document.
#[test]
fn a_peer_without_heads_is_brought_up_from_nothing() {
    let mut hub = Hub::furnished();
    let mut amina = settled(&mut hub, 2, Role::Reader);
    hub.handle([amina.says(steady(&[], Vec::new(), false))]);
    hub.territory.falls_behind(&amina.peer);
    let outcome = hub.handle([Input::Drained { peer: amina.peer.clone() }]);
    deliver(&outcome, &mut [&mut amina]);
    expect![[r#"
        peer-2: whole 1, read-only
    "#]]
    .assert_eq(&shown(&outcome));
}
