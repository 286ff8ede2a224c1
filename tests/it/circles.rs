//! No circle between modules, and none between the files of a module: read from the imports of the
//! sources, so that a new circle fails the build.
//!
//! A file imports another one where a path in it leads there, directly or through a `pub use`. A
//! parent and its own children do not count as a circle: a `mod.rs` exists to put them together.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use crate::architecture::{Source, sources};

/// A module path below the crate, such as `["http", "clients"]`.
type ModulePath = Vec<String>;

/// The imports of every module, by path.
struct Imports {
    edges: BTreeMap<ModulePath, BTreeSet<ModulePath>>,
}

impl Imports {
    fn of(sources: &[Source]) -> Self {
        let modules: BTreeSet<ModulePath> =
            sources.iter().map(|source| module(&source.path)).collect();
        let exports: BTreeMap<(ModulePath, String), ModulePath> = sources
            .iter()
            .flat_map(|source| reexports(&module(&source.path), &source.code))
            .collect();
        let mut edges = BTreeMap::new();
        for source in sources {
            let from = module(&source.path);
            let targets = paths(&from, &source.code)
                .into_iter()
                .filter_map(|path| resolve(&path, &modules, &exports))
                .filter(|to| *to != from && !to.starts_with(&from) && !from.starts_with(to))
                .collect();
            edges.insert(from, targets);
        }
        Self { edges }
    }

    /// Merges the files of each top-level module into one node.
    fn of_modules(&self) -> Self {
        let mut edges: BTreeMap<ModulePath, BTreeSet<ModulePath>> = BTreeMap::new();
        for (from, targets) in &self.edges {
            let from = from[..from.len().min(1)].to_vec();
            let targets = targets.iter().map(|to| to[..1].to_vec());
            let others = targets.filter(|to| *to != from).collect::<BTreeSet<_>>();
            edges.entry(from).or_default().extend(others);
        }
        Self { edges }
    }

    /// Every module that can be reached from one by following imports.
    fn reached_from(&self, start: &ModulePath) -> BTreeSet<&ModulePath> {
        let mut reached = BTreeSet::new();
        let mut next: Vec<&ModulePath> = self.edges[start].iter().collect();
        while let Some(module) = next.pop() {
            if reached.insert(module)
                && let Some(further) = self.edges.get(module)
            {
                next.extend(further);
            }
        }
        reached
    }

    /// The modules that reach themselves, each with those imports that lead back.
    fn circles(&self) -> Vec<String> {
        let reach: BTreeMap<_, _> = self
            .edges
            .keys()
            .map(|module| (module, self.reached_from(module)))
            .collect();
        let mut found = Vec::new();
        for (from, targets) in &self.edges {
            if !reach[from].contains(from) {
                continue;
            }
            let back = targets
                .iter()
                .filter(|to| reach.get(*to).is_some_and(|reached| reached.contains(from)));
            for to in back {
                found.push(format!("{} -> {}", from.join("::"), to.join("::")));
            }
        }
        found
    }
}

/// Returns the module of a source file.
fn module(path: &Path) -> ModulePath {
    let inside = path
        .strip_prefix(Path::new(env!("CARGO_MANIFEST_DIR")).join("src"))
        .unwrap();
    let mut parts: ModulePath = inside
        .with_extension("")
        .iter()
        .map(|part| part.to_string_lossy().into_owned())
        .collect();
    if parts
        .last()
        .is_some_and(|last| last == "mod" || last == "lib")
    {
        parts.pop();
    }
    parts
}

/// Returns every path that code names, in full: `use` groups are taken apart, `super` and `self` are
/// replaced. Blocks inside a file are read as if they stood at its top, so a `super` there may lead
/// one module too high; that never invents an import of a sibling. Comments do not count.
fn paths(from: &[String], code: &str) -> BTreeSet<ModulePath> {
    let lines = code.lines().filter_map(|line| line.split("//").next());
    let code = &lines.collect::<Vec<_>>().join("\n");
    let mut found = BTreeSet::new();
    for head in ["crate::", "super::", "self::"] {
        for (at, _) in code.match_indices(head) {
            let before = code[..at].chars().next_back();
            if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':') {
                continue;
            }
            for path in leaves(&code[at..]) {
                found.extend(absolute(from, &path));
            }
        }
    }
    found
}

