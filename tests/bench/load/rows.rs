//! The rows, as data: what stands there before, what is done, and to whom.

use crate::drive::Load;
use crate::fixture::Fixture;
use crate::servers::Who;

/// One row of the table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row {
    /// What `ROWS` calls it.
    pub(crate) name: &'static str,
    /// What the table says.
    pub(crate) what: &'static str,
    /// What stands there before.
    pub(crate) fixture: Fixture,
    /// What is done.
    pub(crate) load: Load,
    /// Who is put to it.
    pub(crate) who: &'static [Who],
}

const EVERYBODY: &[Who] = &Who::ALL;
/// Ours, with both kinds of clients.
const ALONE: &[Who] = &[Who::Portrea, Who::PortreaSparing];
/// Ours, where clients have nothing to be sparing with.
const STOCK: &[Who] = &[Who::Portrea];
const EVERYBODY_ONCE: &[Who] =
    &[Who::Hocuspocus, Who::HocuspocusFile, Who::Portrea, Who::AutomergeRepo, Who::Samod];

/// A directory that was imported and then edited a thousand times.
const fn directory(structures: usize) -> Fixture {
    Fixture { structures, edits: 1_000, territories: 1 }
}

const fn row(
    name: &'static str,
    what: &'static str,
    fixture: Fixture,
    load: Load,
    who: &'static [Who],
) -> Row {
    Row { name, what, fixture, load, who }
}

const fn steady(clients: usize) -> Load {
    Load::Steady { clients, seconds: 10 }
}

const fn burst(clients: usize) -> Load {
    Load::Burst { clients, edits: 2_000 }
}

const COLD: Load = Load::Cold { clients: 20 };
const HISTORY: Fixture = Fixture { structures: 1_000, edits: 100_000, territories: 1 };
const MANY: Fixture = Fixture { structures: 100, edits: 0, territories: 1_000 };
const WALK: Load = Load::Walk { edits: 20_000, listeners: 1 };
/// Played only when it is asked for by name.
const ENDURANCE: &str = "endurance";
const HALF_AN_HOUR: Load = Load::Steady { clients: 100, seconds: 1_800 };
const UNTOUCHED: Fixture = Fixture { structures: 20_000, edits: 0, territories: 1 };

/// All rows, in the order of the table.
pub(crate) const ROWS: [Row; 20] = [
    row("steady-20", "20 clients, one edit a second each", directory(1_000), steady(20), EVERYBODY),
    row("steady-100", "100 clients", directory(1_000), steady(100), EVERYBODY),
    row("steady-400", "400 clients", directory(1_000), steady(400), EVERYBODY),
    row("burst-20", "2,000 edits at once, of 20 clients", directory(1_000), burst(20), EVERYBODY),
    row("burst-100", "of 100 clients", directory(1_000), burst(100), EVERYBODY),
    row("burst-400", "of 400 clients", directory(1_000), burst(400), EVERYBODY),
    row("cold", "cold connect, one after the other", directory(1_000), COLD, EVERYBODY_ONCE),
    row(
        "storm",
        "200 clients back at once, 20 offline edits each",
        directory(1_000),
        Load::Storm { clients: 200, edits: 20 },
        EVERYBODY,
    ),
    row(
        "hostile",
        "100 clients, among 10,000 half-open lines and 20 intruders",
        directory(1_000),
        Load::Besieged { clients: 100, seconds: 10 },
        &[Who::PortreaSparing],
    ),
    row("5000-steady", "5,000 structures: 100 clients", directory(5_000), steady(100), ALONE),
    row("5000-burst", "5,000: 2,000 edits of 100 clients", directory(5_000), burst(100), ALONE),
    row("5000-cold", "5,000: cold connect", directory(5_000), COLD, STOCK),
    row("20000-steady", "20,000 structures: 100 clients", directory(20_000), steady(100), ALONE),
    row("20000-burst", "20,000: 2,000 edits of 100 clients", directory(20_000), burst(100), ALONE),
    row("20000-cold", "20,000: cold connect", directory(20_000), COLD, STOCK),
    row("history-steady", "after 100,000 edits: 100 clients", HISTORY, steady(100), ALONE),
    row("history-cold", "after 100,000 edits: cold connect", HISTORY, COLD, STOCK),
    row(
        "territories",
        "1,000 territories, 990 visited and idle: 10 clients in each of 10",
        MANY,
        steady(100),
        STOCK,
    ),
    row("walk", "20,000 structures, each edited once in the order of creation", UNTOUCHED, WALK, STOCK),
    row(ENDURANCE, "100 clients for half an hour", directory(1_000), HALF_AN_HOUR, &[Who::PortreaSparing]),
];

/// The rows that were asked for: all but the long one, or those whose name begins with one of the words.
pub(crate) fn chosen(words: &str, quick: bool) -> Vec<Row> {
    let words: Vec<&str> = words.split([',', ' ']).filter(|word| !word.is_empty()).collect();
    let wanted = |row: &Row| match words.as_slice() {
        [] => row.name != ENDURANCE,
        words => words.iter().any(|word| row.name.starts_with(word)),
    };
    ROWS.into_iter().filter(wanted).map(|row| if quick { shortened(row) } else { row }).collect()
}

/// The servers that were asked for, by the beginning of what they are called: `portrea` is ours with either clients.
pub(crate) fn peers(words: &str) -> Vec<Who> {
    let words: Vec<String> =
        words.split([',', ' ']).filter(|word| !word.is_empty()).map(str::to_lowercase).collect();
    let wanted =
        |who: &Who| words.is_empty() || words.iter().any(|word| who.word().starts_with(word.as_str()));
    Who::ALL.into_iter().filter(wanted).collect()
}

/// The same row in a few seconds: for trying, not for figures.
fn shortened(row: Row) -> Row {
    let load = match row.load {
        Load::Steady { clients, .. } => Load::Steady { clients, seconds: 3 },
        Load::Besieged { clients, .. } => Load::Besieged { clients, seconds: 3 },
        Load::Burst { clients, .. } => Load::Burst { clients, edits: 800 },
        Load::Storm { clients, .. } => Load::Storm { clients: clients / 4, edits: 20 },
        Load::Cold { .. } => Load::Cold { clients: 3 },
        Load::Walk { listeners, .. } => Load::Walk { edits: 4_000, listeners },
    };
    let Fixture { structures, edits, territories } = row.fixture;
    let fixture = Fixture { structures, edits: edits.min(5_000), territories: territories.min(50) };
    Row { fixture, load, ..row }
}
