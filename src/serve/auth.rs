//! Which requests are answered: those of this machine, and those with the token.

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    str::FromStr,
};

use aws_lc_rs::constant_time::verify_slices_are_equal;
use hyper::http::uri::Authority;
use secrecy::{ExposeSecret as _, SecretString};

use super::ServeError;

/// Shorter tokens are refused.
const LEAST_TOKEN: usize = 16;

/// Where requests are taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Listen {
    /// On an address of this machine.
    Tcp(SocketAddr),
    /// On a Unix socket, for its owner and group.
    Unix(PathBuf),
}

impl FromStr for Listen {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.strip_prefix("unix:") {
            Some("") => Err("write the socket's path after `unix:`".to_owned()),
            Some(path) => Ok(Self::Unix(path.into())),
            None => text.parse().map(Self::Tcp).map_err(|_no_address| {
                "write ADDRESS:PORT, such as 127.0.0.1:9482, or unix:PATH".to_owned()
            }),
        }
    }
}

impl fmt::Display for Listen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => address.fmt(f),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}

/// An address, and the token that must be shown there, if one must.
#[derive(Debug)]
pub struct Access {
    pub(super) listen: Listen,
    token: Option<SecretString>,
}

impl Access {
    /// Takes an address that only this machine reaches, or one that is meant to be open, with a token.
    pub fn new(
        listen: Listen,
        token: Option<SecretString>,
        allow_remote: bool,
    ) -> Result<Self, ServeError> {
        let remote = matches!(&listen, Listen::Tcp(address) if !address.ip().is_loopback());
        if remote && !allow_remote {
            return Err(ServeError::Remote(listen));
        }
        if remote && token.is_none() {
            return Err(ServeError::NoToken(listen));
        }
        let short = |token: &SecretString| token.expose_secret().len() < LEAST_TOKEN;
        if token.as_ref().is_some_and(short) {
            return Err(ServeError::ShortToken { least: LEAST_TOKEN });
        }
        Ok(Self { listen, token })
    }

    /// Returns whether a request with this `Authorization` header may be answered.
    ///
    /// How long the comparison takes tells nothing but whether the lengths are equal.
    pub(super) fn admits(&self, authorization: Option<&[u8]>) -> bool {
        let Some(token) = &self.token else {
            return true;
        };
        let shown = authorization.and_then(|header| header.split_first_chunk::<7>());
        let Some((scheme, shown)) = shown else {
            return false;
        };
        scheme.eq_ignore_ascii_case(b"bearer ")
            && verify_slices_are_equal(shown, token.expose_secret().as_bytes()).is_ok()
    }
}

impl Access {
    /// Returns whether data may be served under this `Host`.
    ///
    /// Without a token only loopback names and the listen address are accepted. A page in a browser on
    /// this machine could otherwise read the report by DNS rebinding: it lets its own name resolve to
    /// 127.0.0.1, and the browser sends that name as `Host`. Requests without a `Host` come from no
    /// browser.
    pub(super) fn serves_host(&self, host: Option<&[u8]>) -> bool {
        let (Listen::Tcp(address), None, Some(host)) = (&self.listen, &self.token, host) else {
            return true;
        };
        let Ok(authority) = Authority::try_from(host) else {
            return false;
        };
        let name = authority.host();
        let bare = name.trim_start_matches('[').trim_end_matches(']');
        match bare.parse::<IpAddr>() {
            Ok(ip) => ip.is_loopback() || ip == address.ip(),
            Err(_a_name) => name.trim_end_matches('.').eq_ignore_ascii_case("localhost"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_names_are_served_without_a_token() {
        let open =
            |listen: &str, token| Access::new(listen.parse().unwrap(), token, false).unwrap();
        let local = open("127.0.0.1:9482", None);
        for host in [
            "localhost",
            "LOCALHOST:9482",
            "127.0.0.1:9482",
            "127.9.9.9",
            "[::1]:1",
        ] {
            assert!(local.serves_host(Some(host.as_bytes())), "{host}");
        }
        for host in [
            "",
            "evil.example",
            "evil.example:9482",
            "localhost.evil.example",
            "192.0.2.1",
            "a b",
        ] {
            assert!(!local.serves_host(Some(host.as_bytes())), "{host}");
        }
        assert!(local.serves_host(None));
        let with_token = open("127.0.0.1:9482", Some(TOKEN.into()));
        assert!(with_token.serves_host(Some(b"proxy.example")));
        assert!(open("unix:/run/a", None).serves_host(Some(b"proxy.example")));
    }

    const TOKEN: &str = "0123456789abcdef";

    #[test]
    fn an_address_reads_back_as_it_is_written() {
        for text in ["127.0.0.1:9482", "[::1]:1", "unix:/run/credwatch/metrics"] {
            assert_eq!(text.parse::<Listen>().unwrap().to_string(), text);
        }
        for text in ["", "9482", "localhost:9482", "unix:"] {
            assert!(text.parse::<Listen>().is_err(), "{text}");
        }
    }

    #[test]
    fn beyond_this_machine_a_flag_and_a_token_are_needed() {
        let open =
            |listen: &str, token, remote| Access::new(listen.parse().unwrap(), token, remote);
        for local in ["127.0.0.1:1", "127.9.9.9:1", "[::1]:1", "unix:/a"] {
            open(local, None, false).unwrap();
        }
        for far in ["0.0.0.0:1", "[::]:1", "192.0.2.1:1"] {
            let refused = |token, remote| open(far, token, remote).unwrap_err();
            assert!(matches!(
                refused(Some(TOKEN.into()), false),
                ServeError::Remote(_)
            ));
            assert!(matches!(refused(None, true), ServeError::NoToken(_)));
            open(far, Some(TOKEN.into()), true).unwrap();
        }
        let short = open("127.0.0.1:1", Some("short".into()), false).unwrap_err();
        assert!(matches!(short, ServeError::ShortToken { .. }));
    }

    #[test]
    fn only_the_whole_token_opens() {
        let access =
            Access::new("127.0.0.1:1".parse().unwrap(), Some(TOKEN.into()), false).unwrap();
        for good in ["Bearer 0123456789abcdef", "bearer 0123456789abcdef"] {
            assert!(access.admits(Some(good.as_bytes())));
        }
        for bad in [
            "",
            "Bearer ",
            "Bearer 0123456789abcde",
            "Bearer 0123456789abcdef0",
            TOKEN,
            "Basic 0123456789abcdef",
        ] {
            assert!(!access.admits(Some(bad.as_bytes())), "{bad}");
        }
        assert!(!access.admits(None));
        let open = Access::new("127.0.0.1:1".parse().unwrap(), None, false).unwrap();
        assert!(open.admits(None));
        assert!(!format!("{access:?}").contains(TOKEN));
    }
}
