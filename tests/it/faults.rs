//! Every fault below the protocols ends in its cause, by the binary, over real TLS.

use std::{
    process::Command,
    time::{Duration, Instant},
};

use credwatch::{
    clock::Clock,
    simulator::{Fault, FaultTarget, Integration, SimulatedCloud, SimulatedFleet, WireFault},
};

/// What stalls ends by this; whatever does not must have ended before, on any machine.
const LIMIT: Duration = Duration::from_secs(8);

#[test]
fn every_fault_of_the_wire_ends_in_its_cause_within_the_deadline() {
    let now = Clock.now();
    let surfaces = [FaultTarget::Entra, FaultTarget::Ews];
    let faults = surfaces.map(|surface| WireFault::ALL.map(|fault| (surface, fault)));
    let faults: Vec<_> = faults.into_iter().flatten().collect();
    let tenant = |(number, (surface, fault)): (usize, &(FaultTarget, WireFault))| {
        let name = format!("t{number:02}");
        Integration::named(&name, now).with(Fault::Wire(*surface, *fault))
    };
    let fleet = SimulatedFleet::new(faults.iter().enumerate().map(tenant));
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let cloud = runtime
        .block_on(SimulatedCloud::start_on_loopback(fleet))
        .unwrap();
    let files = cloud.temporary_config().unwrap();
    let started = Instant::now();
    let output = Command::new(env!("CARGO_BIN_EXE_credwatch"))
        .args([
            "check",
            "--format",
            "json",
            "--confirm",
            "0s",
            "--timeout",
            "8s",
            "--config",
        ])
        .arg(files.config())
        .output()
        .unwrap();
    assert!(started.elapsed() < 5 * LIMIT);
    assert_eq!(output.status.code(), Some(2));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    for ((surface, fault), tenant) in faults.iter().zip(report["tenants"].as_array().unwrap()) {
        let expected = Fault::Wire(*surface, *fault).expected_cause();
        let found = tenant["diagnosis"]["cause"].as_str();
        assert_eq!(found, expected, "{surface:?} {fault:?}: {tenant}");
    }
}
