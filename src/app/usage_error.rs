//! Command lines that end in the parser: bad usage, and requests for help or the version.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue};

use crate::{
    output::{Color, Output},
    report::{exit, nagios},
};

/// Prints the message of the parser, and returns the exit code.
///
/// Bad usage is always `3`; help and version are answers. Nagios shows no standard error, so with its
/// format a line goes to standard output too.
pub fn report_usage_error(
    mut error: clap::Error,
    arguments: impl IntoIterator<Item = OsString>,
) -> u8 {
    hide_secret(&mut error);
    // an error of this write could only be written to the same stream
    error.print().ok();
    if !error.use_stderr() {
        return exit::OK;
    }
    if is_for_nagios(arguments) {
        let said = error.to_string();
        let first = said.lines().next().unwrap_or_default();
        let line = nagios::unknown_line(first.trim_start_matches("error: "));
        Output::new(Color::Never).line(&line).ok();
    }
    exit::UNKNOWN
}

/// Removes a value that was given in place of the source of a secret: it may be the secret itself.
fn hide_secret(error: &mut clap::Error) {
    let is_source = matches!(
        error.get(ContextKind::InvalidArg),
        Some(ContextValue::String(flag)) if flag.ends_with("<SOURCE>")
    );
    if is_source {
        let hidden = ContextValue::String("(not shown)".to_owned());
        error.insert(ContextKind::InvalidValue, hidden);
    }
}

/// Returns whether a command line that cannot be parsed asks for the Nagios format.
fn is_for_nagios(arguments: impl IntoIterator<Item = OsString>) -> bool {
    let mut is_format = false;
    for argument in arguments {
        if argument == "--format=nagios" || (is_format && argument == "nagios") {
            return true;
        }
        is_format = argument == "--format";
    }
    false
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::cli::Cli;

    #[test]
    fn a_secret_in_the_place_of_its_source_is_not_said_back() {
        let secret = format!("abc8Q~{}", "x".repeat(34));
        for line in [["check", "--candidate"], ["init", "--secret"]] {
            let words = ["credwatch", line[0], line[1], &secret];
            let mut error = Cli::try_parse_from(words).unwrap_err();
            hide_secret(&mut error);
            let said = error.render().to_string();
            assert!(!said.contains(&secret), "{said}");
            assert!(said.contains("env:NAME"), "{said}");
        }
    }

    #[test]
    fn output_for_nagios_is_asked_for_in_either_spelling() {
        for (line, expected) in [
            ("credwatch check --format nagios --bad", true),
            ("credwatch check --bad --format=nagios", true),
            ("credwatch check nagios --format json", false),
            ("credwatch explain --format", false),
        ] {
            let arguments = line.split(' ').map(OsString::from);
            assert_eq!(is_for_nagios(arguments), expected, "{line}");
        }
    }
}
