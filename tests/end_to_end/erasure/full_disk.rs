//! The disk takes nothing more while something is erased: while the new epoch is written, and while the store is copied.

use std::fs::{self, File};
use std::path::Path;
use std::process::Output;

use portrea_client_core::shelf::identity::Role;
use portrea_tests::live::device::Device;
use portrea_tests::live::web::{Answer, Person, request};
use portrea_tests::live::{DEADLINE, Live};
use portrea_tests::seed::Seed;
use serde_json::{Value as Json, json};

use super::search;
use crate::full_disk::{MOUNTED_BYTES, Mounted, limit};

const MARK: &str = "Marque-plein-6127-vhq";
/// Beyond what stands in the log, how much the disk takes on each try, in bytes: ends in the midst of what an epoch writes.
const BEYOND: [u64; 4] = [0, 2_000, 9_000, 30_000];
/// Purges until the disk is seen to fill in the middle of a copy.
const COPIES_MAX: usize = 20;
/// By how much a full file system is given room, in bytes.
const STEP_BYTES: usize = 96 << 10;
/// Structures whose words no compression makes smaller, and how many letters each has.
const NOISY: u64 = 12;
const LETTERS: u64 = 3_000;

/// A directory with a mark in a structure's history, and two devices that have it.
struct Scene {
    live: Live,
    rose: Person,
    amina: Device,
    bruno: Device,
    structure: String,
}

impl Scene {
    fn set(seed: u64) -> Self {
        let live = Live::start();
        let rose = Person::accept(live.url(), live.invitation(), "Rose");
        let amina = live.device(Role::Contributor, "Amina");
        let structure = amina.add("Mairie de Gaël", &["--commune", "35117"]);
        let mut seed = Seed::new(seed);
        for number in 0..NOISY {
            let noisy = amina.add(&format!("Lieu {number}"), &["--offline"]);
            let letters = (0..LETTERS).map(|_| char::from(b'A' + u8::try_from(seed.below(26)).unwrap()));
            amina.set(&noisy, "summary", &letters.collect::<String>(), &["--offline"]);
        }
        amina.set(&structure, "phone", MARK, &["--offline"]);
        amina.set(&structure, "phone", "02 99 00 00 01", &["--offline"]);
        amina.sync();
        let bruno = live.device(Role::Contributor, "Bruno");
        bruno.sync();
        bruno.set(&structure, "website", "https://non-envoye.example", &["--offline"]);
        Self { live, rose, amina, bruno, structure }
    }

    fn ask(&self) -> Output {
        self.live.admin(&self.words().each_ref().map(String::as_str))
    }

    fn words(&self) -> [String; 6] {
        let (territory, value) = (self.live.territory().to_string(), format!("{}:phone", self.structure));
        ["purge", "--territory", &territory, "--value", &value, "--yes"].map(str::to_owned)
    }

    fn ask_over_http(&self, language: &str) -> Answer {
        let body = json!({ "value": { "structure": self.structure, "path": "phone" } }).to_string();
        let path = format!("/territories/{}/purge", self.rose.territory);
        let headers = [("content-type", "application/json"), ("accept-language", language)];
        let bearer = self.rose.bearer();
        let headers = [&[("authorization", bearer.as_str())], headers.as_slice()].concat();
        request("POST", &format!("{}/api/v1{path}", self.live.url()), &headers, Some(&body))
    }

    fn ready(&self) -> Answer {
        request("GET", &format!("{}/readyz", self.live.url()), &[], None)
    }

    /// There is room again, and the server has noticed by itself.
    fn has_room(&self) {
        limit(&self.live, "unlimited");
        while self.ready().status != 200 {}
    }

    /// The territory is wholly in one epoch, and nothing else of it is lost; gives which.
    fn is_whole(&self, told: &str) -> u64 {
        let verified = self.live.admin_json(&["verify"]);
        assert_eq!(verified["sound"], true, "{told}: {verified}");
        let epoch = self.rose.read("")["epoch"].as_u64().unwrap();
        let document = !search::document(&self.live.export(), &[MARK]).is_empty();
        let events = self.rose.feed_all();
        let feed = events.iter().any(|event| serde_json::to_string(event).unwrap().contains(MARK));
        assert_eq!(document, feed, "{told}: half a purge");
        let numbers: Vec<u64> = events.iter().map(|event| event.id).collect();
        assert!(numbers.iter().copied().eq(1..=numbers.len() as u64), "{told}: the feed is dense");
        let records = self.rose.read("/resources");
        let records = records.as_array().unwrap();
        assert_eq!(records.len() as u64, NOISY + 1, "{told}: something acknowledged is gone");
        let noise: usize = records.iter().filter_map(|record| record["summary"].as_str()).map(str::len).sum();
        assert_eq!(noise as u64, NOISY * LETTERS, "{told}: something acknowledged is gone");
        epoch
    }

