//! What came back: the server's own words, its clock, and the ids that its owner asks for.

use crate::text::duration;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use super::{Fact, Mark};
use crate::{
    diagnosis::{headers, soap},
    observation::{Answer, Exchange, Outcome},
    text,
};

/// Words of a server are cut here.
const WORDS_LIMIT: usize = 600;

/// Headers that say why, or by which machine; each at most once.
const TELLING: &[&str] = &[
    "www-authenticate",
    "x-ms-diagnostics",
    "x-ews-policy-reason",
    "proxy-authenticate",
    "location",
    "retry-after",
    "x-ms-request-id",
    "request-id",
    "x-ms-ests-server",
    "x-feserver",
    "x-calculatedbetarget",
    "via",
];

/// A clock may be off by this much; answers take their time too.
const CLOCK_TOLERANCE: TimeDelta = TimeDelta::minutes(2);

/// Returns the answer, if there is one.
pub(super) fn of(exchange: &Exchange) -> Option<&Answer> {
    match &exchange.outcome {
        Outcome::Answer(answer) => Some(answer),
        Outcome::Fault(_) => None,
    }
}

/// Returns the time that the server has.
pub(super) fn date(answer: &Answer) -> Option<DateTime<Utc>> {
    answer.header("date").and_then(headers::http_date)
}

/// Returns what is worth knowing of what came back; `started` is when the check began.
pub(super) fn facts(exchange: &Exchange, started: DateTime<Utc>) -> Vec<Fact> {
    let mut facts = vec![Fact::new("client-request-id", &exchange.request_id)];
    facts.retain(|fact| !fact.value.is_empty());
    match &exchange.outcome {
        Outcome::Fault(fault) => facts.extend(foreign("met", &fault.detail)),
        Outcome::Answer(answer) => {
            facts.extend(said(answer));
            facts.extend(clock(answer, exchange, started));
            for name in TELLING {
                facts.extend(answer.header(name).and_then(|value| foreign(name, value)));
            }
        }
    }
    facts
}

/// Somebody else's words, safe and short.
fn foreign(label: &'static str, words: &str) -> Option<Fact> {
    let words = text::line(text::head(words, WORDS_LIMIT));
    let words = text::redact(&words);
    (!words.is_empty()).then(|| Fact::new(label, &words))
}

/// What the body says, by its kind.
fn said(answer: &Answer) -> Vec<Fact> {
    if let Ok(Value::Object(body)) = serde_json::from_str(&answer.body) {
        return json(&body);
    }
    let reply = soap::read(&answer.body);
    if !reply.is_soap {
        return foreign("said", &answer.body).into_iter().collect();
    }
    let codes = reply.fault_code.into_iter().chain(reply.codes);
    let codes: Vec<_> = codes.chain(reply.inner).collect();
    [
        foreign("code", &codes.join(", ")),
        reply.message.and_then(|words| foreign("said", &words)),
        reply
            .server_version
            .and_then(|version| foreign("server version", &version)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The error document of the token endpoint, or of Graph.
fn json(body: &serde_json::Map<String, Value>) -> Vec<Fact> {
    let text = |object: &serde_json::Map<String, Value>, key: &str| {
        object.get(key).and_then(Value::as_str).map(str::to_owned)
    };
    let graph = body.get("error").and_then(Value::as_object);
    let found = match graph {
        Some(error) => [
            ("error", text(error, "code")),
            ("suberror", None),
            ("said", text(error, "message")),
            ("trace id", None),
            ("correlation id", None),
        ],
        None => [
            ("error", text(body, "error")),
            ("suberror", text(body, "suberror")),
            ("said", text(body, "error_description")),
            ("trace id", text(body, "trace_id")),
            ("correlation id", text(body, "correlation_id")),
        ],
    };
    found
        .into_iter()
        .filter_map(|(label, value)| foreign(label, &value?))
        .collect()
}

/// The server's clock beside this machine's.
fn clock(answer: &Answer, exchange: &Exchange, started: DateTime<Utc>) -> Option<Fact> {
    let date = date(answer)?;
    let off = date - started;
    let slack = CLOCK_TOLERANCE + TimeDelta::from_std(exchange.took).unwrap_or_default();
    let fact = Fact::new("date", &date.format("%Y-%m-%d %H:%M:%S UTC").to_string());
    if off.abs() <= slack {
        return Some(fact.marked(Mark::Ok));
    }
    let here = if off < TimeDelta::zero() {
        "ahead"
    } else {
        "behind"
    };
    let due = format!(
        "this machine's time, which is {} {here}",
        duration::age(off.abs())
    );
    Some(fact.should_be(Mark::Failed, due))
}
