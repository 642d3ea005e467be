//! When to dial, when to give up, how long to wait. A mind: time and chance are handed in.
//!
//! ```text
//! Offline ─start→ Dialling ─opened→ Greeting ─welcomed→ Live
//!                    ↑ │               │                 │
//!                    │ └───── lost, or silent for too long ──→ signed out → SignedOut (for good)
//!                    └─────────── waited ─── BackingOff ←──┘ anything else
//! ```
//!
//! The link carries nothing. It is told what happened and answers with at most one thing to do; [`Link::wake`] says
//! when it wants to be told that time has passed. Whoever drives it tells it every loss exactly once; an event that
//! does not fit the state is a late one and is ignored.

use std::time::Duration;

use portrea_protocol::wire::refusal::Refusal;

/// The longest that opening a socket may take.
pub const DIALLING_MAX: Duration = Duration::from_secs(15);
/// The longest that the server may take to answer our `join`.
pub const GREETING_MAX: Duration = Duration::from_secs(15);
/// After this silence the server is asked whether it is still there.
pub const PING_AFTER: Duration = Duration::from_secs(20);
/// After this silence the server is taken for gone.
pub const SILENCE_MAX: Duration = Duration::from_secs(45);
/// The shortest wait before dialling again, whatever chance says.
pub const BACKOFF_MIN: Duration = Duration::from_millis(200);
/// What the first wait is drawn from; it doubles with each failure.
pub const BACKOFF_FIRST: Duration = Duration::from_secs(1);
/// The longest wait.
pub const BACKOFF_MAX: Duration = Duration::from_secs(60);
/// A connection that lived this long was a good one: failures before it are forgotten.
pub const STEADY_AFTER: Duration = Duration::from_secs(30);

/// Where the link stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// No network is wanted.
    Offline,
    /// A socket is being opened.
    Dialling,
    /// The socket is open; the server has not answered our `join` yet.
    Greeting,
    /// The server answered; sync messages flow.
    Live,
    /// The server could not be reached, or was lost; waiting before the next try.
    BackingOff,
    /// The server no longer knows this device. Nothing changes that but a new invitation.
    SignedOut,
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// The server is wanted, now: also ends a wait, when the network came back for instance.
    Start,
    /// The server is wanted no longer.
    Stop,
    /// The socket is open.
    Opened,
    /// The server answered our `join`.
    Welcomed,
    /// Something was heard: a frame, a ping, a pong.
    Heard,
    /// The socket could not be opened, or closed.
    Lost(Loss),
    /// Time has passed.
    Tick,
}

/// How the connection was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// Nobody answered, or the line broke.
    Broken,
    /// The server closed, with this websocket code.
    Closed(u16),
    /// The server does not accept our token (HTTP 401).
    Unauthorised,
}

/// What to do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Open a socket.
    Dial,
    /// Send `join`.
    Join,
    /// Send our first sync message.
    Greet,
    /// Send a websocket ping.
    Ping,
    /// Close the socket, or give up opening it.
    HangUp,
}

#[derive(Debug, Clone, Copy)]
enum State {
    Offline,
    Dialling { until: Duration },
    Greeting { until: Duration },
    Live { since: Duration, heard: Duration, pinged: bool },
    BackingOff { until: Duration },
    SignedOut,
}

/// The state machine. `now` is the time since some fixed moment, by a clock that never goes back.
#[derive(Debug, Clone)]
pub struct Link {
    state: State,
    /// Failures since the last good connection.
    failures: u32,
}

impl Default for Link {
    fn default() -> Self {
        Self { state: State::Offline, failures: 0 }
    }
}

impl Link {
    /// Where the link stands.
    pub fn phase(&self) -> Phase {
        match self.state {
            State::Offline => Phase::Offline,
            State::Dialling { .. } => Phase::Dialling,
            State::Greeting { .. } => Phase::Greeting,
            State::Live { .. } => Phase::Live,
            State::BackingOff { .. } => Phase::BackingOff,
            State::SignedOut => Phase::SignedOut,
        }
    }

    /// When the next [`Event::Tick`] is due; `None` when only something else can happen.
    pub fn wake(&self) -> Option<Duration> {
        match self.state {
            State::Offline | State::SignedOut => None,
            State::Dialling { until } | State::Greeting { until } | State::BackingOff { until } => {
                Some(until)
            }
            State::Live { heard, pinged: false, .. } => Some(heard + PING_AFTER),
            State::Live { heard, pinged: true, .. } => Some(heard + SILENCE_MAX),
        }
    }

