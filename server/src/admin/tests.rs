//! Commands over a store in memory, and through the socket.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::wildcard_enum_match_arm)]

use std::sync::Arc;

use portrea_protocol::ids::{DocumentId, TerritoryId};
use portrea_protocol::people::Role;
use portrea_territory::chunk::{Batch, FeedRow};

use super::command::{AdminCommand, Counts, Done, ExportFormat, NeedsReading, Outcome, Upload, Verified};
use super::failure::AdminError;
use super::figures::Figures;
use super::socket::{Door, ask};
use super::{demonstration, join_link, perform};
use crate::access::Secret;
use crate::settings::Settings;
use crate::state::State;
use crate::store::memory::MemoryStore;
use crate::store::sled::SledStore;
use crate::store::{Row, Store, Table};

const COMMUNES: &str = include_str!("../../demo/communes.geojson");
const NEEDS: &str = include_str!("../../demo/needs.csv");
const PLACES: &str = include_str!("../../demo/resources.csv");

async fn state(store: impl Store) -> State {
    State::open(Arc::new(store), Settings::default()).await.unwrap()
}

fn upload(name: &str, content: &str) -> Upload {
    Upload { name: name.to_owned(), bytes: content.as_bytes().to_vec() }
}

async fn done(state: &State, command: AdminCommand) -> Result<Done, AdminError> {
    perform(state, command, &mut |_| {}).await
}

fn creation() -> AdminCommand {
    let name = "  CC de   Saint-Méen ".to_owned();
    AdminCommand::CreateTerritory {
        name,
        communes: upload("communes.geojson", COMMUNES),
        needs: vec![upload("needs.csv", NEEDS)],
        travel_times: None,
    }
}

async fn created(state: &State) -> TerritoryId {
    match done(state, creation()).await.unwrap() {
        Done::Created(created) => created.territory,
        other => panic!("{other:?}"),
    }
}

fn importing(territory: TerritoryId, content: &str) -> AdminCommand {
    AdminCommand::Import { territory, file: upload("places.csv", content), format: None, dry_run: false }
}

async fn imported(state: &State, command: AdminCommand) -> (usize, Counts) {
    match done(state, command).await.unwrap() {
        Done::Imported(imported) => (imported.changes, imported.counts),
        other => panic!("{other:?}"),
    }
}

async fn verified(state: &State) -> Verified {
    match done(state, AdminCommand::Verify).await.unwrap() {
        Done::Verified(verified) => verified,
        other => panic!("{other:?}"),
    }
}

async fn exported(state: &State, territory: TerritoryId, format: ExportFormat) -> (usize, Vec<u8>) {
    match done(state, AdminCommand::Export { territory, format }).await.unwrap() {
        Done::Exported(exported) => (exported.structures, exported.content),
        other => panic!("{other:?}"),
    }
}

/// Goal: a territory is there once it was made, and its link lets a référent·e in. Method: make, list, accept.
#[tokio::test]
async fn a_territory_is_made_with_a_link() {
    let state = state(MemoryStore::new()).await;
    let Done::Created(created) = done(&state, creation()).await.unwrap() else { panic!() };
    assert_eq!((created.name.as_str(), created.code.as_str()), ("CC de Saint-Méen", "200038990"));
    assert_eq!(created.document, DocumentId::of(created.territory, 0).url());
    assert!(created.invitation.starts_with("http://127.0.0.1:8080/join#"), "{}", created.invitation);
    let (session, _) = state.accounts.accept(&created.invitation, "Camille").await.unwrap();
    assert_eq!((session.role, session.territory), (Role::Referent, created.territory));
    let Done::Listed(all) = done(&state, AdminCommand::ListTerritories).await.unwrap() else { panic!() };
    assert_eq!(
        all.iter().map(|one| (one.territory, one.communes)).collect::<Vec<_>>(),
        [(created.territory, 17)]
    );
    let statistics = state.registry.description(created.territory).await.unwrap().statistics;
    assert!(
        statistics.invented && statistics.communes.values().all(|commune| commune.needs.births.is_some())
    );
}

