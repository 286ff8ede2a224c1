//! Proof Key for Code Exchange (RFC 7636).

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// The challenge that a client sends with the start of a sign-in.
#[derive(Debug, Clone)]
pub(crate) struct PkceChallenge {
    value: String,
    hashed: bool,
}

impl PkceChallenge {
    /// Reads a challenge and its method; `None` for a method that does not exist.
    pub(crate) fn read(value: &str, method: &str) -> Option<Self> {
        let hashed = match method {
            "S256" => true,
            "plain" | "" => false,
            _ => return None,
        };
        Some(Self {
            value: value.to_owned(),
            hashed,
        })
    }

    /// Whether the client sent a challenge: only public clients in browsers have to.
    pub(crate) fn is_empty(&self) -> bool {
        self.value.is_empty()
    }

    /// Whether the verifier fits the challenge.
    pub(crate) fn is_met_by(&self, verifier: &str) -> bool {
        if self.hashed {
            let digest = digest::digest(&digest::SHA256, verifier.as_bytes());
            URL_SAFE_NO_PAD.encode(digest.as_ref()) == self.value
        } else {
            verifier == self.value
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of RFC 7636, appendix B.
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

    #[test]
    fn a_challenge_may_be_hashed_plain_or_left_out() {
        let read = |value, method| PkceChallenge::read(value, method).unwrap();
        assert!(read(CHALLENGE, "S256").is_met_by(VERIFIER));
        assert!(!read(CHALLENGE, "S256").is_met_by(CHALLENGE));
        assert!(read("as it is", "").is_met_by("as it is"));
        assert!(read("", "").is_empty());
        assert!(PkceChallenge::read("x", "S512").is_none());
    }
}
