//! What the world does for each [fault](crate::fault), and how the evening undoes it.

use portrea_client_core::link;

use super::{Event, World};
use crate::fault::Fault;
use crate::seed::Seed;

const MINUTE: u64 = 60_000;
const HOUR_MS: i64 = 3_600_000;
const YEAR_MS: i64 = 365 * 24 * HOUR_MS;

/// By how much a clock is wrong: it shows 1970, is years or hours off, or stands at the end of what can be written.
fn clock_error(chance: &mut Seed) -> i64 {
    let some = |chance: &mut Seed, unit: i64| unit * chance.between(1, 20).cast_signed();
    match chance.below(6) {
        0 => -super::MORNING,
        1 => -some(chance, YEAR_MS),
        2 => some(chance, YEAR_MS),
        3 => some(chance, 1_000 * YEAR_MS),
        4 => -some(chance, HOUR_MS),
        _ => 0,
    }
}

impl World {
    pub(super) fn goes_wrong(&mut self, fault: Fault, device: usize, draw: u64) {
        let chance = &mut Seed::new(draw);
        let connection = self.device(device).connection;
        match fault {
            Fault::Delayed
            | Fault::Duplicated
            | Fault::Overtaking
            | Fault::DiesUnsent
            | Fault::DiesUnkept
            | Fault::ShelfFull => self.device(device).armed.push((fault, draw)),
            Fault::Cut => connection.into_iter().for_each(|connection| self.breaks(connection)),
            Fault::HalfOpen => {
                let line = connection.and_then(|connection| self.server.connections.get_mut(&connection));
                if let Some(line) = line {
                    let which = chance.below(3);
                    line.dark_up |= which != 0;
                    line.dark_down |= which != 1;
                }
            }
            Fault::SlowReader => {
                if let Some(connection) = connection
                    && let Some(line) = self.server.connections.get_mut(&connection)
                {
                    line.stalled = true;
                    self.after(chance.between(1_000, 40_000), Event::Drain(connection));
                }
            }
            Fault::Away => self.goes_away(device, chance),
            Fault::SwitchedOff => self.restarts(device),
            Fault::DeviceClock => self.device(device).clock_error = clock_error(chance),
            Fault::ServerClock => self.server.clock_error = clock_error(chance),
            Fault::ServerDies => self.server_dies(draw),
            Fault::DiesBeforeReply
            | Fault::TornWrite
            | Fault::DiesCompacting
            | Fault::FailedWrite
            | Fault::FailedFlush => self.server.armed.push((fault, draw)),
            Fault::DiskFull => {
                self.server.disk.full = true;
                self.after(chance.between(MINUTE / 6, 4 * MINUTE), Event::Room);
            }
            Fault::IdleOut => {
                for device in 0..self.devices.len() {
                    if self.device(device).joined {
                        self.link(device, link::Event::Stop);
                        let back = chance.between(2 * MINUTE, 4 * MINUTE);
                        self.after(back, Event::Returns(device));
                    }
                }
            }
        }
    }

    /// Out of reach: half of the devices know it and hang up, the others dial in vain.
    fn goes_away(&mut self, device: usize, chance: &mut Seed) {
        if !self.device(device).joined {
            return;
        }
        if chance.chance(50) {
            self.link(device, link::Event::Stop);
        } else {
            let connection = self.device(device).connection;
            self.device(device).out_of_reach = true;
            if let Some(line) = connection.and_then(|connection| self.server.connections.get_mut(&connection))
            {
                (line.dark_up, line.dark_down) = (true, true);
            }
        }
        if chance.chance(75) {
            self.after(chance.between(MINUTE, 15 * MINUTE), Event::Returns(device));
        }
    }

    pub(super) fn returns(&mut self, device: usize) {
        let at = self.device(device);
        at.out_of_reach = false;
        if at.joined {
            self.link(device, link::Event::Start);
        }
    }

    /// The evening: there is room, nothing waits for its occasion any more, and everybody is in reach.
    pub(super) fn calms(&mut self) {
        self.note(|| "evening".to_owned());
        self.calm = true;
        self.server.disk.full = false;
        self.server.armed.clear();
        let stalled: Vec<u64> = self.server.stalled();
        for connection in stalled {
            self.drains(connection);
        }
        for device in 0..self.devices.len() {
            self.device(device).armed.clear();
            self.returns(device);
        }
    }
}
