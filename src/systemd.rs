//! Unit files for systemd, fitted to a config: what it needs is let in, everything else is shut out.
//!
//! Pure: texts from paths and secret sources. Secrets themselves stay where they are; those that the
//! config calls `credential` are handed over by systemd, so that the service can run without an account of its own.

use std::{
    collections::BTreeSet,
    fmt::Write as _,
    path::{Path, PathBuf},
};

use crate::tenant::SecretSource;

/// What a unit must know of the machine.
#[derive(Debug)]
pub struct Installed {
    /// The program, absolute.
    pub program: PathBuf,
    /// The config, absolute.
    pub config: PathBuf,
    /// Where its secrets are: those of tenants, of directory readers and of channels.
    pub sources: Vec<SecretSource>,
    /// What else it reads or runs.
    pub files: Vec<PathBuf>,
}

/// `credwatch-check.timer`
pub const TIMER: &str = "\
# /etc/systemd/system/credwatch-check.timer, made by `credwatch systemd timer`
[Unit]
Description=Check Microsoft 365 credentials every hour

[Timer]
OnCalendar=hourly
RandomizedDelaySec=5min
Persistent=yes

[Install]
WantedBy=timers.target
";

/// Returns `credwatch.service`, which runs `credwatch serve`.
pub fn serve(installed: &Installed) -> String {
    let command = command(installed, "serve");
    format!(
        "\
# /etc/systemd/system/credwatch.service, made by `credwatch systemd serve`
[Unit]
Description=Watch Microsoft 365 credentials
Wants=network-online.target
After=network-online.target

[Service]
Type=notify
ExecStart={command}
ExecReload=/bin/kill -HUP $MAINPID
Restart=on-failure
RestartSec=30
# fed only while checks really complete
WatchdogSec=2min
TimeoutStopSec=15
{}
[Install]
WantedBy=multi-user.target
",
        shut_in(installed)
    )
}

/// Returns `credwatch-check.service`, which runs `credwatch check` once.
pub fn check(installed: &Installed) -> String {
    let command = command(installed, "check");
    format!(
        "\
# /etc/systemd/system/credwatch-check.service, made by `credwatch systemd check`
[Unit]
Description=Check Microsoft 365 credentials once
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
ExecStart={command} --format json --output %S/credwatch/report.json
# 1 is a warning; 2 critical and 3 unknown fail the unit
SuccessExitStatus=1
TimeoutStartSec=15min
{}",
        shut_in(installed)
    )
}

fn command(installed: &Installed, verb: &str) -> String {
    let (program, config) = (quote(&installed.program), quote(&installed.config));
    format!("{program} {verb} --config {config}")
}

/// Who it runs as, what it is given, and what it may not do.
fn shut_in(installed: &Installed) -> String {
    let mut lines = String::from("\nDynamicUser=yes\nStateDirectory=credwatch\n");
    for line in given(&installed.sources) {
        // writing to a String cannot fail
        let _ok = writeln!(lines, "{line}");
    }
    let _ok = writeln!(lines, "ProtectHome={}", protect_home(installed));
    lines.push_str(HARDENING);
    lines
}

/// The lines that hand secrets over, or say how they get there.
fn given(sources: &[SecretSource]) -> BTreeSet<String> {
    let line = |source: &SecretSource| match source {
        SecretSource::Credential(id) => format!("LoadCredential={id}:/etc/credwatch/{id}"),
        SecretSource::Env(name) => {
            format!("# {name} must be set; better: {{ credential = \"…\" }} in the config")
        }
        SecretSource::File(path) => {
            let path = comment(&path.display().to_string());
            format!(
                "# {path} must be readable for this unit's own user; better for a secret: \
                 {{ credential = \"…\" }} in the config"
            )
        }
        SecretSource::Keyring(name) => format!(
            "# a service has no keyring, so '{}' is out of reach; take {{ credential = \"…\" }}",
            comment(name)
        ),
        SecretSource::Command(line) => {
            let program = comment(line.first().map_or("", String::as_str));
            format!(
                "# {program} runs under these limits too; some of them may be too strict for it"
            )
        }
    };
    sources.iter().map(line).collect()
}

