//! What files of statistics gave, and what a territory has of them.

use portrea_indicators::series::{Covers, Level};

use super::{Lang, add, add_findings};
use crate::admin::figures::{DimensionShown, Figures, NeedsShown, RecipeShown, SeriesShown};
use crate::exchange::needs::fit::{Code, FileReport, SeriesReport};

/// Codes are named one by one up to so many.
const NAMED_MAX: usize = 12;

/// What an import of statistics did.
pub(super) fn taken(lang: Lang, figures: &Figures) -> String {
    let Figures { communes, without, sources, invented, files, dimensions, findings, dry_run, .. } = figures;
    let mut text = String::new();
    for file in files {
        add_file(&mut text, lang, file);
    }
    add_dimensions(&mut text, lang, dimensions, false);
    let sources = if sources.is_empty() { String::new() } else { format!(" ({})", sources.join(" ; ")) };
    add(
        &mut text,
        lang,
        format!("Communes avec chiffres : {communes} · sans : {without}{sources}"),
        format!("Communes with figures: {communes} · without: {without}{sources}"),
    );
    if *invented {
        add(
            &mut text,
            lang,
            "Un fichier dit que ses chiffres sont inventés.",
            "A file says that its figures are invented.",
        );
    }
    add_findings(&mut text, lang, findings);
    if *dry_run {
        add(&mut text, lang, "Essai seulement : rien n’a été écrit.", "Dry run: nothing was written.");
    }
    text
}

/// What a territory has of statistics.
pub(super) fn shown(lang: Lang, needs: &NeedsShown) -> String {
    let mut text = String::new();
    if needs.series.is_empty() {
        add(&mut text, lang, "Aucune série.", "No series.");
    }
    for SeriesShown { key, words, level, vintage, source, covers, .. } in &needs.series {
        let what = vintage.map_or_else(|| key.clone(), |vintage| format!("{key} {vintage}"));
        let from = [source.producer.as_str(), source.file.as_str(), source.columns.as_str()];
        let from = from.iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join(", ");
        let (fr, en) = (covers_words(covers, Lang::Fr), covers_words(covers, Lang::En));
        let (rows_fr, rows_en) = level_words(*level);
        add(
            &mut text,
            lang,
            format!("{what} · {} · {rows_fr} · {fr} · {from}", words.fr),
            format!("{what} · {} · {rows_en} · {en} · {from}", words.en),
        );
    }
    add_dimensions(&mut text, lang, &needs.dimensions, true);
    if needs.own_recipe {
        add(&mut text, lang, "Recette du territoire.", "The territory’s own recipe.");
    } else {
        add(&mut text, lang, "Recette par défaut.", "The default recipe.");
    }
    text
}

/// A recipe, as a file to be written.
pub(super) fn recipe(recipe: &RecipeShown) -> String {
    recipe.text.clone()
}

fn add_file(text: &mut String, lang: Lang, file: &FileReport) {
    let FileReport { file: name, kind, level, rows, producer, .. } = file;
    let ((fr, en), (rows_fr, rows_en)) = (kind.words(), level_words(*level));
    let producer = if producer.is_empty() { String::new() } else { format!(" · {producer}") };
    add(
        text,
        lang,
        format!("{name} : {fr} · {rows_fr}, {rows} lignes{producer}"),
        format!("{name}: {en} · {rows_en}, {rows} rows{producer}"),
    );
    for SeriesReport { key, vintage, columns, covers, moved, .. } in &file.series {
        let what = vintage.map_or_else(|| key.clone(), |vintage| format!("{key} {vintage}"));
        let (fr, en) = (covers_words(covers, Lang::Fr), covers_words(covers, Lang::En));
        let (moved_fr, moved_en) = match moved {
            0 => (String::new(), String::new()),
            moved => (
                format!(" · recomposées depuis d’anciennes communes : {moved}"),
                format!(" · put together from former communes: {moved}"),
            ),
        };
        add(
            text,
            lang,
            format!("  {what} ({columns}) · {fr}{moved_fr}"),
            format!("  {what} ({columns}) · {en}{moved_en}"),
        );
    }
    if !file.moved.is_empty() {
        let moves = file.moved.iter().take(NAMED_MAX).map(|one| format!("{} → {}", one.from, one.to));
        let more = more(file.moved.len());
        let list = moves.collect::<Vec<_>>().join(", ");
        add(
            text,
            lang,
            format!("  anciennes communes : {list}{more}"),
            format!("  former communes: {list}{more}"),
        );
    }
    add_codes(
        text,
        lang,
        &file.split,
        "communes scindées, effectifs laissés de côté",
        "split communes, counts left out",
    );
    add_codes(text, lang, &file.unknown, "codes inconnus du territoire", "codes unknown to the territory");
    add(
        text,
        lang,
        format!(
            "  communes voisines gardées pour les taux : {} · d’ailleurs : {} · colonnes non lues : {}",
            file.neighbours, file.elsewhere, file.unused
        ),
        format!(
            "  neighbours kept for rates: {} · from elsewhere: {} · columns not read: {}",
            file.neighbours, file.elsewhere, file.unused
        ),
    );
}

fn add_codes(text: &mut String, lang: Lang, codes: &[Code], fr: &str, en: &str) {
    if codes.is_empty() {
        return;
    }
    let named = codes
        .iter()
        .take(NAMED_MAX)
        .map(|Code { code, name }| if name.is_empty() { code.to_string() } else { format!("{code} {name}") });
    let (list, more) = (named.collect::<Vec<_>>().join(", "), more(codes.len()));
    add(text, lang, format!("  {fr} : {list}{more}"), format!("  {en}: {list}{more}"));
}

fn more(all: usize) -> String {
    all.checked_sub(NAMED_MAX)
        .filter(|more| *more > 0)
        .map_or_else(String::new, |more| format!(" … (+ {more})"))
}

fn add_dimensions(text: &mut String, lang: Lang, dimensions: &[DimensionShown], formulas: bool) {
    for DimensionShown { words, formulas: ways, counted, estimated, missing, .. } in dimensions {
        if !formulas && counted + estimated == 0 {
            continue;
        }
        add(
            text,
            lang,
            format!(
                "{} · compté : {counted} · estimé : {estimated} · manquant : {missing} communes",
                words.fr
            ),
            format!(
                "{} · counted: {counted} · estimated: {estimated} · missing: {missing} communes",
                words.en
            ),
        );
        for way in ways.iter().filter(|way| formulas && way.communes > 0) {
            add(
                text,
                lang,
                format!("  {} · {} communes", way.words.fr, way.communes),
                format!("  {} · {} communes", way.words.en, way.communes),
            );
        }
    }
}

fn covers_words(covers: &Covers, lang: Lang) -> String {
    let Covers { known, partial, secret, absent } = covers;
    match lang {
        Lang::Fr => {
            format!("communes : {known}, en partie : {partial}, secret : {secret}, absentes : {absent}")
        }
        Lang::En => format!("communes: {known}, in part: {partial}, secret: {secret}, absent: {absent}"),
    }
}

fn level_words(level: Level) -> (&'static str, &'static str) {
    match level {
        Level::Commune => ("par commune", "by commune"),
        Level::Iris => ("par IRIS, réunis par commune", "by IRIS, brought together by commune"),
        Level::Epci => ("par EPCI", "by EPCI"),
        Level::Departement => ("par département", "by département"),
    }
}
