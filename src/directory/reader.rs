//! Reads the registration of an app with the credential of a reader, for apps that cannot read their own.

use std::sync::Arc;

use super::{
    asker::Asker,
    walk::{self, Asking, FoundRegistration, Refused},
};
use crate::{
    check::{Checker, Session},
    inventory::Reader,
    tenant::Tenant,
};

/// A reader, and the directory in which it would look.
#[derive(Debug, Clone)]
pub(super) struct FoundBy<'a> {
    pub(super) reader: Arc<Reader>,
    pub(super) tenant_id: &'a str,
}

/// Reads the registration of an app with the credential of a reader.
pub(super) async fn registration(
    asker: &Asker<'_>,
    found_by: FoundBy<'_>,
) -> Result<FoundRegistration, Refused> {
    let sign_in = found_by.reader.in_directory(found_by.tenant_id);
    let found = async {
        let session = credential(asker.checker, &sign_in).await?;
        let graph = asker.graph(&sign_in, &session).await?;
        let question = asker.question(Asking::Reader, &sign_in.endpoints);
        walk::registration(&graph, question).await
    };
    found.await.map_err(|refused| Refused {
        reason: format!("the reader '{}': {}", found_by.reader.name, refused.reason),
        ..refused
    })
}

/// Reads the credential of a reader; without one nothing is sent.
pub(super) async fn credential(checker: &Checker, sign_in: &Tenant) -> Result<Session, Refused> {
    let (facts, session) = checker.read_credential(sign_in).await;
    match facts.failure {
        Some(failure) => Err(Refused::because(format!(
            "no credential to ask it with: {failure}"
        ))),
        None => Ok(session),
    }
}

/// Chooses between what an app said of itself and what a reader said of it: a whole list before a
/// part, and what there is before a refusal. Also returns with which hint it was read: what a reader
/// reads says nothing about the app's own secret.
pub(super) fn better(
    own: Result<FoundRegistration, Refused>,
    theirs: Result<FoundRegistration, Refused>,
    hint: Option<&str>,
) -> (Result<FoundRegistration, Refused>, Option<String>) {
    let read_with = hint.map(str::to_owned);
    match (own, theirs) {
        (own @ Ok(_), Err(_)) => (own, read_with),
        (Ok(own), Ok(theirs)) if theirs.gap.is_some() => (Ok(own), read_with),
        (_, theirs @ Ok(_)) => (theirs, None),
        (Err(own), Err(theirs)) => {
            let refused = Refused {
                reason: format!("{}; {}", own.reason, theirs.reason),
                retry_after: own.retry_after.min(theirs.retry_after),
                absent: own.absent && theirs.absent,
            };
            (Err(refused), None)
        }
    }
}
