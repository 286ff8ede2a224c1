//! Finds files of a config that other users of the machine may read or change, as `ssh` does.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use crate::{
    files,
    tenant::{CertificateFiles, Credential, SecretSource, Tenant},
};

use super::{
    Config,
    problem::{Fault, Problem, shown},
    source,
};

/// Returns a warning for each config file that others may write, each secret file that others may read
/// or write, and each folder of the state that others may open.
///
/// Looks at modes alone, and opens nothing. A file without an answer holds up the thread.
pub fn exposed_files(config: &Config, state: Option<&Path>) -> Vec<Problem> {
    let changeable = config.files.iter().filter_map(|file| {
        let exposure = files::exposure(file)?;
        let fault = Fault::new(format!(
            "may be changed by {} (mode {:04o}), who can thus choose the programs that credwatch runs",
            exposure.writers()?,
            exposure.mode
        ));
        Some(at(file, fault.hint(format!("`chmod go-w '{}'`", shown(file)))))
    });
    let secrets = secret_files(config);
    let readable = secrets.iter().filter_map(|file| {
        let exposure = files::exposure(file)?;
        let what = match (exposure.readers(), exposure.writers()) {
            (Some(who), _) => format!("holds a secret and may be read by {who}"),
            (None, who) => format!("holds a secret and may be changed by {}", who?),
        };
        let fault = Fault::new(format!("{what} (mode {:04o})", exposure.mode));
        Some(at(
            file,
            fault.hint(format!("`chmod go= '{}'`", shown(file))),
        ))
    });
    let folders = state.map(|state| [state.to_owned(), state.join("tokens")]);
    let open = folders.iter().flatten().filter_map(|folder| {
        let exposure = files::exposure(folder)?;
        let who = exposure.writers().or(exposure.readers())?;
        let fault = Fault::new(format!(
            "holds state and kept sign-ins and is open to {who} (mode {:04o})",
            exposure.mode
        ));
        Some(at(
            folder,
            fault.hint(format!("`chmod go= '{}'`", shown(folder))),
        ))
    });
    changeable.chain(readable).chain(open).collect()
}

fn at(file: &Path, fault: Fault) -> Problem {
    fault.at(Some(source::whole(file)), "")
}

/// Returns every file that holds a secret, each once.
fn secret_files(config: &Config) -> BTreeSet<PathBuf> {
    let readers = config.readers.iter().map(|reader| &reader.sign_in);
    let tenants = config.tenants.iter().map(AsRef::as_ref).chain(readers);
    let channels = config.notify.channels.iter();
    tenants
        .flat_map(of_tenant)
        .chain(channels.flat_map(|channel| channel.sources().into_iter().filter_map(of_source)))
        .chain(config.ping.iter().filter_map(of_source))
        .collect()
}

fn of_tenant(tenant: &Tenant) -> impl Iterator<Item = PathBuf> {
    let (file, password) = match &tenant.credential {
        Credential::Secret(source) => (of_source(source), None),
        Credential::Certificate(certificate) => {
            let (CertificateFiles::Pem { key: file, .. } | CertificateFiles::Pfx(file)) =
                &certificate.files;
            let password = certificate.password.as_ref().and_then(of_source);
            (Some(file.clone()), password)
        }
        // another program writes it, with the mode that its readers need
        Credential::Federated(_) | Credential::None => (None, None),
    };
    let delegation = tenant.delegation.as_ref();
    let start = delegation.and_then(|one| one.start.as_ref());
    [file, password, start.and_then(of_source)]
        .into_iter()
        .flatten()
}

fn of_source(source: &SecretSource) -> Option<PathBuf> {
    match source {
        SecretSource::File(path) => Some(path.clone()),
        // systemd sets the mode of its credentials
        SecretSource::Credential(_)
        | SecretSource::Env(_)
        | SecretSource::Command(_)
        | SecretSource::Keyring(_) => None,
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt as _};

    use super::*;
    use crate::config::load;

    #[test]
    fn files_that_others_may_read_or_change_are_warned_of() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let set = |name: &str, mode| {
            fs::set_permissions(path(name), fs::Permissions::from_mode(mode)).unwrap();
        };
        let text = "[[tenant]]\nname = \"a\"\ntenant_id = \"contoso.com\"\n\
                    client_id = \"22222222-aaaa-4222-8222-222222222222\"\n\
                    mailbox = \"room@contoso.com\"\nsecret = { file = \"secret\" }\n\
                    [alerts]\nping = { file = \"ping\" }\n";
        fs::write(path("config.toml"), text).unwrap();
        for name in ["secret", "ping"] {
            fs::write(path(name), "x").unwrap();
            set(name, 0o600);
        }
        fs::create_dir(path("state")).unwrap();
        set("config.toml", 0o644);
        set("state", 0o700);
        let config = load(&path("config.toml")).unwrap();
        let warned = || -> String {
            let found = exposed_files(&config, Some(&path("state")));
            let base = format!("{}/", folder.path().display());
            let lines = found.iter().map(|one| one.to_string().replace(&base, ""));
            lines.collect::<Vec<_>>().join("\n")
        };
        assert_eq!(warned(), "");
        set("secret", 0o644);
        set("ping", 0o640);
        set("config.toml", 0o666);
        set("state", 0o755);
        insta::assert_snapshot!(warned(), @r"
        config.toml: may be changed by everyone on this machine (mode 0666), who can thus choose the programs that credwatch runs
          hint: `chmod go-w 'config.toml'`
        ping: holds a secret and may be read by its group (mode 0640)
          hint: `chmod go= 'ping'`
        secret: holds a secret and may be read by everyone on this machine (mode 0644)
          hint: `chmod go= 'secret'`
        state: holds state and kept sign-ins and is open to everyone on this machine (mode 0755)
          hint: `chmod go= 'state'`
        ");
    }
}
