//! A store that is dropped when its disk takes nothing more, and opened anew once there is room.
//!
//! An engine that failed to write is of no use any more, but the process may be. The wrapper lets go of the engine, and
//! refuses every call with the reason; a call that comes a while later tries to open it again. Opening is not enough to go
//! on: a few pages are written and made durable first, or the store would fail again at the next edit.
//!
//! What was staged when the engine failed is lost with it, so the round of writes that it belonged to is failed as a
//! whole: none of them is ever answered as kept. Failures of another kind stay, for a restart or an operator to deal with.

#[cfg(test)]
mod tests;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use portrea_protocol::ids::TerritoryId;
use portrea_territory::chunk::{Batch, FeedRow, Kept, Snapshot};

use super::{KeyValue, Loss, Row, Store, StoreError, Table};

/// How long the store is left alone after it failed, or failed to open again.
const PAUSE: Duration = Duration::from_secs(1);
/// What is written to see whether there is room: more than one batch of edits takes.
const TRIAL_BYTES: u32 = 256 * 1024;
/// Where it is written, for a moment.
const TRIAL_KEY: &[u8] = b"trial";
/// What the rest of a round is told whose first writes are lost.
const TORN: &str = "writes of the same round were lost";

type Open = Box<dyn Fn() -> Result<Arc<dyn Store>, StoreError> + Send + Sync>;

/// Opens a store as often as it must be.
pub struct Reopening {
    open: Open,
    pause: Duration,
    state: Mutex<State>,
}

struct State {
    engine: Engine,
    /// Writes that wait for the next flush.
    staged: usize,
    /// Some of what was staged went down with an engine: the next flush must fail.
    torn: bool,
}

enum Engine {
    Open(Arc<dyn Store>),
    /// It failed, and is tried again from this moment on.
    Closed {
        why: String,
        until: Instant,
    },
    /// Somebody is opening it.
    Opening {
        why: String,
    },
}

impl Reopening {
    /// Opens the store for the first time; a failure then is the caller's.
    pub fn open(
        open: impl Fn() -> Result<Arc<dyn Store>, StoreError> + Send + Sync + 'static,
    ) -> Result<Self, StoreError> {
        Self::open_with(open, PAUSE)
    }

    fn open_with(
        open: impl Fn() -> Result<Arc<dyn Store>, StoreError> + Send + Sync + 'static,
        pause: Duration,
    ) -> Result<Self, StoreError> {
        let engine = Engine::Open(open()?);
        let state = Mutex::new(State { engine, staged: 0, torn: false });
        Ok(Self { open: Box::new(open), pause, state })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The engine, opened again when its time has come.
    fn engine(&self) -> Result<Arc<dyn Store>, StoreError> {
        let why = {
            let mut state = self.state();
            let why = match &state.engine {
                Engine::Open(engine) => return Ok(Arc::clone(engine)),
                Engine::Closed { why, until } if Instant::now() >= *until => why.clone(),
                Engine::Closed { why, .. } | Engine::Opening { why } => return Err(closed(why)),
            };
            state.engine = Engine::Opening { why: why.clone() };
            why
        };
        // A panic of the engine must not leave it for ever about to be opened.
        let opened = catch_unwind(AssertUnwindSafe(|| self.try_again()))
            .unwrap_or_else(|_| Err(StoreError::engine("open again", "it panicked")));
        let mut state = self.state();
        match opened {
            Ok(engine) => {
                tracing::info!("the store was opened again");
                state.engine = Engine::Open(Arc::clone(&engine));
                Ok(engine)
            }
            Err(error) => {
                tracing::warn!(%error, "the store cannot go on yet");
                state.engine = Engine::Closed { why: why.clone(), until: Instant::now() + self.pause };
                Err(closed(&why))
            }
        }
    }

    fn try_again(&self) -> Result<Arc<dyn Store>, StoreError> {
        let engine = (self.open)()?;
        let trial = |value| Row { table: Table::Server, key: TRIAL_KEY.to_vec(), value };
        // Not all alike, so that no layer beneath finds it easy to keep.
        let bytes = (0..TRIAL_BYTES).map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()[0]);
        for value in [Some(bytes.collect()), None] {
            engine.put(&[trial(value)])?;
            engine.make_durable()?;
        }
        Ok(engine)
    }

    /// Stages a write.
    fn stage(&self, write: impl FnOnce(&dyn Store) -> Result<(), StoreError>) -> Result<(), StoreError> {
        if self.state().torn {
            return Err(closed(TORN));
        }
        let written = self.write(write);
        let mut state = self.state();
        match &written {
            Ok(()) => state.staged += 1,
            // The flush that is still to come for what was staged before must not succeed on a fresh engine.
            Err(StoreError::NoRoom { .. }) => state.torn = std::mem::take(&mut state.staged) > 0,
            Err(_) => {}
        }
        written
    }

    /// Writes, and lets go of the engine when the disk takes nothing more.
    fn write(&self, write: impl FnOnce(&dyn Store) -> Result<(), StoreError>) -> Result<(), StoreError> {
        let engine = self.engine()?;
        let done = write(engine.as_ref());
        if let Err(error @ StoreError::NoRoom { .. }) = &done {
            let mut state = self.state();
            // A refusal of ours, while nothing is open, is no news.
            if matches!(state.engine, Engine::Open(_)) {
                tracing::error!(%error, "the disk takes nothing more; refusing until there is room");
                state.engine = Engine::Closed { why: error.to_string(), until: Instant::now() + self.pause };
            }
        }
        done
    }
}

fn closed(why: &str) -> StoreError {
    StoreError::no_room("go on", why)
}

impl std::fmt::Debug for Reopening {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reopening").finish_non_exhaustive()
    }
}

impl Store for Reopening {
    fn territories(&self) -> Result<Vec<TerritoryId>, StoreError> {
        self.engine()?.territories()
    }

    fn load(&self, territory: TerritoryId) -> Result<Option<Kept>, StoreError> {
        self.engine()?.load(territory)
    }

    fn append(&self, territory: TerritoryId, batch: &Batch) -> Result<(), StoreError> {
        self.stage(|engine| engine.append(territory, batch))
    }

    fn compact(&self, territory: TerritoryId, snapshot: &Snapshot) -> Result<(), StoreError> {
        self.stage(|engine| engine.compact(territory, snapshot))
    }

    fn feed(&self, territory: TerritoryId, after: u64, limit: usize) -> Result<Vec<FeedRow>, StoreError> {
        self.engine()?.feed(territory, after, limit)
    }

    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.engine()?.get(table, key)
    }

    fn scan(&self, table: Table) -> Result<Vec<KeyValue>, StoreError> {
        self.engine()?.scan(table)
    }

    fn losses(&self) -> Result<Vec<Loss>, StoreError> {
        self.engine()?.losses()
    }

    fn put(&self, rows: &[Row]) -> Result<(), StoreError> {
        self.stage(|engine| engine.put(rows))
    }

    fn make_durable(&self) -> Result<(), StoreError> {
        let torn = {
            let mut state = self.state();
            state.staged = 0;
            std::mem::take(&mut state.torn)
        };
        if torn { Err(closed(TORN)) } else { self.write(<dyn Store>::make_durable) }
    }
}
