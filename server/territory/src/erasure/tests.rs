//! Logs rewritten: what goes, what stays, and that the territory goes on from there.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use portrea_protocol::epoch::{Forget, Subject};
use portrea_protocol::people::Role;
use portrea_protocol::schema::write::Edit;
use portrea_protocol::time::UnixMillis;
use portrea_protocol::wire::feed::{Author, Event, FeedEvent, Subject as About};
use portrea_protocol::wire::quarantine::{Decision, State};
use serde_json::{Value as Json, json};

use super::{Counts, Erased, NOBODY, Past, Unerased, Whom, Wish, erase};
use crate::chunk::{Damage, Epoch, FeedRow, Kept};
use crate::io::Input;
use crate::tests::{Client, Hub, NOW, actor, first, id, open, person, set, statistics};

const MARK: &str = "Marque-1234";

/// A hub of which everything that it told is at hand, and two people.
struct Scene {
    hub: Hub,
    feed: Vec<FeedRow>,
    amina: Client,
}

impl Scene {
    fn set() -> Self {
        let mut hub = Hub::furnished();
        let mut amina = Client::new(2, Role::Contributor);
        hub.joins(&mut amina);
        Self { hub, feed: Vec::new(), amina }
    }

    fn writes(&mut self, edits: &[Edit]) {
        self.amina.edits(edits);
        for outcome in self.hub.exchange(&mut [&mut self.amina]) {
            self.feed.extend(outcome.persist.feed);
        }
    }

    fn erased(&self, wish: &Wish) -> Result<Erased, Unerased> {
        erased(self.hub.kept.clone(), self.feed.clone(), wish)
    }
}

fn erased(kept: Kept, feed: Vec<FeedRow>, wish: &Wish) -> Result<Erased, Unerased> {
    let past = Past { kept, feed, statistics: statistics() };
    erase(past, wish, UnixMillis(NOW.0 + 1_000_000), &actor(77))
}

fn of(path: &str) -> Wish {
    let subjects = [Subject::parse(&id(1), path).unwrap()].into();
    Wish { forget: Forget { subjects, before: None }, person: None }
}

/// What a store holds once this took the place of all.
fn after(epoch: Epoch) -> (Kept, Vec<FeedRow>) {
    let Epoch { number, document, bindings, quarantine, feed } = epoch;
    let feed_last = feed.last().map_or(0, |row| row.seq);
    let kept =
        Kept { epoch: number, snapshots: vec![document], bindings, quarantine, feed_last, ..Kept::default() };
    (kept, feed)
}

fn holds_mark(kept: &Kept, feed: &[FeedRow]) -> bool {
    let territory = open(kept.clone(), 200).unwrap();
    let within = |bytes: &[u8]| bytes.windows(MARK.len()).any(|window| window == MARK.as_bytes());
    within(&territory.document().save_nocompress())
        || feed.iter().any(|row| row.json.contains(MARK))
        || kept.quarantine.iter().any(|held| within(&held.to_bytes()))
        || kept.bindings.iter().any(|binding| binding.name.contains(MARK))
}

/// Goal: whoever follows figures in the feed is told what moves with what is erased, and what moves nothing is no event.
/// Method: a place that counts is erased, then a text of another; what was told leads to the portrait.
#[test]
fn figures_that_move_are_told() {
    let mut scene = Scene::set();
    scene.writes(&[set("commune", "35184"), set("phone", MARK)]);
    let last = scene.feed.last().unwrap().seq;
    let erased = scene.erased(&of("phone")).unwrap();
    assert_eq!(erased.epoch.feed.last().unwrap().seq, last, "a telephone is in no figure");

    let subjects = [Subject::structure(&id(1))].into();
    let wish = Wish { forget: Forget { subjects, before: None }, person: None };
    let (kept, feed) = after(scene.erased(&wish).unwrap().epoch);
    assert_eq!(kept.feed_last, last + 1);
    let event: FeedEvent = serde_json::from_str(&feed.last().unwrap().json).unwrap();
    let Event::Indicators { changes } = event.event else { panic!("{event:?}") };
    let figures = |territory: &crate::territory::Territory| territory.engine().portrait().territory.figures();
    let (was, is) = (figures(&scene.hub.territory), figures(&open(kept, 200).unwrap()));
    let told: Vec<_> = changes.into_iter().filter(|it| it.commune.is_none()).collect();
    assert!(!told.is_empty());
    for (before, after) in was.into_iter().zip(is) {
        let moved = told.iter().find(|it| it.indicator == before.0).map(|it| (it.before, it.after));
        assert_eq!(moved, (before != after).then_some((before.1, after.1)), "{}", before.0);
    }
}

