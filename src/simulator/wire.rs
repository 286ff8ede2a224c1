//! Faults below the protocol, which a well-behaved HTTP server could not commit.
//!
//! A handler that meets one asks its connection, through a [`ConnectionHandle`], to take the socket
//! away from the HTTP server and to write the bytes of the fault.

use std::future::pending;
use std::io::{self, Write as _};
use std::time::Duration;

use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio_rustls::server::TlsStream;

use super::faults::{FaultTarget, WireFault};
use super::http_answer::HttpAnswer;

/// A handler's way to its own connection. Bounded by one: the first fault ends the connection, so
/// a second one is never needed.
pub(crate) type ConnectionHandle = mpsc::Sender<(FaultTarget, WireFault)>;

/// How long the right answer is late.
pub(crate) const DELAY: Duration = Duration::from_millis(30);

/// Commits a fault. Returns an answer if HTTP can carry it, and `None` if the right answer is due
/// now. Never returns if the connection is taken over.
pub(crate) async fn commit(
    connection: &ConnectionHandle,
    target: FaultTarget,
    fault: WireFault,
) -> Option<HttpAnswer> {
    match fault {
        WireFault::Delay => {
            tokio::time::sleep(DELAY).await;
            None
        }
        WireFault::RedirectToLogin => {
            let elsewhere = "https://signin.captive.invalid/login?next=%2F";
            Some(HttpAnswer::empty(302).with("location", elsewhere))
        }
        WireFault::ProxyLogin => {
            let title = "Proxy Authentication Required";
            let page = HttpAnswer::page(407, title, "Sign in to go on.");
            Some(page.with("proxy-authenticate", "Basic realm=\"corporate proxy\""))
        }
        WireFault::HostilePage => Some(hostile_page()),
        WireFault::InvalidUtf8 => {
            let body = Bytes::from_static(b"\xff\xfe<\xc3\x28{\"\xf0\x28\x8c\x28");
            Some(HttpAnswer::new(200, content_type(target), body))
        }
        WireFault::GzipBomb => {
            let answer = HttpAnswer::new(200, content_type(target), gzip_bomb());
            Some(answer.with("content-encoding", "gzip"))
        }
        // The faults below HTTP were due before the handshake: the next connection meets them.
        fault => {
            // The receiver is gone only if the connection is, and with it the client that waits.
            let _gone = connection.send((target, fault)).await;
            pending().await
        }
    }
}

/// Writes a fault to a connection that the HTTP server has given up. Ends when the client closes it.
pub(crate) async fn play(
    mut io: TlsStream<TcpStream>,
    target: FaultTarget,
    fault: WireFault,
) -> io::Result<()> {
    let kind = content_type(target);
    match fault {
        WireFault::Reset => return io.get_ref().0.set_zero_linger(),
        WireFault::Truncated => {
            let head = head(kind, "Content-Length: 5000");
            io.write_all(format!("{head}<?xml version=\"1.0\"?>{{\"token").as_bytes())
                .await?;
            io.flush().await?;
            // No close_notify and no rest: the socket just ends.
            return Ok(());
        }
        WireFault::BadChunking => {
            let head = head(kind, "Transfer-Encoding: chunked");
            io.write_all(format!("{head}zz\r\nnonsense\r\n").as_bytes())
                .await?;
        }
        WireFault::NotHttp => io.write_all(b"220 mail.example ESMTP ready\r\n").await?,
        WireFault::Endless => endless(&mut io, kind).await?,
        WireFault::HugeHeaders => huge_headers(&mut io).await?,
        WireFault::Drip => drip(&mut io, kind).await?,
        WireFault::Stall => {
            let mut heard = [0; 64];
            while io.read(&mut heard).await? > 0 {}
        }
        // `commit` answers the others, or closing the connection is all there is to do.
        _ => {}
    }
    io.shutdown().await
}

/// Breaks the connection of a mail client. Faults that need HTTP just close it.
pub(crate) async fn play_on_mail(mut io: TlsStream<TcpStream>, fault: WireFault) -> io::Result<()> {
    match fault {
        WireFault::Reset => return io.get_ref().0.set_zero_linger(),
        WireFault::Truncated => return Ok(()),
        WireFault::Stall => {
            let mut read = [0; 64];
            while io.read(&mut read).await? > 0 {}
        }
        WireFault::Endless => loop {
            io.write_all(&[b'x'; 4096]).await?;
        },
        WireFault::Drip => loop {
            io.write_all(b"x").await?;
            io.flush().await?;
            tokio::time::sleep(Duration::from_secs(1)).await;
        },
        WireFault::InvalidUtf8 => io.write_all(b"\xff\xfe\xc3\x28\0\r\n").await?,
        WireFault::NotHttp => io.write_all(b"SSH-2.0-OpenSSH_9.9\r\n").await?,
        WireFault::HostilePage => {
            io.write_all(HOSTILE_TEXT.as_bytes()).await?;
            io.write_all(b"\r\n").await?;
        }
        _ => {}
    }
    io.shutdown().await
}

fn content_type(target: FaultTarget) -> &'static str {
    match target {
        FaultTarget::Entra | FaultTarget::Graph => "application/json; charset=utf-8",
        FaultTarget::Ews => "text/xml; charset=utf-8",
        FaultTarget::Imap | FaultTarget::Pop | FaultTarget::Smtp => "text/plain",
    }
}

fn head(content_type: &str, length: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\n{length}\r\n\r\n")
}

async fn endless(io: &mut TlsStream<TcpStream>, kind: &str) -> io::Result<()> {
    let mut chunk = b"10000\r\n".to_vec();
    chunk.resize(chunk.len() + 0x1_0000, b' ');
    chunk.extend_from_slice(b"\r\n");
    io.write_all(head(kind, "Transfer-Encoding: chunked").as_bytes())
        .await?;
    loop {
        io.write_all(&chunk).await?;
    }
}

async fn huge_headers(io: &mut TlsStream<TcpStream>) -> io::Result<()> {
    let line = format!("X-Padding: {}\r\n", "x".repeat(8000));
    io.write_all(b"HTTP/1.1 200 OK\r\n").await?;
    for _ in 0..1000 {
        io.write_all(line.as_bytes()).await?;
    }
    io.write_all(b"Content-Length: 0\r\n\r\n").await
}

async fn drip(io: &mut TlsStream<TcpStream>, kind: &str) -> io::Result<()> {
    io.write_all(head(kind, "Content-Length: 100000").as_bytes())
        .await?;
    loop {
        io.write_all(b" ").await?;
        io.flush().await?;
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

/// A gigabyte of spaces in about a megabyte.
fn gzip_bomb() -> Bytes {
    static BLOCK: [u8; 0x1_0000] = [b' '; 0x1_0000];
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    // A mebibyte compressed once, then repeated: gzip members may follow each other.
    for _ in 0..16 {
        if encoder.write_all(&BLOCK).is_err() {
            return Bytes::new();
        }
    }
    let member = encoder.finish().unwrap_or_default();
    Bytes::from(member.repeat(1024))
}

/// Text that attacks a terminal: clears it, sets its title, writes to its clipboard, turns the reading
/// direction, and poses as output of credwatch.
const HOSTILE_TEXT: &str = "\u{1b}[2J\u{1b}]0;owned\u{7}\u{1b}]52;c;b3duZWQ=\u{7}\u{202e}ko si gnihtyreve\r\
                            ok  everything is fine\u{9b}31m";

fn hostile_page() -> HttpAnswer {
    HttpAnswer::page(200, HOSTILE_TEXT, HOSTILE_TEXT)
}
