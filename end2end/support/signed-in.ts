// A browser window in which somebody has signed in, and the places they can go.
import { expect, type Locator, type Page } from '@playwright/test';
import type { Account } from './seatkeeper.ts';

export class SignedIn {
  readonly organizations: Place;
  readonly organization: Place;
  readonly limit: Place;
  readonly people: Place;

  constructor(readonly page: Page, readonly account: Account, organizationId: string) {
    this.organizations = new Place(page, '/organizations');
    this.organization = new Place(page, `/organizations/${organizationId}`);
    this.limit = new Place(page, `/organizations/${organizationId}/limit`);
    this.people = new Place(page, `/organizations/${organizationId}/people`);
  }
}

export class Place {
  constructor(readonly page: Page, readonly path: string) {}

  async goto(): Promise<void> {
    await this.page.goto(this.path);
  }

  /** The table row or list item that mentions it. */
  row(text: string | RegExp): Locator {
    return this.page.getByRole('row').or(this.page.getByRole('listitem')).filter({ hasText: text });
  }
}

export async function signIn(page: Page, account: Account): Promise<void> {
  await page.goto('/sign-in');
  await page.getByLabel('E-mail').fill(account.email);
  await page.getByLabel('Password').fill(account.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page, `${account.email} is signed in`).not.toHaveURL(/sign-in/);
}
