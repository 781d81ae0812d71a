// A browser window in which a user has signed in, and the pages that the user can open.
import { expect, type BrowserContext, type Page } from '@playwright/test';
import { LimitForm } from '../pages/limit-form.ts';
import { List } from '../pages/list.ts';
import { OrganizationPage } from '../pages/organization-page.ts';
import { ResyncsPage } from '../pages/resyncs-page.ts';
import { SettingsPage } from '../pages/settings-page.ts';
import { WaitlistPage } from '../pages/waitlist-page.ts';
import type { Account } from './seatkeeper.ts';

export class SignedIn {
  readonly organizations: List;
  readonly organization: OrganizationPage;
  readonly limit: LimitForm;
  readonly people: List;
  readonly groups: List;
  readonly deliveries: List;
  readonly resyncs: ResyncsPage;
  readonly settings: SettingsPage;
  readonly waitlist: WaitlistPage;

  constructor(readonly page: Page, readonly account: Account, organizationId: string, scripted: boolean) {
    const organization = `/organizations/${organizationId}`;
    this.organizations = new List(page, '/organizations', { table: 'Organizations', search: 'Name, id or e-mail' });
    this.organization = new OrganizationPage(page, organization);
    this.limit = new LimitForm(page, `${organization}/limit`, scripted);
    this.deliveries = new List(page, '/deliveries', { table: 'Webhooks', search: 'Event id, webhook-id or user id' });
    this.resyncs = new ResyncsPage(page, `${organization}/resyncs`, scripted);
    this.settings = new SettingsPage(page, `${organization}/settings`);
    this.waitlist = new WaitlistPage(page, `${organization}/waitlist`);
    this.groups = new List(page, `${organization}/groups`, { table: 'Groups', search: 'Name of a group' });
    this.people = new List(page, `${organization}/people`, { table: 'People', search: 'Name or e-mail' });
  }
}

/** Without the form, which `sign-in.spec.ts` is about. */
export async function signIn(context: BrowserContext, { email, password }: Pick<Account, 'email' | 'password'>): Promise<void> {
  const answer = await context.request.post('/api/sign_in', { form: { email, password } });
  expect(answer.ok(), `${email} is signed in`).toBe(true);
}
