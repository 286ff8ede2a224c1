//! The only writer of standard output and standard error.
//!
//! Styles are stripped where they do not belong. A reader that goes away is no error: the rest is
//! dropped, and the exit code stays that of the verdict.

use std::{
    fmt,
    io::{self, BufWriter, IsTerminal as _, Write as _},
};

use anstream::{AutoStream, ColorChoice};

/// How much is written at once.
const PIECE: usize = 64 * 1024;

/// Writes answers to standard output, and messages to standard error.
#[derive(Debug)]
pub struct Output {
    out: AutoStream<io::Stdout>,
    err: AutoStream<io::Stderr>,
    terminal: bool,
    gone: bool,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Returns whether the terminal and the locale show more than ASCII.
#[expect(
    clippy::disallowed_methods,
    reason = "locale and terminal are named in the environment"
)]
pub fn speaks_unicode() -> bool {
    let set = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .find_map(set)
        .unwrap_or_default();
    let locale = locale.to_ascii_lowercase();
    let console = matches!(set("TERM").as_deref(), Some("linux" | "dumb"));
    !console && (locale.contains("utf-8") || locale.contains("utf8"))
}

/// Returns whether tmux stands between this process and the terminal.
#[expect(
    clippy::disallowed_methods,
    reason = "tmux sets an environment variable"
)]
pub fn in_tmux() -> bool {
    std::env::var("TMUX").is_ok_and(|socket| !socket.is_empty())
}

/// Returns the name of the operator, as far as the environment names one.
#[expect(
    clippy::disallowed_methods,
    reason = "a login sets an environment variable"
)]
pub fn operator() -> String {
    let set = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    let name = ["USER", "LOGNAME", "USERNAME"].into_iter().find_map(set);
    let name = name.map(|name| crate::text::line(&name));
    name.unwrap_or_else(|| "operator".to_owned())
}

/// Returns what kind of terminal this is, as far as it says so.
#[expect(
    clippy::disallowed_methods,
    reason = "a terminal sets an environment variable"
)]
pub fn terminal_kind() -> String {
    std::env::var("TERM").unwrap_or_default()
}

/// Returns whether the environment says that the terminal has a light background (`COLORFGBG`, which
/// rxvt, Konsole and others set): its last number is the background among the sixteen colours.
#[expect(
    clippy::disallowed_methods,
    reason = "some terminals set an environment variable"
)]
pub fn has_light_background() -> bool {
    let colours = std::env::var("COLORFGBG").unwrap_or_default();
    matches!(colours.rsplit(';').next(), Some("7" | "15"))
}

/// Returns whether a person started this process from a terminal.
pub fn owns_terminal() -> bool {
    io::stderr().is_terminal()
}

/// Sends the terminal something that is not text, past what is redirected.
pub fn to_terminal(bytes: &str) -> io::Result<()> {
    let mut err = io::stderr().lock();
    err.write_all(bytes.as_bytes())?;
    err.flush()
}

impl Output {
    /// Returns the writer of this process.
    pub fn new(color: Color) -> Self {
        let choice = match color {
            Color::Auto => ColorChoice::Auto,
            Color::Always => ColorChoice::AlwaysAnsi,
            Color::Never => ColorChoice::Never,
        };
        Self {
            terminal: io::stdout().is_terminal() && io::stderr().is_terminal(),
            out: AutoStream::new(io::stdout(), choice),
            err: AutoStream::new(io::stderr(), choice),
            gone: false,
        }
    }

    /// Whether a person is watching: both streams are terminals.
    pub fn is_terminal(&self) -> bool {
        self.terminal
    }

    /// Whether styles written to standard output stay.
    pub fn is_coloured(&self) -> bool {
        self.out.current_choice() != ColorChoice::Never
    }

    /// Returns how many columns there are, where a person is watching.
    pub fn width(&self) -> Option<usize> {
        let (columns, _) = crossterm::terminal::size().ok().filter(|_| self.terminal)?;
        Some(usize::from(columns)).filter(|columns| *columns > 0)
    }

    /// Writes one line of the answer.
    pub fn line(&mut self, text: &str) -> io::Result<()> {
        self.stream(&format_args!("{text}\n"))
    }

    /// Writes a part of the answer as it is.
    pub fn text(&mut self, text: &str) -> io::Result<()> {
        self.stream(&text)
    }

    /// Writes a part of the answer piece by piece: it may be too large to stand in memory whole.
    pub fn stream(&mut self, text: &impl fmt::Display) -> io::Result<()> {
        if self.gone {
            return Ok(());
        }
        let written = write_pieces(&mut self.out, text);
        self.mind_the_pipe(written)
    }

    /// As [`Output::stream`], of what is for programs: it has no styles, and none are looked for.
    pub fn data(&mut self, text: &impl fmt::Display) -> io::Result<()> {
        if self.gone {
            return Ok(());
        }
        let written = write_pieces(io::stdout(), text);
        self.mind_the_pipe(written)
    }

    fn mind_the_pipe(&mut self, written: io::Result<()>) -> io::Result<()> {
        match written {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.gone = true;
                Ok(())
            }
            done => done,
        }
    }

    /// Writes a message beside the answer; an error is ignored: there is no other stream to report it on.
    pub fn message(&mut self, text: &str) {
        writeln!(self.err, "{text}").ok();
    }

    /// Writes a part of a question beside the answer, and leaves the line open.
    pub fn prompt(&mut self, text: &str) {
        write!(self.err, "{text}")
            .and_then(|()| self.err.flush())
            .ok();
    }

    /// Writes an error with its causes.
    pub fn error(&mut self, error: &anyhow::Error) {
        let causes = error
            .chain()
            .skip(1)
            .map(|cause| format!("\n  because: {cause}"));
        self.message(&format!("credwatch: {error}{}", causes.collect::<String>()));
    }

    /// Shows a passing line on a terminal, in place of the one before; empty takes it away.
    pub fn progress(&mut self, text: &str) {
        if self.terminal {
            write!(self.err, "\r\u{1b}[2K{text}")
                .and_then(|()| self.err.flush())
                .ok();
        }
    }
}

fn write_pieces(out: impl io::Write, text: &impl fmt::Display) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(PIECE, out);
    write!(out, "{text}")?;
    out.flush()
}
