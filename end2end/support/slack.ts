// A channel of Slack: an HTTP server that takes posts as an incoming webhook does.
import { expect } from '@playwright/test';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A message about numbers leaves when they have not changed for 10 s. */
const timeout = 25_000;

export class SlackChannel {
  readonly posts: string[] = [];

  private constructor(private readonly server: Server) {}

  static async open(): Promise<SlackChannel> {
    const channel: SlackChannel = new SlackChannel(createServer(async (request, response) => {
      const { text } = JSON.parse(await body(request));
      channel.posts.push(text);
      response.end('ok');
    }));
    await new Promise<void>((listening) => channel.server.listen(0, '127.0.0.1', listening));
    return channel;
  }

  get address(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/services/T0/B0/secret`;
  }

  /** Waits for a post with this text. */
  async expect(text: string): Promise<void> {
    await expect.poll(() => this.posts.join('\n\n'), { timeout, message: 'posts to Slack' }).toContain(text);
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((closed) => this.server.close(closed));
  }
}

async function body(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}
