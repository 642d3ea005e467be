//! The sheets of figures: the territory, its communes, their ranking, sites, other territories, the history.

use std::collections::{BTreeMap, BTreeSet};

use portrea_indicators::grade::Grade;
use portrea_indicators::portrait::{CommunePortrait, Portrait};
use portrea_indicators::priority::{Priority, Rank};
use portrea_indicators::progress::{Compared, Point};
use portrea_indicators::siting::{Method, Proposal, Site};
use portrea_protocol::ids::InseeCode;
use serde_json::{Value, json};

use super::{About, Cell, Form, Sheet};
use crate::exchange::communes_out;
use crate::exchange::territory_file::CommuneShape;

/// A figure that stands alone on its row.
struct Lone {
    path: String,
    value: Option<f64>,
    grade: &'static str,
}

/// A commune with every figure by its path.
struct Row<'a> {
    code: &'a InseeCode,
    commune: &'a CommunePortrait,
    figures: BTreeMap<String, Option<f64>>,
}

/// The territory's figures, one a row.
pub fn territory(portrait: &Portrait, about: &About, form: Form) -> String {
    let grades = &portrait.territory.grades;
    let known = |known: &portrea_indicators::evidence::Known| {
        let (counted, estimated) = (known.counted_communes > 0, known.estimated_communes > 0);
        match (counted, estimated) {
            (true, true) => "partly-estimated",
            (true, false) => "counted",
            (false, true) => "estimated",
            (false, false) => "missing",
        }
    };
    let grade = |path: &str| match path {
        "population" => known(&grades.population),
        _ if path.starts_with("need.fragility") => known(&grades.fragility),
        _ if path.starts_with("need.exposure") => known(&grades.exposure),
        _ if path.starts_with("need.vulnerability") => known(&grades.vulnerability),
        _ => "",
    };
    lone(portrait.territory.figures(), grade, about, form)
}

/// A commune's figures, one a row; nothing where the portrait does not have it.
pub fn commune(portrait: &Portrait, code: &InseeCode, about: &About, form: Form) -> Option<String> {
    let commune = portrait.communes.get(code)?;
    let grade = |path: &str| match path {
        _ if path.starts_with("need.fragility") => said(commune.grades.fragility),
        _ if path.starts_with("need.exposure") => said(commune.grades.exposure),
        _ if path.starts_with("need.vulnerability") => said(commune.grades.vulnerability),
        _ => "",
    };
    Some(lone(commune.figures(), grade, about, form))
}

fn lone(
    figures: Vec<(String, Option<f64>)>,
    grade: impl Fn(&str) -> &'static str,
    about: &About,
    form: Form,
) -> String {
    let rows: Vec<Lone> =
        figures.into_iter().map(|(path, value)| Lone { grade: grade(&path), path, value }).collect();
    let words = move |row: &Lone| {
        let words = super::words::of(&row.path);
        Cell::Text(if form == Form::English { words.en } else { words.fr })
    };
    Sheet::default()
        .with("path", ("clé", "key"), |row: &Lone| Cell::Text(row.path.clone()))
        .with("figure", ("chiffre", "figure"), words)
        .with("value", ("valeur", "value"), |row| Cell::Number(row.value))
        .with("grade", ("comment il est connu", "how it is known"), |row| Cell::Text(row.grade.to_owned()))
        .about(about)
        .csv(&rows, form)
}

/// Every commune with all its figures, one a row.
pub fn communes(portrait: &Portrait, about: &About, form: Form) -> String {
    let rows = rows(portrait);
    sheet(&rows, about).csv(&rows, form)
}

/// The same on the map.
pub fn communes_geojson(portrait: &Portrait, shapes: &[CommuneShape], about: &About) -> String {
    let rows = rows(portrait);
    let sheet = sheet(&rows, about);
    let features = shapes.iter().filter_map(|shape| {
        let row = rows.iter().find(|row| *row.code == shape.code)?;
        let geometry = communes_out::geometry(&shape.contour);
        Some(json!({ "type": "Feature", "geometry": geometry, "properties": sheet.properties(row) }))
    });
    json!({ "type": "FeatureCollection", "features": features.collect::<Value>() }).to_string()
}

fn rows(portrait: &Portrait) -> Vec<Row<'_>> {
    let communes = portrait.communes.iter();
    communes.map(|(code, commune)| Row { code, commune, figures: figures(commune) }).collect()
}

fn figures(commune: &CommunePortrait) -> BTreeMap<String, Option<f64>> {
    commune.figures().into_iter().collect()
}

