//! `credwatch manual` and `credwatch man`: chapters on the terminal, and man pages.

use std::{io, process::Stdio};

use anyhow::Context as _;
use clap::CommandFactory as _;
use tokio::{io::AsyncWriteExt as _, process::Command};

use crate::{
    app::runtime::{self, AppContext},
    cli::Cli,
    manual::{self, Chapter},
    process,
    report::exit,
};

/// What `less` is told where `$LESS` says nothing: leave at once if all fits the screen, keep styles,
/// leave the text on the screen at the end.
const LESS: &str = "FRX";

/// The columns of a terminal that does not tell.
const USUAL_WIDTH: usize = 80;

impl AppContext {
    /// Prints a chapter: laid out for a terminal and through the pager, or as Markdown into a pipe.
    pub(super) fn manual(&mut self, topic: Option<&str>) -> anyhow::Result<u8> {
        let Some(topic) = topic else {
            self.output.text(&list())?;
            return Ok(exit::OK);
        };
        let chapter = Chapter::find(topic).context("there is no such chapter")?;
        if !self.output.is_terminal() {
            self.output.text(&chapter.markdown())?;
            return Ok(exit::OK);
        }
        let columns = self.output.width().unwrap_or(USUAL_WIDTH);
        let mut text = manual::for_terminal(chapter, columns);
        if !self.output.is_coloured() {
            text = anstream::adapter::strip_str(&text).to_string();
        }
        if !paged(&text)? {
            self.output.text(&text)?;
        }
        Ok(exit::OK)
    }

    /// Prints a man page in roff.
    pub(super) fn man(&mut self, page: Option<&str>) -> anyhow::Result<u8> {
        let page = match page {
            None => command_page(Cli::command())?,
            Some(name) => named_page(name)?,
        };
        self.output.text(&page)?;
        Ok(exit::OK)
    }
}

fn list() -> String {
    format!(
        "Chapters of the manual, shown by `credwatch manual TOPIC`:\n\n{}",
        manual::contents()
    )
}

/// Returns the page of a command, else of a chapter. Where both have one name, the chapter is called
/// `manual-NAME`.
fn named_page(name: &str) -> anyhow::Result<String> {
    let mut cli = Cli::command().disable_help_subcommand(true);
    // names the pages of subcommands: `credwatch-config-check`
    cli.build();
    if let Some(command) = find(&cli, name) {
        return command_page(command.clone());
    }
    let topic = name.strip_prefix("manual-").unwrap_or(name);
    let chapter = Chapter::find(topic).context("there is no such page")?;
    Ok(manual::man_page(chapter))
}

/// Finds `config-check` as `check` below `config`.
fn find<'c>(command: &'c clap::Command, name: &str) -> Option<&'c clap::Command> {
    command
        .get_subcommands()
        .find_map(|command| match name.strip_prefix(command.get_name())? {
            "" => Some(command),
            rest => find(command, rest.strip_prefix('-')?),
        })
}

fn command_page(command: clap::Command) -> anyhow::Result<String> {
    let mut page = Vec::new();
    let version = concat!("credwatch ", env!("CARGO_PKG_VERSION"));
    // an empty date would be dropped, and the version would be taken for it
    let man = clap_mangen::Man::new(command).date("\"\"").source(version);
    man.render(&mut page)?;
    Ok(String::from_utf8(page)?)
}

/// Shows a text through the pager. Returns false where none is wanted or none starts.
fn paged(text: &str) -> anyhow::Result<bool> {
    let Some((program, arguments)) = pager() else {
        return Ok(false);
    };
    let mut command = Command::new(program);
    command
        .args(arguments)
        .env_clear()
        .envs(process::child_environment())
        .stdin(Stdio::piped());
    if !is_set("LESS") {
        command.env("LESS", LESS);
    }
    runtime::run(async {
        let Ok(mut pager) = command.spawn() else {
            return Ok(false);
        };
        let shown = async {
            if let Some(mut input) = pager.stdin.take() {
                ignoring_broken_pipe(input.write_all(text.as_bytes()).await)?;
            }
            pager.wait().await.map(|_code| ())
        };
        tokio::pin!(shown);
        // Ctrl-C is the pager's: ending here would leave it behind, fighting the shell for the terminal
        loop {
            tokio::select! {
                done = &mut shown => return Ok(done.map(|()| true)?),
                Ok(()) = tokio::signal::ctrl_c() => {}
            }
        }
    })
}

/// A reader that leaves before the end of the text has seen enough.
fn ignoring_broken_pipe(written: io::Result<()>) -> io::Result<()> {
    match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        done => done,
    }
}

/// Returns `$PAGER` as program and arguments, by default `less`; an empty one means none.
#[expect(
    clippy::disallowed_methods,
    reason = "the pager is named by the environment"
)]
fn pager() -> Option<(String, Vec<String>)> {
    let line = std::env::var("PAGER").unwrap_or_else(|_unset| "less".to_owned());
    let mut words = shlex::split(&line)?.into_iter();
    let program = words.next()?;
    Some((program, words.collect()))
}

fn is_set(name: &str) -> bool {
    std::env::var_os(name).is_some()
}
