//! Small pictures: the gauge of a credential's life, the strip of the last 24 hours, response times as
//! bars and as a chart.
//!
//! ```text
//!  ██████▌░░░   ▁▁▂▁▁▁▁▁▁✖✖✖   p50 46ms  p95 88ms
//! ```

use chrono::{DateTime, Utc};
use ratatui::{
    style::Style,
    text::{Line, Span},
};

use super::text_layout::{TextLines, span};
use crate::{
    board::{Hour, Row},
    tui::theme,
    verdict::Live,
};

/// Milliseconds of a full bar, unless there is a longer one: a quick service looks low and calm.
const FULL_BAR: f64 = 1500.0;

/// Hours of a day.
const HOURS: usize = 24;

/// Returns a gauge: the share that is left as a bar, the rest shaded.
pub(super) fn gauge(share: f64, width: usize, style: Style) -> [Span<'static>; 2] {
    let bar = theme::bar(share, width);
    let rest = width.saturating_sub(bar.chars().count());
    [span(bar, style), span("░".repeat(rest), theme::QUIET)]
}

/// Returns the last 24 hours, oldest first: a low bar where all checks worked (higher where they were
/// slow), a half one where some failed, a cross where all failed, a dot without any check.
pub(super) fn day_strip(row: &Row, now: DateTime<Utc>, width: usize) -> Vec<Span<'static>> {
    let together = (HOURS / width.clamp(1, HOURS)).max(1);
    let hours: Vec<Option<Hour>> = row.day.hours(now).collect();
    let latencies = hourly_latencies(row, now);
    let cells = hours.chunks(together).zip(latencies.chunks(together));
    cells
        .map(|(hours, latencies)| {
            let known = hours.iter().flatten();
            let (worked, failed) = known.fold((0, 0), |(worked, failed), hour| {
                (worked + hour.worked, failed + hour.failed)
            });
            match (worked, failed) {
                (0, 0) => span("·", theme::QUIET),
                (_, 0) => {
                    let slowest = latencies.iter().copied().fold(0.0, f64::max);
                    span(level(slowest, FULL_BAR).to_string(), theme::GOOD)
                }
                (0, _) => span("✖", theme::BAD),
                _ => span("▄", theme::WARN),
            }
        })
        .collect()
}

/// The longest remembered check of each of the last 24 hours, in milliseconds.
fn hourly_latencies(row: &Row, now: DateTime<Utc>) -> [f64; HOURS] {
    let mut slowest = [0.0_f64; HOURS];
    let this_hour = now.timestamp().div_euclid(3600);
    for point in &row.history {
        let ago = usize::try_from(this_hour - point.at.timestamp().div_euclid(3600)).ok();
        let place = ago.and_then(|ago| (HOURS - 1).checked_sub(ago));
        if let Some(hour) = place.and_then(|place| slowest.get_mut(place)) {
            *hour = hour.max(point.ms);
        }
    }
    slowest
}

/// Returns the bar of a value against the highest.
fn level(value: f64, highest: f64) -> char {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a cast from float saturates, and the result is one of eight"
    )]
    let level = (value / highest.max(1.0) * 7.0).round() as usize;
    theme::SPARKS.get(level).copied().unwrap_or('█')
}

/// Returns whether each remembered check worked, oldest first. An end date says nothing about that.
pub(super) fn recent_checks(row: &Row, width: usize) -> TextLines {
    let room = width.saturating_sub(2).max(1);
    let from = row.history.len().saturating_sub(room);
    let marks = row.history.iter().skip(from).map(|point| match point.live {
        Some(Live::Ok) => span("✔", theme::GOOD),
        Some(Live::Failing) => span("✖", theme::BAD),
        Some(Live::Unknown) => span("?", theme::UNSURE),
        None => span("·", theme::QUIET),
    });
    let marks: Vec<Span<'static>> = marks.collect();
    if marks.is_empty() {
        return Vec::new();
    }
    vec![Line::from([vec![Span::raw(" ")], marks].concat())]
}

/// Returns the response times of the remembered checks as standing bars of two lines, oldest first;
/// checks that failed are left out of the scale and marked.
pub(super) fn response_chart(row: &Row, width: usize) -> TextLines {
    let room = width.saturating_sub(2).max(1);
    let from = row.history.len().saturating_sub(room);
    let points: Vec<_> = row.history.iter().skip(from).collect();
    if points.len() < 2 {
        return Vec::new();
    }
    let worked = points.iter().filter(|point| point.live == Some(Live::Ok));
    let highest = worked.map(|point| point.ms).fold(1.0, f64::max);
    let line = |upper: bool| {
        let cells = points.iter().map(|point| {
            let failed = point.live == Some(Live::Failing);
            let share = point.ms / highest;
            match (failed, upper) {
                (true, true) => span(" ", theme::BAD),
                (true, false) => span("✖", theme::BAD),
                (false, true) if share <= 0.5 => span(" ", theme::KEY),
                (false, true) => span(level(share * 2.0 - 1.0, 1.0).to_string(), theme::KEY),
                (false, false) => span(level((share * 2.0).min(1.0), 1.0).to_string(), theme::KEY),
            }
        });
        let line: Line<'static> = std::iter::once(Span::raw(" ")).chain(cells).collect();
        line
    };
    vec![line(true), line(false)]
}
