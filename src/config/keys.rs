//! The table of keys: one row for each key, with its name, reader, comment and shown value.
//!
//! A row drives the parser (its group reads it), the hints for unknown keys (`tables::SECTIONS`) and
//! `config.example.toml` (`example`). A new key is one row here and its use where the settings are made
//! (`resolve`, `settings`, `channel`, `directory`). The comment of a row becomes the comment of the
//! example; `default`, `example` and `required` say how the line is shown there.

use std::{path::PathBuf, time::Duration};

use chrono::TimeDelta;
use url::Url;

use crate::{
    alert::{Quiet, Urgency},
    cloud::Cloud,
    notify::{Address, Sequence},
    profile::Profile,
    stage::SurfaceSet,
    tenant::{
        Authority, CertificateSource, EndDate, Folder, Mode, PreferredShell, SecretSource, Watch,
    },
    tui::Theme,
};

use super::{
    addresses, certificate,
    channel_values::{self, MailServer, Transport},
    credential,
    defaults::{
        CONCURRENCY_MOST, CONFIRM_BOUNDS, INTERVAL_BOUNDS, LIFETIME_BOUNDS, REMIND_BOUNDS,
        THRESHOLD_BOUNDS, TIMEOUT_BOUNDS, TOKEN_RATE_MOST, TTL_BOUNDS,
    },
    directory_values::{self, DirectoryIds},
    fields::{At, Fields, Key, Layer, Shown},
    secret_source::secret,
    types::{command_line, days, duration, flag, list, number, span, surfaces, tags, text, word},
    values::{self, DirectoryLookup, Grant},
};

