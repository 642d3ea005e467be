//! How long a device waits that was turned away for what it sent.
//!
//! Each refusal cost the server some milliseconds: a bomb must be unfolded to be known for one. A device that comes back
//! with the same again would cost them without end, so it waits before it may join: a second, then twice as long each
//! time, up to a quarter of a minute. Nobody else waits.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use portrea_protocol::ids::DeviceId;
use tokio::time::Instant;

/// The longest wait, in first waits.
const LONGEST: u32 = 16;
/// A device that was not turned away for so long begins with the first wait again.
const FORGIVEN_AFTER: Duration = Duration::from_secs(600);

/// Who was turned away, and how often.
#[derive(Debug)]
pub struct Patience {
    first: Duration,
    turned_away: Mutex<BTreeMap<DeviceId, (u32, Instant)>>,
}

impl Patience {
    /// Nobody was turned away; whoever is waits this long the first time.
    pub fn new(first: Duration) -> Self {
        Self { first, turned_away: Mutex::default() }
    }

    /// When a device may join that asks now; `None` for at once.
    pub fn until(&self, device: DeviceId, now: Instant) -> Option<Instant> {
        let turned_away = self.turned_away.lock().unwrap_or_else(PoisonError::into_inner);
        let (times, last) = *turned_away.get(&device)?;
        let waits = 1_u32.checked_shl(times - 1).unwrap_or(LONGEST).min(LONGEST);
        Some(last + self.first * waits).filter(|until| *until > now)
    }

    /// A device was turned away just now for what it sent.
    pub fn turned_away(&self, device: DeviceId, now: Instant) {
        let mut turned_away = self.turned_away.lock().unwrap_or_else(PoisonError::into_inner);
        turned_away.retain(|_, (_, last)| now.duration_since(*last) < FORGIVEN_AFTER);
        let (times, last) = turned_away.entry(device).or_insert((0, now));
        (*times, *last) = (times.saturating_add(1), now);
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn device(number: u128) -> DeviceId {
        DeviceId(Uuid::from_u128(number))
    }

    #[test]
    fn each_refusal_doubles_the_wait_up_to_a_limit() {
        let (patience, mut now) = (Patience::new(SECOND), Instant::now());
        assert_eq!(patience.until(device(1), now), None);
        for seconds in [1, 2, 4, 8, 16, 16, 16] {
            patience.turned_away(device(1), now);
            let until = now + SECOND * seconds;
            assert_eq!(patience.until(device(1), now), Some(until));
            assert_eq!(patience.until(device(1), until), None, "it waited");
            assert_eq!(patience.until(device(2), now), None, "nobody else waits");
            now = until;
        }
    }

    #[test]
    fn what_is_long_ago_is_forgiven() {
        let (patience, now) = (Patience::new(SECOND), Instant::now());
        patience.turned_away(device(1), now);
        patience.turned_away(device(1), now);
        let later = now + FORGIVEN_AFTER;
        patience.turned_away(device(1), later);
        assert_eq!(patience.until(device(1), later), Some(later + SECOND));
    }
}
