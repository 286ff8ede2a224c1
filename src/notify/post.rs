//! Sends one HTTP request for the channels that are web addresses.

use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use super::{NotifyError, Tools};
use crate::{
    diagnosis::headers::retry_after,
    http::Pool,
    observation::Outcome,
    text::{self, KnownSecrets},
};

/// How long a receiver may take, connection and answer together.
const LIMIT: Duration = Duration::from_secs(15);

/// As much of a refusal is shown, in bytes.
const REFUSAL: usize = 160;

/// A part of an address that is shorter is no secret, but a word that anybody may use.
const SECRET_PART: usize = 16;

/// What is to be sent.
#[derive(Debug)]
pub(super) struct Post {
    pub(super) url: Url,
    pub(super) headers: Vec<(&'static str, SecretString)>,
    pub(super) body: Vec<u8>,
    /// The secrets in it, each by itself.
    secrets: Vec<SecretString>,
}

impl Post {
    /// Takes a text.
    pub(super) fn new(url: Url, content_type: &str, body: String) -> Self {
        Self {
            url,
            headers: vec![("content-type", content_type.into())],
            body: body.into_bytes(),
            secrets: Vec::new(),
        }
    }

    /// Takes a JSON text.
    pub(super) fn json(url: Url, body: &serde_json::Value) -> Self {
        Self::new(url, "application/json", body.to_string())
    }

    /// Notes a secret that is in it somewhere.
    pub(super) fn hiding(mut self, secret: &SecretString) -> Self {
        self.secrets.push(secret.clone());
        self
    }

    /// Adds a token that lets us in.
    pub(super) fn bearer(self, token: &SecretString) -> Self {
        self.header("authorization", format!("Bearer {}", token.expose_secret()))
            .hiding(token)
    }

    pub(super) fn header(mut self, name: &'static str, value: impl Into<SecretString>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Sends it; any answer but a 2xx is an error.
    pub(super) async fn send(self, tools: &Tools) -> Result<(), NotifyError> {
        let deadline = tools.clock.instant() + LIMIT;
        let wire = tools.clients.wire(&tools.network, Pool::Shared, deadline);
        let wire = wire.skipping_success_body();
        let kept_back = self.secrets();
        let exchange = wire.send(self.request()?).await;
        match exchange.outcome {
            Outcome::Answer(answer) if (200..300).contains(&answer.status) => Ok(()),
            Outcome::Answer(answer) => Err(NotifyError::Answer {
                status: answer.status,
                words: refusal(&answer.body, &kept_back),
                retry_after: answer
                    .header("retry-after")
                    .and_then(|value| retry_after(value, tools.clock.now())),
            }),
            Outcome::Fault(mut fault) => {
                let secrets = kept_back.iter().map(SecretString::expose_secret);
                KnownSecrets::new(secrets.filter(|secret| secret.len() > 8))
                    .remove_from(&mut fault.detail);
                Err(NotifyError::Unreachable(fault.detail))
            }
        }
    }

    /// What a receiver must not have us repeat: secrets, and whatever of the address may be one.
    pub(super) fn secrets(&self) -> Vec<SecretString> {
        let url = &self.url;
        let segments = url.path_segments().into_iter().flatten();
        let values = url.query_pairs().map(|(_, value)| value.into_owned());
        let written = url.query().into_iter().flat_map(|query| query.split('&'));
        let written = written.filter_map(|pair| pair.split_once('=').map(|(_, value)| value));
        let parts = segments.chain(written).map(str::to_owned).chain(values);
        let parts = parts.filter(|part| part.len() >= SECRET_PART);
        let whole = [url.path().to_owned(), url.as_str().to_owned()];
        let of_url = parts.chain(whole).map(SecretString::from);
        let password = url.password().map(SecretString::from);
        let named = self.secrets.iter().cloned();
        named.chain(of_url).chain(password).collect()
    }

    fn request(self) -> Result<reqwest::Request, NotifyError> {
        let mut request = reqwest::Request::new(reqwest::Method::POST, self.url);
        for (name, value) in self.headers {
            let mut value = reqwest::header::HeaderValue::from_str(value.expose_secret())
                .map_err(|_invalid| NotifyError::Header(name))?;
            value.set_sensitive(true);
            request.headers_mut().insert(name, value);
        }
        *request.body_mut() = Some(self.body.into());
        Ok(request)
    }
}

/// Returns the beginning of what a receiver said, unless it repeats a secret in whatever spelling.
pub(super) fn refusal(body: &str, kept_back: &[SecretString]) -> String {
    let secrets = kept_back.iter().map(SecretString::expose_secret);
    // shorter parts of an address are words that stand in any text
    let secrets = KnownSecrets::new(secrets.filter(|secret| secret.len() > 8));
    if secrets.are_in(body) {
        return String::new();
    }
    text::head(&text::line(&text::redact(body)), REFUSAL).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receiver_that_repeats_a_secret_is_not_quoted() {
        let secrets = ["/services/T0/B0/planted".into()];
        assert_eq!(refusal("no_team at /services/T0/B0/planted", &secrets), "");
        let written = "no_team at %2Fservices%2FT0%2FB0%2Fplanted";
        assert_eq!(refusal(written, &secrets), "");
        assert_eq!(refusal("invalid\npayload", &secrets), "invalid payload");
    }
}
