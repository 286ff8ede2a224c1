//! `credwatch snooze`: snoozes or acknowledges the alerts of a tenant, and lists such tenants.

use std::collections::BTreeSet;

use anyhow::{Context as _, bail, ensure};
use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    alert::{Ack, Snooze},
    app::{
        hold_text::{ack_line, hold_lines, snooze_line},
        runtime::AppContext,
        selection::tenant_named,
    },
    cli::SnoozeArgs,
    history::{self, Store},
    output,
    report::exit,
    text,
};

/// The longest snooze: a longer one would be forgotten, and its tenant left unwatched.
const MOST: TimeDelta = TimeDelta::days(90);

/// How many characters of a reason are kept.
const REASON: usize = 200;

impl AppContext {
    pub(super) fn snooze(&mut self, arguments: &SnoozeArgs) -> anyhow::Result<u8> {
        let _log = self.log()?;
        let directory = self.state_directory()?;
        let mut store = Store::open(&directory.join(history::FILE))?;
        let now = self.clock.now();
        if arguments.list {
            return self.list_holds(&store, now);
        }
        if let Some(cleared) = &arguments.clear {
            let named = cleared.iter().chain(&arguments.tenant).collect::<Vec<_>>();
            let [name] = named.as_slice() else {
                bail!("`--clear` ends the snooze of one tenant: name it");
            };
            let tenant = name.as_str().into();
            let held = store.wake(&tenant)? | store.acknowledge(&tenant, None)?;
            ensure!(held, "the alerts of '{}' are not held", text::line(name));
            self.output.line(&format!(
                "the alerts of {} are no longer held",
                text::line(name)
            ))?;
            return Ok(exit::OK);
        }
        let name = arguments.tenant.as_deref().unwrap_or_default();
        let tenant = tenant_named(&self.load()?, name)?.name.clone();
        if let Some(by) = &arguments.ack {
            let ack = Ack {
                by: safe("--ack", by)?,
                at: now,
            };
            store.acknowledge(&tenant, Some(&ack))?;
            let line = ack_line(&tenant, &ack, self.clock);
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
        let line = snooze_line(&tenant, &snooze, self.clock);
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
            for line in hold_lines(name, &holds, self.clock) {
                self.output.line(&line)?;
            }
        }
        Ok(exit::OK)
    }
}

/// Returns the value of a flag, made safe to show; fails if it is empty.
fn safe(flag: &str, words: &str) -> anyhow::Result<String> {
    let words = text::line(words);
    ensure!(!words.trim().is_empty(), "`{flag}` must not be empty");
    Ok(text::head(&text::redact(&words), REASON).to_owned())
}
