//! The signals that end a process.
//!
//! The first one lets the command end in order. A second SIGINT or SIGTERM ends the process at once: its
//! thread may be blocked in a write to a terminal or pipe that is not read.

use anyhow::Context as _;
use tokio_util::sync::CancellationToken;

/// The effect of SIGHUP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::app) enum HangUp {
    /// Ends the process, as SIGINT and SIGTERM do: its terminal was closed.
    Ends,
    /// Reloads the config; the caller listens to it.
    #[cfg(all(feature = "exporter", unix))]
    Reloads,
}

/// Returns a token that is cancelled by the signals that end this process.
///
/// Must be called inside the runtime.
pub(in crate::app) fn stop_on_signals(hang_up: HangUp) -> anyhow::Result<CancellationToken> {
    let stop = CancellationToken::new();
    let ended = ending_signal(hang_up)?;
    let token = stop.clone();
    tokio::spawn(async move {
        ended.await;
        token.cancel();
    });
    Ok(stop)
}

#[cfg(unix)]
fn ending_signal(hang_up: HangUp) -> anyhow::Result<impl Future<Output = ()> + Send> {
    use tokio::signal::unix::{SignalKind, signal};
    let listen = |kind| signal(kind).context("signals cannot be listened to");
    end_at_second_signal().context("signals cannot be listened to")?;
    let mut interrupt = listen(SignalKind::interrupt())?;
    let mut terminate = listen(SignalKind::terminate())?;
    let mut hung_up = match hang_up {
        HangUp::Ends => Some(listen(SignalKind::hangup())?),
        #[cfg(feature = "exporter")]
        HangUp::Reloads => None,
    };
    Ok(async move {
        let hung_up = async {
            match &mut hung_up {
                Some(signal) => drop(signal.recv().await),
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            () = hung_up => {}
        }
    })
}

/// Ends the process at a second signal, inside the signal handler itself: no other code may be able to
/// run.
#[cfg(unix)]
fn end_at_second_signal() -> std::io::Result<()> {
    use std::sync::{Arc, atomic::AtomicBool};

    use signal_hook::{
        consts::{SIGINT, SIGTERM},
        flag,
    };

    use crate::report::exit;

    let is_second = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        // handlers run in this order, so the first signal finds the flag unset, and sets it
        flag::register_conditional_shutdown(signal, exit::UNKNOWN.into(), Arc::clone(&is_second))?;
        flag::register(signal, Arc::clone(&is_second))?;
    }
    Ok(())
}

#[cfg(not(unix))]
fn ending_signal(_hang_up: HangUp) -> anyhow::Result<impl Future<Output = ()> + Send> {
    Ok(async {
        tokio::signal::ctrl_c().await.ok();
    })
}
