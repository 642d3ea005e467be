//! The demonstration: made the first time, used again afterwards, with a fresh sign-in link for each role.

use std::process::ExitCode;

use portrea_protocol::ids::TerritoryId;
use portrea_protocol::people::Role;
use serde_json::json;

use super::arguments::Demo;
use super::place::check_mail;
use super::serve::{open, say, until_stopped};
use super::{CliError, Context, catalogue};
use crate::access::people::By;
use crate::admin::failure::Failure;
use crate::admin::{self, INVITATION_MS, join_link};
use crate::demo::NAME;
use crate::settings::Settings;
use crate::state::State;

/// Who is invited, in the order of the links: role, name to try, and what it may do, in French and in English.
const ROLES: [(Role, &str, &str, &str); 3] = [
    (
        Role::Referent,
        "Camille",
        "référent·e : coordonne, invite, valide",
        "référent·e: coordinates, invites, validates",
    ),
    (
        Role::Contributor,
        "Amina",
        "acteur·trice de terrain : décrit les lieux et l’aide qu’on y trouve",
        "contributor: describes places and the help they give",
    ),
    (
        Role::Reader,
        "Dominique",
        "élu·e : lit le portrait et l’annuaire",
        "reader: reads the portrait and the directory",
    ),
];

/// Serves the demonstration.
pub(super) async fn run(context: &Context, demo: Demo) -> Result<ExitCode, CliError> {
    let read = Settings::read(None, std::env::vars());
    let mut settings = read.map_err(|error| CliError::Call(catalogue::bad_settings(&error)))?;
    settings.data = demo.data;
    check_mail(&settings)?;
    if let Some(listen) = demo.listen {
        settings.listen = listen;
    }
    let (state, listener) = open(context, settings).await?;
    let territory = admin::demonstration(&state).await.map_err(|error| Failure::from(&error))?;
    let mut links = Vec::new();
    for (role, ..) in ROLES {
        links.push(invite(&state, territory, role).await?);
    }
    let url = state.settings.base_url();
    if context.json {
        let [referent, contributor, reader] = links.as_slice() else { return Ok(ExitCode::FAILURE) };
        let links = json!({ "referent": referent, "contributor": contributor, "reader": reader });
        let document =
            state.registry.document(territory).await.map_err(|error| Failure::from(&error.into()))?.url();
        say(&json!({ "url": url, "territory": territory, "document": document, "links": links }).to_string());
    } else {
        say(&announcement(&url, &state.settings.data.display().to_string(), &links));
    }
    until_stopped(context, state, listener).await
}

async fn invite(state: &State, territory: TerritoryId, role: Role) -> Result<String, CliError> {
    let made = state.accounts.invite(territory, role, None, INVITATION_MS, By::Operator).await;
    let (_, secret) = made.map_err(|error| Failure::from(&error.into()))?;
    Ok(join_link(&state.settings.base_url(), &secret))
}

/// French first, English beside, whatever the language chosen: whoever tries it out may be anybody.
fn announcement(url: &str, data: &str, links: &[String]) -> String {
    let mut said = format!(
        "\n\
         PORTREA : la démonstration est prête — the demonstration is ready\n\
         Territoire « {NAME} » ; les chiffres et les lieux sont inventés.\n\
         Territory “{NAME}”; its figures and places are invented.\n\
         \n  page       {url}\n  données    {data}\n\
         \n\
         Ouvrez un lien dans un navigateur, ou rejoignez en ligne de commande :\n\
         Open a link in a browser, or join on the command line:\n"
    );
    for ((_, name, fr, en), link) in ROLES.iter().zip(links) {
        said.extend(["\n  ", fr, "\n  ", en, "\n    ", link, "\n"]);
        said.extend(["    portrea join \"", link, "\" --name \"", name, "\"\n"]);
    }
    said.push_str(
        "\nLes liens durent 30 jours. Ctrl-C arrête ; relancez la commande pour retrouver vos données.\n\
         The links last 30 days. Ctrl-C stops; run the command again to find your data.\n",
    );
    said
}
