//! `credwatch explain`: what codes, or a pasted text, mean. Needs no config and no network.

use super::App;
use crate::{
    cli::{self, Format},
    diagnosis::{self, Context},
    report::{exit, text},
};

impl App {
    pub(super) fn explain(&mut self, arguments: &cli::Explain) -> anyhow::Result<u8> {
        let stage = arguments.stage.map(Into::into);
        let diagnosis = diagnosis::explain_codes(
            &arguments.codes,
            stage,
            arguments.status,
            &Context::unnamed(),
        );
        let rendered = match arguments.format {
            Format::Json => serde_json::to_string_pretty(&diagnosis)? + "\n",
            Format::Text => text::diagnosis(&diagnosis),
        };
        self.output.text(&rendered)?;
        Ok(exit::OK)
    }
}