/// Takes the path at the start of a text apart, groups included.
fn leaves(text: &str) -> Vec<ModulePath> {
    let mut path = Vec::new();
    let mut rest = text;
    loop {
        let word: String = rest
            .chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect();
        rest = &rest[word.len()..];
        if !word.is_empty() {
            path.push(word);
        }
        match rest.strip_prefix("::") {
            Some(after) if after.starts_with('{') => {
                let members = group(after).into_iter().flat_map(|member| leaves(&member));
                return members
                    .map(|member| [path.clone(), member].concat())
                    .collect();
            }
            Some(after) if after.starts_with(|c: char| c.is_alphanumeric() || c == '_') => {
                rest = after;
            }
            _ => return vec![path],
        }
    }
}

/// Returns the members of a `{…}` group at the start of a text.
fn group(text: &str) -> Vec<String> {
    let (mut depth, mut member, mut members) = (0, String::new(), Vec::new());
    for c in text.chars() {
        match c {
            '{' if depth == 0 => depth = 1,
            '}' if depth == 1 => break,
            ',' if depth == 1 => members.push(std::mem::take(&mut member).trim().to_owned()),
            _ => {
                depth += match c {
                    '{' => 1,
                    '}' => -1,
                    _ => 0,
                };
                member.push(c);
            }
        }
    }
    members.push(member.trim().to_owned());
    members.retain(|member| !member.is_empty());
    members
}

/// Replaces `crate`, `super` and `self` at the head of a path.
fn absolute(from: &[String], path: &[String]) -> Option<ModulePath> {
    let ups = path.iter().take_while(|part| *part == "super").count();
    let (base, rest) = match path.first()?.as_str() {
        "crate" => (&[][..], &path[1..]),
        "self" => (from, &path[1..]),
        _ => (&from[..from.len().checked_sub(ups)?], &path[ups..]),
    };
    let rest = rest.iter().filter(|part| *part != "self").cloned();
    Some(base.iter().cloned().chain(rest).collect())
}

/// Returns what a module re-exports: the name, and the path behind it.
fn reexports(module: &[String], code: &str) -> Vec<((ModulePath, String), ModulePath)> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("use ") {
        let line = code[..at].rsplit('\n').next().unwrap_or_default().trim();
        if !line.starts_with("pub") {
            continue;
        }
        let statement = code[at + 4..].split(';').next().unwrap_or_default();
        for path in leaves(statement) {
            let head = path.first().map_or("", String::as_str);
            let full = match head {
                "crate" | "super" | "self" => absolute(module, &path),
                _ => Some([module.to_vec(), path.clone()].concat()),
            };
            if let (Some(full), Some(name)) = (full, path.last()) {
                found.push(((module.to_vec(), name.clone()), full));
            }
        }
    }
    found
}

/// Returns the module that a path leads to; `None` where it leads to the crate itself.
fn resolve(
    path: &[String],
    modules: &BTreeSet<ModulePath>,
    exports: &BTreeMap<(ModulePath, String), ModulePath>,
) -> Option<ModulePath> {
    let known = (1..=path.len())
        .take_while(|length| modules.contains(&path[..*length]))
        .last()?;
    let found = path[..known].to_vec();
    let Some(name) = path.get(known) else {
        return Some(found);
    };
    match exports.get(&(found.clone(), name.clone())) {
        Some(behind) if *behind != path => resolve(behind, modules, exports).or(Some(found)),
        _ => Some(found),
    }
}

#[test]
fn no_module_reaches_itself() {
    let circles = Imports::of(&sources()).of_modules().circles();
    assert!(circles.is_empty(), "circles:\n{}", circles.join("\n"));
}

#[test]
fn no_file_reaches_itself() {
    let circles = Imports::of(&sources()).circles();
    assert!(circles.is_empty(), "circles:\n{}", circles.join("\n"));
}

#[test]
fn circles_are_seen_through_groups_super_and_reexports() {
    let source = |path: &str, code: &str| Source {
        path: PathBuf::from(env!("CARGO_MANIFEST_DIR"))
            .join("src")
            .join(path),
        code: code.to_owned(),
    };
    let knot = [
        source("a/mod.rs", "mod b;\nmod c;\npub use b::Thing;\n"),
        source("a/b.rs", "use super::c::{self, Other};\n"),
        source("a/c.rs", "use crate::{a::Thing, d};\n"),
        source("d.rs", "use crate::a::c::Other;\n"),
        source("e.rs", "use crate::d;\n"),
    ];
    let imports = Imports::of(&knot);
    assert_eq!(
        imports.circles(),
        ["a::b -> a::c", "a::c -> a::b", "a::c -> d", "d -> a::c"]
    );
    assert_eq!(imports.of_modules().circles(), ["a -> d", "d -> a"]);
    let line = Imports::of(&knot[3..]);
    assert!(line.circles().is_empty());
}
