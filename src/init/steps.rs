//! The steps of a guide as a text to work along: places in today's portal, and commands that do the
//! same.

use std::fmt::Write as _;

use super::Plan;
use crate::{
    cloud::WORLDWIDE,
    diagnosis::advice::{self, shell_word},
    profile::guide::{
        self, Accounts, Permission, PermissionKind, Platform, Redirect, Requirement, Step,
    },
    report::wrap::wrapped,
    tenant::SecretSource,
};

/// No paragraph is wider.
const WIDTH: usize = 96;

/// The redirect address of credwatch's own sign-ins.
const LOOPBACK: &str = "http://localhost/";

/// A step of the text.
#[derive(Debug, Default)]
struct Item {
    title: String,
    words: Vec<String>,
    commands: Vec<String>,
}

impl Item {
    fn new(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            ..Self::default()
        }
    }

    fn saying(mut self, words: impl Into<String>) -> Self {
        let words = words.into();
        if !words.is_empty() {
            self.words.push(words);
        }
        self
    }

    fn doing(mut self, command: impl Into<String>) -> Self {
        self.commands.push(command.into());
        self
    }
}

/// Returns the steps, each with its place in the portal and the commands that do the same.
pub fn render(plan: &Plan) -> String {
    let mut out = heading(plan);
    for (number, item) in items(plan).iter().enumerate() {
        let title = format!("{}. {}", number + 1, item.title);
        out.push('\n');
        out.push_str(&wrapped(&title, WIDTH));
        for words in &item.words {
            out.push_str(&wrapped(&format!("   {words}"), WIDTH));
        }
        for command in &item.commands {
            writeln!(out, "     {command}").ok();
        }
    }
    out
}

fn heading(plan: &Plan) -> String {
    let whose = match plan.profile.guide.about {
        Some(about) => format!(
            "How {} is set up, by its guide ({about}), in our own words. What the guide does not say \
             is marked so.",
            plan.profile.product
        ),
        None => "How such an integration is set up; its own papers come first where they say \
                 otherwise."
            .to_owned(),
    };
    wrapped(
        &format!(
            "{whose} Each step names the place in the Entra admin center (https://entra.microsoft.com) \
             and, below it, commands that do the same; do one of both."
        ),
        WIDTH,
    )
}

fn items(plan: &Plan) -> Vec<Item> {
    let mut items = vec![command_line(plan), register(plan)];
    for step in plan.profile.guide.steps {
        items.extend(of_step(plan, step));
        if matches!(step.asks, Requirement::Consent) {
            items.extend(scope(plan));
        }
    }
    items.extend(allow_list(plan));
    items.push(hand_over(plan));
    items.extend(own_redirect(plan));
    items.push(credwatch(plan));
    items
}

fn client(plan: &Plan) -> String {
    shell_word(plan.client_id.as_deref().unwrap_or_default(), "<client id>")
}

/// A name for objects in the directory: the product's, or the integration's.
fn display_name(plan: &Plan) -> String {
    let product = plan.profile.product;
    let name = if product.starts_with("the ") {
        plan.name.as_str()
    } else {
        product
    };
    shell_word(name, "<name>")
}

fn command_line(plan: &Plan) -> Item {
    let tenant = shell_word(plan.tenant_id.as_deref().unwrap_or_default(), "<tenant id>");
    let item = Item::new("Sign in with an account that may manage apps, for the commands")
        .saying(advice::cloud_step(plan.cloud.graph).unwrap_or_default());
    item.doing(format!(
        "az login --tenant {tenant} --allow-no-subscriptions"
    ))
}

