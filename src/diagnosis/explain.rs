//! From a finding to words: the diagnosis that people, scripts and tickets get.

use super::{
    advice::{self, Context},
    codes,
    evidence::{Evidence, Fact},
    observed::reading::Reading,
    ranking::{self, Finding},
    tables::{aadsts, transport},
};
use crate::{
    observation::{SecretNote, Stage},
    text,
    verdict::{Confidence, Diagnosis, cause::Cause},
};

/// A message of a service is cut to so many columns.
const MESSAGE_WIDTH: usize = 300;

/// More sentences than this are a wall of text again.
const SENTENCE_LIMIT: usize = 6;

/// Explains evidence that belongs to no observation, such as that of a pasted text.
pub fn explain_evidence(evidence: &[Evidence], context: &Context) -> Diagnosis {
    let finding = ranking::rank(evidence).unwrap_or_else(nothing_found);
    diagnosis(&finding, evidence, context)
}

/// Explains codes in any spelling, with what is known beside them; `None` where one of them is no code.
///
/// The first code leads, unless it only wraps another one. Every code is told, in the order given.
pub fn explain_codes(
    codes: &[String],
    stage: Option<Stage>,
    status: Option<u16>,
    context: &Context,
) -> Option<Diagnosis> {
    let each = explain_each(codes, stage, status, context)?;
    let told = each.iter().flat_map(|one| one.codes.clone()).collect();
    let leads = |one: &&Diagnosis| !one.code.as_deref().is_some_and(codes::is_wrapper);
    let leading = each.iter().find(leads).or(each.first())?;
    Some(Diagnosis {
        codes: told,
        ..leading.clone()
    })
}

/// Explains each code by itself, in the order given; codes with commas between them are of one answer.
pub fn explain_each(
    codes: &[String],
    stage: Option<Stage>,
    status: Option<u16>,
    context: &Context,
) -> Option<Vec<Diagnosis>> {
    let fact = |fact| Evidence::new(fact, stage, 0);
    let explained = |facts: Vec<Fact>| {
        let mut evidence: Vec<Evidence> = facts.into_iter().map(fact).collect();
        evidence.extend(status.map(|status| fact(Fact::Status(status))));
        explain_evidence(&evidence, context)
    };
    if codes.is_empty() {
        return Some(vec![explained(Vec::new())]);
    }
    let each = codes.iter().map(|code| codes::stated(code).map(explained));
    each.collect()
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
        fix: with_number(advice.fix(context), finding),
        trace_id: None,
        correlation_id: None,
        codes: finding
            .codes
            .iter()
            .map(|code| crate::verdict::CodeMeaning {
                code: shown(&code.code),
                ..code.clone()
            })
            .collect(),
    }
}

/// Stands in a step for the digits of a sign-in error number.
const DIGITS: &str = "<digits after AADSTS>";

