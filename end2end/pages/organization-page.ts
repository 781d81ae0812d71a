// One organization: its numbers, the waitlist, the decisions.
import type { Locator, Page } from '@playwright/test';
import { BasePage } from './base-page.ts';

export class OrganizationPage extends BasePage {
  readonly seats: Locator;
  readonly waitlist: Locator;
  readonly decisions: Locator;
  readonly changes: Locator;
  readonly changeLimit: Locator;

  constructor(page: Page, path: string) {
    super(page, path);
    this.seats = page.getByRole('region', { name: 'Seats', exact: true });
    this.waitlist = page.getByRole('region', { name: 'Waitlist' }).getByRole('table');
    this.decisions = page
      .locator('section')
      .filter({ has: page.getByRole('heading', { name: 'Recent decisions' }) })
      .getByRole('listitem');
    this.changes = page
      .locator('section')
      .filter({ has: page.getByRole('heading', { name: 'Limit changes' }) })
      .getByRole('listitem');
    this.changeLimit = page.getByRole('link', { name: /^(Change|Set) seat limit$/ });
  }

  /** All people on the waitlist, the next one first. */
  get waiting(): Locator {
    return this.waitlist.getByRole('rowheader');
  }
}
