//! Asking the terminal for its background colour, without waiting and without losing a key.
//!
//! The question is an OSC 11 sequence. Terminals that know it answer on standard input, where the reader
//! of events takes the answer for keys: `Alt+]`, then letters, then `Ctrl+G` or `Alt+\`. [`ReplyReader`]
//! finds the answer among the events. What turns out to be none is handed on as the keys that it was.
//! A terminal that never answers costs nothing.

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};

use super::theme::Background;

/// Asks for the background colour.
pub(super) const QUERY: &str = "\u{1b}]11;?\u{1b}\\";

/// How an answer begins, as the keys that it is taken for.
const START: &str = "]11;rgb:";

/// Characters of the longest answer: four hexadecimal digits a colour.
const LONGEST: usize = START.len() + 14;

/// Takes the answer out of the events.
#[derive(Debug, Default)]
pub(super) struct ReplyReader {
    /// Whether an answer may still come.
    waiting: bool,
    /// The events of an answer that has begun.
    held: Vec<Event>,
    text: String,
}

/// What became of an event.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Heard {
    /// Events that are no answer.
    pub(super) events: Vec<Event>,
    /// The answer.
    pub(super) background: Option<Background>,
}

impl ReplyReader {
    /// Returns a reader that waits for an answer.
    pub(super) fn waiting() -> Self {
        Self {
            waiting: true,
            ..Self::default()
        }
    }

    /// Takes an event in.
    pub(super) fn hear(&mut self, event: Event) -> Heard {
        let key = match &event {
            Event::Key(key) if self.waiting => *key,
            _ => return self.hand_on(event),
        };
        if self.held.is_empty() {
            if is(key, ']', KeyModifiers::ALT) {
                self.text.push(']');
                self.held.push(event);
                return Heard::default();
            }
            return self.hand_on(event);
        }
        if is(key, 'g', KeyModifiers::CONTROL) || is(key, '\\', KeyModifiers::ALT) {
            let background = parse(&self.text);
            if background.is_some() {
                *self = Self::default();
                return Heard {
                    background,
                    ..Heard::default()
                };
            }
            return self.hand_on(event);
        }
        let plain = !key
            .modifiers
            .intersects(KeyModifiers::ALT | KeyModifiers::CONTROL);
        if let (KeyCode::Char(c), true) = (key.code, plain) {
            self.text.push(c);
            if may_be_reply(&self.text) {
                self.held.push(event);
                return Heard::default();
            }
        }
        self.hand_on(event)
    }

    /// Hands everything on as keys. One answer that was none does not end the waiting.
    fn hand_on(&mut self, event: Event) -> Heard {
        self.text.clear();
        let mut events = std::mem::take(&mut self.held);
        events.push(event);
        Heard {
            events,
            background: None,
        }
    }
}

fn is(key: KeyEvent, c: char, modifiers: KeyModifiers) -> bool {
    key.code == KeyCode::Char(c) && key.modifiers.contains(modifiers)
}

fn may_be_reply(text: &str) -> bool {
    match text.strip_prefix(START) {
        Some(colour) => {
            text.len() <= LONGEST && colour.chars().all(|c| c.is_ascii_hexdigit() || c == '/')
        }
        None => START.starts_with(text),
    }
}

/// Returns the background that an answer tells: `]11;rgb:1e1e/1e1e/1e1e`.
fn parse(text: &str) -> Option<Background> {
    let mut parts = text.strip_prefix(START)?.split('/').map(|part| {
        let value = u32::from_str_radix(part, 16).ok()?;
        let most = 16_u32.checked_pow(u32::try_from(part.len()).ok()?)? - 1;
        Some(f64::from(value) / f64::from(most))
    });
    let (red, green, blue) = (parts.next()??, parts.next()??, parts.next()??);
    let brightness = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    Some(if brightness > 0.5 {
        Background::Light
    } else {
        Background::Dark
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(c: char, modifiers: KeyModifiers) -> Event {
        Event::Key(KeyEvent::new(KeyCode::Char(c), modifiers))
    }

    fn typed(text: &str) -> Vec<Event> {
        text.chars().map(|c| key(c, KeyModifiers::NONE)).collect()
    }

    fn hear(reader: &mut ReplyReader, events: Vec<Event>) -> Heard {
        let mut all = Heard::default();
        for event in events {
            let heard = reader.hear(event);
            all.events.extend(heard.events);
            all.background = all.background.or(heard.background);
        }
        all
    }

    #[test]
    fn an_answer_tells_the_background_and_presses_no_key() {
        for (colour, background) in [
            ("0000/0000/0000", Background::Dark),
            ("fdfd/f6f6/e3e3", Background::Light),
            ("f/f/f", Background::Light),
        ] {
            let mut events = vec![key(']', KeyModifiers::ALT)];
            events.extend(typed(&format!("11;rgb:{colour}")));
            events.push(key('\\', KeyModifiers::ALT));
            let mut reader = ReplyReader::waiting();
            let heard = hear(&mut reader, events);
            assert_eq!(heard.background, Some(background));
            assert!(heard.events.is_empty());
            assert_eq!(hear(&mut reader, typed("r")).events, typed("r"));
        }
    }

    #[test]
    fn keys_that_only_look_like_an_answer_are_handed_on() {
        let mut events = vec![key(']', KeyModifiers::ALT)];
        events.extend(typed("11q"));
        let heard = hear(&mut ReplyReader::waiting(), events.clone());
        assert_eq!(heard.events, events);
        assert_eq!(
            hear(&mut ReplyReader::default(), events.clone()).events,
            events
        );
        assert_eq!(
            hear(&mut ReplyReader::waiting(), typed("jjq")).events,
            typed("jjq")
        );
    }
}
