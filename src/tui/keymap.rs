//! Every key, once: what it does, where, and what the help says about it.
//!
//! `g` groups, so `G` is not the end of the list as it is in vi: `Home` and `End` are.

use crossterm::event::{
    Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEventKind,
};
use tui_input::InputRequest;

use super::{
    message::{Action, Message, Motion},
    model::{Mode, Model, Screen},
};

/// Lines that one turn of the wheel moves.
const WHEEL: i8 = 3;

/// Where a key works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyScope {
    /// On every screen, unless something is being typed or chosen.
    Everywhere,
    /// On these screens.
    On(&'static [Screen]),
    /// While a filter is being typed.
    Filter,
    /// While a number is being chosen.
    Numbers,
    /// While a reason, or words for the palette, are being typed.
    Prompt,
}

impl KeyScope {
    /// Returns whether the help lists the key: the keys of a prompt are named beside it.
    pub(crate) const fn is_listed(self) -> bool {
        matches!(self, Self::Everywhere | Self::On(_))
    }
}

/// One line of the table of keys.
#[derive(Debug)]
pub(crate) struct Binding {
    /// The keys that do it.
    pub(crate) keys: &'static [KeyCode],
    pub(crate) place: KeyScope,
    pub(crate) action: Action,
    /// How the keys are written.
    pub(crate) label: &'static str,
    /// The words for the line at the bottom; empty where that line leaves it out.
    pub(crate) hint: &'static str,
    /// What the help says.
    pub(crate) help: &'static str,
}

const LISTS: KeyScope = KeyScope::On(&[Screen::Fleet, Screen::Timeline]);
const TENANT: KeyScope = KeyScope::On(&[Screen::Fleet, Screen::Timeline, Screen::Detail]);
const TABLE: KeyScope = KeyScope::On(&[Screen::Fleet]);
const ONE_TENANT: KeyScope = KeyScope::On(&[Screen::Detail, Screen::Diagnosis]);
const OPENED: KeyScope = KeyScope::On(&[
    Screen::Detail,
    Screen::Diagnosis,
    Screen::Timeline,
    Screen::Events,
    Screen::Help,
]);

macro_rules! bindings {
    ($([$($key:expr),+] $place:expr, $action:expr, $label:literal, $hint:literal, $help:literal;)+) => {
        &[$(Binding {
            keys: &[$($key),+],
            place: $place,
            action: $action,
            label: $label,
            hint: $hint,
            help: $help,
        },)+]
    };
}

use KeyCode::{Char, Down, End, Enter, Esc, Home, PageDown, PageUp, Up};

