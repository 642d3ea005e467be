//! The answers of a peer that say nothing new, kept back from the territory.
//!
//! A stock client answers each piece of news with its heads: among four hundred peers, an edit costs four hundred
//! answers. Where the heads are those that the peer was just told, the territory learns nothing from them. The last
//! such answer is kept all the same, for when the territory asks itself how far a peer has come.

use std::collections::VecDeque;
use std::sync::Arc;

use portrea_protocol::wire::sync::{adds_nothing, peek};

/// News whose answer may still be under way. An answer to older news goes to the territory, which takes it just as well.
const TOLD_MAX: usize = 64;

/// What a peer was told last, and the answer of its that was kept back.
#[derive(Debug, Default)]
pub(super) struct Answers {
    /// The news, the oldest first; shared by all peers that were sent them.
    told: VecDeque<Arc<[u8]>>,
    kept_back: Option<Vec<u8>>,
}

impl Answers {
    /// News went to the peer.
    pub(super) fn news(&mut self, message: &Arc<[u8]>) {
        if self.told.len() == TOLD_MAX {
            self.told.pop_front();
        }
        self.told.push_back(Arc::clone(message));
    }

    /// The peer is dealt with by itself: the territory waits for its next answer, whatever it says.
    pub(super) fn alone(&mut self) {
        self.told.clear();
    }

    /// A message of the peer: given back when the territory must hear it.
    pub(super) fn hear(&mut self, message: Vec<u8>) -> Option<Vec<u8>> {
        let said = peek(&message).filter(adds_nothing);
        let news = said.and_then(|said| self.told.iter().position(|told| said.has_heads_of(told)));
        if let Some(news) = news {
            // A peer never goes back to what it had before.
            self.told.drain(..news);
            self.kept_back = Some(message);
            return None;
        }
        // It tells newer heads than what was kept back.
        self.kept_back = None;
        Some(message)
    }

    /// The answer that was kept back, if there is one.
    pub(super) fn take(&mut self) -> Option<Vec<u8>> {
        self.kept_back.take()
    }
}

#[cfg(test)]
mod tests {
    use automerge::ChangeHash;
    use portrea_protocol::wire::sync::steady;

    use super::*;

    fn with_heads(heads: u8) -> Vec<u8> {
        steady(&[ChangeHash([heads; 32])], Vec::new(), false)
    }

    #[test]
    fn an_answer_with_the_heads_that_were_told_is_kept_back() {
        let mut answers = Answers::default();
        for heads in [1, 2, 3] {
            answers.news(&with_heads(heads).into());
        }
        assert_eq!(answers.hear(with_heads(2)), None, "news may be answered late");
        assert_eq!(answers.take(), Some(with_heads(2)));
        assert_eq!(answers.take(), None);
        assert_eq!(answers.hear(with_heads(1)), Some(with_heads(1)), "nor does a peer go back");
        assert_eq!(answers.hear(with_heads(3)), None);
        assert_eq!(answers.hear(with_heads(9)), Some(with_heads(9)), "these heads were not told");
        assert_eq!(answers.take(), None, "a newer message was passed on");
    }

    #[test]
    fn what_brings_or_asks_something_is_passed_on() {
        let mut answers = Answers::default();
        answers.news(&with_heads(1).into());
        let brings = steady(&[ChangeHash([1; 32])], vec![vec![0]], false);
        assert_eq!(answers.hear(brings.clone()), Some(brings));
        assert_eq!(answers.hear(b"no message".to_vec()), Some(b"no message".to_vec()));
        answers.alone();
        assert_eq!(answers.hear(with_heads(1)), Some(with_heads(1)), "the territory waits for this one");
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let mut answers = Answers::default();
        for heads in 0..=u8::MAX {
            answers.news(&with_heads(heads).into());
        }
        assert_eq!(answers.told.len(), TOLD_MAX);
        assert_eq!(answers.hear(with_heads(0)), Some(with_heads(0)));
        assert_eq!(answers.hear(with_heads(u8::MAX)), None);
    }
}
