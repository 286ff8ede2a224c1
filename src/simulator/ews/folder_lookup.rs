//! The folder that a request names.

use super::admission::EwsCall;
use super::envelope::{Namespace, SoapElement};
use super::folder::{self, EwsFolder};
use super::response::{MESSAGES, SoapFault};

/// The only synchronisation state: the mailboxes never change.
pub(crate) const SYNC_STATE: &str = "H4sIAAAAAAAEAA==";

/// Code and text of a folder that is not there.
pub(crate) type FolderError = (&'static str, &'static str);

/// Returns the folder that an id names. A name that the schema does not know refuses the request.
pub(crate) fn located(
    call: &EwsCall<'_>,
    id: &SoapElement,
) -> Result<Result<EwsFolder, FolderError>, SoapFault> {
    const GONE: FolderError = (
        "ErrorFolderNotFound",
        "The specified folder could not be found in the store.",
    );
    let named = id.attribute("Id").unwrap_or_default();
    if id.name == "FolderId" {
        return Ok(EwsFolder::with_id(named, &call.mailbox)
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
    if let Some(folder) = EwsFolder::named(named) {
        return Ok(Ok(folder));
    }
    if folder::is_known_elsewhere(named) {
        return Ok(Err(GONE));
    }
    Err(SoapFault::schema(&format!(
        "The request failed schema validation: The 'Id' attribute is invalid - The value '{named}' \
         is invalid according to its datatype \
         'http://schemas.microsoft.com/exchange/services/2006/types:DistinguishedFolderIdNameType' \
         - The Enumeration constraint failed."
    )))
}

pub(crate) fn incomplete(element: &str) -> SoapFault {
    SoapFault::schema(&format!(
        "The request failed schema validation: The element '{element}' in namespace '{MESSAGES}' \
         has incomplete content."
    ))
}

/// Returns the elements of a list that must not be empty.
pub(crate) fn children<'e>(
    operation: &'e SoapElement,
    list: &str,
) -> Result<&'e [SoapElement], SoapFault> {
    operation
        .child(Namespace::Messages, list)
        .map(|ids| ids.children.as_slice())
        .filter(|ids| !ids.is_empty())
        .ok_or_else(|| incomplete(list))
}
