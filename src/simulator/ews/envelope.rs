//! Reads a SOAP request into a small tree: namespace-aware, with a limit on depth.

use quick_xml::XmlVersion;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::name::ResolveResult;
use quick_xml::reader::NsReader;

use super::response::{MESSAGES, SoapFault, TYPES};

/// SOAP 1.1.
const SOAP: &str = "http://schemas.xmlsoap.org/soap/envelope/";

/// Deeper nesting is refused.
const DEPTH_LIMIT: usize = 64;

/// The namespace of an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Namespace {
    Soap,
    Types,
    Messages,
    Other,
}

/// One element with its children.
#[derive(Debug, Clone)]
pub(crate) struct SoapElement {
    pub(crate) namespace: Namespace,
    pub(crate) name: String,
    attributes: Vec<(String, String)>,
    pub(crate) children: Vec<SoapElement>,
    text: String,
}

impl SoapElement {
    /// Returns the child of that name.
    pub(crate) fn child(&self, namespace: Namespace, name: &str) -> Option<&Self> {
        self.children
            .iter()
            .find(|child| child.namespace == namespace && child.name == name)
    }

    /// Returns every descendant of that name, in the namespace of types.
    pub(crate) fn every(&self, name: &str) -> Vec<&Self> {
        let mut found = Vec::new();
        for child in &self.children {
            if child.namespace == Namespace::Types && child.name == name {
                found.push(child);
            }
            found.extend(child.every(name));
        }
        found
    }

    /// Returns an attribute's value.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// Returns the text without the white space around it.
    pub(crate) fn text(&self) -> &str {
        self.text.trim()
    }

    /// Returns the operation of an envelope.
    pub(crate) fn operation(&self) -> Option<&Self> {
        self.child(Namespace::Soap, "Body")?.children.first()
    }

    /// Returns kind and address of the impersonation of an envelope; exactly one is allowed.
    pub(crate) fn impersonation(&self) -> Option<(String, String)> {
        let header = self
            .child(Namespace::Soap, "Header")?
            .child(Namespace::Types, "ExchangeImpersonation")?;
        let sid = header.child(Namespace::Types, "ConnectingSID")?;
        let [one] = sid.children.as_slice() else {
            return None;
        };
        (!one.text().is_empty()).then(|| (one.name.clone(), one.text().to_owned()))
    }
}

/// Reads an envelope, or returns the fault of a malformed one.
pub(crate) fn read(body: &[u8]) -> Result<SoapElement, SoapFault> {
    let text = std::str::from_utf8(body).map_err(|_invalid| malformed("invalid UTF-8"))?;
    let mut reader = NsReader::from_str(text.trim_start_matches('\u{feff}'));
    let mut open: Vec<SoapElement> = Vec::new();
    loop {
        let event = match reader.read_resolved_event() {
            Ok((namespace, Event::Start(start))) => {
                let element = begin(&namespace, &start)?;
                if open.len() >= DEPTH_LIMIT {
                    return Err(malformed("nested too deep"));
                }
                open.push(element);
                continue;
            }
            Ok((namespace, Event::Empty(start))) => {
                let element = begin(&namespace, &start)?;
                if let Some(root) = close(&mut open, element) {
                    return envelope(root);
                }
                continue;
            }
            Ok((_, event)) => event,
            Err(error) => return Err(malformed(&error.to_string())),
        };
        match event {
            Event::End(_) => {
                let Some(element) = open.pop() else {
                    return Err(malformed("an end without a start"));
                };
                if let Some(root) = close(&mut open, element) {
                    return envelope(root);
                }
            }
            Event::Text(text) => append(&mut open, &text.xml10_content()),
            Event::CData(text) => append(&mut open, &text.xml10_content()),
            Event::GeneralRef(reference) => append(&mut open, &resolve(&reference)?),
            // As Exchange does: entities in a DTD are a known attack on XML parsers.
            Event::DocType(_) => return Err(malformed("DTD is prohibited")),
            Event::Eof => return Err(malformed("unexpected end of file")),
            _ => {}
        }
    }
}

