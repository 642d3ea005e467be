//! The `portrea-server` command: reads the command line, picks the store, runs.

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use portrea_server::cli::Cli;
use portrea_server::settings::Settings;
use portrea_server::store::reopening::Reopening;
use portrea_server::store::sled::SledStore;
use portrea_server::store::{Store, StoreError};

/// A document that is loaded afresh is for a moment there three times. The system's allocator keeps that memory for good; this one
/// gives it back after some seconds.
#[cfg(target_os = "linux")]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> anyhow::Result<ExitCode> {
    let cli = Cli::read();
    cli.log();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.context("the runtime could not start")?;
    let exit = runtime.block_on(cli.run(open));
    // What is still read for somebody who is gone does not keep the process.
    runtime.shutdown_background();
    Ok(exit)
}

fn open(settings: &Settings) -> Result<Arc<dyn Store>, StoreError> {
    let (dir, cache_bytes) = (settings.data.clone(), settings.cache_bytes);
    let open = move || Ok(Arc::new(SledStore::open_with(&dir, cache_bytes)?) as Arc<dyn Store>);
    Ok(Arc::new(Reopening::open(open)?))
}
