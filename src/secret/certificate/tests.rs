//! The files under `tests/certificates` were made once, for these tests alone: their keys open
//! nothing, and their password is `open-sesame`.

use std::{path::PathBuf, time::Duration};

use rstest::rstest;
use tokio::time::Instant;

use super::*;
use crate::tenant::{AssertionAlgorithm, SecretSource};

fn file(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/certificates");
    folder.join(name)
}

fn pem(certificate: &str, key: &str) -> CertificateFiles {
    CertificateFiles::Pem {
        certificate: file(certificate),
        key: file(key),
    }
}

fn pfx(name: &str) -> CertificateFiles {
    CertificateFiles::Pfx(file(name))
}

fn source(files: CertificateFiles, password: Option<&str>) -> CertificateSource {
    CertificateSource {
        files,
        password: password.map(|variable| SecretSource::Env(variable.into())),
        algorithm: AssertionAlgorithm::Ps256,
    }
}

fn secrets() -> Secrets {
    Secrets::with_environment(|name| match name {
        "RIGHT" => Some("open-sesame".into()),
        "WRONG" => Some("open-barley".into()),
        _ => None,
    })
}

async fn read(
    files: CertificateFiles,
    password: Option<&str>,
) -> Result<ClientCertificate, CertificateError> {
    let deadline = Instant::now() + Duration::from_mins(1);
    let source = source(files, password);
    secrets().certificate(&source, deadline).await
}

#[rstest]
#[case::two_files(pem("app.pem", "app.key"), None)]
#[case::one_file(pem("both.pem", "both.pem"), None)]
#[case::a_key_in_the_older_container(pem("app.pem", "app.pkcs1.key"), None)]
#[case::an_encrypted_key(pem("app.pem", "app.encrypted.key"), Some("RIGHT"))]
#[case::a_certificate_without_armour(pem("app.cer", "app.key"), None)]
#[cfg_attr(
    feature = "pfx",
    case::a_pfx_of_today(pfx("modern.pfx"), Some("RIGHT"))
)]
#[cfg_attr(
    feature = "pfx",
    case::a_pfx_of_older_openssl(pfx("legacy.pfx"), Some("RIGHT"))
)]
#[tokio::test]
async fn a_certificate_and_its_key_are_read(
    #[case] files: CertificateFiles,
    #[case] password: Option<&str>,
) {
    let facts = read(files, password).await.unwrap().facts;
    assert_eq!(facts.subject, "throw-away app");
    assert_eq!(facts.thumbprint(), THUMBPRINT);
    assert_eq!(facts.not_after.to_rfc3339(), ENDS);
}

const THUMBPRINT: &str = "5DA9DF2AFA25CEC7888746E081BD96011D032FDC";
const ENDS: &str = "2046-11-16T15:17:29+00:00";

#[rstest]
#[case::of_another_pair(
    pem("app.pem", "other.key"),
    None,
    "does not belong to the certificate"
)]
#[case::of_another_kind(pem("ec.pem", "ec.key"), None, "is not an RSA key")]
#[case::an_rsa_key_beside_another_kind(pem("ec.pem", "app.key"), None, "is not an RSA key")]
#[case::too_short(pem("short.pem", "short.key"), None, "has 1024 bits")]
#[case::no_password(pem("app.pem", "app.encrypted.key"), None, "is encrypted")]
#[case::wrong_password(pem("app.pem", "app.encrypted.key"), Some("WRONG"), "does not open")]
#[case::unset_password(pem("app.pem", "app.encrypted.key"), Some("UNSET"), "is not set")]
#[case::old_encryption(
    pem("app.pem", "app.old-encryption.key"),
    Some("RIGHT"),
    "pkcs8 -topk8"
)]
#[case::no_key(pem("app.pem", "app.pem"), None, "holds no private key")]
#[case::no_certificate(pem("app.key", "app.key"), None, "holds no certificate")]
#[case::no_file(pem("nothing.pem", "app.key"), None, "does not exist")]
#[case::no_certificate_at_all(pem("modern.pfx", "app.key"), None, "cannot be read")]
#[cfg_attr(
    feature = "pfx",
    case::pfx_wrong(pfx("modern.pfx"), Some("WRONG"), "does not open")
)]
#[cfg_attr(
    feature = "pfx",
    case::legacy_wrong(pfx("legacy.pfx"), Some("WRONG"), "does not open")
)]
#[cfg_attr(
    feature = "pfx",
    case::pfx_without(pfx("modern.pfx"), None, "is encrypted")
)]
#[cfg_attr(
    feature = "pfx",
    case::no_pfx(pfx("app.pem"), Some("RIGHT"), "is not a PKCS#12 file")
)]
#[cfg_attr(
    not(feature = "pfx"),
    case::feature(pfx("modern.pfx"), None, "feature `pfx`")
)]
#[tokio::test]
async fn what_cannot_sign_is_refused_before_anything_is_sent(
    #[case] files: CertificateFiles,
    #[case] password: Option<&str>,
    #[case] why: &str,
) {
    let error = read(files, password).await.unwrap_err();
    assert!(error.to_string().contains(why), "{error}");
    assert!(!format!("{error:?}").contains("open-"), "{error:?}");
}

#[tokio::test]
async fn the_end_is_known_without_key_or_password() {
    let deadline = Instant::now() + Duration::from_mins(1);
    let source = source(pem("app.pem", "not-here.key"), Some("UNSET"));
    let facts = secrets()
        .certificate_facts(&source, deadline)
        .await
        .unwrap();
    assert_eq!(facts.not_after.to_rfc3339(), ENDS);
}

/// What is known of the ends of several certificates in one file, with that key.
async fn subject_of(certificates: &[&str], key: &str) -> String {
    let dir = tempfile::tempdir().unwrap();
    let texts = certificates
        .iter()
        .map(|name| std::fs::read_to_string(file(name)).unwrap());
    let path = dir.path().join("several.pem");
    std::fs::write(&path, texts.collect::<String>()).unwrap();
    let files = CertificateFiles::Pem {
        certificate: path,
        key: file(key),
    };
    let deadline = Instant::now() + Duration::from_mins(1);
    let source = source(files, Some("UNSET"));
    let facts = secrets().certificate_facts(&source, deadline).await;
    facts.unwrap().subject
}

#[tokio::test]
async fn the_end_of_an_authority_is_never_taken_for_that_of_the_app() {
    let issued = ["ca.pem", "issued.pem"];
    for key in ["not-here.key", "app.encrypted.key", "app.key"] {
        assert_eq!(subject_of(&issued, key).await, "throw-away issued", "{key}");
    }
}

#[tokio::test]
async fn of_several_the_certificate_of_the_key_counts() {
    // a certificate that `openssl req -x509` makes calls itself an authority
    let either = ["app.pem", "issued.pem"];
    assert_eq!(
        subject_of(&either, "not-here.key").await,
        "throw-away issued"
    );
    assert_eq!(
        subject_of(&["app.pem", "other.pem"], "other.key").await,
        "throw-away other"
    );
    assert_eq!(
        subject_of(&["other.pem", "app.pem"], "app.key").await,
        "throw-away app"
    );
}

#[tokio::test]
async fn no_key_shows_when_printed() {
    let certificate = read(pem("both.pem", "both.pem"), None).await.unwrap();
    let shown = format!("{certificate:?}");
    assert!(
        shown.contains("throw-away app") && shown.contains("[redacted]"),
        "{shown}"
    );
}
