//! Bytes → text: UTF-8 with or without its mark, or Windows-1252 (Latin-1 as Excel writes it), told apart.
//!
//! Text in Latin-1 almost never holds a valid UTF-8 sequence of several bytes, so a file that holds both those and
//! invalid bytes is a damaged UTF-8 file: it is refused, with the place, rather than read as gibberish.

use super::finding::{FileError, Message, Spot};

/// How a file's text was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8.
    Utf8,
    /// Windows-1252, of which Latin-1 is the common part.
    Windows1252,
}

/// The text of a file, without byte order mark.
pub fn decode(bytes: &[u8]) -> Result<(String, Encoding), FileError> {
    refuse_other_formats(bytes)?;
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Ok((text.to_owned(), Encoding::Utf8));
    }
    let (mut valid, mut invalid) = (0_usize, 0_usize);
    for chunk in bytes.utf8_chunks() {
        valid += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        invalid += chunk.invalid().len();
    }
    if valid >= invalid {
        return Err(damaged(bytes));
    }
    let text: Option<String> = bytes.iter().map(|byte| windows_1252(*byte)).collect();
    text.map(|text| (text, Encoding::Windows1252)).ok_or_else(|| damaged(bytes))
}

fn refuse_other_formats(bytes: &[u8]) -> Result<(), FileError> {
    let starts = |prefix: &[u8]| bytes.starts_with(prefix);
    let (fr, en) = if bytes.trim_ascii().is_empty() {
        ("le fichier est vide", "the file is empty")
    } else if starts(b"PK\x03\x04") || starts(b"\xd0\xcf\x11\xe0") {
        (
            "c’est un classeur (Excel, LibreOffice) et non un texte",
            "this is a workbook (Excel, LibreOffice), not text",
        )
    } else if starts(b"%PDF") {
        ("c’est un PDF et non un texte", "this is a PDF, not text")
    } else if starts(b"\xff\xfe") || starts(b"\xfe\xff") || bytes.contains(&0) {
        ("le texte est en UTF-16 ou n’est pas un texte", "the text is in UTF-16, or it is no text")
    } else {
        return Ok(());
    };
    let remedy = Message::new(
        "choisissez le bon fichier, ou enregistrez-le en « CSV UTF-8 »",
        "choose the right file, or save it as “CSV UTF-8”",
    );
    Err(FileError::new("not_text", Spot::default(), Message::new(fr, en), remedy))
}

fn damaged(bytes: &[u8]) -> FileError {
    let good = std::str::from_utf8(bytes).err().map_or(0, |error| error.valid_up_to());
    let text = bytes.get(..good).map(String::from_utf8_lossy).unwrap_or_default();
    let line = text.matches('\n').count();
    let character = text.rsplit('\n').next().unwrap_or_default().chars().count();
    let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX).saturating_add(1);
    FileError::new(
        "bad_encoding",
        Spot::character(count(line), count(character)),
        Message::new("un caractère est illisible (UTF-8 abîmé)", "a character is unreadable (damaged UTF-8)"),
        Message::new(
            "réenregistrez le fichier d’origine en « CSV UTF-8 »",
            "save the original file again as “CSV UTF-8”",
        ),
    )
}

/// A byte in Windows-1252; five of them mean nothing.
fn windows_1252(byte: u8) -> Option<char> {
    const HIGH: &str = "€\0‚ƒ„…†‡ˆ‰Š‹Œ\0Ž\0\0‘’“”•–—˜™š›œ\0žŸ";
    match byte {
        0x80..=0x9f => HIGH.chars().nth(usize::from(byte - 0x80)).filter(|c| *c != '\0'),
        _ => Some(char::from(byte)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Goal: text comes out the same however it was saved. Method: one word in each encoding.
    #[test]
    fn encodings_are_told_apart() {
        for (bytes, text, encoding) in [
            ("Médréac ’".as_bytes(), "Médréac ’", Encoding::Utf8),
            (b"\xef\xbb\xbfM\xc3\xa9dr\xc3\xa9ac", "Médréac", Encoding::Utf8),
            (b"M\xe9dr\xe9ac \x92\x80", "Médréac ’€", Encoding::Windows1252),
        ] {
            assert_eq!(decode(bytes), Ok((text.to_owned(), encoding)));
        }
    }

    /// Goal: what is no text is refused, with the place. Method: one file of each sort.
    #[test]
    fn damaged_files_are_refused() {
        for (bytes, code, spot) in [
            (&b""[..], "not_text", Spot::default()),
            (b" \r\n ", "not_text", Spot::default()),
            (b"PK\x03\x04rest", "not_text", Spot::default()),
            (b"%PDF-1.7", "not_text", Spot::default()),
            (b"\xff\xfea\x00", "not_text", Spot::default()),
            (b"a,b\n\xc3\xa9t\xc3\xa9,\xe9", "bad_encoding", Spot::character(2, 5)),
            (b"a\x81b", "bad_encoding", Spot::character(1, 2)),
        ] {
            let error = decode(bytes).expect_err("refused");
            assert_eq!((error.code, error.spot), (code, spot));
        }
    }
}
