//! How long an invitation lasts, as people write it: `30d`, `12h`, `90m`, `1d12h`.

/// The longest time that is taken, in milliseconds: ten years.
const MS_MAX: i64 = 3_650 * 24 * 3_600 * 1_000;

/// Reads a time in days, hours and minutes; in milliseconds.
pub(super) fn parse(text: &str) -> Result<i64, String> {
    let wrong = || format!("`{text}` is no time: write 30d, 12h, 90m or 1d12h, at most ten years");
    let mut total = 0_i64;
    let mut number = String::new();
    for c in text.chars().filter(|c| !c.is_whitespace()) {
        if c.is_ascii_digit() {
            number.push(c);
            continue;
        }
        let unit_ms = match c {
            'd' | 'j' => 24 * 3_600 * 1_000,
            'h' => 3_600 * 1_000,
            'm' => 60 * 1_000,
            _ => return Err(wrong()),
        };
        let count: i64 = number.parse().map_err(|_| wrong())?;
        total = count.checked_mul(unit_ms).and_then(|ms| ms.checked_add(total)).ok_or_else(wrong)?;
        number.clear();
    }
    if number.is_empty() && (1..=MS_MAX).contains(&total) { Ok(total) } else { Err(wrong()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_people_write_them() {
        const MINUTE: i64 = 60_000;
        for (text, expected) in [
            ("30d", Some(30 * 24 * 60 * MINUTE)),
            ("12h", Some(12 * 60 * MINUTE)),
            ("90m", Some(90 * MINUTE)),
            ("1d12h", Some(36 * 60 * MINUTE)),
            ("1d 12h", Some(36 * 60 * MINUTE)),
            ("2j", Some(48 * 60 * MINUTE)),
            ("3650d", Some(MS_MAX)),
            ("3651d", None),
            ("0d", None),
            ("", None),
            ("30", None),
            ("d", None),
            ("-1d", None),
            ("1.5h", None),
            ("1w", None),
            ("99999999999999999999d", None),
            ("9223372036854775807d", None),
        ] {
            assert_eq!(parse(text).ok(), expected, "{text}");
        }
    }
}
