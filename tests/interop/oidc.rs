//! Signing in with a provider: the certified `oidc-provider` from npm against the real server.

mod browser;

use portrea_client_core::shelf::identity::Role;
use portrea_tests::live::Live;
use portrea_tests::live::binaries;
use portrea_tests::live::web::{Person, accept};
use serde_json::{Value as Json, json};

use crate::node::Node;
use browser::Browser;

/// The secret that stands in the settings, and nowhere else.
const SECRET: &str = "a-secret-of-the-settings";

/// A provider, and a server that sends people there.
struct Scene {
    provider: Node,
    live: Live,
}

impl Scene {
    /// A provider that gives names where it is asked for them.
    fn start() -> Self {
        Self::set(&json!({}), &[])
    }

    /// A provider with these wishes, and a server with these settings.
    fn set(wishes: &Json, settings: &[(&str, &str)]) -> Self {
        let mut provider = Node::run("provider", "provider".into());
        let issuer = provider.ask(json!({ "do": "open" }))["issuer"].as_str().unwrap().to_owned();
        let own = [
            ("PORTREA_OIDC_ISSUER", issuer.as_str()),
            ("PORTREA_OIDC_CLIENT_ID", "portrea"),
            ("PORTREA_OIDC_CLIENT_SECRET", SECRET),
            ("PORTREA_OIDC_NAME", "ProConnect"),
        ];
        let live = Live::start_set(&[&own, settings].concat());
        let back = format!("{}/api/v1/oidc/callback", live.url());
        let mut client = json!({ "do": "client", "back": back, "client": "portrea", "secret": SECRET });
        client.as_object_mut().unwrap().extend(wishes.as_object().unwrap().clone());
        provider.ask(client);
        let mut scene = Self { provider, live };
        scene.is("amina", &json!({ "name": "Amina Benali" }));
        scene
    }

    /// Who signs in at the provider from now on.
    fn is(&mut self, who: &str, claims: &Json) {
        self.provider.ask(json!({ "do": "person", "who": who, "people": { who: claims } }));
    }

    /// What the provider lies about from now on.
    fn lies(&mut self, about: Option<&str>) {
        self.provider.ask(json!({ "do": "lie", "about": about }));
    }

    fn browser(&self) -> Browser {
        Browser::new(self.live.url())
    }

    /// Comes in by the provider in a browser of their own.
    #[track_caller]
    fn comes_in(&self, invitation: Option<&str>) -> Json {
        let mut browser = self.browser();
        assert_eq!(browser.goes_and_returns(invitation, ""), "in");
        browser.finish().done()
    }

    /// Everybody whom the référent·e sees, by name and contributor, device by device.
    fn people(rose: &Person) -> Vec<(String, String)> {
        let all = rose.read("/contributors");
        let text = |one: &Json, key: &str| one[key].as_str().unwrap().to_owned();
        let all = all.as_array().unwrap().iter();
        all.map(|one| (text(one, "displayName"), text(one, "contributor")))
            .filter(|(name, _)| name != "Rose")
            .collect()
    }

    fn rose(&self) -> Person {
        Person::accept(self.live.url(), self.live.invitation(), "Rose")
    }
}

/// Goal: whoever came in once by the provider is the same person ever after, on any device and over a restart, whatever
/// invitation they hold. Method: one person in four browsers; their links' uses; acts, feed, log.
#[test]
fn one_person_on_every_device() {
    let mut scene = Scene::start();
    let rose = scene.rose();
    let offered = browser::get(&format!("{}/api/v1/oidc", scene.live.url())).done();
    assert_eq!(offered, json!({ "provider": { "name": "ProConnect" } }));
    let link = rose.post("/invitations", &json!({ "role": "contributor", "uses": 1 })).done();
    let link = link["invitation"].as_str().unwrap().to_owned();
    let first = scene.comes_in(Some(&link));
    assert_eq!((&first["displayName"], &first["role"]), (&json!("Amina Benali"), &json!("contributor")));
    assert_eq!(accept(scene.live.url(), &link, "Bruno").problem(410), "invitation-used-up");

    let second = scene.comes_in(None);
    // A link that is used up, and one for another role: she is known, and needs neither.
    let third = scene.comes_in(Some(&link));
    let other = rose.post("/invitations", &json!({ "role": "referent", "uses": 1 })).done();
    scene.live.restart();
    let fourth = scene.comes_in(other["invitation"].as_str());
    let mut devices = vec![first["device"].clone()];
    for again in [&second, &third, &fourth] {
        for key in ["contributor", "displayName", "role", "territory", "document"] {
            assert_eq!(again[key], first[key], "{key}");
        }
        assert!(!devices.contains(&again["device"]), "each browser is a device");
        devices.push(again["device"].clone());
    }
    let whom = first["contributor"].as_str().unwrap().to_owned();
    assert_eq!(Scene::people(&rose), vec![("Amina Benali".to_owned(), whom.clone()); 4]);
    let left = rose.read("/invitations");
    let unused = left.as_array().unwrap().iter().find(|it| it["id"] == other["id"]).unwrap();
    assert_eq!(unused["usesLeft"], 1);
    let amina = Person { token: fourth["token"].as_str().unwrap().into(), contributor: whom, ..rose.clone() };
    assert_eq!(amina.call("GET", "/me", &[], None).done()["displayName"], "Amina Benali");

    let acts = rose.read("/acts");
    let entered = acts.as_array().unwrap().iter().filter(|act| act["did"] == "entered-by-provider");
    let entered: Vec<&Json> = entered.collect();
    assert_eq!(entered.len(), 4);
    assert!(entered.iter().all(|act| act["by"]["name"] == "Amina Benali" && act["whom"].is_null()));
    for private in ["Benali", "amina", SECRET] {
        assert!(!scene.live.log().contains(private), "the log holds {private}");
        assert!(private == "Benali" || !acts.to_string().contains(private), "acts hold {private}");
    }
}

