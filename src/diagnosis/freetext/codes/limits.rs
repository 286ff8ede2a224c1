//! How much of a text the readers of codes look at.

/// How much text behind a code is read as its message.
pub(super) const MESSAGE: usize = 400;

/// No name of a code is longer.
pub(super) const NAME: usize = 100;

/// At most so many codes of one kind are read.
pub(super) const CODES: usize = 200;
