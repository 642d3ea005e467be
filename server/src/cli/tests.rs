//! Command lines, right and wrong.

#![allow(clippy::unwrap_used, clippy::wildcard_enum_match_arm)]

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};
use portrea_protocol::people::Role;

use super::arguments::{Cli, Command, In, TerritoryCommand};
use super::{CliError, Lang, erasure};
use crate::admin::command::AdminCommand;
use crate::admin::erasure::{Erased, Erasure};

const ID: &str = "01917f3e-0000-7000-8000-000000000001";

fn parsed(line: &str) -> Result<Cli, ErrorKind> {
    let words = std::iter::once("portrea-server").chain(line.split_whitespace());
    let words = words.map(|word| if word == "ID" { ID } else { word });
    Cli::try_parse_from(words).map_err(|error| error.kind())
}

#[test]
fn the_command_line_is_well_made() {
    Cli::command().debug_assert();
}

/// Goal: every command shows how it is used. Method: the help of each, subcommands included.
#[test]
fn every_help_has_examples() {
    let root = Cli::command();
    let nested = root.get_subcommands().flat_map(clap::Command::get_subcommands);
    for command in root.get_subcommands().chain(nested) {
        let help = command.clone().render_long_help().to_string();
        let example = ["list", "territory", "needs", "people", "invitation", "quarantine"]
            .contains(&command.get_name())
            || help.contains("Examples:\n  portrea-server");
        assert!(example, "{}", command.get_name());
    }
}

#[test]
fn wrong_calls_are_told_from_right_ones() {
    use ErrorKind::{
        DisplayHelp, InvalidSubcommand, InvalidValue, MissingRequiredArgument, UnknownArgument,
        ValueValidation,
    };
    for (line, expected) in [
        ("demo", None),
        ("demo --listen 127.0.0.1:9000 --data d", None),
        ("demo --listen here", Some(ValueValidation)),
        ("serve --data d", None),
        ("serve --data d --listen [::1]:80 --base-url https://p.example.org", None),
        ("serve --settings f.toml", None),
        ("serve", Some(MissingRequiredArgument)),
        ("serve --help", Some(DisplayHelp)),
        ("territory create --data d --name N --communes f", None),
        ("territory create --data d --name N --communes f --needs a --needs b --json", None),
        ("territory create --data d --name N", Some(MissingRequiredArgument)),
        ("territory list --data d --lang en", None),
        ("--json territory list --data d", None),
        ("territory list --data d --lang de", Some(InvalidValue)),
        ("invite --data d --territory ID --role contributor", None),
        ("invite --data d --territory ID --role reader --uses 3 --expires 12h", None),
        ("invite --data d --territory ID --role reader --uses 0", Some(ValueValidation)),
        ("invite --data d --territory ID --role reader --expires soon", Some(ValueValidation)),
        ("invite --data d --territory ID --role boss", Some(ValueValidation)),
        ("invite --data d --territory 12 --role reader", Some(ValueValidation)),
        ("import --data d --territory ID f", None),
        ("import --data d --territory ID f --format france-services --dry-run", None),
        ("import --data d --territory ID f --format xml", Some(InvalidValue)),
        ("import --data d --territory ID", Some(MissingRequiredArgument)),
        ("needs import --data d --territory ID a b", None),
        (
            "needs import --data d --territory ID a --passage p --producer X --vintage 2019 --replace --dry-run",
            None,
        ),
        ("needs import --data d --territory ID a --vintage 12", Some(ValueValidation)),
        ("needs import --data d --territory ID", Some(MissingRequiredArgument)),
        ("needs show --data d --territory ID --json", None),
        ("needs recipe --data d --territory ID", None),
        ("needs recipe --data d --territory ID --set f --default", Some(ErrorKind::ArgumentConflict)),
        ("export --data d --territory ID --format csv --output f", None),
        ("export --data d --territory ID", Some(MissingRequiredArgument)),
        ("export --data d --territory ID --format pdf", Some(InvalidValue)),
        ("verify --data d --json", None),
        ("verify --data d --fast", Some(UnknownArgument)),
        ("completions fish", None),
        ("completions", Some(MissingRequiredArgument)),
        ("backup --data d f", None),
        ("purge --data d --territory ID --value S:phone --dry-run", None),
        ("purge --data d --territory ID --value phone", Some(ValueValidation)),
        ("purge --data d --territory ID --record S --yes", None),
        ("purge --data d --territory ID --helper S:H", None),
        ("purge --data d --territory ID --contributor ID", None),
        ("purge --data d --territory ID", Some(MissingRequiredArgument)),
        ("purge --data d --territory ID --record S --helper S:H", Some(ErrorKind::ArgumentConflict)),
        ("epoch --data d --territory ID --keep-months 24", None),
        ("epoch --data d --territory ID", Some(MissingRequiredArgument)),
        ("compact --data d", None),
        ("erase", Some(InvalidSubcommand)),
    ] {
        assert_eq!(parsed(line).err(), expected, "{line}");
    }
}

