//! A document for a terminal: lines with ANSI styles, which the writer to a pipe strips.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};

use super::{Document, Look, lines};
use crate::verdict::Status;

/// Returns the text of a document for so many columns; `None` breaks no line.
pub fn render(document: &Document, width: Option<usize>) -> String {
    let mut out = String::new();
    for line in lines::lay_out(document, width) {
        write!(out, "{:indent$}", "", indent = line.indent).ok();
        for span in &line.spans {
            let style = style(span.look);
            write!(out, "{style}{}{style:#}", span.text).ok();
        }
        // a line never ends in blanks
        out.truncate(out.trim_end_matches(' ').len());
        out.push('\n');
    }
    out
}

/// Returns the style of a status: colour is only added to symbol and word.
pub const fn status_style(status: Status) -> Style {
    let colour = match status {
        Status::Ok => AnsiColor::Green,
        Status::Warning => AnsiColor::Yellow,
        Status::Critical => AnsiColor::Red,
        Status::Unknown => AnsiColor::Magenta,
    };
    colour.on_default().bold()
}

const fn style(look: Look) -> Style {
    match look {
        Look::Plain | Look::Code | Look::Command => Style::new(),
        Look::Strong => Style::new().bold(),
        Look::Quiet => Style::new().dimmed(),
        Look::Status(status) => status_style(status),
    }
}
