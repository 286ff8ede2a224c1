//! Names of EWS response codes, and exceptions that are named like them: which of those that a text
//! has happened, and which it only lists.

use std::collections::HashSet;

use super::{
    super::{collector::Collector, context, input::between, normalised_text::NormalisedText},
    limits::{CODES, MESSAGE, NAME},
};
use crate::{
    diagnosis::{evidence::Fact, tables::exchange},
    observation::Stage,
};

/// Finds names of EWS response codes.
pub(in crate::diagnosis::freetext) fn exchange_names(
    form: &NormalisedText<'_>,
    collector: &mut Collector,
) {
    let names: Vec<_> = written_names(form).collect();
    let listed = in_lists(form, &names);
    for (at, name) in &names {
        let end = at + name.len();
        let named = is_source_line(form.line_before(*at)) || is_listed(form, *at, end);
        if named || listed.contains(at) {
            continue;
        }
        if context::is_hypothetical(form, *at) || context::is_quoted_mail(form, *at) {
            continue;
        }
        let fact = Fact::EwsCode((*name).to_owned());
        let message = form
            .rest_of_line(end, MESSAGE)
            .trim_matches([':', ' ', '-', ')', '(']);
        let message = if message.len() > 12 { message } else { "" };
        collector.add_said(fact, Some(Stage::Ews), form.position(*at), message);
    }
}

/// Every name of a response code that stands in a text as a word of its own, with its place.
fn written_names(form: &NormalisedText<'_>) -> impl Iterator<Item = (usize, &'static str)> {
    let hits = form.text.match_indices("Err");
    let named = hits.filter_map(|(at, _)| {
        let rest = between(form.text, at, at + NAME);
        let len = rest.len()
            - rest
                .trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '|')
                .len();
        let name = rest.get(..len)?;
        // the look-ups cost most: what is part of a longer word is none of the names
        if len <= "Error".len() + 3 || !form.stands_alone(at, at + len) {
            return None;
        }
        let known = exchange::response_code(name).filter(|code| code.name == name);
        let code = known.or_else(|| exchange::misread_code(name))?;
        Some((at, code.name))
    });
    named.take(CODES * 4)
}

/// The places of names that stand in a list, as a schema or an enumeration has it: at least three
/// different ones with the same between them.
fn in_lists(form: &NormalisedText<'_>, names: &[(usize, &str)]) -> HashSet<usize> {
    let mut listed = HashSet::new();
    for three in names.windows(3) {
        let [(one, a), (two, b), (three, c)] = three else {
            continue;
        };
        let apart = |from, to| {
            between(form.text, from, to)
                .chars()
                .filter(|c| !c.is_whitespace())
        };
        let same = apart(one + a.len(), *two).eq(apart(two + b.len(), *three));
        if same && a != b && b != c && a != c {
            listed.extend([*one, *two, *three]);
        }
    }
    listed
}

/// Finds exceptions inside Exchange that are named like its response codes.
///
/// `Microsoft.Exchange.…NoFreeBusyAccessException` is what `ErrorNoFreeBusyAccess` reports.
pub(in crate::diagnosis::freetext) fn exchange_exceptions(
    form: &NormalisedText<'_>,
    collector: &mut Collector,
) {
    let named = form.text.match_indices("Exception").filter_map(|(end, _)| {
        let before = between(form.text, end.saturating_sub(160), end);
        let path = before
            .rsplit(|c: char| !c.is_ascii_alphanumeric() && c != '.')
            .next()?;
        let (space, name) = path.rsplit_once('.')?;
        let name = format!("Error{name}");
        let code = exchange::response_code(&name).filter(|code| code.name == name)?;
        space
            .starts_with("Microsoft.Exchange")
            .then_some((end, code.name))
    });
    for (end, name) in named.take(CODES) {
        let fact = Fact::EwsCode(name.to_owned());
        collector.add(fact, Some(Stage::Ews), form.position(end));
    }
}

/// Whether a name stands in a list of such names, as an import has it: then none of them happened.
fn is_listed(form: &NormalisedText<'_>, from: usize, to: usize) -> bool {
    let before = form.text.get(..from).unwrap_or_default();
    let behind = form.text.get(to..).unwrap_or_default();
    let named_before = before.strip_suffix(", ").is_some_and(|before| {
        let word = before.trim_end_matches(|c: char| c.is_ascii_alphanumeric());
        before
            .get(word.len()..)
            .unwrap_or_default()
            .contains("Error")
    });
    named_before || behind.starts_with(", Error")
}

/// Tracebacks show lines of source, which name errors that did not happen.
pub(super) fn is_source_line(line: &str) -> bool {
    let mut words = line
        .split([' ', '(', '\t'])
        .rev()
        .filter(|word| !word.is_empty());
    // what stands before the module of the name, and before the names that are listed with it
    let keyword = words.find(|word| !word.ends_with([',', '.']));
    [
        "except",
        "import",
        "catch",
        "case",
        "isinstance",
        "instanceof",
        "//",
        "#",
    ]
    .iter()
    .any(|word| keyword.is_some_and(|keyword| keyword.ends_with(word)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_in_a_line_of_source_is_no_error() {
        for line in [
            "    except ",
            "from exchangelib.errors import ",
            "} catch (",
            "except (Foo, ",
        ] {
            assert!(is_source_line(line), "{line}");
        }
        for line in ["", "exchangelib.errors.", "failed: ", "raise "] {
            assert!(!is_source_line(line), "{line}");
        }
    }

    #[test]
    fn names_with_the_same_between_them_are_a_list() {
        let places = |text: &str| {
            let form = NormalisedText::new(text);
            let names: Vec<_> = written_names(&form).collect();
            in_lists(&form, &names).len()
        };
        let schema = "<enum v=\"ErrorAccessDenied\"/>\n<enum v=\"ErrorServerBusy\"/>\n \
                      <enum v=\"ErrorNonExistentMailbox\"/>";
        assert_eq!(places(schema), 3);
        assert_eq!(
            places(&schema.replace("ErrorServerBusy", "ErrorAccessDenied")),
            0
        );
        assert_eq!(places("ErrorAccessDenied: a. Then ErrorServerBusy: b"), 0);
    }
}
