//! POP: capabilities, sign-in, an empty mailbox.

use std::io;

use tokio::io::{AsyncRead, AsyncWrite};

use super::line_stream::LineStream;
use super::session::{MailSession, SessionEnd, SignInOutcome};
use super::xoauth2::error_challenge;
use crate::simulator::faults::MailFault;

/// Greeting and capabilities of Exchange Online, as in the log of
/// <https://github.com/kisli/vmime/issues/267>.
const GREETING: &str = "+OK The Microsoft Exchange POP3 service is ready. [UwBJAE0AMAA=]";
const CAPABILITIES: &str = "+OK\r\nTOP\r\nUIDL\r\nSASL PLAIN XOAUTH2\r\nUSER\r\n.";

/// Exchange takes the response only on a line of its own, and closes the connection otherwise
/// (<https://github.com/getmail6/getmail6/issues/256>).
const PROTOCOL_ERROR: &str = "-ERR Protocol error. Connection is closed. 10";

const REFUSED: &str = "-ERR Authentication failure: unknown user name or bad password.";

/// Serves a session.
pub(crate) async fn serve<S: AsyncRead + AsyncWrite + Unpin>(
    session: &mut MailSession<'_>,
    lines: &mut LineStream<S>,
) -> io::Result<SessionEnd> {
    if let Some(MailFault::Greeting(text)) = session.early_fault() {
        lines.send(text).await?;
        return Ok(SessionEnd::Closed);
    }
    lines.send(GREETING).await?;
    let mut signed_in = None;
    while let Some(line) = lines.receive().await? {
        let mut words = line.split(' ');
        let verb = words.next().unwrap_or_default().to_ascii_uppercase();
        session.record(&verb);
        let answer = match (verb.as_str(), signed_in) {
            ("CAPA", _) => CAPABILITIES,
            ("QUIT", _) => {
                let farewell = "+OK Microsoft Exchange Server POP3 server signing off.";
                lines.send(farewell).await?;
                return Ok(SessionEnd::Closed);
            }
            ("AUTH", None) => {
                let arguments: Vec<&str> = words.collect();
                let Some(outcome) = authenticate(session, lines, &arguments).await? else {
                    lines.send(PROTOCOL_ERROR).await?;
                    return Ok(SessionEnd::Closed);
                };
                match outcome {
                    SignInOutcome::Broken(fault) => return Ok(SessionEnd::Broken(fault)),
                    SignInOutcome::Accepted { then } => {
                        signed_in = Some(then);
                        "+OK User successfully authenticated."
                    }
                    SignInOutcome::Refused { text, challenged } => {
                        if challenged {
                            lines.send(&format!("+ {}", error_challenge())).await?;
                            lines.receive().await?;
                        }
                        text
                    }
                }
            }
            ("USER" | "PASS", None) => REFUSED,
            (_, Some(Some(scripted))) => scripted,
            ("STAT", Some(None)) => "+OK 0 0",
            ("LIST" | "UIDL", Some(None)) => "+OK\r\n.",
            ("NOOP" | "RSET", Some(None)) => "+OK",
            _ => "-ERR Command is not valid in this state.",
        };
        lines.send(answer).await?;
    }
    Ok(SessionEnd::Closed)
}

/// Reads the response of a client; `None` if the client does not follow the protocol of Exchange.
async fn authenticate<S: AsyncRead + AsyncWrite + Unpin>(
    session: &mut MailSession<'_>,
    lines: &mut LineStream<S>,
    arguments: &[&str],
) -> io::Result<Option<SignInOutcome>> {
    match arguments {
        [mechanism] if mechanism.eq_ignore_ascii_case("XOAUTH2") => {}
        _ => return Ok(None),
    }
    lines.send("+ ").await?;
    match lines.receive().await? {
        Some(response) => Ok(Some(session.sign_in(&response, REFUSED).await)),
        None => Ok(None),
    }
}
