//! Has the release built again when the web application was.
//!
//! A debug build reads the application from the disk and has nothing to wait for. A folder that is missing counts as
//! changed, so a release without the application is looked at each time.

fn main() {
    let release = std::env::var("PROFILE").is_ok_and(|profile| profile == "release");
    let watched = if release { "web/dist" } else { "build.rs" };
    println!("cargo::rerun-if-changed={watched}");
}
