import { connect, createServer, type Server, type Socket } from 'node:net';

/** A network between a test and a store that can swallow everything, as a failed-over machine does: no answer, no reset, no end. */
export class Network {
  private readonly links: { readonly near: Socket; readonly far: Socket; isSilent: boolean }[] = [];
  private isSilent = false;

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async to(target: URL): Promise<Network> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const url = new URL(target);
    url.host = `127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
    const network = new Network(server, url.href);
    server.on('connection', (near) => network.join(near, connect(Number(target.port), target.hostname)));
    return network;
  }

  private join(near: Socket, far: Socket): void {
    const link = { near, far, isSilent: this.isSilent };
    this.links.push(link);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.on('error', () => undefined);
      from.on('data', (bytes) => {
        if (!link.isSilent) to.write(bytes);
      });
      from.on('close', () => {
        if (!link.isSilent) to.destroy();
      });
    }
  }

  silence(): void {
    this.isSilent = true;
    for (const link of this.links) link.isSilent = true;
  }

  /** For new connections; the old ones stay silent. */
  heal(): void {
    this.isSilent = false;
  }

  async close(): Promise<void> {
    for (const { near, far } of this.links) {
      near.destroy();
      far.destroy();
    }
    await new Promise((resolve) => this.server.close(resolve));
  }
}
