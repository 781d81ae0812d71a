//! `GET /live`: tells an open page that something changed, never what. A page of one organization hears its revision;
//! the staff's overview hears of all of them. The page then asks again, through the ordinary, rights-checked reads.

use std::{convert::Infallible, time::Duration};

use axum::{
    extract::{Query, State},
    http::StatusCode,
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures_util::stream;
use serde::Deserialize;
use tokio::sync::{
    broadcast::{
        Receiver,
        error::{RecvError, TryRecvError},
    },
    watch,
};
use tower_sessions::Session;
use tracing::error;

use super::{Door, session};
use crate::{
    acts,
    db::Announcement,
    desk::Desk,
    domain::id::{AccountId, OrganizationId},
    metrics::Held,
    reads,
};

/// Changes closer together than this are told as one.
const BREATH: Duration = Duration::from_millis(200);
const HEARTBEAT: Duration = Duration::from_secs(15);

#[derive(Debug, Deserialize)]
pub struct About {
    organization: Option<OrganizationId>,
}

pub async fn listen(State(door): State<Door>, session: Session, Query(about): Query<About>) -> Response {
    match open(&door, &session, about.organization).await {
        Ok(line) => {
            let stream = stream::unfold(line, Line::next);
            Sse::new(stream).keep_alive(KeepAlive::new().interval(HEARTBEAT)).into_response()
        }
        Err(acts::Error::Database(error)) => {
            error!(%error, "a live line could not be opened");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn open(door: &Door, session: &Session, about: Option<OrganizationId>) -> Result<Line, acts::Error> {
    // listening starts before the revision is read, so that nothing falls between
    let changes = door.desk.db.announcements();
    let viewer = session::viewer(session, &door.desk).await?.ok_or(acts::Error::Missing)?;
    let now = if let Some(id) = &about {
        let scope = viewer.scope(id).ok_or(acts::Error::Missing)?;
        reads::revision(&door.desk, &scope).await?.ok_or(acts::Error::Missing)?
    } else {
        viewer.staff().ok_or(acts::Error::Missing)?;
        // any number that no earlier line has said
        door.desk.clock.now().nanos()
    };
    let open = door.desk.metrics.live_line();
    let (desk, stopping) = (door.desk.clone(), door.stopping.clone());
    Ok(Line { _open: open, desk, account: viewer.account, changes, stopping, about, said: None, now })
}

/// One open page's line.
struct Line {
    desk: Desk,
    account: AccountId,
    changes: Receiver<Announcement>,
    stopping: watch::Receiver<bool>,
    about: Option<OrganizationId>,
    said: Option<i64>,
    now: i64,
    _open: Held,
}

impl Line {
    /// The next thing to say: the first time at once, then whenever there is news.
    async fn next(mut self) -> Option<(Result<Event, Infallible>, Self)> {
        if self.said.is_some() {
            while self.said == Some(self.now) {
                self.hear().await?;
            }
            tokio::time::sleep(BREATH).await;
            loop {
                match self.changes.try_recv() {
                    Ok(announcement) => self.note(&announcement)?,
                    Err(TryRecvError::Empty | TryRecvError::Closed) => break,
                    Err(TryRecvError::Lagged(_)) => return None,
                }
            }
            if !self.may_hear().await {
                return None;
            }
        }
        self.said = Some(self.now);
        Some((Ok(Event::default().data(self.now.to_string())), self))
    }

    /// Whoever was shut out since the line was opened hears nothing more.
    async fn may_hear(&self) -> bool {
        match (reads::viewer(&self.desk, &self.account).await, &self.about) {
            (Ok(Some(viewer)), Some(id)) => viewer.scope(id).is_some(),
            (Ok(Some(viewer)), None) => viewer.staff().is_some(),
            (Ok(None) | Err(_), _) => false,
        }
    }

    async fn hear(&mut self) -> Option<()> {
        let heard = tokio::select! {
            heard = self.changes.recv() => heard,
            _ = self.stopping.wait_for(|stopping| *stopping) => return None,
        };
        match heard {
            Ok(announcement) => self.note(&announcement)?,
            // Fell behind, or the process ends: the browser comes back by itself and hears how things stand.
            Err(RecvError::Lagged(_) | RecvError::Closed) => return None,
        }
        Some(())
    }

    /// Nothing: the line ends, and the browser comes back to hear how things stand.
    fn note(&mut self, announcement: &Announcement) -> Option<()> {
        let Announcement::Changed { organization, revision } = announcement else { return None };
        match &self.about {
            Some(id) if id == organization => self.now = self.now.max(*revision),
            Some(_) => {}
            None => self.now += 1,
        }
        Some(())
    }
}
