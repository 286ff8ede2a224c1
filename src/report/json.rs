//! The report for scripts: the whole of it, one line a tenant.

use std::fmt;

use serde::Serialize;

use crate::verdict::Fleet;

/// Returns the fleet as one JSON document.
///
/// It is written report by report, so that a large fleet never stands in memory as a document too.
pub fn render(fleet: &Fleet) -> impl fmt::Display {
    fmt::from_fn(|out| {
        let envelope = text(&Fleet {
            tenants: Vec::new(),
            ..*fleet
        })?;
        // the tenants come last, which a test holds on to
        let open = envelope.strip_suffix("]}").ok_or(fmt::Error)?;
        writeln!(out, "{open}")?;
        for (number, report) in fleet.tenants.iter().enumerate() {
            let comma = if number + 1 < fleet.tenants.len() {
                ","
            } else {
                ""
            };
            writeln!(out, "{}{comma}", text(report)?)?;
        }
        writeln!(out, "]}}")
    })
}

fn text(value: &impl Serialize) -> Result<String, fmt::Error> {
    // these values have no maps with odd keys, so nothing can go wrong that would need words
    serde_json::to_string(value).map_err(|_never| fmt::Error)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::fixture;

    #[test]
    fn written_piece_by_piece_it_is_the_same_document() {
        for fleet in [
            fixture::fleet(),
            fixture::of(Vec::new()),
            fixture::of(vec![fixture::ok()]),
        ] {
            let written: serde_json::Value =
                serde_json::from_str(&render(&fleet).to_string()).unwrap();
            assert_eq!(written, serde_json::to_value(&fleet).unwrap());
        }
    }

    #[test]
    fn times_are_whole_seconds_in_utc() {
        let fraction = chrono::TimeDelta::milliseconds(250);
        let mut report = fixture::failing();
        report.checked_at += fraction;
        let secret = &mut report.credentials[0];
        secret.expires_at = secret.expires_at.map(|at| at + fraction);
        secret.read_at = Some(report.checked_at);
        let mut fleet = fixture::of(vec![report]);
        fleet.generated_at += fraction;
        let shown: serde_json::Value = serde_json::from_str(&render(&fleet).to_string()).unwrap();
        let tenant = &shown["tenants"][0];
        assert_eq!(shown["generated_at"], "2026-11-21T10:00:00Z");
        assert_eq!(tenant["checked_at"], "2026-11-21T10:00:00Z");
        assert_eq!(tenant["credentials"][0]["read_at"], "2026-11-21T10:00:00Z");
        assert_eq!(
            tenant["credentials"][0]["expires_at"],
            "2026-11-18T10:00:00Z"
        );
    }

    #[test]
    fn fields_stand_in_their_documented_order() {
        let fleet = fixture::of(vec![fixture::failing()]);
        insta::assert_snapshot!(render(&fleet), @r#"
        {"schema":1,"generated_at":"2026-11-21T10:00:00Z","summary":{"total":1,"ok":0,"warning":0,"critical":1,"unknown":0},"tenants":[
        {"name":"contoso-rooms","profile":"eptura","tenant_id":"11111111-1111-1111-1111-111111111111","client_id":"22222222-2222-2222-2222-222222222222","mailbox":"room-101@contoso.com","tags":["prod","eu"],"status":"critical","live":"failing","expiry":"expired","diagnosis":{"cause":"secret-expired","stage":"token","title":"the client secret has expired","detail":"Entra knows the secret that was sent, and it has ended.","code":"AADSTS7000222","confidence":"certain","also_possible":["secret-invalid"],"owner":"app-owner","transient":false,"fix":["Sign in: `az login`","Make a new client secret: `az ad app credential reset --id 22222222-2222-2222-2222-222222222222 --append`; or in the portal, Entra admin center > App registrations","Enter it under Admin > Reservations > Preferences.","Verify that it works: `credwatch check contoso-rooms`"],"steps":[{"kind":"prerequisite","text":"Sign in.","commands":[{"shell":"az","text":"az login"}],"portal":null},{"kind":"do","text":"Make a new client secret.","commands":[{"shell":"az","text":"az ad app credential reset --id 22222222-2222-2222-2222-222222222222 --append"}],"portal":"Entra admin center > App registrations"},{"kind":"do","text":"Enter it under Admin > Reservations > Preferences.","commands":[],"portal":null},{"kind":"verify","text":"Verify that it works.","commands":[{"shell":"credwatch","text":"credwatch check contoso-rooms"}],"portal":null}],"trace_id":"aaaaaaaa-0000-0000-0000-000000000001","correlation_id":"bbbbbbbb-0000-0000-0000-000000000002","codes":[]},"stages":[{"name":"secret","status":"ok","ms":0.2,"http_status":null,"code":null},{"name":"token","status":"failed","ms":123.4,"http_status":401,"code":"AADSTS7000222"},{"name":"claims","status":"skipped","ms":null,"http_status":null,"code":null},{"name":"ews","status":"skipped","ms":null,"http_status":null,"code":null},{"name":"graph","status":"skipped","ms":null,"http_status":null,"code":null}],"credentials":[{"kind":"secret","source":"config","key_id":null,"name":null,"hint":null,"note":null,"presented":true,"watched":true,"read_at":null,"starts_at":null,"expires_at":"2026-11-18T10:00:00Z","days_left":-3,"state":"expired","too_long":false}],"retirement":{"ends_at":"2027-04-01","gate":"unknown","graph_works":null},"checked_at":"2026-11-21T10:00:00Z","ms":290.8,"contact":"identity team, ext. 4711","vendor_support":null,"runbook":"https://wiki.contoso.com/credwatch","note":null}
        ]}
        "#);
    }
}
