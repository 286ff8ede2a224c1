//! The operations that are served, by name.

use super::admission::EwsCall;
use super::envelope::Namespace;
use super::response::{CONTENT_TYPE, SoapFault};
use super::{availability, folder_operations, items, other_operations};
use crate::simulator::http_answer::HttpAnswer;

/// Operations of the schema that client libraries call, but that are not served: the mailboxes of
/// this cloud cannot be written to and hold only folders.
const NOT_SERVED: &str = "AddDelegate ApplyConversationAction ArchiveItem CopyFolder CopyItem \
    CreateAttachment CreateFolder CreateItem CreateUserConfiguration DeleteAttachment DeleteFolder \
    DeleteItem DeleteUserConfiguration EmptyFolder ExpandDL ExportItems FindConversation FindPeople \
    GetAttachment GetConversationItems GetDelegate GetEvents GetInboxRules GetMailTips GetPersona \
    GetRooms GetSearchableMailboxes GetServiceConfiguration GetStreamingEvents GetUserConfiguration \
    GetUserOofSettingsRequest MarkAllItemsAsRead MarkAsJunk MoveFolder MoveItem SendItem \
    SetUserOofSettingsRequest Subscribe Unsubscribe UpdateFolder UpdateInboxRules UpdateItem \
    UpdateUserConfiguration UploadItems";

/// Performs the operation of a call.
pub(crate) fn perform(call: &EwsCall<'_>) -> HttpAnswer {
    match dispatch(call) {
        Ok(envelope) => HttpAnswer::new(200, CONTENT_TYPE, envelope),
        Err(fault) => fault.answer(),
    }
}

fn dispatch(call: &EwsCall<'_>) -> Result<String, SoapFault> {
    let Some(operation) = call.envelope.operation() else {
        return Err(SoapFault::schema(
            "The request failed schema validation: The element 'Body' has incomplete content.",
        ));
    };
    let name = operation.name.as_str();
    match (operation.namespace, name) {
        (Namespace::Messages, "GetFolder") => folder_operations::get(call, operation),
        (Namespace::Messages, "FindFolder") => folder_operations::find(call, operation),
        (Namespace::Messages, "SyncFolderHierarchy") => folder_operations::sync(call, operation),
        (Namespace::Messages, "FindItem") => items::find(call, operation),
        (Namespace::Messages, "GetItem") => items::get(operation),
        (Namespace::Messages, "SyncFolderItems") => items::sync(call, operation),
        (Namespace::Messages, "GetRoomLists") => Ok(availability::room_lists()),
        (Namespace::Messages, "GetUserAvailabilityRequest") => {
            Ok(availability::of_users(call, operation))
        }
        (Namespace::Messages, "GetServerTimeZones") => Ok(other_operations::time_zones()),
        (Namespace::Messages, "ResolveNames") => {
            Ok(other_operations::resolve_names(call, operation))
        }
        (Namespace::Messages, "ConvertId") => Ok(other_operations::convert_id(call, operation)),
        (Namespace::Messages, _) if NOT_SERVED.split(' ').any(|known| known == name) => {
            Err(SoapFault::new(
                "ErrorInvalidOperation",
                &format!("The operation '{name}' is not served by this simulated mailbox."),
            ))
        }
        _ => Err(SoapFault::schema(&format!(
            "The request failed schema validation: The element 'Body' in namespace \
             'http://schemas.xmlsoap.org/soap/envelope/' has invalid child element '{name}'."
        ))),
    }
}
