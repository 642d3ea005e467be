//! Every knob and limit, from defaults, a TOML file and `PORTREA_*` variables, in this order.

pub mod hidden;
pub mod provider;

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use serde::Deserialize;

use hidden::Hidden;

use crate::store::sled::CACHE_BYTES;

/// How the server runs. `docs/operations.md` describes every field.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Where it listens.
    pub listen: SocketAddr,
    /// The data directory.
    pub data: PathBuf,
    /// The address people reach it by, for links and Origin checks; guessed from `listen` when empty.
    pub base_url: String,
    /// TCP connections at a time at most; beyond, callers wait.
    pub lines_max: usize,
    /// A request's head must be there within this time, in milliseconds; a line without requests is closed after it.
    pub head_ms: u64,
    /// A request's body must be there within this time, in milliseconds.
    pub body_ms: u64,
    /// A caller who takes nothing of an answer for this long is given up, in milliseconds.
    pub unread_ms: u64,
    /// Reverse proxies whose `Forwarded` or `X-Forwarded-For` is believed, by address, with commas between.
    pub trusted_proxy: String,
    /// Websocket connections to the server at most.
    pub connections_max: usize,
    /// Websocket connections from one address at most.
    pub address_connections_max: usize,
    /// Websocket connections of one signed-in device at most.
    pub device_connections_max: usize,
    /// Sign-ins from one address that are let through at once.
    pub sign_ins_burst: u32,
    /// Sign-ins from one address in a minute after those.
    pub sign_ins_per_minute: u32,
    /// Requests of one contributor to change something that are let through at once.
    pub requests_burst: u32,
    /// Requests of one contributor to change something in a minute after those.
    pub requests_per_minute: u32,
    /// Tickets of one contributor that are made at once.
    pub tickets_burst: u32,
    /// Tickets of one contributor in an hour after those.
    pub tickets_per_hour: u32,
    /// Changes of one contributor that are merged as fast as they come.
    pub edits_burst: u32,
    /// Changes of one contributor in a minute after those; what comes faster waits.
    pub edits_per_minute: u32,
    /// Frames that wait for one slow peer at most; beyond, it is resynchronised instead.
    pub outbox_frames_max: usize,
    /// Inputs that wait for one territory at most; beyond, sessions wait.
    pub inbox_inputs_max: usize,
    /// Inputs that one merge takes together at most.
    pub batch_inputs_max: usize,
    /// A territory without peers closes after this long, in milliseconds.
    pub idle_ms: u64,
    /// The server pings a silent peer after this long, in milliseconds.
    pub ping_ms: u64,
    /// A peer that stays silent for this long is gone, in milliseconds.
    pub silence_ms: u64,
    /// A device that was turned away for what it sent joins again after this long, twice as long each time, at most
    /// sixteen times, in milliseconds.
    pub refused_ms: u64,
    /// A sign-in lasts this long, in milliseconds, however often it is used.
    pub session_ms: i64,
    /// A sign-in that nobody uses for this long ends, in milliseconds.
    pub session_idle_ms: i64,
    /// A browser's secret is replaced after this long, in milliseconds.
    pub session_renew_ms: i64,
    /// A search for sites gives the best it has found after this long, in milliseconds.
    pub siting_ms: u64,
    /// sled's cache, in bytes.
    pub cache_bytes: u64,
    /// The issuer of the OpenID Connect provider that people may sign in with; none when empty.
    pub oidc_issuer: String,
    /// This server's id at the provider.
    pub oidc_client_id: String,
    /// This server's secret at the provider; a public client has none.
    pub oidc_client_secret: Hidden,
    /// The file that the secret stands in, where it is not set itself.
    pub oidc_client_secret_file: String,
    /// What the provider is called on the button; the issuer's host when empty.
    pub oidc_name: String,
    /// What is asked of the provider, with blanks between.
    pub oidc_scopes: String,
    /// The mail server that letters with links are handed to, as `smtp://HOST:PORT` or `smtps://HOST:PORT`; none when empty.
    pub mail_url: String,
    /// Whom that server knows us as; nobody when empty.
    pub mail_user: String,
    /// The password that goes with it.
    pub mail_password: Hidden,
    /// A file that holds the password instead.
    pub mail_password_file: PathBuf,
    /// Who letters come from: `portrea@example.org`, or `PORTREA <portrea@example.org>`.
    pub mail_from: String,
    /// A file of certificates, in PEM, that the mail server's may be signed with beside the well-known ones.
    pub mail_ca: PathBuf,
    /// The mail server takes the letters of one request within this time, in milliseconds.
    pub mail_ms: u64,
    /// Letters of one contributor that are sent at once.
    pub mails_burst: u32,
    /// Letters of one contributor in an hour after those.
    pub mails_per_hour: u32,
}

