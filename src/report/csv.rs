//! The report for spreadsheets: RFC 4180, a header, one row a tenant.
//!
//! Spreadsheets run what looks like a formula, and some texts here come from servers. A text that
//! begins like one gets a leading apostrophe, which spreadsheets take as "this is text"
//! (<https://owasp.org/www-community/attacks/CSV_Injection>). Numbers and times are our own and stay
//! as they are, so that a negative number of days can be sorted.

use crate::text::Word;
use std::fmt;

use chrono::{DateTime, SecondsFormat, Utc};

use super::words;
use crate::verdict::{Fleet, Report};
use crate::{observation::Stage, text};

const HEADER: &str = "name,profile,tenant_id,client_id,mailbox,tags,status,live,expiry,cause,stage,\
                      code,confidence,owner,title,expires_at,days_left,ms,checked_at";

/// What a formula may begin with; the wide forms do it too in some locales.
const FORMULA: [char; 8] = [
    '=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}',
];

/// Returns the fleet as CSV with a header; lines end in CRLF. What has nothing to say is empty.
pub fn render(fleet: &Fleet) -> impl fmt::Display {
    fmt::from_fn(|out| {
        write!(out, "{HEADER}\r\n")?;
        for report in &fleet.tenants {
            write!(out, "{}\r\n", row(report).join(","))?;
        }
        Ok(())
    })
}

fn row(report: &Report) -> [String; 19] {
    let diagnosis = report.diagnosis.as_ref();
    let end = words::soonest(report);
    let ours = |id: Option<&'static str>| id.unwrap_or_default().to_owned();
    let foreign = |value: Option<&str>| value.map(cell).unwrap_or_default();
    [
        cell(report.name.as_str()),
        report.profile.to_owned(),
        cell(&report.tenant_id),
        cell(&report.client_id),
        foreign(report.mailbox.as_deref()),
        // a semicolon would split the cell where that is the separator of the locale
        cell(&report.tags.join("|")),
        report.status.to_string(),
        ours(report.live.map(Word::word)),
        ours(report.expiry.map(Word::word)),
        ours(diagnosis.map(|diagnosis| diagnosis.cause.id())),
        ours(
            diagnosis
                .and_then(|diagnosis| diagnosis.stage)
                .map(Stage::name),
        ),
        foreign(diagnosis.and_then(|diagnosis| diagnosis.code.as_deref())),
        ours(diagnosis.map(|diagnosis| diagnosis.confidence.word())),
        ours(diagnosis.map(|diagnosis| diagnosis.owner.word())),
        foreign(diagnosis.map(|diagnosis| diagnosis.title.as_str())),
        end.map(|(_, at)| time(at)).unwrap_or_default(),
        end.and_then(|(end, _)| end.days_left)
            .map(|days| days.to_string())
            .unwrap_or_default(),
        report.ms.map(|ms| ms.to_string()).unwrap_or_default(),
        time(report.checked_at),
    ]
}

pub(super) fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// A text as a cell: on one line, no formula, quoted where it must be.
pub(super) fn cell(foreign: &str) -> String {
    let mut line = text::line(foreign);
    if line.starts_with(FORMULA) {
        line.insert(0, '\'');
    }
    if line.contains([',', '"', ';']) {
        format!("\"{}\"", line.replace('"', "\"\""))
    } else {
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::fixture;
    use proptest::prelude::*;

    /// Reads CSV as RFC 4180 has it.
    fn read(csv: &str) -> Vec<Vec<String>> {
        let (mut rows, mut row, mut cell, mut quoted) = (vec![], vec![], String::new(), false);
        let mut chars = csv.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '"' if quoted && chars.peek() == Some(&'"') => cell.extend(chars.next()),
                '"' => quoted = !quoted,
                ',' if !quoted => row.push(std::mem::take(&mut cell)),
                '\r' if !quoted => {
                    assert_eq!(chars.next(), Some('\n'), "a line ends in CRLF");
                    row.push(std::mem::take(&mut cell));
                    rows.push(std::mem::take(&mut row));
                }
                c => cell.push(c),
            }
        }
        assert!(
            cell.is_empty() && row.is_empty() && !quoted,
            "the last line is whole"
        );
        rows
    }

    #[test]
    fn a_row_a_tenant() {
        let csv = render(&fixture::fleet()).to_string();
        assert!(csv.ends_with("\r\n"));
        insta::assert_snapshot!(csv.replace("\r\n", "\n"), @r#"
        name,profile,tenant_id,client_id,mailbox,tags,status,live,expiry,cause,stage,code,confidence,owner,title,expires_at,days_left,ms,checked_at
        contoso-rooms,eptura,11111111-1111-1111-1111-111111111111,22222222-2222-2222-2222-222222222222,room-101@contoso.com,prod|eu,critical,failing,expired,secret-expired,token,AADSTS7000222,certain,app-owner,the client secret has expired,2026-11-18T10:00:00Z,-3,290.8,2026-11-21T10:00:00Z
        fabrikam-desk,app-only,11111111-1111-1111-1111-111111111111,22222222-2222-2222-2222-222222222222,desk@adatum.com,prod|eu,warning,ok,warning,,,,,,,2026-12-03T10:00:00Z,12,290.8,2026-11-21T10:00:00Z
        adatum-mail,app-only,11111111-1111-1111-1111-111111111111,22222222-2222-2222-2222-222222222222,desk@adatum.com,prod|eu,ok,ok,ok,,,,,,,2027-06-21T10:00:00Z,212,290.8,2026-11-21T10:00:00Z
        tailspin,app-only,11111111-1111-1111-1111-111111111111,22222222-2222-2222-2222-222222222222,desk@adatum.com,prod|eu,unknown,unknown,unknown,secret-unavailable,secret,,certain,operator,the secret could not be read,,,0.1,2026-11-21T10:00:00Z
        wingtip-dates,app-only,11111111-1111-1111-1111-111111111111,22222222-2222-2222-2222-222222222222,,,ok,,ok,,,,,,,2027-06-21T10:00:00Z,212,,2026-11-21T10:00:00Z
        "#);
    }

    #[test]
    fn a_text_that_looks_like_a_formula_is_text_and_a_number_is_a_number() {
        assert_eq!(cell("=HYPERLINK(\"x\";1)"), "\"'=HYPERLINK(\"\"x\"\";1)\"");
        for bad in ["+1", "-1", "@a", "\t=1", "\r\n=1", "\u{ff1d}1"] {
            assert!(cell(bad).starts_with('\''), "{bad:?}");
        }
        let csv = render(&fixture::of(vec![fixture::failing()])).to_string();
        assert!(csv.contains(",-3,"));
    }

    proptest! {
        #[test]
        fn what_was_written_reads_back(foreign in "\\PC*|[\"',;=\r\n\t a]{0,12}") {
            let rows = read(&render(&fixture::of(vec![fixture::hostile(&foreign)])).to_string());
            prop_assert_eq!(rows.len(), 2);
            prop_assert!(rows.iter().all(|row| row.len() == 19));
            let plain = text::line(&foreign);
            let guard = if plain.starts_with(FORMULA) { "'" } else { "" };
            prop_assert_eq!(&rows[1][14], &format!("{guard}{plain}"));
            prop_assert!(rows[1].iter().enumerate()
                .all(|(at, cell)| at == 16 || !cell.starts_with(FORMULA)));
        }
    }
}
