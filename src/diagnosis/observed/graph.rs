//! Reads an answer of Microsoft Graph.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use serde::{Deserialize, de::IgnoredAny};
use serde_json::Value;

use super::{
    page,
    reading::{Call, Reading, answer, heads, named},
};
use crate::{
    diagnosis::{evidence::Fact, headers},
    observation::{Exchange, Stage},
};

/// Inner errors deeper than this are not read.
const DEPTH_LIMIT: u8 = 8;

/// What proves that a folder was opened: its id, and no error beside it.
#[derive(Deserialize)]
struct Opened<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    error: Option<IgnoredAny>,
}

fn is_opened(body: &str) -> bool {
    serde_json::from_str::<Opened<'_>>(body)
        .is_ok_and(|opened| !opened.id.is_empty() && opened.error.is_none())
}

/// Reads whether the call worked, and if not, why.
pub(in crate::diagnosis) fn read(exchange: &Exchange, now: DateTime<Utc>) -> Call {
    let answer = match answer(exchange, Stage::Graph) {
        Ok(answer) => answer,
        Err(reading) => return Call::Failed(reading),
    };
    if answer.status == 200 && is_opened(&answer.body) {
        return Call::Worked;
    }
    let mut reading = heads(exchange, answer, Stage::Graph, now);
    if answer.status == 401
        && let Some(offered) = headers::challenge(answer.headers("www-authenticate"))
    {
        reading.add(Stage::Graph, 0, Fact::Challenge(offered));
    }
    let body: Option<Value> = serde_json::from_str(&answer.body).ok();
    let foreign_page = page::is_html(&answer.body) && !page::is_own(answer);
    if let Some(error) = body.as_ref().and_then(|body| body.get("error")) {
        inner(&mut reading, error, 0);
    } else if answer.status < 300
        || (foreign_page && (matches!(answer.status, 403 | 404) || page::is_of_proxy(answer)))
    {
        reading.add(Stage::Graph, 0, Fact::Page(page::title(&answer.body)));
    }
    Call::Failed(Box::new(reading))
}

/// An error and the errors inside it; the spelling of `innerError` varies.
fn inner(reading: &mut Reading, error: &Value, depth: u8) {
    let text = |key: &str| error.get(key).and_then(Value::as_str);
    if let Some(code) = text("code").filter(|code| !code.is_empty()) {
        reading.add(Stage::Graph, depth, Fact::GraphCode(code.to_owned()));
    }
    reading.say(Stage::Graph, text("message").unwrap_or_default());
    if let Some(id) = text("request-id").and_then(named) {
        reading.trace_id = Some(id);
    }
    if let Some(id) = text("client-request-id").and_then(named) {
        reading.correlation_id = Some(id);
    }
    let deeper = error.get("innerError").or_else(|| error.get("innererror"));
    if let Some(deeper) = deeper.filter(|_| depth < DEPTH_LIMIT) {
        inner(reading, deeper, depth + 1);
    }
}