fn comment(text: &str) -> String {
    crate::text::line(text)
}

/// Home directories are shut out where nothing that is needed lies in one.
fn protect_home(installed: &Installed) -> &'static str {
    let at_home = |path: &Path| {
        ["/home", "/root", "/run/user"]
            .iter()
            .any(|home| path.starts_with(home))
    };
    let source_at_home = |source: &SecretSource| match source {
        SecretSource::File(path) => at_home(path),
        SecretSource::Command(line) => line.first().is_some_and(|it| at_home(Path::new(it))),
        SecretSource::Env(_) | SecretSource::Credential(_) | SecretSource::Keyring(_) => false,
    };
    if at_home(&installed.program)
        || at_home(&installed.config)
        || installed.files.iter().any(|file| at_home(file))
        || installed.sources.iter().any(source_at_home)
    {
        "read-only"
    } else {
        "yes"
    }
}

/// A path as one word of a command line of systemd.
fn quote(path: &Path) -> String {
    let text = path.display().to_string();
    let text = text.replace('%', "%%").replace('$', "$$");
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+@:%$".contains(c);
    if text.chars().all(plain) {
        return text;
    }
    format!("\"{}\"", text.replace('\\', r"\\").replace('"', "\\\""))
}

const HARDENING: &str = "\
AmbientCapabilities=
CapabilityBoundingSet=
DevicePolicy=closed
KeyringMode=private
LimitCORE=0
LockPersonality=yes
MemoryDenyWriteExecute=yes
MemoryMax=512M
NoNewPrivileges=yes
PrivateDevices=yes
PrivateMounts=yes
PrivateTmp=yes
PrivateUsers=yes
ProcSubset=pid
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
ProtectSystem=strict
RemoveIPC=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
SystemCallErrorNumber=EPERM
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
TasksMax=256
UMask=0077
";

#[cfg(test)]
mod tests {
    use super::*;

    fn installed() -> Installed {
        Installed {
            program: "/usr/local/bin/credwatch".into(),
            config: "/etc/credwatch/config.toml".into(),
            sources: vec![
                SecretSource::Credential("contoso".into()),
                SecretSource::Credential("contoso".into()),
                SecretSource::Env("FABRIKAM".into()),
            ],
            files: vec!["/etc/credwatch/config.toml".into()],
        }
    }

    #[test]
    fn every_credential_is_handed_over_once() {
        for unit in [serve(&installed()), check(&installed())] {
            let handed = unit
                .lines()
                .filter(|line| line.starts_with("LoadCredential="));
            assert_eq!(
                handed.collect::<Vec<_>>(),
                ["LoadCredential=contoso:/etc/credwatch/contoso"]
            );
            assert!(unit.contains("# FABRIKAM must be set"));
            assert!(unit.contains("\nProtectHome=yes\n"));
        }
    }

    #[test]
    fn what_lies_at_home_stays_readable() {
        let [mut one, mut other] = [installed(), installed()];
        let secret = SecretSource::File("/home/anna/x.secret".into());
        one.sources.push(secret);
        other.files.push("/root/roots.pem".into());
        for installed in [one, other] {
            assert!(serve(&installed).contains("\nProtectHome=read-only\n"));
        }
    }

    #[test]
    fn a_path_stays_one_word_and_means_itself() {
        for (path, expected) in [
            ("/usr/bin/credwatch", "/usr/bin/credwatch"),
            ("/opt/my tools/credwatch", "\"/opt/my tools/credwatch\""),
            ("/opt/100%/$x", "/opt/100%%/$$x"),
            ("/opt/a\"b", "\"/opt/a\\\"b\""),
        ] {
            assert_eq!(quote(Path::new(path)), expected);
        }
    }
}
