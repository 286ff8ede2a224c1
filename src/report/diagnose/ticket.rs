//! The ticket: what a vendor's or Microsoft's support asks for, as Markdown, with nothing secret.
//!
//! It stays to what concerns the request: the contacts, notes and runbooks of this place are for its
//! own people, and are left out.

use crate::text::Word as _;
use std::fmt::Write as _;

use super::{Fact, Mark, Report, Step};
use crate::{
    observation::{Observation, Stage},
    report::{
        document::{Document, markdown},
        markup::{Place, code, inline, prose},
        words,
    },
    tenant::Tenant,
    verdict::{Diagnosis, Live},
};

/// Returns the ticket about one tenant, from its latest report and what that was judged from.
///
/// `guide` is the step that judges the registration, where that was looked at.
pub fn render(
    tenant: &Tenant,
    observation: Option<&Observation>,
    report: &Report,
    guide: Option<&Step>,
) -> String {
    let mut out = String::new();
    heading(&mut out, tenant, report);
    identity(&mut out, tenant, report);
    out.push_str("\n### What was tried\n\n");
    let steps = super::steps(tenant, observation, report);
    for step in steps.iter().chain(guide) {
        push_step(&mut out, step);
    }
    if let Some(found) = &report.diagnosis {
        to_do(&mut out, found);
    }
    out
}

fn heading(out: &mut String, tenant: &Tenant, report: &Report) {
    let name = code(report.name.as_str(), Place::Prose);
    let said = match (&report.diagnosis, report.live) {
        (Some(found), _) => inline(&found.title),
        (None, Some(Live::Ok)) => "it works from here".to_owned(),
        (None, Some(_)) => "it could not be told whether it works".to_owned(),
        (None, None) => "only its end dates are watched".to_owned(),
    };
    writeln!(out, "## {name}: {said}\n").ok();
    if let Some(found) = &report.diagnosis {
        writeln!(out, "{}\n", prose(&found.detail)).ok();
    }
    if tenant.profile.id != "app-only" {
        writeln!(out, "Integration: {}.\n", inline(tenant.profile.product)).ok();
    }
}

/// The ids by which others find the app, the mailbox and the request.
fn identity(out: &mut String, tenant: &Tenant, report: &Report) {
    let found = report.diagnosis.as_ref();
    let of = |field: fn(&Diagnosis) -> Option<&str>| found.and_then(field);
    let coded = [
        ("cause", of(|found| Some(found.cause.id()))),
        ("confidence", of(|found| Some(found.confidence.word()))),
        ("stage", of(|found| found.stage.map(Stage::name))),
        ("code", of(|found| found.code.as_deref())),
        ("trace id", of(|found| found.trace_id.as_deref())),
        (
            "correlation id",
            of(|found| found.correlation_id.as_deref()),
        ),
        ("directory (tenant id)", Some(report.tenant_id.as_str())),
        ("app (client id)", Some(report.client_id.as_str())),
        ("mailbox", report.mailbox.as_deref()),
        ("profile", Some(tenant.profile.id)),
    ];
    for (label, value) in coded {
        if let Some(value) = value {
            writeln!(out, "- {label}: {}", code(value, Place::Prose)).ok();
        }
    }
    let version = env!("CARGO_PKG_VERSION");
    let at = report.checked_at.format("%Y-%m-%d %H:%M:%S UTC");
    writeln!(out, "- checked at: {at}").ok();
    writeln!(out, "- checked with: credwatch {version}").ok();
    if let Some(end) = words::end(report, report.checked_at) {
        writeln!(out, "- end of the credential: {}", inline(&end)).ok();
    }
}

fn push_step(out: &mut String, step: &Step) {
    let took = step.ms.map_or_else(String::new, |ms| format!(", {ms} ms"));
    writeln!(
        out,
        "- **{}** – {}{took}: {}",
        step.name,
        emphasis(step.mark),
        inline(&step.result)
    )
    .ok();
    for fact in &step.facts {
        writeln!(out, "    - {}", fact_line(fact)).ok();
    }
}

fn fact_line(fact: &Fact) -> String {
    let mark = match fact.mark {
        Some(Mark::Failed | Mark::Unknown) => " ⚠",
        _ => "",
    };
    let due = fact.due.as_deref();
    let due = due.map_or_else(String::new, |due| format!(", should be: {}", inline(due)));
    let value = code(&fact.value, Place::Prose);
    format!("{}: {value}{mark}{due}", fact.label)
}

fn emphasis(mark: Mark) -> String {
    match mark {
        Mark::Failed => format!("**{}**", mark.word()),
        Mark::Ok | Mark::Unknown | Mark::Skipped => mark.word().to_owned(),
    }
}

fn to_do(out: &mut String, found: &Diagnosis) {
    if found.steps.is_empty() {
        return;
    }
    let owner = found.owner.words();
    writeln!(out, "\n### What to do ({owner} must act)\n").ok();
    let mut document = Document::default();
    document.steps(&found.steps, found.shell);
    if !found.also_possible.is_empty() {
        let others: Vec<_> = found.also_possible.iter().map(|cause| cause.id()).collect();
        document.say(&format!("It may also be: `{}`.", others.join("`, `")));
    }
    out.push_str(&markdown::render(&document));
}
