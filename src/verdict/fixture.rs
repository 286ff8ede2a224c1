//! A small fleet with every kind of verdict, for the tests of the renderings.

use chrono::{DateTime, TimeDelta, Utc};

use crate::verdict::{
    Confidence, CredentialKind, CredentialReport, DateSource, Diagnosis, Expiry, Fleet, Gate, Live,
    Report, Retirement, SCHEMA, Shell, StageReport, StageStatus, Status, Step, StepCommand,
    StepKind, Summary,
};
use crate::{
    inventory::{Reader, Wanted},
    observation::Stage,
    tenant::{EndDate, PreferredShell, Support, Tenant, Thresholds, fixture},
    verdict::cause::Cause,
};

/// Every state of the expiry half.
pub(crate) const EXPIRIES: [Expiry; 6] = [
    Expiry::Ok,
    Expiry::Warning,
    Expiry::Critical,
    Expiry::Expired,
    Expiry::Never,
    Expiry::Unknown,
];

/// The thresholds of every tenant here.
pub(crate) const THRESHOLDS: Thresholds = Thresholds {
    warn: TimeDelta::days(30),
    critical: TimeDelta::days(3),
    max_lifetime: None,
};

/// When the fleet was checked.
pub(crate) fn now() -> DateTime<Utc> {
    "2026-11-21T10:00:00Z".parse().unwrap()
}

/// All of them.
pub(crate) fn fleet() -> Fleet {
    of(vec![failing(), warning(), ok(), unknown(), dates()])
}

/// A fleet of these.
pub(crate) fn of(tenants: Vec<Report>) -> Fleet {
    let count = |status| {
        tenants
            .iter()
            .filter(|report| report.status == status)
            .count()
    };
    Fleet {
        schema: SCHEMA,
        generated_at: now(),
        summary: Summary {
            total: tenants.len(),
            ok: count(Status::Ok),
            warning: count(Status::Warning),
            critical: count(Status::Critical),
            unknown: count(Status::Unknown),
        },
        tenants,
    }
}

fn steps_of_failing() -> Vec<Step> {
    let command = |shell, text: &str| StepCommand {
        shell,
        text: text.into(),
    };
    vec![
        Step {
            commands: vec![command(Shell::Az, "az login")],
            ..Step::plain(StepKind::Prerequisite, "Sign in.")
        },
        Step {
            commands: vec![command(
                Shell::Az,
                "az ad app credential reset --id 22222222-2222-2222-2222-222222222222 --append",
            )],
            portal: Some("Entra admin center > App registrations".into()),
            ..Step::plain(StepKind::Do, "Make a new client secret.")
        },
        Step::plain(
            StepKind::Do,
            "Enter it under Admin > Reservations > Preferences.",
        ),
        Step {
            commands: vec![command(Shell::Credwatch, "credwatch check contoso-rooms")],
            ..Step::plain(StepKind::Verify, "Verify that it works.")
        },
    ]
}

/// A step that holds this text wherever a step holds text.
fn hostile_step(foreign: &str) -> Step {
    Step {
        commands: vec![StepCommand {
            shell: Shell::Az,
            text: foreign.into(),
        }],
        portal: Some(foreign.into()),
        ..Step::plain(StepKind::Do, foreign)
    }
}

/// Its secret ended three days ago.
pub(crate) fn failing() -> Report {
    let mut report = ok();
    report.name = "contoso-rooms".into();
    report.profile = "eptura";
    report.mailbox = Some("room-101@contoso.com".into());
    report.status = Status::Critical;
    report.live = Some(Live::Failing);
    report.expiry = Some(Expiry::Expired);
    report.diagnosis = Some(Diagnosis {
        cause: Cause::SecretExpired,
        stage: Some(Stage::Token),
        title: "the client secret has expired".into(),
        detail: "Entra knows the secret that was sent, and it has ended.".into(),
        code: Some("AADSTS7000222".into()),
        confidence: Confidence::Certain,
        also_possible: vec![Cause::SecretInvalid],
        owner: Cause::SecretExpired.owner(),
        transient: false,
        fix: steps_of_failing()
            .iter()
            .map(|step| step.line(PreferredShell::Az))
            .collect(),
        steps: steps_of_failing(),
        shell: PreferredShell::Az,
        trace_id: Some("aaaaaaaa-0000-0000-0000-000000000001".into()),
        correlation_id: Some("bbbbbbbb-0000-0000-0000-000000000002".into()),
        codes: Vec::new(),
    });
    report.stages = stages(&[(StageStatus::Ok, 0.2), (StageStatus::Failed, 123.4)]);
    report.stages[1].http_status = Some(401);
    report.stages[1].code = Some("AADSTS7000222".into());
    report.credentials = vec![secret(Expiry::Expired, Some(-3))];
    report.retirement = Some(Retirement {
        ends_at: super::EWS_ENDS_AT,
        gate: Gate::Unknown,
        graph_works: None,
    });
    report.contact = Some("identity team, ext. 4711".into());
    report.runbook = Some("https://wiki.contoso.com/credwatch".into());
    report
}

/// Works, and its secret ends in twelve days.
pub(crate) fn warning() -> Report {
    let mut report = ok();
    report.name = "fabrikam-desk".into();
    report.status = Status::Warning;
    report.expiry = Some(Expiry::Warning);
    report.credentials = vec![secret(Expiry::Warning, Some(12))];
    report
}

