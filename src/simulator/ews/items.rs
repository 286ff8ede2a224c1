//! The operations on items. Every folder is empty.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::admission::EwsCall;
use super::envelope::SoapElement;
use super::folder_lookup::{SYNC_STATE, children, located};
use super::response::{SoapFault, failure, response, success};

/// Answers `FindItem`.
pub(crate) fn find(call: &EwsCall<'_>, operation: &SoapElement) -> Result<String, SoapFault> {
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
pub(crate) fn get(operation: &SoapElement) -> Result<String, SoapFault> {
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
pub(crate) fn sync(call: &EwsCall<'_>, operation: &SoapElement) -> Result<String, SoapFault> {
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
