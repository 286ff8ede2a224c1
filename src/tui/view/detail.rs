//! The detail screen of one tenant.
//!
//! Draws at the left: verdict, steps, stages as a waterfall, evidence; at the right: credentials, recent
//! checks, the last 24 hours, claims, identity, support.
//!
//! One page on a narrow screen, two columns on a wide one; both scroll as a whole.

use ratatui::{
    buffer::Buffer,
    layout::{Constraint, Layout, Rect},
    style::Style,
    text::{Line, Span},
};

use super::{
    gauges, stage_view,
    text_layout::{TextLines, item, numbered, pairs, rule, span, wrap, write},
};
use crate::{
    board::Row,
    text,
    tui::{
        advice, format,
        model::Model,
        row_status::{P95, life_left, percentile},
        sentences, theme,
    },
    verdict::{CredentialReport, Expiry, Live, Report},
};

/// From this width on there are two columns.
const TWO_COLUMNS: u16 = 100;

/// Draws the page.
pub(super) fn draw(model: &Model, area: Rect, buffer: &mut Buffer) {
    for (lines, column) in columns(model, area) {
        write(&lines, model.scroll, column, buffer);
    }
}

/// Returns how many lines there are.
pub(crate) fn height(model: &Model, area: Rect) -> usize {
    let lengths = columns(model, area)
        .into_iter()
        .map(|(lines, _)| lines.len());
    lengths.max().unwrap_or(0)
}

fn columns(model: &Model, area: Rect) -> Vec<(TextLines, Rect)> {
    let Some(row) = model.selected_row() else {
        let gone = Line::raw(" this tenant is not on the board any more: Esc goes back");
        return vec![(vec![gone], area)];
    };
    if area.width < TWO_COLUMNS {
        return vec![(page(model, row, usize::from(area.width)), area)];
    }
    let [left, _, right] = Layout::horizontal([
        Constraint::Percentage(58),
        Constraint::Length(1),
        Constraint::Fill(1),
    ])
    .areas(area);
    vec![
        (story(model, row, usize::from(left.width)), left),
        (surroundings(model, row, usize::from(right.width)), right),
    ]
}

/// Returns the whole page in one column.
pub(super) fn page(model: &Model, row: &Row, width: usize) -> TextLines {
    let mut lines = story(model, row, width);
    lines.extend(surroundings(model, row, width));
    lines
}

/// Why, what to do, and what the last check went through.
fn story(model: &Model, row: &Row, width: usize) -> TextLines {
    let mut lines = vec![rule(&text::line(row.tenant.name.as_str()), width)];
    lines.extend(verdict(model, row, width));
    let steps = advice::steps(model, row);
    if !steps.is_empty() {
        lines.push(Line::raw(""));
        let copies = steps.iter().any(|step| !step.commands.is_empty());
        let title = if copies {
            "what to do (y copies a command)"
        } else {
            "what to do"
        };
        lines.push(rule(title, width));
        lines.extend(numbered(&steps, width));
    }
    lines.push(Line::raw(""));
    match &row.report {
        Some(report) => {
            lines.push(rule(&sentences::last_check(model, row, report), width));
            lines.extend(stage_view::waterfall(row, report, width));
            section(
                &mut lines,
                "evidence",
                pairs(&stage_view::evidence(row, report), width),
                width,
            );
        }
        None => lines.push(Line::styled(
            " the first check has not ended yet",
            theme::QUIET,
        )),
    }
    lines
}

/// What the tenant is made of, and how it was lately.
fn surroundings(model: &Model, row: &Row, width: usize) -> TextLines {
    let report = row.report.as_deref();
    let mut lines = vec![rule("credentials", width)];
    let credentials = report.map_or([].as_slice(), |report| &report.credentials);
    if credentials.is_empty() {
        lines.push(Line::styled(" none is known", theme::QUIET));
    }
    for credential in credentials {
        lines.extend(credential_lines(model, credential, width));
    }
    section(
        &mut lines,
        &results_title(row),
        gauges::recent_checks(row, width),
        width,
    );
    section(
        &mut lines,
        &response_title(row),
        gauges::response_chart(row, width),
        width,
    );
    section(
        &mut lines,
        &uptime_title(model, row),
        uptime(model, row),
        width,
    );
    section(
        &mut lines,
        "claims of the token",
        stage_view::claims(model, row, width),
        width,
    );
    section(&mut lines, "tenant", pairs(&identity(row), width), width);
    section(
        &mut lines,
        "support",
        pairs(&sentences::support(report, row), width),
        width,
    );
    lines
}

/// Adds a titled part, unless it is empty.
fn section(lines: &mut TextLines, title: &str, content: TextLines, width: usize) {
    if content.is_empty() {
        return;
    }
    lines.push(Line::raw(""));
    lines.push(rule(title, width));
    lines.extend(content);
}

fn verdict(model: &Model, row: &Row, width: usize) -> TextLines {
    let row_status = model.row_status(row);
    let mark = format!(" {} {}  ", row_status.symbol(), row_status.word());
    let headline = sentences::headline(model, row);
    let mut lines = item(
        &span(mark, row_status.style()),
        &headline,
        width,
        theme::STRONG,
    );
    let mut paragraph = |content: &str, style: Style| {
        let parts = wrap(content, width.saturating_sub(2));
        lines.extend(
            parts
                .into_iter()
                .map(|part| Line::styled(format!(" {part}"), style)),
        );
    };
    let facts = sentences::facts(model, row);
    if !facts.is_empty() {
        paragraph(&facts, theme::KEY);
    }
    let diagnosis = row
        .report
        .as_ref()
        .and_then(|report| report.diagnosis.as_ref());
    if let Some(diagnosis) = diagnosis {
        paragraph(&text::line(&diagnosis.detail), Style::new());
        if let Some(others) = sentences::alternatives(diagnosis) {
            paragraph(&others, theme::QUIET);
        }
    }
    lines
}

