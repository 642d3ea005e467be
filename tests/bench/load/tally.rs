//! What a row counts: edits, who saw them and after how long.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Instant;

use tokio::sync::Notify;

use crate::graph::{Graph, Id};
use crate::times::Times;

/// Everything that all clients of a row count together.
pub(crate) struct Tally {
    /// From an edit to one client's seeing it.
    pub(crate) times: RefCell<Times>,
    /// How many such pairs of edit and client there are when all goes well.
    pub(crate) expected: u64,
    /// Edits that everybody saw.
    complete: Cell<u64>,
    last_complete: Cell<Option<Instant>>,
    /// Clients that are connected and in step.
    ready: Cell<usize>,
    /// Those of them that need not answer each frame.
    sparing: Cell<usize>,
    /// Frames that were heard, and those that were sent.
    frames: Cell<(u64, u64)>,
    /// What went wrong with clients.
    failures: RefCell<Vec<String>>,
    /// Told whenever something was counted that somebody may wait for.
    changed: Notify,
}

impl Tally {
    /// Nothing counted yet.
    pub(crate) fn new(expected: u64) -> Rc<Self> {
        Rc::new(Self {
            times: RefCell::default(),
            expected,
            complete: Cell::new(0),
            last_complete: Cell::new(None),
            ready: Cell::new(0),
            sparing: Cell::new(0),
            frames: Cell::default(),
            failures: RefCell::default(),
            changed: Notify::new(),
        })
    }

    /// A client has these changes now; `others` is how many clients there are beside each change's maker.
    pub(crate) fn seen(&self, graph: &mut Graph, fresh: &[Id], others: u32) {
        let now = Instant::now();
        let mut times = self.times.borrow_mut();
        for id in fresh {
            let node = graph.node_mut(*id);
            node.seen += 1;
            let micros = now.saturating_duration_since(node.made).as_micros();
            times.add(u64::try_from(micros).unwrap_or(u64::MAX), 1);
            if node.seen == others {
                self.complete.set(self.complete.get() + 1);
                self.last_complete.set(Some(now));
            }
        }
        if times.count() >= self.expected {
            self.changed.notify_one();
        }
    }

    /// A client is connected and in step, and agreed to be sparing or not.
    pub(crate) fn ready(&self, sparing: bool) {
        self.ready.set(self.ready.get() + 1);
        self.sparing.set(self.sparing.get() + usize::from(sparing));
        self.changed.notify_one();
    }

    /// How many clients agreed with the server to be sparing.
    pub(crate) fn sparing(&self) -> usize {
        self.sparing.get()
    }

    /// A client heard a frame, or sent one.
    pub(crate) fn frame(&self, heard: u64, sent: u64) {
        let (all_heard, all_sent) = self.frames.get();
        self.frames.set((all_heard + heard, all_sent + sent));
    }

    /// Frames heard and sent.
    pub(crate) fn frames(&self) -> (u64, u64) {
        self.frames.get()
    }

    /// Does not count what connecting took.
    pub(crate) fn forget_frames(&self) {
        self.frames.set((0, 0));
    }

    /// The row begins without those who are not in step yet.
    pub(crate) fn late(&self) {
        self.failures.borrow_mut().push(format!("only {} clients were in step in time", self.ready.get()));
    }

    /// A client fell out.
    pub(crate) fn failed(&self, why: String) {
        self.failures.borrow_mut().push(why);
        self.changed.notify_one();
    }

    /// What went wrong so far.
    pub(crate) fn failures(&self) -> Vec<String> {
        self.failures.borrow().clone()
    }

    /// Waits until so many clients are ready or fell out.
    pub(crate) async fn until_ready(&self, clients: usize) {
        while self.ready.get() + self.failures.borrow().len() < clients {
            self.changed.notified().await;
        }
    }

    /// Waits until everybody saw everything.
    pub(crate) async fn until_all_seen(&self) {
        while self.times.borrow().count() < self.expected {
            self.changed.notified().await;
        }
    }

    /// Edits that everybody saw, and when the last of them was.
    pub(crate) fn complete(&self) -> (u64, Option<Instant>) {
        (self.complete.get(), self.last_complete.get())
    }
}
