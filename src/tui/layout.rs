//! Where things stand on the screen. Pure geometry, shared by `view`, which draws there, and
//! `update`, which must know how long a page is and what was clicked.

use ratatui::layout::{Constraint, Layout, Rect};

use super::model::{Model, Screen};

/// Notices shown at most; more are counted.
const NOTICES: usize = 2;

/// Below this height the header has no line for changes.
pub(crate) const LOW: u16 = 18;

/// From this width on the page of the selected tenant stands beside the table.
const BESIDE: u16 = 140;

/// The parts that every screen has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ScreenAreas {
    pub(crate) header: Rect,
    /// What must be said: this machine is offline, credwatch itself cannot do something.
    pub(crate) banners: Rect,
    pub(crate) body: Rect,
    pub(crate) footer: Rect,
}

/// Divides the screen.
pub(crate) fn frame(model: &Model, area: Rect) -> ScreenAreas {
    let banners = u16::try_from(banner_count(model)).unwrap_or(0);
    let [header, banners, body, footer] = Layout::vertical([
        Constraint::Length(if area.height < LOW { 2 } else { 3 }),
        Constraint::Length(banners),
        Constraint::Min(0),
        Constraint::Length(1),
    ])
    .areas(area);
    ScreenAreas {
        header,
        banners,
        body,
        footer,
    }
}

fn banner_count(model: &Model) -> usize {
    model.board.as_ref().map_or(0, |board| {
        usize::from(board.offline_since.is_some()) + board.notices.len().min(NOTICES)
    })
}

/// The parts of the fleet screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FleetAreas {
    pub(crate) titles: Rect,
    pub(crate) rows: Rect,
    /// The advice on the selected tenant; empty on a very low screen, and where its page is beside.
    pub(crate) panel: Rect,
    /// The page of the selected tenant; empty on all but wide screens.
    pub(crate) beside: Rect,
}

/// Divides the body of the fleet screen: less than half of it for the selected tenant.
pub(crate) fn fleet(body: Rect) -> FleetAreas {
    let wide = body.width >= BESIDE;
    let list = if wide {
        (body.width * 3 / 5).clamp(88, 130)
    } else {
        body.width
    };
    let [list, beside] =
        Layout::horizontal([Constraint::Length(list), Constraint::Min(0)]).areas(body);
    let panel = match body.height {
        0..7 => 0,
        _ if wide => 0,
        height => (height * 2 / 5).clamp(4, 14),
    };
    let [titles, rows, panel] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Min(0),
        Constraint::Length(panel),
    ])
    .areas(list);
    FleetAreas {
        titles,
        rows,
        panel,
        beside,
    }
}

/// Returns where a list of choices is drawn over the body: as many lines as it has, at the bottom.
pub(crate) fn overlay(body: Rect, lines: usize) -> Rect {
    let lines = u16::try_from(lines).unwrap_or(u16::MAX).saturating_add(2);
    let height = lines.min(body.height);
    Rect {
        y: body.bottom() - height,
        height,
        ..body
    }
}

/// A screen that has a tab in the header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tab {
    pub(crate) screen: Screen,
    pub(crate) label: &'static str,
}

/// The tabs, in the order of their keys `1` to `3`.
pub(crate) const TABS: [Tab; 3] = [
    Tab {
        screen: Screen::Fleet,
        label: "1 fleet",
    },
    Tab {
        screen: Screen::Timeline,
        label: "2 timeline",
    },
    Tab {
        screen: Screen::Events,
        label: "3 events",
    },
];

/// From this width on there is room for tabs.
const ROOM_FOR_TABS: u16 = 76;

/// Columns between tabs, and around a label.
const TAB_PADDING: u16 = 1;

/// Returns the tabs with their places in the first line of the header; none where there is no room.
pub(crate) fn tabs(model: &Model, header: Rect) -> Vec<(Tab, Rect)> {
    if header.width < ROOM_FOR_TABS || header.height == 0 {
        return Vec::new();
    }
    let title = u16::try_from(model.settings.title.len()).unwrap_or(u16::MAX);
    let mut x = header.x.saturating_add(title).saturating_add(2);
    let place = |tab: Tab| {
        let unread = match (tab.screen, model.unread) {
            (Screen::Events, count @ 1..) => count.to_string().len() + 1,
            _ => 0,
        };
        let wide = tab.label.len() + unread;
        let wide = u16::try_from(wide).unwrap_or(0) + 2 * TAB_PADDING;
        let area = Rect::new(x, header.y, wide, 1).intersection(header);
        x = x.saturating_add(wide + TAB_PADDING);
        (tab, area)
    };
    TABS.into_iter().map(place).collect()
}

/// Returns the tab under which a screen is found.
pub(crate) fn tab_of(model: &Model) -> Screen {
    let opened = model.opened.iter().rev();
    let mut tabbed = opened.filter(|screen| TABS.iter().any(|tab| tab.screen == **screen));
    tabbed.next().copied().unwrap_or(Screen::Fleet)
}

/// The parts of the screen of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct EventAreas {
    pub(crate) rows: Rect,
    /// The selected event whole; empty on a very low screen.
    pub(crate) panel: Rect,
}

/// Divides the body of the screen of events.
pub(crate) fn events(body: Rect) -> EventAreas {
    let panel = if body.height < 12 { 0 } else { 5 };
    let [rows, panel] =
        Layout::vertical([Constraint::Min(0), Constraint::Length(panel)]).areas(body);
    EventAreas { rows, panel }
}

/// Divides the body of the timeline into its axis and its rows.
pub(crate) fn timeline(body: Rect) -> (Rect, Rect) {
    let [axis, rows] = Layout::vertical([Constraint::Length(2), Constraint::Min(0)]).areas(body);
    (axis, rows)
}

/// Returns the whole screen as the model knows it.
pub(crate) fn screen(model: &Model) -> Rect {
    Rect::new(0, 0, model.size.0, model.size.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_height_has_room_for_rows_before_the_panel() {
        for height in 0..200 {
            let parts = fleet(Rect::new(0, 0, 80, height));
            assert_eq!(
                parts.titles.height + parts.rows.height + parts.panel.height,
                height
            );
            assert!(height < 4 || parts.rows.height >= parts.panel.height / 2);
        }
    }
}
