//! A mail server on loopback that takes one message and tells what was said to it.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    thread,
};

pub(crate) struct Server {
    pub(crate) port: u16,
    /// Every line of the message's session, when that has ended.
    pub(crate) said: mpsc::Receiver<Vec<String>>,
}

impl Server {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (tell, said) = mpsc::channel();
        thread::spawn(move || {
            let (stream, _) = listener.accept().unwrap();
            tell.send(session(stream)).unwrap();
        });
        Self { port, said }
    }
}

fn session(mut stream: TcpStream) -> Vec<String> {
    let lines = BufReader::new(stream.try_clone().unwrap()).lines();
    let mut say = |text: &str| stream.write_all(format!("{text}\r\n").as_bytes()).unwrap();
    let (mut said, mut in_message) = (Vec::new(), false);
    say("220 mail.example ESMTP");
    for line in lines.map_while(Result::ok) {
        said.push(line.clone());
        match line.split(' ').next().unwrap_or_default() {
            "." => {
                in_message = false;
                say("250 taken");
            }
            _ if in_message => {}
            "EHLO" => say("250 mail.example"),
            "DATA" => {
                in_message = true;
                say("354 go on");
            }
            "QUIT" => {
                say("221 bye");
                break;
            }
            _ => say("250 fine"),
        }
    }
    said
}
