//! The protocol or product that a failure is about, as far as advice depends on it.

use crate::{
    observation::Stage,
    verdict::cause::{Cause, Origin},
};

/// What a failure is about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Topic {
    /// Not known.
    #[default]
    Any,
    /// Exchange Web Services.
    Ews,
    /// A mailbox, through Microsoft Graph.
    GraphMail,
    /// Another API than those for mail, such as those of files and sites.
    OtherApi,
    /// IMAP.
    Imap,
    /// POP.
    Pop,
    /// SMTP.
    Smtp,
}

/// Words that name a protocol or product, in lower case. Only whole words count, so that `inbox` and
/// `imaplib` are two things; products come first, since a Graph text about files names Graph too.
const WORDS: &[(&str, Topic)] = &[
    ("onedrive", Topic::OtherApi),
    ("sharepoint", Topic::OtherApi),
    ("driveitem", Topic::OtherApi),
    ("/drive", Topic::OtherApi),
    ("/drives", Topic::OtherApi),
    ("/sites", Topic::OtherApi),
    ("imap", Topic::Imap),
    ("imaps", Topic::Imap),
    ("imap4", Topic::Imap),
    ("imaplib", Topic::Imap),
    ("pop", Topic::Pop),
    ("pop3", Topic::Pop),
    ("pops", Topic::Pop),
    ("poplib", Topic::Pop),
    ("smtp", Topic::Smtp),
    ("smtpclientauthentication", Topic::Smtp),
    ("smtplib", Topic::Smtp),
    ("exchange.asmx", Topic::Ews),
    ("ews", Topic::Ews),
    ("mailfolders", Topic::GraphMail),
    ("sendmail", Topic::GraphMail),
];

impl Topic {
    /// Returns what a text names, by whole words; the first entry of the table wins.
    pub fn named_in(text: &str) -> Self {
        let lower = text.to_ascii_lowercase();
        let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let stands_alone = |word: &str| {
            lower.match_indices(word).any(|(at, _)| {
                let before = lower.get(..at).and_then(|text| text.chars().next_back());
                let after = lower
                    .get(at + word.len()..)
                    .and_then(|text| text.chars().next());
                let open = word.starts_with('/') || !before.is_some_and(is_part);
                open && !after.is_some_and(is_part)
            })
        };
        let found = WORDS.iter().find(|(word, _)| stands_alone(word));
        found.map_or(Self::Any, |(_, topic)| *topic)
    }

    /// Returns this topic, or the one that stage and cause point to where it is not known.
    pub(super) fn or_of(self, stage: Option<Stage>, cause: Cause) -> Self {
        match (self, stage, cause.origin()) {
            (Self::Any, Some(Stage::Ews), _) | (Self::Any, _, Origin::Ews) => Self::Ews,
            (Self::Any, Some(Stage::Graph), _) | (Self::Any, _, Origin::Graph) => Self::GraphMail,
            (known, ..) => known,
        }
    }

    /// Returns whether it is a mail protocol.
    pub(super) const fn is_mail(self) -> bool {
        matches!(self, Self::Imap | Self::Pop | Self::Smtp)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_words_name_a_topic() {
        for (text, topic) in [
            ("imap.login failed: NO AUTHENTICATE failed", Topic::Imap),
            ("IncomingMail2EmailClient popup", Topic::Any),
            ("535 5.7.3 smtp.office365.com", Topic::Smtp),
            (
                "https://outlook.office365.com/EWS/Exchange.asmx",
                Topic::Ews,
            ),
            (
                "GET https://graph.microsoft.com/v1.0/me/drive/root",
                Topic::OtherApi,
            ),
            ("/users/a@b/mailFolders/inbox", Topic::GraphMail),
        ] {
            assert_eq!(Topic::named_in(text), topic, "{text}");
        }
    }
}
