//! `credwatch snooze`: holds the alerts of a tenant, and says whose are held.

use std::collections::BTreeSet;

use anyhow::{Context as _, ensure};
use chrono::{DateTime, TimeDelta, Utc};

use super::{App, check};
use crate::{
    alert::{Ack, Holds, Snooze},
    cli,
    history::{self, Store},
    output,
    report::exit,
    state,
    tenant::TenantName,
    text,
};

/// A snooze longer than this is a tenant that nobody watches.
const MOST: TimeDelta = TimeDelta::days(90);

/// As many characters of a reason are kept.
const REASON: usize = 200;

impl App {
    pub(super) fn snooze(&mut self, arguments: &cli::Snooze) -> anyhow::Result<u8> {
        let _log = self.log()?;
        let directory = state::directory(self.global.state_dir.as_deref())?;
        let mut store = Store::open(&directory.join(history::FILE))?;
        let now = self.clock.now();
        if arguments.list {
            return self.list_holds(&store, now);
        }
        if let Some(name) = &arguments.clear {
            let tenant = name.as_str().into();
            let held = store.wake(&tenant)? | store.acknowledge(&tenant, None)?;
            ensure!(held, "the alerts of '{}' are not held", text::line(name));
            self.output
                .line(&format!("{} speaks again", text::line(name)))?;
            return Ok(exit::OK);
        }
        let name = arguments.tenant.as_deref().unwrap_or_default();
        let tenant = check::named(&self.load()?, name)?.name.clone();
        if let Some(by) = &arguments.ack {
            let ack = Ack {
                by: safe("--ack", by)?,
                at: now,
            };
            store.acknowledge(&tenant, Some(&ack))?;
            let line = self.ack_line(&tenant, &ack);
            self.output.line(&line)?;
            return Ok(exit::OK);
        }
        let length = arguments.duration.context("`--for` says for how long")?;
        let length = TimeDelta::from_std(length).unwrap_or(TimeDelta::MAX);
        ensure!(
            length > TimeDelta::zero() && length <= MOST,
            "`--for` takes up to {} days: a longer snooze is forgotten",
            MOST.num_days()
        );
        let by = match &arguments.by {
            Some(by) => safe("--by", by)?,
            None => output::operator(),
        };
        let snooze = Snooze {
            until: now + length,
            reason: safe("--reason", arguments.reason.as_deref().unwrap_or_default())?,
            by: Some(by),
        };
        store.snooze(&tenant, &snooze)?;
        let line = self.snooze_line(&tenant, &snooze);
        self.output.line(&line)?;
        Ok(exit::OK)
    }

    fn list_holds(&mut self, store: &Store, now: DateTime<Utc>) -> anyhow::Result<u8> {
        let holds = store.holds(now)?;
        let names: BTreeSet<_> = holds.snoozes.keys().chain(holds.acks.keys()).collect();
        if names.is_empty() {
            self.output.line("no alerts are held")?;
        }
        for name in names {
            for line in self.hold_lines(name, &holds) {
                self.output.line(&line)?;
            }
        }
        Ok(exit::OK)
    }

    /// Returns what is said of a tenant of which not everything is told.
    pub(super) fn hold_lines(&self, tenant: &TenantName, holds: &Holds) -> Vec<String> {
        let snooze = holds.snoozes.get(tenant);
        let ack = holds.acks.get(tenant);
        [
            snooze.map(|snooze| self.snooze_line(tenant, snooze)),
            ack.map(|ack| self.ack_line(tenant, ack)),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    fn snooze_line(&self, tenant: &TenantName, snooze: &Snooze) -> String {
        let by = snooze
            .by
            .as_ref()
            .map(|by| format!(" by {}", text::line(by)));
        format!(
            "{}: alerts held until {}{}: {}",
            text::line(tenant.as_str()),
            self.minute(snooze.until),
            by.unwrap_or_default(),
            text::line(&snooze.reason)
        )
    }

    fn ack_line(&self, tenant: &TenantName, ack: &Ack) -> String {
        format!(
            "{}: {} is at it since {}",
            text::line(tenant.as_str()),
            text::line(&ack.by),
            self.minute(ack.at)
        )
    }

    fn minute(&self, at: DateTime<Utc>) -> String {
        let at = at.with_timezone(&self.clock.local_offset());
        at.format("%-d %B %Y %H:%M %:z").to_string()
    }
}

/// Returns a text for others to read, which must say something.
fn safe(flag: &str, words: &str) -> anyhow::Result<String> {
    let words = text::line(words);
    ensure!(!words.trim().is_empty(), "`{flag}` must not be empty");
    Ok(text::head(&text::redact(&words), REASON).to_owned())
}
