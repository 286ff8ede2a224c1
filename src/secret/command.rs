//! Secrets from programs, which run without a shell, in a process group of their own, with a deadline.

use std::{io, process::Stdio, time::Duration};

use rustix::process::{Pid, Signal, kill_process_group};
use secrecy::SecretString;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _},
    process::{Child, Command},
    time::{Instant, timeout, timeout_at},
};
use zeroize::Zeroizing;

use crate::{process, text};

use super::{
    error::SecretError,
    value::{MAX_BYTES, unterminated},
};

/// A command gets this long, or until the deadline of the check if that is sooner.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long pipes may stay open after the program has ended: something it left running in the
/// background may hold them for ever.
const GRACE: Duration = Duration::from_millis(500);

/// So much of standard error is kept, to show its first line.
const MAX_STDERR: usize = 4 * 1024;

/// The longest line of standard error that is shown, in columns.
const SHOWN: usize = 200;

/// Runs a command and returns what it printed.
pub(super) async fn run(line: &[String], deadline: Instant) -> Result<SecretString, SecretError> {
    let started = Instant::now();
    let until = deadline.min(started + PATIENCE);
    let program = line.first().map_or("", String::as_str);
    let (child, group) = start(line).map_err(|source| SecretError::Start {
        program: shown(program),
        source,
    })?;
    // `group` ends every process of the command when this function is left, in whichever way …
    let printed = timeout_at(until, follow(child))
        .await
        .map_err(|_elapsed| SecretError::Hangs {
            program: shown(program),
            after: until - started,
        })?
        .map_err(|source| SecretError::Follow {
            program: shown(program),
            source,
        })?;
    // … but for this one: an agent that it left running is meant to stay
    group.spare();
    judge(&printed, shown(program))
}

/// Everything that a command gave.
struct Printed {
    status: std::process::ExitStatus,
    stdout: Zeroizing<Vec<u8>>,
    stderr: Zeroizing<Vec<u8>>,
}

/// Kills a process group when dropped.
struct Group(Option<Pid>);

impl Group {
    fn spare(mut self) {
        self.0 = None;
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(leader) = self.0 {
            // an empty group is the aim
            let _gone = kill_process_group(leader, Signal::KILL);
        }
    }
}

fn start(line: &[String]) -> io::Result<(Child, Group)> {
    let (program, arguments) = line
        .split_first()
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "no program is named"))?;
    let child = Command::new(program)
        .args(arguments)
        // variables may hold the secrets of other tenants
        .env_clear()
        .envs(process::child_environment())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true)
        .spawn()?;
    let leader = child.id().and_then(|id| Pid::from_raw(id.cast_signed()));
    Ok((child, Group(leader)))
}

/// Reads both pipes until the program has ended.
async fn follow(mut child: Child) -> io::Result<Printed> {
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let mut stdout = Zeroizing::new(Vec::with_capacity(MAX_BYTES + 1));
    let mut stderr = Zeroizing::new(Vec::with_capacity(MAX_STDERR));
    let status = {
        let mut pipes = Box::pin(async {
            tokio::try_join!(
                drain(out, &mut stdout, MAX_BYTES + 1),
                drain(err, &mut stderr, MAX_STDERR)
            )
        });
        tokio::select! {
            read = &mut pipes => {
                read?;
                child.wait().await?
            }
            status = child.wait() => {
                // what is held open after that is not waited for
                if let Ok(read) = timeout(GRACE, &mut pipes).await {
                    read?;
                }
                status?
            }
        }
    };
    Ok(Printed {
        status,
        stdout,
        stderr,
    })
}

/// Keeps the first `limit` bytes and reads on past them, so that the program is not held up.
async fn drain(
    pipe: Option<impl AsyncRead + Unpin>,
    kept: &mut Vec<u8>,
    limit: usize,
) -> io::Result<()> {
    let Some(mut pipe) = pipe else {
        return Ok(());
    };
    let mut chunk = Zeroizing::new([0; 4096]);
    loop {
        let read = pipe.read(chunk.as_mut_slice()).await?;
        if read == 0 {
            return Ok(());
        }
        let fitting = read.min(limit - kept.len());
        kept.extend(chunk.iter().take(fitting));
    }
}

fn judge(printed: &Printed, program: String) -> Result<SecretString, SecretError> {
    let place = || format!("the output of secret command '{program}'");
    if printed.stdout.len() > MAX_BYTES {
        return Err(SecretError::TooLarge { place: place() });
    }
    if printed.status.success() {
        return unterminated(&printed.stdout, place);
    }
    Err(SecretError::Failed {
        stderr: first_line(&printed.stderr, &printed.stdout),
        status: printed.status,
        program,
    })
}

/// Returns the first line of standard error, without anything that was also on standard output:
/// that may be the secret.
fn first_line(stderr: &[u8], stdout: &[u8]) -> String {
    let stderr = String::from_utf8_lossy(stderr);
    let stdout = Zeroizing::new(String::from_utf8_lossy(stdout).into_owned());
    let first = stderr.lines().find(|line| !line.trim().is_empty());
    let mut line = first.unwrap_or_default().to_owned();
    for secret in stdout.lines().map(str::trim).filter(|line| line.len() > 3) {
        line = line.replace(secret, text::REDACTED);
    }
    let line = text::line(&text::redact(&line));
    text::fit(&line, SHOWN).into_owned()
}

fn shown(program: &str) -> String {
    text::line(program)
}
