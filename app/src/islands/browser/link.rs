//! The connection from the server's live stream to this window. It goes through a shared worker of
//! all windows of the browser. If the browser has no shared workers, the window has a connection of
//! its own.

use std::rc::Rc;

use js_sys::Function;
use wasm_bindgen::{JsCast, prelude::*};
use web_sys::{EventSource, MessageEvent};

#[wasm_bindgen]
extern "C" {
    pub type SharedWorker;
    #[wasm_bindgen(constructor, catch)]
    fn new(url: &str) -> Result<SharedWorker, JsValue>;
    #[wasm_bindgen(method, getter)]
    fn port(this: &SharedWorker) -> MessagePort;
    #[wasm_bindgen(method, setter)]
    fn set_onerror(this: &SharedWorker, handler: Option<&Function>);

    #[derive(Clone)]
    pub type MessagePort;
    #[wasm_bindgen(method, setter)]
    fn set_onmessage(this: &MessagePort, handler: Option<&Function>);
    #[wasm_bindgen(method, js_name = postMessage)]
    fn post_message(this: &MessagePort, message: &str);
    #[wasm_bindgen(method)]
    fn close(this: &MessagePort);
}

const WORKER: &str = "/live-worker.js";

/// The connection is lost; the browser connects again by itself.
pub(super) const LOST: &str = "lost";
/// The server has refused the connection.
pub(super) const REFUSED: &str = "refused";
/// The session has ended.
pub(super) const SIGNED_OUT: &str = "signed-out";
/// The shared worker does not work.
pub(super) const NO_WORKER: &str = "no worker";

type Receive = Rc<dyn Fn(String)>;
type Handler = Closure<dyn FnMut(MessageEvent)>;

/// An open connection. The closures must live as long as the browser objects that call them.
pub(super) enum Link {
    Shared { worker: SharedWorker, port: MessagePort, _handlers: [Handler; 2] },
    Own { source: EventSource, _handlers: [Handler; 3] },
}

impl Link {
    /// Connects through the shared worker. `topic` is the query of the live address. `receive` is
    /// called with each message of the server, or with one of the constants above.
    pub(super) fn shared(topic: &str, receive: Receive) -> Result<Self, JsValue> {
        let worker = SharedWorker::new(WORKER)?;
        let port = worker.port();
        let on_message = {
            let (receive, port) = (Rc::clone(&receive), port.clone());
            Handler::new(move |event: MessageEvent| {
                port.post_message("here");
                receive(event.data().as_string().unwrap_or_default());
            })
        };
        let on_error = Handler::new(move |_| receive(NO_WORKER.to_owned()));
        port.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        port.post_message(topic);
        Ok(Self::Shared { worker, port, _handlers: [on_message, on_error] })
    }

    pub(super) fn own(topic: &str, receive: Receive) -> Result<Self, JsValue> {
        let source = EventSource::new(&format!("/live?{topic}"))?;
        let on_message = {
            let receive = Rc::clone(&receive);
            Handler::new(move |event: MessageEvent| {
                receive(event.data().as_string().unwrap_or_default());
            })
        };
        let on_end = {
            let receive = Rc::clone(&receive);
            Handler::new(move |_| receive(SIGNED_OUT.to_owned()))
        };
        let on_error = {
            let source = source.clone();
            Handler::new(move |_| {
                receive(
                    if source.ready_state() == EventSource::CLOSED { REFUSED } else { LOST }
                        .to_owned(),
                );
            })
        };
        source.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        source.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        source.add_event_listener_with_callback(SIGNED_OUT, on_end.as_ref().unchecked_ref())?;
        Ok(Self::Own { source, _handlers: [on_message, on_end, on_error] })
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        match self {
            Self::Shared { worker, port, .. } => {
                worker.set_onerror(None);
                port.set_onmessage(None);
                port.post_message("");
                port.close();
            }
            Self::Own { source, .. } => {
                source.set_onmessage(None);
                source.set_onerror(None);
                source.close();
            }
        }
    }
}
