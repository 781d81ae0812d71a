// A real SMTP listener for all servers under test. It runs in Playwright's first process and puts every letter, as it came, into
// a folder for each recipient, where the workers read it. It ends last, and so it also clears away.
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SMTPServer } from 'smtp-server';
import { folder, mailFolder, mailPort } from './servers.ts';

export default async function start(): Promise<() => Promise<void>> {
  let count = 0;
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData(stream, session, answer) {
      const pieces: Buffer[] = [];
      stream.on('data', (piece: Buffer) => pieces.push(piece));
      stream.on('end', () => {
        for (const { address } of session.envelope.rcptTo) keep(address, Buffer.concat(pieces), ++count);
        answer();
      });
    },
  });
  await new Promise<void>((listening) => server.listen(mailPort, '127.0.0.1', listening));
  return async () => {
    await new Promise<void>((closed) => server.close(closed));
    rmSync(folder, { recursive: true, force: true });
  };
}

// Renamed into place, so that nobody reads half a letter.
function keep(recipient: string, letter: Buffer, number: number): void {
  const folder = join(mailFolder, recipient.toLowerCase());
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${String(number).padStart(6, '0')}.eml`);
  writeFileSync(`${file}.part`, letter);
  renameSync(`${file}.part`, file);
}
