// The organization switcher in the sidebar.
import { type Locator, type Page } from '@playwright/test';

export class Switcher {
  readonly opener: Locator;
  readonly panel: Locator;
  readonly search: Locator;
  readonly options: Locator;
  readonly recent: Locator;
  readonly others: Locator;

  constructor(readonly page: Page) {
    this.opener = page.getByRole('button', { name: /^Organization: |^Choose an organization$/ });
    this.panel = page.getByRole('dialog', { name: 'Choose an organization' });
    this.search = this.panel.getByRole('combobox', { name: 'Search organizations' });
    this.options = this.panel.getByRole('option');
    this.recent = this.panel.getByRole('group', { name: 'Recent' }).getByRole('option');
    this.others = this.panel.getByRole('group', { name: /^Others$|^Organizations$/ }).getByRole('option');
  }

  /** What Enter opens. */
  get active(): Locator {
    return this.panel.getByRole('option', { selected: true });
  }
}
