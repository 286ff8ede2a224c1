//! The clouds of Microsoft 365 and their addresses, as data.
//!
//! Sources: Microsoft's pages on national clouds for Entra and Graph, and CSS-Exchange's
//! `Get-CloudServiceEndpoint.ps1` for the EWS hosts. GCC uses the worldwide addresses.

/// One cloud: which login service, which Graph, which Exchange.
#[derive(Debug, PartialEq, Eq)]
pub struct Cloud {
    /// The word used in the config.
    pub id: &'static str,
    /// Base address of the login service.
    pub login: &'static str,
    /// Base address of Microsoft Graph, which is also the resource of its tokens.
    pub graph: &'static str,
    /// Base address of Exchange Online, which is also the resource of EWS tokens.
    pub exchange: &'static str,
}

impl Cloud {
    /// Returns the address of the EWS endpoint.
    pub fn ews_url(&self) -> String {
        format!("{}/EWS/Exchange.asmx", self.exchange)
    }

    /// Returns the cloud that a config calls by this word.
    pub fn by_id(id: &str) -> Option<&'static Self> {
        CLOUDS.iter().find(|cloud| cloud.id == id)
    }
}

/// The cloud that a config means when it names none.
pub const WORLDWIDE: Cloud = Cloud {
    id: "worldwide",
    login: "https://login.microsoftonline.com",
    graph: "https://graph.microsoft.com",
    exchange: "https://outlook.office365.com",
};

/// Every known cloud.
pub static CLOUDS: &[Cloud] = &[
    WORLDWIDE,
    Cloud {
        id: "gcc-high",
        login: "https://login.microsoftonline.us",
        graph: "https://graph.microsoft.us",
        exchange: "https://outlook.office365.us",
    },
    Cloud {
        id: "dod",
        login: "https://login.microsoftonline.us",
        graph: "https://dod-graph.microsoft.us",
        exchange: "https://outlook-dod.office365.us",
    },
    Cloud {
        id: "china",
        login: "https://login.partner.microsoftonline.cn",
        graph: "https://microsoftgraph.chinacloudapi.cn",
        exchange: "https://partner.outlook.cn",
    },
    Cloud {
        id: "bleu",
        login: "https://login.sovcloud-identity.fr",
        graph: "https://graph.svc.sovcloud.fr",
        exchange: "https://outlook.sovcloud.fr",
    },
    Cloud {
        id: "delos",
        login: "https://login.sovcloud-identity.de",
        graph: "https://graph.svc.sovcloud.de",
        exchange: "https://outlook.sovcloud.de",
    },
];
