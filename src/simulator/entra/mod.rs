//! The sign-in service: discovery, keys, client credentials, and the sign-ins of people.

pub(super) mod aadsts;
mod assertion;
mod authorize;
mod device_code;
mod endpoint;
pub(super) mod grant;
mod id_token;
mod metadata;
mod redirect;
mod refusal;
mod request;
mod scope;
mod sign_in;
mod token_endpoint;

pub(super) use assertion::federated_token;
pub(super) use authorize::authorize;
pub(super) use device_code::device_code;
pub(super) use metadata::{instance_discovery, keys, openid_configuration, user_realm};
pub(super) use token_endpoint::token;
