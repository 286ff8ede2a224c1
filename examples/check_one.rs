//! Checks one tenant from code: observe, judge, report.
//!
//! ```text
//! cargo run --example check_one                            # one of the simulated fleet
//! cargo run --example check_one -- my-config.toml a-tenant # one of yours
//! ```

use std::{env, path::Path, sync::Arc};

use anyhow::Context as _;
use credwatch::{
    assessment,
    check::Checker,
    clock::Clock,
    config, diagnosis,
    http::Clients,
    report::text::{self, Layout, Symbols},
    secret::Secrets,
    simulator::{SimulatedCloud, demo_fleet},
};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if let [file, name] = arguments.as_slice() {
        return check(Path::new(file), name).await;
    }
    let cloud = SimulatedCloud::start_on_loopback(demo_fleet(Clock.now())).await?;
    let files = cloud.temporary_config()?;
    check(files.config(), "northwind-booking").await
}

async fn check(file: &Path, name: &str) -> anyhow::Result<()> {
    let config = config::load(file)?;
    let mut tenants = config.tenants.iter();
    let tenant = tenants
        .find(|tenant| tenant.name.as_str() == name)
        .context("no such tenant")?;

    // observe: the secret, a token, the test calls; whatever happens is a fact, not an error
    let checker = Checker::new(Arc::new(Clients::new()), Arc::<Secrets>::default(), Clock);
    let (observation, _session) = checker.check(tenant).await;
    // judge: from facts to a named cause
    let judgement = diagnosis::judge(tenant, &observation);
    // report: both halves of the verdict
    let report = assessment::assemble(
        tenant,
        Some((&observation, judgement)),
        assessment::Known::default(),
        Clock.now(),
    );

    let layout = Layout::new(Symbols::UNICODE, [name]);
    anstream::println!("{}", layout.row(&report, Clock.now()));
    anstream::print!("{}", text::reasons(&report).unwrap_or_default());
    Ok(())
}
