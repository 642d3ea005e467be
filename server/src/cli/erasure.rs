//! The words for erasing for good, and what is said of it: first what there is, then, once that was agreed to, what was
//! done.

use std::io::{IsTerminal, Write};

use clap::Args;
use portrea_protocol::ids::{ContributorId, RecordId, TerritoryId};
use portrea_territory::erasure::Counts;

use super::language::{Lang, add};
use super::place::Place;
use super::{CliError, Context, call, catalogue};
use crate::admin::command::{AdminCommand, Done};
use crate::admin::erasure::{Compacted, Erased, Erasure};
use crate::admin::said::Said;
use crate::settings::Settings;

#[derive(Debug, Args)]
pub(super) struct Purge {
    #[command(flatten)]
    at: At,
    #[command(flatten)]
    what: What,
}

#[derive(Debug, Args)]
struct At {
    #[command(flatten)]
    place: Place,
    /// The territory's id
    #[arg(long, value_name = "ID")]
    territory: TerritoryId,
    /// Do it without asking
    #[arg(long)]
    yes: bool,
    /// Say what there is of it, and do nothing
    #[arg(long)]
    dry_run: bool,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct What {
    /// A field with all values that it ever had, by its path: `phone`, `helpers/ID/email`
    #[arg(long, value_name = "STRUCTURE:PATH", value_parser = pair)]
    value: Option<(RecordId, String)>,
    /// A whole structure
    #[arg(long, value_name = "STRUCTURE")]
    record: Option<RecordId>,
    /// Somebody who helps
    #[arg(long, value_name = "STRUCTURE:HELPER", value_parser = pair)]
    helper: Option<(RecordId, String)>,
    /// The name of somebody who writes, as `people list` names them; what they wrote stays
    #[arg(long, value_name = "CONTRIBUTOR")]
    contributor: Option<ContributorId>,
}

#[derive(Debug, Args)]
pub(super) struct Epoch {
    #[command(flatten)]
    at: At,
    /// What was replaced in the last so many months stays
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(..=1_200))]
    keep_months: u32,
}

fn pair(text: &str) -> Result<(RecordId, String), String> {
    let (structure, inside) = text.split_once(':').ok_or("a structure's id, `:`, and what of it")?;
    Ok((structure.into(), inside.to_owned()))
}

impl Purge {
    pub(super) async fn run(self, context: &Context) -> Result<Erased, CliError> {
        let What { value, record, helper, contributor } = self.what;
        let value = value.map(|(structure, path)| Erasure::Value { structure, path });
        let helper = helper.map(|(structure, helper)| Erasure::Helper { structure, helper: helper.into() });
        let other = record.map(Erasure::Record).or(contributor.map(Erasure::Contributor));
        let what = value.or(helper).or(other).expect("the command line asks for one of them");
        erase(context, self.at, what).await
    }
}

impl Epoch {
    pub(super) async fn run(self, context: &Context) -> Result<Erased, CliError> {
        erase(context, self.at, Erasure::History { months: self.keep_months }).await
    }
}

async fn erase(context: &Context, at: At, what: Erasure) -> Result<Erased, CliError> {
    let At { place, territory, yes, dry_run } = at;
    let settings = place.settings()?;
    if dry_run || !yes {
        let erased = asked(context, &settings, territory, &what, true).await?;
        if dry_run {
            return Ok(erased);
        }
        if !erased.found.is_nothing() && !agreed(context, &erased)? {
            return Err(CliError::work("not-agreed", not_agreed()));
        }
    }
    asked(context, &settings, territory, &what, false).await
}

async fn asked(
    context: &Context,
    settings: &Settings,
    territory: TerritoryId,
    what: &Erasure,
    dry_run: bool,
) -> Result<Erased, CliError> {
    let command = AdminCommand::Erase { territory, what: what.clone(), dry_run };
    if let Done::Erased(erased) = call::call(context, settings.clone(), command).await? {
        return Ok(erased);
    }
    Err(CliError::work("socket", catalogue::not_answered(&std::io::ErrorKind::InvalidData.into())))
}

