//! Advice on what the login service refuses because of a user or a user's sign-in.

use super::{
    Advice,
    draft::{
        Line::{Az, Credwatch},
        When::{Checked, Pasted},
        act, note,
    },
    steps,
};

pub(super) const USER_NOT_FOUND: Advice = Advice {
    title: "The user is not in the directory",
    meaning: "The directory that was asked has no such account: a typing error, a deleted user, or a user of another directory.",
    steps: &[&[
        act(
            "Look for the account, and correct the user name where the integration keeps it.",
            &[Az("az ad user show --id '<user name>'")],
        )
        .portal("Entra admin center > Users"),
        act(
            "If it was deleted within the last 30 days, restore it.",
            &[],
        )
        .portal("Entra admin center > Users > Deleted users"),
        act(
            "If it lives in another directory, use that directory's id, or invite it as a guest.",
            &[],
        ),
    ]],
    ..Advice::NONE
};

pub(super) const USER_PASSWORD_WRONG: Advice = Advice {
    title: "User name or password is wrong",
    meaning: "The login service knows the account and refuses the password.",
    steps: &[&[
        act(
            "Stop the job before it locks the account, then enter the right password where the integration keeps it.",
            &[],
        ),
        note("For a user of a federated domain, check the domain's own sign-in service."),
        steps::APP_ONLY,
    ]],
    ..Advice::NONE
};

pub(super) const USER_PASSWORD_EXPIRED: Advice = Advice {
    title: "The user's password has expired",
    meaning: "The account must get a new password before anything can sign in with it.",
    steps: &[
        &[act(
            "Set a new password (https://aka.ms/sspr, or the administrator), then enter it where the integration keeps it.",
            &[],
        )],
        steps::SIGN_IN_AGAIN,
        &[steps::APP_ONLY],
    ],
    ..Advice::NONE
};

pub(super) const USER_DISABLED: Advice = Advice {
    title: "The user account is disabled",
    meaning: "An administrator, or the synchronisation from the organisation's own directory, switched sign-in off for this account.",
    steps: &[&[
        act(
            "Switch the account on, after asking why it is off: people who left are switched off on purpose.",
            &[Az(
                "az ad user update --id '<user name>' --account-enabled true",
            )],
        )
        .portal("Entra admin center > Users > the user > Properties > Account enabled"),
        note(
            "A synchronised account is enabled in the organisation's own directory; it follows with the next run, mostly half an hour.",
        ),
    ]],
    after: "The change takes effect within minutes.",
    ..Advice::NONE
};

pub(super) const USER_LOCKED: Advice = Advice {
    title: "The user account is locked",
    meaning: "Too many wrong passwords were sent, or the address they came from counts as malicious; elsewhere the account may still work.",
    steps: &[&[
        act("Stop the program that keeps sending the old password.", &[]),
        steps::SIGN_IN_LOG,
        act(
            "Wait for the lock to end (a minute at first, longer each time), or have an administrator reset the password.",
            &[],
        ),
    ]],
    ..Advice::NONE
};

pub(super) const USER_NOT_ASSIGNED: Advice = Advice {
    title: "No assignment to the application",
    meaning: "The application, or the API that is called, lets in only who is assigned to it, and this user or app is not.",
    steps: &[&[
        act(
            "Assign the user or group to the application; for an app that calls an API, grant one of the API's application permissions instead.",
            &[],
        )
        .portal("Entra admin center > Enterprise applications > the application > Users and groups > Add user/group"),
        act(
            "If everybody may use it, switch the requirement off instead.",
            &[],
        )
        .portal("Entra admin center > Enterprise applications > the application > Properties > Assignment required > No"),
    ]],
    after: "The change takes effect within minutes.",
    ..Advice::NONE
};

pub(super) const MFA_REQUIRED: Advice = Advice {
    title: "A second factor is needed",
    meaning: "A policy asks the user for a second factor, which a job without a person cannot give.",
    steps: &[
        steps::SIGN_IN_AGAIN,
        &[
            act(
                "If it is asked for again and again, find the policy in the sign-in log by {request}.",
                &[],
            )
            .portal("Entra admin center > Monitoring & health > Sign-in logs > the entry > Conditional Access"),
            steps::APP_ONLY,
        ],
    ],
    ..Advice::NONE
};

