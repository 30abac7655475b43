import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface TakenSms {
  readonly path: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly authKey: string | undefined;
}

/** Stands for MSG91 and for Gupshup: each answers at its own path, as its documents say. */
export class SmsDouble {
  readonly taken: TakenSms[] = [];
  /** In place of the next answers. */
  readonly failures: ({ readonly status: number; readonly headers?: Readonly<Record<string, string>> } | 'hang')[] = [];

  private constructor(private readonly server: Server) {
    server.on('request', async (request, response) => {
      const body = await bodyOf(request);
      const failure = this.failures.shift();
      if (failure === 'hang') return;
      if (failure !== undefined) return void response.writeHead(failure.status, failure.headers).end('{}');
      const path = request.url ?? '';
      this.taken.push({ path, fields: Object.fromEntries(new URLSearchParams(body)), authKey: request.headers.authkey?.toString() });
      const id = `sms-${this.taken.length}`;
      const answer = path.startsWith('/GatewayAPI')
        ? { response: { id, phone: '91', status: 'success' } }
        : { message: id, type: 'success' };
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    });
  }

  static async start(): Promise<SmsDouble> {
    const double = new SmsDouble(createServer());
    await new Promise<void>((resolve) => double.server.listen(0, '127.0.0.1', resolve));
    return double;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  return body;
}
