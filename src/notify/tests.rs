//! What each channel sends, field by field.

use chrono::TimeDelta;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};

use super::{
    NotifyError, Service,
    post::{self, Post},
    request, safe_url,
};
use crate::{
    alert::{self, Alert, Rules, State},
    health::fixture::{at, credential, report},
    verdict::{Expiry, cause::Cause},
};

fn url(text: &str) -> url::Url {
    text.parse().unwrap()
}

/// A failure and its recovery.
fn story() -> (Alert, Alert) {
    let mut state = State::default();
    let rules = Rules {
        failing_after: 1,
        ..Rules::default()
    };
    let mut tell = |cause, hour| {
        let report = report("contoso <b>&", cause, at(hour, 0));
        let mut due = state.update(&rules, &report, at(hour, 0).fixed_offset());
        due.remove(0)
    };
    (tell(Some(Cause::SecretExpired), 10), tell(None, 11))
}

fn written(service: Service, address: &str, alert: &Alert) -> (Post, Value) {
    let secret = SecretString::from("planted");
    let post = request(service, url(address), Some(&secret), (alert, None)).unwrap();
    let body = serde_json::from_slice(&post.body).unwrap();
    (post, body)
}

fn header<'p>(post: &'p Post, name: &str) -> &'p str {
    let found = post.headers.iter().find(|(header, _)| *header == name);
    found.unwrap().1.expose_secret()
}

#[test]
fn a_webhook_gets_one_versioned_text_with_a_signature_and_an_idempotency_key() {
    let (failing, _) = story();
    let (post, body) = written(Service::Webhook, "https://hook.example/x", &failing);
    assert_eq!(body["schema"], 1);
    assert_eq!(body["kind"], "failing");
    assert_eq!(body["urgency"], "critical");
    assert_eq!(body["tenant"], "contoso <b>&");
    assert_eq!(body["cause"], "secret-expired");
    assert_eq!(body["thread"], "live:contoso <b>&");
    assert_eq!(body["at"], "2026-11-21T10:00:00Z");
    // the key has blanks, which a header does not take
    assert!(header(&post, "idempotency-key").starts_with("failing%3Acontoso+"));
    // openssl dgst -sha256 -hmac planted would say the same
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, b"planted");
    let signature = header(&post, "x-credwatch-signature").strip_prefix("sha256=");
    let tag: Vec<u8> = signature
        .unwrap()
        .as_bytes()
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect();
    aws_lc_rs::hmac::verify(&key, &post.body, &tag).unwrap();
}

#[test]
fn slack_gets_plain_text_without_links_or_mentions() {
    let (failing, _) = story();
    let (_, body) = written(Service::Slack, "https://hooks.slack.example/s", &failing);
    assert_eq!(body["blocks"][0]["type"], "header");
    assert_eq!(body["blocks"][0]["text"]["type"], "plain_text");
    let text = body["text"].as_str().unwrap();
    assert!(text.contains("contoso &lt;b&gt;&amp;"), "{text}");
}

#[test]
fn teams_gets_an_adaptive_card_in_the_envelope_of_a_workflow() {
    let (failing, recovered) = story();
    let (_, body) = written(Service::Teams, "https://teams.example/w", &failing);
    assert_eq!(body["type"], "message");
    let attachment = &body["attachments"][0];
    assert_eq!(
        attachment["contentType"],
        "application/vnd.microsoft.card.adaptive"
    );
    assert_eq!(attachment["contentUrl"], Value::Null);
    let card = &attachment["content"];
    assert_eq!(
        (&card["type"], &card["version"]),
        (&json!("AdaptiveCard"), &json!("1.2"))
    );
    assert_eq!(card["body"][0]["color"], "Attention");
    let (_, body) = written(Service::Teams, "https://teams.example/w", &recovered);
    assert_eq!(
        body["attachments"][0]["content"]["body"][0]["color"],
        "Good"
    );
}

#[test]
fn pagerduty_triggers_and_resolves_one_incident() {
    let (failing, recovered) = story();
    let address = Service::Pagerduty.usual_address().unwrap();
    assert_eq!(address.as_str(), "https://events.pagerduty.com/v2/enqueue");
    let (_, trigger) = written(Service::Pagerduty, address.as_str(), &failing);
    let (_, resolve) = written(Service::Pagerduty, address.as_str(), &recovered);
    assert_eq!(trigger["event_action"], "trigger");
    assert_eq!(resolve["event_action"], "resolve");
    assert_eq!(trigger["dedup_key"], resolve["dedup_key"]);
    assert_eq!(trigger["routing_key"], "planted");
    assert_eq!(trigger["payload"]["severity"], "critical");
    assert_eq!(trigger["payload"]["source"], "contoso <b>&");
    assert!(trigger["payload"]["summary"].as_str().unwrap().len() <= 1024);
}

