//! Need, offer, coverage and gap of one territory, kept up to date edit by edit.
//!
//! A mind: no input or output, no clock, no randomness, no hash order. Read in this order:
//!
//! 1. [`statistics`] and [`resource`]: what comes in, the figures of the communes and a view of each structure;
//!    [`series`] and [`recipe`]: how those figures are put together from files; [`grade`]: how well they are known;
//! 2. [`fixed`]: the integers that every incremental sum is made of, and why they are not floats;
//! 3. [`need`]: fragility, exposure, and vulnerability as an interval; [`evidence`]: their grades;
//! 4. [`travel`] and [`matrix`]: minutes between two points, by the great circle or by the territory's own times;
//! 5. [`offer`], [`coverage`], [`access`], [`gap`]: one indicator a file, each a tally that structures enter and leave;
//! 6. [`portrait`] and [`delta`]: what goes out, the whole picture and what changed in it;
//! 7. [`engine`]: the only state, where an edit touches only what it can change;
//! 8. [`oracle`]: the same picture computed naively from nothing, which the engine must equal to the last bit;
//! 9. [`progress`]: the headline figures of one moment, to be kept;
//! 10. [`survey`]: the engine's figures at one moment, to be asked away from it: [`priority`] ranks the communes,
//!     [`siting`] looks for places among [`gains`], [`what_if`] tries them.
//!
//! Invariant: the portrait is a function of the statistics and the present structures, never of the order or the
//! number of the edits that led there. What is deliberately absent: the solver of siting, which reads a clock.

pub mod access;
pub mod coverage;
pub mod delta;
pub mod engine;
pub mod evidence;
pub mod fixed;
pub mod gains;
pub mod gap;
pub mod grade;
mod ground;
pub mod matrix;
pub mod missing;
pub mod need;
pub mod offer;
pub mod oracle;
pub mod portrait;
pub mod priority;
pub mod progress;
pub mod recipe;
pub mod resource;
pub mod series;
pub mod siting;
pub mod statistics;
pub mod survey;
pub mod travel;
pub mod what_if;

#[cfg(test)]
mod tests;
