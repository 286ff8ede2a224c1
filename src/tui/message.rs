//! Everything that can happen to the dashboard, and everything it can ask for.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use tui_input::InputRequest;

use super::{Command, look::Look, model::Screen};
use crate::board::Board;

/// Something that happened.
#[derive(Debug, Clone)]
pub enum Message {
    /// The monitor published a new board.
    Board(Arc<Board>),
    /// A look at one tenant has come this far.
    Look(Arc<Look>),
    /// It is this time now; comes once a second.
    Tick(DateTime<Utc>),
    /// The terminal has this many columns and rows.
    Resize(u16, u16),
    /// The operator wants something.
    Act(Action),
    /// The operator edits the filter.
    Edit(InputRequest),
    /// The left button was pressed at this column and row.
    Click(u16, u16),
    /// The wheel was turned, by lines; down is positive.
    Wheel(i8),
    /// The monitor could not take this command.
    Refused(Command),
}

impl Message {
    /// Returns whether somebody waits for its effect to be seen.
    pub(crate) const fn is_input(&self) -> bool {
        match self {
            Self::Act(_) | Self::Edit(_) | Self::Click(..) | Self::Wheel(_) | Self::Resize(..) => {
                true
            }
            Self::Board(_) | Self::Look(_) | Self::Tick(_) | Self::Refused(_) => false,
        }
    }
}

/// What a key stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Move the selection, or scroll.
    Move(Motion),
    /// Open the selected tenant.
    Open,
    /// Leave a screen, or clear the filter.
    Back,
    /// Show another screen, or leave it if it is shown.
    Show(Screen),
    /// Begin to type a filter.
    Filter,
    /// Keep the filter that was typed.
    KeepFilter,
    /// Drop the filter that was typed.
    ClearFilter,
    /// Sort by the next column.
    SortNext,
    /// Turn the order round.
    SortReverse,
    /// Group by cause, or stop grouping.
    Group,
    /// Show a longer or shorter time on the timeline.
    Axis,
    /// Check the selected tenant now.
    Check,
    /// Check every tenant now.
    CheckAll,
    /// Read the config again.
    Reload,
    /// Look at the selected tenant step by step, on connections of its own.
    Diagnose,
    /// Put a ticket about the selected tenant into the clipboard.
    Copy,
    /// Hold the alerts of the selected tenant: pressed again, for longer.
    Snooze,
    /// Say that the operator is at the selected tenant's trouble, or no longer is.
    Acknowledge,
    /// Leave the dashboard.
    Quit,
}

/// A way to move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Motion {
    /// One line up.
    Up,
    /// One line down.
    Down,
    /// One page up.
    PageUp,
    /// One page down.
    PageDown,
    /// To the first line.
    First,
    /// To the last line.
    Last,
}

/// Something that the loop does on behalf of `update`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Hand a command to the monitor.
    Send(Command),
    /// Put a text into the clipboard.
    Copy(String),
    /// End the dashboard.
    Quit,
}