#[tokio::test]
async fn what_cannot_be_made_leaves_nothing() {
    let state = state(MemoryStore::new()).await;
    let with = |name: &str, communes: &str, needs: &str| AdminCommand::CreateTerritory {
        name: name.to_owned(),
        communes: upload("communes.geojson", communes),
        needs: vec![upload("needs.csv", needs)],
        travel_times: None,
    };
    for (command, code) in [
        (with(" ", COMMUNES, NEEDS), "name"),
        (with("A", "{\"type\": \"Feature", NEEDS), "bad_json"),
        (with("A", COMMUNES, "code,age\n35026,3\n"), "no_figures"),
    ] {
        assert_eq!(done(&state, command).await.unwrap_err().code(), code);
    }
    assert_eq!(done(&state, AdminCommand::ListTerritories).await.unwrap(), Done::Listed(Vec::new()));
    assert_eq!(verified(&state).await.territories, []);
}

#[tokio::test]
async fn an_invitation_is_for_a_territory_that_exists() {
    let state = state(MemoryStore::new()).await;
    let territory = created(&state).await;
    let invite = |territory| AdminCommand::Invite {
        territory,
        role: Role::Reader,
        uses: Some(1),
        lasts_ms: 60_000,
        mail: Vec::new(),
    };
    let Done::Invited(invited) = done(&state, invite(territory)).await.unwrap() else { panic!() };
    state.accounts.accept(&invited.invitation, "Dominique").await.unwrap();
    state.accounts.accept(&invited.invitation, "Dominique").await.unwrap_err();
    let nowhere = TerritoryId(uuid::Uuid::nil());
    for command in [
        invite(nowhere),
        importing(nowhere, PLACES),
        AdminCommand::Export { territory: nowhere, format: ExportFormat::Csv },
        importing_needs(nowhere, &[("needs.csv", NEEDS)], false),
        AdminCommand::ShowNeeds { territory: nowhere },
        AdminCommand::Recipe { territory: nowhere, text: None },
    ] {
        assert_eq!(done(&state, command).await.unwrap_err().code(), "no-territory");
    }
}

/// Goal: importing again changes nothing, and neither does a dry run or a broken file. Method: heads before and after.
#[tokio::test]
async fn an_import_is_done_once() {
    let state = state(MemoryStore::new()).await;
    let territory = created(&state).await;
    let AdminCommand::Import { file, format, .. } = importing(territory, PLACES) else { panic!() };
    let dry = AdminCommand::Import { territory, file, format, dry_run: true };
    let all_new = Counts { added: 39, ..Counts::default() };
    assert_eq!(imported(&state, dry).await, (0, all_new));
    let heads = |verified: &Verified| {
        verified.territories.iter().flat_map(|one| one.heads.clone()).collect::<Vec<_>>()
    };
    let before = heads(&verified(&state).await);
    assert_eq!(imported(&state, importing(territory, PLACES)).await, (1, all_new));
    let after = verified(&state).await;
    assert_ne!(heads(&after), before);
    let again = imported(&state, importing(territory, PLACES)).await;
    assert_eq!(again, (0, Counts { unchanged: 39, ..Counts::default() }));
    for (broken, code) in [
        ("name,commune\n\"Mairie,35026\n", "open_quote"),
        ("a,b\n1,2\n", "unknown-format"),
        ("name,commune\nMairie\n", "wrong_width"),
    ] {
        let error = done(&state, importing(territory, broken)).await.unwrap_err();
        assert_eq!(error.code(), code, "{error}");
    }
    assert_eq!(verified(&state).await, after);
}

