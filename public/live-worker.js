// One live connection for all windows of this browser. Over HTTP/1.1 a browser opens six connections to a host, and each
// live connection keeps one of them: without this the seventh window would never load.
//
// A window sends what it wants to hear of (the query of its own live address), an empty text when it leaves or is hidden,
// and "here" for each message. It gets what the server says, and the words "lost", "refused" and "signed-out".
'use strict';

/** The server says something every 10 seconds. */
const SILENCE = 25_000;
const RETRY = 5_000;
/** A window that has left a message unanswered for so long is gone: it has missed three heartbeats. */
const UNANSWERED = 35_000;

/** What each window wants to hear of, and since when it has not answered. */
const windows = new Map();
/** What the server said last of each thing: a window that joins hears it at once. */
const said = new Map();
let source = null;
let carried = new Set();
let heardAt = 0;

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
      if (!follow() && said.size > 0) port.postMessage([...said].map((line) => line.join(' ')).join('\n'));
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
  heardAt = Date.now();
  source = new EventSource(`/live?${[...wanted].join('&')}`);
  source.onmessage = ({ data }) => hear(data);
  source.onerror = lose;
  source.addEventListener('signed-out', () => {
    hangUp();
    tell('signed-out');
  });
  return true;
}

function hangUp() {
  source?.close();
  source = null;
  carried = new Set();
  said.clear();
  return true;
}

function hear(data) {
  heardAt = Date.now();
  for (const line of data.split('\n')) {
    const [name, revision] = line.split(' ');
    if (revision) said.set(name, revision);
  }
  tell(data);
}

/** The browser connects again by itself, unless the server refused. */
function lose() {
  said.clear();
  const isRefused = source?.readyState === EventSource.CLOSED;
  tell(isRefused ? 'refused' : 'lost');
  if (isRefused) setTimeout(follow, RETRY);
}

function tell(message) {
  for (const [port, known] of windows) {
    known.waitsSince ??= Date.now();
    if (Date.now() - known.waitsSince > UNANSWERED) windows.delete(port);
    else port.postMessage(message);
  }
}

setInterval(() => {
  if (!source || Date.now() - heardAt < SILENCE) return;
  hangUp();
  tell('lost');
  follow();
}, RETRY);
