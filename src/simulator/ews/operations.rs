//! The operations: `GetFolder` well, and what stock libraries ask on first contact.

use std::fmt::Write as _;

use quick_xml::escape::escape;

use super::folders::{self, FOLDERS, Folder};
use super::soap::{Element, Namespace};
use super::write::{SoapFault, envelope, failure, response, success};
use super::{super::scenario::guid, write};
use super::{Call, availability, items};

/// Operations that the schema knows and that client libraries call, but that are not served here: no
/// mailbox of this cloud can be written to, and none holds more than folders.
const NOT_SERVED: [&str; 44] = [
    "AddDelegate",
    "ApplyConversationAction",
    "ArchiveItem",
    "CopyFolder",
    "CopyItem",
    "CreateAttachment",
    "CreateFolder",
    "CreateItem",
    "CreateUserConfiguration",
    "DeleteAttachment",
    "DeleteFolder",
    "DeleteItem",
    "DeleteUserConfiguration",
    "EmptyFolder",
    "ExpandDL",
    "ExportItems",
    "FindConversation",
    "FindPeople",
    "GetAttachment",
    "GetConversationItems",
    "GetDelegate",
    "GetEvents",
    "GetInboxRules",
    "GetMailTips",
    "GetPersona",
    "GetRooms",
    "GetSearchableMailboxes",
    "GetServiceConfiguration",
    "GetStreamingEvents",
    "GetUserConfiguration",
    "GetUserOofSettingsRequest",
    "MarkAllItemsAsRead",
    "MarkAsJunk",
    "MoveFolder",
    "MoveItem",
    "SendItem",
    "SetUserOofSettingsRequest",
    "Subscribe",
    "Unsubscribe",
    "UpdateFolder",
    "UpdateInboxRules",
    "UpdateItem",
    "UpdateUserConfiguration",
    "UploadItems",
];

/// Performs the operation of a call; returns the envelope of the answer.
pub(super) fn perform(call: &Call<'_>) -> Result<String, SoapFault> {
    let Some(operation) = call.envelope.operation() else {
        return Err(SoapFault::schema(
            "The request failed schema validation: The element 'Body' has incomplete content.",
        ));
    };
    match (operation.namespace, operation.name.as_str()) {
        (Namespace::Messages, "GetFolder") => get_folder(call, operation),
        (Namespace::Messages, "FindFolder") => find_folder(call, operation),
        (Namespace::Messages, "SyncFolderHierarchy") => sync_folders(call, operation),
        (Namespace::Messages, "FindItem") => items::find(call, operation),
        (Namespace::Messages, "GetItem") => items::get(operation),
        (Namespace::Messages, "SyncFolderItems") => items::sync(call, operation),
        (Namespace::Messages, "GetRoomLists") => Ok(availability::room_lists()),
        (Namespace::Messages, "GetUserAvailabilityRequest") => {
            Ok(availability::of_users(call, operation))
        }
        (Namespace::Messages, "GetServerTimeZones") => Ok(time_zones()),
        (Namespace::Messages, "ResolveNames") => Ok(resolve_names(call, operation)),
        (Namespace::Messages, "ConvertId") => Ok(convert_id(call, operation)),
        (Namespace::Messages, name) if NOT_SERVED.contains(&name) => Err(SoapFault::new(
            "ErrorInvalidOperation",
            &format!("The operation '{name}' is not served by this simulated mailbox."),
        )),
        (_, name) => Err(SoapFault::schema(&format!(
            "The request failed schema validation: The element 'Body' in namespace \
             'http://schemas.xmlsoap.org/soap/envelope/' has invalid child element '{name}'."
        ))),
    }
}

/// Returns the security identifier of the account behind a mailbox.
pub(super) fn sid(mailbox: &str) -> String {
    let digits: String = guid(&mailbox.to_lowercase())
        .chars()
        .filter(char::is_ascii_digit)
        .take(8)
        .collect();
    format!("S-1-5-21-1004336348-1177238915-682003330-{digits}")
}

