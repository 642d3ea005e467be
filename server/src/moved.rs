//! Which devices were told just now that their document has moved.
//!
//! They are told in an `error` frame, over which some stock clients hang up and dial again: told each time, such a client
//! would never stay. Told once a while, it comes back and finds the new document.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use portrea_protocol::ids::DeviceId;
use tokio::time::Instant;

/// A device is told once in so long.
const TOLD_FOR: Duration = Duration::from_secs(60);

/// Who was told, and when.
#[derive(Debug, Default)]
pub struct Moved(Mutex<BTreeMap<DeviceId, Instant>>);

impl Moved {
    /// Whether a device is to be told now; it counts as told then.
    pub fn tells(&self, device: DeviceId, now: Instant) -> bool {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        told.retain(|_, at| now.duration_since(*at) < TOLD_FOR);
        let first = !told.contains_key(&device);
        told.entry(device).or_insert(now);
        first
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    /// Goal: each device is told, and again after a while. Method: two devices, moments by hand.
    #[test]
    fn a_device_is_told_once_in_a_while() {
        let (moved, now) = (Moved::default(), Instant::now());
        let [one, two] = [1, 2].map(|number| DeviceId(Uuid::from_u128(number)));
        assert!(moved.tells(one, now) && moved.tells(two, now));
        assert!(!moved.tells(one, now + TOLD_FOR / 2));
        assert!(moved.tells(one, now + TOLD_FOR));
    }
}