/// Declares groups of rows: a struct with what was typed, and the keys of it.
macro_rules! keys {
    ($(
        $(#[$meta:meta])+
        struct $group:ident {
            $( $(#[doc = $about:literal])* $key:ident: $value:ty = $reader:expr, $shown:ident $text:literal; )+
        }
    )+) => {$(
        $(#[$meta])+
        #[derive(Debug, Clone, Default, PartialEq, Eq)]
        pub(super) struct $group {
            $( pub(super) $key: Option<At<$value>>, )+
        }

        impl $group {
            pub(super) const KEYS: &'static [Key] = &[
                $( Key {
                    name: stringify!($key),
                    about: &[$($about),*],
                    value: keys!(@shown $shown $text),
                } ),+
            ];

            /// Reads every key of the group; a wrong value is reported and counts as absent.
            pub(super) fn read(fields: &mut Fields<'_, '_>) -> Self {
                Self { $( $key: fields.read(stringify!($key), $reader), )+ }
            }
        }

        impl Layer for $group {
            fn over(self, base: &Self) -> Self {
                Self { $( $key: self.$key.or_else(|| base.$key.clone()), )+ }
            }
        }
    )+};
    (@shown default $text:literal) => { Shown::Default($text) };
    (@shown example $text:literal) => { Shown::Example($text) };
    (@shown required $text:literal) => { Shown::Required($text) };
}

keys! {
    /// How often a tenant is checked, and how long a check may take.
    struct PaceKeys {
        /// Time between two checks of one tenant. Every check is a real sign-in; at least 1m. Default:
        /// 15m, and 60m for tenants that act for a person.
        interval: Duration = duration(INTERVAL_BOUNDS), example r#""15m""#;
        /// The longest time that one check of a tenant may take.
        timeout: Duration = duration(TIMEOUT_BOUNDS), default r#""20s""#;
        /// How long the answer of a secret command may be kept in memory; 0s: the command runs at every
        /// check.
        secret_ttl: Duration = duration(TTL_BOUNDS), default r#""1h""#;
    }

    /// What a check tries, and whether the directory is asked.
    struct CheckKeys {
        /// What is tried with the token: "ews", "graph" or both; [] gets a token and no more.
        checks: SurfaceSet = surfaces, default r#"["ews"]"#;
        /// Whether the app is asked, at most every 6 hours (sooner once where the secret has changed and
        /// is not listed yet), what its own registration says about the end of its credentials and how
        /// it is set up, and whether Graph would open the mailbox that EWS opens: "own", or "off". Where
        /// it cannot look at itself, a [[directory]] below does.
        directory: DirectoryLookup = word(), default r#""own""#;
        /// The folder that the test call opens: inbox or calendar. Default: the profile's.
        folder: Folder = word(), example r#""inbox""#;
    }

    /// From when on an end date is a warning.
    struct ThresholdKeys {
        /// A credential that ends within this time is a warning …
        warn: TimeDelta = span(THRESHOLD_BOUNDS), default r#""30d""#;
        /// … and within this time critical. Never longer than `warn`.
        critical: TimeDelta = span(THRESHOLD_BOUNDS), default r#""3d""#;
        /// A credential that was made for longer than this is a warning however far its end is, "never"
        /// too. Default: none is; 0s in a tenant lifts the limit of [defaults].
        max_lifetime: TimeDelta = span(LIFETIME_BOUNDS), example r#""365d""#;
    }

    /// Which cloud, and the addresses that lead to a directory.
    struct CloudKeys {
        /// worldwide, gcc-high, dod, china, bleu or delos.
        cloud: &'static Cloud = text(values::cloud), default r#""worldwide""#;
        /// Where the cloud's own addresses do not apply: on-premises Exchange, tests.
        login_url: Url = text(addresses::service_url), example r#""https://login.microsoftonline.com""#;
        graph_url: Url = text(addresses::service_url), example r#""https://graph.microsoft.com""#;
    }

    /// The addresses that lead to Exchange.
    struct ExchangeKeys {
        ews_url: Url = text(addresses::service_url), example r#""https://mail.contoso.com/EWS/Exchange.asmx""#;
        /// The resource that the EWS token is for. On-premises hybrid sets its own.
        ews_resource: String = text(addresses::resource), example r#""https://outlook.office365.com""#;
    }

    /// How requests travel.
    struct NetworkKeys {
        /// Without this, the usual variables (HTTPS_PROXY, NO_PROXY, …) count.
        proxy: Url = text(addresses::proxy), example r#""http://proxy.contoso.com:8080""#;
        /// An extra trust root in PEM form, for networks that inspect TLS.
        ca_file: PathBuf = addresses::file, example r#""corp-ca.pem""#;
        /// The user agent that Exchange's policies see. Default: credwatch/ and the version.
        user_agent: String = text(addresses::user_agent), example r#""credwatch""#;
        /// Name lookup, TCP and TLS of one connection.
        connect_timeout: Duration = duration(TIMEOUT_BOUNDS), default r#""10s""#;
    }

    /// Texts for a person on call.
    struct SupportKeys {
        /// Shown beside the verdict and in alerts.
        contact: String = text(values::prose), example r#""messaging team, +1 555 0100""#;
        vendor_support: String = text(values::prose), example r#""https://support.vendor.example""#;
        runbook: String = text(values::prose), example r#""https://wiki.contoso.com/credwatch""#;
        note: String = text(values::prose), example r#""renewals need change approval""#;
        /// Which way to follow a step is shown first: az, powershell or portal.
        shell: PreferredShell = word(), default r#""az""#;
    }

    /// Which integration a tenant is.
    struct IdentityKeys {
        /// Unique.
        name: String = text(values::name), required r#""contoso-rooms""#;
        /// Apps that act for themselves: eptura, or app-only for any other (the default).
        /// Apps that act for a person: deskpro, creatio (7.16), creatio-office365 (7.17 and later),
        /// automation-anywhere, or delegated for any other. The person signs in once:
        /// `credwatch login NAME`.
        profile: &'static Profile = text(values::profile), required r#""eptura""#;
        /// client-credentials (the app acts for itself) or refresh-token (for a person). Default: the
        /// profile's.
        grant: Grant = word(), example r#""client-credentials""#;
        /// Directory (tenant) ID or a verified domain, and Application (client) ID of the app
        /// registration.
        tenant_id: String = text(values::tenant_id), required r#""00000000-0000-0000-0000-000000000000""#;
        client_id: String = text(values::guid), required r#""00000000-0000-0000-0000-000000000000""#;
        /// The directory in which the app is registered, where that is not this one (a vendor's
        /// multi-tenant app whose secret you hold): its end dates are read there.
        home_tenant_id: String = text(values::tenant_id), example r#""00000000-0000-0000-0000-000000000000""#;
        /// The mailbox that the test call opens. Not needed with `checks = []`.
        mailbox: String = text(values::mailbox), required r#""EXAMPLE@contoso.com""#;
    }

    /// What the app signs in with. A table names at most one of them.
    struct CredentialKeys {
        /// Where the client secret is kept; one of
        ///   { env = "NAME" }                        an environment variable
        ///   { file = "PATH" }                       a file; one line end at its end does not count
        ///   { command = ["pass", "show", "x"] }     what a program prints; no shell
        ///   { credential = "ID" }                   systemd's LoadCredential=
        ///   { keyring = "NAME" }                    the desktop's keyring; needs the feature `keyring`
        secret: SecretSource = secret, required r#"{ env = "CONTOSO_SECRET" }"#;
        /// Instead of a secret, a certificate with its RSA key: PEM (one file may hold both), or
        /// { pfx = "app.pfx", password = { env = "PFX_PASSWORD" } }. A `password` opens an encrypted key
        /// of either kind; `algorithm = "RS256"` signs as older login services want it, in place of
        /// PS256.
        certificate: CertificateSource = certificate::certificate, example r#"{ file = "app.pem", key = "app.key" }"#;
        /// Or another provider's token (workload identity), which that provider keeps fresh.
        federated_token: PathBuf = certificate::federated, example r#"{ file = "/var/run/secrets/azure/tokens/azure-identity-token" }"#;
    }

    /// Which credentials are judged, and how a tenant is filtered.
    struct TenantKeys {
        /// When the credential ends: a date (00:00 UTC of that day), a time with its offset, or "never".
        secret_expires: EndDate = credential::end, example "2027-03-31";
        /// The credential that the vendor holds, if it is another one than ours: the Secret ID in the
        /// portal, or { hint = "abc" }, the first three characters of the secret.
        watch: Watch = credential::watch, example r#"{ key_id = "00000000-0000-0000-0000-000000000000" }"#;
        /// live, or dates: only end dates are judged, and no secret is needed here.
        mode: Mode = word(), example r#""live""#;
        /// For filters: `credwatch check --tag prod`.
        tags: Vec<String> = tags, example r#"["prod"]"#;
    }

    /// How a tenant acts for a person.
    struct SignInKeys {
        /// Where people sign in: tenant, organizations or common. Default: the profile's. Later requests
        /// go to the tenant's own address all the same.
        authority: Authority = word(), example r#""organizations""#;
        /// A refresh token to start from instead of `credwatch login`, kept as a secret is: one of your
        /// own, never the vendor's. It is read until a sign-in is kept, and again when it changes.
        refresh_token: SecretSource = secret, example r#"{ file = "PATH" }"#;
    }

    /// Which directories an app reads, and which of their apps are shown.
    struct DirectoryKeys {
        /// Unique, also among the tenants.
        name: String = text(values::name), required r#""contoso""#;
        /// Id or verified domain of the directory, as in the tenants …
        tenant_id: String = text(directory_values::directory_id), required r#""00000000-0000-0000-0000-000000000000""#;
        /// … or many, for a multi-tenant app: ["…", "…"], or one a line in a file.
        tenant_ids: DirectoryIds = directory_values::directory_ids, example r#"{ file = "directories.txt" }"#;
        client_id: String = text(values::guid), required r#""00000000-0000-0000-0000-000000000000""#;
        /// Only apps with such a display name; default: all.
        names: Vec<String> = list(directory_values::name_pattern), required r#"["contoso-*"]"#;
        /// Only apps of one of these owners (user principal name or object id).
        owners: Vec<String> = list(directory_values::owner), required r#"["alice@contoso.com"]"#;
        /// Only apps with one of these tags.
        tags: Vec<String> = list(directory_values::nonempty), required r#"["prod"]"#;
    }

    /// How the engine works.
    struct MonitorKeys {
        /// Checks at the same time.
        concurrency: u32 = number(1, CONCURRENCY_MOST), default "32";
        /// A failure that may pass is tried once more after this long before it counts; 0s: never.
        confirm: Duration = duration(CONFIRM_BOUNDS), default r#""5s""#;
        /// Token requests a second to one login host; 0: no limit. A host on this machine has none: it is
        /// a simulated or test cloud.
        token_rate: u32 = number(0, TOKEN_RATE_MOST), default "20";
    }

    /// How the dashboard looks.
    struct DashboardKeys {
        /// "auto" asks the terminal for its background, then is dark or light; "dark", "light",
        /// "high-contrast", "mono".
        theme: Theme = word(), default r#""auto""#;
    }

    /// When an alert is sent; a tenant may have its own.
    struct AlertRuleKeys {
        /// Days before a credential's end; 0 is the end itself.
        days: Vec<u32> = days, default "[30, 14, 7, 3, 1, 0]";
        /// After how many failed checks in a row.
        failing_after: u32 = number(1, 1000), default "2";
        /// Time after which what is still critical is sent again; 0s: never.
        remind: Duration = duration(REMIND_BOUNDS), default r#""1d""#;
        /// More changes than this within an hour are one message ("comes and goes"); 0: no limit.
        flapping: u32 = number(0, 1000), default "4";
    }

    /// When no alert is sent, and where a pass reports.
    struct AlertKeys {
        /// The hours in which alerts about end dates wait, in local time. Outages are sent at any hour.
        quiet: Quiet = text(values::quiet), example r#""22:00-07:00""#;
        /// Where each pass of `check` gives a sign of life, in the manner of healthchecks.io: /start,
        /// then the exit code with a summary. The address is a secret.
        ping: SecretSource = secret, example r#"{ env = "PING_URL" }"#;
    }

    /// Whether the desktop shows alerts.
    struct NotifyKeys {
        /// Desktop notifications over the session bus.
        desktop: bool = flag, default "true";
    }

    /// What every channel has.
    struct ChannelKeys {
        kind: &'static str = text(channel_values::kind), required r#""slack""#;
        url: Address = channel_values::address, required r#"{ env = "SLACK_URL" }"#;
        /// Unique; default: the kind.
        name: String = text(values::name), required r#""ops""#;
        /// low, normal or critical: nothing less urgent; default: low.
        least: Urgency = text(channel_values::urgency), required r#""normal""#;
        /// Only tenants with one of these tags; default: all.
        tags: Vec<String> = tags, required r#"["prod"]"#;
    }

    /// What single kinds of channels have.
    struct ChannelKindKeys {
        /// A secret: a message can be posted with the address alone.
        secret: SecretSource = secret, example r#"{ env = "NAME" }"#;
        command: Vec<String> = command_line, example r#"["program", "argument"]"#;
        sequence: Sequence = text(channel_values::sequence), example r#""auto""#;
    }

    /// What a channel for e-mail has.
    struct MailKeys {
        server: MailServer = text(channel_values::server), example r#""smtp.contoso.com:587""#;
        security: Transport = text(channel_values::transport), example r#""starttls""#;
        from: String = text(values::mailbox), example r#""credwatch@contoso.com""#;
        to: Vec<String> = channel_values::recipients, example r#"["ops@contoso.com"]"#;
        user: String = text(values::prose), example r#""credwatch""#;
    }
}
