//! Values typed at a prompt or as a flag, under the rules of the config's keys.

use std::time::Duration;

use super::{credential, problem::Fault, values};

/// Returns what is wrong with a value for a key of a tenant. A key without a rule here takes anything.
pub fn check_value(key: &str, value: &str) -> Result<(), String> {
    let checked = match key {
        "name" => values::name(value).map(drop),
        "tenant_id" => values::tenant_id(value).map(drop),
        "client_id" => values::guid(value).map(drop),
        "mailbox" => values::mailbox(value).map(drop),
        "secret_expires" => credential::end_text(value).map(drop),
        _ => Ok(()),
    };
    checked.map_err(on_one_line)
}

/// Returns the duration of a flag's value, such as `90s` or `30d`.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    let unlimited = values::Bounds {
        least: Duration::ZERO,
        most: Duration::MAX,
    };
    values::duration(text, unlimited).map_err(on_one_line)
}

fn on_one_line(fault: Fault) -> String {
    match fault.hint {
        Some(hint) => format!("{}; {hint}", fault.what),
        None => fault.what,
    }
}
