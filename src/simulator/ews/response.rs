//! Writes SOAP answers: envelopes, response messages, faults.

use quick_xml::escape::escape;

use crate::simulator::http_answer::HttpAnswer;

/// The namespace of errors.
const ERRORS: &str = "http://schemas.microsoft.com/exchange/services/2006/errors";

/// The namespace of types.
pub(crate) const TYPES: &str = "http://schemas.microsoft.com/exchange/services/2006/types";

/// The namespace of messages.
pub(crate) const MESSAGES: &str = "http://schemas.microsoft.com/exchange/services/2006/messages";

/// The code of a request that does not fit the schema.
pub(crate) const SCHEMA_VALIDATION: &str = "ErrorSchemaValidation";

/// The content type of every SOAP answer.
pub(crate) const CONTENT_TYPE: &str = "text/xml; charset=utf-8";

/// Returns an envelope with the version header around that body.
pub(crate) fn envelope(body: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\
         <s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Header>\
         <h:ServerVersionInfo MajorVersion=\"15\" MinorVersion=\"20\" MajorBuildNumber=\"10341\" \
         MinorBuildNumber=\"9\" Version=\"V2018_01_08\" xmlns:h=\"{TYPES}\" xmlns=\"{TYPES}\" \
         xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\" \
         xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"/></s:Header>\
         <s:Body xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" \
         xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\">{body}</s:Body></s:Envelope>"
    )
}

/// Returns the response of that operation around its response messages.
pub(crate) fn response(operation: &str, messages: &str) -> String {
    envelope(&format!(
        "<m:{operation}Response xmlns:m=\"{MESSAGES}\" xmlns:t=\"{TYPES}\"><m:ResponseMessages>\
         {messages}</m:ResponseMessages></m:{operation}Response>"
    ))
}

/// Returns a response message that succeeded.
pub(crate) fn success(operation: &str, content: &str) -> String {
    format!(
        "<m:{operation}ResponseMessage ResponseClass=\"Success\">\
         <m:ResponseCode>NoError</m:ResponseCode>{content}</m:{operation}ResponseMessage>"
    )
}

/// Returns a response message that failed; `xml` is the content of its `MessageXml`, if any.
pub(crate) fn failure(operation: &str, code: &str, text: &str, xml: Option<&str>) -> String {
    let xml = xml.map_or_else(String::new, |xml| {
        format!("<m:MessageXml>{xml}</m:MessageXml>")
    });
    // The schema requires an empty list in some messages.
    let rest = match operation {
        "GetFolder" => "<m:Folders/>",
        "GetItem" => "<m:Items/>",
        _ => "",
    };
    format!(
        "<m:{operation}ResponseMessage ResponseClass=\"Error\"><m:MessageText>{}</m:MessageText>\
         <m:ResponseCode>{code}</m:ResponseCode><m:DescriptiveLinkKey>0</m:DescriptiveLinkKey>\
         {xml}{rest}</m:{operation}ResponseMessage>",
        escape(text)
    )
}

/// Returns the content of a `MessageXml` from names and values.
pub(crate) fn values<T: AsRef<str>>(values: &[(&str, T)]) -> String {
    let value = |(name, value): &(&str, T)| {
        let value = escape(value.as_ref());
        format!("<t:Value Name=\"{name}\">{value}</t:Value>")
    };
    values.iter().map(value).collect()
}

/// Returns the answer of that operation around its response messages.
pub(crate) fn answer(operation: &str, messages: &str) -> HttpAnswer {
    HttpAnswer::new(200, CONTENT_TYPE, response(operation, messages))
}

/// A SOAP fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SoapFault {
    pub(crate) code: &'static str,
    text: String,
    values: Vec<(&'static str, String)>,
}

impl SoapFault {
    pub(crate) fn new(code: &'static str, text: &str) -> Self {
        Self {
            code,
            text: text.to_owned(),
            values: Vec::new(),
        }
    }

    /// Returns the fault of a request that does not fit the schema.
    pub(crate) fn schema(violation: &str) -> Self {
        let mut fault = Self::new(SCHEMA_VALIDATION, violation);
        fault.values = vec![
            ("LineNumber", "1".to_owned()),
            ("LinePosition", "1".to_owned()),
            ("Violation", violation.to_owned()),
        ];
        fault
    }

    /// Adds a value to its `MessageXml`.
    #[must_use]
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.values.push((name, value.into()));
        self
    }

    /// Returns the answer: a SOAP fault with status 500.
    pub(crate) fn answer(&self) -> HttpAnswer {
        HttpAnswer::new(500, CONTENT_TYPE, self.write())
    }

    fn write(&self) -> String {
        let Self { code, text, values } = self;
        let text = escape(text.as_str());
        let xml = if values.is_empty() {
            String::new()
        } else {
            let values = self::values(values);
            format!("<t:MessageXml xmlns:t=\"{TYPES}\">{values}</t:MessageXml>")
        };
        format!(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?>\
             <s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body><s:Fault>\
             <faultcode xmlns:a=\"{TYPES}\">a:{code}</faultcode>\
             <faultstring xml:lang=\"en-US\">{text}</faultstring><detail>\
             <e:ResponseCode xmlns:e=\"{ERRORS}\">{code}</e:ResponseCode>\
             <e:Message xmlns:e=\"{ERRORS}\">{text}</e:Message>{xml}</detail></s:Fault></s:Body>\
             </s:Envelope>"
        )
    }
}
