//! `GET /live`: tells an open page that something changed, never what. A page of one organization hears its revision;
//! the staff's overview hears of all of them; any other page hears only when its session ends, as every page does. The page
//! then asks again, through the ordinary, rights-checked reads.
//!
//! A session that ends anywhere (sign-out, new password, disabled account, lost rights, too long without use) ends its lines at
//! once: the change is announced to every process, and each line knows when its session runs out.

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
    Door,
    session::{Alive, Session},
};
use crate::{
    acts,
    db::Announcement,
    desk::Desk,
    domain::{access::Viewer, id::OrganizationId},
    metrics::Held,
    reads,
};

/// Changes closer together than this are told as one.
const BREATH: Duration = Duration::from_millis(200);
/// At least so often something is said, so that the page knows that nothing in between keeps it back.
const HEARTBEAT: Duration = Duration::from_secs(10);
/// What is said then; no organization has this name and a blank behind it.
const BEAT: &str = "beat";
/// The windows of a browser share one connection; so many things it carries at most.
const MOST_TOPICS: usize = 32;
/// nginx does not buffer what says so.
const X_ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");
/// How often a line looks at the clock: whether its session has run out, also where the clock was put ahead.
const TICK: Duration = Duration::from_secs(1);
/// What a page is told when its session has ended.
const SIGNED_OUT: &str = "signed-out";

/// What a page wants to hear of, beside the end of its session.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum About {
    Organization(OrganizationId),
    Everything,
    Nothing,
}

impl About {
    /// What its lines begin with.
    fn name(&self) -> &str {
        match self {
            Self::Organization(id) => id.as_str(),
            Self::Everything => "*",
            Self::Nothing => "session",
        }
    }

    /// Whether this viewer may hear of it.
    fn is_for(&self, viewer: &Viewer) -> bool {
        match self {
            Self::Organization(id) => viewer.scope(id).is_some(),
            Self::Everything => viewer.staff().is_some(),
            Self::Nothing => true,
        }
    }
}

