//! Where things stand on the screen. Pure geometry, shared by `view`, which draws there, and
//! `update`, which must know how long a page is and what was clicked.

use ratatui::layout::{Constraint, Layout, Rect};

use super::model::Model;

/// Notices shown at most; more are counted.
const NOTICES: usize = 2;

/// The parts that every screen has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) header: Rect,
    /// What must be said: this machine is offline, credwatch itself cannot do something.
    pub(crate) banners: Rect,
    pub(crate) body: Rect,
    pub(crate) footer: Rect,
}

/// Divides the screen.
pub(crate) fn frame(model: &Model, area: Rect) -> Frame {
    let banners = u16::try_from(banner_count(model)).unwrap_or(0);
    let [header, banners, body, footer] = Layout::vertical([
        Constraint::Length(2),
        Constraint::Length(banners),
        Constraint::Min(0),
        Constraint::Length(1),
    ])
    .areas(area);
    Frame {
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
pub(crate) struct Fleet {
    pub(crate) titles: Rect,
    pub(crate) rows: Rect,
    /// The selected tenant's diagnosis; empty on a very low screen.
    pub(crate) panel: Rect,
}

/// Divides the body of the fleet screen: a third, at most, for the selected tenant.
pub(crate) fn fleet(body: Rect) -> Fleet {
    let panel = match body.height {
        0..7 => 0,
        height => (height * 2 / 5).clamp(4, 13),
    };
    let [titles, rows, panel] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Min(0),
        Constraint::Length(panel),
    ])
    .areas(body);
    Fleet {
        titles,
        rows,
        panel,
    }
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
