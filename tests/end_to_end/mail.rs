//! Links by mail: a letter brings somebody in, and where none can be sent that is told and nothing is left behind.

use std::net::TcpListener;

use portrea_client_core::shelf::identity::Role;
use portrea_tests::live::Live;
use portrea_tests::live::post::Post;
use portrea_tests::live::web::{Answer, Person, accept};
use serde_json::{Value as Json, json};

const FROM: &str = "PORTREA <portrea@pays.example>";

/// A server that hands its letters to a mail server at this address, with more settings.
fn live(url: &str, more: &[(&str, &str)]) -> Live {
    let mail = [("PORTREA_MAIL_URL", url), ("PORTREA_MAIL_FROM", FROM), ("PORTREA_LOG", "debug")];
    Live::start_set(&[&mail, more].concat())
}

fn rose(live: &Live) -> Person {
    Person::accept(live.url(), live.invitation(), "Rose")
}

fn mails(person: &Person, to: &[&str]) -> Answer {
    person.post("/invitations", &json!({ "role": "contributor", "expiresInDays": 7, "mailTo": to }))
}

/// The link in a letter: it stands alone on its line, once in each language.
fn link(letter: &Json) -> String {
    let text = letter["text"].as_str().unwrap();
    let links: Vec<&str> = text.lines().filter(|line| line.contains("/join#")).collect();
    assert_eq!(links.len(), 2, "{text}");
    assert_eq!(links[0], links[1]);
    links[0].to_owned()
}

/// How many invitations there are.
fn made(person: &Person) -> usize {
    person.read("/invitations").as_array().unwrap().len()
}

fn url(port: u16) -> String {
    format!("smtp://127.0.0.1:{port}")
}

/// Goal: each address gets a letter with a link of its own, which lets one device in; the act tells how many, and the
/// addresses stay nowhere. Method: two letters opened as mail programs do, the links used, everything kept searched.
#[test]
fn a_letter_brings_somebody_in() {
    let mut post = Post::start(json!({}));
    let mut live = live(&url(post.port()), &[]);
    let rose = rose(&live);
    assert_eq!(rose.read("")["mail"], true);
    let answer =
        mails(&rose, &["amina@ici.example", " bruno.le-goff@ailleurs.example ", "amina@ici.example"]).done();
    let told = answer["letters"].as_array().unwrap();
    let to: Vec<&str> = told.iter().map(|letter| letter["to"].as_str().unwrap()).collect();
    assert_eq!(to, ["amina@ici.example", "bruno.le-goff@ailleurs.example"]);
    for letter in told {
        assert_eq!((&letter["sent"], letter.get("invitation")), (&json!(true), None), "{letter}");
    }

    let letters = [post.letter(), post.letter()];
    for (letter, to) in letters.iter().zip(to) {
        assert_eq!(letter["envelope"], json!({ "from": "portrea@pays.example", "to": [to] }));
        assert_eq!(letter["to"], to);
        assert!(letter["from"].as_str().unwrap().contains("PORTREA"), "{letter}");
        assert_eq!(letter["subject"], "Invitation : CC de Saint-Méen Montauban (PORTREA)");
        let text = letter["text"].as_str().unwrap();
        let french = text.find("Rose vous invite").unwrap();
        assert!(french < text.find("Rose invites you").unwrap(), "{text}");
        assert!(text.contains("Vous n’attendiez pas ce message"), "{text}");
        assert!(
            letter["date"].is_string()
                && letter["headers"].as_array().unwrap().contains(&json!("message-id"))
        );
    }
    assert_ne!(link(&letters[0]), link(&letters[1]));
    let amina = accept(live.url(), &link(&letters[0]), "Amina").done();
    assert_eq!(amina["role"], "contributor");
    assert_eq!(accept(live.url(), &link(&letters[0]), "Encore").problem(410), "invitation-used-up");

    let acts = rose.read("/acts");
    assert_eq!(acts[0]["did"], "mailed-invitations");
    assert_eq!((&acts[0]["many"], &acts[0]["by"]["name"]), (&json!(2), &json!("Rose")));

    // The operator sends one too.
    let territory = live.territory().to_string();
    let words = ["invite", "--territory", &territory, "--role", "reader", "--mail", "dominique@ici.example"];
    assert_eq!(live.admin_json(&words)["letters"][0]["sent"], true);
    let letter = post.letter();
    assert!(letter["text"].as_str().unwrap().contains("La personne qui tient ce serveur vous invite"));
    assert_eq!(accept(live.url(), &link(&letter), "Dominique").done()["role"], "reader");

    live.stop();
    let kept: Vec<u8> = std::fs::read_dir(live.data())
        .unwrap()
        .filter_map(|entry| std::fs::read(entry.unwrap().path()).ok())
        .flatten()
        .chain(live.log().into_bytes())
        .collect();
    for word in ["ici.example", "ailleurs.example", "bruno.le-goff"] {
        assert!(!kept.windows(word.len()).any(|bytes| bytes == word.as_bytes()), "`{word}` is kept");
    }
    let secret = link(&letters[1]).rsplit('#').next().unwrap().to_owned();
    assert!(!live.log().contains(&secret));
}

