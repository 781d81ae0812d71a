//! `GET /live`: notifies an open page that something changed, never what. A page of one
//! organization gets its revision; the staff's overview gets the changes of all organizations;
//! every page, including any other page, is notified when its session ends. The page then reads
//! again, through the ordinary queries, which check the rights.
//!
//! A session that ends anywhere (sign-out, new password, disabled account, lost rights, too long
//! without use) ends its subscriptions at once: the change is announced to every process, and each
//! subscription knows when its session expires.

use std::{collections::BTreeSet, convert::Infallible, future::ready, time::Duration};

use axum::{
    extract::{RawQuery, State},
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures_util::{StreamExt, stream};
use tokio::sync::{
    broadcast::{
        Receiver,
        error::{RecvError, TryRecvError},
    },
    watch,
};
use tracing::{error, warn};

use super::{
    HttpState,
    parameters::query_pairs,
    session::{Alive, Session},
};
use crate::{
    commands,
    db::Announcement,
    domain::{access::Viewer, id::OrganizationId},
    metrics::GaugeGuard,
    queries,
    state::AppState,
};

/// Changes closer together than this are sent as one.
const BREATH: Duration = Duration::from_millis(200);
/// The connection sends a heartbeat at least this often, so that the page knows that no proxy holds
/// messages back.
const HEARTBEAT: Duration = Duration::from_secs(10);
/// The text of a heartbeat; a message about an organization has a blank after the id, so it is
/// never the same.
const HEARTBEAT_TEXT: &str = "heartbeat";
/// The windows of a browser share one connection; it carries at most this many topics.
const MOST_TOPICS: usize = 32;
/// nginx does not buffer an answer with this header.
const X_ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");
/// How often a subscription checks whether its session has expired, also after the clock was set
/// ahead.
const TICK: Duration = Duration::from_secs(1);
/// The message to a page whose session has ended.
const SIGNED_OUT: &str = "signed-out";

/// What a page subscribes to, besides the end of its session.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum About {
    Organization(OrganizationId),
    Everything,
    Nothing,
}

impl About {
    /// The name that its messages begin with.
    fn name(&self) -> &str {
        match self {
            Self::Organization(id) => id.as_str(),
            Self::Everything => "*",
            Self::Nothing => "session",
        }
    }

    /// Whether this viewer may subscribe to it.
    fn is_for(&self, viewer: &Viewer) -> bool {
        match self {
            Self::Organization(id) => viewer.scope(id).is_some(),
            Self::Everything => viewer.staff().is_some(),
            Self::Nothing => true,
        }
    }
}

