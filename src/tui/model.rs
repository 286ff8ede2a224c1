//! What the dashboard knows: plain data, changed by `update` alone.

use std::{collections::HashMap, sync::Arc};

use chrono::{DateTime, TimeDelta, Utc};
use tui_input::Input;

use super::{
    command::OperatorCommand,
    diagnose_run::DiagnoseRun,
    filter::Filter,
    order::{self, Arrangement, BoardCounts, SortBy, TableEntry},
    row_status::RowStatus,
    settings::DashboardSettings,
    theme::Background,
};
use crate::{
    alert::{Ack, Snooze},
    board::{Board, Event, Row},
    tenant::TenantName,
};

/// One screen of the dashboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Screen {
    /// The table of all tenants.
    Fleet,
    /// Everything about the selected tenant.
    Detail,
    /// What ends when.
    Timeline,
    /// What changed.
    Events,
    /// One tenant looked at step by step.
    Diagnosis,
    /// What the keys do.
    Help,
}

/// How much time the timeline shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Axis {
    Month,
    Quarter,
    Year,
}

impl Axis {
    /// Returns how many days are shown.
    pub(crate) const fn days(self) -> u16 {
        match self {
            Self::Month => 30,
            Self::Quarter => 90,
            Self::Year => 365,
        }
    }

    /// Returns the next longer one, after the longest the shortest.
    pub(crate) const fn next(self) -> Self {
        match self {
            Self::Month => Self::Quarter,
            Self::Quarter => Self::Year,
            Self::Year => Self::Month,
        }
    }
}

/// A list with a part of it on the screen.
#[derive(Debug, Clone, Default)]
pub(crate) struct ListState {
    pub(crate) entries: Vec<TableEntry>,
    /// The first entry that is shown.
    pub(crate) offset: usize,
    /// Where the selected tenant stands.
    pub(crate) cursor: usize,
}

/// The selected event and the first one on the screen, counted from the newest.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct EventCursor {
    pub(crate) cursor: usize,
    pub(crate) offset: usize,
}

/// A line that answers a key, until some time has passed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Feedback {
    pub(crate) text: String,
    pub(crate) until: DateTime<Utc>,
}

/// What the keys are for at the moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Keys act on the screen.
    #[default]
    Browse,
    /// A filter is being typed.
    Filter,
    /// A command of the selected tenant's advice is being chosen, to be copied.
    Copy,
    /// The length of a snooze is being chosen.
    SnoozeLength,
    /// The reason of a snooze of this length is being typed.
    SnoozeReason(TimeDelta),
    /// An action or a tenant is being looked up in the palette.
    Palette,
}

impl Mode {
    /// Returns whether letters go to a text that is being typed.
    pub(crate) const fn is_typing(self) -> bool {
        match self {
            Self::Filter | Self::SnoozeReason(_) | Self::Palette => true,
            Self::Browse | Self::Copy | Self::SnoozeLength => false,
        }
    }
}

/// A change of a tenant that is shown in the header for a while, brighter at first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Flash {
    pub(crate) event: Arc<Event>,
    /// When it came up.
    pub(crate) at: DateTime<Utc>,
}

/// How long a change stands in the header.
pub(crate) const FLASH: TimeDelta = TimeDelta::seconds(30);

/// How long the row of a tenant whose status changed is marked.
pub(crate) const CHANGE_MARK: TimeDelta = TimeDelta::seconds(90);

/// A command that takes the last one back, and what it does in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Undo {
    pub(crate) command: OperatorCommand,
    pub(crate) text: String,
}

/// How long an answer to a key stays.
const FEEDBACK: TimeDelta = TimeDelta::seconds(5);

