//! Takes secrets out of what a server sent: a hostile or chatty one sends ours back.

use secrecy::{ExposeSecret as _, SecretString};
use url::form_urlencoded;
use zeroize::Zeroizing;

use crate::{
    observation::{Exchange, Outcome},
    text::REDACTED,
};

/// A shorter secret is no secret; replacing it would tear words apart.
const SHORTEST: usize = 4;

/// Removes a secret, as it is and as it looks in a form, from everything in a record.
pub fn scrub(exchange: &mut Exchange, secret: &SecretString) {
    let plain = secret.expose_secret();
    if plain.len() < SHORTEST {
        return;
    }
    let encoded: Zeroizing<String> =
        Zeroizing::new(form_urlencoded::byte_serialize(plain.as_bytes()).collect());
    let clean = |text: &mut String| {
        for spelling in [plain, encoded.as_str()] {
            if text.contains(spelling) {
                *text = text.replace(spelling, REDACTED);
            }
        }
    };
    match &mut exchange.outcome {
        Outcome::Answer(answer) => {
            clean(&mut answer.body);
            answer.headers.iter_mut().for_each(|(name, value)| {
                clean(name);
                clean(value);
            });
        }
        Outcome::Fault(fault) => clean(&mut fault.detail),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observation::{Answer, Phases};

    #[test]
    fn an_echoed_secret_is_gone_in_either_spelling() {
        let mut exchange = Exchange {
            took: std::time::Duration::ZERO,
            host: "login.example".into(),
            request_id: "id".into(),
            phases: Phases::default(),
            outcome: Outcome::Answer(Answer {
                status: 400,
                headers: vec![("x-echo".into(), "s3cr+t~".into())],
                body: "got s3cr+t~ and s3cr%2Bt%7E".into(),
            }),
        };
        scrub(&mut exchange, &"s3cr+t~".to_owned().into());
        let Outcome::Answer(answer) = exchange.outcome else {
            panic!("an answer stays an answer");
        };
        assert_eq!(answer.body, "got [redacted] and [redacted]");
        assert_eq!(answer.header("x-echo"), Some(REDACTED));
    }
}
