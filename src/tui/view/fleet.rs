//! The table of all tenants, with the panel of the selected one below.
//!
//! Draws the column titles, the rows on the screen (and only those: the work for a frame does not grow
//! with the fleet), headings of groups, and the reason where the table is empty.

use chrono::{DateTime, Utc};
use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Style,
    text::{Line, Span},
    widgets::Widget as _,
};

use super::{
    advice_panel,
    columns::{self, Column, Placed},
    text_layout::{padded, right, span},
};
use crate::{
    board::{Activity, Row},
    observation::Stage,
    text,
    tui::{
        format, layout,
        model::Model,
        order::{Heading, TableEntry},
        row_status::{CredentialEnd, RowStatus, credential_end, is_stale},
        theme,
    },
    verdict::{Expiry, StageStatus},
};

/// Bars of a sparkline in the table.
const SPARK: usize = 6;

/// Milliseconds of a full bar, unless there is a longer one: a quick service looks low and calm.
const SPARK_FULL: f64 = 500.0;

/// Columns before the first: the mark of the selected row.
const LEAD: usize = 2;

/// Draws titles, rows and the selected tenant's panel.
pub(super) fn draw(model: &Model, body: Rect, buffer: &mut Buffer) {
    let parts = layout::fleet(body);
    let width = usize::from(body.width);
    let plan = columns::plan(width.saturating_sub(LEAD), &model.tally);
    titles(model, &plan).render(parts.titles, buffer);
    if model.fleet.entries.is_empty() {
        Line::styled(format!("  {}", emptiness(model)), theme::STRONG).render(parts.rows, buffer);
    }
    let shown = model.fleet.entries.iter().skip(model.fleet.offset);
    for (entry, area) in shown.zip(parts.rows.rows()) {
        match entry {
            TableEntry::Heading(heading) => heading_line(model, heading).render(area, buffer),
            TableEntry::Row(index) => {
                let Some(row) = model.row(*index) else {
                    continue;
                };
                let selected = model.selected.as_ref() == Some(&row.tenant.name);
                row_line(model, row, &plan, selected).render(area, buffer);
                if selected {
                    theme::select(area, buffer);
                }
            }
        }
    }
    advice_panel::draw(model, parts.panel, buffer);
}

/// Why there is nothing to see.
pub(super) fn emptiness(model: &Model) -> String {
    match &model.board {
        None => "loading…".into(),
        Some(board) if board.rows.is_empty() => {
            "nothing is watched yet: `credwatch init` writes a first config".into()
        }
        Some(_) => {
            let filter = text::line(model.filter.value());
            format!("no tenant matches '{filter}' (Esc clears the filter)")
        }
    }
}

fn titles(model: &Model, plan: &[Placed]) -> Line<'static> {
    let how = model.arrangement;
    let cells = plan.iter().map(|placed| {
        let sorted = placed.column.order() == Some(how.by);
        let arrow = match (sorted, how.reversed) {
            (false, _) => "",
            (true, false) => " ▾",
            (true, true) => " ▴",
        };
        padded(&format!("{}{arrow}", placed.column.title()), placed.width)
    });
    let titles: Vec<String> = cells.collect();
    Line::styled(format!("  {}", titles.join(" ")), theme::QUIET)
}

fn heading_line(model: &Model, heading: &Heading) -> Line<'static> {
    let what = match heading.cause {
        Some(cause) => cause.id(),
        None => heading.row_status.word(),
    };
    let offset = model.settings.local_offset;
    let since = heading
        .since
        .map(|at| format!(", since {}", format::moment(at, model.now, offset)));
    let many = format!("  {} of {} tenants", heading.members, heading.shown);
    Line::from(vec![
        span(
            format!("{} ", heading.row_status.symbol()),
            heading.row_status.style(),
        ),
        span(what, theme::STRONG),
        span(many, Style::new()),
        span(since.unwrap_or_default(), theme::QUIET),
    ])
}

fn row_line(model: &Model, row: &Row, plan: &[Placed], selected: bool) -> Line<'static> {
    let name = &row.tenant.name;
    let held = match (model.snooze(name), model.ack(name)) {
        (Some(_), _) => "z",
        (None, Some(_)) => "a",
        (None, None) => " ",
    };
    let mut spans = vec![
        Span::raw(if selected { "▸" } else { " " }),
        span(held, theme::QUIET),
    ];
    for (nth, placed) in plan.iter().enumerate() {
        if nth > 0 {
            spans.push(Span::raw(" "));
        }
        spans.push(cell(model, row, *placed));
    }
    Line::from(spans)
}

