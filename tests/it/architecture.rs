//! The import rule: who may name whom. Read from the sources, so that a breach fails the build.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// Modules without IO: they import only each other.
const PURE: &[&str] = &[
    "alert",
    "assessment",
    "board",
    "claims",
    "cloud",
    "diagnosis",
    "expiry",
    "findings",
    "health",
    "inventory",
    "manual",
    "observation",
    "profile",
    "registration",
    "report",
    "schedule",
    "shard",
    "stage",
    "systemd",
    "tenant",
    "text",
    "verdict",
];

/// What a pure module never names.
const IMPURE_PATHS: &[&str] = &[
    "tokio::",
    "reqwest::",
    "net::Tcp",
    "TcpStream",
    "Utc::now",
    "Local::now",
    "Instant::now",
    "SystemTime::now",
];

/// The modules of the standard library that a pure module never names, alone or in a group.
const IMPURE_STD: &[&str] = &["env", "fs", "process", "thread"];

/// A module and the modules it never imports.
const NEVER: &[(&str, &[&str])] = &[
    (
        "tui",
        &[
            "notify",
            "check",
            "secret",
            "config",
            "monitor",
            "history",
            "simulator",
            "http",
            "serve",
        ],
    ),
    (
        "notify",
        &[
            "tui",
            "check",
            "secret",
            "config",
            "history",
            "simulator",
            "serve",
        ],
    ),
    (
        "serve",
        &[
            "tui",
            "notify",
            "history",
            "check",
            "secret",
            "config",
            "monitor",
            "http",
            "simulator",
        ],
    ),
    (
        "history",
        &[
            "tui",
            "notify",
            "check",
            "secret",
            "config",
            "http",
            "monitor",
            "simulator",
            "serve",
        ],
    ),
    (
        "simulator",
        &["check", "http", "diagnosis", "report", "monitor", "config"],
    ),
    (
        "check",
        &["diagnosis", "report", "tui", "notify", "simulator"],
    ),
    (
        "directory",
        &[
            "config",
            "diagnosis",
            "monitor",
            "notify",
            "report",
            "secret",
            "simulator",
            "tui",
        ],
    ),
    (
        "http",
        &["check", "diagnosis", "report", "tui", "notify", "simulator"],
    ),
    (
        "secret",
        &["check", "http", "diagnosis", "report", "tui", "notify"],
    ),
    (
        "init",
        &[
            "check",
            "http",
            "monitor",
            "notify",
            "secret",
            "login",
            "simulator",
            "tui",
        ],
    ),
    ("monitor", &["tui", "simulator", "login"]),
    (
        "login",
        &["tui", "notify", "monitor", "config", "simulator", "secret"],
    ),
];

/// A source file that ships, without its tests.
pub(crate) struct Source {
    /// Where it is.
    pub(crate) path: PathBuf,
    /// Its text, with blocks and modules of tests taken out.
    pub(crate) code: String,
}

/// The source files that ship, each without its tests.
pub(crate) fn sources() -> Vec<Source> {
    let mut found = Vec::new();
    let mut tests = BTreeSet::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let (code, modules) = shipped(&fs::read_to_string(&path).unwrap());
                for module in modules {
                    tests.insert(folder.join(format!("{module}.rs")));
                    tests.insert(folder.join(module).join("mod.rs"));
                }
                found.push(Source { path, code });
            }
        }
    }
    found.retain(|source| !tests.contains(&source.path));
    found
}

/// Takes out of a formatted file what is only there for tests: blocks, and the modules in files of
/// their own, which are returned by name.
fn shipped(text: &str) -> (String, Vec<String>) {
    let (mut code, mut modules) = (String::new(), Vec::new());
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if line.trim() != "#[cfg(test)]" {
            code.push_str(line);
            code.push('\n');
            continue;
        }
        let indent = &line[..line.len() - line.trim_start().len()];
        let item = lines.next().unwrap_or_default();
        if let Some((_, name)) = item.split_once("mod ").filter(|_| item.ends_with(';')) {
            modules.push(name.trim_end_matches(';').to_owned());
        } else if item.ends_with('{') {
            // a formatted block ends with the brace that stands where it began
            let end = format!("{indent}}}");
            lines.by_ref().find(|line| *line == end);
        }
    }
    (code, modules)
}

/// The module that a file belongs to: the folder or file right under `src`.
fn module(path: &Path) -> String {
    let inside = path
        .strip_prefix(Path::new(env!("CARGO_MANIFEST_DIR")).join("src"))
        .unwrap();
    let first = inside
        .components()
        .next()
        .unwrap()
        .as_os_str()
        .to_string_lossy()
        .into_owned();
    first.trim_end_matches(".rs").to_owned()
}

