// Hears of each webhook and looks again. One about the customer of this page may let the person in, so the product asks anew.
const main = document.querySelector('main');

/** What is looked at next, if something is. */
let due = null;
let isLooking = false;

async function hear({ organization, event }) {
  const isOurs = organization === null || organization === main.dataset.organization;
  due = { isOurs: isOurs || Boolean(due?.isOurs), after: isOurs ? event : due?.after };
  if (isLooking) return;
  isLooking = true;
  while (due) {
    const { isOurs: asks, after } = due;
    due = null;
    if (asks) await askAgain(after ?? '');
    else await look('/webhooks');
  }
  isLooking = false;
}

async function askAgain(after) {
  const page = new URL(location.href);
  page.searchParams.set('organization', main.dataset.organization);
  page.searchParams.set('after', after);
  const seen = await look(page);
  if (!seen) return;
  for (const id of ['verdict', 'wire', 'people']) renew(document.getElementById(id), seen.getElementById(id));
}

/** Fetches the page, and adds the webhooks that are new. */
async function look(address) {
  const answer = await fetch(address).catch(() => null);
  if (!answer?.ok) return null;
  const seen = new DOMParser().parseFromString(await answer.text(), 'text/html');
  const list = document.getElementById('webhooks');
  const rows = [...seen.getElementById('webhooks').children];
  const fresh = rows.filter((row) => row.id && !document.getElementById(row.id));
  if (fresh.length > 0) list.querySelector('.empty')?.remove();
  for (const row of fresh) row.classList.add('fresh');
  list.prepend(...fresh);
  while (list.children.length > rows.length) list.lastElementChild.remove();
  return seen;
}

/** A part that a person is about to use stays as it is. */
function renew(old, seen) {
  if (old.innerHTML === seen.innerHTML || (old.contains(document.activeElement) && old.id === 'people')) return;
  old.replaceChildren(...seen.childNodes);
}

const live = new EventSource('/live');
// also after a break: what came meanwhile is looked for
live.onopen = () => hear({ organization: null, event: null });
live.onmessage = ({ data }) => hear(JSON.parse(data));
