//! What the log does not hold: names, phone numbers, texts of records, and secrets.

use portrea_client_core::shelf::identity::Role;
use portrea_tests::live::Live;
use portrea_tests::live::socket::Socket;
use portrea_tests::live::web::{Person, accept};
use serde_json::json;
use tokio_tungstenite::tungstenite::Message;

/// Goal: what people wrote, who they are, and what opens doors never reaches the log. Method: a day with every kind of
/// event at the level that operators turn to when something is odd, and a search of all it wrote.
#[tokio::test(flavor = "multi_thread")]
async fn the_log_holds_nothing_that_people_wrote() {
    let mut live = Live::start_set(&[("PORTREA_LOG", "debug")]);
    let rose = Person::accept(live.url(), live.invitation(), "Rosalinde Kerjean");
    let invitation = live.invite(Role::Contributor);
    let made = rose.post("/invitations", &json!({ "role": "reader", "uses": 1 })).done();
    let reader = Person::accept(live.url(), made["invitation"].as_str().unwrap(), "Leandre Le Goff");
    accept(live.url(), made["invitation"].as_str().unwrap(), "Barnabé Trop-Tard").problem(410);
    let device = live.device(Role::Referent, "Aminata Diallo");
    let id =
        device.add("Maison Quetzalcoatl", &["--set", "phone=0612345678", "--set", "notes=Xylophone privé"]);
    let helper = ["add-helper", &id, "Zébulon Tartempion", "--set", "email=zebulon@secret.example"];
    device.run(&helper).done();
    device.set(&id, "phone", "0698765432", &["--offline"]);
    device.sync();
    device.run(&["archive", &id, "--why", "Déménagement à Tombouctou"]).done();
    let ticket = reader.ticket();
    let mut socket = Socket::open(
        &format!("{}/sync?ticket={ticket}", live.url().replacen("http", "ws", 1)),
        &[],
        live.territory(),
    )
    .await
    .unwrap();
    socket.greet("reader").await;
    socket.say(Message::Text("Ornithorynque".into())).await;
    socket.end().await;
    rose.read("/resources?q=Quetzalcoatl&commune=35184");
    rose.read("/contributors");
    rose.call(
        "PUT",
        &format!("/territories/{}/needs", live.territory()),
        &[],
        Some("code,Salsifis\n35184,1\n"),
    );
    live.export();
    rose.call("DELETE", "/session", &[], None);
    live.kill();

    let log = live.log();
    assert!(log.contains("\"session\"") || log.contains("session"), "the server logged something: {log}");
    let token = |link: &str| link.rsplit('#').next().unwrap().to_owned();
    let secrets = [
        token(live.invitation()),
        token(&invitation),
        token(made["invitation"].as_str().unwrap()),
        rose.token.clone(),
        reader.token.clone(),
        ticket,
    ];
    let words = [
        "Rosalinde",
        "Kerjean",
        "Leandre",
        "Barnabé",
        "Aminata",
        "Diallo",
        "Quetzalcoatl",
        "0612345678",
        "0698765432",
        "Xylophone",
        "Zébulon",
        "Tartempion",
        "zebulon",
        "Tombouctou",
        "Ornithorynque",
        "Salsifis",
    ];
    for word in words.into_iter().map(str::to_owned).chain(secrets) {
        let told = log.lines().find(|line| line.contains(&word));
        assert!(told.is_none(), "`{word}` stands in the log: {told:?}");
    }
}