pub(super) const CONDITIONAL_ACCESS_BLOCKED: Advice = Advice {
    title: "A policy refuses the sign-in",
    meaning: "Conditional access, a risk, device, place or security-default policy refuses this sign-in. Policies look at network, place and kind of client, so the same account or app may still work from elsewhere.",
    steps: &[&[
        act(
            "Find the refused sign-in in the sign-in log by {request}: the entry names the policy under Conditional Access.",
            &[],
        )
        .portal("Entra admin center > Monitoring & health > Sign-in logs (for apps: the tab Service principal sign-ins)"),
        act(
            "Have the policy's owner add this machine's outgoing address to the trusted places, or exclude the app or account as narrowly as possible.",
            &[],
        )
        .when(&[Checked])
        .portal("Entra admin center > Protection > Conditional Access (for an app: policies for workload identities)"),
        act(
            "Have the policy's owner add the outgoing address of the machine to the trusted places, or exclude the app or account as narrowly as possible.",
            &[],
        )
        .when(&[Pasted])
        .portal("Entra admin center > Protection > Conditional Access (for an app: policies for workload identities)"),
    ]],
    after: "A changed policy takes effect on the next token, within minutes.",
    ..Advice::NONE
};

pub(super) const INTERACTION_REQUIRED: Advice = Advice {
    title: "The user must sign in again",
    meaning: "The login service wants the user in person: a new session, a choice of account, or something to confirm.",
    steps: &[steps::SIGN_IN_AGAIN],
    ..Advice::NONE
};

pub(super) const REFRESH_TOKEN_EXPIRED: Advice = Advice {
    title: "The kept sign-in has expired",
    meaning: "The refresh token ended: unused for too long (90 days), or limited by a policy. Sending it again cannot help.",
    steps: &[
        steps::SIGN_IN_AGAIN,
        &[act(
            "If it ends again too soon, look for a sign-in frequency policy.",
            &[],
        )
        .portal("Entra admin center > Protection > Conditional Access > the policy > Session")],
    ],
    ..Advice::NONE
};

pub(super) const REFRESH_TOKEN_REVOKED: Advice = Advice {
    title: "The kept sign-in was revoked",
    meaning: "The refresh token was withdrawn: a changed or reset password, an administrator who ended all sessions, or a withdrawn consent.",
    steps: &[steps::SIGN_IN_AGAIN],
    ..Advice::NONE
};

pub(super) const REFRESH_TOKEN_INVALID: Advice = Advice {
    title: "The kept sign-in is not valid",
    meaning: "The refresh token, or another grant, is damaged or belongs to another app or directory.",
    steps: &[
        steps::SIGN_IN_AGAIN,
        &[act(
            "Check that client id and tenant id are those of the sign-in: {client}, {tenant}.",
            &[],
        )],
    ],
    ..Advice::NONE
};

pub(super) const AUTH_CODE_INVALID: Advice = Advice {
    title: "The sign-in code cannot be used",
    meaning: "The code that a browser sign-in returned is too old (ten minutes), was used before, or does not belong to this request.",
    steps: &[&[
        act(
            "Start the sign-in anew, and finish it at once, in one window.",
            &[Credwatch("credwatch login {name}")],
        )
        .when(&[Checked]),
        act(
            "Start the sign-in anew, and finish it at once, in one window.",
            &[],
        )
        .when(&[Pasted]),
        act(
            "If it happens every time, send the same redirect address, client id and code verifier in both requests, and redeem the code only once.",
            &[],
        ),
    ]],
    ..Advice::NONE
};

pub(super) const DEVICE_CODE_PENDING: Advice = Advice {
    title: "The device code waits for approval",
    meaning: "The code has not been entered yet; this is no fault.",
    steps: &[&[act(
        "Open the address that was shown, enter the code, and sign in within 15 minutes.",
        &[],
    )]],
    ..Advice::NONE
};

pub(super) const DEVICE_CODE_EXPIRED: Advice = Advice {
    title: "The device code is no longer valid",
    meaning: "The code ran out after 15 minutes, was declined, or was entered wrongly.",
    steps: &[&[
        act(
            "Start the sign-in anew, and approve it at once.",
            &[Credwatch("credwatch login {name}")],
        )
        .when(&[Checked]),
        act("Start the sign-in anew, and approve it at once.", &[]).when(&[Pasted]),
    ]],
    ..Advice::NONE
};
