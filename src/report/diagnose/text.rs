//! The steps for people: a line each with what was sent and found below, then the diagnosis whole.
//!
//! Styles are ANSI sequences; the writer to a pipe strips them.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use textwrap::core::display_width;
use unicode_width::UnicodeWidthStr as _;

use super::{Fact, Mark, Report, Step};
use crate::{
    report::{
        document::terminal::{self, status_style},
        prose,
        text::Symbols,
    },
    tenant::Tenant,
    text::line,
};

/// Results and values begin at this column.
const VALUES: usize = 27;

/// No line of prose is longer.
const WIDEST: usize = 120;

/// No page is narrower: what does not fit then is the terminal's to fold.
const NARROWEST: usize = 60;

/// Where the steps are shown.
#[derive(Debug, Clone, Copy)]
pub struct Page {
    symbols: Symbols,
    width: usize,
}

impl Page {
    /// Returns a page for a terminal of this width.
    pub fn new(symbols: Symbols, width: usize) -> Self {
        Self {
            symbols,
            width: width.clamp(NARROWEST, WIDEST),
        }
    }

    /// Returns the lines above the steps: what is looked at.
    pub fn heading(&self, tenant: &Tenant) -> String {
        let bold = Style::new().bold();
        let name = line(tenant.name.as_str());
        let mut out = format!("{bold}{name}{bold:#}, profile {}\n", tenant.profile.id);
        for (label, value) in [
            ("directory", Some(&tenant.app.tenant_id)),
            ("app", Some(&tenant.app.client_id)),
            ("mailbox", tenant.target.mailbox.as_ref()),
        ] {
            if let Some(value) = value {
                writeln!(out, "   {label:<9} {}", line(value)).ok();
            }
        }
        out.push('\n');
        out
    }

    /// Returns the lines of one step.
    pub fn step(&self, step: &Step) -> String {
        let style = style(step.mark);
        let took = step.ms.map_or_else(String::new, milliseconds);
        let symbol = self.symbol(step.mark);
        let mut out = format!(" {style}{symbol}{style:#} {:<12} {took:>9}  ", step.name);
        self.flow(&mut out, &step.result, VALUES);
        for fact in &step.facts {
            self.fact(&mut out, fact);
        }
        out
    }

    fn fact(&self, out: &mut String, fact: &Fact) {
        let quiet = Style::new().dimmed();
        write!(out, "   {quiet}{:<21}{quiet:#} ", fact.label).ok();
        match fact.mark {
            Some(mark) => {
                let style = style(mark);
                write!(out, "{style}{}{style:#} ", self.symbol(mark)).ok();
            }
            None => out.push_str("  "),
        }
        self.flow(out, &fact.value, VALUES);
        if let Some(due) = &fact.due {
            write!(out, "{:VALUES$}should be: ", "").ok();
            self.flow(out, due, VALUES);
        }
    }

    const fn symbol(&self, mark: Mark) -> &'static str {
        match mark {
            Mark::Ok => self.symbols.passed,
            Mark::Failed => self.symbols.failed,
            Mark::Unknown => self.symbols.unknown,
            Mark::Skipped => self.symbols.none,
        }
    }

    /// Writes words after what the line has already, folded at the page's width.
    ///
    /// What stands between backticks is to be copied, so it stays whole, however long.
    fn flow(&self, out: &mut String, words: &str, indent: usize) {
        let written = out.rsplit('\n').next().unwrap_or_default();
        let written = display_width(written);
        let (mut column, mut first) = (written, true);
        for word in units(words) {
            if !first && column + 1 + word.width() > self.width {
                write!(out, "\n{:indent$}", "").ok();
                column = indent;
            } else if !first {
                out.push(' ');
                column += 1;
            }
            out.push_str(&word);
            column += word.width();
            first = false;
        }
        out.truncate(out.trim_end_matches(' ').len());
        out.push('\n');
    }
}

/// Returns the verdict: the diagnosis whole, or that it works.
pub fn verdict(report: &Report, page: Page) -> String {
    let name = line(report.name.as_str());
    let style = status_style(report.status);
    let symbol = page.symbols.status(report.status);
    let said = match (&report.diagnosis, report.live) {
        (Some(diagnosis), _) => line(&diagnosis.title),
        (None, Some(_)) => "it works from here".to_owned(),
        (None, None) => "only its end dates are watched (`mode = \"dates\"`)".to_owned(),
    };
    let heading = format!("\n{style}{symbol} {name}: {said}{style:#}\n");
    let body = prose::verdict(report, report.checked_at);
    heading + &terminal::render(&body, Some(page.width))
}

fn milliseconds(ms: f64) -> String {
    if ms < 100.0 {
        format!("{ms:.1} ms")
    } else {
        format!("{ms:.0} ms")
    }
}

const fn style(mark: Mark) -> Style {
    match mark {
        Mark::Ok => AnsiColor::Green.on_default(),
        Mark::Failed => AnsiColor::Red.on_default(),
        Mark::Unknown => AnsiColor::Magenta.on_default(),
        Mark::Skipped => Style::new(),
    }
}

/// The words of a text; what is between backticks is one, with what touches it.
fn units(words: &str) -> Vec<String> {
    let mut units = vec![String::new()];
    let mut quoted = false;
    let closed = words.matches('`').count().is_multiple_of(2);
    for c in words.chars() {
        quoted ^= c == '`' && closed;
        match units.last_mut() {
            Some(unit) if c != ' ' || quoted => unit.push(c),
            _ => units.push(String::new()),
        }
    }
    units.retain(|unit| !unit.is_empty());
    units
}

#[cfg(test)]
mod unit_tests {
    use super::*;

    #[test]
    fn a_command_between_backticks_is_never_folded() {
        assert_eq!(
            units("run `a b c`, then d"),
            ["run", "`a b c`,", "then", "d"]
        );
        assert_eq!(units("a lone ` stays"), ["a", "lone", "`", "stays"]);
    }

    #[test]
    fn lines_are_folded_under_their_values() {
        let page = Page::new(Symbols::ASCII, 60);
        let step = Step::new(
            "resolve",
            crate::observation::Stage::Token,
            Mark::Ok,
            "a line that is too long for what is left of the page",
        );
        let shown = anstream::adapter::strip_str(&page.step(&step)).to_string();
        assert!(shown.lines().count() > 1);
        for line in shown.lines() {
            assert!(line.width() <= 60, "{line}");
        }
    }
}