/// Every key, in the order of the help and of the line at the bottom.
pub(crate) static BINDINGS: &[Binding] = bindings! {
    [Esc, KeyCode::Backspace] OPENED, Action::Back, "Esc", "back", "back to where you came from";
    [Up, Char('k')] KeyScope::Everywhere, Action::Move(Motion::Up), "↑ k", "", "up";
    [Down, Char('j')] KeyScope::Everywhere, Action::Move(Motion::Down), "↓ j", "", "down";
    [PageUp] KeyScope::Everywhere, Action::Move(Motion::PageUp), "PgUp", "", "a page up";
    [PageDown, Char(' ')] KeyScope::Everywhere, Action::Move(Motion::PageDown), "PgDn Space", "", "a page down";
    [Home] KeyScope::Everywhere, Action::Move(Motion::First), "Home", "", "to the first";
    [End] KeyScope::Everywhere, Action::Move(Motion::Last), "End", "", "to the last";
    [Enter] LISTS, Action::Open, "Enter", "detail", "everything about the selected tenant";
    [Enter] KeyScope::On(&[Screen::Events]), Action::Open, "Enter", "open tenant", "open the tenant of the selected event";
    [Char('/')] LISTS, Action::Filter, "/", "filter", "filter by words, status:failing, tag:prod, ends<30d, !cause:ews";
    [Esc] TABLE, Action::Back, "Esc", "", "clear the filter";
    [Char('r')] TENANT, Action::Check, "r", "check now", "check the selected tenant now";
    [Char('d')] ONE_TENANT, Action::Diagnose, "d", "diagnose", "diagnose it step by step on fresh connections, as `credwatch diagnose` does";
    [Char('c')] ONE_TENANT, Action::Copy, "c", "copy ticket", "copy a ticket for the vendor or Microsoft to the clipboard";
    [Char('R')] KeyScope::Everywhere, Action::CheckAll, "R", "", "check every tenant now";
    [Char('y')] TENANT, Action::OfferCommands, "y", "copy", "copy a command of its advice: then 1 to 9";
    [Char('z')] TENANT, Action::Snooze, "z", "snooze", "snooze its alerts: asks for how long, and why";
    [Char('a')] TENANT, Action::Acknowledge, "a", "", "acknowledge its trouble: no reminders; again: take that back";
    [Char('u')] KeyScope::Everywhere, Action::Undo, "u", "", "undo the last snooze or acknowledgement";
    [Char('n')] LISTS, Action::NextTrouble, "n", "next trouble", "select the next tenant that needs attention";
    [Char('N')] LISTS, Action::PreviousTrouble, "N", "", "select the previous tenant that needs attention";
    [Char('s')] TABLE, Action::SortNext, "s", "sort", "sort by the next column";
    [Char('S')] TABLE, Action::SortReverse, "S", "", "turn the order round";
    [Char('g')] TABLE, Action::Group, "g", "group", "group by cause, or stop grouping";
    [Char('x')] KeyScope::On(&[Screen::Timeline]), Action::Axis, "x", "30/90/365 days", "show 30, 90 or 365 days";
    [Char('1')] KeyScope::Everywhere, Action::Show(Screen::Fleet), "1", "", "the table of all tenants";
    [Char('t'), Char('2')] KeyScope::Everywhere, Action::Show(Screen::Timeline), "2 t", "", "what ends when";
    [Char('e'), Char('3')] KeyScope::Everywhere, Action::Show(Screen::Events), "3 e", "", "what changed";
    [Char(':')] KeyScope::Everywhere, Action::OpenPalette, ":", "palette", "find an action or a tenant by a few letters (Ctrl-P too)";
    [Char('f')] KeyScope::Everywhere, Action::Freeze, "f", "", "let the picture stand still; again: go on";
    [Char('L')] KeyScope::Everywhere, Action::Reload, "L", "", "read the config again";
    [Char('?'), KeyCode::F(1)] KeyScope::Everywhere, Action::Show(Screen::Help), "?", "help", "this help";
    [Char('q')] KeyScope::Everywhere, Action::Quit, "q", "quit", "quit (Ctrl-C too)";
    [Enter] KeyScope::Filter, Action::KeepFilter, "Enter", "keep", "keep the filter";
    [Esc] KeyScope::Filter, Action::ClearFilter, "Esc", "clear", "clear the filter";
    [Up] KeyScope::Filter, Action::Move(Motion::Up), "↑", "", "up, while typing";
    [Down] KeyScope::Filter, Action::Move(Motion::Down), "↓", "", "down, while typing";
    [Esc] KeyScope::Numbers, Action::Cancel, "Esc", "close", "choose nothing";
    [Enter] KeyScope::Prompt, Action::Confirm, "Enter", "do it", "do what was typed or chosen";
    [Esc] KeyScope::Prompt, Action::Cancel, "Esc", "close", "do nothing";
    [Up] KeyScope::Prompt, Action::ChoiceUp, "↑", "", "the choice above";
    [Down] KeyScope::Prompt, Action::ChoiceDown, "↓", "", "the choice below";
};

impl Binding {
    /// Returns whether the key works here.
    pub(crate) fn works(&self, screen: Screen, mode: Mode) -> bool {
        let browsing = mode == Mode::Browse;
        match self.place {
            KeyScope::Filter => mode == Mode::Filter,
            KeyScope::Numbers => matches!(mode, Mode::Copy | Mode::SnoozeLength),
            KeyScope::Prompt => matches!(mode, Mode::SnoozeReason(_) | Mode::Palette),
            KeyScope::Everywhere => browsing,
            KeyScope::On(screens) => browsing && screens.contains(&screen),
        }
    }

    /// Returns whether it makes sense to choose the action by name: one that moves, or opens the palette
    /// itself, is only a key.
    pub(crate) fn is_named(&self) -> bool {
        !matches!(self.action, Action::Move(_) | Action::OpenPalette)
    }
}

