//! What is set aside: who may make it wait, what comes after it, what is decided, what is kept.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use automerge::transaction::Transactable;
use automerge::{ActorId, Author, ChangeHash, ObjType, ROOT, ReadDoc};
use portrea_protocol::people::Role;
use portrea_protocol::schema::path::Address;
use portrea_protocol::schema::read;
use portrea_protocol::schema::write::Edit;
use portrea_protocol::wire::quarantine::{Decision, Held, Reason, State};
use portrea_protocol::wire::refusal::Refusal;
use portrea_protocol::wire::sync::steady;
use proptest::prelude::*;

use super::Limits;
use crate::io::{Input, Outcome, Reply, Undecided};
use crate::territory::Territory;
use crate::tests::{Client, Hub, actor, bytes_of, events, first, furnished, id, person, raw, set, structure};

/// The validation that only a référent·e may give.
fn validate() -> Edit {
    Edit::Validate { structure: id(1), by: "Mallory".to_owned() }
}

/// A furnished hub, a contributor who will do what they may not, and another one.
fn trio() -> (Hub, Client, Client) {
    let mut hub = Hub::furnished();
    let (mut mallory, mut amina) = (Client::new(6, Role::Contributor), Client::new(2, Role::Contributor));
    hub.joins(&mut mallory);
    hub.joins(&mut amina);
    (hub, mallory, amina)
}

fn states(hub: &Hub) -> Vec<(State, Reason)> {
    hub.territory.quarantine(None).iter().map(|held| (held.state, held.reason)).collect()
}

fn decide(
    hub: &mut Hub,
    who: u8,
    role: Role,
    change: ChangeHash,
    decision: Decision,
    through: bool,
) -> Outcome {
    let person = person(who, role);
    hub.handle([Input::Decide { ticket: 9, person, change, decision, through }])
}

fn answer(outcome: &Outcome) -> Result<(), Undecided> {
    outcome.decided[0].1
}

fn phone(doc: &automerge::Automerge) -> String {
    read::structure(doc, &id(1))
        .unwrap()
        .fields
        .get("phone")
        .map_or(String::new(), |entry| entry.value.as_text().unwrap_or_default().to_owned())
}

/// What was kept opens to the same quarantine and the same document.
fn opens_the_same(hub: &Hub) {
    let again = crate::tests::open(hub.kept.clone(), 240).unwrap();
    // In another order of those that do not build on each other.
    let by_id = |territory: &Territory| {
        let mut all = territory.quarantine(None);
        all.sort_by(|one, other| one.id.cmp(&other.id));
        all
    };
    assert!(by_id(&again) == by_id(&hub.territory), "another quarantine after opening again");
    assert_eq!(again.heads(), hub.territory.heads());
    assert_eq!(again.records(), hub.territory.records());
}

/// Which peers an outcome tells that their quarantine is another than before.
fn told(outcome: &Outcome) -> Vec<String> {
    let told = outcome.send.iter().filter(|(_, reply)| *reply == Reply::Quarantine);
    told.flat_map(|(peers, _)| peers.iter().map(ToString::to_string)).collect()
}

/// Goal: the author's devices, and no others, are told what is set aside and decided; a device that was behind is told
/// once it drained. Method: two devices of one person, one of somebody else, and each decision.
#[test]
fn its_author_is_told() {
    let (mut hub, mut mallory, mut amina) = trio();
    let mut second = Client { peer: "mallory-2".into(), ..Client::new(6, Role::Contributor) };
    hub.joins(&mut second);
    let both = ["mallory-2", "peer-6"];
    let mut changes = Vec::new();
    for number in 0..3 {
        let edit = Edit::Validate { structure: id(1), by: format!("Mallory {number}") };
        changes.push(mallory.edits(&[edit]));
        let outcomes = hub.exchange(&mut [&mut mallory, &mut second, &mut amina]);
        assert_eq!(told(&outcomes[0]), both);
        assert!(outcomes[1..].iter().all(|outcome| told(outcome).is_empty()));
    }
    amina.edits(&[set("phone", "02")]);
    let outcomes = hub.exchange(&mut [&mut mallory, &mut second, &mut amina]);
    assert!(
        outcomes.iter().all(|outcome| told(outcome).is_empty()),
        "what is merged is no news of the quarantine"
    );
    let decided = decide(&mut hub, 1, Role::Referent, changes[0], Decision::Reject, false);
    assert_eq!(told(&decided), both);
    hub.territory.falls_behind(&second.peer);
    hub.territory.falls_behind(&amina.peer);
    let decided = decide(&mut hub, 6, Role::Contributor, changes[1], Decision::Withdraw, false);
    assert_eq!(told(&decided), ["peer-6"], "who is behind is sent nothing");
    let drained = [second.peer.clone(), amina.peer.clone()].map(|peer| Input::Drained { peer });
    assert_eq!(told(&hub.handle(drained)), ["mallory-2"]);
    let again = decide(&mut hub, 1, Role::Referent, changes[0], Decision::Reject, false);
    assert!(told(&again).is_empty(), "nothing was decided");
}

