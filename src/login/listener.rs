//! Waits on loopback for the browser to come back, and takes one valid request.
//!
//! Anybody on this machine can reach the port, so only a request that carries the state counts; the
//! first such one is taken and ends the listening. Others are turned away, and change nothing.

use std::{
    io,
    net::{Ipv4Addr, Ipv6Addr},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use secrecy::SecretString;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    task::JoinSet,
    time::timeout,
};
use url::Url;
use zeroize::Zeroizing;

use crate::text;

/// A longer request head is refused; a code has some kilobytes at most.
const HEAD_LIMIT: usize = 32 * 1024;

/// Who has not asked by then is hung up on.
const ASKING: Duration = Duration::from_secs(5);

/// So many may ask at once; more are hung up on.
const AT_ONCE: usize = 16;

/// An error's words are cut here.
const WORDS: usize = 2000;

/// What the browser brought.
#[derive(Debug)]
pub(super) enum Returned {
    /// A code to redeem.
    Code(SecretString),
    /// The login service, or the person, said no.
    Refused {
        /// The OAuth `error`.
        error: String,
        /// Its words.
        description: String,
    },
}

/// A port of loopback, on both of its addresses where there are two.
#[derive(Debug)]
pub(super) struct Listener {
    four: TcpListener,
    six: Option<TcpListener>,
    port: u16,
}

