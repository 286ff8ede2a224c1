//! One check of one tenant, step by step: what was done, what came of it, and how long it took.
//!
//! Made from what a check observed and what its report says of it; the renderings (text, a ticket,
//! JSON) are views of the same steps. It judges nothing anew: a step is marked by the verdict of its
//! stage and by where the exchange broke off. No secret and no token ever gets here.

mod answer;
mod claims;
mod connection;
mod guide;
mod json;
mod request;
#[cfg(test)]
mod tests;
mod text;
mod ticket;

use crate::text::Word as _;
use crate::text::duration;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Serialize;
use strum::IntoStaticStr;

pub use self::{
    guide::guide,
    json::render as json,
    text::{Page, verdict},
    ticket::render as ticket,
};
use super::words;
use crate::verdict::{CredentialReport, DateSource, Expiry, Report, StageReport, StageStatus};
use crate::{
    observation::{Observation, Stage},
    stage::Surface,
    tenant::{Mode, Tenant},
    text::line,
    verdict::milliseconds,
};

/// One step of a check.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Step {
    /// What was done: `secret`, `resolve`, `connect`, `tls`, `token`, `claims`, `ews`, `graph`,
    /// `graph token`, `graph claims`, `dates`, `guide`.
    pub name: &'static str,
    /// The stage that it is part of; `null` for `dates` and `guide`.
    pub stage: Option<Stage>,
    /// What came of it.
    pub mark: Mark,
    /// How long it took, in milliseconds; `null` where it was not done or takes no time.
    pub ms: Option<f64>,
    /// What came of it, in a line.
    pub result: String,
    /// What was sent and found.
    pub facts: Vec<Fact>,
}

/// One thing that was sent or found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fact {
    /// What it is.
    pub label: &'static str,
    /// Its value, safe to show.
    pub value: String,
    /// Whether it is as it should be; `null` where that is no question.
    pub mark: Option<Mark>,
    /// What it should be, where it is something else.
    pub due: Option<String>,
}

/// What came of a step, or whether a fact is as it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, IntoStaticStr)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum Mark {
    /// It worked.
    Ok,
    /// It did not.
    Failed,
    /// It may matter or not, or cannot be told.
    Unknown,
    /// Not configured, not needed, or not reached.
    Skipped,
}

impl Mark {
    const fn of(status: StageStatus) -> Self {
        match status {
            StageStatus::Ok => Self::Ok,
            StageStatus::Failed => Self::Failed,
            StageStatus::Skipped => Self::Skipped,
        }
    }

    /// The worse of two.
    fn and(self, other: Self) -> Self {
        let gravity = |mark| match mark {
            Self::Skipped => 0,
            Self::Ok => 1,
            Self::Unknown => 2,
            Self::Failed => 3,
        };
        if gravity(other) > gravity(self) {
            other
        } else {
            self
        }
    }
}

impl Step {
    fn new(name: &'static str, stage: Stage, mark: Mark, result: impl Into<String>) -> Self {
        Self {
            name,
            stage: Some(stage),
            mark,
            ms: None,
            result: result.into(),
            facts: Vec::new(),
        }
    }

    fn took(self, took: Option<Duration>) -> Self {
        Self {
            ms: took.map(milliseconds),
            ..self
        }
    }

    fn with(self, facts: Vec<Fact>) -> Self {
        Self { facts, ..self }
    }
}

impl Fact {
    fn new(label: &'static str, value: &str) -> Self {
        Self {
            label,
            value: line(value),
            mark: None,
            due: None,
        }
    }

    fn marked(self, mark: Mark) -> Self {
        Self {
            mark: Some(mark),
            ..self
        }
    }

    fn should_be(self, mark: Mark, due: impl Into<String>) -> Self {
        Self {
            mark: Some(mark),
            due: Some(due.into()),
            ..self
        }
    }
}

/// Returns every step of a check, in order.
///
/// `observation` is what the report was judged from; `None` where nothing was tried.
pub fn steps(tenant: &Tenant, observation: Option<&Observation>, report: &Report) -> Vec<Step> {
    let mut steps = Vec::new();
    if let Some(seen) = observation.filter(|_| tenant.mode == Mode::Live) {
        for stage in Stage::ALL {
            steps.extend(of_stage(tenant, seen, &report.stages, stage));
        }
    }
    steps.push(dates(report));
    steps
}

/// Returns the steps of one stage, as far as it is observed.
pub fn of_stage(
    tenant: &Tenant,
    seen: &Observation,
    stages: &[StageReport],
    stage: Stage,
) -> Vec<Step> {
    let verdict = stages.iter().find(|verdict| verdict.name == stage);
    match stage {
        Stage::Secret => vec![request::secret(seen)],
        Stage::Token => request::token(tenant, seen, verdict),
        Stage::Claims => claims::of_first(tenant, seen),
        Stage::Ews => request::surface(tenant, seen, verdict, Surface::Ews),
        Stage::Graph => request::surface(tenant, seen, verdict, Surface::Graph),
    }
}

/// Returns the step about end dates, which asks nobody.
pub fn dates(report: &Report) -> Step {
    let counting = |credential: &&CredentialReport| credential.watched != Some(false);
    let mark = report
        .credentials
        .iter()
        .filter(counting)
        .map(|credential| date_mark(credential.state))
        .fold(Mark::Skipped, Mark::and);
    let result = match words::end(report, report.checked_at) {
        Some(end) => end,
        None => "not looked at".to_owned(),
    };
    Step {
        name: "dates",
        stage: None,
        mark,
        ms: None,
        result,
        facts: report
            .credentials
            .iter()
            .map(|credential| end_of(credential, report.checked_at))
            .collect(),
    }
}

const fn date_mark(state: Expiry) -> Mark {
    match state {
        Expiry::Ok | Expiry::Never => Mark::Ok,
        Expiry::Warning | Expiry::Unknown => Mark::Unknown,
        Expiry::Critical | Expiry::Expired => Mark::Failed,
    }
}

fn end_of(credential: &CredentialReport, now: DateTime<Utc>) -> Fact {
    let known_by = [&credential.name, &credential.hint, &credential.key_id];
    let known_by = known_by.into_iter().flatten().next();
    let name = known_by.map_or_else(String::new, |name| format!("'{name}' "));
    let end = match (credential.expires_at, credential.state) {
        (Some(at), _) => when(at, now),
        (None, Expiry::Never) => "never ends".to_owned(),
        (None, _) => "nobody knows when it ends".to_owned(),
    };
    let from = match credential.source {
        DateSource::Config => "by the config",
        DateSource::Directory => "by the directory",
        DateSource::File => "by its file",
        DateSource::Computed => "worked out",
    };
    let note = credential.note.as_deref();
    let note = note.map_or_else(String::new, |note| format!("; {note}"));
    let from = match credential.state {
        Expiry::Unknown => String::new(),
        _ => format!(", {from}"),
    };
    let value = format!("{name}{end}{from}{note}");
    Fact::new(credential.kind.word(), &value).marked(date_mark(credential.state))
}

/// A moment, and how far from now that is.
fn when(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let time = time(at);
    if at > now {
        format!("{time}, in {}", duration::age(at - now))
    } else {
        format!("{time}, {} ago", duration::age(now - at))
    }
}

fn time(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M UTC").to_string()
}
