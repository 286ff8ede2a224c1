//! Reads client secrets.

/// Returns whether a text can be the id of a systemd credential: a plain file name.
pub fn is_credential_id(id: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '@' | ':');
    !id.is_empty() && id.len() <= 255 && !id.starts_with('.') && id.chars().all(plain)
}
