//! The side effects of a pass of `check`: results in the history, alerts, pings. None of them changes
//! the verdict; one that fails is a line beside the report.

use std::sync::Arc;

use secrecy::SecretString;

use super::{
    delivery::{Memory, Teller, tools, trouble},
    runtime::{self, AppContext},
    selection::in_shard,
};
use crate::{
    alert::Holds,
    cli::{CheckArgs, Half},
    clock::Clock,
    config::Config,
    monitor::Pass,
    notify::{self, Channel, Ping},
    tenant::SecretSource,
};

/// Everything that `check` does around a pass.
pub(super) struct PostCheck {
    /// The history; `None` where a run leaves nothing behind.
    memory: Option<Memory>,
    problems: Vec<String>,
    /// Whether the results belong in the history: a pass with a candidate, or without the live half,
    /// does not show how the tenant was.
    whole: bool,
    notify: bool,
    /// How many tenants belong to this process.
    fleet: usize,
    ping: Option<SecretSource>,
    tools: notify::Tools,
    clock: Clock,
}

impl AppContext {
    /// Prepares what is to be done around a pass.
    pub(super) fn post_check(
        &self,
        config: &Config,
        arguments: &CheckArgs,
    ) -> anyhow::Result<PostCheck> {
        let mut problems = Vec::new();
        let whole = arguments.candidate.is_none() && arguments.only != Some(Half::Expiry);
        anyhow::ensure!(
            !arguments.notify || arguments.candidate.is_none(),
            "`--notify` cannot be used with `--candidate`: a refused candidate is no outage"
        );
        let memory = if whole || arguments.notify {
            match self.state_directory() {
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
        Ok(PostCheck {
            memory,
            problems,
            whole,
            notify: arguments.notify,
            fleet: in_shard(&config.tenants, arguments.shard).len(),
            ping: config.ping.clone().filter(|_| whole),
            tools: tools(self.clock, config.network.clone()),
            clock: self.clock,
        })
    }
}

/// The end of a pass, as a ping tells it.
pub(super) struct PassSummary {
    /// The exit code.
    pub(super) code: u8,
    pub(super) text: String,
}

impl PostCheck {
    /// Returns the tenants whose alerts are snoozed or acknowledged.
    pub(super) fn holds(&self) -> anyhow::Result<Holds> {
        match &self.memory {
            Some(memory) => {
                runtime::run_on_this_thread(async { Ok(memory.holds(self.clock).await) })
            }
            None => Ok(Holds::default()),
        }
    }

    /// Sends a ping; one that fails is a line in the log.
    pub(super) fn ping(&self, ping: &Ping) -> anyhow::Result<()> {
        let Some(source) = &self.ping else {
            return Ok(());
        };
        runtime::run_on_this_thread(async {
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

    /// Keeps the results, sends alerts and the last ping; returns a line for each problem.
    pub(super) fn finish(
        mut self,
        config: &Config,
        pass: Pass,
        summary: PassSummary,
    ) -> anyhow::Result<Vec<String>> {
        if let Some(memory) = self.memory.take() {
            let more = runtime::run_on_this_thread(self.remember(config, memory, pass))?;
            self.problems.extend(more);
        }
        self.ping(&Ping::End(summary.code, summary.text))?;
        let lines = self.problems.into_iter();
        Ok(lines
            .map(|problem| format!("credwatch: {problem}"))
            .collect())
    }

    /// Keeps the results, and with `--notify` sends the alerts that are due.
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
