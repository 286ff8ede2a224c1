//! The one model of prose: paragraphs, lists, commands, headings and tables as data.
//!
//! A report, a diagnosis and a ticket are built as a [`Document`] once; [`lines`] lays it out for a
//! width as styled spans (the dashboard draws those), [`terminal`] gives the lines to a terminal, and
//! [`markdown`] writes a page. A command stands alone, whole and without quotes in each of them.
//! Everything that enters a document is made safe here. Machine formats are not documents.

pub mod lines;
pub mod markdown;
pub mod terminal;

use crate::{
    tenant::PreferredShell,
    text,
    verdict::{Status, Step, StepKind, Way},
};

/// Prose in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Document {
    /// The blocks.
    pub blocks: Vec<Block>,
}

/// One block of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// A heading of a level from 1 on.
    Heading(usize, Text),
    /// A paragraph.
    Paragraph(Text),
    /// A command to copy; never broken, never quoted.
    Command(String),
    /// A list.
    List(Vec<Item>),
    /// A table: its header, then its rows.
    Table(Vec<Vec<Text>>),
    /// Blocks that belong to the one before them; a terminal sets them in.
    Inner(Vec<Block>),
    /// An empty line; a page has one between all blocks anyway.
    Gap,
}

/// An entry of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// How the entry is marked.
    pub marker: Marker,
    /// The text of the entry.
    pub text: Text,
    /// What belongs to the entry.
    pub inner: Vec<Block>,
}

/// How an entry of a list is marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Marker {
    /// By its number.
    Number(usize),
    /// By a word, such as `Note:`.
    Word(&'static str),
    /// By a bullet, on a page alone.
    Bullet,
}

/// Text within a block.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Text(pub Vec<Span>);

/// A run of characters in one style.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// The characters, free of control characters.
    pub text: String,
    /// How they look.
    pub look: Look,
}

/// How a span looks; a surface without styles leaves it out and loses nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Look {
    /// As any text.
    #[default]
    Plain,
    /// What the eye should find first.
    Strong,
    /// What matters less.
    Quiet,
    /// Code within a sentence, with its backticks.
    Code,
    /// A command.
    Command,
    /// In the colour of a status.
    Status(Status),
}

impl Text {
    /// Returns prose; what it has between backticks becomes code.
    pub fn prose(words: &str) -> Self {
        let line = text::line(words);
        let parts: Vec<_> = line.split('`').collect();
        if parts.len().is_multiple_of(2) {
            // one backtick has no partner: they are all just characters
            return Self(vec![Span::new(Look::Plain, &line)]);
        }
        let span = |(number, part): (usize, &&str)| match number % 2 {
            1 => Span::new(Look::Code, &format!("`{part}`")),
            _ => Span::new(Look::Plain, part),
        };
        let spans = parts.iter().enumerate().map(span);
        Self(spans.filter(|span| !span.text.is_empty()).collect())
    }

    /// Returns text in one style.
    pub fn styled(look: Look, words: &str) -> Self {
        Self(vec![Span::new(look, &text::line(words))])
    }

    /// Adds text behind this one.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// Adds a blank.
    #[must_use]
    pub fn blank(self) -> Self {
        self.and(Self(vec![Span::new(Look::Plain, " ")]))
    }

    /// Returns the characters alone.
    pub fn plain(&self) -> String {
        self.0.iter().map(|span| span.text.as_str()).collect()
    }
}

impl From<&str> for Text {
    fn from(words: &str) -> Self {
        Self::prose(words)
    }
}

impl Span {
    fn new(look: Look, text: &str) -> Self {
        Self {
            text: text.to_owned(),
            look,
        }
    }
}

impl Document {
    /// Adds a block.
    pub fn push(&mut self, block: Block) {
        self.blocks.push(block);
    }

    /// Adds a paragraph of prose.
    pub fn say(&mut self, words: &str) {
        self.push(Block::Paragraph(Text::prose(words)));
    }

    /// Adds what to do, in order.
    pub fn steps(&mut self, steps: &[Step], preferred: PreferredShell) {
        let mut number = 0;
        let items = steps.iter().map(|step| {
            let marker = match step.kind {
                StepKind::Prerequisite => Marker::Word("Before:"),
                StepKind::Note => Marker::Word("Note:"),
                StepKind::Do | StepKind::Verify => {
                    number += 1;
                    Marker::Number(number)
                }
            };
            Item {
                marker,
                text: Text::prose(&step.text),
                inner: ways(step, preferred),
            }
        });
        let items: Vec<_> = items.collect();
        if !items.is_empty() {
            self.push(Block::List(items));
        }
    }

