//! The table of all tenants, with the advice on the selected one below it, or its whole page beside it.
//!
//! Draws the column titles, the rows on the screen (and only those: the work for a frame does not grow
//! with the fleet), headings of groups, and the reason where the table is empty.
//!
//! ```text
//!   STATUS ▾   TENANT         TOKEN EWS GRAPH 24 H         P95    ENDS                CAUSE
//! ▌ ✖ failing  contoso-rooms    ✖    –   –    ▁▁▂▁▁▁▁✖✖✖✖   46ms ░░░░░░░░░░ ended 2d  secret-expired
//! ```

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
    columns::{self, Column, PlacedColumn},
    detail, gauges,
    text_layout::{padded, right, span, write},
};
use crate::{
    board::{Activity, Row},
    observation::Stage,
    text,
    tui::{
        format, layout,
        model::Model,
        order::{Heading, TableEntry},
        row_status::{
            CredentialEnd, P95, RowStatus, credential_end, deciding_credential, is_stale,
            life_left, percentile,
        },
        theme,
    },
    verdict::{Expiry, StageStatus, cause::Owner},
};

/// Columns before the first: the mark of the selected or changed row, and that of a snooze.
pub(crate) const LEAD: usize = 2;

/// Draws titles, rows, and what there is to say about the selected tenant.
pub(super) fn draw(model: &Model, body: Rect, buffer: &mut Buffer) {
    let parts = layout::fleet(body);
    let width = usize::from(parts.rows.width);
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
    draw_beside(model, parts.beside, buffer);
}

/// Draws the page of the selected tenant at the right of the table, where there is room for both.
fn draw_beside(model: &Model, area: Rect, buffer: &mut Buffer) {
    let Some(row) = model.selected_row().filter(|_| area.width > 2) else {
        return;
    };
    for position in area.columns().take(1).flat_map(Rect::positions) {
        if let Some(cell) = buffer.cell_mut(position) {
            cell.set_symbol("│").set_style(theme::QUIET);
        }
    }
    let page = Rect {
        x: area.x + 2,
        width: area.width - 2,
        ..area
    };
    write(
        &detail::page(model, row, usize::from(page.width)),
        0,
        page,
        buffer,
    );
}

/// Why there is nothing to see.
pub(super) fn emptiness(model: &Model) -> String {
    match &model.board {
        None => "loading…".into(),
        Some(board) if board.rows.is_empty() => {
            "nothing is watched yet: `credwatch init` writes a first config".into()
        }
        Some(_) => {
            if let Some(problem) = &model.filter_problem {
                return format!("{problem} (Esc clears the filter)");
            }
            let filter = text::line(model.filter.value());
            format!("no tenant matches '{filter}' (Esc clears the filter)")
        }
    }
}

fn titles(model: &Model, plan: &[PlacedColumn]) -> Line<'static> {
    let how = model.arrangement;
    let cells = plan.iter().map(|placed| {
        let sorted = placed.column.order() == Some(how.by);
        let arrow = match (sorted, how.reversed) {
            (false, _) => "",
            (true, false) => "▾",
            (true, true) => "▴",
        };
        let gap = if placed.width > placed.column.title().len() + 1 {
            " "
        } else {
            ""
        };
        padded(
            &format!("{}{gap}{arrow}", placed.column.title()),
            placed.width,
        )
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

fn row_line(model: &Model, row: &Row, plan: &[PlacedColumn], selected: bool) -> Line<'static> {
    let mut spans = lead(model, row, selected);
    for (nth, placed) in plan.iter().enumerate() {
        if nth > 0 {
            spans.push(Span::raw(" "));
        }
        spans.extend(cell(model, row, *placed));
    }
    Line::from(spans)
}

/// The marks before the first column: selected or lately changed, then snoozed, acknowledged or being
/// checked.
fn lead(model: &Model, row: &Row, selected: bool) -> Vec<Span<'static>> {
    let name = &row.tenant.name;
    let place = if selected {
        span("▌", Style::new())
    } else if model.is_changed(name) {
        span("▎", theme::KEY)
    } else {
        span(" ", Style::new())
    };
    let held = match (model.snooze(name), model.ack(name), row.activity) {
        (_, _, Activity::Checking | Activity::Confirming) => span("↻", theme::KEY),
        (Some(_), _, Activity::Waiting) => span("z", theme::QUIET),
        (None, Some(_), Activity::Waiting) => span("a", theme::QUIET),
        (None, None, Activity::Waiting) => span(" ", Style::new()),
    };
    vec![place, held]
}

