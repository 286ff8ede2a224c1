//! Turns drafts of steps into the steps of one situation.
//!
//! Signing in to a command line is never written in a table: [`fill`] derives those prerequisites from
//! the commands that follow. Called by `explain` alone; decides no cause.

use super::{
    Context,
    draft::{Draft, Line},
};
use crate::verdict::{Shell, Step, StepCommand, StepKind};

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

impl Draft {
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
