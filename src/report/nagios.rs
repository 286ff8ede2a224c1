//! The report for Nagios and its kin, by the Monitoring Plugins guidelines: a status line with
//! performance data, then a line for each tenant that is not ok.
//!
//! One tenant a service, or the whole fleet in one. What such systems cut off (output past 8 KiB) is
//! cut here, with a word about the rest.

use std::{
    collections::HashMap,
    fmt::{self, Write as _},
};

use chrono::{DateTime, TimeDelta, Utc};
use unicode_width::UnicodeWidthStr as _;

use super::{prose::is_said_already, words};
use crate::verdict::{Expiry, Fleet, Report, StageStatus, Status};
use crate::{
    shard::fnv1a,
    tenant::{TenantName, Thresholds},
    text,
};

/// The advised width of the status line, without its performance data.
const LINE_WIDTH: usize = 80;

/// What of it is left after the longest status.
const HEADLINE_WIDTH: usize = LINE_WIDTH - "CREDWATCH CRITICAL: ".len();

/// The widest that a name gets in the status line.
const NAME_WIDTH: usize = 26;

/// The widest line of long output, and of a message.
const LONG_WIDTH: usize = 400;

/// The long output ends at this many bytes: Nagios reads 8 KiB of all.
const LONG_BYTES: usize = 4000;

/// A larger fleet has no days left per tenant in its performance data, only the counts: they would
/// not fit, and which of them did would change from day to day.
const FLEET_LIMIT: usize = 100;

/// Consumers tell labels apart by this many characters.
const LABEL_PREFIX: usize = 19;

/// Labels of the counts of a fleet.
const COUNTS: [&str; 4] = ["ok", "warning", "critical", "unknown"];

/// Returns the fleet as the output of a plugin; `thresholds` are those of the tenant of that name.
pub fn render(
    fleet: &Fleet,
    thresholds: impl Fn(&TenantName) -> Option<Thresholds>,
) -> impl fmt::Display {
    fmt::from_fn(move |out| {
        let worst = words::worst(fleet);
        let (headline, data) = match fleet.tenants.as_slice() {
            [] => ("no tenant was checked".to_owned(), String::new()),
            [only] => (
                headline(only, fleet.generated_at),
                data_of_one(only, thresholds(&only.name)),
            ),
            _ => (headline_of_fleet(fleet), data_of_fleet(fleet, &thresholds)),
        };
        write!(
            out,
            "{}",
            text::fit(&status_line(worst, &headline), LINE_WIDTH)
        )?;
        if !data.is_empty() {
            write!(out, " | {data}")?;
        }
        writeln!(out)?;
        long_output(out, fleet)
    })
}

/// Returns a status line of its own, without a line end, for what is not about tenants.
pub fn status_line(status: Status, message: &str) -> String {
    let message = clean(message);
    format!(
        "CREDWATCH {}: {}",
        shout(status),
        text::fit(&message, LONG_WIDTH)
    )
}

/// Returns the line that is due where credwatch could not do its work: bad usage, bad config.
pub fn unknown_line(message: &str) -> String {
    status_line(Status::Unknown, message)
}

const fn shout(status: Status) -> &'static str {
    match status {
        Status::Ok => "OK",
        Status::Warning => "WARNING",
        Status::Critical => "CRITICAL",
        Status::Unknown => "UNKNOWN",
    }
}

/// A text that neither begins performance data nor, on the web page that shows it, a tag.
fn clean(foreign: &str) -> String {
    text::line(foreign)
        .replace('|', "/")
        .replace('<', "‹")
        .replace('>', "›")
}

/// What there is to say of one tenant; the end date only if there is room for it whole.
fn headline(report: &Report, now: DateTime<Utc>) -> String {
    let name = clean(report.name.as_str());
    let name = text::fit(&name, NAME_WIDTH);
    match (words::live_words(report), words::end(report, now)) {
        (Some(live), Some(end)) => {
            let both = format!("{name}: {live}, {end}");
            if both.width() <= HEADLINE_WIDTH {
                both
            } else {
                format!("{name}: {live}")
            }
        }
        (Some(said), None) | (None, Some(said)) => format!("{name}: {said}"),
        (None, None) => format!("{name}: nothing was judged"),
    }
}