/// Goal: a field that is erased is gone from document, feed and what waits; everything else stays, the territory opens,
/// and a second time there is nothing left to do. Method: a mark in a field, replaced; in a change that waits beside
/// something else; erased twice.
#[test]
fn a_field_goes_and_the_rest_stays() {
    let mut scene = Scene::set();
    scene.writes(&[set("phone", MARK), set("website", "https://stays.example")]);
    scene.writes(&[set("phone", "02")]);
    scene.writes(&[
        set("phone", &format!("{MARK} waits")),
        Edit::Validate { structure: id(1), by: "Personne 2".to_owned() },
    ]);
    let before = scene.hub.territory.quarantine(None);
    assert_eq!(before.len(), 1);
    let done = scene.erased(&of("phone")).unwrap();
    assert!(done.counts.operations >= 2 && done.counts.events >= 1, "{:?}", done.counts);
    assert_eq!((done.counts.waiting, done.counts.emptied, done.counts.names), (1, 0, 0));
    assert_eq!(done.epoch.number, 1);
    let (kept, feed) = after(done.epoch);
    assert!(!holds_mark(&kept, &feed));
    assert_eq!(feed.len(), scene.feed.len());
    let territory = open(kept.clone(), 201).unwrap();
    let record = &territory.records()[&id(1)];
    assert_eq!(record.fields["website"].value.as_text(), Some("https://stays.example"));
    assert!(!record.fields.contains_key("phone"));
    let waits = territory.quarantine(None);
    assert!(waits.iter().all(|held| held.state == State::Waiting && !held.edits.is_empty()), "{waits:?}");

    let again = erased(kept.clone(), feed.clone(), &of("phone")).unwrap();
    assert!(again.counts.is_nothing(), "{:?}", again.counts);
    assert_eq!(again.epoch.number, 1);
    assert_eq!(after(again.epoch).1, feed);
    let third = erased(kept, feed, &of("website")).unwrap();
    assert_eq!(third.epoch.number, 2);
}

/// Goal: what waits without what was erased can be accepted in the new document. Method: as above, by a référent·e.
#[test]
fn what_waits_is_accepted_in_the_new_document() {
    let mut scene = Scene::set();
    scene.writes(&[
        set("phone", MARK),
        Edit::Archive { structure: id(1), by: "Personne 2".to_owned(), why: "closed".to_owned() },
        set("postcode", "35290"),
    ]);
    let done = scene.erased(&of("phone")).unwrap();
    let (kept, _) = after(done.epoch);
    let mut territory = open(kept, 202).unwrap();
    let waiting = territory.quarantine(None);
    for (ticket, held) in (1..).zip(&waiting) {
        let change = held.id.parse().unwrap();
        let (person, decision) = (person(1, Role::Referent), Decision::Accept);
        let outcome =
            territory.handle(NOW, [Input::Decide { ticket, person, change, decision, through: true }]);
        assert_eq!(outcome.refuse, []);
    }
    assert!(territory.quarantine(None).iter().all(|held| held.state != State::Waiting));
    let record = &territory.records()[&id(1)];
    assert!(record.is_archived() && !record.fields.contains_key("phone"));
    assert_eq!(record.fields["postcode"].value.as_text(), Some("35290"));
}

/// Goal: where only what waits holds it, the document stays as it is and no device has to move.
#[test]
fn what_waits_alone_moves_no_document() {
    let mut scene = Scene::set();
    scene.writes(&[Edit::Archive { structure: id(1), by: "P".to_owned(), why: MARK.to_owned() }]);
    assert!(holds_mark(&scene.hub.kept, &scene.feed));
    let done = scene.erased(&of("archived/why")).unwrap();
    assert_eq!((done.epoch.number, done.counts.operations, done.counts.waiting), (0, 0, 1));
    let (kept, feed) = after(done.epoch);
    assert!(!holds_mark(&kept, &feed));
    assert_eq!(open(kept, 203).unwrap().heads(), scene.hub.territory.heads());
}

/// Goal: a person's name goes wherever it stands, and what they wrote stays theirs. Method: bindings, the feed, what waits
/// and the marks of records.
#[test]
fn a_person_is_nobody_and_what_they_wrote_stays() {
    let mut scene = Scene::set();
    let name = person(2, Role::Contributor).name;
    scene.writes(&[set("phone", "02")]);
    scene.writes(&[Edit::Confirm { structure: id(1), by: name.clone(), how: "call".to_owned() }]);
    scene.writes(&[Edit::Validate { structure: id(1), by: name.clone() }]);
    let whom = Whom { contributor: person(2, Role::Contributor).contributor, names: [].into() };
    let wish = Wish { forget: Forget::default(), person: Some(whom) };
    let done = scene.erased(&wish).unwrap();
    assert_eq!(done.names, [name.clone()].into());
    assert!(
        done.counts.names > 0 && done.counts.events > 0 && done.counts.operations > 0,
        "{:?}",
        done.counts
    );
    let (kept, feed) = after(done.epoch);
    let territory = open(kept.clone(), 204).unwrap();
    assert!(!String::from_utf8_lossy(&territory.document().save_nocompress()).contains(&name));
    assert!(feed.iter().all(|row| !row.json.contains(&name)));
    assert!(kept.bindings.iter().any(|binding| binding.name == NOBODY));
    assert!(kept.bindings.iter().all(|binding| binding.name != name));
    assert!(territory.quarantine(None).iter().all(|held| held.name == NOBODY));
    let record = &territory.records()[&id(1)];
    assert_eq!(record.fields["phone"].value.as_text(), Some("02"));
    assert_eq!(record.confirmed["how"].value.as_text(), Some("call"));
    assert!(!record.confirmed.contains_key("by"));
    assert!(erased(kept, feed, &wish).unwrap().counts.is_nothing());
}

