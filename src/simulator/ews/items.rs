//! What folders hold: nothing, and no item that a client could name exists.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::Call;
use super::operations::{SYNC_STATE, incomplete, located};
use super::soap::{Element, Namespace};
use super::write::{SoapFault, failure, response, success};

/// Answers `FindItem`.
pub(super) fn find(call: &Call<'_>, operation: &Element) -> Result<String, SoapFault> {
    let parents = children(operation, "ParentFolderIds")?;
    let mut messages = String::new();
    for id in parents {
        messages += &match located(call, id)? {
            Ok(_folder) => success(
                "FindItem",
                "<m:RootFolder IndexedPagingOffset=\"0\" TotalItemsInView=\"0\" \
                 IncludesLastItemInRange=\"true\"><t:Items/></m:RootFolder>",
            ),
            Err((code, text)) => failure("FindItem", code, text, None),
        };
    }
    Ok(response("FindItem", &messages))
}

/// Answers `GetItem`.
pub(super) fn get(operation: &Element) -> Result<String, SoapFault> {
    let messages: String = children(operation, "ItemIds")?
        .iter()
        .map(|id| {
            let id = STANDARD.decode(id.attribute("Id").unwrap_or_default());
            let (code, text) = match id {
                Ok(id) if !id.is_empty() => (
                    "ErrorItemNotFound",
                    "The specified object was not found in the store.",
                ),
                _ => ("ErrorInvalidIdMalformed", "Id is malformed."),
            };
            failure("GetItem", code, text, None)
        })
        .collect();
    Ok(response("GetItem", &messages))
}

/// Answers `SyncFolderItems`.
pub(super) fn sync(call: &Call<'_>, operation: &Element) -> Result<String, SoapFault> {
    let mut messages = String::new();
    for id in children(operation, "SyncFolderId")?.iter().take(1) {
        messages += &match located(call, id)? {
            Ok(_folder) => success(
                "SyncFolderItems",
                &format!(
                    "<m:SyncState>{SYNC_STATE}</m:SyncState>\
                     <m:IncludesLastItemInRange>true</m:IncludesLastItemInRange><m:Changes/>"
                ),
            ),
            Err((code, text)) => failure("SyncFolderItems", code, text, None),
        };
    }
    Ok(response("SyncFolderItems", &messages))
}

fn children<'e>(operation: &'e Element, list: &str) -> Result<&'e [Element], SoapFault> {
    operation
        .child(Namespace::Messages, list)
        .map(|ids| ids.children.as_slice())
        .filter(|ids| !ids.is_empty())
        .ok_or_else(|| incomplete(list))
}
