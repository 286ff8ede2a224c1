//! Runs the simulated cloud until Ctrl-C, for any client to be tried against it:
//!
//! ```text
//! cargo run --example simulated_cloud
//! ```
//!
//! It prints where everything is, one `key=value` a line, then `ready`.

use credwatch::clock::Clock;
use credwatch::simulator::{Cloud, demo_fleet};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let cloud = Cloud::start_on_loopback(demo_fleet(Clock.now())).await?;
    let files = cloud.temporary_config()?;
    show("config", files.config().display());
    show("ca", files.ca().display());
    show("login_url", cloud.login_url());
    show("ews_url", cloud.ews_url());
    show("graph_url", cloud.graph_url());
    anstream::println!("ready");
    tokio::signal::ctrl_c().await?;
    cloud.stop().await;
    Ok(())
}

fn show(key: &str, value: impl std::fmt::Display) {
    anstream::println!("{key}={value}");
}