/// Goal: letters and passwords go over TLS with a server that is known; nothing is said to any other. Method: STARTTLS and
/// TLS from the first byte, a wrong password, a certificate nobody knows, a server that offers no TLS.
#[test]
fn a_password_is_said_to_a_known_server_alone() {
    let (user, password) = ("portrea-sender", "Tarasque-1789");
    for tls in ["starttls", "wrapped"] {
        let mut post = Post::start(json!({ "tls": tls, "user": user, "password": password }));
        let url = match tls {
            "wrapped" => format!("smtps://localhost:{}", post.port()),
            _ => format!("smtp://localhost:{}?tls=required", post.port()),
        };
        let certificate = post.certificate();
        let ca = certificate.to_str().unwrap();
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), format!("{password}\n")).unwrap();
        let secret = ("PORTREA_MAIL_PASSWORD_FILE", file.path().to_str().unwrap());
        let mut known = live(&url, &[("PORTREA_MAIL_CA", ca), ("PORTREA_MAIL_USER", user), secret]);
        assert_eq!(mails(&rose(&known), &["amina@ici.example"]).done()["letters"][0]["sent"], true);
        assert_eq!(post.event("login"), json!({ "event": "login", "secure": true, "known": true }));
        assert_eq!(post.letter()["secure"], true);
        // A log is whole once its server is gone.
        known.kill();
        assert!(!known.log().contains(password));

        let wrong = ("PORTREA_MAIL_PASSWORD", "Gargouille-1515");
        let mut refused = live(&url, &[("PORTREA_MAIL_CA", ca), ("PORTREA_MAIL_USER", user), wrong]);
        let person = rose(&refused);
        let before = made(&person);
        assert_eq!(mails(&person, &["amina@ici.example"]).problem(424), "mail-failed");
        assert_eq!(made(&person), before, "no link is left behind");
        refused.kill();
        assert!(refused.log().contains("does not let us in"), "{}", refused.log());
        assert!(!refused.log().contains(wrong.1) && !refused.log().contains("ici.example"));
        assert_eq!(post.event("login")["known"], false);

        let mut unknown = live(&url, &[("PORTREA_MAIL_USER", user), secret]);
        assert_eq!(mails(&rose(&unknown), &["amina@ici.example"]).problem(424), "mail-failed");
        unknown.kill();
        assert!(unknown.log().contains("no trusted line"), "{}", unknown.log());
        let rest = post.end();
        assert!(
            !rest.iter().any(|event| event["event"] == "login" || event["event"] == "letter"),
            "{rest:?}"
        );
    }
    let post = Post::start(json!({ "user": user, "password": password }));
    let url = format!("smtp://localhost:{}?tls=required", post.port());
    let plain = live(&url, &[("PORTREA_MAIL_USER", user), ("PORTREA_MAIL_PASSWORD", password)]);
    assert_eq!(mails(&rose(&plain), &["amina@ici.example"]).problem(424), "mail-failed");
    let rest = post.end();
    assert!(!rest.iter().any(|event| event["event"] == "login" || event["event"] == "letter"), "{rest:?}");
}

