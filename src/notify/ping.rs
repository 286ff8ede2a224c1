//! The sign of life: an address in the manner of healthchecks.io that raises the alarm when nothing
//! comes any more.

use secrecy::{ExposeSecret as _, SecretString};

use super::{NotifyError, Tools, post::Post};

/// A longer body is cut by receivers.
const BODY: usize = 10_000;

/// What is reported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ping {
    /// A pass begins.
    Start,
    /// A pass ended with this exit code and summary.
    End(u8, String),
}

/// Sends a sign of life: `…/start`, or `…/<exit code>` with the summary as its body.
pub async fn ping(address: &SecretString, ping: &Ping, tools: &Tools) -> Result<(), NotifyError> {
    let mut url = super::safe_url(address.expose_secret())?;
    let (last, body) = match ping {
        Ping::Start => ("start".to_owned(), ""),
        Ping::End(code, summary) => (code.to_string(), summary.as_str()),
    };
    url.path_segments_mut()
        .map_err(|()| NotifyError::Address("it must be a web address"))?
        .pop_if_empty()
        .push(&last);
    let body = crate::text::head(body, BODY);
    let post = Post::new(url, "text/plain; charset=utf-8", body.into());
    post.send(tools).await
}
