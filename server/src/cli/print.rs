//! Results and errors, for people or, with `--json`, for programs.

use std::io::Write;
use std::path::Path;

use serde::Serialize;
use serde_json::json;

use super::language::{Lang, add};
use super::serve::say;
use super::{CliError, Context, catalogue, erasure, people, quarantine};
use crate::admin::command::{
    BackedUp, Checked, Created, Described, Done, Exported, Found, Invited, Verified,
};
use crate::admin::people::Known;
use crate::admin::said::Said;

mod imported;
mod needs;

/// Prints why nothing was done, on standard error.
pub(super) fn error(context: &Context, error: &CliError) {
    let (code, said) = match error {
        CliError::Call(said) => ("call", said),
        CliError::Work(failure) => (failure.code.as_str(), &failure.said),
    };
    let text = if context.json {
        json!({ "error": { "code": code, "fr": said.fr, "en": said.en } }).to_string()
    } else {
        context.lang.of(said).to_owned()
    };
    drop(writeln!(std::io::stderr(), "{text}"));
}

/// Prints a result. An export is not printed but written: see [`exported`].
pub(super) fn done(context: &Context, done: &Done, every_line: bool) {
    let lang = context.lang;
    let text = match done {
        Done::Created(created) => either(context, created, || self::created(lang, created)),
        Done::Listed(all) => either(context, all, || listed(lang, all)),
        Done::Invited(invited) => either(context, invited, || self::invited(lang, invited)),
        Done::Mailed(mailed) => either(context, mailed, || people::mailed(lang, mailed)),
        Done::Imported(imported) => either(context, imported, || imported::text(lang, imported, every_line)),
        Done::Figures(figures) => either(context, figures, || needs::taken(lang, figures)),
        Done::Needs(needs) => either(context, needs, || needs::shown(lang, needs)),
        Done::Recipe(recipe) => either(context, recipe, || needs::recipe(recipe)),
        Done::People(known) => match known {
            Known::People(all) => either(context, all, || people::text(lang, known)),
            Known::Invitations(all) => either(context, all, || people::text(lang, known)),
            Known::Acts(all) => either(context, all, || people::text(lang, known)),
            Known::Changed(changed) => either(context, changed, || people::text(lang, known)),
        },
        Done::Held(all) => either(context, all, || quarantine::text(lang, all)),
        Done::Decided(decided) => either(context, decided, || quarantine::decided(lang, *decided)),
        Done::BackedUp(written) => either(context, written, || backed_up(lang, written)),
        Done::Erased(erased) => either(context, erased, || erasure::text(lang, erased)),
        Done::Compacted(compacted) => either(context, compacted, || erasure::compacted(lang, compacted)),
        Done::Verified(verified) => either(context, verified, || self::verified(lang, verified)),
        Done::Exported(_) => return,
    };
    say(&text);
}

/// Writes an export where it was asked for.
pub(super) fn exported(
    context: &Context,
    exported: &Exported,
    output: Option<&Path>,
) -> Result<(), CliError> {
    let Some(path) = output else {
        // A reader that closed early has what it wanted.
        drop(std::io::stdout().write_all(&exported.content));
        return Ok(());
    };
    let unwritable = |error| CliError::work("unwritable", catalogue::unwritable(path, &error));
    std::fs::write(path, &exported.content).map_err(unwritable)?;
    let Exported { structures, without_position, content } = exported;
    let shown = path.display();
    if context.json {
        let bytes = content.len();
        let result = json!({ "output": shown.to_string(), "bytes": bytes, "structures": structures,
                             "withoutPosition": without_position });
        say(&result.to_string());
    } else {
        let said = Said::new(
            format!("{shown} · structures : {structures} · sans coordonnées : {without_position}"),
            format!("{shown} · structures: {structures} · without coordinates: {without_position}"),
        );
        say(context.lang.of(&said));
    }
    Ok(())
}

fn either<T: Serialize>(context: &Context, result: &T, text: impl FnOnce() -> String) -> String {
    if context.json {
        serde_json::to_string(result).expect("a result has a JSON form")
    } else {
        text().trim_end().to_owned()
    }
}

fn created(lang: Lang, created: &Created) -> String {
    let Created { territory, document, invitation, name, code, communes, findings } = created;
    let mut text = String::new();
    let epci = if code.is_empty() { String::new() } else { format!(", EPCI {code}") };
    add(
        &mut text,
        lang,
        format!("Territoire créé : {name} ({communes} communes{epci})"),
        format!("Territory made: {name} ({communes} communes{epci})"),
    );
    add(&mut text, lang, format!("  identifiant  {territory}"), format!("  id           {territory}"));
    add(&mut text, lang, format!("  document     {document}"), format!("  document     {document}"));
    add(
        &mut text,
        lang,
        "Lien de connexion de la personne référente (30 jours ; à ne donner qu’à elle) :",
        "Sign-in link of the référent·e (30 days; for nobody else):",
    );
    text.push_str(invitation);
    text.push('\n');
    add_findings(&mut text, lang, findings);
    text
}

