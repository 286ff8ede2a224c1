//! A cursor over one TOML table: takes keys one by one, remembers which were asked for, and reports
//! the rest.
//!
//! serde stops at the first problem; this goes on. A value that is wrong is reported and then
//! counts as absent, so that whoever reads need not care.

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{
    problem::{Fault, Findings, quoted},
    source::Source,
};

const LIST: &str = "write it like [\"one\", \"two\"]";

/// A value and the offset at which it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct At<T> {
    pub(super) value: T,
    pub(super) at: usize,
}

/// Where keys may stand that are unknown here.
#[derive(Debug, Clone, Copy)]
pub(super) struct Elsewhere {
    pub(super) keys: &'static [&'static str],
    pub(super) place: &'static str,
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

    /// Returns the keys that were asked for.
    #[cfg(test)]
    pub(super) fn asked(&self) -> &[&'static str] {
        &self.asked
    }

    /// Names whose keys these are in later messages.
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

    /// Returns the value of a key that only means something to one reader.
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

    /// Returns a string as what it means.
    pub(super) fn text<T>(
        &mut self,
        key: &'static str,
        parse: impl FnOnce(&str) -> Result<T, Fault>,
    ) -> Option<At<T>> {
        self.read(key, |value, _| parse(string(value)?))
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

    /// As [`Fields::each_table`], of a value that was taken out of the table: every `[[key]]` is freed
    /// once it is read, so that thousands do not stand in memory beside what is made of them.
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

    /// Lets something else report on this file.
    pub(super) fn findings(&mut self) -> &mut Findings {
        self.findings
    }

    /// Reports every key that nobody asked for.
    pub(super) fn finish(mut self, elsewhere: &[Elsewhere]) {
        if self.found == self.table.len() {
            return;
        }
        let table = self.table;
        for (key, _) in table {
            let name: &str = key.get_ref();
            if self.asked.contains(&name) {
                continue;
            }
            let fault = self.unknown(name, elsewhere);
            let shown = quoted(name);
            self.problem(key.span().start, shown.trim_matches('\''), fault);
        }
    }

    fn unknown(&self, name: &str, elsewhere: &[Elsewhere]) -> Fault {
        let fault = Fault::new("is an unknown key");
        let home = elsewhere.iter().find(|other| other.keys.contains(&name));
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

/// Returns a string, or says that there is none.
pub(super) fn string<'t>(value: &'t DeValue<'_>) -> Result<&'t str, Fault> {
    value
        .as_str()
        .ok_or_else(|| wrong_type(value, "a string").hint("write it in \"double quotes\""))
}

/// Returns a list of strings, or says that there is none.
pub(super) fn strings<'t>(value: &'t DeValue<'_>) -> Result<Vec<&'t str>, Fault> {
    let wrong = || wrong_type(value, "a list of strings").hint(LIST);
    value
        .as_array()
        .ok_or_else(wrong)?
        .iter()
        .map(|item| item.get_ref().as_str().ok_or_else(wrong))
        .collect()
}

fn no_list_of_tables(key: &str, value: &DeValue<'_>) -> Fault {
    wrong_type(value, "a list of tables").hint(format!("write `[[{key}]]`, with two brackets"))
}

/// Says that a value has another type than it should. Never repeats the value.
pub(super) fn wrong_type(value: &DeValue<'_>, due: &str) -> Fault {
    let found = match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "an integer",
        DeValue::Float(_) => "a float",
        DeValue::Boolean(_) => "a boolean",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    };
    Fault::new(format!("must be {due}, not {found}"))
}

/// Returns the word that was probably meant.
pub(super) fn nearest<'w>(typed: &str, words: &[&'w str]) -> Option<&'w str> {
    if typed.len() > 40 {
        return None;
    }
    let typed = typed.to_lowercase().replace('-', "_");
    let part = |word: &str| {
        word.len() > 3 && typed.len() > 3 && {
            typed.contains(word) || word.contains(typed.as_str())
        }
    };
    words
        .iter()
        .map(|word| (distance(&typed, &word.replace('-', "_")), *word))
        .min()
        .filter(|(far, word)| *far <= word.len().max(typed.len()) / 3)
        .map(|(_, word)| word)
        .or_else(|| words.iter().copied().find(|word| part(word)))
}

/// Levenshtein's distance: how many letters to add, drop or change.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in (1..).zip(a.chars()) {
        let mut corner = i - 1;
        let mut left = i;
        for (cell, to) in row.iter_mut().skip(1).zip(&b) {
            let change = corner + usize::from(from != *to);
            corner = *cell;
            left = change.min(*cell + 1).min(left + 1);
            *cell = left;
        }
    }
    match row.last() {
        Some(far) if !b.is_empty() => *far,
        _ => a.chars().count(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_distance_counts_letters() {
        for (a, b, far) in [
            ("", "", 0),
            ("abc", "", 3),
            ("", "abc", 3),
            ("intervall", "interval", 1),
            ("kitten", "sitting", 3),
        ] {
            assert_eq!(distance(a, b), far, "{a} {b}");
        }
    }

    #[test]
    fn a_slip_is_recognised_and_a_strange_word_is_not() {
        let words = ["interval", "client_id", "secret", "secret_expires", "warn"];
        for (typed, meant) in [
            ("intervall", Some("interval")),
            ("client-id", Some("client_id")),
            ("clientId", Some("client_id")),
            ("client_secret", Some("secret")),
            ("Warn", Some("warn")),
            ("colour", None),
            ("", None),
        ] {
            assert_eq!(nearest(typed, &words), meant, "{typed}");
        }
    }
}
