use super::*;
use crate::{
    observation::Stage,
    verdict::{Shell, StepCommand},
};

const TOPICS: [Topic; 7] = [
    Topic::Any,
    Topic::Ews,
    Topic::GraphMail,
    Topic::OtherApi,
    Topic::Imap,
    Topic::Pop,
    Topic::Smtp,
];

/// Every situation in which advice may be given.
fn contexts() -> Vec<Context> {
    let tenant = crate::tenant::fixture::tenant("contoso-rooms");
    let mut contexts = Vec::new();
    for topic in TOPICS {
        contexts.push(Context::unnamed().about(topic));
        contexts.push(Context::of(&tenant).about(topic));
    }
    contexts
}

/// What is told of every cause in every situation.
fn everything() -> Vec<(Cause, Context, Advised)> {
    let mut all = Vec::new();
    for cause in Cause::ALL {
        for context in contexts() {
            let advised = advise(*cause, None, &context.clone().about_stage(None, *cause));
            all.push((*cause, context, advised));
        }
    }
    all
}

fn commands(advised: &Advised) -> impl Iterator<Item = &StepCommand> {
    advised.steps.iter().flat_map(|step| &step.commands)
}

fn line_of(step: &Step) -> String {
    step.line(crate::tenant::PreferredShell::default())
}

fn commands_of(step: &Step) -> String {
    let texts = step.commands.iter().map(|command| command.text.as_str());
    texts.collect::<Vec<_>>().join("\n")
}

#[test]
fn every_cause_has_a_title_a_meaning_and_something_to_do() {
    for (cause, _, advised) in everything() {
        let (title, steps) = (&advised.title, &advised.steps);
        assert!(!title.is_empty() && !title.ends_with('.'), "{cause}");
        assert!(title.chars().count() <= 60, "{cause}");
        assert!(advised.meaning.ends_with('.'), "{cause}");
        let does = |step: &Step| step.kind == StepKind::Do;
        assert!(steps.iter().any(does), "{cause}");
        let proves = |step: &Step| step.kind == StepKind::Verify;
        assert!(steps.iter().any(proves), "{cause}");
    }
}

#[test]
fn texts_are_whole_sentences_without_commands_and_without_above() {
    for (cause, _, advised) in everything() {
        for step in &advised.steps {
            let text = &step.text;
            let begins = text.chars().next().is_some_and(|c| !c.is_lowercase());
            let ends = text.ends_with('.') || text.contains("https://");
            assert!(begins && ends, "{cause}: {text}");
            for tool in ["`az ", "`Get-", "`Set-", "`credwatch ", " above"] {
                assert!(!text.contains(tool), "{cause}: {text}");
            }
        }
    }
}

#[test]
fn a_command_is_one_whole_line_without_backticks() {
    for (cause, _, advised) in everything() {
        for command in commands(&advised) {
            assert!(!command.text.contains(['`', '\n']), "{cause}: {command:?}");
            assert_eq!(command.text.trim(), command.text, "{cause}");
            let credwatch = command.text.starts_with("credwatch ");
            assert!(
                credwatch || command.shell != Shell::Credwatch,
                "{cause}: {command:?}"
            );
        }
    }
}

#[test]
fn every_place_is_filled() {
    for (cause, _, advised) in everything() {
        let lines = advised.steps.iter().map(line_of);
        for text in lines.chain([advised.meaning.clone()]) {
            assert!(!still_holds_a_place(&text), "{cause}: {text}");
        }
    }
}

/// Whether a text still holds `{word}`; shells' own braces have spaces or colons in them.
fn still_holds_a_place(text: &str) -> bool {
    text.split('{').skip(1).any(|rest| {
        let word = rest.split('}').next().unwrap_or_default();
        !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c == '_')
    })
}

