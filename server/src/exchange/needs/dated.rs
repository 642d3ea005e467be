//! INSEE's names of columns: what is counted, of which year (`P21_POP65P`, `NAISD22`).

/// Stems whose year comes last (`NAISD22`).
const YEAR_LAST: [&str; 7] = ["NAISD", "DECESD", "TP60", "MED", "NBMENFISC", "NBPERSMENFISC", "DEFMABC"];

/// A column's name taken apart.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Dated<'a> {
    /// What is counted.
    pub(super) stem: &'a str,
    /// The vintage.
    pub(super) year: u16,
    /// Whether it comes from the complementary exploitation, a sample.
    pub(super) complementary: bool,
}

/// Takes a column's name apart, if it is one of INSEE's.
pub(super) fn dated(name: &str) -> Option<Dated<'_>> {
    let exploitation =
        name.get(..1).filter(|letter| letter.eq_ignore_ascii_case("P") || letter.eq_ignore_ascii_case("C"));
    if let (Some(letter), Some(("_", stem))) =
        (exploitation, name.get(3..).and_then(|rest| rest.split_at_checked(1)))
    {
        let complementary = letter.eq_ignore_ascii_case("C");
        return Some(Dated { stem, year: year(name.get(1..3)?)?, complementary });
    }
    let (stem, digits) = name.split_at_checked(name.len().checked_sub(2)?)?;
    let whole = YEAR_LAST.iter().any(|known| stem.eq_ignore_ascii_case(known));
    whole.then(|| year(digits)).flatten().map(|year| Dated { stem, year, complementary: false })
}

fn year(digits: &str) -> Option<u16> {
    let short: u16 =
        digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok()).flatten()?;
    Some(if short >= 60 { 1900 + short } else { 2000 + short })
}

/// Whether the header has a column with a stem and a vintage.
pub(super) fn has_dated(header: &[String], stem: &str) -> bool {
    header.iter().filter_map(|name| dated(name)).any(|dated| dated.stem.eq_ignore_ascii_case(stem))
}
