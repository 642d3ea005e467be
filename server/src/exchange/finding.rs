//! What is wrong with a file, in words for the person who brought it: French first, English beside.
//!
//! A [`FileError`] refuses the whole file and says what to do; a [`FileFinding`] flags one spot of a file that was
//! read. Both carry a stable code for programs and a [`Spot`] for people.

use std::fmt;

/// One sentence in both languages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// French, with its spaces before double punctuation.
    pub fr: String,
    /// English.
    pub en: String,
}

impl Message {
    /// Both texts; the French one is given its unbreakable spaces.
    pub fn new(fr: impl AsRef<str>, en: impl Into<String>) -> Self {
        Self { fr: unbreakable(fr.as_ref()), en: en.into() }
    }
}

/// French.
impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.fr)
    }
}

fn unbreakable(text: &str) -> String {
    [
        ("« ", "«\u{a0}"),
        (" »", "\u{a0}»"),
        (" :", "\u{a0}:"),
        (" ;", "\u{202f};"),
        (" ?", "\u{202f}?"),
        (" !", "\u{202f}!"),
    ]
    .into_iter()
    .fold(text.to_owned(), |text, (plain, fine)| text.replace(plain, fine))
}

/// Where in a file. Everything counts from 1, as spreadsheets and editors do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Spot {
    /// The line in the file, the header being one.
    pub line: Option<u64>,
    /// The column of the table.
    pub column: Option<u64>,
    /// The column's name.
    pub column_name: Option<String>,
    /// The character in the line, where there are no columns.
    pub character: Option<u64>,
}

impl Spot {
    /// A line.
    pub fn line(line: u64) -> Self {
        Self { line: Some(line), ..Self::default() }
    }

    /// A character of a line.
    pub fn character(line: u64, character: u64) -> Self {
        Self { line: Some(line), character: Some(character), ..Self::default() }
    }

    /// A cell: line, column counted from 0 as programs do, and the column's name.
    pub fn cell(line: u64, index: usize, name: &str) -> Self {
        let column = u64::try_from(index).ok().map(|index| index.saturating_add(1));
        Self { line: Some(line), column, column_name: Some(name.to_owned()), character: None }
    }

    fn words(&self, line: &str, column: &str, character: &str, quotes: (&str, &str)) -> String {
        let mut parts: Vec<String> = Vec::new();
        parts.extend(self.line.map(|number| format!("{line} {number}")));
        let name = self.column_name.as_ref().map(|name| format!("{}{name}{}", quotes.0, quotes.1));
        match (self.column, name) {
            (Some(number), Some(name)) => parts.push(format!("{column} {number} ({name})")),
            (Some(number), None) => parts.push(format!("{column} {number}")),
            (None, Some(name)) => parts.push(format!("{column} {name}")),
            (None, None) => {}
        }
        parts.extend(self.character.map(|number| format!("{character} {number}")));
        parts.join(", ")
    }

    /// The place in words; both texts are empty when nothing is known.
    pub fn message(&self) -> Message {
        Message::new(
            self.words("ligne", "colonne", "caractère", ("« ", " »")),
            self.words("line", "column", "character", ("“", "”")),
        )
    }
}

/// Why a file was refused. Nothing of it was taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.message().fr)]
pub struct FileError {
    /// Stable, for programs.
    pub code: &'static str,
    /// Where.
    pub spot: Spot,
    /// What is wrong.
    pub what: Box<Message>,
    /// What to do.
    pub remedy: Box<Message>,
}

impl FileError {
    /// An error; `what` and `remedy` are (French, English), without a full stop.
    pub fn new(code: &'static str, spot: Spot, what: Message, remedy: Message) -> Self {
        Self { code, spot, what: Box::new(what), remedy: Box::new(remedy) }
    }

    /// Where, what and what to do, as it is shown.
    pub fn message(&self) -> Message {
        let at = self.spot.message();
        let joined = |at: &str, colon: &str, what: &str, nothing: &str, remedy: &str| {
            let problem = if at.is_empty() { what.to_owned() } else { format!("{at}{colon} {what}") };
            format!("{}. {nothing} {}.", capital(&problem), capital(remedy))
        };
        Message {
            fr: joined(&at.fr, "\u{a0}:", &self.what.fr, "Rien n’a été importé.", &self.remedy.fr),
            en: joined(&at.en, ":", &self.what.en, "Nothing was imported.", &self.remedy.en),
        }
    }
}

/// Something odd in a file that was read all the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileFinding {
    /// Stable, for programs.
    pub code: &'static str,
    /// Where.
    pub spot: Spot,
    /// What is odd, and what was done about it.
    pub message: Message,
}

impl FileFinding {
    /// A finding; the message is (French, English), without a full stop.
    pub fn new(code: &'static str, spot: Spot, message: Message) -> Self {
        Self { code, spot, message }
    }
}

/// Where and what, in French.
impl fmt::Display for FileFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.spot.message().fr;
        if at.is_empty() {
            f.write_str(&self.message.fr)
        } else {
            write!(f, "{at}\u{a0}: {}", self.message.fr)
        }
    }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Goal: an error reads as one would say it. Method: one error per kind of spot.
    #[test]
    fn errors_say_where_what_and_what_to_do() {
        let error = |spot| {
            let what = Message::new("la colonne « name » manque", "the column “name” is missing");
            FileError::new("missing_column", spot, what, Message::new("ajoutez-la", "add it")).message()
        };
        for (spot, fr, en) in [
            (
                Spot::cell(3, 1, "mail"),
                "Ligne 3, colonne 2 («\u{a0}mail\u{a0}»)\u{a0}: la colonne «\u{a0}name\u{a0}» manque. Rien n’a été importé. Ajoutez-la.",
                "Line 3, column 2 (“mail”): the column “name” is missing. Nothing was imported. Add it.",
            ),
            (
                Spot::default(),
                "La colonne «\u{a0}name\u{a0}» manque. Rien n’a été importé. Ajoutez-la.",
                "The column “name” is missing. Nothing was imported. Add it.",
            ),
            (
                Spot::character(1, 7),
                "Ligne 1, caractère 7\u{a0}: la colonne «\u{a0}name\u{a0}» manque. Rien n’a été importé. Ajoutez-la.",
                "Line 1, character 7: the column “name” is missing. Nothing was imported. Add it.",
            ),
        ] {
            assert_eq!(error(spot), Message { fr: fr.to_owned(), en: en.to_owned() });
        }
    }
}
