import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type ClientHttp2Session, connect, type IncomingHttpHeaders } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nginxConfiguration } from '../../tools/nginx.ts';
import { inTheEnd } from './builders.ts';
import { freePort } from './redis-server.ts';

const program = ['nginx', '/usr/sbin/nginx'].find((path) => spawnSync(path, ['-v']).status === 0);
const isRequired = ['1', 'true'].includes(process.env.REQUIRE_NGINX ?? '') || process.env.CI !== undefined;
/** False where no nginx is, unless it is asked for; then its absence is a failure. */
export const hasNginx = program !== undefined || isRequired;
if (!hasNginx) process.stderr.write('\nSKIPPED: what is asked through nginx. Install it, or set REQUIRE_NGINX=1 to fail.\n\n');

export interface Question {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** The address of this machine that asks, one of 127.0.0.0/8. */
  readonly from?: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** A real nginx with the shop's configuration, a certificate of its own, and clients that speak HTTP/2 over TLS with it. */
export class FrontProxy {
  private readonly sessions = new Map<string, ClientHttp2Session>();

  private constructor(
    private readonly process: ChildProcess,
    private readonly folder: string,
    readonly httpPort: number,
    readonly httpsPort: number,
    /** What its clients trust. */
    readonly certificate: Buffer,
  ) {}

  /** `gateways`: their URLs. `balancers`: who stands before nginx. */
  static async start(gateways: readonly string[], balancers: readonly string[] = []): Promise<FrontProxy> {
    const folder = mkdtempSync(join(tmpdir(), 'only2u-nginx-'));
    // Its workers are nobody where the suite runs as root.
    chmodSync(folder, 0o755);
    const [certificate, key, file] = ['certificate.pem', 'key.pem', 'nginx.conf'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    const made = spawnSync(
      'openssl',
      [
        ...['req', '-x509', '-nodes', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-days', '2', '-subj', '/CN=localhost'],
        ...['-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1', '-keyout', key, '-out', certificate],
      ],
      { encoding: 'utf8' },
    );
    if (made.status !== 0) throw new Error(`openssl made no certificate: ${made.error?.message ?? made.stderr}`);
    const [httpPort, httpsPort] = [await freePort(), await freePort()];
    const configuration = nginxConfiguration({
      listen: { http: `127.0.0.1:${httpPort}`, https: `127.0.0.1:${httpsPort}` },
      gateways: gateways.map((url) => new URL(url).host),
      ...{ certificate, key, folder, balancers, publicPort: httpsPort },
    });
    writeFileSync(file, configuration);
    const child = spawn(program ?? 'nginx', ['-c', file, '-p', folder, '-e', 'stderr'], { stdio: ['ignore', 'ignore', 'inherit'] });
    const proxy = new FrontProxy(child, folder, httpPort, httpsPort, readFileSync(certificate));
    await inTheEnd(async () => {
      if (child.exitCode !== null) throw new Error(`nginx has ended (${child.exitCode})`);
      await proxy.ask('/api/status');
    });
    return proxy;
  }

  get url(): string {
    return `https://127.0.0.1:${this.httpsPort}`;
  }

  async ask(path: string, { method = 'GET', headers = {}, body, from = '127.0.0.1' }: Question = {}): Promise<Answer> {
    const stream = this.sessionFrom(from).request({ ...headers, ':path': path, ':method': method });
    stream.end(body);
    const [head] = (await once(stream, 'response')) as [IncomingHttpHeaders & { ':status'?: number }];
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk as Buffer);
    return { status: head[':status'] ?? 0, headers: head, body: Buffer.concat(chunks) };
  }

  async stop(): Promise<void> {
    for (const session of this.sessions.values()) session.destroy();
    if (this.process.exitCode === null) {
      const gone = once(this.process, 'exit');
      this.process.kill('SIGTERM');
      await gone;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }

  private sessionFrom(address: string): ClientHttp2Session {
    const open = this.sessions.get(address);
    if (open !== undefined && !open.closed && !open.destroyed) return open;
    const session = connect(this.url, { ca: this.certificate, localAddress: address } as Parameters<typeof connect>[1]);
    // What was asked on it fails by itself.
    session.on('error', () => undefined);
    this.sessions.set(address, session);
    return session;
  }
}
