//! The report for people: a row for each tenant, the reasons below, one closing line.
//!
//! Styles are ANSI sequences; the writer to a pipe strips them.

use std::{fmt::Write as _, time::Duration};

use chrono::{DateTime, Utc};
use unicode_width::UnicodeWidthStr;

use super::{
    document::terminal::{self, status_style},
    prose, words,
};
use crate::verdict::{Diagnosis, Expiry, Fleet, Report, StageStatus, Status, Summary};
use crate::{
    observation::Stage,
    text::{self, duration},
};

/// The widest that a column of names gets.
const NAME_LIMIT: usize = 40;

/// The longest line of prose.
const WIDEST: usize = 100;

/// The marks that stand for a status and for a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Symbols {
    /// Status ok.
    pub ok: &'static str,
    /// Status warning.
    pub warning: &'static str,
    /// Status critical.
    pub critical: &'static str,
    /// Status unknown.
    pub unknown: &'static str,
    /// A stage that worked.
    pub passed: &'static str,
    /// A stage that did not.
    pub failed: &'static str,
    /// A stage that was skipped, or nothing to say.
    pub none: &'static str,
}

impl Symbols {
    /// For terminals that speak Unicode.
    pub const UNICODE: Self = Self {
        ok: "●",
        warning: "▲",
        critical: "✖",
        unknown: "?",
        passed: "✔",
        failed: "✖",
        none: "–",
    };

    /// For terminals and locales that do not.
    pub const ASCII: Self = Self {
        ok: "o",
        warning: "!",
        critical: "x",
        unknown: "?",
        passed: "+",
        failed: "x",
        none: "-",
    };

    /// Returns the mark of a status.
    pub const fn status(&self, status: Status) -> &'static str {
        match status {
            Status::Ok => self.ok,
            Status::Warning => self.warning,
            Status::Critical => self.critical,
            Status::Unknown => self.unknown,
        }
    }

    /// Returns the mark of what came of a stage.
    pub const fn stage(&self, status: StageStatus) -> &'static str {
        match status {
            StageStatus::Ok => self.passed,
            StageStatus::Failed => self.failed,
            StageStatus::Skipped => self.none,
        }
    }
}

/// How rows are laid out.
#[derive(Debug, Clone, Copy)]
pub struct Layout {
    /// The marks to use.
    pub symbols: Symbols,
    /// The column of names is this wide.
    pub name_width: usize,
}

impl Layout {
    /// Lays rows out so that every one of these names fits, within reason.
    pub fn new<'a>(symbols: Symbols, names: impl IntoIterator<Item = &'a str>) -> Self {
        let widest = names
            .into_iter()
            .map(UnicodeWidthStr::width)
            .max()
            .unwrap_or(0);
        Self {
            symbols,
            name_width: widest.min(NAME_LIMIT),
        }
    }

    /// Returns the row of one tenant, without a line end.
    pub fn row(&self, report: &Report, now: DateTime<Utc>) -> String {
        let style = status_style(report.status);
        let cause = report
            .diagnosis
            .as_ref()
            .map_or("-", |diagnosis| diagnosis.cause.id());
        let took = report
            .ms
            .map_or_else(String::new, |ms| format!("{ms:.0} ms"));
        let cells = [
            (
                text::fit(&text::line(report.name.as_str()), self.name_width).into_owned(),
                self.name_width,
            ),
            (cause.to_owned(), 20),
            (self.stages(report), 34),
            (end(report, now), 14),
        ];
        let mut row = format!("{style}{}{style:#}", self.symbols.status(report.status));
        // a long cell takes from the room of the next, so that later columns stay where they are
        let mut over = 0;
        for (cell, width) in cells {
            let used = over + cell.width();
            let pad = width.saturating_sub(used);
            over = used.saturating_sub(width);
            write!(row, " {cell}{:pad$} ", "").ok();
        }
        let own = words::own(report).unwrap_or_default();
        format!("{row}{took:>8}  {own}").trim_end().to_owned()
    }

    /// What each stage did; where one failed, that stage and its code.
    fn stages(&self, report: &Report) -> String {
        if let Some(diagnosis) = &report.diagnosis {
            let stage = diagnosis.stage.map_or("check", Stage::name);
            let code = diagnosis
                .code
                .as_deref()
                .map_or_else(String::new, text::line);
            return format!("{stage} {} {code}", self.symbols.failed)
                .trim_end()
                .to_owned();
        }
        if report.live.is_none() {
            return "end dates only".to_owned();
        }
        let shown = report
            .stages
            .iter()
            .filter(|stage| stage.name == Stage::Token || stage.name.surface().is_some());
        let marks: Vec<_> = shown
            .map(|stage| format!("{} {}", stage.name.name(), self.symbols.stage(stage.status)))
            .collect();
        marks.join(" ")
    }
}

