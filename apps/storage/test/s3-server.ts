import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '#libs/testing/builders';
import { freePort } from '#libs/testing/redis-server';

const PROGRAM = process.env.VERSITYGW || 'versitygw';
const CREDENTIALS = { S3_ACCESS_KEY_ID: 'storage-tests', S3_SECRET_ACCESS_KEY: 'a-secret-of-storage-tests' };

/** Whether there is a real S3 server to test on. With REQUIRE_S3 there must be one. */
export const hasS3 = process.env.REQUIRE_S3 === '1' || spawnSync(PROGRAM, ['--version']).status === 0;

/** A real S3 server, versitygw, over a folder of its own: it checks signatures, and knows when it is away. */
export class S3Server {
  private program: ChildProcess | undefined;

  private constructor(
    private readonly folder: string,
    readonly port: number,
  ) {}

  static async start(): Promise<S3Server> {
    const folder = mkdtempSync(join(tmpdir(), 'only2u-s3-'));
    mkdirSync(join(folder, 'data'));
    mkdirSync(join(folder, 'meta'));
    const server = new S3Server(folder, await freePort());
    await server.resume();
    return server;
  }

  /** Variables of a service that keeps its files here. */
  environment(bucket: string, port = this.port): Record<string, string> {
    return { S3_BUCKET: bucket, S3_ENDPOINT: `http://127.0.0.1:${port}`, ...CREDENTIALS };
  }

  async resume(): Promise<void> {
    const { S3_ACCESS_KEY_ID: ROOT_ACCESS_KEY, S3_SECRET_ACCESS_KEY: ROOT_SECRET_KEY } = CREDENTIALS;
    const args = [
      '--port',
      `127.0.0.1:${this.port}`,
      '--region',
      'us-east-1',
      'posix',
      '--sidecar',
      join(this.folder, 'meta'),
      join(this.folder, 'data'),
    ];
    this.program = spawn(PROGRAM, args, { env: { PATH: process.env.PATH, ROOT_ACCESS_KEY, ROOT_SECRET_KEY }, stdio: 'ignore' });
    await eventually(
      () =>
        new Promise<boolean>((resolve) => {
          const socket = connect(this.port, '127.0.0.1');
          socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
          socket.once('connect', () => socket.destroy());
        }),
    );
  }

  async pause(): Promise<void> {
    const { program } = this;
    if (program === undefined || program.exitCode !== null) return;
    const ended = new Promise((resolve) => program.once('exit', resolve));
    program.kill('SIGKILL');
    await ended;
  }

  /** Accepts and never answers. */
  freeze(): void {
    this.program?.kill('SIGSTOP');
  }
  thaw(): void {
    this.program?.kill('SIGCONT');
  }

  async stop(): Promise<void> {
    await this.pause();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
