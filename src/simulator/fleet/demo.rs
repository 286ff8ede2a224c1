//! The fleet of the demo, as data: every kind of state, under names of fictitious companies.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::credentials::{Federation, Secret};
use super::delegated::DelegatedClient;
use super::integration::Integration;
use super::script::FaultScript;
use super::simulated_fleet::SimulatedFleet;
use crate::simulator::crypto::Certificate;
use crate::simulator::faults::{Fault, FaultTarget, WireFault};
use crate::simulator::ids::guid;

/// The times after the start at which one tenant breaks and recovers.
const BREAKS: Duration = Duration::from_secs(20);
const RECOVERS: Duration = Duration::from_secs(75);

/// The redirect addresses of these products.
const DESKPRO_REDIRECT: &str = "https://support.datum.example/admin/office365/token";
const CREATIO_REDIRECT: &str = "https://blueyonder.creatio.com/0/rest/\
                                Microsoft365OAuthAuthenticator/ProcessAuthenticationCode";
const CREATIO_OFFICE365_REDIRECT: &str = "https://crm.nodpublishers.example/rest/\
                                          Office365OAuthAuthenticator/ProcessAuthenticationCode";

/// One tenant of the demo.
struct DemoRow {
    name: &'static str,
    profile: &'static str,
    /// The mailbox, without the domain, which follows from the name.
    mailbox: &'static str,
    tag: &'static str,
    ends_in: TimeDelta,
    latency_ms: u64,
    /// The peculiarity of the tenant.
    set_up: fn(&mut Integration, DateTime<Utc>),
    note: &'static str,
}

/// Declares the rows: name, profile, mailbox, tag, end of the secret, latency in milliseconds,
/// peculiarity, note.
macro_rules! rows {
    ($($name:literal $profile:literal $mailbox:literal $tag:literal
       $ends_in:expr, $latency:literal, $set_up:expr, $note:literal;)*) => {
        [$(DemoRow {
            name: $name,
            profile: $profile,
            mailbox: $mailbox,
            tag: $tag,
            ends_in: $ends_in,
            latency_ms: $latency,
            set_up: $set_up,
            note: $note,
        }),*]
    };
}

const ROWS: [DemoRow; 28] = rows! {
    // These work.
    "fabrikam-desks" "eptura" "desks" "prod" days(212), 60, usual, "";
    "treyresearch-labs" "app-only" "labs" "prod" days(401), 350, usual,
        "their proxy is slow; answers of 400 ms are usual";
    "relecloud-ops" "app-only" "ops" "prod" days(95), 120,
        |one, _| one.checks.push("graph".to_owned()), "moving from EWS to Graph this quarter";
    "fourthcoffee-pos" "app-only" "tills" "test" days(300), 45, |one, _| one.end_known = false,
        "no end date in the config; the directory has it";
    "wideworld-desk" "app-only" "desk" "prod" days(300), 75, |one, _| {
            one.end_known = false;
            one.script = FaultScript::always(Fault::DirectoryDenied);
        }, "no end date in the config, and the directory refuses to tell";
    "litware-sync" "app-only" "sync" "prod" days(150), 90, |one, _| {
            one.script = FaultScript::default()
                .then(BREAKS, Fault::EwsStoreUnavailable)
                .then(RECOVERS, None);
        }, "its mailbox database goes offline for a minute soon after the start";
    "cohovineyard-cellar" "app-only" "cellar" "prod" days(45), 100, |one, now| {
            let (from, until) = (now - TimeDelta::days(320), now + days(45));
            let made = Certificate::make(&one.name, from.date_naive(), until.date_naive());
            // Without a certificate it works by its secret: no reason for the demo to fail.
            one.certificates.extend(made);
        }, "signs in with a certificate";
    "blueyonder-flights" "app-only" "flights" "prod" days(300), 115,
        |one, _| one.federation = Some(Federation::of("repo:blueyonder/ops:ref:main")),
        "signs in with a token of its build system, which renews it";

    // The secrets of these end soon, or have ended.
    "contoso-rooms" "eptura" "room-101" "prod" TimeDelta::seconds(7 * 86_400 + 45), 70, usual,
        "comes within 7 days of its end 45 s after the start";
    "adatum-helpdesk" "app-only" "helpdesk" "prod" TimeDelta::hours(41), 130, |one, now| {
            let mut secret = another_secret(one, "successor", now);
            "rotation".clone_into(&mut secret.name);
            secret.starts_at = now - TimeDelta::days(2);
            secret.ends_at = now + TimeDelta::days(180);
            one.secrets.push(secret);
        }, "a new secret exists, but is not in use yet";
    "lamna-clinics" "eptura" "clinics" "prod" days(500), 85, |one, now| {
            let mut secret = another_secret(one, "vendor", now);
            "vendor".clone_into(&mut secret.name);
            secret.ends_at = now + TimeDelta::days(12);
            one.watched_key = Some(secret.key_id.clone());
            one.secrets.push(secret);
            one.end_known = false;
        }, "we hold a key of our own; the vendor's ends first";
    "consolidated-lobby" "eptura" "lobby" "prod" days(24), 200, usual, "";
    "northwind-booking" "eptura" "booking" "prod" days(-2), 55, usual, "";

    // Entra refuses these a token.
    "tailspin-crm" "app-only" "crm" "prod" days(310), 65, |one, _| {
            one.mistaken_secret = one.secrets.first().map(|secret| secret.key_id.clone());
        }, "";
    "humongous-claims" "app-only" "claims" "prod" days(77), 50,
        |one, _| one.script = FaultScript::always(Fault::TokenAppNotFound), "";
    "alpineski-passes" "app-only" "passes" "prod" days(188), 75,
        |one, _| one.script = FaultScript::always(Fault::TokenConditionalAccess), "";
    "bellows-campus" "eptura" "campus" "prod" days(29), 95,
        |one, _| one.script = FaultScript::always(Fault::TokenTenantBlocked), "";

    // Exchange refuses these.
    "wingtip-frontdesk" "eptura" "frontdesk" "prod" days(142), 85,
        |one, _| one.script = FaultScript::always(Fault::EwsBlockedByPolicy), "";
    "proseware-archive" "app-only" "archive" "prod" days(260), 110, |one, _| one.roles.clear(), "";
    "woodgrove-meetings" "eptura" "meetings" "prod" days(61), 140,
        |one, _| one.script = FaultScript::always(Fault::EwsAccessPolicy), "";
    "margie-travel" "app-only" "trips" "test" days(120), 160,
        |one, _| one.mistaken_mailbox = Some(format!("old-{}", one.mailbox)), "";
    "vanarsdel-hr" "app-only" "hr" "prod" days(333), 105,
        |one, _| one.script = FaultScript::always(Fault::EwsImpersonationDenied), "";
    "graphicdesign-mail" "app-only" "studio" "prod" days(48), 400,
        |one, _| one.script = FaultScript::always(Fault::EwsServerBusyBriefly), "";
    "lucerne-press" "app-only" "desk" "test" days(205), 25, |one, _| {
            let redirect = Fault::Wire(FaultTarget::Ews, WireFault::RedirectToLogin);
            one.script = FaultScript::always(redirect);
        }, "";

    // These act for people.
    "datum-support" "deskpro" "support" "prod" days(170), 115, |one, _| {
            one.delegated = Some(DelegatedClient {
                multi_tenant: true,
                signed_in: true,
                ..DelegatedClient::confidential().returning_to(DESKPRO_REDIRECT)
            });
        }, "";
    "blueyonder-crm" "creatio" "crm" "prod" days(230), 100, |one, _| {
            one.delegated = Some(DelegatedClient::confidential().returning_to(CREATIO_REDIRECT));
        }, "no sign-in yet: try `credwatch login blueyonder-crm`";
    "nodpublishers-crm" "creatio-office365" "crm" "prod" days(260), 95, |one, _| {
            one.delegated = Some(DelegatedClient {
                signed_in: true,
                ..DelegatedClient::confidential().returning_to(CREATIO_OFFICE365_REDIRECT)
            });
        }, "";
    "cohowinery-bots" "automation-anywhere" "bots" "prod" days(300), 70, |one, _| {
            one.delegated = Some(DelegatedClient {
                signed_in: true,
                ..DelegatedClient::public()
            });
        }, "";
};