    /// Everybody is where the territory is, with what they had not sent, and the mark is nowhere.
    fn ends_without_the_mark(&self) {
        for device in [&self.bruno, &self.amina, &self.bruno] {
            device.sync();
            assert_eq!(search::files(&device.home(), &[MARK]), Vec::<String>::new());
        }
        assert_eq!(self.amina.heads(), self.bruno.heads());
        let website = self.amina.show(&self.structure)["website"].clone();
        assert_eq!(website, "https://non-envoye.example");
        assert_eq!(search::files(&self.live.data(), &[MARK]), Vec::<String>::new());
        let verified = self.live.admin_json(&["verify"]);
        assert_eq!((&verified["sound"], &verified["notes"]), (&json!(true), &json!([])), "{verified}");
    }
}

/// What a command that was refused said, in both languages.
fn refused(output: &Output) -> Json {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    let said = said.lines().last().unwrap_or_default();
    serde_json::from_str::<Json>(said).unwrap_or_else(|error| panic!("{error}: {said}"))["error"].clone()
}

/// Goal: a disk that takes nothing more while a new epoch is written leaves the old one whole, and says what to do; with
/// room again the same purge succeeds. Method: a limit on the size of files, at once and in the midst of the write; words
/// in both languages, over the socket and over HTTP; two devices, one of them with an edit that it has not sent.
#[test]
fn a_purge_that_finds_no_room_for_its_epoch_leaves_the_old_one() {
    let scene = Scene::set(1);
    limit(&scene.live, "1");
    let said = refused(&scene.ask());
    assert_eq!(said["code"], "no-room", "{said}");
    assert!(said["en"].as_str().unwrap().contains("Nothing is half erased"), "{said}");
    assert!(said["en"].as_str().unwrap().contains("Make room"), "{said}");
    assert!(said["fr"].as_str().unwrap().contains("Faites de la place"), "{said}");
    let problem = scene.ask_over_http("en");
    assert_eq!(problem.problem(503), "not-erased");
    assert!(problem.body.contains("Nothing is half erased"), "{}", problem.body);
    let problem = scene.ask_over_http("fr");
    assert_eq!(problem.problem(503), "not-erased");
    assert!(problem.body.contains("Rien n’est effacé à moitié"), "{}", problem.body);
    let ready = scene.ready();
    assert_eq!(ready.status, 503);
    assert!(ready.body.contains("File too large"), "{}", ready.body);
    let waits = scene.bruno.run(&["sync", "--within", "5"]);
    assert!(!waits.output.status.success(), "{waits:?}");
    let said = String::from_utf8_lossy(&waits.output.stderr);
    assert!(said.contains("1 change kept on this device"), "{said}");
    scene.has_room();
    assert_eq!(scene.is_whole("at once"), 0);

    let mut refusals = 1;
    for beyond in BEYOND {
        limit(&scene.live, &(written(&scene.live.data()) + beyond).to_string());
        let output = scene.ask();
        scene.has_room();
        let epoch = scene.is_whole(&format!("{beyond} bytes"));
        if output.status.success() {
            assert_eq!(epoch, 1);
            break;
        }
        if epoch == 0 {
            assert_eq!(refused(&output)["code"], "no-room");
            refusals += 1;
        }
    }
    assert!(refusals > 1, "no write ended in its midst");
    scene.bruno.sync();
    let done = scene.ask();
    assert!(done.status.success(), "{done:?}");
    assert_eq!(scene.is_whole("with room"), 1);
    scene.ends_without_the_mark();
    println!("{refusals} refusals");
}

/// Up to where something stands in the log: it makes its file longer than that.
fn written(data: &Path) -> u64 {
    let log = fs::read(data.join("db")).unwrap();
    log.iter().rposition(|byte| *byte != 0).map_or(0, |last| last as u64 + 1)
}