/// Goal: a forbidden change is set aside, its author stays connected, and what the same message brings besides is merged:
/// what comes after it is carried over, and reaches everybody. Frames are few, and end.
#[test]
fn honest_edits_after_a_refused_one_reach_everybody() {
    let (mut hub, mut mallory, mut amina) = trio();
    mallory.edits(&[set("website", "https://before.example")]);
    let refused = mallory.edits(&[validate()]);
    mallory.edits(&[set("phone", "02")]);
    let heard = (mallory.heard, amina.heard);
    let outcomes = hub.exchange(&mut [&mut mallory, &mut amina]);
    assert_eq!(outcomes[0].persist.quarantine.len(), 2);
    assert_eq!(
        events(&outcomes[0]),
        "1 Personne 6 field_changed website\n2 Personne 6 field_changed phone\n3 Personne 6 quarantined\n"
    );
    assert_eq!(
        states(&hub),
        [(State::Waiting, Reason::NeedsReferent), (State::Carried, Reason::BuildsOnRefused)]
    );
    assert_eq!((phone(&amina.doc), first(&amina.doc).is_validated()), ("02".to_owned(), false));
    assert!(amina.doc.get_change_by_hash(&refused).is_none());
    assert_eq!((mallory.heard - heard.0, amina.heard - heard.1), (1, 1));
    // And on: each edit costs one frame each way, whoever makes it.
    for number in 0..5 {
        let heard = (mallory.heard, amina.heard);
        mallory.edits(&[set("phone", &format!("m{number}"))]);
        let messages = hub.exchange(&mut [&mut mallory, &mut amina]).len();
        assert!(messages <= 3, "{messages} messages");
        amina.edits(&[set("postcode", &format!("3{number}"))]);
        let messages = hub.exchange(&mut [&mut mallory, &mut amina]).len();
        assert!(messages <= 3, "{messages} messages");
        assert_eq!((mallory.heard - heard.0, amina.heard - heard.1), (2, 2));
        assert_eq!(phone(&amina.doc), format!("m{number}"));
        // One value, not two that happen to be equal, nor a conflict.
        assert_eq!(first(&mallory.doc).conflicts().count() + first(&amina.doc).conflicts().count(), 0);
    }
    // Coming back does not loop either, nor costs anything to be kept.
    for _ in 0..3 {
        mallory.reconnects();
        let outcomes = hub.joins(&mut mallory);
        assert!(outcomes.len() <= 3, "{} messages", outcomes.len());
        assert!(outcomes.iter().all(|outcome| outcome.persist.is_empty()));
    }
    // Nor does a client that starts from nothing see any of it.
    let mut cold = Client::new(8, Role::Contributor);
    hub.joins(&mut cold);
    assert_eq!(cold.doc.get_heads(), hub.territory.heads());
    opens_the_same(&hub);
}