fn get_folder(call: &Call<'_>, operation: &Element) -> Result<String, SoapFault> {
    let shape = Shape::of(operation)?;
    let ids = operation
        .child(Namespace::Messages, "FolderIds")
        .filter(|ids| !ids.children.is_empty())
        .ok_or_else(|| incomplete("FolderIds"))?;
    let mut messages = String::new();
    for id in &ids.children {
        messages += &match located(call, id)? {
            Ok(folder) => {
                let folders = format!("<m:Folders>{}</m:Folders>", shape.write(call, folder));
                success("GetFolder", &folders)
            }
            Err((code, text)) => failure("GetFolder", code, text, None),
        };
    }
    Ok(response("GetFolder", &messages))
}

/// The one state that a client can have synchronised to: nothing here ever changes.
pub(super) const SYNC_STATE: &str = "H4sIAAAAAAAEAA==";

/// The code and the words of what is not there.
pub(super) type NotFound = (&'static str, &'static str);

/// Returns the folder that an id names. A name that the schema does not know refuses the request.
pub(super) fn located(
    call: &Call<'_>,
    id: &Element,
) -> Result<Result<Folder, NotFound>, SoapFault> {
    const GONE: NotFound = (
        "ErrorFolderNotFound",
        "The specified folder could not be found in the store.",
    );
    let named = id.attribute("Id").unwrap_or_default();
    if id.name == "FolderId" {
        return Ok(Folder::with_id(named, &call.mailbox)
            .ok_or(("ErrorInvalidIdMalformed", "Id is malformed.")));
    }
    if id.name != "DistinguishedFolderId" {
        return Err(incomplete("FolderIds"));
    }
    let owner = id
        .every("EmailAddress")
        .first()
        .map(|address| address.text().to_owned());
    if owner.is_some_and(|owner| !owner.eq_ignore_ascii_case(&call.mailbox)) {
        return Ok(Err((
            "ErrorAccessDenied",
            "Access is denied. Check credentials and try again.",
        )));
    }
    if let Some(folder) = Folder::named(named) {
        return Ok(Ok(folder));
    }
    if folders::KNOWN_ELSEWHERE.contains(&named.to_ascii_lowercase().as_str()) {
        return Ok(Err(GONE));
    }
    Err(SoapFault::schema(&format!(
        "The request failed schema validation: The 'Id' attribute is invalid - The value '{named}' \
         is invalid according to its datatype \
         'http://schemas.microsoft.com/exchange/services/2006/types:DistinguishedFolderIdNameType' \
         - The Enumeration constraint failed."
    )))
}

pub(super) fn incomplete(element: &str) -> SoapFault {
    SoapFault::schema(&format!(
        "The request failed schema validation: The element '{element}' in namespace '{}' has \
         incomplete content.",
        write::MESSAGES
    ))
}

/// How much of a folder was asked for.
#[derive(Debug, Clone)]
struct Shape {
    all: bool,
    fields: Vec<String>,
}

impl Shape {
    fn of(operation: &Element) -> Result<Self, SoapFault> {
        let base = operation
            .child(Namespace::Messages, "FolderShape")
            .and_then(|shape| shape.child(Namespace::Types, "BaseShape"))
            .ok_or_else(|| incomplete("FolderShape"))?;
        let fields = operation
            .every("FieldURI")
            .iter()
            .filter_map(|field| field.attribute("FieldURI"))
            .map(str::to_owned)
            .collect();
        match base.text() {
            "IdOnly" => Ok(Self { all: false, fields }),
            "Default" | "AllProperties" => Ok(Self { all: true, fields }),
            other => Err(SoapFault::schema(&format!(
                "The request failed schema validation: The 'BaseShape' element is invalid - The \
                 value '{other}' is invalid according to its datatype \
                 'http://schemas.microsoft.com/exchange/services/2006/types:DefaultShapeNamesType'."
            ))),
        }
    }

    fn wants(&self, field: &str) -> bool {
        self.all || self.fields.iter().any(|asked| asked == field)
    }

