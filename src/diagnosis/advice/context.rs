//! The situation that advice is for: the values of one tenant, and what the failure is about.

use url::Url;

use super::{
    Topic,
    draft::{Draft, Line, When, verify},
};
use crate::{
    observation::Stage,
    tenant::{Credential, PreferredShell, Tenant},
    text,
    verdict::cause::Cause,
};

/// The situation that advice is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    /// The values of the places in texts and commands.
    values: [(&'static str, String); 20],
    /// Whether credwatch itself checked a tenant, whose values these are. Else they are placeholders,
    /// and the failure stands in a text from another program.
    checked: bool,
    /// Whether a person signs in, where that is known.
    is_person: Option<bool>,
    /// What the failure is about.
    topic: Topic,
    /// Which alternative of a step comes first.
    shell: PreferredShell,
    /// Whether the request went through a proxy.
    has_proxy: bool,
    /// How the command lines are pointed to the tenant's cloud, if it is a national one.
    cloud: Option<&'static NationalCloud>,
}

/// How the command lines are pointed to a national cloud.
#[derive(Debug, PartialEq, Eq)]
struct NationalCloud {
    /// The address of its Graph.
    graph: &'static str,
    /// The command for the Azure CLI.
    az: &'static str,
    /// The option of `Connect-MgGraph`, with the blank before it.
    graph_option: &'static str,
    /// The option of `Connect-ExchangeOnline`, with the blank before it.
    exchange_option: &'static str,
    /// All of it in a sentence.
    step: &'static str,
}

/// The national clouds that the command lines know by name.
const NATIONAL_CLOUDS: &[NationalCloud] = &[
    NationalCloud {
        graph: "https://graph.microsoft.us",
        az: "az cloud set --name AzureUSGovernment",
        graph_option: " -Environment USGov",
        exchange_option: " -ExchangeEnvironmentName O365USGovGCCHigh",
        step: "Point the command lines to this cloud first: `az cloud set --name AzureUSGovernment`; in PowerShell add `-Environment USGov` to Connect-MgGraph and `-ExchangeEnvironmentName O365USGovGCCHigh` to Connect-ExchangeOnline.",
    },
    NationalCloud {
        graph: "https://dod-graph.microsoft.us",
        az: "az cloud set --name AzureUSGovernment",
        graph_option: " -Environment USGovDoD",
        exchange_option: " -ExchangeEnvironmentName O365USGovDoD",
        step: "Point the command lines to this cloud first: `az cloud set --name AzureUSGovernment`; in PowerShell add `-Environment USGovDoD` to Connect-MgGraph and `-ExchangeEnvironmentName O365USGovDoD` to Connect-ExchangeOnline.",
    },
    NationalCloud {
        graph: "https://microsoftgraph.chinacloudapi.cn",
        az: "az cloud set --name AzureChinaCloud",
        graph_option: " -Environment China",
        exchange_option: " -ExchangeEnvironmentName O365China",
        step: "Point the command lines to this cloud first: `az cloud set --name AzureChinaCloud`; in PowerShell add `-Environment China` to Connect-MgGraph and `-ExchangeEnvironmentName O365China` to Connect-ExchangeOnline.",
    },
];

fn national_cloud(graph: &str) -> Option<&'static NationalCloud> {
    let address = graph.trim_end_matches('/');
    NATIONAL_CLOUDS.iter().find(|cloud| cloud.graph == address)
}

/// Returns how the command lines are pointed to a national cloud, by the address of its Graph.
pub fn cloud_step(graph: &str) -> Option<&'static str> {
    national_cloud(graph).map(|cloud| cloud.step)
}

/// How a request is found again where its ids are not known.
fn without_ids(client: &str) -> String {
    format!("the client id {client}")
}

