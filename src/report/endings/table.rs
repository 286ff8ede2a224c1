//! The ends for scripts, spreadsheets and tickets.

use std::fmt;

use serde::Serialize;

use super::{Entry, rows, source, totals};
use crate::report::{
    Fleet, SCHEMA,
    csv::{cell, time},
    markup::{Place, code, inline},
    words,
};

const HEADER: &str = "tenant,profile,tenant_id,client_id,tags,kind,name,hint,key_id,source,read_at,\
                      presented,watched,expires_at,days_left,state,note";

/// Returns the credentials as one JSON document, one a line, with the fields of the report.
pub fn json(fleet: &Fleet) -> impl fmt::Display {
    fmt::from_fn(|out| {
        let at = text(&fleet.generated_at)?;
        writeln!(
            out,
            "{{\"schema\":{SCHEMA},\"generated_at\":{at},\"credentials\":["
        )?;
        let rows = rows(fleet);
        for (number, row) in rows.iter().enumerate() {
            let comma = if number + 1 < rows.len() { "," } else { "" };
            writeln!(out, "{}{comma}", text(&Entry::from(row))?)?;
        }
        writeln!(out, "]}}")
    })
}

fn text(value: &impl Serialize) -> Result<String, fmt::Error> {
    // these values have no maps with odd keys, so nothing can go wrong that would need words
    serde_json::to_string(value).map_err(|_never| fmt::Error)
}

/// Returns the credentials as CSV with a header; lines end in CRLF. What has nothing to say is empty.
pub fn csv(fleet: &Fleet) -> impl fmt::Display {
    fmt::from_fn(|out| {
        write!(out, "{HEADER}\r\n")?;
        for row in rows(fleet) {
            let (report, one) = (row.report, row.credential);
            let foreign = |value: &Option<String>| value.as_deref().map(cell).unwrap_or_default();
            let yes = |role: Option<bool>| role.map(|role| role.to_string()).unwrap_or_default();
            let cells = [
                cell(report.name.as_str()),
                report.profile.to_owned(),
                cell(&report.tenant_id),
                cell(&report.client_id),
                cell(&report.tags.join("|")),
                words::kind(one.kind).to_owned(),
                foreign(&one.name),
                foreign(&one.hint),
                foreign(&one.key_id),
                source(one.source).to_owned(),
                one.read_at.map(time).unwrap_or_default(),
                yes(one.presented),
                yes(one.watched),
                one.expires_at.map(time).unwrap_or_default(),
                one.days_left
                    .map(|days| days.to_string())
                    .unwrap_or_default(),
                words::expiry(one.state).to_owned(),
                foreign(&one.note),
            ];
            write!(out, "{}\r\n", cells.join(","))?;
        }
        Ok(())
    })
}

/// Returns the credentials as a table in GitHub-flavoured Markdown.
pub fn markdown(fleet: &Fleet) -> impl fmt::Display {
    fmt::from_fn(|out| {
        let (rows, now) = (rows(fleet), fleet.generated_at);
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
                words::expiry(one.state),
                code(row.report.name.as_str(), Place::Cell),
                words::kind(one.kind),
                code(&row.label(), Place::Cell),
                row.role(),
                row.source(now),
                one.note.as_deref().map(inline).unwrap_or_default(),
            )?;
        }
        writeln!(out, "\n{}.", totals(&rows, fleet.tenants.len()))
    })
}
