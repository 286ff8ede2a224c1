//! When each phase of an exchange began and ended.
//!
//! reqwest makes connections deep inside itself, but on the task of the request that needs one. So
//! the request's [`Timeline`] is a task-local value, and what takes part in making a connection (the
//! resolver, the connector, the verifier) writes into it. A connection that is finished elsewhere,
//! because another one became free first, finds no timeline and leaves no trace, which is right:
//! the request did not wait for it.

use std::{
    future::Future,
    net::SocketAddr,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::time::Instant;
use tower_layer::Layer;
use tower_service::Service;

use crate::{
    clock::Clock,
    observation::{Connection, Phases, Waiting},
};

/// How many addresses of a name are noted.
const ADDRESSES: usize = 4;

tokio::task_local! {
    static TIMELINE: Arc<Timeline>;
}

/// The moments of one exchange, and the facts of its connection where they are wanted.
#[derive(Debug, Default)]
pub(super) struct Timeline {
    marks: Mutex<Marks>,
    seen: Option<Mutex<Connection>>,
}

#[derive(Debug, Default, Clone, Copy)]
struct Marks {
    dns: Option<Duration>,
    connecting: Option<Instant>,
    hello: Option<Instant>,
    connected: Option<Instant>,
    head: Option<Instant>,
}

impl Timeline {
    /// Returns a timeline that also notes what is seen of the connection, beginning with `known`.
    pub(super) fn noting(known: Connection) -> Self {
        Self {
            seen: Some(Mutex::new(known)),
            ..Self::default()
        }
    }

    /// Returns what was seen of the connection, if that was to be noted.
    pub(super) fn connection(&self) -> Option<Box<Connection>> {
        let seen = self.seen.as_ref()?;
        let seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
        Some(Box::new(seen.clone()))
    }

    /// Runs a future that leaves its marks here.
    pub(super) async fn record<F: Future>(self: Arc<Self>, future: F) -> F::Output {
        TIMELINE.scope(self, future).await
    }

    fn marks(&self) -> Marks {
        *self.marks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns what is being waited for, as far as the marks go.
    pub(super) fn waiting(&self) -> Waiting {
        match self.marks() {
            Marks { head: Some(_), .. } => Waiting::Body,
            Marks {
                connecting: Some(_),
                connected: None,
                hello,
                ..
            } => match hello {
                Some(_) => Waiting::Handshake,
                None => Waiting::Connect,
            },
            _ => Waiting::Answer,
        }
    }

    /// Returns how long each phase took of an exchange that went from `started` to `ended`.
    pub(super) fn phases(&self, started: Instant, ended: Instant) -> Phases {
        let marks = self.marks();
        let dns = marks.dns.unwrap_or_default();
        let wire_up = marks.hello.or(marks.connected);
        let sent = match marks.connecting {
            Some(_) => marks.connected,
            None => Some(started),
        };
        Phases {
            dns: marks.dns,
            connect: marks
                .connecting
                .zip(wire_up)
                .map(|(from, to)| (to - from).saturating_sub(dns)),
            tls: marks.hello.zip(marks.connected).map(|(from, to)| to - from),
            wait: sent.zip(marks.head).map(|(from, to)| to - from),
            read: marks.head.map(|from| ended - from),
        }
    }
}

/// Writes into the timeline of the running request, if there is one.
fn mark(write: impl FnOnce(&mut Marks, Instant)) {
    let _no_request = TIMELINE.try_with(|timeline| {
        let mut marks = timeline
            .marks
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        write(&mut marks, Clock.instant());
    });
}

/// Notes what is seen of the connection, if the running request wants that; else does not even look.
pub(super) fn see(look: impl FnOnce(&mut Connection)) {
    let _no_request = TIMELINE.try_with(|timeline| {
        if let Some(seen) = &timeline.seen {
            look(&mut seen.lock().unwrap_or_else(PoisonError::into_inner));
        }
    });
}

/// Notes that the TLS handshake begins.
pub(super) fn hello_sent() {
    mark(|marks, now| marks.hello = Some(now));
}

/// Notes that the head of the answer is here.
pub(super) fn head_received() {
    mark(|marks, now| marks.head = Some(now));
}

/// The system's resolver, timed.
#[derive(Debug)]
pub(super) struct TimedResolver;

impl Resolve for TimedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let started = Clock.instant();
            let found = tokio::net::lookup_host((name.as_str(), 0)).await;
            mark(|marks, now| marks.dns = Some(now - started));
            let found: Vec<_> = found?.collect();
            see(|connection| {
                connection.addresses = found.iter().map(SocketAddr::ip).take(ADDRESSES).collect();
            });
            let addresses: Addrs = Box::new(found.into_iter());
            Ok(addresses)
        })
    }
}

/// Times the making of connections: names, proxies and TLS together.
#[derive(Debug, Clone, Copy)]
pub(super) struct TimedConnections;

impl<S> Layer<S> for TimedConnections {
    type Service = TimedConnector<S>;

    fn layer(&self, inner: S) -> Self::Service {
        TimedConnector(inner)
    }
}

/// A connector whose connections are timed.
#[derive(Debug, Clone)]
pub(super) struct TimedConnector<S>(S);

impl<S, R> Service<R> for TimedConnector<S>
where
    S: Service<R>,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, request: R) -> Self::Future {
        mark(|marks, now| marks.connecting = Some(now));
        let connecting = self.0.call(request);
        Box::pin(async move {
            let connection = connecting.await?;
            mark(|marks, now| marks.connected = Some(now));
            Ok(connection)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timeline(marks: Marks) -> Timeline {
        Timeline {
            marks: Mutex::new(marks),
            seen: None,
        }
    }

    #[test]
    fn phases_of_a_new_connection_add_up() {
        let start = Clock.instant();
        let at = |ms| Some(start + Duration::from_millis(ms));
        let phases = timeline(Marks {
            dns: Some(Duration::from_millis(5)),
            connecting: at(0),
            hello: at(15),
            connected: at(40),
            head: at(100),
        })
        .phases(start, start + Duration::from_millis(110));
        let ms = |phase: Option<Duration>| phase.unwrap().as_millis();
        assert_eq!(ms(phases.dns), 5);
        assert_eq!(ms(phases.connect), 10);
        assert_eq!(ms(phases.tls), 25);
        assert_eq!(ms(phases.wait), 60);
        assert_eq!(ms(phases.read), 10);
    }

    #[test]
    fn a_reused_connection_has_only_the_last_two_phases() {
        let start = Clock.instant();
        let phases = timeline(Marks {
            head: Some(start + Duration::from_millis(7)),
            ..Marks::default()
        })
        .phases(start, start + Duration::from_millis(9));
        assert_eq!((phases.dns, phases.connect, phases.tls), (None, None, None));
        assert_eq!(phases.wait, Some(Duration::from_millis(7)));
        assert_eq!(phases.read, Some(Duration::from_millis(2)));
    }

    #[test]
    fn what_is_waited_for_follows_from_the_marks() {
        let now = Some(Clock.instant());
        let mut marks = Marks::default();
        assert_eq!(timeline(marks).waiting(), Waiting::Answer);
        marks.connecting = now;
        assert_eq!(timeline(marks).waiting(), Waiting::Connect);
        marks.hello = now;
        assert_eq!(timeline(marks).waiting(), Waiting::Handshake);
        marks.connected = now;
        assert_eq!(timeline(marks).waiting(), Waiting::Answer);
        marks.head = now;
        assert_eq!(timeline(marks).waiting(), Waiting::Body);
    }
}
