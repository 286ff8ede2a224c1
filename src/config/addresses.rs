//! Parses addresses and files of requests: credentials may be sent over TLS or to this machine only.
//! Pure.

use std::path::PathBuf;

use toml::de::DeValue;
use url::Url;

use crate::tenant::is_loopback;

use super::{
    problem::{Fault, quoted},
    source::Source,
    types::string,
    values::{PROSE, WORD, at_most},
};

/// Reads the path of a file; a relative one starts at the folder of the config.
pub(super) fn file(value: &DeValue<'_>, source: &Source) -> Result<PathBuf, Fault> {
    source.resolve(string(value)?)
}

pub(super) fn user_agent(text: &str) -> Result<String, Fault> {
    let plain = text.chars().all(|c| c.is_ascii_graphic() || c == ' ');
    if text.trim().is_empty() || text.trim() != text || !plain {
        return Err(Fault::new(format!("{} cannot be sent", quoted(text)))
            .hint("use ASCII letters, digits, blanks and signs"));
    }
    at_most(text, WORD).map(str::to_owned)
}

/// Returns the resource that tokens are asked for.
pub(super) fn resource(text: &str) -> Result<String, Fault> {
    if text.is_empty() || !text.chars().all(|c| c.is_ascii_graphic()) {
        return Err(Fault::new(format!("{} is not a resource", quoted(text)))
            .hint("write it like \"https://outlook.office365.com\""));
    }
    if text.ends_with("/.default") {
        return Err(Fault::new("ends in '/.default'").hint("leave that off, it is added"));
    }
    at_most(text, PROSE).map(str::to_owned)
}

/// Returns the address of a service.
pub(super) fn service_url(text: &str) -> Result<Url, Fault> {
    let url = url(text, "https://…")?;
    match url.scheme() {
        "https" => {}
        "http" if is_loopback(&url) => {}
        "http" => {
            return Err(Fault::new(format!(
                "{} would send credentials in the clear",
                quoted(text)
            ))
            .hint("use https; http is only for loopback addresses"));
        }
        _ => {
            return Err(
                Fault::new(format!("{} is not an https address", quoted(text)))
                    .hint("write it like \"https://…\""),
            );
        }
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(Fault::new("holds a query or a fragment")
            .hint("write the address without `?…` and `#…`"));
    }
    Ok(url)
}

pub(super) fn proxy(text: &str) -> Result<Url, Fault> {
    let form = "http://proxy.contoso.com:8080";
    let url = url(text, form)?;
    // http is right for a proxy: what goes through it to an https address is TLS all the same
    if !matches!(url.scheme(), "http" | "https" | "socks5" | "socks5h") {
        return Err(
            Fault::new(format!("{} is not the address of a proxy", quoted(text)))
                .hint(format!("write it like \"{form}\", or with socks5h://")),
        );
    }
    Ok(url)
}

fn url(text: &str, form: &str) -> Result<Url, Fault> {
    let url = Url::parse(text).map_err(|error| {
        Fault::new(format!("{} is not an address: {error}", hidden(text)))
            .hint(format!("write it like \"{form}\""))
    })?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Fault::new(
            "holds a user name or password, which must not stand in the config",
        )
        .hint(
            "take it out; a proxy that wants a login is named by the environment variable \
                 `HTTPS_PROXY`",
        ));
    }
    if !url.has_host() {
        return Err(Fault::new(format!("{} names no host", hidden(text)))
            .hint(format!("write it like \"{form}\"")));
    }
    Ok(url)
}

/// Returns an address to repeat in a message, unless a password may be in it.
fn hidden(text: &str) -> String {
    if text.contains('@') {
        "the value".to_owned()
    } else {
        quoted(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_addresses_may_do_without_tls() {
        for good in [
            "https://login.microsoftonline.com",
            "http://127.0.0.1:8080",
            "http://127.8.8.8/x",
            "http://[::1]:1",
            "http://localhost",
            "http://ews.localhost",
        ] {
            assert!(service_url(good).is_ok(), "{good}");
        }
        for bad in [
            "http://mail.contoso.com/EWS/Exchange.asmx",
            "http://localhost.contoso.com",
            "http://127.0.0.1.nip.io",
            "http://10.0.0.1",
            "ftp://127.0.0.1",
            "mail.contoso.com",
            "https://",
            "https://x/?a=b",
            "file:///etc/passwd",
        ] {
            assert!(service_url(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_password_in_an_address_is_refused_and_not_repeated() {
        for bad in [
            "http://u:hunter2@proxy:1",
            "http://u:hunter2@proxy:x",
            "u:hunter2@proxy",
        ] {
            let fault = proxy(bad).unwrap_err();
            assert!(!format!("{fault:?}").contains("hunter2"), "{fault:?}");
        }
    }

    #[test]
    fn a_proxy_may_speak_http_or_socks() {
        for good in [
            "http://proxy:8080",
            "https://p",
            "socks5://p:1080",
            "socks5h://p:1080",
        ] {
            assert!(proxy(good).is_ok(), "{good}");
        }
        for bad in ["proxy:8080", "ftp://proxy", ""] {
            assert!(proxy(bad).is_err(), "{bad}");
        }
    }
}