/// Goal: of events the forgotten values and names go, and nothing else. Method: each kind, before and after.
#[test]
fn events_keep_their_numbers_and_kinds() {
    let helper = "helpers/h";
    let changed =
        |path: &str| Event::FieldChanged { path: path.to_owned(), before: json!("a"), after: json!("b") };
    let part = |path: &str| Event::PartAdded { path: path.to_owned(), what: "a".to_owned() };
    let emptied =
        |path: &str| Event::FieldChanged { path: path.to_owned(), before: Json::Null, after: Json::Null };
    let nameless = |path: &str| Event::PartAdded { path: path.to_owned(), what: String::new() };
    let conflict = |values: Vec<Json>| Event::Conflict { path: "phone".to_owned(), values };
    let resolved = |value: Json| Event::Resolved { path: "phone".to_owned(), value };
    let archived = |why: &str| Event::Archived { why: why.to_owned() };
    for (forgotten, event, left) in [
        ("phone", changed("phone"), Some(emptied("phone"))),
        ("phone", changed("phones"), None),
        ("phone", changed("helpers/h/phone"), None),
        ("phone", conflict(vec![json!("a"), json!(["b"])]), Some(conflict(vec![Json::Null, Json::Null]))),
        ("phone", resolved(json!(1)), Some(resolved(Json::Null))),
        (helper, part(helper), Some(nameless(helper))),
        (helper, changed("helpers/h/email"), Some(emptied("helpers/h/email"))),
        ("helpers/h/name", part(helper), Some(nameless(helper))),
        ("helpers/h/email", part(helper), None),
        ("archived", archived("a"), Some(archived(""))),
        ("phone", Event::Validated, None),
    ] {
        let told = |event: &Event, erased: bool| FeedEvent {
            id: 1,
            at: "2026-05-12T08:00:00Z".to_owned(),
            author: None,
            subject: Some(About { structure: id(1), name: "Mairie".to_owned(), commune: None }),
            erased,
            event: event.clone(),
        };
        let row = |told: &FeedEvent| FeedRow { seq: 1, json: serde_json::to_string(told).unwrap().into() };
        let mut counts = Counts::default();
        let wish = of(forgotten);
        let blanked = super::events::blanked(row(&told(&event, false)), &wish.forget, None, &mut counts);
        let expected = left.as_ref().map_or_else(|| told(&event, false), |left| told(left, true));
        assert_eq!(blanked, Some(row(&expected)), "{forgotten} of {event:?}");
        assert_eq!(counts.events, usize::from(left.is_some()));
    }
    // The name of the structure itself, and somebody else's structure.
    let named = FeedEvent {
        id: 1,
        at: String::new(),
        author: None::<Author>,
        subject: Some(About { structure: id(1), name: "Mairie".to_owned(), commune: Some("35184".into()) }),
        erased: false,
        event: Event::Created,
    };
    let row = FeedRow { seq: 1, json: serde_json::to_string(&named).unwrap().into() };
    let blanked =
        super::events::blanked(row.clone(), &of("name").forget, None, &mut Counts::default()).unwrap();
    let told: FeedEvent = serde_json::from_str(&blanked.json).unwrap();
    assert_eq!(
        told.subject.unwrap(),
        About { structure: id(1), name: String::new(), commune: Some("35184".into()) }
    );
    let other = Forget { subjects: [Subject::structure(&id(2))].into(), before: None };
    let left = super::events::blanked(row, &other, None, &mut Counts::default()).unwrap();
    assert!(left.json.contains("Mairie"));
}

/// Goal: what cannot be read whole is not rewritten. Method: damage that the store tells, a feed that lacks its end, a row
/// that is none.
#[test]
fn what_is_damaged_is_left_alone() {
    let mut scene = Scene::set();
    scene.writes(&[set("phone", MARK)]);
    let (kept, feed) = (scene.hub.kept.clone(), scene.feed.clone());
    let damaged = Kept { damaged: vec![Damage::Stretch], ..kept.clone() };
    let mut broken = feed.clone();
    broken[0].json = "{".into();
    for (kept, feed) in [(damaged, feed.clone()), (kept.clone(), vec![]), (kept, broken)] {
        assert!(matches!(erased(kept, feed, &of("phone")), Err(Unerased::Damaged)));
    }
    assert_eq!(first(&scene.amina.doc).fields["phone"].value.as_text(), Some(MARK));
}
