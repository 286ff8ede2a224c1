//! Faults below the protocol, which a well-behaved HTTP server could not commit.
//!
//! A handler that meets one asks the connection, through its [`Line`], to take the socket away from
//! the HTTP server and to write these bytes itself.

use std::future::pending;
use std::io::{self, Write as _};
use std::time::Duration;

use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio_rustls::server::TlsStream;

use super::answer::Answer;
use super::behaviour::{Surface, WireFault};

/// The way from a handler to its own connection. Bounded by one: the first fault ends the
/// connection, so nothing can be lost that mattered.
pub(super) type Line = mpsc::Sender<(Surface, WireFault)>;

/// Commits a fault. Returns an answer if HTTP can carry it, `None` if the right answer is due now,
/// and never if the connection is taken over.
pub(super) async fn meet(line: &Line, surface: Surface, fault: WireFault) -> Option<Answer> {
    match fault {
        WireFault::Delay(delay) => {
            tokio::time::sleep(delay).await;
            None
        }
        WireFault::RedirectToLogin => Some(
            Answer::empty(302).with("location", "https://signin.captive.invalid/login?next=%2F"),
        ),
        WireFault::ProxyLogin => Some(
            Answer::page(407, "Proxy Authentication Required", "Sign in to go on.")
                .with("proxy-authenticate", "Basic realm=\"corporate proxy\""),
        ),
        WireFault::HostilePage => Some(hostile_page()),
        WireFault::InvalidUtf8 => Some(Answer::new(
            200,
            content_type(surface),
            Bytes::from_static(b"\xff\xfe<\xc3\x28{\"\xf0\x28\x8c\x28"),
        )),
        WireFault::GzipBomb => Some(
            Answer::new(200, content_type(surface), gzip_bomb()).with("content-encoding", "gzip"),
        ),
        WireFault::Reset
        | WireFault::Close
        | WireFault::Truncated
        | WireFault::Endless
        | WireFault::Drip
        | WireFault::Stall
        | WireFault::BadChunking
        | WireFault::NotHttp
        | WireFault::HugeHeaders
        // Shaken hands before the fault began: the next connection meets it.
        | WireFault::PlainText
        | WireFault::BrokenHandshake
        | WireFault::SelfSigned
        | WireFault::CertificateEnded
        | WireFault::OtherHost
        | WireFault::NameUnknown => {
            // The connection is gone if this fails, and with it whoever waits.
            let _gone = line.send((surface, fault)).await;
            pending().await
        }
    }
}

/// Writes a fault to a connection that the HTTP server has given up. Ends when the client has had
/// enough.
pub(super) async fn play(
    mut io: TlsStream<TcpStream>,
    surface: Surface,
    fault: WireFault,
) -> io::Result<()> {
    let kind = content_type(surface);
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
        // The rest is answered by `meet`, or is no more than to close.
        WireFault::Close
        | WireFault::Delay(_)
        | WireFault::RedirectToLogin
        | WireFault::ProxyLogin
        | WireFault::HostilePage
        | WireFault::InvalidUtf8
        | WireFault::GzipBomb
        | WireFault::PlainText
        | WireFault::BrokenHandshake
        | WireFault::SelfSigned
        | WireFault::CertificateEnded
        | WireFault::OtherHost
        | WireFault::NameUnknown => {}
    }
    io.shutdown().await
}

fn content_type(surface: Surface) -> &'static str {
    match surface {
        Surface::Entra | Surface::Graph => "application/json; charset=utf-8",
        Surface::Ews => "text/xml; charset=utf-8",
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

/// What a hostile page would do to a terminal: clear it, set its title, write to its clipboard, turn
/// the reading direction, and pose as our own words.
fn hostile_page() -> Answer {
    let words = "\u{1b}[2J\u{1b}]0;owned\u{7}\u{1b}]52;c;b3duZWQ=\u{7}\u{202e}ko si gnihtyreve\r\
                 ok  everything is fine\u{9b}31m";
    Answer::page(200, words, words)
}
