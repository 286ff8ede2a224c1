//! The value of a secret: what it may look like, whatever it was read from.

use secrecy::SecretString;

use super::error::SecretError;

/// No secret is larger; more is a wrong file or a runaway program.
pub(super) const MAX_BYTES: usize = 64 * 1024;

/// Returns whether a text can be the id of a systemd credential: a plain file name.
pub fn is_credential_id(id: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '@' | ':');
    !id.is_empty() && id.len() <= 255 && !id.starts_with('.') && id.chars().all(plain)
}

/// Returns the output of a file or program as a secret, without one line end at its end.
pub(super) fn unterminated(
    bytes: &[u8],
    place: impl Fn() -> String,
) -> Result<SecretString, SecretError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let bytes = match bytes.strip_suffix(b"\n") {
        Some(line) => line.strip_suffix(b"\r").unwrap_or(line),
        None => bytes,
    };
    whole(bytes, place)
}

/// Returns bytes as a secret: one line of text that is not blank.
pub(super) fn whole(bytes: &[u8], place: impl Fn() -> String) -> Result<SecretString, SecretError> {
    let Ok(text) = str::from_utf8(bytes) else {
        return Err(SecretError::NotText { place: place() });
    };
    if text.trim().is_empty() {
        return Err(SecretError::Empty { place: place() });
    }
    if text.trim().contains(['\n', '\r']) {
        return Err(SecretError::ManyLines { place: place() });
    }
    Ok(SecretString::from(text))
}
