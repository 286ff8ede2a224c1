//! Every fault below HTTP ends in its kind, within the deadline.

use std::time::Duration;

use credwatch::{
    http::{Clients, Pool},
    observation::{Answer, Distrust, Exchange, Fault, FaultKind, Outcome, Waiting},
    tenant::Network,
};
use reqwest::{Method, Request};
use tokio::{
    io::AsyncWriteExt as _,
    net::{TcpListener, TcpStream},
    time::Instant,
};

use crate::server::{Authority, answer, answering, hold, listen, read_request};

/// Long enough for any machine: what is tested ends for another reason.
const LONG: Duration = Duration::from_mins(1);
/// What is tested ends by this, so it is short.
const SHORT: Duration = Duration::from_millis(600);

/// The usual years of a certificate.
const VALID: (i32, i32) = (2000, 2999);

async fn ask(network: &Network, url: &str, limit: Duration) -> Exchange {
    let clients = Clients::new();
    let wire = clients.wire(network, Pool::Shared, Instant::now() + limit);
    wire.send(Request::new(Method::GET, url.parse().unwrap()))
        .await
}

async fn get(url: &str, limit: Duration) -> Exchange {
    ask(&Authority::new().network(), url, limit).await
}

fn fault(exchange: &Exchange) -> &Fault {
    match &exchange.outcome {
        Outcome::Fault(fault) => fault,
        Outcome::Answer(answer) => panic!("an answer: {answer:?}"),
    }
}

fn answered(exchange: &Exchange) -> &Answer {
    match &exchange.outcome {
        Outcome::Answer(answer) => answer,
        Outcome::Fault(fault) => panic!("a fault: {fault:?}"),
    }
}

/// Asks a plain server at a port of this machine.
async fn fault_at(port: u16, limit: Duration) -> Fault {
    fault(&get(&format!("http://127.0.0.1:{port}/"), limit).await).clone()
}

#[tokio::test]
async fn a_name_that_does_not_resolve_is_a_dns_fault() {
    let authority = Authority::new();
    // asked for as a proxy, so that a proxy of the environment has no say
    let network = Network {
        proxy: Some("http://nobody.invalid:3128".parse().unwrap()),
        ..authority.network()
    };
    let exchange = ask(&network, "http://login.invalid/", LONG).await;
    assert_eq!(fault(&exchange).kind, FaultKind::Dns);
    assert!(exchange.phases.dns.is_some());
}

#[tokio::test]
async fn a_trust_root_that_was_replaced_counts_from_the_next_connections_on() {
    let (old, new) = (Authority::new(), Authority::named("its successor"));
    let port = new.tls("localhost", VALID, answer("200 OK", "", "")).await;
    let clients = Clients::new();
    let network = old.network();
    let url = format!("https://localhost:{port}/");
    let ask = async || {
        let wire = clients.wire(&network, Pool::Shared, Instant::now() + LONG);
        wire.send(Request::new(Method::GET, url.parse().unwrap()))
            .await
    };
    let untrusted = FaultKind::Untrusted(Distrust::UnknownIssuer);
    assert_eq!(fault(&ask().await).kind, untrusted);
    std::fs::copy(new.ca_file(), old.ca_file()).unwrap();
    assert_eq!(fault(&ask().await).kind, untrusted);
    clients.renew();
    assert_eq!(answered(&ask().await).status, 200);
}

#[tokio::test]
async fn a_name_that_dns_cannot_carry_is_a_dns_fault_without_asking_anybody() {
    let label = "x".repeat(64);
    let url = format!("https://{label}.invalid/");
    assert_eq!(fault(&get(&url, LONG).await).kind, FaultKind::Dns);
}

#[tokio::test]
async fn a_port_where_nobody_listens_is_refused() {
    let port = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        listener.local_addr().unwrap().port()
    };
    assert_eq!(fault_at(port, LONG).await.kind, FaultKind::Refused);
}

#[tokio::test]
async fn a_reset_is_told_from_a_quiet_close() {
    // dropping a socket with unread bytes in it makes the kernel send a reset
    let port = listen(|stream| async move {
        stream.peek(&mut [0]).await.unwrap();
    })
    .await;
    assert_eq!(fault_at(port, LONG).await.kind, FaultKind::Reset);
    let port = answering("").await;
    assert_eq!(fault_at(port, LONG).await.kind, FaultKind::Closed);
}

