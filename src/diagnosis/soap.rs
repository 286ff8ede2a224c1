//! Reads an EWS answer once, as a stream, in all three layers: envelope, fault, response message.
//!
//! Elements are matched by their local name, for the namespace of some differs between versions of
//! Exchange; a success alone counts only in the namespace of EWS. Nothing is built but the few texts
//! that bear on a verdict; each is cut.

use quick_xml::{
    NsReader, XmlVersion,
    events::{BytesStart, Event},
    name::{Namespace, ResolveResult},
};

use crate::text;

/// A longer text of an answer is cut here.
const TEXT_LIMIT: usize = 1024;

/// Of the messages of EWS, in every version of Exchange.
const MESSAGES: Namespace<'_> =
    Namespace("http://schemas.microsoft.com/exchange/services/2006/messages");

/// Deeper answers than this are not read on; those of EWS have about twelve levels.
const DEPTH_LIMIT: usize = 64;

/// What an EWS answer says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Reply {
    /// Whether it is a SOAP envelope and nothing else, read to its end.
    pub(crate) is_soap: bool,
    /// The worst `ResponseClass` of its messages.
    pub(crate) class: Option<Class>,
    /// The `ResponseCode`s, in order, without `NoError`.
    pub(crate) codes: Vec<String>,
    /// How many messages said `NoError`.
    pub(crate) no_error: usize,
    /// `MessageText` of a message, or the words of a fault.
    pub(crate) message: Option<String>,
    /// The fault code without its prefix.
    pub(crate) fault_code: Option<String>,
    /// Codes and texts found inside a `MessageXml`.
    pub(crate) inner: Vec<String>,
    /// The primary address, where a secondary one was used.
    pub(crate) primary_address: Option<String>,
    /// `BackOffMilliseconds`.
    pub(crate) back_off_ms: Option<u64>,
    /// Major and minor version of the server.
    pub(crate) server_version: Option<String>,
}

/// The `ResponseClass` of a message, the worst last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Class {
    /// It worked.
    Success,
    /// It worked in part.
    Warning,
    /// It did not.
    Error,
}

impl Reply {
    /// Returns whether the answer says by itself that the call worked.
    pub(crate) fn is_success(&self) -> bool {
        self.is_soap
            && self.class == Some(Class::Success)
            && self.no_error > 0
            && self.codes.is_empty()
            && self.fault_code.is_none()
    }
}

/// Reads an answer; what comes after an XML error is not read.
pub(crate) fn read(body: &str) -> Reply {
    let mut reader =
        NsReader::from_str(body.trim_start_matches(['\u{feff}', ' ', '\r', '\n', '\t']));
    let mut walk = Walk::default();
    loop {
        match reader.read_event() {
            Ok(Event::Start(tag)) => {
                if walk.path.len() >= DEPTH_LIMIT {
                    break;
                }
                walk.open(&tag, &reader);
            }
            Ok(Event::Empty(tag)) => {
                walk.begin();
                walk.attributes(&tag, &reader);
            }
            Ok(Event::End(_)) => walk.close(),
            Ok(Event::Text(text)) => walk.add(&text.xml10_content()),
            Ok(Event::GeneralRef(name)) => {
                let resolved = name.resolve_char_ref().ok().flatten();
                walk.reference(resolved, &name.xml10_content());
            }
            Ok(Event::CData(text)) => walk.add(&text.xml10_content()),
            // SOAP forbids it, so another server or a proxy sent it
            Ok(Event::DocType(_)) => walk.is_mixed = true,
            Ok(Event::Eof) => break,
            Err(_) => {
                walk.is_mixed = true;
                break;
            }
            Ok(_) => {}
        }
    }
    walk.reply.is_soap &= !walk.is_mixed;
    walk.reply
}

/// The elements that matter, by local name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Element {
    Envelope,
    Fault,
    ResponseCode,
    MessageText,
    FaultCode,
    FaultString,
    MessageXml,
    BackOff,
    PrimaryAddress,
    InnerCode,
    Other,
}

