//! Recipes in TOML, and the one that stands where a territory has none of its own.

use portrea_indicators::recipe::{Fault, Recipe};

use crate::exchange::finding::{FileError, Message, Spot};

/// The default recipe, with its comments: what `docs/method/besoin.md` explains.
pub const DEFAULT: &str = include_str!("recipe.toml");

/// The largest recipe, in bytes.
const BYTES_MAX: usize = 256 * 1024;

/// The default recipe.
pub fn default() -> Recipe {
    read(DEFAULT).expect("the built-in recipe is sound")
}

/// Reads a recipe, and checks it.
pub fn read(text: &str) -> Result<Recipe, FileError> {
    if text.len() > BYTES_MAX {
        return Err(refused(
            "too_large",
            Spot::default(),
            Message::new("la recette est trop longue", "the recipe is too long"),
        ));
    }
    let recipe: Recipe = toml::from_str(text).map_err(|error| {
        let why = error.message().to_owned();
        let line = error.span().map(|span| line(text, span.start));
        let spot = line.map_or_else(Spot::default, Spot::line);
        refused(
            "bad_toml",
            spot,
            Message::new(
                format!("la recette n’est pas comprise ({why})"),
                format!("the recipe is not understood ({why})"),
            ),
        )
    })?;
    recipe.check().map_err(|Fault { at: (dimension, formula), what }| {
        let place = |word: &str, formula_word: &str| {
            let formula = formula.map(|formula| format!(", {formula_word} {formula}")).unwrap_or_default();
            format!("{word} « {dimension} »{formula}")
        };
        let fr = format!("{} : {}", place("dimension", "formule"), what.fr);
        let en = format!("{}: {}", place("dimension", "formula"), what.en);
        refused("bad_recipe", Spot::default(), Message::new(fr, en))
    })?;
    Ok(recipe)
}

fn line(text: &str, at: usize) -> u64 {
    let before = text.get(..at).unwrap_or_default().matches('\n').count();
    u64::try_from(before).unwrap_or(u64::MAX).saturating_add(1)
}

fn refused(code: &'static str, spot: Spot, what: Message) -> FileError {
    let remedy = Message::new(
        "corrigez-la, ou repartez de la recette par défaut",
        "correct it, or start again from the default recipe",
    );
    FileError::new(code, spot, what, remedy)
}

#[cfg(test)]
mod tests {
    use portrea_indicators::series::KNOWN;

    use super::*;

    /// Goal: the built-in recipe is sound and speaks both languages. Method: read it.
    #[test]
    fn the_default_recipe_is_sound() {
        let recipe = default();
        for dimension in &recipe.dimensions {
            assert!(KNOWN.iter().any(|known| known.key == dimension.key), "{}", dimension.key);
            assert!(!dimension.fr.is_empty() && !dimension.en.is_empty());
            assert!(
                dimension.formulas.first().is_some_and(|first| first.value.counts()),
                "{}",
                dimension.key
            );
            assert!(
                dimension.formulas.iter().all(|formula| !formula.fr.is_empty() && !formula.en.is_empty())
            );
        }
        assert_eq!(toml::from_str::<Recipe>(&toml::to_string(&recipe).expect("written")), Ok(recipe));
    }

    /// Goal: a recipe that cannot be read says where. Method: one mistake each.
    #[test]
    fn broken_recipes_say_where() {
        let dimension = "[[dimension]]\nkey = \"population\"\nfr = \"h\"\nen = \"i\"\nunit = \"people\"\n";
        let formula = |value: &str| {
            format!("{dimension}[[dimension.formula]]\nfr = \"\"\nen = \"\"\nvalue = {value}\n")
        };
        for (text, code, en) in [
            ("dimension = 3".to_owned(), "bad_toml", "Line 1"),
            (format!("{dimension}colour = 1\n"), "bad_toml", "colour"),
            (formula("\"popul\""), "bad_recipe", "formula 1: the series “popul” is not known"),
            (formula("{ percent = \"population\" }"), "bad_recipe", "no percentage"),
            (formula("{ script = \"rm\" }"), "bad_toml", "not understood"),
        ] {
            let error = read(&text).expect_err(&text);
            assert!(error.code == code && error.message().en.contains(en), "{}", error.message().en);
        }
        assert!(read(&formula("\"population\"")).is_ok());
    }
}