/// Goal: everything that nobody may do waits, by its reason, and changes nothing; what looks like it and is allowed is
/// merged. Method: one change each of a contributor who knows no schema.
#[test]
fn what_waits_and_why() {
    type Write = fn(
        &mut automerge::transaction::Transaction<'_>,
        [automerge::ObjId; 3],
    ) -> Result<(), automerge::AutomergeError>;
    let cases: [(&str, Option<Reason>, Write); 16] = [
        ("a field", None, |tx, [_, one, _]| tx.put(&one, "phone", "1")),
        ("an unknown field", None, |tx, [_, one, _]| tx.put(&one, "colour", "blue")),
        ("a field emptied", None, |tx, [_, one, _]| tx.delete(&one, "created_at")),
        ("a set", None, |tx, [_, one, _]| {
            let set = tx.put_object(&one, "emails", ObjType::Map)?;
            tx.put(&set, "a@b.c", true)
        }),
        ("a mark made", None, |tx, [_, one, _]| {
            let mark = tx.put_object(&one, "confirmed", ObjType::Map)?;
            tx.put(&mark, "how", "call")
        }),
        ("a record made", None, |tx, [all, ..]| {
            let made = tx.put_object(&all, id(7).as_str(), ObjType::Map)?;
            let services = tx.put_object(&made, "services", ObjType::Map)?;
            tx.put_object(&services, id(8).as_str(), ObjType::Map).map(drop)
        }),
        ("a record removed", Some(Reason::RemovesRecord), |tx, [all, ..]| tx.delete(&all, id(1).as_str())),
        ("a service removed", Some(Reason::RemovesRecord), |tx, [.., services]| {
            tx.delete(&services, id(2).as_str())
        }),
        ("all services removed", Some(Reason::RemovesRecord), |tx, [_, one, _]| tx.delete(&one, "services")),
        ("a record replaced", Some(Reason::ReplacesRecord), |tx, [all, ..]| {
            tx.put_object(&all, id(1).as_str(), ObjType::Map).map(drop)
        }),
        ("a scalar for a record", Some(Reason::ReplacesRecord), |tx, [all, ..]| {
            tx.put(&all, id(1).as_str(), "x")
        }),
        ("a list for the helpers", Some(Reason::ReplacesRecord), |tx, [_, one, _]| {
            tx.put_object(&one, "helpers", ObjType::List).map(drop)
        }),
        ("the root removed", Some(Reason::RemovesRecord), |tx, _| tx.delete(ROOT, "structures")),
        ("another root", Some(Reason::Outside), |tx, _| tx.put(ROOT, "elsewhere", 1)),
        ("the schema", Some(Reason::Outside), |tx, _| tx.put(ROOT, "schema", 2)),
        ("an archive", Some(Reason::NeedsReferent), |tx, [_, one, _]| {
            tx.put_object(&one, "archived", ObjType::Map).map(drop)
        }),
    ];
    for (what, reason, write) in cases {
        let (mut hub, mut mallory, mut amina) = trio();
        let before = hub.territory.records().clone();
        let all = mallory.doc.get(ROOT, "structures").unwrap().unwrap().1;
        let one = mallory.doc.get(&all, id(1).as_str()).unwrap().unwrap().1;
        let services = mallory.doc.get(&one, "services").unwrap().unwrap().1;
        mallory.doc.set_actor(actor(6));
        raw(&mut mallory.doc, |tx| write(tx, [all, one, services]));
        hub.exchange(&mut [&mut mallory, &mut amina]);
        let expected: Vec<(State, Reason)> =
            reason.map(|reason| (State::Waiting, reason)).into_iter().collect();
        assert_eq!(states(&hub), expected, "{what}");
        assert_eq!(*hub.territory.records() == before, reason.is_some(), "{what}");
        assert_eq!(amina.doc.get_heads(), hub.territory.heads(), "{what}");
        opens_the_same(&hub);
    }
}

/// Goal: two devices may make one container at the same time; a record made again under its id, with a change that
/// pretends to have seen nothing, would hide the first and waits.
#[test]
fn containers_meet_and_records_do_not() {
    let mut hub = Hub::furnished();
    let mut clients = [Client::new(6, Role::Contributor), Client::new(2, Role::Contributor)];
    let [one, other] = &mut clients;
    hub.joins(one);
    hub.joins(other);
    for client in [&mut *one, &mut *other] {
        let edit = Edit::Confirm { structure: id(1), by: client.person.name.clone(), how: "call".to_owned() };
        client.edits(&[edit]);
    }
    hub.exchange(&mut [one, other]);
    assert_eq!(states(&hub), []);
    let blind = furnished();
    let mut blind = Client::with(7, &blind);
    let early = blind.doc.get_heads();
    one.edits(&[structure(9)]);
    hub.exchange(&mut [one, other]);
    let before = hub.territory.records().clone();
    assert_eq!(blind.doc.get_heads(), early);
    blind.edits(&[structure(9)]);
    hub.joins(&mut blind);
    assert_eq!(states(&hub), [(State::Waiting, Reason::ReplacesRecord)]);
    assert_eq!(*hub.territory.records(), before);
}