impl Context {
    /// Returns the values of a tenant.
    pub fn of(tenant: &Tenant) -> Self {
        let endpoints = &tenant.endpoints;
        let host = |url: &Url| url.host_str().unwrap_or_default().to_owned();
        let mailbox = tenant.target.mailbox.as_deref().unwrap_or_default();
        let source = match &tenant.credential {
            Credential::Secret(source) => source.to_string(),
            Credential::Certificate(source) => source.to_string(),
            Credential::Federated(path) => format!("file {}", path.display()),
            Credential::None => "nowhere".to_owned(),
        };
        let client = tenant.app.client_id.as_str();
        let cloud = national_cloud(&endpoints.graph_resource);
        let option = |of: fn(&NationalCloud) -> &'static str| cloud.map_or("", of).to_owned();
        Self {
            values: [
                ("name", shell_word(tenant.name.as_str(), "<name>")),
                ("tenant", shell_word(&tenant.app.tenant_id, "<tenant id>")),
                ("client", shell_word(client, "<client id>")),
                ("client_text", quoted(client, "<client id>")),
                ("mailbox", shell_word(mailbox, "<mailbox>")),
                ("product", tenant.profile.product.to_owned()),
                ("goes_to", tenant.profile.secret_goes_to.to_owned()),
                ("source", text::line(&source)),
                (
                    "ews_url",
                    shell_word(endpoints.ews.as_str(), "<EWS address>"),
                ),
                ("ews_host", shell_word(&host(&endpoints.ews), "<EWS host>")),
                (
                    "ews_address",
                    shell_word(&address(&endpoints.ews), "<EWS host>:443"),
                ),
                ("services", services(tenant)),
                ("resource", text::line(&endpoints.ews_resource)),
                (
                    "login_host",
                    shell_word(&host(&endpoints.login), "<login host>"),
                ),
                ("agent", quoted(&tenant.network.user_agent, "<user agent>")),
                (
                    "role",
                    tenant
                        .profile
                        .ews_role
                        .unwrap_or("full_access_as_app")
                        .to_owned(),
                ),
                ("request", without_ids(&text::line(client))),
                ("graph_cloud", option(|cloud| cloud.graph_option)),
                ("exchange_cloud", option(|cloud| cloud.exchange_option)),
                ("proxy", "on the way".to_owned()),
            ],
            checked: true,
            is_person: Some(tenant.delegation.is_some()),
            topic: Topic::Any,
            shell: tenant.support.shell,
            has_proxy: false,
            cloud,
        }
    }

    /// Returns placeholders, for a text that belongs to no tenant.
    pub fn unnamed() -> Self {
        let place = str::to_owned;
        Self {
            values: [
                ("name", place("<name>")),
                ("tenant", place("<tenant id>")),
                ("client", place("<client id>")),
                ("client_text", place("<client id>")),
                ("mailbox", place("<mailbox>")),
                ("product", place("the integration")),
                (
                    "goes_to",
                    place("wherever the integration keeps its client secret"),
                ),
                ("source", place("the place where the integration keeps it")),
                ("ews_url", place("<EWS address>")),
                ("ews_host", place("outlook.office365.com")),
                ("ews_address", place("outlook.office365.com:443")),
                (
                    "services",
                    place("login.microsoftonline.com:443 and outlook.office365.com:443"),
                ),
                ("resource", place("https://outlook.office365.com")),
                ("login_host", place("login.microsoftonline.com")),
                ("agent", place("'<user agent>'")),
                ("role", place("full_access_as_app")),
                ("request", without_ids("<client id>")),
                ("graph_cloud", String::new()),
                ("exchange_cloud", String::new()),
                ("proxy", place("on the way")),
            ],
            checked: false,
            is_person: None,
            topic: Topic::Any,
            shell: PreferredShell::default(),
            has_proxy: false,
            cloud: None,
        }
    }

    /// Returns placeholders beside the id of an app.
    pub(super) fn for_app(client_id: &str) -> Self {
        let mut context = Self::unnamed();
        context.set("client", shell_word(client_id, "<client id>"));
        context.set("client_text", quoted(client_id, "<client id>"));
        context
    }

