//! Open data in and out: what files say, as values.
//!
//! Everything here is pure: bytes in, values out; whoever calls reads and writes the files. In: a territory's
//! communes ([`territory_file`]), statistics ([`needs`]), travel times ([`travel_times`]), places ([`france_services`], [`portrea_csv`]), the latter
//! two through one [`plan`]. Out: [`csv_out`], [`geojson`], [`json`], [`communes_out`], figures in
//! [`sheet`].
//!
//! Invariants. A file that is broken gives a [`finding::FileError`] that says where and what to do, and changes
//! nothing. What is odd in a file that can be read gives [`finding::FileFinding`]s; a value that was not taken is
//! always one of them. Importing the same file twice changes nothing the second time, and an import never overwrites
//! what somebody wrote. Each reader holds its whole file in memory: the caller bounds its size.

#[cfg(test)]
mod bench;
pub mod communes_out;
pub mod contact;
pub mod csv_out;
pub mod encoding;
pub mod export;
pub mod finding;
pub mod france_services;
pub mod geojson;
pub mod geometry;
pub mod hours;
pub mod json;
pub mod locate;
pub mod matching;
pub mod needs;
pub mod plan;
pub mod portrea_csv;
pub mod sheet;
pub mod statistics;
pub mod table;
pub mod territory_file;
pub mod travel_times;
pub mod words;

/// A file of the shared data that real-file tests read; `None` where a machine does not have it.
#[cfg(test)]
fn shared_data(path: &str) -> Option<Vec<u8>> {
    let folder = std::env::var_os("PORTREA_SHARED_DATA").map_or_else(
        || std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"),
        Into::into,
    );
    let bytes = std::fs::read(folder.join(path)).ok();
    if bytes.is_none() {
        println!("not run: no shared data");
    }
    bytes
}
