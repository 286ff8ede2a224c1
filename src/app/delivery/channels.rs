//! Opens the configured channels: their HTTP clients, their secrets, the terminal they may write to.

use std::{sync::Arc, time::Duration};

use crate::{
    clock::Clock,
    config::Config,
    http::Clients,
    notify::{self, Channel, Terminal},
    output,
    secret::Secrets,
    tenant::Network,
};

/// How long reading the secret of a channel may take.
const SECRET_LIMIT: Duration = Duration::from_secs(20);

/// How long the answer of a secret command is kept for the channels.
const SECRET_TTL: Duration = Duration::from_hours(1);

/// Opens every configured channel; those of the terminal write to `terminal`.
pub(in crate::app) fn channels(
    config: &Config,
    terminal: Option<Terminal>,
    clock: Clock,
) -> Vec<Channel> {
    let tools = notify::Tools {
        terminal,
        ..tools(clock, config.network.clone())
    };
    Channel::all(&config.notify, &tools)
}

/// Returns what channels work with, writing to the terminal that this process was started from, if
/// there is one. Secrets are read for the channels; a channel never learns the source.
pub(in crate::app) fn tools(clock: Clock, network: Network) -> notify::Tools {
    let secrets = Arc::new(Secrets::default());
    let read: notify::Reader = Arc::new(move |source| {
        let secrets = Arc::clone(&secrets);
        Box::pin(async move {
            let deadline = clock.instant() + SECRET_LIMIT;
            let read = secrets.read(&source, SECRET_TTL, deadline).await;
            read.map_err(|error| error.to_string())
        })
    });
    notify::Tools {
        clients: Arc::new(Clients::new()),
        network,
        read,
        terminal: controlling_terminal(),
        clock,
    }
}

/// Returns the terminal that this process was started from, if there is one.
fn controlling_terminal() -> Option<Terminal> {
    output::owns_terminal().then(|| Terminal {
        write: Arc::new(|bytes| output::to_terminal(&bytes).map_err(|error| error.to_string())),
        in_tmux: output::in_tmux(),
        kind: output::terminal_kind(),
    })
}
