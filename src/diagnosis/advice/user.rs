//! Advice on what the login service refuses because of a user or a user's sign-in.

use super::{Advice, steps};
use crate::verdict::cause::Cause;

/// Signing in anew, here and in the product.
const SIGN_IN_AGAIN: &[&str] = &[
    "Sign in again in {product} itself; that renews what the product keeps.",
    "Renew credwatch's own sign-in too: `credwatch login {name}`",
];

/// Getting away from users.
const APP_ONLY: &[&str] = &[
    "For a job without a person, ask the vendor whether the integration can sign in as an app (client credentials): then no user's password, second factor or policy can stop it.",
];

pub(super) const ADVICE: &[Advice] = &[
    Advice {
        cause: Cause::UserNotFound,
        title: "The user is not in the directory",
        detail: "No such account is in the directory that was asked: a typing error, a deleted user, or a user of another directory.",
        steps: &[&[
            "Look for the account: `az login --tenant {tenant} --allow-no-subscriptions`, then `az ad user show --id <user name>`",
            "If it was deleted within the last 30 days, restore it: Entra admin center > Users > Deleted users.",
            "If it lives in another directory, use that directory's id, or invite it as a guest.",
        ]],
        after: "",
    },
    Advice {
        cause: Cause::UserPasswordWrong,
        title: "User name or password is wrong",
        detail: "The login service knows the account and refuses the password.",
        steps: &[
            &[
                "Stop the job before it locks the account, then enter the right password where the integration keeps it.",
                "For a user of a federated domain, check the domain's own sign-in service.",
            ],
            APP_ONLY,
        ],
        after: "",
    },
    Advice {
        cause: Cause::UserPasswordExpired,
        title: "The user's password has expired",
        detail: "The account must get a new password before anything can sign in with it.",
        steps: &[
            &[
                "Set a new password (https://aka.ms/sspr, or the administrator), then enter it where the integration keeps it.",
            ],
            SIGN_IN_AGAIN,
            APP_ONLY,
        ],
        after: "",
    },
    Advice {
        cause: Cause::UserDisabled,
        title: "The user account is disabled",
        detail: "An administrator, or the synchronisation from the organisation's own directory, switched sign-in off for this account.",
        steps: &[&[
            "Ask why before you undo it; people who left are switched off on purpose.",
            "Switch it on: `az login --tenant {tenant} --allow-no-subscriptions`, then `az ad user update --id <user name> --account-enabled true`; a synchronised account is enabled in the organisation's own directory.",
        ]],
        after: "The change acts within minutes; synchronised accounts follow with the next run, mostly half an hour.",
    },
    Advice {
        cause: Cause::UserLocked,
        title: "The user account is locked",
        detail: "Too many wrong passwords, or an address that Microsoft holds for malicious. From here it is refused; elsewhere the account may still work.",
        steps: &[&[
            "Stop whatever keeps sending the old password.",
            "Wait for the lock to end (a minute at first, longer each time), or have an administrator reset the password.",
            steps::SIGN_IN_LOG,
        ]],
        after: "",
    },
    Advice {
        cause: Cause::UserNotAssigned,
        title: "No assignment to the application",
        detail: "The application, or the API that is called, lets in only who is assigned to it, and this user or app is not.",
        steps: &[&[
            "Assign it: Entra admin center > Enterprise applications > the application > Users and groups > Add user/group; for an app that calls an API, grant one of the API's application permissions.",
            "Or let everybody in, if that is meant: the application's Properties > Assignment required > No.",
        ]],
        after: "The change acts within minutes.",
    },
    Advice {
        cause: Cause::MfaRequired,
        title: "A second factor is needed",
        detail: "A policy asks the user for a second factor, which a job without a person cannot give.",
        steps: &[SIGN_IN_AGAIN, APP_ONLY],
        after: "",
    },
    Advice {
        cause: Cause::ConditionalAccessBlocked,
        title: "A policy refuses the sign-in",
        detail: "Conditional access, a risk, device, place or security-default policy says no. It refuses this sign-in from here; policies look at the network, place and kind of client, so the vendor may still work.",
        steps: &[&[
            steps::SIGN_IN_LOG,
            "The entry names the policy under Conditional Access. For an app it is a policy for workload identities: Entra admin center > Protection > Conditional Access.",
            "Have the policy's owner add this machine's outgoing address to its trusted places, or leave the app or account out of it, on purpose and as narrowly as possible.",
        ]],
        after: "A changed policy acts on the next token, within minutes.",
    },
    Advice {
        cause: Cause::InteractionRequired,
        title: "The user must sign in again",
        detail: "The login service wants the user in person: a new session, a choice of account, or something to confirm.",
        steps: &[SIGN_IN_AGAIN],
        after: "",
    },
    Advice {
        cause: Cause::RefreshTokenExpired,
        title: "The kept sign-in has expired",
        detail: "The refresh token ended: unused for too long (90 days), or limited by a policy. Sending it again cannot help.",
        steps: &[
            SIGN_IN_AGAIN,
            &[
                "If it ends again too soon, look for a sign-in frequency policy: Entra admin center > Protection > Conditional Access > Session.",
            ],
        ],
        after: "",
    },
    Advice {
        cause: Cause::RefreshTokenRevoked,
        title: "The kept sign-in was revoked",
        detail: "The refresh token was withdrawn: a changed or reset password, an administrator who ended all sessions, or a withdrawn consent.",
        steps: &[SIGN_IN_AGAIN],
        after: "",
    },
    Advice {
        cause: Cause::RefreshTokenInvalid,
        title: "The kept sign-in is not valid",
        detail: "The refresh token, or another grant, is damaged or belongs to another app or directory.",
        steps: &[
            SIGN_IN_AGAIN,
            &[
                "Check that client id and tenant id are those with which the sign-in was made: {client}, {tenant}.",
            ],
        ],
        after: "",
    },
    Advice {
        cause: Cause::AuthCodeInvalid,
        title: "The sign-in code cannot be used",
        detail: "The code that a browser sign-in returned is too old (ten minutes), was used before, or does not belong to this request.",
        steps: &[&[
            "Start the sign-in anew, and finish it at once, in one window: `credwatch login {name}`",
            "If it happens every time, redirect address, client id and code verifier must be the same in both steps, and the code must be redeemed once only.",
        ]],
        after: "",
    },
    Advice {
        cause: Cause::DeviceCodePending,
        title: "The device code waits for approval",
        detail: "Nobody has entered the code yet. This is no fault.",
        steps: &[&[
            "Open the address that was shown, enter the code, and sign in within 15 minutes.",
        ]],
        after: "",
    },
    Advice {
        cause: Cause::DeviceCodeExpired,
        title: "The device code is no longer good",
        detail: "The code ran out after 15 minutes, was declined, or was entered wrongly.",
        steps: &[&["Start anew, and approve it at once: `credwatch login {name}`"]],
        after: "",
    },
];
