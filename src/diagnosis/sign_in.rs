//! Explains what the login service answers during an interactive sign-in.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::json;

use super::{
    advice::Context,
    evidence::Fact,
    explain::explain_evidence,
    observed::{self, reading::Call},
};
use crate::{
    observation::{Answer, Exchange, Outcome, Phases, Stage},
    tenant::Tenant,
    verdict::{Diagnosis, cause::Cause},
};

/// Explains an answer of the device code or token endpoint that is no success.
pub fn explain_sign_in(tenant: &Tenant, exchange: &Exchange, now: DateTime<Utc>) -> Diagnosis {
    let context = Context::of(tenant);
    match observed::token(exchange, false, now) {
        Call::Failed(reading) => {
            let context = context.with_request(reading.ids());
            explain_evidence(&reading.evidence, &context).with_ids(&reading)
        }
        Call::Worked => explain_evidence(&[], &context),
    }
}

/// Explains the error with which the authorize page sent the browser back.
pub fn explain_redirect(
    tenant: &Tenant,
    error: &str,
    description: &str,
    now: DateTime<Utc>,
) -> Diagnosis {
    let body = json!({"error": error, "error_description": description});
    // the same facts as in an error document of the token endpoint, only in another wrapping
    let exchange = Exchange {
        took: Duration::ZERO,
        host: String::new(),
        request_id: String::new(),
        phases: Phases::default(),
        connection: None,
        outcome: Outcome::Answer(Answer {
            status: 400,
            headers: Vec::new(),
            body: body.to_string(),
        }),
    };
    explain_sign_in(tenant, &exchange, now)
}

/// Explains a sign-in that failed for a cause that no answer states.
pub fn explain_failed_sign_in(tenant: &Tenant, cause: Cause, words: &str) -> Diagnosis {
    let evidence =
        super::evidence::Evidence::new(Fact::Words(cause, words.to_owned()), Some(Stage::Token), 0);
    explain_evidence(&[evidence], &Context::of(tenant))
}
