//! The side effects of a pass of `check`: results in the history, alerts, pings. None of them changes
//! the verdict; one that fails is a line beside the report.

use std::{sync::Arc, time::Duration};

use secrecy::SecretString;

use super::{
    delivery::{AlertService, AlertStore, tools, trouble},
    runtime::{self, AppContext, HangUp, stop_on_signals},
    selection::in_shard,
};
use crate::{
    alert::Holds,
    cli::{CheckArgs, Half},
    clock::Clock,
    config::Config,
    history::HistoryError,
    monitor::Pass,
    notify::{self, Channel, Ping},
    tenant::SecretSource,
};

/// Everything that `check` does around a pass.
pub(super) struct PostCheck {
    /// The history; `None` where a run leaves nothing behind.
    memory: Option<AlertStore>,
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
                    let (memory, problem) = AlertStore::open(&directory)?;
                    problems.extend(problem.map(|it| it.to_string()));
                    Some(memory)
                }
                Err(problem) => {
                    problems.push(problem.to_string());
                    Some(AlertStore::in_memory()?)
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

/// Time for deliveries after a pass that was stopped by a signal.
const STOPPED_LIMIT: Duration = Duration::from_secs(2);

/// Returns a problem of the history with what it means for alerts.
fn alert_problem(problem: &HistoryError) -> String {
    if problem.is_busy() {
        return format!("{problem}; its alerts wait for the next run");
    }
    format!("{problem}; an alert that it does not list as sent may be sent again")
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
            let stop = stop_on_signals(HangUp::Ends)?;
            let sent = stop.run_until_cancelled(async {
                let address: Result<SecretString, String> = (self.tools.read)(source.clone()).await;
                match address {
                    Ok(address) => notify::ping(&address, ping, &self.tools).await,
                    Err(why) => Err(notify::NotifyError::Secret(why)),
                }
            });
            if let Some(Err(error)) = sent.await {
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
        memory: AlertStore,
        pass: Pass,
    ) -> anyhow::Result<Vec<String>> {
        let mut problems = Vec::new();
        let stopped = pass.stopped;
        let reports: Vec<_> = pass.reports.into_iter().map(Arc::new).collect();
        if self.whole && !pass.offline && !pass.stopped {
            let problem = memory.record(reports.clone()).await;
            // with `--notify` the same problem is said with what it means for alerts
            problems.extend(problem.filter(|_| !self.notify).map(|it| it.to_string()));
        }
        memory.forget(self.clock).await;
        if !self.notify {
            return Ok(problems);
        }
        let channels = Channel::all(&config.notify, &self.tools);
        let alerts = AlertService::new(memory, (config, self.fleet), &channels, self.clock);
        let problem = alerts.judge(reports, pass.offline).await;
        problems.extend(problem.map(|it| alert_problem(&it)));
        let stop = stop_on_signals(HangUp::Ends)?;
        // a pass that was stopped has no time left for a receiver that hangs
        let limit = if stopped {
            STOPPED_LIMIT
        } else {
            Duration::MAX
        };
        let delivery = tokio::time::timeout(limit, alerts.deliver_once(channels));
        match stop.run_until_cancelled(delivery).await {
            Some(Ok(failures)) => {
                problems.extend(failures.iter().map(|(name, error)| trouble(name, error)));
            }
            Some(Err(_)) | None => problems.push(
                "stopped before every alert was sent; the next `check --notify` sends the rest"
                    .to_owned(),
            ),
        }
        problems.dedup();
        Ok(problems)
    }
}
