//! The verdict on a tenant as stable, serialisable values.
//!
//! Field names and ids are a contract with scripts: fields are added and never renamed. This module
//! holds data and the rules that follow from that data alone (the status of two halves). It knows
//! neither how a verdict is reached (`diagnosis`, `expiry`, `assessment`) nor how one is shown
//! (`report`, `tui`, `notify`); all of those read it.

pub mod cause;
pub(crate) mod seconds;
mod step;

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize, de};
use strum::{Display, IntoStaticStr};

use self::cause::{Cause, Owner};
pub use self::step::{Shell, Step, StepCommand, StepKind, Way, leading};
use crate::{
    observation::Stage,
    profile::Profile,
    registration::Kind,
    tenant::{PreferredShell, TenantName},
    text,
};

/// The day on which EWS in Exchange Online's worldwide cloud is switched off for good.
pub const EWS_ENDS_AT: &str = "2027-04-01";

/// Version of the JSON schema.
pub const SCHEMA: u32 = 1;

/// What one pass over the tenants found.
#[derive(Debug, Clone, Serialize)]
pub struct Fleet {
    /// Version of this shape.
    pub schema: u32,
    /// When the pass ended.
    #[serde(serialize_with = "seconds::serialize")]
    pub generated_at: DateTime<Utc>,
    /// How many tenants have which status.
    pub summary: Summary,
    /// The reports, in the order of the config.
    pub tenants: Vec<Report>,
}

/// How many tenants have which status.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// All.
    pub total: usize,
    /// Status ok.
    pub ok: usize,
    /// Status warning.
    pub warning: usize,
    /// Status critical.
    pub critical: usize,
    /// Status unknown.
    pub unknown: usize,
}

/// A text of credwatch's own; read back, it is the one that is known here.
type Fixed = &'static str;

/// The verdict on one tenant.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Report {
    /// Name in the config.
    pub name: TenantName,
    /// Id of its profile.
    #[serde(deserialize_with = "profile")]
    pub profile: Fixed,
    /// The directory.
    pub tenant_id: String,
    /// The app.
    pub client_id: String,
    /// The mailbox of the test calls.
    pub mailbox: Option<String>,
    /// Free labels.
    pub tags: Vec<String>,
    /// The worst of both halves.
    pub status: Status,
    /// Does it work now? `None` for `mode = "dates"`.
    pub live: Option<Live>,
    /// What of the credentials that count? `None` only where `--only live` left it out.
    pub expiry: Option<Expiry>,
    /// Why `live` is not ok.
    pub diagnosis: Option<Diagnosis>,
    /// All five stages, in order.
    pub stages: Vec<StageReport>,
    /// Every known credential.
    pub credentials: Vec<CredentialReport>,
    /// When EWS itself ends for this tenant, if it does.
    pub retirement: Option<Retirement>,
    /// When the check began.
    #[serde(serialize_with = "seconds::serialize")]
    pub checked_at: DateTime<Utc>,
    /// How long its stages took together, in milliseconds.
    pub ms: Option<f64>,
    /// Why the last attempt to read its directory failed, if it did; the credentials' notes say so to
    /// people.
    #[serde(skip)]
    pub unread: Option<String>,
    /// The person or team to call, from the config.
    pub contact: Option<String>,
    /// Where the vendor takes requests, from the config.
    pub vendor_support: Option<String>,
    /// A page with this place's steps, from the config.
    pub runbook: Option<String>,
    /// Anything else, from the config.
    pub note: Option<String>,
}

/// The worst of the two halves of a verdict.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Display, IntoStaticStr,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum Status {
    /// Works, and nothing ends soon.
    Ok,
    /// Something ends within `warn`, or its end is unknown.
    Warning,
    /// Broken, ended, or about to end.
    Critical,
    /// Could not be told.
    Unknown,
}

/// Does it work now?
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Display, IntoStaticStr,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum Live {
    /// Yes.
    Ok,
    /// A definite no.
    Failing,
    /// Could not be tried or told.
    Unknown,
}

/// How near the end of a credential, or of the worst that counts, is.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Display, IntoStaticStr,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum Expiry {
    /// Far.
    Ok,
    /// Within `warn`.
    Warning,
    /// Within `critical`.
    Critical,
    /// Past.
    Expired,
    /// It is known to have no end.
    Never,
    /// No date could be read or is configured.
    Unknown,
}