    /// Writes a folder; the order of the elements is the schema's.
    fn write(&self, call: &Call<'_>, folder: Folder) -> String {
        let element = folder.element;
        let mut xml = format!(
            "<t:{element}><t:FolderId Id=\"{}\" ChangeKey=\"{}\"/>",
            folder.id(&call.mailbox),
            folder.change_key()
        );
        let parent = Folder::named(folder.parent).unwrap_or(folder);
        if self.wants("folder:ParentFolderId") {
            let id = parent.id(&call.mailbox);
            let key = parent.change_key();
            let _infallible = write!(xml, "<t:ParentFolderId Id=\"{id}\" ChangeKey=\"{key}\"/>");
        }
        if self.wants("folder:FolderClass") && !folder.class.is_empty() {
            let _infallible = write!(xml, "<t:FolderClass>{}</t:FolderClass>", folder.class);
        }
        if self.wants("folder:DisplayName") {
            let _infallible = write!(xml, "<t:DisplayName>{}</t:DisplayName>", folder.display);
        }
        let children = FOLDERS
            .iter()
            .filter(|one| one.below(folder, false))
            .count();
        for (field, count) in [("TotalCount", 0), ("ChildFolderCount", children)] {
            if self.wants(&format!("folder:{field}")) {
                let _infallible = write!(xml, "<t:{field}>{count}</t:{field}>");
            }
        }
        if self.wants("folder:EffectiveRights") {
            xml += RIGHTS;
        }
        let counts_unread = matches!(element, "Folder" | "TasksFolder" | "SearchFolder");
        if self.wants("folder:UnreadCount") && counts_unread {
            xml += "<t:UnreadCount>0</t:UnreadCount>";
        }
        xml + &format!("</t:{element}>")
    }
}

const RIGHTS: &str = "<t:EffectiveRights><t:CreateAssociated>true</t:CreateAssociated>\
    <t:CreateContents>true</t:CreateContents><t:CreateHierarchy>true</t:CreateHierarchy>\
    <t:Delete>true</t:Delete><t:Modify>true</t:Modify><t:Read>true</t:Read>\
    <t:ViewPrivateItems>true</t:ViewPrivateItems></t:EffectiveRights>";

fn find_folder(call: &Call<'_>, operation: &Element) -> Result<String, SoapFault> {
    let shape = Shape::of(operation)?;
    let deep = operation.attribute("Traversal") == Some("Deep");
    let parents = operation
        .child(Namespace::Messages, "ParentFolderIds")
        .filter(|ids| !ids.children.is_empty())
        .ok_or_else(|| incomplete("ParentFolderIds"))?;
    let mut messages = String::new();
    for id in &parents.children {
        let parent = match located(call, id)? {
            Ok(parent) => parent,
            Err((code, text)) => {
                messages += &failure("FindFolder", code, text, None);
                continue;
            }
        };
        let below: Vec<Folder> = FOLDERS
            .into_iter()
            .filter(|folder| folder.below(parent, deep))
            .collect();
        let list: String = below
            .iter()
            .map(|folder| shape.write(call, *folder))
            .collect();
        let count = below.len();
        messages += &success(
            "FindFolder",
            &format!(
                "<m:RootFolder IndexedPagingOffset=\"{count}\" TotalItemsInView=\"{count}\" \
                 IncludesLastItemInRange=\"true\"><t:Folders>{list}</t:Folders></m:RootFolder>"
            ),
        );
    }
    Ok(response("FindFolder", &messages))
}

