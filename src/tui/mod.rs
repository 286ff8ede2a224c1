//! The live dashboard: shows the latest board, and hands the operator's wishes back.
//!
//! Built as model, message, update and view. [`update()`] alone changes the [`Model`], purely and
//! without a clock; [`view()`] draws it and decides nothing; [`run`] is one loop that turns events into
//! messages and performs the effects. The board comes through a `watch` channel (a slow terminal
//! skips boards, it never holds up a check); wishes go back as [`Command`]s.
//!
//! Refuses to check, to judge, to notify, or to read the config: it draws what others found out.
//! `app` starts it and owns the signals; nothing else may write to the terminal meanwhile.

mod clipboard;
mod condition;
mod figures;
mod filter;
#[cfg(test)]
mod fixture;
mod keymap;
mod layout;
mod look;
mod message;
mod model;
mod order;
mod terminal;
mod theme;
mod update;
mod view;
mod words;

use std::{io, sync::Arc, time::Duration};

use chrono::{FixedOffset, TimeDelta};
use crossterm::event::{Event, EventStream};
use futures_util::StreamExt as _;
use tokio::{
    sync::{mpsc, watch},
    time::{Instant, MissedTickBehavior, sleep_until},
};
use tokio_util::sync::CancellationToken;

use crate::{board::Board, clock::Clock, tenant::TenantName};

pub use clipboard::Clipboard;
pub use look::{End, Look};
pub use message::{Action, Effect, Message, Motion};
pub use model::{Model, Screen};
pub use update::update;
pub use view::view;

/// The shortest time between two frames: at most 20 a second, whatever floods in.
const FRAME: Duration = Duration::from_millis(50);

/// The shortest time before a frame that answers a key or the mouse.
const ANSWER: Duration = Duration::from_millis(10);

/// How the dashboard is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Offset of local time, in which people are told times.
    pub local_offset: FixedOffset,
    /// Whether colours may be used; without, words, symbols and reverse video remain.
    pub colour: bool,
    /// Whether the terminal can only show ASCII (`TERM=linux`, a locale other than UTF-8).
    pub ascii: bool,
    /// Whether the mouse selects and scrolls; the terminal's own selection then needs Shift.
    pub mouse: bool,
    /// How a text gets into the clipboard.
    pub clipboard: Clipboard,
    /// Who sits at the terminal.
    pub operator: String,
    /// What stands at the top left, such as `credwatch` or `credwatch demo`.
    pub title: String,
}

/// What the operator wants of the monitor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Check this tenant now.
    Check(TenantName),
    /// Check every tenant now.
    CheckAll,
    /// Read the config again.
    Reload,
    /// Look at this tenant step by step, on connections of its own.
    Diagnose(TenantName),
    /// Hold the alerts of this tenant for so long, or no longer.
    Snooze(TenantName, Option<TimeDelta>),
    /// Note who is at the trouble of this tenant, or that nobody is.
    Acknowledge(TenantName, Option<String>),
}

/// What connects the dashboard with those who check.
#[derive(Debug)]
pub struct Channels {
    /// The latest board.
    pub board: watch::Receiver<Arc<Board>>,
    /// How far the look that was asked for last has come; the latest news win.
    pub looks: watch::Receiver<Option<Arc<Look>>>,
    /// Escape sequences for the terminal, which only the dashboard may write to.
    pub bells: mpsc::Receiver<String>,
    /// What the operator wants; when it is full, the dashboard says so.
    pub commands: mpsc::Sender<Command>,
}

/// Why the dashboard ended badly.
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
    settings: Settings,
    channels: Channels,
    clock: Clock,
    stop: CancellationToken,
) -> Result<(), TuiError> {
    let terminal = terminal::Guard::enter(settings.mouse).map_err(TuiError::Open)?;
    let dashboard = Dashboard {
        model: Model::new(settings),
        terminal,
        channels,
        clock,
    };
    match terminal::marked(dashboard.watch(stop)).await {
        Err(error) if terminal::is_gone(&error) => Ok(()),
        result => result.map_err(TuiError::Draw),
    }
}

/// What the loop holds.
struct Dashboard {
    model: Model,
    terminal: terminal::Guard,
    channels: Channels,
    clock: Clock,
}

impl Dashboard {
    /// The loop: one event, one message, its effects, and a frame when it is due.
    async fn watch(mut self, stop: CancellationToken) -> io::Result<()> {
        self.start()?;
        let mut input = EventStream::new();
        let mut tick = tokio::time::interval(Duration::from_secs(1));
        tick.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let mut drawn_at = Instant::now();
        // when the next frame is due, if anything has changed since the last one
        let mut due = Some(drawn_at);
        let (mut board_open, mut looks_open) = (true, true);
        loop {
            let message = tokio::select! {
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
                    Some(event) => self.translate(&event?),
                },
                _ = tick.tick() => Some(Message::Tick(self.clock.now())),
                // not before the last frame is due again: under a flood the latest board wins
                Some(sequence) = self.channels.bells.recv() => {
                    self.terminal.send(&sequence)?;
                    continue;
                }
                fresh = next(&mut self.channels.board, drawn_at + FRAME), if board_open => {
                    board_open = fresh.is_some();
                    fresh.map(Message::Board)
                }
                fresh = next(&mut self.channels.looks, drawn_at + FRAME), if looks_open => {
                    looks_open = fresh.is_some();
                    fresh.flatten().map(Message::Look)
                }
            };
            let Some(message) = message else { continue };
            let wait = if message.is_input() { ANSWER } else { FRAME };
            due = Some(due.map_or(drawn_at + wait, |due| due.min(drawn_at + wait)));
            for effect in update(&mut self.model, message) {
                if self.perform(effect).is_break() {
                    return Ok(());
                }
            }
        }
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

    fn translate(&self, event: &Event) -> Option<Message> {
        keymap::to_message(&self.model, event)
    }

    fn perform(&mut self, effect: Effect) -> std::ops::ControlFlow<()> {
        match effect {
            Effect::Quit => return std::ops::ControlFlow::Break(()),
            Effect::Copy(text) => {
                let sequence = clipboard::sequence(&text, self.model.settings.clipboard);
                // a terminal that is gone shows at the next frame
                self.terminal.send(&sequence).ok();
            }
            // a full queue means that the monitor is busy with earlier wishes: said, not waited for
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

/// Waits for newer news, and for the time at which they can be shown; `None` when nobody sends any
/// more.
async fn next<T: Clone>(news: &mut watch::Receiver<T>, due: Instant) -> Option<T> {
    sleep_until(due).await;
    news.changed().await.ok()?;
    Some(news.borrow_and_update().clone())
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
