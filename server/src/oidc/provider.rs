//! The provider as it is on the wire: where it stands, its keys, its tokens. The one file that knows the library.
//!
//! Calls block. The ID token's signature, issuer, audience, nonce and times are the library's to check, with our clock;
//! only asymmetric signatures are taken. What is told of a failure names no person.

use std::ops::Deref;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::http::Uri;
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreAuthenticationFlow, CoreClientAuthMethod, CoreErrorResponseType,
    CoreGenderClaim, CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm,
    CoreProviderMetadata, CoreRevocableToken, CoreRevocationErrorResponse, CoreTokenIntrospectionResponse,
    CoreTokenType,
};
use openidconnect::{
    AccessTokenHash, AdditionalClaims, AuthType, AuthorizationCode, ClaimsVerificationError, Client,
    ClientId, ClientSecret, CsrfToken, DiscoveryError, EmptyExtraTokenFields, EndpointMaybeSet,
    EndpointNotSet, EndpointSet, HttpRequest, HttpResponse, IdTokenFields, IssuerUrl, LocalizedClaim, Nonce,
    OAuth2TokenResponse, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RequestTokenError, Scope,
    SignatureVerificationError, StandardErrorResponse, StandardTokenResponse, TokenResponse, UserInfoClaims,
    UserInfoError,
};
use serde::{Deserialize, Serialize};
use ureq::Agent;

use crate::access::badge::subject;
use crate::accounts::entering::Vouched;
use crate::clock;
use crate::settings::hidden::Hidden;
use crate::settings::provider::{Provider as Wish, is_here, is_sheltered};

/// A request to the provider takes no longer.
const REQUEST: Duration = Duration::from_secs(10);
/// The largest answer that is read, in bytes.
const ANSWER_BYTES_MAX: u64 = 512 * 1024;
/// What the provider says of itself is asked again after this long, in milliseconds.
const KNOWN_MS: i64 = 3_600_000;
/// Its keys are not asked again sooner than after this long, in milliseconds, whoever shows one that is unknown.
const KEYS_MS: i64 = 60_000;

/// Claims beside the standard ones.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Further {
    /// ProConnect's word for the name that somebody goes by.
    usual_name: Option<String>,
}

impl AdditionalClaims for Further {}

type Fields = IdTokenFields<
    Further,
    EmptyExtraTokenFields,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;
type Tokens = StandardTokenResponse<Fields, CoreTokenType>;
type Relying = Client<
    Further,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    Tokens,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// Signatures that are taken: those that only the provider can make.
