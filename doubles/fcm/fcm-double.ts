import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';

export interface Pushed {
  readonly project: string;
  readonly token: string;
  readonly notification: { readonly title?: string; readonly body?: string };
  readonly data: Readonly<Record<string, string>>;
}

interface Failure {
  readonly status: number;
  readonly code: string;
  /** The kind of details beside the status. */
  readonly details?: 'FcmError' | 'BadRequest';
  readonly retryAfter?: number;
}

/** FCM's HTTP v1 interface: keeps what is pushed, and fails by token as it is told. */
export class FcmDouble {
  readonly pushed: Pushed[] = [];
  readonly failures = new Map<string, Failure>();
  requests = 0;

  private constructor(private readonly server: Server) {
    server.on('request', async (request, response) => {
      this.requests += 1;
      const project = /^\/v1\/projects\/([^/]+)\/messages:send$/.exec(request.url ?? '')?.[1];
      let body = '';
      for await (const chunk of request) body += String(chunk);
      if (request.method !== 'POST' || project === undefined) return void response.writeHead(404).end();
      const { message } = JSON.parse(body) as { message: { token: string; notification?: Pushed['notification']; data?: Pushed['data'] } };
      const failure = this.failures.get(message.token);
      response.setHeader('content-type', 'application/json');
      if (failure === undefined) {
        this.pushed.push({ project, token: message.token, notification: message.notification ?? {}, data: message.data ?? {} });
        response.end(JSON.stringify({ name: `projects/${project}/messages/${this.pushed.length}` }));
        return;
      }
      if (failure.retryAfter !== undefined) response.setHeader('retry-after', String(failure.retryAfter));
      response.writeHead(failure.status).end(JSON.stringify({ error: errorOf(failure) }));
    });
  }

  static async start(key: string, certificate: string): Promise<FcmDouble> {
    const double = new FcmDouble(createServer({ key, cert: certificate }));
    await new Promise<void>((resolve) => double.server.listen(0, '127.0.0.1', resolve));
    return double;
  }

  get url(): string {
    return `https://localhost:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

function errorOf({ status, code, details }: Failure): object {
  const type = 'type.googleapis.com';
  const found =
    details === 'BadRequest'
      ? [{ '@type': `${type}/google.rpc.BadRequest`, fieldViolations: [{ field: 'message.data', description: 'bad' }] }]
      : [{ '@type': `${type}/google.firebase.fcm.v1.FcmError`, errorCode: code }];
  return { code: status, message: code, status: code, details: details === undefined ? [] : found };
}
