use super::*;
use crate::tenant::Mode;
use crate::{
    monitor::testing,
    profile::{Authority, Profile},
    registration::Reading,
    tenant::Delegation,
    verdict::Expiry,
};

const OURS: &str = "abc";

fn now() -> DateTime<Utc> {
    "2026-11-21T10:00:00Z".parse().unwrap()
}

fn in_days(days: i64) -> EndDate {
    EndDate::At(now() + TimeDelta::days(days))
}

/// A secret with that key id and hint (none where it is empty) that ends in so many days.
fn secret(key: &str, hint: &str, days: i64) -> Registered {
    Registered {
        kind: Kind::Secret,
        key_id: Some(key.into()),
        name: None,
        hint: (!hint.is_empty()).then(|| hint.into()),
        thumbprint: None,
        starts_at: None,
        end: Some(in_days(days)),
    }
}

fn told(reading: &Reading) -> Known<'_> {
    Known {
        reading: Some(reading),
        ..Known::default()
    }
}

fn reading(credentials: Vec<Registered>) -> Reading {
    let mut reading = Reading::default();
    reading.take(Registration {
        read_at: now() - TimeDelta::hours(1),
        read_with: Some(OURS.into()),
        credentials,
        setup: crate::registration::Setup::default(),
        gap: None,
    });
    reading
}

fn tenant(watch: Option<Watch>, end: Option<EndDate>) -> Tenant {
    Tenant {
        watch,
        configured_end: end,
        ..Tenant::clone(&testing::tenant("contoso-rooms"))
    }
}

/// Key id (`-` for none), presented, watched, state.
type Line<'a> = (&'a str, Role, Role, Expiry);

fn lines(list: &[CredentialReport]) -> Vec<Line<'_>> {
    let mut lines = Vec::new();
    for one in list {
        let key = one.key_id.as_deref().unwrap_or("-");
        lines.push((key, one.presented, one.watched, one.state));
    }
    lines
}

const YES: Role = Some(true);
const NO: Role = Some(false);

/// What it is about, `watch`, what is listed, what is reported.
type Case = (
    &'static str,
    Option<Watch>,
    Vec<Registered>,
    Vec<Line<'static>>,
);

fn cases_without_watch() -> Vec<Case> {
    use Expiry::{Expired, Ok, Unknown, Warning};
    let (far, old) = (|| secret("1", OURS, 300), || secret("2", "old", -9));
    let twin = secret("3", OURS, 20);
    let (ended, bare) = (secret("5", OURS, -9), secret("6", "", 100));
    vec![
        (
            "ours, and one that ended long ago",
            None,
            vec![old(), far()],
            vec![("1", YES, YES, Ok), ("2", NO, NO, Expired)],
        ),
        (
            "two that begin alike",
            None,
            vec![far(), twin],
            vec![("3", None, None, Warning), ("1", None, None, Ok)],
        ),
        (
            "two that begin alike, of which one had ended when the other read this",
            None,
            vec![ended, far()],
            vec![("1", YES, YES, Ok), ("5", NO, NO, Expired)],
        ),
        (
            "ours is not listed",
            None,
            vec![old()],
            vec![("-", YES, YES, Unknown), ("2", NO, NO, Expired)],
        ),
        (
            "ours may be the one without a hint",
            None,
            vec![old(), bare],
            vec![("6", None, None, Ok), ("2", NO, NO, Expired)],
        ),
    ]
}

fn cases_of_the_vendors() -> Vec<Case> {
    use Expiry::{Critical, Expired, Ok, Unknown};
    let key = |id: &str| Some(Watch::KeyId(id.into()));
    let hint = |hint: &str| Some(Watch::Hint(hint.into()));
    let (far, old) = (|| secret("1", OURS, 300), secret("2", "old", -9));
    let soon = || secret("4", "ven", 2);
    vec![
        (
            "the vendor's, by key id in any case",
            key("4"),
            vec![far(), soon()],
            vec![("4", NO, YES, Critical), ("1", YES, NO, Ok)],
        ),
        (
            "the vendor's, by hint",
            hint("ven"),
            vec![soon(), old],
            vec![("4", NO, YES, Critical), ("2", NO, NO, Expired)],
        ),
        (
            "the vendor's is gone",
            key("9"),
            vec![far()],
            vec![("9", NO, YES, Unknown), ("1", YES, NO, Ok)],
        ),
        (
            "nothing is listed",
            None,
            vec![],
            vec![("-", YES, YES, Unknown)],
        ),
    ]
}

#[test]
fn which_credential_counts_is_told_by_hint_and_watch_and_never_guessed() {
    let cases = [cases_without_watch(), cases_of_the_vendors()].concat();
    for (what, watch, listed, expected) in cases {
        let list = list(
            &tenant(watch, None),
            Some(OURS),
            told(&reading(listed)),
            now(),
        );
        assert_eq!(lines(&list), expected, "{what}");
        for one in list.iter().filter(|one| one.state == Expiry::Unknown) {
            assert!(one.note.as_ref().unwrap().contains(TELL_US), "{what}");
        }
    }
}

#[test]
fn without_a_hint_of_ours_every_secret_may_be_it() {
    let reading = reading(vec![secret("1", "old", -9), secret("2", "new", 90)]);
    let list = list(&tenant(None, None), None, told(&reading), now());
    let maybe = |key, state| (key, None, None, state);
    assert_eq!(
        lines(&list),
        [maybe("1", Expiry::Expired), maybe("2", Expiry::Ok)]
    );
}

