//! The figures that a large fleet depends on: `cargo bench --bench figures`.
//!
//! The material is real: a simulated cloud of 10,000 tenants writes the config, and one tenant of it
//! is checked over TLS; its observation stands in for everybody's.

use std::{collections::VecDeque, fmt::Write as _, hint::black_box, path::PathBuf, sync::Arc};

use chrono::{DateTime, FixedOffset, TimeDelta, Utc};
use credwatch::{
    assessment,
    board::{Board, Point, Row},
    check::Checker,
    clock::Clock,
    config,
    diagnosis::{
        self,
        freetext::{self, Hints},
    },
    http::Clients,
    observation::Observation,
    report::{self},
    secret::Secrets,
    simulator::{ConfigDir, SimulatedCloud, uniform_fleet},
    tenant::Tenant,
    tui::{self, Action, Message, Model, Motion},
    verdict::{Fleet, Live, Report, Status},
};
use criterion::{Criterion, criterion_group, criterion_main};
use ratatui::{Terminal, backend::TestBackend};

const TENANTS: usize = 10_000;

/// What a person pastes.
const PASTED: &str = "HTTP/1.1 401 Unauthorized\r\ncontent-type: application/json\r\n\r\n\
    {\"error\":\"invalid_client\",\"error_description\":\"AADSTS7000222: The provided client secret \
    keys for app '22222222-2222-2222-2222-222222222222' are expired. Visit the Azure portal to create \
    new keys for your app.\",\"error_codes\":[7000222],\"trace_id\":\
    \"aaaaaaaa-0000-0000-0000-000000000001\"}";

struct Material {
    files: ConfigDir,
    tenants: Vec<Arc<Tenant>>,
    seen: Arc<Observation>,
    now: DateTime<Utc>,
}

impl Material {
    fn gather() -> anyhow::Result<Self> {
        let runtime = tokio::runtime::Runtime::new()?;
        runtime.block_on(async {
            let now = Clock.now();
            let cloud = SimulatedCloud::start_on_loopback(uniform_fleet(TENANTS, now)).await?;
            let files = cloud.temporary_config()?;
            let tenants = config::load(files.config())?.tenants;
            let checker = Checker::new(
                Arc::new(Clients::new()),
                Arc::new(Secrets::default()),
                Clock,
            );
            let first = tenants
                .first()
                .ok_or_else(|| anyhow::anyhow!("no tenant"))?;
            let (seen, _session) = checker.check(first).await;
            Ok(Self {
                files,
                tenants,
                seen: Arc::new(seen),
                now,
            })
        })
    }

    fn report(&self, tenant: &Tenant) -> Report {
        let judged = diagnosis::judge(tenant, &self.seen);
        assessment::assemble(
            tenant,
            Some((&self.seen, judged)),
            assessment::Known::default(),
            self.now,
        )
    }

    fn fleet(&self) -> Fleet {
        let reports = self.tenants.iter().map(|tenant| self.report(tenant));
        Fleet::new(reports.collect(), self.now)
    }

    /// Returns a board of the first so many tenants.
    fn board(&self, tenants: usize) -> Arc<Board> {
        let row = |tenant: &Arc<Tenant>| {
            let point = Point {
                at: self.now,
                status: Status::Ok,
                live: Some(Live::Ok),
                cause: None,
                ms: 50.0,
            };
            Arc::new(Row {
                report: Some(Arc::new(self.report(tenant))),
                observation: Some(Arc::clone(&self.seen)),
                history: VecDeque::from(vec![point; 20]),
                next_at: Some(self.now + TimeDelta::minutes(15)),
                ..Row::new(Arc::clone(tenant))
            })
        };
        Arc::new(Board {
            rows: self.tenants.iter().take(tenants).map(row).collect(),
            ..Board::default()
        })
    }
}

fn one_tenant(criterion: &mut Criterion, material: &Material) {
    let Some(tenant) = material.tenants.first() else {
        return;
    };
    criterion.bench_function("judge a check that worked", |bencher| {
        bencher.iter(|| diagnosis::judge(black_box(tenant), black_box(&material.seen)));
    });
    criterion.bench_function("explain a pasted answer", |bencher| {
        bencher.iter(|| freetext::explain(black_box(PASTED.as_bytes()), Hints::default()));
    });
}

fn a_large_fleet(criterion: &mut Criterion, material: &Material) {
    let path: PathBuf = material.files.config().to_owned();
    criterion.bench_function("read a config of 10,000 tenants", |bencher| {
        bencher.iter(|| config::load(black_box(&path)).map(|config| config.tenants.len()));
    });
    let fleet = material.fleet();
    let mut out = String::new();
    criterion.bench_function("render 10,000 reports as JSON", |bencher| {
        bencher.iter(|| {
            out.clear();
            write!(out, "{}", report::json::render(black_box(&fleet)))
        });
    });
    criterion.bench_function("render 10,000 reports for Prometheus", |bencher| {
        bencher.iter(|| {
            out.clear();
            write!(out, "{}", report::prometheus::render(black_box(&fleet)))
        });
    });
}

/// A dashboard on a terminal of a common size.
fn model(now: DateTime<Utc>) -> Model {
    let mut model = Model::new(tui::DashboardSettings {
        local_offset: FixedOffset::east_opt(0).unwrap_or_else(|| Clock.local_offset()),
        colour: true,
        ascii: false,
        mouse: true,
        operator: String::new(),
        title: "credwatch".to_owned(),
        theme: tui::Theme::Dark,
        background: tui::BackgroundSource::Assumed(tui::Background::Dark),
        filter: String::new(),
        clipboard: tui::Clipboard::Direct,
    });
    let _nothing = tui::update(&mut model, Message::Resize(120, 40));
    let _nothing = tui::update(&mut model, Message::Tick(now));
    model
}

fn the_dashboard(criterion: &mut Criterion, material: &Material, tenants: usize) {
    let mut group = criterion.benchmark_group(format!("dashboard of {tenants} tenants"));
    let board = material.board(tenants);
    let mut model = model(material.now);
    group.bench_function("take a board", |bencher| {
        bencher.iter(|| tui::update(&mut model, Message::Board(Arc::clone(&board))));
    });
    group.bench_function("a second passes", |bencher| {
        bencher.iter(|| tui::update(&mut model, Message::Tick(black_box(material.now))));
    });
    let Ok(mut terminal) = Terminal::new(TestBackend::new(120, 40));
    group.bench_function("draw a frame", |bencher| {
        bencher.iter(|| terminal.draw(|frame| tui::view(&model, frame)).map(drop));
    });
    let keys = [
        ("go down and see it", Action::Move(Motion::Down)),
        ("sort by the next column and see it", Action::SortNext),
    ];
    for (what, action) in keys {
        group.bench_function(what, |bencher| {
            bencher.iter(|| {
                let _nothing = tui::update(&mut model, Message::Act(action));
                terminal.draw(|frame| tui::view(&model, frame)).map(drop)
            });
        });
    }
    group.finish();
}

#[expect(clippy::panic, reason = "a bench without its material cannot go on")]
fn figures(criterion: &mut Criterion) {
    let material = Material::gather().unwrap_or_else(|error| panic!("{error:#}"));
    one_tenant(criterion, &material);
    a_large_fleet(criterion, &material);
    for tenants in [1000, TENANTS] {
        the_dashboard(criterion, &material, tenants);
    }
}

criterion_group!(benches, figures);
criterion_main!(benches);
