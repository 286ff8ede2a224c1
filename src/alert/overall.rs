//! What was already told about the fleet as a whole and about this machine, and what one more look at
//! everything adds to it.

use std::collections::BTreeMap;

use chrono::{DateTime, FixedOffset, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::{
    Alert, Crowds, Kind, Urgency, machine,
    shared::share,
    words::{clock, counted, days_of, names, span},
};
use crate::{
    tenant::TenantName,
    verdict::{EWS_ENDS_AT, Live, Report, cause::Cause},
};

/// credwatch counts as blind once no tenant could be judged for this long.
const BLIND_AFTER: TimeDelta = TimeDelta::minutes(10);

/// Days before the end of EWS at which an alert is due, largest first. The first comes half a year
/// before, because a change of product takes time.
const RETIREMENT: [u32; 8] = [180, 90, 60, 30, 14, 7, 1, 0];

/// The end of EWS is urgent from this many days before it.
const PRESSING: u32 = 14;

/// What was already told about all tenants together.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Overall {
    offline_since: Option<DateTime<Utc>>,
    blind: Option<Blind>,
    /// The tightest threshold before the end of EWS that was told, in days.
    retirement: Option<u32>,
    /// Who fails together.
    crowds: Crowds,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Blind {
    since: DateTime<Utc>,
    told: bool,
}

/// One look at everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Survey {
    /// Whether no address at all answers.
    pub offline: bool,
    /// Whether this was all there is to look at, and each had its first check.
    pub complete: bool,
    tenants: usize,
    /// Why nothing could be told, if so: how many tenants had which cause.
    unseen: BTreeMap<Cause, usize>,
    sighted: bool,
    ends: Ends,
}

/// The tenants that still use EWS, and for how many the same call works over Graph.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Ends {
    names: Vec<String>,
    works: usize,
    fails: usize,
}

impl Survey {
    /// Looks at the latest report of every tenant.
    pub fn of<'r>(
        reports: impl IntoIterator<Item = &'r Report>,
        offline: bool,
        complete: bool,
    ) -> Self {
        let mut survey = Self {
            offline,
            complete,
            ..Self::default()
        };
        let mut own_message = false;
        for report in reports {
            survey.tenants += 1;
            match (report.live, &report.diagnosis) {
                (Some(Live::Ok | Live::Failing), _) => survey.sighted = true,
                (Some(Live::Unknown), Some(diagnosis)) => {
                    *survey.unseen.entry(diagnosis.cause).or_default() += 1;
                    own_message = !diagnosis.transient;
                }
                (Some(Live::Unknown), None) | (None, _) => {}
            }
            survey.ends.take(report);
        }
        // of a single tenant that cannot be tried for good, its own message says it all
        survey.sighted |= survey.unseen.values().sum::<usize>() == 1 && own_message;
        survey
    }

    /// Whether there was something to tell, and nothing could be.
    fn is_blind(&self) -> bool {
        !self.sighted && !self.unseen.is_empty()
    }
}

impl Ends {
    fn take(&mut self, report: &Report) {
        let Some(retirement) = &report.retirement else {
            return;
        };
        self.names.push(report.name.to_string());
        match retirement.graph_works {
            Some(true) => self.works += 1,
            Some(false) => self.fails += 1,
            None => {}
        }
    }
}

impl Overall {
    /// Takes in one look at everything and returns what has become due by it.
    pub fn update(&mut self, survey: &Survey, now: DateTime<FixedOffset>) -> Vec<Alert> {
        let mut due: Vec<Alert> = self.offline(survey, now).into_iter().collect();
        if !survey.offline {
            due.extend(self.blind(survey, now));
            if survey.complete {
                due.extend(self.retirement(&survey.ends, now));
            }
        }
        due
    }

    /// Puts what many tenants have in common into one message.
    pub fn gather(
        &mut self,
        due: Vec<Alert>,
        fleet: usize,
        now: DateTime<FixedOffset>,
    ) -> Vec<Alert> {
        self.crowds.gather(share(due), fleet, now)
    }

    /// Returns who is counted among those that have something in common.
    pub fn crowded(&self) -> impl Iterator<Item = &TenantName> {
        self.crowds.members()
    }

    /// Forgets tenants that are no longer watched.
    pub fn leave(&mut self, gone: impl Fn(&TenantName) -> bool) {
        self.crowds.leave(gone);
    }

    fn offline(&mut self, survey: &Survey, now: DateTime<FixedOffset>) -> Option<Alert> {
        match (self.offline_since, survey.offline) {
            (None, true) => {
                self.offline_since = Some(now.to_utc());
                Some(offline(now.to_utc(), survey.tenants, now))
            }
            (Some(since), false) => {
                self.offline_since = None;
                Some(online(since, now))
            }
            (None, false) | (Some(_), true) => None,
        }
    }

