//! `credwatch login`: a person signs in for a tenant with delegated permissions; the sign-in is kept.

use anyhow::{Context as _, bail};
use secrecy::SecretString;

use crate::{
    app::{
        runtime::{self, AppContext},
        selection::tenant_named,
    },
    cli::LoginArgs,
    clock::Clock,
    diagnosis::advice::shell_word,
    http::Clients,
    login::{self, Login, LoginStep, ScreenLocation, SignInError, SignedIn},
    output::Output,
    profile::{
        Client,
        guide::{self, Platform},
    },
    report::{exit, text as words},
    secret::{
        Secrets,
        tokens::{self, Kept},
    },
    stage::Surface,
    tenant::{Credential, Delegation, Tenant},
};

impl AppContext {
    pub(super) fn login(&mut self, arguments: &LoginArgs) -> anyhow::Result<u8> {
        let _log = self.log()?;
        let config = self.load()?;
        let tenant = tenant_named(&config, &arguments.tenant)?;
        let Some(delegation) = &tenant.delegation else {
            bail!(
                "tenant '{}' signs in as an app, so no person signs in; its client \
                 secret is all it needs",
                tenant.name
            );
        };
        if arguments.forget {
            return runtime::run(self.forget(&tenant));
        }
        runtime::run(self.sign_in(&tenant, delegation, arguments))
    }

    async fn forget(&mut self, tenant: &Tenant) -> anyhow::Result<u8> {
        let deadline = self.clock.instant() + tenant.pace.timeout;
        let slot = self.token_store().open(tenant, deadline).await?;
        let said = if slot.remove()? {
            "the kept sign-in was removed; revoke it at https://mysignins.microsoft.com if it may \
             have been copied"
        } else {
            "no sign-in was kept"
        };
        self.output.line(said)?;
        Ok(exit::OK)
    }

    async fn sign_in(
        &mut self,
        tenant: &Tenant,
        delegation: &Delegation,
        arguments: &LoginArgs,
    ) -> anyhow::Result<u8> {
        let secrets = Secrets::default();
        let secret = client_secret(tenant, &secrets, self.clock).await?;
        if arguments.device_code && secret.is_some() {
            bail!(
                "device codes are for public clients, and '{}' has a client secret; sign in with \
                 `--browser`",
                tenant.name
            );
        }
        // before the sign-in: one that cannot be kept would be lost
        let deadline = self.clock.instant() + tenant.pace.timeout;
        drop(self.token_store().open(tenant, deadline).await?);
        let by_browser = arguments.browser || secret.is_some();
        let clients = Clients::new();
        let login = Login {
            clients: &clients,
            tenant,
            secret,
            clock: self.clock,
        };
        let output = &mut self.output;
        let mut show = |step| tell(output, tenant, step, !arguments.no_open);
        let done = if by_browser {
            Box::pin(login.by_browser(arguments.port, &mut show)).await
        } else {
            Box::pin(login.by_device_code(&mut show)).await
        };
        match done {
            Ok(signed_in) => {
                let start = start_digest(tenant, delegation, &secrets, self.clock).await;
                self.keep(tenant, &signed_in, start).await
            }
            Err(error) => self.explain_failure(error),
        }
    }

    /// Prints why the sign-in failed: refused, or not answered.
    fn explain_failure(&mut self, error: SignInError) -> anyhow::Result<u8> {
        let (said, code) = match &error {
            SignInError::Refused(diagnosis) => (words::diagnosis(diagnosis, None), exit::WARNING),
            SignInError::Unanswered(diagnosis) => {
                (words::diagnosis(diagnosis, None), exit::UNKNOWN)
            }
            SignInError::TooLate => (format!("credwatch: {error}"), exit::WARNING),
            SignInError::Listen { .. } => return Err(error.into()),
        };
        self.output.message(said.trim_end());
        Ok(code)
    }

    /// Replaces the kept sign-in, and prints remarks about the new one.
    async fn keep(
        &mut self,
        tenant: &Tenant,
        signed_in: &SignedIn,
        start: Option<String>,
    ) -> anyhow::Result<u8> {
        let now = self.clock.now();
        let kept = Kept {
            token: signed_in.refresh.clone(),
            obtained_at: now,
            rotated_at: now,
            rotates: true,
            account: signed_in.account.clone(),
            scopes: signed_in.scopes.clone(),
            start,
            refused: None,
        };
        let deadline = self.clock.instant() + tenant.pace.timeout;
        let slot = self.token_store().open(tenant, deadline).await?;
        slot.write(&kept).await?;
        let who = signed_in
            .account
            .as_deref()
            .unwrap_or("an account without a name");
        self.output.line(&format!(
            "signed in as {who}; try it with `credwatch check {}`",
            shell_word(tenant.name.as_str(), "<name>")
        ))?;
        for remark in remarks(tenant, signed_in) {
            self.output.message(&format!("note: {remark}"));
        }
        Ok(exit::OK)
    }
}

