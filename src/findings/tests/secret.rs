//! The secret that counts.

use super::*;

#[test]
fn the_secret_that_counts_is_the_watched_one_else_ours_else_the_last_to_end() {
    let eptura = Profile::by_id("eptura").unwrap();
    let ours = |days: i64, hint: &str| Registered {
        hint: Some(hint.into()),
        ..secret(days)
    };
    let mut reading = right(eptura);
    let registration = reading.registration.as_mut().unwrap();
    registration.credentials = vec![ours(-3, "old"), ours(200, "new"), ours(9, "now")];
    let is_met = |tenant: &Tenant, reading: &Reading| {
        let verdict = verdict(&check(tenant, &seen(reading)), "client secret");
        matches!(verdict, Verdict::Met(_))
    };
    let mut tenant = tenant(eptura);
    assert!(is_met(&tenant, &reading), "one lives on");
    reading.hint = Some("now".into());
    assert!(!is_met(&tenant, &reading), "ours ends within the warning");
    tenant.watch = Some(Watch::KeyId("KEY 200".into()));
    assert!(is_met(&tenant, &reading), "the watched one lives on");
    tenant.watch = Some(Watch::Hint("old".into()));
    assert!(!is_met(&tenant, &reading), "the watched one has ended");
}

#[test]
fn no_other_secret_stands_in_for_the_one_that_counts() {
    let eptura = Profile::by_id("eptura").unwrap();
    let begins = |days: i64, hint: Option<&str>| Registered {
        hint: hint.map(str::to_owned),
        ..secret(days)
    };
    let of = |credentials: Vec<Registered>, gap: Option<&str>| {
        let mut reading = right(eptura);
        reading.hint = Some("now".into());
        let registration = reading.registration.as_mut().unwrap();
        registration.credentials = credentials;
        registration.gap = gap.map(str::to_owned);
        reading
    };
    let judged = |tenant: &Tenant, reading: &Reading| {
        verdict(&check(tenant, &seen(reading)), "client secret")
    };
    let mut tenant = tenant(eptura);
    let other = || begins(300, Some("old"));
    let lacking = judged(&tenant, &of(vec![other()], None));
    assert!(
        matches!(&lacking, Verdict::Unmet { found, .. } if found.contains("begins with 'now'")),
        "{lacking:?}"
    );
    for hidden in [
        of(vec![other()], Some("its enterprise app: HTTP 503")),
        of(vec![other(), begins(300, None)], None),
    ] {
        let unseen = judged(&tenant, &hidden);
        assert!(matches!(unseen, Verdict::Unseen(_)), "{unseen:?}");
    }
    let alike = of(vec![begins(300, Some("now")), begins(9, Some("now"))], None);
    let soonest = judged(&tenant, &alike);
    assert!(
        matches!(&soonest, Verdict::Unmet { found, .. } if found.contains("in 9d")),
        "{soonest:?}"
    );
    tenant.watch = Some(Watch::KeyId("of nobody".into()));
    let gone = judged(&tenant, &alike);
    assert!(
        matches!(&gone, Verdict::Unmet { found, .. } if found.contains("`watch`")),
        "{gone:?}"
    );
}