fn register(plan: &Plan) -> Item {
    let asks = plan.profile.guide.steps.iter();
    let accounts = asks.clone().find_map(|step| match step.asks {
        Requirement::Accounts(accounts) => Some((accounts, step)),
        _ => None,
    });
    let (kind, word) = match accounts {
        Some((Accounts::AnyOrganisation, _)) => (
            "Accounts in any organizational directory (multitenant)",
            "AzureADMultipleOrgs",
        ),
        _ => (
            "Accounts in this organizational directory only (single tenant)",
            "AzureADMyOrg",
        ),
    };
    let item = Item::new("Register an app, unless there is one")
        .saying(format!(
            "Entra ID > App registrations > New registration. Supported account types: {kind}.{}",
            accounts.map_or("", |(_, step)| unstated(plan, step))
        ))
        .saying(accounts.map_or("", |(_, step)| step.remark))
        .saying(
            "Its Overview page has Application (client) ID and Directory (tenant) ID; Object ID is \
             another thing.",
        );
    if plan.client_id.is_some() {
        return item;
    }
    item.doing(format!(
        "az ad app create --display-name {} --sign-in-audience {word} --query appId --output tsv",
        display_name(plan)
    ))
    .doing(format!("az ad sp create --id {}", client(plan)))
}

/// Returns the text of a step that differs from the vendor's guide.
fn unstated(plan: &Plan, step: &Step) -> &'static str {
    if step.stated || plan.profile.guide.about.is_none() {
        ""
    } else {
        " (The guide does not say.)"
    }
}

fn of_step(plan: &Plan, step: &Step) -> Option<Item> {
    let item = match step.asks {
        // the account types are chosen while registering, and a new app is enabled
        Requirement::Accounts(_) | Requirement::Enabled => return None,
        Requirement::Redirect(redirect) => redirect_item(redirect),
        Requirement::Secret => Item::new("Make a client secret").saying(
            "The app > Certificates & secrets > New client secret. It lasts 24 months at most. Copy \
             the column Value, not Secret ID, before you leave the page: it is shown once. The \
             command prints it: run it where nobody looks on and nothing records.",
        ),
        Requirement::Permission(permission) => permission_item(permission),
        Requirement::Consent => Item::new("Grant admin consent")
            .saying("The app > API permissions > Grant admin consent, as an administrator."),
    };
    let item = item.saying(step.remark).saying(unstated(plan, step).trim());
    Some(match step.asks.command(&client(plan)) {
        Some(command) => item.doing(command),
        None => item,
    })
}

fn redirect_item(redirect: Redirect) -> Item {
    let platform = redirect.platform.unwrap_or(Platform::Native).name();
    match redirect.address {
        Some(address) => Item::new("Add the redirect address").saying(format!(
            "The app > Authentication > Add a platform > {platform}: {address}"
        )),
        None => {
            Item::new("Add a redirect address").saying("The app > Authentication > Add a platform.")
        }
    }
}

fn permission_item(permission: Permission) -> Item {
    let (api, name) = (permission.api, permission.name);
    Item::new(format!("Add the API permission {name}")).saying(format!(
        "The app > API permissions > Add a permission > {} > {} > {} > {name}.",
        api.tab(),
        api.name(),
        permission.kind.name(),
    ))
}

/// Returns how a permission for every mailbox is limited to some.
fn scope(plan: &Plan) -> Option<Item> {
    let for_itself = |one: Permission| one.kind == PermissionKind::Application;
    let everywhere = plan
        .profile
        .guide
        .permissions()
        .find(|one| for_itself(*one))?;
    let (client, name) = (client(plan), display_name(plan));
    let mailbox = shell_word(plan.mailbox.as_deref().unwrap_or_default(), "<mailbox>");
    let item = Item::new(format!(
        "Limit it: {} opens every mailbox of the organisation",
        everywhere.name
    ))
    .saying(
        "In Exchange Online PowerShell, give the app the same access to some mailboxes alone (RBAC \
         for Applications). Both add up, so leave out the consent above, or take it back. The filter \
         is an example; changes act within 30 minutes to 2 hours.",
    );
    Some(
        item.doing("Connect-ExchangeOnline")
            .doing(format!(
                "New-ServicePrincipal -AppId {client} -ObjectId $(az ad sp show --id {client} --query \
                 id --output tsv) -DisplayName {name}"
            ))
            .doing(
                "New-ManagementScope -Name 'credwatch scope' -RecipientRestrictionFilter \
                 \"RecipientTypeDetails -eq 'RoomMailbox'\"",
            )
            .doing(format!(
                "New-ManagementRoleAssignment -App {client} -Role 'Application EWS.AccessAsApp' \
                 -CustomResourceScope 'credwatch scope'"
            ))
            .doing(format!(
                "Test-ServicePrincipalAuthorization -Identity {client} -Resource {mailbox}"
            )),
    )
}

