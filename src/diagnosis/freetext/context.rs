//! Whether a sentence says that something happened: announcements, documentation, subjects of mails and
//! damaged local files say so of nothing.

use super::{input::between, normalised_text::NormalisedText};

/// So much of a sentence is looked at on either side.
const SENTENCE: usize = 240;

/// How documentation leads up to an error that may happen.
const HYPOTHETICAL: &[&str] = &[
    "if you see ",
    "if you get ",
    "if you receive ",
    "if you encounter ",
    "if users see ",
    "if the user sees ",
    "when you see ",
    "you may see ",
    "you might see ",
    "you may get ",
    "you might get ",
    "you may receive ",
    "you might receive ",
    "users may see ",
    "users might see ",
    "you could see ",
    "you will see ",
    "you'll see ",
    "you would see ",
    "clients will receive ",
    "will receive the error",
    "will receive an error",
    "will return ",
    "will fail with ",
    "would return ",
    "no longer get ",
    "no longer see ",
    "instead of ",
    "for example, error",
    "common errors",
    "such as error",
    "wenn sie ",
    "falls sie ",
];

/// The words of the future.
const FUTURE: &[&str] = &[
    " will ",
    "going to ",
    "is scheduled",
    "we plan ",
    "planned for ",
    "starting ",
    "beginning ",
    "effective ",
    " wird ",
    " werden ",
    " sera ",
    " seront ",
    " será ",
    " serán ",
    "以降",
    "予定",
];

/// Whether the sentence of this place says what may happen.
pub(super) fn is_hypothetical(form: &NormalisedText<'_>, at: usize) -> bool {
    let before = sentence_before(form, at);
    HYPOTHETICAL.iter().any(|mark| before.contains(mark))
}

/// Whether the sentence around this place speaks of the future.
pub(super) fn is_announced(form: &NormalisedText<'_>, at: usize) -> bool {
    let behind = between(&form.lower, at, at + SENTENCE);
    let behind = behind.split(". ").next().unwrap_or_default();
    let behind = behind.lines().next().unwrap_or_default();
    let sentence = format!("{}{behind}", sentence_before(form, at));
    FUTURE.iter().any(|mark| sentence.contains(mark))
}

/// Whether this place is the subject or the preview of a mail, which may hold anything.
pub(super) fn is_quoted_mail(form: &NormalisedText<'_>, at: usize) -> bool {
    let line = form.line_before(at).to_ascii_lowercase();
    let marks = [
        "subject:",
        "subject=",
        "subject\":",
        "subject '",
        "subject \"",
        "subject': ",
        "betreff:",
        "objet :",
        "asunto:",
        "bodypreview",
        "snippet\":",
    ];
    marks.iter().any(|mark| line.contains(mark))
}

/// Whether a parser complains of a file of this machine, and not of an answer.
pub(super) fn is_local_file(form: &NormalisedText<'_>, at: usize) -> bool {
    let near = between(&form.lower, at.saturating_sub(600), at + 120);
    let marks = [
        "token_cache",
        "tokencache",
        "token cache",
        "_persistence",
        "json.load(",
        "json.load(f",
        "config.json",
        "settings.json",
        "appsettings",
        "package.json",
        "readfilesync",
        "with open(",
    ];
    marks.iter().any(|mark| near.contains(mark))
}

/// What stands before this place in its sentence.
fn sentence_before<'f>(form: &'f NormalisedText<'_>, at: usize) -> &'f str {
    let before = between(&form.lower, at.saturating_sub(SENTENCE), at);
    let begins = [". ", "\n", "! ", "? "]
        .iter()
        .filter_map(|end| before.rfind(end).map(|at| at + end.len()))
        .max();
    before.get(begins.unwrap_or_default()..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str, mark: &str) -> (bool, bool) {
        let form = NormalisedText::new(text);
        let at = form.lower.find(mark).unwrap();
        (is_hypothetical(&form, at), is_announced(&form, at))
    }

    #[test]
    fn hypothetical_and_announced_errors_are_told() {
        assert_eq!(
            told("If you see AADSTS50076, sign in.", "aadsts"),
            (true, false)
        );
        assert_eq!(
            told("If you see this. I got AADSTS50076.", "aadsts"),
            (false, false)
        );
        assert_eq!(told("EWS will be blocked. It failed", "ews"), (false, true));
    }

    #[test]
    fn subjects_of_mails_and_local_files_are_told() {
        let form = NormalisedText::new("Subject: Re: AADSTS50076");
        assert!(is_quoted_mail(&form, 13));
        let form = NormalisedText::new("token_cache.py\njsondecodeerror");
        assert!(is_local_file(&form, 15));
    }
}
