//! Takes secrets out of what a server sent: a hostile or chatty one sends ours back.

use memchr::memmem::Finder;
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
    // a token is long and looks the same in a form: nothing to encode, nothing to look for twice
    let encoded = (!plain.bytes().all(stands_for_itself)).then(|| form_encoded(plain));
    let spellings = [Some(plain), encoded.as_ref().map(|text| text.as_str())];
    let spellings: Vec<_> = spellings
        .into_iter()
        .flatten()
        .filter_map(Spelling::of)
        .collect();
    let clean = |text: &mut String| spellings.iter().for_each(|it| it.remove_from(text));
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

/// Removes each of several secrets as [`scrub`] does.
pub(super) fn scrub_all<'s>(
    exchange: &mut Exchange,
    secrets: impl IntoIterator<Item = &'s SecretString>,
) {
    for secret in secrets {
        scrub(exchange, secret);
    }
}

/// A secret as it may stand in a text.
struct Spelling<'a> {
    whole: &'a str,
    /// Looks for how it begins. Every check looks through dozens of short texts for secrets that are
    /// long and not there, so this is made ready once, and a text without it is left at that.
    start: Finder<'a>,
}

impl<'a> Spelling<'a> {
    /// `None` where the secret is too short to be one.
    fn of(whole: &'a str) -> Option<Self> {
        let start = Finder::new(whole.get(..SHORTEST)?);
        Some(Self { whole, start })
    }

    fn remove_from(&self, text: &mut String) {
        if self.start.find(text.as_bytes()).is_none() {
            return;
        }
        if text.contains(self.whole) {
            *text = text.replace(self.whole, REDACTED);
        }
        self.cut_copy(text);
    }

    /// Removes the beginning of a secret at the very end of a text: what is kept of a long answer is
    /// cut, perhaps in the middle of a copy.
    fn cut_copy(&self, text: &mut String) {
        let cut = self.start.find_iter(text.as_bytes()).find(|at| {
            text.get(*at..)
                .is_some_and(|tail| self.whole.starts_with(tail))
        });
        if let Some(at) = cut {
            text.truncate(at);
            text.push_str(REDACTED);
        }
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

    #[test]
    fn a_copy_that_was_cut_off_is_gone_too() {
        let mut text = "it was s3cr, s3cr+to".to_owned();
        Spelling::of("s3cr+token").unwrap().remove_from(&mut text);
        assert_eq!(text, "it was s3cr, [redacted]");
    }
}
