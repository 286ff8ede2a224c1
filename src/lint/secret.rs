//! Whether the app has a credential that lives on.

use super::{Case, Verdict};
use crate::{
    diagnosis::cause::Cause,
    expiry,
    registration::{Kind, Registered},
    tenant::{EndDate, Watch},
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
        let Some(one) = self.in_use(&listed) else {
            return match registration.gap {
                Some(_) => self.unseen(),
                None => self.lacking("none is registered", DUE),
            };
        };
        let name = shown(one);
        match one.end {
            Some(EndDate::Never) => Verdict::Met(format!("{name} never ends")),
            None => Verdict::Unseen(format!("{name} has no end that could be read")),
            Some(EndDate::At(at)) => {
                let (now, day) = (self.seen.now, at.format("%Y-%m-%d"));
                if at <= now {
                    let ago = expiry::age(now - at);
                    return self.lacking(&format!("{name} ended {day}, {ago} ago"), DUE);
                }
                let left = expiry::age(at - now);
                let ends = format!("{name} ends {day}, in {left}");
                if at - now <= self.tenant.thresholds.warn {
                    return self.lacking(&ends, DUE);
                }
                Verdict::Met(ends)
            }
        }
    }

    /// The one that the integration lives on: the watched one, else ours, else that with the last end.
    fn in_use<'r>(&self, listed: &[&'r Registered]) -> Option<&'r Registered> {
        let hint = |hint: &str| listed.iter().find(|one| one.hint.as_deref() == Some(hint));
        let known = match &self.tenant.watch {
            Some(Watch::KeyId(id)) => listed.iter().find(|one| {
                let key = one.key_id.as_deref();
                key.is_some_and(|key| key.eq_ignore_ascii_case(id))
            }),
            Some(Watch::Hint(begins)) => hint(begins),
            None => self
                .seen
                .reading
                .and_then(|reading| reading.hint.as_deref())
                .and_then(hint),
        };
        let last = || listed.iter().max_by_key(|one| order(one.end));
        known.or_else(last).copied()
    }
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
