//! How many are here under one key: connections of an address, of a device.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Counts who is here, up to so many a key.
#[derive(Debug)]
pub struct Crowd<K> {
    here: Arc<Mutex<BTreeMap<K, usize>>>,
    most: usize,
}

/// A place in the crowd, given back when it is dropped.
#[derive(Debug)]
pub struct Here<K: Ord> {
    key: K,
    here: Arc<Mutex<BTreeMap<K, usize>>>,
}

impl<K: Ord + Clone> Crowd<K> {
    /// Nobody is here yet.
    pub fn new(most: usize) -> Self {
        Self { here: Arc::default(), most }
    }

    /// Takes a place; `None` when all of this key's are taken.
    pub fn enter(&self, key: &K) -> Option<Here<K>> {
        let mut all = self.here.lock().unwrap_or_else(PoisonError::into_inner);
        let count = all.get(key).copied().unwrap_or_default();
        if count >= self.most {
            return None;
        }
        all.insert(key.clone(), count + 1);
        Some(Here { key: key.clone(), here: Arc::clone(&self.here) })
    }
}

impl<K: Ord> Drop for Here<K> {
    fn drop(&mut self) {
        let mut all = self.here.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(count) = all.get_mut(&self.key) else { return };
        *count -= 1;
        if *count == 0 {
            all.remove(&self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Goal: so many a key, others are not in the way, and who leaves makes room. Method: two of each.
    #[test]
    fn who_leaves_makes_room() {
        let crowd = Crowd::new(2);
        let one = crowd.enter(&1);
        let _two = crowd.enter(&1);
        assert!(one.is_some() && crowd.enter(&1).is_none() && crowd.enter(&2).is_some());
        drop(one);
        assert!(crowd.enter(&1).is_some());
        assert_eq!(crowd.here.lock().map(|all| all.len()).unwrap_or_default(), 1);
    }
}
