//! Who is on their way to the provider and back: kept in memory, bounded in number and time. Pure: instants are handed in.

use std::collections::BTreeMap;

use portrea_protocol::time::UnixMillis;

use crate::access::Hash;
use crate::accounts::entering::Vouched;

/// A trip is over after this long.
pub const TRIP_MS: i64 = 10 * 60 * 1_000;
/// Trips at a time at most.
const TRIPS_MAX: usize = 10_000;

/// What is needed when somebody comes back, and was known to nobody but them and us.
pub struct Asked {
    /// What the ID token must say, so that it answers this question.
    pub nonce: String,
    /// What shows that the code was asked for by us (PKCE).
    pub verifier: String,
    /// The name that they wrote before they went; empty for the provider's.
    pub name: String,
}

/// Somebody's way to the provider.
pub struct Trip {
    /// What the provider must send back, by its hash.
    pub state: Hash,
    /// What is needed then.
    pub asked: Asked,
    /// The invitation that they hold.
    pub invitation: Option<Hash>,
}

/// How far somebody is.
enum Stage {
    /// At the provider.
    Away(Hash, Asked),
    /// Back; the provider is being asked who they are.
    Asking,
    /// The provider vouches for them; their page may come in.
    Back(Vouched),
}

struct Kept {
    stage: Stage,
    invitation: Option<Hash>,
    until: UnixMillis,
}

/// Everybody who is on their way, by the hash of their browser's cookie.
#[derive(Default)]
pub struct Trips(BTreeMap<Hash, Kept>);

/// There is no room for one more.
#[derive(Debug, PartialEq, Eq)]
pub struct Full;

impl Trips {
    /// Somebody goes.
    pub fn begin(&mut self, cookie: Hash, trip: Trip, now: UnixMillis) -> Result<(), Full> {
        if self.0.len() >= TRIPS_MAX {
            self.0.retain(|_, kept| now < kept.until);
        }
        if self.0.len() >= TRIPS_MAX {
            return Err(Full);
        }
        let Trip { state, asked, invitation } = trip;
        let until = now.plus(TRIP_MS);
        self.0.insert(cookie, Kept { stage: Stage::Away(state, asked), invitation, until });
        Ok(())
    }

    /// Somebody came back with this state: what was asked for them, once. Another state than theirs changes nothing.
    pub fn returned(&mut self, cookie: Hash, state: Hash, now: UnixMillis) -> Option<Asked> {
        let kept = self.lasting(cookie, now)?;
        if !matches!(&kept.stage, Stage::Away(own, _) if *own == state) {
            return None;
        }
        match std::mem::replace(&mut kept.stage, Stage::Asking) {
            Stage::Away(_, asked) => Some(asked),
            Stage::Asking | Stage::Back(_) => None,
        }
    }

    /// The provider vouches for somebody who came back.
    pub fn vouch(&mut self, cookie: Hash, vouched: Vouched) {
        if let Some(kept) = self.0.get_mut(&cookie) {
            kept.stage = Stage::Back(vouched);
        }
    }

    /// Somebody comes in: the provider's word for them and their invitation, once.
    pub fn finish(&mut self, cookie: Hash, now: UnixMillis) -> Option<(Vouched, Option<Hash>)> {
        self.lasting(cookie, now).filter(|kept| matches!(kept.stage, Stage::Back(_)))?;
        let Kept { stage, invitation, .. } = self.0.remove(&cookie)?;
        match stage {
            Stage::Back(vouched) => Some((vouched, invitation)),
            Stage::Away(..) | Stage::Asking => None,
        }
    }

    fn lasting(&mut self, cookie: Hash, now: UnixMillis) -> Option<&mut Kept> {
        self.0.get_mut(&cookie).filter(|kept| now < kept.until)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    const NOW: UnixMillis = UnixMillis(0);

    fn hash(number: u8) -> Hash {
        Hash([number; 32])
    }

    fn trip(state: u8) -> Trip {
        let asked = Asked { nonce: "n".into(), verifier: "v".into(), name: String::new() };
        Trip { state: hash(state), asked, invitation: Some(hash(9)) }
    }

    fn vouched() -> Vouched {
        Vouched { subject: hash(7), name: "Amina".into() }
    }

    /// Goal: each step is taken once, by the browser that began, in time. Method: the way there and back, with every
    /// wrong turn before the right one.
    #[test]
    fn a_trip_is_made_once() {
        let mut trips = Trips::default();
        trips.begin(hash(1), trip(2), NOW).unwrap();
        assert!(trips.finish(hash(1), NOW).is_none(), "nobody vouches yet");
        assert!(trips.returned(hash(3), hash(2), NOW).is_none(), "another browser");
        assert!(trips.returned(hash(1), hash(4), NOW).is_none(), "another state");
        assert!(trips.returned(hash(1), hash(2), UnixMillis(TRIP_MS)).is_none(), "too late");
        assert_eq!(trips.returned(hash(1), hash(2), NOW).unwrap().nonce, "n");
        assert!(trips.returned(hash(1), hash(2), NOW).is_none(), "a second time");
        assert!(trips.finish(hash(1), NOW).is_none(), "the provider is being asked");
        trips.vouch(hash(1), vouched());
        trips.vouch(hash(5), vouched());
        assert!(trips.finish(hash(5), NOW).is_none(), "who never went");
        assert!(trips.finish(hash(1), UnixMillis(TRIP_MS)).is_none(), "too late");
        assert_eq!(trips.finish(hash(1), NOW), Some((vouched(), Some(hash(9)))));
        assert!(trips.finish(hash(1), NOW).is_none(), "a second time");
    }

    /// Goal: trips do not pile up, and who is on their way is not pushed aside. Method: as many as there is room for.
    #[test]
    fn trips_are_bounded() {
        let mut trips = Trips::default();
        let key = |number: usize| {
            let mut bytes = [0; 32];
            bytes.iter_mut().zip(number.to_be_bytes()).for_each(|(byte, digit)| *byte = digit);
            Hash(bytes)
        };
        for number in 0..TRIPS_MAX {
            trips.begin(key(number), trip(1), NOW).unwrap();
        }
        assert_eq!(trips.begin(hash(255), trip(1), NOW), Err(Full));
        assert!(trips.returned(key(0), hash(1), NOW).is_some());
        trips.begin(hash(255), trip(1), UnixMillis(TRIP_MS)).unwrap();
        assert_eq!(trips.0.len(), 1, "those that are over made room");
    }
}
