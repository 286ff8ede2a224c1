//! Which alerts a channel takes.

use super::{Alert, Kind, Urgency};

/// What a channel wants to hear of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// The channel, by its name.
    pub channel: String,
    /// The least urgency that the channel takes; recoveries are always taken.
    pub least: Urgency,
    /// Takes only tenants with one of these labels; all tenants if there are none.
    pub tags: Vec<String>,
}

impl Subscription {
    /// Returns whether the channel takes an alert. Every channel takes alerts that concern no tenant.
    /// An alert about many tenants goes to every channel that takes one of them, and a recovery to
    /// the channels that took the failure.
    pub fn wants(&self, alert: &Alert) -> bool {
        let urgent = alert.urgency >= self.least || alert.kind.is_end() || alert.kind == Kind::Test;
        let of_tenants = alert.tenant.is_some() || alert.is_of_many();
        let labelled = self.tags.is_empty()
            || !of_tenants
            || alert.tags.iter().any(|tag| self.tags.contains(tag));
        urgent && labelled
    }
}
