//! What is secret in a pasted text stands in no answer: only recognised codes, ids and sentences of a
//! service are quoted.

use credwatch::diagnosis::freetext::{Hints, evidence, explain, ranked_evidence};
use proptest::prelude::*;

/// Everything that is printed of a pasted text: the diagnosis as text and JSON, and its evidence.
fn printed(text: &str) -> String {
    let diagnosis = explain(text.as_bytes(), Hints::default());
    let found = evidence(text.as_bytes(), Hints::default());
    format!(
        "{} {} {diagnosis:?} {found:?} {:?}",
        credwatch::report::text::diagnosis(&diagnosis, None),
        serde_json::to_string(&diagnosis).unwrap_or_default(),
        ranked_evidence(text.as_bytes(), Hints::default()),
    )
}

/// How a secret stands in the texts that people paste; `@` is the secret.
const PLACES: &[&str] = &[
    "[oauth]\nclient_secret = @\nrefresh_token = @",
    "imap_password: @",
    "a1 LOGIN user@contoso.example @",
    "AUTH PLAIN @",
    "AUTH LOGIN\n334 VXNlcm5hbWU6\nuser\n334 UGFzc3dvcmQ6\n@",
    "a1 AUTHENTICATE XOAUTH2 @",
    "curl -u user:@ https://outlook.office365.com/EWS/Exchange.asmx",
    "curl -H 'Authorization: Bearer @' https://graph.microsoft.com/v1.0/me",
    "https://user:@@proxy.example:8080",
    "https://hooks.example/@",
    "https://login.microsoftonline.com/x/oauth2/v2.0/token?client_secret=@",
    "machine outlook login a password @",
    "Server=x;Uid=a;Pwd=@;",
    "AccountKey=@;EndpointSuffix=core.windows.net",
    "$p = ConvertTo-SecureString '@' -AsPlainText -Force",
    "export CLIENT_SECRET=@",
    "CREDWATCH_SECRET=@",
    "client_secret: \"@\"\n  tenant: x",
    "<add key=\"ClientSecret\" value=\"@\"/>",
    "{\"log\":\"{\\\"client_secret\\\":\\\"@\\\",\\\"x\\\":1}\"}",
    "{'refresh_token': u'@', 'scope': 'x'}",
    "secret=@",
    "token @",
    "the secret is @ and it worked yesterday",
    "Password for user: @",
    "new ClientSecretCredential(tenant, client, \"@\")",
    "--client-secret @ --tenant x",
    "x-api-key: @",
    "Cookie: ESTSAUTH=@; path=/",
    "code=@&session_state=1",
    "error_description=@",
    "\"code\": \"@\", \"message\": \"@\"",
    "<m:ResponseCode>@</m:ResponseCode><m:MessageText>@</m:MessageText>",
    "x-ms-diagnostics: 2000001;reason=\"@\"",
    "X-EWS-Policy-Reason: @",
    "WWW-Authenticate: Bearer error=\"@\", error_description=\"@\"",
    "suberror: @",
    "{\"aud\":\"@\",\"scp\":\"@\",\"appid\":\"@\"}",
    "<html><title>@</title>",
    "trace_id: @",
];

/// Errors before or behind which they stand.
const ERRORS: &[&str] = &[
    "AADSTS7000215: Invalid client secret provided.",
    "AADSTS50126: Error validating credentials due to invalid username or password",
    "AUTHENTICATE failed outlook.office365.com XOAUTH2",
    "535 5.7.3 Authentication unsuccessful",
    "ErrorAccessDenied: Access is denied.",
    "{\"error\":{\"code\":\"InvalidAuthenticationToken\",\"message\":\"Access token is empty.\"}}",
    "The account does not have permission to impersonate the requested user.",
    "invalid_grant from login.microsoftonline.com:",
];

/// Texts in which the secret stands by itself.
fn texts(secret: &str) -> impl Iterator<Item = String> {
    let places = PLACES.iter().map(move |place| place.replace('@', secret));
    places.flat_map(|place| {
        // each place beside three of the errors, so that all of them take their turn
        let errors = ERRORS
            .iter()
            .cycle()
            .skip(place.len() % ERRORS.len())
            .take(3);
        let around =
            errors.flat_map(|error| [format!("{error}\n{place}"), format!("{place} {error}")]);
        around.collect::<Vec<_>>()
    })
}

/// Every part of a secret that is long enough to give it away.
fn parts(secret: &str) -> Vec<String> {
    let letters: Vec<char> = secret.chars().collect();
    let windows = letters.windows(letters.len().min(8));
    windows.map(|window| window.iter().collect()).collect()
}

#[test]
fn no_answer_holds_a_secret_of_the_text() {
    for secret in [
        "abc8Q~NotARealSecretValue0123456789",
        "0.AXEAnotarealrefreshtoken0123456789",
        "M.C507_BAY.-CnotArealOneAtAllButLong",
        "hunter2hunter2",
        "Passw0rdXyz",
        "AHVzZXIAc2VjcmV0cGFzcw",
        "Tr0ub4dor",
        "correcthorsebatterystaple",
        "GeHeimnisVoll",
        "12345678901",
    ] {
        for text in texts(secret) {
            let printed = printed(&text);
            for part in parts(secret) {
                assert!(!printed.contains(&part), "{part} of {text}:\n{printed}");
            }
        }
    }
}

#[test]
fn a_password_that_is_an_ordinary_word_is_hidden_by_its_key() {
    for text in [
        "AADSTS50126: wrong\npassword: administrator",
        "AADSTS50126: invalid, password = administrator",
    ] {
        let found = evidence(text.as_bytes(), Hints::default());
        assert!(!format!("{found:?}").contains("administrator"), "{found:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_answer_holds_any_secret_in_any_place(
        secret in "[A-Za-z0-9~_.!$#%^*+-]{10,44}",
        place in proptest::sample::select(PLACES.to_vec()),
        error in proptest::sample::select(ERRORS.to_vec()),
        wrap in 0_u8..4,
        cut in any::<bool>(),
    ) {
        // a run of letters alone may be a word; one of a generator has digits in every part of it
        let secret: String = secret.chars().enumerate().map(|(at, c)| if at % 4 == 3 { '7' } else { c }).collect();
        let mut text = format!("{error}\n{}\n{error}", place.replace('@', &secret));
        if cut {
            // a console that breaks the line inside the secret
            let half = secret.chars().take(6).collect::<String>();
            text = text.replace(&secret, &secret.replacen(&half, &format!("{half}\n"), 1));
        }
        for _ in 0..wrap {
            text = serde_json::to_string(&text).unwrap_or_default();
        }
        let printed = printed(&text);
        for part in parts(&secret) {
            prop_assert!(!printed.contains(&part), "{part} of {text}\n{printed}");
        }
    }
}
