//! The loop of the dashboard: terminal events, boards and ticks become messages, `update` takes them
//! in, its effects are performed, and a frame is drawn when one is due.
//!
//! Nothing else writes to the terminal meanwhile. `app` calls [`run`] and owns the signals.

use std::{io, sync::Arc, time::Duration};

use crossterm::event::{Event, EventStream};
use futures_util::StreamExt as _;
use tokio::{
    sync::{mpsc, watch},
    time::{Instant, MissedTickBehavior, sleep_until},
};
use tokio_util::sync::CancellationToken;

use super::{
    background::{QUERY, ReplyReader},
    clipboard,
    command::OperatorCommand,
    diagnose_run::DiagnoseRun,
    keymap,
    message::{Effect, Message},
    model::Model,
    settings::{BackgroundSource, DashboardSettings},
    terminal,
    update::update,
};
use crate::{board::Board, clock::Clock};

/// The shortest time between two frames: at most 20 a second, whatever floods in.
const FRAME: Duration = Duration::from_millis(50);

/// The shortest time before a frame that answers a key or the mouse.
const ANSWER: Duration = Duration::from_millis(10);

/// How long the first frame waits for the terminal to tell its background.
const REPLY: Duration = Duration::from_millis(20);

/// Channels between the dashboard and the monitor.
#[derive(Debug)]
pub struct DashboardChannels {
    /// The latest board.
    pub board: watch::Receiver<Arc<Board>>,
    /// Progress of the diagnose run that was asked for last; the latest state wins.
    pub diagnose_runs: watch::Receiver<Option<Arc<DiagnoseRun>>>,
    /// Escape sequences of the terminal notification channel: only the dashboard may write to the
    /// terminal.
    pub bells: mpsc::Receiver<String>,
    /// Commands of the operator. When it is full, the dashboard says so and drops the command.
    pub commands: mpsc::Sender<OperatorCommand>,
}

