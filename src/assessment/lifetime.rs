//! Flags credentials that were made for longer than the operator wants: a warning however far the end
//! is, and never more than that.

use chrono::{DateTime, Utc};

use crate::tenant::Thresholds;
use crate::verdict::{CredentialReport, Expiry, Report};

/// Flags those that count, and have not ended. Where nobody knows the beginning, what is left of a
/// credential's life is the least that it lives.
pub fn flag(credentials: &mut [CredentialReport], thresholds: Thresholds, now: DateTime<Utc>) {
    let Some(most) = thresholds.max_lifetime else {
        return;
    };
    for one in credentials {
        if one.kind.renews() || one.watched == Some(false) || one.state == Expiry::Expired {
            continue;
        }
        let lifetime = one.expires_at.map(|end| end - one.starts_at.unwrap_or(now));
        let lives = match (one.state, lifetime) {
            (Expiry::Never, _) => "never ends".to_owned(),
            (_, Some(lifetime)) if lifetime > most => format!("lives {}d", lifetime.num_days()),
            _ => continue,
        };
        one.too_long = true;
        let note = format!("{lives}: `max_lifetime` is {}d", most.num_days());
        one.note = Some(match one.note.take() {
            Some(first) => format!("{first}; {note}"),
            None => note,
        });
    }
}

impl Report {
    /// Returns whether the expiry half is a warning though nothing ends soon.
    pub fn only_lives_too_long(&self) -> bool {
        let mut counting = self.credentials.iter();
        self.expiry == Some(Expiry::Warning)
            && !counting.any(|one| one.watched != Some(false) && one.state == Expiry::Warning)
            && self.credentials.iter().any(|one| one.too_long)
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::verdict::fixture;

    #[test]
    fn a_credential_that_counts_is_flagged_by_its_whole_life_or_by_what_is_surely_left_of_it() {
        let (now, days) = (fixture::now(), TimeDelta::days);
        for (starts_in, ends_in, state, watched, flagged) in [
            (Some(-1), Some(364), Expiry::Ok, Some(true), false),
            (Some(-2), Some(364), Expiry::Ok, Some(true), true),
            (Some(-700), Some(20), Expiry::Warning, None, true),
            (Some(-700), Some(-1), Expiry::Expired, Some(true), false),
            (Some(-700), Some(20), Expiry::Warning, Some(false), false),
            (None, Some(364), Expiry::Ok, Some(true), false),
            (None, Some(366), Expiry::Ok, Some(true), true),
            (None, None, Expiry::Never, Some(true), true),
            (None, None, Expiry::Unknown, Some(true), false),
        ] {
            let mut one = fixture::secret(state, None);
            one.starts_at = starts_in.map(|start| now + days(start));
            one.expires_at = ends_in.map(|end| now + days(end));
            one.watched = watched;
            let mut list = [one.clone()];
            flag(&mut list, fixture::THRESHOLDS, now);
            assert!(!list[0].too_long, "no limit is set");
            let limited = Thresholds {
                max_lifetime: Some(days(365)),
                ..fixture::THRESHOLDS
            };
            flag(&mut list, limited, now);
            assert_eq!(
                list[0].too_long, flagged,
                "{starts_in:?} {ends_in:?} {state:?}"
            );
            assert_eq!(list[0].note.is_some(), flagged || one.note.is_some());
            assert_eq!(list[0].state, state, "how near the end is stays as it is");
        }
    }
}