fn listed(lang: Lang, all: &[Described]) -> String {
    let mut text = String::new();
    if all.is_empty() {
        add(&mut text, lang, "Aucun territoire.", "No territory.");
    }
    for Described { territory, name, communes, created_at, comparable, .. } in all {
        let (fr, en) = if *comparable { (", comparable", ", comparable") } else { ("", "") };
        add(
            &mut text,
            lang,
            format!("{territory}  {name} ({communes} communes, créé le {created_at}{fr})"),
            format!("{territory}  {name} ({communes} communes, made {created_at}{en})"),
        );
    }
    text
}

fn invited(lang: Lang, invited: &Invited) -> String {
    let Invited { invitation, role, uses, expires_at } = invited;
    let mut text = format!("{invitation}\n");
    let (fr, en) = match uses {
        None => ("sur autant d’appareils que voulu".to_owned(), "on any number of devices".to_owned()),
        Some(1) => ("sur un seul appareil".to_owned(), "on one device".to_owned()),
        Some(uses) => (format!("sur {uses} appareils"), format!("on {uses} devices")),
    };
    add(
        &mut text,
        lang,
        format!("Rôle {role}, {fr}, jusqu’au {expires_at}. Ce lien ne sera plus montré."),
        format!("Role {role}, {en}, until {expires_at}. This link is not shown again."),
    );
    text
}

fn add_findings(text: &mut String, lang: Lang, findings: &[Found]) {
    if !findings.is_empty() {
        add(text, lang, "À vérifier :", "To be checked:");
    }
    for finding in findings {
        text.extend(["  – ", lang.of(&finding.said), "\n"]);
    }
}

fn backed_up(lang: Lang, written: &BackedUp) -> String {
    let BackedUp { path, territories, bytes, damaged } = written;
    let kilo = bytes.div_ceil(1024);
    let mut text = String::new();
    add(
        &mut text,
        lang,
        format!("{path} · territoires : {territories} · {kilo} Ko"),
        format!("{path} · territories: {territories} · {kilo} KB"),
    );
    if *damaged > 0 {
        add(
            &mut text,
            lang,
            format!(
                "Abîmé, et absent de la sauvegarde : {damaged}. Gardez aussi une sauvegarde plus ancienne ; « verify » dit quoi."
            ),
            format!(
                "Damaged, and not in the backup: {damaged}. Keep an earlier backup too; `verify` says what."
            ),
        );
    }
    text
}

fn verified(lang: Lang, verified: &Verified) -> String {
    let mut text = String::new();
    for checked in &verified.territories {
        add_checked(&mut text, lang, checked);
    }
    for said in &verified.notes {
        text.extend(["– ", lang.of(said), "\n"]);
    }
    for said in &verified.losses {
        text.extend(["✗ ", lang.of(said), "\n"]);
    }
    let damaged = verified.territories.iter().filter(|checked| !checked.damage.is_empty()).count();
    if verified.sound {
        add(
            &mut text,
            lang,
            format!("Territoires contrôlés : {} · rien n’est abîmé.", verified.territories.len()),
            format!("Territories checked: {} · nothing is damaged.", verified.territories.len()),
        );
    } else {
        add(
            &mut text,
            lang,
            format!(
                "Territoires abîmés : {damaged}. Arrêtez le serveur, gardez une copie du dossier de données, puis \
                 restaurez la dernière sauvegarde."
            ),
            format!(
                "Territories damaged: {damaged}. Stop the server, keep a copy of the data directory, then restore the \
                 last backup."
            ),
        );
    }
    text
}

fn add_checked(text: &mut String, lang: Lang, checked: &Checked) {
    let Checked { territory, name, chunks, bytes, feed, structures, findings, heads, damage, notes } =
        checked;
    let mark = if damage.is_empty() { "✓" } else { "✗" };
    let heads =
        heads.iter().map(|head| head.chars().take(8).collect::<String>()).collect::<Vec<_>>().join(" ");
    let kilo = bytes.div_ceil(1024);
    add(
        text,
        lang,
        format!(
            "{mark} {territory}  {name} · structures : {structures} · à vérifier : {findings} · fil : {feed} · \
             morceaux : {chunks} ({kilo} Ko) · têtes : {heads}"
        ),
        format!(
            "{mark} {territory}  {name} · structures: {structures} · findings: {findings} · feed: {feed} · chunks: \
             {chunks} ({kilo} KB) · heads: {heads}"
        ),
    );
    for said in damage.iter().chain(notes) {
        text.extend(["  – ", lang.of(said), "\n"]);
    }
}
