//! Exchange Web Services: the gates before the mailbox, then the operations.

mod availability;
mod faults;
mod folders;
mod items;
mod operations;
mod soap;
mod write;

use axum::http::{HeaderMap, Method};

use self::soap::Element;
use self::write::SoapFault;
use super::answer::Answer;
use super::behaviour::{Behaviour, EwsFault, Surface};
use super::record::Seen;
use super::scenario::Integration;
use super::server::Asked;
use super::wire;
use super::world::{Caller, Rejected, Resource, World};

/// The application permission that opens every mailbox.
const FULL_ACCESS: &str = "full_access_as_app";

/// The delegated permission that opens one's own mailbox.
const AS_USER: &str = "EWS.AccessAsUser.All";

/// Answers a call.
pub(super) async fn call(world: &World, asked: Asked) -> Answer {
    let envelope = soap::read(&asked.body);
    let claimed = world.claimed_by(&asked.headers);
    keep(world, claimed, &asked, envelope.as_ref().ok());
    let answer = match claimed {
        None => judge(world, &asked, envelope),
        Some(index) => {
            tokio::time::sleep(world.pause(index)).await;
            match world.behaviour(index) {
                Behaviour::Wire(Surface::Ews, fault) => {
                    match wire::meet(&asked.line, Surface::Ews, fault).await {
                        // What a broken wire carries has none of the service's headers.
                        Some(answer) => return answer,
                        None => judge(world, &asked, envelope),
                    }
                }
                Behaviour::Ews(fault) => broken(world, &asked, envelope, &fault),
                Behaviour::Works
                | Behaviour::Token(_)
                | Behaviour::Graph(_)
                | Behaviour::Grant(_)
                | Behaviour::Directory(_)
                | Behaviour::Wire(..) => judge(world, &asked, envelope),
            }
        }
    };
    dressed(answer, &asked.headers)
}

/// Commits a scripted fault, unless the caller's own mistake comes first.
fn broken(
    world: &World,
    asked: &Asked,
    envelope: Result<Element, SoapFault>,
    fault: &EwsFault,
) -> Answer {
    if faults::comes_before_sign_in(fault) {
        return faults::answer(fault);
    }
    match admit(world, asked, envelope) {
        Ok(_call) => faults::answer(fault),
        Err(refused) => refused,
    }
}

fn judge(world: &World, asked: &Asked, envelope: Result<Element, SoapFault>) -> Answer {
    match admit(world, asked, envelope) {
        Ok(call) => match operations::perform(&call) {
            Ok(body) => Answer::new(200, write::CONTENT_TYPE, body),
            Err(fault) => fault.answer(),
        },
        Err(refused) => refused,
    }
}

/// A call that has passed every gate.
struct Call<'w> {
    world: &'w World,
    app: &'w Integration,
    envelope: Element,
    mailbox: String,
    display_name: String,
}

fn admit<'w>(
    world: &'w World,
    asked: &Asked,
    envelope: Result<Element, SoapFault>,
) -> Result<Call<'w>, Answer> {
    let caller = match world.caller(&asked.headers, Resource::Exchange) {
        Ok(caller) => caller,
        Err(rejected) => return Err(unauthorized(&rejected)),
    };
    let Some(app) = world.integration(caller.index) else {
        return Err(unauthorized(&Rejected::Malformed));
    };
    if !permitted(&caller, app) {
        return Err(faults::no_permission());
    }
    if asked.method != Method::POST {
        return Err(Answer::empty(405).with("allow", "POST"));
    }
    if !is_xml(&asked.headers) {
        return Err(Answer::empty(415));
    }
    let envelope = envelope.map_err(|fault| fault.answer())?;
    let mailbox = if caller.claims.scp.is_some() {
        own(&envelope, app)
    } else {
        impersonated(world, &envelope, app)
    };
    let mailbox = mailbox.map_err(|fault| fault.answer())?;
    Ok(Call {
        world,
        app,
        envelope,
        display_name: mailbox.name.clone(),
        mailbox: mailbox.mailbox.clone(),
    })
}

