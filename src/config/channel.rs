//! Reads `[[notify.channel]]`: one way of telling somebody each.

use toml::de::DeValue;

use crate::{
    alert::Urgency,
    notify::{Address, ChannelSettings, Mail, Security, Sequence, Service, Way},
    tenant::SecretSource,
};

use super::{
    addresses, credential,
    fields::{Fields, strings, wrong_type},
    file::{SECTIONS, tags},
    problem::Fault,
    source::Source,
    values,
};

/// Names that no channel may take: they are other ways.
const TAKEN: &[&str] = &["desktop"];

/// What a channel can be.
pub(super) const KINDS: &[&str] = &[
    "webhook",
    "slack",
    "teams",
    "pagerduty",
    "ntfy",
    "alertmanager",
    "command",
    "email",
    "terminal",
];

const URL: &str =
    "write where the address is kept: `url = { env = \"NAME\" }` or `{ file = \"PATH\" }`";

/// Reads every channel, those with problems left out.
pub(super) fn channels(fields: &mut Fields<'_, '_>) -> Vec<ChannelSettings> {
    let mut channels: Vec<ChannelSettings> = Vec::new();
    fields.each_table("channel", |mut fields| {
        if let Some(channel) = channel(&mut fields) {
            let taken = TAKEN.contains(&channel.name.as_str())
                || channels.iter().any(|other| other.name == channel.name);
            if taken {
                let fault =
                    Fault::new(format!("'{}' is the name of another channel", channel.name));
                let start = fields.start();
                fields.problem(
                    start,
                    "name",
                    fault.hint("give every channel its own `name`"),
                );
            }
            channels.push(channel);
        }
        fields.finish(SECTIONS);
    });
    channels
}

fn channel(fields: &mut Fields<'_, '_>) -> Option<ChannelSettings> {
    fields.require("kind", "say what it is: `kind = \"slack\"`");
    let kind = fields.text("kind", kind).map(|found| found.value);
    let name = fields.text("name", values::name).map(|found| found.value);
    if let Some(name) = name.as_deref().or(kind) {
        fields.belong_to(format!("channel '{name}'"));
    }
    let least = fields.text("least", urgency).map(|found| found.value);
    let tags = fields.read("tags", |value, _| tags(value));
    let url = fields.read("url", address);
    let secret = fields.read("secret", credential::secret);
    let line = fields.read("command", line);
    let sequence = fields.text("sequence", sequence);
    let mail = Written::read(fields);
    let kind = kind?;
    let way = match service(kind) {
        None if kind == "email" => {
            let password = secret.map(|secret| secret.value);
            Way::Mail(mail.whole(fields, password)?)
        }
        None if kind == "terminal" => {
            Way::Terminal(sequence.map_or(Sequence::Auto, |found| found.value))
        }
        None => {
            fields.require("command", "write program and arguments as a list");
            Way::Command(line?.value)
        }
        Some(service) => {
            let address = url.map(|url| (url.value, url.at));
            web(fields, service, address, secret.map(|secret| secret.value))?
        }
    };
    Some(ChannelSettings {
        name: name.unwrap_or_else(|| kind.to_owned()),
        way,
        least: least.unwrap_or(Urgency::Low),
        tags: tags.map(|tags| tags.value).unwrap_or_default(),
    })
}

/// The keys of e-mail, as typed.
struct Written {
    server: Option<(String, Option<u16>)>,
    security: Option<(Security, u16, usize)>,
    from: Option<String>,
    to: Option<Vec<String>>,
    user: Option<String>,
}

impl Written {
    fn read(fields: &mut Fields<'_, '_>) -> Self {
        let security = fields.text("security", security);
        Self {
            server: fields.text("server", server).map(|it| it.value),
            security: security.map(|it| (it.value.0, it.value.1, it.at)),
            from: fields.text("from", values::mailbox).map(|it| it.value),
            to: fields
                .read("to", |value, _| {
                    let addresses = strings(value)?;
                    if addresses.is_empty() {
                        return Err(Fault::new("names nobody"));
                    }
                    addresses.into_iter().map(values::mailbox).collect()
                })
                .map(|it| it.value),
            user: fields.text("user", values::prose).map(|it| it.value),
        }
    }