/// Goal: the feed names the import and not a person. Method: read the feed after an import.
#[tokio::test]
async fn the_feed_names_the_import() {
    let store = MemoryStore::new();
    let state = state(store.clone()).await;
    let territory = created(&state).await;
    let place = "name,commune,family\nMairie,35026,assist\n";
    assert_eq!(imported(&state, importing(territory, place)).await.1.added, 1);
    let rows = store.feed(territory, 0, 10).unwrap();
    let event: serde_json::Value = serde_json::from_str(&rows.first().unwrap().json).unwrap();
    assert_eq!(event["author"]["name"], "Import");
    assert_eq!(event["author"]["contributor"], territory.to_string());
    assert_eq!(event["subject"]["name"], "Mairie");
}

#[tokio::test]
async fn a_directory_leaves_in_every_format() {
    let state = state(MemoryStore::new()).await;
    let territory = created(&state).await;
    imported(&state, importing(territory, PLACES)).await;
    for format in [ExportFormat::Geojson, ExportFormat::Json] {
        let (structures, content) = exported(&state, territory, format).await;
        assert_eq!(structures, 39);
        serde_json::from_slice::<serde_json::Value>(&content).unwrap();
    }
    let (_, csv) = exported(&state, territory, ExportFormat::Csv).await;
    let back = imported(&state, importing(territory, std::str::from_utf8(&csv).unwrap())).await;
    assert_eq!(back, (0, Counts { unchanged: 39, ..Counts::default() }));
    let (_, document) = exported(&state, territory, ExportFormat::Automerge).await;
    let doc = portrea_protocol::schema::document::load(&document, automerge::ActorId::from([1])).unwrap();
    assert_eq!(portrea_protocol::schema::read::structures(&doc).len(), 39);
}

fn importing_needs(territory: TerritoryId, files: &[(&str, &str)], replace: bool) -> AdminCommand {
    let files = files.iter().map(|(name, content)| upload(name, content)).collect();
    let reading = NeedsReading { replace, ..NeedsReading::default() };
    AdminCommand::ImportNeeds { territory, files, reading }
}

async fn figures(state: &State, command: AdminCommand) -> Figures {
    match done(state, command).await.unwrap() {
        Done::Figures(figures) => figures,
        other => panic!("{other:?}"),
    }
}

async fn births(state: &State, territory: TerritoryId) -> Vec<f64> {
    let keeper = state.registry.keeper(territory).await.unwrap();
    let births = keeper.read(|territory| {
        let communes = &territory.engine().statistics().communes;
        communes.values().filter_map(|commune| commune.needs.births).collect::<Vec<_>>()
    });
    births.await.unwrap()
}

/// Goal: imports add up, a series replaces its like, a dry run writes nothing. Method: births over births, with and
/// without replacing all.
#[tokio::test]
async fn imports_of_figures_add_up() {
    let state = state(MemoryStore::new()).await;
    let territory = created(&state).await;
    assert_eq!(births(&state, territory).await.len(), 17);
    let files = [("births.csv", "code,births,source\n35026,7,État civil\n")];
    let mut trial = importing_needs(territory, &files, true);
    if let AdminCommand::ImportNeeds { reading, .. } = &mut trial {
        reading.dry_run = true;
    }
    assert_eq!(figures(&state, trial).await.without, 16);
    assert_eq!(births(&state, territory).await.len(), 17, "a dry run writes nothing");
    let added = figures(&state, importing_needs(territory, &files, false)).await;
    assert_eq!((added.communes, added.without, added.invented), (17, 0, true));
    assert_eq!(births(&state, territory).await, [7.0]);
    let figures = figures(&state, importing_needs(territory, &files, true)).await;
    assert_eq!((figures.communes, figures.without, figures.invented), (1, 16, false));
    assert_eq!(figures.sources, ["État civil"]);
    assert_eq!(births(&state, territory).await, [7.0]);
}

