//! Reads a config with all that it includes.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use crate::{
    files::{self, Accepts, Unanswered},
    inventory::Reader,
    monitor, notify,
    tenant::{Network, Tenant},
    tui::Theme,
};

use super::{
    Config, directory,
    fields::Fields,
    include,
    problem::{ConfigError, Fault, Findings},
    resolve::{self, Resolver},
    settings,
    source::{self, Source},
    tables::{Common, SECTIONS, TenantTable},
};

/// The key of a tenant's table.
const TENANT: &str = "tenant";

/// How long the files may take together; 10,000 tenants take a tenth of a second.
const PATIENCE: Duration = Duration::from_secs(30);

const START: &str = "`credwatch config example` prints a commented config to start from";

/// Reads a config and everything that it includes.
///
/// Opens no secret, no key and no `ca_file`: a fault of those is a verdict on a tenant, and the other
/// tenants are checked all the same.
///
/// The reads happen on a thread of their own, so that a mount without an answer stops neither a service
/// nor its end.
pub fn load(path: &Path) -> Result<Config, ConfigError> {
    let main = path.to_owned();
    let loaded = files::on_own_thread(PATIENCE, move || {
        // a pipe is meant where the command line names one: `--config <(…)`, `--config /dev/stdin`
        complete(&main, Source::read(&main, Accepts::Streams))
    });
    loaded.unwrap_or_else(|unanswered| Err(unread(path, unanswered)))
}

/// Returns the error of a config that could not be read in time.
fn unread(path: &Path, unanswered: Unanswered) -> ConfigError {
    let (fault, file) = match unanswered {
        Unanswered::TimedOut(file) => {
            let seconds = PATIENCE.as_secs();
            let fault = Fault::new(format!("could not be read within {seconds}s"))
                .hint("does its file system answer, or is it a pipe that gets no end?");
            (fault, file)
        }
        Unanswered::NoThread(error) => (Fault::new(format!("cannot be read: {error}")), None),
    };
    let place = source::whole(file.as_deref().unwrap_or(path));
    ConfigError::Invalid {
        problems: vec![fault.at(Some(place), "")],
        unlisted: 0,
    }
}

/// Reads a text as the content of that file, with everything that it includes: for a config that is
/// about to be written.
pub fn load_text(path: &Path, text: String) -> Result<Config, ConfigError> {
    complete(path, Ok(Source::new(path, text)))
}

fn complete(path: &Path, read: Result<Source, Fault>) -> Result<Config, ConfigError> {
    let mut findings = Findings::default();
    let loaded = match read {
        Ok(main) => Loading::start(&main, &mut findings).finish(&main, &mut findings),
        Err(fault) => {
            findings.problem(fault.at(Some(source::whole(path)), ""));
            Loaded::default()
        }
    };
    let warnings = findings.into_warnings()?;
    Ok(Config {
        path: path.to_owned(),
        files: loaded.files,
        tenants: loaded.tenants,
        readers: loaded.readers,
        monitor: loaded.sections.monitor,
        theme: loaded.sections.theme,
        alerts: loaded.sections.alerts.rules,
        notify: loaded.sections.notify,
        ping: loaded.sections.alerts.ping,
        network: loaded.network.unwrap_or_else(resolve::usual_network),
        warnings,
    })
}

/// Everything that was read so far.
#[derive(Debug, Default)]
struct Loaded {
    files: Vec<PathBuf>,
    tenants: Vec<Arc<Tenant>>,
    readers: Vec<Arc<Reader>>,
    sections: Sections,
    network: Option<Network>,
}

/// The sections that only the main file may hold.
#[derive(Debug, Default)]
struct Sections {
    include: Vec<PathBuf>,
    monitor: monitor::Settings,
    theme: Theme,
    alerts: settings::Alerts,
    notify: notify::Settings,
}

/// A config whose main file has been read.
#[derive(Debug)]
struct Loading<'s> {
    loaded: Loaded,
    resolver: Resolver<'s>,
}

impl<'s> Loading<'s> {
    fn start(main: &'s Source, findings: &mut Findings) -> Self {
        let mark = findings.mark();
        let (mut table, torn) = parse(main, findings);
        let tenants = table.remove(TENANT);
        let mut root = Fields::root(&table, torn, main, findings);
        let defaults = match root.table("defaults") {
            Some(mut fields) => {
                let defaults = Common::read(&mut fields);
                fields.finish(SECTIONS);
                defaults
            }
            None => Common::default(),
        };
        let sections = sections(&mut root);
        let resolver = Resolver::new(defaults, main, root.findings());
        let mut loading = Self {
            loaded: Loaded {
                files: vec![main.path().to_owned()],
                sections,
                network: Some(resolver.network()),
                ..Loaded::default()
            },
            resolver,
        };
        loading.tenants(&mut root, tenants);
        loading.readers(&mut root);
        root.finish(SECTIONS);
        findings.sort_since(mark, main.path());
        loading
    }

