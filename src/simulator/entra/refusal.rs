//! Refusals of the sign-in service, as answers.

use axum::http::HeaderMap;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::aadsts::{self, RefusalRow};
use crate::simulator::http_answer::HttpAnswer;
use crate::simulator::request::header;

/// One refusal, with its text filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    row: &'static RefusalRow,
    error: &'static str,
    text: String,
}

/// The ids and the time that an error answer carries.
#[derive(Debug, Clone)]
pub(crate) struct Trace {
    pub(crate) id: String,
    correlation_id: String,
    timestamp: String,
    echo: bool,
}

impl Trace {
    /// Returns new ids; the correlation id is the one of the client, if it sent one.
    pub(crate) fn new(now: DateTime<Utc>, headers: &HeaderMap) -> Self {
        let correlation_id = header(headers, "client-request-id")
            .and_then(|id| uuid::Uuid::parse_str(id).ok())
            .unwrap_or_else(uuid::Uuid::new_v4);
        Self {
            id: uuid::Uuid::new_v4().to_string(),
            correlation_id: correlation_id.to_string(),
            timestamp: now.format("%Y-%m-%d %H:%M:%SZ").to_string(),
            echo: header(headers, "return-client-request-id") == Some("true"),
        }
    }
}

impl From<&'static RefusalRow> for Refusal {
    fn from(row: &'static RefusalRow) -> Self {
        Self {
            row,
            error: row.error,
            text: row.text.to_owned(),
        }
    }
}

impl Refusal {
    /// Returns a refusal about a value.
    pub(crate) fn of(row: &'static RefusalRow, value: &str) -> Self {
        Self::from(row).fill("{value}", value)
    }

    /// Returns a refusal about an application.
    pub(crate) fn of_app(row: &'static RefusalRow, client_id: &str) -> Self {
        Self::from(row).app(client_id)
    }

    /// Returns the refusal of a directory that does not exist.
    pub(crate) fn of_tenant(tenant: &str) -> Self {
        let is_name = uuid::Uuid::parse_str(tenant).is_ok() || tenant.contains('.');
        let row = if is_name {
            &aadsts::TENANT_UNKNOWN
        } else {
            &aadsts::TENANT_MALFORMED
        };
        Self::from(row).tenant(tenant)
    }

    /// Names the application.
    #[must_use]
    pub(crate) fn app(self, client_id: &str) -> Self {
        self.fill("{app}", client_id)
    }

    /// Names the directory.
    #[must_use]
    pub(crate) fn tenant(self, tenant: &str) -> Self {
        self.fill("{tenant}", tenant)
    }

    fn fill(mut self, placeholder: &str, value: &str) -> Self {
        self.text = self.text.replace(placeholder, value);
        self
    }

    /// Replaces `error`.
    #[must_use]
    pub(crate) fn named(mut self, error: &'static str) -> Self {
        self.error = error;
        self
    }

    /// Returns whether the request itself is malformed. Entra checks that before the application.
    pub(crate) fn is_about_form(&self) -> bool {
        [
            &aadsts::PARAMETER_MISSING,
            &aadsts::PARAMETER_TWICE,
            &aadsts::METHOD_WRONG,
            &aadsts::GRANT_UNSUPPORTED,
            &aadsts::RESOURCE_WITH_V2,
        ]
        .contains(&self.row)
    }

    /// Returns number and text, as a page shows them.
    pub(crate) fn words(&self) -> String {
        format!("AADSTS{}: {}", self.row.code, self.text)
    }

    /// Returns the answer, in the shape of Entra.
    pub(crate) fn answer(&self, trace: &Trace) -> HttpAnswer {
        let Trace {
            id,
            correlation_id,
            timestamp,
            echo,
        } = trace;
        let RefusalRow {
            code,
            status,
            suberror,
            ..
        } = self.row;
        let mut body = json!({
            "error": self.error,
            "error_description": format!(
                "{} Trace ID: {id} Correlation ID: {correlation_id} Timestamp: {timestamp}",
                self.words(),
            ),
            "error_codes": [code],
            "timestamp": timestamp,
            "trace_id": id,
            "correlation_id": correlation_id,
            "error_uri": format!("https://login.microsoftonline.com/error?code={code}"),
        });
        if let (false, Value::Object(fields)) = (suberror.is_empty(), &mut body) {
            fields.insert("suberror".to_owned(), json!(suberror));
        }
        let mut answer = with_entra_headers(HttpAnswer::json(*status, &body), id);
        if *status == 405 {
            answer = answer.with("allow", "POST, OPTIONS");
        }
        if *echo {
            answer = answer.with("client-request-id", correlation_id.clone());
        }
        answer
    }

    #[cfg(test)]
    pub(crate) fn code(&self) -> u32 {
        self.row.code
    }
}

/// Adds the headers that Entra puts on every answer of the token endpoint.
pub(crate) fn with_entra_headers(answer: HttpAnswer, request_id: &str) -> HttpAnswer {
    answer
        .with("cache-control", "no-store, no-cache")
        .with("pragma", "no-cache")
        .with("expires", "-1")
        .with(
            "strict-transport-security",
            "max-age=31536000; includeSubDomains",
        )
        .with("x-content-type-options", "nosniff")
        .with("p3p", "CP=\"DSP CUR OTPi IND OTRi ONL FIN\"")
        .with("x-ms-request-id", request_id)
        .with("x-ms-ests-server", "2.1.22475.4 - SIM ProdSlices")
        .with("x-ms-srs", "1.P")
        .with("x-xss-protection", "0")
}
