//! What rows begin with: a territory's data directory, made once by the real server from a generated file, and copied
//! for each run; and the same document as a file for the other servers.
//!
//! The file has the shape of real directories (France Services and libraries of Ille-et-Vilaine: some twenty fields,
//! one service and a half a place, prose for some), with invented content; the communes are real.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use portrea_tests::live::communes;
use portrea_tests::seed::Seed;
use serde_json::Value as Json;

use crate::base::Base;
use crate::drive::{Load, Place, play};
use crate::servers::{NoGauge, Served, ours};

/// What the document and the server's data hold before a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fixture {
    /// Structures of the document.
    pub(crate) structures: usize,
    /// Edits since its import, each a change of its own.
    pub(crate) edits: u32,
    /// Territories; those beyond the first ten are idle in a row.
    pub(crate) territories: usize,
}

/// A fixture that was made.
pub(crate) struct Made {
    /// Which.
    pub(crate) fixture: Fixture,
    /// Its folder: `data` of our server, `base.automerge` and `base.json` for the others.
    pub(crate) folder: PathBuf,
    /// The documents that rows work on, with their territory and an invitation.
    pub(crate) territories: Vec<Territory>,
}

/// A territory that rows work on.
#[derive(Clone)]
pub(crate) struct Territory {
    pub(crate) id: String,
    pub(crate) document: String,
    pub(crate) invitation: String,
    /// Its document, where rows work on it.
    pub(crate) base: Option<Rc<Base>>,
}

impl Made {
    /// Makes it in a folder of its own under `under`.
    pub(crate) fn make(fixture: Fixture, under: &Path, bound: bool) -> Result<Self, String> {
        let Fixture { structures, edits, territories } = fixture;
        let folder = under.join(format!("{structures}-{edits}-{territories}"));
        if folder.exists() {
            fs::remove_dir_all(&folder).map_err(|error| error.to_string())?;
        }
        fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
        let file = folder.join("structures.csv");
        fs::write(&file, csv(structures)).map_err(|error| error.to_string())?;
        let server = ours::start(&folder.join("data"), &[], bound)?;
        let mut made = Self { fixture, folder, territories: Vec::new() };
        for number in 0..territories {
            let communes = communes();
            let needs = communes.with_file_name("needs.csv");
            let [communes, needs] = [&communes, &needs].map(|path| path.to_string_lossy().into_owned());
            let name = format!("Pays d’essai {number}");
            let words = ["territory", "create", "--name", &name, "--communes", &communes, "--needs", &needs];
            let created = server.admin(&words)?;
            let text = |key: &str| created.get(key).and_then(Json::as_str).unwrap_or_default().to_owned();
            let id = text("territory");
            server.admin(&["import", "--territory", &id, "--format", "portrea", &file.to_string_lossy()])?;
            let invited = server.admin(&["invite", "--territory", &id, "--role", "contributor"])?;
            let invitation = invited.get("invitation").and_then(Json::as_str).unwrap_or_default().to_owned();
            let document = text("document").trim_start_matches("automerge:").to_owned();
            made.territories.push(Territory { id, document, invitation, base: None });
        }
        made.edit(&server, edits)?;
        for number in 0..territories.min(10) {
            let saved = made.export(&server, number)?;
            made.territories[number].base = Some(Rc::new(Base::read(&saved)));
        }
        server.stop();
        Ok(made)
    }

    /// The document of the first territory, as a file.
    pub(crate) fn document(&self) -> PathBuf {
        self.folder.join("base.automerge")
    }

    /// Gives the first document a history: real changes, through the real door.
    fn edit(&self, server: &Served, edits: u32) -> Result<(), String> {
        let mut left = edits;
        for life in 100.. {
            if left == 0 {
                break;
            }
            // A load is cut off after a while; each takes what it can be sure to end.
            let now = left.min(10_000);
            let base = Rc::new(Base::read(&self.export(server, 0)?));
            let territory = Territory { base: Some(base), ..self.territories[0].clone() };
            let place = ours::place(server, &territory, (2, false))?;
            let outcome = run(&[place], Load::Walk { edits: now, listeners: 1 }, life)?;
            if outcome.complete < u64::from(now) {
                return Err(format!("the history was not written: {:?}", outcome.failures));
            }
            left -= now;
        }
        Ok(())
    }

    fn export(&self, server: &Served, number: usize) -> Result<Vec<u8>, String> {
        let id = &self.territories[number].id;
        let saved = server.export(id, "automerge")?;
        if number == 0 {
            fs::write(self.document(), &saved).map_err(|error| error.to_string())?;
            let json = server.export(id, "json")?;
            fs::write(self.folder.join("base.json"), json).map_err(|error| error.to_string())?;
        }
        Ok(saved)
    }
}

/// Plays a load that nobody measures.
fn run(places: &[Place], load: Load, life: u8) -> Result<crate::drive::Outcome, String> {
    crate::runtime().block_on(play(places, load, life, &NoGauge))
}

/// A file of places in our own columns.
fn csv(structures: usize) -> String {
    let communes = fs::read_to_string(communes()).expect("the demonstration's communes");
    let communes: Json = serde_json::from_str(&communes).expect("GeoJSON");
    let communes: Vec<(String, String, f64, f64)> = communes["features"]
        .as_array()
        .expect("features")
        .iter()
        .map(|feature| {
            let of = &feature["properties"];
            let text = |key: &str| of[key].as_str().unwrap_or_default().to_owned();
            let at = |index: usize| of["mairie"][index].as_f64().unwrap_or_default();
            (text("code"), text("nom"), at(1), at(0))
        })
        .collect();
    let mut chance = Seed::new(1);
    let mut file = "name,kind,address,postcode,commune,commune_name,latitude,longitude,phone,website,\
                    opening_hours,itinerant,summary,description,emails,publics,labels,national_programmes,\
                    family,service_weekly_hours,service_weekly_eadmin_hours,service_format,service_price,\
                    service_access,service_topics\n"
        .to_owned();
    for number in 0..structures {
        let (code, town, latitude, longitude) = chance.pick(&communes).expect("communes").clone();
        let kind = *chance.pick(&["Mairie", "Médiathèque", "Espace France services", "CCAS"]).expect("kinds");
        let street =
            *chance.pick(&["rue de la Mairie", "place de l’Église", "avenue de Rennes"]).expect("streets");
        let description = if chance.below(3) == 0 {
            "Accueil et accompagnement aux démarches en ligne ; ordinateurs en libre accès aux heures d’ouverture."
        } else {
            ""
        };
        let (north, east) = (chance.below(2_000) as f64 / 1e5, chance.below(2_000) as f64 / 1e5);
        let (house, phone, hours) = (1 + chance.below(90), chance.below(1_000_000), 1 + chance.below(12));
        let place = format!(
            "{kind} de {town} n° {number},{kind},{house} {street},35290,{code},{town},{:.5},{:.5},\
             02 99 {:02} {:02} {:02},https://lieux.example.org/{number},\
             \"Mo-Fr 09:00-12:00,14:00-17:00\",non,Un lieu ouvert à tous.,{description},\
             accueil{number}@example.org,Seniors|Jeunes,France Services,Conseillers numériques",
            latitude + north,
            longitude + east,
            phone / 10_000,
            phone / 100 % 100,
            phone % 100,
        );
        let service =
            |family: &str| format!("{family},{},{hours}.5,both,free,walk_in|phone,caf|cpam", 20 + hours);
        writeln!(file, "{place},{}", service("assist")).expect("a string takes all");
        if number % 2 == 0 {
            writeln!(file, "{place},{}", service("inform")).expect("a string takes all");
        }
    }
    file
}
