//! Prints the table of keys as a commented config: `credwatch config example`.
//!
//! `config.example.toml` is this text; a test compares them.

use std::fmt::Write as _;

use super::{
    fields::{Key, Shown},
    keys::{
        AlertKeys, AlertRuleKeys, ChannelKeys, CheckKeys, CloudKeys, CredentialKeys, DashboardKeys,
        DirectoryKeys, ExchangeKeys, IdentityKeys, MonitorKeys, NetworkKeys, NotifyKeys, PaceKeys,
        SignInKeys, SupportKeys, TenantKeys, ThresholdKeys,
    },
};

/// Returns a commented config that shows every key with its default.
pub fn example() -> String {
    let mut out = HEAD.to_owned();
    heading(
        &mut out,
        "What holds for all tenants; each key may also stand in a tenant",
    );
    out.push_str("[defaults]\n");
    let groups = [
        PaceKeys::KEYS,
        CheckKeys::KEYS,
        ThresholdKeys::KEYS,
        CloudKeys::KEYS,
        ExchangeKeys::KEYS,
        NetworkKeys::KEYS,
        SupportKeys::KEYS,
    ];
    for (number, group) in groups.into_iter().enumerate() {
        if number > 0 {
            out.push('\n');
        }
        rows(&mut out, group);
    }
    heading(&mut out, "One entry for each integration");
    out.push_str("[[tenant]]\n");
    for group in [IdentityKeys::KEYS, CredentialKeys::KEYS, TenantKeys::KEYS] {
        rows(&mut out, group);
    }
    out.push_str(OWN_ALERTS);
    out.push_str(PERSON);
    rows(&mut out, SignInKeys::KEYS);
    heading(&mut out, "Whole directories");
    out.push_str(DIRECTORY);
    directory(&mut out);
    heading(&mut out, "How the engine works");
    out.push_str("[monitor]\n");
    rows(&mut out, MonitorKeys::KEYS);
    heading(&mut out, "How the dashboard looks");
    out.push_str("[dashboard]\n");
    rows(&mut out, DashboardKeys::KEYS);
    heading(&mut out, "When an alert is sent, and how");
    out.push_str("[alerts]\n");
    rows(&mut out, AlertRuleKeys::KEYS);
    rows(&mut out, AlertKeys::KEYS);
    out.push_str("\n[notify]\n");
    rows(&mut out, NotifyKeys::KEYS);
    out.push_str(CHANNEL);
    block(&mut out, ChannelKeys::KEYS);
    out.push_str(CHANNEL_KINDS);
    out
}

/// Writes a heading, filled up to the width of the file.
fn heading(out: &mut String, text: &str) {
    const WIDTH: usize = 99;
    let fill = "─".repeat(WIDTH.saturating_sub(text.chars().count() + 6));
    // writing to a String cannot fail
    let _ok = writeln!(out, "\n\n# ── {text} {fill}\n");
}

/// Writes rows as active lines, and as lines behind a `#` where the value is only an example.
fn rows(out: &mut String, keys: &[Key]) {
    for Key { name, about, value } in keys {
        for line in *about {
            let _ok = writeln!(out, "#{line}");
        }
        let _ok = match value {
            Shown::Default(text) | Shown::Required(text) => writeln!(out, "{name} = {text}"),
            Shown::Example(text) => writeln!(out, "#{name} = {text}"),
            Shown::Table => Ok(()),
        };
    }
}

/// Writes rows within a commented table.
fn block(out: &mut String, keys: &[Key]) {
    for Key { name, about, value } in keys {
        for line in *about {
            let _ok = writeln!(out, "#   #{line}");
        }
        let _ok = match value {
            Shown::Default(text) | Shown::Required(text) => writeln!(out, "#   {name} = {text}"),
            Shown::Example(text) => writeln!(out, "#   # {name} = {text}"),
            Shown::Table => Ok(()),
        };
    }
}

