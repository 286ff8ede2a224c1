//! The folders of a mailbox: the same few in every one.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// One folder that every mailbox has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Folder {
    /// Its distinguished name, such as `inbox`.
    pub(super) name: &'static str,
    /// The distinguished name of its parent; the root is its own.
    pub(super) parent: &'static str,
    /// What users see.
    pub(super) display: &'static str,
    /// The element that stands for it.
    pub(super) element: &'static str,
    /// Its folder class, empty for the two roots.
    pub(super) class: &'static str,
}

const fn folder(
    name: &'static str,
    parent: &'static str,
    display: &'static str,
    element: &'static str,
    class: &'static str,
) -> Folder {
    Folder {
        name,
        parent,
        display,
        element,
        class,
    }
}

/// Every folder there is.
pub(super) const FOLDERS: [Folder; 14] = [
    folder("root", "root", "root", "Folder", ""),
    folder(
        "msgfolderroot",
        "root",
        "Top of Information Store",
        "Folder",
        "IPF.Note",
    ),
    folder("inbox", "msgfolderroot", "Inbox", "Folder", "IPF.Note"),
    folder("drafts", "msgfolderroot", "Drafts", "Folder", "IPF.Note"),
    folder(
        "sentitems",
        "msgfolderroot",
        "Sent Items",
        "Folder",
        "IPF.Note",
    ),
    folder(
        "deleteditems",
        "msgfolderroot",
        "Deleted Items",
        "Folder",
        "IPF.Note",
    ),
    folder("outbox", "msgfolderroot", "Outbox", "Folder", "IPF.Note"),
    folder(
        "junkemail",
        "msgfolderroot",
        "Junk Email",
        "Folder",
        "IPF.Note",
    ),
    folder(
        "calendar",
        "msgfolderroot",
        "Calendar",
        "CalendarFolder",
        "IPF.Appointment",
    ),
    folder(
        "contacts",
        "msgfolderroot",
        "Contacts",
        "ContactsFolder",
        "IPF.Contact",
    ),
    folder("tasks", "msgfolderroot", "Tasks", "TasksFolder", "IPF.Task"),
    folder(
        "notes",
        "msgfolderroot",
        "Notes",
        "Folder",
        "IPF.StickyNote",
    ),
    folder(
        "journal",
        "msgfolderroot",
        "Journal",
        "Folder",
        "IPF.Journal",
    ),
    folder(
        "searchfolders",
        "root",
        "Finder",
        "SearchFolder",
        "IPF.Note",
    ),
];

/// Distinguished folders that the schema knows and these mailboxes do not have, in lower case.
pub(super) const KNOWN_ELSEWHERE: [&str; 54] = [
    "adminauditlogs",
    "allcategorizeditems",
    "allcontacts",
    "allitems",
    "allpersonmetadata",
    "archive",
    "archivedeleteditems",
    "archiveinbox",
    "archivemsgfolderroot",
    "archiverecoverableitemsdeletions",
    "archiverecoverableitemspurges",
    "archiverecoverableitemsroot",
    "archiverecoverableitemsversions",
    "archiveroot",
    "companycontacts",
    "conflicts",
    "conversationhistory",
    "directory",
    "dlppolicyevaluation",
    "externalcontacts",
    "favorites",
    "fromfavoritesenders",
    "imcontactlist",
    "inference",
    "localfailures",
    "mycontacts",
    "onenotepagepreviews",
    "peoplecentricconversationbuddies",
    "peopleconnect",
    "publicfoldersroot",
    "qedcdefaultretention",
    "qedclongretention",
    "qedcmediumretention",
    "qedcshortretention",
    "quarantinedemail",
    "quarantinedemaildefaultcategory",
    "quickcontacts",
    "recipientcache",
    "recoverableitemsdeletions",
    "recoverableitemspurges",
    "recoverableitemsroot",
    "recoverableitemssubstrateholds",
    "recoverableitemsversions",
    "relevantcontacts",
    "scheduled",
    "serverfailures",
    "sharepointnotifications",
    "shortnotes",
    "snoozed",
    "syncissues",
    "temporarysaves",
    "todosearch",
    "usercuratedcontacts",
    "voicemail",
];

impl Folder {
    /// Returns the folder of that distinguished name.
    pub(super) fn named(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        FOLDERS.into_iter().find(|folder| folder.name == name)
    }

    /// Returns the folder of that id in that mailbox.
    pub(super) fn with_id(id: &str, mailbox: &str) -> Option<Self> {
        FOLDERS.into_iter().find(|folder| folder.id(mailbox) == id)
    }

    /// Returns its id: opaque to clients, different in every mailbox.
    pub(super) fn id(&self, mailbox: &str) -> String {
        let bytes = STANDARD.encode(format!("\u{1}.{}\n{}", mailbox.to_lowercase(), self.name));
        format!("AAMk{bytes}")
    }

    /// Returns the key of its present state.
    pub(super) fn change_key(&self) -> String {
        STANDARD.encode(format!("\u{1}\u{0}\u{0}\u{0}{:>10}", self.name))
    }

    /// Whether it lies below that one, at any depth or directly.
    pub(super) fn below(&self, ancestor: Self, deep: bool) -> bool {
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
    fn an_id_leads_back_to_its_folder_in_its_own_mailbox_only() {
        for folder in FOLDERS {
            let id = folder.id("rooms@contoso.example");
            assert_eq!(Folder::with_id(&id, "Rooms@contoso.example"), Some(folder));
            assert_eq!(Folder::with_id(&id, "other@contoso.example"), None);
        }
    }

    #[test]
    fn depth_is_understood() {
        let [root, inbox] = ["root", "inbox"].map(|name| Folder::named(name).unwrap());
        assert!(inbox.below(root, true));
        assert!(!inbox.below(root, false));
        assert!(!root.below(root, true));
    }
}
