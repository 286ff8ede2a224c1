//! The steps for people: a line each with what was sent and found below, then the diagnosis whole.
//!
//! Styles are ANSI sequences; whoever writes the text to a pipe strips them.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use unicode_width::UnicodeWidthStr as _;

use super::{Fact, Mark, Report, Step};
use crate::{
    report::{
        text::{self, Symbols},
        words,
    },
    tenant::Tenant,
    text::line,
    verdict::Diagnosis,
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
        let written = anstyle_width(written);
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

    /// A paragraph of its own.
    fn paragraph(&self, out: &mut String, lead: &str, words: &str) {
        out.push_str(lead);
        self.flow(out, words, lead.width());
    }
}

/// Returns the verdict: the diagnosis whole, or that it works.
pub fn verdict(report: &Report, page: Page) -> String {
    let name = line(report.name.as_str());
    let style = text::style(report.status);
    let symbol = page.symbols.status(report.status);
    let said = match (&report.diagnosis, report.live) {
        (Some(diagnosis), _) => line(&diagnosis.title),
        (None, Some(_)) => "it works from here".to_owned(),
        (None, None) => "only its end dates are watched (`mode = \"dates\"`)".to_owned(),
    };
    let mut out = format!("\n{style}{symbol} {name}: {said}{style:#}\n");
    if let Some(found) = &report.diagnosis {
        diagnosis(&mut out, page, found);
    }
    if let Some(end) = words::end(report, report.checked_at) {
        let advice = words::end_advice(report).map_or_else(String::new, |it| format!(": {it}"));
        page.paragraph(&mut out, "   ", &format!("{end}{advice}"));
    }
    for (label, value) in [
        ("contact", &report.contact),
        ("vendor", &report.vendor_support),
        ("runbook", &report.runbook),
        ("note", &report.note),
    ] {
        if let Some(value) = value {
            page.paragraph(&mut out, "   ", &format!("{label}: {}", line(value)));
        }
    }
    out
}

fn diagnosis(out: &mut String, page: Page, found: &Diagnosis) {
    let code = found.code.as_deref().map(line);
    let code = code.map_or_else(String::new, |code| format!("{code}, "));
    let facts = format!(
        "{} ({code}{}); {} must act",
        found.cause,
        found.confidence.word(),
        found.owner.words(),
    );
    page.paragraph(out, "   ", &facts);
    page.paragraph(out, "   ", &line(&found.detail));
    out.push('\n');
    for (number, step) in found.fix.iter().enumerate() {
        let mut lines = step.lines().map(line);
        let first = lines.next().unwrap_or_default();
        page.paragraph(out, &format!("   {}. ", number + 1), &first);
        for command in lines {
            writeln!(out, "      {command}").ok();
        }
    }
    if !found.fix.is_empty() {
        out.push('\n');
    }
    if !found.also_possible.is_empty() {
        let others: Vec<_> = found.also_possible.iter().map(|it| it.id()).collect();
        let others = format!("it may also be: {}", others.join(", "));
        page.paragraph(out, "   ", &others);
    }
    for (label, id) in [
        ("trace id", &found.trace_id),
        ("correlation id", &found.correlation_id),
    ] {
        if let Some(id) = id {
            page.paragraph(out, "   ", &format!("{label}: {}", line(id)));
        }
    }
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

/// The columns of a text with styles in it.
fn anstyle_width(styled: &str) -> usize {
    let mut width = 0;
    let mut parts = styled.split('\u{1b}');
    width += parts.next().unwrap_or_default().width();
    for part in parts {
        // a style ends with an `m`
        let (_style, rest) = part.split_once('m').unwrap_or((part, ""));
        width += rest.width();
    }
    width
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