/// The modules that code names by `crate::module` or `crate::{module, other::…}`.
fn imports(code: &str) -> BTreeSet<String> {
    members(code, "crate::")
}

/// What code names right below a path, singly or in groups; comments do not count.
fn members(code: &str, path: &str) -> BTreeSet<String> {
    let code: String = code
        .lines()
        .filter_map(|line| line.split("//").next())
        .collect();
    let mut found = BTreeSet::new();
    for (at, _) in code.match_indices(path) {
        let rest = &code[at + path.len()..];
        match rest.strip_prefix('{') {
            Some(group) => found.extend(heads(group)),
            None => found.extend(word(rest)),
        }
    }
    found
}

/// The first word of each member of an import group.
fn heads(group: &str) -> Vec<String> {
    let (mut depth, mut start, mut found) = (0, 0, Vec::new());
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => {
                found.extend(word(group[start..at].trim_start()));
                break;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => {
                found.extend(word(group[start..at].trim_start()));
                start = at + 1;
            }
            _ => {}
        }
    }
    found
}

fn word(text: &str) -> Option<String> {
    let word: String = text
        .chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect();
    (!word.is_empty()).then_some(word)
}

#[test]
fn pure_modules_import_only_pure_modules() {
    for Source { path, code } in sources() {
        let module = module(&path);
        if !PURE.contains(&module.as_str()) {
            continue;
        }
        for import in imports(&code) {
            assert!(
                PURE.contains(&import.as_str()) || import.starts_with(char::is_uppercase),
                "{} belongs to the pure module '{module}' and imports '{import}'",
                path.display()
            );
        }
        for forbidden in IMPURE_PATHS {
            assert!(
                !code.contains(forbidden),
                "{} names {forbidden}",
                path.display()
            );
        }
        for module in members(&code, "std::") {
            assert!(
                !IMPURE_STD.contains(&module.as_str()),
                "{} names std::{module}",
                path.display()
            );
        }
    }
}

#[test]
fn the_first_page_names_every_pure_module() {
    let page = include_str!("../../src/lib.rs");
    let (_, behind) = page.split_once("Modules without IO (`").unwrap();
    let (modules, _) = behind.split_once('`').unwrap();
    let named: BTreeSet<_> = modules
        .split_whitespace()
        .filter(|word| *word != "//!")
        .collect();
    assert_eq!(named, PURE.iter().copied().collect());
}

#[test]
fn the_edges_do_not_know_each_other() {
    for Source { path, code } in sources() {
        let module = module(&path);
        let Some((_, never)) = NEVER.iter().find(|(name, _)| *name == module) else {
            continue;
        };
        for import in imports(&code) {
            assert!(
                !never.contains(&import.as_str()),
                "{} belongs to '{module}', which never imports '{import}'",
                path.display()
            );
        }
    }
}

#[test]
fn only_the_composition_root_signs_people_in() {
    for Source { path, code } in sources() {
        if !["app", "login"].contains(&module(&path).as_str()) {
            assert!(
                !imports(&code).contains("login"),
                "{} imports signin",
                path.display()
            );
        }
    }
}

#[test]
fn only_main_knows_the_composition_root() {
    for Source { path, code } in sources() {
        if !["app", "main"].contains(&module(&path).as_str()) {
            assert!(
                !imports(&code).contains("app"),
                "{} imports app",
                path.display()
            );
        }
    }
}

#[test]
fn the_reader_of_imports_sees_groups_and_paths() {
    let code =
        "use crate::{a::{b, c}, d};\nuse crate::e::f; // crate::g\n// crate::h\ncrate::i::j();";
    let expected: BTreeSet<String> = ["a", "d", "e", "i"].map(str::to_owned).into();
    assert_eq!(imports(code), expected);
    let expected: BTreeSet<String> = ["env", "fs", "io"].map(str::to_owned).into();
    assert_eq!(
        members(
            "use std::{env, io::{self, Read}};\nstd::fs::read();",
            "std::"
        ),
        expected
    );
}

#[test]
fn what_stands_behind_a_test_module_still_counts() {
    let text = "#[cfg(test)]\nmod fixture;\nuse crate::a;\n#[cfg(test)]\nmod tests {\n    use \
                crate::b;\n}\nuse crate::c;\n";
    let (code, modules) = shipped(text);
    assert_eq!(imports(&code), ["a", "c"].map(str::to_owned).into());
    assert_eq!(modules, ["fixture"]);
}
