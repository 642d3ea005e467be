//! The docs in step with the code: a page that lies is worse than no page.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use crate::tree::{File, files, text};
use crate::{complains, hold};

/// Words of the field that the code uses; each has its line in the glossary.
const WORDS: [&str; 64] = [
    "access",
    "accessibility",
    "acknowledgement",
    "actor",
    "archive",
    "batch",
    "binding",
    "campaign",
    "capacity",
    "change",
    "chunk",
    "commune",
    "compaction",
    "confirmation",
    "conflict",
    "contributor",
    "coverage",
    "delta",
    "device",
    "document",
    "durable",
    "edit",
    "event",
    "exposure",
    "family",
    "feed",
    "field",
    "finding",
    "fragility",
    "frame",
    "freshness",
    "gap",
    "heads",
    "helper",
    "indicator",
    "invitation",
    "keeper",
    "link",
    "need",
    "offer",
    "operation",
    "outcome",
    "patch",
    "peer",
    "permanence",
    "portrait",
    "reader",
    "record",
    "référent·e",
    "refusal",
    "replica",
    "resource",
    "session",
    "service",
    "shelf",
    "snapshot",
    "spread",
    "status",
    "steady frame",
    "store",
    "structure",
    "territory",
    "ticket",
    "vulnerability",
];

/// Where the glossary, the protocol and the settings are told.
const GLOSSARY: &str = "docs/glossary.md";
const PROTOCOL: &str = "docs/protocol.md";
const OPERATIONS: &str = "docs/operations.md";
const DECISIONS: &str = "docs/decisions/";

/// The lines of a decision: it fits a page.
const DECISION_LINES_MAX: usize = 80;

/// SHA-256 of the wire's files, one after the other in the order of their names; files in subfolders are tests.
fn wire_hash(all: &[File]) -> String {
    let mut wire: Vec<&File> = all
        .iter()
        .filter(|file| {
            file.is("rs") && file.path.rsplit_once('/').is_some_and(|(at, _)| at == "protocol/src/wire")
        })
        .collect();
    wire.sort_by(|a, b| a.path.cmp(&b.path));
    let mut hash = Sha256::new();
    for file in wire {
        hash.update(&file.text);
    }
    hash.finalize().iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").expect("a string takes all");
        hex
    })
}

fn protocol_rule(page: &str, hash: &str) -> Vec<String> {
    let written = page.split("wire-hash:").nth(1).and_then(|rest| rest.split_whitespace().next());
    match written {
        Some(written) if written.trim_matches(['`', '*']) == hash => Vec::new(),
        Some(written) => vec![format!(
            "{PROTOCOL} describes {written}, protocol/src/wire is {hash}: read the page against the change, mend it, \
             then write `wire-hash: {hash}`"
        )],
        None => vec![format!("{PROTOCOL} has no line `wire-hash: {hash}`")],
    }
}

/// The first column of the glossary's tables, in lower case: a word may have forms, set apart by commas.
fn glossary_words(page: &str) -> Vec<String> {
    let rows = page.lines().filter_map(|line| line.strip_prefix('|'));
    let cells = rows.filter_map(|row| row.split('|').next()).map(str::trim);
    let words = cells.filter(|cell| !cell.is_empty() && !cell.starts_with('-') && *cell != "Word");
    words
        .flat_map(|cell| cell.split(','))
        .map(|word| word.trim().trim_matches(['*', '`', '_']).to_lowercase())
        .collect()
}

fn glossary_rule(page: &str) -> Vec<String> {
    let words = glossary_words(page);
    let missing = WORDS.iter().filter(|word| !words.iter().any(|known| known == *word));
    let mut complaints: Vec<String> = missing.map(|word| format!("{GLOSSARY} lacks `{word}`")).collect();
    let mut seen = BTreeSet::new();
    let twice = words.iter().filter(|word| !seen.insert(word.as_str()));
    complaints.extend(twice.map(|word| format!("{GLOSSARY} explains `{word}` twice")));
    complaints
}