/// Asks at the terminal.
fn agreed(context: &Context, erased: &Erased) -> Result<bool, CliError> {
    let input = std::io::stdin();
    if context.json || !input.is_terminal() {
        return Err(CliError::Call(Said::new(
            "Rien n’a été effacé : sans terminal, dites-le avec --yes. --dry-run montre ce qui serait effacé.",
            "Nothing was erased: without a terminal, say so with --yes. --dry-run shows what would be erased.",
        )));
    }
    let mut text = text(context.lang, erased);
    let question = Said::new(
        "Effacer pour de bon ? C’est sans retour. Écrivez « oui » :",
        "Erase it for good? There is no way back. Write `yes`:",
    );
    text.push_str(context.lang.of(&question));
    drop(write!(std::io::stderr(), "{text} "));
    let mut answer = String::new();
    // An input that ends is no agreement.
    drop(input.read_line(&mut answer));
    Ok(["oui", "yes"].contains(&answer.trim().to_lowercase().as_str()))
}

fn not_agreed() -> Said {
    Said::new("Rien n’a été effacé.", "Nothing was erased.")
}

/// What was erased, or would be, in words.
pub(super) fn text(lang: Lang, erased: &Erased) -> String {
    let Erased { found, dry_run, document_bytes_before, document_bytes, .. } = erased;
    let mut text = String::new();
    if found.is_nothing() {
        add(
            &mut text,
            lang,
            "Il n’y a rien à effacer : rien de tel n’est gardé ici.",
            "There is nothing to erase: nothing like that is kept here.",
        );
        if !dry_run {
            add_files(&mut text, lang, erased);
        }
        return text;
    }
    let Counts { operations, replaced, events, waiting, names, .. } = found;
    let (fr, en) = if *dry_run { ("À effacer", "To be erased") } else { ("Effacé", "Erased") };
    add(
        &mut text,
        lang,
        format!(
            "{fr} : {} opérations du document · {events} événements du fil · {waiting} modifications en attente · \
             {names} mentions d’un nom",
            operations + replaced
        ),
        format!(
            "{en}: {} operations of the document · {events} events of the feed · {waiting} changes that wait · \
             {names} mentions of a name",
            operations + replaced
        ),
    );
    let (before, after) = (document_bytes_before.div_ceil(1024), document_bytes.div_ceil(1024));
    add(
        &mut text,
        lang,
        format!("Document : {before} Ko, puis {after} Ko"),
        format!("Document: {before} KB, then {after} KB"),
    );
    if !dry_run {
        add_done(&mut text, lang, erased);
    }
    text
}

fn add_done(text: &mut String, lang: Lang, erased: &Erased) {
    let Erased { epoch, signed_out, .. } = erased;
    if *signed_out > 0 {
        let (fr, en) = (format!("Accès clos : {signed_out}"), format!("Accesses ended: {signed_out}"));
        add(text, lang, fr, en);
    }
    add(
        text,
        lang,
        format!(
            "Époque {epoch}. Les appareils s’y rendent en se connectant ; jusque-là ils ont encore l’ancien document. \
             Les sauvegardes et les exports d’avant contiennent toujours ce qui est effacé ici : remplacez-les."
        ),
        format!(
            "Epoch {epoch}. Devices move to it when they connect; until then they have the old document. Backups and \
             exports from before still hold what is erased here: replace them."
        ),
    );
    add_files(text, lang, erased);
}

/// The files could not be made anew, if they could not.
fn add_files(text: &mut String, lang: Lang, erased: &Erased) {
    if !erased.files_rebuilt {
        add(
            text,
            lang,
            "Les fichiers n’ont pas pu être refaits : ce qui est effacé n’est plus montré, mais s’y trouve encore. Faites \
             de la place, puis : portrea-server compact",
            "The files could not be made anew: what is erased is not shown any more, but is in them yet. Make room, then: \
             portrea-server compact",
        );
    }
}

/// A store that was made anew, in words.
pub(super) fn compacted(lang: Lang, compacted: &Compacted) -> String {
    let (before, after) = (compacted.bytes_before.div_ceil(1024), compacted.bytes.div_ceil(1024));
    let tenths = compacted.millis.div_ceil(100);
    let (whole, part) = (tenths / 10, tenths % 10);
    let mut text = String::new();
    add(
        &mut text,
        lang,
        format!("{before} Ko, puis {after} Ko · {whole},{part} s"),
        format!("{before} KB, then {after} KB · {whole}.{part} s"),
    );
    text
}