    fn whole(self, fields: &mut Fields<'_, '_>, password: Option<SecretSource>) -> Option<Mail> {
        fields.require("server", "write it like \"smtp.contoso.com:587\"");
        fields.require("from", "write the address that sends");
        fields.require("to", "write a list of addresses: [\"ops@contoso.com\"]");
        let (host, port) = self.server?;
        let (security, usual, at) = self.security.unwrap_or((Security::StartTls, 587, 0));
        let near = ["localhost", "127.0.0.1"].contains(&host.as_str());
        if security == Security::None && !near {
            let fault = Fault::new("would send mail in the clear");
            let hint = "use \"starttls\" or \"tls\"; \"none\" is for a server on this machine";
            fields.problem(at, "security", fault.hint(hint));
            return None;
        }
        Some(Mail {
            host,
            port: port.unwrap_or(usual),
            security,
            from: self.from?,
            to: self.to?,
            user: self.user,
            password,
        })
    }
}

fn server(text: &str) -> Result<(String, Option<u16>), Fault> {
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
    Ok((host.to_owned(), port))
}

fn security(text: &str) -> Result<(Security, u16), Fault> {
    let found = Security::ALL.into_iter().find(|(word, ..)| *word == text);
    let words = Security::ALL.map(|(word, ..)| word);
    found
        .map(|(_, security, port)| (security, port))
        .ok_or_else(|| values::not_one_of(text, &words))
}

fn sequence(text: &str) -> Result<Sequence, Fault> {
    let found = Sequence::ALL.into_iter().find(|(word, _)| *word == text);
    found
        .map(|(_, sequence)| sequence)
        .ok_or_else(|| values::not_one_of(text, &Sequence::ALL.map(|(word, _)| word)))
}

fn web(
    fields: &mut Fields<'_, '_>,
    service: Service,
    address: Option<(Address, usize)>,
    secret: Option<SecretSource>,
) -> Option<Way> {
    if service == Service::Pagerduty {
        fields.require(
            "secret",
            "write where the routing key of the integration is kept",
        );
    }
    let usual = service.usual_address();
    if usual.is_none() {
        fields.require("url", URL);
    }
    let (address, at) = match (address, usual) {
        (Some(address), _) => address,
        (None, usual) => (Address::Plain(usual?), 0),
    };
    if service.address_is_secret() && matches!(address, Address::Plain(_)) {
        let fault = Fault::new("is a secret: whoever knows this address can write there");
        fields.problem(at, "url", fault.hint(URL));
        return None;
    }
    Some(Way::Web {
        service,
        address,
        secret,
    })
}

fn service(kind: &str) -> Option<Service> {
    Service::ALL
        .into_iter()
        .find(|(word, _)| *word == kind)
        .map(|(_, service)| service)
}

fn kind(text: &str) -> Result<&'static str, Fault> {
    let found = KINDS.iter().copied().find(|kind| *kind == text);
    found.ok_or_else(|| values::not_one_of(text, KINDS))
}

fn urgency(text: &str) -> Result<Urgency, Fault> {
    let found = Urgency::ALL.into_iter().find(|it| it.word() == text);
    found.ok_or_else(|| values::not_one_of(text, &Urgency::ALL.map(Urgency::word)))
}

/// Reads an address: itself, or where it is kept.
pub(super) fn address(value: &DeValue<'_>, source: &Source) -> Result<Address, Fault> {
    match value {
        DeValue::String(text) => addresses::service_url(text).map(Address::Plain),
        DeValue::Table(_) => credential::secret(value, source).map(Address::Secret),
        other => Err(wrong_type(
            other,
            "an address, or a table that says where it is kept",
        )),
    }
}

fn line(value: &DeValue<'_>, _: &Source) -> Result<Vec<String>, Fault> {
    let words: Vec<String> = strings(value)?.into_iter().map(str::to_owned).collect();
    if words
        .first()
        .is_none_or(|program| program.trim().is_empty())
    {
        return Err(Fault::new("names no program")
            .hint("write program and arguments as a list; no shell is involved"));
    }
    Ok(words)
}
