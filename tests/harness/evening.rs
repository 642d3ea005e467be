//! What must hold in the evening, whatever happened during the day.

use std::collections::{BTreeMap, BTreeSet};

use automerge::{ActorId, ChangeHash, ReadDoc};
use portrea_indicators::oracle::recompute;
use portrea_indicators::portrait::Portrait;
use portrea_protocol::ids::{InseeCode, RecordId};
use portrea_protocol::schema::read;
use portrea_protocol::schema::record::{Fields, Structure, text};
use portrea_protocol::wire::feed::{Event, FeedEvent, json};
use portrea_territory::chunk::{Chunk, FeedRow};
use portrea_territory::projection;
use portrea_territory::territory::Territory;

use crate::check::{Check, Failure, hold};
use crate::plan::Plan;
use crate::script::FORGED;
use crate::world::purge::{Era, holds, says, without};
use crate::world::{Counts, Device, World};

/// Figures of a day, to show that it was one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Evening {
    /// Structures in the directory.
    pub structures: usize,
    /// Changes made on devices.
    pub changes: usize,
    /// Events in the feed.
    pub events: usize,
    /// Fields with several answers.
    pub conflicts: usize,
    /// Structures that stand as validated.
    pub validated: usize,
    /// Structures that are to be reviewed again.
    pub to_review: usize,
    /// What happened to the server.
    pub server: Counts,
}

impl Evening {
    /// Adds another day's figures.
    pub fn add(&mut self, day: &Self) {
        self.structures += day.structures;
        self.changes += day.changes;
        self.events += day.events;
        self.conflicts += day.conflicts;
        self.validated += day.validated;
        self.to_review += day.to_review;
        self.server.add(&day.server);
    }
}

/// Checks everything; the first that does not hold is told.
pub fn check(world: &mut World, plan: &Plan) -> Result<Evening, Failure> {
    let territory = match world.server.open.take() {
        Some(territory) => territory,
        // Nobody came at all, or the day was cut short.
        None => world.server.opens()?,
    };
    world.settle();
    let joined: Vec<&Device> = world.devices.iter().filter(|device| device.joined).collect();
    let (dishonest, honest): (Vec<&Device>, Vec<&Device>) =
        joined.iter().copied().partition(|device| device.dishonest);
    replicas(&honest, &territory)?;
    let whole = read::structures(territory.document());
    refused(&dishonest, &territory, &whole)?;
    let eras = &world.server.eras;
    forged(world, &territory, &whole)?;
    let (validated, to_review) = validations(&honest, &whole, eras)?;
    records(&territory, &whole)?;
    authors(&honest, &territory)?;
    let rows = world.server.disk.feed().map_err(|error| Failure::new(Check::Opens, error.to_string()))?;
    erased(world, &territory, &rows)?;
    for (row, expected) in rows.iter().zip(1_u64..) {
        let seen = || format!("event {} stands where {expected} should", row.seq);
        hold(Check::FeedDense, row.seq == expected, seen)?;
    }
    for (seq, published) in &world.server.published {
        let kept = rows.iter().find(|row| row.seq == *seq).map(|row| &row.json);
        let seen = || format!("event {seq} was published as {published} and is kept as {kept:?}");
        hold(Check::FeedSingle, kept == Some(published), seen)?;
    }
    let events: Vec<FeedEvent> =
        rows.iter().map(|row| serde_json::from_str(&row.json).expect("a row is an event")).collect();
    announced(&events, &whole, &world.server.known, eras)?;
    told_fields(&events, &whole)?;
    figures(&events, &territory.engine().portrait())?;
    bounds(world, plan, &territory)?;
    let again = world.server.opens()?;
    let same = again.heads() == territory.heads()
        && again.records() == territory.records()
        && again.feed_last() == territory.feed_last()
        && again.quarantine(None).len() == territory.quarantine(None).len()
        && again.engine().portrait() == territory.engine().portrait();
    hold(Check::ReopensSame, same, || "the territory is another one when it is opened again".to_owned())?;
    Ok(Evening {
        structures: whole.len(),
        changes: world.devices.iter().map(|device| device.made_in_all).sum(),
        events: rows.len(),
        conflicts: whole.values().map(|structure| structure.conflicts().count()).sum(),
        validated,
        to_review,
        server: world.server.counts,
    })
}

