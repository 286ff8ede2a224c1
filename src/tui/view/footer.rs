//! The last line: the filter while it is typed, the answer to a key, or hints about keys.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
    widgets::Widget as _,
};

use super::{overlay::with_cursor, text_layout::span};
use crate::{
    text,
    tui::{
        keymap::BINDINGS,
        model::{Mode, Model, Screen},
        theme,
    },
};

/// Draws the last line.
pub(super) fn draw(model: &Model, area: Rect, buffer: &mut Buffer) {
    let line = if model.mode == Mode::Filter {
        prompt(model)
    } else if let Some(feedback) = &model.feedback {
        let words = format!(" {}", text::line(&feedback.text));
        let words = text::fit(&words, usize::from(area.width)).into_owned();
        Line::styled(words, theme::KEY)
    } else {
        hints(model, usize::from(area.width))
    };
    line.render(area, buffer);
}

/// The filter with its cursor, how many it leaves, and how it is ended.
fn prompt(model: &Model) -> Line<'static> {
    let count = format!("   {} of {}   ", model.shown(), model.tally.total());
    let mut spans = vec![span(" / ", theme::KEY)];
    spans.extend(with_cursor(model.filter.value(), model.filter.cursor()));
    match &model.filter_problem {
        Some(problem) => spans.push(span(format!("   {problem}   "), theme::WARN)),
        None => spans.push(span(count, theme::QUIET)),
    }
    spans.extend(hint_spans(model));
    Line::from(spans)
}

/// As many hints as fit, whole; help and quit are always among them.
fn hints(model: &Model, width: usize) -> Line<'static> {
    let all: Vec<Span<'static>> = hint_spans(model);
    let pairs: Vec<&[Span<'static>]> = all.chunks(2).collect();
    let wide = |pair: &[Span<'static>]| pair.iter().map(Span::width).sum::<usize>();
    let (last, first) = match pairs.split_last_chunk::<2>() {
        Some((first, last)) => (last.as_slice(), first),
        None => (pairs.as_slice(), [].as_slice()),
    };
    let mut room = width.saturating_sub(1 + last.iter().map(|pair| wide(pair)).sum::<usize>());
    let mut spans = vec![Span::raw(" ")];
    if model.mode == Mode::Browse && model.screen() == Screen::Fleet && room > 40 {
        let select = [span("↑↓", theme::KEY), Span::raw(" select   ")];
        room = room.saturating_sub(wide(&select));
        spans.extend(select);
    }
    for pair in first {
        if wide(pair) > room {
            break;
        }
        room -= wide(pair);
        spans.extend(pair.iter().cloned());
    }
    spans.extend(last.iter().flat_map(|pair| pair.iter().cloned()));
    Line::from(spans)
}

/// Key and words of everything that works here, two spans each.
fn hint_spans(model: &Model) -> Vec<Span<'static>> {
    let (screen, mode) = (model.screen(), model.mode);
    BINDINGS
        .iter()
        .filter(|binding| !binding.hint.is_empty() && binding.works(screen, mode))
        .flat_map(|binding| {
            [
                span(binding.label, theme::KEY),
                Span::raw(format!(" {}   ", binding.hint)),
            ]
        })
        .collect()
}
