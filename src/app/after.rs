//! What a pass of `check` leaves behind: its results in the history, messages, a sign of life. None
//! of it changes the verdict; what cannot be done is one line beside it.

use std::sync::Arc;

use secrecy::SecretString;

use super::{
    App,
    courier::trouble,
    parts,
    telling::{Memory, Teller},
};
use crate::{
    alert::Holds,
    cli::{self, Half},
    clock::Clock,
    config::Config,
    monitor::Pass,
    notify::{self, Channel, Ping},
    shard::Shard,
    state,
    tenant::SecretSource,
};

/// What is to be done around a pass.
pub(super) struct AfterPass {
    /// What is remembered; `None` where a run leaves nothing behind.
    memory: Option<Memory>,
    problems: Vec<String>,
    /// Whether this is a pass like any other: one that tries a candidate, or looks at one half, says
    /// nothing about how the tenant was.
    whole: bool,
    notify: bool,
    /// How many tenants a pass over everything looks at.
    fleet: usize,
    ping: Option<SecretSource>,
    tools: notify::Tools,
    clock: Clock,
}

impl App {
    /// Prepares what is to be done around a pass.
    pub(super) fn after_pass(
        &self,
        config: &Config,
        arguments: &cli::Check,
    ) -> anyhow::Result<AfterPass> {
        let mut problems = Vec::new();
        let whole = arguments.candidate.is_none() && arguments.only != Some(Half::Expiry);
        anyhow::ensure!(
            !arguments.notify || arguments.candidate.is_none(),
            "`--notify` cannot be used with `--candidate`: a candidate is nobody's outage"
        );
        let memory = if whole || arguments.notify {
            match state::directory(self.global.state_dir.as_deref()) {
                Ok(directory) => {
                    let (memory, problem) = Memory::open(&directory)?;
                    problems.extend(problem.map(|it| it.to_string()));
                    Some(memory)
                }
                Err(problem) => {
                    problems.push(problem.to_string());
                    Some(Memory::spare()?)
                }
            }
        } else {
            None
        };
        Ok(AfterPass {
            memory,
            problems,
            whole,
            notify: arguments.notify,
            fleet: fleet(config, arguments.shard),
            ping: config.ping.clone().filter(|_| whole),
            tools: self.tools(config.network.clone()),
            clock: self.clock,
        })
    }
}

/// Returns how many tenants belong to this process's part.
fn fleet(config: &Config, shard: Option<Shard>) -> usize {
    let names = config.tenants.iter().map(|tenant| &tenant.name);
    let ours = names.filter(|name| shard.is_none_or(|shard| shard.contains(name)));
    ours.count()
}

impl AfterPass {
    /// Returns whose alerts are held, and who is at what.
    pub(super) fn holds(&self) -> anyhow::Result<Holds> {
        match &self.memory {
            Some(memory) => parts::run_alone(async { Ok(memory.holds(self.clock).await) }),
            None => Ok(Holds::default()),
        }
    }

    /// Sends a sign of life; one that does not arrive is a line in the log.
    pub(super) fn ping(&self, ping: &Ping) -> anyhow::Result<()> {
        let Some(source) = &self.ping else {
            return Ok(());
        };
        parts::run_alone(async {
            let address: Result<SecretString, String> = (self.tools.read)(source.clone()).await;
            let sent = match address {
                Ok(address) => notify::ping(&address, ping, &self.tools).await,
                Err(why) => Err(notify::NotifyError::Secret(why)),
            };
            if let Err(error) = sent {
                tracing::warn!("the sign of life did not arrive: {error}");
            }
            Ok(())
        })
    }

    /// Does it, and returns what could not be done.
    pub(super) fn finish(
        mut self,
        config: &Config,
        pass: Pass,
        (code, summary): (u8, String),
    ) -> anyhow::Result<Vec<String>> {
        if let Some(memory) = self.memory.take() {
            let more = parts::run_alone(self.remember(config, memory, pass))?;
            self.problems.extend(more);
        }
        self.ping(&Ping::End(code, summary))?;
        let lines = self.problems.into_iter();
        Ok(lines
            .map(|problem| format!("credwatch: {problem}"))
            .collect())
    }

    /// Remembers the results, and with `--notify` sends what is due.
    async fn remember(
        &self,
        config: &Config,
        memory: Memory,
        pass: Pass,
    ) -> anyhow::Result<Vec<String>> {
        let mut problems = Vec::new();
        let reports: Vec<_> = pass.reports.into_iter().map(Arc::new).collect();
        if self.whole && !pass.offline && !pass.stopped {
            let problem = memory.record(reports.clone()).await;
            problems.extend(problem.map(|it| it.to_string()));
        }
        memory.forget(self.clock).await;
        if !self.notify {
            return Ok(problems);
        }
        let channels = Channel::all(&config.notify, &self.tools);
        let teller = Teller::new(memory, (config, self.fleet), &channels, self.clock);
        let problem = teller.judge(reports, pass.offline).await;
        problems.extend(problem.map(|it| it.to_string()));
        let failures = teller.carry_once(channels).await;
        problems.extend(failures.iter().map(|(name, error)| trouble(name, error)));
        problems.dedup();
        Ok(problems)
    }
}
