//! The names by which a text tells who speaks: Microsoft's services, other services of theirs, other
//! vendors.

use std::sync::LazyLock;

use super::tsv;
use crate::observation::Stage;

/// Whose name a mark is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::diagnosis) enum Provider {
    /// The login service.
    Entra,
    /// Exchange Web Services.
    Exchange,
    /// Microsoft Graph.
    Graph,
    /// Anything of Microsoft's.
    Microsoft,
    /// A service of Microsoft's that is no part of this, and whose refusals look like Graph's.
    OtherMicrosoft,
    /// Another identity provider or mail service.
    Foreign,
}

impl Provider {
    /// Returns the stage at which this provider answers.
    pub(in crate::diagnosis) const fn stage(self) -> Option<Stage> {
        match self {
            Self::Entra => Some(Stage::Token),
            Self::Exchange => Some(Stage::Ews),
            Self::Graph => Some(Stage::Graph),
            Self::Microsoft | Self::OtherMicrosoft | Self::Foreign => None,
        }
    }
}

/// Where the letters around a mark must end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::diagnosis) enum Edges {
    /// Nowhere: no other word has these letters.
    Any,
    /// A word begins with it.
    Begin,
    /// It is a whole word.
    Word,
}

/// One name of a provider, in lower case.
#[derive(Debug)]
pub(in crate::diagnosis) struct ProviderMark {
    /// Whose name it is.
    pub(in crate::diagnosis) provider: Provider,
    /// Whether others use the name too, so that it counts only in a text that is about Microsoft's
    /// services.
    pub(in crate::diagnosis) shared: bool,
    /// Where the letters around it must end.
    pub(in crate::diagnosis) edges: Edges,
    /// The name.
    pub(in crate::diagnosis) mark: &'static str,
}

const DATA: &str = include_str!("../data/providers.tsv");

static MARKS: LazyLock<Vec<ProviderMark>> = LazyLock::new(|| {
    let row = |[provider, counts, edges, mark]: [&'static str; 4]| {
        Some(ProviderMark {
            provider: match provider {
                "entra" => Provider::Entra,
                "exchange" => Provider::Exchange,
                "graph" => Provider::Graph,
                "microsoft" => Provider::Microsoft,
                "other-microsoft" => Provider::OtherMicrosoft,
                "foreign" => Provider::Foreign,
                _ => return None,
            },
            shared: counts == "shared",
            edges: match edges {
                "any" => Edges::Any,
                "begin" => Edges::Begin,
                "word" => Edges::Word,
                _ => return None,
            },
            mark,
        })
    };
    tsv::rows(DATA).filter_map(row).collect()
});

/// Returns every mark.
pub(in crate::diagnosis) fn marks() -> &'static [ProviderMark] {
    &MARKS
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn marks_are_complete_unique_and_in_lower_case() {
        assert_eq!(marks().len(), tsv::count(DATA));
        let mut seen = HashSet::new();
        for row in marks() {
            assert_eq!(row.mark.to_lowercase(), row.mark);
            assert!(
                seen.insert((row.provider, row.shared, row.mark)),
                "{}",
                row.mark
            );
        }
    }
}