/// How sure a diagnosis is.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    Display,
    IntoStaticStr,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum Confidence {
    /// Fits the evidence, as other causes do.
    Possible,
    /// Fits the evidence better than any other cause.
    Likely,
    /// The service said so.
    Certain,
}

/// Why a tenant does not work, and who must do what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnosis {
    /// The named reason.
    pub cause: Cause,
    /// Where it showed.
    pub stage: Option<Stage>,
    /// One line for people.
    pub title: String,
    /// What it means here, in a few sentences.
    pub detail: String,
    /// The code that the service gave, as it spells it (`AADSTS7000222`, `ErrorAccessDenied`).
    pub code: Option<String>,
    /// How sure this is.
    pub confidence: Confidence,
    /// What else it may be.
    pub also_possible: Vec<Cause>,
    /// Who must act.
    pub owner: Owner,
    /// Whether it may pass by itself.
    pub transient: bool,
    /// What to do, in order, each step in a line.
    pub fix: Vec<String>,
    /// The same steps as data.
    #[serde(default)]
    pub steps: Vec<Step>,
    /// Which alternative of a step comes first; a wish of the config, and no part of the verdict.
    #[serde(skip)]
    pub shell: PreferredShell,
    /// The service's id of the request.
    pub trace_id: Option<String>,
    /// The id that ties requests of one operation together.
    pub correlation_id: Option<String>,
    /// Every code found, best evidence first.
    #[serde(default)]
    pub codes: Vec<CodeMeaning>,
}

impl Diagnosis {
    /// Puts a step before everything else that is to be done.
    pub fn lead_with(&mut self, step: Step) {
        let does = |step: &Step| step.kind == StepKind::Do;
        let place = self.steps.iter().position(does).unwrap_or(0);
        self.fix
            .insert(place.min(self.fix.len()), step.line(self.shell));
        self.steps.insert(place, step);
    }

    /// Returns what to do, in a line, where there is space for one step.
    pub fn first_step(&self) -> Option<String> {
        // a result that an older credwatch kept has no steps
        let line = leading(&self.steps).map(|step| step.short(self.shell));
        line.or_else(|| self.fix.first().cloned())
    }
}

/// What one code means.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeMeaning {
    /// The code, as the service spells it.
    pub code: String,
    /// The cause it points to.
    pub cause: Cause,
    /// One line on what it says.
    pub summary: String,
}

/// What came of one stage.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StageReport {
    /// Which stage.
    pub name: Stage,
    /// What came of it.
    pub status: StageStatus,
    /// How long it took, in milliseconds; `None` where it was skipped.
    pub ms: Option<f64>,
    /// The HTTP status, where there was an answer.
    pub http_status: Option<u16>,
    /// The code that the service gave.
    pub code: Option<String>,
}

/// What came of a stage.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Display, IntoStaticStr,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum StageStatus {
    /// It worked.
    Ok,
    /// It did not.
    Failed,
    /// Not configured, or not reached.
    Skipped,
}

/// One credential with its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CredentialReport {
    /// What it is.
    pub kind: CredentialKind,
    /// Where the end date comes from.
    pub source: DateSource,
    /// The GUID that the directory knows it by.
    pub key_id: Option<String>,
    /// What the directory calls it.
    pub name: Option<String>,
    /// The first characters of a secret, as the directory tells them.
    pub hint: Option<String>,
    /// Anything to know about the date.
    pub note: Option<String>,
    /// Whether credwatch sends it; `None` where it may be one of several.
    pub presented: Option<bool>,
    /// Whether the integration lives on it; `None` where it may be one of several.
    pub watched: Option<bool>,
    /// When the date was read.
    #[serde(serialize_with = "seconds::optional::serialize")]
    pub read_at: Option<DateTime<Utc>>,
    /// From when it is good.
    #[serde(serialize_with = "seconds::optional::serialize")]
    pub starts_at: Option<DateTime<Utc>>,
    /// When it ends; `None` for never and for unknown, which `state` tells apart.
    #[serde(serialize_with = "seconds::optional::serialize")]
    pub expires_at: Option<DateTime<Utc>>,
    /// Whole days left, truncated toward zero; negative after the end.
    pub days_left: Option<i64>,
    /// How near the end is.
    pub state: Expiry,
    /// Whether it was made for longer than `max_lifetime` allows.
    pub too_long: bool,
}

