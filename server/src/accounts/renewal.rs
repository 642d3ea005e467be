//! How long a sign-in lasts, and how its secret is replaced: a stolen one is of use for a day or so.
//!
//! A session keeps the name it has (the hash of its first secret), so that tickets and whoever lives on it follow; later
//! secrets are tokens beside it. A browser that shows a secret older than a day is handed the next one. The one before
//! stays good until the next is shown, for the answer that carried it may be lost on the way, and a minute more, for
//! requests that are under way. Of a session there are three secrets at most that open it: the one in use, the one before, the
//! next.

use portrea_protocol::time::UnixMillis;

use super::{Accounts, Known, live, row};
use crate::access::{Credential, Hash, Secret, Session, Token};
use crate::clock;
use crate::settings::Settings;
use crate::store::{Row, StoreError, Table};

/// The secret before stays good this long after the next was shown.
const GRACE_MS: i64 = 60_000;
/// That a sign-in was used is kept once in so long.
const NOTED_MS: i64 = 3_600_000;

/// How long sign-ins last, in milliseconds.
#[derive(Debug, Clone, Copy)]
pub struct Lasting {
    /// From the sign-in, however often it is used.
    pub whole_ms: i64,
    /// From the last time it was used.
    pub idle_ms: i64,
    /// A secret is replaced after so long.
    pub renew_ms: i64,
}

impl Lasting {
    /// As the settings say.
    pub fn of(settings: &Settings) -> Self {
        let Settings { session_ms, session_idle_ms, session_renew_ms, .. } = *settings;
        Self { whole_ms: session_ms, idle_ms: session_idle_ms, renew_ms: session_renew_ms }
    }

    /// How long a sign-in lasts that is never used.
    pub(super) fn first_ms(self) -> i64 {
        self.whole_ms.min(self.idle_ms)
    }

    /// When a session ends that is used now.
    fn end(self, session: &Session, now: UnixMillis) -> UnixMillis {
        session.created_at.plus(self.whole_ms).min(now.plus(self.idle_ms))
    }
}

/// What is due about a secret that was shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Due {
    /// Nothing.
    Nothing,
    /// Its use is to be noted, or that it is the one in use now.
    Note,
    /// The next one.
    Next,
}

impl Accounts {
    /// A secret was shown: notes that, and gives the next secret when one is due and its holder can take it.
    ///
    /// `takes` is whether the holder takes a new one at all; `asks`, whether they ask for it before its time.
    pub async fn renew(
        &self,
        shown: &str,
        takes: bool,
        asks: bool,
    ) -> Result<Option<(Secret, Session)>, StoreError> {
        let shown = Hash::of(shown);
        let due = |known: &Known| self.due(known, shown, takes, asks, clock::now());
        if self.read(due) == Due::Nothing {
            return Ok(None);
        }
        let _writing = self.writing.lock().await;
        let now = clock::now();
        // Somebody else may have been quicker.
        let due = self.read(due);
        let found = self.read(|known| {
            let key = session_of(known, shown)?;
            Some((key, live(known, key)?, tokens(known, key)))
        });
        let Some((key, mut session, mut tokens)) = found.filter(|_| due != Due::Nothing) else {
            return Ok(None);
        };
        session.expires_at = self.lasting.end(&session, now);
        let over = now.plus(GRACE_MS);
        let fresh = tokens.iter().any(|(hash, token)| *hash == shown && !token.shown);
        if fresh {
            session.first_until = Some(session.first_until.map_or(over, |until| until.min(over)));
            for (hash, token) in &mut tokens {
                if *hash == shown {
                    token.shown = true;
                } else {
                    token.until = token.until.min(over);
                }
            }
        }
        let mut secret = None;
        if due == Due::Next {
            // One that nobody ever showed is replaced by this one.
            for (_, token) in tokens.iter_mut().filter(|(hash, token)| !token.shown && *hash != shown) {
                token.until = now;
            }
            let next = Secret::new(clock::random());
            let until = session.created_at.plus(self.lasting.whole_ms);
            tokens.push((next.hash(), Token { session: key, made_at: now, until, shown: false }));
            secret = Some(next);
        }
        let (lasting, ended): (Vec<_>, Vec<_>) = tokens.into_iter().partition(|(_, token)| token.until > now);
        let kept: Vec<(Hash, Credential)> = lasting
            .into_iter()
            .map(|(hash, token)| (hash, Credential::Token(token)))
            .chain([(key, Credential::Session(session.clone()))])
            .collect();
        let rows = kept.iter().map(|(hash, credential)| row(Table::Session, *hash, Some(credential)));
        let gone = ended.iter().map(|(hash, _)| row::<Credential>(Table::Session, *hash, None));
        self.committer.put(rows.chain(gone).collect::<Vec<Row>>()).await?;
        self.write(|known| {
            known.credentials.retain(|hash, _| !ended.iter().any(|(ended, _)| ended == hash));
            known.credentials.extend(kept);
        });
        Ok(secret.map(|secret| (secret, session)))
    }

    fn due(&self, known: &Known, shown: Hash, takes: bool, asks: bool, now: UnixMillis) -> Due {
        let Some(session) = session_of(known, shown).and_then(|key| live(known, key)) else {
            return Due::Nothing;
        };
        let (made_at, until, was_shown) = match known.credentials.get(&shown) {
            Some(Credential::Token(token)) => (token.made_at, Some(token.until), token.shown),
            _ => (session.created_at, session.first_until, true),
        };
        let whole = session.created_at.plus(self.lasting.whole_ms);
        // Another one is in use already.
        let is_over = until.is_some_and(|until| until < whole);
        let is_old = asks || now >= made_at.plus(self.lasting.renew_ms);
        if !is_over && takes && is_old && !(was_shown && self.was_given(known, shown, now)) {
            return Due::Next;
        }
        let noted = session.expires_at.plus(NOTED_MS) >= self.lasting.end(&session, now);
        if !was_shown || !noted { Due::Note } else { Due::Nothing }
    }

    /// Whether the next secret was handed out just now, and may be under way.
    fn was_given(&self, known: &Known, shown: Hash, now: UnixMillis) -> bool {
        let Some(key) = session_of(known, shown) else { return false };
        tokens(known, key).iter().any(|(hash, token)| {
            *hash != shown && !token.shown && now < token.made_at.plus(GRACE_MS.min(self.lasting.renew_ms))
        })
    }
}

/// The session that a secret opens, by its hash.
fn session_of(known: &Known, shown: Hash) -> Option<Hash> {
    match known.credentials.get(&shown)? {
        Credential::Session(_) => Some(shown),
        Credential::Token(token) => Some(token.session),
        Credential::Ticket { .. } => None,
    }
}

/// The later secrets of a session.
fn tokens(known: &Known, key: Hash) -> Vec<(Hash, Token)> {
    let all = known.credentials.iter();
    all.filter_map(|(hash, credential)| match credential {
        Credential::Token(token) if token.session == key => Some((*hash, token.clone())),
        Credential::Token(_) | Credential::Session(_) | Credential::Ticket { .. } => None,
    })
    .collect()
}
