//! What the product of the demo needs from Seatkeeper: an API key and an endpoint, made by the
//! ordinary commands.

use std::{fs, net::SocketAddr, path::Path};

use domain::{access::FreshProof, webhook_endpoint::EventFilter};
use seatkeeper::{
    commands::{
        self, NewApiKey,
        webhook_endpoints::{NewEndpoint, add_endpoint, remove_endpoint},
    },
    db,
    jobs::number_events,
    queries,
    scalekit::signature::Secret,
    state::AppState,
};
use simulator::product::{Connection, Product, WEBHOOKS};

use super::customers::demo;
use crate::cli::CliError;

/// What the key and the endpoint are called, on their pages and in the audit log.
const NAME: &str = "Inkpot, the product of the demo";
/// Where the product keeps its key, in the folder of the database.
const KEY_FILE: &str = "product.key";

/// Sets the product up. It listens on `address`, and talks to the Seatkeeper and the simulator at
/// the other two.
pub(super) async fn connect(
    state: &AppState,
    folder: &Path,
    address: SocketAddr,
    (seatkeeper, simulator): (&str, &str),
) -> Result<Product, CliError> {
    let connection = Connection {
        seatkeeper: seatkeeper.to_owned(),
        key: key(state, &folder.join(KEY_FILE)).await?,
        secret: endpoint(state, address).await?,
        simulator: simulator.to_owned(),
    };
    Product::new(connection, state.clock.clone()).map_err(CliError::failed)
}

/// The key of the last start if it still works, so that a folder that is kept has one key.
async fn key(state: &AppState, file: &Path) -> Result<String, CliError> {
    let kept = fs::read_to_string(file).unwrap_or_default();
    if commands::authenticate(state, &kept).await.is_ok() {
        return Ok(kept);
    }
    let new = NewApiKey {
        organization: None,
        name: NAME.to_owned(),
        scopes: "read".to_owned(),
        days: String::new(),
    };
    let proof = FreshProof::of_command_line();
    let (_, text) = commands::create_api_key(state, &demo(), &proof, &new).await?;
    db::write_secret(file, &text).map_err(CliError::failed)?;
    Ok(text)
}

/// Adds the endpoint, in the place of the one of the last start; gives its secret. The product gets
/// what happens from now on, not the year before.
async fn endpoint(state: &AppState, address: SocketAddr) -> Result<Secret, CliError> {
    number_events::work_off(state).await?;
    let (actor, proof) = (demo(), FreshProof::of_command_line());
    for old in queries::endpoint_records(state).await?.into_iter().filter(|old| old.note == NAME) {
        remove_endpoint(state, &actor, &proof, &old.id).await?;
    }
    let new = NewEndpoint {
        url: format!("http://{address}{WEBHOOKS}"),
        note: NAME.to_owned(),
        filter: EventFilter::default(),
    };
    let added = add_endpoint(state, &actor, &proof, &new).await?;
    Secret::parse(&added.secret).map_err(CliError::failed)
}
