//! A connection to a mail server, from the first byte to the last.

use std::io;

use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;

use super::line_stream::LineStream;
use super::session::{MailSession, SessionEnd};
use super::{imap, pop, smtp};
use crate::simulator::faults::FaultTarget;
use crate::simulator::wire;

/// Serves the part of a connection before TLS, which only SMTP has. Returns the connection if TLS is
/// next.
pub(crate) async fn before_tls(
    session: &MailSession<'_>,
    socket: TcpStream,
) -> io::Result<Option<TcpStream>> {
    if session.target() != FaultTarget::Smtp {
        return Ok(Some(socket));
    }
    let mut lines = LineStream::new(socket);
    let end = smtp::serve_plain_text(session, &mut lines).await?;
    Ok((end == smtp::PlainTextEnd::StartTls).then(|| lines.into_inner()))
}

/// Serves the part of a connection over TLS.
pub(crate) async fn serve(
    session: &mut MailSession<'_>,
    tls: TlsStream<TcpStream>,
) -> io::Result<()> {
    let mut lines = LineStream::new(tls);
    let end = match session.target() {
        FaultTarget::Imap => imap::serve(session, &mut lines).await?,
        FaultTarget::Pop => pop::serve(session, &mut lines).await?,
        _ => smtp::serve(session, &mut lines).await?,
    };
    let mut tls = lines.into_inner();
    match end {
        SessionEnd::Broken(fault) => wire::play_on_mail(tls, fault).await,
        SessionEnd::Closed => tls.shutdown().await,
    }
}