#[derive(Default)]
struct Walk {
    path: Vec<Element>,
    text: String,
    reply: Reply,
    /// Whether there is more than one document.
    is_mixed: bool,
}

impl Walk {
    /// Notes where an element begins: behind the envelope there is none.
    fn begin(&mut self) {
        self.is_mixed |= self.path.is_empty() && self.reply.is_soap;
    }

    fn open(&mut self, tag: &BytesStart<'_>, reader: &NsReader<&[u8]>) {
        self.begin();
        let name = tag.local_name();
        let element = match name.as_ref() {
            "Envelope" => Element::Envelope,
            "Fault" => Element::Fault,
            "ResponseCode" => Element::ResponseCode,
            "MessageText" | "Message" => Element::MessageText,
            "faultcode" => Element::FaultCode,
            "faultstring" => Element::FaultString,
            "MessageXml" => Element::MessageXml,
            "Value" if self.inside(Element::MessageXml) => named_value(tag),
            _ => Element::Other,
        };
        self.path.push(element);
        self.attributes(tag, reader);
        self.text.clear();
    }

    fn inside(&self, element: Element) -> bool {
        self.path.contains(&element)
    }

    /// What stands in attributes: the class of a message, the version of the server.
    fn attributes(&mut self, tag: &BytesStart<'_>, reader: &NsReader<&[u8]>) {
        if let Some(class) = attribute(tag, "ResponseClass") {
            let class = match class.as_str() {
                "Success" => is_message(tag, reader).then_some(Class::Success),
                "Warning" => Some(Class::Warning),
                _ => Some(Class::Error),
            };
            self.reply.class = self.reply.class.max(class);
        }
        if tag.local_name().as_ref() == "ServerVersionInfo" {
            let major = attribute(tag, "MajorVersion").unwrap_or_default();
            let minor = attribute(tag, "MinorVersion").unwrap_or_default();
            self.reply.server_version = Some(format!("{major}.{minor}"));
        }
    }

    fn add(&mut self, text: &str) {
        self.is_mixed |= self.path.is_empty() && !text.trim().is_empty();
        let room = TEXT_LIMIT.saturating_sub(self.text.len());
        self.text.push_str(text::head(text, room));
    }

    fn reference(&mut self, character: Option<char>, name: &str) {
        let character = character.or(match name {
            "lt" => Some('<'),
            "gt" => Some('>'),
            "amp" => Some('&'),
            "quot" => Some('"'),
            "apos" => Some('\''),
            _ => None,
        });
        if let Some(c) = character {
            self.add(c.encode_utf8(&mut [0; 4]));
        }
    }

    fn close(&mut self) {
        let text = self.text.trim().to_owned();
        self.text.clear();
        match self.path.pop() {
            Some(Element::Envelope) if self.path.is_empty() => self.reply.is_soap = true,
            Some(Element::ResponseCode) => self.response_code(text),
            Some(Element::MessageText | Element::FaultString) if !text.is_empty() => {
                self.reply.message.get_or_insert(text);
            }
            Some(Element::FaultCode) => {
                let local = text.rsplit(':').next().unwrap_or_default();
                self.reply.fault_code = Some(local.to_owned());
            }
            Some(Element::BackOff) => self.reply.back_off_ms = text.parse().ok(),
            Some(Element::PrimaryAddress) => self.reply.primary_address = Some(text),
            Some(Element::InnerCode) if !text.is_empty() => self.reply.inner.push(text),
            _ => {}
        }
    }

    fn response_code(&mut self, code: String) {
        if self.inside(Element::MessageXml) {
            self.reply.inner.push(code);
        } else if code == "NoError" {
            self.reply.no_error += 1;
        } else if !code.is_empty() && self.reply.codes.len() < 16 {
            self.reply.codes.push(code);
        }
    }
}