/// Returns the fleet of the demo; every date is relative to `now`.
///
/// Within two minutes one secret comes within 7 days of its end, and one tenant breaks and recovers.
pub fn demo_fleet(now: DateTime<Utc>) -> SimulatedFleet {
    SimulatedFleet::new(ROWS.iter().map(|row| integration(row, now)))
}

/// Returns a fleet of so many working integrations that answer at once, for benches.
pub fn uniform_fleet(count: usize, now: DateTime<Utc>) -> SimulatedFleet {
    SimulatedFleet::new(
        (0..count).map(|number| Integration::named(&format!("tenant{number:05}-app"), now)),
    )
}

fn integration(row: &DemoRow, now: DateTime<Utc>) -> Integration {
    let mut one = Integration::named(row.name, now).ending_at(now + row.ends_in);
    row.profile.clone_into(&mut one.profile);
    one.mailbox = format!("{}@{}", row.mailbox, one.domain());
    one.latency = Duration::from_millis(row.latency_ms);
    one.tags = vec![row.tag.to_owned()];
    one.note = (!row.note.is_empty()).then(|| row.note.to_owned());
    (row.set_up)(&mut one, now);
    one
}

const fn days(days: i64) -> TimeDelta {
    TimeDelta::days(days)
}

fn usual(_: &mut Integration, _: DateTime<Utc>) {}

/// Returns another secret of an integration. Its value differs from those of all other integrations.
fn another_secret(one: &Integration, kind: &str, now: DateTime<Utc>) -> Secret {
    let mut made = Integration::named(&format!("{} {kind}", one.name), now).secrets;
    let mut secret = made.remove(0);
    secret.key_id = guid(&format!("{kind} {}", one.name));
    secret
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn the_demo_changes_within_two_minutes() {
        let now = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);
        let fleet = demo_fleet(now);
        assert!(fleet.tenants.len() >= 14);
        let names: HashSet<_> = fleet.tenants.iter().map(|one| &one.name).collect();
        assert_eq!(names.len(), fleet.tenants.len());
        let causes: HashSet<_> = fleet
            .tenants
            .iter()
            .filter_map(|one| one.script.at(Duration::ZERO)?.expected_cause())
            .collect();
        assert!(causes.len() >= 7, "{causes:?}");

        let crossing = fleet.tenants.iter().filter(|one| {
            let left = one.secrets[0].ends_at - now - TimeDelta::days(7);
            left > TimeDelta::zero() && left < TimeDelta::minutes(2)
        });
        assert_eq!(crossing.count(), 1);
        let breaking = fleet.tenants.iter().filter(|one| {
            [0, 30, 100].map(|second| {
                let fault = one.script.at(Duration::from_secs(second));
                fault.is_none()
            }) == [true, false, true]
        });
        assert_eq!(breaking.count(), 1);
    }

    #[test]
    fn one_secret_of_the_demo_has_ended() {
        let now = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);
        let fleet = demo_fleet(now);
        let over = fleet
            .tenants
            .iter()
            .filter(|one| one.secrets[0].ends_at < now);
        assert_eq!(over.count(), 1);
    }
}
