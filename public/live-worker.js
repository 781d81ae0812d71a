// One live connection for all windows of this browser. Over HTTP/1.1 a browser opens six connections to a host, and each
// live connection keeps one of them: without this the seventh window would never load.
//
// A window sends what it follows (the query of its own live address), an empty text when it leaves or is hidden,
// and "here" for each message. It gets the messages of the server, and the words "lost", "refused" and "signed-out".
'use strict';

/** The server says something every 10 seconds. */
const SILENCE = 25_000;
const RETRY = 5_000;
/** A window that has left a message unanswered for so long is gone: it has missed three heartbeats. */
const UNANSWERED = 35_000;

/** What each window follows, and since when it has not answered. */
const windows = new Map();
/** The last message of the server about each topic: a window that joins receives it at once. */
const latest = new Map();
let source = null;
let carried = new Set();
let receivedAt = 0;

self.onconnect = ({ ports: [port] }) => {
  port.onmessage = ({ data }) => {
    if (data === 'here') {
      const known = windows.get(port);
      if (known) known.waitsSince = null;
    } else if (data === '') {
      windows.delete(port);
      follow();
    } else {
      windows.set(port, { topic: data, waitsSince: null });
      if (!follow() && latest.size > 0) port.postMessage([...latest].map((line) => line.join(' ')).join('\n'));
    }
  };
};

/** Connects where a window wants what the connection does not carry; says whether it did. */
function follow() {
  const wanted = new Set([...windows.values()].map(({ topic }) => topic));
  const isOpen = source && source.readyState !== EventSource.CLOSED;
  if (wanted.size === 0) return hangUp();
  if (isOpen && [...wanted].every((topic) => carried.has(topic))) return false;
  hangUp();
  carried = wanted;
  receivedAt = Date.now();
  source = new EventSource(`/live?${[...wanted].join('&')}`);
  source.onmessage = ({ data }) => receive(data);
  source.onerror = lose;
  source.addEventListener('signed-out', () => {
    hangUp();
    broadcast('signed-out');
  });
  return true;
}

function hangUp() {
  source?.close();
  source = null;
  carried = new Set();
  latest.clear();
  return true;
}

function receive(data) {
  receivedAt = Date.now();
  for (const line of data.split('\n')) {
    const [name, revision] = line.split(' ');
    if (revision) latest.set(name, revision);
  }
  broadcast(data);
}

/** The browser connects again by itself, unless the server refused. */
function lose() {
  latest.clear();
  const isRefused = source?.readyState === EventSource.CLOSED;
  broadcast(isRefused ? 'refused' : 'lost');
  if (isRefused) setTimeout(follow, RETRY);
}

function broadcast(message) {
  for (const [port, known] of windows) {
    known.waitsSince ??= Date.now();
    if (Date.now() - known.waitsSince > UNANSWERED) windows.delete(port);
    else port.postMessage(message);
  }
}

setInterval(() => {
  if (!source || Date.now() - receivedAt < SILENCE) return;
  hangUp();
  broadcast('lost');
  follow();
}, RETRY);