fn credential_lines(model: &Model, credential: &CredentialReport, width: usize) -> TextLines {
    let (symbol, style) = theme::expiry(credential.state);
    let hint = credential
        .hint
        .as_ref()
        .map(|hint| format!(" {}…", text::line(hint)));
    let name = credential
        .name
        .as_ref()
        .map(|name| format!(" '{}'", text::line(name)));
    let what = format!(
        "{}{}{}, {}: {}",
        sentences::kind_word(credential),
        hint.unwrap_or_default(),
        name.unwrap_or_default(),
        credential.role(),
        end_words(model, credential),
    );
    let mut lines = item(
        &span(format!(" {symbol} "), style),
        &what,
        width,
        Style::new(),
    );
    lines.extend(life(model, credential, width));
    let details = [
        Some(sentences::provenance(credential, model.now)),
        credential
            .key_id
            .as_ref()
            .map(|id| format!("key {}", text::line(id))),
        credential.note.as_deref().map(text::line),
    ];
    for detail in details.into_iter().flatten() {
        lines.extend(item(&Span::raw("   "), &detail, width, theme::QUIET));
    }
    lines
}

/// The share of a credential's life that is left.
fn life(model: &Model, credential: &CredentialReport, width: usize) -> Option<Line<'static>> {
    let share = life_left(credential, model.now).filter(|_| !credential.renews_itself())?;
    let style = theme::expiry(credential.state).1;
    let columns = width.saturating_sub(14).clamp(4, 40);
    let mut spans = vec![Span::raw("   ")];
    spans.extend(gauges::gauge(share, columns, style));
    spans.push(span(format!(" {:.0} % left", share * 100.0), theme::QUIET));
    Some(Line::from(spans))
}

fn end_words(model: &Model, credential: &CredentialReport) -> String {
    let offset = model.settings.local_offset;
    match (credential.expires_at, credential.state) {
        (Some(at), _) if credential.renews_itself() => {
            let until = format::date_time(at, offset);
            format!("renews itself; this one is good until {until}")
        }
        (Some(at), _) if at <= model.now => {
            let ago = format::age(model.now - at);
            format!("ended {}, {ago} ago", format::date_time(at, offset))
        }
        (Some(at), _) => {
            let left = format::countdown(at - model.now);
            format!("ends {}, in {left}", format::date_time(at, offset))
        }
        (None, Expiry::Never) => "never ends".into(),
        (None, _) => "no end date is known".into(),
    }
}

fn results_title(row: &Row) -> String {
    // a tenant with a warning works, and an unknown result is no failure
    let judged = row
        .history
        .iter()
        .filter(|point| matches!(point.live, Some(Live::Ok | Live::Failing)));
    let all = judged.clone().count();
    let good = judged.filter(|point| point.live == Some(Live::Ok)).count();
    if all == 0 {
        return "recent checks".into();
    }
    let share = good as f64 * 100.0 / all as f64;
    format!("recent checks: {good} of {all} worked, {share:.0} %")
}

fn response_title(row: &Row) -> String {
    let named = |name: &str, share: f64| {
        let duration = percentile(row, share)?;
        Some(format!("{name} {}", format::millis(duration)))
    };
    let last = row.report.as_ref().and_then(|report| report.ms);
    let parts = [
        last.map(|ms| format!("last {}", format::millis(ms))),
        named("p50", 0.5),
        named("p95", P95),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    format!("response: {}", parts.join(", "))
}

fn uptime_title(model: &Model, row: &Row) -> String {
    let (worked, all) = row.day.uptime(model.now);
    let share = f64::from(worked) * 100.0 / f64::from(all.max(1));
    format!(
        "last 24 h: {share:.1} % of {} worked",
        format::count(all, "check")
    )
}

/// The last 24 hours, oldest first: whether all, some or none of the checks worked.
fn uptime(model: &Model, row: &Row) -> TextLines {
    if row.day.uptime(model.now).1 == 0 {
        return Vec::new();
    }
    let mut spans = vec![Span::raw(" ")];
    spans.extend(gauges::day_strip(row, model.now, 24));
    vec![Line::from(spans)]
}

fn identity(row: &Row) -> Vec<(&'static str, String)> {
    let tenant = &row.tenant;
    let mut pairs = vec![
        ("profile", tenant.profile.id.to_owned()),
        ("directory", text::line(&tenant.app.tenant_id)),
        ("app", text::line(&tenant.app.client_id)),
    ];
    pairs.extend(
        tenant
            .target
            .mailbox
            .as_deref()
            .map(|it| ("mailbox", text::line(it))),
    );
    if !tenant.tags.is_empty() {
        pairs.push(("tags", text::line(&tenant.tags.join(", "))));
    }
    pairs.extend(row.report.as_deref().and_then(retirement));
    pairs
}

fn retirement(report: &Report) -> Option<(&'static str, String)> {
    use crate::verdict::Gate;
    let retirement = report.retirement.as_ref()?;
    let gate = match retirement.gate {
        Gate::Open => "open now",
        Gate::Blocked => "blocked already",
        Gate::Unknown => "not known whether it is open",
    };
    let graph = match retirement.graph_works {
        Some(true) => "; the same call works over Graph",
        Some(false) => "; the same call fails over Graph",
        None => "",
    };
    Some(("EWS", format!("ends {}, {gate}{graph}", retirement.ends_at)))
}
