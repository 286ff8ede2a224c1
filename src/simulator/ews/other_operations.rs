//! Operations that client libraries begin with, around the folders.

use quick_xml::escape::escape;

use super::admission::EwsCall;
use super::envelope::{Namespace, SoapElement};
use super::response::{MESSAGES, TYPES, envelope, failure, response, success};

/// Answers `GetServerTimeZones`.
pub(crate) fn time_zones() -> String {
    response(
        "GetServerTimeZones",
        &success(
            "GetServerTimeZones",
            "<m:TimeZoneDefinitions><t:TimeZoneDefinition Id=\"UTC\" \
             Name=\"(UTC) Coordinated Universal Time\"><t:Periods><t:Period Bias=\"P0DT0H0M0.0S\" \
             Name=\"Standard\" Id=\"trule:Microsoft/Registry/UTC/1-Standard\"/></t:Periods>\
             <t:TransitionsGroups><t:TransitionsGroup Id=\"0\"><t:Transition>\
             <t:To Kind=\"Period\">trule:Microsoft/Registry/UTC/1-Standard</t:To></t:Transition>\
             </t:TransitionsGroup></t:TransitionsGroups><t:Transitions><t:Transition>\
             <t:To Kind=\"Group\">0</t:To></t:Transition></t:Transitions></t:TimeZoneDefinition>\
             </m:TimeZoneDefinitions>",
        ),
    )
}

/// Answers `ResolveNames`.
pub(crate) fn resolve_names(call: &EwsCall<'_>, operation: &SoapElement) -> String {
    let entry = operation
        .child(Namespace::Messages, "UnresolvedEntry")
        .map(SoapElement::text)
        .unwrap_or_default();
    let local = call.mailbox.split('@').next().unwrap_or_default();
    let known = [&call.mailbox, local, &call.display_name]
        .iter()
        .any(|name| name.eq_ignore_ascii_case(entry));
    if !known {
        let text = "No results were found.";
        let none = failure("ResolveNames", "ErrorNameResolutionNoResults", text, None);
        return response("ResolveNames", &none);
    }
    let (name, mailbox) = (escape(&call.display_name), escape(&call.mailbox));
    let found = format!(
        "<m:ResolutionSet TotalItemsInView=\"1\" IncludesLastItemInRange=\"true\"><t:Resolution>\
         <t:Mailbox><t:Name>{name}</t:Name><t:EmailAddress>{mailbox}</t:EmailAddress>\
         <t:RoutingType>SMTP</t:RoutingType><t:MailboxType>Mailbox</t:MailboxType></t:Mailbox>\
         </t:Resolution></m:ResolutionSet>"
    );
    response("ResolveNames", &success("ResolveNames", &found))
}

/// Answers `ConvertId` with the same ids: here they have one form only.
pub(crate) fn convert_id(call: &EwsCall<'_>, operation: &SoapElement) -> String {
    let format = operation.attribute("DestinationFormat").unwrap_or("EwsId");
    let ids = operation.every("AlternateId");
    let messages: String = ids
        .iter()
        .map(|id| {
            let (id, mailbox) = (
                escape(id.attribute("Id").unwrap_or_default()),
                escape(&call.mailbox),
            );
            success(
                "ConvertId",
                &format!(
                    "<m:AlternateId xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" \
                     xsi:type=\"t:AlternateIdType\" Format=\"{}\" Id=\"{id}\" \
                     Mailbox=\"{mailbox}\"/>",
                    escape(format)
                ),
            )
        })
        .collect();
    envelope(&format!(
        "<m:ConvertIdResponse xmlns:m=\"{MESSAGES}\" xmlns:t=\"{TYPES}\"><m:ResponseMessages>\
         {messages}</m:ResponseMessages></m:ConvertIdResponse>"
    ))
}