#[test]
fn no_command_takes_other_apps_down() {
    for (cause, _, advised) in everything() {
        for step in &advised.steps {
            let commands = commands_of(step);
            for value in commands.split("-EwsAllowedAppIDs ").skip(1) {
                assert!(value.starts_with("($new -join ','"), "{cause}: {commands}");
                assert!(commands.contains("-RetrieveEwsOperationAccessPolicy"));
            }
            if commands.contains("EwsEnabled $null") {
                assert!(step.text.starts_with("Emergency only"), "{cause}");
            }
        }
    }
}

#[test]
fn a_command_that_prints_a_secret_comes_with_a_warning() {
    for (cause, _, advised) in everything() {
        for step in &advised.steps {
            let commands = commands_of(step);
            let prints = ["credential reset", "Add-MgApplicationPassword"];
            if prints.iter().any(|command| commands.contains(command)) {
                assert!(step.text.contains("prints the secret"), "{cause}");
                assert!(!commands.contains("credential reset") || commands.contains("--append"));
            }
        }
    }
}

#[test]
fn what_a_command_needs_is_signed_in_before_it() {
    for (cause, _, advised) in everything() {
        let first = |part: &str| {
            let at = |step: &Step| commands_of(step).contains(part);
            advised.steps.iter().position(at)
        };
        for (tool, sign_in) in [
            ("az ad ", "az login --tenant"),
            ("-Mg", "Connect-MgGraph -TenantId"),
            ("Get-CASMailbox", "Connect-ExchangeOnline"),
        ] {
            if let Some(used) = first(tool) {
                let signed_in = first(sign_in).unwrap_or(usize::MAX);
                assert!(signed_in <= used, "{cause}: {tool}");
            }
        }
    }
}

#[test]
fn the_leading_step_is_never_a_prerequisite() {
    for (cause, _, advised) in everything() {
        let leading = crate::verdict::leading(&advised.steps).unwrap();
        assert_eq!(leading.kind, StepKind::Do, "{cause}");
    }
}

#[test]
fn a_pasted_text_is_not_answered_with_steps_for_a_tenant_of_ours() {
    for (cause, context, advised) in everything() {
        // these two can only be met by credwatch itself
        let ours = matches!(cause, Cause::LoginMissing | Cause::SecretUnavailable);
        if context.is_checked() || ours {
            continue;
        }
        for command in commands(&advised) {
            assert!(!command.text.contains("<name>"), "{cause}: {command:?}");
        }
    }
}

#[test]
fn mail_protocols_get_no_steps_for_ews() {
    for (cause, context, advised) in everything() {
        let about_ews = cause.id().starts_with("ews-")
            || cause.id().starts_with("graph-")
            || matches!(
                cause,
                Cause::ImpersonationHeaderMissing | Cause::UnexpectedPage
            );
        if !context.holds(When::Mail) || about_ews {
            continue;
        }
        for step in &advised.steps {
            for word in ["EWS.", "EwsEnabled", "full_access_as_app", "Mail.ReadBasic"] {
                let line = line_of(step);
                assert!(!line.contains(word), "{cause}: {line}");
            }
        }
    }
}

#[test]
fn another_api_gets_no_mail_permission() {
    let context = Context::unnamed().about(Topic::OtherApi);
    let context = context.about_stage(Some(Stage::Graph), Cause::GraphPermissionMissing);
    let advised = advise(Cause::GraphPermissionMissing, None, &context);
    for step in &advised.steps {
        let line = line_of(step);
        assert!(
            !line.contains("Mail.") && !line.contains("Exchange"),
            "{line}"
        );
    }
}

#[test]
fn a_policy_is_looked_for_by_the_correlation_id() {
    let context = Context::unnamed().with_request([Some("77ab"), Some("9d1c")]);
    let advised = advise(Cause::ConditionalAccessBlocked, None, &context);
    let found = |step: &Step| step.text.contains("the correlation id 77ab");
    assert!(advised.steps.iter().any(found));
}

#[test]
fn one_app_is_added_to_the_allow_list_by_a_whole_command() {
    let step = allow_app("22222222-2222-2222-2222-222222222222");
    assert_eq!(step.commands.len(), 1);
    assert!(step.commands[0].text.contains("+ '22222222-2222"));
}
