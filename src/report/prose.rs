//! A verdict as a document: title, one sentence of meaning, what to do, then the particulars.
//!
//! `check`, `diagnose`, `explain`, the Markdown page and the ticket take their words from here, so that
//! each fact is said once and in the same order everywhere. Judges nothing.

use chrono::{DateTime, Utc};

use super::{
    document::{Block, Document, Look, Text},
    words,
};
use crate::{
    diagnosis::advice::shell_word,
    expiry,
    text::{self, first_sentence},
    verdict::{Confidence, CredentialReport, Diagnosis, Expiry, Report, cause::Cause, leading},
};

/// Returns why one tenant among many is not ok, and the step that leads; nothing for one that is ok.
pub fn brief(report: &Report) -> Option<Document> {
    let mut document = Document::default();
    let mut inner = Document::default();
    let mut endings = endings(report);
    if let Some(found) = &report.diagnosis {
        document.push(heading(report.name.as_str(), report, &brief_facts(found)));
        match leading(&found.steps) {
            Some(step) => inner.leading_step(step, found.shell),
            None => inner.say(first_sentence(&found.detail)),
        }
    } else {
        let ending = endings.next()?;
        let name = Text::styled(Look::Status(report.status), report.name.as_str());
        let ending = Text::prose(&format!(": {ending}"));
        document.push(Block::Paragraph(name.and(ending)));
    }
    endings.for_each(|ending| inner.say(&ending));
    inner.facts([
        ("contact", prose(report.contact.as_deref())),
        ("runbook", prose(report.runbook.as_deref())),
    ]);
    if report.diagnosis.is_some() {
        let name = shell_word(report.name.as_str(), "<name>");
        let more = Text::styled(Look::Quiet, "All steps:").blank();
        let command = Text::styled(Look::Command, &format!("credwatch diagnose {name}"));
        inner.push(Block::Paragraph(more.and(command)));
    }
    document.push(Block::Inner(inner.blocks));
    Some(document)
}

/// Returns why a tenant is not ok, and everything to do; nothing for one that is ok.
pub fn whole(report: &Report) -> Option<Document> {
    let mut document = Document::default();
    let mut inner = Document::default();
    if let Some(found) = &report.diagnosis {
        document.push(heading(
            report.name.as_str(),
            report,
            &whole_facts(found, true),
        ));
        inner = diagnosis_body(found);
    }
    let mut endings = endings(report);
    if report.diagnosis.is_none() {
        let ending = endings.next()?;
        let name = Text::styled(Look::Status(report.status), report.name.as_str());
        document.push(Block::Paragraph(
            name.and(Text::prose(&format!(": {ending}"))),
        ));
    }
    endings.for_each(|ending| inner.say(&ending));
    inner.facts(support(report));
    document.push(Block::Inner(inner.blocks));
    Some(document)
}

/// Returns a diagnosis that belongs to no tenant.
pub fn explained(diagnosis: &Diagnosis) -> Document {
    let mut document = Document::default();
    let cause = diagnosis.cause.id();
    // who acts on credwatch has nothing to do with the log of another program
    let facts = whole_facts(diagnosis, diagnosis.owner != Cause::Unknown.owner());
    document.push(titled(&format!("{cause}: {}", diagnosis.title), &facts));
    let mut inner = diagnosis_body(diagnosis);
    if diagnosis.codes.len() > 1 {
        inner.facts(diagnosis.codes.iter().map(|code| {
            let meaning = format!("{} ({})", code.summary, code.cause);
            (code.code.as_str(), prose(Some(&meaning)))
        }));
    }
    document.push(Block::Inner(inner.blocks));
    document
}

/// Returns what `diagnose` says behind its steps.
pub(super) fn verdict(report: &Report, now: DateTime<Utc>) -> Document {
    let mut inner = Document::default();
    if let Some(found) = &report.diagnosis {
        inner.say(&format!("{} {}", found.cause, whole_facts(found, true)));
        inner.push(Block::Gap);
        inner.blocks.extend(diagnosis_body(found).blocks);
    }
    if !is_said_already(report)
        && let Some(end) = words::end(report, now)
    {
        let advice = words::end_advice(report).map_or_else(String::new, |it| format!(": {it}"));
        inner.say(&format!("{end}{advice}"));
    }
    inner.facts(support(report));
    if let Some(found) = &report.diagnosis {
        inner.facts([
            ("trace id", prose(found.trace_id.as_deref())),
            ("correlation id", prose(found.correlation_id.as_deref())),
        ]);
    }
    Document {
        blocks: vec![Block::Inner(inner.blocks)],
    }
}

