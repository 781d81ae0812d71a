//! Staff look at the personal data in a delivery and in what it decided; that they did is kept.

use super::Error;
use crate::{
    desk::Desk,
    domain::{access::Staff, id::DeliveryId, page::deliveries::Done},
    store::{
        dead_letters,
        delivery_history::{self, Entry},
    },
};

pub async fn show_personal_data(desk: &Desk, staff: &Staff, id: &DeliveryId) -> Result<(), Error> {
    let mut tx = desk.db.write().await?;
    dead_letters::kept(&mut tx, id).await?.ok_or(Error::Missing)?;
    let entry = Entry {
        id: &desk.clock.id::<String>("his"),
        delivery: id,
        actor: &staff.name,
        account: Some(&staff.account),
        done: Done::Shown,
        why: None,
    };
    delivery_history::add(&mut tx, &entry, desk.clock.now()).await?;
    tx.commit().await?;
    Ok(())
}
