// One organization: its numbers, the waiting line, what was decided.
import type { Locator, Page } from '@playwright/test';
import { Place } from './place.ts';

export class OrganizationPage extends Place {
  readonly seats: Locator;
  readonly line: Locator;
  readonly decisions: Locator;
  readonly changes: Locator;
  readonly changeLimit: Locator;

  constructor(page: Page, path: string) {
    super(page, path);
    this.seats = page.getByRole('region', { name: 'Seats', exact: true });
    this.line = page.getByRole('region', { name: 'Waiting line' }).getByRole('table');
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

  /** Everybody in the line, the next one first. */
  get waiting(): Locator {
    return this.line.getByRole('rowheader');
  }
}
