//! What an exchange that did not work says: the reading that every surface fills.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::page;
use crate::{
    diagnosis::{
        evidence::{Evidence, Fact},
        headers,
    },
    observation::{Answer, Exchange, Outcome, Stage},
    text,
};

/// Clocks closer than this count as equal; assertions allow as much.
const CLOCK_TOLERANCE: TimeDelta = TimeDelta::minutes(2);

/// A message beside a code is cut here.
const MESSAGE_LIMIT: usize = 600;

/// What an exchange that did not work says.
#[derive(Debug, Clone, Default)]
pub(in crate::diagnosis) struct Reading {
    /// What bears on the cause.
    pub(in crate::diagnosis) evidence: Vec<Evidence>,
    /// How long the service asked to be left alone.
    pub(in crate::diagnosis) retry_after: Option<Duration>,
    /// The service's id of the request.
    pub(in crate::diagnosis) trace_id: Option<String>,
    /// The id that ties requests together.
    pub(in crate::diagnosis) correlation_id: Option<String>,
}

impl Reading {
    /// Returns the correlation id and the trace id.
    pub(in crate::diagnosis) fn ids(&self) -> [Option<&str>; 2] {
        [&self.correlation_id, &self.trace_id].map(Option::as_deref)
    }

    pub(super) fn add(&mut self, stage: Stage, depth: u8, fact: Fact) {
        self.evidence.push(Evidence::new(fact, Some(stage), depth));
    }

    pub(super) fn say(&mut self, stage: Stage, message: &str) {
        if !message.trim().is_empty() {
            let message = text::head(message, MESSAGE_LIMIT).to_owned();
            self.add(stage, 0, Fact::Message(message));
        }
    }

    pub(super) fn wait(&mut self, stage: Stage, wait: Duration) {
        self.retry_after = self.retry_after.max(Some(wait));
        self.add(stage, 0, Fact::RetryAfter(wait.as_secs()));
    }
}

/// Whether a call worked, and if not, what came of it.
#[derive(Debug)]
pub(in crate::diagnosis) enum Call {
    /// The service proved that it worked.
    Worked,
    /// It did not, or did not prove it.
    Failed(Box<Reading>),
}

/// Returns the answer, or else the reading of the fault that was met instead.
pub(super) fn answer(exchange: &Exchange, stage: Stage) -> Result<&Answer, Box<Reading>> {
    match &exchange.outcome {
        Outcome::Answer(answer) => Ok(answer),
        Outcome::Fault(fault) => {
            let mut reading = Reading {
                correlation_id: named(&exchange.request_id),
                ..Reading::default()
            };
            reading.add(stage, 0, Fact::Fault(fault.kind));
            reading.say(stage, &fault.detail);
            Err(Box::new(reading))
        }
    }
}

/// What every answer that is no success can tell by its status and headers.
pub(super) fn heads(
    exchange: &Exchange,
    answer: &Answer,
    stage: Stage,
    now: DateTime<Utc>,
) -> Reading {
    let mut reading = Reading::default();
    reading.add(stage, 0, Fact::Status(answer.status));
    let wait = answer.header("retry-after");
    if let Some(wait) = wait.and_then(|value| headers::retry_after(value, now)) {
        reading.wait(stage, wait);
    }
    let date = answer.header("date").and_then(headers::http_date);
    if let Some(off) = date.and_then(|date| clock_off(date, now, exchange.took)) {
        reading.add(stage, 0, Fact::ClockOff(off.num_seconds()));
    }
    if let Some(place) = page::elsewhere(answer, &exchange.host) {
        reading.add(stage, 0, Fact::Page(place));
    }
    let first = |names: &[&str]| names.iter().find_map(|name| answer.header(name));
    reading.trace_id = first(&["x-ms-request-id", "request-id", "x-request-id"]).and_then(named);
    let sent = first(&["client-request-id"]).unwrap_or(&exchange.request_id);
    reading.correlation_id = named(sent);
    reading
}

/// How far this machine's clock is from the server's, if it is far.
fn clock_off(date: DateTime<Utc>, now: DateTime<Utc>, took: Duration) -> Option<TimeDelta> {
    // the exchange happened between the start of the check and some stages later
    let slack = CLOCK_TOLERANCE + TimeDelta::from_std(took).unwrap_or_default();
    Some(now - date).filter(|off| off.abs() > slack)
}

/// An id that a service gave, safe to show.
pub(super) fn named(id: &str) -> Option<String> {
    let id = text::line(text::head(id, 80));
    Some(id).filter(|id| !id.is_empty())
}
