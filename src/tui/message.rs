//! Everything that can happen to the dashboard, and everything it can ask for.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use tui_input::InputRequest;

use super::{
    command::OperatorCommand, diagnose_run::DiagnoseRun, model::Screen, theme::Background,
};
use crate::board::Board;

/// Something that happened.
#[derive(Debug, Clone)]
pub enum Message {
    /// The monitor published a new board.
    Board(Arc<Board>),
    /// A diagnose run has made progress.
    DiagnoseProgress(Arc<DiagnoseRun>),
    /// It is this time now; comes once a second.
    Tick(DateTime<Utc>),
    /// The terminal has this many columns and rows.
    Resize(u16, u16),
    /// The operator pressed the key of an action.
    Act(Action),
    /// The operator edits the text that is being typed.
    Edit(InputRequest),
    /// The operator pasted a text.
    Paste(String),
    /// The terminal told its background.
    Background(Background),
    /// The left button was pressed at this column and row.
    Click(u16, u16),
    /// The wheel was turned, by lines; down is positive.
    Wheel(i8),
    /// The monitor could not take this command.
    Refused(OperatorCommand),
}

impl Message {
    /// Returns whether the operator waits for the effect: such frames are drawn sooner.
    pub(crate) const fn is_input(&self) -> bool {
        match self {
            Self::Act(_)
            | Self::Edit(_)
            | Self::Paste(_)
            | Self::Click(..)
            | Self::Wheel(_)
            | Self::Resize(..) => true,
            Self::Board(_)
            | Self::DiagnoseProgress(_)
            | Self::Tick(_)
            | Self::Background(_)
            | Self::Refused(_) => false,
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
    /// Diagnose the selected tenant step by step, on connections of its own.
    Diagnose,
    /// Put a ticket about the selected tenant into the clipboard.
    Copy,
    /// Ask how long the alerts of the selected tenant are to be snoozed, and why.
    Snooze,
    /// Acknowledge the selected tenant's trouble, or take that back.
    Acknowledge,
    /// Take the last snooze or acknowledgement back.
    Undo,
    /// Select the next tenant that needs attention.
    NextTrouble,
    /// Select the previous tenant that needs attention.
    PreviousTrouble,
    /// Offer the commands of the selected tenant's advice, to copy one.
    OfferCommands,
    /// Open the command palette.
    OpenPalette,
    /// Choose what has this number.
    Choose(u8),
    /// Move to the choice above.
    ChoiceUp,
    /// Move to the choice below.
    ChoiceDown,
    /// Do what was chosen or typed.
    Confirm,
    /// Leave a choice without choosing.
    Cancel,
    /// Let the picture stand still, or go on.
    Freeze,
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
    Send(OperatorCommand),
    /// Put a text into the clipboard.
    Copy(String),
    /// Set the title of the terminal's window.
    SetTitle(String),
    /// End the dashboard.
    Quit,
}