fn sheet<'a>(rows: &[Row<'a>], about: &'a About) -> Sheet<'a, Row<'a>> {
    let mut sheet = Sheet::default()
        .with("code", ("code INSEE", "INSEE code"), |row: &Row<'a>| Cell::Text(row.code.to_string()))
        .with("name", ("commune", "commune"), |row| Cell::Text(row.commune.name.clone()));
    let paths = rows.first().map(|row| row.commune.figures()).unwrap_or_default();
    for (path, _) in paths {
        let key = path.clone();
        let flag = path.starts_with("coverage.");
        sheet = sheet.with_figure(&path, move |row: &Row<'a>| {
            let value = row.figures.get(&key).copied().flatten();
            if flag { Cell::Flag(value.map(|value| value > 0.0)) } else { Cell::Number(value) }
        });
    }
    let grade = |grade: Grade| Cell::Text(said(grade).to_owned());
    sheet
        .with(
            "grade.fragility",
            ("fragilité : comment elle est connue", "fragility: how it is known"),
            move |row| grade(row.commune.grades.fragility),
        )
        .with(
            "grade.exposure",
            ("exposition : comment elle est connue", "exposure: how it is known"),
            move |row| grade(row.commune.grades.exposure),
        )
        .with(
            "grade.vulnerability",
            ("vulnérabilité : comment elle est connue", "vulnerability: how it is known"),
            move |row| grade(row.commune.grades.vulnerability),
        )
        .with("vintages", ("millésimes", "vintages"), |row| {
            let marks = row.commune.grades.dimensions.values();
            let years: BTreeSet<u16> = marks.flat_map(|mark| mark.vintages.iter().copied()).collect();
            // The contours' own inhabitants stand under the year 0.
            let told = years.iter().filter(|year| **year > 0).map(u16::to_string);
            Cell::Text(told.collect::<Vec<_>>().join(" "))
        })
        .about(about)
}

fn said(grade: Grade) -> &'static str {
    match grade {
        Grade::Counted => "counted",
        Grade::Estimated => "estimated",
        Grade::Missing => "missing",
    }
}

/// The communes by rank, with their terms.
pub fn priority(found: &Priority, about: &About, form: Form) -> String {
    let mut sheet = Sheet::default()
        .with("rank", ("rang", "rank"), |row: &Rank| Cell::Number(Some(f64::from(row.rank))))
        .with("code", ("code INSEE", "INSEE code"), |row| Cell::Text(row.commune.to_string()))
        .with("name", ("commune", "commune"), |row| Cell::Text(row.name.clone()))
        .with("score", ("score", "score"), |row| Cell::Number(Some(row.score)))
        .with_figure("concerned", |row| Cell::Number(Some(row.concerned)))
        .with_figure("need.fragility.people", |row| Cell::Number(row.fragility))
        .with_figure("need.exposure", |row| Cell::Number(row.exposure))
        .with("weight", ("poids de la commune", "the commune's weight"), |row| {
            Cell::Number(Some(row.weight))
        });
    let families: Vec<_> = found
        .ranks
        .first()
        .map(|rank| rank.terms.iter().map(|term| term.family).collect())
        .unwrap_or_default();
    for (at, family) in families.into_iter().enumerate() {
        let term = move |row: &Rank| row.terms.get(at).cloned();
        let key = family.key();
        let words = super::words::of(key);
        let near = (
            format!("{} · minutes jusqu’au plus proche", words.fr),
            format!("{} · minutes to the nearest", words.en),
        );
        sheet = sheet
            .with_figure(&format!("gap.{key}.people"), move |row| {
                Cell::Number(term(row).map(|it| it.left_out))
            })
            .with_figure(&format!("accessibility.{key}.reachedHours"), move |row| {
                Cell::Number(term(row).map(|it| it.reached_hours))
            })
            .with(format!("minutes.{key}"), near, move |row| {
                Cell::Number(term(row).and_then(|it| it.minutes_to_nearest))
            });
    }
    sheet.about(about).csv(&found.ranks, form)
}

/// The sites of the best plan, with the question that it answers.
pub fn siting(found: &Proposal, about: &About, form: Form) -> String {
    let rows: Vec<(f64, &Site)> = (1_u32..).map(f64::from).zip(&found.best.sites).collect();
    let (question, proven) = (found.question, found.proven);
    let method = match question.method {
        Method::Covering => "covering",
        Method::Median => "median",
    };
    let demand = serde_json::to_value(question.demand).ok();
    let demand = demand.as_ref().and_then(Value::as_str).unwrap_or_default().to_owned();
    Sheet::default()
        .with("order", ("ordre", "order"), |row: &(f64, &Site)| Cell::Number(Some(row.0)))
        .with("code", ("code INSEE", "INSEE code"), |row| Cell::Text(row.1.commune.to_string()))
        .with("name", ("commune", "commune"), |row| Cell::Text(row.1.name.clone()))
        .with("latitude", ("latitude", "latitude"), |row| Cell::Number(Some(row.1.position.lat)))
        .with("longitude", ("longitude", "longitude"), |row| Cell::Number(Some(row.1.position.lon)))
        .with(
            "gained",
            ("gain (personnes, ou personnes × minutes)", "gain (people, or people × minutes)"),
            |row| Cell::Number(Some(row.1.gained)),
        )
        .with("proven", ("prouvé le meilleur", "proven best"), move |_| Cell::Flag(Some(proven)))
        .with("family", ("aide", "help"), move |_| Cell::Text(question.family.key().to_owned()))
        .with("count", ("permanences demandées", "permanences asked for"), move |_| {
            Cell::Number(Some(f64::from(question.count)))
        })
        .with("hours", ("heures par semaine de chacune", "hours a week of each"), move |_| {
            Cell::Number(Some(question.hours))
        })
        .with("minutes", ("à moins de (min)", "within (min)"), move |_| Cell::Number(Some(question.minutes)))
        .with("method", ("méthode", "method"), move |_| Cell::Text(method.to_owned()))
        .with("demand", ("pour qui", "for whom"), move |_| Cell::Text(demand.clone()))
        .about(about)
        .csv(&rows, form)
}