fn replicas(devices: &[&Device], territory: &Territory) -> Result<(), Failure> {
    for device in devices {
        let (who, replica) = (&device.person.name, &device.replica);
        let missing = territory.document().get_missing_deps(&device.made);
        let seen = || format!("changes of {who} are lost: {missing:?}");
        hold(Check::ShelvesMerged, missing.is_empty(), seen)?;
        let seen = || format!("{who} is in epoch {}, the server in {}", device.epoch, territory.epoch());
        hold(Check::ReplicasEqual, device.epoch == territory.epoch(), seen)?;
        let seen = || format!("{who} has {:?}, the server {:?}", replica.heads(), territory.heads());
        hold(Check::ReplicasEqual, replica.heads() == territory.heads(), seen)?;
        let seen = || format!("{who} was told {:?}", replica.server_heads());
        let told = replica.server_heads() == territory.heads() || device.may_have_heard_late();
        hold(Check::ReplicasEqual, told, seen)?;
        let seen = || format!("{who} waits for {} acknowledgements", replica.waiting());
        hold(Check::ReplicasEqual, replica.waiting() == 0, seen)?;
    }
    Ok(())
}

/// What dishonest devices may not write is not there, and nothing that they made is lost.
fn refused(
    devices: &[&Device],
    territory: &Territory,
    whole: &BTreeMap<RecordId, Structure>,
) -> Result<(), Failure> {
    for device in devices {
        let who = &device.person.name;
        let missing = territory.document().get_missing_deps(&device.made);
        let lost: Vec<_> = missing.iter().filter(|hash| territory.quarantined(hash).is_none()).collect();
        hold(Check::QuarantineKept, lost.is_empty(), || format!("changes of {who} are lost: {lost:?}"))?;
        let marks = |structure: &Structure| {
            [text(&structure.archived, "by"), text(&structure.validation, "by")].contains(&who.as_str())
        };
        let marked = whole.iter().find(|(_, structure)| marks(structure));
        hold(Check::OnlyAllowed, marked.is_none(), || format!("{who} marked {marked:?}"))?;
    }
    Ok(())
}

/// What was forged is not merged; what was in somebody else's name is not made anew either, from what waits or in another
/// epoch.
fn forged(
    world: &World,
    territory: &Territory,
    whole: &BTreeMap<RecordId, Structure>,
) -> Result<(), Failure> {
    let there = |hash: &&ChangeHash| territory.document().get_change_meta_by_hash(hash).is_some();
    let merged = world.server.forged.iter().find(there);
    hold(Check::OnlyAllowed, merged.is_none(), || format!("{merged:?} was forged and is merged"))?;
    let says = |structure: &&Structure| {
        let website = structure.fields.get("website");
        website.is_some_and(|entry| format!("{entry:?}").contains(FORGED))
    };
    let written = whole.values().find(says);
    hold(Check::OnlyAllowed, written.is_none(), || format!("a forged change wrote into {written:?}"))
}

/// What stands as validated reads as it did where it was validated; gives how many do, and how many are to be reviewed.
fn validations(
    devices: &[&Device],
    whole: &BTreeMap<RecordId, Structure>,
    eras: &[Era],
) -> Result<(usize, usize), Failure> {
    let vouched = devices.iter().flat_map(|device| &device.vouched);
    for (id, seen) in vouched.filter_map(|(id, seen)| Some((id, seen.as_ref()?))) {
        let Some(now) = whole.get(id).filter(|structure| structure.is_validated()) else { continue };
        let told = || format!("{id:?} was validated as {seen:?} and stands validated as {now:?}");
        // What was erased on purpose is no edit.
        let [seen_left, now_left] = [seen, now].map(|structure| {
            let mut one = BTreeMap::from([(id.clone(), structure.clone())]);
            for era in eras {
                without(&mut one, &era.target);
            }
            one.remove(id).unwrap_or_default()
        });
        hold(Check::ValidatedAsSeen, now_left.says_the_same(&seen_left), told)?;
    }
    let count = |is: fn(&Structure) -> bool| whole.values().filter(|structure| is(structure)).count();
    Ok((count(Structure::is_validated), count(Structure::is_to_review)))
}

