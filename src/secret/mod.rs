//! (being written on another branch)
#![expect(missing_docs, clippy::unused_async, reason = "stand-in")]
use std::time::Duration;

use secrecy::SecretString;
use tokio::time::Instant;

use crate::{observation::SecretNote, tenant::SecretSource};

#[derive(Debug, thiserror::Error)]
#[error("no secret")]
pub struct SecretError;

#[derive(Debug, Default)]
pub struct Secrets;

impl Secrets {
    pub async fn read(
        &self,
        source: &SecretSource,
        _ttl: Duration,
        _deadline: Instant,
    ) -> Result<SecretString, SecretError> {
        let SecretSource::File(path) = source else {
            return Err(SecretError);
        };
        let text = std::fs::read_to_string(path).map_err(|_e| SecretError)?;
        Ok(text.trim_end_matches('\n').to_owned().into())
    }
}

pub fn notes(_secret: &SecretString, _client_id: &str, _tenant_id: &str) -> Vec<SecretNote> {
    Vec::new()
}