    fn finish(mut self, main: &Source, findings: &mut Findings) -> Loaded {
        for path in std::mem::take(&mut self.loaded.sections.include) {
            self.included(&path, findings);
        }
        self.resolver.warn_of_lookalikes(findings);
        let holds_nothing = self.loaded.tenants.is_empty() && self.loaded.readers.is_empty();
        if holds_nothing && findings.mark() == 0 {
            let fault = match main.text().trim() {
                "" => Fault::new("is empty").hint(START),
                _ => Fault::new("holds no tenant").hint(format!("add a `[[tenant]]`; {START}")),
            };
            findings.problem(fault.at(Some(main.whole()), ""));
        }
        self.loaded
    }

    fn included(&mut self, path: &Path, findings: &mut Findings) {
        let source = match Source::read(path, Accepts::Regular) {
            Ok(source) => source,
            Err(fault) => return findings.problem(fault.at(Some(source::whole(path)), "")),
        };
        let mark = findings.mark();
        let (mut table, torn) = parse(&source, findings);
        let tenants = table.remove(TENANT);
        let mut root = Fields::root(&table, torn, &source, findings);
        for key in [
            "defaults",
            "include",
            "directory",
            "monitor",
            "dashboard",
            "alerts",
            "notify",
        ] {
            if let Some(found) = root.value(key) {
                let fault = Fault::new("may only stand in the main file")
                    .hint("an included file holds nothing but `[[tenant]]`");
                root.problem(found.at, key, fault);
            }
        }
        self.tenants(&mut root, tenants);
        root.finish(SECTIONS);
        findings.sort_since(mark, path);
        self.loaded.files.push(path.to_owned());
    }

    fn tenants(&mut self, root: &mut Fields<'_, '_>, tables: Option<Spanned<DeValue<'_>>>) {
        root.each_taken(TENANT, tables, |mut fields| {
            let mut typed = TenantTable::read(&mut fields);
            let own = typed.alerts.take();
            let tenant = self.resolver.tenant(typed, &mut fields);
            if let (Some(tenant), Some(own)) = (&tenant, own) {
                let rules = &mut self.loaded.sections.alerts.rules;
                let own = own.rules(rules);
                rules.own.insert(tenant.name.clone(), own);
            }
            self.loaded.tenants.extend(tenant);
            fields.finish(SECTIONS);
        });
    }

    /// Reads every `[[directory]]`; a file with ids counts as a file of the config.
    fn readers(&mut self, root: &mut Fields<'_, '_>) {
        root.each_table("directory", |mut fields| {
            let resolved = directory::read(&mut self.resolver, &mut fields);
            self.loaded.files.extend(resolved.file);
            self.loaded.readers.extend(resolved.reader);
            fields.finish(SECTIONS);
        });
    }
}

/// Reads a file as far as it is TOML, and reports the rest.
fn parse<'s>(source: &'s Source, findings: &mut Findings) -> (DeTable<'s>, bool) {
    let (table, errors) = DeTable::parse_recoverable(source.text());
    for error in &errors {
        let at = error.span().map_or(0, |span| span.start);
        let fault = Fault::new(format!("not TOML: {}", error.message()))
            .hint("`credwatch config example` shows how everything is written");
        findings.problem(fault.at(Some(source.place(at)), ""));
    }
    (table.into_inner(), !errors.is_empty())
}

/// Reads the sections that only a main file holds, except `[defaults]`.
fn sections(root: &mut Fields<'_, '_>) -> Sections {
    Sections {
        include: include::files(root),
        monitor: section(root, "monitor", settings::monitor),
        theme: section(root, "dashboard", settings::theme),
        alerts: section(root, "alerts", settings::alerts),
        notify: section(root, "notify", settings::notify),
    }
}

fn section<T: Default>(
    root: &mut Fields<'_, '_>,
    key: &'static str,
    read: impl FnOnce(&mut Fields<'_, '_>) -> T,
) -> T {
    let Some(mut fields) = root.table(key) else {
        return T::default();
    };
    let section = read(&mut fields);
    fields.finish(SECTIONS);
    section
}