#[test]
fn ntfy_gets_json_at_its_root_with_the_topic_of_the_address() {
    let (failing, _) = story();
    let (post, body) = written(Service::Ntfy, "https://ntfy.example/base/ops", &failing);
    assert_eq!(post.url.as_str(), "https://ntfy.example/base/");
    assert_eq!(
        (&body["topic"], &body["priority"]),
        (&json!("ops"), &json!(5))
    );
    assert_eq!(header(&post, "authorization"), "Bearer planted");
    let bare = request(
        Service::Ntfy,
        url("https://ntfy.example/"),
        None,
        (&failing, None),
    );
    assert!(matches!(bare, Err(NotifyError::Address(_))));
}

#[test]
fn alertmanager_gets_the_same_labels_for_a_failure_and_its_end() {
    let (failing, recovered) = story();
    let (post, fires) = written(Service::Alertmanager, "https://am.example/base", &failing);
    let (_, ends) = written(
        Service::Alertmanager,
        "https://am.example/base/",
        &recovered,
    );
    assert_eq!(post.url.as_str(), "https://am.example/base/api/v2/alerts");
    assert_eq!(fires[0]["labels"], ends[0]["labels"]);
    assert_eq!(fires[0]["labels"]["alertname"], "CredwatchAlert");
    assert_eq!(fires[0]["startsAt"], "2026-11-21T10:00:00Z");
    assert_eq!(ends[0]["endsAt"], "2026-11-21T11:00:00Z");
    // its end is told, whatever becomes of reminders
    assert!(fires[0]["endsAt"].as_str().unwrap() > "2027-11-21");
}

#[test]
fn what_alertmanager_hears_no_end_of_stands_until_it_is_said_again() {
    let mut ending = report("contoso", None, at(10, 0));
    ending.credentials = vec![credential(at(30, 0), Expiry::Critical)];
    let now = at(10, 0).fixed_offset();
    let told = State::default().update(&Rules::default(), &ending, now);
    for (days, ends_at) in [
        (None, "2026-11-22T16:00:00Z"),
        (Some(1), "2026-11-22T16:00:00Z"),
        (Some(7), "2026-11-28T16:00:00Z"),
    ] {
        let alert = (&told[0], days.map(TimeDelta::days));
        let post = request(
            Service::Alertmanager,
            url("https://am.example"),
            None,
            alert,
        );
        let body: Value = serde_json::from_slice(&post.unwrap().body).unwrap();
        assert_eq!(body[0]["endsAt"], ends_at, "{days:?}");
    }
}

#[test]
fn no_receiver_has_us_repeat_a_secret_not_even_a_part_of_what_was_sent() {
    let (failing, _) = story();
    let secret = SecretString::from("planted-secret");
    for (service, address) in [
        (Service::Webhook, "https://hook.example/x"),
        (Service::Pagerduty, "https://pd.example/v2/enqueue"),
        (Service::Ntfy, "https://ntfy.example/ops"),
        (Service::Alertmanager, "https://am.example"),
        (
            Service::Slack,
            "https://slack.example/T0/B0/planted-secret-part",
        ),
        (
            Service::Teams,
            "https://teams.example/invoke?sv=1.0&sig=planted-secret%2Bsignature",
        ),
    ] {
        let post = request(service, url(address), Some(&secret), (&failing, None)).unwrap();
        for echo in ["planted-secret+signature", "planted-secret%2Bsignature"] {
            let echo = match service {
                Service::Teams => echo,
                Service::Slack => "planted-secret-part",
                _ => "planted-secret",
            };
            let words = post::refusal(&format!("not for {echo}"), &post.secrets());
            assert_eq!(words, "", "{service:?}");
        }
        let words = post::refusal("expected application/json", &post.secrets());
        assert_eq!(words, "expected application/json", "{service:?}");
    }
}

#[test]
fn an_address_from_a_secret_source_is_https_and_never_repeated() {
    assert!(safe_url("https://hook.example/planted\n").is_ok());
    assert!(safe_url("http://127.0.0.1:8080/planted").is_ok());
    assert!(safe_url("http://hook.localhost:8080/planted").is_ok());
    for bad in ["http://hook.example/planted", "planted", "file:///planted"] {
        let error = safe_url(bad).unwrap_err().to_string();
        assert!(!error.contains("planted"), "{error}");
    }
    let shown = format!("{:?}", alert::test(at(1, 0).fixed_offset()));
    assert!(!shown.contains("planted"));
}
