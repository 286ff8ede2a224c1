//! Reads a secret from the keyring of the desktop: the Secret Service of GNOME, KDE and others.
//!
//! It asks the service on the session bus for an item with the attributes `service` = `credwatch` and
//! `username` = the name, as `secret-tool store` and Python's `keyring set credwatch NAME` write them.
//! The transfer is plain: the bus is a socket that only this user's processes can open. Items that are
//! locked stay so: a service has no person who answers a prompt.
//!
//! <https://specifications.freedesktop.org/secret-service/latest/>

use std::collections::HashMap;

use secrecy::SecretString;
use tokio::time::{Instant, timeout_at};
use zbus::{Connection, OwnedObjectPath, Variant};
use zeroize::Zeroizing;

use super::{
    error::{KeyringError, SecretError},
    value::{MAX_BYTES, unterminated},
};

const BUS_NAME: &str = "org.freedesktop.secrets";
const ROOT: &str = "/org/freedesktop/secrets";
const SERVICE: &str = "org.freedesktop.Secret.Service";
const ITEM: &str = "org.freedesktop.Secret.Item";
const SESSION: &str = "org.freedesktop.Secret.Session";

/// What every item of ours has as `service`.
const OURS: &str = "credwatch";

/// A secret as the service sends it: session, parameters, value, content type.
type Transfer = (OwnedObjectPath, Vec<u8>, Vec<u8>, String);

/// Returns the secret of that name, before `deadline`.
pub(super) async fn read(name: &str, deadline: Instant) -> Result<SecretString, SecretError> {
    let failed = |source| SecretError::Keyring {
        name: name.to_owned(),
        source: Box::new(source),
    };
    let found = timeout_at(deadline, ask(name)).await;
    let value = found
        .unwrap_or(Err(KeyringError::Timeout))
        .map_err(failed)?;
    let place = || format!("keyring item '{name}'");
    if value.len() > MAX_BYTES {
        return Err(SecretError::TooLarge { place: place() });
    }
    unterminated(&value, place)
}

async fn ask(name: &str) -> Result<Zeroizing<Vec<u8>>, KeyringError> {
    let bus = Connection::session().await?;
    let attributes = HashMap::from([("service", OURS), ("username", name)]);
    let (unlocked, locked): (Vec<OwnedObjectPath>, Vec<OwnedObjectPath>) = bus
        .call_method(
            Some(BUS_NAME),
            ROOT,
            Some(SERVICE),
            "SearchItems",
            &(attributes,),
        )
        .await?
        .body()
        .deserialize()?;
    let item = match (unlocked.as_slice(), locked.as_slice()) {
        ([item], []) => item,
        ([], []) => {
            let name = name.to_owned();
            return Err(KeyringError::Missing { name });
        }
        ([], [_]) => return Err(KeyringError::Locked),
        (unlocked, locked) => {
            let count = unlocked.len() + locked.len();
            return Err(KeyringError::Several { count });
        }
    };
    let session = open(&bus).await?;
    let answer = bus
        .call_method(Some(BUS_NAME), item, Some(ITEM), "GetSecret", &(&session,))
        .await;
    // the service closes it with the connection too; this is only polite
    bus.call_method(Some(BUS_NAME), &session, Some(SESSION), "Close", &())
        .await
        .ok();
    let (_session, _parameters, value, _kind): Transfer = answer?.body().deserialize()?;
    Ok(Zeroizing::new(value))
}

/// Opens a session in which secrets travel as they are.
async fn open(bus: &Connection) -> Result<OwnedObjectPath, KeyringError> {
    let wanted = ("plain", Variant::from(""));
    let (_output, session): (zbus::OwnedVariant, OwnedObjectPath) = bus
        .call_method(Some(BUS_NAME), ROOT, Some(SERVICE), "OpenSession", &wanted)
        .await?
        .body()
        .deserialize()?;
    Ok(session)
}