/// Goal: a mail server that is gone, or says nothing, is told in a bounded time, and nothing is made. Method: a port where
/// nobody listens, and one where somebody listens and never answers, while a place is added.
#[test]
fn a_mail_server_that_is_gone_is_told() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    let slow = live(&url(port), &[("PORTREA_MAIL_MS", "1500")]);
    let person = rose(&slow);
    let before = made(&person);
    let device = slow.device(Role::Contributor, "Amina");
    std::thread::scope(|scope| {
        let asked = scope.spawn(|| mails(&person, &["amina@ici.example"]).problem(424));
        drop(silent.accept().unwrap());
        // Whatever the post does, what people write is merged.
        device.add("Mairie de Gaël", &[]);
        assert_eq!(asked.join().unwrap(), "mail-failed");
    });
    assert_eq!(made(&person), before + 1, "but for the device's own there is no new link");
    drop(silent);
    assert_eq!(mails(&person, &["amina@ici.example"]).problem(424), "mail-failed");
    let territory = slow.territory().to_string();
    let words = ["invite", "--territory", &territory, "--role", "reader", "--mail", "dominique@ici.example"];
    let said = slow.admin(&words);
    assert_eq!(said.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&said.stderr).contains("mail-failed"));
    assert_eq!(made(&person), before + 1);
}

/// Goal: a letter that is not taken leaves a link that works and is shown, and the others go. Method: a mail server that
/// knows one address of two.
#[test]
fn a_letter_that_is_not_taken_leaves_its_link() {
    let mut post = Post::start(json!({ "refuse": ["personne@ici.example"] }));
    let mut live = live(&url(post.port()), &[]);
    let rose = rose(&live);
    let answer = mails(&rose, &["personne@ici.example", "amina@ici.example"]).done();
    let [nobody, amina] = answer["letters"].as_array().unwrap().as_slice() else { panic!("{answer}") };
    assert_eq!((&nobody["sent"], &nobody["why"]), (&json!(false), &json!("refused")));
    assert_eq!(amina["sent"], true);
    assert_eq!(post.letter()["to"], "amina@ici.example");
    accept(live.url(), nobody["invitation"].as_str().unwrap(), "Paul").done();
    assert_eq!(rose.read("/acts")[0]["many"], 1);
    live.kill();
    assert!(!live.log().contains("ici.example"), "what the mail server says of an address is not logged");
}

/// Goal: what is no address makes no link and no letter, whatever it holds; who asks too much waits; a server without mail
/// says so. Method: addresses that would be headers, more than may be, a small pace, and a server without the setting.
#[test]
fn hostile_addresses_and_floods_send_nothing() {
    let post = Post::start(json!({}));
    let live = live(&url(post.port()), &[("PORTREA_MAILS_BURST", "2"), ("PORTREA_MAILS_PER_HOUR", "1")]);
    let rose = rose(&live);
    let before = made(&rose);
    for hostile in [
        "a@b.example\r\nBcc: c@d.example",
        "a@b.example, c@d.example",
        "Rose <a@b.example>",
        "a@b.example\0",
        "",
    ] {
        let answer = mails(&rose, &["amina@ici.example", hostile]);
        assert_eq!(answer.problem(422), "bad-address", "{hostile:?}");
        assert_eq!(answer.json()["detail"], "mailTo, address 2");
    }
    let many: Vec<String> = (0..21).map(|n| format!("a{n}@ici.example")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    assert_eq!(mails(&rose, &many).problem(400), "bad-request");
    assert_eq!(mails(&rose, &[]).problem(400), "bad-request");
    let twice = json!({ "role": "reader", "uses": 2, "mailTo": ["amina@ici.example"] });
    assert_eq!(rose.post("/invitations", &twice).problem(400), "bad-request");
    let contributor = live.sign_in(Role::Contributor, "Amina");
    let before = before + 1;
    assert_eq!(mails(&contributor, &["amina@ici.example"]).problem(403), "not-allowed");
    assert_eq!(made(&rose), before);
    mails(&rose, &["amina@ici.example", "bruno@ici.example"]).done();
    let fast = mails(&rose, &["carole@ici.example"]);
    assert_eq!(fast.problem(429), "too-fast");
    assert!(fast.header("retry-after").parse::<u64>().unwrap() > 60);
    assert_eq!(made(&rose), before + 2);
    let letters = post.end();
    assert!(letters.len() <= 2, "{letters:?}");

    let without = Live::start();
    let rose = self::rose(&without);
    assert_eq!(rose.read("")["mail"], false);
    assert_eq!(mails(&rose, &["amina@ici.example"]).problem(409), "no-mail");
}