/// Works, and nothing ends soon.
pub(crate) fn ok() -> Report {
    Report {
        name: "adatum-mail".into(),
        profile: "app-only",
        tenant_id: "11111111-1111-1111-1111-111111111111".into(),
        client_id: "22222222-2222-2222-2222-222222222222".into(),
        mailbox: Some("desk@adatum.com".into()),
        tags: vec!["prod".into(), "eu".into()],
        status: Status::Ok,
        live: Some(Live::Ok),
        expiry: Some(Expiry::Ok),
        diagnosis: None,
        stages: stages(&[
            (StageStatus::Ok, 0.2),
            (StageStatus::Ok, 80.0),
            (StageStatus::Ok, 0.1),
            (StageStatus::Ok, 210.5),
        ]),
        credentials: vec![secret(Expiry::Ok, Some(212))],
        retirement: None,
        checked_at: now(),
        ms: Some(290.8),
        unread: None,
        contact: None,
        vendor_support: None,
        runbook: None,
        note: None,
    }
}

/// Its secret could not be read, and nobody knows when it ends.
pub(crate) fn unknown() -> Report {
    let mut report = ok();
    report.name = "tailspin".into();
    report.status = Status::Unknown;
    report.live = Some(Live::Unknown);
    report.expiry = Some(Expiry::Unknown);
    report.diagnosis = Some(Diagnosis {
        cause: Cause::SecretUnavailable,
        stage: Some(Stage::Secret),
        title: "the secret could not be read".into(),
        detail: "The variable 'TAILSPIN_SECRET' is not set.".into(),
        code: None,
        confidence: Confidence::Certain,
        also_possible: Vec::new(),
        owner: Cause::SecretUnavailable.owner(),
        transient: false,
        fix: vec!["Set the variable 'TAILSPIN_SECRET'.".into()],
        steps: vec![Step::plain(
            StepKind::Do,
            "Set the variable 'TAILSPIN_SECRET'.",
        )],
        shell: PreferredShell::Az,
        trace_id: None,
        correlation_id: None,
        codes: Vec::new(),
    });
    report.stages = stages(&[(StageStatus::Failed, 0.1)]);
    report.credentials = vec![secret(Expiry::Unknown, None)];
    report.credentials[0].note = Some("set `secret_expires` in the config".into());
    report.ms = Some(0.1);
    report
}

/// Only its end date is judged.
pub(crate) fn dates() -> Report {
    let mut report = ok();
    report.name = "wingtip-dates".into();
    report.mailbox = None;
    report.tags = Vec::new();
    report.live = None;
    report.expiry = Some(Expiry::Ok);
    report.stages = stages(&[]);
    report.credentials[0].presented = Some(false);
    report.ms = None;
    report
}

/// A secret that ends in so many days.
pub(crate) fn secret(state: Expiry, days: Option<i64>) -> CredentialReport {
    CredentialReport {
        expires_at: days.map(|days| now() + TimeDelta::days(days)),
        days_left: days,
        state,
        ..CredentialReport::new(CredentialKind::Secret, DateSource::Config)
    }
}

/// All five stages; those that are not given were skipped.
fn stages(given: &[(StageStatus, f64)]) -> Vec<StageReport> {
    let stage = |(number, name)| {
        let given = given.get(number);
        StageReport {
            name,
            status: given.map_or(StageStatus::Skipped, |(status, _)| *status),
            ms: given.map(|(_, ms)| *ms),
            http_status: None,
            code: None,
        }
    };
    Stage::ALL.into_iter().enumerate().map(stage).collect()
}

/// A report whose every foreign text is this one.
pub(crate) fn hostile(foreign: &str) -> Report {
    let mut report = failing();
    let text = || foreign.to_owned();
    report.name = foreign.into();
    report.tenant_id = text();
    report.client_id = text();
    report.mailbox = Some(text());
    report.tags = vec![text(), text()];
    report.contact = Some(text());
    report.vendor_support = Some(text());
    report.runbook = Some(text());
    report.note = Some(text());
    report.credentials[0].name = Some(text());
    report.credentials[0].key_id = Some(text());
    report.credentials[0].note = Some(text());
    report.stages[1].code = Some(text());
    if let Some(diagnosis) = &mut report.diagnosis {
        diagnosis.title = text();
        diagnosis.detail = text();
        diagnosis.code = Some(text());
        diagnosis.fix = vec![text(), text()];
        diagnosis.steps = vec![hostile_step(foreign)];
        diagnosis.trace_id = Some(text());
        diagnosis.correlation_id = Some(text());
    }
    report
}

/// The tenant of most of these.
pub(crate) fn tenant() -> Tenant {
    Tenant {
        configured_end: Some(EndDate::At(now() + TimeDelta::days(212))),
        support: Support {
            runbook: Some("https://wiki.contoso.com/ours-alone".into()),
            ..Support::default()
        },
        ..fixture::tenant("contoso-rooms")
    }
}

/// A reader of one directory.
pub(crate) fn reader() -> Reader {
    Reader {
        name: "contoso".into(),
        tenant_ids: vec!["11111111-1111-1111-1111-111111111111".into()],
        wanted: Wanted::default(),
        sign_in: tenant(),
    }
}
