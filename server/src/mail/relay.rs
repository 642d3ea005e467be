//! Which mail server letters are handed to, and how the line to it is secured: an address as operators write it. Pure.
//!
//! `smtps://HOST` speaks TLS from its first byte, by RFC 8314. `smtp://HOST` begins in the clear and must go over to TLS
//! (STARTTLS) before anything is said, except towards this machine itself, or where `?tls=none` says so.

use std::net::IpAddr;

use axum::http::Uri;

/// How the line to a mail server is secured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Line {
    /// TLS from the first byte.
    Wrapped,
    /// TLS before anything is said; a server that does not offer it is told nothing.
    Upgraded,
    /// None.
    Plain,
}

/// A mail server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relay {
    /// Its name or address; an IPv6 address without brackets.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the line is secured.
    pub line: Line,
}

/// Why an address is no mail server's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unread {
    /// It is no `smtp://HOST:PORT` and no `smtps://HOST:PORT`.
    #[error("mail_url is smtp://HOST:PORT or smtps://HOST:PORT")]
    Shape,
    /// It holds who we are, which would be shown with it.
    #[error("mail_url holds no user and no password: mail_user and mail_password do")]
    Login,
    /// What stands behind `?` is nothing that is known.
    #[error("mail_url takes ?tls=required or ?tls=none, and smtps:// neither")]
    Option,
}

impl Relay {
    /// Reads an address. Ports are 587 and 465 unless said.
    pub fn read(text: &str) -> Result<Self, Unread> {
        let uri: Uri = text.trim().parse().map_err(|_| Unread::Shape)?;
        let authority = uri.authority().ok_or(Unread::Shape)?;
        if authority.as_str().contains('@') {
            return Err(Unread::Login);
        }
        let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_owned();
        if host.is_empty() || !matches!(uri.path(), "" | "/") {
            return Err(Unread::Shape);
        }
        let (usual, line) = match (uri.scheme_str(), uri.query()) {
            (Some("smtps"), None) => (465, Line::Wrapped),
            (Some("smtp"), None) if is_here(&host) => (587, Line::Plain),
            (Some("smtp"), None | Some("tls=required")) => (587, Line::Upgraded),
            (Some("smtp"), Some("tls=none")) => (587, Line::Plain),
            (Some("smtp" | "smtps"), Some(_)) => return Err(Unread::Option),
            (Some(_) | None, _) => return Err(Unread::Shape),
        };
        Ok(Self { host, port: authority.port_u16().unwrap_or(usual), line })
    }
}

/// Whether a host is this machine, so that nothing crosses a network.
fn is_here(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Goal: nothing is said in the clear to another machine unless somebody asked for that. Method: a table.
    #[test]
    fn the_line_is_secured_unless_it_is_local_or_said() {
        let relay = |host: &str, port, line| Ok(Relay { host: host.to_owned(), port, line });
        for (text, expected) in [
            ("smtp://mail.example.org", relay("mail.example.org", 587, Line::Upgraded)),
            ("smtp://mail.example.org:25/", relay("mail.example.org", 25, Line::Upgraded)),
            ("smtp://mail.example.org?tls=required", relay("mail.example.org", 587, Line::Upgraded)),
            ("smtp://mail.example.org:25?tls=none", relay("mail.example.org", 25, Line::Plain)),
            ("smtps://mail.example.org", relay("mail.example.org", 465, Line::Wrapped)),
            ("smtp://127.0.0.1:2525", relay("127.0.0.1", 2525, Line::Plain)),
            ("smtp://localhost:2525/?tls=required", relay("localhost", 2525, Line::Upgraded)),
            ("smtp://[::1]:2525", relay("::1", 2525, Line::Plain)),
            ("smtp://[2001:db8::1]", relay("2001:db8::1", 587, Line::Upgraded)),
            ("smtp://127.0.0.1.example.org", relay("127.0.0.1.example.org", 587, Line::Upgraded)),
            ("smtp://rose:secret@mail.example.org", Err(Unread::Login)),
            ("smtp://mail.example.org?tls=maybe", Err(Unread::Option)),
            ("smtps://mail.example.org?tls=none", Err(Unread::Option)),
            ("http://mail.example.org", Err(Unread::Shape)),
            ("mail.example.org:25", Err(Unread::Shape)),
            ("smtp://mail.example.org/box", Err(Unread::Shape)),
            ("smtp://", Err(Unread::Shape)),
            ("", Err(Unread::Shape)),
        ] {
            assert_eq!(Relay::read(text), expected, "{text}");
        }
    }
}
