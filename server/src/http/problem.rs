//! Errors as `application/problem+json` (RFC 9457): a stable type, a title in French or English, and what to do.

use std::time::Duration;

use axum::Json;
use axum::extract::multipart::MultipartError;
use axum::extract::rejection::{BytesRejection, QueryRejection};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::access::Denied;
use crate::access::people::Barred;
use crate::accounts::AccountError;
use crate::keeper::Ended;
use crate::registry::RegistryError;
use crate::store::StoreError;

/// How a problem is told: its status, its stable type, its title in French and in English.
type Words = (StatusCode, &'static str, &'static str, &'static str);

const NOT_SIGNED_IN: Words = (
    StatusCode::UNAUTHORIZED,
    "not-signed-in",
    "Vous n’êtes pas connecté·e. Ouvrez votre lien d’invitation, ou demandez-en un à la personne référente.",
    "You are not signed in. Open your invitation link, or ask the référent·e for one.",
);
const NOT_ALLOWED: Words = (
    StatusCode::FORBIDDEN,
    "not-allowed",
    "Votre invitation ne permet pas cela. Adressez-vous à la personne référente.",
    "Your invitation does not allow this. Ask the référent·e.",
);
const OTHER_ORIGIN: Words = (
    StatusCode::FORBIDDEN,
    "other-origin",
    "La demande vient d’un autre site. Ouvrez PORTREA par son adresse.",
    "The request comes from another site. Open PORTREA by its own address.",
);
const NOT_FOUND: Words = (
    StatusCode::NOT_FOUND,
    "not-found",
    "Il n’y a rien à cette adresse.",
    "There is nothing at this address.",
);
const NO_INVITATION: Words = (
    StatusCode::NOT_FOUND,
    "no-invitation",
    "Cette invitation n’existe pas ou plus. Demandez un nouveau lien à la personne référente.",
    "This invitation does not exist or was revoked. Ask the référent·e for a new link.",
);
const INVITATION_EXPIRED: Words = (
    StatusCode::GONE,
    "invitation-expired",
    "Cette invitation a expiré. Demandez un nouveau lien à la personne référente.",
    "This invitation has expired. Ask the référent·e for a new link.",
);
const INVITATION_USED_UP: Words = (
    StatusCode::GONE,
    "invitation-used-up",
    "Cette invitation a déjà servi. Demandez un nouveau lien à la personne référente.",
    "This invitation has been used up. Ask the référent·e for a new link.",
);
const UNKNOWN_HERE: Words = (
    StatusCode::FORBIDDEN,
    "unknown-here",
    "Personne n’est encore entré ici avec ce compte. Demandez un lien d’invitation à la personne référente, ouvrez-le, puis \
     choisissez à nouveau ce compte.",
    "Nobody has come in here with this account yet. Ask the référent·e for an invitation link, open it, then choose this \
     account again.",
);
const ACCESS_TAKEN_BACK: Words = (
    StatusCode::FORBIDDEN,
    "access-taken-back",
    "Votre accès a été retiré. Ce que vous avez écrit est gardé. Adressez-vous à la personne référente.",
    "Your access was taken back. What you wrote is kept. Ask the référent·e.",
);
const SIGN_IN_OVER: Words = (
    StatusCode::GONE,
    "sign-in-over",
    "Cette connexion a trop attendu, ou a déjà servi. Rien n’est perdu : recommencez.",
    "This sign-in waited too long, or was used already. Nothing is lost: begin again.",
);
const PROVIDER_SILENT: Words = (
    StatusCode::FAILED_DEPENDENCY,
    "provider-silent",
    "Le service de connexion ne répond pas. Réessayez dans un instant, ou entrez avec votre lien d’invitation.",
    "The sign-in service does not answer. Try again in a moment, or come in with your invitation link.",
);
const LAST_REFERENT: Words = (
    StatusCode::CONFLICT,
    "last-referent",
    "C’est la dernière personne référente du territoire. Nommez-en d’abord une autre.",
    "This is the territory's last référent·e. Make somebody else one first.",
);
const NO_MAIL: Words = (
    StatusCode::CONFLICT,
    "no-mail",
    "Ce serveur n’envoie pas de courriel. Aucun lien n’a été créé. Créez un lien et transmettez-le vous-même.",
    "This server sends no mail. No link was made. Make a link and pass it on yourself.",
);
const MAIL_FAILED: Words = (
    StatusCode::FAILED_DEPENDENCY,
    "mail-failed",
    "Le serveur de courriel ne répond pas, ou refuse le nôtre. Aucun lien n’a été créé. Créez un lien et transmettez-le \
     vous-même, ou réessayez plus tard ; prévenez l’exploitant du serveur.",
    "The mail server does not answer, or does not let ours in. No link was made. Make a link and pass it on yourself, or try \
     again later; tell the server's operator.",
);
const BAD_ADDRESS: Words = (
    StatusCode::UNPROCESSABLE_ENTITY,
    "bad-address",
    "Ce n’est pas une adresse électronique, comme nom@exemple.fr. Aucun lien n’a été créé.",
    "This is no mail address, such as name@example.org. No link was made.",
);
const DECIDED: Words = (
    StatusCode::CONFLICT,
    "decided",
    "Cette modification n’attend plus : il en a été décidé. Rechargez la liste.",
    "This change does not wait any more: it was decided about. Load the list again.",
);
const NEEDS_OTHERS: Words = (
    StatusCode::CONFLICT,
    "needs-others",
    "Cette modification s’appuie sur d’autres qui attendent. Acceptez d’abord celles-là, ou toutes ensemble.",
    "This change builds on others that wait. Accept those first, or all of them together.",
);
const BAD_NAME: Words = (
    StatusCode::UNPROCESSABLE_ENTITY,
    "bad-name",
    "Indiquez un nom de 1 à 80 caractères.",
    "Give a name of 1 to 80 characters.",
);
const BAD_REQUEST: Words = (
    StatusCode::BAD_REQUEST,
    "bad-request",
    "La demande n’est pas comprise. Le détail dit ce qui manque.",
    "The request is not understood. The detail says what is missing.",
);
const NOT_OFFERED: Words = (
    StatusCode::METHOD_NOT_ALLOWED,
    "not-offered",
    "Cette adresse ne sait pas faire cela.",
    "This address does not offer that.",
);
const TOO_LARGE: Words = (
    StatusCode::PAYLOAD_TOO_LARGE,
    "too-large",
    "Le fichier est trop grand pour ce serveur. Rien n’a été pris. Envoyez-le en plusieurs parties.",
    "The file is too large for this server. Nothing was taken. Send it in parts.",
);
const TOO_MANY: Words = (
    StatusCode::SERVICE_UNAVAILABLE,
    "too-many-connections",
    "Le serveur a trop de connexions. Réessayez dans un instant ; vos modifications restent sur votre appareil.",
    "The server has too many connections. Try again in a moment; your edits stay on your device.",
);
const TOO_MANY_HERE: Words = (
    StatusCode::TOO_MANY_REQUESTS,
    "too-many-connections-here",
    "Trop de connexions sont ouvertes depuis cet appareil ou cette adresse. Fermez-en, puis réessayez ; vos modifications restent \
     sur votre appareil.",
    "Too many connections are open from this device or this address. Close some, then try again; your edits stay on your \
     device.",
);
const TOO_FAST: Words = (
    StatusCode::TOO_MANY_REQUESTS,
    "too-fast",
    "Trop de demandes en peu de temps. Patientez un moment, puis réessayez.",
    "Too many requests in a short time. Wait a moment, then try again.",
);
const TRY_AGAIN: Words = (
    StatusCode::SERVICE_UNAVAILABLE,
    "try-again",
    "Le territoire est en cours d’ouverture. Réessayez dans un instant.",
    "The territory is being opened. Try again in a moment.",
);
const STORE_FAILED: Words = (
    StatusCode::SERVICE_UNAVAILABLE,
    "store-failed",
    "Le disque du serveur ne prend plus rien. Rien de ce qui était confirmé n’est perdu, et vos modifications restent sur \
     votre appareil. Réessayez plus tard et prévenez l’exploitant du serveur.",
    "The server's disk takes nothing more. Nothing that was acknowledged is lost, and your edits stay on your device. \
     Try again later and tell the server's operator.",
);
const NOT_ERASED: Words = (
    StatusCode::SERVICE_UNAVAILABLE,
    "not-erased",
    "Le disque du serveur n’a plus la place qu’il faut pour effacer. Rien n’est effacé à moitié, et rien de ce qui était \
     confirmé n’est perdu. Prévenez l’exploitant du serveur ; une fois la place faite, recommencez.",
    "The server's disk has no room left for erasing. Nothing is half erased, and nothing that was acknowledged is lost. \
     Tell the server's operator; once there is room, try again.",
);
const INTERNAL: Words = (
    StatusCode::INTERNAL_SERVER_ERROR,
    "internal",
    "Le serveur a rencontré une erreur. Rien de ce qui était confirmé n’est perdu. Prévenez son exploitant.",
    "The server failed. Nothing that was acknowledged is lost. Tell its operator.",
);

/// What went wrong, with its stable type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Problem {
    /// No session, or an ended one.
    NotSignedIn,
    /// The session may not do this.
    NotAllowed,
    /// The request comes from a page of another site.
    OtherOrigin,
    /// Nothing stands at this address.
    NotFound,
    /// No such invitation.
    NoInvitation,
    /// The invitation has expired.
    InvitationExpired,
    /// The invitation is used up.
    InvitationUsedUp,
    /// The provider vouches for somebody whom nobody knows here.
    UnknownHere,
    /// The access of whom the provider vouches for was taken back.
    AccessTakenBack,
    /// A sign-in by the provider is too old, was used, or is another browser's.
    SignInOver,
    /// The sign-in provider does not answer as it should.
    ProviderSilent,
    /// The territory would be without a référent·e.
    LastReferent,
    /// The server sends no mail.
    NoMail,
    /// The mail server takes nothing.
    MailFailed,
    /// The address at this place among those that were given, counted from 1, is none.
    BadAddress(usize),
    /// The change does not wait any more.
    Decided,
    /// The change builds on others that wait.
    NeedsOthers,
    /// The name cannot be taken.
    BadName,
    /// The request does not say what it must.
    BadRequest(&'static str),
    /// The address takes another method.
    NotOffered,
    /// The body is larger than the server takes.
    TooLarge,
    /// The server has as many connections as it takes.
    TooMany,
    /// An address or a device has as many connections as it may.
    TooManyHere,
    /// Somebody asks faster than the server takes; they come again after so many seconds.
    TooFast(u64),
    /// The territory is being opened again.
    TryAgain,
    /// The server's disk takes nothing, or cannot be read.
    StoreFailed,
    /// The server's disk has no room for what an erasure writes.
    NotErased,
    /// The server's data or code failed.
    Internal,
}

impl Problem {
    fn words(self) -> Words {
        match self {
            Self::NotSignedIn => NOT_SIGNED_IN,
            Self::NotAllowed => NOT_ALLOWED,
            Self::OtherOrigin => OTHER_ORIGIN,
            Self::NotFound => NOT_FOUND,
            Self::NoInvitation => NO_INVITATION,
            Self::InvitationExpired => INVITATION_EXPIRED,
            Self::InvitationUsedUp => INVITATION_USED_UP,
            Self::UnknownHere => UNKNOWN_HERE,
            Self::AccessTakenBack => ACCESS_TAKEN_BACK,
            Self::SignInOver => SIGN_IN_OVER,
            Self::ProviderSilent => PROVIDER_SILENT,
            Self::LastReferent => LAST_REFERENT,
            Self::NoMail => NO_MAIL,
            Self::MailFailed => MAIL_FAILED,
            Self::BadAddress(_) => BAD_ADDRESS,
            Self::Decided => DECIDED,
            Self::NeedsOthers => NEEDS_OTHERS,
            Self::BadName => BAD_NAME,
            Self::BadRequest(_) => BAD_REQUEST,
            Self::NotOffered => NOT_OFFERED,
            Self::TooLarge => TOO_LARGE,
            Self::TooMany => TOO_MANY,
            Self::TooManyHere => TOO_MANY_HERE,
            Self::TooFast(_) => TOO_FAST,
            Self::TryAgain => TRY_AGAIN,
            Self::StoreFailed => STORE_FAILED,
            Self::NotErased => NOT_ERASED,
            Self::Internal => INTERNAL,
        }
    }

    /// Somebody asks too fast, and waits this long.
    pub fn too_fast(wait: Duration) -> Self {
        Self::TooFast(wait.as_secs() + u64::from(wait.subsec_nanos() > 0))
    }

    /// When to come again, in seconds, where that is known.
    fn retry_after(self) -> Option<u64> {
        if let Self::TooFast(seconds) = self {
            Some(seconds)
        } else {
            (self == Self::TooManyHere).then_some(30)
        }
    }

    /// The answer, in the language that the request prefers.
    pub fn answer(self, headers: &HeaderMap) -> Response {
        let mut response = self.worded(headers);
        if let Some(seconds) = self.retry_after() {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }

    fn worded(self, headers: &HeaderMap) -> Response {
        let (status, kind, french, english) = self.words();
        let detail = if let Self::BadRequest(detail) = self {
            Some(detail.to_owned())
        } else if let Self::BadAddress(place) = self {
            Some(format!("mailTo, address {place}"))
        } else {
            None
        };
        written(headers, status, kind, (french, english), detail.as_deref())
    }
}

/// A problem that only its place can tell, in the language that the request prefers: French, then English.
pub fn told(headers: &HeaderMap, status: StatusCode, kind: &str, title: (&str, &str)) -> Response {
    written(headers, status, kind, title, None)
}

fn written(
    headers: &HeaderMap,
    status: StatusCode,
    kind: &str,
    (french, english): (&str, &str),
    detail: Option<&str>,
) -> Response {
    let language =
        headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let title = if language.trim_start().to_lowercase().starts_with("en") { english } else { french };
    let mut body =
        json!({ "type": format!("urn:portrea:problem:{kind}"), "title": title, "status": status.as_u16() });
    if let (Some(detail), Some(object)) = (detail, body.as_object_mut()) {
        object.insert("detail".into(), detail.into());
    }
    let mut response = (status, Json(body)).into_response();
    let kind = HeaderValue::from_static("application/problem+json");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}

/// A problem with the request's headers, so that its answer speaks the request's language.
#[derive(Debug)]
pub struct Failure(pub Problem, pub HeaderMap);

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        self.0.answer(&self.1)
    }
}