fn cell(model: &Model, row: &Row, placed: PlacedColumn) -> Vec<Span<'static>> {
    let (content, style) = match placed.column {
        Column::Day => return gauges::day_strip(row, model.now, placed.width),
        Column::Ends => return end(row, model.now, placed.width),
        Column::Status => status(model.row_status(row)),
        Column::Tenant => (text::line(row.tenant.name.as_str()), Style::new()),
        Column::Profile => (row.tenant.profile.id.to_owned(), theme::QUIET),
        Column::Token => stage(row, Stage::Token),
        Column::Ews => stage(row, Stage::Ews),
        Column::Graph => stage(row, Stage::Graph),
        Column::P95 => (p95(row, placed.width), Style::new()),
        Column::Checked => checked(model, row, placed.width),
        Column::Cause => (cause(model, row), Style::new()),
        Column::Owner => (owner(row), theme::QUIET),
    };
    vec![span(padded(&content, placed.width), style)]
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

fn p95(row: &Row, width: usize) -> String {
    let p95 = percentile(row, P95).map_or_else(|| "–".into(), format::millis);
    right(&p95, width)
}

/// The life that is left to the deciding credential as a gauge, where there is room, then as a
/// countdown.
pub(super) fn end(row: &Row, now: DateTime<Utc>, width: usize) -> Vec<Span<'static>> {
    let (words, style) = end_words(row, now);
    let Some(words_width) = width.checked_sub(columns::GAUGE + 1).filter(|it| *it >= 8) else {
        return vec![span(padded(&words, width), style)];
    };
    let deciding = row.report.as_deref().and_then(deciding_credential);
    let share = deciding
        .filter(|credential| !credential.renews_itself())
        .and_then(|credential| life_left(credential, now));
    let mut spans = match share {
        Some(share) => gauges::gauge(share, columns::GAUGE, style).to_vec(),
        None => vec![Span::raw(" ".repeat(columns::GAUGE))],
    };
    spans.push(Span::raw(" "));
    spans.push(span(padded(&words, words_width), style));
    spans
}

fn end_words(row: &Row, now: DateTime<Utc>) -> (String, Style) {
    match credential_end(row) {
        CredentialEnd::At(at, _) if at <= now => {
            let style = RowStatus::of(row, now).style();
            (format!("ended {}", format::age(now - at)), style)
        }
        CredentialEnd::At(at, state) => {
            let style = state.map_or(theme::QUIET, |state| theme::expiry(state).1);
            (format::countdown(at - now), style)
        }
        CredentialEnd::Never => ("never".into(), theme::GOOD),
        CredentialEnd::Renews => ("renews".into(), theme::GOOD),
        CredentialEnd::Unknown if row.report.is_none() => ("…".into(), theme::QUIET),
        CredentialEnd::Unknown => ("? no date".into(), theme::expiry(Expiry::Unknown).1),
    }
}

/// The age of the last answer, with a mark where it is too old.
fn checked(model: &Model, row: &Row, width: usize) -> (String, Style) {
    let age = row.report.as_ref().map_or_else(
        || "–".into(),
        |report| format::age(model.now - report.checked_at),
    );
    if is_stale(row, model.now) {
        let mark = format!("!{}", right(&age, width.saturating_sub(1)));
        return (mark, RowStatus::Unknown.style());
    }
    (right(&age, width), theme::QUIET)
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

fn owner(row: &Row) -> String {
    let diagnosis = row
        .report
        .as_ref()
        .and_then(|report| report.diagnosis.as_ref());
    diagnosis.map_or_else(String::new, |diagnosis| {
        short_owner(diagnosis.owner).to_owned()
    })
}

/// The words for who must act, short enough for a column.
const fn short_owner(owner: Owner) -> &'static str {
    match owner {
        Owner::AppOwner => "app owner",
        Owner::TenantAdmin => "tenant admin",
        Owner::ExchangeAdmin => "Exchange admin",
        Owner::User => "user",
        Owner::Network => "network",
        Owner::Operator => "operator",
        Owner::Microsoft => "Microsoft",
    }
}
