//! Names as people compare them: without case, accents or punctuation.

/// A name for comparison: lower case, no accents, words separated by one space.
pub fn folded(name: &str) -> String {
    let mut folded = String::with_capacity(name.len());
    for c in name.chars().flat_map(char::to_lowercase) {
        let plain = match c {
            'à' | 'â' | 'ä' | 'á' | 'ã' | 'å' => "a",
            'ç' => "c",
            'é' | 'è' | 'ê' | 'ë' => "e",
            'í' | 'ì' | 'î' | 'ï' => "i",
            'ñ' => "n",
            'ó' | 'ò' | 'ô' | 'ö' | 'õ' => "o",
            'ú' | 'ù' | 'û' | 'ü' => "u",
            'ý' | 'ÿ' => "y",
            'æ' => "ae",
            'œ' => "oe",
            // Combining accents, as some systems write them after their letter.
            '\u{300}'..='\u{36f}' => "",
            _ if c.is_alphanumeric() => {
                folded.push(c);
                continue;
            }
            _ => {
                if !folded.ends_with(' ') {
                    folded.push(' ');
                }
                continue;
            }
        };
        folded.push_str(plain);
    }
    folded.trim().to_owned()
}

/// Text with its white space made single spaces and its ends trimmed.
pub fn on_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_without_case_accents_or_punctuation() {
        for (name, expected) in [
            ("Saint-Méen-le-Grand", "saint meen le grand"),
            ("  L’Œuvre « d’Été » ", "l oeuvre d ete"),
            ("E\u{301}te\u{301}", "ete"),
            ("Médiathèque n° 2", "mediatheque n 2"),
            ("", ""),
        ] {
            assert_eq!(folded(name), expected);
        }
        assert_eq!(on_one_line(" 1 rue Babaud Lacroze \n\n\n"), "1 rue Babaud Lacroze");
    }
}
