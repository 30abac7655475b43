import type { AddressInfo } from 'node:net';
import { createServer, type Server, type Socket } from 'node:net';

/** What the server says at a step in place of its own answer; `hang` says nothing before `goOn`. */
export type Rule = { readonly at: 'CONNECT' | 'MAIL' | 'RCPT' | 'DATA' | 'END'; readonly answer: `${number} ${string}` | 'hang' };

export interface TakenMail {
  readonly from: string;
  readonly recipients: readonly string[];
  /** Head and body as they came. */
  readonly source: string;
}

/** A small SMTP server (RFC 5321) that keeps what it takes, and fails as it is told. */
export class SmtpDouble {
  readonly mails: TakenMail[] = [];
  rules: Rule[] = [];
  connections = 0;
  private readonly sockets = new Set<Socket>();
  private readonly held: (() => void)[] = [];

  private constructor(private readonly server: Server) {
    server.on('connection', (socket) => this.serve(socket));
  }

  static async start(): Promise<SmtpDouble> {
    const double = new SmtpDouble(createServer());
    await new Promise<void>((resolve) => double.server.listen(0, '127.0.0.1', resolve));
    return double;
  }

  get url(): string {
    return `smtp://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Says what hangs. */
  goOn(): void {
    this.rules = [];
    for (const say of this.held.splice(0)) say();
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private serve(socket: Socket): void {
    this.sockets.add(socket);
    this.connections += 1;
    socket.on('close', () => this.sockets.delete(socket)).on('error', () => undefined);
    let [from, recipients, source, readsData, rest] = ['', [] as string[], '', false, ''];
    const say = (at: Rule['at'] | undefined, own: string): boolean => {
      const rule = this.rules.find((one) => one.at === at);
      if (rule?.answer === 'hang') this.held.push(() => socket.write(`${own}\r\n`));
      else socket.write(`${rule?.answer ?? own}\r\n`);
      return rule === undefined;
    };
    say('CONNECT', '220 double ready');
    const command = (line: string): void => {
      const verb = line.slice(0, 4).toUpperCase();
      if (verb === 'EHLO' || verb === 'HELO') say(undefined, '250 double');
      else if (verb === 'MAIL') {
        [from, recipients] = [addressIn(line), []];
        say('MAIL', '250 ok');
      } else if (verb === 'RCPT') {
        if (say('RCPT', '250 ok')) recipients.push(addressIn(line));
      } else if (verb === 'DATA') {
        readsData = say('DATA', '354 go on');
        source = '';
      } else if (verb === 'QUIT') socket.end('221 bye\r\n');
      else say(undefined, '250 ok');
    };
    socket.on('data', (bytes) => {
      rest += bytes.toString('utf8');
      for (let end = rest.indexOf('\r\n'); end >= 0; end = rest.indexOf('\r\n')) {
        const line = rest.slice(0, end);
        rest = rest.slice(end + 2);
        if (!readsData) command(line);
        else if (line === '.') {
          readsData = false;
          // Taken whether or not the answer arrives: that is what makes a mail `unknown`.
          this.mails.push({ from, recipients, source });
          say('END', '250 taken');
        } else source += `${line.startsWith('..') ? line.slice(1) : line}\r\n`;
      }
    });
  }
}

const addressIn = (line: string): string => /<([^>]*)>/.exec(line)?.[1] ?? '';
