//! A tenant for the tests of every module; each test changes the fields that it is about.

use crate::stage::{Surface, SurfaceSet};
use std::time::Duration;

use chrono::TimeDelta;

use super::{
    App, Credential, DirectoryUse, Endpoints, Folder, Mode, Network, Pace, SecretSource, Support,
    Target, Tenant, Thresholds,
};
use crate::{cloud::WORLDWIDE, profile::APP_ONLY};

/// An app that signs in alone with a secret, and opens a mailbox over EWS in the worldwide cloud.
pub(crate) fn tenant(name: &str) -> Tenant {
    Tenant {
        name: name.into(),
        profile: &APP_ONLY,
        app: App {
            tenant_id: "11111111-1111-1111-1111-111111111111".into(),
            client_id: "22222222-2222-2222-2222-222222222222".into(),
        },
        credential: Credential::Secret(SecretSource::Env("CONTOSO_SECRET".into())),
        delegation: None,
        configured_end: None,
        watch: None,
        directory: DirectoryUse::Off,
        mode: Mode::Live,
        target: Target {
            mailbox: Some("room-101@contoso.com".into()),
            folder: Folder::Inbox,
            surfaces: SurfaceSet::of(Surface::Ews),
        },
        endpoints: Endpoints {
            login: WORLDWIDE.login.parse().unwrap(),
            ews: WORLDWIDE.ews_url().parse().unwrap(),
            graph: WORLDWIDE.graph.parse().unwrap(),
            ews_resource: WORLDWIDE.exchange.into(),
            graph_resource: WORLDWIDE.graph.into(),
        },
        network: Network {
            proxy: None,
            ca_file: None,
            user_agent: "credwatch/0.1".into(),
            connect_timeout: Duration::from_secs(5),
        },
        pace: Pace {
            interval: Duration::from_mins(15),
            timeout: Duration::from_secs(20),
            secret_ttl: Duration::from_hours(1),
        },
        thresholds: Thresholds {
            warn: TimeDelta::days(30),
            critical: TimeDelta::days(3),
            max_lifetime: None,
        },
        tags: Vec::new(),
        support: Support::default(),
    }
}
