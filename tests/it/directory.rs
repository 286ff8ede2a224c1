//! End dates from the directory, from the binary down to TLS: what is read, kept, refused, and never
//! taken for good news.

use std::{
    fs,
    time::{Duration, Instant},
};

use chrono::{DateTime, TimeDelta, Utc};
use credwatch::{
    history::{self, Store},
    simulator::{Fault, FaultScript, FaultTarget, Integration, WireFault},
};
use serde_json::Value;

use crate::setting::{Setting, another_secret, now};

const NAME: &str = "contoso-rooms";

/// An integration whose end only the directory knows.
fn unknown(name: &str) -> Integration {
    let mut one = Integration::named(name, now());
    one.end_known = false;
    one
}

impl Setting {
    /// Checks the one tenant; returns its report and the exit code.
    fn check(&self) -> (Value, i32) {
        let (mut document, code) = self.json(&["check", "--confirm", "0s"]);
        (document["tenants"][0].take(), code)
    }

    fn history(&self) -> Store {
        Store::open(&self.state.path().join(history::FILE)).unwrap()
    }

    /// What was kept of registrations, each with its key.
    fn kept(&self) -> Vec<(String, String)> {
        self.history().readings("registration").unwrap()
    }

    /// Changes what was kept.
    fn change_kept(&self, change: impl Fn(String) -> String) {
        let mut history = self.history();
        for (key, kept) in self.kept() {
            let place = ("registration", key.as_str());
            history.keep_reading(place, &change(kept), now()).unwrap();
        }
    }

    /// Makes all that was kept so much older.
    fn age_by(&self, hours: i64) {
        self.change_kept(|kept| {
            let mut stored: Value = serde_json::from_str(&kept).unwrap();
            let reading = &mut stored["value"];
            for field in [
                ("registration", "read_at"),
                ("refusal", "at"),
                ("refusal", "retry_at"),
                ("twin", "tried_at"),
            ] {
                if let Some(at) = reading[field.0].get_mut(field.1) {
                    let was: DateTime<Utc> = at.as_str().unwrap().parse().unwrap();
                    *at = Value::from((was - TimeDelta::hours(hours)).to_rfc3339());
                }
            }
            stored.to_string()
        });
    }
}

