//! A document as GitHub-flavoured Markdown.
//!
//! The page it is pasted into may turn text into links, pictures, mentions and HTML. Nothing in a
//! document does any of that: see [`markup`](crate::report::markup).

use std::fmt::Write as _;

use super::{Block, Document, Item, Look, Marker, Text};
use crate::report::markup::{Place, code, inline, longest_run, prose};

/// What belongs to an entry of a list stands this far in.
const INDENT: usize = 4;

/// Returns the page.
pub fn render(document: &Document) -> String {
    let mut out = String::new();
    blocks(&mut out, &document.blocks, 0);
    let end = out.trim_end().len();
    out.truncate(end);
    out.push('\n');
    out
}

fn blocks(out: &mut String, blocks: &[Block], indent: usize) {
    for block in blocks {
        let pad = " ".repeat(indent);
        match block {
            Block::Heading(level, text) => {
                let marks = "#".repeat((*level).max(1));
                write!(out, "{pad}{marks} {}\n\n", shown(text, Place::Prose)).ok();
            }
            Block::Paragraph(text) => {
                write!(out, "{pad}{}\n\n", paragraph(text)).ok();
            }
            Block::Command(command) => fenced(out, command, &pad),
            Block::List(items) => list(out, items, indent),
            Block::Table(rows) => {
                table(out, rows);
                out.push('\n');
            }
            Block::Inner(inner) => self::blocks(out, inner, indent),
            Block::Gap => {}
        }
    }
}

/// Entries without inner blocks stand close together.
fn list(out: &mut String, items: &[Item], indent: usize) {
    let pad = " ".repeat(indent);
    for (number, item) in items.iter().enumerate() {
        let text = shown(&item.text, Place::Prose);
        match item.marker {
            Marker::Number(number) => writeln!(out, "{pad}{number}. {text}"),
            Marker::Bullet => writeln!(out, "{pad}- {text}"),
            Marker::Word(word) => writeln!(out, "{pad}{word} {text}"),
        }
        .ok();
        let inner = match item.marker {
            Marker::Word(_) => indent,
            Marker::Number(_) | Marker::Bullet => indent + INDENT,
        };
        if !item.inner.is_empty() {
            out.push('\n');
            blocks(out, &item.inner, inner);
        }
        let word =
            |item: Option<&Item>| matches!(item.map(|item| item.marker), Some(Marker::Word(_)));
        let apart = word(Some(item)) || word(items.get(number + 1));
        if item.inner.is_empty() && (apart || number + 1 == items.len()) {
            out.push('\n');
        }
    }
}

fn fenced(out: &mut String, command: &str, pad: &str) {
    let fence = "`".repeat(longest_run(command).max(2) + 1);
    write!(out, "{pad}{fence}\n{pad}{command}\n{pad}{fence}\n\n").ok();
}

fn table(out: &mut String, rows: &[Vec<Text>]) {
    for (number, row) in rows.iter().enumerate() {
        let cells: Vec<_> = row.iter().map(|cell| shown(cell, Place::Cell)).collect();
        writeln!(out, "| {} |", cells.join(" | ")).ok();
        if number == 0 {
            let rule = vec!["---"; row.len()];
            writeln!(out, "| {} |", rule.join(" | ")).ok();
        }
    }
}

/// A text that begins a block: nothing at its beginning makes it another kind of block.
fn paragraph(text: &Text) -> String {
    let Some((first, rest)) = text.0.split_first() else {
        return String::new();
    };
    if first.look != Look::Plain {
        return shown(text, Place::Prose);
    }
    let begin = prose(&first.text);
    let blank = if first.text.ends_with(' ') { " " } else { "" };
    format!(
        "{begin}{blank}{}",
        shown(&Text(rest.to_vec()), Place::Prose)
    )
}

/// A text within a line.
fn shown(text: &Text, place: Place) -> String {
    let mut out = String::new();
    for span in &text.0 {
        let words = span.text.trim();
        if span.text.starts_with(' ') {
            out.push(' ');
        }
        match span.look {
            Look::Command => out.push_str(&code(words, place)),
            Look::Strong if !words.is_empty() => {
                write!(out, "**{}**", inline(words)).ok();
            }
            _ => out.push_str(&inline(words)),
        }
        if span.text.ends_with(' ') && !words.is_empty() {
            out.push(' ');
        }
    }
    out
}