    /// Says what the failure is about.
    #[must_use]
    pub fn about(mut self, topic: Topic) -> Self {
        self.topic = topic;
        self
    }

    /// Says what a cause and its stage are about, unless that is known already.
    #[must_use]
    pub(in crate::diagnosis) fn about_stage(mut self, stage: Option<Stage>, cause: Cause) -> Self {
        self.topic = self.topic.or_of(stage, cause);
        self
    }

    /// Says by which ids the service finds the request: the correlation id, and the trace id.
    #[must_use]
    pub(in crate::diagnosis) fn with_request(mut self, ids: [Option<&str>; 2]) -> Self {
        let mut labelled = ["the correlation id", "the trace id"].into_iter().zip(ids);
        let found = labelled.find_map(|(label, id)| Some((label, id?)));
        if let Some((label, id)) = found {
            self.set("request", format!("{label} {}", text::line(id)));
        }
        self
    }

    /// Names the proxy that the request went through, if there was one.
    #[must_use]
    pub(in crate::diagnosis) fn through_proxy(mut self, proxy: Option<&str>) -> Self {
        if let Some(proxy) = proxy {
            self.set("proxy", text::line(proxy));
            self.has_proxy = true;
        }
        self
    }

    /// Returns whether the request went through a proxy.
    pub(super) fn has_proxy(&self) -> bool {
        self.has_proxy
    }

    /// Returns which alternative of a step comes first.
    pub(in crate::diagnosis) fn shell(&self) -> PreferredShell {
        self.shell
    }

    /// Returns whether credwatch itself checked a tenant.
    pub(in crate::diagnosis) fn is_checked(&self) -> bool {
        self.checked
    }

    /// Returns whether a condition of a step holds.
    pub(super) fn holds(&self, when: When) -> bool {
        match when {
            When::Checked => self.checked,
            When::Pasted => !self.checked,
            When::Ews => matches!(self.topic, Topic::Ews | Topic::Any),
            When::GraphMail => self.topic == Topic::GraphMail,
            When::OtherApi => self.topic == Topic::OtherApi,
            When::Mail => self.topic.is_mail(),
            When::NotMail => !self.topic.is_mail(),
            When::Smtp => self.topic == Topic::Smtp,
            When::App => self.is_person != Some(true),
            When::Person => self.is_person != Some(false),
        }
    }

    /// Returns the command that points the Azure CLI to the tenant's cloud, if it is a national one.
    pub(super) fn cloud_command(&self) -> Option<&'static str> {
        self.cloud.map(|cloud| cloud.az)
    }

    /// Returns the step that shows whether the others have helped.
    pub(super) fn verify(&self) -> Draft {
        const CHECK: Draft = verify(
            "Verify that it works.",
            &[Line::Credwatch("credwatch check {name}")],
        );
        const RUN: Draft = verify("Run the integration again.", &[]);
        if self.checked { CHECK } else { RUN }
    }

    fn set(&mut self, place: &str, value: String) {
        if let Some((_, known)) = self.values.iter_mut().find(|(name, _)| *name == place) {
            *known = value;
        }
    }

    /// Returns a sentence with every `{place}` filled, and a capital letter at its beginning.
    pub(super) fn fill_sentence(&self, text: &str) -> String {
        let filled = self.fill(text);
        // a place at the beginning may hold a lower-case word, such as "the integration"
        match filled.chars().next() {
            Some(first) if text.starts_with('{') => {
                let rest = filled.get(first.len_utf8()..).unwrap_or_default();
                first.to_uppercase().chain(rest.chars()).collect()
            }
            _ => filled,
        }
    }

    /// Returns a text with every `{place}` filled; other braces stay.
    pub(super) fn fill(&self, text: &str) -> String {
        self.fill_with(text, str::to_owned)
    }

    /// Returns a command with every `{place}` filled, each as one word of a shell.
    pub(super) fn fill_command(&self, command: &str) -> String {
        // values of a tenant are words already; a bare `<client id>` would be a redirection
        let word = |value: &str| {
            if value.starts_with('<') {
                format!("'{value}'")
            } else {
                value.to_owned()
            }
        };
        self.fill_with(command, word)
    }

    fn fill_with(&self, text: &str, shown: impl Fn(&str) -> String) -> String {
        let mut out = String::with_capacity(text.len() + 64);
        let mut rest = text;
        // one pass, so that a value which looks like a place is not filled again
        while let Some((before, after)) = rest.split_once('{') {
            out.push_str(before);
            let value = after.split_once('}').and_then(|(key, tail)| {
                let found = self.values.iter().find(|(place, _)| *place == key)?;
                Some((shown(&found.1), tail))
            });
            let (filled, tail) = value.unwrap_or_else(|| ("{".to_owned(), after));
            out.push_str(&filled);
            rest = tail;
        }
        out.push_str(rest);
        out
    }
}