    fn blind(&mut self, survey: &Survey, now: DateTime<FixedOffset>) -> Option<Alert> {
        if !survey.is_blind() {
            let over = self.blind.take_if(|_| survey.sighted);
            return over
                .filter(|blind| blind.told)
                .map(|blind| sighted(blind.since, now));
        }
        let start = Blind {
            since: now.to_utc(),
            told: false,
        };
        let blind = self.blind.get_or_insert(start);
        // after the clock was set back it begins anew
        blind.since = blind.since.min(now.to_utc());
        if blind.told || now.to_utc() - blind.since < BLIND_AFTER {
            return None;
        }
        blind.told = true;
        Some(cannot_see(survey, blind.since, now))
    }

    fn retirement(&mut self, ends: &Ends, now: DateTime<FixedOffset>) -> Option<Alert> {
        let ends_at: NaiveDate = EWS_ENDS_AT.parse().ok()?;
        let left = ends_at.and_hms_opt(0, 0, 0)?.and_utc() - now.to_utc();
        let crossed = RETIREMENT
            .into_iter()
            .filter(|days| left <= days_of(*days))
            .min()?;
        if ends.names.is_empty() || self.retirement.is_some_and(|told| told <= crossed) {
            return None;
        }
        self.retirement = Some(crossed);
        Some(retires(ends, crossed, left, now))
    }
}

fn offline(since: DateTime<Utc>, tenants: usize, now: DateTime<FixedOffset>) -> Alert {
    let body = format!(
        "No address answers since {}. The verdicts on {} are held until one does.",
        clock(since, now),
        counted(tenants, "tenant")
    );
    machine(Kind::Offline, now, format!("offline:{}", since.timestamp())).say(
        Urgency::Critical,
        "? credwatch: this machine is offline",
        &body,
    )
}

fn online(since: DateTime<Utc>, now: DateTime<FixedOffset>) -> Alert {
    let body = format!(
        "After {}. Every tenant is checked again.",
        span(now.to_utc() - since)
    );
    machine(Kind::Online, now, format!("online:{}", since.timestamp())).say(
        Urgency::Low,
        "● credwatch: this machine is online again",
        &body,
    )
}

fn cannot_see(survey: &Survey, since: DateTime<Utc>, now: DateTime<FixedOffset>) -> Alert {
    let main = survey.unseen.iter().max_by_key(|(_, count)| **count);
    let why = main.map_or(String::new(), |(cause, count)| {
        format!(" Most often ({count}): {cause}, {}.", cause.meaning())
    });
    let body = format!(
        "Of {} none could be judged since {}.{why} An outage would not be noticed now.",
        counted(survey.tenants, "tenant"),
        clock(since, now),
    );
    let alert = machine(Kind::Blind, now, format!("blind:{}", since.timestamp()));
    Alert {
        thread: "blind".into(),
        cause: main.map(|(cause, _)| *cause),
        ..alert
    }
    .say(
        Urgency::Critical,
        "? credwatch is blind: no tenant can be judged",
        &body,
    )
}

fn sighted(since: DateTime<Utc>, now: DateTime<FixedOffset>) -> Alert {
    let body = format!("After {}.", span(now.to_utc() - since));
    let alert = machine(Kind::Sighted, now, format!("sighted:{}", since.timestamp()));
    Alert {
        thread: "blind".into(),
        ..alert
    }
    .say(
        Urgency::Low,
        "● credwatch: tenants can be judged again",
        &body,
    )
}

