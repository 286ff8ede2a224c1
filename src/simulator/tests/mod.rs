//! The whole cloud over TLS, against a client of plain bytes.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::*;

mod clients;
mod mail;

const EXCHANGE: &str = "https%3A%2F%2Foutlook.office365.com%2F.default";
const GRAPH: &str = "https%3A%2F%2Fgraph.microsoft.com%2F.default";

fn start_of_time() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_000)
}

/// A cloud of one integration, with a clock that the test moves.
struct Setting {
    cloud: SimulatedCloud,
    seconds: Arc<AtomicI64>,
}

const NAME: &str = "contoso-rooms";

async fn setting(change: impl FnOnce(&mut Integration)) -> Setting {
    let mut one = Integration::named(NAME, start_of_time());
    change(&mut one);
    let seconds = Arc::new(AtomicI64::new(0));
    let shared = Arc::clone(&seconds);
    let now = move || start_of_time() + TimeDelta::seconds(shared.load(Ordering::Relaxed));
    let address = SocketAddr::from(([127, 0, 0, 1], 0));
    let cloud = SimulatedCloud::start(SimulatedFleet::new([one]), address, Arc::new(now));
    Setting {
        cloud: cloud.await.unwrap(),
        seconds,
    }
}

struct Reply {
    status: u16,
    headers: HashMap<String, String>,
    body: String,
}

impl Reply {
    fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap()
    }

    fn code(&self) -> u64 {
        self.json()["error_codes"][0].as_u64().unwrap_or_default()
    }
}

impl Setting {
    fn one(&self) -> &Integration {
        self.cloud.integration(NAME).unwrap()
    }

    /// Returns a TLS client that trusts the cloud.
    fn connector(&self) -> TlsConnector {
        let mut roots = RootCertStore::empty();
        let ca = CertificateDer::from_pem_slice(self.cloud.ca_pem().as_bytes()).unwrap();
        roots.add(ca).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        TlsConnector::from(Arc::new(config))
    }

    /// Sends a request and returns every byte of the answer, however it ends.
    async fn raw(&self, request: &str) -> Vec<u8> {
        let socket = TcpStream::connect(self.cloud.address()).await.unwrap();
        let name = ServerName::try_from("localhost").unwrap();
        let mut tls = self.connector().connect(name, socket).await.unwrap();
        tls.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        // An unclean end is what some tests are about; what came before it counts.
        let limit = 2 * 1024 * 1024;
        let _unclean = (&mut tls).take(limit).read_to_end(&mut answer).await;
        answer
    }

    async fn ask(&self, method: &str, path: &str, headers: &str, body: &str) -> Reply {
        let length = body.len();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
             Content-Length: {length}\r\n{headers}\r\n{body}"
        );
        let answer = String::from_utf8(self.raw(&request).await).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let mut lines = head.lines();
        let status = lines.next().unwrap().split(' ').nth(1).unwrap();
        Reply {
            status: status.parse().unwrap(),
            headers: lines
                .filter_map(|line| line.split_once(": "))
                .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
                .collect(),
            body: body.to_owned(),
        }
    }

    async fn sign_in(&self, scope: &str) -> Reply {
        let one = self.one();
        let secret: String =
            url::form_urlencoded::byte_serialize(one.presented_secret().as_bytes()).collect();
        let body = format!(
            "grant_type=client_credentials&client_id={}&client_secret={secret}&scope={scope}",
            one.client_id
        );
        self.post("token", &body).await
    }

    /// Sends a form to an endpoint of the sign-in service.
    async fn post(&self, endpoint: &str, body: &str) -> Reply {
        let path = format!("/{}/oauth2/v2.0/{endpoint}", self.one().tenant_id);
        let headers = "Content-Type: application/x-www-form-urlencoded\r\n";
        self.ask("POST", &path, headers, body).await
    }

    async fn token(&self, scope: &str) -> String {
        let reply = self.sign_in(scope).await;
        reply.json()["access_token"].as_str().unwrap().to_owned()
    }

    async fn open_folder(&self, token: &str) -> Reply {
        self.soap(token, &impersonating(&self.one().mailbox)).await
    }

    async fn soap(&self, token: &str, header: &str) -> Reply {
        let operation = r#"<m:GetFolder><m:FolderShape><t:BaseShape>IdOnly</t:BaseShape>
  </m:FolderShape><m:FolderIds><t:DistinguishedFolderId Id="inbox"/></m:FolderIds></m:GetFolder>"#;
        self.perform(token, header, operation).await
    }

    async fn perform(&self, token: &str, header: &str, operation: &str) -> Reply {
        let body = format!(
            r#"<?xml version="1.0" encoding="utf-8"?>
<x:Envelope xmlns:x="http://schemas.xmlsoap.org/soap/envelope/"
  xmlns:t="http://schemas.microsoft.com/exchange/services/2006/types"
  xmlns:m="http://schemas.microsoft.com/exchange/services/2006/messages">
  <x:Header>{header}</x:Header>
  <x:Body>{operation}</x:Body>
</x:Envelope>"#
        );
        let headers = format!(
            "Content-Type: text/xml; charset=utf-8\r\nAuthorization: Bearer {token}\r\n\
             client-request-id: 7\r\nreturn-client-request-id: true\r\n\
             X-AnchorMailbox: {}\r\nUser-Agent: bytes\r\n",
            self.one().mailbox
        );
        self.ask("POST", "/EWS/Exchange.asmx", &headers, &body)
            .await
    }
}

