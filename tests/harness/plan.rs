//! A day's plan, drawn from a seed: the list of what happens, with its times.
//!
//! All that a day's people and faults do stands in this list; the world adds only the usual milliseconds. Each entry
//! carries a number of its own from which its details are drawn, so that an entry does the same when others are
//! taken away: this list is what [`crate::shrink`] shortens.

use std::fmt;

use portrea_territory::territory::Upkeep;

use crate::fault::{FAULTS, Fault};
use crate::seed::Seed;

/// How long the day is, before its evening.
pub const DAY_MS: u64 = 3_600_000;
/// Edits of one wave come within this time: shorter than a frame's way, so that they are concurrent.
const WAVE_MS: u64 = 50;
/// One day in so many is large.
const LARGE_EVERY: u64 = 64;
/// On so many of a hundred days something is erased, this often at most.
pub const PURGES_PERCENT: u64 = 35;
/// See [`PURGES_PERCENT`].
pub const PURGES_MAX: u64 = 2;

/// A whole day.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The seed it was drawn from.
    pub seed: u64,
    /// How many devices there are; the first is the référent·e's.
    pub devices: usize,
    /// What calls for upkeep of the territory on this day.
    pub upkeep: Upkeep,
    /// What happens, in the order of time.
    pub entries: Vec<Entry>,
}

/// One thing that happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its number in the plan as it was drawn.
    pub number: usize,
    /// When, in milliseconds since the morning.
    pub at_ms: u64,
    /// What.
    pub what: What,
    /// Its details are drawn from this.
    pub draw: u64,
}

/// What happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// A device comes for the first time.
    Joins(usize),
    /// Somebody edits on a device.
    Edits(usize),
    /// Somebody edits on the server: an import, a form.
    Imports,
    /// Somebody signs in, which the feed tells.
    SignsIn(usize),
    /// Somebody writes on a device what they may want erased.
    Confides(usize),
    /// Something is erased for good, and another epoch begins.
    Purges,
    /// Something goes wrong, with this device if it is a device's matter.
    Goes(Fault, usize),
}

impl Plan {
    /// The day of a seed: three to eight devices and some dozen edits; one day in 64 has twenty devices.
    pub fn of(seed: u64) -> Self {
        let mut chance = Seed::new(seed);
        let large = seed % LARGE_EVERY == LARGE_EVERY - 1;
        let devices = if large { 20 } else { chance.between(3, 8) };
        let edits = if large { 100 } else { chance.between(10, 40) };
        Self::drawn(seed, chance, devices, edits)
    }

    /// A big day: sixty devices with two edits each.
    pub fn big(seed: u64) -> Self {
        Self::drawn(seed, Seed::new(seed), 60, 120)
    }

    fn drawn(seed: u64, mut chance: Seed, devices: u64, edits: u64) -> Self {
        let mut drawn = Vec::new();
        for device in 0..devices {
            // Most come in the first minutes, one in five in the middle of the day.
            let latest = if chance.chance(20) { DAY_MS / 2 } else { DAY_MS / 20 };
            drawn.push((chance.below(latest), What::Joins(index(device))));
        }
        let mut waves = Vec::new();
        let mut left = edits;
        while left > 0 {
            let wave = chance.between(DAY_MS / 40, DAY_MS);
            let size = chance.between(1, 6).min(left);
            left -= size;
            for _ in 0..size {
                let at = wave + chance.below(WAVE_MS);
                waves.push(at);
                let what = match chance.below(20) {
                    0 => What::Imports,
                    _ => What::Edits(index(chance.below(devices))),
                };
                drawn.push((at, what));
            }
        }
        if chance.chance(30) {
            drawn.push((chance.below(DAY_MS), What::SignsIn(index(chance.below(devices)))));
        }
        // Faults per device stay as frequent when there are more devices.
        let share = devices.div_ceil(8);
        for row in &FAULTS {
            if !chance.chance(row.days_percent) {
                continue;
            }
            for _ in 0..chance.between(1, row.times_max * share) {
                let edit = chance.pick(&waves).copied().unwrap_or_default();
                let anywhere = chance.below(DAY_MS);
                let at = if row.near_edit { (edit + chance.below(200)).saturating_sub(50) } else { anywhere };
                drawn.push((at, What::Goes(row.fault, index(chance.below(devices)))));
            }
        }
        drawn.extend(purges(seed, devices, &waves));
        // On some days every change counts as an import, on others what is more than a field; on most none does.
        let piece_max = match seed % 4 {
            0 => 0,
            1 => 300,
            _ => usize::MAX,
        };
        let removed_at_once = if seed.is_multiple_of(3) { 2 } else { Upkeep::default().removed_at_once };
        let upkeep = Upkeep { piece_max, removed_at_once, ..upkeep(&mut chance) };
        drawn.sort_by_key(|(at, _)| *at);
        let entries = drawn
            .into_iter()
            .enumerate()
            .map(|(number, (at_ms, what))| Entry { number, at_ms, what, draw: chance.draw() })
            .collect();
        Self { seed, devices: index(devices), upkeep, entries }
    }

