//! `credwatch explain`: what codes, or a pasted text, mean. Needs no config and no network.

use std::{fmt::Write as _, io::Read as _};

use anyhow::{Context as _, ensure};

use crate::{
    app::runtime::AppContext,
    cli::{ExplainArgs, ExplainFormat},
    diagnosis::{
        self, Context, RankedEvidence,
        freetext::{self, Hints},
    },
    report::{exit, text},
    verdict::Diagnosis,
};

/// How many bytes of a pasted text are read.
const PASTE_LIMIT: u64 = 10 * 1024 * 1024;

impl AppContext {
    pub(super) fn explain(&mut self, arguments: &ExplainArgs) -> anyhow::Result<u8> {
        let explained = explained(arguments)?;
        let rendered = match arguments.format {
            ExplainFormat::Json => serde_json::to_string_pretty(&explained.leading)? + "\n",
            ExplainFormat::Text => {
                let width = self.output.width();
                let each = explained.each.iter();
                let mut out: String = each.map(|one| text::diagnosis(one, width)).collect();
                if self.global.verbose > 0 {
                    push_evidence(&mut out, &explained.evidence);
                }
                out
            }
        };
        self.output.text(&rendered)?;
        Ok(exit::OK)
    }
}

/// What codes or a text mean.
struct Explained {
    /// The one that scripts get.
    leading: Diagnosis,
    /// Each code by itself, in the order given; of a text, the one diagnosis.
    each: Vec<Diagnosis>,
    /// The evidence of a text, the strongest first.
    evidence: Vec<RankedEvidence>,
}

fn explained(arguments: &ExplainArgs) -> anyhow::Result<Explained> {
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
        return Ok(explained_text(&paste()?, hints));
    }
    let context = Context::unnamed();
    let leading = diagnosis::explain_codes(codes, hints.stage, hints.status, &context);
    let each = diagnosis::explain_each(codes, hints.stage, hints.status, &context);
    // a message in quotes is a text like one on standard input
    Ok(leading.zip(each).map_or_else(
        || explained_text(codes.join("\n").as_bytes(), hints),
        |(leading, each)| Explained {
            leading,
            each,
            evidence: Vec::new(),
        },
    ))
}

fn explained_text(text: &[u8], hints: Hints) -> Explained {
    let leading = freetext::explain(text, hints);
    Explained {
        each: vec![leading.clone()],
        leading,
        evidence: freetext::ranked_evidence(text, hints),
    }
}

/// Writes the evidence of a text, the strongest first, with the rule that ranks each piece.
fn push_evidence(out: &mut String, evidence: &[RankedEvidence]) {
    out.push_str("   evidence, the strongest first:\n");
    for one in evidence {
        let line = one
            .line
            .map_or_else(String::new, |line| format!("line {line}, "));
        let stage = one
            .stage
            .map_or_else(String::new, |stage| format!("{}, ", stage.name()));
        let (what, cause, rule) = (&one.what, one.cause, one.rule);
        writeln!(out, "   - {what} ({line}{stage}{cause}): {rule}").ok();
    }
}

fn paste() -> anyhow::Result<Vec<u8>> {
    let mut text = Vec::new();
    let mut limited = std::io::stdin().lock().take(PASTE_LIMIT);
    let read = limited.read_to_end(&mut text);
    read.context("standard input cannot be read")?;
    Ok(text)
}
