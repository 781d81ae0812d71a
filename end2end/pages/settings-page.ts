// The settings of an organization, and the preview of its end.
import { type Locator, type Page } from '@playwright/test';
import { BasePage } from './base-page.ts';

export class SettingsPage extends BasePage {
  readonly plan: Locator;
  readonly details: Locator;
  readonly name: Locator;
  readonly externalId: Locator;
  readonly accountManager: Locator;
  readonly saveDetails: Locator;
  readonly notes: Locator;
  readonly note: Locator;
  readonly saveNotes: Locator;
  readonly alerts: Locator;
  readonly slackAddress: Locator;
  readonly saveAlerts: Locator;
  readonly archive: Locator;
  readonly reason: Locator;

  constructor(page: Page, path: string) {
    super(page, path);
    this.plan = page.getByRole('region', { name: 'Seat limit and admission policy' });
    this.details = page.getByRole('region', { name: 'Details' });
    this.name = this.details.getByRole('textbox', { name: 'Name' });
    this.externalId = this.details.getByRole('textbox', { name: 'External id' });
    this.accountManager = this.details.getByRole('combobox', { name: 'Account manager' });
    this.saveDetails = this.details.getByRole('button', { name: 'Save details' });
    this.notes = page.getByRole('region', { name: 'Notes' });
    this.note = this.notes.getByRole('textbox', { name: 'Notes' });
    this.saveNotes = this.notes.getByRole('button', { name: 'Save notes' });
    this.alerts = page.getByRole('region', { name: 'Alerts' });
    this.slackAddress = this.alerts.getByLabel('Slack address');
    this.saveAlerts = this.alerts.getByRole('button', { name: 'Save alerts' });
    this.archive = page.getByRole('region', { name: 'Archive' });
    this.reason = page.getByRole('textbox', { name: 'Reason' });
  }
}