    /// The same day with these of its entries alone.
    #[must_use]
    pub fn with(&self, entries: Vec<Entry>) -> Self {
        Self { entries, ..self.clone() }
    }

    /// The same day with the entries of these numbers alone.
    #[must_use]
    pub fn only(&self, numbers: &[usize]) -> Self {
        self.with(self.entries.iter().filter(|entry| numbers.contains(&entry.number)).cloned().collect())
    }
}

/// What is erased on a day, and what somebody wrote before, most of it shortly before; drawn apart, so that it changes
/// nothing of the other days.
fn purges(seed: u64, devices: u64, waves: &[u64]) -> Vec<(u64, What)> {
    let mut chance = Seed::new(seed ^ 0x000e_7a5e);
    let mut drawn = Vec::new();
    if !chance.chance(PURGES_PERCENT) {
        return drawn;
    }
    for _ in 0..chance.between(1, PURGES_MAX) {
        let near = chance.pick(waves).copied().unwrap_or_default() + chance.below(400);
        let at = if chance.chance(70) { near } else { chance.between(DAY_MS / 20, DAY_MS) };
        for _ in 0..chance.between(1, 3) {
            let before = if chance.chance(60) { chance.below(500) } else { chance.below(DAY_MS / 4) };
            drawn.push((at.saturating_sub(before), What::Confides(index(chance.below(devices)))));
        }
        drawn.push((at, What::Purges));
    }
    drawn
}

/// On most days the limits are low, so that the document is saved and renewed all the time.
fn upkeep(chance: &mut Seed) -> Upkeep {
    let usual = Upkeep::default();
    match chance.below(10) {
        0..6 => Upkeep {
            loose_chunks_max: index(chance.between(2, 8)),
            merged_max: index(chance.between(1, 12)),
            operations_a_chunk: usize::MAX,
            ..usual
        },
        6..8 => Upkeep { loose_bytes_max: 2_000, merged_max: 20, ..usual },
        8 => Upkeep { loose_chunks_max: 2, operations_a_chunk: 32, merged_max: 20, ..usual },
        _ => usual,
    }
}

fn index(number: u64) -> usize {
    usize::try_from(number).expect("a plan is small")
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "seed {}: {} devices, {:?}", self.seed, self.devices, self.upkeep)?;
        self.entries.iter().try_for_each(|entry| writeln!(f, "{entry}"))
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.at_ms / 1_000;
        let (minutes, seconds, millis) = (seconds / 60, seconds % 60, self.at_ms % 1_000);
        write!(f, "{:>4}  {minutes:02}:{seconds:02}.{millis:03}  {}", self.number, self.what)
    }
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Joins(device) => write!(f, "device {device} joins"),
            Self::Edits(device) => write!(f, "device {device} edits"),
            Self::Imports => write!(f, "an import on the server"),
            Self::SignsIn(device) => write!(f, "the person of device {device} signs in"),
            Self::Confides(device) => write!(f, "device {device} writes a secret"),
            Self::Purges => write!(f, "something is erased"),
            Self::Goes(fault, device) => write!(f, "{fault:?}, device {device} if it is a device's"),
        }
    }
}
