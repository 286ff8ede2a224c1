//! Every fault of the simulated cloud, met by the binary over TLS, gets its cause.

use credwatch::simulator::{Fault, FaultTarget, Integration, WireFault, demo_fleet};
use credwatch::verdict::cause::Cause;

use crate::world::{World, causes, named};

const TARGETS: [FaultTarget; 3] = [FaultTarget::Entra, FaultTarget::Ews, FaultTarget::Graph];

/// An integration with that fault. A fault of Graph is met by a check of Graph.
fn with_fault(fault: Option<Fault>) -> Integration {
    let mut one = named(&format!("{fault:?}"));
    "room@contoso.example".clone_into(&mut one.mailbox);
    if fault.is_some_and(|fault| fault.target() == FaultTarget::Graph) {
        one.checks = vec!["graph".to_owned()];
    }
    // The same answer with the permission in the token has another cause.
    if fault == Some(Fault::GraphAccessDenied) {
        one.graph_roles.clear();
    }
    one.with(fault)
}

/// Every row of the fault table that a check of an app-only tenant meets.
fn app_only_faults() -> impl Iterator<Item = Fault> {
    let all = Fault::ALL.iter().copied();
    all.filter(|fault| {
        // No check asks the mail servers.
        let is_asked = TARGETS.contains(&fault.target());
        is_asked && !fault.needs_person() && !fault.acts_on_registrations()
    })
}

/// Checks an integration for each fault, and returns those that got another cause.
fn misnamed(faults: Vec<Option<Fault>>, arguments: &[&str]) -> Vec<String> {
    let expected: Vec<_> = faults
        .iter()
        .map(|fault| fault.and_then(Fault::expected_cause).unwrap_or("-"))
        .collect();
    let world = World::of(faults.into_iter().map(with_fault));
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
fn every_fault_of_the_cloud_gets_its_cause() {
    let mut faults = vec![None];
    faults.extend(app_only_faults().map(Some));
    for target in TARGETS {
        let wire = WireFault::ALL.into_iter().filter(|fault| !is_slow(*fault));
        let wire = wire.chain([WireFault::Delay]);
        faults.extend(wire.map(|fault| Some(Fault::Wire(target, fault))));
    }
    let wrong = misnamed(faults, &["--timeout", "60s"]);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Causes that no fault of the cloud produces, and the test that shows each: of `check` elsewhere, or of
/// `explain` where credwatch itself never meets them.
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
    ("mail-protocol-disabled", "tests/pasted"),
    ("mailbox-permission-missing", "tests/pasted"),
    ("mail-throttled", "tests/pasted"),
    ("mail-unavailable", "tests/pasted"),
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
fn every_cause_has_a_fault_or_another_test() {
    let wire = WireFault::ALL.map(|fault| Fault::Wire(FaultTarget::Ews, fault));
    let faults = Fault::ALL.iter().copied().chain(wire);
    // No check asks the mail servers, so their faults show nothing here.
    let met = faults.filter(|fault| TARGETS.contains(&fault.target()));
    let produced: Vec<_> = met.filter_map(Fault::expected_cause).collect();
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
    let untrusted = Fault::Wire(FaultTarget::Ews, WireFault::CertificateEnded);
    let world = World::of([
        named("contoso-rooms").with(untrusted),
        named("fabrikam-desks"),
    ]);
    let cause_of_first = || causes(&world.report(&[]).0)[0].1.clone();
    assert_eq!(cause_of_first(), "tls-untrusted");
    world.cloud.set_fault("contoso-rooms", None).unwrap();
    assert_eq!(cause_of_first(), "-");
    let plain = Fault::Wire(FaultTarget::Ews, WireFault::PlainText);
    let changed = world.cloud.set_fault("contoso-rooms", plain);
    changed.unwrap();
    assert_eq!(cause_of_first(), "tls-failure");
    // The shared address cannot be broken for one tenant.
    assert!(world.cloud.set_fault("fabrikam-desks", plain).is_err());
}

#[test]
fn servers_that_never_finish_end_with_the_deadline() {
    let slow = [WireFault::Drip, WireFault::Stall];
    let faults = TARGETS
        .into_iter()
        .flat_map(|target| slow.map(|fault| Some(Fault::Wire(target, fault))));
    let wrong = misnamed(faults.collect(), &["--timeout", "2s"]);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_mistake_in_the_config_gets_its_cause() {
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
