// Scalekit's part: signed deliveries, as Standard Webhooks v1 has them.
import { createHmac, randomBytes } from 'node:crypto';
import { webhookSecret } from './servers.ts';

/** A user of a customer's directory, and what stays the same about them from one event to the next. */
export interface DirectoryUser {
  id: string;
  organizationId: string;
  email: string;
  name: string;
}

/** A group of a customer's directory. */
export interface DirectoryGroup {
  id: string;
  name: string;
}

export interface Event {
  id: string;
  type: string;
  occurred_at: string;
  organization_id: string;
  [field: string]: unknown;
}

/** Scalekit's ids are a prefix and a long decimal number that grows with time. Workers share a database, so each has its own. */
export function freshId(prefix: string): string {
  made = (made + 1n) % 10_000n;
  return `${prefix}_${BigInt(Date.now()) * 100_000n + worker * 10_000n + made}`;
}

let made = 0n;
const worker = BigInt(process.env.TEST_PARALLEL_INDEX ?? 0) % 10n;

export function directoryUser(organizationId: string, email: string): DirectoryUser {
  const name = email.split('@')[0].split('.').map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join(' ');
  return { id: freshId('diruser'), organizationId, email, name };
}

export const userCreated = (user: DirectoryUser) => event('user_created', user, full(user, true));
export const userUpdated = (user: DirectoryUser, active = true) => event('user_updated', user, full(user, active));
/** With all groups in which the user is now. */
export const userInGroups = (user: DirectoryUser, groups: DirectoryGroup[]) => event('user_updated', user, { ...full(user, true), groups });
export const userDeleted = (user: DirectoryUser) => event('user_deleted', user, thin(user));

export const groupDeleted = (organizationId: string, { id, name }: DirectoryGroup) => event('group_deleted', { organizationId }, { id, display_name: name });

export interface Delivery {
  id?: string;
  at?: number;
  secret?: string;
}

/** Headers for this very body; each attempt has a time and a signature of its own. */
export function sign(body: string, { id = `msg_${randomBytes(14).toString('hex')}`, at = Date.now() / 1000, secret = webhookSecret }: Delivery = {}) {
  const timestamp = Math.floor(at).toString();
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return { 'content-type': 'application/json', 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` };
}

/** Posts without asking what came of it; `deliver` insists on an acknowledgement. */
export function post(server: string, event: Event, delivery: Delivery = {}): Promise<Response> {
  const body = JSON.stringify(event);
  return fetch(new URL('/webhooks/scalekit', server), { method: 'POST', headers: sign(body, delivery), body });
}

export async function deliver(server: string, ...events: Event[]): Promise<void> {
  for (const event of events) {
    const answer = await post(server, event);
    if (!answer.ok) throw new Error(`${event.type} was answered ${answer.status}: ${await answer.text()}`);
  }
}

// Later events must be later, even within one millisecond: the ninth digit counts on.
let counted = 0;
function now(): string {
  counted = (counted + 1) % 1_000_000;
  return new Date().toISOString().replace('Z', `${String(counted).padStart(6, '0')}Z`);
}

function event(what: string, { organizationId }: Pick<DirectoryUser, 'organizationId'>, data: Record<string, unknown>): Event {
  return {
    spec_version: '1',
    id: freshId('evt'),
    type: `organization.directory.${what}`,
    object: 'DirectoryUser',
    occurred_at: now(),
    environment_id: 'env_111951842212053263',
    organization_id: organizationId,
    data,
    display_name: '',
  };
}

function thin(user: DirectoryUser) {
  return { id: user.id, organization_id: user.organizationId, dp_id: `00u${user.id.slice(-16)}`, email: user.email };
}

function full(user: DirectoryUser, active: boolean) {
  const [given_name, ...family] = user.name.split(' ');
  return {
    ...thin(user),
    active,
    preferred_username: user.email,
    name: user.name,
    given_name,
    family_name: family.join(' '),
    groups: null,
    roles: [{ role_name: 'member' }],
    raw_attributes: { active, userName: user.email, schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'] },
  };
}
