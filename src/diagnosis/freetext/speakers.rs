//! Who speaks in a text: Microsoft's services, other services of theirs, other vendors; as data.

use crate::observation::Stage;

/// Names of a service that nobody else has.
const SPEAKERS: &[(&str, Stage)] = &[
    ("exchange.asmx", Stage::Ews),
    ("outlook.office", Stage::Ews),
    ("exchange.webservices", Stage::Ews),
    ("exchangelib", Stage::Ews),
    ("exchangeservice", Stage::Ews),
    ("exchange web services", Stage::Ews),
    ("microsoft.com/exchange/services", Stage::Ews),
    ("trusted_issuers=", Stage::Ews),
    ("x-beserver", Stage::Ews),
    ("x-feserver", Stage::Ews),
    ("x-calculatedbetarget", Stage::Ews),
    ("davmail.exchange", Stage::Ews),
    (
        "the request failed. the remote server returned an error",
        Stage::Ews,
    ),
    ("infoworker.common.availability", Stage::Ews),
    ("login.microsoftonline", Stage::Token),
    ("login.windows.net", Stage::Token),
    ("acquiretoken", Stage::Token),
    ("acquire_token", Stage::Token),
    ("graph.microsoft", Stage::Graph),
    ("graph api", Stage::Graph),
    ("microsoft.graph", Stage::Graph),
    ("msgraph", Stage::Graph),
    ("odataerror", Stage::Graph),
    ("get-mg", Stage::Graph),
    ("update-mg", Stage::Graph),
    ("send-mg", Stage::Graph),
    ("connect-mggraph", Stage::Graph),
    ("invoke-mggraph", Stage::Graph),
    ("microsoftgraph.chinacloudapi", Stage::Graph),
    ("x-ms-ags-diagnostic", Stage::Graph),
];

/// The short name of Exchange Web Services, which stands for it as a word of its own.
const EWS: &str = "ews";

/// Names that stand for a service where the text is about Microsoft's; elsewhere anybody has them.
const ANYBODYS: &[(&str, Stage)] = &[
    ("autodiscover", Stage::Ews),
    ("soap client returned status", Stage::Ews),
    ("soap", Stage::Ews),
    ("/oauth2/", Stage::Token),
    ("token endpoint", Stage::Token),
];

/// What says that a text is about Microsoft's services, where a word begins with it.
const MICROSOFT: &[&str] = &[
    "aadsts",
    "microsoft",
    "msal",
    "adal",
    "azure",
    "outlook",
    "office365",
    "office 365",
    "windows.net",
    "entra id",
    "entraid",
    "davmail",
    "autodiscover",
    "o365",
    "m365",
    "error_codes",
    "x-ms-",
    "trace id:",
    "trace_id",
    "exchange.",
    "exchangelib",
    "exchangeservice",
    "exchangeserver",
    "exchange server",
    "exchange-server",
    "exchange online",
    "exchange web service",
    "exchange-webdienst",
];

/// Keys, tokens and goods are exchanged too: the word alone says nothing without one of these.
const MAIL: &[&str] = &[
    "mail",
    "calendar",
    "kalender",
    "postfach",
    "autodiscover",
    "owa",
    "smtp",
];

/// What says that a text is about Microsoft's identity platform or mail, whoever else is named.
const OWN: &[&str] = &[
    "aadsts",
    "login.microsoftonline",
    "login.windows.net",
    "exchange.asmx",
    "outlook.office",
];

/// Services of Microsoft whose refusals have the shape of Graph's.
const ELSEWHERE: &[&str] = &[
    "key vault",
    "vault.azure.net",
    "management.azure.com",
    "core.windows.net",
    "sharepoint",
    "cosmos",
    "dynamics",
    "powerbi",
];

/// Other identity providers, by what their answers and clients mention.
const FOREIGN: &[&str] = &[
    "googleapis",
    "accounts.google",
    "google.auth",
    "google-auth",
    "google oauth",
    "gmail",
    "salesforce",
    "zoom.us",
    "okta",
    "auth0",
    "slack.com",
    "dropbox",
    "intuit",
    "quickbooks",
    "xero",
    "hubspot",
    "linkedin",
    "facebook",
    "keycloak",
    "cognito",
    "pingfederate",
    "box.com",
    "appleid",
    "docusign",
    "shopify",
    "spotify",
    "paypal",
    "zoho",
    "atlassian",
    "gitlab",
    "onelogin",
    "amazon",
    "bitbucket",
    "twitter",
    "yahoo",
    "strava",
];

/// Whether anything says that a text (in lower case) is about Microsoft's services.
pub(super) fn is_microsoft(lower: &str) -> bool {
    let begins = |mark: &&str| {
        let before = |(at, _)| lower.get(..at).and_then(|text| text.chars().next_back());
        let mut hits = lower.match_indices(*mark).map(before);
        hits.any(|before| !before.is_some_and(|c: char| c.is_ascii_alphabetic()))
    };
    MICROSOFT.iter().any(begins)
        || ews(lower).next().is_some()
        || (begins(&"exchange") && MAIL.iter().any(|mark| lower.contains(mark)))
}

/// Where a text has the short name of Exchange Web Services.
fn ews(lower: &str) -> impl Iterator<Item = usize> {
    let letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let hits = lower.match_indices(EWS).map(|(at, _)| at);
    hits.filter(move |at| {
        let before = lower.get(..*at).and_then(|text| text.chars().next_back());
        let behind = lower
            .get(at + EWS.len()..)
            .and_then(|text| text.chars().next());
        !letter(before) && !letter(behind)
    })
}

/// Whether a text is about a service of Microsoft that is no part of this.
pub(super) fn is_elsewhere(lower: &str) -> bool {
    ELSEWHERE.iter().any(|mark| lower.contains(mark))
}

/// Whether a text is about another identity provider, and not about Microsoft's.
pub(super) fn is_foreign(lower: &str) -> bool {
    let has = |marks: &[&str]| marks.iter().any(|mark| lower.contains(mark));
    has(FOREIGN) && !has(OWN)
}

/// Where a text names a service, in order.
pub(super) fn places(lower: &str, microsoft: bool) -> Vec<(usize, Stage)> {
    let anybodys = ANYBODYS.iter().filter(|_| microsoft);
    let hits = |(mark, stage): &(&str, Stage)| {
        let stage = *stage;
        let hits = lower.match_indices(*mark).map(|(at, _)| (at, stage));
        hits.collect::<Vec<_>>()
    };
    let mut found: Vec<_> = SPEAKERS.iter().chain(anybodys).flat_map(hits).collect();
    found.extend(ews(lower).map(|at| (at, Stage::Ews)));
    found.sort_unstable_by_key(|(at, _)| *at);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_only_contain_a_name_of_microsofts_say_nothing() {
        for text in [
            "central login",
            "the universal broker",
            "key exchange failed",
            "exchange rate",
            "reviews ",
            "no exchange 'orders'",
        ] {
            assert!(!is_microsoft(text), "{text}");
        }
        for text in [
            "aadsts50076",
            "com.microsoft.aad.msal4j",
            "entra id",
            "exchange mailbox",
            "ews request",
        ] {
            assert!(is_microsoft(text), "{text}");
        }
    }

    #[test]
    fn what_anybody_has_stands_for_a_service_in_texts_of_microsofts_only() {
        assert!(places("https://idp.example/oauth2/token", false).is_empty());
        assert_eq!(places("https://x/oauth2/token", true).len(), 1);
    }
}