/// Decisions are numbered from 0001 without a gap, listed in their index, fit a page and say what they cost.
fn decisions_rule(all: &[File]) -> Vec<String> {
    let mut complaints = Vec::new();
    let index = all.iter().find(|file| file.path == format!("{DECISIONS}README.md"));
    let index = index.map_or("", |file| file.text.as_str());
    let names = all.iter().filter_map(|file| Some((file, file.path.strip_prefix(DECISIONS)?)));
    let mut decisions: Vec<(&File, &str)> = names.filter(|(_, name)| *name != "README.md").collect();
    decisions.sort_by_key(|(_, name)| *name);
    let mut next = 1;
    for (file, name) in decisions {
        let number: usize = name.split('-').next().and_then(|number| number.parse().ok()).unwrap_or_default();
        if number != next {
            complaints.push(format!("{}: {next:04} is missing before it, or taken twice", file.path));
        }
        next = number + 1;
        if !index.contains(&format!("({name})")) {
            complaints.push(format!("{}: {DECISIONS}README.md does not list it", file.path));
        }
        if file.text.lines().count() > DECISION_LINES_MAX {
            complaints.push(format!("{}: more than a page", file.path));
        }
        for heading in ["## Context", "## Choice", "## Cost"] {
            if !file.text.lines().any(|line| line.starts_with(heading)) {
                complaints.push(format!("{}: no `{heading}`", file.path));
            }
        }
    }
    complaints
}

/// A heading's anchor, as forges make it.
fn anchor(heading: &str) -> String {
    let kept = heading.trim().to_lowercase();
    let kept = kept.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
    kept.map(|letter| if letter == ' ' { '-' } else { letter }).collect()
}

/// The page's lines outside of fenced code.
fn prose(page: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut fenced = false;
    page.lines().enumerate().filter(move |(_, line)| {
        let fence = line.trim_start().starts_with("```");
        fenced ^= fence;
        !fenced && !fence
    })
}

/// Targets of the links in a line, code aside.
fn targets(line: &str) -> impl Iterator<Item = &str> {
    let outside_code = line.split('`').step_by(2);
    outside_code.flat_map(|part| part.split("](").skip(1)).filter_map(|rest| rest.split(')').next())
}

/// A link's target from the root, with `..` taken back.
fn resolved(page: &str, target: &str) -> String {
    let mut parts: Vec<&str> = page.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            name => parts.push(name),
        }
    }
    parts.join("/")
}

fn links_rule(all: &[File], exists: impl Fn(&str) -> bool) -> Vec<String> {
    let anchors: BTreeMap<&str, BTreeSet<String>> = all
        .iter()
        .filter(|file| file.is("md"))
        .map(|file| {
            let headings = prose(&file.text).filter_map(|(_, line)| line.strip_prefix('#'));
            (file.path.as_str(), headings.map(|line| anchor(line.trim_start_matches('#'))).collect())
        })
        .collect();
    let mut complaints = Vec::new();
    for page in all.iter().filter(|file| file.is("md")) {
        for (index, line) in prose(&page.text) {
            for target in
                targets(line).filter(|target| !target.contains("://") && !target.starts_with("mailto:"))
            {
                let (path, part) = target.split_once('#').unwrap_or((target, ""));
                let path = if path.is_empty() { page.path.clone() } else { resolved(&page.path, path) };
                let lost_part =
                    !part.is_empty() && anchors.get(path.as_str()).is_some_and(|it| !it.contains(part));
                if !exists(&path) || lost_part {
                    complaints.push(format!(
                        "{}:{}: the link to {target} leads nowhere",
                        page.path,
                        index + 1
                    ));
                }
            }
        }
    }
    complaints
}

/// Settings that the code reads from the environment: by name, and one for each field of the server's `Settings`.
fn settings(all: &[File]) -> BTreeSet<String> {
    let shipped = all.iter().filter(|file| file.is("rs") && file.path.contains("/src/") && !file.is_test());
    let mut names = BTreeSet::new();
    for file in shipped {
        let text = file.text.split("#[cfg(test)]").next().unwrap_or_default();
        for rest in text.split("PORTREA_").skip(1) {
            let end = rest.find(|c: char| !c.is_ascii_uppercase() && c != '_').unwrap_or(rest.len());
            names.insert(rest.split_at(end).0.to_owned());
        }
        let fields = text.split("pub struct Settings {").nth(1).and_then(|rest| rest.split("\n}").next());
        for line in fields.unwrap_or_default().lines() {
            let field = line.trim().strip_prefix("pub ").and_then(|rest| rest.split(':').next());
            names.extend(field.map(str::to_uppercase));
        }
    }
    names.into_iter().filter(|name| !name.is_empty()).map(|name| format!("PORTREA_{name}")).collect()
}

fn settings_rule(all: &[File], page: &str) -> Vec<String> {
    let told =
        |name: &String| page.split(|c: char| !c.is_ascii_uppercase() && c != '_').any(|word| word == name);
    settings(all)
        .iter()
        .filter(|name| !told(name))
        .map(|name| format!("{OPERATIONS} does not tell of {name}"))
        .collect()
}

