//! Lines over a connection.

use std::io;

use tokio::io::{
    AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, BufReader,
};

/// A longer line ends the connection. Access tokens of Entra may exceed 4 KiB.
const LINE_LIMIT: u64 = 64 * 1024;

/// A connection that is read and written by lines.
#[derive(Debug)]
pub(crate) struct LineStream<S>(BufReader<S>);

impl<S: AsyncRead + AsyncWrite + Unpin> LineStream<S> {
    pub(crate) fn new(stream: S) -> Self {
        Self(BufReader::new(stream))
    }

    /// Returns the next line without its end; `None` where the connection ends or a line is too long.
    pub(crate) async fn receive(&mut self) -> io::Result<Option<String>> {
        let mut line = Vec::new();
        let mut limited = (&mut self.0).take(LINE_LIMIT);
        limited.read_until(b'\n', &mut line).await?;
        if line.last() != Some(&b'\n') {
            return Ok(None);
        }
        let text = String::from_utf8_lossy(&line);
        Ok(Some(text.trim_end_matches(['\r', '\n']).to_owned()))
    }

    /// Sends a line, or several with CRLF between them.
    pub(crate) async fn send(&mut self, lines: &str) -> io::Result<()> {
        self.0.write_all(format!("{lines}\r\n").as_bytes()).await?;
        self.0.flush().await
    }

    /// Returns the connection. Bytes that were received but not read are dropped: a client must not
    /// smuggle commands past STARTTLS.
    pub(crate) fn into_inner(self) -> S {
        self.0.into_inner()
    }
}
