//! `credwatch init`: a first config, and the steps of the vendor's guide.

use std::{
    fs,
    io::{self, IsTerminal as _},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};

use crate::{
    app::runtime::AppContext,
    cli::InitArgs,
    cloud::WORLDWIDE,
    config::{self, ConfigError},
    files,
    init::{self, Plan, ask::Person},
    profile::{APP_ONLY, PROFILES},
    report::exit,
    state,
    tenant::SecretSource,
};

/// How an existing file is treated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Existing {
    /// There is none.
    None,
    /// The tenant is added at its end.
    Append,
    /// It is moved aside first.
    Replace,
}

impl AppContext {
    pub(super) fn init(&mut self, arguments: &InitArgs) -> anyhow::Result<u8> {
        let path = config::destination(self.global.config.as_deref())?;
        let asks = !arguments.no_input && io::stdin().is_terminal() && self.output.is_terminal();
        let existing = self.existing(&path, arguments, asks)?;
        let plan = self.plan(path, arguments, asks)?;
        let draft = Draft::of(&plan, existing)?;
        let checked = match config::load_text(&plan.path, draft.whole()) {
            Ok(config) => config::check_text(&config),
            Err(problems @ ConfigError::Invalid { .. }) => {
                self.output.message(&problems.to_string());
                self.output.message("nothing was written");
                return Ok(exit::WARNING);
            }
            Err(other) => return Err(other.into()),
        };
        let aside = write(&plan.path, &draft.added, existing)
            .with_context(|| format!("'{}' cannot be written", plan.path.display()))?;
        self.output.text(&init::steps(&plan))?;
        self.output.line("")?;
        if let Some(aside) = aside {
            let aside = aside.display();
            self.output
                .line(&format!("the file that was there is now '{aside}'"))?;
        }
        let what = match existing {
            Existing::Append => "added to",
            Existing::None | Existing::Replace => "written to",
        };
        let (name, path) = (&plan.name, plan.path.display());
        self.output.line(&format!("'{name}' was {what} '{path}'"))?;
        self.output.text(&checked)?;
        Ok(exit::OK)
    }

    /// Decides about a file that is there: by flag, by answer, and never without a word.
    fn existing(
        &mut self,
        path: &Path,
        arguments: &InitArgs,
        asks: bool,
    ) -> anyhow::Result<Existing> {
        let is_there = path
            .try_exists()
            .with_context(|| format!("'{}' cannot be looked at", path.display()))?;
        if !is_there {
            return Ok(Existing::None);
        }
        if arguments.append {
            return Ok(Existing::Append);
        }
        if arguments.force {
            return Ok(Existing::Replace);
        }
        let shown = path.display();
        if asks
            && self.with_person(|person| person.may(&format!("'{shown}' is there; add to it?")))?
        {
            return Ok(Existing::Append);
        }
        bail!(
            "'{shown}' is there already; `--append` adds the integration to it, `--force` moves it \
             aside, `--config FILE` names another one"
        );
    }

    /// Puts together what flags and answers tell.
    fn plan(&mut self, path: PathBuf, arguments: &InitArgs, asks: bool) -> anyhow::Result<Plan> {
        let profile = match arguments.profile {
            Some(profile) => profile,
            None if asks => self.with_person(|person| person.profile(PROFILES))?,
            None => &APP_ONLY,
        };
        let mut plan = Plan {
            profile,
            cloud: arguments.cloud.unwrap_or(&WORLDWIDE),
            name: arguments
                .name
                .clone()
                .unwrap_or_else(|| format!("my-{}", profile.id)),
            tenant_id: arguments.tenant_id.clone(),
            client_id: arguments.client_id.clone(),
            mailbox: arguments.mailbox.clone(),
            secret: arguments.secret.clone().map(from_here),
            secret_expires: arguments.secret_expires.clone(),
            dates: arguments.dates,
            path,
        };
        if plan.secret.is_some() && !plan.may_have_secret() {
            bail!(
                "{} is a public client and has no secret; leave `--secret` out",
                profile.product
            );
        }
        if asks {
            let is_named = arguments.name.is_some();
            self.with_person(|person| person.complete(&mut plan, is_named))?;
        }
        Ok(plan)
    }

    fn with_person<T>(
        &mut self,
        ask: impl FnOnce(&mut Person<'_>) -> io::Result<T>,
    ) -> anyhow::Result<T> {
        let output = &mut self.output;
        let mut person = Person {
            input: &mut io::stdin().lock(),
            say: &mut |words| output.prompt(words),
            validate: &config::check_value,
        };
        ask(&mut person).context("no answer came, so nothing was written")
    }
}

/// A file named on a command line is meant from here; one in a config, from there.
fn from_here(source: SecretSource) -> SecretSource {
    match source {
        SecretSource::File(path) if !path.starts_with("~") => {
            SecretSource::File(std::path::absolute(&path).unwrap_or(path))
        }
        other => other,
    }
}

/// The contents of the file.
struct Draft {
    /// The text of the existing file, which stays.
    kept: String,
    /// The text that is written.
    added: String,
}

impl Draft {
    fn of(plan: &Plan, existing: Existing) -> anyhow::Result<Self> {
        let tenant = init::config(plan);
        if existing != Existing::Append {
            let hint = "# `credwatch config example` shows every key with its default.";
            return Ok(Self {
                kept: String::new(),
                added: format!("{hint}\n\n{tenant}"),
            });
        }
        let kept = files::read_now(&plan.path, config::MAX_BYTES)
            .with_context(|| format!("'{}' cannot be used", plan.path.display()))?;
        let kept = String::from_utf8(kept)
            .with_context(|| format!("'{}' is not UTF-8 text", plan.path.display()))?;
        let end = if kept.is_empty() || kept.ends_with('\n') {
            ""
        } else {
            "\n"
        };
        Ok(Self {
            kept,
            added: format!("{end}\n{tenant}"),
        })
    }

    fn whole(&self) -> String {
        format!("{}{}", self.kept, self.added)
    }
}

/// Writes the file; returns where the one before went, if it was moved aside.
fn write(path: &Path, text: &str, existing: Existing) -> io::Result<Option<PathBuf>> {
    if existing == Existing::Append {
        // at its end, so that owner, mode, links and all that is there stay as they are
        files::append(path, text.as_bytes())?;
        return Ok(None);
    }
    let folder = path.parent().filter(|it| !it.as_os_str().is_empty());
    if let Some(folder) = folder {
        state::create_private(folder)?;
    }
    let aside = (existing == Existing::Replace).then(|| path.with_added_extension("old"));
    if let Some(aside) = &aside {
        if aside.try_exists()? {
            let said = format!("'{}' is in the way; move it first", aside.display());
            return Err(io::Error::new(io::ErrorKind::AlreadyExists, said));
        }
        fs::rename(path, aside)?;
    }
    // not over a file that came meanwhile
    files::create(path, text.as_bytes())?;
    Ok(aside)
}
