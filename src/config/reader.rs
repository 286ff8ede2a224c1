//! Reads `[[directory]]`: an app that may look at every app of a directory, or of many.

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
    sync::Arc,
};

use glob::Pattern;
use toml::de::{DeTable, DeValue};

use crate::{
    inventory::{Reader, Wanted},
    profile::APP_ONLY,
    stage::SurfaceSet,
    tenant::{
        App, Credential, DirectoryUse, Folder, Mode, SecretSource, Target, Tenant, TenantName,
    },
};

use super::{
    credential,
    fields::{At, Fields, string, strings, wrong_type},
    file::{self, Addresses, Common, Travel},
    problem::{self, Fault, quoted},
    proof,
    resolve::{self, Around, Resolver},
    source::Source,
    values,
};

/// Keys of a `[[directory]]`; a test holds this to what is read.
pub(super) const KEYS: &[&str] = &[
    "name",
    "tenant_id",
    "tenant_ids",
    "client_id",
    "secret",
    "certificate",
    "federated_token",
    "names",
    "owners",
    "tags",
    "warn",
    "critical",
    "max_lifetime",
    "proxy",
    "ca_file",
    "user_agent",
    "connect_timeout",
    "cloud",
    "login_url",
    "graph_url",
    "contact",
    "vendor_support",
    "runbook",
    "note",
];

/// More directories than this are a file gone wrong.
const MOST_DIRECTORIES: usize = 100_000;

const IDS: &str = "write `tenant_id = \"…\"` for one directory, or for many `tenant_ids = [\"…\", \
                   \"…\"]` or `{ file = \"PATH\" }` with one id a line";

/// A `[[directory]]`, as typed.
pub(super) struct ReaderTable {
    name: Option<At<String>>,
    client_id: Option<At<String>>,
    secret: Option<At<SecretSource>>,
    proof: Option<At<Credential>>,
    tenant_ids: Vec<String>,
    /// The file with their ids, if they stand in one.
    file: Option<PathBuf>,
    wanted: Wanted,
    common: Common,
}

impl ReaderTable {
    pub(super) fn read(fields: &mut Fields<'_, '_>) -> Self {
        let name = fields.text("name", values::name);
        if let Some(name) = &name {
            fields.belong_to(format!("directory '{}'", name.value));
        }
        let one = fields.text("tenant_id", directory_id);
        let many = fields.read("tenant_ids", many);
        let file = many.as_ref().and_then(|many| match &many.value {
            Many::File(path) => Some(path.clone()),
            Many::Listed(_) => None,
        });
        let (secret, proof) = (
            fields.read("secret", credential::secret),
            proof::read(fields),
        );
        proof::exactly_one(secret.as_ref(), proof.as_ref(), fields);
        Self {
            name,
            client_id: fields.text("client_id", values::guid),
            secret,
            proof,
            tenant_ids: tenant_ids(one, many, fields),
            file,
            wanted: wanted(fields),
            common: Common {
                warn: file::threshold(fields, "warn"),
                critical: file::threshold(fields, "critical"),
                max_lifetime: file::lifetime(fields),
                travel: Travel::read(fields),
                addresses: Addresses::of_directory(fields),
                support: file::support(fields),
                ..Common::default()
            },
        }
    }

    /// Returns the file that was read beside the config.
    pub(super) fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// Completes it; `None` if that cannot be, which has then been reported.
    pub(super) fn resolve(
        self,
        resolver: &mut Resolver<'_>,
        fields: &mut Fields<'_, '_>,
    ) -> Option<Arc<Reader>> {
        fields.require(
            "name",
            "give the directory a name of its own: `name = \"…\"`",
        );
        fields.require(
            "client_id",
            "name the app that may read it (`Application.Read.All`)",
        );
        if !proof::stands_in(fields) {
            fields.require("secret", credential::how_to());
        }
        if let Some(id) = &self.client_id {
            resolve::warn_of_example("client_id", id, fields);
        }
        let around = resolver.around(self.common, false, fields)?;
        let name = resolver.unique(&self.name?, "directory", fields)?;
        let app = App {
            tenant_id: self.tenant_ids.first()?.clone(),
            client_id: self.client_id?.value,
        };
        let credential = match (self.secret, self.proof) {
            (Some(secret), _) => Credential::Secret(secret.value),
            (None, proof) => proof?.value,
        };
        Some(Arc::new(Reader {
            name: name.as_str().to_owned(),
            tenant_ids: self.tenant_ids,
            wanted: self.wanted,
            sign_in: sign_in(name, app, credential, around),
        }))
    }
}

fn sign_in(name: TenantName, app: App, credential: Credential, around: Around) -> Tenant {
    Tenant {
        name,
        profile: &APP_ONLY,
        app,
        credential,
        delegation: None,
        configured_end: None,
        watch: None,
        directory: DirectoryUse::Off,
        mode: Mode::Dates,
        target: Target {
            mailbox: None,
            folder: Folder::Inbox,
            surfaces: SurfaceSet::EMPTY,
        },
        endpoints: around.endpoints,
        network: around.network,
        pace: around.pace,
        thresholds: around.thresholds,
        tags: Vec::new(),
        support: around.support,
    }
}

