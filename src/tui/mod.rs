//! The live dashboard: shows the latest board, and hands the operator's commands back.
//!
//! Built as model, message, update and view (the Elm architecture). [`update()`] alone changes the
//! [`Model`], purely and without a clock; [`view()`] draws the model and decides nothing; [`run`] is one
//! loop that turns events into messages and performs the effects. The board comes through a `watch`
//! channel (a slow terminal skips boards, it never holds up a check); commands go back as
//! [`OperatorCommand`]s.
//!
//! ```text
//!  terminal events ─► keymap ─┐                         ┌─► view ─► terminal
//!  boards, diagnose runs ─────┼─► Message ─► update ─► Model
//!  tick (1 s) ────────────────┘                └─► Effect: command, clipboard, title, quit
//! ```
//!
//! Does not check, judge, notify or read the config: it draws what other modules found out. `app` starts
//! it; nothing else may write to the terminal meanwhile.

mod advice;
mod background;
mod clipboard;
mod command;
#[cfg(test)]
mod contrast;
mod diagnose_run;
mod event_loop;
mod filter;
#[cfg(test)]
mod fixture;
mod format;
mod keymap;
mod layout;
mod message;
mod model;
mod order;
mod palette;
mod row_status;
mod sentences;
mod settings;
mod snooze_choice;
mod terminal;
mod theme;
mod update;
mod view;

pub use clipboard::Clipboard;
pub use command::{OperatorCommand, SnoozeRequest};
pub use diagnose_run::{DiagnoseOutcome, DiagnoseRun};
pub use event_loop::{DashboardChannels, TuiError, run};
pub use message::{Action, Effect, Message, Motion};
pub use model::{Model, Screen};
pub use settings::{BackgroundSource, DashboardSettings};
pub use theme::{Background, Theme};
pub use update::update;
pub use view::view;
