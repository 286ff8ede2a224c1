//! `credwatch systemd`: what a unit needs of the config.

use std::{fs, process::Command};

use crate::world::{World, named};

#[test]
fn a_unit_is_fitted_to_the_config() {
    let world = World::of([named("contoso-rooms")]);
    let config = fs::read_to_string(world.files.config()).unwrap();
    let config = config.replace(
        "{ file = \"secrets/00000\" }",
        "{ credential = \"contoso\" }",
    );
    let more = r#"
[alerts]
ping = { credential = "ping" }
[[notify.channel]]
kind = "slack"
url = { credential = "slack" }
[[tenant]]
name = "fabrikam-crm"
profile = "creatio"
tenant_id = "11111111-1111-1111-1111-111111111111"
client_id = "22222222-2222-2222-2222-222222222222"
mailbox = "crm@fabrikam.example"
certificate = { file = "/home/anna/app.pem", password = { credential = "key" } }
refresh_token = { credential = "start" }
"#;
    fs::write(world.files.config(), config + more).unwrap();
    let line = |id| format!("LoadCredential={id}:/etc/credwatch/{id}\n");
    let handed = ["contoso", "key", "start"].map(line);
    let (slack, ping) = (line("slack"), line("ping"));
    for (unit, expected, told) in [
        ("serve", &["Type=notify", "WatchdogSec="][..], true),
        ("check", &["Type=oneshot"], false),
        ("timer", &["OnCalendar="], false),
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_credwatch"))
            .args(["systemd", unit, "--config"])
            .arg(world.files.config())
            .output()
            .unwrap();
        assert!(output.status.success());
        let text = String::from_utf8(output.stdout).unwrap();
        for line in expected {
            assert!(text.contains(line), "{unit} lacks {line}:\n{text}");
        }
        assert_eq!(text.contains(&slack), told, "{unit}:\n{text}");
        assert_eq!(text.contains(&ping), unit == "check", "{unit}:\n{text}");
        if unit == "timer" {
            continue;
        }
        for line in &handed {
            assert!(text.contains(line), "{unit} lacks {line}:\n{text}");
        }
        assert!(
            text.contains("# /home/anna/app.pem must be readable"),
            "{text}"
        );
        assert!(text.contains("\nProtectHome=read-only\n"), "{text}");
    }
}
