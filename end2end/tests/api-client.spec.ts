// A program that calls the API through a client that is generated from its document: `npm run types` generates it and compiles this.
import createClient from 'openapi-fetch';
import type { components, paths, webhooks } from '../support/api.d.ts';
import { expect, test } from '../support/test.ts';

test('a generated client lists organizations, asks for access, sets a limit and reads a problem', async ({ baseURL, organization, seatkeeper }) => {
  await organization.withSeats(1).joined('ada@acme.test', 'bob@acme.test');
  const key = await seatkeeper.createKey(`Client of ${organization.name}`, 'write');
  const api = createClient<paths>({ baseUrl: `${baseURL}/api/v1`, headers: { authorization: `Bearer ${key}` } });
  const path = { organization: organization.id };
  const access = async (user: string) => (await api.GET('/organizations/{organization}/access', { params: { path, query: { user } } })).data!;

  const list = await api.GET('/organizations', { params: { query: { search: organization.name, limit: 10 } } });
  expect(list.data!.items).toEqual([{ id: organization.id, name: organization.name, seat_limit: 1, used_seats: 1, waiting: 1, archived: false }]);
  expect(list.data!.next_cursor).toBeNull();
  expect(await access('ada@acme.test')).toMatchObject({ allowed: true, state: 'provisioned', position: null });
  expect(await access('bob@acme.test')).toMatchObject({ allowed: false, state: 'blocked', position: 1 });

  const read = await api.GET('/organizations/{organization}', { params: { path } });
  const version = read.response.headers.get('etag')!;
  const body = { seat_limit: 2, reason: 'Contract 7' };
  const limit = (condition: string) => api.PUT('/organizations/{organization}/seat-limit', { params: { path, header: { 'If-Match': condition } }, body });
  const changed = await limit(version);
  expect(changed.data).toMatchObject({ seat_limit: 2, seat_limit_version: read.data!.seat_limit_version + 1, admitted: 1 });
  expect(await access('bob@acme.test')).toMatchObject({ allowed: true, state: 'provisioned' });

  const late = await limit(version);
  expect(late.response.status).toBe(412);
  expect(late.error).toMatchObject({ status: 412, code: 'changed', title: 'Precondition Failed' });
  const unknown = await api.GET('/organizations/{organization}', { params: { path: { organization: 'org_nowhere' } } });
  expect([unknown.data, unknown.error?.code]).toEqual([undefined, 'not-found']);
});

type Event = components['schemas']['Event'];
type Received = webhooks['seat.blocked']['post']['requestBody']['content']['application/json'];

/** It compiles because the document says what an event of each type has. */
const sentence = (event: Event) => {
  switch (event.type) {
    case 'seat.admitted': return `${event.data.user?.email} ${event.data.before} → ${event.data.after}: ${event.data.decision.reason}`;
    case 'seat_limit.changed': return `${event.data.before ?? 'none'} → ${event.data.after ?? 'none'}`;
    case 'roles.changed': return `${event.data.user?.id} ${event.data.after?.join(', ')}`;
    case 'user.updated': return 'changed' in event.data ? event.data.changed.join(', ') : event.data.after;
    default: return event.type;
  }
};

test('a generated client begins with now and knows what each type of event says', async ({ baseURL, organization, seatkeeper }) => {
  await organization.withSeats(1).joined('early@acme.test');
  const key = await seatkeeper.createKey(`Reader of ${organization.name}`, 'write');
  const api = createClient<paths>({ baseUrl: `${baseURL}/api/v1`, headers: { authorization: `Bearer ${key}` } });
  const read = async (after: number | 'latest', wait = 0) => (await api.GET('/events', { params: { query: { after, organization: organization.id, wait } } })).data!;

  // it is committed, and gets its number soon
  await expect.poll(async () => (await read(0)).items.map((event) => event.type)).toContain('seat.admitted');
  const now = await read('latest');
  expect(now.items).toEqual([]);
  await organization.joined('bob@acme.test');
  const first = await read(Number(now.next_cursor), 30);
  const blocked = first.items[0] as Received;
  expect([blocked.type, blocked.data.user?.email]).toEqual(['seat.blocked', 'bob@acme.test']);

  const path = { organization: organization.id };
  const body = { seat_limit: 2, reason: 'Contract 7' };
  await api.PUT('/organizations/{organization}/seat-limit', { params: { path, header: { 'If-Match': '*' } }, body });
  const second = await read(Number(first.next_cursor), 30);
  expect(second.items.map(sentence)).toEqual(['1 → 2', 'bob@acme.test blocked → provisioned: next_on_waitlist']);
});
