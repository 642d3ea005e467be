//! The `portrea-server` command.
fn main() {}