/// Puts the sign-in error number into the steps that look it up; without one they are left out.
fn with_number(steps: Vec<String>, finding: &Finding) -> Vec<String> {
    let code = finding.code.as_deref().unwrap_or_default();
    let number = code.strip_prefix("AADSTS");
    let fill = |step: String| match number {
        Some(number) => Some(step.replace(DIGITS, number)),
        None => Some(step).filter(|step| !step.contains(DIGITS)),
    };
    steps.into_iter().filter_map(fill).collect()
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

/// What the evidence adds to the general words: what was found out here, what the code says, and
/// then the service's own words.
fn sentences(finding: &Finding, evidence: &[Evidence], context: &Context) -> Vec<String> {
    let mut sentences: Vec<String> = Vec::new();
    let found = evidence
        .iter()
        .filter_map(|one| found_out(&one.fact, finding));
    let said = evidence.iter().filter_map(|one| said(one, finding));
    let guess = "This is the best guess from little evidence.".to_owned();
    let guess = Some(guess)
        .filter(|_| finding.confidence == Confidence::Possible && finding.cause != Cause::Unknown);
    let mute = context.is_named() && finding.code.is_none() && finding.cause == Cause::AccessDenied;
    let mute = mute.then(|| "No reason was given.".to_owned());
    let all = found.chain(sharper(finding, evidence)).chain(said.take(2));
    for sentence in all.chain(mute).chain(guess) {
        if !sentences.iter().any(|known| repeats(known, &sentence)) {
            sentences.push(sentence);
        }
    }
    sentences.truncate(SENTENCE_LIMIT);
    sentences
}

/// Whether a sentence quotes what a known one quotes.
fn repeats(known: &str, sentence: &str) -> bool {
    let quoted = |text: &str| {
        let (_, quoted) = text.split_once(": '")?;
        Some(quoted.trim_end_matches(['.', '\'']).to_owned())
    };
    match (quoted(known), quoted(sentence)) {
        (Some(known), Some(sentence)) => known.contains(&sentence) || sentence.contains(&known),
        _ => known == sentence,
    }
}

/// The sentence of the service that stands with a piece of evidence; of a paste, no more than that.
fn said(evidence: &Evidence, finding: &Finding) -> Option<String> {
    let said = match (&evidence.fact, &evidence.says) {
        (Fact::Message(message), _) => message,
        (Fact::Aadsts(number), Some(says))
            if finding.code.as_deref() == Some(&format!("AADSTS{number}")) =>
        {
            says
        }
        (Fact::EwsCode(code) | Fact::GraphCode(code), Some(says))
            if finding.code.as_deref() == Some(code) =>
        {
            says
        }
        (Fact::MailReply { .. }, Some(says)) => says,
        _ => return None,
    };
    let said = if evidence.place.is_some() {
        sentence(said)
    } else {
        said.as_str()
    };
    (said.len() > 3).then(|| quote("The service said", said))
}

/// The first sentence of a piece of a paste, without what follows it in a log.
fn sentence(text: &str) -> &str {
    let sentence = text::first_sentence(text.trim_start());
    let end = sentence.find(['{', '[']).filter(|at| *at > 0);
    let sentence = sentence
        .get(..end.unwrap_or(sentence.len()))
        .unwrap_or_default();
    sentence.trim_end_matches(['…', ' ', ':', '-', ',', '|', '(', '\'', '"'])
}

/// What one fact adds, if it bears on the finding.
fn found_out(fact: &Fact, finding: &Finding) -> Option<String> {
    let secret_matters = matches!(
        finding.cause,
        Cause::SecretInvalid | Cause::SecretExpired | Cause::SecretPropagating
    );
    match fact {
        Fact::Secret(note) if secret_matters => Some(noted(*note)),
        Fact::Presented(what) if assertion_matters(finding.cause) => Some(what.clone()),
        Fact::NoSecret(why) | Fact::NotSignedIn(why) => Some(quote("Found", why)),
        Fact::Words(cause, why) | Fact::Said(cause, why) if *cause == finding.cause => {
            Some(quote("Found", sentence(why)))
        }
        Fact::Fault(kind) => Some(transport::words(*kind).to_owned()),
        Fact::Page(page) => Some(quote("What came", page)),
        Fact::PolicyReason(reason) => Some(quote("The header X-EWS-Policy-Reason says", reason)),
        Fact::ClockOff(seconds) => Some(clock(*seconds)),
        Fact::RetryAfter(seconds) => Some(format!("It asked to wait {seconds} s.")),
        Fact::Success => Some("The text itself says that it worked.".to_owned()),
        fact => lacks(fact, finding),
    }
}

/// Whether what the presented certificate or token says bears on a cause.
fn assertion_matters(cause: Cause) -> bool {
    matches!(
        cause,
        Cause::CertificateUnknown
            | Cause::AssertionInvalid
            | Cause::FederatedCredentialMismatch
            | Cause::ClockSkew
    )
}

/// What the token lacks, where that is what failed.
fn lacks(fact: &Fact, finding: &Finding) -> Option<String> {
    let refused = matches!(finding.stage, Some(Stage::Claims | Stage::Graph) | None);
    match fact {
        Fact::WrongAudience(found) if refused => Some(quote("The token is for", found)),
        Fact::NoRole(role) | Fact::NoScope(role) if refused => {
            Some(format!("The token lacks {}.", shown(role)))
        }
        Fact::OutsideValidity | Fact::NotYetValid => {
            Some("By this machine's clock the token is outside its time.".to_owned())
        }
        _ => None,
    }
}

/// What the best code says, with what helps against a sign-in number.
fn sharper(finding: &Finding, evidence: &[Evidence]) -> Option<String> {
    let code = finding.code.as_deref()?;
    let number = evidence.iter().find_map(|one| match one.fact {
        Fact::Aadsts(number) if code.strip_prefix("AADSTS") == Some(&number.to_string()) => {
            aadsts::code(number)
        }
        _ => None,
    });
    if let Some(known) = number {
        // where the message turned the number into another cause, its usual words mislead
        let usual = known.cause == finding.cause || finding.cause == Cause::SecretPropagating;
        return usual.then(|| {
            format!(
                "{code} says: {}. What helps: {}.",
                known.summary, known.remedy
            )
        });
    }
    let meaning = finding.codes.iter().find(|meaning| meaning.code == code)?;
    Some(format!("{} says: {}.", shown(code), meaning.summary))
}

/// Quotes foreign words, safe and short.
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

#[cfg(test)]
mod tests {
    use super::*;

    fn explained(codes: &[&str], stage: Option<Stage>, status: Option<u16>) -> Diagnosis {
        let codes: Vec<_> = codes.iter().map(|code| (*code).to_owned()).collect();
        explain_codes(&codes, stage, status, &Context::unnamed()).unwrap()
    }

    #[test]
    fn codes_are_explained_and_hints_are_used() {
        let expired = explained(&["AADSTS7000222"], None, None);
        assert_eq!(expired.cause, Cause::SecretExpired);
        assert_eq!(expired.confidence, Confidence::Certain);
        assert_eq!(expired.code.as_deref(), Some("AADSTS7000222"));
        assert!(expired.fix.iter().any(|step| step.contains("<client id>")));

        for codes in [&["70002", "50126"][..], &["70002,50126"]] {
            let both = explained(codes, None, None);
            assert_eq!(both.cause, Cause::UserPasswordWrong);
            assert_eq!(both.codes.len(), 2);
        }
        for spelt in [
            "AADSTS7000222:",
            "'aadsts7000222'",
            "(7000222).",
            "\"secret-expired\"",
        ] {
            assert_eq!(
                explained(&[spelt], None, None).cause,
                Cause::SecretExpired,
                "{spelt}"
            );
        }

        assert_eq!(explained(&[], None, Some(401)).cause, Cause::Unknown);
        assert_eq!(
            explained(&[], Some(Stage::Ews), Some(429)).cause,
            Cause::EwsThrottled
        );
        assert_eq!(
            explained(&["429"], Some(Stage::Graph), None).cause,
            Cause::GraphThrottled
        );
        assert_eq!(
            explained(&["tls-untrusted"], None, None).cause,
            Cause::TlsUntrusted
        );
    }

    #[test]
    fn what_is_not_known_is_said_to_be_unknown() {
        assert_eq!(
            explain_codes(&["nonsense".to_owned()], None, None, &Context::unnamed()),
            None
        );
        for code in ["AADSTS88888888", "ErrorSomethingNew"] {
            assert_eq!(
                explained(&[code], None, None).cause,
                Cause::Unknown,
                "{code}"
            );
        }
        let new = explained(&["ErrorSomethingNew"], None, None);
        assert_eq!(new.codes[0].summary, "not a known response code of EWS");
        let number = explained(&["AADSTS88888888"], None, None);
        assert!(number.fix.iter().any(|step| step.contains("code=88888888")));
        let variant = explained(&["AADSTS5300399"], None, None);
        assert!(variant.codes[0].summary.contains("family of AADSTS53003"));
        assert_eq!(variant.confidence, Confidence::Possible);
    }

    #[test]
    fn the_words_of_a_service_are_made_safe_and_short() {
        let evidence = [Evidence::new(
            Fact::Message(format!(
                "\u{1b}[31m client_secret=hunter2 {}",
                "x".repeat(5000)
            )),
            None,
            0,
        )];
        let detail = explain_evidence(&evidence, &Context::unnamed()).detail;
        assert!(!detail.contains("hunter2") && !detail.contains('\u{1b}'));
        assert!(detail.len() < 1000);
    }
}
