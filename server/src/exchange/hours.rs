//! French weekday hours → OpenStreetMap's `opening_hours`.
//!
//! `09:00 - 12:00 / 13:30 - 17:00` (also `9h-12h et 14h-17h30`, `de 9h à 12h`, `fermé`) a day becomes
//! `Mo-Th 09:00-12:00,13:30-17:00; Fr 09:00-12:00`, equal days grouped. What is odd is found: `00:00 - 00:00` stands for
//! "nothing here" and is left out; slots that overlap are united; what cannot be read is given back as it stood, for
//! the caller to keep.

use super::finding::Message;

/// The days of the week as OpenStreetMap writes them.
const OSM_DAYS: [&str; 7] = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"];
/// The days of the week in French.
pub const FRENCH_DAYS: [&str; 7] = ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"];
/// The days of the week in English.
pub const ENGLISH_DAYS: [&str; 7] =
    ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// Opening before this minute of the day is a finding.
const EARLY: u16 = 5 * 60;
/// A slot of more minutes than this is a finding.
const LONG: u16 = 14 * 60;

/// A stretch of a day, in minutes from midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Slot {
    /// When it opens.
    pub from: u16,
    /// When it closes: later, at most 24 × 60.
    pub to: u16,
}

/// What is odd in the hours of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Odd {
    /// The text could not be read; there are no slots from it.
    Unreadable,
    /// A slot from midnight to midnight was left out: programs write it for "nothing".
    Placeholder,
    /// Slots overlapped or stood twice, and were united.
    Overlap,
    /// A slot begins in the night or lasts most of a day; kept as it stands.
    Unlikely,
}

impl Odd {
    /// The finding's stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Unreadable => "hours_unreadable",
            Self::Placeholder => "hours_placeholder",
            Self::Overlap => "hours_overlap",
            Self::Unlikely => "hours_unlikely",
        }
    }

    /// Whether the text says more than the slots, and is to be kept beside them.
    pub fn says_more(self) -> bool {
        matches!(self, Self::Unreadable | Self::Overlap)
    }

    /// What is odd about a day's text, and what was done.
    pub fn message(self, text: &str) -> Message {
        let (fr, en) = match self {
            Self::Unreadable => {
                ("horaires illisibles, gardés dans les notes", "hours unreadable, kept in the notes")
            }
            Self::Placeholder => {
                ("créneau de minuit à minuit laissé de côté", "slot from midnight to midnight left out")
            }
            Self::Overlap => ("créneaux qui se recouvrent, réunis", "overlapping slots, united"),
            Self::Unlikely => ("horaires peu vraisemblables, gardés", "unlikely hours, kept"),
        };
        Message::new(format!("{fr} : {text}"), format!("{en}: {text}"))
    }
}

/// The hours of a day.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Day {
    /// When it is open, in order, without overlap.
    pub slots: Vec<Slot>,
    /// What was odd.
    pub odd: Vec<Odd>,
}

/// Reads a day's hours. An empty text is a closed day.
pub fn day(text: &str) -> Day {
    let Some(read) = slots(text) else { return Day { slots: Vec::new(), odd: vec![Odd::Unreadable] } };
    let mut odd = Vec::new();
    let mut kept: Vec<Slot> = read.iter().copied().filter(|slot| slot.to > 0).collect();
    if kept.len() < read.len() {
        odd.push(Odd::Placeholder);
    }
    if kept.iter().any(|slot| slot.from >= slot.to) {
        odd.push(Odd::Unreadable);
        return Day { slots: Vec::new(), odd };
    }
    if kept.iter().any(|slot| slot.from < EARLY || slot.to - slot.from > LONG) {
        odd.push(Odd::Unlikely);
    }
    kept.sort();
    let mut united: Vec<Slot> = Vec::new();
    let mut overlap = false;
    for slot in kept {
        match united.last_mut().filter(|last| slot.from <= last.to) {
            Some(last) => {
                overlap |= slot.from < last.to;
                last.to = last.to.max(slot.to);
            }
            None => united.push(slot),
        }
    }
    if overlap {
        odd.push(Odd::Overlap);
    }
    Day { slots: united, odd }
}

/// A week as OpenStreetMap writes it, equal days grouped; nothing when no day is open.
pub fn opening_hours(week: &[Vec<Slot>]) -> Option<String> {
    let mut rules: Vec<(String, Vec<usize>)> = Vec::new();
    for (index, slots) in week.iter().enumerate().take(OSM_DAYS.len()).filter(|(_, slots)| !slots.is_empty())
    {
        let spans = slots.iter().map(|slot| format!("{}-{}", clock(slot.from), clock(slot.to)));
        let spans = spans.collect::<Vec<_>>().join(",");
        match rules.iter_mut().find(|(standing, _)| *standing == spans) {
            Some((_, days)) => days.push(index),
            None => rules.push((spans, vec![index])),
        }
    }
    let text = rules
        .iter()
        .map(|(spans, days)| format!("{} {spans}", day_list(days)))
        .collect::<Vec<_>>()
        .join("; ");
    (!text.is_empty()).then_some(text)
}

