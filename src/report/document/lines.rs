//! A document as lines of styled spans: what a terminal and the dashboard draw.

use textwrap::{core::Fragment, wrap_algorithms::wrap_first_fit};
use unicode_width::UnicodeWidthStr as _;

use super::{Block, Document, Item, Look, Marker, Span, Text};

/// A command stands this far behind the text that it belongs to.
const COMMAND_INDENT: usize = 2;

/// What belongs to the block before it stands this far behind it.
const INNER_INDENT: usize = 3;

/// One line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Line {
    /// So many blanks stand before the spans.
    pub indent: usize,
    /// The spans, in order, without further blanks between them.
    pub spans: Vec<Span>,
}

impl Line {
    /// Returns the width of the line in columns.
    pub fn width(&self) -> usize {
        let spans = self.spans.iter().map(|span| span.text.width());
        self.indent + spans.sum::<usize>()
    }
}

/// Returns the lines of a document; `None` for the width leaves every paragraph in one line.
///
/// A word that is wider than a line stays whole, and so does a command.
pub fn lay_out(document: &Document, width: Option<usize>) -> Vec<Line> {
    let mut layout = Layout {
        width: width.unwrap_or(usize::MAX),
        lines: Vec::new(),
    };
    layout.blocks(&document.blocks, 0);
    layout.lines
}

struct Layout {
    width: usize,
    lines: Vec<Line>,
}

impl Layout {
    fn blocks(&mut self, blocks: &[Block], indent: usize) {
        for block in blocks {
            match block {
                Block::Heading(_, text) | Block::Paragraph(text) => {
                    self.flow(text, None, (indent, indent));
                }
                Block::Command(command) => self.lines.push(Line {
                    indent: indent + COMMAND_INDENT,
                    spans: vec![Span::new(Look::Command, command)],
                }),
                Block::List(items) => items.iter().for_each(|item| self.item(item, indent)),
                Block::Table(rows) => self.table(rows, indent),
                Block::Inner(inner) => self.blocks(inner, indent + INNER_INDENT),
                Block::Gap => self.lines.push(Line::default()),
            }
        }
    }

    fn item(&mut self, item: &Item, indent: usize) {
        let marker = match item.marker {
            Marker::Number(number) => format!("{number}. "),
            Marker::Word(word) => format!("{word} "),
            Marker::Bullet => String::new(),
        };
        // behind a number the text hangs; a word such as `Note:` would push it too far right
        let hang = match item.marker {
            Marker::Number(_) => indent + marker.width(),
            Marker::Word(_) | Marker::Bullet => indent + INNER_INDENT,
        };
        self.flow(&item.text, Some(marker), (indent, hang));
        self.blocks(&item.inner, hang);
    }

    /// A paragraph whose first line begins at one column and the others at another.
    fn flow(&mut self, text: &Text, marker: Option<String>, (first, hang): (usize, usize)) {
        let words = words(text);
        let used = marker.as_deref().map_or(0, str::width);
        let room = |indent: usize| self.width.saturating_sub(indent).max(1) as f64;
        let widths = [room(first + used), room(hang)];
        let mut marker = marker.map(|marker| Span::new(Look::Plain, &marker));
        let mut indent = first;
        for line in wrap_first_fit(&words, &widths) {
            let mut spans: Vec<Span> = marker.take().into_iter().collect();
            for (number, word) in line.iter().enumerate() {
                if number > 0 {
                    spans.push(Span::new(Look::Plain, " "));
                }
                spans.extend(word.spans.iter().cloned());
            }
            self.lines.push(Line {
                indent,
                spans: joined(spans),
            });
            indent = hang;
        }
    }

    /// Columns as wide as their widest cell.
    fn table(&mut self, rows: &[Vec<Text>], indent: usize) {
        let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
        let width_of = |column: usize| {
            let cells = rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.plain().width()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..columns).map(width_of).collect();
        for row in rows {
            let mut spans = Vec::new();
            for (cell, width) in row.iter().zip(&widths) {
                let pad = width.saturating_sub(cell.plain().width()) + 2;
                spans.extend(cell.0.iter().cloned());
                spans.push(Span::new(Look::Plain, &" ".repeat(pad)));
            }
            // what fills the last column is of no use
            spans.pop();
            self.lines.push(Line { indent, spans });
        }
    }
}

/// A word with its styles: what must not be broken.
#[derive(Debug)]
struct Word {
    spans: Vec<Span>,
    width: usize,
}

impl Fragment for Word {
    fn width(&self) -> f64 {
        self.width as f64
    }

    fn whitespace_width(&self) -> f64 {
        1.0
    }

    fn penalty_width(&self) -> f64 {
        0.0
    }
}

/// The words of a text; code is one, with whatever touches it.
fn words(text: &Text) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let mut touches = false;
    for span in &text.0 {
        let whole = [span.text.as_str()];
        let parts: Vec<&str> = match span.look {
            Look::Code | Look::Command => whole.to_vec(),
            _ => span.text.split(' ').collect(),
        };
        for (number, part) in parts.into_iter().enumerate() {
            touches &= number == 0;
            if part.is_empty() {
                continue;
            }
            let piece = Span::new(span.look, part);
            match words.last_mut().filter(|_| touches) {
                Some(word) => {
                    word.width += part.width();
                    word.spans.push(piece);
                }
                None => words.push(Word {
                    width: part.width(),
                    spans: vec![piece],
                }),
            }
            touches = true;
        }
    }
    words
}

/// Neighbours of one look as one span.
fn joined(spans: Vec<Span>) -> Vec<Span> {
    let mut out: Vec<Span> = Vec::new();
    for span in spans {
        let blank = span.text == " ";
        match out.last_mut() {
            Some(last) if last.look == span.look || (blank && last.look != Look::Code) => {
                last.text.push_str(&span.text);
            }
            _ => out.push(span),
        }
    }
    out
}
