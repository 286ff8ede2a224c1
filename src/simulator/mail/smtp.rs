//! SMTP submission: STARTTLS, sign-in, and no mail.

use std::io;

use tokio::io::{AsyncRead, AsyncWrite};

use super::line_stream::LineStream;
use super::session::{MailSession, SessionEnd, SignInOutcome};
use super::xoauth2::error_challenge;
use crate::simulator::faults::MailFault;

/// Greeting and extensions of Exchange Online before and after STARTTLS, as in the log of
/// <https://github.com/harishkrupo/oauth2ms/issues/5>.
const GREETING: &str =
    "220 SIM0PR01CA0001.outlook.office365.com Microsoft ESMTP MAIL Service ready";
const HELLO: &str = "250-SIM0PR01CA0001.outlook.office365.com Hello [127.0.0.1]\r\n\
                     250-SIZE 157286400\r\n250-PIPELINING\r\n250-DSN\r\n250-ENHANCEDSTATUSCODES";
const EXTENSIONS: &str = "250-8BITMIME\r\n250-BINARYMIME\r\n250-CHUNKING\r\n250 SMTPUTF8";

const REFUSED: &str = "535 5.7.3 Authentication unsuccessful [SIM0PR01CA0001.PROD.OUTLOOK.COM]";

/// What a client asks for in plain text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PlainTextEnd {
    /// TLS is next.
    StartTls,
    /// The connection closes.
    Closed,
}

/// Serves the part of a session before TLS. Sign-ins are refused there.
pub(crate) async fn serve_plain_text<S: AsyncRead + AsyncWrite + Unpin>(
    session: &MailSession<'_>,
    lines: &mut LineStream<S>,
) -> io::Result<PlainTextEnd> {
    let early = session.early_fault();
    if let Some(MailFault::Greeting(text)) = early {
        lines.send(text).await?;
        return Ok(PlainTextEnd::Closed);
    }
    let has_tls = early != Some(MailFault::NoStartTls);
    lines.send(GREETING).await?;
    while let Some(line) = lines.receive().await? {
        let verb = verb(&line);
        session.record(&verb);
        match verb.as_str() {
            "EHLO" if has_tls => {
                let hello = format!("{HELLO}\r\n250-STARTTLS\r\n{EXTENSIONS}");
                lines.send(&hello).await?;
            }
            "EHLO" => lines.send(&format!("{HELLO}\r\n{EXTENSIONS}")).await?,
            "STARTTLS" if has_tls => {
                lines.send("220 2.0.0 SMTP server ready").await?;
                return Ok(PlainTextEnd::StartTls);
            }
            "QUIT" => {
                lines.send(FAREWELL).await?;
                return Ok(PlainTextEnd::Closed);
            }
            "NOOP" | "RSET" => lines.send("250 2.0.0 OK").await?,
            "AUTH" | "MAIL" => lines.send(STARTTLS_FIRST).await?,
            _ => lines.send(UNKNOWN).await?,
        }
    }
    Ok(PlainTextEnd::Closed)
}

const FAREWELL: &str = "221 2.0.0 Service closing transmission channel";
/// RFC 3207, section 4.
const STARTTLS_FIRST: &str = "530 5.7.0 Must issue a STARTTLS command first";
/// RFC 5321, section 4.2.4.
const UNKNOWN: &str = "500 5.5.1 Unrecognized command";

/// Serves the part of a session over TLS.
pub(crate) async fn serve<S: AsyncRead + AsyncWrite + Unpin>(
    session: &mut MailSession<'_>,
    lines: &mut LineStream<S>,
) -> io::Result<SessionEnd> {
    while let Some(line) = lines.receive().await? {
        let verb = verb(&line);
        session.record(&verb);
        match verb.as_str() {
            "EHLO" => {
                let hello = format!("{HELLO}\r\n250-AUTH LOGIN XOAUTH2\r\n{EXTENSIONS}");
                lines.send(&hello).await?;
            }
            "AUTH" => {
                if let Some(end) = authenticate(session, lines, &line).await? {
                    return Ok(end);
                }
            }
            "QUIT" => {
                lines.send(FAREWELL).await?;
                return Ok(SessionEnd::Closed);
            }
            "NOOP" | "RSET" => lines.send("250 2.0.0 OK").await?,
            // No mail is taken, from any client.
            "MAIL" | "RCPT" | "DATA" | "BDAT" => {
                let refused = "550 5.7.1 The simulated server takes no mail";
                lines.send(refused).await?;
            }
            _ => lines.send(UNKNOWN).await?,
        }
    }
    Ok(SessionEnd::Closed)
}

async fn authenticate<S: AsyncRead + AsyncWrite + Unpin>(
    session: &mut MailSession<'_>,
    lines: &mut LineStream<S>,
    line: &str,
) -> io::Result<Option<SessionEnd>> {
    let mut words = line.split(' ').skip(1);
    let mechanism = words.next().unwrap_or_default();
    if !mechanism.eq_ignore_ascii_case("XOAUTH2") {
        lines
            .send("504 5.7.4 Unrecognized authentication type")
            .await?;
        return Ok(None);
    }
    let response = if let Some(response) = words.next() {
        response.to_owned()
    } else {
        lines.send("334 ").await?;
        let Some(response) = lines.receive().await? else {
            return Ok(Some(SessionEnd::Closed));
        };
        response
    };
    match session.sign_in(&response, REFUSED).await {
        SignInOutcome::Broken(fault) => return Ok(Some(SessionEnd::Broken(fault))),
        SignInOutcome::Accepted { .. } => {
            lines.send("235 2.7.0 Authentication successful").await?;
        }
        SignInOutcome::Refused { text, challenged } => {
            if challenged {
                lines.send(&format!("334 {}", error_challenge())).await?;
                lines.receive().await?;
            }
            lines.send(text).await?;
        }
    }
    Ok(None)
}

fn verb(line: &str) -> String {
    let verb = line.split(' ').next().unwrap_or_default();
    verb.to_ascii_uppercase()
}