#[tokio::test]
async fn a_reset_is_one_at_every_phase() {
    // unread bytes make a reset of each of these: before the handshake, and amid the body
    let at_accept = listen(|stream| async move {
        stream.peek(&mut [0]).await.unwrap();
    })
    .await;
    let handshake = get(&format!("https://127.0.0.1:{at_accept}/"), LONG).await;
    assert_eq!(fault(&handshake).kind, FaultKind::Reset);
    let mid_body = listen(|mut stream| async move {
        stream.peek(&mut [0]).await.unwrap();
        let half = b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf";
        stream.write_all(half).await.unwrap();
    })
    .await;
    assert_eq!(fault_at(mid_body, LONG).await.kind, FaultKind::Reset);
}

#[tokio::test]
async fn half_an_answer_is_a_closed_connection() {
    for half in [
        "HTTP/1.1 200 OK\r\ncontent-le",
        "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nshort",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nff\r\nshort",
    ] {
        let port = answering(half).await;
        assert_eq!(fault_at(port, LONG).await.kind, FaultKind::Closed, "{half}");
    }
}

#[tokio::test]
async fn what_is_no_http_or_cannot_be_decoded_is_garbled() {
    for (what, bytes) in [
        ("another protocol", &b"220 mail.example ESMTP\r\n"[..]),
        ("binary", b"\x00\x01\x02\x03\x04\x05\x06\x07"),
        (
            "a bad chunk",
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nhello\r\n",
        ),
        (
            "no gzip",
            b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 12\r\n\r\nnot gzipped!",
        ),
        (
            "gzip cut short",
            b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 4\r\n\r\n\x1f\x8b\x08\x00",
        ),
    ] {
        let port = answering(bytes).await;
        assert_eq!(
            fault_at(port, LONG).await.kind,
            FaultKind::Garbled,
            "{what}"
        );
    }
}

#[tokio::test]
async fn a_stall_ends_at_the_deadline_and_says_what_was_waited_for() {
    let head = "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf";
    let silent = listen(hold).await;
    let deaf = listen(|mut stream| async move {
        read_request(&mut stream).await;
        hold(stream).await;
    })
    .await;
    let stuck = listen(move |mut stream| async move {
        read_request(&mut stream).await;
        stream.write_all(head.as_bytes()).await.unwrap();
        hold(stream).await;
    })
    .await;
    for (url, waiting) in [
        (format!("https://127.0.0.1:{silent}/"), Waiting::Handshake),
        (format!("http://127.0.0.1:{deaf}/"), Waiting::Answer),
        (format!("http://127.0.0.1:{stuck}/"), Waiting::Body),
    ] {
        let exchange = get(&url, SHORT).await;
        assert_eq!(
            fault(&exchange).kind,
            FaultKind::Timeout(waiting),
            "{}",
            fault(&exchange).detail
        );
    }
}

#[tokio::test]
async fn connecting_has_a_limit_of_its_own() {
    let authority = Authority::new();
    let proxy = listen(hold).await;
    let silent = listen(hold).await;
    let direct = Network {
        connect_timeout: SHORT,
        ..authority.network()
    };
    let tunnelled = Network {
        proxy: Some(format!("http://127.0.0.1:{proxy}").parse().unwrap()),
        ..direct.clone()
    };
    for (network, url, waiting) in [
        (
            &tunnelled,
            "https://login.invalid/".into(),
            Waiting::Connect,
        ),
        (
            &direct,
            format!("https://127.0.0.1:{silent}/"),
            Waiting::Handshake,
        ),
    ] {
        let exchange = ask(network, &url, LONG).await;
        assert_eq!(fault(&exchange).kind, FaultKind::Timeout(waiting), "{url}");
    }
}

#[tokio::test]
async fn a_drip_ends_at_the_deadline() {
    let port = listen(|mut stream| async move {
        read_request(&mut stream).await;
        let mut bytes: &[u8] = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
        while stream.write_all(bytes).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(5)).await;
            bytes = b"1\r\nx\r\n";
        }
    })
    .await;
    let kind = fault_at(port, SHORT).await.kind;
    assert_eq!(kind, FaultKind::Timeout(Waiting::Body));
}

#[tokio::test]
async fn a_certificate_that_is_not_trusted_says_why() {
    let authority = Authority::new();
    let own = authority.network();
    let (other, namesake) = (Authority::named("other"), Authority::new());
    let (day, early, late) = (VALID, (2900, 2999), (2000, 2001));
    for (server, host, years, expected) in [
        (&other, "localhost", day, Distrust::UnknownIssuer),
        (&namesake, "localhost", day, Distrust::UnknownIssuer),
        (&authority, "other.example", day, Distrust::WrongHost),
        (&authority, "localhost", late, Distrust::Expired),
        (&authority, "localhost", early, Distrust::NotYetValid),
    ] {
        let port = server.tls(host, years, String::new()).await;
        let exchange = ask(&own, &format!("https://localhost:{port}/"), LONG).await;
        assert_eq!(
            fault(&exchange).kind,
            FaultKind::Untrusted(expected),
            "{}",
            fault(&exchange).detail
        );
    }
}

