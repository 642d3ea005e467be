//! Goal: what is typed is understood as it is meant. Method: command lines as data.

use clap::FromArgMatches;
use clap::error::ErrorKind;

use super::{Args, command};
use crate::cli::words::Lang;

fn read(line: &[&str]) -> Result<Args, ErrorKind> {
    let typed = std::iter::once("portrea").chain(line.iter().copied());
    let matches = command(Lang::Fr).try_get_matches_from(typed).map_err(|error| error.kind())?;
    Ok(Args::from_arg_matches(&matches).unwrap())
}

#[test]
fn the_definition_is_sound() {
    command(Lang::Fr).debug_assert();
    command(Lang::En).debug_assert();
}

#[test]
fn command_lines_are_understood() {
    for (line, expected) in [
        (
            &["join", "http://h/join#t", "--name", "A"][..],
            "Join { link: \"http://h/join#t\", name: Some(\"A\") }",
        ),
        (&["status", "--json"], "Status"),
        (&["--offline", "sync"], "Sync { within: 30 }"),
        (
            &["add", "Lieu", "--family", "assist,train", "--set", "phone=1=2", "--set", "website="],
            "Add { name: \"Lieu\", commune: None, family: [\"assist\", \"train\"], set: [(\"phone\", \"1=2\"), (\"website\", \"\")] }",
        ),
        (
            &["set", "0193", "assist/weekly_hours", "-3"],
            "Set { id: \"0193\", path: \"assist/weekly_hours\", value: \"-3\", add: false, remove: false }",
        ),
        (
            &["set", "0193", "publics", "Jeunes", "--add"],
            "Set { id: \"0193\", path: \"publics\", value: \"Jeunes\", add: true, remove: false }",
        ),
        (
            &["set", "0193", "phone", ""],
            "Set { id: \"0193\", path: \"phone\", value: \"\", add: false, remove: false }",
        ),
        (&["confirm", "0193"], "Confirm { id: \"0193\", how: \"self\" }"),
        (&["watch", "--since", "4"], "Watch { since: Some(4) }"),
        (&["export", "--format", "geojson"], "Export { format: Geojson, output: None, archived: false }"),
    ] {
        let args = read(line).unwrap_or_else(|kind| panic!("{line:?}: {kind:?}"));
        assert_eq!(format!("{:?}", args.command), expected);
    }
}

#[test]
fn wrong_calls_are_told_apart() {
    for (line, expected) in [
        (&[][..], ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand),
        (&["--help"], ErrorKind::DisplayHelp),
        (&["set", "--help"], ErrorKind::DisplayHelp),
        (&["--version"], ErrorKind::DisplayVersion),
        (&["fly"], ErrorKind::InvalidSubcommand),
        (&["add"], ErrorKind::MissingRequiredArgument),
        (&["archive", "0193"], ErrorKind::MissingRequiredArgument),
        (&["add", "Lieu", "--family", "dance"], ErrorKind::InvalidValue),
        (&["add", "Lieu", "--set", "phone"], ErrorKind::ValueValidation),
        (&["confirm", "0193", "--how", "dream"], ErrorKind::InvalidValue),
        (&["set", "0193", "publics", "x", "--add", "--remove"], ErrorKind::ArgumentConflict),
        (&["export", "--format", "pdf"], ErrorKind::InvalidValue),
        (&["status", "--lang", "de"], ErrorKind::InvalidValue),
    ] {
        assert_eq!(read(line).unwrap_err(), expected, "{line:?}");
    }
}
