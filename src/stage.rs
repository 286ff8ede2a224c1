//! The stages of a check, and the surfaces among them.
//!
//! A check reads the credential, asks for a token, reads the token, and then tries every configured
//! surface. A surface is one protocol and purpose that an integration may live on. This module names
//! them and says which resource each needs a token for; it makes no call. To add a surface, add its
//! variants here, follow the compiler, and read the list in `.github/CONTRIBUTING.md`.

use serde::{Deserialize, Serialize};

/// One step of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// Reading the configured credential.
    Secret,
    /// Asking the login service for an access token.
    Token,
    /// Reading what the access token says.
    Claims,
    /// Opening a folder through Exchange Web Services.
    Ews,
    /// Opening a folder through Microsoft Graph.
    Graph,
}

impl Stage {
    /// Every stage, in order.
    pub const ALL: [Self; 5] = [
        Self::Secret,
        Self::Token,
        Self::Claims,
        Self::Ews,
        Self::Graph,
    ];

    /// Returns the name, as in the JSON report.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Secret => "secret",
            Self::Token => "token",
            Self::Claims => "claims",
            Self::Ews => "ews",
            Self::Graph => "graph",
        }
    }

    /// Returns the surface that is tried at this stage, if it is the stage of one.
    pub const fn surface(self) -> Option<Surface> {
        match self {
            Self::Secret | Self::Token | Self::Claims => None,
            Self::Ews => Some(Surface::Ews),
            Self::Graph => Some(Surface::Graph),
        }
    }
}

/// A service that access tokens are issued for; its surfaces share one token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Resource {
    /// Exchange.
    Exchange,
    /// Microsoft Graph.
    Graph,
}

/// One protocol and purpose that a check tries once it has a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Surface {
    /// Exchange Web Services.
    Ews,
    /// Microsoft Graph.
    Graph,
}

impl Surface {
    /// Every surface, in the order in which they are tried, reported and blamed.
    pub const ALL: [Self; 2] = [Self::Ews, Self::Graph];

    /// Returns the stage at which the surface is tried.
    pub const fn stage(self) -> Stage {
        match self {
            Self::Ews => Stage::Ews,
            Self::Graph => Stage::Graph,
        }
    }

    /// Returns the resource that the surface needs a token for.
    pub const fn resource(self) -> Resource {
        match self {
            Self::Ews => Resource::Exchange,
            Self::Graph => Resource::Graph,
        }
    }

    /// Returns the word of the config's `checks`, which is also the name of the stage.
    pub const fn word(self) -> &'static str {
        self.stage().name()
    }

    /// Returns the surface that a word of the config's `checks` names.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|surface| surface.word() == word)
    }

    const fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// A set of surfaces. One byte, because every tenant of a large fleet holds one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct SurfaceSet(u8);

impl SurfaceSet {
    /// The set without any surface.
    pub const EMPTY: Self = Self(0);

    /// Returns the set that holds only this surface.
    pub const fn of(surface: Surface) -> Self {
        Self(surface.bit())
    }

    /// Returns whether the set holds a surface.
    pub const fn contains(self, surface: Surface) -> bool {
        self.0 & surface.bit() != 0
    }

    /// Returns whether the set holds no surface.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Returns the surfaces in the order of [`Surface::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Surface> {
        Surface::ALL
            .into_iter()
            .filter(move |surface| self.contains(*surface))
    }

    /// Returns the surfaces of this set that need a token for this resource.
    #[must_use]
    pub fn needing(self, resource: Resource) -> Self {
        self.iter()
            .filter(|surface| surface.resource() == resource)
            .collect()
    }

    /// Returns the resource of the first surface: the one that the first token is for. A check
    /// without surfaces asks for an Exchange token, since every profile is about a mailbox.
    pub fn first_resource(self) -> Resource {
        self.iter()
            .next()
            .map_or(Resource::Exchange, Surface::resource)
    }
}

impl FromIterator<Surface> for SurfaceSet {
    fn from_iter<I: IntoIterator<Item = Surface>>(surfaces: I) -> Self {
        let bits = surfaces
            .into_iter()
            .fold(0, |bits, surface| bits | surface.bit());
        Self(bits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_surface_has_a_stage_of_its_own() {
        for surface in Surface::ALL {
            assert_eq!(surface.stage().surface(), Some(surface));
            assert_eq!(Surface::from_word(surface.word()), Some(surface));
        }
        let stages = Stage::ALL.into_iter().filter_map(Stage::surface);
        assert!(stages.eq(Surface::ALL), "the order is one and the same");
    }

    #[test]
    fn a_set_keeps_the_order_of_surfaces() {
        let both: SurfaceSet = [Surface::Graph, Surface::Ews].into_iter().collect();
        assert!(both.iter().eq([Surface::Ews, Surface::Graph]));
        assert_eq!(both.first_resource(), Resource::Exchange);
        assert_eq!(
            both.needing(Resource::Graph),
            SurfaceSet::of(Surface::Graph)
        );
        assert_eq!(
            SurfaceSet::of(Surface::Graph).first_resource(),
            Resource::Graph
        );
        assert!(SurfaceSet::EMPTY.is_empty() && !both.is_empty());
    }
}
