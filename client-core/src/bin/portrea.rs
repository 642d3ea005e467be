//! The `portrea` command: a device on the command line. Everything is in the library, so that it can be tested.

use std::process::ExitCode;

fn main() -> ExitCode {
    portrea_client_core::cli::main()
}