/// Goal: names come from wherever a provider puts them, and what somebody writes goes before. Method: ProConnect's ways
/// (a signed token of claims, the name that somebody goes by), names in the ID token, none at all.
#[test]
fn names_come_from_the_provider_or_from_whoever_writes_one() {
    let mut scene =
        Scene::set(&json!({ "signed": true }), &[("PORTREA_OIDC_SCOPES", "openid given_name usual_name")]);
    let link = scene.live.invite(Role::Contributor);
    let claims = json!({ "given_name": "Chloé", "usual_name": "Le Goff", "family_name": "Martin" });
    scene.is("chloe", &claims);
    assert_eq!(scene.comes_in(Some(&link))["displayName"], "Chloé Le Goff");
    let mut browser = scene.browser();
    scene.is("bruno", &claims);
    assert_eq!(browser.goes_and_returns(Some(&link), " Bruno, médiathèque "), "in");
    assert_eq!(browser.finish().done()["displayName"], "Bruno, médiathèque");
    // The provider's own session is a browser's too.
    let mut browser = scene.browser();
    scene.is("nobody", &json!({}));
    assert_eq!(browser.goes_and_returns(Some(&link), ""), "in");
    assert_eq!(browser.finish().problem(422), "bad-name");
    assert_eq!(browser.start(Some(&link), &"x".repeat(81)).problem(422), "bad-name");
    assert_eq!(browser.goes_and_returns(Some(&link), "Nina"), "in");
    assert_eq!(browser.finish().done()["displayName"], "Nina");

    let in_token = Scene::set(&json!({ "inToken": true }), &[]);
    let link = in_token.live.invite(Role::Reader);
    assert_eq!(in_token.comes_in(Some(&link))["displayName"], "Amina Benali");
}

/// Goal: a return counts once, in the browser that began, with what was sent. Method: each wrong turn, then the right
/// one; the cookies' attributes; whoever was in on the browser is out.
#[test]
fn a_return_counts_once_in_its_own_browser() {
    let scene = Scene::start();
    let rose = scene.rose();
    let link = scene.live.invite(Role::Contributor);
    let (mut amina, mut other) = (scene.browser(), scene.browser());
    let started = amina.start(Some(&link), "");
    for part in ["portrea_oidc=", "Path=/api/v1/oidc", "HttpOnly", "SameSite=Lax", "Max-Age=600"] {
        assert!(started.header("set-cookie").contains(part), "{part} in {}", started.header("set-cookie"));
    }
    let address = started.done()["address"].as_str().unwrap().to_owned();
    for part in ["code_challenge=", "code_challenge_method=S256", "state=", "nonce=", "response_type=code"] {
        assert!(address.contains(part), "{part} in {address}");
    }
    assert!(!address.contains(link.rsplit('#').next().unwrap()), "the link goes nowhere");
    let back = amina.goes(&address);
    // The login that an attacker began, in a victim's browser: with no trip of its own, and with one.
    assert_eq!(other.returns(&back), "over");
    other.start(None, "");
    assert_eq!(other.returns(&back), "over");
    assert_eq!(amina.returns(&back.replace("state=", "state=x")), "over");
    assert_eq!(amina.finish().problem(410), "sign-in-over");
    assert_eq!(amina.returns(&back), "in");
    assert_eq!(other.finish().problem(410), "sign-in-over");
    assert_eq!(amina.returns(&back), "over");
    let came = amina.finish();
    assert_eq!(came.done()["displayName"], "Amina Benali");
    assert!(
        came.headers
            .iter()
            .any(|(_, value)| value.starts_with("portrea_oidc=;") && value.contains("Max-Age=0"))
    );
    assert_eq!(amina.finish().problem(410), "sign-in-over");
    // Somebody else of the same browser takes her place.
    assert_eq!(Scene::people(&rose).len(), 1);
    assert_eq!(amina.goes_and_returns(None, ""), "in");
    amina.finish().done();
    assert_eq!(Scene::people(&rose).len(), 1, "one browser is one device");

    let foreign = amina.start_from("https://evil.example");
    assert_eq!(foreign.problem(403), "other-origin");
    assert_eq!(amina.start(Some("nonsense"), "").problem(404), "no-invitation");
    let mut iss = scene.browser();
    let back = iss.there(None);
    assert!(back.contains("iss="), "the provider names itself: {back}");
    assert_eq!(iss.returns(&back.replace("iss=", "iss=https%3A%2F%2Fevil.example%2F")), "wrong");
}

