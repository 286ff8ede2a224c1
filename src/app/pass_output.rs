//! What `check` and `expiry` write of a pass: the report, to standard output or into a file, and
//! remarks about the pass as a whole.

use std::{fmt, path::Path};

use anyhow::Context as _;

use super::runtime::AppContext;
use crate::{files, monitor::Pass};

const UNWRITTEN: &str = "the report cannot be written";

impl AppContext {
    /// Writes a text for people; a file gets it without styles.
    pub(super) fn deliver(
        &mut self,
        text: &impl fmt::Display,
        to: Option<&Path>,
    ) -> anyhow::Result<()> {
        match to {
            None => self.output.stream(text).context(UNWRITTEN),
            Some(path) => {
                let text = text.to_string();
                replace(path, &anstream::adapter::strip_str(&text).to_string())
            }
        }
    }

    /// Writes data for programs, which has no styles.
    pub(super) fn deliver_data(
        &mut self,
        data: &impl fmt::Display,
        to: Option<&Path>,
    ) -> anyhow::Result<()> {
        match to {
            None => self.output.data(data).context(UNWRITTEN),
            Some(path) => replace(path, &data.to_string()),
        }
    }

    /// Says beside the report that this machine was offline, or that the pass was cut short.
    pub(super) fn remark_on_pass(&mut self, pass: &Pass) {
        if pass.offline {
            self.output.message(
                "credwatch: this machine is offline: no address at all answers, so nothing can be \
                 said about any tenant",
            );
        }
        if pass.stopped {
            self.output
                .message("credwatch: stopped before every tenant was checked");
        }
    }
}

fn replace(path: &Path, text: &str) -> anyhow::Result<()> {
    files::write(path, text.as_bytes())
        .with_context(|| format!("{UNWRITTEN} to '{}'", path.display()))
}
