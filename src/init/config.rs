//! The first config, as text.

use std::fmt::Write as _;

use super::{EXAMPLE_ID, EXAMPLE_MAILBOX, Plan};
use crate::{cloud::WORLDWIDE, tenant::SecretSource};

/// Returns the lines of one tenant.
pub fn tenant(plan: &Plan) -> String {
    let mut out = format!("# {}\n[[tenant]]\n", heading(plan));
    let mut set = |key: &str, value: &str| {
        // writing to a String cannot fail
        writeln!(out, "{key} = {value}").ok();
    };
    set("name", &quoted(&plan.name));
    set("profile", &quoted(plan.profile.id));
    if plan.cloud.id != WORLDWIDE.id {
        set("cloud", &quoted(plan.cloud.id));
    }
    let id = |known: &Option<String>, what: &str| match known {
        Some(id) => quoted(id),
        None => format!("{}  # an example: put the {what} here", quoted(EXAMPLE_ID)),
    };
    set("tenant_id", &id(&plan.tenant_id, "Directory (tenant) ID"));
    set("client_id", &id(&plan.client_id, "Application (client) ID"));
    match (&plan.mailbox, plan.dates) {
        (Some(mailbox), _) => set("mailbox", &quoted(mailbox)),
        (None, true) => {}
        (None, false) => set(
            "mailbox",
            &format!(
                "{}  # an example: put the mailbox here",
                quoted(EXAMPLE_MAILBOX)
            ),
        ),
    }
    if plan.dates {
        set(
            "mode",
            "\"dates\"  # only end dates are judged; nobody signs in",
        );
    }
    if let Some(source) = plan.secret_source() {
        set("secret", &source_table(&source));
    }
    match &plan.secret_expires {
        Some(never) if never.eq_ignore_ascii_case("never") => set("secret_expires", "\"never\""),
        Some(date) => set("secret_expires", date),
        None if plan.dates => {
            out.push_str("#secret_expires = 2027-03-31  # until then the end is unknown\n");
        }
        None => {}
    }
    out
}

fn heading(plan: &Plan) -> String {
    let profile = plan.profile;
    match profile.guide.about {
        Some(about) => format!("{}, by its guide ({about}).", profile.product),
        None if profile.delegated.is_some() => "An integration that acts for a person.".to_owned(),
        None => "An integration that signs in as an app.".to_owned(),
    }
}

fn source_table(source: &SecretSource) -> String {
    match source {
        SecretSource::Env(name) => format!("{{ env = {} }}", quoted(name)),
        SecretSource::File(path) => format!("{{ file = {} }}", quoted(&path.to_string_lossy())),
        SecretSource::Credential(id) => format!("{{ credential = {} }}", quoted(id)),
        SecretSource::Keyring(name) => format!("{{ keyring = {} }}", quoted(name)),
        SecretSource::Command(line) => {
            let words: Vec<_> = line.iter().map(|word| quoted(word)).collect();
            format!("{{ command = [{}] }}", words.join(", "))
        }
    }
}

/// A basic string of TOML: always between double quotes, as the examples are.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => {
                write!(out, "\\u{:04X}", u32::from(c)).ok();
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