/// Why the dashboard could not be shown.
#[derive(Debug, thiserror::Error)]
pub enum TuiError {
    /// The terminal could not be taken over.
    #[error("cannot take over the terminal: is standard output a terminal?")]
    Open(#[source] io::Error),
    /// The terminal refused a frame.
    #[error("cannot draw on the terminal")]
    Draw(#[source] io::Error),
}

/// Shows the dashboard until the operator quits, `stop` is cancelled, or the terminal goes away.
///
/// The terminal is restored however this ends, by a panic too.
pub async fn run(
    settings: DashboardSettings,
    channels: DashboardChannels,
    clock: Clock,
    stop: CancellationToken,
) -> Result<(), TuiError> {
    let terminal = terminal::TerminalGuard::enter(settings.mouse).map_err(TuiError::Open)?;
    let dashboard = Dashboard {
        model: Model::new(settings),
        terminal,
        channels,
        clock,
        replies: ReplyReader::default(),
    };
    match terminal::marked(dashboard.watch(stop)).await {
        Err(error) if terminal::is_gone(&error) => Ok(()),
        result => result.map_err(TuiError::Draw),
    }
}

/// State of the loop.
struct Dashboard {
    model: Model,
    terminal: terminal::TerminalGuard,
    channels: DashboardChannels,
    clock: Clock,
    replies: ReplyReader,
}

impl Dashboard {
    /// The loop: one event, one message, its effects, and a frame when it is due.
    async fn watch(mut self, stop: CancellationToken) -> io::Result<()> {
        self.start()?;
        let mut input = EventStream::new();
        let mut tick = tokio::time::interval(Duration::from_secs(1));
        tick.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let mut drawn_at = Instant::now();
        // when the next frame is due, if anything has changed since the last one; the first waits for
        // the terminal to tell its background, so that colours do not change before the eyes
        let asked = self.ask_background()?;
        let mut due = Some(if asked { drawn_at + REPLY } else { drawn_at });
        let (mut board_open, mut runs_open) = (true, true);
        loop {
            let messages = tokio::select! {
                biased;
                () = stop.cancelled() => return Ok(()),
                () = sleep_until(due.unwrap_or(drawn_at)), if due.is_some() => {
                    self.terminal.draw(&self.model)?;
                    drawn_at = Instant::now();
                    due = None;
                    continue;
                }
                event = input.next() => match event {
                    None => return Ok(()),
                    Some(event) => self.translate(event?),
                },
                _ = tick.tick() => vec![Message::Tick(self.clock.now())],
                // not before the last frame is due again: under a flood the latest board wins
                Some(sequence) = self.channels.bells.recv() => {
                    self.terminal.send(&sequence)?;
                    continue;
                }
                fresh = next(&mut self.channels.board, drawn_at + FRAME), if board_open => {
                    board_open = fresh.is_some();
                    fresh.map(Message::Board).into_iter().collect()
                }
                fresh = next(&mut self.channels.diagnose_runs, drawn_at + FRAME), if runs_open => {
                    runs_open = fresh.is_some();
                    fresh.flatten().map(Message::DiagnoseProgress).into_iter().collect()
                }
            };
            for message in messages {
                let wait = if message.is_input() { ANSWER } else { FRAME };
                due = Some(due.map_or(drawn_at + wait, |due| due.min(drawn_at + wait)));
                for effect in update(&mut self.model, message) {
                    if self.perform(effect).is_break() {
                        return Ok(());
                    }
                }
            }
        }
    }

    /// Asks the terminal for its background, if the theme depends on it; returns whether it was asked.
    fn ask_background(&mut self) -> io::Result<bool> {
        let source = self.model.settings.background;
        let asks = matches!(source, BackgroundSource::Asked(_));
        if asks {
            self.replies = ReplyReader::waiting();
            self.terminal.send(QUERY)?;
        }
        Ok(asks)
    }

    /// Tells the model what there is before the first event.
    fn start(&mut self) -> io::Result<()> {
        let (width, height) = crossterm::terminal::size()?;
        let board = self.channels.board.borrow_and_update().clone();
        let mut messages = vec![
            Message::Tick(self.clock.now()),
            Message::Resize(width, height),
        ];
        // before the monitor has spoken its board is empty: that is loading, not "no tenants"
        if !board.rows.is_empty() {
            messages.push(Message::Board(board));
        }
        for message in messages {
            // none of these asks for anything
            let _effects = update(&mut self.model, message);
        }
        Ok(())
    }

    fn translate(&mut self, event: Event) -> Vec<Message> {
        let heard = self.replies.hear(event);
        let told = heard.background.map(Message::Background);
        let model = &self.model;
        let acts = heard.events.iter();
        let acts = acts.filter_map(|event| keymap::to_message(model, event));
        told.into_iter().chain(acts).collect()
    }

    fn perform(&mut self, effect: Effect) -> std::ops::ControlFlow<()> {
        match effect {
            Effect::Quit => return std::ops::ControlFlow::Break(()),
            Effect::Copy(text) => {
                let sequence = clipboard::sequence(&text, self.model.settings.clipboard);
                // a terminal that is gone shows at the next frame
                self.terminal.send(&sequence).ok();
            }
            Effect::SetTitle(title) => {
                self.terminal.send(&format!("\u{1b}]2;{title}\u{7}")).ok();
            }
            // a full queue means that the monitor is busy with earlier commands: say so, do not wait
            Effect::Send(command) => {
                if let Err(refused) = self.channels.commands.try_send(command) {
                    let message = Message::Refused(refused.into_inner());
                    let _effects = update(&mut self.model, message);
                }
            }
        }
        std::ops::ControlFlow::Continue(())
    }
}

/// Waits for a newer value, and for the time at which it can be shown; `None` when the sender is gone.
async fn next<T: Clone>(receiver: &mut watch::Receiver<T>, due: Instant) -> Option<T> {
    sleep_until(due).await;
    receiver.changed().await.ok()?;
    Some(receiver.borrow_and_update().clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn under_a_flood_the_latest_board_wins() {
        let (send, mut receive) = watch::channel(Arc::new(Board::default()));
        for flood in 1..=9 {
            let notices = vec![flood.to_string()];
            send.send_replace(Arc::new(Board {
                notices,
                ..Board::default()
            }));
        }
        let due = Instant::now() + FRAME;
        let board = next(&mut receive, due).await.unwrap();
        assert_eq!(board.notices, ["9"]);
        assert!(Instant::now() >= due);
        drop(send);
        assert!(next(&mut receive, due).await.is_none());
    }
}
