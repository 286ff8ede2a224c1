//! The parts that the services of one cloud share.

use std::sync::Arc;

use super::access_token::AccessTokens;
use super::error::SimulatorError;
use super::record::RequestRecord;
use super::state::CloudState;
use super::token_store::TokenStore;

/// State, tokens and the record of one cloud.
#[derive(Debug)]
pub(crate) struct Backend {
    pub(crate) state: Arc<CloudState>,
    pub(crate) tokens: AccessTokens,
    pub(crate) token_store: TokenStore,
    pub(crate) record: RequestRecord,
}

impl Backend {
    pub(crate) fn new(state: CloudState) -> Result<Self, SimulatorError> {
        let state = Arc::new(state);
        let token_store = TokenStore::default();
        for (index, one) in state.integrations().enumerate() {
            if one.delegated.as_ref().is_some_and(|one| one.signed_in) {
                token_store.add_refresh_token(one.start_token(), index);
            }
        }
        Ok(Self {
            tokens: AccessTokens::new(Arc::clone(&state))?,
            state,
            token_store,
            record: RequestRecord::default(),
        })
    }
}
