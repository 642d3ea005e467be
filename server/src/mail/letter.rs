//! What a letter says: French first, English second, in plain text that every mail program shows. Pure.

use chrono::{DateTime, Datelike};
use chrono_tz::Europe::Paris;
use portrea_protocol::people::Role;
use portrea_protocol::time::UnixMillis;

/// A letter, but for whom it comes from and goes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// Its subject, on one line.
    pub subject: String,
    /// What it says.
    pub text: String,
}

/// An invitation that a letter brings.
#[derive(Debug, Clone, Copy)]
pub struct Invited<'a> {
    /// What the territory is called.
    pub territory: &'a str,
    /// Who invites; nobody for the operator.
    pub by: Option<&'a str>,
    /// As what.
    pub role: Role,
    /// The link.
    pub link: &'a str,
    /// Until when it works.
    pub until: UnixMillis,
}

impl Invited<'_> {
    /// The letter.
    pub fn letter(&self) -> Letter {
        let territory = one_line(self.territory);
        let by = self.by.map(one_line);
        let (may_fr, may_en) = may(self.role);
        let (until_fr, until_en) = day(self.until);
        let link = self.link;
        let by_fr = by.as_deref().unwrap_or("La personne qui tient ce serveur");
        let by_en = by.as_deref().unwrap_or("Whoever runs this server");
        let subject = format!("Invitation : {territory} (PORTREA)");
        let text = format!(
            "(English below)\n\n\
             Bonjour,\n\n\
             {by_fr} vous invite dans l’annuaire partagé de l’aide aux démarches en ligne : {territory}. \
             Vous pourrez {may_fr}.\n\n\
             Pour entrer, ouvrez ce lien et dites votre nom :\n\n\
             {link}\n\n\
             Ce lien marche une fois, sur un appareil, jusqu’au {until_fr}. Il est pour vous : ne le transmettez pas.\n\n\
             Vous n’attendiez pas ce message ? Ne faites rien : sans vous, le lien s’arrête de lui-même, et ce serveur \
             n’a pas gardé votre adresse. Si vous avez un doute, demandez à la personne qui vous invite avant de l’ouvrir.\n\n\
             * * *\n\n\
             Hello,\n\n\
             {by_en} invites you to the shared directory of help with online procedures: {territory}. \
             You will {may_en}.\n\n\
             To come in, open this link and say your name:\n\n\
             {link}\n\n\
             This link works once, on one device, until {until_en}. It is for you: do not pass it on.\n\n\
             You did not expect this message? Do nothing: without you the link ends by itself, and this server has not \
             kept your address. If in doubt, ask the person who invites you before you open it.\n"
        );
        Letter { subject, text }
    }
}

/// What somebody may do in a role.
fn may(role: Role) -> (&'static str, &'static str) {
    match role {
        Role::Reader => {
            ("lire l’annuaire et le portrait du territoire", "read the directory and the portrait")
        }
        Role::Contributor => ("lire et écrire dans l’annuaire", "read and write in the directory"),
        Role::Referent => {
            ("lire, écrire, valider et inviter", "read, write, validate and invite, as a référent·e")
        }
    }
}

/// A name as a letter holds it: on one line, whatever it was made of.
fn one_line(name: &str) -> String {
    let plain = name.chars().map(|letter| if letter.is_control() { ' ' } else { letter });
    plain.collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

const MONTHS: [(&str, &str); 12] = [
    ("janvier", "January"),
    ("février", "February"),
    ("mars", "March"),
    ("avril", "April"),
    ("mai", "May"),
    ("juin", "June"),
    ("juillet", "July"),
    ("août", "August"),
    ("septembre", "September"),
    ("octobre", "October"),
    ("novembre", "November"),
    ("décembre", "December"),
];

/// The day, as people in France count days.
fn day(at: UnixMillis) -> (String, String) {
    let Some(at) = DateTime::from_timestamp_millis(at.0) else { return ("?".to_owned(), "?".to_owned()) };
    let at = at.with_timezone(&Paris);
    let (day, year) = (at.day(), at.year());
    let (fr, en) = MONTHS.get(at.month0() as usize).copied().unwrap_or(("?", "?"));
    let first = if day == 1 { "1er".to_owned() } else { day.to_string() };
    (format!("{first} {fr} {year}"), format!("{day} {en} {year}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn invited<'a>(territory: &'a str, by: Option<&'a str>) -> Invited<'a> {
        let until = UnixMillis(1_764_543_600_000);
        Invited { territory, by, role: Role::Contributor, link: "https://portrea.example/join#abc", until }
    }

    /// Goal: a letter says who, where, until when and what to do, in both languages. Method: what must stand in it.
    #[test]
    fn a_letter_says_what_whoever_gets_it_must_know() {
        let letter = invited("CC de Saint-Méen Montauban", Some("Rose")).letter();
        assert_eq!(letter.subject, "Invitation : CC de Saint-Méen Montauban (PORTREA)");
        for said in [
            "Rose vous invite",
            "Rose invites you",
            "CC de Saint-Méen Montauban",
            "jusqu’au 1er décembre 2025",
            "until 1 December 2025",
            "lire et écrire",
            "\nhttps://portrea.example/join#abc\n",
            "Vous n’attendiez pas ce message",
            "You did not expect this message",
        ] {
            assert!(letter.text.contains(said), "{said}: {}", letter.text);
        }
        assert!(invited("T", None).letter().text.contains("La personne qui tient ce serveur vous invite"));
    }

    /// Goal: a name adds no line to the head of a letter. Method: names with ends of lines.
    #[test]
    fn names_stay_on_their_line() {
        let letter = invited("A\r\nBcc: x@y.fr", Some("Rose\n\nCliquez")).letter();
        assert_eq!(letter.subject, "Invitation : A Bcc: x@y.fr (PORTREA)");
        assert!(letter.text.contains("Rose Cliquez vous invite"));
    }
}