/// Goal: a disk that takes nothing more while the store is copied is told as such: what is erased is shown nowhere, and
/// the files are finished once there is room. Method: the limit falls when the copy is begun, as often as it takes.
#[test]
fn a_purge_that_finds_no_room_for_its_copy_is_finished_later() {
    let scene = Scene::set(2);
    let copying = scene.live.data().join("copying");
    for number in 1..=COPIES_MAX {
        let words = scene.words();
        let asked = scene.live.begin(&words.each_ref().map(String::as_str));
        let deadline = std::time::Instant::now() + DEADLINE;
        while !copying.exists() && !asked.is_finished() && std::time::Instant::now() < deadline {
            std::thread::yield_now();
        }
        limit(&scene.live, "1");
        let output = asked.join().unwrap();
        let done: Json = serde_json::from_slice(&output.stdout).unwrap_or_default();
        if done["filesRebuilt"] == true {
            // It was whole already: once more.
            scene.has_room();
            scene.amina.set(&scene.structure, "phone", MARK, &[]);
            scene.amina.sync();
            continue;
        }
        assert_eq!((&done["epoch"], &done["filesRebuilt"]), (&json!(number), &json!(false)), "{output:?}");
        assert_eq!(output.status.code(), Some(1), "an erasure that is not finished is no success");
        let again = scene.ask();
        assert_eq!(again.status.code(), Some(1), "{again:?}");
        assert!(!copying.exists(), "half a copy takes the room of those who write");
        scene.has_room();
        assert_eq!(scene.is_whole("without a copy"), number as u64);
        scene.bruno.sync();
        let notes = scene.live.admin_json(&["verify"])["notes"].clone();
        assert_ne!(notes, json!([]), "the operator is told that the files hold it yet");
        let done = scene.ask();
        assert!(done.status.success(), "{done:?}");
        assert_eq!(scene.is_whole("with a copy"), number as u64);
        scene.ends_without_the_mark();
        println!("the disk was full in the middle of copy {number}");
        return;
    }
    panic!("the disk never filled in the middle of a copy");
}

/// Goal: the same on a file system that is really full. Method: one in memory, which a file of somebody else fills and
/// gives back little by little, until the purge is whole; before, it is refused, or has no room for its copy. Mounting needs
/// root: elsewhere the test says that it did not run.
#[test]
fn a_purge_on_a_full_file_system_is_finished_with_room() {
    let mut scene = Scene::set(3);
    assert!(scene.live.stop().success());
    let Some(mounted) = Mounted::over(&scene.live.data()) else { return };
    scene.live.restart();
    let ballast = scene.live.data().join("ballast");
    let written = fs::write(&ballast, vec![7; MOUNTED_BYTES]);
    assert!(written.is_err(), "there was room for more than the file system has");
    let (mut refusals, mut unfinished) = (0, 0);
    loop {
        retried(&scene);
        let output = scene.ask();
        if output.status.success() {
            break;
        }
        let done: Json = serde_json::from_slice(&output.stdout).unwrap_or_default();
        if done["filesRebuilt"] == false {
            unfinished += 1;
        } else {
            assert_eq!(unfinished, 0, "it was erased before: {output:?}");
            assert_eq!(refused(&output)["code"], "no-room");
            refusals += 1;
        }
        shorten(&ballast);
    }
    assert_eq!(scene.is_whole("with room"), 1);
    fs::remove_file(&ballast).unwrap();
    scene.ends_without_the_mark();
    scene.live.kill();
    drop(mounted);
    println!("{refusals} refusals, {unfinished} times without room for the copy");
    assert!(unfinished > 0);
}

/// Waits until the server has tried whether it can go on, if it has to.
fn retried(scene: &Scene) {
    let tries = || scene.live.log().matches("the store cannot go on yet").count();
    let before = tries();
    while scene.ready().status != 200 && tries() == before {}
}

/// Gives a little of a file's room back.
fn shorten(ballast: &Path) {
    let file = File::options().write(true).open(ballast).unwrap();
    let length = file.metadata().unwrap().len();
    file.set_len(length.checked_sub(STEP_BYTES as u64).expect("the purge needs less than there is")).unwrap();
}
