//! Lists to choose from, drawn over the lower part of the screen: commands to copy, lengths of a snooze
//! and its reason, the command palette.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Style,
    text::{Line, Span},
    widgets::{Clear, Widget as _},
};

use super::text_layout::{TextLines, boxed, item, padded, span};
use crate::{
    text,
    tui::{
        advice, format, layout,
        model::{Mode, Model},
        palette, snooze_choice, theme,
    },
};

/// What an overlay shows.
struct Overlay {
    title: String,
    lines: TextLines,
    hint: &'static str,
}

/// Draws the overlay of the present mode, if it has one.
pub(super) fn draw(model: &Model, body: Rect, buffer: &mut Buffer) {
    let width = usize::from(body.width.saturating_sub(4));
    let overlay = match model.mode {
        Mode::Browse | Mode::Filter => return,
        Mode::Copy => commands(model, width),
        Mode::SnoozeLength => snooze_lengths(model, width),
        Mode::SnoozeReason(_) => snooze_reason(model),
        Mode::Palette => entries(model, width),
    };
    let area = layout::overlay(body, overlay.lines.len());
    Clear.render(area, buffer);
    boxed(&overlay.title, &overlay.lines, overlay.hint, area, buffer);
}

fn name(model: &Model) -> String {
    let row = model.selected_row();
    row.map_or_else(String::new, |row| text::line(row.tenant.name.as_str()))
}

fn commands(model: &Model, width: usize) -> Overlay {
    let row = model.selected_row();
    let commands = row.map_or_else(Vec::new, |row| advice::all_commands(model, row));
    let lines = commands.iter().flat_map(|command| {
        let mark = span(format!("{}  ", command.number), theme::KEY);
        item(&mark, &command.line, width, theme::STRONG)
    });
    Overlay {
        title: format!("copy a command for {}", name(model)),
        lines: lines.collect(),
        hint: "1-9 copy  Esc close",
    }
}

fn snooze_lengths(model: &Model, width: usize) -> Overlay {
    let offset = model.settings.local_offset;
    let mut lines = TextLines::new();
    for choice in snooze_choice::choices(model.now, offset) {
        let until = format::moment(model.now + choice.length, model.now, offset);
        let mark = span(format!("{}  ", choice.number), theme::KEY);
        let words = format!("{} (until {until})", choice.words);
        lines.extend(item(&mark, &words, width, Style::new()));
    }
    let selected = model.selected.as_ref();
    if selected.is_some_and(|name| model.snooze(name).is_some()) {
        let mark = span("0  ", theme::KEY);
        lines.extend(item(&mark, "end the snooze", width, Style::new()));
    }
    Overlay {
        title: format!("snooze the alerts of {}", name(model)),
        lines,
        hint: "1-5 choose  Esc cancel",
    }
}

fn snooze_reason(model: &Model) -> Overlay {
    Overlay {
        title: format!("why are the alerts of {} snoozed?", name(model)),
        lines: vec![typed(model, "reason: ")],
        hint: "Enter snooze  Esc cancel",
    }
}

fn entries(model: &Model, width: usize) -> Overlay {
    let found = palette::entries(model);
    let mut lines = vec![typed(model, ": ")];
    for (nth, entry) in found.iter().enumerate() {
        let style = if nth == model.choice {
            theme::REVERSE
        } else {
            Style::new()
        };
        let words = format!(" {}  {}", padded(&entry.label, 10), entry.words);
        lines.push(Line::styled(padded(&words, width), style));
    }
    if found.is_empty() {
        lines.push(Line::styled(" nothing fits these letters", theme::QUIET));
    }
    Overlay {
        title: "command palette".to_owned(),
        lines,
        hint: "Enter does it  Esc close",
    }
}

/// The text being typed, with its cursor.
fn typed(model: &Model, prompt: &'static str) -> Line<'static> {
    let mut spans = vec![span(prompt, theme::KEY)];
    spans.extend(with_cursor(model.input.value(), model.input.cursor()));
    Line::from(spans)
}

/// Returns a text with the character under the cursor reversed.
pub(super) fn with_cursor(value: &str, cursor: usize) -> [Span<'static>; 3] {
    let before: String = value.chars().take(cursor).collect();
    let mut after = value.chars().skip(cursor);
    let under = after.next().unwrap_or(' ').to_string();
    [
        Span::raw(before),
        span(under, theme::REVERSE),
        Span::raw(after.collect::<String>()),
    ]
}
