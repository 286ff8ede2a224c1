//! The manual: one Markdown file a chapter, and how a chapter is shown.
//!
//! The chapters are read on the web page of the repository, by `credwatch manual` on a terminal, and
//! by `credwatch man` as man pages. This module holds the list and turns Markdown into lines for a
//! terminal or into roff. It prints nothing and starts no pager: `app` does.

mod chapters;
mod markdown;
mod roff;
mod terminal;

pub use chapters::{CHAPTERS, Chapter};

/// Returns a chapter for a terminal of this many columns. Headings carry ANSI styles.
pub fn for_terminal(chapter: &Chapter, columns: usize) -> String {
    terminal::render(&markdown::blocks(chapter.source), columns)
}

/// Returns a chapter as a man page of section 7.
pub fn man_page(chapter: &Chapter) -> String {
    roff::render(chapter, &markdown::blocks(chapter.source))
}

/// Returns every topic with its line, for a list.
pub fn contents() -> String {
    let width = CHAPTERS.iter().map(|chapter| chapter.topic.len()).max();
    let width = width.unwrap_or_default();
    let line = |chapter: &Chapter| format!("{:width$}  {}\n", chapter.topic, chapter.summary);
    CHAPTERS.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use unicode_width::UnicodeWidthStr as _;

    use super::*;

    #[test]
    fn every_chapter_begins_with_a_heading_and_ends_in_a_line() {
        for chapter in CHAPTERS {
            assert!(chapter.source.starts_with("# "), "{}", chapter.topic);
            assert!(chapter.source.ends_with('\n'), "{}", chapter.topic);
            assert!(!chapter.markdown().contains("<!--"), "{}", chapter.topic);
        }
    }

    #[test]
    fn the_list_fits_80_columns() {
        for line in contents().lines() {
            assert!(line.len() <= 80, "{line}");
        }
    }

    #[test]
    fn prose_keeps_to_a_narrow_terminal() {
        for chapter in CHAPTERS {
            let shown = for_terminal(chapter, 60);
            let shown = anstream::adapter::strip_str(&shown).to_string();
            for line in shown.lines().filter(|line| !line.starts_with("    ")) {
                let is_word = line.trim_start_matches("- ").split(' ').count() == 1;
                assert!(is_word || line.width() <= 60, "{}: {line}", chapter.topic);
            }
        }
    }
}
