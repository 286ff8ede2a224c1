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

/// When the demo's breaking tenant breaks and recovers, after the start.
const BREAKS: Duration = Duration::from_secs(20);
const RECOVERS: Duration = Duration::from_secs(75);

/// One row of the demo: who, how the secret stands, how fast, what is odd about it.
struct Row {
    name: &'static str,
    profile: &'static str,
    mailbox: &'static str,
    ends_in: TimeDelta,
    latency: u64,
    tag: &'static str,
    oddity: Oddity,
    note: &'static str,
}

/// What sets a tenant of the demo apart.
enum Oddity {
    None,
    EndUnknown,
    AlsoGraph,
    NoRole,
    SecretIdPasted,
    WrongMailbox,
    NewSecretBeside,
    Certificate,
    Federated,
    VendorsKey(TimeDelta),
    DirectoryRefuses,
    Always(Fault),
    ForPerson(DelegatedClient),
    BreaksAndRecovers,
}

/// Returns the fleet of the demo; every date is relative to `now`.
///
/// Within two minutes one secret comes within 7 days of its end, and one tenant breaks and recovers.
pub fn demo_fleet(now: DateTime<Utc>) -> SimulatedFleet {
    SimulatedFleet::new(rows().into_iter().map(|row| integration(row, now)))
}

/// Returns a fleet of so many working integrations that answer at once, for benches.
pub fn uniform_fleet(count: usize, now: DateTime<Utc>) -> SimulatedFleet {
    SimulatedFleet::new(
        (0..count).map(|number| Integration::named(&format!("tenant{number:05}-app"), now)),
    )
}

fn integration(row: Row, now: DateTime<Utc>) -> Integration {
    let mut one = Integration::named(row.name, now).ending_at(now + row.ends_in);
    row.profile.clone_into(&mut one.profile);
    row.mailbox.clone_into(&mut one.mailbox);
    one.latency = Duration::from_millis(row.latency);
    one.tags = vec![row.tag.to_owned()];
    one.note = (!row.note.is_empty()).then(|| row.note.to_owned());
    match row.oddity {
        Oddity::None => {}
        Oddity::EndUnknown => one.end_known = false,
        Oddity::AlsoGraph => one.checks.push("graph".to_owned()),
        Oddity::NoRole => one.roles.clear(),
        Oddity::SecretIdPasted => {
            one.mistaken_secret = one.secrets.first().map(|secret| secret.key_id.clone());
        }
        Oddity::WrongMailbox => one.mistaken_mailbox = Some(format!("old-{}", one.mailbox)),
        Oddity::Certificate => {
            let (from, until) = (now - TimeDelta::days(320), now + row.ends_in);
            let made = Certificate::make(row.name, from.date_naive(), until.date_naive());
            // without one it works by its secret: a demo should not fail for that
            one.certificates.extend(made);
        }
        Oddity::Federated => one.federation = Some(Federation::of("repo:blueyonder/ops:ref:main")),
        Oddity::NewSecretBeside => one.secrets.push(successor(row.name, now)),
        Oddity::ForPerson(delegated) => one.delegated = Some(delegated),
        Oddity::VendorsKey(ends_in) => {
            let theirs = vendors(row.name, now, ends_in);
            one.watched_key = Some(theirs.key_id.clone());
            one.secrets.push(theirs);
            one.end_known = false;
        }
        Oddity::DirectoryRefuses => {
            one.end_known = false;
            one.script = FaultScript::always(Fault::DirectoryDenied);
        }
        Oddity::Always(fault) => one.script = FaultScript::always(fault),
        Oddity::BreaksAndRecovers => {
            one.script = FaultScript::default()
                .then(BREAKS, Fault::EwsStoreUnavailable)
                .then(RECOVERS, None);
        }
    }
    one
}

/// A secret that was made in time, but that the integration does not use yet.
fn successor(name: &str, now: DateTime<Utc>) -> Secret {
    let mut made = Integration::named(&format!("{name} successor"), now).secrets;
    let mut secret = made.remove(0);
    secret.key_id = guid(&format!("successor {name}"));
    "rotation".clone_into(&mut secret.name);
    secret.starts_at = now - TimeDelta::days(2);
    secret.ends_at = now + TimeDelta::days(180);
    secret
}

