//! A board of eight tenants in every status, at one moment, for tests.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use chrono::{DateTime, FixedOffset, TimeDelta, Utc};

use super::{
    Background, BackgroundSource, Clipboard, DashboardSettings, DiagnoseOutcome, DiagnoseRun,
    Message, Model, Theme, update::update,
};
use crate::{
    board::{Activity, Board, Day, Event, Hour, Point, Row, Streak},
    claims::Claims,
    observation::{
        Answer, Exchange, Observation, Outcome, Phases, SecretFacts, Stage, TokenReading,
    },
    profile::Profile,
    report::diagnose,
    tenant::{EndDate, PreferredShell, Target, Tenant, fixture},
    verdict::{
        Confidence, CredentialKind, CredentialReport, DateSource, Diagnosis, Expiry, Gate, Live,
        Report, Retirement, StageReport, StageStatus, Status, Step, StepKind, cause::Cause,
    },
};

pub(crate) fn now() -> DateTime<Utc> {
    "2026-11-21T14:03:22Z".parse().unwrap()
}

fn ago(seconds: i64) -> DateTime<Utc> {
    now() - TimeDelta::seconds(seconds)
}

pub(crate) fn settings() -> DashboardSettings {
    DashboardSettings {
        local_offset: FixedOffset::east_opt(3600).unwrap(),
        colour: true,
        theme: Theme::Dark,
        background: BackgroundSource::Assumed(Background::Dark),
        ascii: false,
        mouse: true,
        clipboard: Clipboard::Direct,
        filter: String::new(),
        operator: "ana".into(),
        title: "credwatch".into(),
    }
}

/// A model of the whole board on a screen of this size.
pub(crate) fn model(width: u16, height: u16) -> Model {
    let mut model = empty_model(width, height);
    update(&mut model, Message::Board(Arc::new(board())));
    model
}

/// A finished diagnose run over the selected tenant, made from its latest check.
pub(crate) fn diagnose_run(model: &Model) -> Arc<DiagnoseRun> {
    let row = model.selected_row().unwrap();
    let report = row.report.clone().unwrap();
    let seen = row.observation.as_deref();
    Arc::new(DiagnoseRun {
        tenant: row.tenant.name.clone(),
        steps: diagnose::steps(&row.tenant, seen, &report),
        outcome: Some(DiagnoseOutcome::Finished {
            ticket: diagnose::ticket(&row.tenant, seen, &report, None),
            report,
        }),
    })
}

/// A model that waits for its first board.
pub(crate) fn empty_model(width: u16, height: u16) -> Model {
    let mut model = Model::new(settings());
    update(&mut model, Message::Tick(now()));
    update(&mut model, Message::Resize(width, height));
    model
}

pub(crate) fn board() -> Board {
    let rows = [
        contoso(),
        northwind(),
        fabrikam(),
        litware(),
        tailspin(),
        wingtip(),
        adatum(),
        proseware(),
    ];
    Board {
        rows: rows.into_iter().map(Arc::new).collect(),
        events: events(),
        offline_since: None,
        notices: Vec::new(),
        sparing_since: None,
        unkept: 0,
        holds: Arc::default(),
    }
}

fn contoso() -> Row {
    let mut row = row("contoso-rooms", "eptura", &["prod"]);
    row.observation = Some(Arc::new(observation()));
    let report = report_of(&mut row);
    report.status = Status::Critical;
    report.live = Some(Live::Failing);
    report.expiry = Some(Expiry::Expired);
    report.ms = Some(431.2);
    report.diagnosis = Some(diagnosis(
        Cause::SecretExpired,
        Some("AADSTS7000222"),
        "The client secret has expired.",
        &[
            "Sign in with an account that may manage the app: `az login --tenant 11111111-1111-1111-1111-111111111111`",
            "Create a second secret beside the old one: `az ad app credential reset --id 22222222-2222-2222-2222-222222222222 --append`",
            "Try it here first: `credwatch check contoso-rooms --candidate env:NEW_SECRET` (a new secret takes some minutes to spread)",
            "Enter it in Eptura Workplace: Admin > Reservations > Preferences > Enable Exchange OAuth Integration; then here; then delete the old one.",
        ],
    ));
    report.stages = stages([Some((0.2, true)), Some((388.1, false)), None, None, None]);
    report.stages[1].http_status = Some(401);
    report.stages[1].code = Some("invalid_client".into());
    report.credentials = vec![secret(Some(ago(2 * 86_400 + 4 * 3600)), Expiry::Expired)];
    report.contact = Some("Rooms team, +1 555 0100".into());
    report.runbook = Some("https://wiki.contoso.com/rooms/secret".into());
    row.streak = Some(streak(8_542, 6));
    row.history = history(
        &[210., 230., 190., 240., 200., 260., 390., 431.],
        Some(Cause::SecretExpired),
    );
    for hour in 0..3 {
        row.day.add(Hour {
            number: now().timestamp() / 3600 - hour,
            worked: 0,
            failed: 4,
        });
    }
    row
}

