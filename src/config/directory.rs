//! Makes a reader of directories from each `[[directory]]`.

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
    sync::Arc,
};

use crate::{
    files::Accepts,
    inventory::{Reader, Wanted},
    profile::APP_ONLY,
    stage::SurfaceSet,
    tenant::{App, Credential, DirectoryUse, Folder, Mode, Target, Tenant, TenantName},
};

use super::{
    client_credential,
    directory_values::{DirectoryIds, IDS, directory_id},
    fields::{At, Fields},
    problem::{self, Fault},
    resolve::{self, Around, Resolver},
    source::Source,
    tables::DirectoryTable,
};

/// More directories than this are a wrong file.
const MOST_DIRECTORIES: usize = 100_000;

/// A reader, and the file with the ids of its directories.
#[derive(Debug)]
pub(super) struct Resolved {
    /// `None` if it cannot be complete, which was reported.
    pub(super) reader: Option<Arc<Reader>>,
    /// Watched for changes even where the reader is not complete.
    pub(super) file: Option<PathBuf>,
}

/// Reads and completes one `[[directory]]`.
pub(super) fn read(resolver: &mut Resolver<'_>, fields: &mut Fields<'_, '_>) -> Resolved {
    let typed = DirectoryTable::read(fields);
    let file = match typed.own.tenant_ids.as_ref().map(|found| &found.value) {
        Some(DirectoryIds::File(path)) => Some(path.clone()),
        Some(DirectoryIds::Listed(_)) | None => None,
    };
    Resolved {
        reader: complete(typed, resolver, fields),
        file,
    }
}

fn complete(
    typed: DirectoryTable,
    resolver: &mut Resolver<'_>,
    fields: &mut Fields<'_, '_>,
) -> Option<Arc<Reader>> {
    let own = typed.own;
    let credential = typed.credential.resolve(fields);
    let tenant_ids = tenant_ids(own.tenant_id, own.tenant_ids, fields);
    fields.require(
        "name",
        "give the directory a name of its own: `name = \"…\"`",
    );
    fields.require(
        "client_id",
        "name the app that may read it (`Application.Read.All`)",
    );
    client_credential::require_one(fields);
    if let Some(id) = &own.client_id {
        resolve::warn_of_example("client_id", id, fields);
    }
    let around = resolver.around(typed.common, false, fields)?;
    let name = resolver.unique(&own.name?, "directory", fields)?;
    let app = App {
        tenant_id: tenant_ids.first()?.clone(),
        client_id: own.client_id?.value,
    };
    let words = |found: Option<At<Vec<String>>>| found.map(|at| at.value).unwrap_or_default();
    Some(Arc::new(Reader {
        name: name.as_str().to_owned(),
        tenant_ids,
        wanted: Wanted {
            names: words(own.names),
            owners: words(own.owners),
            tags: words(own.tags),
        },
        sign_in: sign_in(name, app, credential?.credential, around),
    }))
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

/// Returns the directories, each once, from wherever they stand.
fn tenant_ids(
    one: Option<At<String>>,
    many: Option<At<DirectoryIds>>,
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
            DirectoryIds::Listed(found) => found,
            DirectoryIds::File(path) => match listed_in(&path, many.at, fields) {
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

/// Reads a file with one directory a line; a `#` begins a comment. `None` if it has problems.
fn listed_in(path: &Path, at: usize, fields: &mut Fields<'_, '_>) -> Option<Vec<String>> {
    let file = match Source::read(path, Accepts::Regular) {
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