/// The counts, worst first, and as many of the causes as the line has room for.
fn headline_of_fleet(fleet: &Fleet) -> String {
    let summary = &fleet.summary;
    let counts = [
        (summary.critical, "critical"),
        (summary.unknown, "unknown"),
        (summary.warning, "warning"),
        (summary.ok, "ok"),
    ];
    let counts = counts.into_iter().filter(|(count, _)| *count > 0);
    let counts: Vec<_> = counts
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    let mut line = counts.join(", ");
    let (mut said, mut mark) = (Vec::new(), "; ");
    for diagnosis in words::not_ok(fleet)
        .into_iter()
        .filter_map(|report| report.diagnosis.as_ref())
    {
        let cause = diagnosis.cause.id();
        if !said.contains(&cause) && line.len() + mark.len() + cause.len() <= HEADLINE_WIDTH {
            line.push_str(mark);
            line.push_str(cause);
            said.push(cause);
            mark = ", ";
        }
    }
    line
}

/// A line for each tenant that is not ok, worst first, as far as there is room.
fn long_output(out: &mut fmt::Formatter<'_>, fleet: &Fleet) -> fmt::Result {
    let reports = words::not_ok(fleet);
    let mut left = LONG_BYTES;
    for (written, report) in reports.iter().enumerate() {
        let line = long_line(report, fleet.generated_at);
        let Some(after) = left.checked_sub(line.len() + 1) else {
            let rest = reports.len() - written;
            return writeln!(
                out,
                "... and {rest} more that are not ok: run `credwatch check`"
            );
        };
        left = after;
        writeln!(out, "{line}")?;
    }
    Ok(())
}

fn long_line(report: &Report, now: DateTime<Utc>) -> String {
    let mut line = format!("{} {}", report.name, shout(report.status));
    if let Some(diagnosis) = &report.diagnosis {
        write!(line, ": {}: {}", words::cause(diagnosis), diagnosis.title).ok();
        if let Some(step) = diagnosis.first_step() {
            let step = step.trim_end_matches('.');
            write!(line, "; to do: {step}").ok();
        }
    } else if let Some(live) = words::live_words(report) {
        write!(line, ": {live}").ok();
    }
    if let (Some(end), false) = (words::end(report, now), ends_well(report)) {
        write!(line, "; {end}").ok();
        let advice = words::end_advice(report).filter(|_| !is_said_already(report));
        if let Some(advice) = advice {
            write!(line, ": {advice}").ok();
        }
    }
    text::fit(&clean(&line), LONG_WIDTH).into_owned()
}

const fn ends_well(report: &Report) -> bool {
    matches!(report.expiry, None | Some(Expiry::Ok | Expiry::Never))
}

/// Days left, and how long each stage that ran took.
fn data_of_one(report: &Report, thresholds: Option<Thresholds>) -> String {
    let mut data: Vec<_> = days_left("days_left", report, thresholds)
        .into_iter()
        .collect();
    let ran = report
        .stages
        .iter()
        .filter(|stage| stage.status != StageStatus::Skipped);
    data.extend(ran.filter_map(|stage| {
        Some(format!(
            "'{}'={:.4}s",
            stage.name.name(),
            stage.ms? / 1000.0
        ))
    }));
    data.join(" ")
}

/// How many have which status, and the days left of each tenant.
fn data_of_fleet(fleet: &Fleet, thresholds: &impl Fn(&TenantName) -> Option<Thresholds>) -> String {
    let summary = &fleet.summary;
    let numbers = [
        summary.ok,
        summary.warning,
        summary.critical,
        summary.unknown,
    ];
    let mut data: Vec<_> = COUNTS
        .iter()
        .zip(numbers)
        .map(|(label, number)| format!("'{label}'={number};;;0;{}", summary.total))
        .collect();
    if fleet.tenants.len() <= FLEET_LIMIT {
        let labels = labels(fleet.tenants.iter().map(|report| report.name.as_str()));
        let named = labels.iter().zip(&fleet.tenants);
        data.extend(
            named.filter_map(|(label, report)| days_left(label, report, thresholds(&report.name))),
        );
    }
    data.join(" ")
}

