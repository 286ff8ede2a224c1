//! The report to paste into a ticket or a chat: a table, then what to do for each tenant that is not
//! ok.
//!
//! Whoever reads it sees it rendered, on a page that may turn text into links, pictures, mentions and
//! HTML. Foreign text does none of that: punctuation that means something is escaped, and words that
//! even escaped would become a link or call somebody stand as code. The same goes for our own words,
//! so that nobody has to tell the two apart.

use crate::text::Word as _;
use std::fmt;

use chrono::{DateTime, Utc};

use super::document::{self, Document};
use super::markup::{Place, code, inline, prose};
use super::{prose::is_said_already, words};
use crate::observation::Stage;
use crate::verdict::{CredentialReport, Diagnosis, Fleet, Report};

/// Returns the fleet as GitHub-flavoured Markdown.
pub fn render(fleet: &Fleet) -> impl fmt::Display {
    fmt::from_fn(|out| {
        summary(out, fleet)?;
        table(out, fleet)?;
        for report in words::not_ok(fleet) {
            section(out, report, fleet.generated_at)?;
        }
        Ok(())
    })
}

fn summary(out: &mut fmt::Formatter<'_>, fleet: &Fleet) -> fmt::Result {
    if fleet.tenants.is_empty() {
        return writeln!(out, "**credwatch**: no tenant belongs to this part\n");
    }
    let sum = &fleet.summary;
    let noun = if sum.total == 1 { "tenant" } else { "tenants" };
    writeln!(
        out,
        "**credwatch: {}** – {} {noun}: {} critical, {} unknown, {} warning, {} ok – {}\n",
        words::worst(fleet),
        sum.total,
        sum.critical,
        sum.unknown,
        sum.warning,
        sum.ok,
        time(fleet.generated_at),
    )
}

fn table(out: &mut fmt::Formatter<'_>, fleet: &Fleet) -> fmt::Result {
    writeln!(
        out,
        "| tenant | status | live | end of credential | cause |"
    )?;
    writeln!(out, "| --- | --- | --- | --- | --- |")?;
    for report in &fleet.tenants {
        let own = words::own(report).map(|own| format!(" ({own})"));
        let end = words::end(report, fleet.generated_at)
            .map(|end| end + own.as_deref().unwrap_or_default());
        writeln!(
            out,
            "| {} | {} | {} | {} | {} |",
            code(report.name.as_str(), Place::Cell),
            report.status,
            report.live.map_or("–", |live| live.word()),
            end.as_deref().unwrap_or("–"),
            report
                .diagnosis
                .as_ref()
                .map_or("–", |diagnosis| diagnosis.cause.id()),
        )?;
    }
    Ok(())
}

fn section(out: &mut fmt::Formatter<'_>, report: &Report, now: DateTime<Utc>) -> fmt::Result {
    let name = code(report.name.as_str(), Place::Prose);
    writeln!(out, "\n### {name}: {}\n", report.status)?;
    if let Some(found) = &report.diagnosis {
        diagnosis(out, found)?;
    }
    if let Some(end) = words::end(report, now) {
        let advice = words::end_advice(report).filter(|_| !is_said_already(report));
        let advice = advice.map(|advice| format!(": {}", inline(&advice)));
        writeln!(out, "Credential: {end}{}.\n", advice.unwrap_or_default())?;
    }
    facts(out, report)
}

fn diagnosis(out: &mut fmt::Formatter<'_>, diagnosis: &Diagnosis) -> fmt::Result {
    writeln!(
        out,
        "**{}**\n\n{}\n",
        inline(&diagnosis.title),
        prose(&diagnosis.detail)
    )?;
    let owner = diagnosis.owner.words();
    writeln!(out, "To do ({owner} must act):\n")?;
    let mut document = Document::default();
    document.steps(&diagnosis.steps, diagnosis.shell);
    writeln!(out, "{}", document::markdown::render(&document))
}

/// What a ticket is asked for first: which app, which mailbox, which request, who knows more.
fn facts(out: &mut fmt::Formatter<'_>, report: &Report) -> fmt::Result {
    let diagnosis = report.diagnosis.as_ref();
    let of_diagnosis = |field: fn(&Diagnosis) -> Option<&str>| diagnosis.and_then(field);
    let coded = [
        ("cause", of_diagnosis(|found| Some(found.cause.id()))),
        (
            "confidence",
            of_diagnosis(|found| Some(found.confidence.word())),
        ),
        ("stage", of_diagnosis(|found| found.stage.map(Stage::name))),
        ("code", of_diagnosis(|found| found.code.as_deref())),
        ("tenant id", Some(report.tenant_id.as_str())),
        ("client id", Some(report.client_id.as_str())),
        ("mailbox", report.mailbox.as_deref()),
        ("trace id", of_diagnosis(|found| found.trace_id.as_deref())),
        (
            "correlation id",
            of_diagnosis(|found| found.correlation_id.as_deref()),
        ),
    ];
    for (label, value) in coded {
        if let Some(value) = value {
            writeln!(out, "- {label}: {}", code(value, Place::Prose))?;
        }
    }
    for (credential, at) in words::endings(report) {
        writeln!(out, "- {}: ends {}", credential_name(credential), time(at))?;
    }
    writeln!(out, "- checked at: {}", time(report.checked_at))?;
    let told = [
        ("contact", &report.contact),
        ("vendor", &report.vendor_support),
        ("note", &report.note),
    ];
    for (label, value) in told {
        if let Some(value) = value {
            writeln!(out, "- {label}: {}", inline(value))?;
        }
    }
    if let Some(runbook) = &report.runbook {
        writeln!(out, "- runbook: {}", link(runbook))?;
    }
    Ok(())
}