impl CredentialReport {
    /// Returns one of which nothing more is known than that we send it and that the integration lives
    /// on it.
    pub const fn new(kind: CredentialKind, source: DateSource) -> Self {
        Self {
            kind,
            source,
            key_id: None,
            name: None,
            hint: None,
            note: None,
            presented: Some(true),
            watched: Some(true),
            read_at: None,
            starts_at: None,
            expires_at: None,
            days_left: None,
            state: Expiry::Unknown,
            too_long: false,
        }
    }

    /// Returns what tells a secret from others, free of control characters: its name, the beginning of
    /// its value, and its end.
    pub fn label(&self) -> String {
        let name = self
            .name
            .as_deref()
            .map(|name| format!("'{}'", text::line(name)));
        let hint = self
            .hint
            .as_deref()
            .map(|hint| format!("begins with {}", text::line(hint)));
        let end = self
            .expires_at
            .map(|at| format!("ends {}", at.format("%Y-%m-%d")));
        let facts: Vec<_> = hint.into_iter().chain(end).collect();
        let facts = match facts.as_slice() {
            [] => String::new(),
            facts => format!("({})", facts.join(", ")),
        };
        let parts: Vec<_> = name
            .into_iter()
            .chain([facts])
            .filter(|part| !part.is_empty())
            .collect();
        parts.join(" ")
    }

    /// Returns who uses it, in words.
    pub const fn role(&self) -> &'static str {
        if matches!(self.kind, CredentialKind::RefreshToken) {
            // the vendor holds another one, always
            return "own sign-in";
        }
        match (self.presented, self.watched) {
            (Some(true), Some(true)) => "in use",
            (Some(true), _) => "own key",
            (_, Some(true)) => "the vendor's",
            (None, _) | (_, None) => "may be in use",
            (Some(false), Some(false)) => "not in use",
        }
    }
}

impl CredentialReport {
    /// Returns whether it renews itself, and does so still: its end date is then no news.
    pub fn renews_itself(&self) -> bool {
        self.kind.renews() && self.state == Expiry::Ok
    }
}

/// Kinds of credentials.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Display, IntoStaticStr,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum CredentialKind {
    /// A client secret.
    Secret,
    /// A certificate.
    Certificate,
    /// Another provider's token.
    Federated,
    /// A kept refresh token.
    RefreshToken,
}

impl CredentialKind {
    /// Returns whether it is made to renew itself again and again.
    pub const fn renews(self) -> bool {
        match self {
            Self::Federated | Self::RefreshToken => true,
            Self::Secret | Self::Certificate => false,
        }
    }
}

impl From<Kind> for CredentialKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Secret => Self::Secret,
            Kind::Certificate => Self::Certificate,
        }
    }
}

/// Where the end date of a credential comes from.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Display, IntoStaticStr,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum DateSource {
    /// Written in the config.
    Config,
    /// Read from the app's registration.
    Directory,
    /// Read from the certificate or token file.
    File,
    /// Worked out from when it was last used.
    Computed,
}

/// The end of Exchange Web Services in Exchange Online.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retirement {
    /// The day of the final shutdown, as `YYYY-MM-DD`.
    #[serde(deserialize_with = "ends_at")]
    pub ends_at: Fixed,
    /// What the last EWS answer showed.
    pub gate: Gate,
    /// Whether the Graph twin of the test call works; `None` where it was not tried.
    pub graph_works: Option<bool>,
}

/// Whether EWS is open to the app.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Display, IntoStaticStr,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum Gate {
    /// The last call got through.
    Open,
    /// The last call was refused because EWS is switched off.
    Blocked,
    /// No call told.
    Unknown,
}

/// Reads the id of a profile.
fn profile<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Fixed, D::Error> {
    let id = String::deserialize(deserializer)?;
    let known = Profile::by_id(&id).map(|profile| profile.id);
    known.ok_or_else(|| de::Error::custom(format!("no profile is called '{id}'")))
}

/// Reads the day on which EWS ends.
fn ends_at<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Fixed, D::Error> {
    let day = String::deserialize(deserializer)?;
    let known = (day == EWS_ENDS_AT).then_some(EWS_ENDS_AT);
    known.ok_or_else(|| de::Error::custom("EWS ends on another day"))
}

