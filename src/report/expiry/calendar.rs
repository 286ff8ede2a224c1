//! The ends as a calendar to subscribe to (RFC 5545): one event for each credential that counts, with
//! a reminder at each of the tenant's thresholds.
//!
//! A calendar cannot show what has no date: credentials whose end nobody knows are named in its
//! description, and the exit code tells of them too; one that never ends is left out.

use crate::text::Word as _;
use std::fmt;

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};

use super::{Endings, Owner, Row, rows};
use crate::{
    tenant::{TenantName, Thresholds},
    text,
    verdict::Expiry,
};

/// A line holds so many octets before it is folded.
const LINE: usize = 75;

/// Returns the calendar; `thresholds` are those of the tenant of that name.
pub fn calendar(
    endings: &Endings,
    thresholds: impl Fn(&TenantName) -> Option<Thresholds>,
) -> impl fmt::Display {
    fmt::from_fn(move |out| {
        let now = endings.fleet.generated_at;
        let rows: Vec<_> = rows(endings).into_iter().filter(Row::counts).collect();
        let mut lines = Lines(out);
        lines.put("BEGIN", "VCALENDAR")?;
        lines.put("VERSION", "2.0")?;
        lines.put("PRODID", "-//credwatch//credwatch//EN")?;
        lines.put("CALSCALE", "GREGORIAN")?;
        lines.put("METHOD", "PUBLISH")?;
        lines.put("X-WR-CALNAME", "credwatch: ends of credentials")?;
        if let Some(unknown) = unknown(&rows, endings) {
            lines.put("X-WR-CALDESC", &escaped(&unknown))?;
        }
        for row in &rows {
            if let Some(at) = row.credential.expires_at {
                event(&mut lines, row, at, now)?;
                let limits = match row.owner {
                    // what renews itself is nothing to be reminded of
                    _ if row.credential.kind.renews() => None,
                    Owner::Tenant(report) => thresholds(&report.name),
                    Owner::App(directory, _) => Some(directory.thresholds),
                };
                for before in limits.into_iter().flat_map(|it| [it.warn, it.critical]) {
                    alarm(&mut lines, &summary(row), before)?;
                }
                lines.put("END", "VEVENT")?;
            }
        }
        lines.put("END", "VCALENDAR")
    })
}

