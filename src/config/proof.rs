//! Credentials other than a client secret: a certificate with its key, or another provider's token.
//! Opens no file.

use toml::de::{DeTable, DeValue};

use crate::tenant::{
    AssertionAlgorithm, CertificateFiles, CertificateSource, Credential, SecretSource,
};

use super::{
    credential,
    fields::{At, Fields, nearest, string, wrong_type},
    problem::{Fault, quoted},
    source::Source,
    values,
};

const HOW_TO: &str = "write `certificate = { file = \"app.pem\", key = \"app.key\" }` (one file may \
                      hold both), or `{ pfx = \"app.pfx\", password = { env = \"NAME\" } }`";

const KEYS: &[&str] = &["file", "key", "pfx", "password", "algorithm"];

/// Reads `certificate` or `federated_token`, whichever stands there; says so if both do.
pub(super) fn read(fields: &mut Fields<'_, '_>) -> Option<At<Credential>> {
    let certificate = fields.read("certificate", |value, source| {
        certificate(value, source).map(Credential::Certificate)
    });
    let token = fields.read("federated_token", federated);
    if let (Some(_), Some(token)) = (&certificate, &token) {
        fields.problem(token.at, "federated_token", one_only("certificate"));
    }
    certificate.or(token)
}

/// Returns whether a credential other than a secret is named, rightly written or not.
pub(super) fn stands_in(fields: &Fields<'_, '_>) -> bool {
    ["certificate", "federated_token"]
        .iter()
        .any(|key| fields.has(key))
}

/// Reports what names more than one credential.
pub(super) fn exactly_one(
    secret: Option<&At<SecretSource>>,
    proof: Option<&At<Credential>>,
    fields: &mut Fields<'_, '_>,
) {
    if let (Some(_), Some(proof)) = (secret, proof) {
        fields.problem(proof.at, key(&proof.value), one_only("secret"));
    }
}

/// The key by which a credential other than a secret is given.
pub(super) const fn key(proof: &Credential) -> &'static str {
    match proof {
        Credential::Federated(_) => "federated_token",
        _ => "certificate",
    }
}

fn one_only(other: &str) -> Fault {
    Fault::new(format!("stands beside `{other}`")).hint("keep one: an app proves itself in one way")
}

fn federated(value: &DeValue<'_>, source: &Source) -> Result<Credential, Fault> {
    let hint =
        "write `federated_token = { file = \"PATH\" }`; the file is read anew at every check";
    let DeValue::Table(table) = value else {
        return Err(wrong_type(value, "a table").hint(hint));
    };
    only(table, &["file"], hint)?;
    let path = table
        .get("file")
        .ok_or_else(|| Fault::new("is empty").hint(hint))?;
    let path = source.resolve(string(path.get_ref())?)?;
    Ok(Credential::Federated(path))
}

fn certificate(value: &DeValue<'_>, source: &Source) -> Result<CertificateSource, Fault> {
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
                let password = credential::secret(value.get_ref(), source);
                Some(password.map_err(|fault| within("password", fault))?)
            }
            None => None,
        },
        algorithm: match table.get("algorithm") {
            Some(value) => string(value.get_ref())
                .and_then(algorithm)
                .map_err(|fault| within("algorithm", fault))?,
            None => AssertionAlgorithm::default(),
        },
    })
}

/// Says in which key of the table the fault is.
fn within(key: &str, fault: Fault) -> Fault {
    Fault {
        what: format!("`{key}`: {}", fault.what),
        ..fault
    }
}

fn algorithm(word: &str) -> Result<AssertionAlgorithm, Fault> {
    match word {
        "PS256" => Ok(AssertionAlgorithm::Ps256),
        "RS256" => Ok(AssertionAlgorithm::Rs256),
        other => Err(values::not_one_of(other, &["PS256", "RS256"])),
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
