//! `credwatch explain`: what codes, or a pasted text, mean. Needs no config and no network.

use std::io::Read as _;

use anyhow::{Context as _, ensure};

use crate::{
    app::runtime::App,
    cli::{ExplainArgs, ExplainFormat},
    diagnosis::{
        self, Context,
        freetext::{self, Hints},
    },
    report::{exit, text},
    verdict::Diagnosis,
};

/// How many bytes of a pasted text are read.
const PASTE_LIMIT: u64 = 10 * 1024 * 1024;

impl App {
    pub(super) fn explain(&mut self, arguments: &ExplainArgs) -> anyhow::Result<u8> {
        let diagnosis = explained(arguments)?;
        let rendered = match arguments.format {
            ExplainFormat::Json => serde_json::to_string_pretty(&diagnosis)? + "\n",
            ExplainFormat::Text => text::diagnosis(&diagnosis),
        };
        self.output.text(&rendered)?;
        Ok(exit::OK)
    }
}

fn explained(arguments: &ExplainArgs) -> anyhow::Result<Diagnosis> {
    let hints = Hints {
        stage: arguments.stage.map(Into::into),
        status: arguments.status,
    };
    let codes = &arguments.codes;
    let pasted = codes.iter().any(|code| code == "-");
    ensure!(
        !(pasted && codes.len() > 1),
        "`-` reads one text from standard input; give codes without it"
    );
    ensure!(
        !codes.is_empty() || hints.status.is_some(),
        "name a code, or `-` to read a pasted text from standard input"
    );
    if pasted {
        return Ok(freetext::explain(&paste()?, hints));
    }
    let known = diagnosis::explain_codes(codes, hints.stage, hints.status, &Context::unnamed());
    // a message in quotes is a text like one on standard input
    Ok(known.unwrap_or_else(|| freetext::explain(codes.join("\n").as_bytes(), hints)))
}

fn paste() -> anyhow::Result<Vec<u8>> {
    let mut text = Vec::new();
    let mut limited = std::io::stdin().lock().take(PASTE_LIMIT);
    let read = limited.read_to_end(&mut text);
    read.context("standard input cannot be read")?;
    Ok(text)
}
