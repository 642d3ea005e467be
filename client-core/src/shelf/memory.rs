//! A shelf of memory, for tests and simulations. Clones share what they hold, as two runs share a disk.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::identity::Identity;
use super::{Crossed, Kept, ServerKnown, Shelf, ShelfError};

/// A shelf that forgets when its last clone is dropped.
#[derive(Debug, Clone, Default)]
pub struct MemoryShelf {
    kept: Arc<Mutex<Kept>>,
    /// After this many more writes the disk is full; `None` for a disk without end.
    room: Arc<Mutex<Option<usize>>>,
}

impl MemoryShelf {
    /// Lets this many more writes succeed; from then on the disk is full.
    pub fn room_for(&self, writes: Option<usize>) {
        *held(&self.room) = writes;
    }

    fn write(&self, change: impl FnOnce(&mut Kept)) -> Result<(), ShelfError> {
        let mut room = held(&self.room);
        match room.as_mut() {
            Some(0) => {
                let source = std::io::Error::from(std::io::ErrorKind::StorageFull);
                return Err(ShelfError::Full { path: "memory".into(), source });
            }
            Some(writes) => *writes -= 1,
            None => {}
        }
        change(&mut held(&self.kept));
        Ok(())
    }
}

impl Shelf for MemoryShelf {
    fn read(&mut self) -> Result<Kept, ShelfError> {
        Ok(held(&self.kept).clone())
    }

    fn keep(&mut self, changes: &[u8]) -> Result<(), ShelfError> {
        self.write(|kept| kept.changes.push(changes.to_vec()))
    }

    fn compact(&mut self, snapshot: &[u8]) -> Result<(), ShelfError> {
        self.write(|kept| {
            kept.snapshot = Some(snapshot.to_vec());
            kept.changes.clear();
        })
    }

    fn cross(&mut self, crossed: &Crossed, snapshot: &[u8]) -> Result<(), ShelfError> {
        self.write(|kept| {
            let (snapshot, crossed) = (Some(snapshot.to_vec()), Some(crossed.clone()));
            *kept = Kept { snapshot, crossed, ..Kept::default() };
        })
    }

    fn note(&mut self, server: &ServerKnown) -> Result<(), ShelfError> {
        self.write(|kept| kept.server = server.clone())
    }

    fn rename(&mut self, _identity: &Identity) -> Result<(), ShelfError> {
        // Who the device is, is told by whoever opens it.
        self.write(|_| ())
    }

    fn loose(&self) -> usize {
        held(&self.kept).changes.len()
    }
}

/// Nothing here panics while it holds a lock, so a poisoned one is as good as any.
fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