/// The rows of the fault table that an app-only client meets at its mailbox.
fn faults_of(target: FaultTarget) -> impl Iterator<Item = Fault> {
    let all = Fault::ALL.iter().copied();
    all.filter(move |fault| {
        fault.target() == target && !fault.needs_person() && !fault.acts_on_registrations()
    })
}

fn impersonating(mailbox: &str) -> String {
    format!(
        "<t:ExchangeImpersonation><t:ConnectingSID><t:SmtpAddress>{mailbox}</t:SmtpAddress>\
         </t:ConnectingSID></t:ExchangeImpersonation>"
    )
}

#[tokio::test]
async fn a_right_request_gets_a_token_that_opens_the_folder() {
    let setting = setting(|_| {}).await;
    let reply = setting.sign_in(EXCHANGE).await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.json()["expires_in"], 3599);
    let token = setting.token(EXCHANGE).await;
    let reply = setting.open_folder(&token).await;
    assert_eq!(reply.status, 200);
    assert!(reply.body.contains("<m:ResponseCode>NoError<"));
    assert!(reply.body.contains("ServerVersionInfo"));
    assert_eq!(reply.headers["client-request-id"], "7");
    assert_eq!(reply.headers["date"], "Fri, 04 Oct 2024 00:00:00 GMT");
}

#[tokio::test]
async fn the_record_holds_requests_without_secrets() {
    let setting = setting(|one| one.secrets[0].value = "a+b%c&d=e~f".to_owned()).await;
    let token = setting.token(EXCHANGE).await;
    setting.open_folder(&token).await;
    let seen = setting.cloud.requests_of(NAME);
    assert_eq!(seen.len(), 2);
    assert_eq!(seen[0].secret_matched, Some(true));
    assert_eq!(seen[0].field("client_secret"), Some("***"));
    assert_eq!(seen[1].operation.as_deref(), Some("GetFolder"));
    assert_eq!(seen[1].folders, ["inbox"]);
    let mailbox = setting.one().mailbox.clone();
    assert_eq!(seen[1].header("x-anchormailbox"), Some(mailbox.as_str()));
    let sent = Some(("SmtpAddress".to_owned(), mailbox));
    assert_eq!(seen[1].impersonated, sent);
    let all = format!("{seen:?}");
    assert!(!all.contains("a+b%c&d=e~f") && !all.contains(&token));
}

#[tokio::test]
async fn the_secret_is_really_checked_and_really_ends() {
    let wrong = setting(|one| one.mistaken_secret = Some("wrong".to_owned())).await;
    let reply = wrong.sign_in(EXCHANGE).await;
    assert_eq!((reply.status, reply.code()), (401, 7_000_215));

    let ending = setting(|one| {
        one.secrets[0].ends_at = start_of_time() + TimeDelta::seconds(10);
    })
    .await;
    assert_eq!(ending.sign_in(EXCHANGE).await.status, 200);
    ending.seconds.store(10, Ordering::Relaxed);
    let reply = ending.sign_in(EXCHANGE).await;
    assert_eq!((reply.status, reply.code()), (401, 7_000_222));
    assert_eq!(reply.headers["x-ms-request-id"], reply.json()["trace_id"]);
}

