//! Proves that every rendering says what the JSON says, and none says ok where it does not.

use serde_json::Value;

use super::{csv, json, markdown, nagios, prometheus};
use crate::verdict::{self, Expiry, Fleet, Live, Report, Status, fixture};

/// Every pair of halves, also with one left out.
fn every_verdict() -> Vec<Report> {
    let lives = [
        None,
        Some(Live::Ok),
        Some(Live::Failing),
        Some(Live::Unknown),
    ];
    let expiries = fixture::EXPIRIES.map(Some).into_iter().chain([None]);
    let mut reports = Vec::new();
    for expiry in expiries {
        for live in lives {
            reports.push(with(live, expiry));
        }
    }
    reports
}

/// A report with these halves, and what goes with them.
fn with(live: Option<Live>, expiry: Option<Expiry>) -> Report {
    let mut report = match live {
        None => fixture::dates(),
        Some(Live::Ok) => fixture::ok(),
        Some(Live::Failing) => fixture::failing(),
        Some(Live::Unknown) => fixture::unknown(),
    };
    let days = match expiry {
        Some(Expiry::Ok) => Some(212),
        Some(Expiry::Warning) => Some(12),
        Some(Expiry::Critical) => Some(2),
        Some(Expiry::Expired) => Some(-3),
        Some(Expiry::Never | Expiry::Unknown) | None => None,
    };
    report.expiry = expiry;
    report.credentials = vec![fixture::secret(expiry.unwrap_or(Expiry::Ok), days)];
    report.status = verdict::status(live, expiry);
    report
}

/// The only tenant as the JSON has it, and what another rendering said of the fleet.
fn each(render: impl Fn(&Fleet) -> String, agrees: impl Fn(&Value, &str) -> bool) {
    for report in every_verdict() {
        let fleet = fixture::of(vec![report]);
        let json: Value = serde_json::from_str(&json::render(&fleet).to_string()).unwrap();
        let (tenant, said) = (&json["tenants"][0], render(&fleet));
        assert!(agrees(tenant, &said), "{said}\nbut {tenant}");
    }
}

#[test]
fn csv_has_the_same_words() {
    each(
        |fleet| csv::render(fleet).to_string(),
        |tenant, said| {
            let row: Vec<_> = said.lines().nth(1).unwrap().split(',').collect();
            let same = |at: usize, value: &Value| row[at] == value.as_str().unwrap_or_default();
            same(6, &tenant["status"])
                && same(7, &tenant["live"])
                && same(8, &tenant["expiry"])
                && same(9, &tenant["diagnosis"]["cause"])
        },
    );
}

#[test]
fn markdown_has_the_same_words() {
    each(
        |fleet| markdown::render(fleet).to_string(),
        |tenant, said| {
            let row: Vec<_> = said.lines().nth(4).unwrap().split(" | ").collect();
            let status = tenant["status"].as_str().unwrap();
            row[1] == status
                && row[2] == tenant["live"].as_str().unwrap_or("–")
                && said.starts_with(&format!("**credwatch: {status}**"))
                && said.contains("\n### ") == (status != "ok")
        },
    );
}

#[test]
fn nagios_has_the_same_status_and_claims_no_more() {
    each(
        |fleet| nagios::render(fleet, |_| Some(fixture::THRESHOLDS)).to_string(),
        |tenant, said| {
            let status = tenant["status"].as_str().unwrap();
            let cause = tenant["diagnosis"]["cause"].as_str().unwrap_or_default();
            said.starts_with(&format!("CREDWATCH {}: ", status.to_uppercase()))
                && said.contains(": works") == (tenant["live"] == "ok")
                && said.contains(cause)
                && (said.lines().count() == 1) == (status == "ok")
        },
    );
}

#[test]
fn prometheus_has_the_same_status_and_no_sample_for_what_is_unknown() {
    each(
        |fleet| prometheus::render(fleet).to_string(),
        |tenant, said| {
            let value = |metric: &str| {
                let start = format!("credwatch_{metric}{{");
                let line = said.lines().find(|line| line.starts_with(&start))?;
                line.rsplit(' ').next()
            };
            let statuses = ["ok", "warning", "critical", "unknown"];
            let status = statuses
                .iter()
                .position(|status| tenant["status"] == *status);
            let up = match tenant["live"].as_str() {
                Some("ok") => Some("1"),
                Some("failing") => Some("0"),
                _ => None,
            };
            value("tenant_status") == status.map(|code| code.to_string()).as_deref()
                && value("tenant_up") == up
                && value("last_success_timestamp_seconds").is_some() == (up == Some("1"))
        },
    );
}

#[test]
fn a_fleet_is_only_as_good_as_its_worst_tenant() {
    for report in every_verdict() {
        let status = report.status;
        let fleet = fixture::of(vec![fixture::ok(), report, fixture::ok()]);
        let (nagios, markdown) = (
            nagios::render(&fleet, |_| None).to_string(),
            markdown::render(&fleet).to_string(),
        );
        assert_eq!(
            nagios.starts_with("CREDWATCH OK"),
            status == Status::Ok,
            "{nagios}"
        );
        assert_eq!(
            markdown.starts_with("**credwatch: ok"),
            status == Status::Ok,
            "{markdown}"
        );
    }
}