/// Goal: nobody comes in by a token that does not hold, whatever is wrong with it. Method: a provider that lies about
/// one thing after the other; then it tells the truth.
#[test]
fn a_provider_that_lies_lets_nobody_in() {
    let mut scene = Scene::start();
    let link = scene.live.invite(Role::Contributor);
    for (lie, outcome) in [
        ("nonce", "wrong"),
        ("audience", "wrong"),
        ("issuer", "wrong"),
        ("expired", "wrong"),
        ("signature", "wrong"),
        ("unsigned", "wrong"),
        ("subject", "wrong"),
        ("silent", "silent"),
    ] {
        scene.lies(Some(lie));
        let mut browser = scene.browser();
        assert_eq!(browser.goes_and_returns(Some(&link), ""), outcome, "{lie}");
        assert_eq!(browser.finish().problem(410), "sign-in-over", "{lie}");
    }
    scene.lies(None);
    assert_eq!(scene.comes_in(Some(&link))["displayName"], "Amina Benali");
    assert!(!scene.live.log().contains("Benali"));
}

/// Goal: who is not known, or lost their access, is told so and stays out; an invitation that came later lets them back
/// as who they were; a role that changed meanwhile holds; who was erased is nobody. Method: each, one after the other.
#[test]
fn the_referents_word_counts_more_than_the_providers() {
    let mut scene = Scene::start();
    let rose = scene.rose();
    let refused = |scene: &Scene, invitation: Option<&str>, kind: &str| {
        let mut browser = scene.browser();
        assert_eq!(browser.goes_and_returns(invitation, ""), "in");
        assert_eq!(browser.finish().problem(403), kind);
    };
    refused(&scene, None, "unknown-here");
    let invite = |role: &str| {
        rose.post("/invitations", &json!({ "role": role })).done()["invitation"].as_str().unwrap().to_owned()
    };
    let early = invite("contributor");
    let amina = scene.comes_in(Some(&early));
    let path = format!(
        "/territories/{}/contributors/{}",
        scene.live.territory(),
        amina["contributor"].as_str().unwrap()
    );
    assert_eq!(rose.call("DELETE", &path, &[], None).status, 204);
    refused(&scene, None, "access-taken-back");
    refused(&scene, Some(&early), "access-taken-back");
    scene.live.restart();
    refused(&scene, None, "access-taken-back");
    let back = scene.comes_in(Some(&invite("referent")));
    assert_eq!((&back["contributor"], &back["role"]), (&amina["contributor"], &json!("referent")));

    let as_reader = [("content-type", "application/json")];
    rose.call("PATCH", &path, &as_reader, Some("{\"role\":\"reader\"}")).done();
    assert_eq!(scene.comes_in(None)["role"], "reader");
    // While no device of hers is in, she stands in the list all the same, and can be given another role or lose her access.
    for session in rose.read("/contributors").as_array().unwrap() {
        if session["contributor"] == amina["contributor"] {
            let device = format!("{path}/devices/{}", session["device"].as_str().unwrap());
            assert_eq!(rose.call("DELETE", &device, &[], None).status, 204);
        }
    }
    let stands = |rose: &Person| {
        let all = rose.read("/contributors");
        let here = |one: &&Json| one["contributor"] == amina["contributor"];
        all.as_array().unwrap().iter().filter(here).cloned().collect::<Vec<Json>>()
    };
    let absent = stands(&rose);
    assert_eq!(absent.len(), 1);
    for (key, value) in [
        ("displayName", json!("Amina Benali")),
        ("role", json!("reader")),
        ("device", Json::Null),
        ("expiresAt", Json::Null),
        ("provider", json!("ProConnect")),
    ] {
        assert_eq!(absent[0][key], value, "{key}");
    }
    rose.call("PATCH", &path, &as_reader, Some("{\"role\":\"contributor\"}")).done();
    assert_eq!(stands(&rose)[0]["role"], "contributor");
    let here = scene.comes_in(None);
    assert_eq!(here["role"], "contributor");
    let present = stands(&rose);
    assert_eq!((present.len(), &present[0]["device"]), (1, &here["device"]));
    assert_eq!(present[0]["provider"], "ProConnect");
    assert!(
        rose.read("/contributors").as_array().unwrap().iter().any(|one| one["provider"].is_null()),
        "Rose"
    );

    let whom = amina["contributor"].as_str().unwrap();
    let territory = scene.live.territory().to_string();
    let erased = scene.live.admin_json(&["purge", "--territory", &territory, "--contributor", whom, "--yes"]);
    assert_eq!(erased["signedOut"], 1, "{erased}");
    refused(&scene, None, "unknown-here");
    let anew = scene.comes_in(Some(&early));
    assert_ne!(anew["contributor"], amina["contributor"]);
    scene.provider.ask(json!({ "do": "person", "who": null }));
    assert_eq!(scene.browser().goes_and_returns(None, ""), "refused");
}

