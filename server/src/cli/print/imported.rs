//! What an import did, line by line.

use std::collections::BTreeMap;

use super::{Lang, add};
use crate::admin::command::{Counts, ImportFormat, Imported, Line, Outcome};
use crate::admin::said::Said;

/// Lines that were left out for like reasons are told one by one up to this many.
const ALIKE_MAX: usize = 5;

/// The report for people: what was done, line by line, and a summary. Unless every line is asked for, lines that
/// change nothing are counted only, and many lines left out for like reasons are told as one.
pub(super) fn text(lang: Lang, imported: &Imported, every_line: bool) -> String {
    let mut text = String::new();
    let mut alike: BTreeMap<String, usize> = BTreeMap::new();
    for line in &imported.lines {
        *alike.entry(reason(lang, line)).or_default() += 1;
    }
    for line in &imported.lines {
        let many = alike.get(&reason(lang, line)).is_some_and(|count| *count > ALIKE_MAX);
        let shown = match line.outcome {
            Outcome::Added | Outcome::Updated | Outcome::Kept => true,
            Outcome::Unchanged => !line.findings.is_empty(),
            Outcome::Skipped => !many,
        };
        if shown || every_line {
            add_line(&mut text, lang, line);
        }
    }
    if !every_line {
        for (reason, count) in
            alike.iter().filter(|(reason, count)| !reason.is_empty() && **count > ALIKE_MAX)
        {
            add(
                &mut text,
                lang,
                format!("  … {count} lignes laissées de côté : {reason} (--every-line les montre)"),
                format!("  … {count} lines left out: {reason} (--every-line shows them)"),
            );
        }
    }
    add_summary(&mut text, lang, imported);
    text
}

/// Why a line was left out, without its particulars ("outside the territory"); "" when it was not.
fn reason(lang: Lang, line: &Line) -> String {
    let why = line.why.as_ref().map(|why| lang.of(why)).unwrap_or_default();
    let general = why.split(':').next().unwrap_or_default();
    general.trim_end_matches(|c: char| c.is_ascii_digit()).trim().to_owned()
}

fn add_line(text: &mut String, lang: Lang, line: &Line) {
    let Line { line: number, more_lines, name, outcome, filled, kept, why, findings, .. } = line;
    let numbers =
        std::iter::once(number).chain(more_lines).map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let why = why.as_ref().map(|why| lang.of(why)).unwrap_or_default();
    let (filled, paths) = (filled.join(", "), kept.join(", "));
    let (mark, fr, en) = match outcome {
        Outcome::Added => ("+", "ajouté".to_owned(), "added".to_owned()),
        Outcome::Updated => ("~", format!("complété ({filled})"), format!("filled in ({filled})")),
        Outcome::Unchanged => ("=", "inchangé".to_owned(), "unchanged".to_owned()),
        Outcome::Kept => {
            ("=", format!("gardé tel que saisi ({paths})"), format!("kept as people wrote it ({paths})"))
        }
        Outcome::Skipped => ("–", format!("laissé de côté : {why}"), format!("left out: {why}")),
    };
    let also = |also: &str| {
        if *outcome == Outcome::Updated && !kept.is_empty() {
            format!(" ; {also} ({paths})")
        } else {
            String::new()
        }
    };
    add(
        text,
        lang,
        format!("  {mark} ligne {numbers} · {name} : {fr}{}", also("gardé tel que saisi")),
        format!("  {mark} line {numbers} · {name}: {en}{}", also("kept as people wrote it")),
    );
    for finding in findings {
        let Said { fr, en } = &finding.said;
        add(text, lang, format!("      à vérifier : {fr}"), format!("      to be checked: {en}"));
    }
}

fn add_summary(text: &mut String, lang: Lang, imported: &Imported) {
    let Counts { added, updated, unchanged, skipped, kept } = imported.counts;
    let name = match imported.format {
        ImportFormat::FranceServices => "France Services",
        ImportFormat::Portrea => "portrea",
    };
    if !imported.unused_columns.is_empty() {
        let columns = imported.unused_columns.join(", ");
        add(
            text,
            lang,
            format!("Colonnes dont rien n’est lu : {columns}"),
            format!("Columns that nothing is read from: {columns}"),
        );
    }
    add(
        text,
        lang,
        format!(
            "Format {name} · ajoutés : {added} · complétés : {updated} · inchangés : {unchanged} · gardés tels que \
             saisis : {kept} · laissés de côté : {skipped}"
        ),
        format!(
            "Format {name} · added: {added} · filled in: {updated} · unchanged: {unchanged} · kept as people wrote \
             them: {kept} · left out: {skipped}"
        ),
    );
    if imported.dry_run {
        add(text, lang, "Essai seulement : rien n’a été écrit.", "Dry run: nothing was written.");
    } else if imported.changes == 0 {
        add(text, lang, "Rien n’a changé.", "Nothing changed.");
    }
}