/// The secret that the vendor holds, beside the one made for monitoring.
fn vendors(name: &str, now: DateTime<Utc>, ends_in: TimeDelta) -> Secret {
    let mut made = Integration::named(&format!("{name} vendor"), now).secrets;
    let mut secret = made.remove(0);
    secret.key_id = guid(&format!("vendor {name}"));
    "vendor".clone_into(&mut secret.name);
    secret.ends_at = now + ends_in;
    secret
}

fn row(name: &'static str, profile: &'static str, mailbox: &'static str) -> Row {
    Row {
        name,
        profile,
        mailbox,
        ends_in: TimeDelta::days(300),
        latency: 80,
        tag: "prod",
        oddity: Oddity::None,
        note: "",
    }
}

impl Row {
    fn ends(mut self, ends_in: TimeDelta) -> Self {
        self.ends_in = ends_in;
        self
    }

    fn takes(mut self, milliseconds: u64) -> Self {
        self.latency = milliseconds;
        self
    }

    fn tagged(mut self, tag: &'static str) -> Self {
        self.tag = tag;
        self
    }

    fn but(mut self, oddity: Oddity) -> Self {
        self.oddity = oddity;
        self
    }

    fn noted(mut self, note: &'static str) -> Self {
        self.note = note;
        self
    }
}

fn rows() -> Vec<Row> {
    let mut rows = healthy();
    rows.extend(ending());
    rows.extend(refused_a_token());
    rows.extend(refused_by_exchange());
    rows.extend(acting_for_people());
    rows
}

/// Where the sign-ins of these products come back to.
const DESKPRO_RETURNS_TO: &str = "https://support.datum.example/admin/office365/token";
const CREATIO_RETURNS_TO: &str = "https://blueyonder.creatio.com/0/rest/\
                                  Microsoft365OAuthAuthenticator/ProcessAuthenticationCode";
const CREATIO_OFFICE365_RETURNS_TO: &str = "https://crm.nodpublishers.example/rest/\
                                            Office365OAuthAuthenticator/ProcessAuthenticationCode";

fn acting_for_people() -> Vec<Row> {
    let signed_in = |delegated: DelegatedClient| {
        Oddity::ForPerson(DelegatedClient {
            signed_in: true,
            ..delegated
        })
    };
    vec![
        row("datum-support", "deskpro", "support@datum.example")
            .ends(TimeDelta::days(170))
            .takes(115)
            .but(signed_in(DelegatedClient {
                multi_tenant: true,
                ..DelegatedClient::confidential().returning_to(DESKPRO_RETURNS_TO)
            })),
        row("blueyonder-crm", "creatio", "crm@blueyonder.example")
            .ends(TimeDelta::days(230))
            .takes(100)
            .but(Oddity::ForPerson(
                DelegatedClient::confidential().returning_to(CREATIO_RETURNS_TO),
            ))
            .noted("no sign-in yet: try `credwatch login blueyonder-crm`"),
        row(
            "nodpublishers-crm",
            "creatio-office365",
            "crm@nodpublishers.example",
        )
        .ends(TimeDelta::days(260))
        .takes(95)
        .but(signed_in(
            DelegatedClient::confidential().returning_to(CREATIO_OFFICE365_RETURNS_TO),
        )),
        row(
            "cohowinery-bots",
            "automation-anywhere",
            "bots@cohowinery.example",
        )
        .takes(70)
        .but(signed_in(DelegatedClient::public())),
    ]
}

fn healthy() -> Vec<Row> {
    vec![
        row("fabrikam-desks", "eptura", "desks@fabrikam.example")
            .ends(TimeDelta::days(212))
            .takes(60),
        row("treyresearch-labs", "app-only", "labs@treyresearch.example")
            .ends(TimeDelta::days(401))
            .takes(350)
            .noted("their proxy is slow; answers of 400 ms are usual"),
        row("relecloud-ops", "app-only", "ops@relecloud.example")
            .ends(TimeDelta::days(95))
            .takes(120)
            .but(Oddity::AlsoGraph)
            .noted("moving from EWS to Graph this quarter"),
        row("fourthcoffee-pos", "app-only", "tills@fourthcoffee.example")
            .takes(45)
            .tagged("test")
            .but(Oddity::EndUnknown)
            .noted("no end date in the config; the directory has it"),
        row("wideworld-desk", "app-only", "desk@wideworld.example")
            .takes(75)
            .but(Oddity::DirectoryRefuses)
            .noted("no end date in the config, and the directory refuses to tell"),
        row("litware-sync", "app-only", "sync@litware.example")
            .ends(TimeDelta::days(150))
            .takes(90)
            .but(Oddity::BreaksAndRecovers)
            .noted("its mailbox database goes offline for a minute soon after the start"),
        row(
            "cohovineyard-cellar",
            "app-only",
            "cellar@cohovineyard.example",
        )
        .ends(TimeDelta::days(45))
        .takes(100)
        .but(Oddity::Certificate)
        .noted("signs in with a certificate"),
        row(
            "blueyonder-flights",
            "app-only",
            "flights@blueyonder.example",
        )
        .takes(115)
        .but(Oddity::Federated)
        .noted("signs in with a token of its build system, which renews it"),
    ]
}

