//! Times by the million, in buckets that are 2 % wide.

/// Buckets a doubling; the width of a bucket is a 32nd of its beginning.
const STEPS: u32 = 32;

/// How often which time was seen, in microseconds.
#[derive(Debug, Clone, Default)]
pub(crate) struct Times {
    buckets: Vec<u64>,
    count: u64,
}

impl Times {
    /// Counts a time.
    pub(crate) fn add(&mut self, micros: u64, count: u64) {
        let bucket = bucket(micros);
        if self.buckets.len() <= bucket {
            self.buckets.resize(bucket + 1, 0);
        }
        self.buckets[bucket] += count;
        self.count += count;
    }

    /// What was counted since these were.
    pub(crate) fn since(&self, earlier: &Self) -> Self {
        let before = |bucket: usize| earlier.buckets.get(bucket).copied().unwrap_or_default();
        let buckets = self.buckets.iter().enumerate().map(|(bucket, count)| count - before(bucket)).collect();
        Self { buckets, count: self.count - earlier.count }
    }

    /// How many were counted.
    pub(crate) fn count(&self) -> u64 {
        self.count
    }

    /// The time in milliseconds within which this share of all that were expected came; `None` when fewer came.
    pub(crate) fn within(&self, share: f64, expected: u64) -> Option<f64> {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a count")]
        let rank = (share * expected as f64).ceil().max(1.0) as u64;
        let mut passed = 0;
        let at = self.buckets.iter().position(|count| {
            passed += count;
            passed >= rank
        });
        at.map(|bucket| middle(bucket) / 1e3)
    }
}

fn bucket(micros: u64) -> usize {
    let steps = u64::from(STEPS);
    let index = if micros < steps {
        micros
    } else {
        let doubling = micros.ilog2() - STEPS.ilog2();
        (u64::from(doubling) + 1) * steps + (micros >> doubling) - steps
    };
    usize::try_from(index).expect("few buckets")
}

/// The middle of a bucket, in microseconds.
fn middle(bucket: usize) -> f64 {
    let steps = STEPS as usize;
    let (doubling, step) = (bucket / steps, bucket % steps);
    if doubling == 0 {
        return step as f64;
    }
    let width = 2_f64.powi(i32::try_from(doubling).expect("few doublings") - 1);
    (steps + step) as f64 * width + (width - 1.0) / 2.0
}
