//! The first characters of a secret, which the directory shows to anybody who may see the app.

use secrecy::{ExposeSecret as _, SecretString};

/// As many characters are told, and no more: as many as the directory tells.
const TOLD: usize = 3;

/// Of a shorter secret nothing is told: three characters would be too much of it.
const SHORTEST: usize = 16;

/// Returns the characters by which the directory lists a secret, if it is long enough to show them.
pub fn hint(secret: &SecretString) -> Option<String> {
    let text = secret.expose_secret();
    let long_enough = text.chars().nth(SHORTEST - 1).is_some();
    let head: String = text.chars().take(TOLD).collect();
    let plain = head.chars().all(|c| c.is_ascii_graphic());
    (long_enough && plain).then_some(head)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hint_is_three_characters_and_none_of_a_short_secret() {
        let told = |secret: &str| hint(&secret.to_owned().into());
        assert_eq!(told("abc8Q~and-so-on-and-on"), Some("abc".to_owned()));
        assert_eq!(told(&"x".repeat(16)), Some("xxx".to_owned()));
        assert_eq!(told(&"x".repeat(15)), None);
        assert_eq!(told("\u{1b}[2J-and-so-on-and-on"), None);
        assert_eq!(told(""), None);
    }
}