/// What Exchange Online asks for beside the permission; only of the worldwide cloud its dates are known.
fn allow_list(plan: &Plan) -> Option<Item> {
    if plan.cloud.id != WORLDWIDE.id {
        return None;
    }
    let client = plan.client_id.as_deref().unwrap_or_default();
    let step = advice::allow_app(client);
    let words = step.text.replacen("Add", "add", 1);
    let (first, after) = words.split_once(". ").unwrap_or((&words, ""));
    let item = Item::new("See that Exchange lets the app use EWS").saying(
        "Exchange Online switches EWS off step by step until 1 April 2027: ask the vendor about \
         Microsoft Graph now. Until then an organisation may have a list of the apps that are let \
         through.",
    );
    let item = item
        .saying(format!("If it has one, {first}."))
        .saying(after);
    let commands = step.commands.into_iter();
    Some(commands.fold(item, |item, command| item.doing(command.text)))
}

fn hand_over(plan: &Plan) -> Item {
    let steps = plan.profile.guide.hand_over.iter();
    let item = Item::new(format!("Enter the values in {}", plan.profile.product));
    let item = steps.fold(item, |item, words| item.saying(*words));
    match plan
        .profile
        .delegated
        .and_then(|delegated| delegated.remark)
    {
        Some(remark) => item.saying(format!("{remark}.")),
        None => item,
    }
}

/// What the registration needs for credwatch's own sign-in.
fn own_redirect(plan: &Plan) -> Option<Item> {
    plan.profile.delegated.filter(|_| !plan.dates)?;
    plan.secret_source()?;
    let add = guide::add_redirect(&client(plan), Platform::Web, LOOPBACK);
    Some(
        Item::new("Let credwatch sign in beside the product")
            .saying(format!(
                "The app > Authentication > Web: add {LOOPBACK} beside the vendor's address, for \
                 `credwatch login`. Leave public client flows off.",
            ))
            .doing(add),
    )
}

fn credwatch(plan: &Plan) -> Item {
    let name = shell_word(&plan.name, "<name>");
    let config = shell_word(&plan.path.to_string_lossy(), "<config file>");
    let item = Item::new("Let credwatch watch it");
    let item = match plan.secret_source() {
        Some(source) => item.saying(format!(
            "Put the secret where the config has credwatch read it: {source}. A second secret of \
             credwatch's own does as well; then name the vendor's by `watch`."
        )),
        None if plan.dates => item.saying(
            "With `mode = \"dates\"` credwatch holds no secret and signs in nowhere; it reminds you of \
             `secret_expires` alone.",
        ),
        None => item.saying("The app has no secret, and credwatch needs none."),
    };
    let item = match plan.secret_source() {
        Some(SecretSource::Env(variable)) => {
            item.doing(format!("read -rs {variable}; export {variable}"))
        }
        _ => item,
    };
    let mut commands = vec!["config check".to_owned()];
    if plan.profile.delegated.is_some() && !plan.dates {
        commands.push(format!("login {name}"));
    }
    commands.push(format!("check {name}"));
    if !plan.dates {
        commands.push(format!("diagnose {name}"));
    }
    commands.iter().fold(item, |item, command| {
        item.doing(format!("credwatch --config {config} {command}"))
    })
}
