//! The timeline: one row a tenant, soonest end first, on an axis of days.
//!
//! ```text
//!  ▲ contoso-rooms  ········░░░░▓▓◆···┊·····  ▲ 6d 04:12
//! ```

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
    widgets::Widget as _,
};

use super::{
    fleet,
    text_layout::{padded, span},
};
use crate::{
    board::Row,
    text,
    tui::{
        layout,
        model::Model,
        row_status::{CredentialEnd, RowStatus, credential_end},
        theme,
    },
};

/// The day on which Exchange Online stops answering EWS for good.
const EWS_END: Option<NaiveDate> = NaiveDate::from_ymd_opt(2027, 4, 1);

/// Columns of the end date at the right.
const ENDS: usize = 9;

/// What every row of the timeline is drawn against.
struct Scale {
    now: DateTime<Utc>,
    days: u16,
    names: usize,
    width: usize,
    /// The column of the EWS end, if it is in sight.
    ews: Option<usize>,
}

impl Scale {
    fn new(model: &Model, width: usize) -> Self {
        let names = model.tally.tenant_width.clamp(8, (width / 4).max(8));
        let mut scale = Self {
            now: model.now,
            days: model.axis.days(),
            names,
            width: width.saturating_sub(names + ENDS + 6),
            ews: None,
        };
        scale.ews = ews_end()
            .filter(|_| model.tally.retiring)
            .and_then(|at| scale.column(at - model.now));
        scale
    }

    /// Returns the column for a time from now; `None` where it is out of sight.
    fn column(&self, ahead: TimeDelta) -> Option<usize> {
        let seconds = usize::try_from(ahead.num_seconds().max(0)).ok()?;
        let column = seconds * self.width / (usize::from(self.days) * 86_400);
        (column < self.width).then_some(column)
    }
}

fn ews_end() -> Option<DateTime<Utc>> {
    Some(EWS_END?.and_hms_opt(0, 0, 0)?.and_utc())
}

/// Draws axis and rows.
pub(super) fn draw(model: &Model, body: Rect, buffer: &mut Buffer) {
    let (axis, rows) = layout::timeline(body);
    let scale = Scale::new(model, usize::from(body.width));
    for (line, area) in axis_lines(model, &scale).into_iter().zip(axis.rows()) {
        line.render(area, buffer);
    }
    if model.timeline.entries.is_empty() {
        Line::raw(format!("  {}", fleet::emptiness(model))).render(rows, buffer);
    }
    let shown = model.timeline.entries.iter().skip(model.timeline.offset);
    for (entry, area) in shown.zip(rows.rows()) {
        let Some(row) = entry.row().and_then(|index| model.row(index)) else {
            continue;
        };
        let selected = model.selected.as_ref() == Some(&row.tenant.name);
        row_line(row, &scale, selected).render(area, buffer);
        if selected {
            theme::select(area, buffer);
        }
    }
}

/// What the axis is about, then its ticks.
fn axis_lines(model: &Model, scale: &Scale) -> [Line<'static>; 2] {
    let ews = match (ews_end(), scale.ews) {
        (Some(at), None) if model.tally.retiring && at > scale.now => {
            "   EWS ends 1 Apr 2027, past this axis".into()
        }
        (_, Some(_)) => "   ┊ EWS ends 1 Apr 2027".into(),
        (_, None) => String::new(),
    };
    let words = format!(
        "  next {} days   ▓ critical  ░ warn  ◆ end{ews}",
        scale.days
    );
    let room = usize::from(model.size.0.max(1));
    [
        Line::styled(text::fit(&words, room).into_owned(), theme::STRONG),
        Line::styled(ticks(model, scale), theme::QUIET),
    ]
}

/// Dates along the axis, as many as have room.
fn ticks(model: &Model, scale: &Scale) -> String {
    let mut line = " ".repeat(scale.names + 5);
    let start = line.len();
    let parts = (scale.width / 12).clamp(1, 6);
    for part in 0..parts {
        let column = part * scale.width / parts;
        let days = i64::try_from(part * usize::from(scale.days) / parts).unwrap_or(0);
        let at = scale.now + TimeDelta::days(days);
        let local = at.with_timezone(&model.settings.local_offset);
        let label = if part == 0 {
            "today".to_owned()
        } else {
            local.format("%-d %b").to_string()
        };
        line = padded(&line, start + column);
        line.push_str(&label);
    }
    line
}

fn row_line(row: &Row, scale: &Scale, selected: bool) -> Line<'static> {
    let row_status = RowStatus::of(row, scale.now);
    let mut spans = vec![
        Span::raw(if selected { "▸ " } else { "  " }),
        span(format!("{} ", row_status.symbol()), row_status.style()),
        Span::raw(padded(&text::line(row.tenant.name.as_str()), scale.names)),
        Span::raw(" "),
    ];
    spans.extend(bar(row, scale));
    spans.push(Span::raw(" "));
    spans.extend(fleet::end(row, scale.now, ENDS));
    Line::from(spans)
}

/// The days up to the end, shaded where the thresholds of this tenant lie before it.
fn bar(row: &Row, scale: &Scale) -> Vec<Span<'static>> {
    let CredentialEnd::At(at, state) = credential_end(row) else {
        return (0..scale.width)
            .map(|column| empty(column, scale))
            .collect();
    };
    let end = scale.column(at - scale.now);
    let thresholds = row.tenant.thresholds;
    let critical = scale.column(at - thresholds.critical - scale.now);
    let warn = scale.column(at - thresholds.warn - scale.now);
    let style = state.map_or(theme::QUIET, |state| theme::expiry(state).1);
    let last = end.unwrap_or(scale.width);
    (0..scale.width)
        .map(|column| {
            if Some(column) == end {
                span("◆", style)
            } else if column > last {
                empty(column, scale)
            } else if critical.is_some_and(|from| column >= from) {
                span("▓", style)
            } else if warn.is_some_and(|from| column >= from) {
                span("░", style)
            } else if column + 1 == scale.width {
                span("→", style)
            } else {
                empty(column, scale)
            }
        })
        .collect()
}

fn empty(column: usize, scale: &Scale) -> Span<'static> {
    if Some(column) == scale.ews {
        span("┊", RowStatus::Failing.style())
    } else {
        span("·", theme::QUIET)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_longer_than_the_axis() {
        let scale = Scale {
            now: crate::tui::fixture::now(),
            days: 30,
            names: 8,
            width: 60,
            ews: None,
        };
        let cases = [
            (-9, Some(0)),
            (0, Some(0)),
            (15, Some(30)),
            (29, Some(58)),
            (30, None),
        ];
        for (days, column) in cases {
            assert_eq!(scale.column(TimeDelta::days(days)), column, "{days}");
        }
        assert_eq!(scale.column(TimeDelta::MAX), None);
    }
}
