//! The questions of `credwatch init` on a terminal.
//!
//! Each has an answer for Enter; what is not known yet stays open. A secret is never asked for, and
//! what might be one is not said back.

use std::io::{self, BufRead};

use super::Plan;
use crate::{profile::Profile, tenant::SecretSource};

/// No answer is longer; more is a file in the wrong place.
const LONGEST: usize = 4096;

/// Says why a value for a key of the config is not valid.
pub type Validate<'a> = &'a dyn Fn(&str, &str) -> Result<(), String>;

/// The person at the terminal.
pub struct Person<'a> {
    /// The source of answers.
    pub input: &'a mut dyn BufRead,
    /// The sink of questions.
    pub say: &'a mut dyn FnMut(&str),
    /// Checks the value of a config key.
    pub validate: Validate<'a>,
}

impl std::fmt::Debug for Person<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Person").finish_non_exhaustive()
    }
}

impl Person<'_> {
    /// Asks which profile it is.
    pub fn profile(&mut self, known: &[&'static Profile]) -> io::Result<&'static Profile> {
        (self.say)("Which integration is it?\n");
        for (number, profile) in known.iter().enumerate() {
            let what = match (profile.guide.about, profile.delegated) {
                (Some(about), _) => format!("{}: {about}", profile.product),
                (None, None) => "any other that signs in as an app".to_owned(),
                (None, Some(_)) => "any other that acts for a person".to_owned(),
            };
            (self.say)(&format!("  {}  {:<20} {what}\n", number + 1, profile.id));
        }
        self.until(
            "Number or word",
            |answer| {
                let number = answer.parse::<usize>().ok();
                let by_number = number
                    .and_then(|number| number.checked_sub(1))
                    .and_then(|index| known.get(index).copied());
                by_number.or_else(|| Profile::by_id(answer))
            },
            "answer with a number or a word of the list",
        )
    }

    /// Asks for what a plan does not hold yet.
    pub fn complete(&mut self, plan: &mut Plan, named: bool) -> io::Result<()> {
        (self.say)("Enter leaves open what you do not know yet.\n");
        if !named && let Some(name) = self.value("name", &format!("Name [{}]", plan.name))? {
            plan.name = name;
        }
        if plan.tenant_id.is_none() {
            plan.tenant_id = self.value("tenant_id", "Directory (tenant) ID, or a domain of it")?;
        }
        if plan.client_id.is_none() {
            plan.client_id = self.value("client_id", "Application (client) ID")?;
        }
        if plan.may_have_secret() && !plan.dates && plan.secret.is_none() {
            self.secret(plan)?;
        }
        if plan.mailbox.is_none() && !plan.dates {
            plan.mailbox = self.value("mailbox", "Mailbox that the test call opens")?;
        }
        let has_secret = plan.dates || plan.secret_source().is_some();
        if plan.secret_expires.is_none() && has_secret {
            let question = "When the secret ends (2027-03-31, or never), if you know";
            plan.secret_expires = self.value("secret_expires", question)?;
        }
        Ok(())
    }

    /// Asks whether there is a secret here, and where; without one only dates can be watched.
    fn secret(&mut self, plan: &mut Plan) -> io::Result<()> {
        if plan.may_be_public() {
            if !self.may("Does the app have a client secret?")? {
                return Ok(());
            }
        } else if !self.holds_secret()? {
            plan.dates = true;
            return Ok(());
        }
        let usual = SecretSource::Env(plan.usual_variable());
        (self.say)("Name its place, never the secret: env:NAME, file:PATH or credential:ID.\n");
        let question = format!("Where it is kept [env:{}]", plan.usual_variable());
        let read = |answer: &str| match answer {
            "" => Some(usual.clone()),
            answer => SecretSource::from_word(answer),
        };
        let hint = "name the place, such as env:NAME; if that was the secret itself, make a new one: it \
                    stands on your screen";
        plan.secret = Some(self.until(&question, read, hint)?);
        Ok(())
    }

    fn holds_secret(&mut self) -> io::Result<bool> {
        self.until(
            "Will credwatch hold a secret of it? If not, it watches dates alone [Y/n]",
            |answer| match answer.to_ascii_lowercase().as_str() {
                "" | "y" | "yes" => Some(true),
                "n" | "no" => Some(false),
                _ => None,
            },
            "answer with y or n",
        )
    }

    /// Asks for a value of a key; `None` where it is left open.
    fn value(&mut self, key: &str, question: &str) -> io::Result<Option<String>> {
        loop {
            let answer = self.line(question)?;
            if answer.is_empty() {
                return Ok(None);
            }
            match (self.validate)(key, &answer) {
                Ok(()) => return Ok(Some(answer)),
                Err(why) => (self.say)(&format!("  {why}\n")),
            }
        }
    }

    fn until<T>(
        &mut self,
        question: &str,
        read: impl Fn(&str) -> Option<T>,
        hint: &str,
    ) -> io::Result<T> {
        loop {
            let answer = self.line(question)?;
            if let Some(read) = read(&answer) {
                return Ok(read);
            }
            (self.say)(&format!("  {hint}\n"));
        }
    }

    /// Asks whether to go on; Enter means no.
    pub fn may(&mut self, question: &str) -> io::Result<bool> {
        let answer = self.line(&format!("{question} [y/N]"))?;
        Ok(matches!(answer.to_ascii_lowercase().as_str(), "y" | "yes"))
    }

    fn line(&mut self, question: &str) -> io::Result<String> {
        (self.say)(&format!("{question}: "));
        let mut answer = Vec::new();
        let limit = u64::try_from(LONGEST).unwrap_or(u64::MAX);
        let read = io::Read::take(&mut *self.input, limit).read_until(b'\n', &mut answer)?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(String::from_utf8_lossy(&answer).trim().to_owned())
    }
}