impl Listener {
    pub(super) async fn bind(port: u16) -> io::Result<Self> {
        let four = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let port = four.local_addr()?.port();
        // `localhost` may mean either; without IPv6 there is nobody to come that way
        let six = TcpListener::bind((Ipv6Addr::LOCALHOST, port)).await.ok();
        Ok(Self { four, six, port })
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// Waits for the one request that carries the state.
    pub(super) async fn returned(self, state: &str) -> Returned {
        // one place is enough: only the first valid request is ever sent
        let (sender, mut taken) = mpsc::channel(1);
        let desk = Arc::new(Desk {
            state: state.to_owned().into(),
            taken: AtomicBool::new(false),
            sender,
        });
        let mut asking = JoinSet::new();
        loop {
            tokio::select! {
                biased;
                Some(returned) = taken.recv() => return returned,
                Some(_ended) = asking.join_next(), if !asking.is_empty() => {}
                stream = self.accept() => {
                    if asking.len() < AT_ONCE {
                        asking.spawn(Arc::clone(&desk).serve(stream));
                    }
                }
            }
        }
    }

    async fn accept(&self) -> TcpStream {
        loop {
            let accepted = match &self.six {
                Some(six) => tokio::select! {
                    accepted = self.four.accept() => accepted,
                    accepted = six.accept() => accepted,
                },
                None => self.four.accept().await,
            };
            match accepted {
                Ok((stream, _)) => return stream,
                // out of file handles, say: wait for some to come back instead of spinning
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    }
}

/// What a request is judged by.
#[derive(Debug)]
struct Desk {
    state: Zeroizing<String>,
    taken: AtomicBool,
    sender: mpsc::Sender<Returned>,
}

impl Desk {
    async fn serve(self: Arc<Self>, mut stream: TcpStream) {
        let Ok(Some(head)) = timeout(ASKING, read_head(&mut stream)).await else {
            return;
        };
        let judged = judge(&head, &self.state).and_then(|returned| {
            let first = !self.taken.swap(true, Ordering::SeqCst);
            first.then_some(returned).ok_or(Turned::Late)
        });
        let (status, words) = match &judged {
            Ok(Returned::Code(_)) => (
                "200 OK",
                "credwatch has what it needs. You can close this window and go back to the terminal.",
            ),
            Ok(Returned::Refused { .. }) => (
                "200 OK",
                "The sign-in was refused. The terminal says why; you can close this window.",
            ),
            Err(Turned::Elsewhere) => ("404 Not Found", "There is nothing here."),
            Err(Turned::Stranger) => (
                "400 Bad Request",
                "This is not the sign-in that credwatch waits for.",
            ),
            Err(Turned::Late) => ("400 Bad Request", "This sign-in has been used already."),
        };
        // the person's window is a courtesy: the answer counts even if nobody reads this
        timeout(ASKING, stream.write_all(page(status, words).as_bytes()))
            .await
            .ok();
        if let Ok(returned) = judged {
            self.sender.send(returned).await.ok();
        }
    }
}

/// Why a request does not count.
#[derive(Debug, PartialEq, Eq)]
enum Turned {
    /// It asks for something else, such as an icon.
    Elsewhere,
    /// It does not carry the state.
    Stranger,
    /// It came after the one that counts.
    Late,
}

/// Reads the head of a request; `None` where it is too long or never ends.
async fn read_head(stream: &mut TcpStream) -> Option<Zeroizing<String>> {
    let mut head = Zeroizing::new(Vec::with_capacity(HEAD_LIMIT));
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        if head.len() >= HEAD_LIMIT {
            return None;
        }
        let room = (HEAD_LIMIT - head.len()) as u64;
        if (&mut *stream).take(room).read_buf(&mut *head).await.ok()? == 0 {
            return None;
        }
    }
    Some(Zeroizing::new(String::from_utf8_lossy(&head).into_owned()))
}

/// Reads what the browser brought, if it is the one that is waited for.
fn judge(head: &str, state: &str) -> Result<Returned, Turned> {
    let mut words = head.lines().next().unwrap_or_default().split(' ');
    let (Some("GET"), Some(target)) = (words.next(), words.next()) else {
        return Err(Turned::Elsewhere);
    };
    let base = Url::parse("http://localhost/").map_err(|_never| Turned::Elsewhere)?;
    let url = base.join(target).map_err(|_garbled| Turned::Elsewhere)?;
    let field = |name: &str| {
        let mut all = url.query_pairs().filter(|(key, _)| key == name);
        let first = all.next().map(|(_, value)| value.into_owned());
        first.filter(|value| all.next().is_none() && !value.is_empty())
    };
    let (code, error) = (field("code"), field("error"));
    if url.path() != "/" || (code.is_none() && error.is_none()) {
        return Err(Turned::Elsewhere);
    }
    if field("state").as_deref() != Some(state) {
        return Err(Turned::Stranger);
    }
    if let Some(error) = error {
        let description = field("error_description").unwrap_or_default();
        return Ok(Returned::Refused {
            error: text::head(&error, WORDS).to_owned(),
            description: text::head(&description, WORDS).to_owned(),
        });
    }
    code.map(|code| Returned::Code(code.into()))
        .ok_or(Turned::Elsewhere)
}

fn page(status: &str, words: &str) -> String {
    let body = format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>credwatch</title>\
         </head><body><p>{words}</p></body></html>\n"
    );
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\n\
         Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\n\
         Content-Security-Policy: default-src 'none'\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    #[test]
    fn only_the_request_with_the_state_counts() {
        let judged = |line: &str| judge(&format!("{line} HTTP/1.1\r\n\r\n"), "good");
        let Ok(Returned::Code(code)) = judged("GET /?code=a%2Bb&state=good") else {
            panic!("the right request counts");
        };
        assert_eq!(code.expose_secret(), "a+b");
        for (line, why) in [
            ("GET /?code=x&state=bad", Turned::Stranger),
            ("GET /?code=x", Turned::Stranger),
            ("GET /?code=x&state=good&state=good", Turned::Stranger),
            ("GET /?code=x&code=y&state=good", Turned::Elsewhere),
            ("GET /?error=denied&state=", Turned::Stranger),
            ("GET /favicon.ico", Turned::Elsewhere),
            ("GET /x?code=x&state=good", Turned::Elsewhere),
            ("POST /?code=x&state=good", Turned::Elsewhere),
            ("garbage", Turned::Elsewhere),
            ("", Turned::Elsewhere),
        ] {
            assert_eq!(judged(line).unwrap_err(), why, "{line}");
        }
    }
}
