//! Servers written byte by byte, and certificates made on the spot.

use std::{
    future::Future,
    path::PathBuf,
    sync::{Arc, Mutex},
    time::Duration,
};

use credwatch::tenant::Network;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd,
};
use rustls::{
    ServerConfig, crypto::aws_lc_rs, pki_types::PrivateKeyDer, version::TLS12, version::TLS13,
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::TlsAcceptor;

/// Serves every connection by `serve`, and returns the port.
pub(crate) async fn listen<F, Fut>(serve: F) -> u16
where
    F: Fn(TcpStream) -> Fut + Send + 'static,
    Fut: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream));
        }
    });
    port
}

/// Answers every request with the same bytes, then closes.
pub(crate) async fn answering(answer: impl Into<Vec<u8>>) -> u16 {
    let answer: Arc<[u8]> = answer.into().into();
    listen(move |mut stream| {
        let answer = answer.clone();
        async move {
            read_request(&mut stream).await;
            // the client may hang up before it has read everything
            let _cut = stream.write_all(&answer).await;
        }
    })
    .await
}

/// Never says anything more on a stream.
pub(crate) async fn hold(stream: TcpStream) {
    std::future::pending::<()>().await;
    drop(stream);
}

/// Reads one request: head, and as much body as is announced. Empty when the peer hung up.
pub(crate) async fn read_request(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut read = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&read);
        if let Some((head, body)) = text.split_once("\r\n\r\n")
            && body.len() >= announced(head)
        {
            return text.into_owned();
        }
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => return String::new(),
            Ok(n) => read.extend_from_slice(&buffer[..n]),
        }
    }
}

fn announced(head: &str) -> usize {
    head.lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .map_or(0, |length| length.parse().unwrap())
}

/// An HTTP/1.1 answer with a body of known length.
pub(crate) fn answer(status: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\n\r\n{body}")
}

/// What an HTTP/1.1 server got to read, in order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Heard(Arc<Mutex<Vec<String>>>);

impl Heard {
    /// All requests whose first line contains `word`.
    pub(crate) fn requests(&self, word: &str) -> Vec<String> {
        let heard = self.0.lock().unwrap();
        heard
            .iter()
            .filter(|request| request.lines().next().unwrap().contains(word))
            .cloned()
            .collect()
    }
}

/// Keeps connections open and answers each request by what `reply` makes of it.
pub(crate) async fn conversing(
    reply: impl Fn(&str) -> String + Send + Sync + 'static,
) -> (u16, Heard) {
    let heard = Heard::default();
    let reply = Arc::new(reply);
    let ear = heard.clone();
    let port = listen(move |mut stream| {
        let (ear, reply) = (ear.clone(), reply.clone());
        async move {
            loop {
                let request = read_request(&mut stream).await;
                if request.is_empty() {
                    return;
                }
                let answer = reply(&request);
                ear.0.lock().unwrap().push(request);
                if stream.write_all(answer.as_bytes()).await.is_err() {
                    return;
                }
            }
        }
    })
    .await;
    (port, heard)
}

/// A certificate authority, with its certificate in a file.
pub(crate) struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    dir: TempDir,
}

impl Authority {
    pub(crate) fn new() -> Self {
        Self::named("test authority")
    }

    pub(crate) fn named(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("ca.pem"), issuer.pem()).unwrap();
        Self { issuer, dir }
    }

    pub(crate) fn ca_file(&self) -> PathBuf {
        self.dir.path().join("ca.pem")
    }

    /// Network settings that trust this authority.
    pub(crate) fn network(&self) -> Network {
        Network {
            proxy: None,
            ca_file: Some(self.ca_file()),
            user_agent: "credwatch-test/1".into(),
            connect_timeout: Duration::from_secs(10),
        }
    }

    /// A TLS server with a certificate for `host`, valid in these years, that speaks HTTP/1.1.
    pub(crate) async fn tls(&self, host: &str, years: (i32, i32), answer: String) -> u16 {
        let acceptor = self.acceptor(host, years, b"http/1.1");
        listen(move |stream| {
            let (acceptor, answer) = (acceptor.clone(), answer.clone());
            async move {
                let Ok(mut stream) = acceptor.accept(stream).await else {
                    return;
                };
                while !read_request(&mut stream).await.is_empty() {
                    stream.write_all(answer.as_bytes()).await.unwrap();
                }
            }
        })
        .await
    }

    /// A TLS server for `localhost` that agrees to HTTP/2, reads a little, sends these bytes and
    /// closes.
    pub(crate) async fn http2(&self, bytes: Vec<u8>) -> u16 {
        let acceptor = self.acceptor("localhost", (2000, 2999), b"h2");
        listen(move |stream| {
            let (acceptor, bytes) = (acceptor.clone(), bytes.clone());
            async move {
                let mut stream = acceptor.accept(stream).await.unwrap();
                let mut preface = [0; 24];
                stream.read_exact(&mut preface).await.unwrap();
                stream.write_all(&bytes).await.unwrap();
                stream.shutdown().await.unwrap();
                // reading on keeps the kernel from resetting what was just sent
                while stream.read(&mut preface).await.is_ok_and(|n| n > 0) {}
            }
        })
        .await
    }

    fn acceptor(&self, host: &str, years: (i32, i32), protocol: &[u8]) -> TlsAcceptor {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new([host.to_owned()]).unwrap();
        params.not_before = date_time_ymd(years.0, 1, 1);
        params.not_after = date_time_ymd(years.1, 1, 1);
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let mut config = ServerConfig::builder_with_provider(aws_lc_rs::default_provider().into())
            .with_protocol_versions(&[&TLS13, &TLS12])
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap();
        config.alpn_protocols = vec![protocol.to_vec()];
        TlsAcceptor::from(Arc::new(config))
    }
}
