//! A small fleet at a fixed time, judged and reported as `credwatch check` does.

use std::{fs, time::Duration};

use chrono::{DateTime, Utc};
use credwatch::{
    assessment, config, diagnosis,
    observation::{Answer, Exchange, Observation, Outcome, Phases, SecretFacts, TokenReading},
    report::{
        self,
        text::{Layout, Symbols},
    },
    stage::Surface,
    verdict::Fleet,
};

const TENANTS: &str = r#"
[[tenant]]
name = "contoso-rooms"
profile = "eptura"
tenant_id = "11111111-1111-1111-1111-111111111111"
client_id = "22222222-2222-2222-2222-222222222222"
mailbox = "room-101@contoso.com"
secret = { env = "CONTOSO_SECRET" }
secret_expires = 2026-11-18
contact = "identity team, ext. 4711"

[[tenant]]
name = "fabrikam-desk"
tenant_id = "fabrikam.com"
client_id = "33333333-3333-3333-3333-333333333333"
mailbox = "desk@fabrikam.com"
secret = { env = "FABRIKAM_SECRET" }
secret_expires = 2026-12-03

[[tenant]]
name = "adatum-mail"
tenant_id = "adatum.com"
client_id = "44444444-4444-4444-4444-444444444444"
mailbox = "mail@adatum.com"
secret = { env = "ADATUM_SECRET" }
secret_expires = 2027-06-21
"#;

/// What Entra says to a secret that has ended.
const EXPIRED: &str = r#"{"error":"invalid_client","error_description":"AADSTS7000222: The provided client secret keys for app '22222222-2222-2222-2222-222222222222' are expired.","error_codes":[7000222]}"#;

const OPENED: &str = r#"<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><m:GetFolderResponse xmlns:m="http://schemas.microsoft.com/exchange/services/2006/messages"><m:ResponseMessages><m:GetFolderResponseMessage ResponseClass="Success"><m:ResponseCode>NoError</m:ResponseCode></m:GetFolderResponseMessage></m:ResponseMessages></m:GetFolderResponse></s:Body></s:Envelope>"#;

/// Returns the text of the report.
pub(crate) fn check() -> String {
    let now: DateTime<Utc> = "2026-11-21T10:00:00Z".parse().unwrap();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("config.toml");
    fs::write(&path, TENANTS).unwrap();
    let tenants = config::load(&path).unwrap().tenants;
    let seen = [refused(now, 184), opened(now, 431), opened(now, 297)];
    let reports = tenants.iter().zip(&seen).map(|(tenant, seen)| {
        let judged = diagnosis::judge(tenant, seen);
        assessment::assemble(
            tenant,
            Some((seen, judged)),
            assessment::Known::default(),
            now,
        )
    });
    let fleet = Fleet::new(reports.collect(), now);
    let names = tenants.iter().map(|tenant| tenant.name.as_str());
    let rows = Layout::new(Symbols::UNICODE, names);
    report::text::render(&fleet, Some(rows), Some(100), Duration::from_millis(440))
}

fn refused(now: DateTime<Utc>, ms: u64) -> Observation {
    Observation {
        checked_at: now,
        took: Duration::from_millis(ms),
        secret: SecretFacts::default(),
        token: Some(answer(401, EXPIRED)),
        claims: None,
        further_token: None,
        calls: Vec::new(),
        confirmed: false,
    }
}

fn opened(now: DateTime<Utc>, ms: u64) -> Observation {
    Observation {
        token: Some(answer(200, "")),
        claims: Some(TokenReading::Opaque),
        calls: vec![(Surface::Ews, answer(200, OPENED))],
        ..refused(now, ms)
    }
}

fn answer(status: u16, body: &str) -> Exchange {
    Exchange {
        took: Duration::from_millis(100),
        host: "login.microsoftonline.com".into(),
        request_id: String::new(),
        phases: Phases::default(),
        connection: None,
        outcome: Outcome::Answer(Answer {
            status,
            headers: Vec::new(),
            body: body.into(),
        }),
    }
}
