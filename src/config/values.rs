//! What single values mean: pure, from the text of a value to what is meant, or what is wrong.

use std::time::Duration;

use chrono::TimeDelta;

use crate::{
    alert::Quiet,
    cloud::{CLOUDS, Cloud},
    profile::{PROFILES, Profile},
    tenant::{Authority, Folder, Mode},
    text,
};

use super::{
    credential,
    fields::nearest,
    problem::{Fault, quoted},
};

/// How far a duration may go.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    pub(super) least: Duration,
    pub(super) most: Duration,
}

/// Most characters in a name or a tag.
pub(super) const WORD: usize = 128;

/// Most characters in a text for people.
pub(super) const PROSE: usize = 2000;

pub(super) fn duration(text: &str, bounds: Bounds) -> Result<Duration, Fault> {
    let found = humantime::parse_duration(text.trim()).map_err(|_unreadable| {
        Fault::new(format!("{} is not a duration", quoted(text)))
            .hint("write it like `90s`, `5m`, `12h` or `30d`")
    })?;
    let Bounds { least, most } = bounds;
    let limit = if found < least {
        format!("at least {}", spelled(least))
    } else if found > most {
        format!("at most {}", spelled(most))
    } else {
        return Ok(found);
    };
    Err(Fault::new(format!(
        "must be {limit}, not {}",
        quoted(text.trim())
    )))
}

/// Writes a duration as a config would, days being the largest unit.
pub(super) fn spelled(duration: Duration) -> String {
    const DAY: u64 = 24 * 60 * 60;
    let seconds = duration.as_secs();
    if duration.subsec_nanos() == 0 && seconds >= DAY && seconds.is_multiple_of(DAY) {
        return format!("{}d", seconds / DAY);
    }
    humantime::format_duration(duration).to_string()
}

pub(super) fn delta(duration: Duration) -> TimeDelta {
    // no bounded duration is that long; the longest span stands in for one
    TimeDelta::from_std(duration).unwrap_or(TimeDelta::MAX)
}

pub(super) fn quiet(text: &str) -> Result<Quiet, Fault> {
    text.parse().map_err(|not_quiet| {
        Fault::new(format!("{} is {not_quiet}", quoted(text)))
            .hint("write two times of day in local time: \"22:00-07:00\"")
    })
}

pub(super) fn name(text: &str) -> Result<String, Fault> {
    if text.trim().is_empty() {
        return Err(Fault::new("is empty").hint("give the tenant a name of its own"));
    }
    if text.trim() != text || text.chars().any(text::is_hostile) {
        return Err(Fault::new(format!(
            "{} begins or ends with white space, or holds control characters",
            quoted(text)
        )));
    }
    at_most(text, WORD).map(str::to_owned)
}

/// Says what is wrong with a value that is meant for a key of a tenant: for what is typed elsewhere
/// than in a file. A key that it does not know takes anything.
pub fn check_value(key: &str, value: &str) -> Result<(), String> {
    let checked = match key {
        "name" => name(value).map(drop),
        "tenant_id" => tenant_id(value).map(drop),
        "client_id" => guid(value).map(drop),
        "mailbox" => mailbox(value).map(drop),
        "secret_expires" => credential::end_text(value).map(drop),
        _ => Ok(()),
    };
    checked.map_err(|fault| match fault.hint {
        Some(hint) => format!("{}; {hint}", fault.what),
        None => fault.what,
    })
}

pub(super) fn tag(text: &str) -> Result<String, Fault> {
    let odd = |c: char| c.is_whitespace() || c == ',' || text::is_hostile(c);
    if text.is_empty() || text.contains(odd) {
        return Err(Fault::new(format!("{} is not a tag", quoted(text)))
            .hint("a tag is one word without commas, such as \"prod\""));
    }
    at_most(text, WORD).map(str::to_owned)
}

/// Returns a text for people on one line.
pub(super) fn prose(text: &str) -> Result<String, Fault> {
    at_most(text, PROSE).map(text::line)
}

