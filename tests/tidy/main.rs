//! The house rules as tests. Goal: what a reviewer would have to remember fails here instead, with the reason.
//!
//! Method: read the repository's own files ([`tree`]), understand just enough Rust ([`rust`]), and let each rule be
//! a plain function from files to a list of complaints. Every rule is also given something bad and must complain,
//! so that none of them is decoration.
//!
//! 1. [`layers`]: who may name what. 2. [`dependencies`]: what the minds pull in. 3. [`modules`]: dead files and
//!    import circles. 4. [`shape`]: sizes and introductions. 5. [`leftovers`]: markers, sleeps, this machine's paths.
//! 6. [`logging`]: what the log may never hold. 7. [`book`]: the docs in step with the code.
//!
//! A rule that stands in the way is changed here, in the open, with its reason; it is not worked around.

mod book;
mod dependencies;
mod layers;
mod leftovers;
mod logging;
mod modules;
mod rust;
mod shape;
mod tree;

/// Fails with every complaint and why the rule is there.
#[track_caller]
fn hold(complaints: &[String], why: &str) {
    assert!(complaints.is_empty(), "\n\n  {}\n\nWhy: {why}\n", complaints.join("\n  "));
}

/// Whether some complaint says this: how a rule's own test asks.
fn complains(complaints: &[String], of: &str) -> bool {
    complaints.iter().any(|complaint| complaint.contains(of))
}
