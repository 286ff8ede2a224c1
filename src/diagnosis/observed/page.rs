//! Pages where a protocol answer was due: portals, block pages, proxies, redirects to a login.

use crate::{observation::Answer, text};

/// Headers that only Microsoft's own front ends send.
const OWN_HEADERS: &[&str] = &[
    "x-feserver",
    "x-beserver",
    "x-targetbeserver",
    "x-calculatedbetarget",
    "x-diaginfo",
    "x-ms-diagnostics",
    "x-ms-request-id",
    "x-ms-ests-server",
    "x-ews-policy-reason",
    "x-ms-ags-diagnostic",
    "x-owa-version",
    "x-azure-ref",
    "x-msedge-ref",
    "request-id",
];

/// Marks of proxies and portals, in lower case, as they stand in their pages and headers.
const PROXIES: &[&str] = &[
    "squid",
    "zscaler",
    "bluecoat",
    "blue coat",
    "symantec",
    "fortinet",
    "fortigate",
    "fortiguard",
    "forcepoint",
    "websense",
    "palo alto",
    "mcafee",
    "skyhigh",
    "sophos",
    "barracuda",
    "umbrella",
    "netskope",
    "checkpoint",
    "check point",
    "watchguard",
    "captive portal",
    "web filter",
    "web gateway",
    "proxy server",
    "access blocked",
    "has been blocked",
    "policy violation",
    "cloudflare",
];

/// Whether the text is a web page rather than JSON or XML.
pub(super) fn is_html(body: &str) -> bool {
    let start: String = body
        .trim_start_matches(['\u{feff}', ' ', '\r', '\n', '\t'])
        .chars()
        .take(15)
        .collect::<String>()
        .to_ascii_lowercase();
    [
        "<!doctype html",
        "<html",
        "<head",
        "<body",
        "<title",
        "<script",
        "<meta",
    ]
    .iter()
    .any(|mark| start.starts_with(mark))
        || text::head(body, 2000)
            .to_ascii_lowercase()
            .contains("<html")
}

/// Whether the answer is by a front end of Microsoft, as far as headers tell.
pub(super) fn is_own(answer: &Answer) -> bool {
    OWN_HEADERS.iter().any(|name| answer.header(name).is_some())
}

/// Whether the page or its headers name a proxy or portal.
pub(super) fn is_of_proxy(answer: &Answer) -> bool {
    let body = text::head(&answer.body, 20_000).to_ascii_lowercase();
    let telling = [
        "server",
        "via",
        "x-squid-error",
        "proxy-connection",
        "x-cache",
    ];
    let heads = telling.iter().filter_map(|name| answer.header(name));
    let heads = heads.map(str::to_ascii_lowercase).collect::<Vec<_>>();
    PROXIES
        .iter()
        .any(|mark| body.contains(mark) || heads.iter().any(|head| head.contains(mark)))
}

/// Where a redirect leads, if that is another host or a login page.
pub(super) fn elsewhere(answer: &Answer, host: &str) -> Option<String> {
    if !(300..400).contains(&answer.status) {
        return None;
    }
    let place = answer.header("location")?;
    let target = url::Url::parse(place).ok();
    let other_host = target
        .as_ref()
        .and_then(url::Url::host_str)
        .is_some_and(|other| {
            !host
                .split(':')
                .next()
                .unwrap_or(host)
                .eq_ignore_ascii_case(other)
        });
    let lower = place.to_ascii_lowercase();
    let login = ["login", "logon", "signin", "auth.", "portal"]
        .iter()
        .any(|w| lower.contains(w));
    let name = target.and_then(|url| url.host_str().map(str::to_owned));
    (other_host || login).then(|| {
        let place = name.unwrap_or_else(|| "another page".to_owned());
        format!("a redirect to {}", text::line(text::head(&place, 120)))
    })
}

/// Whether a text (in lower case) has a header that only Microsoft's own front ends send.
pub(in crate::diagnosis) fn names_own(text: &str) -> bool {
    // `request-id` alone is a header of many servers
    let mut own = OWN_HEADERS.iter().filter(|name| name.starts_with("x-"));
    own.any(|name| text.contains(name))
}

/// Whether a text (in lower case) names a proxy or portal.
pub(in crate::diagnosis) fn names_proxy(text: &str) -> bool {
    PROXIES.iter().any(|mark| text.contains(mark))
}

/// What a page calls itself, safe to show.
pub(super) fn title(body: &str) -> String {
    let body = text::head(body, 20_000);
    let lower = body.to_ascii_lowercase();
    let title = lower.find("<title").and_then(|at| {
        let rest = body.get(at..)?;
        let (_, rest) = rest.split_once('>')?;
        rest.split('<').next()
    });
    let shown = text::line(text::head(title.unwrap_or(body), 200));
    let shown = text::redact(&shown);
    text::fit(&shown, 80).into_owned()
}
