//! The values of one tenant that advice is filled with.

use url::Url;

use crate::{
    tenant::{Credential, Tenant},
    text,
};

/// Whom advice is for: a tenant, or nobody in particular where a pasted text is explained.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    /// What stands for each place.
    values: [(&'static str, String); 16],
    /// Whether these are the values of a tenant, not placeholders.
    named: bool,
    /// What to tell the command lines before anything else in another cloud than the worldwide one.
    cloud_step: Option<&'static str>,
}

/// How the command lines are pointed to a national cloud, by the address of its Graph.
const CLOUD_STEPS: &[(&str, &str)] = &[
    (
        "https://graph.microsoft.us",
        "Point the command lines to this cloud first: `az cloud set --name AzureUSGovernment`; in PowerShell add `-Environment USGov` to Connect-MgGraph and `-ExchangeEnvironmentName O365USGovGCCHigh` to Connect-ExchangeOnline.",
    ),
    (
        "https://dod-graph.microsoft.us",
        "Point the command lines to this cloud first: `az cloud set --name AzureUSGovernment`; in PowerShell add `-Environment USGovDoD` to Connect-MgGraph and `-ExchangeEnvironmentName O365USGovDoD` to Connect-ExchangeOnline.",
    ),
    (
        "https://microsoftgraph.chinacloudapi.cn",
        "Point the command lines to this cloud first: `az cloud set --name AzureChinaCloud`; in PowerShell add `-Environment China` to Connect-MgGraph and `-ExchangeEnvironmentName O365China` to Connect-ExchangeOnline.",
    ),
];

/// Returns what to tell the command lines first in a national cloud, by the address of its Graph.
pub fn cloud_step(graph: &str) -> Option<&'static str> {
    let mut steps = CLOUD_STEPS.iter();
    let (_, step) = steps.find(|(known, _)| *known == graph.trim_end_matches('/'))?;
    Some(step)
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
            ],
            named: true,
            cloud_step: cloud_step(&endpoints.graph_resource),
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
                ("client_text", place("'<client id>'")),
                ("mailbox", place("<mailbox>")),
                ("product", place("the integration")),
                (
                    "goes_to",
                    place("wherever the integration keeps its client secret"),
                ),
                ("source", place("its configured source")),
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
            ],
            named: false,
            cloud_step: None,
        }
    }

    /// Returns placeholders beside the id of an app.
    pub(super) fn for_app(client_id: &str) -> Self {
        let mut context = Self::unnamed();
        for (place, value) in &mut context.values {
            match *place {
                "client" => *value = shell_word(client_id, "<client id>"),
                "client_text" => *value = quoted(client_id, "<client id>"),
                _ => {}
            }
        }
        context
    }

    /// Whether the values are those of a tenant.
    pub(in crate::diagnosis) fn is_named(&self) -> bool {
        self.named
    }

    /// Returns what to tell the command lines first, in a national cloud.
    pub(super) fn cloud_step(&self) -> Option<&'static str> {
        self.cloud_step
    }

    /// Returns a text with every `{place}` filled; other braces stay.
    pub(in crate::diagnosis) fn fill(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len() + 64);
        let mut rest = text;
        // one pass, so that a value which looks like a place is not filled again
        while let Some((before, after)) = rest.split_once('{') {
            out.push_str(before);
            let value = after.split_once('}').and_then(|(key, tail)| {
                let found = self.values.iter().find(|(place, _)| *place == key)?;
                Some((found.1.as_str(), tail))
            });
            let (filled, tail) = value.unwrap_or(("{", after));
            out.push_str(filled);
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
