//! Takes secrets out of what a server sent: a hostile or talkative one sends ours back.

use secrecy::{ExposeSecret as _, SecretString};

use crate::{
    observation::{Exchange, Outcome},
    text::KnownSecrets,
};

/// Removes a secret, in whatever spelling, from everything in a record.
pub fn scrub(exchange: &mut Exchange, secret: &SecretString) {
    scrub_all(exchange, [secret]);
}

/// Removes each of several secrets as [`scrub`] does.
pub(super) fn scrub_all<'s>(
    exchange: &mut Exchange,
    secrets: impl IntoIterator<Item = &'s SecretString>,
) {
    let exposed = secrets.into_iter().map(SecretString::expose_secret);
    let secrets = KnownSecrets::new(exposed);
    match &mut exchange.outcome {
        Outcome::Answer(answer) => {
            secrets.remove_from(&mut answer.body);
            for (name, value) in &mut answer.headers {
                secrets.remove_from(name);
                secrets.remove_from(value);
            }
        }
        Outcome::Fault(fault) => secrets.remove_from(&mut fault.detail),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        observation::{Answer, Phases},
        text::REDACTED,
    };

    #[test]
    fn an_echoed_secret_is_gone_in_every_part_of_an_answer() {
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
