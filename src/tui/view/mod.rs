//! Draws the model, one file a panel. Decides nothing and remembers nothing.

mod advice_panel;
pub(super) mod columns;
pub(super) mod detail;
pub(super) mod diagnose_view;
mod events;
pub(super) mod fleet;
mod footer;
mod gauges;
pub(super) mod header;
pub(super) mod help;
mod overlay;
mod stage_view;
#[cfg(test)]
mod tests;
mod text_layout;
mod timeline;

use ratatui::Frame;

use super::{
    layout,
    model::{Model, Screen},
    theme,
};

/// Draws a whole frame.
pub fn view(model: &Model, frame: &mut Frame<'_>) {
    let parts = layout::frame(model, frame.area());
    let buffer = frame.buffer_mut();
    header::draw(model, parts.header, buffer);
    header::draw_banners(model, parts.banners, buffer);
    match model.screen() {
        Screen::Fleet => fleet::draw(model, parts.body, buffer),
        Screen::Detail => detail::draw(model, parts.body, buffer),
        Screen::Timeline => timeline::draw(model, parts.body, buffer),
        Screen::Events => events::draw(model, parts.body, buffer),
        Screen::Diagnosis => diagnose_view::draw(model, parts.body, buffer),
        Screen::Help => help::draw(model, parts.body, buffer),
    }
    overlay::draw(model, parts.body, buffer);
    footer::draw(model, parts.footer, buffer);
    theme::adapt(model.settings.appearance(), model.background, buffer);
}
