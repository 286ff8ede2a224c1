//! The rows: every credential that is known, with whose it is and how people call it.

use crate::text::duration;
use std::borrow::Cow;

use chrono::{DateTime, Utc};

use super::{AppReport, DirectoryReport, Endings};
use crate::{
    text as clean,
    verdict::{CredentialReport, DateSource, Expiry, Report},
};

/// A part of a short label is no wider.
const LABEL: usize = 36;

/// One credential of a tenant, or of another app of a directory.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row<'a> {
    pub(super) owner: Owner<'a>,
    pub(super) credential: &'a CredentialReport,
}

/// Whose credential it is.
#[derive(Debug, Clone, Copy)]
pub(super) enum Owner<'a> {
    Tenant(&'a Report),
    App(&'a DirectoryReport, &'a AppReport),
}

/// Returns every credential, soonest first; ties stay in the order of the config.
pub(super) fn rows(endings: &Endings) -> Vec<Row<'_>> {
    let mut rows = Vec::new();
    for report in &endings.fleet.tenants {
        for credential in &report.credentials {
            let owner = Owner::Tenant(report);
            rows.push(Row { owner, credential });
        }
    }
    for directory in &endings.directories {
        for app in &directory.listed {
            for credential in &app.credentials {
                let owner = Owner::App(directory, app);
                rows.push(Row { owner, credential });
            }
        }
    }
    rows.sort_by_key(|row| {
        let credential = row.credential;
        let known = credential.expires_at.is_some();
        let never = credential.state == Expiry::Never;
        (!known, never, credential.expires_at)
    });
    rows
}

impl<'a> Owner<'a> {
    /// What people call it.
    pub(super) fn name(self) -> Cow<'a, str> {
        match self {
            Self::Tenant(report) => report.name.as_str().into(),
            Self::App(directory, app) => format!("{} ({})", app.name, directory.label).into(),
        }
    }

    pub(super) fn tenant_id(self) -> &'a str {
        match self {
            Self::Tenant(report) => &report.tenant_id,
            Self::App(directory, _) => &directory.tenant_id,
        }
    }

    pub(super) fn client_id(self) -> &'a str {
        match self {
            Self::Tenant(report) => &report.client_id,
            Self::App(_, app) => &app.client_id,
        }
    }

    pub(super) fn tags(self) -> &'a [String] {
        match self {
            Self::Tenant(report) => &report.tags,
            Self::App(..) => &[],
        }
    }

    pub(super) fn tenant(self) -> Option<&'a Report> {
        match self {
            Self::Tenant(report) => Some(report),
            Self::App(..) => None,
        }
    }

    pub(super) fn app(self) -> Option<(&'a DirectoryReport, &'a AppReport)> {
        match self {
            Self::Tenant(_) => None,
            Self::App(directory, app) => Some((directory, app)),
        }
    }
}

impl Row<'_> {
    /// Whether the end of this credential is the end of the integration, for all that is known.
    pub(super) fn counts(&self) -> bool {
        self.credential.watched != Some(false)
    }

    /// Where its date comes from, and how old that knowledge is.
    pub(super) fn source(&self, now: DateTime<Utc>) -> String {
        let source = source(self.credential.source);
        match self.credential.read_at {
            Some(at) => format!("{source}, {} ago", duration::age(now - at)),
            None => source.to_owned(),
        }
    }

    /// How people tell it from others: its name, its first characters, its key id.
    pub(super) fn label(&self) -> String {
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
    pub(super) fn short_label(&self) -> Option<String> {
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
    pub(super) fn end(&self, now: DateTime<Utc>) -> String {
        match (self.credential.expires_at, self.credential.state) {
            (Some(at), _) if at <= now => format!("ended {} ago", duration::age(now - at)),
            (Some(at), _) => format!("in {}", duration::age(at - now)),
            (None, Expiry::Never) => "never".to_owned(),
            (None, _) => "unknown".to_owned(),
        }
    }
}

pub(super) const fn source(source: DateSource) -> &'static str {
    match source {
        DateSource::Config => "config",
        DateSource::Directory => "directory",
        DateSource::File => "file",
        DateSource::Computed => "computed",
    }
}
