//! Parsers of values that several commands take.

use clap::builder::{PossibleValue, PossibleValuesParser};

use crate::{
    cloud::{CLOUDS, Cloud},
    config::check_value,
    manual::{CHAPTERS, Chapter},
    profile::{PROFILES, Profile},
    tenant::SecretSource,
};

/// Returns the parser of a chapter's name.
pub(super) fn topics() -> PossibleValuesParser {
    let value = |chapter: &Chapter| PossibleValue::new(chapter.topic).help(chapter.summary);
    PossibleValuesParser::new(CHAPTERS.iter().map(value))
}

/// Parses the source of a secret; never the secret itself.
pub(super) fn secret_source(text: &str) -> Result<SecretSource, String> {
    SecretSource::from_word(text).ok_or_else(|| {
        "name a source: env:NAME, file:PATH or credential:ID (a secret never goes on a command line)"
            .to_owned()
    })
}

/// Parses the word for a profile.
pub(super) fn profile(word: &str) -> Result<&'static Profile, String> {
    Profile::by_id(word).ok_or_else(|| {
        let known: Vec<_> = PROFILES.iter().map(|profile| profile.id).collect();
        format!("name one of {}", known.join(", "))
    })
}

/// Parses the word for a cloud.
pub(super) fn cloud(word: &str) -> Result<&'static Cloud, String> {
    Cloud::by_id(word).ok_or_else(|| {
        let known: Vec<_> = CLOUDS.iter().map(|cloud| cloud.id).collect();
        format!("name one of {}", known.join(", "))
    })
}

/// Checks a value by the rules of its config key.
pub(super) fn config_value(key: &str, value: &str) -> Result<String, String> {
    check_value(key, value).map(|()| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_of_a_secret_is_never_the_secret() {
        assert_eq!(
            secret_source("env:NEW"),
            Ok(SecretSource::Env("NEW".into()))
        );
        assert_eq!(
            secret_source("file:/a:b"),
            Ok(SecretSource::File("/a:b".into()))
        );
        for bad in ["abc8Q~x", "env:", "pass:x", ""] {
            assert!(secret_source(bad).unwrap_err().contains("env:NAME"));
        }
    }
}