#[tokio::test]
async fn a_ca_file_is_trusted_and_a_new_connection_shows_its_phases() {
    let authority = Authority::new();
    let port = authority
        .tls("localhost", VALID, answer("200 OK", "", "hello"))
        .await;
    let (clients, network) = (Clients::new(), authority.network());
    let url = format!("https://localhost:{port}/");
    let mut seen = Vec::new();
    for pool in [Pool::Shared, Pool::Shared, Pool::Fresh, Pool::Fresh] {
        let wire = clients.wire(&network, pool, Instant::now() + LONG);
        let exchange = wire
            .send(Request::new(Method::GET, url.parse().unwrap()))
            .await;
        assert_eq!(answered(&exchange).body, "hello");
        let phases = exchange.phases;
        assert!(phases.wait.is_some() && phases.read.is_some());
        seen.push((
            phases.dns.is_some(),
            phases.connect.is_some(),
            phases.tls.is_some(),
        ));
    }
    let new = (true, true, true);
    assert_eq!(seen, [new, (false, false, false), new, new]);
}

#[tokio::test]
async fn the_faults_of_http_2_are_told_apart_too() {
    let settings = [0, 0, 0, 4, 0, 0, 0, 0, 0];
    let reset_stream = [0, 0, 4, 3, 0, 0, 0, 0, 1, 0, 0, 0, 2];
    let go_away = [0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 11];
    let authority = Authority::new();
    for (what, bytes, expected) in [
        (
            "reset",
            [&settings[..], &reset_stream].concat(),
            FaultKind::Reset,
        ),
        (
            "go away",
            [&settings[..], &go_away].concat(),
            FaultKind::Reset,
        ),
        ("no frames", vec![b'x'; 64], FaultKind::Garbled),
        ("closed", settings.to_vec(), FaultKind::Closed),
    ] {
        let port = authority.http2(bytes).await;
        let url = format!("https://localhost:{port}/");
        let exchange = ask(&authority.network(), &url, LONG).await;
        let fault = fault(&exchange);
        assert_eq!(fault.kind, expected, "{what}: {}", fault.detail);
    }
}

#[tokio::test]
async fn plain_text_on_a_tls_port_is_a_failed_handshake() {
    let port = listen(|mut stream: TcpStream| async move {
        stream
            .write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            .await
            .unwrap();
        hold(stream).await;
    })
    .await;
    let exchange = get(&format!("https://localhost:{port}/"), LONG).await;
    assert_eq!(fault(&exchange).kind, FaultKind::Handshake);
}

#[tokio::test]
async fn a_proxy_that_refuses_is_told_from_the_service() {
    let authority = Authority::new();
    for (status, expected) in [
        ("407 Proxy Authentication Required", FaultKind::ProxyLogin),
        ("403 Forbidden", FaultKind::ProxyRefused),
        ("502 Bad Gateway", FaultKind::ProxyRefused),
    ] {
        let port = answering(answer(status, "", "")).await;
        let network = Network {
            proxy: Some(
                format!("http://u:pr0xy-pw@127.0.0.1:{port}")
                    .parse()
                    .unwrap(),
            ),
            ..authority.network()
        };
        let tunnelled = ask(&network, "https://login.invalid/", LONG).await;
        assert_eq!(fault(&tunnelled).kind, expected, "{status}");
        assert!(!format!("{tunnelled:?}").contains("pr0xy-pw"));
        let plain = ask(&network, "http://login.invalid/", LONG).await;
        assert!(status.starts_with(&answered(&plain).status.to_string()));
    }
}

#[tokio::test]
async fn a_proxy_that_is_not_there_is_no_refusal_by_it() {
    let authority = Authority::new();
    let port = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        listener.local_addr().unwrap().port()
    };
    let network = Network {
        proxy: Some(format!("http://127.0.0.1:{port}").parse().unwrap()),
        ..authority.network()
    };
    let exchange = ask(&network, "https://login.invalid/", LONG).await;
    assert_eq!(fault(&exchange).kind, FaultKind::Refused);
}

