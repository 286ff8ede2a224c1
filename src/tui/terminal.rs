//! The terminal: taken over, and given back however the dashboard ends.

use std::{
    cell::Cell,
    future::poll_fn,
    io::{self, BufWriter, Stdout, Write as _},
    panic::{self, PanicHookInfo},
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use crossterm::{
    cursor, event, execute,
    style::Print,
    terminal::{self as screen, EnterAlternateScreen, LeaveAlternateScreen},
};
use ratatui::{Terminal, backend::CrosstermBackend};

use super::{model::Model, view::view};
use crate::text;

/// Whether the terminal is taken over. Giving it back a second time would move the cursor into what
/// was printed since.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// Keeps the title of the window, and gives it back (XTWINOPS); terminals without that ignore both.
const PUSH_TITLE: &str = "\u{1b}[22;0t";
const POP_TITLE: &str = "\u{1b}[23;0t";

type PanicHook = dyn Fn(&PanicHookInfo<'_>) + Send + Sync;

thread_local! {
    /// Whether this thread is at work for the dashboard just now.
    static AT_WORK: Cell<bool> = const { Cell::new(false) };
}

/// Holds the terminal; dropping it gives the terminal back.
pub(super) struct TerminalGuard {
    terminal: Terminal<CrosstermBackend<BufWriter<Stdout>>>,
    earlier_hook: Arc<PanicHook>,
}

impl TerminalGuard {
    /// Takes the terminal over.
    pub(super) fn enter(mouse: bool) -> io::Result<Self> {
        let backend = CrosstermBackend::new(BufWriter::new(io::stdout()));
        let terminal = Terminal::new(backend)?;
        let guard = Self {
            terminal,
            earlier_hook: install_hook(),
        };
        // from here on the guard undoes whatever part of this succeeded
        TAKEN.store(true, Ordering::SeqCst);
        screen::enable_raw_mode()?;
        execute!(
            io::stdout(),
            EnterAlternateScreen,
            cursor::Hide,
            event::EnableBracketedPaste,
            Print(PUSH_TITLE)
        )?;
        if mouse {
            execute!(io::stdout(), event::EnableMouseCapture)?;
        }
        Ok(guard)
    }

    /// Sends the terminal something that is not drawn.
    pub(super) fn send(&mut self, sequence: &str) -> io::Result<()> {
        let out = self.terminal.backend_mut();
        out.write_all(sequence.as_bytes())?;
        out.flush()
    }

    /// Draws a frame.
    pub(super) fn draw(&mut self, model: &Model) -> io::Result<()> {
        self.terminal.draw(|frame| view(model, frame))?;
        Ok(())
    }
}

impl Drop for TerminalGuard {
    fn drop(&mut self) {
        restore();
        // a panicking thread must not change the hook; it has served its purpose then
        if !thread::panicking() {
            let earlier = Arc::clone(&self.earlier_hook);
            panic::set_hook(Box::new(move |info| earlier(info)));
        }
    }
}

/// Gives the terminal back. Errors are ignored: there is no screen left to show them on.
fn restore() {
    if !TAKEN.swap(false, Ordering::SeqCst) {
        return;
    }
    let mut out = io::stdout();
    let _mouse = execute!(
        out,
        event::DisableMouseCapture,
        event::DisableBracketedPaste
    );
    let _title = execute!(out, Print(POP_TITLE));
    let _screen = execute!(out, LeaveAlternateScreen, cursor::Show);
    let _raw = screen::disable_raw_mode();
    let _flushed = out.flush();
}

/// Makes panics fit for a taken-over terminal; returns the hook that was there before.
///
/// A panic of the dashboard gives the terminal back before its message is printed. One of any other
/// task is reported by its owner: the message goes to the log, and the screen stays.
fn install_hook() -> Arc<PanicHook> {
    let earlier: Arc<PanicHook> = Arc::from(panic::take_hook());
    let then = Arc::clone(&earlier);
    panic::set_hook(Box::new(move |info| {
        if AT_WORK.get() {
            restore();
            then(info);
        } else {
            log(info);
        }
    }));
    earlier
}

fn log(info: &PanicHookInfo<'_>) {
    let said = info.payload_as_str().unwrap_or("(no message)");
    let at = info.location().map(ToString::to_string).unwrap_or_default();
    tracing::error!(at, message = %text::line(&text::redact(said)), "a task panicked");
}

/// Runs a future so that the panic hook knows when its thread is at work for the dashboard: on a
/// runtime with several threads it may be polled by any of them.
pub(super) async fn marked<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    poll_fn(move |context| {
        let _mark = Mark::set();
        future.as_mut().poll(context)
    })
    .await
}

/// Marks this thread until dropped.
struct Mark;

impl Mark {
    fn set() -> Self {
        AT_WORK.set(true);
        Self
    }
}

impl Drop for Mark {
    fn drop(&mut self) {
        AT_WORK.set(false);
    }
}

/// Returns whether an error means that there is no terminal any more: hung up, or closed.
pub(super) fn is_gone(error: &io::Error) -> bool {
    // EIO is what a terminal answers whose other side has closed; it has no `ErrorKind`
    const EIO: i32 = 5;
    error.raw_os_error() == Some(EIO)
        || matches!(
            error.kind(),
            io::ErrorKind::BrokenPipe | io::ErrorKind::UnexpectedEof
        )
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use super::*;

    #[tokio::test]
    async fn a_thread_is_marked_only_while_it_works_for_the_dashboard() {
        assert!(!AT_WORK.get());
        assert!(marked(async { AT_WORK.get() }).await);
        assert!(!AT_WORK.get());
    }

    #[test]
    fn only_a_panic_of_the_dashboard_itself_is_printed() {
        static PRINTED: AtomicUsize = AtomicUsize::new(0);
        let own = |info: &PanicHookInfo<'_>| info.payload_as_str() == Some("planned");
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if own(info) {
                PRINTED.fetch_add(1, Ordering::SeqCst);
            } else {
                before(info);
            }
        }));
        let earlier = install_hook();
        let of_a_task = thread::spawn(|| panic!("planned")).join();
        assert!(of_a_task.is_err());
        assert_eq!(PRINTED.load(Ordering::SeqCst), 0);
        let of_the_dashboard = thread::spawn(|| {
            let _mark = Mark::set();
            panic!("planned")
        });
        assert!(of_the_dashboard.join().is_err());
        assert_eq!(PRINTED.load(Ordering::SeqCst), 1);
        panic::set_hook(Box::new(move |info| earlier(info)));
    }

    #[test]
    fn a_hung_up_terminal_is_no_failure() {
        assert!(is_gone(&io::Error::from_raw_os_error(5)));
        assert!(is_gone(&io::ErrorKind::BrokenPipe.into()));
        assert!(!is_gone(&io::ErrorKind::PermissionDenied.into()));
    }
}
