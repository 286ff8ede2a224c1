//! Pasted texts: each file of `tests/pasted/` is named `<cause>--<form>.txt`, and its cause must be
//! found, also after a log, a form or a console has had its way with the text.
//!
//! Each file of `tests/pasted/kinds/` holds texts of one kind of difficulty. A text begins below a line
//! `### <cause>`; behind `or` stand causes that are right too, behind `|` arguments of `explain` in
//! place of a text.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot read its samples fails"
)]

use std::{fs, path::PathBuf, time::Instant};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use credwatch::{
    diagnosis::{
        Context, explain_codes,
        freetext::{Hints, explain},
    },
    verdict::cause::Cause,
};
use proptest::prelude::*;

fn samples() -> Vec<(String, String)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/pasted");
    let mut samples: Vec<(String, String)> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file())
        .map(|path| {
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            (name, fs::read_to_string(path).unwrap())
        })
        .collect();
    samples.sort();
    samples
}

/// One text of a kind, with the causes that are right for it.
struct KindSample {
    file: String,
    causes: Vec<String>,
    arguments: Vec<String>,
    text: String,
}

fn kinds() -> Vec<KindSample> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/pasted/kinds");
    let mut samples = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let file = path.file_stem().unwrap().to_string_lossy().into_owned();
        let content = fs::read_to_string(&path).unwrap();
        for section in content.split("### ").skip(1) {
            let (head, text) = section.split_once('\n').unwrap();
            let (causes, arguments) = head.split_once(" | ").unwrap_or((head, ""));
            let causes = causes
                .split([' ', ','])
                .filter(|word| !["", "or"].contains(word));
            samples.push(KindSample {
                file: file.clone(),
                causes: causes.map(str::to_owned).collect(),
                arguments: arguments.split_whitespace().map(str::to_owned).collect(),
                text: text.trim_end().to_owned(),
            });
        }
    }
    samples
}