/// One sentence of meaning, what to do, then the particulars.
fn diagnosis_body(found: &Diagnosis) -> Document {
    let mut body = Document::default();
    let meaning = first_sentence(&found.detail);
    body.say(meaning);
    if !found.steps.is_empty() {
        body.push(Block::Gap);
        body.steps(&found.steps, found.shell);
        body.push(Block::Gap);
    }
    let rest = found.detail.get(meaning.len()..).unwrap_or_default().trim();
    if !rest.is_empty() {
        body.say(rest);
    }
    if !found.also_possible.is_empty() {
        let others: Vec<_> = found.also_possible.iter().map(|it| it.id()).collect();
        body.say(&format!("It may also be: {}.", others.join(", ")));
    }
    body
}

fn heading(name: &str, report: &Report, facts: &str) -> Block {
    let title = report.diagnosis.as_ref().map_or("", |found| &found.title);
    titled(&format!("{name}: {title}"), facts)
}

/// A title with what is known about it behind.
fn titled(title: &str, facts: &str) -> Block {
    let title = Text::styled(Look::Strong, title);
    Block::Paragraph(match facts {
        "" => title,
        facts => title.blank().and(Text::prose(facts)),
    })
}

/// Code, and how sure, where that is less than certain.
fn brief_facts(found: &Diagnosis) -> String {
    let code = found.code.as_deref().map(text::line);
    let doubt = found.confidence != Confidence::Certain;
    let doubt = doubt.then(|| found.confidence.to_string());
    let facts: Vec<_> = code.into_iter().chain(doubt).collect();
    match facts.as_slice() {
        [] => String::new(),
        facts => format!("({})", facts.join(", ")),
    }
}

/// Code, how sure, and who must act, if that helps.
fn whole_facts(found: &Diagnosis, names_owner: bool) -> String {
    let code = found.code.as_deref().map(text::line);
    // a cause that was asked for by its id is explained, and nothing shows that it is so
    let asked_for = code.as_deref() == Some(found.cause.id());
    let code = code.map_or_else(String::new, |code| format!("{code}, "));
    let sure = if asked_for {
        String::new()
    } else {
        format!("({code}{})", found.confidence)
    };
    let owner = match (names_owner, asked_for) {
        (false, _) => String::new(),
        (true, true) => format!("({} must act)", found.owner.words()),
        (true, false) => format!("; {} must act", found.owner.words()),
    };
    format!("{sure}{owner}")
}

/// Whom to ask and where to read on, as the config has it.
fn support(report: &Report) -> [(&'static str, Option<Text>); 4] {
    [
        ("contact", prose(report.contact.as_deref())),
        ("vendor", prose(report.vendor_support.as_deref())),
        ("runbook", prose(report.runbook.as_deref())),
        ("note", prose(report.note.as_deref())),
    ]
}

fn prose(words: Option<&str>) -> Option<Text> {
    words.map(Text::prose)
}

/// Whether the diagnosis says already that the credential has ended.
pub(super) fn is_said_already(report: &Report) -> bool {
    let ended = [
        Cause::SecretExpired,
        Cause::RefreshTokenExpired,
        Cause::RefreshTokenRevoked,
        Cause::RefreshTokenInvalid,
    ];
    let cause = report.diagnosis.as_ref().map(|found| found.cause);
    report.expiry == Some(Expiry::Expired) && cause.is_some_and(|cause| ended.contains(&cause))
}

/// What there is to say on the ends of the credentials that count, beside the diagnosis.
fn endings(report: &Report) -> impl Iterator<Item = String> {
    let said = is_said_already(report);
    let endings = report.credentials.iter().filter_map(move |credential| {
        let ended = credential.state == Expiry::Expired;
        expiry_words(credential, report).filter(|_| !(said && ended))
    });
    endings.collect::<Vec<_>>().into_iter()
}

/// A sentence on the end of a credential, where there is something to say.
fn expiry_words(credential: &CredentialReport, report: &Report) -> Option<String> {
    report.expiry?;
    let counts = credential.watched != Some(false);
    let at = credential
        .expires_at
        .map(|at| at.format("%Y-%m-%d %H:%M UTC").to_string())
        .unwrap_or_default();
    let note = credential
        .note
        .as_deref()
        .map(|note| format!(": {note}"))
        .unwrap_or_default();
    match credential.state {
        _ if !counts => None,
        Expiry::Ok | Expiry::Never if expiry::half(credential) == Expiry::Warning => {
            Some(format!("its credential lives too long{note}"))
        }
        Expiry::Ok | Expiry::Never => None,
        Expiry::Unknown => Some(format!("the end of its credential is not known{note}")),
        Expiry::Expired => Some(format!("its credential ended {at}")),
        Expiry::Warning | Expiry::Critical => {
            let advice = words::end_advice(report).unwrap_or_default();
            Some(format!("its credential ends {at}; {advice} before then"))
        }
    }
}
