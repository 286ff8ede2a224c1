//! One message for one credential: a secret that serves many tenants ends once.

use std::collections::{BTreeMap, BTreeSet};

use super::{Alert, Kind, words::names};
use crate::tenant::TenantName;

/// Makes one of the alerts that have a key in common, which are about one credential of one app. It
/// stands in the place of the first and names the others.
pub(super) fn share(alerts: Vec<Alert>) -> Vec<Alert> {
    let mut shared: Vec<Alert> = Vec::with_capacity(alerts.len());
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    let mut others: BTreeMap<usize, Vec<TenantName>> = BTreeMap::new();
    for alert in alerts {
        let known = places.get(&alert.key).copied();
        let first = known.and_then(|place| shared.get_mut(place).map(|first| (place, first)));
        match (first, alert.tenant) {
            (Some((place, first)), Some(tenant)) if alert.kind == Kind::Expiry => {
                let tags: BTreeSet<_> = first.tags.drain(..).chain(alert.tags).collect();
                first.tags = tags.into_iter().collect();
                first.urgency = first.urgency.max(alert.urgency);
                others.entry(place).or_default().push(tenant);
            }
            (_, tenant) => {
                places.insert(alert.key.clone(), shared.len());
                shared.push(Alert { tenant, ..alert });
            }
        }
    }
    for (place, tenants) in others {
        if let Some(first) = shared.get_mut(place) {
            let also = names(tenants.iter().map(TenantName::as_str));
            first.add(&format!("Also used by: {also}."));
        }
    }
    shared
}