/// Goal: an actor is whose it was first; a change under it that somebody else brings waits, and so does one that names
/// another author, or an actor that belongs to nobody.
#[test]
fn nobody_writes_as_somebody_else() {
    let (mut hub, mut mallory, mut amina) = trio();
    amina.edits(&[set("phone", "amina")]);
    hub.exchange(&mut [&mut mallory, &mut amina]);
    let forge = |mallory: &mut Client, actor: ActorId, author: Option<Vec<u8>>, text: &str| {
        let mut doc = mallory.doc.clone();
        doc.set_author(author.map(Author::from)).set_actor(actor);
        let hash =
            portrea_protocol::schema::write::perform(&mut doc, &[set("phone", text)], crate::tests::NOW);
        bytes_of(&doc, hash.unwrap().unwrap())
    };
    let heads = hub.territory.heads().to_vec();
    let own = person(6, Role::Contributor).contributor.0.as_bytes().to_vec();
    for (what, bytes, expected) in [
        ("Amina's actor", forge(&mut mallory, actor(2), None, "1"), Some(Reason::ForeignActor)),
        ("the founder's actor", forge(&mut mallory, actor(1), None, "2"), Some(Reason::ForeignActor)),
        ("the server's actor", forge(&mut mallory, actor(250), None, "3"), Some(Reason::ForeignActor)),
        (
            "another author",
            forge(&mut mallory, actor(60), Some(vec![2; 16]), "4"),
            Some(Reason::ForeignAuthor),
        ),
        ("its own name", forge(&mut mallory, actor(61), Some(own), "5"), None),
    ] {
        let known = hub.territory.quarantine(None).len();
        let outcome = hub.handle([mallory.says(steady(&heads, vec![bytes], false))]);
        assert_eq!(outcome.refuse, [], "{what}");
        let reasons: Vec<Reason> =
            hub.territory.quarantine(None)[known..].iter().map(|held| held.reason).collect();
        assert_eq!(reasons, expected.into_iter().collect::<Vec<_>>(), "{what}");
    }
    // Amina goes on under her own.
    let made = amina.edits(&[set("phone", "amina again")]);
    hub.exchange(&mut [&mut amina]);
    assert!(hub.territory.document().get_change_by_hash(&made).is_some());
}

/// Goal: a week of edits of a device that was signed out and comes back under a new sign-in is not lost: it waits, is
/// told, and is taken as it is, under the old name, when a référent·e says so. What is written meanwhile is carried over.
#[test]
fn a_revoked_device_comes_back() {
    for meanwhile in [false, true] {
        let (mut hub, mut old, mut amina) = trio();
        old.edits(&[set("phone", "known")]);
        hub.exchange(&mut [&mut old, &mut amina]);
        let week: Vec<ChangeHash> =
            (0..3).map(|day| old.edits(&[set("website", &format!("day {day}"))])).collect();
        // The same document on the same device; another contributor.
        let mut new = Client { doc: old.doc.clone(), ..Client::new(7, Role::Contributor) };
        hub.joins(&mut new);
        assert_eq!(states(&hub), [(State::Waiting, Reason::ForeignActor); 3]);
        if meanwhile {
            new.edits(&[set("postcode", "35360")]);
            hub.exchange(&mut [&mut new, &mut amina]);
            assert_eq!(states(&hub)[3], (State::Carried, Reason::BuildsOnRefused));
        }
        assert_eq!(
            hub.territory.quarantine(Some(person(7, Role::Contributor).contributor)).len(),
            3 + usize::from(meanwhile)
        );
        assert_eq!(hub.territory.quarantine(Some(person(2, Role::Contributor).contributor)), []);
        let outcome = decide(&mut hub, 9, Role::Referent, week[2], Decision::Accept, true);
        assert_eq!(answer(&outcome), Ok(()));
        assert!(events(&outcome).contains("Personne 9 quarantine_accepted"));
        assert!(events(&outcome).contains("field_changed website"));
        assert_eq!(first(hub.territory.document()).fields["website"].value, "day 2".into());
        assert!(first(hub.territory.document()).conflicts().next().is_none());
        assert!(states(&hub).iter().take(3).all(|(state, _)| *state == State::Accepted));
        let as_they_are = hub.territory.document().get_change_by_hash(&week[2]).is_some();
        assert_eq!(as_they_are, !meanwhile);
        crate::tests::deliver(&outcome, &mut [&mut new, &mut amina]);
        hub.exchange(&mut [&mut new, &mut amina]);
        assert_eq!(amina.doc.get_heads(), hub.territory.heads());
        opens_the_same(&hub);
    }
}