/// Returns the status that the halves add up to; a half that is not there does not count.
///
/// A live tenant with an unknown end date is a warning: it works, but no alert will come in time.
/// Without the live half, an unknown end date leaves nothing to judge.
pub fn status(live: Option<Live>, expiry: Option<Expiry>) -> Status {
    match (live, expiry) {
        (Some(Live::Failing), _) | (_, Some(Expiry::Critical | Expiry::Expired)) => {
            Status::Critical
        }
        (Some(Live::Unknown), _) | (None, None | Some(Expiry::Unknown)) => Status::Unknown,
        (_, Some(Expiry::Warning)) | (Some(Live::Ok), Some(Expiry::Unknown)) => Status::Warning,
        (_, None | Some(Expiry::Ok | Expiry::Never)) => Status::Ok,
    }
}

impl Report {
    /// Returns a live secret that the directory lists, that is younger than the one in use, and that is
    /// not known to be in use itself.
    pub fn younger_secret(&self) -> Option<&CredentialReport> {
        let secret = |one: &&CredentialReport| one.kind == CredentialKind::Secret;
        let in_use =
            |one: &&CredentialReport| one.presented != Some(false) || one.watched != Some(false);
        let newest = self.credentials.iter().filter(secret).filter(in_use);
        let newest = newest.filter_map(|one| one.starts_at).max()?;
        let lives = |one: &CredentialReport| {
            matches!(one.state, Expiry::Ok | Expiry::Warning | Expiry::Never)
        };
        let mut idle = self
            .credentials
            .iter()
            .filter(secret)
            .filter(|one| !in_use(one));
        idle.find(|one| lives(one) && one.starts_at.is_some_and(|at| at > newest))
    }

    /// Leaves only the live half, and the status that follows from it.
    #[must_use]
    pub fn without_expiry(self) -> Self {
        Self {
            status: status(self.live, None),
            expiry: None,
            ..self
        }
    }

    /// Leaves only the expiry half, and the status that follows from it.
    #[must_use]
    pub fn without_live(self) -> Self {
        Self {
            status: status(None, self.expiry),
            live: None,
            diagnosis: None,
            ..self
        }
    }
}

impl Fleet {
    /// Sums up reports of one pass.
    pub fn new(tenants: Vec<Report>, generated_at: DateTime<Utc>) -> Self {
        let mut summary = Summary {
            total: tenants.len(),
            ..Summary::default()
        };
        for report in &tenants {
            *match report.status {
                Status::Ok => &mut summary.ok,
                Status::Warning => &mut summary.warning,
                Status::Critical => &mut summary.critical,
                Status::Unknown => &mut summary.unknown,
            } += 1;
        }
        Self {
            schema: SCHEMA,
            generated_at,
            summary,
            tenants,
        }
    }
}

/// Returns a duration in milliseconds, rounded to a tenth.
pub fn milliseconds(took: Duration) -> f64 {
    (took.as_secs_f64() * 10_000.0).round() / 10.0
}

#[cfg(test)]
pub(crate) mod fixture;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_status_is_the_worst_of_both_halves() {
        use Expiry as E;
        let table = [
            (Some(Live::Ok), Some(E::Ok), Status::Ok),
            (Some(Live::Ok), Some(E::Never), Status::Ok),
            (Some(Live::Ok), Some(E::Warning), Status::Warning),
            (Some(Live::Ok), Some(E::Unknown), Status::Warning),
            (Some(Live::Ok), Some(E::Critical), Status::Critical),
            (Some(Live::Ok), Some(E::Expired), Status::Critical),
            (Some(Live::Failing), Some(E::Ok), Status::Critical),
            (Some(Live::Failing), None, Status::Critical),
            (Some(Live::Unknown), Some(E::Ok), Status::Unknown),
            (Some(Live::Unknown), Some(E::Warning), Status::Unknown),
            (Some(Live::Unknown), Some(E::Expired), Status::Critical),
            (None, Some(E::Ok), Status::Ok),
            (None, Some(E::Unknown), Status::Unknown),
            (None, None, Status::Unknown),
        ];
        for (live, expiry, expected) in table {
            assert_eq!(status(live, expiry), expected, "{live:?} {expiry:?}");
        }
    }

    #[test]
    fn milliseconds_are_rounded_to_a_tenth() {
        assert!((milliseconds(Duration::from_micros(12_349)) - 12.3).abs() < 1e-9);
    }
}
