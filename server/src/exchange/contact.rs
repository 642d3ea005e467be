//! Phone numbers and mail addresses as French directories write them.

/// A cell of phone numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Phones {
    /// The first one, `02 99 09 44 56` where it is French, otherwise as typed.
    pub first: Option<String>,
    /// The others.
    pub others: Vec<String>,
    /// Whether the first one could not be recognised and stands as typed.
    pub odd: bool,
}

/// Reads the phone numbers of a cell.
pub fn phones(text: &str) -> Phones {
    let parts = text
        .split(['/', ';', ',', '\n', '|'])
        .flat_map(|part| part.split(" ou "))
        .flat_map(|part| part.split(" et "))
        .map(str::trim)
        .filter(|part| !part.is_empty());
    let mut read = parts.map(|part| french_phone(part).ok_or_else(|| part.to_owned()));
    let Some(first) = read.next() else { return Phones::default() };
    let odd = first.is_err();
    let as_text = |phone: Result<String, String>| phone.unwrap_or_else(|typed| typed);
    Phones { first: Some(as_text(first)), others: read.map(as_text).collect(), odd }
}

/// A French number in pairs of digits (`+33` and overseas prefixes taken off); a short number as it is.
pub fn french_phone(typed: &str) -> Option<String> {
    let bare = typed.replace("(0)", "");
    let usual =
        |c: char| c.is_ascii_digit() || c.is_whitespace() || matches!(c, '.' | '-' | '(' | ')' | '+' | '_');
    if !bare.chars().all(usual) {
        return None;
    }
    let digits: String = bare.chars().filter(char::is_ascii_digit).collect();
    let abroad =
        if bare.trim_start().starts_with('+') { Some(digits.as_str()) } else { digits.strip_prefix("00") };
    let national = match abroad {
        None => digits.clone(),
        Some(number) => {
            let overseas = ["262", "508", "590", "594", "596", "687", "689"];
            if let Some(rest) = number.strip_prefix("33") {
                format!("0{}", rest.strip_prefix('0').filter(|rest| rest.len() == 9).unwrap_or(rest))
            } else if overseas.iter().any(|prefix| number.starts_with(prefix)) && number.len() == 12 {
                format!("0{}", number.get(3..)?)
            } else {
                return None;
            }
        }
    };
    match national.len() {
        4 if national.starts_with('3') || national.starts_with('1') => Some(national),
        10 if national.starts_with('0') && !national.starts_with("00") => {
            let pairs = national.as_bytes().chunks(2).map(String::from_utf8_lossy);
            Some(pairs.collect::<Vec<_>>().join(" "))
        }
        _ => None,
    }
}

/// The mail addresses of a cell, and what stood there that is none.
pub fn mails(text: &str) -> (Vec<String>, Vec<String>) {
    let parts = text
        .split(|c: char| c.is_whitespace() || matches!(c, ';' | ',' | '/' | '|' | '<' | '>'))
        .map(|part| part.trim_matches(['.', '(', ')', '"', '\'']))
        .filter(|part| !matches!(*part, "" | "-" | "–" | "ou" | "et" | "&"));
    let (mut good, mut bad) = (Vec::new(), Vec::new());
    for part in parts {
        let bare = part.strip_prefix("mailto:").unwrap_or(part);
        match mail(bare) {
            Some(mail) if good.contains(&mail) => {}
            Some(mail) => good.push(mail),
            None => bad.push(part.to_owned()),
        }
    }
    (good, bad)
}

/// One address, its domain in lower case.
fn mail(text: &str) -> Option<String> {
    let (local, domain) = text.split_once('@')?;
    let label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
    };
    let usual = |c: char| c.is_alphanumeric() || "!#$%&*+-/=?^_`{}~.'".contains(c);
    let whole = !local.is_empty()
        && !local.starts_with('.')
        && !local.ends_with('.')
        && local.chars().all(usual)
        && domain.contains('.')
        && domain.split('.').all(label);
    whole.then(|| format!("{local}@{}", domain.to_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phones_are_written_in_pairs() {
        for (typed, expected) in [
            ("0261910001", Some("02 61 91 00 01")),
            ("02.61.91.00.01", Some("02 61 91 00 01")),
            ("+33 2 61 91 00 01", Some("02 61 91 00 01")),
            ("+33 (0)2 61 91 00 01", Some("02 61 91 00 01")),
            ("+33 02 61 91 00 01", Some("02 61 91 00 01")),
            ("0033261910001", Some("02 61 91 00 01")),
            ("+262 262 12 34 56", Some("02 62 12 34 56")),
            ("3949", Some("3949")),
            ("02 61 91 00", None),
            ("+44 20 7946 0000", None),
            ("demander en mairie", None),
            ("", None),
        ] {
            assert_eq!(french_phone(typed).as_deref(), expected, "{typed}");
        }
        let several = phones("02 61 91 00 01 / 0261910002 ou poste 12");
        assert_eq!(several.first.as_deref(), Some("02 61 91 00 01"));
        assert_eq!(several.others, ["02 61 91 00 02", "poste 12"]);
        assert!(!several.odd && phones("poste 12").odd);
        assert_eq!(phones(" "), Phones::default());
    }

    #[test]
    fn mails_are_taken_apart() {
        for (text, good, bad) in [
            ("a@example.org", vec!["a@example.org"], vec![]),
            ("A.b@Example.ORG - c-d@example.org", vec!["A.b@example.org", "c-d@example.org"], vec![]),
            ("a@example.org;a@example.org, b@example.org", vec!["a@example.org", "b@example.org"], vec![]),
            ("mairie@ville", vec![], vec!["mairie@ville"]),
            ("mailto:a@example.org.", vec!["a@example.org"], vec![]),
            ("a@@example.org .@example.org", vec![], vec!["a@@example.org", "@example.org"]),
            ("", vec![], vec![]),
        ] {
            let (found, odd) = mails(text);
            assert_eq!(
                (found, odd),
                (
                    good.iter().map(|m| (*m).to_owned()).collect(),
                    bad.iter().map(|m| (*m).to_owned()).collect()
                ),
                "{text}"
            );
        }
    }
}