/// `organization=org_1&organization=org_2&all=yes&only=session`; without a query, everything.
pub async fn listen(
    State(http_state): State<HttpState>,
    session: Session,
    RawQuery(query): RawQuery,
) -> Response {
    match open_all(&http_state, &session, topics(query.as_deref())).await {
        Ok(lines) => streamed(lines),
        Err(commands::Error::Database(error)) => {
            error!(%error, "a live connection could not be opened");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}

fn topics(query: Option<&str>) -> BTreeSet<About> {
    let Some(query) = query.filter(|query| !query.is_empty()) else {
        return BTreeSet::from([About::Everything]);
    };
    let asked =
        query_pairs(query).into_iter().filter_map(|(name, value)| match (&*name, &*value) {
            ("organization", id) => OrganizationId::parse(id).map(About::Organization),
            ("all", _) => Some(About::Everything),
            ("only", "session") => Some(About::Nothing),
            _ => None,
        });
    asked.take(MOST_TOPICS).collect()
}

/// Leaves out what the viewer may not see and what does not exist; an error if nothing is left.
async fn open_all(
    http_state: &HttpState,
    session: &Session,
    topics: BTreeSet<About>,
) -> Result<Vec<Line>, commands::Error> {
    let mut lines = Vec::new();
    for topic in topics {
        match open(http_state, session.clone(), topic).await {
            Ok(line) => lines.push(line),
            Err(error @ commands::Error::Database(_)) => return Err(error),
            Err(_) => {}
        }
    }
    if lines.is_empty() { Err(commands::Error::Missing) } else { Ok(lines) }
}

/// Ends as soon as one of the subscriptions does: the browser connects again and gets the current
/// state.
fn streamed(lines: Vec<Line>) -> Response {
    let lines = lines.into_iter().map(|line| {
        stream::unfold(line, Line::next).map(Some).chain(stream::once(ready(None))).boxed()
    });
    let events =
        stream::select_all(lines).take_while(|said| ready(said.is_some())).filter_map(ready);
    let heartbeat =
        KeepAlive::new().interval(HEARTBEAT).event(Event::default().data(HEARTBEAT_TEXT));
    let mut response = Sse::new(events).keep_alive(heartbeat).into_response();
    let headers = response.headers_mut();
    headers.insert(X_ACCEL_BUFFERING, HeaderValue::from_static("no"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store, no-transform"));
    response
}

async fn open(
    http_state: &HttpState,
    session: Session,
    about: About,
) -> Result<Line, commands::Error> {
    // listening starts before anything is read, so that no change is missed
    let changes = http_state.state.db.announcements();
    let alive = session.alive(&http_state.state).await?.ok_or(commands::Error::Missing)?;
    let now = match &about {
        About::Organization(id) => {
            let scope = alive.viewer.scope(id).ok_or(commands::Error::Missing)?;
            queries::revision(&http_state.state, &scope).await?.ok_or(commands::Error::Missing)?
        }
        About::Everything => {
            alive.viewer.staff().ok_or(commands::Error::Missing)?;
            // any number that no earlier subscription has sent
            http_state.state.clock.now().nanos()
        }
        About::Nothing => 0,
    };
    let open = http_state.state.metrics.live_connection();
    let (state, stopping) = (http_state.state.clone(), http_state.stopping.clone());
    Ok(Line {
        _open: open,
        state,
        session,
        alive,
        changes,
        stopping,
        about,
        said: None,
        now,
        over: false,
    })
}

/// One subscription of an open page.
struct Line {
    state: AppState,
    session: Session,
    /// The session as it was last read.
    alive: Alive,
    changes: Receiver<Announcement>,
    stopping: watch::Receiver<bool>,
    about: About,
    said: Option<i64>,
    now: i64,
    /// The last message was sent.
    over: bool,
    _open: GaugeGuard,
}

/// Why a subscription ends.
enum End {
    /// The session has ended: the page is notified.
    SignedOut,
    /// The browser connects again by itself and gets the current state.
    HangUp,
}

type Said = Option<(Result<Event, Infallible>, Line)>;

impl Line {
    /// The next message: the first one at once, later ones after a change.
    async fn next(mut self) -> Said {
        if self.over {
            return None;
        }
        match self.changed().await {
            Ok(()) => {
                self.said = Some(self.now);
                let event = Event::default().data(format!("{} {}", self.about.name(), self.now));
                Some((Ok(event), self))
            }
            Err(End::SignedOut) => {
                self.over = true;
                let event = Event::default().event(SIGNED_OUT).data(SIGNED_OUT);
                Some((Ok(event), self))
            }
            Err(End::HangUp) => None,
        }
    }

    async fn changed(&mut self) -> Result<(), End> {
        if self.said.is_none() {
            return Ok(());
        }
        while self.said == Some(self.now) {
            self.hear().await?;
        }
        tokio::time::sleep(BREATH).await;
        loop {
            match self.changes.try_recv() {
                Ok(announcement) => self.note(&announcement).await?,
                Err(TryRecvError::Empty | TryRecvError::Closed) => break,
                Err(TryRecvError::Lagged(_)) => return Err(End::HangUp),
            }
        }
        self.check().await
    }

    /// Ends the subscription if its session has ended, or if its viewer has lost the rights.
    async fn check(&mut self) -> Result<(), End> {
        match self.session.alive(&self.state).await {
            // the browser has the new token, or gets it with the answer that is on its way
            Ok(Some(alive)) if alive.is_former => Err(End::HangUp),
            // the browser connects again, and loads the pages of the other viewer
            Ok(Some(alive)) if alive.viewer.view_as != self.alive.viewer.view_as => {
                Err(End::HangUp)
            }
            Ok(Some(alive)) if self.about.is_for(&alive.viewer) => {
                self.alive = alive;
                Ok(())
            }
            Ok(Some(_)) => Err(End::HangUp),
            Ok(None) if self.is_renewed().await => Err(End::HangUp),
            Ok(None) => Err(End::SignedOut),
            Err(error) => {
                warn!(%error, "a live connection could not check its session");
                Err(End::HangUp)
            }
        }
    }

    async fn is_renewed(&self) -> bool {
        self.session.is_renewed(&self.state, &self.alive).await.unwrap_or(false)
    }

    async fn hear(&mut self) -> Result<(), End> {
        let heard = tokio::select! {
            heard = self.changes.recv() => Some(heard),
            () = tokio::time::sleep(TICK) => None,
            _ = self.stopping.wait_for(|stopping| *stopping) => return Err(End::HangUp),
        };
        match heard {
            Some(Ok(announcement)) => self.note(&announcement).await,
            // The subscription fell behind, or the process ends.
            Some(Err(RecvError::Lagged(_) | RecvError::Closed)) => Err(End::HangUp),
            None => self.look_at_the_clock().await,
        }
    }

    /// A session that was used in the meantime ends later than expected; a view does not.
    async fn look_at_the_clock(&mut self) -> Result<(), End> {
        let now = self.state.clock.now();
        let is_view_over = self.alive.viewer.view_as.as_ref().is_some_and(|view| view.until <= now);
        if now < self.alive.ends_at && !is_view_over { Ok(()) } else { self.check().await }
    }

    async fn note(&mut self, announcement: &Announcement) -> Result<(), End> {
        match announcement {
            Announcement::Changed { organization, revision } => {
                self.note_revision(organization, *revision);
            }
            Announcement::AccessChanged(account) if *account == self.alive.viewer.account => {
                self.check().await?;
            }
            Announcement::AccessChanged(_) | Announcement::EventsNumbered(_) => {}
            Announcement::Anything => {
                self.check().await?;
                return Err(End::HangUp);
            }
        }
        Ok(())
    }

    fn note_revision(&mut self, organization: &OrganizationId, revision: i64) {
        match &self.about {
            About::Organization(id) if id == organization => self.now = self.now.max(revision),
            About::Organization(_) | About::Nothing => {}
            About::Everything => self.now += 1,
        }
    }
}
