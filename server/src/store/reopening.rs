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
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use portrea_protocol::ids::TerritoryId;
use portrea_territory::chunk::{Batch, Epoch, FeedRow, Kept, Snapshot};

use super::{KeyValue, Loss, Row, Store, StoreError, Table};

/// How long the store is left alone after it failed, or failed to open again.
const PAUSE: Duration = Duration::from_secs(1);
/// How long an engine that was copied is waited for, and how long at a time.
const READERS_WAIT: Duration = Duration::from_secs(30);
const READERS_PAUSE: Duration = Duration::from_millis(1);
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
    /// Wakes whoever waits for an engine that is being exchanged.
    exchanged: Condvar,
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
    /// Its copy is taking its place, which takes a moment: whoever reads waits.
    Exchanging,
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
        Ok(Self { open: Box::new(open), pause, state, exchanged: Condvar::new() })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The engine, opened again when its time has come.
    fn engine(&self) -> Result<Arc<dyn Store>, StoreError> {
        let why = {
            let mut state = self.state();
            while matches!(state.engine, Engine::Exchanging) {
                state = self.exchanged.wait(state).unwrap_or_else(PoisonError::into_inner);
            }
            let why = match &state.engine {
                Engine::Open(engine) => return Ok(Arc::clone(engine)),
                Engine::Closed { why, until } if Instant::now() >= *until => why.clone(),
                Engine::Closed { why, .. } | Engine::Opening { why } => return Err(closed(why)),
                Engine::Exchanging => return Err(closed("its copy takes its place")),
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

    /// Lets go of an engine that was copied, and opens the copy.
    fn exchange(&self, engine: Arc<dyn Store>) -> Result<(), StoreError> {
        self.state().engine = Engine::Exchanging;
        // Whoever still reads from it holds its files.
        let given_up = Instant::now() + READERS_WAIT;
        while Arc::strong_count(&engine) > 1 && Instant::now() < given_up {
            std::thread::sleep(READERS_PAUSE);
        }
        drop(engine);
        let opened = catch_unwind(AssertUnwindSafe(|| (self.open)()))
            .unwrap_or_else(|_| Err(StoreError::engine("open its copy", "it panicked")));
        let mut state = self.state();
        let opened = match opened {
            Ok(engine) => {
                state.engine = Engine::Open(engine);
                Ok(())
            }
            Err(error) => {
                tracing::error!(%error, "the store's copy cannot be opened yet");
                state.engine = Engine::Closed { why: error.to_string(), until: Instant::now() + self.pause };
                Err(error)
            }
        };
        self.exchanged.notify_all();
        opened
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

    fn begin_epoch(&self, territory: TerritoryId, epoch: &Epoch, rows: &[Row]) -> Result<(), StoreError> {
        self.stage(|engine| engine.begin_epoch(territory, epoch, rows))
    }

    fn epoch(&self, territory: TerritoryId) -> Result<u32, StoreError> {
        self.engine()?.epoch(territory)
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

    fn rebuild(&self, tell: &mut dyn FnMut(u64, u64)) -> Result<(), StoreError> {
        self.make_durable()?;
        let engine = self.engine()?;
        // A copy that found no room leaves the engine as it was.
        engine.rebuild(tell)?;
        self.exchange(engine)
    }
}