const DAY_MS: i64 = 24 * 3_600 * 1_000;

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            data: PathBuf::from("portrea-data"),
            base_url: String::new(),
            lines_max: 10_000,
            head_ms: 10_000,
            body_ms: 120_000,
            unread_ms: 30_000,
            trusted_proxy: String::new(),
            connections_max: 2_000,
            address_connections_max: 1_000,
            device_connections_max: 1_000,
            sign_ins_burst: 600,
            sign_ins_per_minute: 60,
            requests_burst: 2_000,
            requests_per_minute: 600,
            tickets_burst: 1_000,
            tickets_per_hour: 600,
            edits_burst: 30_000,
            edits_per_minute: 12_000,
            outbox_frames_max: 256,
            inbox_inputs_max: 4_096,
            batch_inputs_max: 1_024,
            idle_ms: 300_000,
            ping_ms: 20_000,
            silence_ms: 60_000,
            refused_ms: 1_000,
            session_ms: 180 * DAY_MS,
            session_idle_ms: 90 * DAY_MS,
            session_renew_ms: DAY_MS,
            siting_ms: 10_000,
            cache_bytes: CACHE_BYTES,
            oidc_issuer: String::new(),
            oidc_client_id: String::new(),
            oidc_client_secret: Hidden::default(),
            oidc_client_secret_file: String::new(),
            oidc_name: String::new(),
            oidc_scopes: "openid profile".to_owned(),
            mail_url: String::new(),
            mail_user: String::new(),
            mail_password: Hidden::default(),
            mail_password_file: PathBuf::new(),
            mail_from: String::new(),
            mail_ca: PathBuf::new(),
            mail_ms: 20_000,
            mails_burst: 60,
            mails_per_hour: 60,
        }
    }
}

/// Why the settings could not be read.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The file, or one that it names, cannot be read.
    #[error("the settings file {0} cannot be read: {1}")]
    File(PathBuf, #[source] std::io::Error),
    /// The file or a variable does not say what a setting takes.
    #[error("the settings are wrong: {}", .0.message())]
    Content(#[from] toml::de::Error),
    /// A variable of that name is no setting.
    #[error("the variable PORTREA_{0} is no setting")]
    Unknown(String),
}

impl Settings {
    /// Reads the file, if one is given, then the variables (`PORTREA_LISTEN`, `PORTREA_IDLE_MS`, …) over it.
    pub fn read(
        file: Option<&std::path::Path>,
        variables: impl Iterator<Item = (String, String)>,
    ) -> Result<Self, SettingsError> {
        let mut table = match file {
            Some(path) => std::fs::read_to_string(path)
                .map_err(|source| SettingsError::File(path.to_owned(), source))?
                .parse::<toml::Table>()?,
            None => toml::Table::new(),
        };
        for (name, value) in variables {
            let Some(name) = name.strip_prefix("PORTREA_").map(str::to_lowercase) else { continue };
            let known = match name.as_str() {
                "listen" | "data" | "base_url" | "trusted_proxy" | "mail_url" | "mail_user"
                | "mail_password" | "mail_password_file" | "mail_from" | "mail_ca" => {
                    toml::Value::String(value)
                }
                _ if name.starts_with("oidc_") => toml::Value::String(value),
                // Read elsewhere: logs, the device's command, the command line, the tests.
                "log" | "home" | "settings" | "shared_data" | "seed" | "seeds" | "deaths" | "lines" => {
                    continue;
                }
                _ => match value.parse::<i64>() {
                    Ok(number) => toml::Value::Integer(number),
                    Err(_) => return Err(SettingsError::Unknown(name.to_uppercase())),
                },
            };
            table.insert(name, known);
        }
        let mut settings = Self::deserialize(table)?;
        let secret = &settings.mail_password_file;
        if !secret.as_os_str().is_empty() {
            let text = std::fs::read_to_string(secret)
                .map_err(|source| SettingsError::File(secret.clone(), source))?;
            settings.mail_password = Hidden::from(text.as_str());
        }
        Ok(settings)
    }

    /// The reverse proxies that are believed; the word that is no address otherwise.
    pub fn trusted_proxies(&self) -> Result<Vec<IpAddr>, String> {
        let words = self.trusted_proxy.split(',').map(str::trim).filter(|word| !word.is_empty());
        words.map(|word| word.parse().map_err(|_| word.to_owned())).collect()
    }

    /// The address people reach the server by, without a slash at its end.
    pub fn base_url(&self) -> String {
        if self.base_url.is_empty() {
            format!("http://{}", self.listen)
        } else {
            self.base_url.trim_end_matches('/').to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_win_over_the_file_and_the_file_over_defaults() {
        let variables =
            [("PORTREA_IDLE_MS".to_owned(), "5".to_owned()), ("PATH".to_owned(), "/bin".to_owned())];
        let settings = Settings::read(None, variables.into_iter()).expect("the variable is known");
        assert_eq!(settings, Settings { idle_ms: 5, ..Settings::default() });
        let wrong = [("PORTREA_IDLE".to_owned(), "5".to_owned())];
        assert!(Settings::read(None, wrong.into_iter()).is_err());
    }

    /// Goal: a password comes from a variable or from a file, and is never shown. Method: both, and a file that is not there.
    #[test]
    fn a_password_is_read_and_never_shown() {
        let read = |name: &str, value: &str| {
            Settings::read(None, [(format!("PORTREA_{name}"), value.to_owned())].into_iter())
        };
        let file = tempfile::NamedTempFile::new().expect("a file can be made");
        std::fs::write(file.path(), "12345\n").expect("it can be written");
        for settings in [
            read("MAIL_PASSWORD", "12345"),
            read("MAIL_PASSWORD_FILE", file.path().to_str().expect("a plain path")),
        ] {
            let settings = settings.expect("both are settings");
            assert_eq!(settings.mail_password.reveal(), "12345");
            assert!(!format!("{settings:?}").contains("12345"));
        }
        assert!(read("MAIL_PASSWORD_FILE", "nowhere/at/all").is_err());
    }
}
