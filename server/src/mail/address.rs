//! To whom a letter goes: one address, checked before a letter is made. Pure.
//!
//! What RFC 5321 would allow in quotes is not taken: nobody's address needs it, and headers are made of addresses.

use std::fmt;

use lettre::Address;

/// The longest address, in bytes: a path of RFC 5321, section 4.5.3.1.3, without its angle brackets.
const BYTES_MAX: usize = 254;

/// Whoever gets a letter. It is shown to whoever asked for the letter, and never in `{:?}`.
#[derive(Clone, PartialEq, Eq)]
pub struct Recipient(Address);

impl Recipient {
    /// Reads an address as somebody typed it; `None` for what is none.
    pub fn read(typed: &str) -> Option<Self> {
        let typed = typed.trim();
        let odd =
            |letter: char| letter.is_control() || letter.is_whitespace() || "<>()[],;:\"\\".contains(letter);
        let (local, domain) = typed.rsplit_once('@')?;
        let sound = typed.len() <= BYTES_MAX && !typed.contains(odd) && !local.contains('@');
        // A name without a dot is a machine nearby, and no place where somebody is written to.
        let place = domain.contains('.') && domain.parse::<std::net::IpAddr>().is_err();
        if sound && place { typed.parse().ok().map(Self) } else { None }
    }

    /// The address, for the envelope and the head of the letter.
    pub(super) fn address(&self) -> Address {
        self.0.clone()
    }

    /// The address, for whoever typed it.
    pub fn reveal(&self) -> &str {
        self.0.as_ref()
    }
}

impl fmt::Debug for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Recipient(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::Recipient;

    /// Goal: what could end a line or begin another header is no address; people's addresses are. Method: a table.
    #[test]
    fn an_address_is_one_address_and_nothing_else() {
        for typed in ["a@b.fr", " rose.le-goff+portrea@mairie.saint-meen.example ", "A_1@x.co"] {
            let read = Recipient::read(typed).map(|it| it.reveal().to_owned());
            assert_eq!(read.as_deref(), Some(typed.trim()));
        }
        let long = format!("{}@example.org", "a".repeat(65));
        for typed in [
            "",
            "rose",
            "@example.org",
            "rose@",
            "rose@localhost",
            "rose@127.0.0.1",
            "rose@[127.0.0.1]",
            "a@b.fr\r\nBcc: c@d.fr",
            "a@b.fr\nBcc: c@d.fr",
            "a\r\nDATA@b.fr",
            "a@b.fr,c@d.fr",
            "a@b.fr;c@d.fr",
            "Rose <a@b.fr>",
            "<a@b.fr>",
            "\"a b\"@b.fr",
            "a b@b.fr",
            "a@b@c.fr",
            "a@b..fr",
            "a@b.fr\0",
            "a@b.fr\u{2028}Bcc: c@d.fr",
            &long,
        ] {
            assert_eq!(Recipient::read(typed), None, "{typed:?}");
        }
        let read = Recipient::read("rose@example.org").expect("an address");
        assert!(!format!("{read:?}").contains("rose"));
    }
}
