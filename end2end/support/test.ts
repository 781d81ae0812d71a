// Our `test`: an organization of its own, users who have signed in, a clean browser console, and axe.
import { expect, test as base, type BrowserContext, type Page } from '@playwright/test';
import { violations } from './axe.ts';
import { mail } from './mail.ts';
import { Organization } from './organization.ts';
import { freshId } from './scalekit.ts';
import { Seatkeeper, type Account, type Role } from './seatkeeper.ts';
import type { Options } from './servers.ts';
import { SignedIn, signIn } from './signed-in.ts';
import { SlackChannel } from './slack.ts';

/** What browsers complained about; at the end of a test there may be nothing left. */
export class Complaints {
  private readonly errors: string[] = [];
  private readonly accepted: RegExp[] = [];

  /** For a test that provokes one, such as a page that is missing. */
  accept(pattern: RegExp): void {
    this.accepted.push(pattern);
  }

  listen(context: BrowserContext): void {
    context.on('console', (message) => {
      if (message.type() === 'error') this.errors.push(`${message.text()} (${message.location().url})`);
    });
    context.on('weberror', (error) => this.errors.push(String(error.error())));
  }

  get left(): string[] {
    return this.errors.filter((text) => !this.accepted.some((pattern) => pattern.test(text)));
  }
}

interface Fixtures {
  complaints: Complaints;
  seatkeeper: Seatkeeper;
  organization: Organization;
  /** One more organization, under a name of one's own. */
  another: (name?: string, id?: string) => Organization;
  /** An account that has not signed in yet; a tenant's is for `organization`, or for another. */
  account: (role: Role, of?: Organization) => Promise<Account>;
  /** A member of the vendor's staff, in a browser of their own. */
  staff: SignedIn;
  /** An admin of `organization`, in a browser of their own. */
  admin: SignedIn;
  mail: typeof mail;
  slack: SlackChannel;
  /** No serious or critical violation on the page as it stands, by all rules or by these. */
  axe: (page?: Page, rules?: string[]) => Promise<void>;
}

export const test = base.extend<Fixtures & Options>({
  databaseUrl: ['', { option: true }],

  complaints: [async ({}, use) => {
    const complaints = new Complaints();
    await use(complaints);
    expect(complaints.left, 'what the browser complained about').toEqual([]);
  }, { auto: true }],

  context: async ({ context, complaints }, use) => {
    complaints.listen(context);
    await use(context);
  },

  seatkeeper: async ({ databaseUrl }, use) => use(new Seatkeeper(databaseUrl)),

  organization: async ({ baseURL, seatkeeper }, use) => {
    const organization = new Organization(baseURL!, seatkeeper);
    await organization;
    await use(organization);
  },

  another: async ({ baseURL, seatkeeper }, use) => use((name, id) => new Organization(baseURL!, seatkeeper, name, id)),

  account: async ({ organization, seatkeeper }, use) => use((role, of = organization) => account(role, of, seatkeeper)),

  staff: async ({ browser, complaints, organization, account, javaScriptEnabled }, use) => {
    const context = await browser.newContext();
    complaints.listen(context);
    await use(await signedIn(await account('staff'), context, organization, javaScriptEnabled));
    await context.close();
  },

  admin: async ({ browser, complaints, organization, account, javaScriptEnabled }, use) => {
    const context = await browser.newContext();
    complaints.listen(context);
    await use(await signedIn(await account('tenant-admin'), context, organization, javaScriptEnabled));
    await context.close();
  },

  mail: async ({}, use) => use(mail),

  slack: async ({}, use) => {
    const channel = await SlackChannel.open();
    await use(channel);
    await channel.close();
  },

  // Its checks wait on timers, which a page without JavaScript does not have; the other projects see the same pages.
  axe: async ({ page }, use, { project }) => use(async (other = page, rules) => {
    if (project.name !== 'js') return;
    expect(await violations(other, rules), `accessibility of ${other.url()}`).toEqual([]);
  }),
});

async function account(role: Role, organization: Organization, seatkeeper: Seatkeeper): Promise<Account> {
  const account = {
    email: `${role}.${freshId('a').slice(2)}@people.test`,
    name: role.startsWith('staff') ? 'Sam Staff' : 'Tess Tenant',
    role,
    password: 'a passphrase for the browser tests',
    organizations: role.startsWith('tenant') ? [organization.id] : [],
  };
  await seatkeeper.createAccount(account);
  return account;
}

async function signedIn(account: Account, context: BrowserContext, organization: Organization, scripted: boolean): Promise<SignedIn> {
  await signIn(context, account);
  return new SignedIn(await context.newPage(), account, organization.id, scripted);
}

export { expect };
