//! People and their mailboxes: the usual folders and one calendar, with nothing in them.

use std::iter;

use serde_json::{Value, json};

use super::super::scenario::{Integration, guid};
use super::super::world::{Caller, World};
use super::registration::denied;
use super::{GraphError, Query, error, has_any, no_segment, with_context};

/// Permissions that may open a mail folder.
const MAIL: [&str; 4] = [
    "Mail.ReadBasic",
    "Mail.ReadBasic.All",
    "Mail.Read",
    "Mail.ReadWrite",
];

/// Permissions that may open a calendar.
const CALENDAR: [&str; 4] = [
    "Calendars.ReadBasic",
    "Calendars.ReadBasic.All",
    "Calendars.Read",
    "Calendars.ReadWrite",
];

/// Permissions that may see everybody.
const EVERYBODY: [&str; 4] = [
    "User.ReadBasic.All",
    "User.Read.All",
    "User.ReadWrite.All",
    "Directory.Read.All",
];

/// The permission to see who signed in.
const ONESELF: &str = "User.Read";

/// The folders by their well-known names.
const FOLDERS: [(&str, &str); 6] = [
    ("msgfolderroot", "Top of Information Store"),
    ("inbox", "Inbox"),
    ("drafts", "Drafts"),
    ("sentitems", "Sent Items"),
    ("deleteditems", "Deleted Items"),
    ("outbox", "Outbox"),
];

/// Answers `users`, `users/{id}`, `me`, and what is below them.
pub(super) fn read(
    world: &World,
    caller: &Caller,
    path: &[&str],
    query: &Query,
) -> Result<Value, GraphError> {
    let (user, rest) = match path {
        ["users"] => return everybody(world, caller, query),
        ["users", user, rest @ ..] => (Some(*user), rest),
        [_me, rest @ ..] => (None, rest),
        [] => return Err(no_segment("")),
    };
    let whole = Whole::of(rest)?;
    let own = own(world, caller);
    let owner = match (user, own) {
        (None, own) => Ok(own?),
        (Some(user), Ok(own)) if is(own, user) => Ok(own),
        (Some(user), _) => world
            .neighbours(&caller.claims.tid)
            .find(|one| is(one, user))
            .ok_or_else(user_not_found),
    };
    let is_own = owner.as_ref().is_ok_and(|owner| {
        let own = world.integration(caller.index);
        own.is_some_and(|own| own.mailbox == owner.mailbox)
    });
    if !whole.is_allowed(caller, is_own) {
        return Err(whole.refusal());
    }
    let owner = owner?;
    let below = iter::once("")
        .chain(rest.iter().copied())
        .collect::<Vec<_>>()
        .join("/");
    let place = format!("users('{}'){below}{}", owner.mailbox, query.selection());
    let context = format!("{}/graph/v1.0/$metadata#{place}", world.base);
    match whole.write(owner)? {
        Value::Array(all) => Ok(with_context(list(all, query), &context)),
        one => Ok(with_context(
            query.select(one),
            &format!("{context}/$entity"),
        )),
    }
}

/// Returns the app as whose person the caller acts.
pub(super) fn own<'w>(world: &'w World, caller: &Caller) -> Result<&'w Integration, GraphError> {
    let one = world.integration(caller.index);
    one.filter(|_| caller.claims.scp.is_some()).ok_or_else(|| {
        let text = "/me request is only valid with delegated authentication flow.";
        error(400, "BadRequest", text)
    })
}

fn is(one: &Integration, user: &str) -> bool {
    one.mailbox.eq_ignore_ascii_case(user) || user_id(one).eq_ignore_ascii_case(user)
}

fn user_id(one: &Integration) -> String {
    guid(&format!("person {}", one.mailbox))
}

/// Returns the error of a user whom the directory does not have.
pub(super) fn user_not_found() -> GraphError {
    error(404, "ErrorInvalidUser", "The requested user is invalid.")
}

fn everybody(world: &World, caller: &Caller, query: &Query) -> Result<Value, GraphError> {
    if !has_any(caller, &EVERYBODY) {
        return Err(denied());
    }
    let all = world.neighbours(&caller.claims.tid).map(profile).collect();
    let context = format!(
        "{}/graph/v1.0/$metadata#users{}",
        world.base,
        query.selection()
    );
    Ok(with_context(list(all, query), &context))
}

