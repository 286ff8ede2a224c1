//! Reads credentials other than a client secret: a certificate with its key, or the file with another
//! provider's token. Opens no file.

use std::path::PathBuf;

use toml::de::{DeTable, DeValue};

use crate::tenant::{AssertionAlgorithm, CertificateFiles, CertificateSource};

use super::{
    problem::{Fault, quoted},
    secret_source,
    source::Source,
    suggest::nearest,
    types::{string, wrong_type},
    values,
};

const HOW_TO: &str = "write `certificate = { file = \"app.pem\", key = \"app.key\" }` (one file may \
                      hold both), or `{ pfx = \"app.pfx\", password = { env = \"NAME\" } }`";

const KEYS: &[&str] = &["file", "key", "pfx", "password", "algorithm"];

/// Reads the file with another provider's token.
pub(super) fn federated(value: &DeValue<'_>, source: &Source) -> Result<PathBuf, Fault> {
    let hint =
        "write `federated_token = { file = \"PATH\" }`; the file is read anew at every check";
    let DeValue::Table(table) = value else {
        return Err(wrong_type(value, "a table").hint(hint));
    };
    only(table, &["file"], hint)?;
    let path = table
        .get("file")
        .ok_or_else(|| Fault::new("is empty").hint(hint))?;
    source.resolve(string(path.get_ref())?)
}

/// Reads where a certificate and its key are.
pub(super) fn certificate(
    value: &DeValue<'_>,
    source: &Source,
) -> Result<CertificateSource, Fault> {
    let DeValue::Table(table) = value else {
        return Err(wrong_type(value, "a table").hint(HOW_TO));
    };
    only(table, KEYS, HOW_TO)?;
    let path = |key: &str| match table.get(key) {
        Some(value) => string(value.get_ref())
            .and_then(|path| source.resolve(path))
            .map(Some)
            .map_err(|fault| within(key, fault)),
        None => Ok(None),
    };
    let files = match (path("file")?, path("key")?, path("pfx")?) {
        (Some(certificate), key, None) => CertificateFiles::Pem {
            key: key.unwrap_or_else(|| certificate.clone()),
            certificate,
        },
        (None, None, Some(pfx)) => CertificateFiles::Pfx(pfx),
        (None, Some(_), None) => {
            return Err(Fault::new("has a `key` without a `file`").hint(HOW_TO));
        }
        (None, None, None) => return Err(Fault::new("names no file").hint(HOW_TO)),
        (_, _, Some(_)) => {
            return Err(Fault::new("has `pfx` beside `file` or `key`").hint(HOW_TO));
        }
    };
    Ok(CertificateSource {
        files,
        password: match table.get("password") {
            Some(value) => {
                let password = secret_source::secret(value.get_ref(), source);
                Some(password.map_err(|fault| within("password", fault))?)
            }
            None => None,
        },
        algorithm: match table.get("algorithm") {
            Some(value) => string(value.get_ref())
                .and_then(values::one_of)
                .map_err(|fault| within("algorithm", fault))?,
            None => AssertionAlgorithm::default(),
        },
    })
}

/// Names the key of the table that the fault is about.
fn within(key: &str, fault: Fault) -> Fault {
    Fault {
        what: format!("`{key}`: {}", fault.what),
        ..fault
    }
}

/// Refuses keys that the table does not have.
fn only(table: &DeTable<'_>, known: &[&str], hint: &str) -> Result<(), Fault> {
    let unknown = table
        .iter()
        .map(|(key, _)| key.get_ref())
        .find(|key| !known.contains(&key.as_ref()));
    match unknown {
        None => Ok(()),
        Some(key) => {
            let fault = Fault::new(format!("{} is an unknown key", quoted(key)));
            Err(match nearest(key, known) {
                Some(near) => fault.hint(format!("did you mean `{near}`?")),
                None => fault.hint(hint),
            })
        }
    }
}
