//! The words of a figure's path: `gap.assist.people` is « écart · être aidé·e · personnes ».

use portrea_indicators::grade::Words;

/// Parts of paths, in French and in English.
const PARTS: &[(&str, &str, &str)] = &[
    ("population", "population", "inhabitants"),
    ("concerned", "personnes concernées", "people concerned"),
    ("need", "besoin", "need"),
    ("fragility", "fragilité socio-numérique", "socio-digital fragility"),
    ("exposure", "exposition aux exigences numériques", "exposure to digital demands"),
    ("vulnerability", "vulnérabilité e-administrative", "e-administrative vulnerability"),
    ("events", "événements de l’année", "events of the year"),
    ("people", "personnes", "people"),
    ("denominator", "15 ans ou plus sortis de l’école", "aged 15 or over, no longer at school"),
    ("share", "part", "share"),
    ("low", "au moins", "at least"),
    ("estimate", "estimation", "estimate"),
    ("high", "au plus", "at most"),
    ("births", "naissances", "births"),
    ("deaths", "décès", "deaths"),
    ("recentMoves", "ménages installés depuis moins de 2 ans", "households settled for under two years"),
    ("missing", "communes sans ce chiffre", "communes without the figure"),
    ("position", "position", "position"),
    ("communes", "communes", "communes"),
    ("described", "communes où un lieu est recensé", "communes with a listed place"),
    ("structures", "lieux recensés", "places listed"),
    ("unplacedStructures", "lieux sans position", "places without a position"),
    ("helpers", "personnes qui aident", "people who help"),
    ("offer", "offre", "offer"),
    ("services", "services", "services"),
    ("staff", "personnes qui aident aux démarches", "people who help with procedures"),
    ("weeklyEadminHours", "heures d’aide aux démarches par semaine", "hours a week of help with procedures"),
    ("weeklyHours", "heures par semaine en tout", "hours a week in all"),
    ("weeklyOpeningHours", "heures d’ouverture par semaine", "hours a week of open doors"),
    ("unknownCapacity", "services sans heures connues", "services whose hours are not known"),
    ("coverage", "à portée", "within reach"),
    ("any", "toute aide", "any help"),
    ("inform", "s’informer", "getting informed"),
    ("equip", "s’équiper, se connecter", "equipment, connection"),
    ("assist", "être aidé·e", "getting help"),
    ("train", "se former", "learning"),
    ("repair", "réparer", "repair"),
    ("accessibility", "accessibilité", "accessibility"),
    (
        "hoursPerThousand",
        "heures à portée pour 1 000 personnes concernées",
        "hours within reach per 1,000 people concerned",
    ),
    ("reachedHours", "heures par semaine qui leur reviennent", "hours a week that fall to them"),
    ("gap", "écart", "gap"),
    ("access", "part servie (1 = tout le monde)", "share served (1 = everybody)"),
];

/// The words of a path. A part without words stands as it is.
pub(super) fn of(path: &str) -> Words {
    let said = |french: bool| {
        let parts = path.split('.').map(|part| match part.strip_prefix("within") {
            Some(minutes) if french => format!("à moins de {minutes} min"),
            Some(minutes) => format!("within {minutes} min"),
            None => {
                let found = PARTS.iter().find(|(key, ..)| *key == part);
                found.map_or(part, |(_, fr, en)| if french { fr } else { en }).to_owned()
            }
        });
        parts.collect::<Vec<_>>().join(" · ")
    };
    Words { fr: said(true), en: said(false) }
}

/// Whether every part of a path has words.
#[cfg(test)]
pub(super) fn is_said(path: &str) -> bool {
    path.split('.').all(|part| part.starts_with("within") || PARTS.iter().any(|(key, ..)| *key == part))
}
