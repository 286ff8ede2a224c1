//! What to do about a diagnosis or a finding, as data.
//!
//! A step is a sentence with the commands that do what it says, each whole and alone, and the place in
//! a web page where the same is done. Renderings decide how that looks; this module decides only which
//! step leads where there is space for one, and which alternative comes first.

use serde::{Deserialize, Serialize};
use strum::{Display, EnumString, IntoStaticStr};

use crate::tenant::PreferredShell;

/// One step.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// What the step is for.
    pub kind: StepKind,
    /// One or two sentences, without the commands.
    pub text: String,
    /// The commands. Those of `az` and of `powershell` in one step are alternatives; several of one
    /// shell are run in order.
    pub commands: Vec<StepCommand>,
    /// The way through a web page to the same place, such as `Entra admin center > App registrations`.
    pub portal: Option<String>,
}

/// What a step is for.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    Display,
    EnumString,
    IntoStaticStr,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum StepKind {
    /// Must be done once before other steps work, such as signing in to a command line.
    Prerequisite,
    /// Changes or finds out something.
    #[default]
    Do,
    /// Shows whether it helped.
    Verify,
    /// A remark.
    Note,
}

/// A command, whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepCommand {
    /// What runs it.
    pub shell: Shell,
    /// The command in one line.
    pub text: String,
}

/// What runs a command.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    Display,
    EnumString,
    IntoStaticStr,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum Shell {
    /// The Azure CLI, in a POSIX shell or PowerShell.
    Az,
    /// PowerShell, with the module that the step's prerequisite connects.
    Powershell,
    /// A POSIX shell.
    Bash,
    /// credwatch itself, in any shell.
    Credwatch,
}

/// One way to do what a step says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way<'a> {
    /// These commands, in order.
    Commands(&'a [StepCommand]),
    /// This way through a web page.
    Portal(&'a str),
}

impl Step {
    /// Returns a step without commands.
    pub fn plain(kind: StepKind, text: impl Into<String>) -> Self {
        Self {
            kind,
            text: text.into(),
            ..Self::default()
        }
    }

    /// Returns the ways to do what the step says, the preferred one first. Any one of them is enough.
    pub fn ways(&self, preferred: PreferredShell) -> Vec<Way<'_>> {
        let mut ways: Vec<Way<'_>> = Vec::new();
        let is_alternative = |a: Shell, b: Shell| {
            matches!(
                (a, b),
                (Shell::Az, Shell::Powershell) | (Shell::Powershell, Shell::Az)
            )
        };
        // PowerShell after the Azure CLI is another way only where both do the same: a step that
        // names its commands in order says so in its text, and holds one kind of either
        let parts = self
            .commands
            .chunk_by(|one, next| !is_alternative(one.shell, next.shell));
        ways.extend(parts.map(Way::Commands));
        ways.extend(self.portal.as_deref().map(Way::Portal));
        let rank = |way: &Way<'_>| match (way, preferred) {
            (Way::Portal(_), PreferredShell::Portal) => 0,
            (Way::Portal(_), _) => 2,
            (Way::Commands(commands), PreferredShell::Az) => {
                u8::from(runs(commands, Shell::Powershell))
            }
            (Way::Commands(commands), PreferredShell::Powershell) => {
                u8::from(runs(commands, Shell::Az))
            }
            (Way::Commands(_), PreferredShell::Portal) => 1,
        };
        ways.sort_by_key(rank);
        ways
    }

    /// Puts the commands of the preferred way first.
    pub fn prefer(&mut self, preferred: PreferredShell) {
        let last = match preferred {
            PreferredShell::Powershell => Shell::Az,
            PreferredShell::Az | PreferredShell::Portal => Shell::Powershell,
        };
        self.commands.sort_by_key(|command| command.shell == last);
    }

    /// Returns the step as one line, with commands between backticks, the preferred way first.
    pub fn line(&self, preferred: PreferredShell) -> String {
        self.with_ways(self.ways(preferred))
    }

    /// As [`Self::line`], with the preferred way alone.
    pub fn short(&self, preferred: PreferredShell) -> String {
        let ways = self.ways(preferred).into_iter().take(1);
        self.with_ways(ways.collect())
    }

    fn with_ways(&self, ways: Vec<Way<'_>>) -> String {
        if ways.is_empty() {
            return self.text.clone();
        }
        let text = self.text.trim_end_matches('.');
        let ways: Vec<_> = ways.into_iter().map(Way::line).collect();
        format!("{text}: {}", ways.join("; or "))
    }
}

impl Way<'_> {
    fn line(self) -> String {
        match self {
            Self::Portal(path) => format!("in the portal, {path}"),
            Self::Commands(commands) => {
                let quoted = commands.iter().map(|command| format!("`{}`", command.text));
                quoted.collect::<Vec<_>>().join(", then ")
            }
        }
    }
}

fn runs(commands: &[StepCommand], shell: Shell) -> bool {
    commands.iter().any(|command| command.shell == shell)
}

/// Returns the step that leads where there is space for one: the first that does something.
pub fn leading(steps: &[Step]) -> Option<&Step> {
    let does = |step: &&Step| step.kind == StepKind::Do;
    steps.iter().find(does).or_else(|| steps.first())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(shell: Shell, text: &str) -> StepCommand {
        StepCommand {
            shell,
            text: text.to_owned(),
        }
    }

    fn step() -> Step {
        Step {
            commands: vec![
                command(Shell::Az, "az a"),
                command(Shell::Az, "az b"),
                command(Shell::Powershell, "New-A"),
            ],
            portal: Some("Admin center > A".to_owned()),
            ..Step::plain(StepKind::Do, "Make an A.")
        }
    }

    #[test]
    fn the_preferred_way_comes_first_and_none_is_lost() {
        let first = |preferred| format!("{:?}", step().ways(preferred)[0]);
        assert!(first(PreferredShell::Az).contains("az a"));
        assert!(first(PreferredShell::Powershell).contains("New-A"));
        assert!(first(PreferredShell::Portal).contains("Admin center"));
        assert_eq!(step().ways(PreferredShell::Portal).len(), 3);
    }

    #[test]
    fn a_line_holds_every_command_and_the_portal() {
        assert_eq!(
            step().line(PreferredShell::Az),
            "Make an A: `az a`, then `az b`; or `New-A`; or in the portal, Admin center > A"
        );
    }

    #[test]
    fn a_prerequisite_never_leads_where_something_is_to_be_done() {
        let steps = [Step::plain(StepKind::Prerequisite, "Sign in."), step()];
        assert_eq!(leading(&steps), steps.get(1));
        assert_eq!(leading(&steps[..1]), steps.first());
        assert_eq!(leading(&[]), None);
    }

    #[test]
    fn words_are_spelt_as_in_the_json() {
        let word: &'static str = StepKind::Prerequisite.into();
        assert_eq!(word, "prerequisite");
        assert_eq!("powershell".parse(), Ok(Shell::Powershell));
        assert_eq!(
            serde_json::to_value(Shell::Powershell).unwrap(),
            serde_json::json!("powershell")
        );
    }
}