fn list(all: Vec<Value>, query: &Query) -> Value {
    let shown = all.into_iter().take(query.top).map(|one| query.select(one));
    json!({ "value": shown.collect::<Vec<_>>() })
}

/// What of a person is asked for.
enum Whole<'p> {
    Profile,
    Folders,
    Folder(&'p str),
    /// What a folder holds: other folders or messages.
    Inside(&'p str),
    Messages,
    Calendar,
    Calendars,
    Events,
}

impl<'p> Whole<'p> {
    fn of(path: &[&'p str]) -> Result<Self, GraphError> {
        Ok(match path {
            [] => Self::Profile,
            ["mailFolders"] => Self::Folders,
            ["mailFolders", folder] => Self::Folder(folder),
            ["mailFolders", folder, "messages" | "childFolders"] => Self::Inside(folder),
            ["messages"] => Self::Messages,
            ["calendar"] => Self::Calendar,
            ["calendars"] => Self::Calendars,
            ["events" | "calendarView"] | ["calendar", "events" | "calendarView"] => Self::Events,
            [.., segment] => return Err(no_segment(segment)),
        })
    }

    fn is_allowed(&self, caller: &Caller, is_own: bool) -> bool {
        match self {
            Self::Profile => has_any(caller, &EVERYBODY) || is_own && has_any(caller, &[ONESELF]),
            Self::Calendar | Self::Calendars | Self::Events => has_any(caller, &CALENDAR),
            Self::Folders | Self::Folder(_) | Self::Inside(_) | Self::Messages => {
                has_any(caller, &MAIL)
            }
        }
    }

    fn refusal(&self) -> GraphError {
        if matches!(self, Self::Profile) {
            return denied();
        }
        let text = "Access is denied. Check credentials and try again.";
        error(403, "ErrorAccessDenied", text)
    }

    fn write(&self, owner: &Integration) -> Result<Value, GraphError> {
        let all = || FOLDERS.iter().skip(1).map(|known| folder(owner, known));
        Ok(match self {
            Self::Profile => profile(owner),
            Self::Folders => all().collect(),
            Self::Folder(name) => folder(owner, known(owner, name)?),
            Self::Inside(name) => {
                known(owner, name)?;
                json!([])
            }
            Self::Messages | Self::Events => json!([]),
            Self::Calendar => calendar(owner),
            Self::Calendars => json!([calendar(owner)]),
        })
    }
}

/// Returns the folder of that well-known name or id.
fn known(
    owner: &Integration,
    name: &str,
) -> Result<&'static (&'static str, &'static str), GraphError> {
    let wanted = name.to_ascii_lowercase();
    let mut folders = FOLDERS.iter();
    folders
        .find(|(known, _)| *known == wanted || folder_id(owner, known) == name)
        .ok_or_else(|| error(400, "ErrorInvalidIdMalformed", "Id is malformed."))
}

fn folder_id(owner: &Integration, name: &str) -> String {
    guid(&format!("graph {} {name}", owner.mailbox)).replace('-', "") + "AAA="
}

fn folder(owner: &Integration, (name, display): &(&str, &str)) -> Value {
    json!({
        "id": folder_id(owner, name),
        "displayName": display,
        "parentFolderId": folder_id(owner, "msgfolderroot"),
        "childFolderCount": 0,
        "unreadItemCount": 0,
        "totalItemCount": 0,
        "sizeInBytes": 0,
        "isHidden": false,
    })
}

fn calendar(owner: &Integration) -> Value {
    json!({
        "id": folder_id(owner, "calendar"),
        "name": "Calendar",
        "color": "auto",
        "isDefaultCalendar": true,
        "canEdit": true,
        "canShare": true,
        "canViewPrivateItems": true,
        "owner": {"name": owner.name, "address": owner.mailbox},
    })
}

fn profile(one: &Integration) -> Value {
    json!({
        "id": user_id(one),
        "displayName": one.name,
        "givenName": null,
        "surname": null,
        "jobTitle": null,
        "mail": one.mailbox,
        "mobilePhone": null,
        "officeLocation": null,
        "preferredLanguage": null,
        "businessPhones": [],
        "userPrincipalName": one.mailbox,
    })
}
