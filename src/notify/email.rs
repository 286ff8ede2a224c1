//! E-mail over SMTP with TLS.

use std::{path::Path, time::Duration};

use lettre::{
    AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor,
    message::{Mailbox, header::ContentType},
    transport::smtp::{
        authentication::Credentials,
        client::{Certificate, Tls, TlsParameters},
    },
};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::time::Instant;

use super::{
    NotifyError,
    settings::{Mail, Security},
};
use crate::{
    alert::Alert,
    files,
    text::{self, KnownSecrets},
};

/// How long the server may take for each step.
const LIMIT: Duration = Duration::from_secs(10);

/// A bundle of all public roots has some 250 KiB; a file larger than this is none.
const CA_FILE_LIMIT: u64 = 4 * 1024 * 1024;

/// How long it may take altogether.
const WHOLE: Duration = Duration::from_secs(25);

/// Hands one message to the server; it is sent once that has taken it.
pub(super) async fn send(
    mail: &Mail,
    password: Option<&SecretString>,
    ca_file: Option<&Path>,
    alert: &Alert,
) -> Result<(), NotifyError> {
    let message = message(mail, alert)?;
    let transport = transport(mail, password, tls(mail, ca_file).await?);
    match tokio::time::timeout(WHOLE, transport.send(message)).await {
        Ok(Ok(_answer)) => Ok(()),
        Ok(Err(error)) => Err(NotifyError::Mail(words(&error, password))),
        Err(_elapsed) => Err(NotifyError::Mail(format!(
            "the server took longer than {} s",
            WHOLE.as_secs()
        ))),
    }
}

/// Returns what went wrong, unless the server repeats what it was told in confidence.
fn words(error: &lettre::transport::smtp::Error, password: Option<&SecretString>) -> String {
    let mut words = error.to_string();
    // it names what caused it by itself, but not what is behind that
    let mut cause = std::error::Error::source(error).and_then(std::error::Error::source);
    while let Some(deeper) = cause {
        let more = deeper.to_string();
        if !words.contains(&more) {
            words = format!("{words}: {more}");
        }
        cause = deeper.source();
    }
    if !password.is_some_and(|password| repeats(&words, password)) {
        return text::head(&text::line(&text::redact(&words)), 200).to_owned();
    }
    match error.status() {
        Some(code) => format!("the server refused ({code}), and repeated the password"),
        None => "the server's answer repeats the password".into(),
    }
}

/// Whether a text holds the password, in whatever spelling.
fn repeats(words: &str, password: &SecretString) -> bool {
    KnownSecrets::new([password.expose_secret()]).are_in(words)
}

fn message(mail: &Mail, alert: &Alert) -> Result<Message, NotifyError> {
    let unwritten = |_error| NotifyError::Address("an e-mail address of the channel");
    let mailbox = |address: &str| address.parse::<Mailbox>().map_err(unwritten);
    let mut message = Message::builder()
        .from(mailbox(&mail.from)?)
        .subject(&alert.summary)
        .header(ContentType::TEXT_PLAIN);
    for to in &mail.to {
        message = message.to(mailbox(to)?);
    }
    message
        .body(format!("{}\n\n{}\n", alert.summary, alert.body))
        .map_err(|_incomplete| NotifyError::Address("the message cannot be written"))
}

/// Returns how the connection is protected: by the system's trust roots and the configured one.
async fn tls(mail: &Mail, ca_file: Option<&Path>) -> Result<Tls, NotifyError> {
    let wrap = match mail.security {
        Security::None => return Ok(Tls::None),
        Security::StartTls => Tls::Required,
        Security::Tls => Tls::Wrapper,
    };
    let mut parameters = TlsParameters::builder(mail.host.clone());
    if let Some(path) = ca_file {
        let unusable = |why: String| NotifyError::Mail(format!("`ca_file` cannot be used: {why}"));
        let pem = files::read(path.to_owned(), CA_FILE_LIMIT, Instant::now() + LIMIT)
            .await
            .map_err(|error| unusable(error.to_string()))?;
        let root = Certificate::from_pem(&pem).map_err(|error| unusable(error.to_string()))?;
        parameters = parameters.add_root_certificate(root);
    }
    let parameters = parameters.build();
    Ok(wrap(
        parameters.map_err(|error| NotifyError::Mail(words(&error, None)))?,
    ))
}

fn transport(
    mail: &Mail,
    password: Option<&SecretString>,
    tls: Tls,
) -> AsyncSmtpTransport<Tokio1Executor> {
    let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&mail.host)
        .port(mail.port)
        .tls(tls)
        .timeout(Some(LIMIT));
    if let (Some(user), Some(password)) = (&mail.user, password) {
        let password = password.expose_secret().to_owned();
        builder = builder.credentials(Credentials::new(user.clone(), password));
    }
    builder.build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_server_does_not_have_us_repeat_the_password_in_any_form() {
        let password = SecretString::from("planted");
        for (said, known) in [
            ("535 wrong: planted", true),
            ("535 wrong: cGxhbnRlZA==", true),
            ("535 wrong: cGxhbnRlZA", true),
            // AUTH PLAIN
            ("535 wrong: AHVzZXIAcGxhbnRlZA==", true),
            ("535 5.7.8 authentication failed", false),
        ] {
            assert_eq!(repeats(said, &password), known, "{said}");
        }
    }
}