/// What `tenant_ids` holds.
enum Many {
    Listed(Vec<String>),
    File(PathBuf),
}

fn many(value: &DeValue<'_>, source: &Source) -> Result<Many, Fault> {
    match value {
        DeValue::Table(table) => path(table, source).map(Many::File),
        DeValue::Array(_) => {
            let ids = strings(value)?.into_iter().map(directory_id);
            ids.collect::<Result<_, _>>().map(Many::Listed)
        }
        other => Err(wrong_type(other, "a list, or a table that names a file").hint(IDS)),
    }
}

fn path(table: &DeTable<'_>, source: &Source) -> Result<PathBuf, Fault> {
    match (table.get("file"), table.len()) {
        (Some(path), 1) => source.resolve(string(path.get_ref())?),
        _ => Err(Fault::new("must hold `file` and nothing else").hint(IDS)),
    }
}

fn directory_id(text: &str) -> Result<String, Fault> {
    if values::is_any_directory(text) {
        let fault = Fault::new(format!("{} names no directory of its own", quoted(text)));
        return Err(fault.hint("an app reads one directory at a time: name each"));
    }
    values::tenant_id(text)
}

/// Returns the directories, each once, from wherever they stand.
fn tenant_ids(
    one: Option<At<String>>,
    many: Option<At<Many>>,
    fields: &mut Fields<'_, '_>,
) -> Vec<String> {
    if let (true, true) = (fields.has("tenant_id"), fields.has("tenant_ids")) {
        let at = many.as_ref().map_or(fields.start(), |many| many.at);
        let fault = Fault::new("stands beside `tenant_id`").hint(IDS);
        fields.problem(at, "tenant_ids", fault);
    } else if !fields.has("tenant_ids") {
        fields.require("tenant_id", IDS);
    }
    if let Some(id) = &one {
        resolve::warn_of_example("tenant_id", id, fields);
    }
    let mut ids: Vec<String> = one.into_iter().map(|id| id.value).collect();
    if let Some(many) = many {
        let found = match many.value {
            Many::Listed(found) => found,
            Many::File(path) => match listed_in(&path, many.at, fields) {
                Some(found) => found,
                // what is wrong there was reported
                None => return ids,
            },
        };
        match found.len() {
            0 => fields.problem(
                many.at,
                "tenant_ids",
                Fault::new("names no directory").hint(IDS),
            ),
            n if n > MOST_DIRECTORIES => {
                let fault = Fault::new(format!("names more than {MOST_DIRECTORIES} directories"));
                fields.problem(many.at, "tenant_ids", fault);
            }
            _ => ids.extend(found),
        }
    }
    let mut seen = HashSet::new();
    ids.retain(|id| seen.insert(id.to_ascii_lowercase()));
    ids
}

/// Reads a file with one directory a line; a `#` begins a remark. `None` if it has problems.
fn listed_in(path: &Path, at: usize, fields: &mut Fields<'_, '_>) -> Option<Vec<String>> {
    let file = match Source::read(path) {
        Ok(file) => file,
        Err(fault) => {
            let what = format!("'{}' {}", problem::shown(path), fault.what);
            fields.problem(at, "tenant_ids", Fault { what, ..fault });
            return None;
        }
    };
    let findings = fields.findings();
    let (mut ids, mut whole, mut offset) = (Vec::new(), true, 0);
    for line in file.text().split_inclusive('\n') {
        let word = line.split('#').next().unwrap_or_default();
        match directory_id(word.trim()) {
            _ if word.trim().is_empty() => {}
            Ok(id) => ids.push(id),
            Err(fault) => {
                findings.problem(fault.at(Some(file.place(offset)), ""));
                whole = false;
            }
        }
        offset += line.len();
    }
    whole.then_some(ids)
}

fn wanted(fields: &mut Fields<'_, '_>) -> Wanted {
    let mut words = |key, check: fn(&str) -> Result<String, Fault>| {
        let list = fields.read(key, |value, _| {
            let words = strings(value)?.into_iter().map(check);
            words.collect::<Result<Vec<_>, _>>()
        });
        list.map(|list| list.value).unwrap_or_default()
    };
    Wanted {
        names: words("names", pattern),
        owners: words("owners", owner),
        tags: words("tags", word),
    }
}

fn pattern(text: &str) -> Result<String, Fault> {
    Pattern::new(text).map_err(|error| {
        Fault::new(format!("{} is no pattern: {error}", quoted(text)))
            .hint("write names like \"contoso-*\"; `*` stands for any characters, `?` for one")
    })?;
    word(text)
}

fn owner(text: &str) -> Result<String, Fault> {
    if values::is_guid(text) || text.contains('@') {
        return word(text);
    }
    let fault = Fault::new(format!("{} is no owner", quoted(text)));
    Err(fault.hint("write an object id, or a user principal name such as \"alice@contoso.com\""))
}

fn word(text: &str) -> Result<String, Fault> {
    if text.trim().is_empty() {
        return Err(Fault::new("holds an empty word"));
    }
    values::at_most(text, values::WORD).map(str::to_owned)
}
