//! Many phrases looked for in one pass over a text.

use std::collections::HashMap;

/// So many bytes of a phrase lead to it.
const PREFIX: usize = 3;

/// Phrases by how they begin, so that their number costs no time.
#[derive(Debug)]
pub(super) struct Index {
    by_prefix: HashMap<[u8; PREFIX], Vec<(usize, &'static str)>>,
}

impl Index {
    /// Indexes phrases by their place in a table; one that is shorter than the prefix is never found.
    pub(super) fn new(phrases: impl Iterator<Item = &'static str>) -> Self {
        let mut by_prefix: HashMap<_, Vec<_>> = HashMap::new();
        for (row, phrase) in phrases.enumerate() {
            if let Some(prefix) = phrase.as_bytes().first_chunk() {
                by_prefix.entry(*prefix).or_default().push((row, phrase));
            }
        }
        Self { by_prefix }
    }

    /// Returns where each phrase stands, as place in the text and row of the table, in order.
    pub(super) fn hits(&self, text: &str) -> impl Iterator<Item = (usize, usize)> {
        let windows = text.as_bytes().array_windows::<PREFIX>().enumerate();
        windows.flat_map(move |(at, prefix)| {
            let rows = self.by_prefix.get(prefix).map_or(&[][..], Vec::as_slice);
            let rest = text.as_bytes().get(at..).unwrap_or_default();
            let stands =
                move |(_, phrase): &&(usize, &'static str)| rest.starts_with(phrase.as_bytes());
            rows.iter().filter(stands).map(move |(row, _)| (at, *row))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_phrase_is_found_wherever_it_stands() {
        let index = Index::new(["timed out", "time", "étage", "ab"].into_iter());
        let hits: Vec<_> = index.hits("it timed out, étage").collect();
        assert_eq!(hits, [(3, 0), (3, 1), (14, 2)]);
    }
}