fn begin(namespace: &ResolveResult<'_>, start: &BytesStart<'_>) -> Result<SoapElement, SoapFault> {
    let namespace = match namespace {
        ResolveResult::Bound(bound) => match bound.as_ref() {
            uri if uri == SOAP => Namespace::Soap,
            uri if uri == TYPES => Namespace::Types,
            uri if uri == MESSAGES => Namespace::Messages,
            _ => Namespace::Other,
        },
        ResolveResult::Unbound => Namespace::Other,
        ResolveResult::Unknown(_) => return Err(malformed("undeclared prefix")),
    };
    let mut attributes = Vec::new();
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|error| malformed(&error.to_string()))?;
        let value = attribute
            .normalized_value(XmlVersion::Implicit1_0)
            .map_err(|error| malformed(&error.to_string()))?;
        let name = attribute.key.local_name();
        attributes.push((name.as_ref().to_owned(), value.into_owned()));
    }
    Ok(SoapElement {
        namespace,
        name: start.local_name().as_ref().to_owned(),
        attributes,
        children: Vec::new(),
        text: String::new(),
    })
}

/// Puts an element into its parent; returns it if it has none.
fn close(open: &mut [SoapElement], element: SoapElement) -> Option<SoapElement> {
    match open.last_mut() {
        Some(parent) => {
            parent.children.push(element);
            None
        }
        None => Some(element),
    }
}

fn append(open: &mut [SoapElement], text: &str) {
    if let Some(element) = open.last_mut() {
        element.text.push_str(text);
    }
}

fn resolve(reference: &BytesRef<'_>) -> Result<String, SoapFault> {
    match reference.resolve_char_ref() {
        Ok(Some(character)) => Ok(character.to_string()),
        Ok(None) => resolve_predefined_entity(&reference.xml10_content())
            .map(str::to_owned)
            .ok_or_else(|| malformed("undeclared entity")),
        Err(error) => Err(malformed(&error.to_string())),
    }
}

fn envelope(root: SoapElement) -> Result<SoapElement, SoapFault> {
    let body = root.child(Namespace::Soap, "Body");
    if root.namespace != Namespace::Soap || root.name != "Envelope" || body.is_none() {
        return Err(malformed("not a SOAP 1.1 envelope with a body"));
    }
    Ok(root)
}

fn malformed(reason: &str) -> SoapFault {
    SoapFault::schema(&format!("The request failed schema validation: {reason}."))
}

#[cfg(test)]
mod tests {
    use super::*;

    const REQUEST: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<S:Envelope xmlns:S="http://schemas.xmlsoap.org/soap/envelope/"
  xmlns="http://schemas.microsoft.com/exchange/services/2006/types">
  <S:Header><ExchangeImpersonation><ConnectingSID>
    <SmtpAddress>o&apos;brien&#64;contoso.com</SmtpAddress>
  </ConnectingSID></ExchangeImpersonation></S:Header>
  <S:Body><q:GetFolder xmlns:q="http://schemas.microsoft.com/exchange/services/2006/messages">
    <q:FolderIds><DistinguishedFolderId Id="inbox"/></q:FolderIds>
  </q:GetFolder></S:Body>
</S:Envelope>"#;

    #[test]
    fn elements_are_told_by_namespace_not_prefix() {
        let envelope = read(REQUEST.as_bytes()).unwrap();
        let (kind, address) = envelope.impersonation().unwrap();
        assert_eq!(
            (kind.as_str(), address.as_str()),
            ("SmtpAddress", "o'brien@contoso.com")
        );
        let operation = envelope.operation().unwrap();
        assert_eq!(operation.namespace, Namespace::Messages);
        assert_eq!(operation.name, "GetFolder");
        let folders = envelope.every("DistinguishedFolderId");
        assert_eq!(folders[0].attribute("Id"), Some("inbox"));

        let elsewhere = REQUEST.replace("2006/types", "2006/typos");
        assert!(
            read(elsewhere.as_bytes())
                .unwrap()
                .impersonation()
                .is_none()
        );
    }

    #[test]
    fn anything_but_an_envelope_is_a_schema_fault() {
        let deep = format!("{}{}", "<a>".repeat(100), "</a>".repeat(100));
        for body in [
            "",
            "<",
            "{}",
            "<a/>",
            "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
            "<x:Envelope/>",
            &deep,
            r#"<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"/>"#,
        ] {
            let fault = read(body.as_bytes()).unwrap_err();
            assert_eq!(fault.code, "ErrorSchemaValidation", "{body}");
        }
    }
}