    /// Adds lines such as `contact: identity team`, of those that have a value.
    pub fn facts<'a>(&mut self, facts: impl IntoIterator<Item = (&'a str, Option<Text>)>) {
        let item = |(label, value): (&str, Option<Text>)| {
            let label = Text::styled(Look::Plain, &format!("{label}:")).blank();
            Some(Item {
                marker: Marker::Bullet,
                text: label.and(value?),
                inner: Vec::new(),
            })
        };
        let items: Vec<_> = facts.into_iter().filter_map(item).collect();
        if !items.is_empty() {
            self.push(Block::List(items));
        }
    }

    /// Adds one step without a number: its sentence, and the first way to do it.
    pub fn leading_step(&mut self, step: &Step, preferred: PreferredShell) {
        self.say(&step.text);
        match step.ways(preferred).first() {
            Some(Way::Commands(commands)) => {
                for command in *commands {
                    self.push(Block::Command(text::line(&command.text)));
                }
            }
            Some(Way::Portal(path)) => self.say(&format!("Portal: {path}")),
            None => {}
        }
    }
}

/// The ways to do what a step says, the preferred one first.
fn ways(step: &Step, preferred: PreferredShell) -> Vec<Block> {
    let mut blocks = Vec::new();
    for (number, way) in step.ways(preferred).into_iter().enumerate() {
        let quiet = |words: &str| Block::Paragraph(Text::styled(Look::Quiet, words));
        match (way, number) {
            (Way::Commands(commands), number) => {
                if number > 0 {
                    let shell = commands.first().map(|command| command.shell.to_string());
                    let shell = shell.map_or_else(String::new, |shell| match shell.as_str() {
                        "powershell" => "PowerShell".to_owned(),
                        _ => format!("`{shell}`"),
                    });
                    blocks.push(quiet(&format!("or with {shell}:")));
                }
                let texts = commands.iter().map(|command| text::line(&command.text));
                blocks.extend(texts.map(Block::Command));
            }
            (Way::Portal(path), 0) => blocks.push(quiet(&format!("Portal: {path}"))),
            (Way::Portal(path), _) => blocks.push(quiet(&format!("or in the portal: {path}"))),
        }
    }
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::{Shell, StepCommand};
    use proptest::prelude::*;

    fn step(foreign: &str) -> Step {
        let command = |shell, text: &str| StepCommand {
            shell,
            text: text.to_owned(),
        };
        Step {
            commands: vec![
                command(Shell::Az, &format!("az ad app show --id {foreign}")),
                command(Shell::Powershell, "Get-MgApplication"),
            ],
            portal: Some("Entra admin center > App registrations".to_owned()),
            ..Step::plain(
                StepKind::Do,
                "See which `ids` the app has in this directory.",
            )
        }
    }

    fn document(foreign: &str) -> Document {
        let mut document = Document::default();
        document.push(Block::Heading(2, Text::prose(foreign)));
        document.say(foreign);
        let before = Step::plain(StepKind::Prerequisite, "Sign in.");
        document.steps(&[before, step(foreign)], PreferredShell::Az);
        document
    }

    #[test]
    fn a_step_is_laid_out_for_a_narrow_terminal() {
        let shown = terminal::render(&document("x"), Some(30));
        insta::assert_snapshot!(anstream::adapter::strip_str(&shown).to_string(), @r"
        x
        x
        Before: Sign in.
        1. See which `ids` the app has
           in this directory.
             az ad app show --id x
           or with PowerShell:
             Get-MgApplication
           or in the portal: Entra
           admin center > App
           registrations
        ");
    }

    #[test]
    fn a_step_on_a_page_has_its_commands_in_blocks_of_their_own() {
        insta::assert_snapshot!(markdown::render(&document("x")), @r"
        ## x

        x

        Before: Sign in.

        1. See which `ids` the app has in this directory.

            ```
            az ad app show --id x
            ```

            or with PowerShell:

            ```
            Get-MgApplication
            ```

            or in the portal: Entra admin center > App registrations
        ");
    }

    #[test]
    fn the_preferred_way_leads() {
        let mut document = Document::default();
        document.leading_step(&step("x"), PreferredShell::Portal);
        let shown = terminal::render(&document, None);
        let shown = anstream::adapter::strip_str(&shown).to_string();
        assert!(shown.contains("Portal: Entra admin center"), "{shown}");
        assert!(!shown.contains("az ad"), "{shown}");
    }

    proptest! {
        #[test]
        fn a_command_is_whole_in_every_rendering(
            foreign in "[ -_a-~]{0,60}", width in 20usize..100,
        ) {
            let command = text::line(&format!("az ad app show --id {foreign}"));
            let document = document(&foreign);
            let shown = terminal::render(&document, Some(width));
            let shown = anstream::adapter::strip_str(&shown).to_string();
            let page = markdown::render(&document);
            for rendered in [shown, page] {
                let alone = |line: &str| line.trim() == command;
                prop_assert!(rendered.lines().any(alone), "{rendered}");
            }
        }

        #[test]
        fn no_line_but_a_command_is_too_wide(
            words in prop::collection::vec("[a-z]{1,9}", 0..40), width in 20usize..100,
        ) {
            for line in lines::lay_out(&document(&words.join(" ")), Some(width)) {
                let is_command = line.spans.iter().any(|span| span.look == Look::Command);
                prop_assert!(is_command || line.width() <= width, "{line:?}");
            }
        }
    }
}
