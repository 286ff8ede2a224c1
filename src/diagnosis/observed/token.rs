//! Reads an answer of the token endpoint.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::{
    page,
    reading::{Call, Reading, answer, heads, named},
};
use crate::{
    diagnosis::evidence::Fact,
    observation::{Answer, Exchange, Stage},
};

/// More codes than this are not read.
const CODE_LIMIT: usize = 8;

/// Reads whether there is an access token, and if not, why.
///
/// A token never stands in an observation: the caller takes it out of the body and hands on what
/// it says. So a success is a 200 with an empty body and a reading of the token.
pub(in crate::diagnosis) fn read(exchange: &Exchange, has_token: bool, now: DateTime<Utc>) -> Call {
    let answer = match answer(exchange, Stage::Token) {
        Ok(answer) => answer,
        Err(reading) => return Call::Failed(reading),
    };
    if answer.status == 200 && has_token && answer.body.is_empty() {
        return Call::Worked;
    }
    let mut reading = heads(exchange, answer, Stage::Token, now);
    match serde_json::from_str::<Value>(&answer.body) {
        Ok(Value::Object(body)) => error(&mut reading, &body, answer.status),
        _ => other(&mut reading, answer),
    }
    Call::Failed(Box::new(reading))
}

/// The JSON error document.
fn error(reading: &mut Reading, body: &serde_json::Map<String, Value>, status: u16) {
    let text = |key: &str| body.get(key).and_then(Value::as_str);
    let description = text("error_description").unwrap_or_default();
    if let Some(error) = text("error") {
        reading.add(Stage::Token, 0, Fact::OAuthError(error.to_owned()));
    } else if status < 300 {
        let what = "an answer without an access token".to_owned();
        reading.add(Stage::Token, 0, Fact::Page(what));
    }
    let mut numbers: Vec<u32> = Vec::new();
    let listed = body.get("error_codes").and_then(Value::as_array);
    for number in listed.into_iter().flatten().filter_map(Value::as_u64) {
        numbers.extend(u32::try_from(number));
    }
    if numbers.is_empty() {
        numbers = sign_in_codes(description);
    }
    if numbers.is_empty()
        && let Some(nested) = body.get("error").filter(|error| error.is_object())
    {
        numbers = sign_in_codes(&nested.to_string());
    }
    for number in numbers.into_iter().take(CODE_LIMIT) {
        reading.add(Stage::Token, 0, Fact::Aadsts(number));
    }
    if let Some(suberror) = text("suberror").filter(|word| !word.is_empty()) {
        reading.add(Stage::Token, 0, Fact::Suberror(suberror.to_owned()));
    }
    reading.say(Stage::Token, without_ids(description));
    reading.trace_id = text("trace_id").and_then(named).or(reading.trace_id.take());
    let correlation = text("correlation_id").and_then(named);
    reading.correlation_id = correlation.or(reading.correlation_id.take());
}

/// Anything but JSON: plain words, or a page.
fn other(reading: &mut Reading, answer: &Answer) {
    let numbers = sign_in_codes(&answer.body);
    if !numbers.is_empty() {
        for number in numbers {
            reading.add(Stage::Token, 0, Fact::Aadsts(number));
        }
        return;
    }
    let busy = matches!(answer.status, 408 | 429 | 500..=599);
    let page = page::is_html(&answer.body) && !page::is_own(answer) && answer.status != 429;
    let blocked = page && (!busy || page::is_of_proxy(answer));
    if blocked || (answer.status < 300 && !answer.body.is_empty()) {
        reading.add(Stage::Token, 0, Fact::Page(page::title(&answer.body)));
    } else if answer.status < 300 {
        reading.add(Stage::Token, 0, Fact::Page("an empty answer".to_owned()));
    }
}

/// Every `AADSTS` number of a text, in order.
fn sign_in_codes(text: &str) -> Vec<u32> {
    let mut numbers = Vec::new();
    for rest in text.split("AADSTS").skip(1).take(CODE_LIMIT) {
        let end = rest
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(rest.len());
        let number = rest.get(..end).and_then(|digits| digits.parse().ok());
        if let Some(number) = number.filter(|number| !numbers.contains(number)) {
            numbers.push(number);
        }
    }
    numbers
}

/// The description without the ids at its end, which are told by themselves.
fn without_ids(description: &str) -> &str {
    let ends = ["Trace ID:", "Correlation ID:", "Timestamp:"];
    let end = ends.iter().filter_map(|mark| description.find(mark)).min();
    description
        .get(..end.unwrap_or(description.len()))
        .unwrap_or(description)
        .trim()
}
