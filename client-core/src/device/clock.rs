//! The only reader of time and randomness on a device.

use std::time::{Duration, Instant, SystemTime};

use automerge::ActorId;
use portrea_protocol::actor;
use portrea_protocol::ids::{PeerId, RecordId, StorageId};
use portrea_protocol::time::UnixMillis;
use uuid::{Builder, Uuid};

/// A clock that never goes back, and the wall clock beside it.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    origin: Instant,
}

#[expect(clippy::disallowed_methods, reason = "this is the one place that reads clocks")]
impl Clock {
    /// A clock that starts now.
    pub fn start() -> Self {
        Self { origin: Instant::now() }
    }

    /// Time since the start.
    pub fn elapsed(&self) -> Duration {
        self.origin.elapsed()
    }

    /// When the clock will show `elapsed`.
    pub(super) fn at(&self, elapsed: Duration) -> tokio::time::Instant {
        (self.origin + elapsed).into()
    }

    /// The wall clock.
    pub fn now() -> UnixMillis {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        UnixMillis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}

/// A number between 0 and 1, to spread the waits of many devices.
pub(super) fn chance() -> f64 {
    f64::from(u32::from_le_bytes(random())) / f64::from(u32::MAX)
}

/// A fresh uuid v7: ascending in time, so that records made one after the other stand together.
pub fn fresh_uuid() -> Uuid {
    let millis = u64::try_from(Clock::now().0).unwrap_or_default();
    Builder::from_unix_timestamp_millis(millis, &random()).into_uuid()
}

/// The id of a new structure, service or helper.
pub fn fresh_record() -> RecordId {
    fresh_uuid().into()
}

/// The actor of a new device.
pub fn fresh_actor() -> ActorId {
    actor::fresh(Clock::now(), random())
}

/// The names under which a new device joins and keeps.
pub fn fresh_names() -> (PeerId, StorageId) {
    (format!("portrea-{}", fresh_uuid()).into(), fresh_uuid().to_string().into())
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}