/// What a handler answers.
pub type Answer<T> = Result<T, Failure>;

/// Turns what failed below into a problem for the asker.
pub trait Explain<T> {
    /// The value, or the problem in the request's language.
    fn explain(self, headers: &HeaderMap) -> Answer<T>;
}

impl<T, E: Into<Problem>> Explain<T> for Result<T, E> {
    fn explain(self, headers: &HeaderMap) -> Answer<T> {
        self.map_err(|error| Failure(error.into(), headers.clone()))
    }
}

impl From<RegistryError> for Problem {
    fn from(error: RegistryError) -> Self {
        match error {
            RegistryError::Unknown => Self::NotFound,
            RegistryError::Store(error) => error.into(),
            RegistryError::Open(_) | RegistryError::Lost => {
                tracing::error!(%error, "a territory could not be had");
                Self::Internal
            }
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            // Said once where it failed, and not again for each who asks meanwhile.
            StoreError::NoRoom { .. } => Self::StoreFailed,
            StoreError::Engine { .. } | StoreError::Busy { .. } => {
                tracing::error!(%error, "the store failed");
                Self::StoreFailed
            }
            StoreError::Damaged(_) | StoreError::FeedConflict { .. } => {
                tracing::error!(%error, "the store failed");
                Self::Internal
            }
        }
    }
}