/// Turns a terminal event into what it means here, if it means anything.
pub(crate) fn to_message(model: &Model, event: &Event) -> Option<Message> {
    match event {
        Event::Key(key) if key.kind != KeyEventKind::Release => key_message(model, *key),
        // a pasted text is never taken for keys
        Event::Paste(text) => Some(Message::Paste(text.clone())),
        Event::Resize(width, height) => Some(Message::Resize(*width, *height)),
        Event::Mouse(mouse) => match mouse.kind {
            MouseEventKind::Down(MouseButton::Left) => {
                Some(Message::Click(mouse.column, mouse.row))
            }
            MouseEventKind::ScrollDown => Some(Message::Wheel(WHEEL)),
            MouseEventKind::ScrollUp => Some(Message::Wheel(-WHEEL)),
            _ => None,
        },
        _ => None,
    }
}

fn key_message(model: &Model, key: KeyEvent) -> Option<Message> {
    if key.modifiers.contains(KeyModifiers::CONTROL) {
        return control_message(model, key.code);
    }
    let (screen, mode) = (model.screen(), model.mode);
    if let (Mode::Copy | Mode::SnoozeLength, Char(digit @ '0'..='9')) = (mode, key.code) {
        let number = u8::try_from(digit).unwrap_or(b'0') - b'0';
        return Some(Message::Act(Action::Choose(number)));
    }
    BINDINGS
        .iter()
        .find(|binding| binding.works(screen, mode) && binding.keys.contains(&key.code))
        .map(|binding| Message::Act(binding.action))
        .or_else(|| {
            edit(key.code)
                .filter(|_| mode.is_typing())
                .map(Message::Edit)
        })
}

fn control_message(model: &Model, code: KeyCode) -> Option<Message> {
    let typing = model.mode.is_typing();
    match code {
        Char('c') => Some(Message::Act(Action::Quit)),
        Char('p') if model.mode == Mode::Browse => Some(Message::Act(Action::OpenPalette)),
        Char('u') if typing => Some(Message::Edit(InputRequest::DeleteFromStart)),
        Char('w') if typing => Some(Message::Edit(InputRequest::DeletePrevWord)),
        Char('a') if typing => Some(Message::Edit(InputRequest::GoToStart)),
        Char('e') if typing => Some(Message::Edit(InputRequest::GoToEnd)),
        _ => None,
    }
}

/// What a key does to the text that is being typed.
fn edit(code: KeyCode) -> Option<InputRequest> {
    Some(match code {
        Char(c) => InputRequest::InsertChar(c),
        KeyCode::Backspace => InputRequest::DeletePrevChar,
        KeyCode::Delete => InputRequest::DeleteNextChar,
        KeyCode::Left => InputRequest::GoToPrevChar,
        KeyCode::Right => InputRequest::GoToNextChar,
        Home => InputRequest::GoToStart,
        End => InputRequest::GoToEnd,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::{super::fixture, *};

    #[test]
    fn every_key_has_help_and_one_meaning_in_each_place() {
        let screens = [
            Screen::Fleet,
            Screen::Detail,
            Screen::Diagnosis,
            Screen::Timeline,
            Screen::Events,
            Screen::Help,
        ];
        for binding in BINDINGS {
            assert!(
                !binding.help.is_empty() && !binding.label.is_empty(),
                "{binding:?}"
            );
            let modes = [
                Mode::Browse,
                Mode::Filter,
                Mode::Copy,
                Mode::SnoozeLength,
                Mode::Palette,
            ];
            for (screen, mode) in screens.iter().flat_map(|s| modes.map(|mode| (*s, mode))) {
                for key in binding.keys {
                    let meanings = BINDINGS
                        .iter()
                        .filter(|other| other.works(screen, mode) && other.keys.contains(key));
                    assert!(meanings.count() <= 1, "{key:?} on {screen:?}");
                }
            }
        }
    }

    #[test]
    fn ctrl_c_quits_and_letters_go_to_the_filter_while_typing() {
        let mut model = fixture::model(80, 24);
        let press = |code, modifiers| Event::Key(KeyEvent::new(code, modifiers));
        let quit = press(Char('q'), KeyModifiers::NONE);
        let ctrl_c = press(Char('c'), KeyModifiers::CONTROL);
        let is_quit =
            |message: Option<Message>| matches!(message, Some(Message::Act(Action::Quit)));
        assert!(is_quit(to_message(&model, &quit)));
        model.mode = Mode::Filter;
        assert!(matches!(
            to_message(&model, &quit),
            Some(Message::Edit(InputRequest::InsertChar('q')))
        ));
        assert!(is_quit(to_message(&model, &ctrl_c)));
    }
}