/// Where a firewall sees requests go: host and port.
fn address(url: &Url) -> String {
    let port = url.port_or_known_default().unwrap_or(443);
    format!("{}:{port}", url.host_str().unwrap_or_default())
}

/// Where the requests of a check go, each place once.
fn services(tenant: &Tenant) -> String {
    let (target, endpoints) = (&tenant.target, &tenant.endpoints);
    let mut places = vec![address(&endpoints.login)];
    for surface in target.surfaces.iter() {
        let place = address(endpoints.surface(surface));
        if !places.contains(&place) {
            places.push(place);
        }
    }
    text::line(&places.join(" and "))
}

/// Returns a value as one word of a shell command, in POSIX shells and PowerShell alike; the
/// placeholder where it is empty or cannot be one.
pub fn shell_word(value: &str, placeholder: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._@+-:/=".contains(c);
    // PowerShell reads a leading @ as an operator, every program a leading - as an option
    if !value.is_empty() && value.chars().all(plain) && !value.starts_with(['-', '@']) {
        return value.to_owned();
    }
    quoted(value, placeholder)
}

/// A value between single quotes, which both kinds of shell take as it stands. What could end the
/// quotes, in either shell, gives way to the placeholder.
fn quoted(value: &str, placeholder: &str) -> String {
    let ends_quotes =
        |c: char| "'\u{2018}\u{2019}\u{201a}\u{201b}`".contains(c) || text::is_hostile(c);
    if value.is_empty() || value.starts_with('-') || value.chars().any(ends_quotes) {
        return format!("'{placeholder}'");
    }
    format!("'{value}'")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn plain_values_stay_and_others_are_quoted_or_left_out() {
        assert_eq!(
            shell_word("room-101@contoso.com", "<mailbox>"),
            "room-101@contoso.com"
        );
        assert_eq!(shell_word("a b; rm -rf /", "<x>"), "'a b; rm -rf /'");
        assert_eq!(shell_word("x'; rm", "<x>"), "'<x>'");
        assert_eq!(shell_word("--help", "<x>"), "'<x>'");
        assert_eq!(shell_word("$(id)", "<x>"), "'$(id)'");
        assert_eq!(shell_word("", "<mailbox>"), "'<mailbox>'");
    }

    #[test]
    fn only_known_places_are_filled() {
        let context = Context::unnamed();
        assert_eq!(
            context.fill("{name} { $_ } {nope} {"),
            "<name> { $_ } {nope} {"
        );
    }

    proptest! {
        #[test]
        fn no_value_leaves_its_word(value in any::<String>()) {
            let word = shell_word(&value, "<x>");
            let inner = word.strip_prefix('\'').and_then(|w| w.strip_suffix('\''));
            match inner {
                Some(inner) => prop_assert!(!inner.contains('\'')),
                None => prop_assert!(word.chars().all(|c| c.is_ascii_alphanumeric() || "._@+-:/=".contains(c))),
            }
        }
    }
}
