//! The profiles themselves: what each vendor's guide prescribes, in our own words.

use super::{
    Authority, Client, Delegated, Folder, Profile,
    guide::{
        Accounts, Api, Guide, Permission, PermissionKind, Platform, Redirect, Requirement, Step,
    },
};

/// The delegated permission on Exchange that opens EWS.
const EWS_AS_USER: &str = "EWS.AccessAsUser.All";

/// The application permission on Exchange that opens EWS.
const EWS_AS_APP: &str = "full_access_as_app";

/// <https://learn.microsoft.com/exchange/client-developer/exchange-web-services/how-to-authenticate-an-ews-application-by-using-oauth>
const FULL_ACCESS: Requirement = Requirement::Permission(Permission {
    api: Api::Exchange,
    kind: PermissionKind::Application,
    name: EWS_AS_APP,
    id: "dc890d15-9560-4a4c-9b7f-a736ec74ec40",
    in_graph: None,
});

const ACCESS_AS_USER: Requirement = Requirement::Permission(Permission {
    api: Api::Exchange,
    kind: PermissionKind::Delegated,
    name: EWS_AS_USER,
    id: "3b5f3d61-589b-4a3c-a359-5dd4b5ee5bd5",
    in_graph: Some("9769c687-087d-48ac-9cb3-c37dde652038"),
});

/// <https://learn.microsoft.com/graph/permissions-reference#userread>
const USER_READ: Requirement = Requirement::Permission(Permission {
    api: Api::Graph,
    kind: PermissionKind::Delegated,
    name: "User.Read",
    id: "e1fe6dd8-ba31-4d61-89e7-88639da4683d",
    in_graph: None,
});

/// No guide says that an app must not be switched off; none works if it is.
const ENABLED: Step = stated(
    Requirement::Enabled,
    "A new app is enabled; nothing is to be done unless it was switched off.",
);

const fn stated(asks: Requirement, remark: &'static str) -> Step {
    Step {
        asks,
        stated: true,
        remark,
    }
}

const fn unstated(asks: Requirement, remark: &'static str) -> Step {
    Step {
        asks,
        stated: false,
        remark,
    }
}

const fn own_accounts(remark: &'static str) -> Step {
    unstated(Requirement::Accounts(Accounts::AtLeastOwn), remark)
}

const fn web_redirect(address: &'static str, path: &'static str, remark: &'static str) -> Step {
    stated(
        Requirement::Redirect(Redirect {
            platform: Some(Platform::Web),
            address: Some(address),
            path,
        }),
        remark,
    )
}

const ANY_REDIRECT: Requirement = Requirement::Redirect(Redirect {
    platform: None,
    address: None,
    path: "",
});

/// The profile of a tenant that names none.
pub static APP_ONLY: Profile = Profile {
    id: "app-only",
    product: "the integration",
    ews_role: Some(EWS_AS_APP),
    delegated: None,
    folder: Folder::Inbox,
    secret_goes_to: "wherever the integration keeps its client secret",
    guide: &Guide {
        about: None,
        steps: &[
            own_accounts("One organisation is enough for an app that signs in alone."),
            unstated(
                Requirement::Secret,
                "A certificate or a federated token does as well, where the integration takes one.",
            ),
            unstated(
                FULL_ACCESS,
                "For EWS; for Graph it is what the integration's own papers say, `Mail.ReadBasic.All` \
                 at least for credwatch's test call.",
            ),
            unstated(
                Requirement::Consent,
                "Application permissions always need it.",
            ),
            ENABLED,
        ],
        hand_over: &["Enter tenant id, client id and secret where the integration keeps them."],
    },
};

/// What holds for a person's sign-in where no guide says more.
pub(super) static ANY_DELEGATED: Delegated = Delegated {
    client: Client::Either,
    authority: Authority::Tenant,
    permission: EWS_AS_USER,
    remark: None,
};

