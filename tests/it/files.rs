//! One module reads and writes the contents of files: `src/files`. The others must not open any.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Ways of the standard library and of tokio to open a file or to read or write one whole.
const FORBIDDEN: &[&str] = &[
    "fs::read(",
    "fs::read_to_string(",
    "fs::write(",
    "fs::copy(",
    "File::open(",
    "File::create(",
    "File::create_new(",
    "File::options(",
    "OpenOptions",
    "tokio::fs",
];

/// Returns the part of a source file that ships: tests stand at the end.
fn shipped(text: &str) -> &str {
    let tests = ["\nmod tests {", "\npub(crate) mod tests {"];
    let end = tests.iter().filter_map(|mark| text.find(mark)).min();
    end.map_or(text, |end| &text[..end])
}

fn is_test(path: &Path) -> bool {
    path.components().any(|part| {
        let name = part.as_os_str().to_string_lossy();
        matches!(&*name, "tests" | "tests.rs" | "testing.rs" | "fixture.rs")
    })
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn only_the_module_files_opens_files() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    assert!(files.len() > 100, "{}", files.len());
    let mut breaches = Vec::new();
    for path in files {
        let name = path.strip_prefix(&root).unwrap();
        if name.starts_with("files") || is_test(name) {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        for line in shipped(&text).lines() {
            let code = line.split("//").next().unwrap_or_default();
            if let Some(word) = FORBIDDEN.iter().find(|word| code.contains(**word)) {
                breaches.push(format!("{}: {word}", name.display()));
            }
        }
    }
    assert!(
        breaches.is_empty(),
        "use `crate::files` instead: {breaches:#?}"
    );
}

#[test]
fn the_test_sees_code_and_neither_tests_nor_comments() {
    let text = "fn a() { fs::read(b); }\nmod tests { fs::write(x); }";
    assert_eq!(shipped(text), "fn a() { fs::read(b); }");
    assert!(is_test(Path::new("config/tests/hostile.rs")));
    assert!(!is_test(Path::new("config/load.rs")));
}
