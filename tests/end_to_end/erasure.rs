//! What is erased is nowhere: not in the directory, the feed, the exports, what waits, nor in a byte of the data directory.

mod full_disk;
mod search;

use std::io::Read;

use automerge::Change;
use flate2::read::MultiGzDecoder;
use portrea_client_core::shelf::identity::Role;
use portrea_protocol::ids::RecordId;
use portrea_protocol::schema::path::{Address, Place};
use portrea_protocol::schema::write::Edit;
use portrea_tests::live::Live;
use portrea_tests::live::editor::Editor;
use portrea_tests::live::web::Person;
use serde_json::{Value as Json, json};
use tokio::runtime::Runtime;
use uuid::Uuid;

const PHONE: &str = "Marque-telephone-8841-qzx";
const MAIL: &str = "marque-mel-5512-wvk@example.org";
const PROSE: &str = "Marque-prose-3391-hjy";
const HELPER: &str = "Marque-Aidant-7733-pfg";
const CONFLICT: &str = "https://marque-conflit-6610-bnt.example";
const RECORD: &str = "Marque-Fiche-2210-dls";
const WAITS: &str = "Marque-quarantaine-4417-crm";
const PERSON: &str = "Marque-Personne-9020-ekx";

const MARKS: [&str; 8] = [PHONE, MAIL, PROSE, HELPER, CONFLICT, RECORD, WAITS, PERSON];

/// A directory full of marks, behind a running server.
struct Scene {
    live: Live,
    rose: Person,
    structure: RecordId,
    helper: RecordId,
    record: RecordId,
    runtime: Runtime,
}

impl Scene {
    fn set() -> Self {
        let live = Live::start();
        let rose = Person::accept(live.url(), live.invitation(), "Rose");
        let marked = live.sign_in(Role::Referent, PERSON);
        let runtime = Runtime::new().unwrap();
        let (structure, helper, record) = runtime.block_on(written(&live, &rose, &marked));
        let scenario = json!({ "name": "Plan", "permanences": [{ "commune": "35184", "family": "assist", "hours": 7.0 }] });
        marked.post("/scenarios", &scenario).done();
        Self { live, rose, structure, helper, record, runtime }
    }

    fn purge(&self, words: &[&str]) -> Json {
        let territory = self.live.territory().to_string();
        self.live.admin_json(&[&["purge", "--territory", &territory], words].concat())
    }

    /// Every way in which a mark may be told, and every file.
    fn found(&self, marks: &[&str]) -> Vec<String> {
        let mut found = Vec::new();
        for path in [
            "/feed?limit=1000",
            "/resources",
            "/resources.geojson",
            "/resources.csv",
            "/quarantine",
            "/conflicts",
            "/authors",
            "/contributors",
            "/acts",
            "/scenarios",
        ] {
            let path = format!("/territories/{}{path}", self.rose.territory);
            let answer = self.rose.call("GET", &path, &[("accept", "application/json")], None);
            assert_eq!(answer.status, 200, "{path}: {}", answer.body);
            found.extend(
                search::plain(answer.body.as_bytes(), marks).into_iter().map(|it| format!("{it}: {path}")),
            );
        }
        let history = format!("/resources/{}/history", self.structure);
        found.extend(search::plain(self.rose.read(&history).to_string().as_bytes(), marks));
        for held in self.rose.read("/quarantine").as_array().unwrap() {
            let path =
                format!("/territories/{}/quarantine/{}", self.rose.territory, held["id"].as_str().unwrap());
            let raw = raw(&self.rose, &path);
            let change = Change::try_from(raw.as_slice()).unwrap();
            found.extend(
                search::history([&change].into_iter(), marks).into_iter().map(|it| format!("{it}: waits")),
            );
        }
        let document = search::document(&self.live.export(), marks);
        found.extend(document.into_iter().map(|mark| format!("{mark}: document")));
        found.extend(search::files(&self.live.data(), marks));
        found
    }

    fn is_sound(&self) {
        let verified = self.live.admin_json(&["verify"]);
        assert_eq!(verified["sound"], true, "{verified}");
        assert_eq!(verified["notes"], json!([]), "{verified}");
        let numbers: Vec<u64> = self.rose.feed_all().iter().map(|event| event.id).collect();
        assert!(numbers.iter().copied().eq(1..=numbers.len() as u64), "the feed is dense");
    }
}

/// The bytes of an answer that is no text.
fn raw(person: &Person, path: &str) -> Vec<u8> {
    let agent: ureq::Agent = ureq::Agent::config_builder().proxy(None).build().into();
    let url = format!("{}/api/v1{path}", person.url);
    let mut answer = agent.get(&url).header("authorization", person.bearer()).call().unwrap();
    answer.body_mut().read_to_vec().unwrap()
}

