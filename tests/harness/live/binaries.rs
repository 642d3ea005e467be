//! The programs under test, built once a process by the cargo that runs the tests, with the same profile and into the
//! same folder: a fresh checkout needs no command but `cargo test`.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// One of the programs, with nothing of ours in its environment, speaking English.
pub fn command(program: &str) -> Command {
    let mut command = Command::new(folder().join(program));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("PORTREA_") {
            command.env_remove(name);
        }
    }
    command.env("LC_ALL", "en_GB.UTF-8").env("NO_PROXY", "127.0.0.1");
    command
}

/// Where the programs stand.
fn folder() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(build)
}

fn build() -> PathBuf {
    let test = std::env::current_exe().expect("a test knows where it stands");
    // target/<profile>/deps/<test>
    let folder = test.ancestors().nth(2).expect("tests stand in a folder of their profile");
    let target = folder.parent().expect("a profile's folder stands in the target folder");
    let profile = match folder.file_name().and_then(|name| name.to_str()) {
        Some("debug") | None => "dev",
        Some(profile) => profile,
    };
    let built = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        // Tests too, so that cargo chooses the same features of dependencies as for the tests at hand, and builds none twice.
        .args(["build", "--quiet", "--workspace", "--bins", "--tests"])
        .args(["--profile", profile, "--target-dir"])
        .arg(target)
        .status()
        .expect("cargo runs");
    assert!(built.success(), "portrea-server and portrea do not build");
    folder.to_owned()
}