#[tokio::test]
async fn a_forged_old_or_foreign_token_is_refused() {
    let setting = setting(|_| {}).await;
    let token = setting.token(EXCHANGE).await;
    let (message, signature) = token.rsplit_once('.').unwrap();
    let forged = format!("{message}.{}", signature.chars().rev().collect::<String>());
    let graph = setting.token(GRAPH).await;
    for (token, id) in [
        (forged, "2000000"),
        (graph, "2000003"),
        ("x".into(), "2000001"),
    ] {
        let reply = setting.open_folder(&token).await;
        assert_eq!(reply.status, 401);
        let told = &reply.headers["x-ms-diagnostics"];
        assert!(told.starts_with(id), "{told}");
        assert!(reply.headers["www-authenticate"].starts_with("Bearer client_id="));
    }
    setting.seconds.store(3600, Ordering::Relaxed);
    let reply = setting.open_folder(&token).await;
    assert!(reply.headers["x-ms-diagnostics"].starts_with("2000002"));
}

#[tokio::test]
async fn impersonation_must_name_a_mailbox_of_the_directory() {
    let setting = setting(|_| {}).await;
    let token = setting.token(EXCHANGE).await;
    let reply = setting.soap(&token, "").await;
    assert_eq!(reply.status, 500);
    assert!(
        reply
            .body
            .contains("a:ErrorInvalidExchangeImpersonationHeaderData")
    );
    let reply = setting
        .soap(&token, &impersonating("nobody@contoso.example"))
        .await;
    assert!(reply.body.contains("a:ErrorNonExistentMailbox"));
}

#[tokio::test]
async fn a_token_without_roles_needs_a_grant_in_exchange() {
    let none = setting(|one| one.roles.clear()).await;
    let reply = none.open_folder(&none.token(EXCHANGE).await).await;
    assert!(reply.headers["x-ms-diagnostics"].starts_with("2000008"));
    let granted = setting(|one| {
        one.roles.clear();
        one.granted_in_exchange = true;
    })
    .await;
    let reply = granted.open_folder(&granted.token(EXCHANGE).await).await;
    assert_eq!(reply.status, 200);
}

#[tokio::test]
async fn every_token_fault_shows_at_the_endpoint_or_in_the_token() {
    let setting = setting(|_| {}).await;
    for fault in faults_of(FaultTarget::Entra) {
        setting.cloud.set_fault(NAME, fault).unwrap();
        let reply = setting.sign_in(EXCHANGE).await;
        if reply.status == 200 && reply.body.contains("access_token") {
            let token = reply.json()["access_token"].as_str().unwrap().to_owned();
            assert_eq!(setting.open_folder(&token).await.status, 401, "{fault:?}");
        } else {
            let page = matches!(fault, Fault::TokenPage | Fault::TokenNoToken);
            assert!(page || reply.status >= 400, "{fault:?}");
        }
    }
    setting.cloud.follow_script(NAME).unwrap();
    assert_eq!(setting.sign_in(EXCHANGE).await.status, 200);
}

#[tokio::test]
async fn every_exchange_fault_shows_and_none_says_no_error() {
    let setting = setting(|_| {}).await;
    let token = setting.token(EXCHANGE).await;
    for fault in faults_of(FaultTarget::Ews) {
        setting.cloud.set_fault(NAME, fault).unwrap();
        let reply = setting.open_folder(&token).await;
        assert!(!reply.body.contains("NoError"), "{fault:?}");
        if reply.status == 500 {
            assert!(reply.body.contains("<faultcode"), "{fault:?}");
        }
    }
}

#[tokio::test]
async fn exchange_names_the_reason_and_the_time_to_wait() {
    let setting = setting(|_| {}).await;
    let token = setting.token(EXCHANGE).await;
    let of = async |fault| {
        setting.cloud.set_fault(NAME, fault).unwrap();
        setting.open_folder(&token).await
    };
    let busy = of(Fault::EwsServerBusy).await;
    assert!(
        busy.body
            .contains("<t:Value Name=\"BackOffMilliseconds\">297749<")
    );
    let blocked = of(Fault::EwsBlockedByPolicy).await;
    assert_eq!(blocked.status, 403);
    assert_eq!(
        blocked.headers["x-ews-policy-reason"],
        "EWS is blocked by policy for this user or tenant"
    );
    let full = of(Fault::EwsUnavailable).await;
    assert_eq!(
        (full.status, full.headers["retry-after"].as_str()),
        (503, "30")
    );
}

