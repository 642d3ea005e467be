//! A line of the table, for the terminal and for the page.

use crate::figures::Figures;
use crate::rows::Row;
use crate::servers::Who;

/// Cells of a line.
const COLUMNS: usize = 12;

/// What stands above the columns.
pub(crate) const HEAD: [&str; COLUMNS] = [
    "row",
    "server",
    "p50 ms",
    "p99 ms",
    "seen",
    "edits/s",
    "done s",
    "server CPU s",
    "peak MB",
    "driver CPU",
    "speed to H.",
    "besides",
];

/// Where a line is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// In columns of the same width.
    Terminal,
    /// As Markdown.
    Page,
}

/// The figures of a row; `speed` is how they stand beside Hocuspocus.
pub(crate) fn line(row: Row, who: Who, figures: &Figures, speed: Option<f64>, form: Form) -> String {
    let what = if form == Form::Page { row.what } else { row.name };
    let number = |value: Option<f64>| value.map_or_else(|| "—".to_owned(), short);
    // Rounded down, so that 100 % means all.
    let percent = |share: f64| format!("{} %", short((share * 1_000.0).floor() / 10.0));
    let besides = figures.besides.iter().map(|(name, value)| {
        let (name, unit) = name.rsplit_once(' ').unwrap_or((name, ""));
        format!("{name} {} {unit}", short(*value))
    });
    cells(
        &[
            what.to_owned(),
            who.name().to_owned(),
            number(figures.p50_ms),
            number(figures.p99_ms),
            percent(figures.seen_share),
            number(figures.edits_a_second),
            number(figures.done_seconds),
            format!("{:.2}", figures.usage.server_seconds),
            short(figures.usage.peak_bytes / 1e6),
            percent(figures.usage.driver_share),
            number(speed),
            besides.collect::<Vec<_>>().join(", "),
        ],
        form,
    )
}

/// The line above the lines.
pub(crate) fn head(form: Form) -> String {
    cells(&HEAD.map(str::to_owned), form)
}

/// What Markdown wants below the head.
pub(crate) fn rule() -> String {
    let mut rules = ["--:"; COLUMNS];
    (rules[0], rules[1], rules[COLUMNS - 1]) = ("---", "---", "---");
    cells(&rules.map(str::to_owned), Form::Page)
}

/// Three figures, or as many as stand before the point.
fn short(value: f64) -> String {
    match value {
        value if value >= 99.95 => format!("{value:.0}"),
        value if value >= 9.95 || value.fract() == 0.0 => {
            let text = format!("{value:.1}");
            text.trim_end_matches(".0").to_owned()
        }
        value => format!("{value:.2}"),
    }
}

fn cells(cells: &[String; COLUMNS], form: Form) -> String {
    if form == Form::Page {
        return format!("| {} |", cells.join(" | "));
    }
    let widths = [14, 16, 7, 7, 6, 7, 6, 12, 7, 10, 11, 0];
    let padded = cells.iter().zip(widths).enumerate().map(|(column, (cell, width))| {
        if column < 2 { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
    });
    padded.collect::<Vec<_>>().join("  ")
}
