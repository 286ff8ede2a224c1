//! The steps that the endpoints of the sign-in service share.

use super::aadsts;
use super::refusal::Refusal;
use super::request::TokenRequest;
use crate::simulator::backend::Backend;
use crate::simulator::faults::FaultTarget;
use crate::simulator::fleet::Integration;
use crate::simulator::record::RecordedRequest;
use crate::simulator::request::HttpRequest;

/// Words that stand for any directory.
const SHARED: [&str; 3] = ["common", "organizations", "consumers"];

/// Returns whether a word stands for any directory.
pub(crate) fn is_shared(tenant: &str) -> bool {
    SHARED.contains(&tenant)
}

/// Returns the application of a request; through a word for any directory, wherever it is
/// registered.
pub(crate) fn find_app(backend: &Backend, tenant: &str, client_id: &str) -> Option<usize> {
    let anywhere = || is_shared(tenant).then(|| backend.state.app_anywhere(client_id))?;
    backend.state.app(tenant, client_id).or_else(anywhere)
}

/// Refuses an application for other accounts than those of a word for any directory.
pub(crate) fn check_accounts(tenant: &str, one: &Integration) -> Result<(), Refusal> {
    let multi_tenant = one.delegated.as_ref().is_some_and(|one| one.multi_tenant);
    if tenant == "consumers" {
        let refusal = Refusal::of(&aadsts::NOT_FOR_CONSUMERS, &one.name);
        return Err(refusal.app(&one.client_id));
    }
    if is_shared(tenant) && !multi_tenant {
        return Err(Refusal::of_app(&aadsts::SINGLE_TENANT, &one.client_id));
    }
    Ok(())
}

/// Adds a request to the record.
pub(crate) fn record(
    backend: &Backend,
    tenant: &str,
    index: Option<usize>,
    request: &HttpRequest,
    form: &TokenRequest,
) {
    let state = &backend.state;
    let integration = index.and_then(|index| state.integration(index));
    let mut recorded = RecordedRequest::new(state.now(), FaultTarget::Entra, request, integration);
    recorded.form = form.masked();
    recorded.secret_matched = integration.zip(form.secret()).map(|(one, secret)| {
        state.knows_directory(tenant) && one.secrets.iter().any(|known| known.value == secret)
    });
    backend.record.keep(recorded);
}
