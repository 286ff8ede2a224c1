//! Reads the headers that say why: `x-ms-diagnostics`, `WWW-Authenticate`, `Retry-After`, `Date`.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};

/// The longest wait that is honoured, whatever a server asks.
const LONGEST_WAIT: Duration = Duration::from_hours(24);

/// Returns the time that a `Retry-After` asks for: seconds, or an HTTP date.
pub(crate) fn retry_after(value: &str, now: DateTime<Utc>) -> Option<Duration> {
    let value = value.trim();
    let wait = if let Ok(seconds) = value.parse::<f64>() {
        Duration::try_from_secs_f64(seconds).ok()?
    } else {
        (http_date(value)? - now).to_std().unwrap_or_default()
    };
    Some(wait.min(LONGEST_WAIT))
}

/// Reads an HTTP date, such as `Sat, 21 Nov 2026 10:00:00 GMT`.
pub(crate) fn http_date(value: &str) -> Option<DateTime<Utc>> {
    let date = DateTime::parse_from_rfc2822(value.trim()).ok()?;
    Some(date.with_timezone(&Utc))
}

/// Reads `x-ms-diagnostics`: the id before the first semicolon, and the words after it.
///
/// On the wire some values lack a semicolon between the pairs; the words are kept as they came.
pub(crate) fn diagnostics(value: &str) -> Option<(u32, &str)> {
    let value = value.trim_start();
    let end = value.find(|c: char| !c.is_ascii_digit());
    let (digits, words) = value.split_at_checked(end.unwrap_or(value.len()))?;
    let id = digits.parse().ok()?;
    Some((id, words.trim_matches([';', ' ', '\t', ','])))
}

/// The schemes that a server may offer.
const SCHEMES: [&str; 5] = ["Bearer", "Basic", "Negotiate", "NTLM", "Digest"];

/// What a challenge says of the token beyond its `error`, and the word that stands for it in the summary.
/// The first four are results of continuous access evaluation.
/// <https://learn.microsoft.com/entra/identity-platform/claims-challenge>
const REASONS: &[(&str, &str)] = &[
    ("tokenissuedbeforerevocationtimestamp", "revoked"),
    ("userdisabled", "revoked"),
    ("passwordchanged", "revoked"),
    ("locationconditionevaluation", "location"),
    ("tokencreatedwithoutdatedpolicies", "policies"),
    ("\"nbf\"", "revoked"),
    ("\"acrs\"", "policies"),
    ("xms_rp_ipaddr", "location"),
    ("expired", "expired"),
    ("lifetime", "expired"),
    ("audience", "audience"),
];

/// Sums up every `WWW-Authenticate` of an answer: the schemes offered, the `error` of a Bearer, and what
/// its `error_description` and `claims` say (RFC 6750, section 3). `None` where there is none.
pub(crate) fn challenge<'a>(values: impl Iterator<Item = &'a str>) -> Option<String> {
    let mut found: Vec<&str> = Vec::new();
    for value in values {
        // the known schemes as words of their own, for several may share one header
        for word in value.split([' ', ',', '\t']) {
            let named = |scheme: &&&str| scheme.eq_ignore_ascii_case(word);
            if let Some(scheme) = SCHEMES.iter().find(named)
                && !found.contains(scheme)
            {
                found.push(scheme);
            }
        }
        found.extend(parameter(value, "error").filter(|error| is_word(error)));
        let said = parameter(value, "error_description").unwrap_or_default();
        let claims = parameter(value, "claims").map(decoded).unwrap_or_default();
        let said = format!("{said} {claims}").to_ascii_lowercase();
        for (mark, reason) in REASONS {
            if said.contains(mark) && !found.contains(reason) {
                found.push(reason);
            }
        }
    }
    (!found.is_empty()).then(|| found.join(" "))
}

/// Whether a value is a word of the protocol, such as `invalid_token`.
fn is_word(value: &str) -> bool {
    value.len() < 40 && value.chars().all(|c| c.is_ascii_lowercase() || c == '_')
}