const SIGNATURES: [CoreJwsSigningAlgorithm; 8] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// What went wrong between the provider and us; told in words without any person's.
#[derive(Debug)]
pub enum Trouble {
    /// It does not answer, or not as one does.
    Silent(String),
    /// It answers that it will not.
    Refused(String),
    /// What it gave does not hold.
    Wrong(&'static str),
}

/// Why a request got no answer.
#[derive(Debug, thiserror::Error)]
enum FetchError {
    /// The address is one that anybody on the way could read.
    #[error("its address {0} does not begin with https://")]
    InTheClear(Uri),
    /// The network, or the other end.
    #[error(transparent)]
    Line(#[from] ureq::Error),
    /// The answer has no form.
    #[error(transparent)]
    Form(#[from] ureq::http::Error),
}

/// The provider that people sign in with.
pub struct Provider {
    wish: Wish,
    back: String,
    agent: Agent,
    known: Mutex<Option<(i64, Arc<CoreProviderMetadata>)>>,
}

impl Provider {
    /// A provider that sends people back to this address. Nothing is asked of it yet.
    pub fn new(wish: Wish, back: String) -> Self {
        // Whatever proxy leads elsewhere, it does not lead to this machine.
        let here = wish.issuer.parse::<Uri>().is_ok_and(|issuer| is_here(&issuer));
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_global(Some(REQUEST))
            .proxy(if here { None } else { ureq::Proxy::try_from_env() })
            .build();
        Self { wish, back, agent: config.into(), known: Mutex::default() }
    }

    /// What it is called.
    pub fn name(&self) -> &str {
        &self.wish.name
    }

    /// Its issuer.
    pub fn issuer(&self) -> &str {
        &self.wish.issuer
    }

    /// Where a browser goes to be asked who it is.
    pub fn address(&self, state: &str, nonce: &str, verifier: &str) -> Result<String, Trouble> {
        let relying = self.relying(&*self.known(KNOWN_MS)?)?;
        let verifier = PkceCodeVerifier::new(verifier.to_owned());
        let challenge = PkceCodeChallenge::from_code_verifier_sha256(&verifier);
        let (state, nonce) = (CsrfToken::new(state.to_owned()), Nonce::new(nonce.to_owned()));
        let scopes = self.wish.scopes.iter().cloned().map(Scope::new);
        let request = relying
            .authorize_url(CoreAuthenticationFlow::AuthorizationCode, || state, || nonce)
            .add_scopes(scopes)
            .set_pkce_challenge(challenge);
        let (address, _, _) = request.url();
        let sheltered = address.as_str().parse::<Uri>().is_ok_and(|address| is_sheltered(&address));
        if sheltered {
            Ok(address.into())
        } else {
            Err(Trouble::Silent("its authorisation endpoint does not begin with https://".into()))
        }
    }

    /// Turns a code into the provider's word for who somebody is.
    pub fn vouched(&self, code: String, verifier: String, nonce: String) -> Result<Vouched, Trouble> {
        let nonce = Nonce::new(nonce);
        let relying = self.relying(&*self.known(KNOWN_MS)?)?;
        let fetch = |request: HttpRequest| self.fetch(request);
        let exchange = relying
            .exchange_code(AuthorizationCode::new(code))
            .map_err(|_| Trouble::Silent("it names no token endpoint".into()))?;
        let exchange = exchange.set_pkce_verifier(PkceCodeVerifier::new(verifier));
        let tokens: Tokens = exchange.request(&fetch).map_err(|error| of_exchange(&error))?;
        let claims = match Self::claims(&relying, &tokens, &nonce) {
            // Its keys may be others by now.
            Err(ClaimsVerificationError::SignatureVerification(
                SignatureVerificationError::NoMatchingKey | SignatureVerificationError::CryptoError(_),
            )) => {
                let relying = self.relying(&*self.known(KEYS_MS)?)?;
                Self::claims(&relying, &tokens, &nonce)
            }
            found => found,
        };
        let (whom, name) = claims.map_err(|error| Trouble::Wrong(of_claims(&error)))?;
        let name = match name {
            Some(name) => name,
            None => self.name_of(&relying, &tokens, &whom)?.unwrap_or_default(),
        };
        Ok(Vouched { subject: subject(self.issuer(), &whom), name })
    }

    /// The subject and the name in an ID token that holds.
    fn claims(
        relying: &Relying,
        tokens: &Tokens,
        nonce: &Nonce,
    ) -> Result<(String, Option<String>), ClaimsVerificationError> {
        let missing = || ClaimsVerificationError::Other("no ID token".into());
        let token = tokens.id_token().ok_or_else(missing)?;
        let now = || chrono::DateTime::from_timestamp_millis(clock::now().0).unwrap_or_default();
        let verifier = relying.id_token_verifier().set_allowed_algs(SIGNATURES).set_time_fn(now);
        let claims = token.claims(&verifier, nonce)?;
        if let Some(expected) = claims.access_token_hash() {
            let broken = |_| ClaimsVerificationError::Other("access token".into());
            let (alg, key) = (token.signing_alg(), token.signing_key(&verifier));
            let found = AccessTokenHash::from_token(
                tokens.access_token(),
                alg.map_err(|_| missing())?,
                key.map_err(ClaimsVerificationError::SignatureVerification)?,
            );
            if found.map_err(broken)? != *expected {
                return Err(ClaimsVerificationError::Other("access token".into()));
            }
        }
        let usual = claims.additional_claims().usual_name.as_deref();
        let name =
            named(said(claims.name()), said(claims.given_name()), usual.or(said(claims.family_name())));
        Ok((claims.subject().to_string(), name))
    }

    /// The name that the provider gives where it is asked for it: ProConnect does so as a signed token.
    fn name_of(&self, relying: &Relying, tokens: &Tokens, whom: &str) -> Result<Option<String>, Trouble> {
        let whom = openidconnect::SubjectIdentifier::new(whom.to_owned());
        let Ok(request) = relying.user_info(tokens.access_token().clone(), Some(whom)) else {
            return Ok(None);
        };
        let fetch = |request: HttpRequest| self.fetch(request);
        let claims: UserInfoClaims<Further, CoreGenderClaim> =
            request.request(&fetch).map_err(|error| match error {
                UserInfoError::Request(error) => Trouble::Silent(error.to_string()),
                UserInfoError::ClaimsVerification(error) => Trouble::Wrong(of_claims(&error)),
                UserInfoError::Parse(_) | UserInfoError::Response(..) | UserInfoError::Other(_) | _ => {
                    Trouble::Silent("what it says of people cannot be read".into())
                }
            })?;
        let usual = claims.additional_claims().usual_name.as_deref();
        Ok(named(said(claims.name()), said(claims.given_name()), usual.or(said(claims.family_name()))))
    }

    fn relying(&self, known: &CoreProviderMetadata) -> Result<Relying, Trouble> {
        let odd = |_| Trouble::Silent("the address that it sends people back to is none".into());
        let secret =
            self.wish.secret.as_ref().map(|secret: &Hidden| ClientSecret::new(secret.reveal().to_owned()));
        let back = RedirectUrl::new(self.back.clone()).map_err(odd)?;
        let client = ClientId::new(self.wish.client.clone());
        let relying = Client::from_provider_metadata(known.clone(), client, secret).set_redirect_uri(back);
        let ways = known.token_endpoint_auth_methods_supported();
        let takes = |way| ways.is_none_or(|ways| ways.contains(&way));
        // Unless it says otherwise, a provider takes the secret in a header.
        let in_body = !takes(CoreClientAuthMethod::ClientSecretBasic);
        Ok(relying.set_auth_type(if in_body { AuthType::RequestBody } else { AuthType::BasicAuth }))
    }

    /// What the provider says of itself, no older than `age_ms`.
    fn known(&self, age_ms: i64) -> Result<Arc<CoreProviderMetadata>, Trouble> {
        let now = clock::now().0;
        let lock = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, known)) = lock().as_ref().filter(|(at, _)| (0..age_ms).contains(&(now - at))) {
            return Ok(Arc::clone(known));
        }
        let issuer = IssuerUrl::new(self.wish.issuer.clone())
            .map_err(|_| Trouble::Silent("its issuer is no address".into()))?;
        let fetch = |request: HttpRequest| self.fetch(request);
        let found = CoreProviderMetadata::discover(&issuer, &fetch).map_err(|error| match error {
            DiscoveryError::Request(error) => Trouble::Silent(error.to_string()),
            DiscoveryError::Response(status, ..) => Trouble::Silent(format!("it answers {status}")),
            DiscoveryError::Validation(why) => Trouble::Silent(why),
            DiscoveryError::Parse(_) | DiscoveryError::UrlParse(_) | DiscoveryError::Other(_) | _ => {
                Trouble::Silent("what it says of itself cannot be read".into())
            }
        })?;
        let found = Arc::new(found);
        *lock() = Some((now, Arc::clone(&found)));
        Ok(found)
    }

