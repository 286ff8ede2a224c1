//! Whether the app has a credential that lives on.

use super::{Case, Verdict};
use crate::text::duration;
use crate::{
    registration::{Kind, Reading, Registered},
    tenant::{EndDate, Watch},
    verdict::cause::Cause,
};

impl Case<'_> {
    pub(super) fn secret(self) -> Verdict {
        const DUE: &str = "one that lives on (this prints it, so do it where nobody looks on)";
        if self.seen.cause == Some(Cause::SecretExpired) {
            return self.lacking("the login service says that it has ended", DUE);
        }
        let Some(registration) = self.registration() else {
            return self.unseen();
        };
        // where no guide asks for a secret, a certificate does as well
        let counts = |one: &&Registered| one.kind == Kind::Secret || !self.step.stated;
        let listed: Vec<_> = registration.credentials.iter().filter(counts).collect();
        let one = match self.in_use(&listed) {
            Ok(one) => one,
            Err(_) if registration.gap.is_some() => return self.unseen(),
            Err(Absent::Hidden) => {
                let why = "which one is in use cannot be told: not all show how they begin";
                return Verdict::Unseen(why.to_owned());
            }
            Err(Absent::Gone(what)) => return self.lacking(&what, DUE),
        };
        let name = shown(one);
        match one.end {
            Some(EndDate::Never) => Verdict::Met(format!("{name} never ends")),
            None => Verdict::Unseen(format!("{name} has no end that could be read")),
            Some(EndDate::At(at)) => {
                let (now, day) = (self.seen.now, at.format("%Y-%m-%d"));
                if at <= now {
                    let ago = duration::age(now - at);
                    return self.lacking(&format!("{name} ended {day}, {ago} ago"), DUE);
                }
                let left = duration::age(at - now);
                let ends = format!("{name} ends {day}, in {left}");
                if at - now <= self.tenant.thresholds.warn {
                    return self.lacking(&ends, DUE);
                }
                Verdict::Met(ends)
            }
        }
    }

    /// The one that the integration lives on: the watched one, else ours, else that with the last end.
    /// Of several that fit, the one that ends first.
    fn in_use<'r>(&self, listed: &[&'r Registered]) -> Result<&'r Registered, Absent> {
        let named = match (&self.tenant.watch, self.seen.reading) {
            (Some(watch), _) => Some((watch.clone(), "that `watch` names")),
            (
                None,
                Some(Reading {
                    hint: Some(hint), ..
                }),
            ) => Some((Watch::Hint(hint.clone()), "in use")),
            (None, _) => None,
        };
        let Some((named, what)) = named else {
            let last = listed.iter().max_by_key(|one| order(one.end)).copied();
            return last.ok_or_else(|| Absent::Gone("none is registered".to_owned()));
        };
        let fits = |one: &&&Registered| match &named {
            Watch::KeyId(id) => {
                let key = one.key_id.as_deref();
                key.is_some_and(|key| key.eq_ignore_ascii_case(id))
            }
            Watch::Hint(begins) => one.hint.as_ref() == Some(begins),
        };
        let soonest = listed.iter().filter(fits).min_by_key(|one| order(one.end));
        soonest.copied().ok_or_else(|| match named {
            Watch::Hint(_) if listed.iter().any(|one| one.hint.is_none()) => Absent::Hidden,
            Watch::Hint(begins) => Absent::Gone(format!(
                "the one {what}, which begins with '{begins}', is not registered"
            )),
            Watch::KeyId(id) => Absent::Gone(format!("the one {what}, {id}, is not registered")),
        })
    }
}

/// Why the one that counts is not among those listed.
enum Absent {
    /// It may be one that does not show how it begins.
    Hidden,
    /// It is not there, in these words.
    Gone(String),
}

/// What sorts ends: unknown ones first, and none that is known to come last.
fn order(end: Option<EndDate>) -> (u8, i64) {
    match end {
        None => (0, 0),
        Some(EndDate::At(at)) => (1, at.timestamp()),
        Some(EndDate::Never) => (2, 0),
    }
}

fn shown(one: &Registered) -> String {
    match (&one.name, &one.hint, &one.key_id) {
        (Some(name), _, _) => format!("'{name}'"),
        (None, Some(hint), _) => format!("{hint}…"),
        (None, None, Some(key)) => key.clone(),
        (None, None, None) => "one without a name".to_owned(),
    }
}
