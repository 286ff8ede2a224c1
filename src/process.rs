//! This process and its children: what children see of the environment, whether a crash leaves
//! secrets on disk, and how the process fits into a limit of its address space.
//!
//! Everything here that depends on the operating system stands behind `cfg`. Callers are `app`, which
//! sets up the process, and every module that starts a program.

use std::{
    env,
    ffi::{OsStr, OsString},
};

/// Names further variables, separated by spaces or commas, that a child may see.
const PASSED_ON: &str = "CREDWATCH_PASS_ENV";

/// The variables that every child sees: where programs and files are, who the user is, the language,
/// the desktop, the proxy, the trust roots, the agents that hold keys.
const ALLOWED: &[&str] = &[
    "ALL_PROXY",
    "BROWSER",
    "COLORTERM",
    "DBUS_SESSION_BUS_ADDRESS",
    "DESKTOP_SESSION",
    "DISPLAY",
    "GNUPGHOME",
    "GPG_AGENT_INFO",
    "GPG_TTY",
    "HOME",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "KRB5CCNAME",
    "KRB5_CONFIG",
    "LANG",
    "LANGUAGE",
    "LESS",
    "LOGNAME",
    "NO_PROXY",
    "PASSWORD_STORE_DIR",
    "PATH",
    "PWD",
    "SHELL",
    "SSH_AUTH_SOCK",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
    "SYSTEMROOT",
    "TEMP",
    "TERM",
    "TMP",
    "TMPDIR",
    "TZ",
    "USER",
    "USERPROFILE",
    "WAYLAND_DISPLAY",
    "XAUTHORITY",
    "all_proxy",
    "http_proxy",
    "https_proxy",
    "no_proxy",
];

/// The beginnings of further allowed names: the locale and the folders of the desktop.
const ALLOWED_PREFIXES: &[&str] = &["LC_", "XDG_"];

/// Returns the environment for a program that this process starts.
///
/// Variables are the usual place for the secrets of tenants, so a child sees only a fixed list of
/// names that hold none, and the names listed in `CREDWATCH_PASS_ENV`.
pub fn child_environment() -> Vec<(OsString, OsString)> {
    let more = env::var_os(PASSED_ON).unwrap_or_default();
    let may_see = |name: &OsStr| is_allowed(name, &more.to_string_lossy());
    env::vars_os().filter(|(name, _)| may_see(name)).collect()
}

fn is_allowed(name: &OsStr, passed_on: &str) -> bool {
    let Some(name) = name.to_str() else {
        return false;
    };
    let mut more = passed_on.split([' ', ',']).filter(|name| !name.is_empty());
    ALLOWED.contains(&name)
        || ALLOWED_PREFIXES
            .iter()
            .any(|prefix| name.starts_with(prefix))
        || more.any(|listed| listed == name)
}

/// Keeps secrets in memory out of core dumps, and out of reach of debuggers of the same user.
///
/// A system that refuses is not reported: the process works as well without this.
pub fn forbid_core_dumps() {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        set_dumpable_behavior(DumpableBehavior::NotDumpable).ok();
    }
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, setrlimit};
        // children too; and systems without the call above
        let none = Rlimit {
            current: Some(0),
            maximum: Some(0),
        };
        setrlimit(Resource::Core, none).ok();
    }
}

/// Returns the limit of the address space in bytes (`ulimit -v`), if there is one.
fn address_space_limit() -> Option<u64> {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, getrlimit};
        getrlimit(Resource::As).current
    }
    #[cfg(not(unix))]
    None
}

/// How many bytes of a limited address space stand for one blocking thread: its stack of 2 MiB, and
/// the work of the whole process.
const SPACE_PER_THREAD: u64 = 12 * 1024 * 1024;

/// Returns how many threads may do blocking work (names that are looked up, files that are read).
///
/// 512 is tokio's own bound. A limit of the address space leaves room for fewer stacks.
pub fn max_blocking_threads() -> usize {
    blocking_threads(address_space_limit())
}

fn blocking_threads(limit: Option<u64>) -> usize {
    const MOST: u64 = 512;
    let fitting = limit.map_or(MOST, |limit| (limit / SPACE_PER_THREAD).clamp(4, MOST));
    usize::try_from(fitting).unwrap_or(4)
}

/// Starts the program anew with a single arena of memory, where the address space is too small for
/// the arenas of glibc. Returns where there is no need, or where that fails.
///
/// glibc reserves 64 MiB of address space for each thread that allocates, and aborts the process once
/// a small allocation finds nothing left: `ulimit -v 400000` was enough. It reads the variable at the
/// start of a program alone, and its `mallopt` cannot be called without `unsafe`.
pub fn fit_address_space() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        use std::{os::unix::process::CommandExt as _, process::Command};

        const ARENAS: &str = "MALLOC_ARENA_MAX";
        /// Enough for the arenas of 16 threads, and the program.
        const PLENTY: u64 = 2 * 1024 * 1024 * 1024;
        let is_small = address_space_limit().is_some_and(|limit| limit < PLENTY);
        // also what ends a loop: the new program finds the variable
        if !is_small || env::var_os(ARENAS).is_some() {
            return;
        }
        let mut arguments = env::args_os();
        let Some((name, program)) = arguments.next().zip(env::current_exe().ok()) else {
            return;
        };
        // `exec` returns only where it fails; then the program goes on as it is
        let _failed = Command::new(program)
            .arg0(name)
            .args(arguments)
            .env(ARENAS, "1")
            .exec();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_sees_listed_variables_only() {
        let sees = |name: &str| is_allowed(OsStr::new(name), "VAULT_ADDR, VAULT_TOKEN");
        for name in ["PATH", "HOME", "LC_ALL", "XDG_RUNTIME_DIR", "VAULT_TOKEN"] {
            assert!(sees(name), "{name}");
        }
        for name in ["CONTOSO_SECRET", "VAULT", "PATHS", "CREDWATCH_PASS_ENV", ""] {
            assert!(!sees(name), "{name}");
        }
    }

    #[test]
    fn a_small_address_space_has_few_threads() {
        let kib = |kib: u64| blocking_threads(Some(kib * 1024));
        assert_eq!(blocking_threads(None), 512);
        assert_eq!(kib(200_000), 16);
        assert_eq!(kib(400_000), 32);
        assert_eq!(kib(1), 4);
        assert_eq!(blocking_threads(Some(u64::MAX)), 512);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn core_dumps_are_off() {
        use rustix::process::{DumpableBehavior, dumpable_behavior};
        forbid_core_dumps();
        assert_eq!(dumpable_behavior().unwrap(), DumpableBehavior::NotDumpable);
    }
}