fn permitted(caller: &Caller, app: &Integration) -> bool {
    let scopes = caller.claims.scp.as_deref().unwrap_or_default();
    app.granted_in_exchange
        || caller.claims.roles.iter().any(|role| role == FULL_ACCESS)
        || scopes.split(' ').any(|scope| scope == AS_USER)
}

/// Returns the mailbox of the person who signed in, who may impersonate nobody.
fn own<'w>(envelope: &Element, app: &'w Integration) -> Result<&'w Integration, SoapFault> {
    match envelope.impersonation() {
        None => Ok(app),
        Some(_) => Err(SoapFault::new(
            "ErrorImpersonateUserDenied",
            "The account does not have permission to impersonate the requested user.",
        )),
    }
}

fn is_xml(headers: &HeaderMap) -> bool {
    headers
        .get("content-type")
        .and_then(|value| value.to_str().ok())
        .is_some_and(|kind| kind.to_ascii_lowercase().starts_with("text/xml"))
}

/// Returns the mailbox that the impersonation header names: an app has none of its own.
fn impersonated<'w>(
    world: &'w World,
    envelope: &Element,
    app: &Integration,
) -> Result<&'w Integration, SoapFault> {
    let Some((kind, address)) = envelope.impersonation() else {
        return Err(SoapFault::new(
            "ErrorInvalidExchangeImpersonationHeaderData",
            "ExchangeImpersonation SOAP header must be present for this type of OAuth token.",
        ));
    };
    let mut neighbours = world.neighbours(&app.tenant_id);
    let found = neighbours.find(|one| match kind.as_str() {
        "PrincipalName" | "PrimarySmtpAddress" | "SmtpAddress" => {
            one.mailbox.eq_ignore_ascii_case(address.trim())
        }
        "SID" => operations::sid(&one.mailbox) == address.trim(),
        _ => false,
    });
    found.ok_or_else(|| match kind.as_str() {
        "PrincipalName" => SoapFault::new(
            "ErrorInvalidUserPrincipalName",
            "The specified user principal name (UPN) is not valid.",
        ),
        "SID" => SoapFault::new("ErrorInvalidSid", "The SID is not valid."),
        _ => faults::no_mailbox(),
    })
}

fn unauthorized(rejected: &Rejected) -> Answer {
    match rejected {
        Rejected::NoBearer => faults::unauthorized(None),
        Rejected::Malformed => faults::unauthorized(Some(2_000_001)),
        Rejected::Signature => faults::unauthorized(Some(2_000_000)),
        Rejected::OutsideTime => faults::unauthorized(Some(2_000_002)),
        Rejected::Audience(audience) => faults::wrong_audience(audience),
    }
}

fn keep(world: &World, index: Option<usize>, asked: &Asked, envelope: Option<&Element>) {
    let mut seen = Seen::new(
        world.now(),
        Surface::Ews,
        &asked.method,
        &asked.path,
        &asked.headers,
    );
    let integration = index.and_then(|index| world.integration(index));
    seen.tenant = integration.map(|one| one.name.clone());
    if let Some(envelope) = envelope {
        seen.operation = envelope.operation().map(|element| element.name.clone());
        seen.folders = envelope
            .every("DistinguishedFolderId")
            .iter()
            .filter_map(|folder| folder.attribute("Id"))
            .map(str::to_owned)
            .collect();
        seen.impersonated = envelope.impersonation();
    }
    world.record.keep(seen);
}

/// Adds the headers that Exchange puts on every answer.
fn dressed(answer: Answer, asked: &HeaderMap) -> Answer {
    let request_id = uuid::Uuid::new_v4().to_string();
    let sent = |name: &str| asked.get(name).and_then(|value| value.to_str().ok());
    let status = answer.status.to_string();
    let mut answer = answer
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
    if let Some(id) = sent("client-request-id").filter(|_| {
        sent("return-client-request-id").is_some_and(|asked| asked.eq_ignore_ascii_case("true"))
    }) {
        answer = answer.with("client-request-id", id);
    }
    answer
}
