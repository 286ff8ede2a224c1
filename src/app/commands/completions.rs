//! `credwatch completions`: the completion script of a shell.

use clap::CommandFactory as _;

use crate::{app::runtime::AppContext, cli::Cli, report::exit};

impl AppContext {
    pub(super) fn completions(&mut self, shell: clap_complete::Shell) -> anyhow::Result<u8> {
        let mut script = Vec::new();
        clap_complete::generate(shell, &mut Cli::command(), "credwatch", &mut script);
        self.output.text(&String::from_utf8(script)?)?;
        Ok(exit::OK)
    }
}
