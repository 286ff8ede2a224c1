//! A cursor over one TOML table: takes keys one by one, remembers which were asked for, and reports
//! the rest as unknown.
//!
//! Not serde, because serde stops at the first problem and forgets positions; a config with ten
//! mistakes is to be mended in one go. A wrong value is reported and then counts as absent.

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{
    problem::{Fault, Findings, quoted},
    source::Source,
    suggest::nearest,
    types::{LIST, wrong_type},
};

/// A value and the offset at which it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct At<T> {
    pub(super) value: T,
    pub(super) at: usize,
}

/// A section of the config: its name in a hint, and its keys.
#[derive(Debug, Clone, Copy)]
pub(super) struct Section {
    pub(super) place: &'static str,
    pub(super) groups: &'static [&'static [Key]],
}

impl Section {
    /// Returns the keys of every group.
    pub(super) fn keys(&self) -> impl Iterator<Item = &'static Key> {
        self.groups.iter().copied().flatten()
    }
}

/// One key, as the example shows it. The rows are in `keys`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Key {
    pub(super) name: &'static str,
    /// The comment above it, one line each.
    pub(super) about: &'static [&'static str],
    pub(super) value: Shown,
}

/// The value that the example shows for a key.
#[derive(Debug, Clone, Copy)]
pub(super) enum Shown {
    /// The default, which a test compares with the built-in one; shown as an active line.
    Default(&'static str),
    /// An example; shown behind a `#`.
    Example(&'static str),
    /// A value without which the tenant of the example would not be complete; shown as an active line.
    Required(&'static str),
    /// A table of its own, which the example shows by itself.
    Table,
}

impl Key {
    /// Returns a key that opens a table of its own.
    pub(super) const fn table(name: &'static str) -> Self {
        Self {
            name,
            about: &[],
            value: Shown::Table,
        }
    }
}

/// Values that may be absent, and are then taken from a table that holds for all.
pub(super) trait Layer {
    /// Fills in absent values from `base`.
    fn over(self, base: &Self) -> Self;
}

/// The cursor.
#[derive(Debug)]
pub(super) struct Fields<'t, 'r> {
    table: &'t DeTable<'t>,
    start: usize,
    whose: String,
    asked: Vec<&'static str>,
    found: usize,
    /// Whether the file has syntax errors, so that a key may seem absent only because of one.
    torn: bool,
    source: &'r Source,
    findings: &'r mut Findings,
}

impl<'t, 'r> Fields<'t, 'r> {
    /// Opens the table of a whole file.
    pub(super) fn root(
        table: &'t DeTable<'t>,
        torn: bool,
        source: &'r Source,
        findings: &'r mut Findings,
    ) -> Self {
        Self {
            table,
            start: 0,
            whose: String::new(),
            asked: Vec::new(),
            found: 0,
            torn,
            source,
            findings,
        }
    }

    /// Opens a table within this one; `whose` begins its messages.
    fn within<'u, 'n>(&'n mut self, table: At<&'u DeTable<'u>>, whose: String) -> Fields<'u, 'n> {
        Fields {
            table: table.value,
            start: table.at,
            whose,
            asked: Vec::new(),
            found: 0,
            torn: self.torn,
            source: self.source,
            findings: self.findings,
        }
    }

    /// Returns the file that is being read.
    pub(super) fn source(&self) -> &'r Source {
        self.source
    }

    /// Returns where the table begins.
    pub(super) fn start(&self) -> usize {
        self.start
    }

    /// Names the owner of the keys in later messages.
    pub(super) fn belong_to(&mut self, whose: String) {
        self.whose = whose;
    }

    /// Returns a value of any type.
    pub(super) fn value(&mut self, key: &'static str) -> Option<At<&'t DeValue<'t>>> {
        self.asked.push(key);
        let value = self.table.get(key)?;
        self.found += 1;
        Some(At {
            value: value.get_ref(),
            at: value.span().start,
        })
    }

    /// Returns whether a key stands here, rightly written or not.
    pub(super) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// Returns a string by what it means, if it is rightly written. Reports nothing, and does not count
    /// as asking for the key.
    pub(super) fn peek<T>(
        &self,
        key: &str,
        parse: impl FnOnce(&str) -> Result<T, Fault>,
    ) -> Option<T> {
        parse(self.table.get(key)?.get_ref().as_str()?).ok()
    }

    /// Returns the value of a key as a reader understands it; a fault is reported at the value.
    pub(super) fn read<T>(
        &mut self,
        key: &'static str,
        read: impl FnOnce(&'t DeValue<'t>, &Source) -> Result<T, Fault>,
    ) -> Option<At<T>> {
        let found = self.value(key)?;
        match read(found.value, self.source) {
            Ok(value) => Some(At {
                value,
                at: found.at,
            }),
            Err(fault) => {
                self.problem(found.at, key, fault);
                None
            }
        }
    }

    /// Returns the items of a list.
    pub(super) fn each(&mut self, key: &'static str) -> Vec<At<&'t DeValue<'t>>> {
        let items = self.read(key, |value, _| {
            let list = value.as_array();
            list.ok_or_else(|| wrong_type(value, "a list").hint(LIST))
        });
        let items = items.into_iter().flat_map(|items| items.value.iter());
        let at = |item: &'t Spanned<DeValue<'t>>| At {
            value: item.get_ref(),
            at: item.span().start,
        };
        items.map(at).collect()
    }

    /// Returns the table of a key.
    pub(super) fn table<'n>(&'n mut self, key: &'static str) -> Option<Fields<'t, 'n>> {
        let found = self.value(key)?;
        let DeValue::Table(table) = found.value else {
            let hint = match self.whose.as_str() {
                "" => format!("write `[{key}]`"),
                _ => format!("write `{key} = {{ … }}`"),
            };
            let fault = wrong_type(found.value, "a table").hint(hint);
            self.problem(found.at, key, fault);
            return None;
        };
        let at = found.at;
        let whose = match self.whose.as_str() {
            "" => format!("[{key}]"),
            whose => format!("{whose}: {key}"),
        };
        Some(self.within(At { value: table, at }, whose))
    }

    /// Reads every `[[key]]` in turn.
    pub(super) fn each_table(&mut self, key: &'static str, mut read: impl FnMut(Fields<'t, '_>)) {
        let Some(found) = self.value(key) else {
            return;
        };
        let Some(array) = found.value.as_array() else {
            return self.problem(found.at, key, no_list_of_tables(key, found.value));
        };
        for (number, item) in (1..).zip(array.iter()) {
            self.listed((key, number), item, &mut read);
        }
    }

    /// Reads every `[[key]]` of a value that was taken out of the table, as [`Fields::each_table`] does.
    ///
    /// Each table is freed once it is read: 10,000 of them would otherwise stay in memory beside the
    /// tenants that are made of them.
    pub(super) fn each_taken(
        &mut self,
        key: &'static str,
        taken: Option<Spanned<DeValue<'_>>>,
        mut read: impl FnMut(Fields<'_, '_>),
    ) {
        self.asked.push(key);
        let Some(taken) = taken else {
            return;
        };
        let at = taken.span().start;
        match taken.into_inner() {
            DeValue::Array(array) => {
                for (number, item) in (1..).zip(array) {
                    self.listed((key, number), &item, &mut read);
                }
            }
            other => self.problem(at, key, no_list_of_tables(key, &other)),
        }
    }

    /// Opens one of several tables of a key.
    fn listed<'u>(
        &mut self,
        (key, number): (&'static str, usize),
        item: &'u Spanned<DeValue<'u>>,
        read: &mut impl FnMut(Fields<'u, '_>),
    ) {
        let at = item.span().start;
        match item.get_ref() {
            DeValue::Table(value) => {
                read(self.within(At { value, at }, format!("{key} {number}")));
            }
            other => self.problem(at, key, wrong_type(other, "a table")),
        }
    }

    /// Reports a key that has to stand here, if it does not.
    pub(super) fn require(&mut self, key: &'static str, hint: &str) {
        // beside a syntax error it may well be there, only unread
        if !self.has(key) && !self.torn {
            self.problem(self.start, key, Fault::new("is missing").hint(hint));
        }
    }

    /// Reports a problem.
    pub(super) fn problem(&mut self, at: usize, key: &str, fault: Fault) {
        let key = self.path(key);
        let place = Some(self.source.place(at));
        self.findings.problem(fault.at(place, key));
    }

    /// Reports a warning.
    pub(super) fn warning(&mut self, at: usize, key: &str, fault: Fault) {
        let key = self.path(key);
        let place = Some(self.source.place(at));
        self.findings.warning(fault.at(place, key));
    }

    /// Returns the list of findings, for reports about another file.
    pub(super) fn findings(&mut self) -> &mut Findings {
        self.findings
    }

    /// Reports every key that was not asked for; `sections` tells where such a key belongs.
    pub(super) fn finish(mut self, sections: &[Section]) {
        if self.found == self.table.len() {
            return;
        }
        let table = self.table;
        for (key, _) in table {
            let name: &str = key.get_ref();
            if self.asked.contains(&name) {
                continue;
            }
            let fault = self.unknown(name, sections);
            let shown = quoted(name);
            self.problem(key.span().start, shown.trim_matches('\''), fault);
        }
    }

    fn unknown(&self, name: &str, sections: &[Section]) -> Fault {
        let fault = Fault::new("is an unknown key");
        let home = sections
            .iter()
            .find(|section| section.keys().any(|key| key.name == name));
        if let Some(home) = home {
            return fault.hint(format!("`{name}` belongs in {}", home.place));
        }
        match nearest(name, &self.asked) {
            Some(near) => fault.hint(format!("did you mean `{near}`?")),
            None => fault.hint("`credwatch config example` shows every key"),
        }
    }

    fn path(&self, key: &str) -> String {
        match (self.whose.as_str(), key) {
            ("", key) => key.to_owned(),
            (whose, "") => whose.to_owned(),
            (whose, key) => format!("{whose}: {key}"),
        }
    }
}

fn no_list_of_tables(key: &str, value: &DeValue<'_>) -> Fault {
    wrong_type(value, "a list of tables").hint(format!("write `[[{key}]]`, with two brackets"))
}
