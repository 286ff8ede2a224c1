//! An app's own registration as its directory lists it, and how long such a reading is fresh. Pure data,
//! read by `directory`, judged by `report`.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::{profile::guide::Platform, tenant::EndDate};

/// How long a reading is fresh; then the directory is asked again.
const GOOD_FOR: TimeDelta = TimeDelta::hours(6);

/// The shortest pause after a failure.
const PAUSE: TimeDelta = TimeDelta::minutes(30);

/// The pause before the one early reading for a secret that the last reading does not list yet.
const LOOK_FOR_NEW: TimeDelta = TimeDelta::minutes(15);

/// The credentials of an app, as its directory lists them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registration {
    /// When they were read.
    pub read_at: DateTime<Utc>,
    /// The hint of the secret that got the token for reading: it had not ended then.
    pub read_with: Option<String>,
    /// Every credential that was listed, each for itself.
    pub credentials: Vec<Registered>,
    /// How the app is set up.
    #[serde(default)]
    pub setup: Setup,
    /// Why this is not all there may be.
    pub gap: Option<String>,
}

/// How an app is set up in its directory. What is `None` could not be read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Setup {
    /// Whose accounts may sign in: the word of Entra (`signInAudience`).
    pub audience: Option<String>,
    /// Where sign-ins may come back to.
    pub redirects: Option<Vec<RedirectAddress>>,
    /// The permissions that the app asks for, granted or not.
    pub requested: Option<Vec<Requested>>,
    /// Whether it may sign in here.
    pub enabled: Option<bool>,
    /// The ids of the application permissions that were granted; whole, or `None`.
    pub roles: Option<Vec<String>>,
    /// Which delegated permissions were consented to; whole, or `None`.
    pub consents: Option<Vec<Consent>>,
}

impl Setup {
    /// Returns what the app's home directory tells of its use in another one: consent, and whether it
    /// may sign in, are matters of the directory that it is used in.
    #[must_use]
    pub fn of_home(self) -> Self {
        Self {
            enabled: None,
            roles: None,
            consents: None,
            ..self
        }
    }
}

/// An address that sign-ins may come back to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RedirectAddress {
    /// What kind of app it is for.
    pub platform: Platform,
    /// The address, safe to show.
    pub address: String,
}

/// A permission that an app asks for, by ids that are the same in every directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Requested {
    /// The API's application id.
    pub api: String,
    /// The permission's id.
    pub id: String,
}

/// A consent to delegated permissions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consent {
    /// Whether an administrator gave it for everybody, not one person for themselves.
    pub for_all: bool,
    /// The names of the permissions.
    pub scopes: Vec<String>,
}

/// One credential on a registration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registered {
    /// What it is.
    pub kind: Kind,
    /// The GUID that tells it from all others; the portal calls it Secret ID.
    pub key_id: Option<String>,
    /// What people called it; names may repeat, and many have none.
    pub name: Option<String>,
    /// The first three characters of a secret.
    pub hint: Option<String>,
    /// The thumbprint of a certificate, as the directory spells it.
    pub thumbprint: Option<String>,
    /// From when it is good, if that could be read.
    #[serde(default)]
    pub starts_at: Option<DateTime<Utc>>,
    /// When it ends, if that could be read.
    pub end: Option<EndDate>,
}

/// Kinds of credentials on a registration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// A client secret.
    Secret,
    /// A certificate.
    Certificate,
}

/// Why the last attempt to read brought nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// When that was.
    pub at: DateTime<Utc>,
    /// Why, in words that are safe to show.
    pub reason: String,
    /// Not to be tried again before this.
    pub retry_at: DateTime<Utc>,
}

impl Refusal {
    /// Returns a failure of now. `wait` is how long the service asked to be left alone.
    pub fn new(reason: String, wait: TimeDelta, now: DateTime<Utc>) -> Self {
        Self {
            at: now,
            reason,
            retry_at: now + wait.clamp(PAUSE, GOOD_FOR),
        }
    }

    /// Returns whether it may be tried again.
    pub fn is_over(&self, now: DateTime<Utc>) -> bool {
        now >= self.retry_at || self.at > now
    }
}

/// Returns whether what was read then is still good.
pub fn is_fresh(read_at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    is_within(read_at, GOOD_FOR, now)
}

/// A time that lies ahead, as after a clock was set back, counts as long ago.
fn is_within(at: DateTime<Utc>, span: TimeDelta, now: DateTime<Utc>) -> bool {
    at <= now && now - at < span
}

/// Whether the Graph twin of the EWS test call works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Twin {
    /// When it was tried.
    pub tried_at: DateTime<Utc>,
    /// What came of it; `None` where it told nothing.
    pub works: Option<bool>,
}