pub(super) fn at_most(text: &str, limit: usize) -> Result<&str, Fault> {
    let length = text.chars().count();
    if length <= limit {
        return Ok(text);
    }
    Err(Fault::new(format!(
        "has {length} characters, {limit} are the most"
    )))
}

/// Returns whether a text is a GUID as the portal writes one.
pub(super) fn is_guid(text: &str) -> bool {
    text.len() == 36 && uuid::Uuid::try_parse(text).is_ok()
}

pub(super) fn guid(text: &str) -> Result<String, Fault> {
    if is_guid(text) {
        return Ok(text.to_owned());
    }
    Err(Fault::new(format!("{} is not a GUID", quoted(text)))
        .hint("copy it from the portal: 8-4-4-4-12 hexadecimal digits, without braces"))
}

pub(super) fn tenant_id(text: &str) -> Result<String, Fault> {
    if is_guid(text) || is_domain(text) || is_any_directory(text) {
        return Ok(text.to_owned());
    }
    Err(
        Fault::new(format!("{} is neither a GUID nor a domain", quoted(text)))
            .hint("use the Directory (tenant) ID of the app registration's overview page"),
    )
}

/// Returns whether a tenant id names no directory of its own.
pub(super) fn is_any_directory(tenant_id: &str) -> bool {
    matches!(tenant_id, "organizations" | "common")
}

/// Returns whether a value still is what an example put there.
pub(super) fn is_example(value: &str) -> bool {
    value.starts_with("00000000-0000-0000-0000-") || value.contains("EXAMPLE")
}

fn is_domain(text: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
    };
    text.len() <= 253 && text.contains('.') && text.split('.').all(label)
}

pub(super) fn mailbox(text: &str) -> Result<String, Fault> {
    let fine = |c: char| c.is_alphanumeric() || ".!#$%&'*+/=?^_`{|}~-".contains(c);
    let address = text.rsplit_once('@').is_some_and(|(local, domain)| {
        !local.is_empty() && local.len() <= 64 && local.chars().all(fine) && is_domain(domain)
    });
    if address {
        return Ok(text.to_owned());
    }
    Err(
        Fault::new(format!("{} is not an SMTP address", quoted(text)))
            .hint("write the primary address, such as \"room-101@contoso.com\""),
    )
}

pub(super) fn profile(id: &str) -> Result<&'static Profile, Fault> {
    Profile::by_id(id).ok_or_else(|| {
        let words: Vec<_> = PROFILES.iter().map(|profile| profile.id).collect();
        not_one_of(id, &words)
    })
}

/// How a tenant gets its tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Grant {
    /// The app acts for itself.
    ClientCredentials,
    /// It acts for a person who signed in once.
    RefreshToken,
}

pub(super) fn grant(id: &str) -> Result<Grant, Fault> {
    match id {
        "client-credentials" => Ok(Grant::ClientCredentials),
        "refresh-token" => Ok(Grant::RefreshToken),
        _ => Err(not_one_of(id, &["client-credentials", "refresh-token"])),
    }
}

pub(super) fn authority(id: &str) -> Result<Authority, Fault> {
    let known = [
        Authority::Tenant,
        Authority::Organizations,
        Authority::Common,
    ];
    known
        .into_iter()
        .find(|authority| authority.id() == id)
        .ok_or_else(|| not_one_of(id, &known.map(Authority::id)))
}

pub(super) fn cloud(id: &str) -> Result<&'static Cloud, Fault> {
    Cloud::by_id(id).ok_or_else(|| {
        let words: Vec<_> = CLOUDS.iter().map(|cloud| cloud.id).collect();
        not_one_of(id, &words)
    })
}

pub(super) fn folder(id: &str) -> Result<Folder, Fault> {
    [Folder::Inbox, Folder::Calendar]
        .into_iter()
        .find(|folder| folder.id() == id)
        .ok_or_else(|| not_one_of(id, &["inbox", "calendar"]))
}

