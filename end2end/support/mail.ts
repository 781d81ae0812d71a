// The mailboxes of everybody a test wrote to: `await mail.to('ada@acme.test').expect('Seat limit reached')`.
import { expect } from '@playwright/test';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import PostalMime, { type Email } from 'postal-mime';
import { mailFolder } from './servers.ts';

export class Mailbox {
  constructor(private readonly address: string) {}

  /** All letters so far, oldest first. */
  async letters(): Promise<Email[]> {
    const folder = join(mailFolder, this.address.toLowerCase());
    const files = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith('.eml')).sort() : [];
    return Promise.all(files.map((file) => PostalMime.parse(readFileSync(join(folder, file)))));
  }

  /** Waits for a letter with this subject (or part of it) and gives it back. */
  async expect(subject: string | RegExp): Promise<Email> {
    const fits = (letter: Email) => (typeof subject === 'string' ? letter.subject?.includes(subject) : subject.test(letter.subject ?? ''));
    let found: Email | undefined;
    await expect.poll(async () => {
      const letters = await this.letters();
      found = letters.find(fits);
      return found ? 'it came' : letters.map((letter) => letter.subject);
    }, { message: `a letter to ${this.address} about ${subject}` }).toBe('it came');
    return found!;
  }

  /** Nothing more than this many letters; wait for what should happen first. */
  async expectCount(count: number): Promise<void> {
    await expect.poll(async () => (await this.letters()).length, { message: `letters to ${this.address}` }).toBe(count);
  }
}

export const mail = { to: (address: string) => new Mailbox(address) };
