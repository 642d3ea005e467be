//! The one source of chance. The same seed gives the same day, on every machine.

use portrea_protocol::ids::RecordId;
use uuid::Uuid;

/// A stream of numbers from a seed (SplitMix64: Steele, Lea & Flood 2014, "Fast splittable pseudorandom number
/// generators").
#[derive(Debug, Clone)]
pub struct Seed(u64);

impl Seed {
    /// Begins the stream of this seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Any number.
    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`; 0 when there is none.
    pub fn below(&mut self, bound: u64) -> u64 {
        if bound == 0 { 0 } else { self.draw() % bound }
    }

    /// A number from `low` to `high`, both included.
    pub fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.below(high - low + 1)
    }

    /// True `percent` times in a hundred.
    pub fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// One of these, if there are any.
    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        from.get(usize::try_from(self.below(from.len() as u64)).ok()?)
    }

    /// A fraction from 0 to 1.
    #[expect(clippy::cast_precision_loss, reason = "a fraction of 2^20 is exact")]
    pub fn fraction(&mut self) -> f64 {
        self.below(1 << 20) as f64 / f64::from(1_u32 << 20)
    }

    /// A uuid v7 at this instant.
    pub fn uuid(&mut self, millis: u64) -> Uuid {
        let high = self.draw().to_le_bytes();
        let low = self.draw().to_le_bytes();
        let mut bytes = [0; 10];
        for (byte, chance) in bytes.iter_mut().zip(high.into_iter().chain(low)) {
            *byte = chance;
        }
        uuid::Builder::from_unix_timestamp_millis(millis, &bytes).into_uuid()
    }

    /// A record's id at this instant.
    pub fn record(&mut self, millis: u64) -> RecordId {
        self.uuid(millis).into()
    }
}
