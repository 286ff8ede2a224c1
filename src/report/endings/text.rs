//! The table for people.

use std::fmt::Write as _;

use unicode_width::UnicodeWidthStr as _;

use super::{Row, rows, totals};
use crate::{
    report::{
        Expiry, Fleet, Status,
        text::{Symbols, style},
    },
    text as clean,
};

/// The widest that a column of foreign text gets.
const LIMIT: usize = 48;

const HEADER: [&str; 7] = ["", "ends", "tenant", "kind", "which", "role", "date from"];

/// Returns the table, the notes on what counts, and a closing line; styles are ANSI sequences.
pub fn text(fleet: &Fleet, symbols: Symbols) -> String {
    let now = fleet.generated_at;
    let rows = rows(fleet);
    let cells: Vec<[String; 7]> = rows
        .iter()
        .map(|row| {
            [
                symbols.status(status(row)).to_owned(),
                row.end(now),
                short(&clean::line(row.report.name.as_str())),
                crate::report::words::kind(row.credential.kind).to_owned(),
                row.short_label().unwrap_or_else(|| symbols.none.to_owned()),
                row.role().to_owned(),
                row.source(now),
            ]
        })
        .collect();
    let width = |column: usize| {
        let cells = cells.iter().filter_map(|row| row.get(column));
        let widest = cells.map(|cell| cell.width()).max().unwrap_or(0);
        widest.max(HEADER.get(column).map_or(0, |title| title.width()))
    };
    let widths: Vec<usize> = (0..HEADER.len()).map(width).collect();
    let mut out = line(&HEADER.map(str::to_owned), &widths);
    for (row, cells) in rows.iter().zip(&cells) {
        let style = style(status(row));
        let line = line(cells, &widths);
        let (mark, rest) = line.split_at_checked(cells[0].len()).unwrap_or(("", &line));
        write!(out, "{style}{mark}{style:#}{rest}").ok();
    }
    out.push('\n');
    notes(&mut out, &rows);
    writeln!(out, "{}", totals(&rows, fleet.tenants.len())).ok();
    out
}

/// The status that an end adds up to; an end of something that is not in use is no matter.
fn status(row: &Row<'_>) -> Status {
    if !row.counts() {
        return Status::Ok;
    }
    match row.credential.state {
        Expiry::Ok | Expiry::Never => Status::Ok,
        Expiry::Warning => Status::Warning,
        Expiry::Critical | Expiry::Expired => Status::Critical,
        Expiry::Unknown => Status::Unknown,
    }
}

fn notes(out: &mut String, rows: &[Row<'_>]) {
    let mut any = false;
    for row in rows {
        if let Some(note) = &row.credential.note {
            let name = clean::line(row.report.name.as_str());
            let which = row.short_label().map(|label| format!(", {label}"));
            let which = which.unwrap_or_default();
            writeln!(out, "{name}{which}: {}", clean::line(note)).ok();
            any = true;
        }
    }
    if any {
        out.push('\n');
    }
}

fn short(cell: &str) -> String {
    clean::fit(cell, LIMIT).into_owned()
}

fn line(cells: &[String; 7], widths: &[usize]) -> String {
    let mut out = String::new();
    for (cell, width) in cells.iter().zip(widths) {
        let pad = width.saturating_sub(cell.width());
        write!(out, "{cell}{:pad$}  ", "").ok();
    }
    format!("{}\n", out.trim_end())
}
