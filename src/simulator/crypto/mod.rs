//! Keys, certificates and signatures of the cloud.

mod certificate;
mod pkce;
mod signer;
mod tls;

pub use certificate::Certificate;
pub(crate) use pkce::PkceChallenge;
pub(crate) use signer::{Signer, unverified_claims};
pub(crate) use tls::{ServerIdentity, UntrustedServers, make_identity};