/// Returns the report on a fleet: rows (unless they were shown already), reasons, the closing line.
///
/// One tenant is told whole, several in brief. Lines of reasons are broken to `width`, if it is known.
pub fn render(fleet: &Fleet, rows: Option<Layout>, width: Option<usize>, took: Duration) -> String {
    let mut out = String::new();
    if let Some(layout) = rows {
        for report in &fleet.tenants {
            writeln!(out, "{}", layout.row(report, fleet.generated_at)).ok();
        }
    }
    for report in &fleet.tenants {
        let reasons = match fleet.tenants.len() {
            1 => prose::whole(report),
            _ => prose::brief(report),
        };
        if let Some(reasons) = reasons {
            out.push('\n');
            out.push_str(&terminal::render(&reasons, width.map(readable)));
        }
    }
    writeln!(out, "\n{}", summary(&fleet.summary, took)).ok();
    out
}

/// Longer lines are hard to read, however wide the terminal is.
fn readable(columns: usize) -> usize {
    columns.min(WIDEST)
}

/// Returns everything about one tenant that is not ok, or nothing for one that is.
pub fn reasons(report: &Report) -> Option<String> {
    prose::whole(report).map(|document| terminal::render(&document, None))
}

/// Returns a diagnosis that belongs to no tenant, whole, for so many columns if they are known.
pub fn diagnosis(diagnosis: &Diagnosis, width: Option<usize>) -> String {
    terminal::render(&prose::explained(diagnosis), width.map(readable))
}

/// When the first of the credentials that count ends, in words that keep still.
fn end(report: &Report, now: DateTime<Utc>) -> String {
    let Some(half) = report.expiry else {
        return String::new();
    };
    let soonest = words::soonest(report).map(|(_, at)| at);
    match (half, soonest) {
        (Expiry::Unknown, _) => "end unknown".to_owned(),
        (Expiry::Expired, Some(at)) => format!("ended {} ago", duration::age(now - at)),
        (_, Some(at)) => duration::span(at - now),
        (Expiry::Ok, None) => "renews itself".to_owned(),
        (_, None) => "never ends".to_owned(),
    }
}

/// Returns the closing line.
pub fn summary(summary: &Summary, took: Duration) -> String {
    let Summary {
        total,
        ok,
        warning,
        critical,
        unknown,
    } = summary;
    let noun = if *total == 1 { "tenant" } else { "tenants" };
    format!(
        "{total} {noun}: {ok} ok, {warning} warning, {critical} critical, {unknown} unknown · {:.1} s",
        took.as_secs_f64()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{verdict::cause::Cause, verdict::fixture};

    #[test]
    fn columns_stand_below_each_other_whatever_the_cause() {
        let rows = |cause| {
            let mut report = fixture::failing();
            if let Some(diagnosis) = &mut report.diagnosis {
                diagnosis.cause = cause;
            }
            let row = Layout::new(Symbols::ASCII, ["contoso-rooms"]).row(&report, fixture::now());
            anstream::adapter::strip_str(&row).to_string()
        };
        let end = |row: String| row.find("ended 3d ago").unwrap();
        let due = end(rows(Cause::Unknown));
        for cause in Cause::ALL {
            assert_eq!(end(rows(*cause)), due, "{cause}");
        }
    }
}
