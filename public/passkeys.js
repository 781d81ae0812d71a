// Forms whose button asks this browser for a passkey. The first answer of the server is a challenge; the browser lets
// the person confirm with a finger, a face or a PIN; then the form is sent with what came of it.
//
// A form names the call in `data-passkey` ("create" or "get") and where the challenge is in `data-ask`. Styles hide such
// forms unless this script says that the browser knows passkeys.

const underWay = new WeakSet();
const answered = new WeakSet();

if (window.PublicKeyCredential?.parseRequestOptionsFromJSON) {
  document.documentElement.dataset.passkeys = '';
  document.addEventListener('submit', submit, true);
}

async function submit(event) {
  const form = event.target;
  if (!form.matches('form[data-passkey]') || answered.delete(form)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (underWay.has(form) || form.hasAttribute('aria-busy')) return;
  underWay.add(form);
  tell(form, '');
  try {
    form.elements.credential.value = await credential(form.dataset);
    answered.add(form);
    form.requestSubmit(event.submitter);
  } catch (error) {
    tell(form, error.name === 'InvalidStateError' ? form.dataset.known : form.dataset.failure);
  }
  underWay.delete(form);
}

/** What the authenticator answers, as JSON. Empty without a challenge: the answer to the form then says why. */
async function credential({ ask, passkey }) {
  const headers = { accept: 'application/json' };
  const answer = await fetch(ask, { method: 'POST', headers, body: new URLSearchParams() });
  if (!answer.ok) return '';
  const options = JSON.parse(await answer.json());
  const made =
    passkey === 'create'
      ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
      : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
  return JSON.stringify(made.toJSON ? made : written(made));
}

/** Some password managers answer with an object that cannot write itself. */
function written({ id, rawId, type, response }) {
  const parts = ['clientDataJSON', 'attestationObject', 'authenticatorData', 'signature', 'userHandle'];
  const texts = parts.filter((part) => response[part]).map((part) => [part, text(response[part])]);
  return { id, rawId: text(rawId), type, clientExtensionResults: {}, response: Object.fromEntries(texts) };
}

function text(buffer) {
  const base64 = btoa(String.fromCharCode(...new Uint8Array(buffer)));
  return base64.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

function tell(form, sentence) {
  const message = form.querySelector('.passkey__failure');
  message.textContent = sentence;
  message.hidden = !sentence;
}