/// Territories side by side. Each row says its own sources and heads.
pub fn comparison(found: &[Compared], written_at: &str, form: Form) -> String {
    let mut sheet = Sheet::default()
        .with("territory", ("territoire", "territory"), |row: &Compared| Cell::Text(row.name.clone()))
        .with("own", ("le vôtre", "your own"), |row| Cell::Flag(Some(row.own)));
    let paths = found.first().map(|first| first.figures.figures()).unwrap_or_default();
    for (at, (path, _)) in paths.into_iter().enumerate() {
        // The thresholds may differ from territory to territory: the column's place is the same.
        sheet = sheet.with_figure(&path, move |row: &Compared| {
            Cell::Number(row.figures.figures().get(at).and_then(|(_, value)| *value))
        });
    }
    let each =
        |fr: &str, en: &str| (format!("{fr} pour 1 000 habitants"), format!("{en} per 1,000 inhabitants"));
    sheet = sheet
        .with("perThousand.concerned", each("personnes concernées", "people concerned"), |row| {
            Cell::Number(row.per_thousand.concerned)
        })
        .with("perThousand.structures", each("lieux", "places"), |row| {
            Cell::Number(row.per_thousand.structures)
        });
    for family in portrea_indicators::resource::Family::ALL {
        let words = super::words::of(family.key());
        let of = |fr: &str, en: &str| each(&format!("{} · {fr}", words.fr), &format!("{} · {en}", words.en));
        let key = family.key();
        sheet = sheet
            .with(
                format!("perThousand.{key}.weeklyHours"),
                of("heures par semaine", "hours a week"),
                move |row| Cell::Number(row.per_thousand.families.get(family).weekly_hours),
            )
            .with(format!("perThousand.{key}.gap"), of("écart", "gap"), move |row| {
                Cell::Number(row.per_thousand.families.get(family).gap)
            });
    }
    let text = |text: String| Cell::Text(text);
    sheet
        .with("thresholds", ("minutes", "minutes"), move |row| {
            text(row.figures.thresholds_minutes.map(|minutes| minutes.to_string()).join(" "))
        })
        .with("sources", ("sources", "sources"), move |row| text(row.sources.join(" | ")))
        .with("invented", ("chiffres inventés", "made-up figures"), |row| Cell::Flag(Some(row.invented)))
        .with(
            "estimated_communes",
            ("communes au besoin estimé", "communes whose need is estimated"),
            |row| Cell::count(row.grades.vulnerability.estimated_communes),
        )
        .with("missing_communes", ("communes sans besoin connu", "communes whose need is not known"), |row| {
            Cell::count(row.grades.vulnerability.missing_communes)
        })
        .with("heads", ("état du document (heads)", "state of the document (heads)"), move |row| {
            text(row.heads.join(" "))
        })
        .with("written_at", ("écrit le", "written on"), move |_| text(written_at.to_owned()))
        .csv(found, form)
}

/// The points of the history, one a row, each with its own heads.
pub fn history(points: &[Point], about: &About, form: Form) -> String {
    let mut sheet = Sheet::default()
        .with("day", ("jour", "day"), |row: &Point| Cell::Text(row.day.clone()))
        .with("at", ("relevé le", "drawn on"), |row| Cell::Text(row.at.clone()))
        .with("name", ("nom", "name"), |row| Cell::Text(row.name.clone().unwrap_or_default()))
        .with("by", ("par", "by"), |row| Cell::Text(row.by.clone().unwrap_or_default()));
    let paths = points.last().map(|last| last.figures.figures()).unwrap_or_default();
    for (at, (path, _)) in paths.into_iter().enumerate() {
        sheet = sheet.with_figure(&path, move |row: &Point| {
            Cell::Number(row.figures.figures().get(at).and_then(|(_, value)| *value))
        });
    }
    sheet
        .with("thresholds", ("minutes", "minutes"), |row| {
            Cell::Text(row.figures.thresholds_minutes.map(|minutes| minutes.to_string()).join(" "))
        })
        .with("point_heads", ("état du document ce jour-là", "state of the document on that day"), |row| {
            Cell::Text(row.heads.join(" "))
        })
        .about(about)
        .csv(points, form)
}
