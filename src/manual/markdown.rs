//! Markdown taken apart into blocks: as much of it as the chapters use.
//!
//! HTML is left out: chapters hold none but the comments that mark generated parts.

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use super::chapters::Chapter;

/// A piece of text in one style.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Span {
    Plain(String),
    Strong(String),
    Code(String),
}

/// Text between two line ends.
pub(super) type Text = Vec<Span>;

/// A block, in the order of the file.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Block {
    Heading {
        level: HeadingLevel,
        text: Text,
    },
    /// Running text; an item of a list has a marker (`-`, `1.`).
    Paragraph {
        /// In how many lists it stands.
        depth: usize,
        marker: Option<String>,
        text: Text,
    },
    Code {
        depth: usize,
        lines: String,
    },
    /// The first row is the head.
    Table(Vec<Vec<Text>>),
}

/// Takes Markdown apart.
pub(super) fn blocks(source: &str) -> Vec<Block> {
    let mut reader = Reader::default();
    for event in Parser::new_ext(source, Options::ENABLE_TABLES) {
        reader.take(event);
    }
    reader.blocks
}

#[derive(Default)]
struct Reader {
    blocks: Vec<Block>,
    text: Text,
    /// The number of the next item of each open list; `None` where items are not numbered.
    lists: Vec<Option<u64>>,
    marker: Option<String>,
    strong: bool,
    code: Option<String>,
    rows: Vec<Vec<Text>>,
    link: String,
}

impl Reader {
    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) => match &mut self.code {
                Some(code) => code.push_str(&text),
                None if self.strong => self.text.push(Span::Strong(text.into_string())),
                None => self.text.push(Span::Plain(text.into_string())),
            },
            Event::Code(text) => self.text.push(Span::Code(text.into_string())),
            Event::SoftBreak | Event::HardBreak => self.text.push(Span::Plain(" ".to_owned())),
            _ => {}
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            // the text of a list's item may stand without a paragraph of its own
            Tag::Paragraph | Tag::Heading { .. } => self.paragraph(),
            Tag::List(first) => {
                self.paragraph();
                self.lists.push(first);
            }
            Tag::Item => {
                self.paragraph();
                self.marker = Some(self.next_marker());
            }
            Tag::CodeBlock(_) => {
                self.paragraph();
                self.code = Some(String::new());
            }
            Tag::TableHead | Tag::TableRow => self.rows.push(Vec::new()),
            Tag::Strong => self.strong = true,
            Tag::Link { dest_url, .. } => self.link = dest_url.into_string(),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph | TagEnd::Item => self.paragraph(),
            TagEnd::Heading(level) => {
                let text = std::mem::take(&mut self.text);
                self.blocks.push(Block::Heading { level, text });
            }
            TagEnd::List(_) => drop(self.lists.pop()),
            TagEnd::CodeBlock => {
                let lines = self.code.take().unwrap_or_default();
                let depth = self.lists.len();
                self.blocks.push(Block::Code { depth, lines });
            }
            TagEnd::TableCell => {
                let cell = std::mem::take(&mut self.text);
                if let Some(row) = self.rows.last_mut() {
                    row.push(cell);
                }
            }
            TagEnd::Table => {
                let rows = std::mem::take(&mut self.rows);
                self.blocks.push(Block::Table(rows));
            }
            TagEnd::Strong => self.strong = false,
            TagEnd::Link => self.name_target(),
            _ => {}
        }
    }

    /// Ends the paragraph that is open, if one is.
    fn paragraph(&mut self) {
        if self.text.is_empty() {
            return;
        }
        self.blocks.push(Block::Paragraph {
            depth: self.lists.len(),
            marker: self.marker.take(),
            text: std::mem::take(&mut self.text),
        });
    }

    fn next_marker(&mut self) -> String {
        match self.lists.last_mut() {
            Some(Some(number)) => {
                *number += 1;
                format!("{}.", *number - 1)
            }
            _ => "-".to_owned(),
        }
    }

    /// Says behind a link where it leads, in words that work without a browser.
    fn name_target(&mut self) {
        let target = std::mem::take(&mut self.link);
        let file = target.split('#').next().unwrap_or_default();
        let topic = file.strip_suffix(".md").and_then(Chapter::find);
        if let Some(chapter) = topic {
            let command = Span::Code(format!("credwatch manual {}", chapter.topic));
            let name = Span::Plain(chapter.topic.to_owned());
            match self.text.last_mut() {
                // the name alone would say the same twice
                Some(last) if *last == name => *last = command,
                _ => self.text.extend([plain(" ("), command, plain(")")]),
            }
        } else if target.starts_with("https://") {
            self.text.push(Span::Plain(format!(" <{target}>")));
        }
    }
}

fn plain(text: &str) -> Span {
    Span::Plain(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_keep_their_depth_and_their_number() {
        let found = blocks("1. one\n   - two `x`\n2. three\n\n   more\n");
        let item = |depth, marker: Option<&str>, text| Block::Paragraph {
            depth,
            marker: marker.map(str::to_owned),
            text,
        };
        let expected = [
            item(1, Some("1."), vec![plain("one")]),
            item(2, Some("-"), vec![plain("two "), Span::Code("x".into())]),
            item(1, Some("2."), vec![plain("three")]),
            item(1, None, vec![plain("more")]),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn a_link_to_a_chapter_names_the_command() {
        let source = "See [dates](expiry.md#a), [faq](faq.md), [rust](https://rust-lang.org).\n";
        let found = blocks(source);
        let Block::Paragraph { text, .. } = &found[0] else {
            panic!("{found:?}");
        };
        let expected = [
            plain("See "),
            plain("dates"),
            plain(" ("),
            Span::Code("credwatch manual expiry".into()),
            plain(")"),
            plain(", "),
            Span::Code("credwatch manual faq".into()),
            plain(", "),
            plain("rust"),
            plain(" <https://rust-lang.org>"),
            plain("."),
        ];
        assert_eq!(text, &expected);
    }
}
