//! Signing in by device code (RFC 8628): the person enters a code on any device, for public clients.

use std::time::Duration;

use secrecy::SecretString;
use serde_json::Value;

use super::{Login, LoginStep, SignInError, SignedIn, request::Posted};
use crate::{text, verdict::cause::Cause};

const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// How often to ask where the service does not say (RFC 8628, 3.2), and how much slower on request.
const USUAL_INTERVAL: Duration = Duration::from_secs(5);

/// The bounds of the interval, whatever the service says.
const LEAST_INTERVAL: Duration = Duration::from_secs(1);
const MOST_INTERVAL: Duration = Duration::from_mins(1);

/// A code is good for no longer, whatever the service says.
const MOST_TIME: Duration = Duration::from_mins(30);

/// A code that was handed out.
struct Offer {
    code: SecretString,
    user_code: String,
    page: String,
    good_for: Duration,
    interval: Duration,
}

/// The next action after an answer.
#[derive(Debug, PartialEq, Eq)]
enum Next {
    /// Ask again after this long.
    Wait(Duration),
    /// It is over.
    Stop,
}

impl Login<'_> {
    /// Signs in by device code; `show` tells the person what to do.
    pub async fn by_device_code(
        &self,
        show: &mut (dyn FnMut(LoginStep) + Send),
    ) -> Result<SignedIn, SignInError> {
        let client = self.tenant.app.client_id.as_str();
        let scope = self.scope();
        let fields = [("client_id", client), ("scope", scope.as_str())];
        let posted = self.post("devicecode", &fields, &[]).await;
        let Some(offer) = posted.document.as_ref().and_then(offer) else {
            return Err(self.refused(&posted));
        };
        show(LoginStep::EnterCode {
            page: offer.page.clone(),
            code: offer.user_code.clone(),
            good_for: offer.good_for,
        });
        self.poll(&offer).await
    }

    async fn poll(&self, offer: &Offer) -> Result<SignedIn, SignInError> {
        let ends = self.clock.instant() + offer.good_for;
        let mut interval = offer.interval;
        let client = self.tenant.app.client_id.as_str();
        let fields = [("grant_type", GRANT), ("client_id", client)];
        loop {
            tokio::time::sleep(interval).await;
            let posted = self
                .post("token", &fields, &[("device_code", &offer.code)])
                .await;
            if let Some(document) = &posted.document {
                return self.signed_in(document);
            }
            match next(&posted, interval) {
                Next::Stop => return Err(self.refused(&posted)),
                Next::Wait(longer) => interval = longer,
            }
            if self.clock.instant() >= ends {
                let words = "the code was not entered while it was good";
                return Err(self.failed(Cause::DeviceCodeExpired, words));
            }
        }
    }
}

/// Reads what was offered, within bounds.
fn offer(document: &Value) -> Option<Offer> {
    let text = |key: &str| document.get(key).and_then(Value::as_str);
    let seconds = |key: &str| {
        let seconds = document.get(key).and_then(Value::as_u64)?;
        Some(Duration::from_secs(seconds))
    };
    Some(Offer {
        code: SecretString::from(text("device_code")?),
        user_code: text::fit(&text::line(text("user_code")?), 40).into_owned(),
        page: text::fit(&text::line(text("verification_uri")?), 200).into_owned(),
        good_for: seconds("expires_in")?.min(MOST_TIME),
        interval: seconds("interval")
            .unwrap_or(USUAL_INTERVAL)
            .clamp(LEAST_INTERVAL, MOST_INTERVAL),
    })
}

/// Decides by an answer that is no success.
fn next(posted: &Posted, interval: Duration) -> Next {
    match posted.error().as_deref() {
        Some("authorization_pending") => Next::Wait(interval),
        Some("slow_down") => Next::Wait((interval + USUAL_INTERVAL).min(MOST_INTERVAL)),
        _ if posted.may_pass() => Next::Wait((interval * 2).min(MOST_INTERVAL)),
        _ => Next::Stop,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observation::{Answer, Exchange, Fault, FaultKind, Outcome, Phases};

    fn posted(outcome: Outcome) -> Posted {
        Posted {
            exchange: Exchange {
                took: Duration::ZERO,
                host: "login.example".into(),
                request_id: "id".into(),
                phases: Phases::default(),
                connection: None,
                outcome,
            },
            document: None,
        }
    }

    fn answer(status: u16, body: &str) -> Posted {
        posted(Outcome::Answer(Answer {
            status,
            headers: Vec::new(),
            body: body.to_owned(),
        }))
    }

    #[test]
    fn asking_goes_on_only_while_that_can_help() {
        let five = Duration::from_secs(5);
        for (found, expected) in [
            (
                answer(400, r#"{"error":"authorization_pending"}"#),
                Next::Wait(five),
            ),
            (
                answer(400, r#"{"error":"slow_down"}"#),
                Next::Wait(five * 2),
            ),
            (answer(503, ""), Next::Wait(five * 2)),
            (
                answer(400, r#"{"error":"authorization_declined"}"#),
                Next::Stop,
            ),
            (answer(400, r#"{"error":"expired_token"}"#), Next::Stop),
            (answer(200, "<html>"), Next::Stop),
        ] {
            assert_eq!(next(&found, five), expected);
        }
        let gone = posted(Outcome::Fault(Fault {
            kind: FaultKind::Reset,
            detail: String::new(),
        }));
        assert_eq!(next(&gone, MOST_INTERVAL), Next::Wait(MOST_INTERVAL));
    }

    #[test]
    fn an_offer_is_read_within_bounds() {
        let document = serde_json::json!({
            "device_code": "d", "user_code": "AB\u{1b}[31mC", "verification_uri": "https://x",
            "expires_in": 999_999_999_u64, "interval": 0,
        });
        let offer = offer(&document).unwrap();
        assert_eq!(
            (offer.good_for, offer.interval),
            (MOST_TIME, LEAST_INTERVAL)
        );
        assert!(!offer.user_code.contains('\u{1b}'));
        assert!(super::offer(&serde_json::json!({"user_code": "x"})).is_none());
    }
}