/// The JSON of a `claims` parameter, which is base64; empty where it is something else.
fn decoded(claims: &str) -> String {
    let bare: String = claims
        .trim_end_matches('=')
        .chars()
        .map(|c| match c {
            '+' => '-',
            '/' => '_',
            c => c,
        })
        .collect();
    let bytes = URL_SAFE_NO_PAD.decode(bare).unwrap_or_default();
    String::from_utf8(bytes).unwrap_or_default()
}

/// Returns the value of `name="…"` in a challenge.
fn parameter<'a>(challenge: &'a str, name: &str) -> Option<&'a str> {
    let at = challenge.match_indices(name).find(|(at, _)| {
        let before = challenge.get(..*at).and_then(|text| text.chars().last());
        before.is_none_or(|c| matches!(c, ' ' | ',' | '\t'))
            && challenge
                .get(at + name.len()..)
                .is_some_and(|rest| rest.starts_with("=\""))
    })?;
    let value = challenge.get(at.0 + name.len() + 2..)?;
    value.split('"').next().filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_wait_is_read_from_seconds_and_from_a_date() {
        let now = http_date("Sat, 21 Nov 2026 10:00:00 GMT").unwrap();
        let wait = |value| retry_after(value, now);
        assert_eq!(wait("60"), Some(Duration::from_mins(1)));
        assert_eq!(wait(" 1.5 "), Some(Duration::from_millis(1500)));
        assert_eq!(
            wait("Sat, 21 Nov 2026 10:00:30 GMT"),
            Some(Duration::from_secs(30))
        );
        assert_eq!(wait("Sat, 21 Nov 2026 09:00:00 GMT"), Some(Duration::ZERO));
        assert_eq!(wait("999999999999"), Some(LONGEST_WAIT));
        for bad in ["", "soon", "-1", "NaN", "inf"] {
            assert!(wait(bad).is_none_or(|wait| wait <= LONGEST_WAIT), "{bad}");
        }
    }

    #[test]
    fn diagnostics_are_read_with_and_without_semicolons() {
        let words = r#"reason="The audience claim value is invalid 'aud'.";error_category="invalid_resource""#;
        assert_eq!(
            diagnostics(&format!("2000003;{words}")),
            Some((2_000_003, words))
        );
        assert_eq!(diagnostics("2000003"), Some((2_000_003, "")));
        assert_eq!(diagnostics("reason=\"x\""), None);
    }

    #[test]
    fn challenges_are_summed_up() {
        let bearer = r#"Bearer client_id="00000002-0000-0ff1-ce00-000000000000", token_types="app_asserted_user_v1", authorization_uri="https://x", error="invalid_token""#;
        assert_eq!(
            challenge([bearer].into_iter()).unwrap(),
            "Bearer invalid_token"
        );
        let revoked = r#"Bearer realm="", error_description="Continuous access evaluation resulted in challenge with result: InteractionRequired and code: TokenIssuedBeforeRevocationTimestamp", error="insufficient_claims", claims="eyJhY2Nlc3NfdG9rZW4iOnt9fQ==""#;
        assert_eq!(
            challenge([revoked].into_iter()).unwrap(),
            "Bearer insufficient_claims revoked"
        );
        let others = ["Negotiate", "NTLM", "Basic realm=\"mail\""];
        assert_eq!(
            challenge(others.into_iter()).unwrap(),
            "Negotiate NTLM Basic"
        );
        assert_eq!(challenge([].into_iter()), None);
    }

    proptest! {
        #[test]
        fn no_header_makes_a_reader_panic_or_wait_for_ever(
            value in "\\PC{0,80}|[0-9eE.+-]{0,40}|[A-Za-z]{3}, [0-9]{1,2} [A-Za-z]{3} [0-9]{1,9} [0-9:]{1,8} [A-Z+0-9]{1,5}|[a-z ]{0,9}error=\"\\PC{0,9}",
        ) {
            let now = DateTime::UNIX_EPOCH;
            prop_assert!(retry_after(&value, now).is_none_or(|wait| wait <= LONGEST_WAIT));
            let _read = (diagnostics(&value), challenge([value.as_str()].into_iter()));
        }
    }
}
