//! Reads every `[[notify.channel]]`: checks what its kind needs, and makes the channel's settings.

use crate::{
    alert::Urgency,
    notify::{Address, ChannelSettings, Mail, Security, Sequence, Service, Way},
    tenant::SecretSource,
};

use super::{
    channel_values::Transport,
    fields::{At, Fields},
    keys::MailKeys,
    problem::Fault,
    tables::{ChannelTable, SECTIONS},
};

/// Names that no channel may take, because the history knows other channels by them.
const TAKEN: &[&str] = &["desktop"];

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
    let typed = ChannelTable::read(fields);
    let kind = typed.own.kind?.value;
    let name = typed.own.name.map(|found| found.value);
    let secret = typed.of_kind.secret.map(|found| found.value);
    let way = match (service(kind), kind) {
        (Some(service), _) => web(fields, service, typed.own.url, secret)?,
        (None, "email") => Way::Mail(mail(typed.mail, secret, fields)?),
        (None, "terminal") => Way::Terminal(
            typed
                .of_kind
                .sequence
                .map_or(Sequence::Auto, |found| found.value),
        ),
        (None, _) => {
            fields.require("command", "write program and arguments as a list");
            Way::Command(typed.of_kind.command?.value)
        }
    };
    Some(ChannelSettings {
        name: name.unwrap_or_else(|| kind.to_owned()),
        way,
        least: typed.own.least.map_or(Urgency::Low, |found| found.value),
        tags: typed.own.tags.map(|found| found.value).unwrap_or_default(),
    })
}

fn mail(
    typed: MailKeys,
    password: Option<SecretSource>,
    fields: &mut Fields<'_, '_>,
) -> Option<Mail> {
    fields.require("server", "write it like \"smtp.contoso.com:587\"");
    fields.require("from", "write the address that sends");
    fields.require("to", "write a list of addresses: [\"ops@contoso.com\"]");
    let server = typed.server?.value;
    let usual = At {
        value: Transport {
            security: Security::StartTls,
            usual_port: 587,
        },
        at: 0,
    };
    let transport = typed.security.unwrap_or(usual);
    let is_local = ["localhost", "127.0.0.1"].contains(&server.host.as_str());
    if transport.value.security == Security::None && !is_local {
        let fault = Fault::new("would send mail in the clear");
        let hint = "use \"starttls\" or \"tls\"; \"none\" is for a server on this machine";
        fields.problem(transport.at, "security", fault.hint(hint));
        return None;
    }
    Some(Mail {
        host: server.host,
        port: server.port.unwrap_or(transport.value.usual_port),
        security: transport.value.security,
        from: typed.from?.value,
        to: typed.to?.value,
        user: typed.user.map(|found| found.value),
        password,
    })
}

fn web(
    fields: &mut Fields<'_, '_>,
    service: Service,
    address: Option<At<Address>>,
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
    let address = match (address, usual) {
        (Some(address), _) => address,
        (None, usual) => At {
            value: Address::Plain(usual?),
            at: 0,
        },
    };
    if service.address_is_secret() && matches!(address.value, Address::Plain(_)) {
        let fault = Fault::new("is a secret: a message can be posted with the address alone");
        fields.problem(address.at, "url", fault.hint(URL));
        return None;
    }
    Some(Way::Web {
        service,
        address: address.value,
        secret,
    })
}

fn service(kind: &str) -> Option<Service> {
    Service::ALL
        .into_iter()
        .find(|(word, _)| *word == kind)
        .map(|(_, service)| service)
}
