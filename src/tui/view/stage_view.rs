//! One check in detail: the waterfall of its stages, its evidence, the claims of its token.
//!
//! ```text
//!  token  ✖ failed    388ms ░████████████ 401 invalid_client
//!           login.microsoftonline.com · dns 2 · connect 18 · tls 31 · wait 336
//! ```

use crate::text::duration;
use std::time::Duration;

use chrono::TimeDelta;
use ratatui::{
    style::Style,
    text::{Line, Span},
};

use super::text_layout::{TextLines, item, padded, pairs, right, span};
use crate::{
    board::Row,
    claims::Claims,
    observation::{Exchange, Observation, Outcome, Phases, Stage, TokenReading},
    stage::Surface,
    text,
    tui::{format, model::Model, theme},
    verdict::{Report, StageReport, StageStatus},
};

/// Returns the stages, one after the other on a common time line, each with its phases.
pub(super) fn waterfall(row: &Row, report: &Report, width: usize) -> TextLines {
    let total: f64 = report.stages.iter().filter_map(|stage| stage.ms).sum();
    let bar_width = (width.saturating_sub(48)).clamp(8, 32);
    let mut before = 0.0;
    let mut lines = Vec::new();
    for stage in &report.stages {
        let (symbol, word, style) = theme::stage(stage.status);
        let ms = stage.ms.unwrap_or(0.0);
        let took = stage.ms.map_or_else(String::new, exact_millis);
        lines.push(Line::from(vec![
            Span::raw(format!(" {} ", padded(stage.name.name(), 6))),
            span(format!("{symbol} {} ", padded(word, 7)), style),
            Span::raw(format!("{} ", right(&took, 8))),
            span(bar(before / total, ms / total, bar_width), style),
            Span::raw(format!(" {}", result(stage))),
        ]));
        before += ms;
        let observed = row.observation.as_deref();
        if let Some(details) = observed.and_then(|it| stage_details(it, stage.name)) {
            lines.extend(item(
                &Span::raw("          "),
                &details,
                width,
                theme::QUIET,
            ));
        }
    }
    lines
}

/// Tenths below ten milliseconds, where they matter.
fn exact_millis(ms: f64) -> String {
    if ms < 10.0 {
        format!("{ms:.1}ms")
    } else {
        format::millis(ms)
    }
}

/// A bar from one share of the whole on, over another.
fn bar(from: f64, share: f64, width: usize) -> String {
    let cells = |share: f64| {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a cast from float saturates, and the result is cut to the width"
        )]
        let cells = (share * width as f64).round() as usize;
        cells.min(width)
    };
    if share.is_nan() || share <= 0.0 {
        return " ".repeat(width);
    }
    let start = cells(from).min(width.saturating_sub(1));
    let end = cells(from + share).max(start + 1);
    format!(
        "{}{}{}",
        "░".repeat(start),
        "█".repeat(end - start),
        "░".repeat(width.saturating_sub(end)),
    )
}

fn result(stage: &StageReport) -> String {
    let status = stage.http_status.map(|status| status.to_string());
    let code = stage.code.as_deref().map(text::line);
    let parts: Vec<String> = [status, code].into_iter().flatten().collect();
    parts.join(" ")
}

/// What there is to say about a stage beyond its result.
fn stage_details(observation: &Observation, stage: Stage) -> Option<String> {
    match stage {
        Stage::Secret => Some(secret_details(observation)),
        Stage::Token => observation.token.as_ref().map(exchange_details),
        Stage::Claims => None,
        Stage::Ews | Stage::Graph => {
            let surface = stage.surface()?;
            let further = observation.further_token_for(surface.resource());
            let call = observation.call(surface);
            call.or(further.map(|token| &token.exchange))
                .map(exchange_details)
        }
    }
}