#[test]
fn the_directory_stands_above_the_config_and_the_config_fills_in() {
    let end = Some(in_days(300));
    let noted = |credentials, end| {
        let list = list(
            &tenant(None, end),
            Some(OURS),
            told(&reading(credentials)),
            now(),
        );
        let first = list.into_iter().next().unwrap();
        (first.source, first.state, first.note.unwrap_or_default())
    };
    let (source, state, note) = noted(vec![secret("1", OURS, 300)], end);
    assert_eq!(
        (source, state, note.as_str()),
        (DateSource::Directory, Expiry::Ok, "")
    );
    let (source, state, note) = noted(vec![secret("1", OURS, 2)], end);
    assert_eq!((source, state), (DateSource::Directory, Expiry::Critical));
    assert!(note.contains("2027-09-17"), "{note}");
    let (source, state, note) = noted(vec![secret("2", "old", -9)], end);
    assert_eq!((source, state), (DateSource::Config, Expiry::Ok));
    assert!(note.contains("does not list"), "{note}");
    let mut open = secret("1", OURS, 0);
    open.end = None;
    let (source, state, note) = noted(vec![open.clone()], end);
    assert_eq!((source, state), (DateSource::Config, Expiry::Ok));
    assert!(note.contains("no end date"), "{note}");
    assert_eq!(noted(vec![open], None).1, Expiry::Unknown);
}

#[test]
fn a_refusal_is_told_with_its_reason_and_changes_no_known_end() {
    let mut refused = Reading::default();
    refused.refuse("403".into(), TimeDelta::zero(), now());
    for (end, state) in [(None, Expiry::Unknown), (Some(in_days(300)), Expiry::Ok)] {
        let list = list(&tenant(None, end), Some(OURS), told(&refused), now());
        assert_eq!(list.first().map(|one| one.state), Some(state));
        assert!(list[0].note.as_ref().unwrap().contains("403"));
    }
    let mut later = reading(vec![secret("1", OURS, 300)]);
    later.refuse("403".into(), TimeDelta::zero(), now());
    let list = list(&tenant(None, None), Some(OURS), told(&later), now());
    assert_eq!(
        list[0].note.as_deref(),
        Some("read 1h ago; since then: 403")
    );
    assert_eq!(list[0].state, Expiry::Ok);
}

#[test]
fn a_list_with_a_gap_says_so_where_that_matters() {
    let mut partial = reading(vec![secret("2", "old", -9)]);
    let gap = Some("its enterprise app: it is throttling".to_owned());
    partial.registration.as_mut().unwrap().gap = gap;
    let list = list(&tenant(None, None), Some(OURS), told(&partial), now());
    assert_eq!(list[0].state, Expiry::Unknown);
    assert!(list[0].note.as_ref().unwrap().contains("throttling"));
}

/// A tenant of which nobody here holds a secret.
fn dated(end: Option<EndDate>) -> Tenant {
    Tenant {
        credential: Credential::None,
        mode: Mode::Dates,
        ..tenant(None, end)
    }
}

#[test]
fn where_nobody_here_holds_the_secret_any_that_is_listed_may_be_the_integrations() {
    let ended = vec![secret("1", "old", -9), secret("2", "", -40)];
    // a date in the config is no comfort where all that is listed has ended
    for end in [None, Some(in_days(300))] {
        let list = list(&dated(end), None, told(&reading(ended.clone())), now());
        assert_eq!(
            lines(&list),
            [
                ("2", NO, None, Expiry::Expired),
                ("1", NO, None, Expiry::Expired)
            ]
        );
        let notes =
            |one: &CredentialReport| one.note.as_ref().is_some_and(|it| it.contains("watch"));
        assert!(list.iter().all(notes), "{list:?}");
    }
    let left = vec![secret("1", "old", -9), secret("2", "new", 300)];
    let list_of = |credentials| {
        let reading = reading(credentials);
        list(&dated(Some(in_days(300))), None, told(&reading), now())
    };
    assert_eq!(
        lines(&list_of(left)),
        [("2", NO, YES, Expiry::Ok), ("1", NO, NO, Expiry::Expired)],
        "the one that ends when the config says"
    );
    let list = list_of(Vec::new());
    assert_eq!(lines(&list), [("-", NO, YES, Expiry::Ok)]);
    let note = list[0].note.as_ref().unwrap();
    assert!(note.contains("the integration's secret"), "{note}");
}

#[test]
fn only_a_client_that_can_have_none_is_without_a_secret_that_ends() {
    for (profile, has_one) in [
        ("deskpro", true),
        ("creatio", true),
        ("automation-anywhere", false),
    ] {
        let tenant = Tenant {
            profile: Profile::by_id(profile).unwrap(),
            delegation: Some(Delegation {
                authority: Authority::Tenant,
                start: None,
            }),
            ..dated(Some(in_days(2)))
        };
        let list_of = |tenant: &Tenant| list(tenant, None, Known::default(), now());
        let expected = if has_one {
            vec![("-", NO, YES, Expiry::Critical)]
        } else {
            Vec::new()
        };
        assert_eq!(lines(&list_of(&tenant)), expected, "{profile}");
    }
    // a check of the dates alone sees the same as one that signs in
    for mode in [Mode::Live, Mode::Dates] {
        let either = Tenant {
            profile: Profile::by_id("delegated").unwrap(),
            delegation: Some(Delegation {
                authority: Authority::Tenant,
                start: None,
            }),
            mode,
            ..dated(None)
        };
        assert_eq!(list(&either, None, Known::default(), now()).len(), 0);
    }
}
