//! The table for people.

use crate::text::Word as _;
use std::fmt::Write as _;

use unicode_width::UnicodeWidthStr as _;

use super::{Endings, Row, rows, totals};
use crate::{
    expiry,
    report::{document::terminal::status_style as style, text::Symbols},
    text as clean,
    verdict::Status,
};

/// The widest that a column of foreign text gets.
const LIMIT: usize = 48;

const HEADER: [&str; 7] = ["", "ends", "tenant", "kind", "which", "role", "date from"];

/// Returns the table, the notes on what counts, and a closing line; styles are ANSI sequences.
pub fn text(endings: &Endings, symbols: Symbols) -> String {
    let now = endings.fleet.generated_at;
    let rows = rows(endings);
    let cells: Vec<[String; 7]> = rows
        .iter()
        .map(|row| {
            [
                symbols.status(status(row)).to_owned(),
                row.end(now),
                short(&clean::line(&row.owner.name())),
                row.credential.kind.word().to_owned(),
                row.short_label().unwrap_or_else(|| symbols.none.to_owned()),
                row.credential.role().to_owned(),
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
    notes(&mut out, &rows, endings);
    writeln!(out, "{}", totals(&rows, endings)).ok();
    out
}

/// The status that an end adds up to; an end of something that is not in use is no matter.
fn status(row: &Row<'_>) -> Status {
    if row.counts() {
        crate::verdict::status(None, Some(expiry::half(row.credential)))
    } else {
        Status::Ok
    }
}

fn notes(out: &mut String, rows: &[Row<'_>], endings: &Endings) {
    let start = out.len();
    for row in rows {
        if let Some(note) = &row.credential.note {
            let name = row.owner.name();
            let which = row.short_label().map(|label| format!(", {label}"));
            let which = which.unwrap_or_default();
            writeln!(out, "{}{which}: {}", clean::line(&name), clean::line(note)).ok();
        }
    }
    for (directory, problem) in endings.unread() {
        let name = format!("directory {} ({})", directory.name, directory.tenant_id);
        let (name, problem) = (clean::line(&name), clean::line(problem));
        writeln!(out, "{name}: unknown: {problem}").ok();
    }
    if out.len() > start {
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