/// The faults after which no end date can be known.
fn blinding() -> impl Iterator<Item = (String, Fault)> {
    let all = Fault::ALL.iter().copied();
    let faults =
        all.filter(|fault| fault.acts_on_registrations() && *fault != Fault::DirectoryPaged);
    faults
        .enumerate()
        .map(|(number, fault)| (format!("tenant{number:02}-app"), fault))
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_the_directory_does_no_output_calls_an_unknown_end_ok() {
    let setting = Setting::of(blinding().map(|(name, fault)| {
        let mut one = unknown(&name).with(fault);
        one.secrets.push(another_secret(&one, 1));
        one
    }))
    .await;
    let (document, code) = setting.json(&["check", "--confirm", "0s"]);
    assert_eq!(code, 1, "they work, and nobody knows how long");
    for (tenant, (name, fault)) in document["tenants"]
        .as_array()
        .unwrap()
        .iter()
        .zip(blinding())
    {
        assert_eq!(
            (&tenant["name"], &tenant["live"]),
            (&name.into(), &"ok".into())
        );
        assert_eq!(tenant["expiry"], "unknown", "{fault:?}");
        assert_eq!(tenant["status"], "warning", "{fault:?}");
        let note = tenant["credentials"][0]["note"].as_str().unwrap();
        assert!(note.contains("secret_expires"), "{fault:?}: {note}");
        assert!(note.contains("directory"), "{fault:?}: {note}");
    }
    let (document, code) = setting.json(&["expiry"]);
    assert_eq!(code, 3);
    for one in document["credentials"].as_array().unwrap() {
        assert!(
            one["watched"] == false || one["state"] == "unknown",
            "{one}"
        );
    }
    for format in ["text", "csv", "markdown", "ics"] {
        let output = setting.run(&["expiry", "--format", format]);
        assert_eq!(output.status.code(), Some(3), "{format}");
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.contains("unknown"), "{format}: {text}");
    }
    for format in ["text", "nagios", "csv", "markdown"] {
        let output = setting.run(&["check", "--only", "expiry", "--format", format]);
        assert_eq!(output.status.code(), Some(3), "{format}");
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.to_lowercase().contains("unknown"), "{format}: {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_date_comes_from_the_directory_and_is_asked_for_once_in_six_hours() {
    let setting = Setting::of([unknown(NAME)]).await;
    let (report, code) = setting.check();
    let one = &report["credentials"][0];
    assert_eq!((code, &one["source"]), (0, &"directory".into()), "{report}");
    assert_eq!(
        (&one["presented"], &one["days_left"]),
        (&true.into(), &364.into())
    );
    assert_eq!(report["retirement"]["graph_works"], true);
    assert_eq!(setting.kept().len(), 1);

    setting.cloud.forget_requests();
    assert_eq!(setting.check().1, 0);
    assert_eq!(setting.json(&["expiry"]).1, 0);
    assert_eq!(setting.asked(), 0, "what was read is still good");
    assert_eq!(setting.json(&["expiry", "--refresh"]).1, 0);
    assert!(setting.asked() > 0, "it was asked for");

    setting.cloud.forget_requests();
    setting.age_by(7);
    assert_eq!(setting.check().1, 0);
    assert!(setting.asked() > 0, "what was read is too old");

    setting.change_kept(|_| "{torn".to_owned());
    assert_eq!(setting.check().1, 0, "a damaged entry is read anew");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_good_reading_outlives_a_refusal_and_an_ended_secret_with_its_age() {
    let setting = Setting::of([unknown(NAME)]).await;
    setting.check();
    setting.age_by(30);
    let denied = Fault::DirectoryDenied;
    setting.cloud.set_fault(NAME, denied).unwrap();
    let (report, code) = setting.check();
    let one = &report["credentials"][0];
    assert_eq!((code, &one["source"]), (0, &"directory".into()));
    let note = one["note"].as_str().unwrap();
    assert!(
        note.contains("read 1d ago; since then") && note.contains("403"),
        "{note}"
    );

    setting.cloud.forget_requests();
    setting.check();
    assert_eq!(
        setting.asked(),
        0,
        "a refusal is not asked for again at once"
    );

    let ended = Fault::TokenSecretExpired;
    setting.cloud.set_fault(NAME, ended).unwrap();
    let (report, _) = setting.check();
    assert_eq!(
        (&report["live"], &report["expiry"]),
        (&"failing".into(), &"ok".into())
    );
    assert!(report["credentials"][0]["read_at"].is_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_vendors_credential_is_judged_and_ours_is_called_our_own() {
    let mut one = unknown(NAME);
    let mut theirs = another_secret(&one, 1);
    theirs.ends_at = now() + TimeDelta::days(2);
    let mut ended = another_secret(&one, 2);
    ended.ends_at = now() - TimeDelta::days(200);
    one.watched_key = Some(theirs.key_id.clone());
    one.secrets.extend([theirs, ended]);
    let setting = Setting::of([one]).await;
    let (report, code) = setting.check();
    assert_eq!(
        (code, &report["expiry"]),
        (2, &"critical".into()),
        "{report}"
    );
    let credentials = report["credentials"].as_array().unwrap();
    let roles: Vec<_> = credentials
        .iter()
        .map(|one| (one["presented"].as_bool(), one["watched"].as_bool()))
        .collect();
    let (no, yes) = (Some(false), Some(true));
    assert_eq!(roles, [(no, yes), (yes, no), (no, no)]);
    assert!(
        credentials[1]["note"]
            .as_str()
            .unwrap()
            .starts_with("own key")
    );
    assert_eq!(credentials[2]["state"], "expired", "shown, and no alarm");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_is_read_and_the_directory_stands_above_the_config() {
    let mut one = Integration::named(NAME, now()).with(Fault::DirectoryPaged);
    for number in 1..4 {
        one.secrets.push(another_secret(&one, number));
    }
    let setting = Setting::of([one]).await;
    let config = fs::read_to_string(setting.files.config()).unwrap();
    let wrong: String = config
        .lines()
        .map(|line| {
            if line.starts_with("secret_expires") {
                "secret_expires = 2031-01-01\n".to_owned()
            } else {
                format!("{line}\n")
            }
        })
        .collect();
    fs::write(setting.files.config(), wrong).unwrap();
    let (report, code) = setting.check();
    assert_eq!(code, 0, "{report}");
    let credentials = report["credentials"].as_array().unwrap();
    assert_eq!(credentials.len(), 4, "{report}");
    assert_eq!(credentials[0]["days_left"], 364);
    let note = credentials[0]["note"].as_str().unwrap();
    assert!(note.contains("2031-01-01"), "{note}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_graph_that_does_not_answer_changes_no_verdict_and_takes_only_what_is_left() {
    let stall = Fault::Wire(FaultTarget::Graph, WireFault::Stall);
    let setting = Setting::of([Integration::named(NAME, now()).with(stall)]).await;
    let started = Instant::now();
    let output = setting.run(&["check", "--timeout", "2s", "--format", "json"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(started.elapsed() < Duration::from_secs(20));
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    let one = &document["tenants"][0]["credentials"][0];
    assert_eq!(
        (&one["source"], &one["state"]),
        (&"config".into(), &"ok".into())
    );
    assert!(one["note"].as_str().unwrap().contains("does not tell"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_off_asks_nobody_and_what_is_kept_holds_no_secret() {
    let setting = Setting::of([unknown(NAME)]).await;
    setting.check();
    let secret = setting.cloud.integration(NAME).unwrap().presented_secret();
    for (_, kept) in setting.kept() {
        assert!(
            !kept.contains(&secret[..6]) && !kept.contains("eyJ"),
            "{kept}"
        );
    }
    setting.cloud.forget_requests();
    let config = fs::read_to_string(setting.files.config()).unwrap();
    let off = config.replace("[defaults]", "[defaults]\ndirectory = \"off\"");
    fs::write(setting.files.config(), off).unwrap();
    assert_eq!(setting.check().1, 1, "nobody knows the end");
    assert_eq!(setting.json(&["expiry", "--refresh"]).1, 3);
    assert_eq!(setting.asked(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_of_another_directory_is_looked_up_at_its_home() {
    let mut away = unknown(NAME);
    away.script = FaultScript::always(Fault::DirectoryElsewhereRegistered);
    let mut home = unknown("vendor-home");
    home.client_id.clone_from(&away.client_id);
    home.secrets.clone_from(&away.secrets);
    let home_id = home.tenant_id.clone();
    let setting = Setting::of([away, home]).await;
    let only = ["check", NAME, "--only", "expiry"];
    let note = |document: Value| document["tenants"][0]["credentials"][0]["note"].to_string();

    let (document, code) = setting.json(&only);
    assert_eq!(code, 3);
    assert!(note(document).contains("home_tenant_id"));

    let config = fs::read_to_string(setting.files.config()).unwrap();
    let line = format!("[[tenant]]\nhome_tenant_id = \"{home_id}\"");
    fs::write(
        setting.files.config(),
        config.replacen("[[tenant]]", &line, 1),
    )
    .unwrap();
    let (document, code) = setting.json(&only);
    assert_eq!(code, 0, "{document}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_credential_made_for_too_long_is_a_warning_in_every_format_and_never_more() {
    let setting = Setting::of([unknown(NAME)]).await;
    let config = fs::read_to_string(setting.files.config()).unwrap();
    for (limit, code) in [("456d", 0), ("454d", 1), ("1d", 1)] {
        let limited = format!("[defaults]\nmax_lifetime = \"{limit}\"");
        let limited = config.replace("[defaults]", &limited);
        fs::write(setting.files.config(), limited).unwrap();
        let (report, found) = setting.check();
        assert_eq!(found, code, "{limit}: {report}");
        assert_eq!(report["live"], "ok");
        assert_eq!(report["credentials"][0]["state"], "ok", "its end is far");
        assert_eq!(report["credentials"][0]["too_long"], code == 1);
        assert_eq!(setting.json(&["expiry"]).1, code);
    }
    for (command, format) in [
        ("check", "text"),
        ("check", "nagios"),
        ("check", "markdown"),
        ("expiry", "text"),
        ("expiry", "csv"),
        ("expiry", "markdown"),
    ] {
        let output = setting.run(&[command, "--format", format]);
        assert_eq!(output.status.code(), Some(1), "{command} {format}");
        let text = String::from_utf8(output.stdout).unwrap();
        let said = text.contains("lives too long") || text.contains("lives 455d");
        assert!(said, "{command} {format}: {text}");
    }
}
