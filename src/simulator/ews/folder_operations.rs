//! The operations on folders.

use std::fmt::Write as _;

use super::admission::EwsCall;
use super::envelope::{Namespace, SoapElement};
use super::folder::{EwsFolder, FOLDERS};
use super::folder_lookup::{SYNC_STATE, children, incomplete, located};
use super::response::{SoapFault, failure, response, success};

/// Answers `GetFolder`.
pub(crate) fn get(call: &EwsCall<'_>, operation: &SoapElement) -> Result<String, SoapFault> {
    let shape = FolderShape::of(operation)?;
    let mut messages = String::new();
    for id in children(operation, "FolderIds")? {
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

/// The requested properties of folders.
#[derive(Debug, Clone)]
struct FolderShape {
    all: bool,
    fields: Vec<String>,
}

impl FolderShape {
    fn of(operation: &SoapElement) -> Result<Self, SoapFault> {
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

    /// Writes a folder, with the elements in the order of the schema.
    fn write(&self, call: &EwsCall<'_>, folder: EwsFolder) -> String {
        let element = folder.element;
        let mut xml = format!(
            "<t:{element}><t:FolderId Id=\"{}\" ChangeKey=\"{}\"/>",
            folder.id(&call.mailbox),
            folder.change_key()
        );
        let parent = EwsFolder::named(folder.parent).unwrap_or(folder);
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

/// Answers `FindFolder`.
pub(crate) fn find(call: &EwsCall<'_>, operation: &SoapElement) -> Result<String, SoapFault> {
    let shape = FolderShape::of(operation)?;
    let deep = operation.attribute("Traversal") == Some("Deep");
    let mut messages = String::new();
    for id in children(operation, "ParentFolderIds")? {
        let parent = match located(call, id)? {
            Ok(parent) => parent,
            Err((code, text)) => {
                messages += &failure("FindFolder", code, text, None);
                continue;
            }
        };
        let below: Vec<EwsFolder> = FOLDERS
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

/// Answers `SyncFolderHierarchy`: every folder the first time, and no change after that.
pub(crate) fn sync(call: &EwsCall<'_>, operation: &SoapElement) -> Result<String, SoapFault> {
    let shape = FolderShape::of(operation)?;
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
        None => EwsFolder::named("msgfolderroot"),
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
