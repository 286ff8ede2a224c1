//! IMAP: capabilities, sign-in, an empty inbox.

use std::io;

use tokio::io::{AsyncRead, AsyncWrite};

use super::line_stream::LineStream;
use super::session::{MailSession, SessionEnd, SignInOutcome};
use super::xoauth2::error_challenge;
use crate::simulator::faults::MailFault;

/// Greeting, capabilities and farewell of Exchange Online, as in the logs of
/// <https://github.com/jstedfast/MailKit/issues/1496> and
/// <https://github.com/holon-run/uxc/issues/445>.
const GREETING: &str = "* OK The Microsoft Exchange IMAP4 service is ready. [UwBJAE0AMAA=]";
const CAPABILITIES: &str = "* CAPABILITY IMAP4 IMAP4rev1 AUTH=PLAIN AUTH=XOAUTH2 SASL-IR UIDPLUS \
                            ID UNSELECT CHILDREN IDLE NAMESPACE LITERAL+";
const SIGNING_OFF: &str = "* BYE Microsoft Exchange Server IMAP4 server signing off.";

/// The state of an empty inbox.
const EMPTY_INBOX: &str = "* 0 EXISTS\r\n* 0 RECENT\r\n\
                           * FLAGS (\\Seen \\Answered \\Flagged \\Deleted \\Draft $MDNSent)\r\n\
                           * OK [PERMANENTFLAGS ()] Permanent flags\r\n\
                           * OK [UIDVALIDITY 14] UIDVALIDITY value\r\n\
                           * OK [UIDNEXT 1] The next unique identifier value";

/// Serves a session.
pub(crate) async fn serve<S: AsyncRead + AsyncWrite + Unpin>(
    session: &mut MailSession<'_>,
    lines: &mut LineStream<S>,
) -> io::Result<SessionEnd> {
    let early = session.early_fault();
    if let Some(MailFault::Greeting(text)) = early {
        lines.send(text).await?;
        return Ok(SessionEnd::Closed);
    }
    lines.send(GREETING).await?;
    let mut imap = ImapSession {
        session,
        lines,
        state: ImapState::SignedOut,
    };
    while let Some(line) = imap.lines.receive().await? {
        let mut words = line.split(' ');
        let (Some(tag), Some(verb)) = (words.next(), words.next()) else {
            imap.lines.send("* BAD Command Error.").await?;
            continue;
        };
        let verb = verb.to_ascii_uppercase();
        imap.session.record(&verb);
        let arguments: Vec<&str> = words.collect();
        if let Some(end) = imap.perform(tag, &verb, &arguments).await? {
            return Ok(end);
        }
    }
    Ok(SessionEnd::Closed)
}

struct ImapSession<'s, 'b, S> {
    session: &'s mut MailSession<'b>,
    lines: &'s mut LineStream<S>,
    state: ImapState,
}

/// The state of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ImapState {
    SignedOut,
    /// With the scripted answer to the next command, if there is one.
    SignedIn(Option<&'static str>),
}

impl<S: AsyncRead + AsyncWrite + Unpin> ImapSession<'_, '_, S> {
    /// Performs a command; returns the end of the session if it ends.
    async fn perform(
        &mut self,
        tag: &str,
        verb: &str,
        arguments: &[&str],
    ) -> io::Result<Option<SessionEnd>> {
        if let (ImapState::SignedIn(Some(text)), true) = (self.state, verb != "LOGOUT") {
            return self.scripted(tag, text).await.map(Some);
        }
        let answer = match verb {
            "CAPABILITY" => format!("{CAPABILITIES}\r\n{tag} OK CAPABILITY completed."),
            "NOOP" => format!("{tag} OK NOOP completed."),
            "LOGOUT" => {
                let farewell = format!("{SIGNING_OFF}\r\n{tag} OK LOGOUT completed.");
                self.lines.send(&farewell).await?;
                return Ok(Some(SessionEnd::Closed));
            }
            "AUTHENTICATE" => return self.authenticate(tag, arguments).await,
            "LOGIN" => format!("{tag} NO Basic authentication is disabled."),
            _ if self.state == ImapState::SignedOut => {
                format!("{tag} BAD Command received in Invalid state.")
            }
            "SELECT" => format!("{EMPTY_INBOX}\r\n{tag} OK [READ-WRITE] SELECT completed."),
            "EXAMINE" => format!("{EMPTY_INBOX}\r\n{tag} OK [READ-ONLY] EXAMINE completed."),
            "NAMESPACE" => {
                format!("* NAMESPACE ((\"\" \"/\")) NIL NIL\r\n{tag} OK NAMESPACE completed.")
            }
            "LIST" => {
                format!("* LIST (\\HasNoChildren) \"/\" INBOX\r\n{tag} OK LIST completed.")
            }
            "SEARCH" => format!("* SEARCH\r\n{tag} OK SEARCH completed."),
            "CLOSE" | "UNSELECT" | "ID" => format!("{tag} OK {verb} completed."),
            _ => format!("{tag} BAD Command Error."),
        };
        self.lines.send(&answer).await?;
        Ok(None)
    }

    /// Answers a command after sign-in by the script, and ends the session as Exchange does.
    async fn scripted(&mut self, tag: &str, text: &str) -> io::Result<SessionEnd> {
        let answer = if text.starts_with('*') {
            text.to_owned()
        } else {
            format!("{tag} {text}\r\n* BYE Connection closed. 14")
        };
        self.lines.send(&answer).await?;
        Ok(SessionEnd::Closed)
    }

    async fn authenticate(
        &mut self,
        tag: &str,
        arguments: &[&str],
    ) -> io::Result<Option<SessionEnd>> {
        let response = match arguments {
            [mechanism, response] if mechanism.eq_ignore_ascii_case("XOAUTH2") => {
                (*response).to_owned()
            }
            [mechanism] if mechanism.eq_ignore_ascii_case("XOAUTH2") => {
                self.lines.send("+ ").await?;
                match self.lines.receive().await? {
                    Some(response) => response,
                    None => return Ok(Some(SessionEnd::Closed)),
                }
            }
            _ => {
                let answer = format!("{tag} NO AUTHENTICATE failed.");
                self.lines.send(&answer).await?;
                return Ok(None);
            }
        };
        match self
            .session
            .sign_in(&response, "NO AUTHENTICATE failed.")
            .await
        {
            SignInOutcome::Broken(fault) => return Ok(Some(SessionEnd::Broken(fault))),
            SignInOutcome::Accepted { then } => {
                self.state = ImapState::SignedIn(then);
                self.lines
                    .send(&format!("{tag} OK AUTHENTICATE completed."))
                    .await?;
            }
            SignInOutcome::Refused { text, challenged } => {
                if challenged {
                    self.lines.send(&format!("+ {}", error_challenge())).await?;
                    self.lines.receive().await?;
                }
                self.lines.send(&format!("{tag} {text}")).await?;
            }
        }
        Ok(None)
    }
}