#[test]
fn every_text_of_a_kind_has_one_of_its_causes() {
    let kinds = kinds();
    assert!(kinds.len() >= 32);
    let mut wrong = Vec::new();
    for sample in &kinds {
        for cause in &sample.causes {
            assert!(cause.parse::<Cause>().is_ok(), "{cause}");
        }
        let found = match sample.arguments.as_slice() {
            [] => explain(sample.text.as_bytes(), Hints::default()),
            codes => explain_codes(codes, None, None, &Context::unnamed()).unwrap(),
        };
        if !sample.causes.iter().any(|cause| cause == found.cause.id()) {
            let (file, text) = (&sample.file, &sample.text);
            wrong.push(format!(
                "{file}: {} for {:?}\n{text}",
                found.cause, sample.causes
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

fn cause(text: &str) -> &'static str {
    explain(text.as_bytes(), Hints::default()).cause.id()
}

/// Panics with every sample whose cause a form hides.
fn assert_found_in(form: &str, change: fn(&str) -> String) {
    let mut wrong = Vec::new();
    for (name, text) in samples() {
        let (expected, _) = name.split_once("--").unwrap();
        let found = cause(&change(&text));
        if found != expected {
            wrong.push(format!("{name} {form}: {found}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn escape(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

#[test]
fn every_sample_has_its_cause() {
    assert!(samples().len() >= 100);
    assert_found_in("as it stands", str::to_owned);
}

#[test]
fn every_sample_keeps_its_cause_inside_other_texts() {
    assert_found_in("escaped", escape);
    assert_found_in("escaped three times", |text| escape(&escape(&escape(text))));
    assert_found_in("quoted for CSV", |text| {
        format!("1,\"{}\"", text.replace('"', "\"\""))
    });
    assert_found_in("indented", |text| text.replace('\n', "\n    "));
}

#[test]
fn every_sample_keeps_its_cause_when_encoded() {
    assert_found_in("for a URL", |text| {
        url::form_urlencoded::byte_serialize(text.as_bytes())
            .collect::<String>()
            .replace('+', "%20")
    });
    assert_found_in("for HTML", |text| {
        text.replace('&', "&amp;")
            .replace('"', "&quot;")
            .replace('<', "&lt;")
            .replace('>', "&gt;")
            .replace('\'', "&#39;")
    });
    assert_found_in("in colours", |text| format!("\u{1b}[31;1m{text}\u{1b}[0m"));
}

#[test]
fn a_console_that_breaks_lines_hides_no_cause() {
    assert_found_in("wrapped", |text| {
        let mut out = String::new();
        for line in text.lines() {
            for (at, c) in line.chars().enumerate() {
                if at > 0 && at % 80 == 0 {
                    out.push('\n');
                }
                out.push(c);
            }
            out.push('\n');
        }
        out
    });
}

#[test]
fn what_stands_at_the_end_of_a_long_log_is_found() {
    let line = "2026-11-21 10:00:07.502 INFO [poll-1] rooms: 404 entries, 1003 ms, 60 of 60\n";
    let log = line.repeat(2000);
    for (last, due) in [
        ("curl: (7) Failed to connect", "connect-failure"),
        ("[WinError 10061]", "connect-failure"),
        (
            "EWS answered HTTP/1.1 503 Service Unavailable",
            "ews-unavailable",
        ),
    ] {
        assert_eq!(cause(&format!("{log}{last}\n")), due, "{last}");
    }
}

#[test]
fn utf_16_is_read_too() {
    for (name, text) in samples() {
        let bytes: Vec<u8> = std::iter::once(0xfeff)
            .chain(text.encode_utf16())
            .flat_map(u16::to_le_bytes)
            .collect();
        let found = explain(&bytes, Hints::default()).cause.id();
        assert!(name.starts_with(&format!("{found}--")), "{name}: {found}");
    }
}

#[test]
fn ids_are_handed_on() {
    let text = "AADSTS7000222: expired. Trace ID: 3f0c7a52-11de-4c0b-9a35-7f2c60d41e00 \
                Correlation ID: 9be1d2a4-6a0f-4f3e-8c57-02d4c1a7b9f6";
    let diagnosis = explain(text.as_bytes(), Hints::default());
    assert_eq!(
        diagnosis.trace_id.as_deref(),
        Some("3f0c7a52-11de-4c0b-9a35-7f2c60d41e00")
    );
    assert_eq!(
        diagnosis.correlation_id.as_deref(),
        Some("9be1d2a4-6a0f-4f3e-8c57-02d4c1a7b9f6")
    );
}

#[test]
fn a_pasted_token_is_read_and_never_repeated() {
    let payload = r#"{"aud":"https://outlook.office365.com","appid":"b00c","idtyp":"app"}"#;
    let token = format!(
        "eyJhbGciOiJSUzI1NiJ9.{}.c2ln",
        URL_SAFE_NO_PAD.encode(payload)
    );
    let diagnosis = explain(token.as_bytes(), Hints::default());
    assert_eq!(diagnosis.cause.id(), "app-role-missing");
    assert!(!serde_json::to_string(&diagnosis).unwrap().contains("eyJ"));
}

#[test]
fn a_secret_in_a_text_is_in_no_answer() {
    let secret = "Kx4qZ0pLm2Vw9Rt7";
    let keys = ["client_secret", "password", "refresh_token"];
    for (name, text) in samples() {
        for key in keys {
            let plain = format!("{{\"{key}\":\"{secret}\"}} {text} {key}={secret}");
            for paste in [escape(&plain), plain.replace('"', "&quot;"), plain] {
                let answer = explain(paste.as_bytes(), Hints::default());
                let answer = serde_json::to_string(&answer).unwrap();
                assert!(!answer.contains(secret), "{name} {key}: {answer}");
            }
        }
    }
}

fn assert_quick(piece: &str, length: usize) {
    let text = piece.repeat(length / piece.len());
    let start = Instant::now();
    let _diagnosis = explain(text.as_bytes(), Hints::default());
    // generous: an unoptimised build on a busy machine; quadratic work would take minutes
    assert!(
        start.elapsed().as_secs() < 60,
        "{piece}: {:?}",
        start.elapsed()
    );
}

#[test]
fn ten_megabytes_take_no_longer_than_their_ends() {
    assert_quick("Error", 10_000_000);
}

#[test]
fn no_repeated_piece_makes_the_work_quadratic() {
    for piece in [
        "\\",
        "&quot;",
        "eyJ.",
        "{\"error\":",
        "AADSTS",
        "<m:ResponseCode>",
        "timed out ",
        "errno 1",
        "%25",
        "\"",
    ] {
        assert_quick(piece, 60_000);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_bytes_are_answered_cleanly(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
        let answer = explain(&bytes, Hints::default());
        let texts = [&answer.title, &answer.detail].into_iter().chain(&answer.fix);
        for text in texts {
            prop_assert!(!text.chars().any(credwatch::text::is_hostile));
        }
    }

    #[test]
    fn hostile_pieces_put_together_are_answered_cleanly(
        pieces in proptest::collection::vec(
            proptest::sample::select(vec![
                "AADSTS", "7000222", "\\", "\"", "'", "{", "error", ":", "eyJ", ".", "<m:ResponseCode>",
                "%2", "&#", ";", "\u{1b}[31m", "\u{202e}", "\u{9b}2J", "é", "日", "\n", "Error", "x-ms-diagnostics",
                "2000003", ";reason=", "www-authenticate:", "aud", "roles", "\\u00", "\\xe3", "+", "error_codes:[",
                "--->", "Caused by", "timed out", "HTTP/1.1 ", "401", "(", ")", "message", "code: Abcdef",
            ]),
            0..60,
        )
    ) {
        let answer = explain(pieces.concat().as_bytes(), Hints::default());
        let texts = [&answer.title, &answer.detail].into_iter().chain(&answer.fix).chain(&answer.code);
        for text in texts {
            prop_assert!(!text.chars().any(credwatch::text::is_hostile));
        }
    }
}