fn northwind() -> Row {
    let mut row = row("northwind-bots", "app-only", &["prod", "bots"]);
    let report = report_of(&mut row);
    report.status = Status::Critical;
    report.live = Some(Live::Failing);
    report.ms = Some(412.0);
    report.checked_at = ago(48);
    report.diagnosis = Some(diagnosis(
        Cause::EwsDisabled,
        Some("ErrorAccessDenied"),
        "Exchange Web Services is switched off for this application.",
        &[
            "Ask the Exchange administrator to allow the app: `Set-OrganizationConfig -EwsAllowList`",
        ],
    ));
    report.stages = stages([
        Some((0.1, true)),
        Some((180., true)),
        Some((0.1, true)),
        Some((230., false)),
        Some((88., true)),
    ]);
    report.credentials = vec![secret(Some(now() + TimeDelta::days(71)), Expiry::Ok)];
    row.streak = Some(streak(40_000, 44));
    row.history = history(&[400., 410., 380., 412.], Some(Cause::EwsDisabled));
    row
}

fn fabrikam() -> Row {
    let mut row = row("fabrikam-helpdesk", "app-only", &["prod"]);
    let report = report_of(&mut row);
    report.status = Status::Critical;
    report.expiry = Some(Expiry::Critical);
    report.credentials = vec![secret(
        Some(now() + TimeDelta::minutes(2 * 1440 + 252)),
        Expiry::Critical,
    )];
    row.streak = Some(streak(500_000, 555));
    row
}

fn litware() -> Row {
    let mut row = row("litware-mail", "app-only", &[]);
    let report = report_of(&mut row);
    report.status = Status::Unknown;
    report.live = Some(Live::Unknown);
    report.expiry = Some(Expiry::Unknown);
    report.ms = None;
    report.diagnosis = Some(diagnosis(
        Cause::SecretUnavailable,
        None,
        "There is no secret to be had: environment variable LITWARE_SECRET is not set.",
        &["Set LITWARE_SECRET where credwatch is started, then press r."],
    ));
    report.stages = stages([Some((0.1, false)), None, None, None, None]);
    report.credentials = vec![secret(None, Expiry::Unknown)];
    row.history = VecDeque::new();
    row.streak = Some(streak(600, 1));
    row
}

fn tailspin() -> Row {
    let mut row = row("tailspin-crm", "app-only", &["crm"]);
    let report = report_of(&mut row);
    report.status = Status::Warning;
    report.expiry = Some(Expiry::Warning);
    report.credentials = vec![secret(
        Some(now() + TimeDelta::hours(21 * 24 + 5)),
        Expiry::Warning,
    )];
    row
}

fn wingtip() -> Row {
    let mut row = row("wingtip-desk", "app-only", &[]);
    let report = report_of(&mut row);
    report.status = Status::Warning;
    report.expiry = Some(Expiry::Unknown);
    report.credentials = vec![secret(None, Expiry::Unknown)];
    row.activity = Activity::Checking;
    row
}

fn adatum() -> Row {
    row("adatum-rooms", "eptura", &["prod"])
}

fn proseware() -> Row {
    let mut row = row("proseware-sync", "app-only", &[]);
    row.report = None;
    row.history = VecDeque::new();
    row.streak = None;
    row.activity = Activity::Checking;
    row
}

fn row(name: &str, profile: &str, tags: &[&str]) -> Row {
    let tenant = tenant(name, profile, tags);
    let report = report(&tenant);
    let history = history(&[210., 190., 220., 260., 200., 198.], None);
    let mut day = Day::default();
    for hour in 1..22 {
        day.add(Hour {
            number: now().timestamp() / 3600 - hour,
            worked: 4,
            failed: 0,
        });
    }
    for point in &history {
        day.note(point);
    }
    Row {
        report: Some(Arc::new(report)),
        history,
        streak: Some(streak(90_000, 100)),
        next_at: Some(now() + TimeDelta::seconds(12)),
        day,
        stale_at: Some(now() + TimeDelta::minutes(30)),
        ..Row::new(Arc::new(tenant))
    }
}

fn report_of(row: &mut Row) -> &mut Report {
    Arc::make_mut(row.report.as_mut().unwrap())
}

fn streak(seconds: i64, checks: u32) -> Streak {
    Streak {
        since: ago(seconds),
        checks,
    }
}

fn history(ms: &[f64], cause: Option<Cause>) -> VecDeque<Point> {
    let failed = ms.len().saturating_sub(2);
    let ms_count = |nth: usize| ms.len() - 1 - nth;
    let point = |(nth, ms): (usize, &f64)| {
        let cause = cause.filter(|_| nth >= failed);
        let (status, live) = if cause.is_some() {
            (Status::Critical, Live::Failing)
        } else {
            (Status::Ok, Live::Ok)
        };
        Point {
            at: ago(12 + 900 * i64::try_from(ms_count(nth)).unwrap()),
            status,
            live: Some(live),
            cause,
            ms: *ms,
        }
    };
    ms.iter().enumerate().map(point).collect()
}

