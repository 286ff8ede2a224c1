//! The ends for scripts, spreadsheets and tickets.

use std::fmt;

use serde::Serialize;

use super::{
    Endings, Entry, Row,
    row::{rows, source},
    totals,
};
use crate::{
    report::{
        csv::{cell, time},
        markup::{Place, code, inline},
    },
    verdict::SCHEMA,
};

const HEADER: &str = "tenant,profile,tenant_id,client_id,tags,kind,name,hint,key_id,source,read_at,\
                      presented,watched,expires_at,days_left,state,note,directory,app";

/// Returns the credentials as one JSON document, one a line, with the fields of the report; then the
/// directories, each with what is known of it.
pub fn json(endings: &Endings) -> impl fmt::Display {
    fmt::from_fn(|out| {
        let at = text(&endings.fleet.generated_at)?;
        writeln!(
            out,
            "{{\"schema\":{SCHEMA},\"generated_at\":{at},\"credentials\":["
        )?;
        lines(out, rows(endings).iter().map(Entry::from))?;
        writeln!(out, "],\"directories\":[")?;
        lines(out, endings.directories.iter())?;
        writeln!(out, "]}}")
    })
}

/// Writes the items of a list, one a line.
fn lines<T: Serialize>(
    out: &mut fmt::Formatter<'_>,
    items: impl ExactSizeIterator<Item = T>,
) -> fmt::Result {
    let last = items.len();
    for (number, item) in (1..).zip(items) {
        let comma = if number < last { "," } else { "" };
        writeln!(out, "{}{comma}", text(&item)?)?;
    }
    Ok(())
}

fn text(value: &impl Serialize) -> Result<String, fmt::Error> {
    // these values have no maps with odd keys, so nothing can go wrong that would need words
    serde_json::to_string(value).map_err(|_never| fmt::Error)
}

/// Returns the credentials as CSV with a header; lines end in CRLF. What has nothing to say is empty.
/// A directory of which something is not known has a line of its own.
pub fn csv(endings: &Endings) -> impl fmt::Display {
    fmt::from_fn(|out| {
        write!(out, "{HEADER}\r\n")?;
        for row in rows(endings) {
            write!(out, "{}\r\n", cells(&row).join(","))?;
        }
        for (directory, problem) in endings.unread() {
            let tenant_id = cell(&directory.tenant_id);
            let read_at = directory.read_at.map(time).unwrap_or_default();
            let (problem, name) = (cell(problem), cell(&directory.name));
            write!(
                out,
                ",,{tenant_id},,,,,,,directory,{read_at},,,,,unknown,{problem},{name},\r\n"
            )?;
        }
        Ok(())
    })
}

fn cells(row: &Row<'_>) -> Vec<String> {
    let (entry, one) = (Entry::from(row), row.credential);
    let foreign = |value: Option<&str>| value.map(cell).unwrap_or_default();
    let yes = |role: Option<bool>| role.map(|role| role.to_string()).unwrap_or_default();
    let days_left = one.days_left.map(|days| days.to_string());
    vec![
        foreign(entry.tenant),
        foreign(entry.profile),
        cell(entry.tenant_id),
        cell(entry.client_id),
        cell(&entry.tags.join("|")),
        one.kind.to_string(),
        foreign(one.name.as_deref()),
        foreign(one.hint.as_deref()),
        foreign(one.key_id.as_deref()),
        source(one.source).to_owned(),
        one.read_at.map(time).unwrap_or_default(),
        yes(one.presented),
        yes(one.watched),
        one.expires_at.map(time).unwrap_or_default(),
        days_left.unwrap_or_default(),
        one.state.to_string(),
        foreign(one.note.as_deref()),
        foreign(entry.directory),
        foreign(entry.app),
    ]
}

/// Returns the credentials as a table in GitHub-flavoured Markdown.
pub fn markdown(endings: &Endings) -> impl fmt::Display {
    fmt::from_fn(|out| {
        let (rows, now) = (rows(endings), endings.fleet.generated_at);
        writeln!(
            out,
            "| ends | state | tenant | kind | which | role | date from | note |\n\
             | --- | --- | --- | --- | --- | --- | --- | --- |"
        )?;
        for row in &rows {
            let one = row.credential;
            let date = one.expires_at.map(|at| at.format("%Y-%m-%d, ").to_string());
            writeln!(
                out,
                "| {}{} | {} | {} | {} | {} | {} | {} | {} |",
                date.unwrap_or_default(),
                row.end(now),
                one.state,
                code(&row.owner.name(), Place::Cell),
                one.kind,
                code(&row.label(), Place::Cell),
                row.credential.role(),
                row.source(now),
                one.note.as_deref().map(inline).unwrap_or_default(),
            )?;
        }
        writeln!(out, "\n{}.", totals(&rows, endings))?;
        for (directory, problem) in endings.unread() {
            let (name, id) = (&directory.name, &directory.tenant_id);
            let (name, id) = (code(name, Place::Prose), code(id, Place::Prose));
            writeln!(
                out,
                "\nDirectory {name} ({id}) is unknown: {}.",
                inline(problem)
            )?;
        }
        Ok(())
    })
}