static CREATIO_SIGN_IN: Delegated = Delegated {
    client: Client::Confidential,
    authority: Authority::Tenant,
    permission: EWS_AS_USER,
    remark: None,
};

const CREATIO_SECRET_GOES_TO: &str = "in Creatio's settings of the mail provider";

const CREATIO_SECRET: Step = stated(
    Requirement::Secret,
    "Creatio's pages mix the words: they call the client id \"client secret key\".",
);

const CREATIO_ACCOUNTS: Step = own_accounts("One organisation is enough for people of your own.");

const CREATIO_REDIRECT: &str = "<site> is the name of your Creatio. Own hosts, and sites without /0/, \
                                exist: what counts is the address that Creatio itself sends.";

const CREATIO_HAND_OVER: &[&str] = &[
    "Enter client id and client secret in Creatio's settings of the mail provider.",
    "Add the mailbox in Creatio and sign in there as its owner.",
];

/// Every known profile, in the order in which `credwatch init` offers them.
pub static PROFILES: &[&Profile] = &[
    &APP_ONLY,
    // Eptura Workplace, by its guide "Exchange OAuth integration".
    &Profile {
        id: "eptura",
        product: "Eptura Workplace",
        ews_role: Some(EWS_AS_APP),
        delegated: None,
        folder: Folder::Calendar,
        secret_goes_to: "in Eptura Workplace: Admin > Reservations > Preferences > Enable Exchange \
                         OAuth Integration",
        guide: &Guide {
            about: Some("Exchange OAuth integration"),
            steps: &[
                own_accounts(
                    "One organisation is enough: the app signs in alone. No redirect address is needed.",
                ),
                stated(
                    Requirement::Secret,
                    "Note its end: Eptura stops on that day, and the new one has to be entered there.",
                ),
                stated(FULL_ACCESS, ""),
                stated(Requirement::Consent, ""),
                ENABLED,
            ],
            hand_over: &[
                "Open Admin > Reservations > Preferences in Eptura Workplace and switch Enable Exchange \
                 OAuth Integration on.",
                "Enter client id, tenant id and client secret there; the secret again whenever it is \
                 renewed.",
            ],
        },
    },
    // Deskpro on-premise, by its guide for an Office 365 `OAuth2` application. The guide names no API
    // permission, so everything that was consented to is asked for.
    &Profile {
        id: "deskpro",
        product: "Deskpro",
        ews_role: None,
        delegated: Some(&Delegated {
            client: Client::Confidential,
            authority: Authority::Organizations,
            permission: ".default",
            remark: None,
        }),
        folder: Folder::Inbox,
        secret_goes_to: "in Deskpro's email account, and sign in there again",
        guide: &Guide {
            about: Some("Office 365 OAuth2 application, on-premise"),
            steps: &[
                stated(Requirement::Accounts(Accounts::AnyOrganisation), ""),
                web_redirect(
                    "https://<helpdesk>/admin/office365/token",
                    "/admin/office365/token",
                    "<helpdesk> is the host of your Deskpro; https is required.",
                ),
                stated(
                    Requirement::Secret,
                    "The guide suggests one that never ends (shown as 12/31/2299); the portal no longer \
                     offers that. Right after it was made it may be refused as invalid_client for some \
                     minutes.",
                ),
                unstated(
                    ACCESS_AS_USER,
                    "It is the one that opens EWS for a person; ask Deskpro which one your version uses.",
                ),
                unstated(Requirement::Consent, ""),
                ENABLED,
            ],
            hand_over: &[
                "Enter client id and client secret in Deskpro's email account, and sign in there as the \
                 mailbox.",
                "After every new secret: enter it, and sign in there again.",
            ],
        },
    },
    // Creatio 7.16, by its guide.
    &Profile {
        id: "creatio",
        product: "Creatio",
        ews_role: None,
        delegated: Some(&CREATIO_SIGN_IN),
        folder: Folder::Inbox,
        secret_goes_to: CREATIO_SECRET_GOES_TO,
        guide: &Guide {
            about: Some("version 7.16"),
            steps: &[
                CREATIO_ACCOUNTS,
                web_redirect(
                    "https://<site>.creatio.com/0/rest/Microsoft365OAuthAuthenticator/ProcessAuthenticationCode",
                    "/rest/Microsoft365OAuthAuthenticator/ProcessAuthenticationCode",
                    CREATIO_REDIRECT,
                ),
                CREATIO_SECRET,
                stated(ACCESS_AS_USER, ""),
                stated(Requirement::Consent, ""),
                ENABLED,
            ],
            hand_over: CREATIO_HAND_OVER,
        },
    },
    // Creatio 7.17 and later, by its guide.
    &Profile {
        id: "creatio-office365",
        product: "Creatio",
        ews_role: None,
        delegated: Some(&CREATIO_SIGN_IN),
        folder: Folder::Inbox,
        secret_goes_to: CREATIO_SECRET_GOES_TO,
        guide: &Guide {
            about: Some("version 7.17 and later"),
            steps: &[
                CREATIO_ACCOUNTS,
                web_redirect(
                    "https://<site>.creatio.com/0/rest/Office365OAuthAuthenticator/ProcessAuthenticationCode",
                    "/rest/Office365OAuthAuthenticator/ProcessAuthenticationCode",
                    CREATIO_REDIRECT,
                ),
                CREATIO_SECRET,
                stated(ACCESS_AS_USER, ""),
                stated(USER_READ, ""),
                stated(Requirement::Consent, ""),
                ENABLED,
            ],
            hand_over: CREATIO_HAND_OVER,
        },
    },
    // Automation Anywhere Enterprise Client 11.3.5 and later, by its guide for EWS.
    &Profile {
        id: "automation-anywhere",
        product: "Automation Anywhere",
        ews_role: None,
        delegated: Some(&Delegated {
            client: Client::Public,
            authority: Authority::Tenant,
            permission: EWS_AS_USER,
            remark: Some(
                "Automation Anywhere's own Connect ends after 2 minutes: have user and second factor \
                 at hand before you press it there",
            ),
        }),
        folder: Folder::Inbox,
        secret_goes_to: "nowhere: Automation Anywhere holds no secret",
        guide: &Guide {
            about: Some("EWS, Enterprise Client 11.3.5+"),
            steps: &[
                own_accounts(
                    "One organisation is enough. The app has no secret: it is a public client.",
                ),
                stated(
                    ANY_REDIRECT,
                    "One is required, under Mobile and desktop applications; if it is missing, that shows \
                     only at the first Connect.",
                ),
                unstated(
                    ACCESS_AS_USER,
                    "It is asked for at Connect; a registration for one organisation need not list it.",
                ),
                unstated(Requirement::Consent, ""),
                ENABLED,
            ],
            hand_over: &[
                "Enter client id and tenant id in plain text at the first Connect, as variables only \
                 later; with both empty, Automation Anywhere uses Basic authentication, which Exchange \
                 refuses.",
                "Press Connect with user and second factor at hand: it ends after 2 minutes.",
            ],
        },
    },
    // Any other integration that acts for a person.
    &Profile {
        id: "delegated",
        product: "the integration",
        ews_role: None,
        delegated: Some(&ANY_DELEGATED),
        folder: Folder::Inbox,
        secret_goes_to: "wherever the integration keeps its client secret",
        guide: &Guide {
            about: None,
            steps: &[
                own_accounts("One organisation is enough for people of your own."),
                unstated(
                    ANY_REDIRECT,
                    "The address that the integration's papers give, under Web if it has a secret.",
                ),
                unstated(ACCESS_AS_USER, ""),
                unstated(
                    Requirement::Consent,
                    "Directories of today ask an administrator to consent to mail permissions.",
                ),
                ENABLED,
            ],
            hand_over: &[
                "Enter the ids, and the secret if it has one, where the integration keeps them, and sign \
                 in there as the mailbox.",
            ],
        },
    },
];
