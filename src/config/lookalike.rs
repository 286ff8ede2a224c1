//! Warns of names that look alike: the same word in another normal form, or with letters of another
//! script.

use std::collections::HashMap;

use unicode_security::skeleton;

use super::problem::{Fault, Findings, Place};
use crate::tenant::TenantName;

/// Most characters that a warning lists.
const LISTED: usize = 5;

/// Warns of each name that looks like an earlier one.
///
/// Two names in ASCII are left alone: `room-1` and `room-l` look alike in some fonts, but both can be
/// told apart by typing them.
pub(super) fn warn(names: &HashMap<TenantName, Place>, findings: &mut Findings) {
    if names.keys().all(|name| name.as_str().is_ascii()) {
        return;
    }
    let mut ordered: Vec<_> = names.iter().collect();
    ordered.sort_by_key(|(_, place)| (&place.file, place.position));
    let mut earlier: HashMap<String, (&TenantName, &Place)> = HashMap::new();
    for (name, place) in ordered {
        let looks: String = skeleton(name.as_str()).collect();
        let Some((first, at)) = earlier.get(&looks) else {
            earlier.insert(looks, (name, place));
            continue;
        };
        if !name.as_str().is_ascii() || !first.as_str().is_ascii() {
            let fault = Fault::new(format!(
                "'{name}' looks like the name of {at}, and differs in {}",
                difference(name.as_str(), first.as_str())
            ));
            let hint = "rename one: in alerts and reports the two cannot be told apart";
            findings.warning(fault.hint(hint).at(Some(place.clone()), "name"));
        }
    }
}

/// Returns the code points that only one of two names has.
fn difference(name: &str, first: &str) -> String {
    let only = |one: &str, other: &str| -> Vec<String> {
        let mut found: Vec<char> = one.chars().filter(|c| !other.contains(*c)).collect();
        found.dedup();
        let found = found.into_iter().take(LISTED);
        found.map(|c| format!("U+{:04X}", u32::from(c))).collect()
    };
    [only(name, first), only(first, name)].concat().join(", ")
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn warned(names: &[&str]) -> Vec<String> {
        let names = names.iter().zip(1..).map(|(name, line)| {
            let place = Place {
                file: Path::new("c.toml").into(),
                position: Some((line, 8)),
            };
            (TenantName::from(*name), place)
        });
        let mut findings = Findings::default();
        warn(&names.collect(), &mut findings);
        let warnings = findings.into_warnings().unwrap();
        warnings.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_name_that_looks_like_another_is_warned_of() {
        let cyrillic = "contos\u{43e}";
        assert_eq!(
            warned(&["contoso", cyrillic, "fabrikam"]),
            [format!(
                "c.toml:2:8: name: '{cyrillic}' looks like the name of c.toml:1:8, and differs in \
                 U+043E\n  hint: rename one: in alerts and reports the two cannot be told apart"
            )]
        );
        // the same word, composed and decomposed
        assert_eq!(warned(&["m\u{fc}ller", "mu\u{308}ller"]).len(), 1);
        assert!(warned(&["m\u{fc}ller", "m\u{f6}ller", "muller"]).is_empty());
        assert!(warned(&["room-1", "room-l"]).is_empty());
    }
}