/// Goal: who may decide what, once. Method: a waiting change, and everybody's tries.
#[test]
fn who_decides() {
    let (mut hub, mut mallory, mut amina) = trio();
    let change = mallory.edits(&[validate()]);
    let other = mallory.edits(&[set("archived/why", "x")]);
    hub.exchange(&mut [&mut mallory, &mut amina]);
    assert_ne!(change, other);
    for (who, role, decision, expected) in [
        (6, Role::Contributor, Decision::Accept, Err(Undecided::NotAllowed)),
        (6, Role::Contributor, Decision::Reject, Err(Undecided::NotAllowed)),
        (9, Role::Referent, Decision::Withdraw, Err(Undecided::NotAllowed)),
        (6, Role::Contributor, Decision::Withdraw, Ok(())),
        (9, Role::Referent, Decision::Accept, Err(Undecided::Closed)),
    ] {
        assert_eq!(answer(&decide(&mut hub, who, role, change, decision, false)), expected);
    }
    let unknown = ChangeHash([1; 32]);
    let outcome = decide(&mut hub, 9, Role::Referent, unknown, Decision::Accept, false);
    assert_eq!(answer(&outcome), Err(Undecided::NotFound));
    assert!(outcome.persist.is_empty());
    opens_the_same(&hub);
}

/// Goal: rejected edits are kept and stay out; accepted ones are merged as they are, with what builds on them, and their
/// author's device has what everybody has again.
#[test]
fn a_decision_ends_it() {
    for decision in [Decision::Accept, Decision::Reject] {
        let (mut hub, mut mallory, mut amina) = trio();
        let change = mallory.edits(&[validate()]);
        hub.exchange(&mut [&mut mallory, &mut amina]);
        let outcome = decide(&mut hub, 9, Role::Referent, change, decision, false);
        assert_eq!(answer(&outcome), Ok(()));
        crate::tests::deliver(&outcome, &mut [&mut mallory, &mut amina]);
        hub.exchange(&mut [&mut mallory, &mut amina]);
        let accepted = decision == Decision::Accept;
        assert_eq!(first(&amina.doc).is_validated(), accepted);
        assert_eq!(mallory.doc.get_heads() == hub.territory.heads(), accepted);
        let told = if accepted {
            "2 Personne 9 quarantine_accepted\n3 Personne 6 validated\n"
        } else {
            "2 Personne 9 quarantine_rejected\n"
        };
        assert_eq!(events(&outcome), told);
        mallory.edits(&[set("phone", "02")]);
        hub.exchange(&mut [&mut mallory, &mut amina]);
        assert_eq!(phone(&amina.doc), "02");
        opens_the_same(&hub);
    }
}

/// Goal: what is written into a record that a refused change made waits with it, and is merged with it.
#[test]
fn what_stands_in_a_refused_record_waits_with_it() {
    let (mut hub, mut mallory, mut amina) = trio();
    let change = mallory.edits(&[structure(30), validate()]);
    let address = Address::parse(&id(30), "phone").unwrap();
    mallory.edits(&[Edit::Set { address, value: Some("02".into()) }]);
    mallory.edits(&[set("website", "https://carried.example")]);
    hub.exchange(&mut [&mut mallory, &mut amina]);
    assert_eq!(
        states(&hub)[1..],
        [(State::Waiting, Reason::BuildsOnRefused), (State::Carried, Reason::BuildsOnRefused),]
    );
    let told: Vec<Held> = hub.territory.quarantine(None);
    assert_eq!(told[1].edits[0].path, "phone");
    assert_eq!(told[1].edits[0].structure, Some(id(30)));
    assert_eq!(told[1].edits[0].value, serde_json::json!("02"));
    let outcome = decide(&mut hub, 9, Role::Referent, change, Decision::Accept, false);
    assert_eq!(answer(&outcome), Ok(()));
    assert!(states(&hub).iter().all(|(state, _)| *state != State::Waiting), "{:?}", states(&hub));
    let made = read::structure(hub.territory.document(), &id(30)).unwrap();
    assert_eq!(made.fields["phone"].value, "02".into());
    opens_the_same(&hub);
}