fn tenant(name: &str, profile: &str, tags: &[&str]) -> Tenant {
    let tenant = fixture::tenant(name);
    let organisation = name.split('-').next().unwrap();
    Tenant {
        profile: Profile::by_id(profile).unwrap(),
        configured_end: Some(EndDate::At(now() + TimeDelta::days(212))),
        target: Target {
            mailbox: Some(format!("room-101@{organisation}.example")),
            ..tenant.target
        },
        tags: tags.iter().map(ToString::to_string).collect(),
        ..tenant
    }
}

/// The report of a tenant that works; its secret ends in 212 days.
fn report(tenant: &Tenant) -> Report {
    Report {
        name: tenant.name.clone(),
        profile: tenant.profile.id,
        tenant_id: tenant.app.tenant_id.clone(),
        client_id: tenant.app.client_id.clone(),
        mailbox: tenant.target.mailbox.clone(),
        tags: tenant.tags.clone(),
        status: Status::Ok,
        live: Some(Live::Ok),
        expiry: Some(Expiry::Ok),
        diagnosis: None,
        stages: stages([
            Some((0.1, true)),
            Some((120., true)),
            Some((0.1, true)),
            Some((78., true)),
            None,
        ]),
        credentials: vec![secret(Some(now() + TimeDelta::days(212)), Expiry::Ok)],
        retirement: Some(Retirement {
            ends_at: "2027-04-01",
            gate: Gate::Open,
            graph_works: None,
        }),
        checked_at: ago(12),
        ms: Some(198.0),
        unread: None,
        contact: None,
        vendor_support: None,
        runbook: None,
        note: None,
    }
}

fn stages(results: [Option<(f64, bool)>; 5]) -> Vec<StageReport> {
    let stage = |(name, result): (Stage, Option<(f64, bool)>)| StageReport {
        name,
        status: match result {
            None => StageStatus::Skipped,
            Some((_, true)) => StageStatus::Ok,
            Some((_, false)) => StageStatus::Failed,
        },
        ms: result.map(|(ms, _)| ms),
        http_status: None,
        code: None,
    };
    Stage::ALL.into_iter().zip(results).map(stage).collect()
}

fn secret(expires_at: Option<DateTime<Utc>>, state: Expiry) -> CredentialReport {
    CredentialReport {
        expires_at,
        days_left: expires_at.map(|at| (at - now()).num_days()),
        state,
        ..CredentialReport::new(CredentialKind::Secret, DateSource::Config)
    }
}

fn diagnosis(cause: Cause, code: Option<&str>, title: &str, fix: &[&str]) -> Diagnosis {
    Diagnosis {
        cause,
        stage: Some(Stage::Token),
        title: title.into(),
        detail: "The login service refused what credwatch sent, and says so in so many words."
            .into(),
        code: code.map(str::to_owned),
        confidence: Confidence::Certain,
        also_possible: Vec::new(),
        owner: cause.owner(),
        transient: false,
        fix: fix.iter().map(ToString::to_string).collect(),
        steps: fix
            .iter()
            .map(|step| Step::plain(StepKind::Do, *step))
            .collect(),
        shell: PreferredShell::default(),
        trace_id: Some("9d1c2f6e-0000-4000-8000-0123456789ab".into()),
        correlation_id: Some("77ab7a11-0000-4000-8000-0123456789ab".into()),
        codes: Vec::new(),
    }
}

fn observation() -> Observation {
    let ms = |ms| Some(Duration::from_millis(ms));
    Observation {
        checked_at: ago(12),
        took: Duration::from_millis(431),
        secret: SecretFacts {
            took: Duration::from_micros(200),
            source: "env CONTOSO_SECRET".into(),
            length: Some(40),
            ..SecretFacts::default()
        },
        token: Some(Exchange {
            took: Duration::from_millis(388),
            host: "login.microsoftonline.com".into(),
            request_id: "5f0c1e22-0000-4000-8000-0123456789ab".into(),
            phases: Phases {
                dns: ms(2),
                connect: ms(18),
                tls: ms(31),
                wait: ms(336),
                read: ms(1),
            },
            connection: None,
            outcome: Outcome::Answer(Answer {
                status: 401,
                ..Answer::default()
            }),
        }),
        claims: Some(TokenReading::Claims(Box::new(Claims {
            audience: Some("https://outlook.office365.com".into()),
            roles: vec!["full_access_as_app".into()],
            expires_at: Some(now() + TimeDelta::minutes(59)),
            ..Claims::default()
        }))),
        further_token: None,
        calls: Vec::new(),
        confirmed: false,
    }
}

fn events() -> VecDeque<Arc<Event>> {
    let event = |seconds, tenant: Option<&str>, status, text: &str| {
        Arc::new(Event {
            at: ago(seconds),
            tenant: tenant.map(Into::into),
            status,
            text: text.into(),
        })
    };
    VecDeque::from([
        event(90_000, None, Status::Ok, "started with 8 tenants"),
        event(
            40_000,
            Some("northwind-bots"),
            Status::Critical,
            "ok → ews-disabled: Exchange Web Services is switched off for this application",
        ),
        event(
            9_000,
            Some("adatum-rooms"),
            Status::Ok,
            "works again after 2h",
        ),
        event(
            8_542,
            Some("contoso-rooms"),
            Status::Critical,
            "ok → secret-expired",
        ),
    ])
}