/// The days left of the credential that ends first, as performance data.
///
/// `U` where nobody knows, and for what never ends: graphs want the same labels every time. Nothing
/// where `--only live` left that half out.
fn days_left(label: &str, report: &Report, thresholds: Option<Thresholds>) -> Option<String> {
    let known = report.expiry? != Expiry::Unknown;
    let days = words::soonest(report)
        .filter(|_| known)
        .and_then(|(end, _)| end.days_left);
    let days = days.map_or_else(|| "U".to_owned(), |days| days.to_string());
    let limits = thresholds.map_or_else(String::new, |thresholds| {
        format!(
            ";{}:;{}:",
            in_days(thresholds.warn),
            in_days(thresholds.critical)
        )
    });
    Some(format!("'{label}'={days}{limits}"))
}

/// A span as days, with a fraction only where there is one.
fn in_days(span: TimeDelta) -> String {
    let days = span.num_milliseconds() as f64 / 86_400_000.0;
    ((days * 1000.0).round() / 1000.0).to_string()
}

/// Labels for the days left of each tenant, in their order. Where names begin alike, a hash of the
/// whole name comes first: it stays the same whatever other tenants come and go.
fn labels<'a>(names: impl Iterator<Item = &'a str> + Clone) -> Vec<String> {
    let plain = |name: &str| format!("{}_days_left", clean(name).replace(['=', '\''], "_"));
    let prefix = |label: &str| label.chars().take(LABEL_PREFIX).collect::<String>();
    let mut users: HashMap<String, u32> = HashMap::new();
    for name in names.clone() {
        *users.entry(prefix(&plain(name))).or_default() += 1;
    }
    let label = |name: &str| {
        let label = plain(name);
        match users.get(&prefix(&label)) {
            Some(2..) => format!("{:08x}-{label}", fnv1a(name.as_bytes()) >> 32),
            _ => label,
        }
    };
    names.map(label).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::fixture;
    use proptest::prelude::*;
    use std::collections::HashSet;

    fn rendered(reports: Vec<Report>) -> String {
        render(&fixture::of(reports), |_| Some(fixture::THRESHOLDS)).to_string()
    }

    /// Reads performance data: label and the rest of each item.
    fn read(mut data: &str) -> Vec<(String, String)> {
        let mut items = Vec::new();
        while let Some(rest) = data.trim_start().strip_prefix('\'') {
            let (label, rest) = rest.split_once("'=").unwrap();
            let (value, rest) = rest.split_once(' ').unwrap_or((rest, ""));
            items.push((label.to_owned(), value.to_owned()));
            data = rest;
        }
        assert_eq!(data, "", "everything was read");
        items
    }

    #[test]
    fn a_fleet_in_one_service() {
        insta::assert_snapshot!(rendered(fixture::fleet().tenants), @r#"
        CREDWATCH CRITICAL: 1 critical, 1 unknown, 1 warning, 2 ok; secret-expired | 'ok'=2;;;0;5 'warning'=1;;;0;5 'critical'=1;;;0;5 'unknown'=1;;;0;5 'contoso-rooms_days_left'=-3;30:;3: 'fabrikam-desk_days_left'=12;30:;3: 'adatum-mail_days_left'=212;30:;3: 'tailspin_days_left'=U;30:;3: 'wingtip-dates_days_left'=212;30:;3:
        contoso-rooms CRITICAL: secret-expired (AADSTS7000222): the client secret has expired; to do: Make a new client secret: `az ad app credential reset --id 22222222-2222-2222-2222-222222222222 --append`; secret ended 3d ago
        tailspin UNKNOWN: secret-unavailable: the secret could not be read; to do: Set the variable 'TAILSPIN_SECRET'; end date unknown: set `secret_expires` in the config
        fabrikam-desk WARNING: works; secret ends in 12d: renew it, and enter the new one with the vendor
        "#);
    }

    #[test]
    fn one_tenant_a_service() {
        let reports = fixture::fleet().tenants;
        let all: Vec<_> = reports
            .into_iter()
            .map(|report| rendered(vec![report]))
            .collect();
        insta::assert_snapshot!(all.join("\n"), @r#"
        CREDWATCH CRITICAL: contoso-rooms: secret-expired (AADSTS7000222) | 'days_left'=-3;30:;3: 'secret'=0.0002s 'token'=0.1234s
        contoso-rooms CRITICAL: secret-expired (AADSTS7000222): the client secret has expired; to do: Make a new client secret: `az ad app credential reset --id 22222222-2222-2222-2222-222222222222 --append`; secret ended 3d ago

        CREDWATCH WARNING: fabrikam-desk: works, secret ends in 12d | 'days_left'=12;30:;3: 'secret'=0.0002s 'token'=0.0800s 'claims'=0.0001s 'ews'=0.2105s
        fabrikam-desk WARNING: works; secret ends in 12d: renew it, and enter the new one with the vendor

        CREDWATCH OK: adatum-mail: works, secret ends in 212d | 'days_left'=212;30:;3: 'secret'=0.0002s 'token'=0.0800s 'claims'=0.0001s 'ews'=0.2105s

        CREDWATCH UNKNOWN: tailspin: secret-unavailable, end date unknown | 'days_left'=U;30:;3: 'secret'=0.0001s
        tailspin UNKNOWN: secret-unavailable: the secret could not be read; to do: Set the variable 'TAILSPIN_SECRET'; end date unknown: set `secret_expires` in the config

        CREDWATCH OK: wingtip-dates: secret ends in 212d | 'days_left'=212;30:;3:
        "#);
    }

    #[test]
    fn a_half_that_was_left_out_is_not_mentioned() {
        let mut live = fixture::ok();
        live.expiry = None;
        let live = rendered(vec![live]);
        assert!(
            live.starts_with("CREDWATCH OK: adatum-mail: works | 'secret'="),
            "{live}"
        );
        let mut expiry = fixture::dates();
        expiry.expiry = Some(Expiry::Never);
        expiry.credentials[0].expires_at = None;
        let expiry = rendered(vec![expiry]);
        assert!(expiry.contains("wingtip-dates: credential never ends | 'days_left'=U;30:;3:\n"));
    }

    #[test]
    fn bad_usage_is_one_line_and_unknown() {
        assert_eq!(
            unknown_line("config.toml:3: no key | 'x'\n  hint: <y>"),
            "CREDWATCH UNKNOWN: config.toml:3: no key / 'x' hint: ‹y›"
        );
        assert_eq!(
            rendered(Vec::new()),
            "CREDWATCH UNKNOWN: no tenant was checked\n"
        );
    }

    #[test]
    fn a_large_fleet_stays_within_what_is_read_and_says_what_is_missing() {
        let report = |number| {
            let mut report = fixture::failing();
            report.name = format!("tenant-{number}").as_str().into();
            report
        };
        for count in [100, 10_000] {
            let out = rendered((0..count).map(report).collect());
            assert!(out.len() < 8192, "{}", out.len());
            assert!(out.contains("more that are not ok"));
        }
    }

    #[test]
    fn spans_are_days_with_a_fraction_only_where_there_is_one() {
        assert_eq!(in_days(TimeDelta::days(30)), "30");
        assert_eq!(in_days(TimeDelta::hours(36)), "1.5");
    }

    proptest! {
        #[test]
        fn no_foreign_text_breaks_the_format(foreign in "\\PC*|[|'=;<>\n\r\x1b a]{0,12}") {
            let reports = vec![fixture::hostile(&foreign), fixture::ok()];
            for out in [rendered(reports.clone()), rendered(reports[..1].to_vec())] {
                let (first, long) = out.split_once('\n').unwrap();
                let (text, data) = first.split_once(" | ").unwrap();
                prop_assert!(text.starts_with("CREDWATCH CRITICAL: "));
                prop_assert!(text.contains("secret-expired"));
                prop_assert!(text.width() <= LINE_WIDTH);
                prop_assert!(read(data).len() >= 3);
                prop_assert!(!long.contains(['|', '<', '>']) && !text.contains(['|', '<', '>']));
                prop_assert_eq!(long.lines().count(), 1);
                prop_assert!(!out.replace('\n', "").chars().any(text::is_hostile));
            }
        }

        #[test]
        fn labels_are_clean_and_begin_differently(
            names in proptest::collection::hash_set("tenant-of-a-long-name-[a-c=']{0,3}|[a-c='|]{1,4}", 1..20)
        ) {
            let labels = labels(names.iter().map(String::as_str));
            let starts: HashSet<String> =
                labels.iter().map(|label| label.chars().take(LABEL_PREFIX).collect()).collect();
            prop_assert_eq!(starts.len(), names.len());
            prop_assert!(labels.iter().all(|label| !label.contains(['=', '\'', '|'])));
        }
    }
}
