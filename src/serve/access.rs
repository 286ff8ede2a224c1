//! Who may ask: this machine, or whoever has the token.

use std::{fmt, net::SocketAddr, path::PathBuf, str::FromStr};

use aws_lc_rs::constant_time::verify_slices_are_equal;
use secrecy::{ExposeSecret as _, SecretString};

use super::ExporterError;

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
    ) -> Result<Self, ExporterError> {
        let remote = matches!(&listen, Listen::Tcp(address) if !address.ip().is_loopback());
        if remote && !allow_remote {
            return Err(ExporterError::Remote(listen));
        }
        if remote && token.is_none() {
            return Err(ExporterError::NoToken(listen));
        }
        let short = |token: &SecretString| token.expose_secret().len() < LEAST_TOKEN;
        if token.as_ref().is_some_and(short) {
            return Err(ExporterError::ShortToken { least: LEAST_TOKEN });
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

#[cfg(test)]
mod tests {
    use super::*;

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
                ExporterError::Remote(_)
            ));
            assert!(matches!(refused(None, true), ExporterError::NoToken(_)));
            open(far, Some(TOKEN.into()), true).unwrap();
        }
        let short = open("127.0.0.1:1", Some("short".into()), false).unwrap_err();
        assert!(matches!(short, ExporterError::ShortToken { .. }));
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