fn records(territory: &Territory, whole: &BTreeMap<RecordId, Structure>) -> Result<(), Failure> {
    let seen = || "records kept up by edits differ from a full reading".to_owned();
    hold(Check::RecordsEqual, territory.records() == whole, seen)?;
    let resources: BTreeMap<_, _> =
        whole.iter().map(|(id, structure)| (id.clone(), projection::of(structure))).collect();
    let oracle = recompute(territory.engine().statistics(), &resources);
    let seen = || "the portrait kept up by edits differs from the oracle's".to_owned();
    hold(Check::IndicatorsEqual, territory.engine().portrait() == oracle, seen)
}

fn authors(devices: &[&Device], territory: &Territory) -> Result<(), Failure> {
    let there: BTreeSet<ActorId> = territory
        .document()
        .get_changes_meta(&[])
        .into_iter()
        .map(|change| change.actor.into_owned())
        .collect();
    for device in devices.iter().filter(|device| there.contains(device.actor())) {
        let binding = territory.attribution().of(device.actor());
        let right = binding.is_some_and(|binding| binding.contributor == device.person.contributor);
        let seen = || format!("changes of {} belong to {binding:?}", device.person.name);
        hold(Check::AuthorsRight, right, seen)?;
    }
    Ok(())
}

/// Every structure is announced once, those of the day before apart, and no change is told twice.
fn announced(
    events: &[FeedEvent],
    whole: &BTreeMap<RecordId, Structure>,
    known: &BTreeSet<RecordId>,
    eras: &[Era],
) -> Result<(), Failure> {
    let mut created = BTreeSet::new();
    let mut told = BTreeSet::new();
    for event in events {
        let Some(subject) = &event.subject else { continue };
        let change = event.author.as_ref().and_then(|author| author.change.as_deref()).unwrap_or_default();
        let what = serde_json::to_string(&event.event).expect("an event has a JSON form");
        let seen = || format!("event {} tells what an earlier one told: {what}", event.id);
        let new = told.insert((change.to_owned(), subject.structure.clone(), what.clone()));
        // What was blanked is no more told apart.
        hold(Check::FeedTrue, change.is_empty() || new || event.erased, seen)?;
        if event.event == Event::Created {
            let new = created.insert(subject.structure.clone());
            hold(Check::FeedTrue, new, || format!("{:?} was announced twice", subject.structure))?;
        }
    }
    let all: BTreeSet<RecordId> = whole.keys().filter(|id| !known.contains(*id)).cloned().collect();
    let gone: BTreeSet<&RecordId> = eras
        .iter()
        .filter_map(|era| Some(&era.target.as_ref().filter(|(_, key)| key.is_none())?.0))
        .collect();
    created.retain(|id| !gone.contains(id) || all.contains(id));
    let seen = || format!("announced {created:?}, there are {all:?}");
    hold(Check::FeedTrue, created == all, seen)
}

/// What the feed last told of a field is what the field is.
fn told_fields(events: &[FeedEvent], whole: &BTreeMap<RecordId, Structure>) -> Result<(), Failure> {
    let mut last = BTreeMap::new();
    for event in events {
        if let (Some(subject), Event::FieldChanged { path, after, .. }) = (&event.subject, &event.event) {
            last.insert((&subject.structure, path.as_str()), (event.id, after));
        }
    }
    for ((id, path), (number, after)) in last {
        let value = whole.get(id).and_then(|structure| field(structure, path));
        let value = value.unwrap_or(serde_json::Value::Null);
        let seen = || format!("event {number} told {path} of {id:?} last, as {after}; it is {value}");
        hold(Check::FeedTrue, value == *after, seen)?;
    }
    Ok(())
}

fn field(structure: &Structure, path: &str) -> Option<serde_json::Value> {
    let at = |fields: &Fields, key: &str| fields.get(key).map(|entry| json(&entry.value));
    match path.split('/').collect::<Vec<_>>().as_slice() {
        [key] => at(&structure.fields, key),
        ["archived", key] => at(&structure.archived, key),
        ["services", id, key] => at(&structure.services.get(&RecordId::from(*id))?.fields, key),
        ["helpers", id, key] => at(&structure.helpers.get(&RecordId::from(*id))?.fields, key),
        _ => None,
    }
}

