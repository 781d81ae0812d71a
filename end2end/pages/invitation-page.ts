// The page that the link of an invitation opens.
import { type Locator, type Page } from '@playwright/test';
import type { mail } from '../support/mail.ts';

export class InvitationPage {
  readonly heading: Locator;
  readonly name: Locator;

  constructor(readonly page: Page) {
    this.heading = page.getByRole('heading', { level: 1 });
    this.name = page.getByRole('textbox', { name: 'Your name' });
  }

  async makeAccount(name: string, password: string): Promise<void> {
    await this.name.fill(name);
    await this.page.getByLabel('Password').fill(password);
    await this.page.getByRole('button', { name: 'Make the account' }).click();
  }
}

/** The path of the link in the newest e-mail with an invitation. */
export async function linkTo(mailbox: typeof mail, address: string, subject: string): Promise<string> {
  const email = await mailbox.to(address).expect(subject);
  const [link] = email.text!.match(/https?:\/\/\S+\/invitations\/\S+/)!;
  return new URL(link).pathname;
}
