//! Where the data are, as every command says it.

use std::path::PathBuf;

use clap::Args;

use super::{CliError, catalogue};
use crate::mail::Mail;
use crate::settings::Settings;

/// Refuses settings of a mail server that could not be used, before anything is done.
pub(super) fn check_mail(settings: &Settings) -> Result<(), CliError> {
    Mail::of(settings).map(drop).map_err(|why| CliError::Call(catalogue::bad_mail(&why)))
}

/// Where the data are.
#[derive(Debug, Args)]
pub(super) struct Place {
    /// The data directory
    #[arg(long, value_name = "DIR", env = "PORTREA_DATA", required_unless_present = "settings")]
    data: Option<PathBuf>,
    /// A TOML file of settings
    #[arg(long, value_name = "FILE", env = "PORTREA_SETTINGS")]
    settings: Option<PathBuf>,
}

impl Place {
    /// The settings: defaults, the file, the variables, and the data directory of the command line over them.
    pub(super) fn settings(self) -> Result<Settings, CliError> {
        let read = Settings::read(self.settings.as_deref(), std::env::vars());
        let mut settings = read.map_err(|error| CliError::Call(catalogue::bad_settings(&error)))?;
        if let Some(data) = self.data {
            settings.data = data;
        }
        check_mail(&settings)?;
        Ok(settings)
    }
}
