//! A client's hand: its line, its part of the load, and the answers that its mind gives.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};
use tokio_tungstenite::tungstenite::Bytes;

use crate::base::Author;
use crate::graph::Graph;
use crate::socket::{Door, Line};
use crate::tally::Tally;
use crate::thin::Thin;
use crate::wire::Frame;

/// So many frames may stay unanswered where both sides agreed to be sparing.
const UNANSWERED_MAX: u32 = 63;

/// What all clients of one document share.
pub(crate) struct World {
    /// The change graph.
    pub(crate) graph: RefCell<Graph>,
    /// How many clients there are beside each change's maker.
    pub(crate) others: u32,
}

/// What a client does once everybody may begin.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Part {
    /// An edit a second, the first after `offset`.
    Steady { offset: Duration, edits: u32 },
    /// As fast as they go, each edit in a frame of its own, but no more than `window` that the server has not
    /// acknowledged yet.
    Window { edits: u32, window: usize },
    /// Nothing but to listen.
    Listen,
}

/// One client with everything it needs.
pub(crate) struct Client {
    pub(crate) world: Rc<World>,
    pub(crate) tally: Rc<Tally>,
    pub(crate) thin: Thin,
    pub(crate) author: Author,
    pub(crate) part: Part,
    /// When the row began, once it did.
    pub(crate) begin: watch::Receiver<Option<Instant>>,
    made: u32,
    unanswered: u32,
}

impl Client {
    /// A client that did nothing yet.
    pub(crate) fn new(
        (world, tally): (&Rc<World>, &Rc<Tally>),
        (thin, author): (Thin, Author),
        part: Part,
        begin: watch::Receiver<Option<Instant>>,
    ) -> Self {
        let (world, tally) = (Rc::clone(world), Rc::clone(tally));
        Self { world, tally, thin, author, part, begin, made: 0, unanswered: 0 }
    }

    /// Connects, gets in step, plays its part, and goes on listening until it is dropped.
    pub(crate) async fn run(mut self, door: Door, token: Option<String>, peer: String) {
        let end = match Line::open(&door, token.as_deref(), peer).await {
            Ok(mut line) => self.play(&mut line).await,
            Err(why) => why,
        };
        self.tally.failed(end);
    }

    /// Makes edits before there is a line.
    pub(crate) fn prepare(&mut self, edits: u32) {
        let graph = &mut self.world.graph.borrow_mut();
        for _ in 0..edits {
            let id = self.author.edit(graph, self.thin.heads());
            self.thin.make(graph, id);
        }
    }

    /// Gives why it ended; it does not end by itself.
    async fn play(&mut self, line: &mut Line) -> String {
        let greeting = self.thin.generate(&self.world.graph.borrow());
        line.say(&greeting.expect("the first message is always due"));
        let mut heard: Vec<Bytes> = Vec::new();
        let mut is_ready = false;
        let mut began = *self.begin.borrow();
        loop {
            let due = began.and_then(|began| self.due(began));
            let step = tokio::select! {
                biased;
                step = line.step(&mut heard) => step,
                () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => {
                    self.edit(line);
                    Ok(())
                }
                _ = self.begin.changed(), if began.is_none() => {
                    began = *self.begin.borrow();
                    Ok(())
                }
            };
            let step = step.and_then(|()| heard.drain(..).try_for_each(|bytes| self.hear(line, &bytes)));
            if let Err(why) = step {
                return why;
            }
            if !is_ready && self.thin.is_settled() {
                is_ready = true;
                self.tally.ready(line.sparing);
            }
        }
    }

    /// When the next edit is due.
    fn due(&self, began: Instant) -> Option<Instant> {
        match self.part {
            Part::Steady { offset, edits } => {
                (self.made < edits).then(|| began + offset + Duration::from_secs(1) * self.made)
            }
            Part::Window { edits, window } => {
                (self.made < edits && self.thin.unacknowledged() < window).then_some(began)
            }
            Part::Listen => None,
        }
    }

    fn edit(&mut self, line: &mut Line) {
        let at_once = match self.part {
            Part::Window { edits, window } => {
                let open = window.saturating_sub(self.thin.unacknowledged());
                u32::try_from(open).expect("a small window").min(edits - self.made)
            }
            Part::Steady { .. } | Part::Listen => 1,
        };
        for _ in 0..at_once {
            self.prepare(1);
            self.made += 1;
            if let Some(message) = self.thin.generate(&self.world.graph.borrow()) {
                line.say(&message);
                self.tally.frame(0, 1);
                self.unanswered = 0;
            }
        }
    }

    /// Takes a frame and answers it.
    fn hear(&mut self, line: &mut Line, bytes: &[u8]) -> Result<(), String> {
        let frame = Frame::read(bytes).ok_or("a frame that cannot be read")?;
        match frame.kind {
            b"sync" | b"request" => {}
            b"error" => return Err(String::from_utf8_lossy(frame.message).into_owned()),
            b"doc-unavailable" => return Err("the document is unavailable".to_owned()),
            _ => return Ok(()),
        }
        self.tally.frame(1, 0);
        let mut fresh = Vec::new();
        let graph = &mut self.world.graph.borrow_mut();
        let taken = self.thin.receive(graph, frame.data, &mut fresh);
        taken.ok_or("a sync message that cannot be followed")?;
        self.tally.seen(graph, &fresh, self.world.others);
        if line.sparing && self.unanswered < UNANSWERED_MAX && self.thin.may_be_silent(graph) {
            self.unanswered += 1;
            return Ok(());
        }
        if let Some(answer) = self.thin.generate(graph) {
            line.say(&answer);
            self.tally.frame(0, 1);
            self.unanswered = 0;
        }
        Ok(())
    }
}
