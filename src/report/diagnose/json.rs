//! The steps for scripts: the report of `check`, and what it came from.

use serde::Serialize;

use super::{Report, Step};
use crate::verdict::SCHEMA;

/// One walk-through as a document.
#[derive(Serialize)]
struct Document<'a> {
    schema: u32,
    #[serde(flatten)]
    report: &'a Report,
    steps: &'a [Step],
}

/// Returns one JSON document: `schema`, every field of a tenant in the JSON of `check`, and `steps`.
///
/// A step has `name` (see [`Step::name`]), `stage` (`secret`, `token`, `claims`, `ews`, `graph`, or
/// `null` for the end dates and the guide), `mark` (`ok`, `failed`, `unknown`, `skipped`), `ms`, `result` (a line
/// for people) and `facts`: each with `label`, `value`, `mark` and `due`, which says what the value
/// should be where it is something else. Labels and ids are stable; `result` and values are not.
pub fn render(report: &Report, steps: &[Step]) -> Result<String, serde_json::Error> {
    let document = Document {
        schema: SCHEMA,
        report,
        steps,
    };
    Ok(serde_json::to_string_pretty(&document)? + "\n")
}