fn ending() -> Vec<Row> {
    vec![
        row("contoso-rooms", "eptura", "room-101@contoso.example")
            .ends(TimeDelta::days(7) + TimeDelta::seconds(45))
            .takes(70)
            .noted("comes within 7 days of its end 45 s after the start"),
        row("adatum-helpdesk", "app-only", "helpdesk@adatum.example")
            .ends(TimeDelta::hours(41))
            .takes(130)
            .but(Oddity::NewSecretBeside)
            .noted("a new secret exists, but is not in use yet"),
        row("lamna-clinics", "eptura", "clinics@lamna.example")
            .ends(TimeDelta::days(500))
            .takes(85)
            .but(Oddity::VendorsKey(TimeDelta::days(12)))
            .noted("we hold a key of our own; the vendor's ends first"),
        row("consolidated-lobby", "eptura", "lobby@consolidated.example")
            .ends(TimeDelta::days(24))
            .takes(200),
        row("northwind-booking", "eptura", "booking@northwind.example")
            .ends(TimeDelta::days(-2))
            .takes(55),
    ]
}

fn refused_a_token() -> Vec<Row> {
    vec![
        row("tailspin-crm", "app-only", "crm@tailspin.example")
            .ends(TimeDelta::days(310))
            .takes(65)
            .but(Oddity::SecretIdPasted),
        row("humongous-claims", "app-only", "claims@humongous.example")
            .ends(TimeDelta::days(77))
            .takes(50)
            .but(Oddity::Always(Fault::TokenAppNotFound)),
        row("alpineski-passes", "app-only", "passes@alpineski.example")
            .ends(TimeDelta::days(188))
            .takes(75)
            .but(Oddity::Always(Fault::TokenConditionalAccess)),
        row("bellows-campus", "eptura", "campus@bellows.example")
            .ends(TimeDelta::days(29))
            .takes(95)
            .but(Oddity::Always(Fault::TokenTenantBlocked)),
    ]
}

fn refused_by_exchange() -> Vec<Row> {
    vec![
        row("wingtip-frontdesk", "eptura", "frontdesk@wingtip.example")
            .ends(TimeDelta::days(142))
            .takes(85)
            .but(Oddity::Always(Fault::EwsBlockedByPolicy)),
        row("proseware-archive", "app-only", "archive@proseware.example")
            .ends(TimeDelta::days(260))
            .takes(110)
            .but(Oddity::NoRole),
        row("woodgrove-meetings", "eptura", "meetings@woodgrove.example")
            .ends(TimeDelta::days(61))
            .takes(140)
            .but(Oddity::Always(Fault::EwsAccessPolicy)),
        row("margie-travel", "app-only", "trips@margie.example")
            .ends(TimeDelta::days(120))
            .takes(160)
            .tagged("test")
            .but(Oddity::WrongMailbox),
        row("vanarsdel-hr", "app-only", "hr@vanarsdel.example")
            .ends(TimeDelta::days(333))
            .takes(105)
            .but(Oddity::Always(Fault::EwsImpersonationDenied)),
        row(
            "graphicdesign-mail",
            "app-only",
            "studio@graphicdesign.example",
        )
        .ends(TimeDelta::days(48))
        .takes(400)
        .but(Oddity::Always(Fault::EwsServerBusyBriefly)),
        row("lucerne-press", "app-only", "desk@lucerne.example")
            .ends(TimeDelta::days(205))
            .takes(25)
            .tagged("test")
            .but(Oddity::Always(Fault::Wire(
                FaultTarget::Ews,
                WireFault::RedirectToLogin,
            ))),
    ]
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn the_demo_shows_many_states_and_moves_within_two_minutes() {
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
    fn the_end_known_ones_include_one_already_over() {
        let now = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);
        let fleet = demo_fleet(now);
        let over = fleet
            .tenants
            .iter()
            .filter(|one| one.secrets[0].ends_at < now);
        assert_eq!(over.count(), 1);
    }
}
