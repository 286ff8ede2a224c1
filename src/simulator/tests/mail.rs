//! The mail servers, over plain TLS connections.

use tokio::io::{AsyncBufReadExt as _, BufReader};

use super::*;

const MAIL: [FaultTarget; 3] = [FaultTarget::Imap, FaultTarget::Pop, FaultTarget::Smtp];

async fn mail_setting(change: impl FnOnce(&mut Integration)) -> Setting {
    setting(|one| {
        one.roles = ["IMAP.AccessAsApp", "POP.AccessAsApp", "SMTP.SendAsApp"]
            .map(str::to_owned)
            .into();
        change(one);
    })
    .await
}

fn xoauth2(user: &str, token: &str) -> String {
    use base64::Engine as _;
    let text = format!("user={user}\u{1}auth=Bearer {token}\u{1}\u{1}");
    base64::engine::general_purpose::STANDARD.encode(text)
}

/// A client of lines.
struct MailClient(BufReader<tokio_rustls::client::TlsStream<TcpStream>>);

impl MailClient {
    /// Connects; with SMTP, up to the end of STARTTLS.
    async fn connect(setting: &Setting, target: FaultTarget) -> Self {
        let mut socket = TcpStream::connect(address(setting, target)).await.unwrap();
        if target == FaultTarget::Smtp {
            let mut plain = BufReader::new(&mut socket);
            for (command, last) in [
                ("", "220 "),
                ("EHLO x\r\n", "250 "),
                ("STARTTLS\r\n", "220 "),
            ] {
                plain.get_mut().write_all(command.as_bytes()).await.unwrap();
                let mut line = String::new();
                while !line.starts_with(last) {
                    line.clear();
                    plain.read_line(&mut line).await.unwrap();
                }
            }
        }
        let name = ServerName::try_from("localhost").unwrap();
        let tls = setting.connector().connect(name, socket).await.unwrap();
        let mut client = Self(BufReader::new(tls));
        if target != FaultTarget::Smtp {
            client.line().await;
        }
        client
    }

    async fn line(&mut self) -> String {
        let mut line = String::new();
        let _unclean = self.0.read_line(&mut line).await;
        line.trim_end().to_owned()
    }

    async fn ask(&mut self, command: &str) -> String {
        let line = format!("{command}\r\n");
        self.0.get_mut().write_all(line.as_bytes()).await.unwrap();
        self.line().await
    }

    /// Signs in, answers an error challenge, and returns the last line.
    async fn sign_in(&mut self, target: FaultTarget, response: &str) -> String {
        let command = match target {
            FaultTarget::Imap => "a AUTHENTICATE XOAUTH2",
            _ => "AUTH XOAUTH2",
        };
        let ready = self.ask(command).await;
        assert!(
            ready.starts_with('+') || ready.starts_with("334"),
            "{ready}"
        );
        let answer = self.ask(response).await;
        if answer.starts_with("+ ") || answer.starts_with("334 ") {
            return self.ask("").await;
        }
        answer
    }
}

fn address(setting: &Setting, target: FaultTarget) -> SocketAddr {
    let url = url::Url::parse(&setting.cloud.mail_url(target)).unwrap();
    SocketAddr::from(([127, 0, 0, 1], url.port().unwrap()))
}

async fn sign_in(setting: &Setting, target: FaultTarget, user: &str) -> String {
    let token = setting.token(EXCHANGE).await;
    let mut client = MailClient::connect(setting, target).await;
    client.sign_in(target, &xoauth2(user, &token)).await
}

fn is_accepted(answer: &str) -> bool {
    ["a OK", "+OK", "235 "]
        .iter()
        .any(|ok| answer.starts_with(ok))
}

#[tokio::test]
async fn a_token_with_the_role_signs_in_to_its_mailboxes() {
    let good = mail_setting(|_| {}).await;
    let poor = setting(|_| {}).await;
    let granted = setting(|one| {
        one.roles.clear();
        one.granted_in_exchange = true;
    })
    .await;
    for target in MAIL {
        let mailbox = &good.one().mailbox;
        assert!(
            is_accepted(&sign_in(&good, target, mailbox).await),
            "{target:?}"
        );
        assert!(
            is_accepted(&sign_in(&granted, target, mailbox).await),
            "{target:?}"
        );
        assert!(
            !is_accepted(&sign_in(&poor, target, mailbox).await),
            "{target:?}"
        );
        let other = sign_in(&good, target, "other@contoso.example").await;
        assert!(!is_accepted(&other), "{target:?}");
        let mut client = MailClient::connect(&good, target).await;
        let graph = xoauth2(mailbox, &good.token(GRAPH).await);
        assert!(
            !is_accepted(&client.sign_in(target, &graph).await),
            "{target:?}"
        );
    }
}