/// Goal: there is an end to what is kept, for one person and not for others.
#[test]
fn quarantine_has_room_for_so_much() {
    let (mut hub, mut mallory, mut amina) = trio();
    hub.territory.limit_quarantine(Limits { each: 2, ..Limits::default() });
    for number in 0..3 {
        mallory.edits(&[set("archived/why", &number.to_string())]);
    }
    let outcome = hub.handle([mallory.speak().unwrap()]);
    assert_eq!(outcome.refuse, [(mallory.peer.clone(), Refusal::QuarantineFull)]);
    assert_eq!(hub.territory.quarantine(None).len(), 2);
    amina.edits(&[set("archived/why", "x")]);
    hub.exchange(&mut [&mut amina]);
    assert_eq!(hub.territory.quarantine(None).len(), 3);
}

/// Goal: a text that is written into goes on merging by character after a refusal, and nothing of it is doubled for others.
#[test]
fn prose_is_carried_by_character() {
    let (mut hub, mut mallory, mut amina) = trio();
    amina.edits(&[set("description", "Ouvert le lundi.")]);
    hub.exchange(&mut [&mut mallory, &mut amina]);
    mallory.edits(&[validate()]);
    mallory.edits(&[set("description", "Ouvert le lundi et le jeudi.")]);
    mallory.edits(&[set("description", "Ouvert le lundi et le jeudi matin.")]);
    amina.edits(&[set("description", "Ici : Ouvert le lundi.")]);
    hub.exchange(&mut [&mut mallory, &mut amina]);
    let text = first(&amina.doc).fields["description"].value.clone();
    assert_eq!(text, "Ici : Ouvert le lundi et le jeudi matin.".into());
}

/// One step of somebody's: an honest edit, or one that waits.
#[derive(Debug, Clone, Copy)]
struct Step {
    who: usize,
    dishonest: bool,
    field: usize,
    syncs: bool,
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whatever dishonest clients mix into their edits: the others have exactly the honest edits, nothing that is forbidden,
    /// everything comes to rest, and what was kept opens to the same.
    #[test]
    fn others_see_what_is_allowed_and_nothing_else(
        steps in proptest::collection::vec(
            (0..3_usize, any::<bool>(), 0..4_usize, any::<bool>())
                .prop_map(|(who, dishonest, field, syncs)| Step { who, dishonest, field, syncs }),
            1..24,
        ),
        reopens in any::<bool>(),
    ) {
        let mut hub = Hub::furnished();
        let mut clients = [6, 7, 2].map(|number| Client::new(number, Role::Contributor));
        for client in &mut clients {
            hub.joins(client);
        }
        let mut written = Vec::new();
        for (number, step) in steps.iter().enumerate() {
            let client = &mut clients[step.who];
            // The last one is honest.
            if step.dishonest && step.who < 2 {
                let at = ["archived/why", "validation/by"][step.field % 2];
                client.edits(&[set(at, &number.to_string())]);
            } else {
                // Each writes a field of its own, so that the last value is known.
                let path = [["phone", "website"], ["postcode", "address"], ["summary", "siret"]][step.who][step.field % 2];
                written.retain(|(own, _)| *own != path);
                written.push((path, number.to_string()));
                client.edits(&[set(path, &number.to_string())]);
            }
            if step.syncs {
                let [a, b, c] = &mut clients;
                hub.exchange(&mut [a, b, c]);
            }
        }
        if reopens {
            hub.reopens(241);
            for client in &mut clients {
                client.reconnects();
                hub.connect(client);
            }
        }
        let [a, b, c] = &mut clients;
        hub.exchange(&mut [a, b, c]);
        prop_assert_eq!(clients[2].doc.get_heads(), hub.territory.heads());
        let seen = first(&clients[2].doc);
        for (path, value) in written {
            prop_assert_eq!(seen.fields[path].value.as_text(), Some(value.as_str()));
        }
        prop_assert!(!seen.is_archived() && !seen.is_validated());
        prop_assert_eq!(seen.conflicts().count(), 0);
        prop_assert!(states(&hub).iter().all(|(state, reason)| (*reason == Reason::BuildsOnRefused) == (*state == State::Carried)));
        prop_assert_eq!(hub.territory.records(), &read::structures(hub.territory.document()));
        opens_the_same(&hub);
    }
}