/// Figures that the feed moved go from one event to the next, and end where the portrait is.
fn figures(events: &[FeedEvent], portrait: &Portrait) -> Result<(), Failure> {
    let mut moved = BTreeMap::new();
    for event in events {
        let Event::Indicators { changes } = &event.event else { continue };
        for change in changes {
            let figure = (change.commune.clone(), change.indicator.clone());
            let before = moved.insert(figure, change.after);
            let seen = || {
                format!(
                    "event {} moves {} from {:?}, it was {before:?}",
                    event.id, change.indicator, change.before
                )
            };
            hold(Check::FiguresLead, before.is_none_or(|before| before == change.before), seen)?;
        }
    }
    let now = named(portrait);
    for (figure, after) in &moved {
        let is = as_read(now.get(figure).copied().flatten());
        hold(Check::FiguresLead, is == *after, || format!("{figure:?} was told as {after:?} and is {is:?}"))?;
    }
    Ok(())
}

/// A figure's commune, if it is one's, and its path.
type Figure = (Option<InseeCode>, String);

/// Every figure of a portrait.
fn named(portrait: &Portrait) -> BTreeMap<Figure, Option<f64>> {
    let mut now = BTreeMap::new();
    now.extend(portrait.territory.figures().into_iter().map(|(path, value)| ((None, path), value)));
    for (code, commune) in &portrait.communes {
        let figures = commune.figures().into_iter();
        now.extend(figures.map(|(path, value)| ((Some(code.clone()), path), value)));
    }
    now
}

/// What was erased is in no device that moved, in nothing that is kept, and in no event.
fn erased(world: &World, territory: &Territory, rows: &[FeedRow]) -> Result<(), Failure> {
    let kept = world.server.disk.load().map_err(|error| Failure::new(Check::Opens, error.to_string()))?;
    for secret in world.server.eras.iter().flat_map(|era| &era.secrets) {
        let gone = |is: bool, at: &str| hold(Check::ErasedIsGone, !is, || format!("{secret} is in {at}"));
        gone(says(territory.document(), secret), "the document")?;
        gone(rows.iter().any(|row| row.json.contains(secret)), "the feed")?;
        gone(kept.quarantine.iter().any(|held| holds(&held.bytes, secret)), "quarantine")?;
        let mut chunks = kept.snapshots.iter().chain(&kept.chunks);
        gone(chunks.any(|chunk| holds(chunk.bytes(), secret)), "what is kept")?;
        for device in world.devices.iter().filter(|device| device.epoch == territory.epoch()) {
            gone(says(device.replica.doc(), secret), &device.person.name)?;
        }
    }
    Ok(())
}

/// A figure as whoever reads JSON here reads it: the parser may be off in the last bit, the text is not.
fn as_read(figure: Option<f64>) -> Option<f64> {
    let text = serde_json::to_string(&figure).expect("a figure has a JSON form");
    serde_json::from_str(&text).expect("what was just written can be read")
}

fn bounds(world: &World, plan: &Plan, territory: &Territory) -> Result<(), Failure> {
    let waiting = territory.waiting();
    hold(Check::Bounded, waiting == 0, || format!("{waiting} changes wait for ever"))?;
    let made: usize = world.devices.iter().map(|device| device.made_in_all).sum();
    let most = world.server.counts.waiting_most;
    hold(Check::Bounded, most <= made, || format!("{most} changes waited, {made} were made"))?;
    let kept = world.server.disk.load().map_err(|error| Failure::new(Check::Opens, error.to_string()))?;
    // What a snapshot replaced goes a few chunks at a time, with what is written next.
    let stays = |chunk: &&Chunk| !territory.to_remove().contains(&chunk.id());
    let (chunks, snapshots) =
        (kept.chunks.iter().filter(stays).count(), kept.snapshots.iter().filter(stays).count());
    let bytes: usize = kept.chunks.iter().filter(stays).map(|chunk| chunk.bytes().len()).sum();
    let seen = || format!("{chunks} chunks of {bytes} bytes and {snapshots} snapshots are kept");
    let chunks_max = plan.upkeep.loose_chunks_of(territory.document());
    let few = chunks + snapshots <= chunks_max && bytes <= plan.upkeep.loose_bytes_max;
    hold(Check::Bounded, few, seen)
}
