//! Letters: handed to the mail server that the settings name, and forgotten. Off where they name none.
//!
//! A batch of letters goes over one line, which is opened before anything is promised: a mail server that is down or does
//! not know us is told at once. What it says is told by its kind alone, for its words may hold the address.

pub mod address;
pub mod letter;
pub mod relay;

use std::error::Error as _;
use std::path::PathBuf;
use std::time::{Duration, UNIX_EPOCH};
use std::{fmt, io};

use lettre::message::Mailbox;
use lettre::message::header::ContentType;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, CertificateStore, Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::{self, AsyncSmtpTransportBuilder, PoolConfig};
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, timeout_at};

use self::address::Recipient;
use self::letter::Letter;
use self::relay::{Line, Relay, Unread};
use crate::clock;
use crate::settings::Settings;

/// The most letters of one request.
pub const LETTERS_MAX: usize = 20;

/// Why the settings name no mail server that could be used.
#[derive(Debug, thiserror::Error)]
pub enum Unset {
    /// Its address is none.
    #[error(transparent)]
    Address(#[from] Unread),
    /// Nobody writes.
    #[error("mail_from is needed with mail_url: an address such as portrea@example.org")]
    From,
    /// Half of what we are known by is missing.
    #[error("mail_user and mail_password go together")]
    Login,
    /// The certificates cannot be read.
    #[error("the certificates of mail_ca, {0}, cannot be read")]
    Certificates(PathBuf),
    /// A line with TLS cannot be made to it.
    #[error("no TLS can be spoken with the host of mail_url")]
    Tls,
}

/// Why no letter could be sent at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "kebab-case")]
pub enum Unmailed {
    /// Nobody answers there, or the line broke.
    #[error("the mail server cannot be reached")]
    Unreachable,
    /// It did not answer in time.
    #[error("the mail server did not answer in time")]
    Slow,
    /// It offers no TLS, or not under a certificate that we trust.
    #[error("no trusted line to the mail server could be made")]
    Untrusted,
    /// It does not let us in.
    #[error("the mail server does not let us in")]
    NotLetIn,
}

/// Why one letter was not sent, or perhaps not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unsent {
    /// The mail server does not take it, for instance because it does not know the address.
    Refused,
    /// The line broke, or time ran out, before the mail server said that it has it.
    Unsure,
}

/// The way to the mail server.
#[derive(Clone)]
pub struct Mail {
    transport: AsyncSmtpTransportBuilder,
    from: Mailbox,
    patience: Duration,
}

impl fmt::Debug for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mail(…)")
    }
}

impl Mail {
    /// As the settings say; `None` where they name no mail server.
    pub fn of(settings: &Settings) -> Result<Option<Self>, Unset> {
        if settings.mail_url.is_empty() {
            return Ok(None);
        }
        let Relay { host, port, line } = Relay::read(&settings.mail_url)?;
        let from: Mailbox = settings.mail_from.parse().map_err(|_| Unset::From)?;
        let base = settings.base_url();
        let own = base.split("://").last().and_then(|rest| rest.split(['/', ':']).next()).unwrap_or_default();
        let tls = match line {
            Line::Plain => Tls::None,
            Line::Upgraded => Tls::Required(parameters(settings, &host)?),
            Line::Wrapped => Tls::Wrapper(parameters(settings, &host)?),
        };
        let patience = Duration::from_millis(settings.mail_ms);
        let mut transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host)
            .port(port)
            .tls(tls)
            .timeout(Some(patience))
            .hello_name(ClientId::Domain(own.to_owned()))
            // One line for a batch; it ends with it.
            .pool_config(PoolConfig::new().max_size(1));
        match (settings.mail_user.as_str(), settings.mail_password.reveal()) {
            ("", "") => {}
            ("", _) | (_, "") => return Err(Unset::Login),
            (user, password) => {
                transport = transport.credentials(Credentials::new(user.to_owned(), password.to_owned()));
            }
        }
        Ok(Some(Self { transport, from, patience }))
    }

    /// Opens the line and is let in; letters go over it until time runs out.
    pub async fn open(&self) -> Result<Batch<'_>, Unmailed> {
        let until = Instant::now() + self.patience;
        let line = self.transport.clone().build();
        let why = match timeout_at(until, line.test_connection()).await {
            Ok(Ok(true)) => return Ok(Batch { mail: self, line, until, is_over: false }),
            Ok(Ok(false)) => Unmailed::Unreachable,
            Ok(Err(error)) => unmailed(&error),
            Err(_) => Unmailed::Slow,
        };
        tracing::warn!(%why, "no letter can be sent");
        Err(why)
    }
}

