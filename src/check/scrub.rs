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
        let encoded = encoded.as_ref().map(|text| text.as_str());
        for spelling in [Some(plain), encoded].into_iter().flatten() {
            if text.contains(spelling) {
                *text = text.replace(spelling, REDACTED);
            }
            cut_copy(text, spelling);
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

/// Removes the beginning of a secret at the very end of a text: what is kept of a long answer is cut,
/// perhaps in the middle of a copy.
fn cut_copy(text: &mut String, secret: &str) {
    let Some(start) = secret.get(..SHORTEST) else {
        return;
    };
    let copies = text.match_indices(start);
    let cut = copies
        .map(|(at, _)| at)
        .find(|at| text.get(*at..).is_some_and(|tail| secret.starts_with(tail)));
    if let Some(at) = cut {
        text.truncate(at);
        text.push_str(REDACTED);
    }
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

    #[test]
    fn a_copy_that_was_cut_off_is_gone_too() {
        let mut text = "it was s3cr, s3cr+to".to_owned();
        cut_copy(&mut text, "s3cr+token");
        assert_eq!(text, "it was s3cr, [redacted]");
    }
}
