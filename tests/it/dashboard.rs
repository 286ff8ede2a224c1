//! The dashboard of the real binary in a terminal of its own.

use std::{
    io::{Read as _, Write},
    num::NonZeroU16,
    sync::{Arc, Condvar, Mutex},
    thread,
    time::{Duration, Instant},
};

use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};
use rustix::process::{Pid, Signal, kill_process};
use vt100::{MouseProtocolMode, Parser, Screen};

use crate::world::PATIENCE;

/// What the terminal shows, and a bell for whoever waits for it to change.
type Shown = Arc<(Mutex<Parser>, Condvar)>;

/// Columns and rows.
type Size = (NonZeroU16, NonZeroU16);

const fn cells(columns: u16, rows: u16) -> Size {
    (
        NonZeroU16::new(columns).unwrap(),
        NonZeroU16::new(rows).unwrap(),
    )
}

pub(crate) struct Terminal {
    master: Box<dyn MasterPty + Send>,
    keys: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    shown: Shown,
}

const fn size((columns, rows): Size) -> PtySize {
    PtySize {
        rows: rows.get(),
        cols: columns.get(),
        pixel_width: 0,
        pixel_height: 0,
    }
}

impl Terminal {
    /// Starts the dashboard of the simulated fleet.
    fn demo() -> Self {
        Self::running(&["demo"])
    }

    /// Starts the binary in a terminal of its own.
    pub(crate) fn running(arguments: &[&str]) -> Self {
        Self::running_with(arguments, &[])
    }

    /// As [`Terminal::running`], with variables of the environment.
    pub(crate) fn running_with(arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        let (columns, rows) = cells(100, 24);
        let pair = native_pty_system().openpty(size((columns, rows))).unwrap();
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_credwatch"));
        command.args(arguments);
        command.env_clear();
        command.env("TERM", "xterm-256color");
        command.env("LANG", "C.UTF-8");
        // nobody's desktop is to hear of a test
        command.env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus");
        for (name, value) in variables {
            command.env(name, value);
        }
        let child = pair.slave.spawn_command(command).unwrap();
        let shown: Shown = Arc::new((Mutex::new(Parser::new(rows, columns, 0)), Condvar::new()));
        let mut output = pair.master.try_clone_reader().unwrap();
        let screen = Arc::clone(&shown);
        thread::spawn(move || {
            let mut bytes = [0; 8192];
            // a terminal whose other side has closed answers with an error
            while let Ok(count @ 1..) = output.read(&mut bytes) {
                let drawn = bytes.get(..count).unwrap_or_default();
                screen.0.lock().unwrap().process(drawn);
                screen.1.notify_all();
            }
        });
        Self {
            keys: pair.master.take_writer().unwrap(),
            master: pair.master,
            child,
            shown,
        }
    }

    /// Waits until the screen is as described.
    fn until(&self, what: &str, holds: impl Fn(&Screen) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        let mut parser = self.shown.0.lock().unwrap();
        while !holds(parser.screen()) {
            let left = deadline.saturating_duration_since(Instant::now());
            let shown = parser.screen().contents();
            assert!(!left.is_zero(), "{what} did not come:\n{shown}");
            (parser, _) = self.shown.1.wait_timeout(parser, left).unwrap();
        }
    }

    pub(crate) fn until_shown(&self, text: &str) {
        self.until(text, |screen| screen.contents().contains(text));
    }

    fn until_gone(&self, text: &str) {
        self.until(text, |screen| !screen.contents().contains(text));
    }

    pub(crate) fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    fn resize(&self, (columns, rows): Size) {
        let mut parser = self.shown.0.lock().unwrap();
        parser.screen_mut().set_size(rows, columns);
        drop(parser);
        self.master.resize(size((columns, rows))).unwrap();
    }

    /// Waits for the end.
    pub(crate) fn exit(&mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }

    /// Waits for the end, and sees whether the terminal is as it was.
    fn ended(&mut self) -> ExitStatus {
        let status = self.exit();
        self.until("the terminal as it was", |screen| {
            !screen.alternate_screen()
                && !screen.hide_cursor()
                && screen.mouse_protocol_mode() == MouseProtocolMode::None
                && screen.contents().contains("shows them live")
        });
        let parser = self.shown.0.lock().unwrap();
        let left = parser.screen().contents();
        let left: Vec<&str> = left.trim().lines().collect();
        assert!(
            left.len() == 2 && left[0].starts_with("This was a simulated cloud"),
            "nothing is left over but what to do next: {left:?}"
        );
        status
    }
}

/// What the key Home sends.
const HOME: &str = "\x1b[H";

#[test]
fn it_starts_resizes_filters_explains_itself_and_gives_the_terminal_back() {
    let mut terminal = Terminal::demo();
    terminal.until("the fleet", |screen| {
        let text = screen.contents();
        let rows = ["contoso-rooms", "northwind-booking", "secret-expired"];
        screen.alternate_screen() && rows.iter().all(|row| text.contains(row))
    });

    terminal.press("/tag:test");
    terminal.until_shown("lucerne-press");
    terminal.until_gone("northwind-booking");
    terminal.press("\x1b");
    terminal.until_gone("tag:test");
    terminal.press(HOME);
    terminal.until_shown("northwind-booking");

    terminal.press("\r");
    terminal.until_shown("recent checks");
    terminal.press("d");
    terminal.until_shown("─ diagnosis ─");
    terminal.press("\x1b");
    terminal.until_shown("recent checks");
    terminal.press("\x1b");
    terminal.until_gone("recent checks");

    terminal.press("?");
    terminal.until_shown("back to where you came from");
    terminal.press("\x1b");
    terminal.until_gone("back to where you came from");

    terminal.resize(cells(40, 12));
    terminal.until("the small layout", |screen| {
        let last = screen.rows(0, 40).last().unwrap();
        last.contains("q quit")
    });
    terminal.resize(cells(120, 40));
    terminal.until("the large layout", |screen| {
        screen.rows(0, 120).last().unwrap().contains("q quit")
    });

    terminal.press("q");
    assert!(terminal.ended().success());
}

#[test]
fn a_signal_gives_the_terminal_back_too() {
    let mut terminal = Terminal::demo();
    terminal.until_shown("contoso-rooms");
    let pid = terminal.child.process_id().unwrap();
    kill_process(Pid::from_raw(pid.cast_signed()).unwrap(), Signal::TERM).unwrap();
    assert!(terminal.ended().success());
}

#[test]
fn a_signal_ends_a_dashboard_whose_terminal_stopped_reading() {
    let dir = tempfile::tempdir().unwrap();
    let log = dir.path().join("log");
    let mut terminal = Terminal::running(&["demo", "--log-file", log.to_str().unwrap()]);
    terminal.until_shown("contoso-rooms");
    // the reader of the terminal waits for this lock
    let shown = Arc::clone(&terminal.shown);
    let stopped = shown.0.lock().unwrap();
    // each size has the whole screen drawn again, until the terminal's buffer is full
    for round in 0..400 {
        let size = size(cells(100 + round % 2, 24));
        terminal.master.resize(size).unwrap();
        thread::sleep(Duration::from_millis(10));
    }
    let pid = terminal.child.process_id().unwrap();
    kill_process(Pid::from_raw(pid.cast_signed()).unwrap(), Signal::TERM).unwrap();
    assert!(terminal.exit().success());
    drop(stopped);
    let said = std::fs::read_to_string(log).unwrap();
    assert!(said.contains("the terminal takes no output"), "{said}");
}
