//! Users and their mailboxes.

use std::iter;

use serde_json::Value;

use super::error::GraphError;
use super::mailbox_content::{EVERYBODY, MailboxContent, profile};
use super::query::{GraphQuery, list, with_context};
use crate::simulator::access_token::Caller;
use crate::simulator::fleet::Integration;
use crate::simulator::state::CloudState;

/// Answers `users`, `users/{id}`, `me`, and the paths below them.
pub(crate) fn read(
    state: &CloudState,
    caller: &Caller,
    path: &[&str],
    query: &GraphQuery,
) -> Result<Value, GraphError> {
    let (user, rest) = match path {
        ["users"] => return all_users(state, caller, query),
        ["users", user, rest @ ..] => (Some(*user), rest),
        [_me, rest @ ..] => (None, rest),
        [] => return Err(GraphError::no_segment("")),
    };
    let content = MailboxContent::of(rest)?;
    let own = own(state, caller);
    let owner = match (user, own) {
        (None, own) => Ok(own?),
        (Some(user), Ok(own)) if is(own, user) => Ok(own),
        (Some(user), _) => state
            .in_directory(&caller.claims.tid)
            .find(|one| is(one, user))
            .ok_or_else(user_not_found),
    };
    let is_own = owner.as_ref().is_ok_and(|owner| {
        let own = state.integration(caller.index);
        own.is_some_and(|own| own.mailbox == owner.mailbox)
    });
    if !content.is_allowed(caller, is_own) {
        return Err(content.refusal());
    }
    let owner = owner?;
    let below = iter::once("")
        .chain(rest.iter().copied())
        .collect::<Vec<_>>()
        .join("/");
    let place = format!("users('{}'){below}{}", owner.mailbox, query.selection());
    let context = format!("{}/graph/v1.0/$metadata#{place}", state.base);
    match content.write(owner)? {
        Value::Array(all) => Ok(with_context(list(all, query), &context)),
        one => Ok(with_context(
            query.select(one),
            &format!("{context}/$entity"),
        )),
    }
}

/// Returns the integration whose person the caller acts for.
pub(crate) fn own<'w>(
    state: &'w CloudState,
    caller: &Caller,
) -> Result<&'w Integration, GraphError> {
    let one = state.integration(caller.index);
    one.filter(|_| caller.claims.scp.is_some()).ok_or_else(|| {
        let text = "/me request is only valid with delegated authentication flow.";
        GraphError::new(400, "BadRequest", text)
    })
}

fn is(one: &Integration, user: &str) -> bool {
    one.mailbox.eq_ignore_ascii_case(user) || one.mailbox_owner_id().eq_ignore_ascii_case(user)
}

/// Returns the error of a user that the directory does not have.
fn user_not_found() -> GraphError {
    GraphError::new(404, "ErrorInvalidUser", "The requested user is invalid.")
}

fn all_users(state: &CloudState, caller: &Caller, query: &GraphQuery) -> Result<Value, GraphError> {
    if !caller.claims.has_any(&EVERYBODY) {
        return Err(GraphError::denied());
    }
    let all = state
        .in_directory(&caller.claims.tid)
        .map(profile)
        .collect();
    let context = format!(
        "{}/graph/v1.0/$metadata#users{}",
        state.base,
        query.selection()
    );
    Ok(with_context(list(all, query), &context))
}