/// What is known of an app from its directory.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// The last good reading, however old.
    pub registration: Option<Registration>,
    /// Why a later attempt failed.
    pub refusal: Option<Refusal>,
    /// The Graph twin of the test call.
    pub twin: Option<Twin>,
    /// The hint of the secret that credwatch holds now, where it can be told.
    pub hint: Option<String>,
    /// The hint that was held at the last good reading: what was looked for there.
    #[serde(default)]
    pub looked_for: Option<String>,
}

impl Reading {
    /// Returns whether the directory should be asked again.
    pub fn is_due(&self, now: DateTime<Utc>) -> bool {
        if let Some(refusal) = &self.refusal {
            return refusal.is_over(now);
        }
        let Some(registration) = &self.registration else {
            return true;
        };
        // one that was looked for and not found will not be there any sooner
        let is_new = self.hint.is_some() && self.looked_for != self.hint;
        let good_for = if is_new && !self.lists_ours(registration) {
            LOOK_FOR_NEW
        } else {
            GOOD_FOR
        };
        !is_within(registration.read_at, good_for, now)
    }

    /// Returns whether the twin should be tried again.
    pub fn is_twin_due(&self, now: DateTime<Utc>) -> bool {
        self.twin
            .is_none_or(|twin| twin.tried_at > now || now - twin.tried_at >= GOOD_FOR)
    }

    /// Takes in a good reading.
    pub fn take(&mut self, registration: Registration) {
        self.refusal = None;
        self.looked_for.clone_from(&self.hint);
        self.registration = Some(registration);
    }

    /// Returns when the directory was last asked, as far as this tells.
    pub fn asked_at(&self) -> Option<DateTime<Utc>> {
        let read = self.registration.as_ref().map(|read| read.read_at);
        let refused = self.refusal.as_ref().map(|refused| refused.at);
        read.max(refused)
    }

    /// Takes in a failed attempt; what was read before stays. `wait` is how long the service asked
    /// to be left alone.
    pub fn refuse(&mut self, reason: String, wait: TimeDelta, now: DateTime<Utc>) {
        self.refusal = Some(Refusal::new(reason, wait, now));
    }

    /// Whether the secret that we hold may be among those listed.
    fn lists_ours(&self, registration: &Registration) -> bool {
        self.hint.is_none() || registration.read_with == self.hint || {
            let mut secrets = registration.credentials.iter();
            secrets.any(|one| one.hint == self.hint)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::days(20_000) + TimeDelta::minutes(minutes)
    }

    /// Read with the secret `abc`, before that of this hint was there.
    fn read(hint: &str) -> Reading {
        let mut reading = Reading {
            hint: Some("abc".into()),
            ..Reading::default()
        };
        reading.take(Registration {
            read_at: at(0),
            read_with: Some("abc".into()),
            credentials: Vec::new(),
            setup: Setup::default(),
            gap: None,
        });
        reading.hint = Some(hint.into());
        reading
    }

    #[test]
    fn a_reading_is_fresh_for_six_hours_or_15_minutes() {
        assert!(Reading::default().is_due(at(0)));
        assert!(!read("abc").is_due(at(0)) && !read("abc").is_due(at(359)));
        assert!(read("abc").is_due(at(360)));
        assert!(!read("new").is_due(at(14)) && read("new").is_due(at(15)));
        assert!(read("abc").is_due(at(-1)), "the clock was set back");
    }

    #[test]
    fn an_unlisted_secret_is_looked_for_once_early() {
        let mut reading = read("new");
        let read_by_another = Registration {
            read_at: at(15),
            read_with: None,
            ..reading.registration.clone().unwrap()
        };
        reading.take(read_by_another);
        assert!(!reading.is_due(at(15 + 359)) && reading.is_due(at(15 + 360)));
        reading.hint = Some("newer".into());
        assert!(reading.is_due(at(30)), "this one was never looked for");
    }

    #[test]
    fn a_failure_pauses_for_30_minutes_or_as_asked() {
        for (asked, due) in [(0, 30), (45, 45), (100_000, 360)] {
            let mut reading = read("abc");
            reading.refuse("403".into(), TimeDelta::minutes(asked), at(0));
            assert!(!reading.is_due(at(due - 1)), "{asked}");
            assert!(reading.is_due(at(due)), "{asked}");
            assert!(reading.is_due(at(-1)), "the clock was set back");
            assert!(
                reading.registration.is_some(),
                "the last good reading stays"
            );
        }
    }

    #[test]
    fn the_twin_is_tried_every_six_hours() {
        let mut reading = Reading::default();
        assert!(reading.is_twin_due(at(0)));
        reading.twin = Some(Twin {
            tried_at: at(0),
            works: None,
        });
        assert!(!reading.is_twin_due(at(359)) && reading.is_twin_due(at(360)));
    }
}