fn named(number: u128) -> RecordId {
    RecordId::from(Uuid::from_u128(0x0191_7f3e_0000_7000_9000_0000_0000_0000 | number))
}

/// Writes every mark somewhere, and takes most of them back as people do.
async fn written(live: &Live, rose: &Person, marked: &Person) -> (RecordId, RecordId, RecordId) {
    let mut amina = Editor::connected(live.sign_in(Role::Contributor, "Amina"), 1).await;
    let (structure, _) = amina.add("Mairie de Gaël").await;
    let (record, _) = amina.add(RECORD).await;
    let (helper, other) = (named(1), named(2));
    let field = |key: &str| Address::new(&structure, Place::Itself, key).unwrap();
    for (id, name) in [(&helper, HELPER), (&other, "Bruno")] {
        let (structure, id, name) = (structure.clone(), id.clone(), name.to_owned());
        amina.edit(&[Edit::AddHelper { structure, id, name }]).await;
    }
    for phone in ["02 99 00 00 01", PHONE, "02 99 00 00 02"] {
        amina.set(&structure, "phone", phone).await;
    }
    amina.edit(&[Edit::Include { address: field("emails"), member: MAIL.into() }]).await;
    amina.edit(&[Edit::Exclude { address: field("emails"), member: MAIL.into() }]).await;
    // Typed, letter by letter, then taken out from the middle.
    for end in 1..=PROSE.len() {
        amina.set(&structure, "description", &format!("Ouvert. {}", &PROSE[..end])).await;
    }
    amina.set(&structure, "description", "Ouvert. Fin.").await;
    amina.set(&structure, "notes", "Une note qui reste.").await;
    assert!(amina.settle().await);

    // Two who do not know of each other.
    let mut bruno = Editor::connected(live.sign_in(Role::Contributor, "Bruno"), 2).await;
    bruno.hang_up();
    bruno.set(&structure, "website", CONFLICT).await;
    amina.set(&structure, "website", "https://mairie.example").await;
    assert!(amina.settle().await);
    assert!(bruno.connect().await && bruno.settle().await);

    let mut other = Editor::connected(marked.clone(), 3).await;
    let by = PERSON.to_owned();
    other.edit(&[Edit::Confirm { structure: structure.clone(), by, how: "call".into() }]).await;
    other.set(&structure, "summary", "Écrit par quelqu’un.").await;
    assert!(other.settle().await);

    // What she may not do waits, with something that she may in the same change.
    let (why, by) = (WAITS.to_owned(), "Amina".to_owned());
    let address = field("postcode");
    amina
        .edit(&[
            Edit::Archive { structure: structure.clone(), by, why },
            Edit::Set { address, value: Some("35290".into()) },
        ])
        .await;
    while rose.read("/quarantine").as_array().unwrap().is_empty() {
        assert!(amina.step().await);
    }
    (structure, helper, record)
}