/// Answers with every folder the first time, and with no change after that.
fn sync_folders(call: &Call<'_>, operation: &Element) -> Result<String, SoapFault> {
    let shape = Shape::of(operation)?;
    let state = operation.child(Namespace::Messages, "SyncState");
    let root = operation
        .child(Namespace::Messages, "SyncFolderId")
        .and_then(|id| id.children.first());
    let root = match root.map(|id| located(call, id)).transpose()? {
        Some(Err((code, text))) => {
            let refused = failure("SyncFolderHierarchy", code, text, None);
            return Ok(response("SyncFolderHierarchy", &refused));
        }
        Some(Ok(folder)) => Some(folder),
        None => Folder::named("msgfolderroot"),
    };
    let is_first = state.is_none_or(|state| state.text().is_empty());
    let mut changes = String::new();
    for folder in FOLDERS {
        if is_first && root.is_some_and(|root| folder.below(root, true)) {
            let _infallible = write!(
                changes,
                "<t:Create>{}</t:Create>",
                shape.write(call, folder)
            );
        }
    }
    let content = format!(
        "<m:SyncState>{SYNC_STATE}</m:SyncState>\
         <m:IncludesLastFolderInRange>true</m:IncludesLastFolderInRange>\
         <m:Changes>{changes}</m:Changes>"
    );
    let message = success("SyncFolderHierarchy", &content);
    Ok(response("SyncFolderHierarchy", &message))
}

fn time_zones() -> String {
    response(
        "GetServerTimeZones",
        &success(
            "GetServerTimeZones",
            "<m:TimeZoneDefinitions><t:TimeZoneDefinition Id=\"UTC\" \
             Name=\"(UTC) Coordinated Universal Time\"><t:Periods><t:Period Bias=\"P0DT0H0M0.0S\" \
             Name=\"Standard\" Id=\"trule:Microsoft/Registry/UTC/1-Standard\"/></t:Periods>\
             <t:TransitionsGroups><t:TransitionsGroup Id=\"0\"><t:Transition>\
             <t:To Kind=\"Period\">trule:Microsoft/Registry/UTC/1-Standard</t:To></t:Transition>\
             </t:TransitionsGroup></t:TransitionsGroups><t:Transitions><t:Transition>\
             <t:To Kind=\"Group\">0</t:To></t:Transition></t:Transitions></t:TimeZoneDefinition>\
             </m:TimeZoneDefinitions>",
        ),
    )
}

fn resolve_names(call: &Call<'_>, operation: &Element) -> String {
    let entry = operation
        .child(Namespace::Messages, "UnresolvedEntry")
        .map(Element::text)
        .unwrap_or_default();
    let local = call.mailbox.split('@').next().unwrap_or_default();
    let known = [&call.mailbox, local, &call.display_name]
        .iter()
        .any(|name| name.eq_ignore_ascii_case(entry));
    if !known {
        let text = "No results were found.";
        let none = failure("ResolveNames", "ErrorNameResolutionNoResults", text, None);
        return response("ResolveNames", &none);
    }
    let (name, mailbox) = (escape(&call.display_name), escape(&call.mailbox));
    let found = format!(
        "<m:ResolutionSet TotalItemsInView=\"1\" IncludesLastItemInRange=\"true\"><t:Resolution>\
         <t:Mailbox><t:Name>{name}</t:Name><t:EmailAddress>{mailbox}</t:EmailAddress>\
         <t:RoutingType>SMTP</t:RoutingType><t:MailboxType>Mailbox</t:MailboxType></t:Mailbox>\
         </t:Resolution></m:ResolutionSet>"
    );
    response("ResolveNames", &success("ResolveNames", &found))
}

/// Gives ids back in the format asked for, unchanged: here they have one form only.
fn convert_id(call: &Call<'_>, operation: &Element) -> String {
    let format = operation.attribute("DestinationFormat").unwrap_or("EwsId");
    let ids = operation.every("AlternateId");
    let messages: String = ids
        .iter()
        .map(|id| {
            let (id, mailbox) = (
                escape(id.attribute("Id").unwrap_or_default()),
                escape(&call.mailbox),
            );
            success(
                "ConvertId",
                &format!(
                    "<m:AlternateId xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" \
                     xsi:type=\"t:AlternateIdType\" Format=\"{}\" Id=\"{id}\" \
                     Mailbox=\"{mailbox}\"/>",
                    escape(format)
                ),
            )
        })
        .collect();
    envelope(&format!(
        "<m:ConvertIdResponse xmlns:m=\"{}\" xmlns:t=\"{}\"><m:ResponseMessages>{messages}\
         </m:ResponseMessages></m:ConvertIdResponse>",
        write::MESSAGES,
        write::TYPES
    ))
}
