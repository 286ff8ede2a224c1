//! Steps as the tables of advice hold them.
//!
//! A draft has places such as `{client}` in it and says when it applies. `fill` turns drafts into the
//! steps of one situation.

use crate::verdict::StepKind;

/// A step in a table.
#[derive(Debug, Clone, Copy)]
pub(super) struct Draft {
    pub(super) kind: StepKind,
    pub(super) text: &'static str,
    pub(super) commands: &'static [Line],
    pub(super) portal: Option<&'static str>,
    pub(super) when: &'static [When],
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
}