#[test]
fn words_become_commands() {
    let cli = parsed("invite --data d --territory ID --role referent --expires 2d --lang en").unwrap();
    assert_eq!(cli.lang, Some(Lang::En));
    let Command::Invite(invite) = cli.command else { panic!() };
    let territory = ID.parse().unwrap();
    let lasts_ms = 2 * 24 * 3_600 * 1_000;
    assert_eq!(
        invite.command().1,
        AdminCommand::Invite { territory, role: Role::Referent, uses: None, lasts_ms, mail: Vec::new() }
    );
    for (word, expected) in
        [("csv", In::Portrea), ("portrea", In::Portrea), ("france-services", In::FranceServices)]
    {
        let Command::Import(import) =
            parsed(&format!("import --data d --territory ID f --format {word}")).unwrap().command
        else {
            panic!()
        };
        assert_eq!(import.format, Some(expected));
    }
}

/// Goal: what comes later is refused as a wrong call, in plain words. Method: one line each.
#[test]
fn what_comes_later_is_refused_clearly() {
    for (line, what) in [
        ("import --data d --territory ID f --format lmn", "--format lmn"),
        ("import --data d --territory ID f --format geojson", "--format geojson"),
        ("import --data d --territory ID f --mapping m", "--mapping"),
        ("export --data d --territory ID --format lmn", "--format lmn"),
        ("export --data d --territory ID --format data-inclusion", "--format data-inclusion"),
        ("export --data d --territory ID --format hsds", "--format hsds"),
    ] {
        let refused = match parsed(line).unwrap().command {
            Command::Territory(TerritoryCommand::Create(create)) => create.command().map(drop),
            Command::Import(import) => import.command().map(drop),
            Command::Export(export) => export.command().map(drop),
            other => panic!("{other:?}"),
        };
        let Err(CliError::Call(said)) = refused else { panic!("{line}") };
        assert!(said.en.contains(what) && said.fr.contains(what), "{line}");
    }
}

#[test]
fn a_file_that_is_missing_is_named() {
    let Command::Import(import) =
        parsed("import --data d --territory ID nowhere/places.csv").unwrap().command
    else {
        panic!()
    };
    let Err(CliError::Work(failure)) = import.command().map(drop) else { panic!() };
    assert_eq!(failure.code, "unreadable-file");
    assert!(failure.said.fr.contains("nowhere/places.csv"));
}

/// Goal: whoever erases is told when the files hold it yet, asked a second time too, when there is nothing left to erase.
#[test]
fn files_that_hold_it_yet_are_told() {
    let erased = |operations: usize, dry_run: bool, files_rebuilt: bool| Erased {
        territory: ID.parse().unwrap(),
        what: Erasure::Record(ID.into()),
        dry_run,
        found: portrea_territory::erasure::Counts { operations, ..Default::default() },
        epoch: 1,
        document: String::new(),
        document_bytes_before: 1,
        document_bytes: 1,
        signed_out: 0,
        files_rebuilt,
    };
    for (operations, dry_run, files_rebuilt, told) in [
        (3, false, true, false),
        (3, false, false, true),
        (0, false, false, true),
        (0, false, true, false),
        (0, true, false, false),
        (3, true, false, false),
    ] {
        let erased = erased(operations, dry_run, files_rebuilt);
        let text = erasure::text(Lang::En, &erased);
        assert_eq!(text.contains("portrea-server compact"), told, "{text}");
        let text = erasure::text(Lang::Fr, &erased);
        assert_eq!(text.contains("Faites de la place"), told, "{text}");
    }
}
