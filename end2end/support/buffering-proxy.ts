// A proxy that keeps a stream back until it ends, as some do: everything else goes through at once.
import { createServer, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export class BufferingProxy {
  private buffers = true;
  private readonly kept = new Set<ServerResponse>();

  private constructor(private readonly server: Server, readonly url: string) {}

  static async before(target: string): Promise<BufferingProxy> {
    const server = createServer();
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const proxy = new BufferingProxy(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    server.on('request', (asked, answer) => {
      const onward = request(new URL(asked.url!, target), { method: asked.method, headers: asked.headers }, (answered) => {
        if (proxy.buffers && asked.url!.startsWith('/live?')) {
          proxy.kept.add(answer);
          answered.resume();
        } else {
          answer.writeHead(answered.statusCode!, answered.headers);
          answered.pipe(answer);
        }
      });
      onward.on('error', () => answer.destroy());
      answer.on('close', () => onward.destroy());
      asked.pipe(onward);
    });
    return proxy;
  }

  /** What was kept back breaks off; from now on everything goes through. */
  letThrough(): void {
    this.buffers = false;
    this.kept.forEach((answer) => answer.destroy());
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }
}