#[tokio::test]
async fn an_answer_without_end_is_cut_off() {
    let endless = listen(|mut stream| async move {
        read_request(&mut stream).await;
        let mut bytes = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".to_vec();
        while stream.write_all(&bytes).await.is_ok() {
            bytes = format!("2000\r\n{}\r\n", "x".repeat(0x2000)).into_bytes();
        }
    })
    .await;
    let announced =
        answering("HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\nthe first of many").await;
    let long_head = answering(format!(
        "HTTP/1.1 200 OK\r\nx-long: {}\r\n\r\n",
        "x".repeat(1 << 20)
    ))
    .await;
    let many_headers = answering(format!(
        "HTTP/1.1 200 OK\r\n{}\r\n",
        "x-many: 1\r\n".repeat(500)
    ))
    .await;
    let bomb = answering(gzip_bomb()).await;
    for (what, port) in [
        ("endless", endless),
        ("announced", announced),
        ("long head", long_head),
        ("many headers", many_headers),
        ("gzip bomb", bomb),
    ] {
        let fault = fault_at(port, LONG).await;
        assert_eq!(fault.kind, FaultKind::TooLarge, "{what}: {}", fault.detail);
    }
}

/// An answer of some 26 KiB that decompresses to 4 MiB: one literal, then "258 bytes like the last
/// one" again and again, in DEFLATE's fixed codes.
fn gzip_bomb() -> Vec<u8> {
    let mut bits = String::from("110"); // last block, fixed codes
    bits.push_str("00110000"); // the literal 0
    bits.push_str(&"1100010100000".repeat(4 * 1024 * 1024 / 258)); // length 258, distance 1
    bits.push_str("0000000");
    let packed = bits.as_bytes().chunks(8).map(|byte| {
        let bit = |(at, bit): (usize, &u8)| u8::from(*bit == b'1') << at;
        byte.iter().enumerate().map(bit).sum::<u8>()
    });
    let mut body = b"\x1f\x8b\x08\0\0\0\0\0\0\xff".to_vec();
    body.extend(packed);
    let length = body.len();
    let mut answer =
        format!("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {length}\r\n\r\n")
            .into_bytes();
    answer.append(&mut body);
    answer
}

#[tokio::test]
async fn an_unusual_answer_is_still_an_answer() {
    let port = answering(
        b"HTTP/1.1 302 Found\r\nLocation: https://portal.example/\r\nSet-Cookie: a=b\r\n\
          X-City: Z\xfcrich\r\ncontent-length: 5\r\n\r\n\xff\xfea\x00b",
    )
    .await;
    let exchange = get(&format!("http://127.0.0.1:{port}/"), LONG).await;
    let answer = answered(&exchange);
    assert_eq!(answer.status, 302);
    assert_eq!(answer.header("location"), Some("https://portal.example/"));
    assert_eq!(answer.header("set-cookie"), None);
    assert_eq!(answer.header("x-city"), Some("Z\u{fffd}rich"));
    assert_eq!(answer.body, "\u{fffd}\u{fffd}a\0b");
}

#[tokio::test]
async fn what_is_kept_of_headers_is_bounded() {
    let headers = format!("x-header: {}\r\n", "v".repeat(3000)).repeat(90);
    let port = answering(answer("200 OK", &headers, "")).await;
    let exchange = get(&format!("http://127.0.0.1:{port}/"), LONG).await;
    let answer = answered(&exchange);
    assert_eq!(answer.headers.len(), 64);
    assert!(answer.headers.iter().all(|(_, value)| value.len() <= 1024));
}

#[tokio::test]
async fn without_a_client_there_is_a_fault_and_then_an_answer_once_it_can_be_built() {
    let authority = Authority::new();
    let port = authority
        .tls("localhost", VALID, answer("200 OK", "", ""))
        .await;
    let dir = tempfile::tempdir().unwrap();
    let network = Network {
        ca_file: Some(dir.path().join("corp.pem")),
        ..authority.network()
    };
    let clients = Clients::new();
    let url = format!("https://localhost:{port}/");
    let ask = async || {
        let wire = clients.wire(&network, Pool::Shared, Instant::now() + LONG);
        wire.send(Request::new(Method::GET, url.parse().unwrap()))
            .await
    };
    let exchange = ask().await;
    assert_eq!(fault(&exchange).kind, FaultKind::NoClient);
    assert!(fault(&exchange).detail.contains("corp.pem"));
    std::fs::copy(authority.ca_file(), dir.path().join("corp.pem")).unwrap();
    assert_eq!(answered(&ask().await).status, 200);
}
