//! The arguments of `credwatch explain`.

use clap::{Args, ValueEnum};

use crate::observation::Stage;

/// `credwatch explain`
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// Codes in any spelling (AADSTS7000222, 7000222, ErrorAccessDenied …), or - to read pasted text
    /// from standard input
    #[arg(value_name = "CODE")]
    pub codes: Vec<String>,
    /// How to write the answer
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    pub format: ExplainFormat,
    /// The stage that the text comes from, if known
    #[arg(long, value_enum, value_name = "STAGE")]
    pub stage: Option<TalkingStage>,
    /// The HTTP status of the answer, if known
    #[arg(long, value_name = "STATUS", value_parser = clap::value_parser!(u16).range(100..=599))]
    pub status: Option<u16>,
}

/// How to write an explanation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum ExplainFormat {
    /// For people
    #[default]
    Text,
    /// For scripts
    Json,
}

/// The stages at which a service answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TalkingStage {
    /// The token endpoint
    Token,
    /// The access token
    Claims,
    /// Exchange Web Services
    Ews,
    /// Microsoft Graph
    Graph,
}

impl From<TalkingStage> for Stage {
    fn from(stage: TalkingStage) -> Self {
        match stage {
            TalkingStage::Token => Self::Token,
            TalkingStage::Claims => Self::Claims,
            TalkingStage::Ews => Self::Ews,
            TalkingStage::Graph => Self::Graph,
        }
    }
}
