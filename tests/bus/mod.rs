//! A session bus of the test's own, with a stand-in for a service of the desktop on it.

use std::{sync::mpsc::channel, time::Duration};

use busd::bus::Bus;
use zbus::connection::Builder;

/// How long anything may take on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// Starts a bus, on a thread of its own, and what `serve` puts on it; returns its address.
pub(crate) fn start(serve: impl FnOnce(Builder<'_>) -> Builder<'_> + Send + 'static) -> String {
    let (ready, address) = channel();
    std::thread::spawn(move || {
        zruntime::block_on(async {
            let dir = tempfile::tempdir().unwrap();
            let path = format!("unix:path={}", dir.path().join("bus").display());
            let mut bus = Bus::for_address(Some(&path)).await.unwrap();
            let address = bus.address().to_string();
            let serving = async {
                let service = Builder::address(address.as_str());
                let service = serve(service).build().await.unwrap();
                ready.send(address.clone()).unwrap();
                std::future::pending::<()>().await;
                drop(service);
            };
            let running = async { bus.run().await.unwrap() };
            futures_util::future::join(serving, running).await;
        });
    });
    address.recv_timeout(PATIENCE).unwrap()
}
