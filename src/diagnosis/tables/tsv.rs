//! Reads the data files.
//!
//! The files are compiled in, so a bad row is a mistake of ours: it is left out here, and the test of
//! each table, which counts its rows, fails.

use crate::text::Word as _;
use crate::verdict::{Confidence, cause::Cause};

/// Stands for an empty field.
const EMPTY: &str = "-";

/// Separates the values of a field that lists several.
const LIST: char = ',';

/// Returns the rows of a data file below its header, each as `N` fields.
pub(in crate::diagnosis) fn rows<const N: usize>(
    data: &'static str,
) -> impl Iterator<Item = [&'static str; N]> {
    let rows = data.lines().skip(1).filter(|line| !line.is_empty());
    rows.filter_map(|line| {
        let fields: Vec<&str> = line.split('\t').collect();
        fields.try_into().ok()
    })
}

/// Returns how many rows a data file has, whether they can be read or not.
#[cfg(test)]
pub(in crate::diagnosis) fn count(data: &str) -> usize {
    data.lines().skip(1).filter(|line| !line.is_empty()).count()
}

/// Returns the text of a field; empty for `-`.
pub(in crate::diagnosis) fn text(field: &'static str) -> &'static str {
    if field == EMPTY { "" } else { field }
}

/// Returns the cause that a field names.
pub(in crate::diagnosis) fn cause(field: &str) -> Option<Cause> {
    field.parse().ok()
}

/// Returns the causes that a field lists; `None` where one of them does not exist.
pub(in crate::diagnosis) fn causes(field: &'static str) -> Option<Vec<Cause>> {
    let listed = text(field).split(LIST).filter(|id| !id.is_empty());
    listed.map(cause).collect()
}

/// Returns the confidence that a field names.
pub(in crate::diagnosis) fn confidence(field: &str) -> Option<Confidence> {
    let all = [
        Confidence::Possible,
        Confidence::Likely,
        Confidence::Certain,
    ];
    all.into_iter().find(|one| one.word() == field)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_with_another_number_of_fields_is_left_out() {
        let data = "a\tb\n1\t2\n3\n4\t5\t6\n7\t-\n";
        let read: Vec<[&str; 2]> = rows(data).collect();
        assert_eq!(read, [["1", "2"], ["7", "-"]]);
        assert_eq!((count(data), text("-")), (4, ""));
    }

    #[test]
    fn causes_and_confidence_are_read_by_their_words() {
        let both = causes("secret-expired,unknown");
        assert_eq!(both, Some(vec![Cause::SecretExpired, Cause::Unknown]));
        assert_eq!(causes("-"), Some(Vec::new()));
        assert_eq!(causes("no-such-cause"), None);
        assert_eq!(confidence("likely"), Some(Confidence::Likely));
        assert_eq!(confidence("Likely"), None);
    }
}
