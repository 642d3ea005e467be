//! The only reader of time and randomness.

use std::time::{SystemTime, UNIX_EPOCH};

use portrea_protocol::time::UnixMillis;
use uuid::Uuid;

/// Now, by this machine's clock. A clock before 1970 reads as 1970.
pub fn now() -> UnixMillis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    UnixMillis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// A fresh uuid v7: unique, and in the order of creation.
pub fn uuid() -> Uuid {
    let millis = u64::try_from(now().0).unwrap_or_default();
    uuid::Builder::from_unix_timestamp_millis(millis, &random()).into_uuid()
}

/// Bytes from the operating system's source of randomness.
///
/// # Panics
///
/// When the operating system has none to give: nothing secret can be made then.
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}
