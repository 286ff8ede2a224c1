//! The checks before an operation: token, permission, form of the request, impersonation.

use axum::http::Method;

use super::envelope::SoapElement;
use super::response::SoapFault;
use super::unauthorized;
use crate::simulator::access_token::{Caller, Resource, TokenError};
use crate::simulator::backend::Backend;
use crate::simulator::fleet::Integration;
use crate::simulator::http_answer::HttpAnswer;
use crate::simulator::ids::guid;
use crate::simulator::request::{HttpRequest, header};

/// The application permission that opens every mailbox.
const FULL_ACCESS: &str = "full_access_as_app";

/// The delegated permission that opens the mailbox of the person.
const AS_USER: &str = "EWS.AccessAsUser.All";

/// A call that has passed every check.
pub(crate) struct EwsCall<'b> {
    pub(crate) backend: &'b Backend,
    pub(crate) app: &'b Integration,
    pub(crate) envelope: SoapElement,
    pub(crate) mailbox: String,
    pub(crate) display_name: String,
}

/// Checks a request, or returns the answer that refuses it.
pub(crate) fn admit<'b>(
    backend: &'b Backend,
    request: &HttpRequest,
    envelope: Result<SoapElement, SoapFault>,
) -> Result<EwsCall<'b>, HttpAnswer> {
    let caller = backend.tokens.caller(&request.headers, Resource::Exchange);
    let caller = caller.map_err(|error| refuse(&error))?;
    let Some(app) = backend.state.integration(caller.index) else {
        return Err(refuse(&TokenError::Malformed));
    };
    if !is_permitted(&caller, app) {
        return Err(unauthorized::rejected(2_000_008));
    }
    if request.method != Method::POST {
        return Err(HttpAnswer::empty(405).with("allow", "POST"));
    }
    let kind = header(&request.headers, "content-type").unwrap_or_default();
    if !kind.to_ascii_lowercase().starts_with("text/xml") {
        return Err(HttpAnswer::empty(415));
    }
    let envelope = envelope.map_err(|fault| fault.answer())?;
    let owner = if caller.claims.scp.is_some() {
        own(&envelope, app)
    } else {
        impersonated(backend, &envelope, app)
    };
    let owner = owner.map_err(|fault| fault.answer())?;
    Ok(EwsCall {
        backend,
        app,
        envelope,
        display_name: owner.name.clone(),
        mailbox: owner.mailbox.clone(),
    })
}

fn refuse(error: &TokenError) -> HttpAnswer {
    match error {
        TokenError::Missing => unauthorized::challenge(),
        TokenError::Malformed => unauthorized::rejected(2_000_001),
        TokenError::Signature => unauthorized::rejected(2_000_000),
        TokenError::OutsideTime => unauthorized::rejected(2_000_002),
        TokenError::Audience(audience) => unauthorized::wrong_audience(audience),
    }
}

fn is_permitted(caller: &Caller, app: &Integration) -> bool {
    app.granted_in_exchange || caller.claims.has_any(&[FULL_ACCESS, AS_USER])
}

/// Returns the mailbox of the person who signed in, who may not impersonate another.
fn own<'b>(envelope: &SoapElement, app: &'b Integration) -> Result<&'b Integration, SoapFault> {
    match envelope.impersonation() {
        None => Ok(app),
        Some(_) => Err(SoapFault::new(
            "ErrorImpersonateUserDenied",
            "The account does not have permission to impersonate the requested user.",
        )),
    }
}

/// Returns the mailbox that the impersonation header names: an app has no mailbox of its own.
fn impersonated<'b>(
    backend: &'b Backend,
    envelope: &SoapElement,
    app: &Integration,
) -> Result<&'b Integration, SoapFault> {
    let Some((kind, address)) = envelope.impersonation() else {
        return Err(SoapFault::new(
            "ErrorInvalidExchangeImpersonationHeaderData",
            "ExchangeImpersonation SOAP header must be present for this type of OAuth token.",
        ));
    };
    let address = address.trim();
    let mut owners = backend.state.in_directory(&app.tenant_id);
    let found = owners.find(|one| match kind.as_str() {
        "PrincipalName" | "PrimarySmtpAddress" | "SmtpAddress" => {
            one.mailbox.eq_ignore_ascii_case(address)
        }
        "SID" => sid(&one.mailbox) == address,
        _ => false,
    });
    let (code, text) = match kind.as_str() {
        "PrincipalName" => (
            "ErrorInvalidUserPrincipalName",
            "The specified user principal name (UPN) is not valid.",
        ),
        "SID" => ("ErrorInvalidSid", "The SID is not valid."),
        _ => (
            "ErrorNonExistentMailbox",
            "The SMTP address has no mailbox associated with it.",
        ),
    };
    found.ok_or_else(|| SoapFault::new(code, text))
}

/// Returns the security identifier of the account of a mailbox.
fn sid(mailbox: &str) -> String {
    let digits: String = guid(&mailbox.to_lowercase())
        .chars()
        .filter(char::is_ascii_digit)
        .take(8)
        .collect();
    format!("S-1-5-21-1004336348-1177238915-682003330-{digits}")
}