/// Goal: a recipe is kept, moves the figures at once, and can be given back. Method: one that halves births.
#[tokio::test]
async fn a_recipe_moves_the_figures() {
    let state = state(MemoryStore::new()).await;
    let territory = created(&state).await;
    let before = births(&state, territory).await;
    let recipe = "[[dimension]]\nkey = \"births\"\nfr = \"n\"\nen = \"b\"\nunit = \"events\"\nweight = 0.5\n\
                  [[dimension.formula]]\nfr = \"moitié\"\nen = \"half\"\nvalue = \"births\"\n";
    let set = |text: &str| AdminCommand::Recipe { territory, text: Some(text.to_owned()) };
    let Done::Recipe(shown) = done(&state, set(recipe)).await.unwrap() else { panic!() };
    assert!(shown.own && shown.text == recipe && shown.dimensions[0].estimated == 17);
    let halves: Vec<f64> = before.iter().map(|births| births / 2.0).collect();
    assert_eq!(births(&state, territory).await, halves);
    let refused = done(&state, set("[[dimension]]\nkey = 3\n")).await.unwrap_err();
    assert!(refused.code() == "bad_toml" && refused.said().fr.contains("recette"), "{}", refused.said().fr);
    assert_eq!(births(&state, territory).await, halves);
    let Done::Recipe(shown) = done(&state, set("")).await.unwrap() else { panic!() };
    assert!(!shown.own);
    assert_eq!(births(&state, territory).await, before);
    let Done::Needs(shown) = done(&state, AdminCommand::ShowNeeds { territory }).await.unwrap() else {
        panic!()
    };
    assert_eq!((shown.communes.len(), shown.own_recipe), (17, false));
    assert!(shown.series.iter().any(|series| series.key == "births" && series.covers.known == 17));
}

/// Goal: the demonstration is made once, with its past. Method: make it twice and read its feed.
#[tokio::test]
async fn the_demonstration_is_made_once() {
    let store = MemoryStore::new();
    let state = state(store.clone()).await;
    let territory = demonstration(&state).await.unwrap();
    assert_eq!(demonstration(&state).await.unwrap(), territory);
    let verified = verified(&state).await;
    let [checked] = verified.territories.as_slice() else { panic!("{verified:?}") };
    assert!(verified.sound && checked.structures == 39 && checked.feed > 39, "{verified:?}");
    let event: serde_json::Value =
        serde_json::from_str(&store.feed(territory, 0, 1).unwrap().first().unwrap().json).unwrap();
    assert_eq!(event["author"]["name"], crate::demo::AUTHOR);
}

/// Goal: a directory on disk is the same after a restart, however many loose chunks it has. Method: import line by
/// line into sled, open again, verify.
#[tokio::test(flavor = "multi_thread")]
async fn a_restart_finds_everything() {
    let dir = tempfile::tempdir().unwrap();
    let open = || state(SledStore::open(dir.path()).unwrap());
    let before = {
        let state = open().await;
        let territory = created(&state).await;
        for number in 0..20 {
            let place = format!("name,commune\nLieu {number},35026\n");
            assert_eq!(imported(&state, importing(territory, &place)).await.0, 1);
        }
        let verified = verified(&state).await;
        state.registry.committer().close().await;
        verified
    };
    let found = verified(&open().await).await;
    assert_eq!(found, before);
    assert_eq!(found.territories.first().map(|one| (one.structures, one.chunks)), Some((20, 21)));
}

