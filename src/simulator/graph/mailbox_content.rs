//! The content of a mailbox: the usual folders and one calendar, all empty.

use serde_json::{Value, json};

use super::error::GraphError;
use crate::simulator::access_token::Caller;
use crate::simulator::fleet::Integration;
use crate::simulator::ids::guid;

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

/// Permissions that may read every user.
pub(crate) const EVERYBODY: [&str; 4] = [
    "User.ReadBasic.All",
    "User.Read.All",
    "User.ReadWrite.All",
    "Directory.Read.All",
];

/// The permission to read the profile of the person who signed in.
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

/// The part of a mailbox that a call asks for.
pub(crate) enum MailboxContent<'p> {
    Profile,
    Folders,
    Folder(&'p str),
    /// The folders or messages in a folder.
    Inside(&'p str),
    Messages,
    Calendar,
    Calendars,
    Events,
}

impl<'p> MailboxContent<'p> {
    pub(crate) fn of(path: &[&'p str]) -> Result<Self, GraphError> {
        Ok(match path {
            [] => Self::Profile,
            ["mailFolders"] => Self::Folders,
            ["mailFolders", folder] => Self::Folder(folder),
            ["mailFolders", folder, "messages" | "childFolders"] => Self::Inside(folder),
            ["messages"] => Self::Messages,
            ["calendar"] => Self::Calendar,
            ["calendars"] => Self::Calendars,
            ["events" | "calendarView"] | ["calendar", "events" | "calendarView"] => Self::Events,
            [.., segment] => return Err(GraphError::no_segment(segment)),
        })
    }

    pub(crate) fn is_allowed(&self, caller: &Caller, is_own: bool) -> bool {
        match self {
            Self::Profile => {
                caller.claims.has_any(&EVERYBODY) || is_own && caller.claims.has_any(&[ONESELF])
            }
            Self::Calendar | Self::Calendars | Self::Events => caller.claims.has_any(&CALENDAR),
            Self::Folders | Self::Folder(_) | Self::Inside(_) | Self::Messages => {
                caller.claims.has_any(&MAIL)
            }
        }
    }

    pub(crate) fn refusal(&self) -> GraphError {
        if matches!(self, Self::Profile) {
            return GraphError::denied();
        }
        let text = "Access is denied. Check credentials and try again.";
        GraphError::new(403, "ErrorAccessDenied", text)
    }

    pub(crate) fn write(&self, owner: &Integration) -> Result<Value, GraphError> {
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
        .ok_or_else(|| GraphError::new(400, "ErrorInvalidIdMalformed", "Id is malformed."))
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

pub(crate) fn profile(one: &Integration) -> Value {
    json!({
        "id": one.mailbox_owner_id(),
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
