//! Faults below HTTP, as every runtime and system words them.

use super::{Sink, view::View};
use crate::{
    diagnosis::evidence::Fact,
    observation::{
        Distrust::{self, Expired, NotYetValid, Revoked, UnknownIssuer, WrongHost},
        FaultKind::{self, Closed, Dns, Handshake, ProxyLogin, ProxyRefused, Refused, Reset, Timeout, Unreachable, Untrusted},
        Waiting::{self, Answer, Body, Connect},
    },
};

/// How much a phrase says: a preamble such as "unable to connect" gives way to what stands inside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Force {
    Preamble,
    Plain,
}

/// A phrase is looked for so often.
const HITS: usize = 40;

/// Finds the fault that lies innermost.
pub(super) fn find(view: &View<'_>, sink: &mut Sink) {
    if let Some(fault) = innermost(view) {
        sink.add(Fact::Fault(fault.kind), None, fault.depth);
    }
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Found {
    force: Force,
    depth: u8,
    at: usize,
    len: usize,
    row: usize,
}

struct Fault {
    kind: FaultKind,
    depth: u8,
}

fn innermost(view: &View<'_>) -> Option<Fault> {
    let mut best: Option<Found> = None;
    for (row, (force, _, phrase)) in PHRASES.iter().enumerate() {
        for (at, _) in view.lower.match_indices(phrase).take(HITS) {
            if !is_whole(view, at, at + phrase.len()) {
                continue;
            }
            let found = Found { force: *force, depth: view.depth_at(at), at, len: phrase.len(), row };
            if best.as_ref().is_none_or(|best| found > *best) {
                best = Some(found);
            }
        }
    }
    let best = best?;
    let (_, kind, _) = PHRASES.get(best.row)?;
    Some(Fault { kind: *kind, depth: best.depth })
}

/// Whether a phrase begins and ends at words, so that `EconnrefusedHandler` is none.
fn is_whole(view: &View<'_>, from: usize, to: usize) -> bool {
    let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    let phrase = view.lower.get(from..to).unwrap_or_default();
    let before = view.lower.get(..from).and_then(|text| text.chars().next_back());
    let behind = view.lower.get(to..).and_then(|text| text.chars().next());
    let starts_word = phrase.starts_with(|c: char| c.is_ascii_alphanumeric());
    let ends_word = phrase.ends_with(|c: char| c.is_ascii_alphanumeric());
    !(starts_word && edge(before)) && !(ends_word && edge(behind))
}

const WORDLESS: Waiting = Waiting::Unknown;

const HANDSHAKE: Waiting = Waiting::Handshake;

const fn row(kind: FaultKind, phrase: &'static str) -> (Force, FaultKind, &'static str) {
    (Force::Plain, kind, phrase)
}

const fn preamble(kind: FaultKind, phrase: &'static str) -> (Force, FaultKind, &'static str) {
    (Force::Preamble, kind, phrase)
}

const fn issuer(phrase: &'static str) -> (Force, FaultKind, &'static str) {
    row(Untrusted(UnknownIssuer), phrase)
}

const fn distrust(why: Distrust, phrase: &'static str) -> (Force, FaultKind, &'static str) {
    row(Untrusted(why), phrase)
}

const fn late(phrase: &'static str) -> (Force, FaultKind, &'static str) {
    row(Timeout(WORDLESS), phrase)
}

/// Force, fault, and the phrase in ASCII lower case; the systems of Windows speak many languages.
#[rustfmt::skip]
static PHRASES: &[(Force, FaultKind, &str)] = &[
    // name lookup
    row(Dns, "enotfound"), row(Dns, "eai_again"), row(Dns, "eai_noname"), row(Dns, "getaddrinfo failed"),
    row(Dns, "name or service not known"), row(Dns, "nodename nor servname"), row(Dns, "failure in name resolution"),
    row(Dns, "no such host"), row(Dns, "could not resolve host"), row(Dns, "couldn't resolve host"),
    row(Dns, "could not resolve proxy"), row(Dns, "couldn't resolve proxy"), row(Dns, "name could not be resolved"),
    row(Dns, "nameresolutionerror"), row(Dns, "failed to resolve '"), row(Dns, "dns error"), row(Dns, "dns resolution failed"),
    row(Dns, "failed to lookup address"), row(Dns, "no address associated with"), row(Dns, "unable to resolve host"),
    row(Dns, "unable to resolve hostname"), row(Dns, "err_name_not_resolved"), row(Dns, "server misbehaving"),
    row(Dns, "wsahost_not_found"), row(Dns, "(11001)"), row(Dns, "errno 11001"), row(Dns, "error 11001"), row(Dns, "errno -2]"),
    row(Dns, "errno -3]"), row(Dns, "dns_probe"), row(Dns, "curl: (6)"), row(Dns, "curl: (5)"), row(Dns, "curl error 6"),
    row(Dns, "server dns address could not be found"), row(Dns, "unknownhostexception:"), row(Dns, "unknownhostexception -"),
    row(Dns, "unknownhostexception\n"), row(Dns, "unresolvedaddressexception"), row(Dns, "host not found"), row(Dns, "unknown host"),
    row(Dns, "can't resolve host"), row(Dns, "cannot resolve host"), row(Dns, "nxdomain"), row(Dns, "error 12007"), row(Dns, "(12007)"),
    row(Dns, "remotename konnte nicht aufgel"), row(Dns, "der angegebene host ist unbekannt"), row(Dns, "host unbekannt"),
    row(Dns, "es ist kein solcher host bekannt"), row(Dns, "der name oder der dienst ist nicht bekannt"),
    row(Dns, "nom distant n'a pas pu"), row(Dns, "nom distant n\u{2019}a pas pu"), row(Dns, "te inconnu"), row(Dns, "nom ou service inconnu"),
    row(Dns, "resolver el nombre remoto"), row(Dns, "host desconocido"), row(Dns, "nombre o servicio desconocido"),
    row(Dns, "リモート名を解決できません"), row(Dns, "そのようなホストは不明です"), row(Dns, "名前またはサービスが不明です"), row(Dns, "ホストが見つかりません"),
    row(Dns, "risolvere il nome remoto"), row(Dns, "nome remoto n\u{e3}o p"), row(Dns, "externe naam kan niet worden"),
    row(Dns, "未能解析此远程名称"), row(Dns, "无法解析此远程名称"), row(Dns, "不知道这样的主机"), row(Dns, "未知的名称或服务"),
    // nobody listens, reset, no way
    row(Refused, "connection refused"), row(Refused, "econnrefused"), row(Refused, "actively refused"), row(Refused, "connectionrefused"),
    row(Refused, "wsaeconnrefused"), row(Refused, "(10061)"), row(Refused, "errno 10061"), row(Refused, "error 10061"),
    row(Refused, "err_connection_refused"), row(Refused, "curl: (7)"), row(Refused, "curl error 7"), row(Refused, "failed to connect to"),
    row(Refused, "zielcomputer die verbindung verweigerte"), row(Refused, "verbindungsaufbau abgelehnt"), row(Refused, "verbindung abgelehnt"),
    row(Refused, "expressément refusée"), row(Refused, "connexion refusée"), row(Refused, "denegó expresamente"), row(Refused, "conexión rehusada"),
    row(Refused, "conexión rechazada"), row(Refused, "拒否されたため、接続できません"), row(Refused, "接続を拒否されました"), row(Refused, "积极拒绝"),
    row(Refused, "rifiuto persistente"), row(Refused, "recusou ativamente"),
    row(Reset, "connection reset"), row(Reset, "econnreset"), row(Reset, "forcibly closed"), row(Reset, "(10054)"), row(Reset, "errno 10054"),
    row(Reset, "connectionreseterror"), row(Reset, "econnaborted"), row(Reset, "(10053)"), row(Reset, "err_connection_reset"),
    row(Reset, "err_connection_closed"), row(Reset, "epipe"), row(Reset, "broken pipe"), row(Reset, "vom remotehost geschlossen"),
    row(Reset, "fermée par l\u{2019}hôte distant"), row(Reset, "fermée par l'hôte distant"), row(Reset, "interrupción forzada"),
    row(Reset, "强迫关闭"), row(Reset, "リモート ホストに強制的に切断"), row(Reset, "curl: (56)"),
    row(Closed, "socket hang up"), row(Closed, "remotedisconnected"), row(Closed, "remote end closed connection"), row(Closed, "und_err_socket"),
    row(Closed, ":443 failed to respond"), row(Closed, "nohttpresponseexception"), row(Closed, "server disconnected"), row(Closed, "premature eof"), row(Closed, "empty reply from server"),
    row(Closed, "curl: (52)"), row(Closed, "response ended prematurely"), row(Closed, "incompleteread"), row(Closed, "connection closed before message completed"),
    row(Closed, "connection was closed unexpectedly"), row(Closed, "prematurely closed connection"), row(Closed, "unexpected end of file from server"),
    row(Closed, "\": eof"), row(Closed, ": unexpected eof"), row(Closed, "err_empty_response"), row(Closed, "connection closed by peer"),
    row(Unreachable, "network is unreachable"), row(Unreachable, "no route to host"), row(Unreachable, "enetunreach"), row(Unreachable, "ehostunreach"),
    row(Unreachable, "unreachable host"), row(Unreachable, "unreachable network"), row(Unreachable, "(10051)"), row(Unreachable, "(10065)"),
    row(Unreachable, "host is unreachable"), row(Unreachable, "host unreachable"), row(Unreachable, "noroutetohost"), row(Unreachable, "err_internet_disconnected"),
    row(Unreachable, "err_address_unreachable"), row(Unreachable, "forbidden by its access permissions"), row(Unreachable, "(10013)"),
    row(Unreachable, "netzwerk ist nicht erreichbar"), row(Unreachable, "keine route zum zielrechner"), row(Unreachable, "le réseau n'est pas accessible"),
    row(Unreachable, "la red es inaccesible"), row(Unreachable, "到達できないネットワーク"), row(Unreachable, "nicht erreichbaren"),
    preamble(Refused, "unable to connect to the remote server"), preamble(Refused, "verbindung mit dem remoteserver kann nicht hergestellt"),
    preamble(Refused, "impossible de se connecter au serveur distant"), preamble(Refused, "no es posible conectar con el servidor remoto"),
    preamble(Refused, "リモート サーバーに接続できません"), preamble(Refused, "无法连接到远程服务器"), preamble(Refused, "failed to establish a new connection"),
    preamble(Closed, "underlying connection was closed"), preamble(Closed, "zugrunde liegende verbindung wurde geschlossen"), preamble(Closed, "zugrundeliegende verbindung wurde geschlossen"),
    preamble(Closed, "la connexion sous-jacente a été fermée"), preamble(Closed, "se ha terminado la conexión"), preamble(Closed, "接続が切断されました"), preamble(Closed, "基础连接已经关闭"),
    preamble(Closed, "connection aborted"), preamble(Closed, "unable to read data from the transport connection"),
    // out of time
    row(Timeout(Connect), "connect timed out"), row(Timeout(Connect), "connection timed out"), row(Timeout(Connect), "etimedout"), row(Timeout(Connect), "connecttimeout"),
    row(Timeout(Connect), "connecttimeouterror"), row(Timeout(Connect), "und_err_connect_timeout"), row(Timeout(Connect), "connecttimeoutexception"),
    row(Timeout(Connect), "err_connection_timed_out"), row(Timeout(Connect), "(10060)"), row(Timeout(Connect), "errno 10060"), row(Timeout(Connect), "error 10060"),
    row(Timeout(Connect), "did not properly respond after a period"), row(Timeout(Connect), "connect timeout"), row(Timeout(Connect), "connection timeout"),
    row(Timeout(Connect), "connection attempt timed out"), row(Timeout(HANDSHAKE), "tls handshake timeout"), row(Timeout(HANDSHAKE), "handshake timed out"),
    row(Timeout(Answer), "read timed out"), row(Timeout(Answer), "readtimeout"), row(Timeout(Answer), "readtimeouterror"), row(Timeout(Answer), "esockettimedout"),
    row(Timeout(Answer), "und_err_headers_timeout"), row(Timeout(Answer), "awaiting headers"), row(Timeout(Body), "und_err_body_timeout"),
    late("i/o timeout"), late("operation timed out"), late("operation has timed out"), late("request timed out"), late("deadline exceeded"), late("deadline has elapsed"),
    late("sockettimeoutexception"), late("timeoutexception"), late("timeouterror"), late("client.timeout exceeded"), late("httpclient.timeout of"), late("a task was canceled"),
    late("a task was cancelled"), late("curl: (28)"), late("curl error 28"), late("timeout was reached"), late("the request has timed out"), late("timeout of"), late("timed out after"),
    late("the write operation timed out"), late("the handshake operation timed out"), late("socket timeout"), late("socket timed out"), late("request timeout"), late("timeout expired"),
    late("zeitüberschreitung"), late("zeitlimit"), late("délai d'attente"), late("délai d\u{2019}attente"), late("le délai imparti"), late("expiration du délai"), late("tiempo de espera"), late("se agotó el tiempo"),
    late("タイムアウト"), late("时间已到"), late("操作超时"), late("连接超时"), late("error 12002"), late("(12002)"), late("timeout occurred"), late("timed out (connect"), late("timed out. (read"),
    late("período de tempo"), late("tempo limite"), late("nach einer bestimmten zeitspanne nicht"), late("n'a pas répondu convenablement"), late("no respondió adecuadamente"), late("一定の時間を過ぎても正しく応答しなかった"),
    preamble(Timeout(WORDLESS), "timed out"),
    // a certificate that is not trusted
    issuer("unable to get local issuer certificate"), issuer("self signed certificate"), issuer("self-signed certificate"), issuer("depth_zero_self_signed_cert"),
    issuer("self_signed_cert_in_chain"), issuer("unable_to_verify_leaf_signature"), issuer("unable_to_get_issuer_cert"), issuer("unable_to_get_issuer_cert_locally"),
    issuer("unable to verify the first certificate"), issuer("pkix path building failed"), issuer("pkix path validation failed"), issuer("unable to find valid certification path"),
    issuer("trustanchors parameter must be non-empty"), issuer("trust anchor for certification path not found"), issuer("signed by unknown authority"), issuer("untrustedroot"),
    issuer("untrusted root"), issuer("partialchain"), issuer("could not establish trust relationship"), issuer("unknownissuer"), issuer("unknown issuer"), issuer("sec_e_untrusted_root"),
    issuer("0x80090325"), issuer("0x800b0109"), issuer("0x800b010a"), issuer("issued by an authority that is not trusted"), issuer("ssl certificate problem"), issuer("err_cert_authority_invalid"),
    issuer("curl: (60)"), issuer("curl error 60"), issuer("unknown ca"), issuer("unknown_ca"), issuer("unable to get issuer certificate"), issuer("certificate is not trusted"),
    issuer("remotecertificatechainerrors"), issuer("caused by untrusted"), issuer("caused by unknown authority"), issuer("not trusted by the trust provider"), issuer("bad_certificate"), issuer("bad certificate"),
    issuer("vertrauensstellung für den sicheren ssl"), issuer("relation d'approbation pour le canal"), issuer("relation d\u{2019}approbation pour le canal"), issuer("relación de confianza para el canal"),
    issuer("信頼関係を確立できません"), issuer("无法为 ssl/tls 安全通道建立信任关系"), issuer("caasusedasendentity"), issuer("causedasendentity"), issuer("badsignature"), issuer("certificate_unknown"), issuer("certificate unknown"),
    issuer("nicht vertrauenswürdigen zertifizierungsstelle"), issuer("nicht vertrauenswürdigen autorität"), issuer("autorité qui n'est pas approuvée"), issuer("entidad que no es de confianza"), issuer("信頼されていない機関によって"),
    distrust(Expired, "certificate has expired"), distrust(Expired, "cert_has_expired"), distrust(Expired, "has expired or is not yet valid"), distrust(Expired, "validity check failed"),
    distrust(Expired, "notafter:"), distrust(Expired, "err_cert_date_invalid"), distrust(Expired, "sec_e_cert_expired"), distrust(Expired, "0x80090328"), distrust(Expired, "certificateexpiredexception"),
    distrust(Expired, "peer certificate: expired"), distrust(NotYetValid, "certificatenotyetvalid"), distrust(NotYetValid, "certificate is not yet valid"), distrust(NotYetValid, "cert_not_yet_valid"),
    distrust(WrongHost, "err_tls_cert_altname_invalid"), distrust(WrongHost, "does not match certificate's altnames"), distrust(WrongHost, "no subject alternative"), distrust(WrongHost, "doesn't match any of the subject"),
    distrust(WrongHost, "hostname mismatch"), distrust(WrongHost, "did not match expected hostname"), distrust(WrongHost, "certificate is valid for"), distrust(WrongHost, "certificate is not valid for any names"), distrust(WrongHost, "ip address mismatch"),
    distrust(WrongHost, "notvalidforname"), distrust(WrongHost, "not valid for name"), distrust(WrongHost, "remotecertificatenamemismatch"), distrust(WrongHost, "err_cert_common_name_invalid"),
    distrust(WrongHost, "0x80090322"), distrust(WrongHost, "target principal name is incorrect"), distrust(WrongHost, "no alternative certificate subject name matches"), distrust(WrongHost, "doesn't match '"),
    distrust(WrongHost, "cannot validate certificate for"), distrust(WrongHost, "hostname in certificate didn't match"), distrust(WrongHost, "does not match target host name"),
    distrust(Revoked, "certificate revoked"), distrust(Revoked, "certificate_revoked"), distrust(Revoked, "certificate has been revoked"), distrust(Revoked, "crypt_e_no_revocation_check"),
    distrust(Revoked, "0x80092012"), distrust(Revoked, "0x80092013"), distrust(Revoked, "crypt_e_revocation_offline"), distrust(Revoked, "revocationstatusunknown"),
    distrust(Distrust::Other, "certificate verify failed"), distrust(Distrust::Other, "certificate_verify_failed"), distrust(Distrust::Other, "x509: "), distrust(Distrust::Other, "invalid peer certificate"),
    distrust(Distrust::Other, "remote certificate is invalid"), distrust(Distrust::Other, "remote certificate was rejected"), distrust(Distrust::Other, "remotezertifikat ist ungültig"), distrust(Distrust::Other, "remotezertifikat ist laut"),
    distrust(Distrust::Other, "certificat distant n'est pas valide"), distrust(Distrust::Other, "certificat distant n\u{2019}est pas valide"), distrust(Distrust::Other, "certificado remoto no es válido"), distrust(Distrust::Other, "リモート証明書が無効"), distrust(Distrust::Other, "リモート証明書は無効"), distrust(Distrust::Other, "远程证书无效"),
    distrust(Distrust::Other, "cert_untrusted"), distrust(Distrust::Other, "suncertpathbuilderexception"), distrust(Distrust::Other, "sslpeerunverifiedexception"), distrust(Distrust::Other, "sslcertverificationerror"), distrust(Distrust::Other, "certificate verification failed"),
    // other faults of the handshake
    row(Handshake, "handshake_failure"), row(Handshake, "handshake failure"), row(Handshake, "wrong_version_number"), row(Handshake, "wrong version number"), row(Handshake, "unsupported protocol"),
    row(Handshake, "unsupported_protocol"), row(Handshake, "protocol_version"), row(Handshake, "protocol version"), row(Handshake, "unrecognized ssl message"), row(Handshake, "unsupported or unrecognized ssl message"), row(Handshake, "no shared cipher"),
    row(Handshake, "no_shared_cipher"), row(Handshake, "cipher suites in common"), row(Handshake, "no appropriate protocol"), row(Handshake, "could not create ssl/tls secure channel"), row(Handshake, "sslv3_alert"),
    row(Handshake, "received fatal alert"), row(Handshake, "in violation of protocol"), row(Handshake, "unexpected_eof_while_reading"), row(Handshake, "unexpected eof while reading"), row(Handshake, "0x80090331"), row(Handshake, "sec_e_algorithm_mismatch"),
    row(Handshake, "0x80090326"), row(Handshake, "0x80090308"), row(Handshake, "sec_e_illegal_message"), row(Handshake, "sec_e_invalid_token"), row(Handshake, "gave http response to https client"), row(Handshake, "does not look like a tls handshake"),
    row(Handshake, "a call to sspi failed"), row(Handshake, "closed the transport stream"), row(Handshake, "dh key too small"), row(Handshake, "dh_key_too_small"), row(Handshake, "ee_key_too_small"), row(Handshake, "unsafe legacy renegotiation"), row(Handshake, "unsafe_legacy_renegotiation"),
    row(Handshake, "err_ssl_protocol_error"), row(Handshake, "err_ssl_version_or_cipher_mismatch"), row(Handshake, "ssl_error_syscall"), row(Handshake, "invalidcontenttype"), row(Handshake, "curl: (35)"), row(Handshake, "remote host terminated the handshake"), row(Handshake, "closed connection during handshake"),
    row(Handshake, "internal_error tls"), row(Handshake, "tlsv1 alert"), row(Handshake, "peer is incompatible"), row(Handshake, "peerincompatible"), row(Handshake, "algorithm, because they do not possess a common"), row(Handshake, "do not possess a common algorithm"), row(Handshake, "packet length too long"), row(Handshake, "record layer failure"),
    row(Handshake, "geschützter ssl/tls-kanal"), row(Handshake, "sicherer ssl/tls-kanal"), row(Handshake, "sicherer kanal für ssl/tls konnte nicht"), row(Handshake, "canal sécurisé ssl/tls"), row(Handshake, "canal seguro ssl/tls"), row(Handshake, "セキュリティで保護されているチャネルを作成できません"), row(Handshake, "未能创建 ssl/tls 安全通道"),
    row(Handshake, "tls: "), row(Handshake, "eproto"), row(Handshake, "wrong ssl version"), row(Handshake, "ssl23_get_server_hello"), row(Handshake, "keine gemeinsamen algorithmen"),
    preamble(Handshake, "the ssl connection could not be established"), preamble(Handshake, "sslhandshakeexception"), preamble(Handshake, "sslerror("), preamble(Handshake, "ssl connection error"), preamble(Handshake, "unexpected error occurred on a send"),
    // proxies
    row(ProxyLogin, "proxy authentication required"), row(ProxyLogin, "proxy authorization required"), row(ProxyLogin, "tunnel connection failed: 407"), row(ProxyLogin, "proxy-authenticate:"), row(ProxyLogin, "proxyauthenticationrequired"), row(ProxyLogin, "proxy requires authentication"),
    row(ProxyLogin, "response 407 from proxy"), row(ProxyLogin, "code 407 from proxy"), row(ProxyLogin, "err_proxy_auth"), row(ProxyLogin, "proxy auth required"), row(ProxyLogin, "cache access denied"), row(ProxyLogin, "proxyauthentifizierung"), row(ProxyLogin, "authentification proxy requise"), row(ProxyLogin, "authentification du proxy"),
    row(ProxyLogin, "autenticación del proxy"), row(ProxyLogin, "autenticación de proxy"), row(ProxyLogin, "プロキシ認証"), row(ProxyLogin, "proxy-authentifizierung"), row(ProxyLogin, "需要代理身份验证"), row(ProxyLogin, "代理服务器需要身份验证"), row(ProxyLogin, "returns \"http/1.1 407"),
    row(ProxyRefused, "tunnel connection failed: 403"), row(ProxyRefused, "tunnel connection failed: 50"), row(ProxyRefused, "err_tunnel_connection_failed"), row(ProxyRefused, "unable to tunnel through proxy"), row(ProxyRefused, "curl: (97)"), row(ProxyRefused, "code 403 from proxy"), row(ProxyRefused, "err_proxy_connection_failed"),
    preamble(ProxyRefused, "unable to connect to proxy"), preamble(ProxyRefused, "cannot connect to proxy"), preamble(ProxyRefused, "tunnel connection failed"),
];