/// Goal: verify says what is damaged. Method: spoil one thing a territory, and look at what is said of it.
#[tokio::test]
async fn damage_is_said() {
    let store = MemoryStore::new();
    let state = state(store.clone()).await;
    let (chunk, feed, text, row) =
        (created(&state).await, created(&state).await, created(&state).await, created(&state).await);
    assert!(verified(&state).await.sound);
    store.damage(store.load(chunk).unwrap().unwrap().snapshots.first().unwrap().id());
    let event =
        |seq, json: &str| Batch { feed: vec![FeedRow { seq, json: json.into() }], ..Batch::default() };
    store.append(feed, &event(3, r#"{"id":3,"at":"2026-01-01T00:00:00Z","kind":"joined"}"#)).unwrap();
    store.append(text, &event(1, "{")).unwrap();
    let spoilt = Row { table: Table::Territory, key: row.0.as_bytes().to_vec(), value: Some(b"{".to_vec()) };
    store.put(&[spoilt]).unwrap();
    store.make_durable().unwrap();
    let found = verified(&state).await;
    assert!(!found.sound);
    for (id, expected) in [
        (chunk, "a snapshot of the document is damaged"),
        (feed, "the feed jumps from event 0 to 3"),
        (text, "event 1 of the feed cannot be read"),
        (row, "description cannot be read"),
    ] {
        let checked = found.territories.iter().find(|one| one.territory == id.to_string()).unwrap();
        // Without its snapshot the document does not open either, which is said after it.
        let damage = checked.damage.first().unwrap();
        assert!(damage.en.contains(expected), "{damage:?}");
    }
}

/// Goal: what a crash in a creation leaves is no damage and shown nowhere. Method: take the description away.
#[tokio::test]
async fn a_creation_cut_short_is_no_damage() {
    let store = MemoryStore::new();
    let state = state(store.clone()).await;
    let territory = created(&state).await;
    let gone = Row { table: Table::Territory, key: territory.0.as_bytes().to_vec(), value: None };
    store.put(&[gone]).unwrap();
    store.make_durable().unwrap();
    let found = verified(&state).await;
    assert!(found.sound);
    let notes: Vec<&str> =
        found.territories.iter().flat_map(|one| &one.notes).map(|note| note.en.as_str()).collect();
    assert_eq!(
        notes,
        ["without a description: this territory's creation was cut short; it is shown nowhere"]
    );
    assert_eq!(done(&state, AdminCommand::ListTerritories).await.unwrap(), Done::Listed(Vec::new()));
}

/// Goal: a command means the same through the socket. Method: import and export through it, and compare.
#[tokio::test]
async fn the_socket_performs_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let listing = AdminCommand::ListTerritories;
    assert!(ask(dir.path(), &listing, &mut |_| {}).await.unwrap().is_none());
    // A socket that a dead server left is replaced.
    drop(std::os::unix::net::UnixListener::bind(dir.path().join("admin.sock")).unwrap());
    assert!(ask(dir.path(), &listing, &mut |_| {}).await.unwrap().is_none());
    let state = Arc::new(state(MemoryStore::new()).await);
    let door = tokio::spawn(Door::open(dir.path()).unwrap().serve(Arc::clone(&state)));
    let territory = created(&state).await;
    let mut reports = 0;
    let answer =
        ask(dir.path(), &importing(territory, PLACES), &mut |_| reports += 1).await.unwrap().unwrap();
    let Ok(Done::Imported(imported)) = answer else { panic!("{answer:?}") };
    assert!(imported.lines.iter().all(|line| line.outcome == Outcome::Added));
    assert!(reports > 0);
    let export = AdminCommand::Export { territory, format: ExportFormat::Automerge };
    let here = done(&state, export.clone()).await.unwrap();
    assert_eq!(ask(dir.path(), &export, &mut |_| {}).await.unwrap().unwrap(), Ok(here));
    let refused = ask(dir.path(), &importing(territory, "a,b\n1,2\n"), &mut |_| {}).await.unwrap().unwrap();
    assert_eq!(refused.unwrap_err().code, "unknown-format");
    state.stopping.send_replace(true);
    door.await.unwrap();
    assert!(std::fs::read_dir(dir.path()).unwrap().next().is_none());
}

#[test]
fn a_link_leads_to_the_page() {
    let secret = Secret::new([7; 32]);
    for base in ["https://p.example.org", "https://p.example.org/"] {
        let link = join_link(base, &secret);
        assert_eq!(link, format!("https://p.example.org/join#{}", secret.reveal()));
        assert_eq!(crate::access::Hash::of(&link), secret.hash());
    }
}