/// Everything that the dashboard knows.
#[derive(Debug, Clone)]
pub struct Model {
    pub(crate) settings: DashboardSettings,
    /// The latest board; `None` while the first one is awaited.
    pub(crate) board: Option<Arc<Board>>,
    pub(crate) tally: BoardCounts,
    pub(crate) now: DateTime<Utc>,
    /// Columns and rows of the terminal.
    pub(crate) size: (u16, u16),
    /// The screens that were opened on top of the fleet, the last of them is shown.
    pub(crate) opened: Vec<Screen>,
    pub(crate) filter: Input,
    /// What is wrong with the filter, if anything.
    pub(crate) filter_problem: Option<String>,
    pub(crate) mode: Mode,
    /// The text that is being typed, other than the filter: a reason, or words for the palette.
    pub(crate) input: Input,
    /// The chosen line of the palette.
    pub(crate) choice: usize,
    pub(crate) arrangement: Arrangement,
    pub(crate) fleet: ListState,
    pub(crate) timeline: ListState,
    pub(crate) events: EventCursor,
    /// By name, so that it stays with its tenant when the order changes.
    pub(crate) selected: Option<TenantName>,
    /// Until a key is pressed the selection follows the worst tenant.
    pub(crate) following: bool,
    /// Which tenant was clicked last: a second click opens it.
    pub(crate) clicked: Option<TenantName>,
    /// First line shown of a screen that is read.
    pub(crate) scroll: usize,
    pub(crate) axis: Axis,
    /// The diagnose run that was asked for last.
    pub(crate) diagnose_run: Option<Arc<DiagnoseRun>>,
    /// When a check was last asked for.
    pub(crate) asked: HashMap<TenantName, DateTime<Utc>>,
    /// What `u` takes back.
    pub(crate) undo: Option<Undo>,
    /// The change that is shown in the header.
    pub(crate) flash: Option<Flash>,
    /// Tenants whose status changed lately, and when.
    pub(crate) changed: HashMap<TenantName, DateTime<Utc>>,
    /// When the newest event happened that was on the screen of events.
    pub(crate) events_seen_at: DateTime<Utc>,
    /// How many events came after that one.
    pub(crate) unread: usize,
    /// Since when the picture stands still, if it does.
    pub(crate) frozen_since: Option<DateTime<Utc>>,
    /// The newest board that came while the picture stood still.
    pub(crate) held_board: Option<Arc<Board>>,
    /// Whether the background is dark or light, as far as it is known.
    pub(crate) background: Background,
    /// The title of the terminal's window.
    pub(crate) title: String,
    pub(crate) feedback: Option<Feedback>,
}

impl Model {
    /// Returns the state before anything has happened.
    pub fn new(settings: DashboardSettings) -> Self {
        Self {
            background: settings.background.assumed(),
            board: None,
            tally: BoardCounts::default(),
            now: DateTime::UNIX_EPOCH,
            size: (80, 24),
            opened: Vec::new(),
            filter: Input::new(settings.filter.clone()),
            filter_problem: None,
            mode: Mode::Browse,
            input: Input::default(),
            choice: 0,
            arrangement: Arrangement {
                by: SortBy::Worst,
                reversed: false,
                grouped: false,
            },
            fleet: ListState::default(),
            timeline: ListState::default(),
            events: EventCursor::default(),
            selected: None,
            following: true,
            clicked: None,
            scroll: 0,
            axis: Axis::Quarter,
            diagnose_run: None,
            asked: HashMap::new(),
            undo: None,
            flash: None,
            changed: HashMap::new(),
            events_seen_at: DateTime::UNIX_EPOCH,
            unread: 0,
            frozen_since: None,
            held_board: None,
            title: String::new(),
            settings,
            feedback: None,
        }
    }

    /// Returns the screen that is shown.
    pub fn screen(&self) -> Screen {
        self.opened.last().copied().unwrap_or(Screen::Fleet)
    }

    /// Returns the name of the selected tenant.
    pub fn selected(&self) -> Option<&TenantName> {
        self.selected.as_ref()
    }

    /// Returns the selected tenant's row.
    pub(crate) fn selected_row(&self) -> Option<&Arc<Row>> {
        let index = self.fleet.entries.get(self.fleet.cursor)?.row()?;
        let row = self.row(index)?;
        (Some(&row.tenant.name) == self.selected.as_ref()).then_some(row)
    }

    /// Returns the snooze of a tenant that still runs.
    pub(crate) fn snooze(&self, tenant: &TenantName) -> Option<&Snooze> {
        let snooze = self.board.as_ref()?.holds.snoozes.get(tenant)?;
        (snooze.until > self.now).then_some(snooze)
    }

