//! The access token of a sign-in, and the ways in which it may be of no use.

use super::super::behaviour::{Behaviour, TokenFault};
use super::super::world::{Resource, TokenShape, World};
use super::GrantFault;
use super::scope::Scope;

/// Returns the scope that is granted: the one that is due, or one without the permission asked for.
pub(super) fn granted(behaviour: &Behaviour, mut scope: Scope) -> Scope {
    let spoils = matches!(
        behaviour,
        Behaviour::Grant(GrantFault::OtherScope) | Behaviour::Token(TokenFault::NoRoles)
    );
    if spoils {
        scope.permissions = other_permissions(&scope.audience);
    }
    scope
}

/// Returns what a token is granted where the right permission is left out of it.
fn other_permissions(audience: &str) -> Vec<String> {
    let other = match Resource::of(audience) {
        Some(Resource::Graph) => "User.Read",
        _ => "IMAP.AccessAsUser.All",
    };
    vec![other.to_owned()]
}

/// Signs the access token that is due, or one that is of as little use as the behaviour says.
pub(super) fn token(world: &World, index: usize, scope: &Scope) -> Option<String> {
    let shape = TokenShape::NoRoles;
    let (audience, shape) = match world.behaviour(index) {
        Behaviour::Token(TokenFault::AlreadyExpired) => {
            (scope.audience.as_str(), TokenShape::Ended)
        }
        Behaviour::Token(TokenFault::WrongAudience) => match Resource::of(&scope.audience) {
            Some(Resource::Graph) => ("https://outlook.office365.com", shape),
            _ => ("https://graph.microsoft.com", shape),
        },
        _ => (scope.audience.as_str(), shape),
    };
    world.person_token(index, audience, (&scope.permissions, shape))
}
