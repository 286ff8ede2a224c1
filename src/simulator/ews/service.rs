//! The endpoint: record, scripted faults, admission, operation.

use axum::http::HeaderMap;

use super::admission::admit;
use super::envelope::{self, SoapElement};
use super::operations;
use super::response::{self, SoapFault, failure};
use crate::simulator::backend::Backend;
use crate::simulator::faults::{Fault, FaultAnswer, FaultTarget};
use crate::simulator::http_answer::HttpAnswer;
use crate::simulator::record::RecordedRequest;
use crate::simulator::request::{HttpRequest, header};
use crate::simulator::wire;

/// Answers a call.
pub(crate) async fn call(backend: &Backend, request: HttpRequest) -> HttpAnswer {
    let envelope = envelope::read(&request.body);
    let claimed = backend.tokens.claimed_by(&request.headers);
    record(backend, claimed, &request, envelope.as_ref().ok());
    let mut fault = None;
    if let Some(index) = claimed {
        tokio::time::sleep(backend.state.latency(index)).await;
        fault = backend.state.fault(index, FaultTarget::Ews);
    }
    if let Some(Fault::Wire(target, fault)) = fault
        && let Some(answer) = wire::commit(&request.connection, target, fault).await
    {
        return answer;
    }
    let answer = match fault.map(Fault::answer) {
        Some(FaultAnswer::BeforeSignIn(answer)) => answer,
        fault => match admit(backend, &request, envelope) {
            Ok(call) => fault
                .and_then(scripted)
                .unwrap_or_else(|| operations::perform(&call)),
            // A mistake of the client itself comes first, whatever the script says.
            Err(refused) => refused,
        },
    };
    with_exchange_headers(answer, &request.headers)
}

/// Returns the answer of a fault to a call that is admitted.
fn scripted(fault: FaultAnswer) -> Option<HttpAnswer> {
    match fault {
        FaultAnswer::AfterSignIn(answer) => Some(answer),
        FaultAnswer::Soap {
            code: response::SCHEMA_VALIDATION,
            text,
            ..
        } => Some(SoapFault::schema(text).answer()),
        FaultAnswer::Soap { code, text, value } => {
            let fault = SoapFault::new(code, text);
            let fault = match value {
                Some((name, value)) => fault.with(name, value),
                None => fault,
            };
            Some(fault.answer())
        }
        FaultAnswer::ResponseError {
            code,
            text,
            busy_inside,
        } => {
            let inside = busy_inside.then(|| {
                response::values(&[
                    (
                        "InnerErrorMessageText",
                        "The server cannot service this request right now.",
                    ),
                    ("InnerErrorResponseCode", "ErrorServerBusy"),
                    ("InnerErrorDescriptiveLinkKey", "0"),
                ])
            });
            let message = failure("GetFolder", code, text, inside.as_deref());
            Some(response::answer("GetFolder", &message))
        }
        _ => None,
    }
}

fn record(
    backend: &Backend,
    index: Option<usize>,
    request: &HttpRequest,
    envelope: Option<&SoapElement>,
) {
    let state = &backend.state;
    let integration = index.and_then(|index| state.integration(index));
    let mut recorded = RecordedRequest::new(state.now(), FaultTarget::Ews, request, integration);
    if let Some(envelope) = envelope {
        recorded.operation = envelope.operation().map(|element| element.name.clone());
        recorded.folders = envelope
            .every("DistinguishedFolderId")
            .iter()
            .filter_map(|folder| folder.attribute("Id"))
            .map(str::to_owned)
            .collect();
        recorded.impersonated = envelope.impersonation();
    }
    backend.record.keep(recorded);
}

/// Adds the headers that Exchange puts on every answer.
fn with_exchange_headers(answer: HttpAnswer, request: &HeaderMap) -> HttpAnswer {
    let request_id = uuid::Uuid::new_v4().to_string();
    let status = answer.status.to_string();
    let answer = answer
        .with("cache-control", "private")
        .with("server", "Microsoft-IIS/10.0")
        .with("request-id", request_id)
        .with(
            "x-calculatedbetarget",
            "SIM0PR01MB0001.eurprd01.prod.exchangelabs.com",
        )
        .with("x-backendhttpstatus", status)
        .with("x-feserver", "SIM0PR01CA0001")
        .with("x-beserver", "SIM0PR01MB0001")
        .with("x-diaginfo", "SIM0PR01MB0001")
        .with("x-aspnet-version", "4.0.30319")
        .with("x-powered-by", "ASP.NET");
    let echo = header(request, "return-client-request-id")
        .is_some_and(|asked| asked.eq_ignore_ascii_case("true"));
    match header(request, "client-request-id").filter(|_| echo) {
        Some(id) => answer.with("client-request-id", id),
        None => answer,
    }
}
