//! README, manual and `.github`: they name everything there is, and nothing that does not exist.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use assert_cmd::Command as Process;
use clap::{Command, CommandFactory as _, Parser as _};
use credwatch::{
    cli::Cli,
    config,
    manual::{self, CHAPTERS},
    report::exit,
};
use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};
use rstest::rstest;

use crate::dashboard::Terminal;

/// Flags of other programs that the documents name.
const FOREIGN_FLAGS: &[&str] = &[
    "--add-redirect",
    "--all-features",
    "--example",
    "--features",
    "--lib",
    "--locked",
    "--no-default-features",
    "--path",
    "--release",
    "--test",
];

pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

pub(crate) fn chapter_path(topic: &str) -> PathBuf {
    root().join(format!("src/manual/{topic}.md"))
}

fn chapter(topic: &str) -> String {
    fs::read_to_string(chapter_path(topic)).unwrap()
}

/// README, every chapter, and the documents for contributors, with their paths.
fn documents() -> Vec<(PathBuf, String)> {
    let chapters = CHAPTERS.iter().map(|chapter| chapter_path(chapter.topic));
    let others = [
        "README.md",
        ".github/CONTRIBUTING.md",
        ".github/SECURITY.md",
    ];
    chapters
        .chain(others.iter().map(|file| root().join(file)))
        .map(|path| {
            let text = fs::read_to_string(&path).unwrap();
            (path, text)
        })
        .collect()
}

/// All documents as one text.
fn everything() -> String {
    documents().into_iter().map(|(_, text)| text).collect()
}

fn events(text: &str) -> impl Iterator<Item = Event<'_>> {
    Parser::new_ext(text, Options::ENABLE_TABLES)
}

/// The fenced code blocks of a document: language and contents.
fn code_blocks(text: &str) -> Vec<(String, String)> {
    let (mut blocks, mut open) = (Vec::new(), None);
    for event in events(text) {
        match event {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(language))) => {
                open = Some((language.into_string(), String::new()));
            }
            Event::Text(text) => {
                if let Some((_, code)) = &mut open {
                    code.push_str(&text);
                }
            }
            Event::End(TagEnd::CodeBlock) => blocks.extend(open.take()),
            _ => {}
        }
    }
    blocks
}

/// The texts between backticks in the prose of a document.
fn inline_code(text: &str) -> Vec<String> {
    let code = events(text).filter_map(|event| match event {
        Event::Code(code) => Some(code.into_string()),
        _ => None,
    });
    code.collect()
}

/// The anchors of a document's headings, as GitHub makes them.
fn anchors(text: &str) -> BTreeSet<String> {
    let (mut anchors, mut heading) = (BTreeSet::new(), None);
    for event in events(text) {
        match event {
            Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
            Event::Text(text) | Event::Code(text) => {
                if let Some(heading) = &mut heading {
                    heading.push_str(&text);
                }
            }
            Event::End(TagEnd::Heading(_)) => {
                let heading = heading.take().unwrap_or_default().to_lowercase();
                let kept = |c: &char| c.is_alphanumeric() || "-_ ".contains(*c);
                let anchor: String = heading.chars().filter(kept).collect();
                anchors.insert(anchor.replace(' ', "-"));
            }
            _ => {}
        }
    }
    anchors
}

#[test]
fn every_link_leads_to_a_file_and_a_heading() {
    for (path, text) in documents() {
        let links = events(&text).filter_map(|event| match event {
            Event::Start(Tag::Link { dest_url, .. }) => Some(dest_url.into_string()),
            _ => None,
        });
        for link in links.filter(|link| !link.contains("://")) {
            let (file, heading) = link.split_once('#').unwrap_or((&link, ""));
            let target = match file {
                "" => path.clone(),
                file => path.parent().unwrap().join(file),
            };
            assert!(target.exists(), "{}: {link}", path.display());
            if !heading.is_empty() {
                let anchors = anchors(&fs::read_to_string(&target).unwrap());
                assert!(anchors.contains(heading), "{}: {link}", path.display());
            }
        }
    }
}

#[test]
fn the_readme_is_short_and_leads_to_every_chapter() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    assert!(readme.lines().count() <= 400);
    for chapter in CHAPTERS {
        let link = format!("(src/manual/{}.md)", chapter.topic);
        assert!(readme.contains(&link), "{link}");
    }
    for event in events(&readme) {
        if let Event::Start(Tag::Heading { .. }) = event {
            assert!(anchors(&readme).len() > 5);
        }
    }
    let files = fs::read_dir(root().join("src/manual")).unwrap();
    let markdown = files.filter(|file| {
        let path = file.as_ref().unwrap().path();
        path.extension().is_some_and(|it| it == "md")
    });
    assert_eq!(markdown.count(), CHAPTERS.len());
}

/// Every command with its subcommands, as typed.
fn commands() -> Vec<(String, Command)> {
    fn add(command: &Command, prefix: &str, all: &mut Vec<(String, Command)>) {
        for command in command.get_subcommands() {
            let name = format!("{prefix} {}", command.get_name());
            add(command, &name, all);
            all.push((name, command.clone()));
        }
    }
    let mut all = Vec::new();
    add(&Cli::command(), "credwatch", &mut all);
    all
}

