//! Why a source gave no secret: what, where, and what to do. Never a value.

use std::{io, path::PathBuf, process::ExitStatus, time::Duration};

use crate::text;

/// Why a source gave no usable secret.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// No such environment variable.
    #[error(
        "environment variable '{name}' is not set; set it for the process that runs credwatch, and \
         start that anew"
    )]
    NotSet {
        /// The variable.
        name: String,
    },
    /// Nothing, or nothing but white space.
    #[error("{place} is empty; put the secret's value there")]
    Empty {
        /// Where.
        place: String,
    },
    /// Bytes that are no UTF-8.
    #[error(
        "{place} is not UTF-8 text; save it anew as UTF-8, with nothing but the secret's value"
    )]
    NotText {
        /// Where.
        place: String,
    },
    /// More than one line of text.
    #[error("{place} holds several lines; leave nothing there but the secret's value")]
    ManyLines {
        /// Where.
        place: String,
    },
    /// More than any secret.
    #[error("{place} is larger than 64 KiB, which no secret is; is it the right one?")]
    TooLarge {
        /// Where.
        place: String,
    },
    /// A file that cannot be opened or read.
    #[error("secret file '{}' {}", shown(.path), unreadable(.source))]
    File {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// A directory, socket, pipe or device.
    #[error("secret file '{}' is not a regular file; name a file that holds the secret", shown(.path))]
    NotAFile {
        /// What was named.
        path: PathBuf,
    },
    /// A file system that does not answer.
    #[error("secret file '{}' could not be read in time; does its file system answer?", shown(.path))]
    FileTimeout {
        /// The file.
        path: PathBuf,
    },
    /// An id with which one could leave the folder of credentials.
    #[error(
        "the id of the systemd credential is not a plain file name; use letters, digits, `.`, `_`, `-`"
    )]
    BadId,
    /// Not started by systemd with credentials.
    #[error(
        "systemd credential '{id}' cannot be read: $CREDENTIALS_DIRECTORY is not set; run credwatch \
         as a unit with `LoadCredential={id}:…`"
    )]
    NoCredentials {
        /// The credential.
        id: String,
    },
    /// A keyring that gives nothing.
    #[cfg(feature = "keyring")]
    #[error("the keyring, asked for '{}', {source}", text::line(.name))]
    Keyring {
        /// The item.
        name: String,
        /// Why.
        source: Box<KeyringError>,
    },
    /// A build without the keyring.
    #[error(
        "keyring item '{}' cannot be read: this credwatch was built without keyrings; build it with \
         `--features keyring`",
        text::line(.name)
    )]
    NoKeyring {
        /// The item.
        name: String,
    },
    /// A program that cannot be started.
    #[error("secret command '{program}' {}", unstartable(.source))]
    Start {
        /// The program.
        program: String,
        /// What the operating system said.
        source: io::Error,
    },
    /// A program whose output or end cannot be read.
    #[error(
        "secret command '{program}' could not be followed: {source}; run it by hand to see why"
    )]
    Follow {
        /// The program.
        program: String,
        /// What the operating system said.
        source: io::Error,
    },
    /// A program that ended badly.
    #[error("secret command '{program}' failed ({status}){}; run it by hand to see why", said(.stderr))]
    Failed {
        /// The program.
        program: String,
        /// How it ended.
        status: ExitStatus,
        /// The first line of its standard error, safe to show.
        stderr: String,
    },
    /// A program that does not end.
    #[error(
        "secret command '{program}' did not end within {} and was stopped; does it wait for a \
         passphrase or the network?",
        whole_millis(*.after)
    )]
    Hangs {
        /// The program.
        program: String,
        /// How long it was given.
        after: Duration,
    },
}

/// Why the keyring gave nothing.
#[cfg(feature = "keyring")]
#[derive(Debug, thiserror::Error)]
pub enum KeyringError {
    /// The bus or the service on it.
    #[error("cannot be asked ({0}); is a session bus with a keyring running for this user?")]
    Bus(#[from] zbus::Error),
    /// It does not answer.
    #[error("did not answer in time; does it wait to be unlocked?")]
    Timeout,
    /// Nothing by that name.
    #[error(
        "holds no such item; store one with `secret-tool store --label='credwatch {name}' service \
         credwatch username '{name}'`"
    )]
    Missing {
        /// The name.
        name: String,
    },
    /// It is there, and locked.
    #[error("is locked; unlock it in the session that credwatch runs in")]
    Locked,
    /// More than one item has that name.
    #[error("holds {count} items of that name; leave one")]
    Several {
        /// How many.
        count: usize,
    },
}

fn shown(path: &std::path::Path) -> String {
    text::line(&path.to_string_lossy())
}

fn unreadable(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "does not exist; create it, or correct the path".to_owned(),
        io::ErrorKind::PermissionDenied => {
            "may not be read: permission denied; let the user that runs credwatch read it"
                .to_owned()
        }
        _ => format!("cannot be read: {error}"),
    }
}

fn unstartable(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => {
            "was not found; install it, or write its whole path in the config".to_owned()
        }
        io::ErrorKind::PermissionDenied => {
            "may not be run: permission denied; make it executable for the user that runs credwatch"
                .to_owned()
        }
        _ => format!("cannot be started: {error}"),
    }
}

fn whole_millis(duration: Duration) -> humantime::FormattedDuration {
    let nanos = Duration::from_nanos(u64::from(duration.subsec_nanos() % 1_000_000));
    humantime::format_duration(duration.saturating_sub(nanos))
}

fn said(stderr: &str) -> String {
    match stderr {
        "" => String::new(),
        line => format!(": {line}"),
    }
}
