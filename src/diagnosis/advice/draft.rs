//! Steps as the tables of advice hold them, and how they become steps for one situation.
//!
//! A draft has places such as `{client}` in it and says when it applies. Signing in to a command line
//! is never written in a table: [`fill`] derives those prerequisites from the commands that follow.
//! Called by `explain` alone; decides no cause.

use super::Context;
use crate::verdict::{Shell, Step, StepCommand, StepKind};

/// A step in a table.
#[derive(Debug, Clone, Copy)]
pub(super) struct Draft {
    kind: StepKind,
    text: &'static str,
    commands: &'static [Line],
    portal: Option<&'static str>,
    when: &'static [When],
}

/// A command in a table, by the program that must be signed in for it.
#[derive(Debug, Clone, Copy)]
pub(super) enum Line {
    /// The Azure CLI.
    Az(&'static str),
    /// Microsoft Graph PowerShell.
    Graph(&'static str),
    /// Exchange Online PowerShell.
    Exchange(&'static str),
    /// The Exchange Management Shell on an Exchange server of the organisation's own.
    Server(&'static str),
    /// A POSIX shell.
    Bash(&'static str),
    /// credwatch itself.
    Credwatch(&'static str),
}

/// What must hold for a step to apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum When {
    /// credwatch itself met the failure, in a check of a configured tenant.
    Checked,
    /// The failure stands in a text from another program.
    Pasted,
    /// The failure is about EWS, or its protocol is not known.
    Ews,
    /// The failure is about a mailbox that is read through Microsoft Graph.
    GraphMail,
    /// The failure is about IMAP, POP or SMTP.
    Mail,
    /// The failure is not about IMAP, POP or SMTP.
    NotMail,
    /// The failure is about another API than those for mail, such as that of files.
    OtherApi,
    /// The failure is about SMTP.
    Smtp,
    /// The app signs in by itself, or it is not known who signs in.
    App,
    /// A person signs in, or it is not known who signs in.
    Person,
}

/// Returns a step that changes or finds out something.
pub(super) const fn act(text: &'static str, commands: &'static [Line]) -> Draft {
    Draft {
        kind: StepKind::Do,
        text,
        commands,
        portal: None,
        when: &[],
    }
}

/// Returns a step that shows whether the others have helped.
pub(super) const fn verify(text: &'static str, commands: &'static [Line]) -> Draft {
    Draft {
        kind: StepKind::Verify,
        ..act(text, commands)
    }
}

/// Returns a remark that belongs to the steps before it.
pub(super) const fn note(text: &'static str) -> Draft {
    Draft {
        kind: StepKind::Note,
        ..act(text, &[])
    }
}

impl Draft {
    /// Adds the place in a web page where the same is done.
    pub(super) const fn portal(self, path: &'static str) -> Self {
        Self {
            portal: Some(path),
            ..self
        }
    }

    /// Limits the step to situations in which all of this holds.
    pub(super) const fn when(self, when: &'static [When]) -> Self {
        Self { when, ..self }
    }

    fn filled(&self, context: &Context) -> Step {
        Step {
            kind: self.kind,
            text: context.fill_sentence(self.text),
            commands: self
                .commands
                .iter()
                .map(|line| line.filled(context))
                .collect(),
            portal: self.portal.map(|path| context.fill(path)),
        }
    }
}

impl Line {
    const fn parts(self) -> (Shell, &'static str) {
        match self {
            Self::Az(text) => (Shell::Az, text),
            Self::Graph(text) | Self::Exchange(text) | Self::Server(text) => {
                (Shell::Powershell, text)
            }
            Self::Bash(text) => (Shell::Bash, text),
            Self::Credwatch(text) => (Shell::Credwatch, text),
        }
    }

    fn filled(self, context: &Context) -> StepCommand {
        let (shell, text) = self.parts();
        StepCommand {
            shell,
            text: context.fill_command(text),
        }
    }
}

/// Returns the steps that apply, behind what has to be signed in for their commands.
pub(super) fn fill(drafts: &[Draft], context: &Context) -> Vec<Step> {
    let applies = |draft: &&Draft| draft.when.iter().all(|when| context.holds(*when));
    let drafts: Vec<_> = drafts.iter().filter(applies).collect();
    let lines = || drafts.iter().flat_map(|draft| draft.commands);
    let mut sign_in = Vec::new();
    if lines().any(|line| matches!(line, Line::Az(_))) {
        sign_in.extend(context.cloud_command().map(Line::Az));
        sign_in.push(Line::Az(
            "az login --tenant {tenant} --allow-no-subscriptions",
        ));
    }
    if lines().any(|line| matches!(line, Line::Graph(_))) {
        sign_in.push(Line::Graph(
            "Connect-MgGraph{graph_cloud} -TenantId {tenant} -Scopes Application.ReadWrite.All",
        ));
    }
    let mut steps = Vec::new();
    if !sign_in.is_empty() {
        steps.push(Step {
            kind: StepKind::Prerequisite,
            text: "Sign in with an account that may manage the app.".to_owned(),
            commands: sign_in.iter().map(|line| line.filled(context)).collect(),
            portal: None,
        });
    }
    if lines().any(|line| matches!(line, Line::Exchange(_))) {
        let connect = Line::Exchange("Connect-ExchangeOnline{exchange_cloud}");
        steps.push(Step {
            kind: StepKind::Prerequisite,
            text: "Connect to Exchange Online as an Exchange administrator.".to_owned(),
            commands: vec![connect.filled(context)],
            portal: None,
        });
    }
    steps.extend(drafts.iter().map(|draft| draft.filled(context)));
    for step in &mut steps {
        step.prefer(context.shell());
    }
    steps
}