fn credential_name(credential: &CredentialReport) -> String {
    let known_by = [&credential.name, &credential.hint, &credential.key_id];
    let known_by = known_by.into_iter().flatten().next();
    let name = known_by.map(|name| format!(" {}", code(name, Place::Prose)));
    format!("{}{}", credential.kind.word(), name.unwrap_or_default())
}

/// An address from the config, which is not foreign: a link if it is plainly one.
fn link(address: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._~:/?#@%&=+,;".contains(c);
    match address.strip_prefix("https://") {
        Some(rest) if !rest.is_empty() && rest.chars().all(plain) => format!("<{address}>"),
        _ => inline(address),
    }
}

fn time(at: DateTime<Utc>) -> impl fmt::Display {
    at.format("%Y-%m-%d %H:%M UTC")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::fixture;
    use proptest::prelude::*;

    #[test]
    #[expect(clippy::too_many_lines, reason = "one page as a whole")]
    fn a_report_for_a_ticket() {
        insta::assert_snapshot!(render(&fixture::fleet()), @r#"
        **credwatch: critical** – 5 tenants: 1 critical, 1 unknown, 1 warning, 2 ok – 2026-11-21 10:00 UTC

        | tenant | status | live | end of credential | cause |
        | --- | --- | --- | --- | --- |
        | `contoso-rooms` | critical | failing | secret ended 3d ago | secret-expired |
        | `fabrikam-desk` | warning | ok | secret ends in 12d | – |
        | `adatum-mail` | ok | ok | secret ends in 212d | – |
        | `tailspin` | unknown | unknown | end date unknown | secret-unavailable |
        | `wingtip-dates` | ok | – | secret ends in 212d | – |

        ### `contoso-rooms`: critical

        **the client secret has expired**

        Entra knows the secret that was sent, and it has ended.

        To do (app owner must act):

        Before: Sign in.

        ```
        az login
        ```

        1. Make a new client secret.

            ```
            az ad app credential reset --id 22222222-2222-2222-2222-222222222222 --append
            ```

            or in the portal: Entra admin center > App registrations

        2. Enter it under Admin > Reservations > Preferences.
        3. Verify that it works.

            ```
            credwatch check contoso-rooms
            ```

        Credential: secret ended 3d ago.

        - cause: `secret-expired`
        - confidence: `certain`
        - stage: `token`
        - code: `AADSTS7000222`
        - tenant id: `11111111-1111-1111-1111-111111111111`
        - client id: `22222222-2222-2222-2222-222222222222`
        - mailbox: `room-101@contoso.com`
        - trace id: `aaaaaaaa-0000-0000-0000-000000000001`
        - correlation id: `bbbbbbbb-0000-0000-0000-000000000002`
        - secret: ends 2026-11-18 10:00 UTC
        - checked at: 2026-11-21 10:00 UTC
        - contact: identity team, ext. 4711
        - runbook: <https://wiki.contoso.com/credwatch>

        ### `tailspin`: unknown

        **the secret could not be read**

        The variable 'TAILSPIN\_SECRET' is not set.

        To do (credwatch operator must act):

        1. Set the variable 'TAILSPIN\_SECRET'.

        Credential: end date unknown: set `secret_expires` in the config.

        - cause: `secret-unavailable`
        - confidence: `certain`
        - stage: `secret`
        - tenant id: `11111111-1111-1111-1111-111111111111`
        - client id: `22222222-2222-2222-2222-222222222222`
        - mailbox: `desk@adatum.com`
        - checked at: 2026-11-21 10:00 UTC

        ### `fabrikam-desk`: warning

        Credential: secret ends in 12d: renew it, and enter the new one with the vendor.

        - tenant id: `11111111-1111-1111-1111-111111111111`
        - client id: `22222222-2222-2222-2222-222222222222`
        - mailbox: `desk@adatum.com`
        - secret: ends 2026-12-03 10:00 UTC
        - checked at: 2026-11-21 10:00 UTC
        "#);
    }

    proptest! {
        #[test]
        fn a_row_keeps_its_cells(foreign in "\\PC*|[`|\\\\\n a]{0,12}") {
            let page = render(&fixture::of(vec![fixture::hostile(&foreign)])).to_string();
            let row = page.lines().nth(4).unwrap();
            prop_assert_eq!(row.matches('|').count(), 6, "{}", row);
        }
    }
}
