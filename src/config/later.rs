//! What a config may ask for one day, but not of this version: named, so that nobody takes it for a
//! typing error. An entry goes when its feature comes.

use super::problem::Fault;

/// Returns what to say about the keyring as a secret source.
pub(super) fn keyring() -> Fault {
    Fault::new("the secret source `keyring` is not supported by this version yet")
        .hint("use `env`, `file`, `command` or `credential`")
}