fn changelog_rule(page: &str) -> Vec<String> {
    let unreleased = page.lines().any(|line| line.starts_with("## ") && line.contains("Unreleased"));
    if unreleased { Vec::new() } else { vec!["CHANGELOG.md has no `## Unreleased`".to_owned()] }
}

/// A rule over a page that must be there.
fn on_page(path: &str, rule: impl Fn(&str) -> Vec<String>) -> Vec<String> {
    text(path).map_or_else(|missing| vec![missing], rule)
}

#[test]
fn the_protocol_is_described_as_it_is() {
    let complaints = on_page(PROTOCOL, |page| protocol_rule(page, &wire_hash(files())));
    hold(&complaints, "others write clients from this page; who changes the wire reads it again");
}

#[test]
fn the_glossary_has_every_word_once() {
    hold(
        &on_page(GLOSSARY, glossary_rule),
        "one word, one meaning: a word enters the glossary, then the code",
    );
}

#[test]
fn decisions_are_whole() {
    hold(
        &decisions_rule(files()),
        "a decision is found by its number and read in a minute: context, choice, cost",
    );
}

#[test]
fn links_lead_somewhere() {
    let exists = |path: &str| crate::tree::root().join(path).exists();
    hold(&links_rule(files(), exists), "a reader who meets a dead link trusts none of the others");
}

#[test]
fn settings_are_told() {
    hold(
        &on_page(OPERATIONS, |page| settings_rule(files(), page)),
        "an operator cannot turn a knob that nobody named",
    );
}

#[test]
fn the_changelog_is_open() {
    hold(&on_page("CHANGELOG.md", changelog_rule), "what users will notice is written down when it is done");
}

#[test]
fn these_rules_can_fail() {
    let wire = [
        File::new("protocol/src/wire/b.rs", "b"),
        File::new("protocol/src/wire/a.rs", "a"),
        File::new("protocol/src/wire/a/tests.rs", "not counted"),
    ];
    let hash = wire_hash(&wire);
    assert_eq!(hash, "fb8e20fc2e4c3f248c60c39bd652f3c1347298bb977b8b4d5903b85055620603", "sha256 of `ab`");
    assert!(protocol_rule(&format!("x\nwire-hash: {hash}\n"), &hash).is_empty());
    assert!(protocol_rule(&format!("`wire-hash: {hash}`"), &hash).is_empty());
    assert!(complains(&protocol_rule("wire-hash: 00", &hash), "describes 00"));
    assert!(complains(&protocol_rule("nothing", &hash), "has no line"));

    let glossary = glossary_rule("| Word | x |\n| --- | --- |\n| **change** | y |\n| change, delta | z |");
    assert!(complains(&glossary, "lacks `patch`") && complains(&glossary, "`change` twice"));
    assert!(!complains(&glossary, "lacks `delta`"));

    let whole = "## Context\n## Choice\n## Cost\n";
    let decisions = [
        File::new("docs/decisions/README.md", "[one](0001-one.md)"),
        File::new("docs/decisions/0001-one.md", whole),
        File::new("docs/decisions/0003-three.md", "## Context\n## Choice\n"),
    ];
    let complaints = decisions_rule(&decisions);
    assert_eq!(complaints.len(), 3, "{complaints:?}");
    for what in ["0002 is missing", "does not list it", "no `## Cost`"] {
        assert!(complains(&complaints, what), "{what}");
    }

    let pages = [
        File::new(
            "docs/a.md",
            "# A page: here\n[b](b.md) [up](../x.md#there) [me](#a-page-here) `[c](c.md)`",
        ),
        File::new("x.md", "# Elsewhere\n```\n[d](d.md)\n```\n[web](https://example.org)"),
    ];
    let complaints = links_rule(&pages, |path| ["docs/a.md", "x.md"].contains(&path));
    assert_eq!(complaints.len(), 2, "{complaints:?}");
    assert!(complains(&complaints, "b.md") && complains(&complaints, "#there"));

    let code = [File::new(
        "server/src/settings.rs",
        "f(\"PORTREA_DATA\");\npub struct Settings {\n    pub log: u8,\n}\n",
    )];
    let complaints = settings_rule(&code, "`PORTREA_DATA_DIR` `PORTREA_LOG`");
    assert_eq!(complaints, ["docs/operations.md does not tell of PORTREA_DATA"]);
    assert!(complains(&settings_rule(&code, "PORTREA_DATA"), "PORTREA_LOG"));
    assert_eq!(changelog_rule("## 0.1.0").len(), 1);
}
