//! What to do about a tenant: steps in words, and the commands in them, to be shown whole and copied.
//!
//! The steps are those of the diagnosis, or those that an end date asks for. Commands are numbered from
//! 1 through all steps: a number means the same on the panel, in the detail and in the list to copy from.

use super::{
    model::Model,
    row_status::{RowStatus, deciding_credential, is_stale},
    sentences::kind_word,
};
use crate::{board::Row, text, verdict::Diagnosis};

/// One step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AdviceStep {
    /// The step in words, its commands included.
    pub(crate) text: String,
    /// The commands in it.
    pub(crate) commands: Vec<AdviceCommand>,
}

/// One command, with its number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AdviceCommand {
    pub(crate) number: usize,
    pub(crate) line: String,
}

impl AdviceStep {
    /// Returns whether the step only signs in to a command line.
    pub(crate) fn is_sign_in(&self) -> bool {
        let signs_in = |command: &AdviceCommand| {
            ["az login", "Connect-"]
                .iter()
                .any(|start| command.line.starts_with(start))
        };
        !self.commands.is_empty() && self.commands.iter().all(signs_in)
    }

    /// Returns the words before the first command, without it.
    pub(crate) fn lead(&self) -> &str {
        let lead = match self.commands.first() {
            Some(_) => self.text.split('`').next().unwrap_or_default(),
            None => &self.text,
        };
        lead.trim_end().trim_end_matches([':', ',', ';'])
    }
}

/// A piece of a step: words, or a command that stands on a line of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum StepPart<'a> {
    Words(String),
    Command(&'a AdviceCommand),
}

impl AdviceStep {
    /// Returns the step as words and commands in turn.
    pub(crate) fn parts(&self) -> Vec<StepPart<'_>> {
        let mut parts = Vec::new();
        let mut words = String::new();
        let mut commands = self.commands.iter().peekable();
        for (nth, piece) in self.text.split('`').enumerate() {
            let quoted = nth % 2 == 1;
            match commands.next_if(|command| quoted && command.line == piece) {
                Some(command) => {
                    push_words(&mut parts, &std::mem::take(&mut words));
                    parts.push(StepPart::Command(command));
                }
                None if quoted => {
                    words.push('`');
                    words.push_str(piece);
                    words.push('`');
                }
                None => words.push_str(piece),
            }
        }
        push_words(&mut parts, &words);
        parts
    }
}

/// Adds words, without the punctuation that a command leaves at their start.
fn push_words(parts: &mut Vec<StepPart<'_>>, words: &str) {
    let words = if parts.is_empty() {
        words.trim()
    } else {
        words
            .trim()
            .trim_start_matches(['.', ',', ':', ';'])
            .trim_start()
    };
    if !words.is_empty() {
        parts.push(StepPart::Words(words.to_owned()));
    }
}

/// Returns what to do, in order.
pub(crate) fn steps(model: &Model, row: &Row) -> Vec<AdviceStep> {
    number(texts(model, row))
}

/// Returns what a diagnosis says is to be done, in order.
pub(crate) fn of_diagnosis(diagnosis: &Diagnosis) -> Vec<AdviceStep> {
    number(diagnosis.fix.iter().map(|step| text::line(step)).collect())
}

/// Finds and numbers the commands of steps.
fn number(texts: Vec<String>) -> Vec<AdviceStep> {
    let mut number = 0;
    let step = |text: String| {
        let numbered = |line: &str| {
            number += 1;
            AdviceCommand {
                number,
                line: line.to_owned(),
            }
        };
        AdviceStep {
            commands: commands(&text).map(numbered).collect(),
            text,
        }
    };
    texts.into_iter().map(step).collect()
}

/// Returns every command of the advice, in order.
pub(crate) fn all_commands(model: &Model, row: &Row) -> Vec<AdviceCommand> {
    let steps = steps(model, row);
    steps.into_iter().flat_map(|step| step.commands).collect()
}

/// Returns the commands in a step: what stands in backticks, unless it is one word (the name of a key,
/// a variable) or a line of a config.
fn commands(step: &str) -> impl Iterator<Item = &str> {
    let quoted = step.split('`').skip(1).step_by(2);
    quoted.filter(|text| {
        let mut words = text.split_whitespace();
        let first = words.next().unwrap_or_default();
        let is_setting = !first.starts_with('$') && words.next() == Some("=");
        text.contains(' ') && !is_setting
    })
}

fn texts(model: &Model, row: &Row) -> Vec<String> {
    let Some(report) = &row.report else {
        return Vec::new();
    };
    if let Some(diagnosis) = &report.diagnosis {
        return diagnosis.fix.iter().map(|step| text::line(step)).collect();
    }
    let name = &row.tenant.name;
    match model.row_status(row) {
        RowStatus::Expired | RowStatus::Urgent | RowStatus::Ending => vec![
            format!(
                "Create a second {} beside this one, and keep the old one until the new one works.",
                deciding_credential(report).map_or("credential", kind_word)
            ),
            format!("Enter it {}.", row.tenant.profile.secret_goes_to),
            format!(
                "Enter it at its source here, then check: `credwatch check {name}` must stay green."
            ),
        ],
        RowStatus::TooLong => {
            vec![
                "Replace it with one that ends within max_lifetime, here and at the vendor.".into(),
            ]
        }
        RowStatus::NoEndDate => vec![
            "Tell credwatch when the secret ends: set secret_expires to its date, or to \"never\"."
                .into(),
        ],
        RowStatus::Unknown if is_stale(row, model.now) => {
            vec!["Press r to check it now; if that stays without answer, read the log.".into()]
        }
        RowStatus::Failing | RowStatus::Unknown | RowStatus::Loading | RowStatus::Ok => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_quoted_lines_and_no_names_or_settings() {
        let step = "Set `secret` or `interval = \"30m\"`, run `az ad app show --id 1`, then \
                    `$old = (Get-OrganizationConfig).EwsAllowedAppIDs`.";
        let found: Vec<_> = commands(step).collect();
        assert_eq!(
            found,
            [
                "az ad app show --id 1",
                "$old = (Get-OrganizationConfig).EwsAllowedAppIDs"
            ]
        );
        assert_eq!(commands("no `end").count(), 0);
    }

    #[test]
    fn a_step_has_a_lead_without_its_commands() {
        let step = AdviceStep {
            text: "Sign in: `az login --tenant t`.".into(),
            commands: vec![AdviceCommand {
                number: 1,
                line: "az login --tenant t".into(),
            }],
        };
        assert_eq!(step.lead(), "Sign in");
        assert_eq!(
            step.parts(),
            [
                StepPart::Words("Sign in:".into()),
                StepPart::Command(&step.commands[0])
            ]
        );
        assert!(step.is_sign_in());
    }
}
