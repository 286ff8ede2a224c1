//! Notices when a secret source begins to give another secret.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use chrono::{DateTime, Utc};

use crate::{secret::Fingerprint, tenant::SecretSource};

/// The last secret of each source, and when the source was first seen to give it.
#[derive(Debug, Default)]
pub(super) struct Changes(Mutex<HashMap<SecretSource, SeenSecret>>);

#[derive(Debug)]
struct SeenSecret {
    fingerprint: Fingerprint,
    changed_at: Option<DateTime<Utc>>,
}

impl Changes {
    /// Returns whether this source has given a secret before.
    pub(super) fn knows(&self, source: &SecretSource) -> bool {
        let sources = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sources.contains_key(source)
    }

    /// Notes what a source gave now; returns when it was last seen to change, if ever.
    ///
    /// `stamp` is when the source itself says that it changed. It counts for the first reading only:
    /// a file that is touched, and gives what it gave before, has not changed.
    pub(super) fn note(
        &self,
        source: &SecretSource,
        fingerprint: Fingerprint,
        stamp: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> Option<DateTime<Utc>> {
        let mut sources = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(seen) = sources.get_mut(source) {
            if seen.fingerprint != fingerprint {
                seen.fingerprint = fingerprint;
                seen.changed_at = Some(now);
            }
            return seen.changed_at;
        }
        let seen = SeenSecret {
            fingerprint,
            changed_at: stamp,
        };
        sources.insert(source.clone(), seen);
        stamp
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Secrets;

    #[test]
    fn a_change_is_seen_from_the_second_reading_on() {
        let (changes, secrets) = (Changes::default(), Secrets::default());
        let source = SecretSource::Env("CONTOSO_SECRET".into());
        let at = |hour: i64| DateTime::from_timestamp(hour * 3600, 0).unwrap();
        let note = |secret: &str, hour| {
            let fingerprint = secrets.fingerprint(&secret.to_owned().into());
            changes.note(&source, fingerprint, None, at(hour))
        };
        assert_eq!(note("old", 1), None);
        assert_eq!(note("old", 2), None);
        assert_eq!(note("new", 3), Some(at(3)));
        assert_eq!(note("new", 4), Some(at(3)));
    }

    #[test]
    fn the_stamp_of_a_file_counts_when_it_is_first_read_and_never_again() {
        let (changes, secrets) = (Changes::default(), Secrets::default());
        let source = SecretSource::File("secret".into());
        let at = |hour: i64| DateTime::from_timestamp(hour * 3600, 0).unwrap();
        let same = secrets.fingerprint(&"same".to_owned().into());
        assert!(!changes.knows(&source));
        let first = changes.note(&source, same, Some(at(1)), at(2));
        assert_eq!(first, Some(at(1)));
        assert!(changes.knows(&source));
        let touched = changes.note(&source, same, Some(at(3)), at(4));
        assert_eq!(touched, Some(at(1)));
    }
}
