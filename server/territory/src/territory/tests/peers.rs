//! What peers are sent, and what it costs: joins of every kind, pushes, merges, readers, slow peers, gossip.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]
#![allow(clippy::needless_raw_string_hashes, reason = "expect-test writes them")]

use std::sync::Arc;

use automerge::ReadDoc;
use automerge::sync::{ChunkList, Have, Message, MessageFlags, MessageVersion};
use expect_test::expect;
use portrea_protocol::people::Role;
use portrea_protocol::schema::write::Edit;
use portrea_protocol::wire::sync::{peek, steady};

use crate::io::{Input, Outcome, Presence, Reply};
use crate::tests::{Client, Hub, STORAGE, deliver, events, furnished, person, set, shown};

pub(super) fn all(outcomes: &[Outcome]) -> String {
    outcomes.iter().map(|outcome| shown(outcome) + "--\n").collect()
}

fn contributor(number: u8) -> Client {
    Client::new(number, Role::Contributor)
}

/// A steady client.
pub(super) fn settled(hub: &mut Hub, number: u8, role: Role) -> Client {
    let mut client = Client::new(number, role);
    hub.joins(&mut client);
    assert_eq!(client.doc.get_heads(), hub.territory.heads());
    client
}

/// Goal: a device that has nothing is given the whole document in one message, and is steady from then on.
#[test]
fn a_cold_join_costs_one_message() {
    let mut hub = Hub::furnished();
    let mut amina = contributor(2);
    let outcomes = hub.joins(&mut amina);
    expect![[r#"
        peer-2: whole 1
        --
        --
    "#]]
    .assert_eq(&all(&outcomes));
    assert_eq!(amina.doc.get_heads(), hub.territory.heads());
    let outcome = hub.command(person(9, Role::Referent), vec![set("phone", "1")]);
    expect![[r#"
        keep 1 chunk, 1 event, 1 binding
        peer-2: changes 1
        answer 1: written
    "#]]
    .assert_eq(&shown(&outcome));
    deliver(&outcome, &mut [&mut amina]);
    assert_eq!(amina.doc.get_heads(), hub.territory.heads());
}

/// Goal: a client from before there were flags gets single changes, and is steady as well.
#[test]
fn an_old_client_joins_without_whole_documents() {
    let mut hub = Hub::furnished();
    let mut amina = Client { old: true, ..contributor(2) };
    let outcomes = hub.joins(&mut amina);
    expect![[r#"
        peer-2: changes 2
        --
        --
    "#]]
    .assert_eq(&all(&outcomes));
    assert_eq!(amina.doc.get_heads(), hub.territory.heads());
    let outcome = hub.command(person(9, Role::Referent), vec![set("phone", "1")]);
    expect![[r#"
        keep 1 chunk, 1 event, 1 binding
        peer-2: changes 1
        answer 1: written
    "#]]
    .assert_eq(&shown(&outcome));
}

/// Goal: edits made offline are kept, and acknowledged by a message whose heads contain them, even when they come a
/// second time because the first acknowledgement was lost.
#[test]
fn offline_edits_are_acknowledged_each_time() {
    let mut hub = Hub::furnished();
    let mut amina = Client::with(2, &furnished());
    let made = amina.edits(&[set("phone", "1"), set("notes", "Fermé le lundi")]);
    let outcomes = hub.joins(&mut amina);
    expect![[r#"
        peer-2: changes 0
        --
        keep 1 chunk, 2 events, 1 binding
        peer-2: changes 0
        --
    "#]]
    .assert_eq(&all(&outcomes));
    let told = outcomes.iter().flat_map(|outcome| &outcome.send).any(|(_, reply)| match reply {
        Reply::Sync(data) | Reply::News(data) => peek(data).unwrap().hashes().contains(&made),
        Reply::Heads(_) | Reply::Presence(_) | Reply::Quarantine => false,
    });
    assert!(told);
    let bytes = crate::tests::bytes_of(&amina.doc, made);
    let again = steady(&[made], vec![bytes], false);
    let outcome = hub.handle([amina.says(again)]);
    expect![[r#"
        peer-2: changes 0
    "#]]
    .assert_eq(&shown(&outcome));
    assert!(amina.state.their_heads.unwrap().contains(&made));
}

/// Goal: a merge costs each steady peer one message, the same bytes for all but the one whose change it is.
#[test]
fn a_merge_costs_each_peer_one_message() {
    let mut hub = Hub::furnished();
    let mut clients: Vec<Client> =
        (2..7).map(|number| settled(&mut hub, number, Role::Contributor)).collect();
    clients[0].edits(&[set("phone", "1")]);
    let input = clients[0].speak().unwrap();
    let outcome = hub.handle([input]);
    expect![[r#"
        keep 1 chunk, 1 event, 1 binding
        peer-2: changes 0
        peer-3, peer-4, peer-5, peer-6: changes 1
    "#]]
    .assert_eq(&shown(&outcome));
    assert_eq!(events(&outcome), "1 Personne 2 field_changed phone\n");
    for client in &mut clients {
        deliver(&outcome, &mut [client]);
        assert_eq!(client.doc.get_heads(), hub.territory.heads());
    }
    // Their answers cost nothing more.
    for client in &mut clients {
        if let Some(answer) = client.speak() {
            assert_eq!(shown(&hub.handle([answer])), "");
        }
    }
}

/// Goal: after a batch of many, one message serves those who brought little of it too. Seven edit once each.
#[test]
fn those_who_brought_little_share_one_message() {
    let mut hub = Hub::furnished();
    let mut clients: Vec<Client> =
        (2..10).map(|number| settled(&mut hub, number, Role::Contributor)).collect();
    for (number, client) in clients.iter_mut().enumerate().skip(1) {
        client.edits(&[set("phone", &number.to_string())]);
    }
    let inputs: Vec<Input> = clients.iter_mut().skip(1).map(|client| client.speak().unwrap()).collect();
    let outcome = hub.handle(inputs);
    expect![[r#"
        keep 1 chunk, 13 events, 7 bindings
        peer-2, peer-3, peer-4, peer-5, peer-6, peer-7, peer-8, peer-9: changes 7
    "#]]
    .assert_eq(&shown(&outcome));
    for client in &mut clients {
        deliver(&outcome, &mut [client]);
        assert_eq!(client.doc.get_heads(), hub.territory.heads());
    }
    // What came back to them is nothing new, and their answers cost nothing more.
    for client in &mut clients {
        if let Some(answer) = client.speak() {
            assert_eq!(shown(&hub.handle([answer])), "");
        }
    }
}

/// Goal: a burst costs each peer one message too, and nobody gets back what they brought much of. Two edit in one batch.
#[test]
fn a_burst_costs_each_peer_one_message() {
    let mut hub = Hub::furnished();
    let mut clients: Vec<Client> =
        (2..6).map(|number| settled(&mut hub, number, Role::Contributor)).collect();
    clients[0].edits(&[set("phone", "1")]);
    clients[1].edits(&[set("phone", "2")]);
    let inputs: Vec<Input> = clients.iter_mut().take(2).map(|client| client.speak().unwrap()).collect();
    let outcome = hub.handle(inputs);
    expect![[r#"
        keep 1 chunk, 3 events, 2 bindings
        peer-2: changes 1
        peer-3: changes 1
        peer-4, peer-5: changes 2
    "#]]
    .assert_eq(&shown(&outcome));
    for client in &mut clients {
        deliver(&outcome, &mut [client]);
        assert_eq!(client.doc.get_heads(), hub.territory.heads());
    }
}

/// Goal: a cold peer that joins in the batch of a merge has all that the message speaks of, whether the document was
/// saved before or not. One joins before anybody edits, one in the batch of an edit.
#[test]
fn a_whole_document_holds_the_heads_it_tells() {
    let mut hub = Hub::furnished();
    let mut amina = settled(&mut hub, 2, Role::Contributor);
    let mut bruno = contributor(3);
    hub.connect(&bruno);
    amina.edits(&[set("phone", "1")]);
    let inputs = [amina.speak().unwrap(), bruno.speak().unwrap()];
    let outcome = hub.handle(inputs);
    let first = outcome.send.iter().find(|(peers, _)| peers.contains(&bruno.peer)).unwrap();
    let Reply::Sync(data) = &first.1 else { panic!("{first:?}") };
    bruno.hear(data);
    assert_eq!(bruno.doc.get_heads(), peek(data).unwrap().hashes());
}

/// Goal: a reader gets everything, is told that nothing of theirs is taken, and nothing of theirs is.
#[test]
fn a_reader_reads() {
    let mut hub = Hub::furnished();
    let mut cold = Client::new(2, Role::Reader);
    let mut warm = Client { person: person(3, Role::Reader), ..Client::with(3, &furnished()) };
    warm.edits(&[set("phone", "666")]);
    let before = hub.territory.heads().to_vec();
    let mut outcomes = hub.joins(&mut cold);
    hub.connect(&warm);
    outcomes.push(hub.handle([warm.speak().unwrap()]));
    deliver(&outcomes[outcomes.len() - 1], &mut [&mut warm]);
    let made = warm.doc.get_heads();
    let bytes = crate::tests::bytes_of(&warm.doc, made[0]);
    outcomes.push(hub.handle([warm.says(steady(&made, vec![bytes], false))]));
    expect![[r#"
        peer-2: whole 1, read-only
        --
        --
        peer-3: changes 0, read-only
        --
        --
    "#]]
    .assert_eq(&all(&outcomes));
    assert_eq!(hub.territory.heads(), before);
    let outcome = hub.command(person(9, Role::Referent), vec![set("phone", "1")]);
    expect![[r#"
        keep 1 chunk, 1 event, 1 binding
        peer-2, peer-3: changes 1, read-only
        answer 1: written
    "#]]
    .assert_eq(&shown(&outcome));
    for reader in [&mut cold, &mut warm] {
        deliver(&outcome, &mut [reader]);
        assert!(reader.doc.get_change_by_hash(&hub.territory.heads()[0]).is_some());
        assert!(reader.flags.as_ref().unwrap().contains(MessageFlags::READ_ONLY));
    }
}

/// Goal: a change whose dependency is missing waits, is asked for, and is neither kept nor acknowledged before.
#[test]
fn a_change_waits_for_what_it_builds_on() {
    let mut hub = Hub::furnished();
    let mut amina = settled(&mut hub, 2, Role::Contributor);
    let had = hub.territory.heads().to_vec();
    let first = amina.edits(&[set("phone", "1")]);
    let second = amina.edits(&[set("phone", "2")]);
    let bytes = |hash| crate::tests::bytes_of(&amina.doc, hash);
    let message = Message {
        heads: vec![second],
        need: Vec::new(),
        have: vec![Have { last_sync: had, ..Have::default() }],
        changes: ChunkList::from(vec![bytes(second)]),
        flags: None,
        version: MessageVersion::V1,
    };
    let outcome = hub.handle([amina.says(message.encode())]);
    let (_, Reply::Sync(asked)) = &outcome.send[0] else { panic!("{outcome:?}") };
    assert_eq!(Message::decode(asked).unwrap().need, [first]);
    expect![[r#"
        peer-2: changes 0, asks for 1
    "#]]
    .assert_eq(&shown(&outcome));
    let outcome = hub.handle([amina.says(steady(&[second], vec![bytes(first), bytes(second)], false))]);
    expect![[r#"
        keep 1 chunk, 2 events, 1 binding
        peer-2: changes 0
    "#]]
    .assert_eq(&shown(&outcome));
    let kept = hub.kept.chunks.last().unwrap().bytes().len();
    assert_eq!(kept, bytes(first).len() + bytes(second).len(), "each change is kept once");
    assert_eq!(hub.territory.heads(), [second]);
}

fn subscribe(client: &Client, add: &[&str]) -> Input {
    let add = add.iter().map(|storage| (*storage).into()).collect();
    Input::Subscribe { peer: client.peer.clone(), add, remove: Vec::new() }
}

/// Goal: who asks hears of the server's heads once it opened the document, then after each merge, and of others'.
#[test]
fn storages_heads_are_told_to_those_who_asked() {
    let mut hub = Hub::furnished();
    let mut amina = contributor(2);
    let mut bruno = Client { storage: Some("storage-3".into()), ..contributor(3) };
    hub.connect(&amina);
    let mut lines = shown(&hub.handle([subscribe(&amina, &[STORAGE, "storage-3"])]));
    lines += &all(&hub.exchange(&mut [&mut amina]));
    lines += &all(&hub.joins(&mut bruno));
    bruno.edits(&[set("phone", "1")]);
    lines += &all(&hub.exchange(&mut [&mut bruno]));
    let remove = vec!["storage-3".into(), STORAGE.into()];
    hub.handle([Input::Subscribe { peer: amina.peer.clone(), add: Vec::new(), remove }]);
    bruno.edits(&[set("phone", "2")]);
    lines += &all(&hub.exchange(&mut [&mut bruno]));
    expect![[r#"
        peer-2: whole 1
        peer-2: storage-server 1 head
        --
        --
        peer-3: whole 1
        peer-2: storage-3 0 heads
        --
        peer-2: storage-3 1 head
        --
        keep 1 chunk, 1 event, 1 binding
        peer-2: storage-3 1 head
        peer-3: changes 0
        peer-2: changes 1
        peer-2: storage-server 1 head
        --
        keep 1 chunk, 1 event
        peer-3: changes 0
        peer-2: changes 1
        --
    "#]]
    .assert_eq(&lines);
}

/// Goal: nobody speaks for the server's storage: heads told under its name would pass for kept.
#[test]
fn nobody_else_speaks_for_the_servers_storage() {
    let mut hub = Hub::furnished();
    let mut amina = settled(&mut hub, 2, Role::Contributor);
    hub.handle([subscribe(&amina, &[STORAGE])]);
    let mut bruno = Client { storage: Some(STORAGE.into()), ..Client::with(3, &furnished()) };
    bruno.person = person(3, Role::Reader);
    bruno.edits(&[set("phone", "1")]);
    hub.connect(&bruno);
    let outcome = hub.handle([bruno.speak().unwrap()]);
    assert!(!shown(&outcome).contains("peer-2"), "{}", shown(&outcome));
    deliver(&outcome, &mut [&mut amina, &mut bruno]);
}

/// Goal: presence goes to everybody else, and not from a reader.
#[test]
fn presence_is_passed_on_unless_it_is_a_readers() {
    let mut hub = Hub::furnished();
    let clients: Vec<Client> = (2..4).map(|number| settled(&mut hub, number, Role::Contributor)).collect();
    let reader = settled(&mut hub, 5, Role::Reader);
    let presence = |client: &Client| Input::Ephemeral {
        peer: client.peer.clone(),
        message: Arc::new(Presence {
            count: 1,
            session: "s".into(),
            sender: client.peer.clone(),
            data: vec![1],
        }),
    };
    assert_eq!(shown(&hub.handle([presence(&clients[0])])), "peer-3, peer-5: presence\n");
    assert_eq!(shown(&hub.handle([presence(&reader)])), "");
    assert_eq!(shown(&hub.handle([presence(&contributor(8))])), "");
}

/// Goal: a message from a peer that did not join, or has left, is ignored.
#[test]
fn who_did_not_join_is_ignored() {
    let mut hub = Hub::furnished();
    let mut amina = Client::with(2, &furnished());
    amina.edits(&[set("phone", "1")]);
    let message = amina.speak().unwrap();
    assert_eq!(shown(&hub.handle([message, amina.says(vec![1, 2, 3])])), "");
    let mut bruno = settled(&mut hub, 3, Role::Contributor);
    bruno.edits(&[set("phone", "1")]);
    let message = bruno.speak().unwrap();
    let outcome = hub.handle([Input::Disconnected { peer: bruno.peer.clone() }, message]);
    assert_eq!(shown(&outcome), "");
    assert_eq!(hub.territory.peers(), 0);
}

/// Goal: commands answer with what was written or why not, and name who asked. Two people command, one wrongly.
#[test]
fn commands_are_answered_and_signed() {
    let mut hub = Hub::furnished();
    let ask = |number, edits| Input::Command {
        ticket: u64::from(number),
        person: person(number, Role::Referent),
        edits,
        reverts: None,
    };
    let missing = Edit::Unarchive { structure: crate::tests::id(99) };
    let outcome = hub.handle([
        ask(2, vec![set("phone", "1")]),
        ask(3, vec![set("phone", "1")]),
        ask(4, vec![set("phone", "2"), missing]),
        ask(5, vec![set("phone", "3")]),
        Input::Joined { person: person(6, Role::Contributor) },
    ]);
    expect![[r#"
        keep 1 chunk, 3 events, 1 binding
        answer 2: written
        answer 3: nothing to write
        answer 4: there is no record 01917f3e-0000-7000-8000-000000000063
        answer 5: written
        1 Personne 2 field_changed phone
        2 Personne 5 field_changed phone
        3 Personne 6 joined
    "#]]
    .assert_eq(&(shown(&outcome) + &events(&outcome)));
}

/// Goal: new statistics move the indicators, which is one event; the same ones again are none.
#[test]
fn statistics_move_the_indicators() {
    let mut hub = Hub::furnished();
    let mut statistics = crate::tests::statistics();
    statistics.communes.get_mut(&"35184".into()).unwrap().population = Some(7_000.0);
    let news = || Input::Statistics(Box::new(statistics.clone()));
    let outcome = hub.handle([news()]);
    assert_eq!(events(&outcome), "1 indicators\n");
    assert_eq!(hub.territory.engine().statistics(), &statistics);
    assert!(hub.handle([news()]).persist.is_empty());
    let outcome = hub.command(person(9, Role::Referent), vec![set("commune", "35184")]);
    assert_eq!(events(&outcome), "2 Personne 9 field_changed commune\n3 indicators\n");
}
