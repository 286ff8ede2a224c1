//! Lines of text: wrapped, padded, written under headings.

use std::borrow::Cow;

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Style,
    text::{Line, Span},
    widgets::Widget as _,
};
use unicode_width::UnicodeWidthStr as _;

use crate::{
    text,
    tui::{
        advice::{AdviceStep, StepPart},
        theme,
    },
};

/// A page that is read from top to bottom.
pub(super) type TextLines = Vec<Line<'static>>;

/// Returns the text cut or filled up to exactly this many columns.
pub(super) fn padded(content: &str, width: usize) -> String {
    let mut cell = text::fit(content, width).into_owned();
    let missing = width.saturating_sub(cell.width());
    cell.extend(std::iter::repeat_n(' ', missing));
    cell
}

/// Returns the text at the right end of this many columns.
pub(super) fn right(content: &str, width: usize) -> String {
    let cell = text::fit(content, width);
    let missing = width.saturating_sub(cell.width());
    format!("{}{cell}", " ".repeat(missing))
}

/// Returns a span of its own text.
pub(super) fn span(content: impl Into<Cow<'static, str>>, style: Style) -> Span<'static> {
    Span::styled(content, style)
}

/// Breaks a text into lines between words; a word that is longer than a line is broken too.
pub(super) fn wrap(content: &str, width: usize) -> Vec<String> {
    // textwrap measures character by character and would not see that U+FE0F widens the one before
    let words: Vec<&str> = content.split_whitespace().collect();
    let content = words.join(" ").replace('\u{fe0f}', "");
    let options = textwrap::Options::new(width.max(1))
        .word_splitter(textwrap::WordSplitter::NoHyphenation)
        .word_separator(textwrap::WordSeparator::AsciiSpace)
        .wrap_algorithm(textwrap::WrapAlgorithm::FirstFit);
    let lines = textwrap::wrap(&content, options);
    lines.into_iter().map(Cow::into_owned).collect()
}

/// Returns wrapped text behind a mark, its further lines set in as far as the first.
pub(super) fn item(mark: &Span<'static>, content: &str, width: usize, style: Style) -> TextLines {
    let indent = mark.width();
    wrap(content, width.saturating_sub(indent))
        .into_iter()
        .enumerate()
        .map(|(nth, part)| {
            let first = if nth == 0 {
                mark.clone()
            } else {
                Span::raw(" ".repeat(indent))
            };
            Line::from(vec![first, span(part, style)])
        })
        .collect()
}

/// Returns steps of an advice with their numbers; each command stands on a line of its own, behind the
/// number by which it is copied.
pub(super) fn numbered(steps: &[AdviceStep], width: usize) -> TextLines {
    let mut lines = TextLines::new();
    for (nth, step) in steps.iter().enumerate() {
        let mut mark = span(format!(" {:>2}  ", nth + 1), theme::STRONG);
        for part in step.parts() {
            lines.extend(match part {
                StepPart::Words(words) => item(&mark, &words, width, Style::new()),
                StepPart::Command(command) => {
                    let number = span(format!("     [{}] ", command.number), theme::KEY);
                    item(&number, &command.line, width, theme::STRONG)
                }
            });
            mark = Span::raw("     ");
        }
    }
    lines
}

/// Returns names and values in two columns.
pub(super) fn pairs(pairs: &[(&'static str, String)], width: usize) -> TextLines {
    let names = pairs
        .iter()
        .map(|(name, _)| name.width())
        .max()
        .unwrap_or(0);
    pairs
        .iter()
        .flat_map(|(name, value)| {
            let name = span(format!(" {}  ", padded(name, names)), theme::QUIET);
            item(&name, value, width, Style::new())
        })
        .collect()
}

/// Returns a rule with a title in it.
pub(super) fn rule(title: &str, width: usize) -> Line<'static> {
    let title = text::fit(title, width.saturating_sub(4)).into_owned();
    let rest = width.saturating_sub(title.width() + 3);
    Line::from(vec![
        span("─ ", theme::QUIET),
        span(title, theme::STRONG),
        span(format!(" {}", "─".repeat(rest)), theme::QUIET),
    ])
}

/// Draws a box with a title in its upper and a hint in its lower edge around as many lines as fit; with
/// less than three lines of space, the lines alone.
pub(super) fn boxed(title: &str, lines: &[Line<'_>], hint: &str, area: Rect, buffer: &mut Buffer) {
    if area.height < 3 || area.width < 20 {
        write(lines, 0, area, buffer);
        return;
    }
    let width = usize::from(area.width);
    let edge = |left: &str, text: &str, style: Style, right: &str| {
        let text = text::fit(text, width.saturating_sub(6)).into_owned();
        let rest = "─".repeat(width.saturating_sub(text.width() + 4));
        Line::from(vec![
            span(left.to_owned(), theme::QUIET),
            span(format!(" {text} "), style),
            span(format!("{rest}{right}"), theme::QUIET),
        ])
    };
    let mut rows = area.rows();
    if let Some(top) = rows.next() {
        edge("╭", title, theme::STRONG, "╮").render(top, buffer);
    }
    if let Some(bottom) = rows.next_back() {
        let rest = "─".repeat(width.saturating_sub(hint.width() + 6));
        Line::from(vec![
            span(format!("╰{rest} "), theme::QUIET),
            span(hint.to_owned(), theme::KEY),
            span(" ──╯", theme::QUIET),
        ])
        .render(bottom, buffer);
    }
    let inner = Rect {
        x: area.x + 2,
        width: area.width - 4,
        ..area
    };
    for (nth, row) in rows.enumerate() {
        for x in [row.x, row.right() - 1] {
            if let Some(cell) = buffer.cell_mut((x, row.y)) {
                cell.set_symbol("│").set_style(theme::QUIET);
            }
        }
        if let Some(line) = lines.get(nth) {
            let place = Rect {
                x: inner.x,
                width: inner.width,
                ..row
            };
            line.render(place, buffer);
        }
    }
}

/// Writes lines from the first that is not scrolled past.
pub(super) fn write(lines: &[Line<'_>], scroll: usize, area: Rect, buffer: &mut Buffer) {
    for (line, row) in lines.iter().skip(scroll).zip(area.rows()) {
        line.render(row, buffer);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn text_is_broken_between_words_and_long_words_anywhere() {
        assert_eq!(wrap("a short text", 7), ["a short", "text"]);
        assert_eq!(wrap("0123456789", 4), ["0123", "4567", "89"]);
        assert_eq!(wrap("日本語", 4), ["日本", "語"]);
        assert_eq!(wrap("", 4), [""]);
        let candles = "🕯\u{fe0f}".repeat(5);
        assert_eq!(padded(&candles, 7).width(), 7);
        assert!(wrap(&candles, 7).iter().all(|line| line.width() <= 7));
    }

    proptest! {
        #[test]
        fn no_line_is_wider_than_the_page(content in "\\PC{0,60}", width in 2usize..30) {
            for line in wrap(&content, width) {
                prop_assert!(line.width() <= width);
            }
            prop_assert_eq!(padded(&content, width).width(), width);
            prop_assert_eq!(right(&content, width).width(), width);
        }
    }
}
