//! Which language messages are in.

use clap::ValueEnum;

use crate::admin::said::Said;

/// A language of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Lang {
    /// French
    Fr,
    /// English
    En,
}

impl Lang {
    /// By the first of `LC_ALL`, `LC_MESSAGES` and `LANG` that is set: French for French and for no language (`C`,
    /// `POSIX`, nothing), English for every other one.
    pub(super) fn of_environment(variable: impl Fn(&str) -> Option<String>) -> Self {
        let set = ["LC_ALL", "LC_MESSAGES", "LANG"]
            .into_iter()
            .filter_map(variable)
            .find(|value| !value.is_empty());
        let locale = set.unwrap_or_default().to_lowercase();
        let language = locale.split(['_', '.', '@']).next().unwrap_or_default();
        match language {
            "" | "c" | "posix" | "fr" => Self::Fr,
            _ => Self::En,
        }
    }

    /// A sentence in this language.
    pub(super) fn of(self, said: &Said) -> &str {
        match self {
            Self::Fr => &said.fr,
            Self::En => &said.en,
        }
    }
}

/// A line in a language, at the end of a text.
pub(super) fn add(text: &mut String, lang: Lang, fr: impl AsRef<str>, en: impl Into<String>) {
    text.push_str(lang.of(&Said::new(fr, en)));
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_chooses_the_language() {
        for (all, lang, expected) in [
            ("", "", Lang::Fr),
            ("", "C.UTF-8", Lang::Fr),
            ("", "POSIX", Lang::Fr),
            ("", "fr_FR.UTF-8", Lang::Fr),
            ("", "en_GB.UTF-8", Lang::En),
            ("", "br_FR@euro", Lang::En),
            ("en_US.UTF-8", "fr_FR.UTF-8", Lang::En),
        ] {
            let found = Lang::of_environment(|name| match name {
                "LC_ALL" => Some(all.to_owned()),
                "LANG" => Some(lang.to_owned()),
                _ => None,
            });
            assert_eq!(found, expected, "{all} {lang}");
        }
    }
}