    /// One request: bounded in time and size, nowhere in the clear, and never led elsewhere.
    fn fetch(&self, request: HttpRequest) -> Result<HttpResponse, FetchError> {
        if !is_sheltered(request.uri()) {
            return Err(FetchError::InTheClear(request.uri().clone()));
        }
        let mut answer = self.agent.run(request)?;
        let mut response = ureq::http::Response::builder().status(answer.status());
        if let Some(kind) = answer.headers().get(ureq::http::header::CONTENT_TYPE) {
            response = response.header(ureq::http::header::CONTENT_TYPE, kind);
        }
        let body = answer.body_mut().with_config().limit(ANSWER_BYTES_MAX).read_to_vec()?;
        Ok(response.body(body)?)
    }
}

/// A claim in no language in particular.
fn said<T: Deref<Target = String>>(claim: Option<&LocalizedClaim<T>>) -> Option<&str> {
    claim.and_then(|claim| claim.get(None)).map(|text| text.as_str())
}

/// The name that claims give: the whole one, or the given one with the one that somebody goes by.
fn named(whole: Option<&str>, given: Option<&str>, usual: Option<&str>) -> Option<String> {
    let tidy = |words: &str| words.split_whitespace().collect::<Vec<_>>().join(" ");
    let whole = whole.map(tidy).filter(|name| !name.is_empty());
    let parts: Vec<&str> = [given, usual].into_iter().flatten().collect();
    whole.or_else(|| Some(tidy(&parts.join(" "))).filter(|name| !name.is_empty()))
}

/// Why a code was not taken: an answer of the provider's, or none.
fn of_exchange<T: openidconnect::ErrorResponse>(error: &RequestTokenError<FetchError, T>) -> Trouble {
    match error {
        RequestTokenError::Request(error) => Trouble::Silent(error.to_string()),
        RequestTokenError::ServerResponse(_) => Trouble::Refused("it does not take the code".into()),
        RequestTokenError::Parse(..) | RequestTokenError::Other(_) => {
            Trouble::Silent("its tokens cannot be read".into())
        }
    }
}

/// What of a token does not hold; the library's own words may name a person.
fn of_claims(error: &ClaimsVerificationError) -> &'static str {
    match error {
        ClaimsVerificationError::Expired(_) => "the token is too old",
        ClaimsVerificationError::InvalidAudience(_) => "the token is for somebody else",
        ClaimsVerificationError::InvalidIssuer(_) => "the token is another issuer's",
        ClaimsVerificationError::InvalidNonce(_) => "the token answers another question",
        ClaimsVerificationError::InvalidSubject(_) => "the subject is another one",
        ClaimsVerificationError::SignatureVerification(_) => "the signature does not hold",
        ClaimsVerificationError::InvalidAuthContext(_)
        | ClaimsVerificationError::InvalidAuthTime(_)
        | ClaimsVerificationError::Unsupported(_)
        | ClaimsVerificationError::Other(_)
        | _ => "the token does not hold",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Goal: people are called as they are, whichever claims a provider gives. Method: a table of claims.
    #[test]
    fn a_name_from_claims() {
        for (whole, given, usual, expected) in [
            (Some("Amina B."), Some("Amina"), Some("Benali"), Some("Amina B.")),
            (Some("  "), Some("Amina "), Some(" Benali"), Some("Amina Benali")),
            (None, Some("Amina"), None, Some("Amina")),
            (None, None, Some("Benali"), Some("Benali")),
            (None, Some(""), None, None),
            (None, None, None, None),
        ] {
            assert_eq!(named(whole, given, usual).as_deref(), expected);
        }
    }

    /// Goal: nothing leaves for an address that can be read on the way, wherever the provider points. Method: one.
    #[test]
    fn nothing_goes_in_the_clear() {
        let wish = Wish {
            issuer: "https://provider.example".into(),
            client: "portrea".into(),
            secret: None,
            name: "P".into(),
            scopes: vec![],
        };
        let provider = Provider::new(wish, "http://127.0.0.1/api/v1/oidc/callback".into());
        let request = HttpRequest::new(Vec::new());
        let (mut parts, body) = request.into_parts();
        parts.uri = Uri::from_static("http://provider.example/token");
        let answer = provider.fetch(HttpRequest::from_parts(parts, body));
        assert!(matches!(answer, Err(FetchError::InTheClear(_))), "{answer:?}");
    }
}
