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
pub(super) fn scrub(exchange: &mut Exchange, secret: &SecretString) {
    let plain = secret.expose_secret();
    if plain.len() < SHORTEST {
        return;
    }
    // a token is long and looks the same in a form: nothing to encode, nothing to look for twice
    let encoded = (!plain.bytes().all(stands_for_itself)).then(|| form_encoded(plain));
    let clean = |text: &mut String| {
        for spelling in [Some(plain), encoded.as_ref().map(|text| text.as_str())] {
            if let Some(spelling) = spelling.filter(|spelling| text.contains(spelling)) {
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

/// Whether a byte looks the same in a form.
const fn stands_for_itself(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'*' | b'-' | b'.' | b'_')
}

fn form_encoded(text: &str) -> Zeroizing<String> {
    Zeroizing::new(form_urlencoded::byte_serialize(text.as_bytes()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observation::{Answer, Phases};

    #[test]
    fn only_what_a_form_changes_is_looked_for_twice() {
        for byte in 0..=127u8 {
            let text = char::from(byte).to_string();
            assert_eq!(
                stands_for_itself(byte),
                *form_encoded(&text) == text,
                "{text:?}"
            );
        }
    }

    #[test]
    fn an_echoed_secret_is_gone_in_either_spelling() {
        let mut exchange = Exchange {
            took: std::time::Duration::ZERO,
            host: "login.example".into(),
            request_id: "id".into(),
            phases: Phases::default(),
            connection: None,
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
