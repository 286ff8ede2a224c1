//! The stable word of an enum's variant, as documents, config files and tables spell it.

/// An enum whose variants have words, derived with `strum::IntoStaticStr`.
pub trait Word: Into<&'static str> {
    /// Returns the word.
    fn word(self) -> &'static str {
        self.into()
    }
}

impl<T: Into<&'static str>> Word for T {}
