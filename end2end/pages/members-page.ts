import { type Locator, type Page } from '@playwright/test';
import { BasePage } from './base-page.ts';

/** The members of an organization, or the staff accounts: both have the open invitations, too. */
export class MembersPage extends BasePage {
  readonly email: Locator;
  readonly send: Locator;

  constructor(page: Page, organizationId?: string) {
    super(page, organizationId ? `/organizations/${organizationId}/members` : '/settings/accounts');
    this.email = page.getByRole('textbox', { name: 'E-mail' });
    this.send = page.getByRole('button', { name: 'Send the invitation' });
  }

  async invite(email: string, role: string): Promise<void> {
    await this.email.fill(email);
    await this.page.getByRole('combobox', { name: 'Role', exact: true }).selectOption(role);
    await this.send.click();
  }

  /** Opens what can be done about an account. */
  async open(email: string): Promise<Locator> {
    const row = this.row(email);
    await row.getByText('Change', { exact: true }).click();
    return row;
  }

  async give(email: string, role: string): Promise<void> {
    const row = await this.open(email);
    await row.getByRole('combobox').selectOption(role);
    await row.getByRole('button', { name: 'Save role' }).click();
  }

  /** Opens the second step, and confirms it. */
  async confirm(email: string, first: string, second: string): Promise<void> {
    const row = await this.open(email);
    await row.getByText(first).click();
    await row.getByRole('button', { name: second }).click();
  }
}