/// A line to the mail server, for some letters.
pub struct Batch<'a> {
    mail: &'a Mail,
    line: AsyncSmtpTransport<Tokio1Executor>,
    until: Instant,
    is_over: bool,
}

impl Batch<'_> {
    /// Hands one letter over. Once the line has broken, the others are not tried.
    pub async fn send(&mut self, to: &Recipient, letter: Letter) -> Result<(), Unsent> {
        if self.is_over {
            return Err(Unsent::Unsure);
        }
        let message = self.written(to, letter).ok_or(Unsent::Refused)?;
        let why = match timeout_at(self.until, self.line.send(message)).await {
            Ok(Ok(_)) => return Ok(()),
            // What the address needs the mail server cannot do.
            Ok(Err(error)) if error.is_permanent() || error.is_transient() || error.is_client() => {
                Unsent::Refused
            }
            Ok(Err(_)) | Err(_) => Unsent::Unsure,
        };
        self.is_over = why == Unsent::Unsure;
        tracing::warn!(?why, "a letter was not sent");
        Err(why)
    }

    fn written(&self, to: &Recipient, letter: Letter) -> Option<Message> {
        let from = &self.mail.from;
        let millis = u64::try_from(clock::now().0).unwrap_or_default();
        Message::builder()
            .from(from.clone())
            .to(Mailbox::new(None, to.address()))
            .subject(letter.subject)
            .date(UNIX_EPOCH + Duration::from_millis(millis))
            .message_id(Some(format!("<{}@{}>", clock::uuid(), from.email.domain())))
            .header(ContentType::TEXT_PLAIN)
            .body(letter.text)
            .ok()
    }
}

fn parameters(settings: &Settings, host: &str) -> Result<TlsParameters, Unset> {
    let mut parameters =
        TlsParameters::builder(host.to_owned()).certificate_store(CertificateStore::WebpkiRoots);
    let file = &settings.mail_ca;
    if !file.as_os_str().is_empty() {
        let unread = || Unset::Certificates(file.clone());
        let text = std::fs::read(file).map_err(|_| unread())?;
        parameters = parameters.add_root_certificate(Certificate::from_pem(&text).map_err(|_| unread())?);
    }
    parameters.build_rustls().map_err(|_| Unset::Tls)
}

fn unmailed(error: &smtp::Error) -> Unmailed {
    if error.is_timeout() {
        Unmailed::Slow
    } else if error.is_permanent() || error.is_transient() {
        Unmailed::NotLetIn
    } else if error.is_tls() || error.is_client() || is_of_tls(error) {
        Unmailed::Untrusted
    } else {
        Unmailed::Unreachable
    }
}

/// Whether TLS failed under way: the certificate is not trusted, or what came is no TLS.
fn is_of_tls(error: &smtp::Error) -> bool {
    let mut source = error.source();
    while let Some(cause) = source {
        if cause.downcast_ref::<io::Error>().is_some_and(|io| io.kind() == io::ErrorKind::InvalidData) {
            return true;
        }
        source = cause.source();
    }
    false
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    /// Goal: a server does not start with half a mail server. Method: settings that lack something, one after the other.
    #[test]
    fn settings_are_whole_or_refused() {
        let with = |change: fn(&mut Settings)| {
            let mut settings = Settings {
                mail_url: "smtp://mail.example.org".to_owned(),
                mail_from: "portrea@example.org".to_owned(),
                ..Settings::default()
            };
            change(&mut settings);
            Mail::of(&settings)
        };
        assert!(Mail::of(&Settings::default()).unwrap().is_none());
        assert!(with(|_| ()).unwrap().is_some());
        assert!(with(|it| it.mail_from = "PORTREA <portrea@example.org>".to_owned()).unwrap().is_some());
        assert!(matches!(with(|it| it.mail_url = "mail.example.org".to_owned()), Err(Unset::Address(_))));
        assert!(matches!(with(|it| it.mail_from = String::new()), Err(Unset::From)));
        assert!(matches!(with(|it| it.mail_user = "rose".to_owned()), Err(Unset::Login)));
        assert!(matches!(with(|it| it.mail_ca = "nowhere/at/all".into()), Err(Unset::Certificates(_))));
    }
}
