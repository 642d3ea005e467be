//! How fast somebody may ask: so much at once, then so much in a time. Whoever goes faster is told when to come back, or
//! is made to wait.
//!
//! One limiter a door, each by its own key: an address, a contributor. The arithmetic is governor's (the generic cell rate
//! algorithm of ITU-T I.371); here is what is counted, and that keys do not pile up.

use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock, MonotonicClock};
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};
use portrea_protocol::ids::ContributorId;

use crate::settings::Settings;

/// Keys that are remembered at a time. Beyond, those that asked nothing for long are forgotten; newcomers share one.
const KEYS_MAX: usize = 20_000;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3_600);

/// The doors of a server.
#[derive(Debug)]
pub struct Paces {
    /// Sign-ins by address: a room full of people comes at once.
    pub sign_ins: Pace<IpAddr>,
    /// What a contributor asks to have changed over HTTP.
    pub requests: Pace<ContributorId>,
    /// Tickets by contributor: one is good for hours.
    pub tickets: Pace<ContributorId>,
    /// Letters that a contributor has sent.
    pub mails: Pace<ContributorId>,
    /// Changes that a contributor sends over websockets.
    pub edits: Pace<ContributorId>,
}

impl Paces {
    /// As the settings say.
    pub fn of(settings: &Settings) -> Self {
        let Settings { sign_ins_burst, requests_burst, tickets_burst, mails_burst, edits_burst, .. } =
            *settings;
        Self {
            sign_ins: Pace::new(sign_ins_burst, settings.sign_ins_per_minute, MINUTE, MonotonicClock),
            requests: Pace::new(requests_burst, settings.requests_per_minute, MINUTE, MonotonicClock),
            tickets: Pace::new(tickets_burst, settings.tickets_per_hour, HOUR, MonotonicClock),
            mails: Pace::new(mails_burst, settings.mails_per_hour, HOUR, MonotonicClock),
            edits: Pace::new(edits_burst, settings.edits_per_minute, MINUTE, MonotonicClock),
        }
    }
}

type Limiter<K, C> =
    RateLimiter<Option<K>, HashMapStateStore<Option<K>>, C, NoOpMiddleware<<C as Clock>::Instant>>;

/// One door's limit.
pub struct Pace<K: Hash + Eq + Clone, C: Clock = MonotonicClock> {
    limiter: Limiter<K, C>,
    clock: C,
    burst: NonZeroU32,
    keys_max: usize,
}

impl<K: Hash + Eq + Clone, C: Clock> std::fmt::Debug for Pace<K, C> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pace")
            .field("burst", &self.burst)
            .field("keys", &self.limiter.len())
            .finish_non_exhaustive()
    }
}

impl<K: Hash + Eq + Clone, C: Clock + Clone> Pace<K, C> {
    /// So many at once, then so many in a time; none at all is taken as one.
    pub fn new(burst: u32, many: u32, within: Duration, clock: C) -> Self {
        let burst = NonZeroU32::new(burst).unwrap_or(NonZeroU32::MIN);
        let each = within / many.max(1);
        // A period of nothing would be no limit, which governor does not know.
        let quota = Quota::with_period(each).unwrap_or(Quota::per_second(NonZeroU32::MAX)).allow_burst(burst);
        let limiter = RateLimiter::new(quota, HashMapStateStore::default(), clock.clone());
        Self { limiter, clock, burst, keys_max: KEYS_MAX }
    }

    /// Counts so many for somebody; the error is how long they wait before they come again, and nothing was counted
    /// then. More than may come at once counts as that many.
    pub fn take(&self, key: &K, many: u32) -> Result<(), Duration> {
        let Some(many) = NonZeroU32::new(many) else { return Ok(()) };
        let key = Some(key.clone()).filter(|_| self.has_room());
        match self.limiter.check_key_n(&key, many.min(self.burst)) {
            Ok(Ok(())) | Err(_) => Ok(()),
            Ok(Err(until)) => Err(until.wait_time_from(self.clock.now())),
        }
    }

    /// Whether a new key may be remembered. Whoever is forgotten has all that may come at once before them.
    fn has_room(&self) -> bool {
        if self.limiter.len() < self.keys_max {
            return true;
        }
        self.limiter.retain_recent();
        self.limiter.len() < self.keys_max
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use governor::clock::FakeRelativeClock;

    use super::*;

    fn pace(burst: u32, many: u32) -> (Pace<u32, FakeRelativeClock>, FakeRelativeClock) {
        let clock = FakeRelativeClock::default();
        (Pace::new(burst, many, MINUTE, clock.clone()), clock)
    }

    /// Goal: so many at once, then one each second; nobody else waits; who waited may. Method: a clock by hand.
    #[test]
    fn a_burst_then_a_pace() {
        let (pace, clock) = pace(3, 60);
        assert_eq!([0; 3].map(|_| pace.take(&1, 1)), [Ok(()); 3]);
        let wait = pace.take(&1, 1).unwrap_err();
        assert!(wait > Duration::ZERO && wait <= Duration::from_secs(1), "{wait:?}");
        assert_eq!(pace.take(&2, 3), Ok(()));
        clock.advance(wait);
        assert_eq!(pace.take(&1, 1), Ok(()));
        pace.take(&1, 1).unwrap_err();
    }

    /// Goal: a device that comes back with more than may come at once is let through, and waits afterwards. Method: a
    /// hundred of three.
    #[test]
    fn more_than_a_burst_passes_once() {
        let (pace, clock) = pace(3, 60);
        assert_eq!(pace.take(&1, 100), Ok(()));
        let wait = pace.take(&1, 100).unwrap_err();
        clock.advance(wait);
        assert_eq!(pace.take(&1, 100), Ok(()));
        assert_eq!(pace.take(&1, 0), Ok(()));
    }

    /// Goal: keys do not pile up, and those who waited long are forgotten. Method: more keys than there is room for.
    #[test]
    fn keys_are_bounded() {
        let (mut pace, clock) = pace(1, 60);
        pace.keys_max = 10;
        for key in 0..10 {
            assert_eq!(pace.take(&key, 1), Ok(()));
        }
        assert_eq!(pace.take(&10, 1), Ok(()), "newcomers share one");
        pace.take(&11, 1).unwrap_err();
        assert!(pace.limiter.len() <= 11);
        clock.advance(MINUTE);
        assert_eq!(pace.take(&12, 1), Ok(()));
        assert!(pace.limiter.len() <= 2);
    }
}
