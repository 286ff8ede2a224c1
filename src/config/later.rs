//! What a config may ask for one day, but not of this version: named, so that nobody takes it for a
//! typing error. An entry goes when its feature comes.

use super::problem::Fault;

const KEYS: &[&str] = &["directory"];

/// Returns what to say about a key of a later version.
pub(super) fn key(name: &str) -> Option<Fault> {
    KEYS.contains(&name).then(|| unsupported("is"))
}

/// Returns what to say about the keyring as a secret source.
pub(super) fn keyring() -> Fault {
    Fault::new("the secret source `keyring` is not supported by this version yet")
        .hint("use `env`, `file`, `command` or `credential`")
}

fn unsupported(what: &str) -> Fault {
    Fault::new(format!("{what} not supported by this version yet")).hint(
        "this version signs in by client secret, certificate, federated token or refresh token; with `mode = \"dates\"` it watches the end \
         dates of any integration",
    )
}