async fn client_secret(
    tenant: &Tenant,
    secrets: &Secrets,
    clock: Clock,
) -> anyhow::Result<Option<SecretString>> {
    let source = match &tenant.credential {
        Credential::Secret(source) => source,
        Credential::None => return Ok(None),
        Credential::Certificate(_) | Credential::Federated(_) => bail!(
            "`credwatch login` proves an app by its secret alone, and '{}' has another credential; \
             give it a start value with `refresh_token`",
            tenant.name
        ),
    };
    let (ttl, deadline) = (
        tenant.pace.secret_ttl,
        clock.instant() + tenant.pace.timeout,
    );
    let read = secrets.read(source, ttl, deadline).await;
    read.map(Some).context("the client secret cannot be had")
}

/// Returns the digest of the configured start value. It is kept with the sign-in, so that only a later
/// start value replaces it.
async fn start_digest(
    tenant: &Tenant,
    delegation: &Delegation,
    secrets: &Secrets,
    clock: Clock,
) -> Option<String> {
    let source = delegation.start.as_ref()?;
    let (ttl, deadline) = (
        tenant.pace.secret_ttl,
        clock.instant() + tenant.pace.timeout,
    );
    let start = secrets.read(source, ttl, deadline).await.ok()?;
    Some(tokens::digest(&start))
}

/// Prints the next step for the person, to standard output: a caller may read it from a pipe.
fn tell(output: &mut Output, tenant: &Tenant, step: LoginStep, may_open: bool) {
    let lines = match step {
        LoginStep::EnterCode {
            page,
            code,
            good_for,
        } => vec![
            format!("open    {page}"),
            format!("enter   {code}"),
            format!(
                "and sign in as the owner of {}; the code is good for {} minutes",
                mailbox(tenant),
                good_for.as_secs() / 60
            ),
        ],
        LoginStep::OpenAddress { address, port } => browser_lines(tenant, &address, port, may_open),
    };
    for line in lines {
        output.line(&line).ok();
    }
}

fn browser_lines(tenant: &Tenant, address: &str, port: u16, may_open: bool) -> Vec<String> {
    let mut lines = redirect_lines(tenant);
    let screen = login::screen();
    let opened = may_open && screen == ScreenLocation::Here && login::open_browser(address);
    lines.push(if opened {
        "your browser opens this address; sign in there as the owner of the mailbox:".to_owned()
    } else {
        "open this address in a browser, and sign in there as the owner of the mailbox:".to_owned()
    });
    lines.push(format!("  {address}"));
    if let ScreenLocation::Elsewhere { host } = screen {
        let host = host.as_deref().unwrap_or("THIS-HOST");
        lines.push(
            "the browser must reach this machine's loopback; from another machine, run there first:"
                .to_owned(),
        );
        lines.push(format!("  ssh -L {port}:localhost:{port} {host}"));
    }
    lines.push(format!(
        "waiting up to 10 minutes for {} to sign in",
        mailbox(tenant)
    ));
    lines
}

/// Returns lines about the redirect address that the registration needs. A vendor's app must not become
/// a public client for this.
fn redirect_lines(tenant: &Tenant) -> Vec<String> {
    let platform = if tenant.credential == Credential::None {
        Platform::Native
    } else {
        Platform::Web
    };
    vec![
        format!(
            "the app registration needs the redirect address http://localhost/ ({}) beside the \
             vendor's; if AADSTS50011 appears, its owner adds it with (this keeps the others):",
            platform.name()
        ),
        format!(
            "  {}",
            guide::add_redirect(&tenant.app.client_id, platform, "http://localhost/")
        ),
    ]
}

fn mailbox(tenant: &Tenant) -> &str {
    tenant.target.mailbox.as_deref().unwrap_or("the account")
}

/// Returns remarks about a sign-in that worked.
fn remarks(tenant: &Tenant, signed_in: &SignedIn) -> Vec<String> {
    let mut remarks = Vec::new();
    if let (Some(account), Some(mailbox)) = (&signed_in.account, &tenant.target.mailbox)
        && !account.eq_ignore_ascii_case(mailbox)
    {
        remarks.push(format!(
            "{account} signed in, and the mailbox is {mailbox}: right if both are one person, or the \
             mailbox is shared with that account; else it will be refused"
        ));
    }
    if let Some(directory) = &signed_in.directory
        && uuid::Uuid::try_parse(&tenant.app.tenant_id).is_ok()
        && !directory.eq_ignore_ascii_case(&tenant.app.tenant_id)
    {
        remarks.push(format!(
            "the account is of directory {directory}, and `tenant_id` is {}: the sign-in cannot be \
             renewed there",
            tenant.app.tenant_id
        ));
    }
    let wanted = tenant.profile.delegation();
    let granted = |scope: &String| scope.ends_with("EWS.AccessAsUser.All");
    if tenant.target.surfaces.contains(Surface::Ews)
        && !signed_in.scopes.is_empty()
        && !signed_in.scopes.iter().any(granted)
    {
        remarks.push("EWS.AccessAsUser.All was not granted, so EWS will refuse".to_owned());
    }
    remarks.push(format!(
        "this is credwatch's own sign-in; what {} keeps is another one",
        tenant.profile.product
    ));
    if wanted.client == Client::Public {
        remarks.extend(wanted.remark.map(str::to_owned));
    }
    remarks
}