fn secret_details(observation: &Observation) -> String {
    let secret = &observation.secret;
    let length = secret.length.map(|length| format!("{length} characters"));
    let failure = secret.failure.as_deref().map(text::line);
    let end = file_end(observation);
    let parts = [Some(text::line(&secret.source)), length, end, failure];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// When a credential ends that tells so itself, seen from the check.
fn file_end(observation: &Observation) -> Option<String> {
    let secret = &observation.secret;
    let certificate = secret.certificate.as_ref().map(|facts| facts.not_after);
    let federated = || secret.federated.as_ref()?.expires_at;
    let left = certificate.or_else(federated)? - observation.checked_at;
    Some(if left > TimeDelta::zero() {
        format!("ends in {}", duration::span(left))
    } else {
        format!("ended {} ago", duration::age(left))
    })
}

fn exchange_details(exchange: &Exchange) -> String {
    let host = text::line(&exchange.host);
    let mut parts = vec![host];
    if let Outcome::Fault(fault) = &exchange.outcome {
        parts.push(text::line(&fault.detail));
    }
    parts.extend(phases(&exchange.phases));
    parts.join(" · ")
}

/// Where the time went, in milliseconds.
fn phases(phases: &Phases) -> Vec<String> {
    let named = |name: &str, took: Option<Duration>| {
        took.map(|took| format!("{name} {:.0}", took.as_secs_f64() * 1000.0))
    };
    let fresh = [
        named("dns", phases.dns),
        named("connect", phases.connect),
        named("tls", phases.tls),
    ];
    let mut parts: Vec<String> = fresh.into_iter().flatten().collect();
    if parts.is_empty() && phases.wait.is_some() {
        parts.push("connection reused".into());
    }
    parts.extend(named("wait", phases.wait));
    parts.extend(named("read", phases.read));
    parts
}

/// Returns what support desks ask for: codes and ids, each with its name.
pub(super) fn evidence(row: &Row, report: &Report) -> Vec<(&'static str, String)> {
    let mut pairs = Vec::new();
    let mut note = |name, value: Option<&str>| {
        if let Some(value) = value {
            pairs.push((name, text::line(value)));
        }
    };
    if let Some(diagnosis) = &report.diagnosis {
        note("code", diagnosis.code.as_deref());
        for meaning in &diagnosis.codes {
            note(
                "means",
                Some(&format!("{}: {}", meaning.code, meaning.summary)),
            );
        }
        note("trace id", diagnosis.trace_id.as_deref());
        note("correlation id", diagnosis.correlation_id.as_deref());
    }
    let failed = report
        .stages
        .iter()
        .find(|stage| stage.status == StageStatus::Failed);
    let status = failed.and_then(|stage| stage.http_status);
    note(
        "http status",
        status.map(|status| status.to_string()).as_deref(),
    );
    if let Some(observation) = &row.observation {
        let requests = [
            ("token", observation.token.as_ref()),
            ("EWS", observation.call(Surface::Ews)),
        ];
        for (name, exchange) in requests {
            let id = exchange.map(|exchange| format!("{} ({name})", exchange.request_id));
            note("request id", id.as_deref());
        }
        if observation.confirmed {
            note(
                "confirmed",
                Some("the failed stage was repeated once before this was believed"),
            );
        }
    }
    pairs
}

/// Returns what the access token says about itself.
pub(super) fn claims(model: &Model, row: &Row, width: usize) -> TextLines {
    let reading = row.observation.as_ref().and_then(|it| it.claims.as_ref());
    match reading {
        None => Vec::new(),
        Some(TokenReading::Opaque) => {
            vec![Line::styled(
                " the token is opaque: it says nothing",
                Style::new(),
            )]
        }
        Some(TokenReading::Claims(claims)) => pairs(&claim_pairs(model, claims), width),
    }
}

fn claim_pairs(model: &Model, claims: &Claims) -> Vec<(&'static str, String)> {
    let offset = model.settings.local_offset;
    let text_of = |claim: &Option<String>| claim.as_deref().map(text::line);
    let list = |words: &[String]| (!words.is_empty()).then(|| text::line(&words.join(", ")));
    let roles = list(&claims.roles).or_else(|| Some("none".into()));
    [
        ("aud", text_of(&claims.audience)),
        ("tid", text_of(&claims.tenant_id)),
        ("app", text_of(&claims.app_id)),
        ("roles", roles),
        ("scp", list(&claims.scopes)),
        (
            "exp",
            claims.expires_at.map(|at| format::date_time(at, offset)),
        ),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name, value?)))
    .collect()
}
