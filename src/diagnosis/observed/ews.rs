//! Reads an answer of Exchange Web Services in its three layers: HTTP, SOAP fault, response message.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::{
    page,
    reading::{Call, Reading, answer, heads},
};
use crate::{
    diagnosis::{
        evidence::Fact,
        headers,
        soap::{self, Reply},
    },
    observation::{Answer, Exchange, Stage},
};

/// The longest back-off that is honoured, whatever a server asks.
const LONGEST_BACK_OFF: u64 = 24 * 60 * 60 * 1000;

/// Reads whether the call worked, and if not, why.
pub(in crate::diagnosis) fn read(exchange: &Exchange, now: DateTime<Utc>) -> Call {
    let answer = match answer(exchange, Stage::Ews) {
        Ok(answer) => answer,
        Err(reading) => return Call::Failed(reading),
    };
    let reply = soap::read(&answer.body);
    if answer.status == 200 && reply.is_success() {
        return Call::Worked;
    }
    let mut reading = heads(exchange, answer, Stage::Ews, now);
    refusals(&mut reading, answer);
    if reply.is_soap || !reply.codes.is_empty() || reply.fault_code.is_some() {
        protocol(&mut reading, &reply);
    } else {
        page(&mut reading, answer);
    }
    Call::Failed(Box::new(reading))
}

/// The headers that say why.
fn refusals(reading: &mut Reading, answer: &Answer) {
    if let Some(reason) = answer.header("x-ews-policy-reason") {
        reading.add(Stage::Ews, 0, Fact::PolicyReason(reason.to_owned()));
    }
    if let Some((id, words)) = answer
        .header("x-ms-diagnostics")
        .and_then(headers::diagnostics)
    {
        let words = words.to_owned();
        reading.say(Stage::Ews, &words);
        reading.add(Stage::Ews, 0, Fact::Diagnostics { id, words });
    }
    if answer.status == 401
        && let Some(offered) = headers::challenge(answer.headers("www-authenticate"))
    {
        reading.add(Stage::Ews, 0, Fact::Challenge(offered));
    }
    if answer.header("restrict-access-confirm").is_some() {
        reading.say(Stage::Ews, "Restrict-Access-Confirm: 1");
    }
}

/// What a SOAP answer says.
fn protocol(reading: &mut Reading, reply: &Reply) {
    for code in &reply.codes {
        reading.add(Stage::Ews, 0, Fact::EwsCode(code.clone()));
    }
    let fault = reply.fault_code.as_deref().unwrap_or_default();
    if reply.codes.is_empty() && fault.starts_with("Error") {
        reading.add(Stage::Ews, 0, Fact::EwsCode(fault.to_owned()));
    }
    for code in reply.inner.iter().filter(|code| code.starts_with("Error")) {
        reading.add(Stage::Ews, 1, Fact::EwsCode(code.clone()));
    }
    if let Some(message) = &reply.message {
        reading.say(Stage::Ews, message);
    }
    if let Some(address) = &reply.primary_address {
        reading.say(Stage::Ews, &format!("the primary address is {address}"));
    }
    if let Some(back_off) = reply.back_off_ms {
        reading.wait(
            Stage::Ews,
            Duration::from_millis(back_off.min(LONGEST_BACK_OFF)),
        );
    }
}

/// A body that is no SOAP: the status speaks, unless another server or a proxy answered.
fn page(reading: &mut Reading, answer: &Answer) {
    let page = page::is_html(&answer.body);
    let foreign_page = page && !page::is_own(answer);
    let blocked = match answer.status {
        200..=299 => true,
        // a status tells best that something is not there, whichever server says so
        404 | 405 | 407 | 429 => false,
        401 => foreign_page && answer.header("www-authenticate").is_none(),
        403 => foreign_page,
        _ => foreign_page && page::is_of_proxy(answer),
    };
    if blocked {
        let what = if answer.body.trim().is_empty() {
            "an empty answer".to_owned()
        } else {
            page::title(&answer.body)
        };
        reading.add(Stage::Ews, 0, Fact::Page(what));
    }
}