#[test]
fn readme_and_manual_name_every_command() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let manual: String = CHAPTERS.iter().map(|it| chapter(it.topic)).collect();
    for command in Cli::command().get_subcommands() {
        let name = format!("credwatch {}", command.get_name());
        assert!(readme.contains(&name), "the README lacks `{name}`");
    }
    let codes = chapter("exit-codes");
    for (name, command) in commands() {
        let is_parent = command.get_subcommands().next().is_some();
        assert!(manual.contains(&name), "the manual lacks `{name}`");
        let short = name.trim_start_matches("credwatch ");
        // `config example` and `config path` cannot do anything but print
        let is_named = codes.contains(&format!("`{short}`")) || short.starts_with("config ");
        assert!(is_parent || is_named, "exit-codes lacks `{short}`");
    }
}

#[test]
fn the_manual_names_every_exit_code() {
    let codes = chapter("exit-codes");
    for code in [exit::OK, exit::WARNING, exit::CRITICAL, exit::UNKNOWN] {
        assert!(codes.contains(&format!("\n| {code} | ")), "{code}");
    }
}

/// The keys of the example config, which has all of them: `key = …`, commented out or not.
fn config_keys() -> BTreeSet<String> {
    let word = |c: char| c.is_ascii_lowercase() || c == '_';
    let key = |line: &str| {
        let (key, value) = line.trim_start_matches(['#', ' ']).split_once(" = ")?;
        let begins = |c: char| c.is_alphanumeric() || "\"[{".contains(c);
        (value.starts_with(begins) && key.chars().all(word)).then(|| key.to_owned())
    };
    config::example().lines().filter_map(key).collect()
}

#[test]
fn the_manual_names_every_config_key() {
    let chapter = chapter("configuration");
    let keys = config_keys();
    assert!(keys.len() > 50, "{keys:?}");
    for key in keys {
        assert!(chapter.contains(&format!("`{key}`")), "{key}");
    }
}

#[test]
fn config_snippets_use_keys_that_exist() {
    let mut known = config_keys();
    // keys within a value
    known.extend(["env", "file", "key", "password", "pfx", "hint", "key_id"].map(str::to_owned));
    for (path, text) in documents() {
        for (language, code) in code_blocks(&text) {
            if language != "toml" {
                continue;
            }
            for line in code.lines().filter(|line| !line.starts_with('#')) {
                if let Some((key, _)) = line.split_once(" = ") {
                    assert!(known.contains(key), "{}: {line}", path.display());
                }
            }
        }
    }
}

/// The commands of credwatch in a line of a shell, each as its words.
fn invocations(line: &str) -> Vec<Vec<String>> {
    // blanks around what ends a command, so that it is a word
    let spaced = line
        .replace(';', " ; ")
        .replace("||", " ; ")
        .replace('|', " ; ")
        .replace("&&", " ; ");
    let words = shlex::split(&spaced).unwrap_or_default();
    let commands = words.split(|word| word == ";");
    let ours = commands.filter_map(|command| {
        let is_ours = |word: &String| word == "credwatch" || word.ends_with("/credwatch");
        let begin = command.iter().position(is_ours)?;
        let before = &command[..begin];
        let is_prefix = |word: &String| {
            word == "$"
                || word == "sudo"
                || word.contains('=')
                || word
                    .chars()
                    .all(|c| c == '*' || c == '/' || c.is_ascii_digit())
        };
        let end = command
            .iter()
            .position(|word| word.starts_with(['>', '<']))
            .unwrap_or(command.len());
        before
            .iter()
            .all(is_prefix)
            .then(|| command[begin..end].to_vec())
    });
    ours.collect()
}

#[test]
fn invocations_are_found_in_lines_of_a_shell() {
    let words = |line| invocations(line).concat().join(" ");
    assert_eq!(words("$ credwatch check; echo $?"), "credwatch check");
    assert_eq!(
        words("curl -s x | credwatch explain - # y"),
        "credwatch explain -"
    );
    assert_eq!(
        words("*/15 * * * *  credwatch check > a"),
        "credwatch check"
    );
    assert_eq!(
        words("5 * * * * ~/bin/credwatch watch"),
        "~/bin/credwatch watch"
    );
    assert_eq!(words("podman build -t credwatch ."), "");
}

#[test]
fn commands_in_code_blocks_parse() {
    let mut parsed = 0;
    for (path, text) in documents() {
        for (language, code) in code_blocks(&text) {
            if !matches!(&*language, "sh" | "cron" | "text") {
                continue;
            }
            let code = code.replace("\\\n", " ");
            // in a transcript only what follows the prompt was typed
            let typed = |line: &&str| language != "text" || line.starts_with("$ ");
            for words in code.lines().filter(typed).flat_map(invocations) {
                if let Err(error) = Cli::try_parse_from(&words) {
                    panic!("{}: {words:?}: {error}", path.display());
                }
                parsed += 1;
            }
        }
    }
    assert!(parsed > 40, "{parsed}");
}

