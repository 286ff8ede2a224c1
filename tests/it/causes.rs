//! Every state of the simulated cloud, checked by the binary over TLS, gets its name.

use std::time::Duration;

use credwatch::simulator::{
    Behaviour, EwsFault, GrantFault, GraphFault, Integration, Surface, TokenFault, WireFault,
    demo_fleet,
};
use credwatch::verdict::cause::Cause;

use crate::world::{World, causes, named};

const SURFACES: [Surface; 3] = [Surface::Entra, Surface::Ews, Surface::Graph];

/// An integration of which the cloud behaves so; where it is about Graph, that is what is tried.
fn behaving(behaviour: Behaviour) -> Integration {
    let mut one = named(&format!("{behaviour:?}"));
    "room@contoso.example".clone_into(&mut one.mailbox);
    if matches!(
        behaviour,
        Behaviour::Graph(_) | Behaviour::Wire(Surface::Graph, _)
    ) {
        one.checks = vec!["graph".to_owned()];
    }
    // the same words with the permission in the token would mean another thing
    if behaviour == Behaviour::Graph(GraphFault::AccessDenied) {
        one.graph_roles.clear();
    }
    one.with(behaviour)
}

/// Checks an integration for each behaviour, and returns those that got another cause.
fn misnamed(behaviours: Vec<Behaviour>, arguments: &[&str]) -> Vec<String> {
    let expected: Vec<_> = behaviours
        .iter()
        .map(|behaviour| behaviour.expected_cause().unwrap_or("-"))
        .collect();
    let world = World::of(behaviours.into_iter().map(behaving));
    let (report, _) = world.report(arguments);
    let found = causes(&report);
    assert_eq!(found.len(), expected.len());
    let wrong = found.iter().zip(expected);
    wrong
        .filter(|((_, cause), expected)| cause != expected)
        .map(|((name, cause), expected)| format!("{name}: {cause} instead of {expected}"))
        .collect()
}

fn is_slow(fault: WireFault) -> bool {
    matches!(fault, WireFault::Drip | WireFault::Stall)
}

#[test]
fn every_behaviour_of_the_cloud_gets_its_cause() {
    let mut behaviours = vec![Behaviour::Works];
    behaviours.extend(TokenFault::ALL.map(Behaviour::Token));
    behaviours.extend(EwsFault::all().into_iter().map(Behaviour::Ews));
    behaviours.extend(GraphFault::ALL.map(Behaviour::Graph));
    for surface in SURFACES {
        let delay = WireFault::Delay(Duration::from_millis(30));
        let faults = WireFault::ALL.into_iter().filter(|fault| !is_slow(*fault));
        behaviours.extend(
            faults
                .chain([delay])
                .map(|fault| Behaviour::Wire(surface, fault)),
        );
    }
    let wrong = misnamed(behaviours, &["--timeout", "60s"]);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Causes that no behaviour of the cloud brings about, and where they are shown to be named right:
/// by `check` in another test, or by `explain`, where credwatch itself never meets them.
const ELSEWHERE: &[(&str, &str)] = &[
    ("secret-unavailable", "tests/it/credentials.rs"),
    ("login-missing", "tests/login/signing_in.rs"),
    ("secret-propagating", "tests/it/diagnose.rs"),
    ("device-code-expired", "tests/login/signing_in.rs"),
    // `login` alone redeems codes, and it waits where one is not approved yet
    ("device-code-pending", "tests/pasted"),
    ("auth-code-invalid", "tests/pasted"),
    ("redirect-uri-mismatch", "tests/pasted"),
    // credwatch sends no user's password
    ("user-password-wrong", "tests/pasted"),
    ("basic-auth-retired", "tests/pasted"),
];

/// Whether a test names a cause: one of the pasted samples in the name of its file.
fn is_named_in(cause: &str, place: &str) -> bool {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(place);
    if path.is_file() {
        let text = std::fs::read_to_string(path).unwrap();
        return text.contains(&format!("\"{cause}\""));
    }
    let mut files = std::fs::read_dir(path).unwrap().map(Result::unwrap);
    files.any(|file| {
        let name = file.file_name();
        name.to_string_lossy().starts_with(&format!("{cause}--"))
    })
}

#[test]
fn every_cause_is_brought_about_by_the_cloud_or_shown_elsewhere() {
    let mut behaviours: Vec<Behaviour> = TokenFault::ALL.map(Behaviour::Token).into();
    behaviours.extend(EwsFault::all().into_iter().map(Behaviour::Ews));
    behaviours.extend(GraphFault::ALL.map(Behaviour::Graph));
    behaviours.extend(GrantFault::ALL.map(Behaviour::Grant));
    behaviours.extend(WireFault::ALL.map(|fault| Behaviour::Wire(Surface::Ews, fault)));
    let produced: Vec<_> = behaviours
        .iter()
        .filter_map(Behaviour::expected_cause)
        .collect();
    let mut wrong = Vec::new();
    for cause in Cause::ALL.iter().map(|cause| cause.id()) {
        let elsewhere = ELSEWHERE.iter().find(|(known, _)| *known == cause);
        match (produced.contains(&cause), elsewhere) {
            (true, None) => {}
            (false, Some((_, place))) if is_named_in(cause, place) => {}
            found => wrong.push(format!("{cause}: {found:?}")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_connection_that_broke_before_http_can_heal() {
    let untrusted = Behaviour::Wire(Surface::Ews, WireFault::CertificateEnded);
    let world = World::of([
        named("contoso-rooms").with(untrusted),
        named("fabrikam-desks"),
    ]);
    let cause_of_first = || causes(&world.report(&[]).0)[0].1.clone();
    assert_eq!(cause_of_first(), "tls-untrusted");
    world
        .cloud
        .set_behaviour("contoso-rooms", Behaviour::Works)
        .unwrap();
    assert_eq!(cause_of_first(), "-");
    let plain = Behaviour::Wire(Surface::Ews, WireFault::PlainText);
    let changed = world.cloud.set_behaviour("contoso-rooms", plain.clone());
    changed.unwrap();
    assert_eq!(cause_of_first(), "tls-failure");
    // who shares the address of all others cannot have it broken
    assert!(world.cloud.set_behaviour("fabrikam-desks", plain).is_err());
}

#[test]
fn servers_that_never_finish_end_with_the_deadline() {
    let slow = [WireFault::Drip, WireFault::Stall];
    let behaviours = SURFACES.into_iter().flat_map(|surface| {
        slow.into_iter()
            .map(move |fault| Behaviour::Wire(surface, fault))
    });
    let wrong = misnamed(behaviours.collect(), &["--timeout", "2s"]);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_a_client_gets_wrong_by_itself_gets_its_cause() {
    let world = World::serving(demo_fleet(credwatch::clock::Clock.now()));
    let (report, code) = world.report(&["--timeout", "60s"]);
    let found = causes(&report);
    for (name, cause) in [
        ("fabrikam-desks", "-"),
        ("relecloud-ops", "-"),
        ("northwind-booking", "secret-expired"),
        ("tailspin-crm", "secret-invalid"),
        ("proseware-archive", "app-role-missing"),
        ("margie-travel", "mailbox-not-found"),
        ("woodgrove-meetings", "app-access-policy-denied"),
        ("lucerne-press", "unexpected-page"),
    ] {
        let expected = (name.to_owned(), cause.to_owned());
        assert!(found.contains(&expected), "{expected:?} in {found:?}");
    }
    assert_eq!(code, 2);
}
