//! Lines for a terminal of so many columns, broken between words.

use textwrap::{Options, WordSeparator, WordSplitter, WrapAlgorithm};

/// Longer lines are hard to read, however wide the terminal is.
const WIDEST: usize = 100;

/// Returns the text with its long lines broken. What is carried over is set in as far as the words of
/// the line that it belongs to: by the blanks that the line begins with, and by the width of its
/// number if it has one.
///
/// A word that is wider than a line (an address, a command to copy) stays whole.
pub fn wrapped(text: &str, columns: usize) -> String {
    let columns = columns.min(WIDEST);
    let mut out = String::with_capacity(text.len() + text.len() / 16);
    for line in text.lines() {
        let words = line.trim_start();
        let blanks = line.len() - words.len();
        let (first, hang) = (" ".repeat(blanks), " ".repeat(blanks + marker(words)));
        let options = Options::new(columns)
            .initial_indent(&first)
            .subsequent_indent(&hang)
            .break_words(false)
            .word_separator(WordSeparator::AsciiSpace)
            .word_splitter(WordSplitter::NoHyphenation)
            .wrap_algorithm(WrapAlgorithm::FirstFit);
        for part in textwrap::wrap(words, options) {
            out.push_str(&part);
            out.push('\n');
        }
    }
    out
}

/// How wide the number of a step is, with its blank.
fn marker(words: &str) -> usize {
    let digits = words.chars().take_while(char::is_ascii_digit).count();
    let is_number = digits > 0
        && words
            .get(digits..)
            .is_some_and(|rest| rest.starts_with(". "));
    if is_number { digits + 2 } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use unicode_width::UnicodeWidthStr as _;

    #[test]
    fn what_is_carried_over_stands_under_the_words_above_it() {
        let text = "contoso: it ended (certain)\n   1. Make a new one\n      az ad app\nshort\n";
        insta::assert_snapshot!(wrapped(text, 16), @r"
        contoso: it
        ended (certain)
           1. Make a new
              one
              az ad app
        short
        ");
    }

    #[test]
    fn styles_take_no_columns_and_long_words_stay_whole() {
        let bold = "\u{1b}[1mcontoso:\u{1b}[0m ended";
        assert_eq!(wrapped(bold, 14), format!("{bold}\n"));
        let address = "   https://wiki.contoso.example/credwatch now";
        assert_eq!(
            wrapped(address, 10),
            "   https://wiki.contoso.example/credwatch\n   now\n"
        );
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_no_line_of_short_words_is_too_wide(
            words in prop::collection::vec("[a-z]{1,9}", 0..40), columns in 20usize..120,
        ) {
            let wrapped = wrapped(&words.join(" "), columns);
            prop_assert!(wrapped.lines().all(|line| line.width() <= columns));
            let kept: Vec<_> = wrapped.split_whitespace().collect();
            prop_assert_eq!(kept, words);
        }
    }
}
