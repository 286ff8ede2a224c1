//! Parses the values of `[[notify.channel]]`.

use toml::de::DeValue;

use crate::{
    alert::Urgency,
    notify::{Address, Security, Sequence, Service},
};

use super::{
    addresses,
    problem::Fault,
    secret_source,
    source::Source,
    suggest::not_one_of,
    types::{strings, wrong_type},
    values,
};

/// The kinds of channels that are no web service.
const OTHER_KINDS: [&str; 3] = ["command", "email", "terminal"];

/// Returns the word of every kind of channel.
pub(super) fn kinds() -> Vec<&'static str> {
    let services = Service::ALL.into_iter().map(|(word, _)| word);
    services.chain(OTHER_KINDS).collect()
}

pub(super) fn kind(text: &str) -> Result<&'static str, Fault> {
    let kinds = kinds();
    let found = kinds.iter().copied().find(|kind| *kind == text);
    found.ok_or_else(|| not_one_of(text, &kinds))
}

/// A mail server, with the port that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct MailServer {
    pub(super) host: String,
    pub(super) port: Option<u16>,
}

/// How the connection to a mail server is protected, with the port that such servers use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Transport {
    pub(super) security: Security,
    pub(super) usual_port: u16,
}

pub(super) fn server(text: &str) -> Result<MailServer, Fault> {
    let wrong = || {
        Fault::new("is not the name of a server")
            .hint("write it like \"smtp.contoso.com\" or \"smtp.contoso.com:587\"")
    };
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) => (host, Some(port.parse().map_err(|_not_a_port| wrong())?)),
        None => (text, None),
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || "-.".contains(c);
    if host.is_empty() || !host.chars().all(plain) {
        return Err(wrong());
    }
    Ok(MailServer {
        host: host.to_owned(),
        port,
    })
}

pub(super) fn transport(text: &str) -> Result<Transport, Fault> {
    let mut known = Security::ALL.into_iter();
    known
        .find(|(word, ..)| *word == text)
        .map(|(_, security, usual_port)| Transport {
            security,
            usual_port,
        })
        .ok_or_else(|| not_one_of(text, &Security::ALL.map(|(word, ..)| word)))
}

/// Reads a list of mail addresses that is not empty.
pub(super) fn recipients(value: &DeValue<'_>, _: &Source) -> Result<Vec<String>, Fault> {
    let addresses = strings(value)?;
    if addresses.is_empty() {
        return Err(Fault::new("holds no address"));
    }
    addresses.into_iter().map(values::mailbox).collect()
}

pub(super) fn sequence(text: &str) -> Result<Sequence, Fault> {
    let found = Sequence::ALL.into_iter().find(|(word, _)| *word == text);
    found
        .map(|(_, sequence)| sequence)
        .ok_or_else(|| not_one_of(text, &Sequence::ALL.map(|(word, _)| word)))
}

pub(super) fn urgency(text: &str) -> Result<Urgency, Fault> {
    let found = Urgency::ALL.into_iter().find(|it| it.word() == text);
    found.ok_or_else(|| not_one_of(text, &Urgency::ALL.map(Urgency::word)))
}

/// Reads an address: itself, or where it is kept.
pub(super) fn address(value: &DeValue<'_>, source: &Source) -> Result<Address, Fault> {
    match value {
        DeValue::String(text) => addresses::service_url(text).map(Address::Plain),
        DeValue::Table(_) => secret_source::secret(value, source).map(Address::Secret),
        other => Err(wrong_type(
            other,
            "an address, or a table that says where it is kept",
        )),
    }
}
