//! Cells of statistics: numbers however they are written, marks of secrecy, and codes that spreadsheets spoilt.

use portrea_indicators::series::Level;
use portrea_protocol::ids::InseeCode;

/// A cell that is neither a figure nor a mark.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NotANumber;

/// A figure: nothing where it is missing or secret, an error where it is no count.
pub(super) fn number(cell: &str) -> Result<Option<f64>, NotANumber> {
    let bare: String = cell.chars().filter(|c| !c.is_whitespace() && *c != '%').collect();
    let mark = bare.to_lowercase();
    let missing =
        matches!(mark.as_str(), "" | "s" | "nd" | "n/d" | "na" | "nan" | "ns" | "null" | "-" | "…" | "...");
    if missing || mark.starts_with("n/a") || mark.starts_with("secret") {
        return Ok(None);
    }
    let usual = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',' | '-' | '+' | 'e' | 'E');
    if !bare.chars().all(usual) {
        return Err(NotANumber);
    }
    // The last mark is the decimal one; others before it part thousands.
    let plain = match bare.rfind([',', '.']) {
        Some(at) => {
            let (whole, decimals) = bare.split_at(at);
            format!("{}.{}", whole.replace([',', '.'], ""), decimals.trim_start_matches([',', '.']))
        }
        None => bare,
    };
    let value: f64 = plain.parse().map_err(|_| NotANumber)?;
    if (0.0..1e9).contains(&value) { Ok(Some(value)) } else { Err(NotANumber) }
}

/// The code of a row, and whether a leading zero that a spreadsheet ate was put back.
pub(super) fn code(cell: &str, level: Level) -> (InseeCode, bool) {
    let digits = match level {
        Level::Commune => 5,
        Level::Iris => 9,
        Level::Epci | Level::Departement => 0,
    };
    let eaten = cell.len() + 1 == digits && cell.bytes().all(|byte| byte.is_ascii_digit());
    if eaten { (format!("0{cell}").into(), true) } else { (cell.into(), false) }
}

/// Whether a code has the shape of its level.
pub(super) fn is_well_formed(code: &InseeCode, level: Level) -> bool {
    let text = code.as_str();
    match level {
        Level::Commune => code.is_well_formed(),
        Level::Iris => text.len() == 9 && commune(code, level).is_well_formed(),
        Level::Epci => text.len() == 9 && text.bytes().all(|byte| byte.is_ascii_digit()),
        Level::Departement => {
            (2..=3).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
        }
    }
}

/// The commune of a row; an EPCI's or département's own code.
pub(super) fn commune(code: &InseeCode, level: Level) -> InseeCode {
    match level {
        Level::Iris => code.as_str().get(..5).unwrap_or_default().into(),
        Level::Commune | Level::Epci | Level::Departement => code.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Goal: missing stays missing and numbers are read however they are written. Method: one cell a case.
    #[test]
    fn cells_are_numbers_or_missing() {
        for (cell, expected) in [
            ("596", Some(Some(596.0))),
            ("12,5", Some(Some(12.5))),
            ("12.5", Some(Some(12.5))),
            ("1 234,5", Some(Some(1234.5))),
            ("1\u{202f}234", Some(Some(1234.0))),
            ("1.234,5", Some(Some(1234.5))),
            ("1,234,567.5", Some(Some(1_234_567.5))),
            ("12,3 %", Some(Some(12.3))),
            ("0", Some(Some(0.0))),
            ("", Some(None)),
            ("s", Some(None)),
            ("nd", Some(None)),
            ("N/D", Some(None)),
            ("N/A - secret statistique", Some(None)),
            ("beaucoup", None),
            ("-3", None),
            ("inf", None),
            ("1e12", None),
            ("--", None),
        ] {
            assert_eq!(number(cell).ok(), expected, "{cell}");
        }
    }

    #[test]
    fn codes_have_the_shape_of_their_level() {
        for (cell, level, expected, well_formed) in [
            ("1002", Level::Commune, "01002", true),
            ("35184", Level::Commune, "35184", true),
            ("10020101", Level::Iris, "010020101", true),
            ("2A0040101", Level::Iris, "2A0040101", true),
            ("200038990", Level::Epci, "200038990", true),
            ("2A", Level::Departement, "2A", true),
            ("Total", Level::Commune, "Total", false),
            ("35", Level::Commune, "35", false),
        ] {
            let (code, _) = code(cell, level);
            assert_eq!((code.as_str(), is_well_formed(&code, level)), (expected, well_formed), "{cell}");
        }
    }
}