/// Goal: after a backup was made into a server again, whom the provider vouches for is who they were, in the role that
/// they had; whose access was taken back stays out, also by a link of before. Method: two
/// people who came by the provider, one whose role was changed, one taken back.
#[test]
fn badges_outlive_a_restoring() {
    let mut scene = Scene::start();
    let rose = scene.rose();
    let link = scene.live.invite(Role::Contributor);
    let amina = scene.comes_in(Some(&link));
    scene.is("bruno", &json!({ "name": "Bruno" }));
    let bruno = scene.comes_in(Some(&link));
    let path = |whom: &Json| {
        format!("/territories/{}/contributors/{}", rose.territory, whom["contributor"].as_str().unwrap())
    };
    let as_json = [("content-type", "application/json")];
    rose.call("PATCH", &path(&amina), &as_json, Some("{\"role\":\"reader\"}")).done();
    assert_eq!(rose.call("DELETE", &path(&bruno), &[], None).status, 204);
    let people = rose.read("/contributors");
    let acts = rose.read("/acts");

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("portrea.backup");
    scene.live.admin_json(&["backup", file.to_str().unwrap()]);
    let data = scene.live.data();
    scene.live.stop();
    std::fs::rename(&data, folder.path().join("lost")).unwrap();
    let restored = binaries::command("portrea-server")
        .args(["restore", "--data", data.to_str().unwrap(), file.to_str().unwrap()])
        .output()
        .unwrap();
    assert!(restored.status.success(), "{}", String::from_utf8_lossy(&restored.stderr));
    scene.live.restart();

    assert_eq!((rose.read("/contributors"), rose.read("/acts")), (people, acts));
    scene.is("amina", &json!({ "name": "Another Name" }));
    let again = scene.comes_in(None);
    assert_eq!(again["contributor"], amina["contributor"]);
    assert_eq!((&again["displayName"], &again["role"]), (&json!("Amina Benali"), &json!("reader")));
    scene.is("bruno", &json!({ "name": "Bruno" }));
    for invitation in [None, Some(link.as_str())] {
        let mut browser = scene.browser();
        assert_eq!(browser.goes_and_returns(invitation, ""), "in");
        assert_eq!(browser.finish().problem(403), "access-taken-back");
    }
    let gone = Person { token: bruno["token"].as_str().unwrap().to_owned(), ..rose.clone() };
    assert_eq!(gone.call("GET", "/me", &[], None).status, 401);
    let later = rose.post("/invitations", &json!({ "role": "contributor" })).done();
    let back = scene.comes_in(later["invitation"].as_str());
    assert_eq!(
        back["contributor"], bruno["contributor"],
        "a later invitation lets him back in as who he was"
    );
}

/// Goal: a provider that is away costs nobody their invitation. Method: it ends before somebody goes, and while
/// somebody is there.
#[test]
fn without_the_provider_the_link_still_works() {
    let scene = Scene::start();
    let link = scene.live.invite(Role::Contributor);
    let mut browser = scene.browser();
    let back = browser.there(Some(&link));
    let Scene { provider, live } = scene;
    provider.quit();
    assert_eq!(browser.returns(&back), "silent");
    live_without_provider(&live, &link);
}

/// A server whose provider never was there, and one whose provider has gone.
fn live_without_provider(live: &Live, link: &str) {
    let never = [("PORTREA_OIDC_ISSUER", "http://127.0.0.1:9/"), ("PORTREA_OIDC_CLIENT_ID", "portrea")];
    let other = Live::start_set(&never);
    let mut browser = Browser::new(other.url());
    assert_eq!(browser.start(None, "").problem(424), "provider-silent");
    assert_eq!(accept(live.url(), link, "Amina").done()["displayName"], "Amina");
}
