//! The report for Prometheus: text format 0.0.4, for the textfile collector or a scrape.
//!
//! A fleet of n tenants has at most one cause, five stages and [`CREDENTIALS`] end dates each: labels
//! hold names and ids, never messages. What is not known has no sample, so that no rule can take a
//! default for an answer.

use crate::text::Word as _;
use std::{collections::HashSet, fmt};

use chrono::{DateTime, Utc};

use super::words;
use crate::verdict::{CredentialReport, Fleet, Live, Report, StageReport, StageStatus, Status};
use crate::{tenant::TenantName, text};

/// The most end dates that are shown of one tenant: the soonest.
const CREDENTIALS: usize = 16;

/// The longest foreign label value, in bytes.
const LABEL_LIMIT: usize = 120;

/// One metric: its name without the prefix, its help, and the samples of one tenant.
struct Metric {
    name: &'static str,
    help: &'static str,
    samples: fn(&Report) -> Vec<Sample>,
}

/// Labels beside `tenant`, and a value.
type Sample = (Vec<(&'static str, String)>, String);

const METRICS: [Metric; 7] = [
    Metric {
        name: "tenant_up",
        help: "Whether the integration works now; no sample where that could not be told.",
        samples: up,
    },
    Metric {
        name: "tenant_status",
        help: "The verdict: 0 ok, 1 warning, 2 critical, 3 unknown.",
        samples: |report| vec![(Vec::new(), number(status(report.status)))],
    },
    Metric {
        name: "stage_success",
        help: "Whether a stage of the check worked; no sample where it was skipped.",
        samples: stage_success,
    },
    Metric {
        name: "stage_duration_seconds",
        help: "How long a stage of the check took.",
        samples: stage_duration,
    },
    Metric {
        name: "credential_expiry_timestamp_seconds",
        help: "When a credential that the integration may live on ends; no sample for one that \
               never ends, renews itself, or whose end nobody knows.",
        samples: expiry,
    },
    Metric {
        name: "tenant_cause",
        help: "Why the integration does not work: 1 for the present cause.",
        samples: cause,
    },
    Metric {
        name: "last_check_timestamp_seconds",
        help: "When the last check began.",
        samples: |report| vec![(Vec::new(), timestamp(report.checked_at))],
    },
];

/// When the last check began that found the integration working.
const LAST_SUCCESS: (&str, &str) = (
    "last_success_timestamp_seconds",
    "When the last check that found the integration working began; a single run knows only itself.",
);

/// Returns the fleet as metrics. A metric without any sample is left out whole.
pub fn render(fleet: &Fleet) -> impl fmt::Display {
    with_successes(fleet, |_| None)
}

/// Returns the fleet as metrics, with the last successes of tenants that do not work now, as far as
/// somebody remembers them.
pub fn with_successes(
    fleet: &Fleet,
    remembered: impl Fn(&TenantName) -> Option<DateTime<Utc>>,
) -> impl fmt::Display {
    fmt::from_fn(move |out| {
        for metric in &METRICS {
            family(out, (metric.name, metric.help), fleet, metric.samples)?;
        }
        family(out, LAST_SUCCESS, fleet, |report| {
            let at = last_success(report).or_else(|| remembered(&report.name));
            at.map(|at| (Vec::new(), timestamp(at)))
                .into_iter()
                .collect()
        })
    })
}

fn family(
    out: &mut fmt::Formatter<'_>,
    (name, help): (&str, &str),
    fleet: &Fleet,
    samples: impl Fn(&Report) -> Vec<Sample>,
) -> fmt::Result {
    let mut announced = false;
    for report in &fleet.tenants {
        for (labels, value) in samples(report) {
            if !announced {
                writeln!(out, "# HELP credwatch_{name} {help}")?;
                writeln!(out, "# TYPE credwatch_{name} gauge")?;
                announced = true;
            }
            write!(
                out,
                "credwatch_{name}{{tenant=\"{}\"",
                escape(report.name.as_str())
            )?;
            for (label, text) in labels {
                write!(out, ",{label}=\"{}\"", escape(&text))?;
            }
            writeln!(out, "}} {value}")?;
        }
    }
    Ok(())
}

fn up(report: &Report) -> Vec<Sample> {
    let value = match report.live {
        Some(Live::Ok) => 1,
        Some(Live::Failing) => 0,
        Some(Live::Unknown) | None => return Vec::new(),
    };
    vec![(Vec::new(), number(value))]
}

const fn status(status: Status) -> u8 {
    match status {
        Status::Ok => 0,
        Status::Warning => 1,
        Status::Critical => 2,
        Status::Unknown => 3,
    }
}

fn stage_success(report: &Report) -> Vec<Sample> {
    let sample = |stage: &StageReport| {
        let value = match stage.status {
            StageStatus::Ok => 1,
            StageStatus::Failed => 0,
            StageStatus::Skipped => return None,
        };
        Some((vec![stage_label(stage)], number(value)))
    };
    report.stages.iter().filter_map(sample).collect()
}

fn stage_duration(report: &Report) -> Vec<Sample> {
    let ran = report
        .stages
        .iter()
        .filter(|stage| stage.status != StageStatus::Skipped);
    ran.filter_map(|stage| Some((vec![stage_label(stage)], seconds(stage.ms?))))
        .collect()
}

fn stage_label(stage: &StageReport) -> (&'static str, String) {
    ("stage", stage.name.name().to_owned())
}

fn expiry(report: &Report) -> Vec<Sample> {
    let mut ends: Vec<_> = words::endings(report).collect();
    ends.sort_by_key(|(_, at)| *at);
    let mut seen = HashSet::new();
    let sample = |(credential, at): (&CredentialReport, DateTime<Utc>)| {
        let name = credential_label(credential);
        let key_id = credential
            .key_id
            .as_deref()
            .map(bounded)
            .unwrap_or_default();
        let (mut label, mut twins) = (name.clone(), 1);
        // two samples of one name would spoil the whole page
        while !seen.insert((label.clone(), key_id.clone())) {
            twins += 1;
            label = format!("{name} #{twins}");
        }
        (
            vec![("credential", label), ("key_id", key_id)],
            timestamp(at),
        )
    };
    ends.into_iter().take(CREDENTIALS).map(sample).collect()
}

/// The kind, and what people know the credential by: `secret prod key`, `secret abc***`.
fn credential_label(credential: &CredentialReport) -> String {
    let kind = credential.kind.word();
    match (&credential.name, &credential.hint) {
        (Some(name), _) if !name.is_empty() => format!("{kind} {}", bounded(name)),
        (_, Some(hint)) => format!("{kind} {}***", bounded(hint)),
        _ => kind.to_owned(),
    }
}

fn cause(report: &Report) -> Vec<Sample> {
    let cause = report.diagnosis.as_ref().map(|diagnosis| diagnosis.cause);
    cause
        .map(|cause| (vec![("cause", cause.id().to_owned())], number(1)))
        .into_iter()
        .collect()
}

fn last_success(report: &Report) -> Option<DateTime<Utc>> {
    match report.live {
        Some(Live::Ok) => Some(report.checked_at),
        Some(Live::Failing | Live::Unknown) | None => None,
    }
}

fn number(value: u8) -> String {
    value.to_string()
}

fn seconds(ms: f64) -> String {
    format!("{:.4}", ms / 1000.0)
}

fn timestamp(at: DateTime<Utc>) -> String {
    at.timestamp().to_string()
}

/// A foreign text as a label value may hold it.
fn bounded(foreign: &str) -> String {
    text::head(&text::line(foreign), LABEL_LIMIT).to_owned()
}

/// The three characters that the format wants escaped. A tenant's name is not cut or cleaned: it
/// tells series apart.
fn escape(value: &str) -> String {
    value
        .replace('\\', r"\\")
        .replace('"', "\\\"")
        .replace('\n', r"\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{verdict::Expiry, verdict::fixture};
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    /// Reads a sample line: its name, its labels, its value.
    fn read(line: &str) -> (String, BTreeMap<String, String>, f64) {
        let (name, mut rest) = line.split_once('{').unwrap();
        let mut labels = BTreeMap::new();
        let value = loop {
            let (label, quoted) = rest.split_once("=\"").unwrap();
            let (mut value, mut chars) = (String::new(), quoted.chars());
            loop {
                match chars.next().unwrap() {
                    '"' => break,
                    '\\' => value.push(match chars.next().unwrap() {
                        'n' => '\n',
                        c => c,
                    }),
                    c => value.push(c),
                }
            }
            assert_eq!(labels.insert(label.to_owned(), value), None, "{line}");
            match chars.as_str().strip_prefix(',') {
                Some(more) => rest = more,
                None => break chars.as_str().strip_prefix("} ").unwrap(),
            }
        };
        (name.to_owned(), labels, value.parse().unwrap())
    }

    fn samples(page: &str) -> Vec<(String, BTreeMap<String, String>, f64)> {
        page.split_terminator('\n')
            .filter(|line| !line.starts_with('#'))
            .map(read)
            .collect()
    }

    #[test]
    fn every_metric_of_a_fleet() {
        let tenants = vec![fixture::failing(), fixture::warning(), fixture::unknown()];
        insta::assert_snapshot!(render(&fixture::of(tenants)), @r#"
        # HELP credwatch_tenant_up Whether the integration works now; no sample where that could not be told.
        # TYPE credwatch_tenant_up gauge
        credwatch_tenant_up{tenant="contoso-rooms"} 0
        credwatch_tenant_up{tenant="fabrikam-desk"} 1
        # HELP credwatch_tenant_status The verdict: 0 ok, 1 warning, 2 critical, 3 unknown.
        # TYPE credwatch_tenant_status gauge
        credwatch_tenant_status{tenant="contoso-rooms"} 2
        credwatch_tenant_status{tenant="fabrikam-desk"} 1
        credwatch_tenant_status{tenant="tailspin"} 3
        # HELP credwatch_stage_success Whether a stage of the check worked; no sample where it was skipped.
        # TYPE credwatch_stage_success gauge
        credwatch_stage_success{tenant="contoso-rooms",stage="secret"} 1
        credwatch_stage_success{tenant="contoso-rooms",stage="token"} 0
        credwatch_stage_success{tenant="fabrikam-desk",stage="secret"} 1
        credwatch_stage_success{tenant="fabrikam-desk",stage="token"} 1
        credwatch_stage_success{tenant="fabrikam-desk",stage="claims"} 1
        credwatch_stage_success{tenant="fabrikam-desk",stage="ews"} 1
        credwatch_stage_success{tenant="tailspin",stage="secret"} 0
        # HELP credwatch_stage_duration_seconds How long a stage of the check took.
        # TYPE credwatch_stage_duration_seconds gauge
        credwatch_stage_duration_seconds{tenant="contoso-rooms",stage="secret"} 0.0002
        credwatch_stage_duration_seconds{tenant="contoso-rooms",stage="token"} 0.1234
        credwatch_stage_duration_seconds{tenant="fabrikam-desk",stage="secret"} 0.0002
        credwatch_stage_duration_seconds{tenant="fabrikam-desk",stage="token"} 0.0800
        credwatch_stage_duration_seconds{tenant="fabrikam-desk",stage="claims"} 0.0001
        credwatch_stage_duration_seconds{tenant="fabrikam-desk",stage="ews"} 0.2105
        credwatch_stage_duration_seconds{tenant="tailspin",stage="secret"} 0.0001
        # HELP credwatch_credential_expiry_timestamp_seconds When a credential that the integration may live on ends; no sample for one that never ends, renews itself, or whose end nobody knows.
        # TYPE credwatch_credential_expiry_timestamp_seconds gauge
        credwatch_credential_expiry_timestamp_seconds{tenant="contoso-rooms",credential="secret",key_id=""} 1794996000
        credwatch_credential_expiry_timestamp_seconds{tenant="fabrikam-desk",credential="secret",key_id=""} 1796292000
        # HELP credwatch_tenant_cause Why the integration does not work: 1 for the present cause.
        # TYPE credwatch_tenant_cause gauge
        credwatch_tenant_cause{tenant="contoso-rooms",cause="secret-expired"} 1
        credwatch_tenant_cause{tenant="tailspin",cause="secret-unavailable"} 1
        # HELP credwatch_last_check_timestamp_seconds When the last check began.
        # TYPE credwatch_last_check_timestamp_seconds gauge
        credwatch_last_check_timestamp_seconds{tenant="contoso-rooms"} 1795255200
        credwatch_last_check_timestamp_seconds{tenant="fabrikam-desk"} 1795255200
        credwatch_last_check_timestamp_seconds{tenant="tailspin"} 1795255200
        # HELP credwatch_last_success_timestamp_seconds When the last check that found the integration working began; a single run knows only itself.
        # TYPE credwatch_last_success_timestamp_seconds gauge
        credwatch_last_success_timestamp_seconds{tenant="fabrikam-desk"} 1795255200
        "#);
    }

    #[test]
    fn what_is_not_known_has_no_sample() {
        let fleet = fixture::of(vec![fixture::unknown()]);
        let page = render(&fleet).to_string();
        for absent in ["tenant_up", "expiry_timestamp", "last_success"] {
            assert!(!page.contains(absent), "{page}");
        }
        assert!(page.contains("credwatch_tenant_status{tenant=\"tailspin\"} 3\n"));
    }

    #[test]
    fn credentials_that_are_called_alike_stay_apart_and_few() {
        let mut report = fixture::ok();
        report.credentials = vec![fixture::secret(Expiry::Ok, Some(100)); 40];
        report.credentials[2].name = Some("#2".to_owned());
        let found = samples(&render(&fixture::of(vec![report])).to_string());
        let ends: Vec<_> = found
            .iter()
            .filter(|(name, ..)| name.contains("expiry"))
            .collect();
        let labels: HashSet<_> = ends.iter().map(|(_, labels, _)| labels).collect();
        assert_eq!((ends.len(), labels.len()), (CREDENTIALS, CREDENTIALS));
    }

    proptest! {
        #[test]
        fn labels_read_back(foreign in "\\PC*|[\"\\\\\n\r{}=, a]{0,12}") {
            let page = render(&fixture::of(vec![fixture::hostile(&foreign)])).to_string();
            for (name, labels, value) in samples(&page) {
                prop_assert!(name.starts_with("credwatch_") && value.is_finite());
                prop_assert_eq!(&labels["tenant"], &foreign);
                if let Some(key_id) = labels.get("key_id") {
                    prop_assert_eq!(key_id, &bounded(&foreign));
                }
            }
        }
    }
}