#[test]
fn commands_and_flags_in_prose_exist() {
    let known: BTreeSet<String> = commands().into_iter().map(|(name, _)| name).collect();
    let mut flags: BTreeSet<String> = FOREIGN_FLAGS.iter().map(|&it| it.into()).collect();
    let all = commands().into_iter().map(|(_, command)| command);
    for command in all.chain([Cli::command()]) {
        let long = command.get_arguments().filter_map(clap::Arg::get_long);
        flags.extend(long.map(|long| format!("--{long}")));
    }
    flags.extend(["--help", "--version"].map(str::to_owned));
    for (path, text) in documents() {
        for code in inline_code(&text) {
            let words: Vec<&str> = code.split([' ', '=']).collect();
            if let ["credwatch", name, ..] = words[..]
                && name.chars().all(|c| c.is_ascii_lowercase())
            {
                let name = format!("credwatch {name}");
                assert!(known.contains(&name), "{}: `{code}`", path.display());
            }
            if words[0] == "az" || words[0].starts_with("-----") {
                continue;
            }
            for flag in words.iter().filter(|word| word.starts_with("--")) {
                assert!(flags.contains(*flag), "{}: `{code}`", path.display());
            }
        }
    }
}

#[test]
fn paths_named_for_contributors_exist() {
    let folders = ["src/", "tests/", "examples/", ".ci/", ".github/"];
    let mut named = 0;
    for code in inline_code(&everything()) {
        if folders.iter().any(|folder| code.starts_with(folder)) {
            assert!(root().join(&code).exists(), "`{code}` does not exist");
            named += 1;
        }
    }
    assert!(named > 20, "{named}");
}

fn credwatch(arguments: &[&str]) -> Process {
    let mut process = Process::new(env!("CARGO_BIN_EXE_credwatch"));
    process.env_clear().args(arguments);
    process
}

fn printed(arguments: &[&str]) -> String {
    let done = credwatch(arguments).assert().success();
    String::from_utf8(done.get_output().stdout.clone()).unwrap()
}

#[test]
fn a_pipe_gets_the_chapter_as_markdown() {
    let said = printed(&["manual", "causes"]);
    assert!(said.starts_with("# Causes\n"), "{said}");
    assert!(said.contains("| `secret-expired` | app owner |"), "{said}");
    assert!(!said.contains("<!--") && !said.contains('\u{1b}'));
}

#[test]
fn without_a_topic_all_topics_are_listed() {
    let said = printed(&["manual"]);
    for chapter in CHAPTERS {
        assert!(said.contains(&format!("\n{} ", chapter.topic)), "{said}");
    }
    assert!(said.ends_with(&manual::contents()));
}

#[rstest]
#[case::chapter(&["manual", "expirey"], "expiry")]
#[case::page(&["man", "chek"], "check")]
#[case::nested_page(&["man", "credwatch-config-chek"], "config-check")]
fn an_unknown_name_gets_a_hint(#[case] arguments: &[&str], #[case] near: &str) {
    let refused = credwatch(arguments).assert().code(3);
    let said = String::from_utf8_lossy(&refused.get_output().stderr).into_owned();
    assert!(
        said.contains("tip: ") && said.contains(&format!("'{near}'")),
        "{said}"
    );
}

#[rstest]
#[case::main(&["man"], ".TH credwatch 1")]
#[case::command(&["man", "check"], ".TH credwatch-check 1")]
#[case::command_by_its_page(&["man", "credwatch-check"], ".TH credwatch-check 1")]
#[case::nested_command(&["man", "config-check"], ".TH credwatch-config-check 1")]
#[case::chapter(&["man", "causes"], ".TH credwatch-manual-causes 7")]
#[case::chapter_called_like_a_command(&["man", "manual-expiry"], ".TH credwatch-manual-expiry 7")]
fn man_pages_are_found_by_name(#[case] arguments: &[&str], #[case] title: &str) {
    let said = printed(arguments);
    assert!(said.contains(title), "{said}");
}

#[test]
fn every_command_and_chapter_has_a_man_page() {
    for (name, _) in commands() {
        let page = name.replace(' ', "-");
        assert!(
            printed(&["man", &page]).contains(&format!(".TH {page} 1")),
            "{page}"
        );
    }
    for chapter in CHAPTERS {
        let page = format!("manual-{}", chapter.topic);
        let page = if printed(&["man", chapter.topic]).contains(" 7 ") {
            chapter.topic.to_owned()
        } else {
            page
        };
        assert!(
            printed(&["man", &page]).contains(".TH credwatch-manual-"),
            "{page}"
        );
    }
}

#[test]
fn a_terminal_gets_the_chapter_through_the_pager() {
    let mut terminal = Terminal::running_with(&["manual", "faq"], &[("PAGER", "head -n 3")]);
    terminal.until_shown("# FAQ");
    assert!(terminal.exit().success());
}
