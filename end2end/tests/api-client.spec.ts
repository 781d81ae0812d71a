// A program that calls the API through a client that is generated from its document: `npm run types` generates it and compiles this.
import createClient from 'openapi-fetch';
import type { paths } from '../support/api.d.ts';
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
