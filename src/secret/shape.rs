//! What the shape of a client secret tells before it is sent, such as a missing end or quotes around it.
//!
//! Pure. Notes and no verdict, because the documentation promises no shape, and old or self-made secrets
//! have others.

use secrecy::{ExposeSecret as _, SecretString};

use crate::observation::SecretNote;

/// Mark in a generated secret, after its first three characters, and the length that goes with it
/// (rule SEC101/156 of Microsoft.Security.Utilities).
const GENERATED: [(&str, usize); 2] = [("7Q~", 37), ("8Q~", 40)];

const QUOTES: [(char, char); 5] = [('"', '"'), ('\'', '\''), ('`', '`'), ('“', '”'), ('‘', '’')];

/// Returns what is striking about the secret of an app, given the ids of the app and its directory.
pub fn secret_notes(secret: &SecretString, client_id: &str, tenant_id: &str) -> Vec<SecretNote> {
    let written = secret.expose_secret();
    let trimmed = written.trim();
    let core = unquoted(trimmed);
    let found = [
        (core != trimmed).then_some(SecretNote::Quoted),
        (trimmed != written).then_some(SecretNote::Padded),
        is_guid(core).then_some(SecretNote::GuidShaped),
        core.eq_ignore_ascii_case(client_id)
            .then_some(SecretNote::EqualsClientId),
        core.eq_ignore_ascii_case(tenant_id)
            .then_some(SecretNote::EqualsTenantId),
        cut_off(core),
        is_masked(core).then_some(SecretNote::Masked),
        is_percent_encoded(core).then_some(SecretNote::PercentEncoded),
    ];
    found.into_iter().flatten().collect()
}

fn unquoted(text: &str) -> &str {
    QUOTES
        .iter()
        .find_map(|(open, close)| text.strip_prefix(*open)?.strip_suffix(*close))
        .unwrap_or(text)
}

fn is_guid(text: &str) -> bool {
    let core = text.trim_matches(['{', '}']);
    core.len() == 36 && uuid::Uuid::try_parse(core).is_ok()
}

fn cut_off(text: &str) -> Option<SecretNote> {
    let mark = text.get(3..6)?;
    let (_, due) = GENERATED.into_iter().find(|(known, _)| *known == mark)?;
    let found = text.chars().count();
    // percent-encoding and masking explain another length by themselves
    let explained = is_percent_encoded(text) || is_masked(text);
    (found != due && !explained).then_some(SecretNote::CutOff { found, due })
}

/// The portal shows a few characters and asterisks once the value is gone.
fn is_masked(text: &str) -> bool {
    let shown = text.trim_end_matches(['*', '•', '●']);
    let hidden = text.chars().count() - shown.chars().count();
    hidden >= 3 && shown.chars().count() <= 8
}

/// Every `%` begins an escape, and there is one.
fn is_percent_encoded(text: &str) -> bool {
    let mut escapes = text.split('%').skip(1).peekable();
    let is_escape = |rest: &str| {
        let mut digits = rest.chars().take(2).map(|c| c.is_ascii_hexdigit());
        digits.next() == Some(true) && digits.next() == Some(true)
    };
    escapes.peek().is_some() && escapes.all(is_escape)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const APP: &str = "22222222-aaaa-4222-8222-222222222222";
    const DIRECTORY: &str = "11111111-aaaa-4111-8111-111111111111";
    const GOOD: &str = "abc8Q~0123456789012345678901234567890123";

    fn of(secret: &str) -> Vec<SecretNote> {
        secret_notes(&SecretString::from(secret), APP, DIRECTORY)
    }

    #[test]
    fn an_ordinary_secret_gives_nothing_away() {
        let older = "abc7Q~0123456789012345678901234567890";
        for ordinary in [
            GOOD,
            older,
            "old[@+]:secret",
            "100%",
            "50%zz",
            "a*b",
            "é7Q~",
            "x",
        ] {
            assert_eq!(of(ordinary), [], "{ordinary}");
        }
    }

    #[test]
    fn what_went_wrong_while_copying_is_told() {
        use SecretNote::*;
        let short = GOOD.trim_end_matches('3');
        let quoted_short = format!("\"{short}\"");
        let cases = [
            (format!("\"{GOOD}\""), vec![Quoted]),
            (format!("“{GOOD}”"), vec![Quoted]),
            (format!(" {GOOD}\n"), vec![Padded]),
            (
                "3f2504e0-4f89-11d3-9a0c-0305e82c3301".into(),
                vec![GuidShaped],
            ),
            (APP.to_uppercase(), vec![GuidShaped, EqualsClientId]),
            (DIRECTORY.into(), vec![GuidShaped, EqualsTenantId]),
            (short.into(), vec![CutOff { found: 39, due: 40 }]),
            (quoted_short, vec![Quoted, CutOff { found: 39, due: 40 }]),
            ("abc7Q~0123".into(), vec![CutOff { found: 10, due: 37 }]),
            ("abc****************".into(), vec![Masked]),
            ("abc8Q~***".into(), vec![Masked]),
            ("abc%2Bdef%3D".into(), vec![PercentEncoded]),
        ];
        for (secret, expected) in cases {
            assert_eq!(of(&secret), expected, "{secret}");
        }
    }

    proptest! {
        #[test]
        fn any_text_can_be_judged(text in any::<String>()) {
            let _notes = of(&text);
        }
    }
}
