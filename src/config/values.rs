//! Parses single values: from the text of a value to its meaning, or to a fault. Pure.

use std::{str::FromStr, time::Duration};

use chrono::TimeDelta;
use strum::{EnumString, VariantNames};

use crate::{
    alert::Quiet,
    cloud::{CLOUDS, Cloud},
    profile::{PROFILES, Profile},
    text,
};

use super::{
    problem::{Fault, quoted},
    suggest::not_one_of,
};

/// The shortest and the longest duration that a key takes.
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

/// How a tenant gets its tokens: the key `grant`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, VariantNames)]
#[strum(serialize_all = "kebab-case")]
pub(super) enum Grant {
    /// The app acts for itself.
    ClientCredentials,
    /// The app acts for a person who signed in once.
    RefreshToken,
}

/// Whether the directory is asked for end dates: the key `directory`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, VariantNames)]
#[strum(serialize_all = "kebab-case")]
pub(super) enum DirectoryLookup {
    /// The app asks about its own registration.
    Own,
    /// The directory is not asked.
    Off,
}

/// Returns the value of an enum that its word names.
pub(super) fn one_of<T: FromStr + VariantNames>(text: &str) -> Result<T, Fault> {
    text.parse()
        .map_err(|_unknown| not_one_of(text, T::VARIANTS))
}

pub(super) fn cloud(id: &str) -> Result<&'static Cloud, Fault> {
    Cloud::by_id(id).ok_or_else(|| {
        let words: Vec<_> = CLOUDS.iter().map(|cloud| cloud.id).collect();
        not_one_of(id, &words)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tenant::Authority;

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
    fn an_unknown_word_is_answered_with_the_known_ones() {
        let fault = profile("epturra").unwrap_err();
        assert!(
            fault
                .what
                .starts_with("'epturra' is none of 'app-only', 'eptura', 'deskpro'")
        );
        assert_eq!(fault.hint.as_deref(), Some("did you mean 'eptura'?"));
        assert_eq!(one_of("refresh-token"), Ok(Grant::RefreshToken));
        assert_eq!(
            what(one_of::<Grant>("password")),
            "'password' is none of 'client-credentials', 'refresh-token'"
        );
        assert_eq!(
            what(one_of::<Authority>("consumers")),
            "'consumers' is none of 'tenant', 'organizations', 'common'"
        );
    }
}