impl From<Ended> for Problem {
    fn from(ended: Ended) -> Self {
        match ended {
            Ended::Closed => Self::TryAgain,
            Ended::StoreFailed => Self::StoreFailed,
        }
    }
}

impl From<AccountError> for Problem {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::Denied(Denied::NoInvitation) => Self::NoInvitation,
            AccountError::Denied(Denied::Expired) => Self::InvitationExpired,
            AccountError::Denied(Denied::UsedUp) => Self::InvitationUsedUp,
            AccountError::Denied(Denied::Name) => Self::BadName,
            AccountError::Denied(Denied::Nobody) => Self::UnknownHere,
            AccountError::Denied(Denied::TakenBack) => Self::AccessTakenBack,
            AccountError::Barred(Barred::Unknown) => Self::NotFound,
            AccountError::Barred(Barred::LastReferent) => Self::LastReferent,
            AccountError::Barred(Barred::SignedOut) => Self::NotSignedIn,
            AccountError::Barred(Barred::NotReferent) => Self::NotAllowed,
            AccountError::Store(error) => error.into(),
        }
    }
}

/// The answer where no route is. Without a session nobody learns which routes there are.
pub async fn not_found(headers: HeaderMap) -> Response {
    Problem::NotFound.answer(&headers)
}

/// The answer where a route takes another method.
pub async fn not_offered(headers: HeaderMap) -> Response {
    Problem::NotOffered.answer(&headers)
}

impl From<QueryRejection> for Problem {
    fn from(_: QueryRejection) -> Self {
        Self::BadRequest("a parameter behind the ? has a value that it does not take")
    }
}

impl From<MultipartError> for Problem {
    fn from(error: MultipartError) -> Self {
        if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
            return Self::TooLarge;
        }
        Self::BadRequest("the form in the body could not be read to its end")
    }
}

impl From<BytesRejection> for Problem {
    fn from(rejection: BytesRejection) -> Self {
        if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
            return Self::TooLarge;
        }
        Self::BadRequest("the body could not be read")
    }
}