/// Writes the commented `[[directory]]`; keys that a tenant has too are not explained again.
fn directory(out: &mut String) {
    block(out, DirectoryKeys::KEYS);
    let plain = |key: &Key| Key { about: &[], ..*key };
    let plain = |group: &[Key]| group.iter().map(plain).collect::<Vec<_>>();
    out.push_str("#   # One of these, as in a tenant:\n");
    block(out, &plain(CredentialKeys::KEYS));
    out.push_str("#   # From here on as in [defaults], which counts where these say nothing:\n");
    for group in [
        ThresholdKeys::KEYS,
        CloudKeys::KEYS,
        NetworkKeys::KEYS,
        SupportKeys::KEYS,
    ] {
        block(out, &plain(group));
    }
}

const HEAD: &str = "\
# credwatch, documented config.
#
# Every key with its default. A line that begins with `#` and a key (no blank between) is a default
# or an example: take the `#` away to change it. Check the result with `credwatch config check`.
#
# It belongs in ~/.config/credwatch/config.toml, or wherever `--config` or $CREDWATCH_CONFIG points.
# No secret ever stands in here, only where it is kept.
#
# Durations read like 90s, 5m, 12h or 30d. Relative paths start at this file, ~/ is the home folder.

# Further files with [[tenant]] entries.
#include = [\"tenants.d/*.toml\"]
";

const OWN_ALERTS: &str = "\
# When alerts of this tenant are sent, where that is not as [alerts] says: any of its days,
# failing_after, remind and flapping.
#alerts = { days = [60, 30, 14, 7, 3, 1, 0], failing_after = 1 }
";

const PERSON: &str = "
# One that acts for a person: `credwatch login contoso-helpdesk`, once.
[[tenant]]
name = \"contoso-helpdesk\"
profile = \"deskpro\"
tenant_id = \"00000000-0000-0000-0000-000000000000\"
client_id = \"00000000-0000-0000-0000-000000000000\"
# The person who signs in; the test call opens the same mailbox.
mailbox = \"EXAMPLE@contoso.com\"
# Public clients, such as automation-anywhere, have none.
secret = { env = \"HELPDESK_SECRET\" }
";

const DIRECTORY: &str = "\
# An app that may read all apps of a directory (application permission Application.Read.All, admin
# consent): `credwatch expiry` lists them with their credentials, and the app asks for tenants whose own
# app cannot look at itself. As many as needed:
#
#   [[directory]]
";

const CHANNEL: &str = "
# Further channels for alerts, as many as needed:
#
#   [[notify.channel]]
";

const CHANNEL_KINDS: &str = "\
#
# Each kind has its own keys beside name, least and tags:
#
#   kind = \"webhook\"        url = {…}, secret = {…} (optional: signs the body with HMAC-SHA256)
#   kind = \"slack\"          url = {…}, a secret: a message can be posted with the address alone
#   kind = \"teams\"          url = {…} of a workflow \"when a webhook request is received\"
#   kind = \"pagerduty\"      secret = {…}, the routing key (Events API v2); url only if it is another
#   kind = \"ntfy\"           url = \"https://ntfy.sh/my-topic\" or {…}, secret = {…} (optional: a token)
#   kind = \"alertmanager\"   url = \"http://127.0.0.1:9093\" or {…}, secret = {…} (optional: a token)
#   kind = \"command\"        command = [\"program\", \"argument\"], which gets the webhook's JSON on its
#                           standard input; no shell
#   kind = \"terminal\"       sequence = \"auto\" (default), \"osc9\", \"osc777\", \"osc99\" or \"bell\": for people
#                           on SSH, while the dashboard runs; through tmux with allow-passthrough on
#   kind = \"email\"          server = \"smtp.contoso.com:587\", from = \"…\", to = [\"…\"],
#                           security = \"starttls\" (default), \"tls\", or \"none\" on this machine,
#                           user = \"…\" and secret = {…}, the password, where the server wants them
";