/// Whether a text is one of those that [`opening_hours()`] writes: each day at most once, slots in order.
pub fn is_plain(text: &str) -> bool {
    let mut used = [false; 7];
    text.split("; ").all(|rule| {
        let Some((days, spans)) = rule.split_once(' ') else { return false };
        days.split(',').all(|days| use_days(days, &mut used)) && spans_in_order(spans)
    })
}

fn use_days(days: &str, used: &mut [bool; 7]) -> bool {
    let index = |day: &str| OSM_DAYS.iter().position(|known| *known == day);
    let (first, last) =
        days.split_once('-').map_or((index(days), index(days)), |(a, b)| (index(a), index(b)));
    let (Some(first), Some(last)) = (first, last) else { return false };
    let in_order = first < last || !days.contains('-');
    in_order && used.iter_mut().take(last + 1).skip(first).all(|used| !std::mem::replace(used, true))
}

fn spans_in_order(spans: &str) -> bool {
    let mut after = None;
    spans.split(',').all(|span| {
        let Some((from, to)) = span.split_once('-') else { return false };
        let (Some(from), Some(to)) = (exact_clock(from), exact_clock(to)) else { return false };
        let good = from < to && after.is_none_or(|after| from > after);
        after = Some(to);
        good
    })
}

fn exact_clock(text: &str) -> Option<u16> {
    let (hours, minutes) =
        text.split_once(':').filter(|(hours, minutes)| hours.len() == 2 && minutes.len() == 2)?;
    minute_of_day(hours, minutes)
}

fn minute_of_day(hours: &str, minutes: &str) -> Option<u16> {
    let digits =
        |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<u16>().ok());
    let (hours, minutes) = (digits(hours)??, digits(minutes)??);
    let total = hours.checked_mul(60)?.checked_add(minutes)?;
    (minutes < 60 && total <= 24 * 60).then_some(total)
}

fn clock(minutes: u16) -> String {
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

fn day_list(days: &[usize]) -> String {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for day in days {
        match runs.last_mut().filter(|(_, last)| last + 1 == *day) {
            Some((_, last)) => *last = *day,
            None => runs.push((*day, *day)),
        }
    }
    let name = |day: usize| OSM_DAYS.get(day).copied().unwrap_or_default();
    let run = |(first, last): (usize, usize)| {
        if first == last { name(first).to_owned() } else { format!("{}-{}", name(first), name(last)) }
    };
    runs.into_iter().map(run).collect::<Vec<_>>().join(",")
}

enum Token {
    Time(u16),
    To,
    Next,
}

/// The slots as written, in their order; nothing when a word is unknown or a time stands alone.
fn slots(text: &str) -> Option<Vec<Slot>> {
    let text = text.to_lowercase();
    if matches!(text.trim(), "" | "-" | "fermé" | "ferme" | "fermée" | "closed") {
        return Some(Vec::new());
    }
    let tokens = tokens(&text)?;
    let mut slots = Vec::new();
    for part in tokens.split(|token| matches!(token, Token::Next)).filter(|part| !part.is_empty()) {
        let [Token::Time(from), Token::To, Token::Time(to)] = part else { return None };
        slots.push(Slot { from: *from, to: *to });
    }
    (!slots.is_empty()).then_some(slots)
}

fn tokens(text: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(c) = rest.chars().next() {
        let (token, length) = if c.is_ascii_digit() {
            let (minutes, length) = time(rest)?;
            (Some(Token::Time(minutes)), length)
        } else if c.is_alphabetic() {
            let word = rest.split(|c: char| !c.is_alphabetic()).next()?;
            let token = match word {
                "à" | "a" => Some(Token::To),
                "et" | "puis" => Some(Token::Next),
                "de" => None,
                _ => return None,
            };
            (token, word.len())
        } else {
            let token = match c {
                '-' | '–' | '—' => Token::To,
                '/' | ',' | ';' | '&' | '+' | '\n' => Token::Next,
                _ => return None,
            };
            (Some(token), c.len_utf8())
        };
        tokens.extend(token);
        rest = rest.get(length..)?.trim_start();
    }
    Some(tokens)
}

/// `9h`, `9h30`, `09:30`, `9.30`, `9 h 30` at the start of a text, and how many bytes it takes.
fn time(text: &str) -> Option<(u16, usize)> {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let hours_length = digits(text);
    let hours = text.get(..hours_length).filter(|hours| hours.len() <= 2)?;
    let behind = text.get(hours_length..)?;
    let mark_text = behind.trim_start_matches([' ', '\u{a0}', '\u{202f}']);
    let mark = mark_text.chars().next().filter(|mark| matches!(mark, 'h' | ':' | '.'))?;
    let after_mark = mark_text.get(1..)?;
    let minutes_text =
        if mark == 'h' { after_mark.trim_start_matches([' ', '\u{a0}', '\u{202f}']) } else { after_mark };
    let minutes = minutes_text.get(..digits(minutes_text))?;
    match (minutes.len(), mark) {
        (2, _) => {
            let length = text.len() - minutes_text.len() + 2;
            Some((minute_of_day(hours, minutes)?, length))
        }
        (0, 'h') => Some((minute_of_day(hours, "0")?, text.len() - after_mark.len())),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