/// Says which ends are not in the calendar, since nobody knows them.
fn unknown(rows: &[Row<'_>], endings: &Endings) -> Option<String> {
    let names = rows
        .iter()
        .filter(|row| row.credential.state == Expiry::Unknown)
        .map(|row| text::line(&row.owner.name()));
    let unread = endings.unread();
    let unread = unread.map(|(one, problem)| {
        let name = format!("directory {} ({}): {problem}", one.name, one.tenant_id);
        text::line(&name)
    });
    let names: Vec<_> = names.chain(unread).collect();
    (!names.is_empty()).then(|| format!("end unknown, so not in here: {}", names.join(", ")))
}

fn event(
    lines: &mut Lines<'_, '_>,
    row: &Row<'_>,
    at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> fmt::Result {
    lines.put("BEGIN", "VEVENT")?;
    lines.put("UID", &uid(row, at))?;
    lines.put("DTSTAMP", &stamp(now))?;
    if at.time() == NaiveTime::MIN {
        lines.put("DTSTART;VALUE=DATE", &at.format("%Y%m%d").to_string())?;
    } else {
        lines.put("DTSTART", &stamp(at))?;
    }
    lines.put("SUMMARY", &escaped(&summary(row)))?;
    lines.put("DESCRIPTION", &escaped(&description(row, now)))?;
    lines.put("CATEGORIES", "credwatch")?;
    lines.put("TRANSP", "TRANSPARENT")
}

/// The reminder so long before the end.
fn alarm(lines: &mut Lines<'_, '_>, summary: &str, before: TimeDelta) -> fmt::Result {
    lines.put("BEGIN", "VALARM")?;
    lines.put("ACTION", "DISPLAY")?;
    lines.put("DESCRIPTION", &escaped(summary))?;
    let (hours, seconds) = (before.num_hours(), before.num_seconds());
    let trigger = match hours % 24 {
        0 if hours * 3600 == seconds => format!("-P{}D", hours / 24),
        _ => format!("-PT{seconds}S"),
    };
    lines.put("TRIGGER", &trigger)?;
    lines.put("END", "VALARM")
}

fn summary(row: &Row<'_>) -> String {
    let what = row.credential.kind.word();
    format!("{}: {what} ends", row.owner.name())
}

fn description(row: &Row<'_>, now: DateTime<Utc>) -> String {
    let (app, directory) = (row.owner.client_id(), row.owner.tenant_id());
    let mut parts = vec![
        format!("{} ({})", row.label(), row.credential.role()),
        format!("date from {}", row.source(now)),
        format!("app {app} in directory {directory}"),
    ];
    let (contact, vendor, runbook) = match row.owner {
        Owner::Tenant(one) => (&one.contact, &one.vendor_support, &one.runbook),
        Owner::App(one, _) => {
            let support = &one.support;
            (&support.contact, &support.vendor_support, &support.runbook)
        }
    };
    for (label, value) in [
        ("note", &row.credential.note),
        ("contact", contact),
        ("vendor", vendor),
        ("runbook", runbook),
    ] {
        parts.extend(
            value
                .as_ref()
                .map(|value| format!("{label}: {}", text::line(value))),
        );
    }
    parts.join("\n")
}

/// The same for the same credential and end in every run, so that a subscription updates an event
/// and does not add one. What renews itself has one event, which moves.
fn uid(row: &Row<'_>, at: DateTime<Utc>) -> String {
    let key = row.credential.key_id.as_deref();
    let which = key.unwrap_or_else(|| row.credential.kind.word());
    let plain = |text: &str| -> String {
        let keep = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
        text.chars().map(keep).collect()
    };
    let whose = match row.owner {
        Owner::Tenant(report) => report.name.as_str(),
        // people rename apps
        Owner::App(_, app) => &app.client_id,
    };
    let (whose, which) = (plain(whose), plain(which));
    if row.credential.kind.renews() {
        return format!("{whose}-{which}@credwatch");
    }
    format!("{whose}-{which}-{}@credwatch", at.timestamp())
}

fn stamp(at: DateTime<Utc>) -> String {
    at.format("%Y%m%dT%H%M%SZ").to_string()
}

/// A text as a value: line ends, commas, semicolons and backslashes mean something there.
fn escaped(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for line in value.split('\n') {
        if !out.is_empty() {
            out.push_str("\\n");
        }
        for c in text::line(line).chars() {
            if matches!(c, '\\' | ';' | ',') {
                out.push('\\');
            }
            out.push(c);
        }
    }
    out
}

/// Writes content lines, folded between characters.
struct Lines<'a, 'b>(&'a mut fmt::Formatter<'b>);

impl Lines<'_, '_> {
    fn put(&mut self, name: &str, value: &str) -> fmt::Result {
        let line = format!("{name}:{value}");
        let mut rest = line.as_str();
        let mut room = LINE;
        loop {
            let head = text::head(rest, room);
            write!(self.0, "{head}\r\n")?;
            rest = rest.strip_prefix(head).unwrap_or_default();
            if rest.is_empty() {
                return Ok(());
            }
            // the blank that marks the rest takes room too
            self.0.write_str(" ")?;
            room = LINE - 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{verdict::Fleet, verdict::fixture};

    fn shown(fleet: &Fleet) -> String {
        let endings = Endings {
            fleet: fleet.clone(),
            directories: Vec::new(),
        };
        calendar(&endings, |_| Some(fixture::THRESHOLDS)).to_string()
    }

    /// The lines with their folds undone.
    fn unfolded(calendar: &str) -> Vec<String> {
        let whole = calendar.replace("\r\n ", "");
        whole.split_terminator("\r\n").map(str::to_owned).collect()
    }

    #[test]
    fn every_line_is_short_ends_in_crlf_and_unfolds_to_what_was_meant() {
        let mut report = fixture::failing();
        report.credentials[0].name = Some("ключ, Schlüssel; C:\\x\r\nEND:VEVENT ".repeat(20));
        let calendar = shown(&fixture::of(vec![report]));
        for line in calendar.split_terminator("\r\n") {
            assert!(line.len() <= 75 && !line.contains(['\r', '\n']), "{line}");
        }
        let lines = unfolded(&calendar);
        assert!(
            lines
                .iter()
                .any(|line| line.contains(r"ключ\, Schlüssel\; C:\\x END:VEVENT"))
        );
        let ends = lines.iter().filter(|line| *line == "END:VEVENT").count();
        assert_eq!(ends, 1, "foreign text ends no event");
    }

    #[test]
    fn an_event_is_the_same_in_every_run_and_reminds_at_the_thresholds() {
        let mut report = fixture::warning();
        let at = "2027-03-31T00:00:00Z".parse().unwrap();
        report.credentials[0].expires_at = Some(at);
        report.credentials[0].key_id = Some("33333333-aaaa-4333-8333-333333333333".into());
        let first = fixture::of(vec![report]);
        let mut later = first.clone();
        later.generated_at += TimeDelta::hours(1);
        let uid = |fleet| {
            unfolded(&shown(fleet))
                .into_iter()
                .find(|l| l.starts_with("UID:"))
        };
        assert!(uid(&first).is_some());
        assert_eq!(uid(&first), uid(&later));
        let lines = unfolded(&shown(&first));
        for due in [
            "DTSTART;VALUE=DATE:20270331",
            "TRIGGER:-P30D",
            "TRIGGER:-P3D",
        ] {
            assert!(lines.iter().any(|line| line == due), "{due}");
        }
    }

    #[test]
    fn what_renews_itself_is_one_event_that_moves_and_reminds_of_nothing() {
        let mut report = fixture::ok();
        let kind = crate::verdict::CredentialKind::RefreshToken;
        report.credentials[0].kind = kind;
        let first = fixture::of(vec![report.clone()]);
        report.credentials[0].expires_at = Some(fixture::now() + TimeDelta::days(300));
        let later = fixture::of(vec![report]);
        let uids = |fleet| {
            let mut lines = unfolded(&shown(fleet));
            assert!(!lines.contains(&"BEGIN:VALARM".to_owned()));
            lines.retain(|line| line.starts_with("UID:"));
            lines
        };
        assert_eq!(uids(&first).len(), 1);
        assert_eq!(uids(&first), uids(&later));
    }

    #[test]
    fn what_has_no_date_is_named_and_what_does_not_count_is_no_event() {
        let mut idle = fixture::failing();
        idle.credentials[0].watched = Some(false);
        let fleet = fixture::of(vec![idle, fixture::unknown()]);
        let lines = unfolded(&shown(&fleet));
        assert!(!lines.iter().any(|line| line == "BEGIN:VEVENT"));
        let name = fixture::unknown().name;
        assert!(lines.iter().any(|line| {
            line.starts_with("X-WR-CALDESC:end unknown") && line.contains(name.as_str())
        }));
    }
}
