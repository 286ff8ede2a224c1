//! A chapter as a man page.

use pulldown_cmark::HeadingLevel;
use roff::{Inline, Roff, bold, line_break, roman};

use super::{
    chapters::Chapter,
    markdown::{Block, Span, Text},
};

/// An empty argument. Without the quotation marks the version would stand in the place of the date.
const NO_DATE: &str = "\"\"";

/// Returns a page of section 7, called `credwatch-manual-TOPIC`.
pub(super) fn render(chapter: &Chapter, blocks: &[Block]) -> String {
    let mut page = Roff::new();
    let title = format!("credwatch-manual-{}", chapter.topic);
    let version = concat!("credwatch ", env!("CARGO_PKG_VERSION"));
    let header = [title.as_str(), "7", NO_DATE, version, "Manual of credwatch"];
    page.control("TH", header);
    page.control("SH", ["NAME"]);
    page.text([roman(format!("{title} - {}", chapter.summary))]);
    let mut after_heading = false;
    for block in blocks {
        // a heading already begins a paragraph
        let begins = matches!(
            block,
            Block::Paragraph { marker: None, .. } | Block::Code { .. }
        );
        if begins && !after_heading {
            page.control("PP", []);
        }
        after_heading = matches!(block, Block::Heading { .. });
        write(&mut page, block);
    }
    page.render()
}

fn write(page: &mut Roff, block: &Block) {
    match block {
        Block::Heading { level, text } => {
            let macro_name = match level {
                HeadingLevel::H1 | HeadingLevel::H2 => "SH",
                _ => "SS",
            };
            page.control(macro_name, [quoted(&flat(text)).as_str()]);
        }
        Block::Paragraph {
            depth,
            marker,
            text,
        } => indented(page, *depth, |page| {
            match marker.as_deref() {
                Some("-") => page.control("IP", [r"\(bu", "2"]),
                Some(number) => page.control("IP", [number, "4"]),
                None => page,
            };
            page.text(inlines(text));
        }),
        Block::Code { depth, lines } => indented(page, *depth, |page| {
            page.control("RS", ["4"]);
            page.control("nf", []);
            for line in lines.lines() {
                page.text([roman(line)]);
            }
            page.control("fi", []);
            page.control("RE", []);
        }),
        Block::Table(rows) => table(page, rows),
    }
}

/// Writes within as many indented parts as there are lists around it.
fn indented(page: &mut Roff, depth: usize, write: impl FnOnce(&mut Roff)) {
    let around = depth.saturating_sub(1);
    for _ in 0..around {
        page.control("RS", ["4"]);
    }
    write(page);
    for _ in 0..around {
        page.control("RE", []);
    }
}

/// The first cell of a row is its tag. Every other one stands behind the title of its column, unless
/// there are only two columns.
fn table(page: &mut Roff, rows: &[Vec<Text>]) {
    let Some((head, body)) = rows.split_first() else {
        return;
    };
    for row in body {
        let mut cells = head.iter().zip(row);
        page.control("TP", []);
        if let Some((_, tag)) = cells.next() {
            page.text([bold(flat(tag))]);
        }
        let mut text = Vec::new();
        for (title, cell) in cells.filter(|(_, cell)| !cell.is_empty()) {
            if !text.is_empty() {
                text.push(line_break());
            }
            if head.len() > 2 {
                text.push(roman(format!("{}: ", flat(title))));
            }
            text.extend(inlines(cell));
        }
        page.text(text);
    }
}

fn inlines(text: &Text) -> Vec<Inline> {
    let inline = |span: &Span| match span {
        Span::Plain(text) => roman(text.as_str()),
        Span::Strong(text) | Span::Code(text) => bold(text.as_str()),
    };
    text.iter().map(inline).collect()
}

fn flat(text: &Text) -> String {
    let words = text.iter().map(|span| match span {
        Span::Plain(text) | Span::Strong(text) | Span::Code(text) => text.as_str(),
    });
    words.collect()
}

/// A macro's argument: one without a blank would be written without quotation marks.
fn quoted(text: &str) -> String {
    text.replace('\\', r"\e").replace('"', r"\(dq")
}
