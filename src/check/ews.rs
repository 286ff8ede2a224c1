//! The `ews` stage: opens one folder of the mailbox, ids only.
//!
//! `GetFolder` reads no item and still proves everything that an integration needs: the token is
//! accepted, the app may act for the mailbox, and the mailbox is there.
//! <https://learn.microsoft.com/exchange/client-developer/exchange-web-services/how-to-authenticate-an-ews-application-by-using-oauth>

use ::http::{HeaderName, HeaderValue, Method, header};
use quick_xml::escape::escape;
use reqwest::Request;
use secrecy::SecretString;

use super::{scrub::scrub, token::bearer};
use crate::{
    http::Wire,
    observation::Exchange,
    tenant::{Folder, Tenant},
};

/// Routes the request to the server that holds the mailbox. Under impersonation it names the same
/// mailbox as the SOAP header; without it, or with another one, Exchange is slow and at times fails.
const ANCHOR_MAILBOX: HeaderName = HeaderName::from_static("x-anchormailbox");

const TEXT_XML: HeaderValue = HeaderValue::from_static("text/xml");
const TEXT_XML_UTF8: HeaderValue = HeaderValue::from_static("text/xml; charset=utf-8");

/// Makes the call.
pub(super) async fn open(
    wire: &Wire<'_>,
    tenant: &Tenant,
    mailbox: &str,
    token: &SecretString,
) -> Exchange {
    let url = &tenant.endpoints.ews;
    let (Some(bearer), Ok(anchor)) = (bearer(token), HeaderValue::from_bytes(mailbox.as_bytes()))
    else {
        let host = url.host_str().unwrap_or_default();
        return wire.unsendable(host, "mailbox cannot be sent as a header");
    };
    let mut request = Request::new(Method::POST, url.clone());
    let headers = request.headers_mut();
    headers.insert(header::AUTHORIZATION, bearer);
    headers.insert(header::CONTENT_TYPE, TEXT_XML_UTF8);
    headers.insert(header::ACCEPT, TEXT_XML);
    headers.insert(ANCHOR_MAILBOX, anchor);
    let impersonates = tenant.delegation.is_none();
    *request.body_mut() = Some(envelope(mailbox, impersonates, tenant.target.folder).into());
    let mut exchange = wire.send(request).await;
    scrub(&mut exchange, token);
    exchange
}

/// The SOAP request. `Exchange2013_SP1` is the newest version that every server still in use knows.
///
/// An app impersonates whose mailbox it opens. A person may not impersonate, and a folder without a
/// mailbox would be that person's own, whatever is configured: so the folder names its mailbox.
fn envelope(mailbox: &str, impersonates: bool, folder: Folder) -> String {
    let mailbox = escape(mailbox);
    let folder = folder.id();
    let (impersonation, opened) = if impersonates {
        let header = format!(
            "<t:ExchangeImpersonation><t:ConnectingSID><t:PrimarySmtpAddress>{mailbox}\
             </t:PrimarySmtpAddress></t:ConnectingSID></t:ExchangeImpersonation>"
        );
        let opened = format!(r#"<t:DistinguishedFolderId Id="{folder}"/>"#);
        (header, opened)
    } else {
        let opened = format!(
            "<t:DistinguishedFolderId Id=\"{folder}\"><t:Mailbox><t:EmailAddress>{mailbox}\
             </t:EmailAddress></t:Mailbox></t:DistinguishedFolderId>"
        );
        (String::new(), opened)
    };
    format!(
        r#"<?xml version="1.0" encoding="utf-8"?>
<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" xmlns:t="http://schemas.microsoft.com/exchange/services/2006/types" xmlns:m="http://schemas.microsoft.com/exchange/services/2006/messages">
<soap:Header><t:RequestServerVersion Version="Exchange2013_SP1"/>{impersonation}</soap:Header>
<soap:Body><m:GetFolder><m:FolderShape><t:BaseShape>IdOnly</t:BaseShape></m:FolderShape><m:FolderIds>{opened}</m:FolderIds></m:GetFolder></soap:Body>
</soap:Envelope>"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_envelope_names_mailbox_and_folder_and_is_xml_whatever_the_mailbox() {
        let envelope = envelope("o'neil&<x>@contoso.com", true, Folder::Calendar);
        assert!(envelope.contains(
            "<t:PrimarySmtpAddress>o&apos;neil&amp;&lt;x&gt;@contoso.com</t:PrimarySmtpAddress>"
        ));
        assert!(envelope.contains(r#"<t:DistinguishedFolderId Id="calendar"/>"#));
        read_through(&envelope);
    }

    fn read_through(envelope: &str) {
        let mut reader = quick_xml::Reader::from_str(envelope);
        while !matches!(reader.read_event().unwrap(), quick_xml::events::Event::Eof) {}
    }

    #[test]
    fn a_delegated_call_names_the_mailbox_and_does_not_impersonate() {
        let envelope = envelope("o'neil&<x>@contoso.com", false, Folder::Inbox);
        assert!(!envelope.contains("Impersonation"));
        assert!(envelope.contains(
            "<t:DistinguishedFolderId Id=\"inbox\"><t:Mailbox><t:EmailAddress>\
             o&apos;neil&amp;&lt;x&gt;@contoso.com</t:EmailAddress></t:Mailbox>"
        ));
        read_through(&envelope);
    }
}
