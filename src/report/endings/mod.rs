//! The ends of all credentials of all tenants, soonest first, in every format of `credwatch expiry`.
//!
//! A row is one credential of one tenant. Ends that nobody knows come after those that are known, and
//! "never" comes last; none is left out of a list, so that no list looks better than the fleet is.

mod calendar;
mod table;
mod text;

use chrono::{DateTime, Utc};
use serde::Serialize;

pub use calendar::calendar;
pub use table::{csv, json, markdown};
pub use text::text;

use super::{CredentialReport, DateSource, Expiry, Fleet, Report};
use crate::{expiry, text as clean};

/// A part of a short label is no wider.
const LABEL: usize = 36;

/// One credential of one tenant.
#[derive(Debug, Clone, Copy)]
struct Row<'a> {
    report: &'a Report,
    credential: &'a CredentialReport,
}

/// Returns every credential, soonest first; ties stay in the order of the config.
fn rows(fleet: &Fleet) -> Vec<Row<'_>> {
    let of_report = |report| {
        let report: &Report = report;
        let credentials = report.credentials.iter();
        credentials.map(move |credential| Row { report, credential })
    };
    let mut rows: Vec<_> = fleet.tenants.iter().flat_map(of_report).collect();
    rows.sort_by_key(|row| {
        let credential = row.credential;
        let known = credential.expires_at.is_some();
        let never = credential.state == Expiry::Never;
        (!known, never, credential.expires_at)
    });
    rows
}

impl Row<'_> {
    /// Whether the end of this credential is the end of the integration, for all that is known.
    fn counts(&self) -> bool {
        self.credential.watched != Some(false)
    }

    /// Who uses it.
    fn role(&self) -> &'static str {
        match (self.credential.presented, self.credential.watched) {
            (Some(true), Some(true)) => "in use",
            (Some(true), _) => "own key",
            (_, Some(true)) => "the vendor's",
            (None, _) | (_, None) => "may be in use",
            (Some(false), Some(false)) => "not in use",
        }
    }

    /// Where its date comes from, and how old that knowledge is.
    fn source(&self, now: DateTime<Utc>) -> String {
        let source = source(self.credential.source);
        match self.credential.read_at {
            Some(at) => format!("{source}, {} ago", expiry::age(now - at)),
            None => source.to_owned(),
        }
    }

    /// How people tell it from others: its name, its first characters, its key id.
    fn label(&self) -> String {
        let credential = self.credential;
        let hint = credential.hint.as_deref().map(|hint| format!("{hint}…"));
        let parts = [credential.name.clone(), hint, credential.key_id.clone()];
        let parts: Vec<_> = parts
            .iter()
            .flatten()
            .map(|part| clean::line(part))
            .collect();
        if parts.is_empty() {
            "–".to_owned()
        } else {
            parts.join(" ")
        }
    }

    /// As [`Row::label`], in as few words as tell it apart mostly; nothing where it has none.
    fn short_label(&self) -> Option<String> {
        let credential = self.credential;
        let hint = credential.hint.as_deref().map(|hint| format!("{hint}…"));
        let told_by = hint.or_else(|| credential.key_id.clone());
        let parts = [credential.name.clone(), told_by];
        let parts: Vec<_> = parts
            .iter()
            .flatten()
            .map(|part| clean::fit(&clean::line(part), LABEL).into_owned())
            .collect();
        (!parts.is_empty()).then(|| parts.join(" "))
    }

    /// When it ends, as a phrase.
    fn end(&self, now: DateTime<Utc>) -> String {
        match (self.credential.expires_at, self.credential.state) {
            (Some(at), _) if at <= now => format!("ended {} ago", expiry::age(now - at)),
            (Some(at), _) => format!("in {}", expiry::age(at - now)),
            (None, Expiry::Never) => "never".to_owned(),
            (None, _) => "unknown".to_owned(),
        }
    }
}

const fn source(source: DateSource) -> &'static str {
    match source {
        DateSource::Config => "config",
        DateSource::Directory => "directory",
        DateSource::File => "file",
        DateSource::Computed => "computed",
    }
}

/// Returns how many of what there are, in words.
fn totals(rows: &[Row<'_>], tenants: usize) -> String {
    let count = |state| {
        let those = rows.iter().filter(|row| row.counts());
        those.filter(|row| row.credential.state == state).count()
    };
    let plural = |number: usize, noun: &str| match number {
        1 => format!("1 {noun}"),
        n => format!("{n} {noun}s"),
    };
    format!(
        "{} of {}; of those in use: {} ended, {} critical, {} warning, {} ok, {} never, {} unknown",
        plural(rows.len(), "credential"),
        plural(tenants, "tenant"),
        count(Expiry::Expired),
        count(Expiry::Critical),
        count(Expiry::Warning),
        count(Expiry::Ok),
        count(Expiry::Never),
        count(Expiry::Unknown),
    )
}

/// A row for scripts.
#[derive(Debug, Serialize)]
struct Entry<'a> {
    tenant: &'a str,
    profile: &'a str,
    tenant_id: &'a str,
    client_id: &'a str,
    tags: &'a [String],
    #[serde(flatten)]
    credential: &'a CredentialReport,
}

impl<'a> From<&Row<'a>> for Entry<'a> {
    fn from(row: &Row<'a>) -> Self {
        let report = row.report;
        Self {
            tenant: report.name.as_str(),
            profile: report.profile,
            tenant_id: &report.tenant_id,
            client_id: &report.client_id,
            tags: &report.tags,
            credential: row.credential,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    #[test]
    fn the_soonest_end_comes_first_and_what_nobody_knows_before_what_never_ends() {
        let mut never = fixture::ok();
        never.name = "never".into();
        never.credentials[0].state = Expiry::Never;
        never.credentials[0].expires_at = None;
        let fleet = fixture::of(vec![
            never,
            fixture::unknown(),
            fixture::ok(),
            fixture::failing(),
            fixture::warning(),
        ]);
        let ends: Vec<_> = rows(&fleet)
            .iter()
            .map(|row| row.end(fixture::now()))
            .collect();
        assert_eq!(
            ends,
            ["ended 3d ago", "in 12d", "in 212d", "unknown", "never"]
        );
    }

    #[test]
    fn every_format_shows_every_credential_and_none_hides_an_unknown_end() {
        let fleet = fixture::fleet();
        let now = crate::report::text::Symbols::ASCII;
        let shown = [
            text(&fleet, now),
            json(&fleet).to_string(),
            csv(&fleet).to_string(),
            markdown(&fleet).to_string(),
        ];
        for shown in shown {
            for report in &fleet.tenants {
                assert!(shown.contains(report.name.as_str()), "{shown}");
            }
            assert!(shown.contains("unknown"), "{shown}");
        }
    }
}
