//! A mail server on loopback that takes one message and tells what was said to it.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, mpsc},
    thread,
};

use rcgen::{CertificateParams, Issuer, KeyPair};
use rustls::{
    ServerConfig, ServerConnection, StreamOwned,
    crypto::aws_lc_rs::default_provider,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};

/// How the connection is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protection {
    /// Not at all.
    None,
    /// From the start.
    Tls,
    /// After the client asked for it.
    StartTls,
}

pub(crate) struct Server {
    pub(crate) port: u16,
    /// The certificate of the authority that a client must trust.
    pub(crate) ca_pem: String,
    /// Every line of each session, when that has ended, and whether it was protected then.
    pub(crate) said: mpsc::Receiver<(Vec<String>, bool)>,
}

impl Server {
    pub(crate) fn start(protection: Protection) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (tell, said) = mpsc::channel();
        let (tls, ca_pem) = identity();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // whoever asked may be satisfied already
                tell.send(serve(stream, protection, &tls)).ok();
            }
        });
        Self { port, ca_pem, said }
    }
}

/// Makes an authority and a certificate for this machine.
fn identity() -> (Arc<ServerConfig>, String) {
    let ca_key = KeyPair::generate().unwrap();
    let mut ca = CertificateParams::default();
    ca.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let ca_pem = ca.self_signed(&ca_key).unwrap().pem();
    let issuer = Issuer::new(ca, ca_key);
    let key = KeyPair::generate().unwrap();
    let names = vec!["127.0.0.1".to_owned(), "localhost".to_owned()];
    let certificate = CertificateParams::new(names).unwrap();
    let certificate = certificate.signed_by(&key, &issuer).unwrap();
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap();
    (Arc::new(config), ca_pem)
}

fn serve(
    mut stream: TcpStream,
    protection: Protection,
    tls: &Arc<ServerConfig>,
) -> (Vec<String>, bool) {
    let mut said = Vec::new();
    if protection != Protection::Tls {
        let offer = protection == Protection::StartTls;
        if !session(&mut stream, &mut said, Some(offer)) {
            return (said, false);
        }
    }
    let connection = ServerConnection::new(Arc::clone(tls)).unwrap();
    let mut stream = StreamOwned::new(connection, stream);
    let greet = (protection == Protection::Tls).then_some(false);
    session(&mut stream, &mut said, greet);
    (said, true)
}

/// Talks until the client leaves, or asks for TLS; `greet` says whether to greet, and to offer TLS.
fn session(stream: &mut (impl Read + Write), said: &mut Vec<String>, greet: Option<bool>) -> bool {
    let mut in_message = false;
    if greet.is_some() && say(stream, "220 mail.example ESMTP").is_none() {
        return false;
    }
    while let Some(line) = read(stream) {
        said.push(line.clone());
        let answer = match line.split(' ').next().unwrap_or_default() {
            "." => {
                in_message = false;
                "250 taken"
            }
            _ if in_message => continue,
            "EHLO" if greet == Some(true) => "250-mail.example\r\n250 STARTTLS",
            "EHLO" => "250-mail.example\r\n250 AUTH PLAIN",
            "AUTH" => "235 welcome",
            "STARTTLS" => {
                say(stream, "220 go on");
                return true;
            }
            "DATA" => {
                in_message = true;
                "354 go on"
            }
            "QUIT" => {
                say(stream, "221 bye");
                break;
            }
            _ => "250 fine",
        };
        if say(stream, answer).is_none() {
            break;
        }
    }
    false
}

fn say(stream: &mut impl Write, text: &str) -> Option<()> {
    stream.write_all(format!("{text}\r\n").as_bytes()).ok()?;
    stream.flush().ok()
}

/// Reads one line and no further: what follows it may be a handshake.
fn read(stream: &mut impl Read) -> Option<String> {
    let mut line = Vec::new();
    loop {
        let mut byte = [0];
        stream.read_exact(&mut byte).ok()?;
        match byte[0] {
            b'\n' => return Some(String::from_utf8_lossy(&line).trim_end().to_owned()),
            byte => line.push(byte),
        }
    }
}
