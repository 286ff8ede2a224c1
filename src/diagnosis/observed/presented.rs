//! What the certificate or federated token that was sent says of itself, for a person who compares it
//! with what the service expects.

use chrono::{DateTime, Utc};

use crate::{
    observation::{CertificateFacts, FederatedFacts, SecretFacts},
    text,
};

/// Returns what bears on a refused assertion, each as a sentence.
pub(super) fn sentences(facts: &SecretFacts, now: DateTime<Utc>) -> Vec<String> {
    let certificate = facts.certificate.iter();
    let federated = facts.federated.iter();
    certificate
        .map(|facts| certificate_sentence(facts, now))
        .chain(federated.map(|facts| federated_sentence(facts, now)))
        .collect()
}

fn certificate_sentence(facts: &CertificateFacts, now: DateTime<Utc>) -> String {
    let validity = if facts.not_after <= now {
        format!("ended {}", day(facts.not_after))
    } else if now < facts.not_before {
        format!("is not valid before {}", day(facts.not_before))
    } else {
        format!("ends {}", day(facts.not_after))
    };
    format!(
        "The certificate in use is '{}' with the thumbprint {}; it {validity}.",
        text::fit(&facts.subject, 80),
        facts.thumbprint(),
    )
}

fn federated_sentence(facts: &FederatedFacts, now: DateTime<Utc>) -> String {
    let claim = |value: &Option<String>| {
        value
            .as_deref()
            .map_or_else(|| "none".to_owned(), |value| format!("'{value}'"))
    };
    let end = match facts.expires_at {
        Some(at) if at <= now => format!("; it ended {}", day(at)),
        Some(_) => String::new(),
        None => "; it names no end".to_owned(),
    };
    format!(
        "The token that was presented has the issuer {}, the subject {} and the audience {}{end}.",
        claim(&facts.issuer),
        claim(&facts.subject),
        claim(&facts.audience),
    )
}

fn day(at: DateTime<Utc>) -> impl std::fmt::Display {
    at.format("%Y-%m-%d %H:%M UTC")
}