    /// Returns the acknowledgement of a tenant's trouble.
    pub(crate) fn ack(&self, tenant: &TenantName) -> Option<&Ack> {
        self.board.as_ref()?.holds.acks.get(tenant)
    }

    /// Returns the selected event.
    pub(crate) fn selected_event(&self) -> Option<&Arc<Event>> {
        let events = &self.board.as_ref()?.events;
        events.iter().rev().nth(self.events.cursor)
    }

    /// Returns a row of the board.
    pub(crate) fn row(&self, index: usize) -> Option<&Arc<Row>> {
        self.board.as_ref()?.rows.get(index)
    }

    /// Returns how many tenants pass the filter.
    pub(crate) fn shown(&self) -> usize {
        let entries = self.fleet.entries.iter();
        entries.filter(|entry| entry.row().is_some()).count()
    }

    /// Returns the status of a row now.
    pub(crate) fn row_status(&self, row: &Row) -> RowStatus {
        RowStatus::of(row, self.now)
    }

    /// Returns whether the status of a tenant changed lately.
    pub(crate) fn is_changed(&self, tenant: &TenantName) -> bool {
        let changed_at = self.changed.get(tenant);
        changed_at.is_some_and(|at| self.now - *at < CHANGE_MARK)
    }

    /// Answers a key.
    pub(crate) fn say(&mut self, text: impl Into<String>) {
        self.feedback = Some(Feedback {
            text: text.into(),
            until: self.now + FEEDBACK,
        });
    }

    /// Works out lists and counts anew.
    pub(crate) fn rearrange(&mut self) {
        let Some(board) = &self.board else { return };
        let filter = Filter::parse(self.filter.value());
        self.filter_problem = filter.problem();
        self.tally = BoardCounts::of(board, self.now);
        self.fleet.entries = order::arrange(board, self.now, &filter, self.arrangement);
        // sorted only while it is looked at: the screens call again when they change
        self.timeline.entries = match self.screen() {
            Screen::Timeline => order::by_end(board, self.now, &filter),
            Screen::Fleet | Screen::Detail | Screen::Events | Screen::Diagnosis | Screen::Help => {
                Vec::new()
            }
        };
        self.keep_selection();
    }

    /// Finds the selected tenant at its new places, or selects what stands where it stood.
    fn keep_selection(&mut self) {
        let found = match (&self.selected, self.following) {
            (Some(name), false) => self.place_of(&self.fleet, name),
            _ => None,
        };
        let place = found.or_else(|| self.fallback_place());
        self.fleet.cursor = place.unwrap_or(0);
        let row = self.fleet.entries.get(self.fleet.cursor);
        let name = row
            .and_then(TableEntry::row)
            .and_then(|index| self.row(index))
            .map(|row| row.tenant.name.clone());
        // a filter that hides everything on its way to another one does not lose the place
        if name.is_some() {
            self.selected = name;
        }
        let on_timeline = self.selected.as_ref();
        self.timeline.cursor = on_timeline
            .and_then(|name| self.place_of(&self.timeline, name))
            .unwrap_or(0);
    }

    /// The first row while the selection follows the worst, else the row nearest to the last place.
    fn fallback_place(&self) -> Option<usize> {
        let is_row = |place: &usize| {
            let entry = self.fleet.entries.get(*place);
            entry.is_some_and(|entry| entry.row().is_some())
        };
        let from = if self.following { 0 } else { self.fleet.cursor };
        let from = from.min(self.fleet.entries.len().saturating_sub(1));
        (from..self.fleet.entries.len())
            .find(is_row)
            .or_else(|| (0..from).rev().find(is_row))
    }

    /// Returns where a tenant stands in a list.
    pub(crate) fn place_of(&self, list: &ListState, name: &TenantName) -> Option<usize> {
        list.entries.iter().position(|entry| {
            let row = entry.row().and_then(|index| self.row(index));
            row.is_some_and(|row| row.tenant.name == *name)
        })
    }
}
