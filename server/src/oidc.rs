//! Signing in with an OpenID Connect provider: authorisation code with PKCE, checked on the server.
//!
//! 1. [`Oidc::start`]: somebody is sent to the provider; what is needed when they come back stays here ([`trips`]), bound
//!    to their browser by a cookie. 2. [`Oidc::returned`]: they came back with a code, which the provider turns into its
//!    word for who they are ([`provider`]). 3. [`Oidc::finish`]: their own page comes in with that word.
//!
//! The provider's redirect signs nobody in by itself: it comes from another site, without the session's cookie, and
//! whoever was in could not be signed out. Nothing here knows territories or roles.

pub mod provider;
pub mod trips;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Semaphore;

use crate::access::{Hash, NAME_CHARS_MAX, Secret};
use crate::accounts::entering::Vouched;
use crate::clock;
use crate::settings::provider::Provider as Wish;
use provider::{Provider, Trouble};
use trips::{Asked, Trip, Trips};

/// Requests to the provider at a time at most; more wait.
const REQUESTS_MAX: usize = 16;

/// Signing in by the provider that the settings name.
pub struct Oidc {
    provider: Arc<Provider>,
    trips: Mutex<Trips>,
    requests: Semaphore,
}

/// Why somebody does not come in by the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hindrance {
    /// The provider does not answer, or says that it cannot now.
    Silent,
    /// The provider, or whoever is asked there, said no.
    Refused,
    /// What came back is not what was asked for, too old, or was used before.
    Over,
    /// What the provider gave does not hold.
    Wrong,
    /// As many people are on their way as there is room for.
    Full,
}

/// What the provider sent a browser back with.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub struct Return {
    code: String,
    state: String,
    iss: Option<String>,
    error: Option<String>,
}

/// Who may come in now: the provider's word for them, and the invitation that they hold.
#[derive(Debug)]
pub struct Arrival {
    /// The provider's word.
    pub vouched: Vouched,
    /// The invitation's hash.
    pub invitation: Option<Hash>,
}

impl Oidc {
    /// Signing in by this provider; `base_url` is where it sends people back to.
    pub fn new(wish: Wish, base_url: &str) -> Self {
        let provider = Arc::new(Provider::new(wish, format!("{base_url}/api/v1/oidc/callback")));
        Self { provider, trips: Mutex::default(), requests: Semaphore::new(REQUESTS_MAX) }
    }

    /// What the provider is called.
    pub fn name(&self) -> &str {
        self.provider.name()
    }

    /// Begins a trip to the provider, with an invitation and a name or without: where the browser goes, and the secret
    /// that it shows when it comes back.
    pub async fn start(&self, invitation: Option<Hash>, name: String) -> Result<(String, Secret), Hindrance> {
        let [cookie, state, nonce, verifier] = [(); 4].map(|()| Secret::new(clock::random()));
        let trip = Trip {
            state: state.hash(),
            asked: Asked { nonce: nonce.reveal().to_owned(), verifier: verifier.reveal().to_owned(), name },
            invitation,
        };
        let provider = Arc::clone(&self.provider);
        let address = self
            .blocking(move || provider.address(state.reveal(), nonce.reveal(), verifier.reveal()))
            .await
            .map_err(told)?;
        self.trips().begin(cookie.hash(), trip, clock::now()).map_err(|_| Hindrance::Full)?;
        Ok((address, cookie))
    }

    /// Somebody came back: the provider's word for them is kept for their page. A return that is not this browser's
    /// leaves its trip as it was.
    pub async fn returned(&self, cookie: Option<&str>, back: Return) -> Result<(), Hindrance> {
        let key = Hash::of(cookie.ok_or(Hindrance::Over)?);
        let asked = self.trips().returned(key, Hash::of(&back.state), clock::now()).ok_or(Hindrance::Over)?;
        if back.iss.is_some_and(|issuer| issuer != self.provider.issuer()) {
            tracing::warn!(reason = "another issuer", "a sign-in by the provider was refused");
            return Err(Hindrance::Wrong);
        }
        if let Some(error) = back.error {
            return Err(refusal(&error));
        }
        if back.code.is_empty() {
            return Err(Hindrance::Over);
        }
        let Asked { nonce, verifier, name } = asked;
        let (provider, code) = (Arc::clone(&self.provider), back.code);
        let mut vouched =
            self.blocking(move || provider.vouched(code, verifier, nonce)).await.map_err(told)?;
        // A name that somebody wrote is the one that they want to be seen by.
        if !name.is_empty() {
            vouched.name = name;
        }
        vouched.name = vouched.name.chars().take(NAME_CHARS_MAX).collect();
        self.trips().vouch(key, vouched);
        Ok(())
    }

    /// Who may come in with this cookie, once.
    pub fn finish(&self, cookie: Option<&str>) -> Result<Arrival, Hindrance> {
        let key = Hash::of(cookie.ok_or(Hindrance::Over)?);
        let (vouched, invitation) = self.trips().finish(key, clock::now()).ok_or(Hindrance::Over)?;
        Ok(Arrival { vouched, invitation })
    }

    fn trips(&self) -> MutexGuard<'_, Trips> {
        self.trips.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs what waits for the network where waiting holds nobody up.
    async fn blocking<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> T {
        let _permit = self.requests.acquire().await.expect("the semaphore is never closed");
        match tokio::task::spawn_blocking(work).await {
            Ok(done) => done,
            Err(failure) => std::panic::resume_unwind(failure.into_panic()),
        }
    }
}

/// Logs what the provider did, without what it said of anybody.
fn told(trouble: Trouble) -> Hindrance {
    match trouble {
        Trouble::Silent(reason) => {
            tracing::warn!(%reason, "the sign-in provider does not answer");
            Hindrance::Silent
        }
        Trouble::Refused(reason) => {
            tracing::warn!(%reason, "the sign-in provider refused us");
            Hindrance::Wrong
        }
        Trouble::Wrong(reason) => {
            tracing::warn!(%reason, "a sign-in by the provider was refused");
            Hindrance::Wrong
        }
    }
}

/// What an error means that the provider sent somebody back with (RFC 6749, 4.1.2.1; OpenID Connect Core, 3.1.2.6).
fn refusal(error: &str) -> Hindrance {
    match error {
        "access_denied"
        | "login_required"
        | "consent_required"
        | "interaction_required"
        | "account_selection_required" => Hindrance::Refused,
        "server_error" | "temporarily_unavailable" => Hindrance::Silent,
        other => {
            // What the provider objects to is for the operator; codes are short words.
            let code: String =
                other.chars().filter(|c| c.is_ascii_lowercase() || *c == '_').take(40).collect();
            tracing::warn!(%code, "the sign-in provider refused us");
            Hindrance::Wrong
        }
    }
}
