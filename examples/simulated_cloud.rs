//! Runs the simulated cloud until Ctrl-C, to try any client against it:
//!
//! ```text
//! cargo run --example simulated_cloud
//! ```
//!
//! Prints the addresses, one `key=value` a line, then `ready`. With a number it serves as many tenants
//! that all work and answer at once, to measure clients:
//!
//! ```text
//! cargo run --release --example simulated_cloud -- 1000
//! ```

use credwatch::clock::Clock;
use credwatch::simulator::{FaultTarget, SimulatedCloud, demo_fleet, uniform_fleet};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let fleet = match std::env::args().nth(1) {
        Some(count) => uniform_fleet(count.parse()?, Clock.now()),
        None => demo_fleet(Clock.now()),
    };
    let cloud = SimulatedCloud::start_on_loopback(fleet).await?;
    let files = cloud.temporary_config()?;
    show("config", files.config().display());
    show("ca", files.ca().display());
    show("login_url", cloud.login_url());
    show("ews_url", cloud.ews_url());
    show("graph_url", cloud.graph_url());
    show("imap_url", cloud.mail_url(FaultTarget::Imap));
    show("pop_url", cloud.mail_url(FaultTarget::Pop));
    show("smtp_url", cloud.mail_url(FaultTarget::Smtp));
    anstream::println!("ready");
    tokio::signal::ctrl_c().await?;
    cloud.stop().await;
    Ok(())
}

fn show(key: &str, value: impl std::fmt::Display) {
    anstream::println!("{key}={value}");
}