fn retires(ends: &Ends, days: u32, left: TimeDelta, now: DateTime<FixedOffset>) -> Alert {
    let when = match left.num_days() {
        _ if left <= TimeDelta::zero() => "has ended".to_owned(),
        0 => "ends within a day".to_owned(),
        days => format!(
            "ends in {}",
            counted(usize::try_from(days).unwrap_or(0), "day")
        ),
    };
    let summary = format!(
        "▲ EWS {when}: {} still on it, Graph works for {}",
        counted(ends.names.len(), "tenant"),
        ends.works
    );
    let untried = ends.names.len() - ends.works - ends.fails;
    let body = format!(
        "Microsoft switches EWS off for good on {EWS_ENDS_AT}, and for some directories earlier, on 7 \
         days' notice. The same call over Graph works for {}, fails for {}, was not tried for \
         {untried}. Ask each vendor whether its product can use Graph. {}.",
        ends.works,
        ends.fails,
        names(ends.names.iter().map(String::as_str)),
    );
    let urgency = if days > PRESSING {
        Urgency::Normal
    } else {
        Urgency::Critical
    };
    let alert = machine(
        Kind::Retirement,
        now,
        format!("retirement:{EWS_ENDS_AT}:{days}"),
    );
    Alert {
        thread: "retirement".into(),
        ..alert
    }
    .say(urgency, &summary, &body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        health::fixture::{at, report},
        verdict::{Gate, Retirement},
    };

    fn tell(overall: &mut Overall, survey: &Survey, at: DateTime<Utc>) -> Vec<&'static str> {
        let due = overall.update(survey, at.fixed_offset());
        // another process takes it up from here
        let kept = serde_json::to_string(overall).unwrap();
        *overall = serde_json::from_str(&kept).unwrap();
        due.iter().map(|alert| alert.kind.word()).collect()
    }

    #[test]
    fn a_machine_is_said_to_be_offline_once_and_online_once() {
        let mut overall = Overall::default();
        let fine = report("a", None, at(10, 0));
        let mut kinds = Vec::new();
        for (minute, offline) in [(0, false), (1, true), (2, true), (3, false), (4, false)] {
            let survey = Survey::of([&fine], offline, false);
            kinds.extend(tell(&mut overall, &survey, at(10, minute)));
        }
        assert_eq!(kinds, ["offline", "online"]);
    }

    #[test]
    fn not_being_able_to_judge_anybody_is_said_after_ten_minutes_and_its_end_is() {
        let cause = Some(Cause::TokenThrottled);
        let throttled = [report("a", cause, at(1, 0)), report("b", cause, at(1, 0))];
        let blind = Survey::of(&throttled, false, true);
        let works = [report("a", None, at(1, 0)), report("b", cause, at(1, 0))];
        let sees = Survey::of(&works, false, true);
        let nothing = Survey::of([], false, true);
        let mut overall = Overall::default();
        let mut said = Vec::new();
        for (minute, survey) in [
            (0, &blind),
            (5, &blind),
            (9, &sees),
            (10, &blind),
            (15, &nothing),
            (20, &blind),
            (40, &blind),
            (50, &sees),
            (60, &sees),
        ] {
            let kinds = tell(&mut overall, survey, at(10, minute));
            said.extend(kinds.into_iter().map(|kind| (minute, kind)));
        }
        assert_eq!(said, [(20, "blind"), (50, "sighted")]);
        // a clock that is set back only begins anew
        assert_eq!(tell(&mut overall, &blind, at(5, 0)), [""; 0]);
        assert_eq!(tell(&mut overall, &blind, at(4, 0)), [""; 0]);
        assert_eq!(tell(&mut overall, &blind, at(4, 10)), ["blind"]);
    }

    #[test]
    fn a_single_tenant_without_a_secret_is_its_own_message() {
        let one = [report("a", Some(Cause::SecretUnavailable), at(1, 0))];
        assert!(!Survey::of(&one, false, true).is_blind());
        let one = [report("a", Some(Cause::TokenThrottled), at(1, 0))];
        assert!(Survey::of(&one, false, true).is_blind());
    }

    #[test]
    fn the_end_of_ews_is_told_once_a_threshold_for_all_with_how_ready_they_are_for_graph() {
        let on_ews = |name: &str, graph_works| {
            let mut report = report(name, None, at(1, 0));
            report.retirement = Some(Retirement {
                ends_at: EWS_ENDS_AT,
                gate: Gate::Open,
                graph_works,
            });
            report
        };
        let fleet = [
            on_ews("a", Some(true)),
            on_ews("b", Some(false)),
            on_ews("c", None),
            report("on-premises", None, at(1, 0)),
        ];
        let mut overall = Overall::default();
        let part = Survey::of(&fleet, false, false);
        assert_eq!(overall.update(&part, at(10, 0).fixed_offset()), []);
        let whole = Survey::of(&fleet, false, true);
        let told = overall.update(&whole, at(10, 0).fixed_offset());
        assert_eq!(
            told[0].summary,
            "▲ EWS ends in 130 days: 3 tenants still on it, Graph works for 1"
        );
        let graph = "works for 1, fails for 1, was not tried for 1";
        assert!(told[0].body.contains(graph), "{}", told[0].body);
        assert!(told[0].body.ends_with("a, b, c."), "{}", told[0].body);
        let mut days = Vec::new();
        for day in 0..200 {
            let due = overall.update(&whole, at(24 * day, 0).fixed_offset());
            days.extend(
                due.iter()
                    .map(|it| it.key.rsplit(':').next().unwrap().to_owned()),
            );
        }
        assert_eq!(days, ["90", "60", "30", "14", "7", "1", "0"]);
    }
}
