//! Opens a browser, where the person sits at this machine.

use std::{
    env,
    process::{Command, Stdio},
};

use crate::process;

/// The place of the person, as far as the environment tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScreenLocation {
    /// At the screen of this machine.
    Here,
    /// Elsewhere; a browser there reaches this machine's loopback only through a tunnel.
    Elsewhere {
        /// The address of this machine, if the environment tells it.
        host: Option<String>,
    },
}

/// Returns the place of the person.
pub fn screen() -> ScreenLocation {
    let set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
    let session = env::var_os("SSH_CONNECTION").and_then(|value| value.into_string().ok());
    if session.is_none() && (cfg!(target_os = "macos") || set("DISPLAY") || set("WAYLAND_DISPLAY"))
    {
        return ScreenLocation::Here;
    }
    ScreenLocation::Elsewhere {
        host: session.as_deref().and_then(this_end),
    }
}

/// The address of this machine in `CLIENT PORT SERVER PORT`.
fn this_end(connection: &str) -> Option<String> {
    let host = connection.split_whitespace().nth(2)?;
    let plain = host
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | ':' | '-' | '%'));
    plain.then(|| host.to_owned())
}

/// Opens an address in the person's browser; returns whether something was started that may do so.
pub fn open_browser(address: &str) -> bool {
    let program = if cfg!(target_os = "macos") {
        "open"
    } else {
        "xdg-open"
    };
    Command::new(program)
        .arg(address)
        .env_clear()
        .envs(process::child_environment())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_end_of_a_connection_is_a_plain_address() {
        assert_eq!(
            this_end("10.0.0.9 51000 10.0.0.5 22").as_deref(),
            Some("10.0.0.5")
        );
        for odd in ["", "a b", "a 1 $(id) 22"] {
            assert_eq!(this_end(odd), None, "{odd}");
        }
    }
}
