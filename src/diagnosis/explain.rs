//! From a finding to words: the diagnosis that people, scripts and tickets get.

use super::{
    advice::{self, Context, detail},
    codes,
    evidence::{Evidence, Fact},
    observed::reading::Reading,
    ranking::{self, Finding},
};
use crate::{
    observation::Stage,
    verdict::{CodeMeaning, Confidence, Diagnosis, cause::Cause},
};

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
    let context = context.clone().about_stage(finding.stage, finding.cause);
    let decisive = detail::decisive(finding, evidence, &context);
    let mut advised = advice::advise(finding.cause, decisive.as_ref(), &context);
    if let Some(remedy) = detail::remedy(finding, evidence) {
        advised.add_note(remedy);
    }
    let mut detail = advised.meaning;
    for sentence in detail::sentences(finding, evidence, &context) {
        detail.push(' ');
        detail.push_str(&sentence);
    }
    let shown_code = |code: &CodeMeaning| CodeMeaning {
        code: detail::shown(&code.code),
        ..code.clone()
    };
    Diagnosis {
        cause: finding.cause,
        stage: finding.stage,
        title: advised.title,
        detail,
        code: finding.code.as_deref().map(detail::shown),
        confidence: finding.confidence,
        also_possible: finding.also_possible.clone(),
        owner: finding.cause.owner(),
        transient: finding.cause.is_transient(),
        fix: advised
            .steps
            .iter()
            .map(|step| step.line(context.shell()))
            .collect(),
        steps: advised.steps,
        shell: context.shell(),
        trace_id: None,
        correlation_id: None,
        codes: finding.codes.iter().map(shown_code).collect(),
    }
}

impl Diagnosis {
    /// Adds the ids by which the service finds the request.
    pub(super) fn with_ids(mut self, reading: &Reading) -> Self {
        self.trace_id.clone_from(&reading.trace_id);
        self.correlation_id.clone_from(&reading.correlation_id);
        self
    }
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
