//! The folders of a mailbox: the same few in every one.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// One folder that every mailbox has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct EwsFolder {
    /// Its distinguished name, such as `inbox`.
    pub(crate) name: &'static str,
    /// The distinguished name of its parent; the root is its own.
    pub(crate) parent: &'static str,
    /// The name that users see.
    pub(crate) display: &'static str,
    /// Its XML element.
    pub(crate) element: &'static str,
    /// Its folder class, empty for the two roots.
    pub(crate) class: &'static str,
}

/// Declares the folders, one a line: name, parent, display name, element, class.
macro_rules! folders {
    ($($name:literal in $parent:literal: $display:literal $element:literal $class:literal;)*) => {
        [$(EwsFolder {
            name: $name,
            parent: $parent,
            display: $display,
            element: $element,
            class: $class,
        }),*]
    };
}

/// Every folder of a mailbox.
pub(crate) const FOLDERS: [EwsFolder; 14] = folders! {
    "root" in "root": "root" "Folder" "";
    "msgfolderroot" in "root": "Top of Information Store" "Folder" "IPF.Note";
    "inbox" in "msgfolderroot": "Inbox" "Folder" "IPF.Note";
    "drafts" in "msgfolderroot": "Drafts" "Folder" "IPF.Note";
    "sentitems" in "msgfolderroot": "Sent Items" "Folder" "IPF.Note";
    "deleteditems" in "msgfolderroot": "Deleted Items" "Folder" "IPF.Note";
    "outbox" in "msgfolderroot": "Outbox" "Folder" "IPF.Note";
    "junkemail" in "msgfolderroot": "Junk Email" "Folder" "IPF.Note";
    "calendar" in "msgfolderroot": "Calendar" "CalendarFolder" "IPF.Appointment";
    "contacts" in "msgfolderroot": "Contacts" "ContactsFolder" "IPF.Contact";
    "tasks" in "msgfolderroot": "Tasks" "TasksFolder" "IPF.Task";
    "notes" in "msgfolderroot": "Notes" "Folder" "IPF.StickyNote";
    "journal" in "msgfolderroot": "Journal" "Folder" "IPF.Journal";
    "searchfolders" in "root": "Finder" "SearchFolder" "IPF.Note";
};

/// Distinguished folders of the schema that these mailboxes do not have.
const KNOWN_ELSEWHERE: &str = "adminauditlogs allcategorizeditems allcontacts allitems allpersonmetadata archive \
    archivedeleteditems archiveinbox archivemsgfolderroot archiverecoverableitemsdeletions \
    archiverecoverableitemspurges archiverecoverableitemsroot \
    archiverecoverableitemsversions archiveroot companycontacts conflicts \
    conversationhistory directory dlppolicyevaluation externalcontacts favorites \
    fromfavoritesenders imcontactlist inference localfailures mycontacts onenotepagepreviews \
    peoplecentricconversationbuddies peopleconnect publicfoldersroot qedcdefaultretention \
    qedclongretention qedcmediumretention qedcshortretention quarantinedemail \
    quarantinedemaildefaultcategory quickcontacts recipientcache recoverableitemsdeletions \
    recoverableitemspurges recoverableitemsroot recoverableitemssubstrateholds \
    recoverableitemsversions relevantcontacts scheduled serverfailures \
    sharepointnotifications shortnotes snoozed syncissues temporarysaves todosearch \
    usercuratedcontacts voicemail";

/// Returns whether the schema knows a distinguished folder that these mailboxes do not have.
pub(crate) fn is_known_elsewhere(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    KNOWN_ELSEWHERE.split(' ').any(|known| known == name)
}

impl EwsFolder {
    /// Returns the folder of that distinguished name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        FOLDERS.into_iter().find(|folder| folder.name == name)
    }

    /// Returns the folder of that id in that mailbox.
    pub(crate) fn with_id(id: &str, mailbox: &str) -> Option<Self> {
        FOLDERS.into_iter().find(|folder| folder.id(mailbox) == id)
    }

    /// Returns its id: opaque to clients, different in every mailbox.
    pub(crate) fn id(&self, mailbox: &str) -> String {
        let bytes = STANDARD.encode(format!("\u{1}.{}\n{}", mailbox.to_lowercase(), self.name));
        format!("AAMk{bytes}")
    }

    /// Returns the change key.
    pub(crate) fn change_key(&self) -> String {
        STANDARD.encode(format!("\u{1}\u{0}\u{0}\u{0}{:>10}", self.name))
    }

    /// Whether it lies below that folder, directly or (`deep`) at any depth.
    pub(crate) fn below(&self, ancestor: Self, deep: bool) -> bool {
        if self.name == ancestor.name || self.name == "root" {
            return false;
        }
        let Some(parent) = Self::named(self.parent) else {
            return false;
        };
        parent == ancestor || (deep && parent.below(ancestor, deep))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_belongs_to_one_folder_of_one_mailbox() {
        for folder in FOLDERS {
            let id = folder.id("rooms@contoso.example");
            assert_eq!(
                EwsFolder::with_id(&id, "Rooms@contoso.example"),
                Some(folder)
            );
            assert_eq!(EwsFolder::with_id(&id, "other@contoso.example"), None);
        }
    }

    #[test]
    fn a_deep_traversal_reaches_grandchildren() {
        let [root, inbox] = ["root", "inbox"].map(|name| EwsFolder::named(name).unwrap());
        assert!(inbox.below(root, true));
        assert!(!inbox.below(root, false));
        assert!(!root.below(root, true));
    }
}