/// `organization=org_1&organization=org_2&all=yes&only=session`; without a query, everything.
pub async fn listen(State(door): State<Door>, session: Session, RawQuery(query): RawQuery) -> Response {
    match open_all(&door, &session, topics(query.as_deref())).await {
        Ok(lines) => streamed(lines),
        Err(acts::Error::Database(error)) => {
            error!(%error, "a live line could not be opened");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}

fn topics(query: Option<&str>) -> BTreeSet<About> {
    let Some(query) = query.filter(|query| !query.is_empty()) else { return BTreeSet::from([About::Everything]) };
    let asked = url::form_urlencoded::parse(query.as_bytes()).filter_map(|(name, value)| match (&*name, &*value) {
        ("organization", id) => OrganizationId::parse(id).map(About::Organization),
        ("all", _) => Some(About::Everything),
        ("only", "session") => Some(About::Nothing),
        _ => None,
    });
    asked.take(MOST_TOPICS).collect()
}

/// What somebody may not hear of, or what does not exist, is left out; if nothing is left, there is nothing to hear.
async fn open_all(door: &Door, session: &Session, topics: BTreeSet<About>) -> Result<Vec<Line>, acts::Error> {
    let mut lines = Vec::new();
    for topic in topics {
        match open(door, session.clone(), topic).await {
            Ok(line) => lines.push(line),
            Err(error @ acts::Error::Database(_)) => return Err(error),
            Err(_) => {}
        }
    }
    if lines.is_empty() { Err(acts::Error::Missing) } else { Ok(lines) }
}

/// Ends as soon as one of the lines does: the browser comes back and hears how things stand.
fn streamed(lines: Vec<Line>) -> Response {
    let lines = lines.into_iter().map(|line| stream::unfold(line, Line::next).map(Some).chain(stream::once(ready(None))).boxed());
    let events = stream::select_all(lines).take_while(|said| ready(said.is_some())).filter_map(ready);
    let heartbeat = KeepAlive::new().interval(HEARTBEAT).event(Event::default().data(BEAT));
    let mut response = Sse::new(events).keep_alive(heartbeat).into_response();
    let headers = response.headers_mut();
    headers.insert(X_ACCEL_BUFFERING, HeaderValue::from_static("no"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store, no-transform"));
    response
}

async fn open(door: &Door, session: Session, about: About) -> Result<Line, acts::Error> {
    // listening starts before anything is read, so that nothing falls between
    let changes = door.desk.db.announcements();
    let alive = session.alive(&door.desk).await?.ok_or(acts::Error::Missing)?;
    let now = match &about {
        About::Organization(id) => {
            let scope = alive.viewer.scope(id).ok_or(acts::Error::Missing)?;
            reads::revision(&door.desk, &scope).await?.ok_or(acts::Error::Missing)?
        }
        About::Everything => {
            alive.viewer.staff().ok_or(acts::Error::Missing)?;
            // any number that no earlier line has said
            door.desk.clock.now().nanos()
        }
        About::Nothing => 0,
    };
    let open = door.desk.metrics.live_line();
    let (desk, stopping) = (door.desk.clone(), door.stopping.clone());
    Ok(Line { _open: open, desk, session, alive, changes, stopping, about, said: None, now, over: false })
}

/// One open page's line.
struct Line {
    desk: Desk,
    session: Session,
    /// As it was found last.
    alive: Alive,
    changes: Receiver<Announcement>,
    stopping: watch::Receiver<bool>,
    about: About,
    said: Option<i64>,
    now: i64,
    /// The last thing was said.
    over: bool,
    _open: Held,
}

/// Why a line ends.
enum End {
    /// The session has: the page is told.
    SignedOut,
    /// The browser comes back by itself and hears how things stand.
    HangUp,
}

type Said = Option<(Result<Event, Infallible>, Line)>;

impl Line {
    /// The next thing to say: the first time at once, then whenever there is news.
    async fn next(mut self) -> Said {
        if self.over {
            return None;
        }
        match self.news().await {
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

    async fn news(&mut self) -> Result<(), End> {
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

    /// A line whose session has ended, or whose viewer lost their rights, says nothing more.
    async fn check(&mut self) -> Result<(), End> {
        match self.session.alive(&self.desk).await {
            Ok(Some(alive)) if self.about.is_for(&alive.viewer) => {
                self.alive = alive;
                Ok(())
            }
            Ok(Some(_)) => Err(End::HangUp),
            Ok(None) => Err(End::SignedOut),
            Err(error) => {
                warn!(%error, "a live line could not look whether its session goes on");
                Err(End::HangUp)
            }
        }
    }

    async fn hear(&mut self) -> Result<(), End> {
        let heard = tokio::select! {
            heard = self.changes.recv() => Some(heard),
            () = tokio::time::sleep(TICK) => None,
            _ = self.stopping.wait_for(|stopping| *stopping) => return Err(End::HangUp),
        };
        match heard {
            Some(Ok(announcement)) => self.note(&announcement).await,
            // Fell behind, or the process ends.
            Some(Err(RecvError::Lagged(_) | RecvError::Closed)) => Err(End::HangUp),
            None => self.look_at_the_clock().await,
        }
    }

    /// A session that was used meanwhile ends later than it was to.
    async fn look_at_the_clock(&mut self) -> Result<(), End> {
        if self.desk.clock.now() < self.alive.ends_at { Ok(()) } else { self.check().await }
    }

    async fn note(&mut self, announcement: &Announcement) -> Result<(), End> {
        match announcement {
            Announcement::Changed { organization, revision } => self.note_revision(organization, *revision),
            Announcement::AccessChanged(account) if *account == self.alive.viewer.account => self.check().await?,
            Announcement::AccessChanged(_) => {}
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
