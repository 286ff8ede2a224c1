//! Which tenants of a config a command works on: by name, by tag, by the half of the verdict that is
//! asked for, and by shard.

use std::sync::Arc;

use anyhow::bail;

use crate::{
    cli::Half,
    config::Config,
    shard::Shard,
    tenant::{Mode, Tenant},
    text,
};

/// At most this many known names are listed where a name is not known.
const LISTED_NAMES: usize = 10;

/// The tenants that a command line asks for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Selection<'a> {
    /// All tenants if empty.
    pub(super) names: &'a [String],
    /// Tenants with one of these tags; all if empty.
    pub(super) tags: &'a [String],
    pub(super) half: Option<Half>,
}

impl Selection<'_> {
    /// Returns the tenants in the order of the config, ready to be checked: for
    /// [`Half::Expiry`], none of them signs in.
    ///
    /// Fails where a name is not known, or nothing is left.
    pub(super) fn tenants(self, config: &Config) -> anyhow::Result<Vec<Arc<Tenant>>> {
        for name in self.names {
            tenant_named(config, name)?;
        }
        let mut tenants: Vec<_> = config
            .tenants
            .iter()
            .filter(|tenant| self.has(tenant))
            .cloned()
            .collect();
        if tenants.is_empty() {
            bail!("nothing to check: {}", self.why_nothing());
        }
        if self.half == Some(Half::Expiry) {
            // end dates alone need no sign-in
            for tenant in &mut tenants {
                Arc::make_mut(tenant).mode = Mode::Dates;
            }
        }
        Ok(tenants)
    }

    fn has(self, tenant: &Tenant) -> bool {
        let is_named =
            self.names.is_empty() || self.names.iter().any(|name| tenant.name.as_str() == name);
        let is_tagged =
            self.tags.is_empty() || self.tags.iter().any(|tag| tenant.tags.contains(tag));
        let has_half = self.half != Some(Half::Live) || tenant.mode == Mode::Live;
        is_named && is_tagged && has_half
    }

    fn why_nothing(self) -> String {
        if !self.tags.is_empty() {
            return format!(
                "no tenant is tagged '{}'",
                text::line(&self.tags.join("' or '"))
            );
        }
        match self.half {
            Some(Half::Live) => {
                "every tenant has `mode = \"dates\"`, and so no live half".to_owned()
            }
            _ => "the config names no tenant".to_owned(),
        }
    }
}

/// Returns the tenant of that name; the error lists names that are known.
pub(super) fn tenant_named(config: &Config, name: &str) -> anyhow::Result<Arc<Tenant>> {
    let found = config.tenants.iter().find(|it| it.name.as_str() == name);
    if let Some(tenant) = found {
        return Ok(Arc::clone(tenant));
    }
    let names = config.tenants.iter().map(|tenant| tenant.name.as_str());
    let known: Vec<_> = names.take(LISTED_NAMES).collect();
    let more = if config.tenants.len() > known.len() {
        ", …"
    } else {
        ""
    };
    bail!(
        "no tenant is called '{}'; the config has {}{more}",
        text::line(name),
        known.join(", ")
    );
}

/// Returns the tenants that belong to the shard of this process; all if there is none.
pub(super) fn in_shard(tenants: &[Arc<Tenant>], shard: Option<Shard>) -> Vec<Arc<Tenant>> {
    let ours = |tenant: &&Arc<Tenant>| shard.is_none_or(|shard| shard.contains(&tenant.name));
    tenants.iter().filter(ours).cloned().collect()
}
