//! The ids by which Microsoft's support finds a request.

use super::{key_values, normalised_text::NormalisedText, quoting};

/// Returns the trace id and the correlation id that a text names.
pub(super) fn find(form: &NormalisedText<'_>) -> (Option<String>, Option<String>) {
    let first = |keys: &[&str]| keys.iter().find_map(|key| guid_of(form, key));
    let trace = first(&[
        "trace_id",
        "trace id",
        "traceid",
        "x-ms-request-id",
        "request-id",
    ]);
    let correlation = first(&[
        "correlation_id",
        "correlation id",
        "correlationid",
        "client-request-id",
    ]);
    (trace, correlation)
}

fn guid_of(form: &NormalisedText<'_>, key: &str) -> Option<String> {
    let values = key_values::values(form, key);
    values
        .iter()
        .find_map(|value| guid(value.text))
        .map(str::to_owned)
}

/// The GUID that a value begins with.
fn guid(text: &str) -> Option<&str> {
    let guid = text.get(..36)?;
    quoting::is_guid(guid).then_some(guid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_found_in_a_body_and_in_a_sentence() {
        let id = "0b181b61-c37d-4bd2-9e60-68c5c7a8930c";
        let body = format!(r#"{{"trace_id":"{id}"}}"#);
        assert_eq!(
            find(&NormalisedText::new(&body)),
            (Some(id.to_owned()), None)
        );
        let sentence = format!("expired. Trace ID: x Correlation ID: {id} Timestamp: 1");
        assert_eq!(
            find(&NormalisedText::new(&sentence)),
            (None, Some(id.to_owned()))
        );
    }
}
