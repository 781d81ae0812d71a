// The mailboxes of all addresses that a test causes e-mails to: `await mail.to('ada@acme.test').expect('Seat limit reached')`.
import { expect } from '@playwright/test';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import PostalMime, { type Email } from 'postal-mime';
import { mailFolder } from './servers.ts';

/** A message about numbers leaves when they have not changed for 10 s. */
const timeout = 25_000;

export class Mailbox {
  constructor(private readonly address: string) {}

  /** All e-mails so far, oldest first. */
  async emails(): Promise<Email[]> {
    const folder = join(mailFolder, this.address.toLowerCase());
    const files = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith('.eml')).sort() : [];
    return Promise.all(files.map((file) => PostalMime.parse(readFileSync(join(folder, file)))));
  }

  /** Waits for an e-mail with this subject (or part of it) and returns it. */
  async expect(subject: string | RegExp): Promise<Email> {
    const fits = (email: Email) => (typeof subject === 'string' ? email.subject?.includes(subject) : subject.test(email.subject ?? ''));
    let found: Email | undefined;
    await expect.poll(async () => {
      const emails = await this.emails();
      found = emails.find(fits);
      return found ? 'it came' : emails.map((email) => email.subject);
    }, { timeout, message: `an e-mail to ${this.address} about ${subject}` }).toBe('it came');
    return found!;
  }

  /** Exactly this many e-mails; wait first for the event that comes before. */
  async expectCount(count: number): Promise<void> {
    await expect.poll(async () => (await this.emails()).length, { timeout, message: `e-mails to ${this.address}` }).toBe(count);
  }
}

export const mail = { to: (address: string) => new Mailbox(address) };
