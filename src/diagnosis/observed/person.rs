//! Reads what is known of a person's sign-in, where that alone decides.

use crate::text::duration;
use chrono::{DateTime, Utc};

use super::{
    reading::{Call, Reading},
    secret, token,
};
use crate::{
    diagnosis::{
        evidence::{Evidence, Fact},
        ranking::rank,
    },
    observation::{Observation, Outcome, RefusedSignIn, SecretFacts, SignIn, Stage},
    verdict::cause::{Cause, Origin},
};

/// A verdict that needs no answer of its own, by the stage that it falls at.
pub(in crate::diagnosis) enum Verdict {
    /// No sign-in is kept.
    Secret(Reading),
    /// The client secret is refused, or the sign-in was, at an earlier check.
    Token(Reading),
}

/// Returns what the state of the sign-in says, `None` where the token request decides.
pub(in crate::diagnosis) fn sign_in(observation: &Observation) -> Option<Verdict> {
    match observation.secret.sign_in.as_ref()? {
        SignIn::Missing => Some(missing(observation)),
        SignIn::Kept(kept) => {
            let refused = kept.refused.as_ref()?;
            let earlier = observation.token.is_none();
            earlier.then(|| Verdict::Token(refused_before(refused, observation.checked_at)))
        }
    }
}

/// No sign-in is kept: the app's own proof may still be accepted, or refused.
fn missing(observation: &Observation) -> Verdict {
    let now = observation.checked_at;
    let proof = proof(&observation.secret);
    let mut tried = String::new();
    let mut retry_after = None;
    if let Some(exchange) = &observation.token {
        tried = match token::read(exchange, observation.claims.is_some(), now) {
            Call::Worked => format!("; the {proof} itself works: it was accepted"),
            Call::Failed(mut reading) => {
                let cause = rank(&reading.evidence).map(|finding| finding.cause);
                if cause.is_some_and(refuses_the_app) || is_invalid_client(&reading) {
                    reading
                        .evidence
                        .extend(secret::read(&observation.secret, now));
                    return Verdict::Token(*reading);
                }
                retry_after = reading.retry_after;
                not_refused(proof, &exchange.outcome, cause.unwrap_or(Cause::Unknown))
            }
        };
    }
    let words = format!("no sign-in is kept{tried}");
    Verdict::Secret(Reading {
        evidence: vec![fact(Stage::Secret, Fact::NotSignedIn(words))],
        retry_after,
        ..Reading::default()
    })
}

/// What an answer that does not refuse the app says of its proof.
fn not_refused(proof: &str, outcome: &Outcome, cause: Cause) -> String {
    if matches!(outcome, Outcome::Fault(_)) {
        return format!("; the {proof} could not be tried: the login service was not reached");
    }
    if cause.origin() == Origin::Token && !cause.is_transient() {
        // policies, consent and scopes are looked at after the proof
        return format!("; the {proof} itself was tried, and not refused as wrong or ended");
    }
    format!("; whether the {proof} itself works cannot be told ({cause})")
}

/// What the app proved itself with.
const fn proof(secret: &SecretFacts) -> &'static str {
    match (&secret.certificate, &secret.federated) {
        (Some(_), _) => "certificate",
        (None, Some(_)) => "federated token",
        (None, None) => "client secret",
    }
}

/// Whether a cause stands in the way of every sign-in of this app, a person's too.
const fn refuses_the_app(cause: Cause) -> bool {
    matches!(
        cause,
        Cause::TenantNotFound
            | Cause::TenantBlocked
            | Cause::AppNotFound
            | Cause::AppDisabled
            | Cause::ServicePrincipalMissing
            | Cause::SecretInvalid
            | Cause::SecretPropagating
            | Cause::SecretExpired
            | Cause::SecretMissing
            | Cause::CertificateUnknown
            | Cause::AssertionInvalid
            | Cause::FederatedCredentialMismatch
            | Cause::ClockSkew
    )
}

/// Whether the login service refused the client itself, in whatever number.
fn is_invalid_client(reading: &Reading) -> bool {
    let refuses =
        |e: &Evidence| matches!(&e.fact, Fact::OAuthError(error) if error == "invalid_client");
    reading.evidence.iter().any(refuses)
}

/// The verdict of an earlier check, with its age.
fn refused_before(refused: &RefusedSignIn, now: DateTime<Utc>) -> Reading {
    let cause = refused.cause.parse().unwrap_or(Cause::RefreshTokenInvalid);
    let age = duration::age(now - refused.at);
    let words = format!(
        "refused {age} ago, at {}; not sent again until somebody signs in or the start value changes",
        refused.at.format("%Y-%m-%d %H:%M UTC")
    );
    let code = refused.code.as_deref().map(|code| {
        let number = code
            .strip_prefix("AADSTS")
            .and_then(|digits| digits.parse().ok());
        number.map_or_else(|| Fact::Suberror(code.to_owned()), Fact::Aadsts)
    });
    let mut evidence = vec![fact(Stage::Token, Fact::Words(cause, words))];
    evidence.extend(code.map(|code| fact(Stage::Token, code)));
    Reading {
        evidence,
        ..Reading::default()
    }
}

fn fact(stage: Stage, fact: Fact) -> Evidence {
    Evidence::new(fact, Some(stage), 0)
}
