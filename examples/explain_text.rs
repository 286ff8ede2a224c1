//! Explains a text on standard input: `… 2>&1 | cargo run --example explain_text`.
//!
//! With a path as its argument it reads JSON lines of `{"text": …}` from there and prints the cause
//! of each.

use std::io::{self, Read as _, Write as _};

use credwatch::diagnosis::freetext::{Hints, explain};

fn main() -> io::Result<()> {
    let mut out = io::stdout().lock();
    if let Some(path) = std::env::args_os().nth(1) {
        for line in std::fs::read_to_string(path)?.lines() {
            let sample: serde_json::Value = serde_json::from_str(line)?;
            let text = sample
                .get("text")
                .and_then(|text| text.as_str())
                .unwrap_or_default();
            writeln!(out, "{}", explain(text.as_bytes(), Hints::default()).cause)?;
        }
        return Ok(());
    }
    let mut text = Vec::new();
    io::stdin().lock().read_to_end(&mut text)?;
    let diagnosis = explain(&text, Hints::default());
    writeln!(
        out,
        "{}: {}\n{}",
        diagnosis.cause, diagnosis.title, diagnosis.detail
    )?;
    for (number, step) in diagnosis.fix.iter().enumerate() {
        writeln!(out, "{}. {step}", number + 1)?;
    }
    Ok(())
}
