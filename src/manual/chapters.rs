//! The list of chapters, and what one is called.

/// One chapter.
#[derive(Debug, PartialEq, Eq)]
pub struct Chapter {
    /// The word after `credwatch manual`, and the name of the file.
    pub topic: &'static str,
    /// What it is about, in one line.
    pub summary: &'static str,
    /// The file as it is in the repository.
    pub(super) source: &'static str,
}

macro_rules! chapters {
    ($($topic:literal: $summary:literal,)+) => {
        &[$(Chapter {
            topic: $topic,
            summary: $summary,
            source: include_str!(concat!($topic, ".md")),
        },)+]
    };
}

/// Every chapter, in reading order.
pub static CHAPTERS: &[Chapter] = chapters! {
    "quickstart": "From nothing to a first check in ten minutes",
    "guides": "Set up an integration by its vendor's guide: init, login",
    "checks": "What a check does, what its verdict means, output formats",
    "causes": "Every cause with who must act; explain a code or a pasted error",
    "expiry": "Where end dates come from, whole directories, the expiry list",
    "alerts": "When a message is sent, by which channel, and how to hold it back",
    "dashboard": "Keys, columns, filters and screens of the live dashboard",
    "service": "Run it as a service: serve, systemd, containers",
    "configuration": "Every key of the config file with its default",
    "certificates": "Certificates, federated tokens and the desktop's keyring",
    "security": "Which permissions it needs, what it keeps, and what it never does",
    "metrics": "Every metric, and how to scrape them",
    "exit-codes": "What each exit code means, command by command",
    "faq": "Short answers to common questions",
};

impl Chapter {
    /// Returns the chapter of this topic.
    pub fn find(topic: &str) -> Option<&'static Self> {
        CHAPTERS.iter().find(|chapter| chapter.topic == topic)
    }

    /// Returns the Markdown without the comments that mark generated parts.
    pub fn markdown(&self) -> String {
        let is_mark = |line: &&str| line.starts_with("<!--") && line.ends_with("-->");
        let lines = self.source.lines().filter(|line| !is_mark(line));
        lines.flat_map(|line| [line, "\n"]).collect()
    }
}