    /// Takes what happened and says what to do. `chance` lies between 0 and 1 and spreads the waits of many devices.
    pub fn handle(&mut self, now: Duration, chance: f64, event: Event) -> Option<Action> {
        match self.state {
            State::SignedOut => None,
            State::Offline => (event == Event::Start).then(|| self.dial(now)),
            State::BackingOff { until } => match event {
                Event::Start => Some(self.dial(now)),
                Event::Tick if now >= until => Some(self.dial(now)),
                Event::Stop => {
                    self.state = State::Offline;
                    None
                }
                Event::Tick | Event::Opened | Event::Welcomed | Event::Heard | Event::Lost(_) => None,
            },
            State::Dialling { .. } | State::Greeting { .. } | State::Live { .. } => match event {
                Event::Stop => {
                    self.state = State::Offline;
                    Some(Action::HangUp)
                }
                Event::Lost(loss) => {
                    self.lost(now, chance, loss);
                    None
                }
                Event::Tick => self.tick(now, chance),
                Event::Start | Event::Opened | Event::Welcomed | Event::Heard => self.proceed(now, event),
            },
        }
    }

    /// There is a socket, or one is being opened, and it does well.
    fn proceed(&mut self, now: Duration, event: Event) -> Option<Action> {
        match (self.state, event) {
            (State::Dialling { .. }, Event::Opened) => {
                self.state = State::Greeting { until: now + GREETING_MAX };
                Some(Action::Join)
            }
            (State::Greeting { .. }, Event::Welcomed) => {
                self.state = State::Live { since: now, heard: now, pinged: false };
                Some(Action::Greet)
            }
            (State::Live { since, .. }, Event::Heard) => {
                self.state = State::Live { since, heard: now, pinged: false };
                None
            }
            _ => None,
        }
    }

    /// Time has passed while there is a socket, or while one is being opened.
    fn tick(&mut self, now: Duration, chance: f64) -> Option<Action> {
        let gone = match self.state {
            State::Dialling { until } | State::Greeting { until } => until,
            State::Live { since, heard, pinged } => {
                if !pinged && now >= heard + PING_AFTER && now < heard + SILENCE_MAX {
                    self.state = State::Live { since, heard, pinged: true };
                    return Some(Action::Ping);
                }
                heard + SILENCE_MAX
            }
            State::Offline | State::BackingOff { .. } | State::SignedOut => return None,
        };
        if now < gone {
            return None;
        }
        self.lost(now, chance, Loss::Broken);
        Some(Action::HangUp)
    }

    fn dial(&mut self, now: Duration) -> Action {
        self.state = State::Dialling { until: now + DIALLING_MAX };
        Action::Dial
    }

    fn lost(&mut self, now: Duration, chance: f64, loss: Loss) {
        if let State::Live { since, .. } = self.state
            && now >= since + STEADY_AFTER
        {
            self.failures = 0;
        }
        let ceiling = match manner(loss) {
            Manner::SignedOut => {
                self.state = State::SignedOut;
                return;
            }
            Manner::Patient => BACKOFF_MAX,
            Manner::Usual => {
                let doubled =
                    BACKOFF_FIRST.saturating_mul(1_u32.checked_shl(self.failures).unwrap_or(u32::MAX));
                doubled.min(BACKOFF_MAX)
            }
        };
        self.failures = (self.failures + 1).min(31);
        let chance = if chance.is_finite() { chance.clamp(0.0, 1.0) } else { 1.0 };
        self.state = State::BackingOff { until: now + ceiling.mul_f64(chance).max(BACKOFF_MIN) };
    }
}

/// How to take a loss.
enum Manner {
    /// Never dial again.
    SignedOut,
    /// What was refused will be refused again: no hurry.
    Patient,
    /// The usual waits.
    Usual,
}

fn manner(loss: Loss) -> Manner {
    let Loss::Closed(code) = loss else {
        return if loss == Loss::Unauthorised { Manner::SignedOut } else { Manner::Usual };
    };
    if code == Refusal::SignedOut.close_code() {
        Manner::SignedOut
    } else if PATIENT.iter().any(|refusal| refusal.close_code() == code) {
        Manner::Patient
    } else {
        Manner::Usual
    }
}

/// Refusals that dialling again soon would only repeat.
const PATIENT: [Refusal; 4] =
    [Refusal::Malformed, Refusal::FrameTooLarge, Refusal::SequenceReused, Refusal::Replaced];

#[cfg(test)]
mod tests;
