//! A chapter for a terminal: still Markdown to the eye, with lines broken to the width and tables laid
//! out.

use std::borrow::Cow;

use anstyle::{AnsiColor, Style};
use pulldown_cmark::HeadingLevel;
use textwrap::{Options, WordSplitter};
use unicode_width::UnicodeWidthStr as _;

use super::markdown::{Block, Span, Text};

/// Longer lines are hard to read, however wide the terminal is.
const WIDEST: usize = 100;

/// Where the last column of a table would get less than this, each row becomes an entry of a list.
const NARROWEST_CELL: usize = 28;

/// Blanks between two columns of a table.
const GAP: usize = 2;

const INDENT: &str = "    ";

const HEADING: Style = Style::new().bold();
const TITLE: Style = AnsiColor::Cyan.on_default().bold();

/// Returns the blocks as lines of at most this many columns. Code is never broken.
pub(super) fn render(blocks: &[Block], columns: usize) -> String {
    let mut page = Page {
        out: String::new(),
        columns: columns.clamp(20, WIDEST),
    };
    let mut in_list = false;
    for block in blocks {
        let is_item = matches!(
            block,
            Block::Paragraph {
                marker: Some(_),
                ..
            }
        );
        // items of one list stand close together
        let is_close = page.out.is_empty() || (in_list && is_item);
        if !is_close {
            page.out.push('\n');
        }
        in_list = is_item;
        page.block(block);
    }
    page.out
}

/// The lines so far, and how wide they may be.
struct Page {
    out: String,
    columns: usize,
}

impl Page {
    fn block(&mut self, block: &Block) {
        match block {
            Block::Heading { level, text } => self.heading(*level, &flat(text)),
            Block::Paragraph {
                depth,
                marker,
                text,
            } => {
                let blanks = "  ".repeat(depth.saturating_sub(1));
                let first = marker.as_ref().map(|marker| format!("{blanks}{marker} "));
                let hang = if *depth == 0 {
                    blanks.len()
                } else {
                    blanks.len() + 2
                };
                let rest = " ".repeat(first.as_ref().map_or(hang, String::len));
                self.wrapped(&flat(text), first.as_ref().unwrap_or(&rest), &rest);
            }
            Block::Code { depth, lines } => {
                let blanks = "  ".repeat(*depth);
                for line in lines.lines() {
                    self.line(&format!("{blanks}{INDENT}{line}"));
                }
            }
            Block::Table(rows) => self.table(rows),
        }
    }

    fn line(&mut self, line: &str) {
        self.out.push_str(line.trim_end());
        self.out.push('\n');
    }

    fn wrapped(&mut self, text: &str, first: &str, rest: &str) {
        for line in broken(text, self.columns, first, rest) {
            self.line(&line);
        }
    }

    fn heading(&mut self, level: HeadingLevel, text: &str) {
        let style = match level {
            HeadingLevel::H1 => TITLE,
            _ => HEADING,
        };
        let marks = format!("{} ", "#".repeat(level as usize));
        for line in broken(text, self.columns, &marks, &" ".repeat(marks.len())) {
            self.line(&format!("{style}{line}{style:#}"));
        }
    }

    /// Writes a table with its columns side by side, or as a list where the last column would be too
    /// narrow.
    fn table(&mut self, rows: &[Vec<Text>]) {
        let row = |row: &Vec<Text>| row.iter().map(flat).collect::<Vec<_>>();
        let cells: Vec<Vec<String>> = rows.iter().map(row).collect();
        let Some((head, body)) = cells.split_first() else {
            return;
        };
        let last = head.len().saturating_sub(1);
        let widest = |column: usize| {
            let cells = cells.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.width()).max().unwrap_or_default()
        };
        let widths: Vec<usize> = (0..last).map(|column| widest(column) + GAP).collect();
        let before = widths.iter().sum::<usize>();
        if self.columns.saturating_sub(before) < NARROWEST_CELL.min(widest(last)) {
            return self.entries(head, body);
        }
        let rule = head.iter().map(|title| "-".repeat(title.width())).collect();
        for row in [head, &rule].into_iter().chain(body) {
            let mut first = String::new();
            for (cell, width) in row.iter().zip(&widths) {
                first.push_str(cell);
                first.push_str(&" ".repeat(width.saturating_sub(cell.width())));
            }
            match row.get(last).filter(|cell| !cell.is_empty()) {
                Some(cell) => self.wrapped(cell, &first, &" ".repeat(before)),
                None => self.line(&first),
            }
        }
    }

    /// Writes each row as an entry: its first cell as the name, each other one behind its title.
    fn entries(&mut self, head: &[String], body: &[Vec<String>]) {
        for row in body {
            let mut cells = head.iter().zip(row);
            if let Some((_, name)) = cells.next() {
                self.wrapped(name, "- ", "  ");
            }
            for (title, cell) in cells.filter(|(_, cell)| !matches!(&***cell, "" | "–")) {
                let titled = format!("{title}: {cell}");
                let text = if head.len() > 2 { &titled } else { cell };
                self.wrapped(text, INDENT, INDENT);
            }
        }
    }
}

/// Breaks a text between words. A command or an address is copied whole, so no word is broken.
fn broken<'t>(text: &'t str, columns: usize, first: &'t str, rest: &'t str) -> Vec<Cow<'t, str>> {
    let options = Options::new(columns)
        .initial_indent(first)
        .subsequent_indent(rest)
        .word_splitter(WordSplitter::NoHyphenation)
        .break_words(false);
    textwrap::wrap(text, options)
}

/// Returns a text with its code between backticks.
fn flat(text: &Text) -> String {
    let spans = text.iter().map(|span| match span {
        Span::Plain(text) | Span::Strong(text) => text.clone(),
        Span::Code(text) => format!("`{text}`"),
    });
    spans.collect()
}

#[cfg(test)]
mod tests {
    use super::{super::markdown::blocks, *};

    fn rendered(source: &str, columns: usize) -> String {
        anstream::adapter::strip_str(&render(&blocks(source), columns)).to_string()
    }

    const SOURCE: &str = "\
# Title

Running text with `code` that is longer
than the line.

- one item that has to be broken
- another

  ```sh
  credwatch check --only live
  ```

| key | default | meaning |
| --- | --- | --- |
| `warn` | `30d` | ends within this |
";

    #[test]
    fn lines_are_broken_and_tables_laid_out() {
        insta::assert_snapshot!(rendered(SOURCE, 60), @r"
        # Title

        Running text with `code` that is longer than the line.

        - one item that has to be broken
        - another

              credwatch check --only live

        key     default  meaning
        ---     -------  -------
        `warn`  `30d`    ends within this
        ");
    }

    #[test]
    fn a_table_too_wide_becomes_a_list() {
        insta::assert_snapshot!(rendered(SOURCE, 24), @r"
        # Title

        Running text with `code`
        that is longer than the
        line.

        - one item that has to
          be broken
        - another

              credwatch check --only live

        - `warn`
            default: `30d`
            meaning: ends within
            this
        ");
    }
}
