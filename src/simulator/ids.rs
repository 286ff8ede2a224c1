//! Ids and secrets that follow from a name, so that two runs of a fleet can be compared.

use aws_lc_rs::digest;

/// Returns a GUID that follows from the text.
pub(crate) fn guid(text: &str) -> String {
    let digest = digest::digest(&digest::SHA256, text.as_bytes());
    let mut bytes = [0; 16];
    for (to, from) in bytes.iter_mut().zip(digest.as_ref()) {
        *to = *from;
    }
    uuid::Builder::from_random_bytes(bytes)
        .into_uuid()
        .to_string()
}

/// Returns a client secret of the shape that the portal makes: 3 characters, `8Q~`, 34 characters.
pub(crate) fn secret_value(name: &str) -> String {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~";
    let digest = digest::digest(&digest::SHA512, format!("secret {name}").as_bytes());
    let mut characters = digest
        .as_ref()
        .iter()
        .filter_map(|byte| ALPHABET.get(usize::from(*byte) % ALPHABET.len()))
        .map(|byte| char::from(*byte));
    let head: String = characters.by_ref().take(3).collect();
    let tail: String = characters.take(34).collect();
    format!("{head}8Q~{tail}")
}

/// Returns a new random id, as Entra uses for codes and refresh tokens.
pub(crate) fn random() -> String {
    uuid::Uuid::new_v4().simple().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_has_the_shape_of_the_portal() {
        let value = secret_value("contoso-rooms");
        assert_eq!(value.len(), 40);
        assert_eq!(value.get(3..6), Some("8Q~"));
    }
}