#[tokio::test]
async fn graph_opens_folders_and_shows_an_app_its_own_secrets() {
    let setting = setting(|_| {}).await;
    let token = setting.token(GRAPH).await;
    let bearer = format!("Authorization: Bearer {token}\r\n");
    let get = async |path: String| setting.ask("GET", &path, &bearer, "").await;
    let (mailbox, app) = (&setting.one().mailbox, &setting.one().client_id);
    let folder = get(format!(
        "/graph/v1.0/users/{mailbox}/mailFolders/inbox?$select=id"
    ))
    .await;
    assert_eq!(folder.status, 200);
    assert_eq!(folder.json().as_object().unwrap().len(), 2);
    let own = get(format!("/graph/v1.0/applications(appId='{app}')")).await;
    let secret = &setting.one().secrets[0];
    let shown = &own.json()["passwordCredentials"][0];
    assert_eq!(shown["keyId"], secret.key_id);
    assert_eq!(shown["hint"], secret.value.get(..3).unwrap());
    assert!(!own.body.contains(&secret.value));
    let other = get("/graph/v1.0/applications".to_owned()).await;
    assert_eq!(other.status, 403);
    assert_eq!(other.json()["error"]["code"], "Authorization_RequestDenied");
    for fault in faults_of(FaultTarget::Graph) {
        setting.cloud.set_fault(NAME, fault).unwrap();
        let reply = get(format!("/graph/v1.0/users/{mailbox}/mailFolders/inbox")).await;
        assert!(reply.status >= 400, "{fault:?}");
        assert!(reply.json()["error"]["code"].is_string());
    }
}

#[tokio::test]
async fn faults_below_http_break_the_connection_as_promised() {
    let setting = setting(|_| {}).await;
    let one = setting.one();
    let body = format!("client_id={}", one.client_id);
    let request = format!(
        "POST /{}/oauth2/v2.0/token HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\n\r\n{body}",
        one.tenant_id,
        body.len()
    );
    let of = async |fault| {
        let fault = Fault::Wire(FaultTarget::Entra, fault);
        setting.cloud.set_fault(NAME, fault).unwrap();
        setting.raw(&request).await
    };
    assert_eq!(of(WireFault::Reset).await, b"");
    assert_eq!(of(WireFault::Close).await, b"");
    let cut = String::from_utf8(of(WireFault::Truncated).await).unwrap();
    assert!(cut.contains("Content-Length: 5000") && cut.len() < 300);
    assert!(of(WireFault::NotHttp).await.starts_with(b"220 "));
    assert!(of(WireFault::BadChunking).await.ends_with(b"nonsense\r\n"));
    assert!(of(WireFault::Endless).await.len() >= 2 * 1024 * 1024);
    assert!(of(WireFault::HugeHeaders).await.len() >= 2 * 1024 * 1024);
}

#[tokio::test]
async fn only_the_owner_can_read_the_secrets_of_the_config() {
    let setting = setting(|one| one.note = Some("say \"hi\"\n".to_owned())).await;
    let files = setting.cloud.temporary_config().unwrap();
    let text = std::fs::read_to_string(files.config()).unwrap();
    let config: toml::Table = text.parse().unwrap();
    let tenant = config["tenant"][0].as_table().unwrap();
    assert_eq!(tenant["name"].as_str(), Some(NAME));
    assert_eq!(tenant["note"].as_str(), Some("say \"hi\"\n"));
    assert!(tenant["secret_expires"].is_datetime());
    let secret = files
        .path()
        .join(tenant["secret"]["file"].as_str().unwrap());
    assert_eq!(
        std::fs::read_to_string(&secret).unwrap(),
        setting.one().presented_secret()
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(&secret).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let path = files.path().to_owned();
    drop(files);
    assert!(!path.exists());
}

#[tokio::test]
async fn stopping_ends_every_connection() {
    let setting = setting(|_| {}).await;
    setting.open_folder("x").await;
    let address = setting.cloud.address();
    let stopped = tokio::time::timeout(Duration::from_secs(10), setting.cloud.stop());
    stopped.await.unwrap();
    assert!(TcpStream::connect(address).await.is_err());
}
