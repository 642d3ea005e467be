//! The OpenID Connect provider that people may sign in with, as the settings name it; there is none unless they do.

use std::path::PathBuf;

use super::Settings;
use super::hidden::Hidden;
use axum::http::Uri;

/// The longest secret that is read from a file, in bytes.
const SECRET_BYTES_MAX: usize = 4_096;

/// A provider, and as whom this server is known to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provider {
    /// Its issuer, as it names itself.
    pub issuer: String,
    /// Our id there.
    pub client: String,
    /// Our secret there; a public client has none.
    pub secret: Option<Hidden>,
    /// What it is called on the button.
    pub name: String,
    /// What is asked of it, beside `openid`.
    pub scopes: Vec<String>,
}

/// Why the settings name no provider that can be used.
#[derive(Debug, thiserror::Error)]
pub enum ProviderError {
    /// The issuer is no address, or one that anybody on the way could read.
    #[error("the provider's address {0} must begin with https://")]
    Issuer(String),
    /// The provider does not know us by any id.
    #[error("the provider needs a client id")]
    NoClient,
    /// The secret's file cannot be read.
    #[error("the provider's secret cannot be read from {0}: {1}")]
    Secret(PathBuf, #[source] std::io::Error),
}

/// Whether what is sent to an address can be read on the way by nobody: it is `https`, or of this machine.
pub fn is_sheltered(address: &Uri) -> bool {
    match address.scheme_str() {
        Some("https") => address.host().is_some_and(|host| !host.is_empty()),
        Some("http") => is_here(address),
        Some(_) | None => false,
    }
}

/// Whether an address is of this machine.
pub fn is_here(address: &Uri) -> bool {
    let host = address.host().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

impl Settings {
    /// The provider that people may sign in with; `None` when no issuer is named.
    pub fn provider(&self) -> Result<Option<Provider>, ProviderError> {
        let issuer = self.oidc_issuer.trim();
        if issuer.is_empty() {
            return Ok(None);
        }
        let wrong = || ProviderError::Issuer(issuer.to_owned());
        let address: Uri = issuer.parse().map_err(|_| wrong())?;
        if !is_sheltered(&address) {
            return Err(wrong());
        }
        let client = self.oidc_client_id.trim();
        if client.is_empty() {
            return Err(ProviderError::NoClient);
        }
        let host = address.host().unwrap_or_default();
        let name = self.oidc_name.split_whitespace().collect::<Vec<_>>().join(" ");
        let scopes = self.oidc_scopes.split_whitespace().filter(|scope| *scope != "openid");
        Ok(Some(Provider {
            issuer: issuer.to_owned(),
            client: client.to_owned(),
            secret: self.provider_secret()?,
            name: if name.is_empty() { host.to_owned() } else { name },
            scopes: scopes.map(str::to_owned).collect(),
        }))
    }

    /// The secret that was set; the one in the file when none was.
    fn provider_secret(&self) -> Result<Option<Hidden>, ProviderError> {
        let secret = if self.oidc_client_secret.is_empty() && !self.oidc_client_secret_file.is_empty() {
            let path = PathBuf::from(&self.oidc_client_secret_file);
            let text =
                std::fs::read_to_string(&path).map_err(|error| ProviderError::Secret(path.clone(), error))?;
            if text.trim().is_empty() || text.len() > SECRET_BYTES_MAX {
                let odd = std::io::Error::new(std::io::ErrorKind::InvalidData, "it holds no secret");
                return Err(ProviderError::Secret(path, odd));
            }
            Hidden::from(text.as_str())
        } else {
            Hidden::from(self.oidc_client_secret.reveal())
        };
        Ok(Some(secret).filter(|secret| !secret.is_empty()))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn named(issuer: &str) -> Settings {
        Settings { oidc_issuer: issuer.into(), oidc_client_id: "portrea".into(), ..Settings::default() }
    }

    /// Goal: nothing is sent in the clear beyond this machine. Method: a table of issuers.
    #[test]
    fn an_issuer_is_sheltered_or_refused() {
        for (issuer, good) in [
            ("https://proconnect.example/api/v2", true),
            ("http://127.0.0.1:4000", true),
            ("http://localhost:4000/oidc", true),
            ("http://[::1]:4000", true),
            ("http://proconnect.example", false),
            ("http://127.0.0.1.example", false),
            ("ftp://127.0.0.1", false),
            ("proconnect.example", false),
            ("https://", false),
        ] {
            assert_eq!(named(issuer).provider().is_ok(), good, "{issuer}");
        }
        assert_eq!(Settings::default().provider().unwrap(), None);
        let nobody = Settings { oidc_client_id: " ".into(), ..named("https://provider.example") };
        assert!(matches!(nobody.provider(), Err(ProviderError::NoClient)));
    }

    /// Goal: a secret is read from its file, and printed nowhere. Method: settings with one, with a file, with neither.
    #[test]
    fn a_secret_is_read_and_never_printed() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "in-the-file\n").unwrap();
        let path = file.path().to_string_lossy().into_owned();
        let from_file =
            Settings { oidc_client_secret_file: path.clone(), ..named("https://provider.example") };
        let both = Settings { oidc_client_secret: "set".into(), ..from_file.clone() };
        for (settings, secret) in
            [(&from_file, Some("in-the-file")), (&both, Some("set")), (&named("https://p.example"), None)]
        {
            let provider = settings.provider().unwrap().unwrap();
            assert_eq!(provider.secret.as_ref().map(Hidden::reveal), secret);
            let printed = format!("{settings:?} {provider:?}");
            assert!(!secret.is_some_and(|secret| printed.contains(&format!("\"{secret}\""))), "{printed}");
            assert!(!printed.contains("in-the-file"), "{printed}");
        }
        let missing =
            Settings { oidc_client_secret_file: "/nowhere/at/all".into(), ..named("https://p.example") };
        assert!(matches!(missing.provider(), Err(ProviderError::Secret(..))));
    }

    /// Goal: what is asked and how the provider is called follow the settings. Method: ProConnect's, and the defaults.
    #[test]
    fn names_and_scopes() {
        let plain = named("https://provider.example/realm").provider().unwrap().unwrap();
        assert_eq!((plain.name.as_str(), plain.scopes), ("provider.example", vec!["profile".to_owned()]));
        let set = Settings {
            oidc_name: " ProConnect ".into(),
            oidc_scopes: "openid given_name usual_name email".into(),
            ..named("https://provider.example")
        };
        let provider = set.provider().unwrap().unwrap();
        assert_eq!(provider.name, "ProConnect");
        assert_eq!(provider.scopes, ["given_name", "usual_name", "email"]);
    }
}