#[tokio::test]
async fn every_mail_fault_shows_at_sign_in_or_after_it() {
    let setting = mail_setting(|_| {}).await;
    let mailbox = setting.one().mailbox.clone();
    for fault in Fault::ALL
        .iter()
        .filter(|fault| MAIL.contains(&fault.target()))
    {
        if fault.needs_own_address() {
            let refused = setting.cloud.set_fault(NAME, *fault);
            assert!(refused.is_err(), "{fault:?}");
            continue;
        }
        setting.cloud.set_fault(NAME, *fault).unwrap();
        let target = fault.target();
        let token = setting.token(EXCHANGE).await;
        let mut client = MailClient::connect(&setting, target).await;
        let answer = client.sign_in(target, &xoauth2(&mailbox, &token)).await;
        if is_accepted(&answer) {
            let answer = client.ask("b EXAMINE INBOX").await;
            assert!(
                answer.contains("BAD") || answer.contains("BYE"),
                "{fault:?}: {answer}"
            );
        }
    }
    setting.cloud.follow_script(NAME).unwrap();
    for target in MAIL {
        assert!(is_accepted(&sign_in(&setting, target, &mailbox).await));
    }
}

#[tokio::test]
async fn a_fault_before_sign_in_has_its_own_address() {
    for (fault, start) in [
        (Fault::SmtpServiceUnavailable, "421 "),
        (Fault::ImapServiceUnavailable, "* BYE "),
        (Fault::PopServiceUnavailable, "-ERR "),
    ] {
        let setting = mail_setting(|one| *one = one.clone().with(fault)).await;
        let base = setting.cloud.own_base(0, fault.target()).unwrap();
        let port = url::Url::parse(base).unwrap().port().unwrap();
        let mut socket = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        let mut greeting = String::new();
        if fault.target() == FaultTarget::Smtp {
            socket.read_to_string(&mut greeting).await.unwrap();
        } else {
            let name = ServerName::try_from("localhost").unwrap();
            let mut tls = setting.connector().connect(name, socket).await.unwrap();
            let _unclean = tls.read_to_string(&mut greeting).await;
        }
        assert!(greeting.starts_with(start), "{fault:?}: {greeting}");
    }
}

#[tokio::test]
async fn each_protocol_keeps_the_rules_of_exchange() {
    let setting = mail_setting(|_| {}).await;
    let response = xoauth2(&setting.one().mailbox, &setting.token(EXCHANGE).await);
    let mut imap = MailClient::connect(&setting, FaultTarget::Imap).await;
    let early = imap.ask("a EXAMINE INBOX").await;
    assert!(early.starts_with("a BAD"), "{early}");
    imap.sign_in(FaultTarget::Imap, &response).await;
    assert_eq!(imap.ask("b EXAMINE INBOX").await, "* 0 EXISTS");

    let mut pop = MailClient::connect(&setting, FaultTarget::Pop).await;
    let one_line = pop.ask(&format!("AUTH XOAUTH2 {response}")).await;
    assert!(one_line.starts_with("-ERR Protocol error"), "{one_line}");

    let mut smtp = MailClient::connect(&setting, FaultTarget::Smtp).await;
    smtp.sign_in(FaultTarget::Smtp, &response).await;
    assert!(
        smtp.ask("MAIL FROM:<a@b.example>")
            .await
            .starts_with("550 ")
    );
    let requests = setting.cloud.requests_of(NAME);
    let verbs: Vec<_> = requests.iter().map(|one| one.method.as_str()).collect();
    assert!(verbs.ends_with(&["MAIL"]), "{verbs:?}");
    assert!(!format!("{requests:?}").contains(&response));
}

#[tokio::test]
async fn commands_before_starttls_are_dropped_with_it() {
    let setting = mail_setting(|_| {}).await;
    let socket = TcpStream::connect(address(&setting, FaultTarget::Smtp)).await;
    let mut plain = BufReader::new(socket.unwrap());
    let smuggled = b"EHLO x\r\nAUTH XOAUTH2 x\r\nSTARTTLS\r\nQUIT\r\n";
    plain.get_mut().write_all(smuggled).await.unwrap();
    let mut answers = Vec::new();
    while !answers
        .iter()
        .any(|line: &String| line.starts_with("220 2.0.0"))
    {
        let mut line = String::new();
        plain.read_line(&mut line).await.unwrap();
        answers.push(line);
    }
    assert!(
        answers.iter().any(|line| line.starts_with("530 ")),
        "{answers:?}"
    );
    let name = ServerName::try_from("localhost").unwrap();
    let tls = setting.connector().connect(name, plain.into_inner()).await;
    let mut client = MailClient(BufReader::new(tls.unwrap()));
    assert!(client.ask("NOOP").await.starts_with("250 "));
}