pub(super) fn mode(id: &str) -> Result<Mode, Fault> {
    match id {
        "live" => Ok(Mode::Live),
        "dates" => Ok(Mode::Dates),
        _ => Err(not_one_of(id, &["live", "dates"])),
    }
}

/// Returns whether the directory is asked for end dates.
pub(super) fn directory(id: &str) -> Result<bool, Fault> {
    match id {
        "own" => Ok(true),
        "off" => Ok(false),
        _ => Err(not_one_of(id, &["own", "off"])),
    }
}

pub(super) fn not_one_of(typed: &str, words: &[&str]) -> Fault {
    let list: Vec<_> = words.iter().map(|word| format!("'{word}'")).collect();
    let what = match list.as_slice() {
        [only] => format!("{} must be {only}", quoted(typed)),
        _ => format!("{} is none of {}", quoted(typed), list.join(", ")),
    };
    match nearest(typed, words) {
        Some(near) => Fault::new(what).hint(format!("did you mean '{near}'?")),
        None => Fault::new(what).hint("`credwatch config example` shows where each one belongs"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn what<T: std::fmt::Debug>(result: Result<T, Fault>) -> String {
        result.unwrap_err().what
    }

    #[test]
    fn durations_read_like_words_and_keep_their_bounds() {
        let bounds = Bounds {
            least: Duration::from_mins(1),
            most: Duration::from_hours(48),
        };
        assert_eq!(duration("90s", bounds).unwrap().as_secs(), 90);
        assert_eq!(duration(" 1h 30m ", bounds).unwrap().as_secs(), 5400);
        assert_eq!(
            what(duration("10s", bounds)),
            "must be at least 1m, not '10s'"
        );
        assert_eq!(what(duration("3d", bounds)), "must be at most 2d, not '3d'");
        for bad in ["", "15", "soon", "-5m", "1e99d", "99999999999999999999d"] {
            assert!(
                what(duration(bad, bounds)).ends_with("is not a duration"),
                "{bad}"
            );
        }
    }

    #[test]
    fn durations_are_spelled_with_days_at_most() {
        for (seconds, text) in [
            (90, "1m 30s"),
            (86400, "1d"),
            (30 * 86400, "30d"),
            (0, "0s"),
        ] {
            assert_eq!(spelled(Duration::from_secs(seconds)), text);
        }
    }

    #[test]
    fn a_directory_is_a_guid_or_a_domain() {
        for good in [
            "11111111-2222-3333-4444-555555555555",
            "contoso.com",
            "contoso.onmicrosoft.com",
            "organizations",
            "common",
        ] {
            assert!(tenant_id(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "contoso",
            "consumers",
            "{11111111-2222-3333-4444-555555555555}",
            "11111111222233334444555555555555",
            "contoso .com",
            "../common",
            "contoso..com",
            "-a.com",
        ] {
            assert!(tenant_id(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_mailbox_is_an_smtp_address() {
        for good in [
            "room-101@contoso.com",
            "o'neil+x@a.b.example",
            "jörg@müller.de",
        ] {
            assert!(mailbox(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "room",
            "@a.b",
            "a@b",
            "a b@c.d",
            "a@b.c>",
            "SMTP:a@b.c",
            "a@b@c.d",
        ] {
            assert!(mailbox(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_wrong_word_is_told_which_ones_there_are() {
        let fault = profile("epturra").unwrap_err();
        assert!(
            fault
                .what
                .starts_with("'epturra' is none of 'app-only', 'eptura', 'deskpro'")
        );
        assert_eq!(fault.hint.as_deref(), Some("did you mean 'eptura'?"));
        assert_eq!(grant("refresh-token").unwrap(), Grant::RefreshToken);
        assert_eq!(
            what(grant("password")),
            "'password' is none of 'client-credentials', 'refresh-token'"
        );
        assert_eq!(
            what(authority("consumers")),
            "'consumers' is none of 'tenant', 'organizations', 'common'"
        );
    }
}