/// Whether an element is one of the messages of EWS.
fn is_message(tag: &BytesStart<'_>, reader: &NsReader<&[u8]>) -> bool {
    let (namespace, _) = reader.resolver().resolve_element(tag.name());
    namespace == ResolveResult::Bound(MESSAGES)
}

/// Tells a `<t:Value Name="…">` by its name.
fn named_value(tag: &BytesStart<'_>) -> Element {
    match attribute(tag, "Name").as_deref() {
        Some("BackOffMilliseconds") => Element::BackOff,
        Some(name) if name.starts_with("Primary") => Element::PrimaryAddress,
        Some(name) if name.contains("ErrorCode") || name.contains("ResponseCode") => {
            Element::InnerCode
        }
        _ => Element::Other,
    }
}

fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = tag.try_get_attribute(name).ok().flatten()?;
    let value = found.normalized_value(XmlVersion::Implicit1_0).ok()?;
    Some(value.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn envelope(body: &str) -> String {
        format!(
            "\u{feff}<?xml version=\"1.0\"?>\n<s:Envelope xmlns:s=\"x\" xmlns:m=\"{}\"><s:Body>{body}</s:Body></s:Envelope>",
            MESSAGES.0
        )
    }

    #[test]
    fn a_success_must_be_said_in_full() {
        let message = |class: &str, code: &str| {
            envelope(&format!(
                "<m:R ResponseClass=\"{class}\"><m:ResponseCode>{code}</m:ResponseCode></m:R>"
            ))
        };
        assert!(read(&message("Success", " NoError ")).is_success());
        for (class, code) in [
            ("Success", ""),
            ("Warning", "NoError"),
            ("Error", "NoError"),
            ("Success", "ErrorX"),
        ] {
            assert!(!read(&message(class, code)).is_success(), "{class} {code}");
        }
        let two = message("Success", "NoError")
            .replace("</s:Body>", "<m:R ResponseClass=\"Error\"/></s:Body>");
        assert!(!read(&two).is_success());
        assert!(!read(&envelope("")).is_success());
        let good = message("Success", "NoError");
        for other in [
            good.replace(MESSAGES.0, "urn:other"),
            good.replace("m:R", "R"),
            good.replace("<?xml", "words <?xml"),
            format!("{good}<html/>"),
            format!("{good}</html>"),
            format!("{good}<"),
            good.replace("\n<s:", "<!DOCTYPE a><s:"),
        ] {
            assert!(!read(&other).is_success(), "{other}");
        }
    }

    #[test]
    fn a_fault_is_read_by_local_names() {
        let reply = read(&envelope(
            "<q:Fault><faultcode>a:ErrorServerBusy</faultcode><faultstring>a &lt;b&gt; &amp; &#99;</faultstring>\
             <detail><z:ResponseCode>ErrorInternalServerError</z:ResponseCode><y:MessageXml>\
             <t:Value Name=\"BackOffMilliseconds\"> 297749 </t:Value>\
             <t:Value Name=\"InnerErrorResponseCode\">ErrorServerBusy</t:Value></y:MessageXml></detail></q:Fault>",
        ));
        assert_eq!(reply.fault_code.as_deref(), Some("ErrorServerBusy"));
        assert_eq!(reply.message.as_deref(), Some("a <b> & c"));
        assert_eq!(reply.codes, ["ErrorInternalServerError"]);
        assert_eq!(reply.inner, ["ErrorServerBusy"]);
        assert_eq!(reply.back_off_ms, Some(297_749));
    }

    #[test]
    fn depth_and_length_are_bounded() {
        assert_eq!(read(&"<a>".repeat(100_000)), Reply::default());
        let long = envelope(&format!(
            "<m:MessageText>{}</m:MessageText>",
            "x".repeat(100_000)
        ));
        assert!(read(&long).message.unwrap().len() <= TEXT_LIMIT);
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_panic(text in "\\PC*|[<>/&;:= \"a-zA-Z!\\[\\]-]*") {
            let _reply = read(&text);
            let _reply = read(&envelope(&text));
        }
    }
}
