// A real SMTP listener for all servers under test. It runs in Playwright's first process and puts every e-mail, unchanged, into
// a folder for each recipient, where the workers read it. It ends last, so it also removes the folder.
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

// The file is renamed when it is complete, so that no test reads half an e-mail.
function keep(recipient: string, email: Buffer, number: number): void {
  const folder = join(mailFolder, recipient.toLowerCase());
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${String(number).padStart(6, '0')}.eml`);
  writeFileSync(`${file}.part`, email);
  renameSync(`${file}.part`, file);
}
