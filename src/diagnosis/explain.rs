//! From a finding to words: the diagnosis that people, scripts and tickets get.

use super::{
    advice::{self, Context},
    cause::Cause,
    codes, entra,
    evidence::{Evidence, Fact},
    observed::Reading,
    ranking::{self, Finding},
    transport,
};
use crate::{
    observation::{SecretNote, Stage},
    report::{Confidence, Diagnosis},
    text,
};

/// A message of a service is cut to so many columns.
const MESSAGE_WIDTH: usize = 300;

/// Explains evidence that belongs to no observation, such as that of a pasted text.
pub fn explain_evidence(evidence: &[Evidence], context: &Context) -> Diagnosis {
    let finding = ranking::rank(evidence).unwrap_or_else(nothing_found);
    diagnosis(&finding, evidence, context)
}

/// Explains codes in any spelling, with what is known beside them.
pub fn explain_codes(
    codes: &[String],
    stage: Option<Stage>,
    status: Option<u16>,
    context: &Context,
) -> Diagnosis {
    let fact = |fact| Evidence {
        fact,
        stage,
        depth: 0,
    };
    let mut evidence: Vec<Evidence> = Vec::new();
    for code in codes {
        match code.trim().to_ascii_lowercase().parse::<Cause>() {
            Ok(cause) => evidence.push(fact(Fact::Words(cause, cause.meaning().to_owned()))),
            Err(_) => evidence.extend(codes::fact(code.trim()).map(fact)),
        }
    }
    evidence.extend(status.map(|status| fact(Fact::Status(status))));
    explain_evidence(&evidence, context)
}

fn nothing_found() -> Finding {
    Finding {
        cause: Cause::Unknown,
        confidence: Confidence::Possible,
        also_possible: Vec::new(),
        stage: None,
        code: None,
        codes: Vec::new(),
    }
}

/// Puts a finding into words.
pub(super) fn diagnosis(finding: &Finding, evidence: &[Evidence], context: &Context) -> Diagnosis {
    let advice = advice::of(finding.cause);
    let mut detail = context.fill(advice.detail);
    for sentence in sentences(finding, evidence, context) {
        detail.push(' ');
        detail.push_str(&sentence);
    }
    Diagnosis {
        cause: finding.cause,
        stage: finding.stage,
        title: advice.title.to_owned(),
        detail,
        code: finding.code.as_deref().map(shown),
        confidence: finding.confidence,
        also_possible: finding.also_possible.clone(),
        owner: finding.cause.owner(),
        transient: finding.cause.is_transient(),
        fix: advice.fix(context),
        trace_id: None,
        correlation_id: None,
        codes: finding
            .codes
            .iter()
            .map(|code| crate::report::CodeMeaning {
                code: shown(&code.code),
                ..code.clone()
            })
            .collect(),
    }
}

/// A code that a service gave, safe to show.
fn shown(code: &str) -> String {
    text::fit(&text::redact(&text::line(code)), 80).into_owned()
}

impl Diagnosis {
    /// Adds the ids by which the service finds the request.
    pub(super) fn with_ids(mut self, reading: &Reading) -> Self {
        self.trace_id.clone_from(&reading.trace_id);
        self.correlation_id.clone_from(&reading.correlation_id);
        self
    }
}

/// What the evidence adds to the general words.
fn sentences(finding: &Finding, evidence: &[Evidence], context: &Context) -> Vec<String> {
    let mut sentences: Vec<String> = Vec::new();
    let secret_matters = matches!(
        finding.cause,
        Cause::SecretInvalid | Cause::SecretExpired | Cause::SecretPropagating
    );
    for one in evidence {
        let sentence = match &one.fact {
            Fact::Secret(note) if secret_matters => Some(noted(*note)),
            Fact::NoSecret(why) | Fact::Words(_, why) => Some(quote("Found", why)),
            Fact::Fault(kind) => Some(transport::words(*kind).to_owned()),
            Fact::Page(page) => Some(quote("What came", page)),
            Fact::Message(message) => Some(quote("The service said", message)),
            Fact::PolicyReason(reason) => {
                Some(quote("The header X-EWS-Policy-Reason says", reason))
            }
            Fact::ClockOff(seconds) => Some(clock(*seconds)),
            fact => lacks(fact, finding),
        };
        sentences.extend(sentence.filter(|sentence| !sentences.contains(sentence)));
    }
    sentences.extend(sharper(finding, evidence));
    if context.is_named() && finding.code.is_none() && finding.cause == Cause::AccessDenied {
        sentences.push("It gave no reason.".to_owned());
    }
    sentences.truncate(6);
    sentences
}

/// What the token lacks, where that is what failed.
fn lacks(fact: &Fact, finding: &Finding) -> Option<String> {
    let refused = matches!(finding.stage, Some(Stage::Claims | Stage::Graph) | None);
    match fact {
        Fact::WrongAudience(found) if refused => Some(quote("The token is for", found)),
        Fact::NoRole(role) | Fact::NoScope(role) if refused => {
            Some(format!("The token lacks {}.", shown(role)))
        }
        Fact::OutsideValidity => {
            Some("By this machine's clock the token is outside its time.".to_owned())
        }
        _ => None,
    }
}

/// What the best sign-in number says, with what helps.
fn sharper(finding: &Finding, evidence: &[Evidence]) -> Option<String> {
    let code = finding.code.as_deref()?;
    let meaning = finding.codes.iter().find(|meaning| meaning.code == code)?;
    let fits = meaning.cause == finding.cause;
    let number = evidence.iter().find_map(|one| match one.fact {
        Fact::Aadsts(number) if code.strip_prefix("AADSTS") == Some(&number.to_string()) => {
            entra::code(number)
        }
        _ => None,
    });
    match number {
        Some(known) if fits => Some(format!(
            "{code} says: {}. What helps: {}.",
            known.summary, known.remedy
        )),
        _ => Some(format!("{} says: {}.", shown(code), meaning.summary)),
    }
}

/// The words of somebody else, safe and short.
fn quote(who: &str, words: &str) -> String {
    let words = text::line(words);
    let words = text::redact(&words);
    let words = text::fit(words.trim_end_matches('.'), MESSAGE_WIDTH);
    format!("{who}: '{words}'.")
}

fn noted(note: SecretNote) -> String {
    let words = match note {
        SecretNote::Quoted => "The secret that was sent is surrounded by quotation marks.",
        SecretNote::Padded => "The secret that was sent begins or ends with white space.",
        SecretNote::GuidShaped => {
            "The secret that was sent has the shape of a GUID, as the Secret ID has: the column \
             Value is needed."
        }
        SecretNote::EqualsClientId => "The secret that was sent is the client id.",
        SecretNote::EqualsTenantId => "The secret that was sent is the tenant id.",
        SecretNote::CutOff { found, due } => {
            return format!(
                "The secret that was sent has {found} characters, and generated ones of its kind \
                 have {due}: a part is missing or too much."
            );
        }
        SecretNote::Masked => {
            "The secret that was sent is what the portal shows later, with asterisks: the value \
             itself is shown once only."
        }
        SecretNote::PercentEncoded => {
            "The secret that was sent is percent-encoded already, and is encoded once more on its \
             way."
        }
    };
    words.to_owned()
}

fn clock(seconds: i64) -> String {
    let side = if seconds >= 0 { "ahead of" } else { "behind" };
    let off = seconds.unsigned_abs();
    format!("This machine's clock is {off} s {side} the service's.")
}