/// Goal: what is erased is in no answer and in no byte of the data directory, and the rest is as it was. Method: marks in
/// every kind of place, taken back by people; all are found; each is erased, by the operator and by a référent·e; none is
/// found, in answers, in the decoded history, in files with every deflate stream in them, in a backup, and after a restart.
#[test]
fn what_is_erased_is_nowhere() {
    let mut scene = Scene::set();
    let before = scene.found(&MARKS);
    for mark in MARKS {
        assert!(before.iter().any(|found| found.contains(mark)), "{mark} was never there: {before:?}");
    }
    let files = search::files(&scene.live.data(), &MARKS);
    let bare = MARKS.iter().filter(|mark| **mark != PROSE);
    for mark in bare {
        assert!(files.iter().any(|found| found.contains(mark)), "{mark} was in no file: {files:?}");
    }
    let feed = scene.rose.feed_all();
    let at = |path: &str| format!("{}:{path}", scene.structure);
    for path in ["phone", "emails", "description", "website", "archived/why"] {
        let words = ["--value", &at(path), "--yes"];
        let erased = scene.purge(&words);
        assert_eq!(erased["filesRebuilt"], true, "{erased}");
        assert!(erased["found"]["operations"].as_u64().unwrap() > 0 || path == "archived/why", "{erased}");
        let again = scene.purge(&words);
        assert_eq!(again["epoch"], erased["epoch"], "there is nothing left: {again}");
    }
    let helper = format!("{}:{}", scene.structure, scene.helper);
    assert_eq!(scene.purge(&["--helper", &helper, "--dry-run"])["dryRun"], true);
    assert!(scene.found(&[HELPER]).len() > 2, "asking erases nothing");
    scene.purge(&["--helper", &helper, "--yes"]);
    let asked = scene.rose.post("/purge", &json!({ "record": scene.record })).done();
    assert_eq!(asked["filesRebuilt"], true, "{asked}");
    let people = scene.rose.read("/contributors");
    let whom = people.as_array().unwrap().iter().find(|person| person["displayName"] == PERSON).unwrap();
    let whom = &whom["contributor"];
    let counted = scene.purge(&["--contributor", whom.as_str().unwrap(), "--dry-run"]);
    let erased = scene.rose.post("/purge", &json!({ "contributor": whom })).done();
    assert_eq!(erased["found"], counted["found"]);
    assert!(erased["signedOut"].as_u64().unwrap() > 0, "{erased}");
    let own = json!({ "contributor": scene.rose.contributor });
    assert_eq!(scene.rose.post("/purge", &own).problem(409), "last-referent");

    let acts = scene.rose.read("/acts");
    let erased = acts.as_array().unwrap().iter().filter(|act| act["did"] == "erased");
    let by: Vec<(&str, &str)> = erased
        .map(|act| (act["what"].as_str().unwrap(), act["by"]["name"].as_str().unwrap_or("operator")))
        .collect();
    assert_eq!(by[..3], [("contributor", "Rose"), ("structure", "Rose"), ("helper", "operator")], "{acts}");
    assert_eq!(by.len(), 8, "what found nothing left no act: {acts}");

    for restarted in [false, true] {
        if restarted {
            scene.live.stop();
            scene.live.restart();
        }
        assert_eq!(scene.found(&MARKS), Vec::<String>::new());
        scene.is_sound();
        let records = scene.rose.read("/resources");
        let [record] = records.as_array().unwrap().as_slice() else { panic!("{records}") };
        assert_eq!(record["name"], "Mairie de Gaël");
        assert_eq!(record["notes"], "Une note qui reste.");
        assert_eq!(record["summary"], "Écrit par quelqu’un.");
        let now = scene.rose.feed_all();
        let kinds = |feed: &[portrea_protocol::wire::feed::FeedEvent]| {
            feed.iter().map(|event| (event.id, std::mem::discriminant(&event.event))).collect::<Vec<_>>()
        };
        assert_eq!(
            kinds(now.get(..feed.len()).unwrap()),
            kinds(&feed),
            "events keep their numbers and kinds"
        );
        // The one who was erased is still somebody.
        let theirs = now.iter().filter_map(|event| event.author.as_ref());
        assert!(theirs.clone().any(|author| author.name == "personne effacée"));
        assert!(theirs.clone().any(|author| author.name == "Amina"));
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("backup");
    scene.live.admin_json(&["backup", file.to_str().unwrap()]);
    let mut unpacked = Vec::new();
    MultiGzDecoder::new(std::fs::File::open(&file).unwrap()).read_to_end(&mut unpacked).unwrap();
    assert_eq!(search::plain(&unpacked, &MARKS), Vec::<String>::new());
    assert_eq!(search::deflated(&unpacked, &MARKS), Vec::<String>::new());

    // What waited without the mark waits yet, and can be accepted.
    let waiting = scene.rose.read("/quarantine");
    let id = waiting[0]["id"].as_str().unwrap();
    let accepted =
        scene.rose.post(&format!("/quarantine/{id}"), &json!({ "decision": "accept", "through": true }));
    assert_eq!(accepted.status, 204, "{}", accepted.body);
    drop(scene.runtime);
}

/// Goal: a device that was away comes back with what it had not sent, and has nothing of what was erased any more.
/// Method: two devices with the mark, one of them with edits that it has not sent; one of these is about what is
/// erased.
#[test]
fn devices_move_with_what_they_had_not_sent() {
    let live = Live::start();
    let rose = Person::accept(live.url(), live.invitation(), "Rose");
    let (amina, bruno) = (live.device(Role::Contributor, "Amina"), live.device(Role::Contributor, "Bruno"));
    let structure = amina.add("Mairie de Gaël", &["--commune", "35117"]);
    amina.set(&structure, "phone", PHONE, &[]);
    amina.sync();
    bruno.sync();
    assert!(!search::files(&bruno.home(), &[PHONE]).is_empty(), "the device has it");
    bruno.set(&structure, "website", "https://non-envoye.example", &["--offline"]);
    let territory = live.territory().to_string();
    let value = format!("{structure}:phone");
    let erased = live.admin_json(&["purge", "--territory", &territory, "--value", &value, "--yes"]);
    assert_eq!(erased["epoch"], 1, "{erased}");
    for device in [&bruno, &amina] {
        device.sync();
        assert_eq!(search::files(&device.home(), &[PHONE]), Vec::<String>::new());
        assert_eq!(device.show(&structure)["phone"], Json::Null);
    }
    let website = |person: &Person| person.read("/resources")[0]["website"].as_str().map(str::to_owned);
    assert_eq!(rose.until(website), "https://non-envoye.example");
    assert_eq!(amina.heads(), bruno.heads());
    amina.set(&structure, "phone", "02 99 00 00 03", &[]);
    amina.sync();
    bruno.sync();
    assert_eq!(bruno.show(&structure)["phone"].as_str(), Some("02 99 00 00 03"));
    assert_eq!(search::files(&live.data(), &[PHONE]), Vec::<String>::new());
    assert_eq!(live.admin_json(&["verify"])["sound"], true);
}

/// Goal: killed in the middle of a purge, a server has the old directory or the new one, never half of each, and a purge
/// that is asked for again finishes. Method: SIGKILL as soon as a file of the purge appears or goes, and at once.
#[test]
fn a_purge_may_be_killed_at_any_moment() {
    for (moment, happened) in KILLS {
        let mut live = Live::start();
        let rose = Person::accept(live.url(), live.invitation(), "Rose");
        let runtime = Runtime::new().unwrap();
        let structure = runtime.block_on(async {
            let mut amina = Editor::connected(live.sign_in(Role::Contributor, "Amina"), 1).await;
            let (structure, _) = amina.add("Mairie de Gaël").await;
            for phone in [PHONE, "02 99 00 00 01"] {
                amina.set(&structure, "phone", phone).await;
            }
            assert!(amina.settle().await);
            structure
        });
        let (territory, value) = (live.territory().to_string(), format!("{structure}:phone"));
        let words = ["purge", "--territory", &territory, "--value", &value, "--yes"];
        let data = live.data();
        let asked = live.begin(&words);
        let deadline = std::time::Instant::now() + portrea_tests::live::DEADLINE;
        while !happened(&data) && std::time::Instant::now() < deadline && !asked.is_finished() {
            std::thread::yield_now();
        }
        live.kill();
        // However it ended: the server is gone.
        drop(asked.join());
        live.restart();
        let verified = live.admin_json(&["verify"]);
        assert_eq!(
            (&verified["sound"], &verified["notes"]),
            (&json!(true), &json!([])),
            "{moment}: {verified}"
        );
        let (in_document, in_feed) = (
            !search::document(&live.export(), &[PHONE]).is_empty(),
            rose.feed_all().iter().any(|event| serde_json::to_string(event).unwrap().contains(PHONE)),
        );
        assert_eq!(in_document, in_feed, "{moment}: half a purge");
        let epoch = rose.read("")["epoch"].as_u64().unwrap();
        assert_eq!(in_document, epoch == 0, "{moment}");
        assert!(
            in_document || search::files(&data, &[PHONE]).is_empty(),
            "{moment}: not finished at its start"
        );
        let again = live.admin_json(&words);
        assert_eq!((&again["epoch"], &again["filesRebuilt"]), (&json!(1), &json!(true)), "{moment}: {again}");
        assert_eq!(search::files(&data, &[PHONE]), Vec::<String>::new(), "{moment}");
        let record = rose.read("/resources");
        assert_eq!(
            (&record[0]["name"], &record[0]["phone"]),
            (&json!("Mairie de Gaël"), &Json::Null),
            "{moment}"
        );
        let numbers: Vec<u64> = rose.feed_all().iter().map(|event| event.id).collect();
        assert!(numbers.iter().copied().eq(1..=numbers.len() as u64), "{moment}: the feed is dense");
    }
}

/// Moments, and what is seen of them.
type Moment = (&'static str, fn(&std::path::Path) -> bool);
const KILLS: [Moment; 5] = [
    ("at once", |_| true),
    ("the log grows", |data| {
        std::fs::metadata(data.join("batches")).is_ok_and(|it| it.len() > 0) && touched(data)
    }),
    ("a copy is begun", |data| data.join("copying").exists()),
    ("the copy has a log", |data| data.join("copying/db").exists()),
    ("the copy is whole", |data| data.join("copied").exists()),
];

/// Whether the log was written since the last look.
fn touched(data: &std::path::Path) -> bool {
    use std::sync::Mutex;
    static BEFORE: Mutex<Option<(std::path::PathBuf, std::time::SystemTime)>> = Mutex::new(None);
    let now = std::fs::metadata(data.join("batches")).and_then(|it| it.modified()).ok();
    let mut before = BEFORE.lock().unwrap();
    let was = before.replace((data.to_owned(), now.unwrap_or(std::time::UNIX_EPOCH)));
    was.is_some_and(|(path, at)| path == data && Some(at) != now)
}
