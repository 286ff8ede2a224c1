//! The closed sets: every name and number by which a library or system tells a fault.

use crate::diagnosis::freetext::{Hints, explain};

fn assert_told(cause: &str, names: &[&str]) {
    for name in names {
        for text in [(*name).to_owned(), format!("outer: [{name}] at x")] {
            let found = explain(text.as_bytes(), Hints::default()).cause;
            assert_eq!(found.id(), cause, "{text}");
        }
    }
}

#[test]
fn every_name_of_a_certificate_that_is_not_trusted_is_known() {
    assert_told(
        "tls-untrusted",
        &[
            // Node
            "CERT_HAS_EXPIRED",
            "CERT_NOT_YET_VALID",
            "CERT_REVOKED",
            "CERT_UNTRUSTED",
            "CERT_REJECTED",
            "CERT_CHAIN_TOO_LONG",
            "HOSTNAME_MISMATCH",
            "UNABLE_TO_GET_ISSUER_CERT",
            "SELF_SIGNED_CERT_IN_CHAIN",
            "ERR_TLS_CERT_ALTNAME_INVALID",
            // Schannel and WinINet
            "SEC_E_UNTRUSTED_ROOT",
            "SEC_E_CERT_EXPIRED",
            "SEC_E_WRONG_PRINCIPAL",
            "0x80092010",
            "CRYPT_E_REVOKED",
            "0x800B010B",
            "CERT_E_WRONG_USAGE",
            "0x80072F17",
            // browsers
            "net::ERR_CERT_INVALID",
            "net::ERR_CERT_WEAK_SIGNATURE_ALGORITHM",
            "SEC_ERROR_UNTRUSTED_CERT",
            "MOZILLA_PKIX_ERROR_SELF_SIGNED_CERT",
            // .NET
            "RemoteCertificateChainErrors",
            "PartialChain",
        ],
    );
}

#[test]
fn every_name_of_another_fault_is_known() {
    assert_told(
        "tls-failure",
        &[
            "ERR_SSL_NO_PROTOCOLS_AVAILABLE",
            "ERR_SSL_WRONG_VERSION_NUMBER",
            "SEC_E_ALGORITHM_MISMATCH",
            "0x8009030F",
            "WRONG_SIGNATURE_TYPE",
            "SSL_ERROR_NO_CYPHER_OVERLAP",
        ],
    );
    assert_told("dns-failure", &["WinHttpException: 12007", "EAI_AGAIN"]);
    assert_told(
        "connect-failure",
        &["PR_END_OF_FILE_ERROR", "ERR_TUNNEL_CONNECTION_FAILED"],
    );
    assert_told("timeout", &["UND_ERR_HEADERS_TIMEOUT", "0x80072EE2"]);
}

#[test]
fn what_dot_net_says_is_known_in_other_languages() {
    assert_told(
        "tls-untrusted",
        &[
            "Für den geschützten SSL/TLS-Kanal konnte keine Vertrauensstellung hergestellt werden.",
            "Le certificat distant n\u{2019}est pas valide selon la procédure de validation.",
            "SSL/TLS 보안 채널에 대한 트러스트 관계를 설정할 수 없습니다.",
        ],
    );
    assert_told(
        "timeout",
        &[
            "Timeout für Vorgang überschritten",
            "Время ожидания операции истекло",
        ],
    );
    assert_told(
        "connect-failure",
        &[
            "Eine Verbindung, deren Aufrechterhaltung erwartet wurde, ist vom Server getrennt worden.",
            "No es posible conectar con el servidor remoto",
            "无法连接到远程服务器",
        ],
    );
    assert_told(
        "tls-failure",
        &["Kan geen beveiligd kanaal voor SSL/TLS maken."],
    );
}