fn cell(model: &Model, row: &Row, placed: Placed) -> Span<'static> {
    let (content, style) = match placed.column {
        Column::Status => status(model.row_status(row)),
        Column::Tenant => (text::line(row.tenant.name.as_str()), Style::new()),
        Column::Profile => (row.tenant.profile.id.to_owned(), theme::QUIET),
        Column::Token => stage(row, Stage::Token),
        Column::Ews => stage(row, Stage::Ews),
        Column::Graph => stage(row, Stage::Graph),
        Column::Latency => (latency(row), Style::new()),
        Column::Ends => end(row, model.now, placed.width),
        Column::Checked => checked(model, row, placed.width),
        Column::Cause => (cause(model, row), Style::new()),
    };
    span(padded(&content, placed.width), style)
}

fn status(row_status: RowStatus) -> (String, Style) {
    let text = format!("{} {}", row_status.symbol(), row_status.word());
    (text, row_status.style())
}

fn stage(row: &Row, stage: Stage) -> (String, Style) {
    let stages = row.report.as_ref().map(|report| report.stages.as_slice());
    let found = stages.and_then(|stages| stages.iter().find(|it| it.name == stage));
    let status = found.map_or(StageStatus::Skipped, |found| found.status);
    let (symbol, _, style) = theme::stage(status);
    (format!(" {symbol}"), style)
}

/// The last results as bars, then the very last as a number.
fn latency(row: &Row) -> String {
    let from = row.history.len().saturating_sub(SPARK);
    let points: Vec<f64> = row
        .history
        .iter()
        .skip(from)
        .map(|point| point.ms)
        .collect();
    let bars = spark(&points);
    let last = row.report.as_ref().and_then(|report| report.ms);
    let last = last.map_or_else(|| "–".into(), format::millis);
    format!("{bars:>SPARK$} {}", right(&last, 6))
}

fn spark(points: &[f64]) -> String {
    let highest = points.iter().copied().fold(SPARK_FULL, f64::max);
    let bar = |ms: &f64| {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a cast from float saturates, and the result is one of eight"
        )]
        let level = (ms / highest * 7.0).round() as usize;
        theme::SPARKS.get(level).copied().unwrap_or('█')
    };
    points.iter().map(bar).collect()
}

/// The countdown to the end; with its words where there is room for them.
pub(super) fn end(row: &Row, now: DateTime<Utc>, width: usize) -> (String, Style) {
    let brief = width < 17;
    match credential_end(row) {
        CredentialEnd::At(at, _) if at <= now => {
            let (symbol, style) = theme::expiry(Expiry::Expired);
            let word = if brief { "" } else { "EXPIRED " };
            (
                format!("{symbol} {word}{} ago", format::age(now - at)),
                style,
            )
        }
        CredentialEnd::At(at, state) => {
            let (symbol, style) = state.map_or(("…", theme::QUIET), theme::expiry);
            (format!("{symbol} {}", format::countdown(at - now)), style)
        }
        CredentialEnd::Never => ("● never".into(), theme::expiry(Expiry::Never).1),
        CredentialEnd::Renews => ("● renews".into(), theme::expiry(Expiry::Ok).1),
        CredentialEnd::Unknown if row.report.is_none() => ("…".into(), theme::QUIET),
        CredentialEnd::Unknown => ("? unknown".into(), theme::expiry(Expiry::Unknown).1),
    }
}

/// The age of the last answer; what is being done, or wrong with it, goes before.
fn checked(model: &Model, row: &Row, width: usize) -> (String, Style) {
    let age = row.report.as_ref().map_or_else(
        || "–".into(),
        |report| format::age(model.now - report.checked_at),
    );
    let (mark, style) = match row.activity {
        Activity::Checking | Activity::Confirming => ("↻", theme::KEY),
        Activity::Waiting if is_stale(row, model.now) => ("!", RowStatus::Unknown.style()),
        Activity::Waiting => (" ", theme::QUIET),
    };
    (
        format!("{mark}{}", right(&age, width.saturating_sub(1))),
        style,
    )
}

fn cause(model: &Model, row: &Row) -> String {
    if is_stale(row, model.now) {
        return "no fresh answer".into();
    }
    let diagnosis = row
        .report
        .as_ref()
        .and_then(|report| report.diagnosis.as_ref());
    diagnosis.map_or_else(String::new, |diagnosis| diagnosis.cause.id().to_owned())
}
