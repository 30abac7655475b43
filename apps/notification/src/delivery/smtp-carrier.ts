import { Readable } from 'node:stream';
import type { SendMailOptions, Transporter } from 'nodemailer';
import type { SuppressionRepository } from '../reach/suppression.repository.ts';
import { Breaker } from './breaker.ts';
import { headersOf, messageIdOf } from './mail-headers.ts';
import type { Carrier, Message, Outcome } from './outgoing.ts';

const AT_ONCE = 5;
const CONNECT_MS = 5_000;
const ANSWER_MS = 10_000;

/** Without the last one an unsubscribe button counts for nothing (RFC 8058, 4), and nodemailer does not sign it unless told. */
const SIGNED = [
  ...['From', 'Reply-To', 'Subject', 'Date', 'Message-ID', 'To', 'MIME-Version', 'Content-Type', 'Content-Transfer-Encoding'],
  ...['Auto-Submitted', 'List-Unsubscribe', 'List-Unsubscribe-Post'],
].join(':');

export interface Dkim {
  readonly domainName: string;
  readonly keySelector: string;
  readonly privateKey: string;
}

export interface SmtpOptions {
  readonly url: string;
  /** Takes what the first one would not, from the second try on. */
  readonly fallbackUrl: string | undefined;
  /** `Only2U <shop@only2u.in>` */
  readonly from: string;
  readonly dkim: Dkim | undefined;
  readonly suppressions: SuppressionRepository;
}

/** What nodemailer throws; `code` alone does not tell 4xx from 5xx (EENVELOPE is both), `responseCode` does. */
interface SmtpError extends Error {
  readonly code?: string;
  readonly responseCode?: number;
  readonly command?: string;
}

interface Server {
  readonly name: string;
  readonly breaker: Breaker;
  readonly transport: () => Promise<Transporter>;
}

/** Mail by SMTP. */
export class SmtpCarrier implements Carrier {
  readonly atOnce = AT_ONCE;
  private readonly servers: readonly Server[];
  private readonly host: string;

  constructor(private readonly options: SmtpOptions) {
    const { url, fallbackUrl, from } = options;
    this.servers = [
      serverAt('smtp', url, options.dkim),
      ...(fallbackUrl === undefined ? [] : [serverAt('smtp-fallback', fallbackUrl, options.dkim)]),
    ];
    this.host = /@([^>\s]+)/.exec(from)?.[1] ?? 'localhost';
  }

  /** While one of the servers is worth asking, messages go on. */
  restsFor(): number {
    return Math.min(...this.servers.map(({ breaker }) => breaker.restsFor()));
  }

  carry(messages: readonly Message[]): Promise<readonly Outcome[]> {
    return Promise.all(messages.map((message) => this.send(message)));
  }

  close(): void {
    for (const { transport } of this.servers)
      transport()
        .then((one) => one.close())
        .catch(() => undefined);
  }

  private async send(message: Message): Promise<Outcome> {
    const server = this.serverFor(message);
    const handOver = { hasBegun: false };
    try {
      await (await server.transport()).sendMail({ ...this.mailOf(message), onRead: () => (handOver.hasBegun = true) } as SendMailOptions);
      server.breaker.answered();
      return { state: 'sent', provider: server.name };
    } catch (error) {
      return this.outcomeOf(error as SmtpError, server, message, handOver.hasBegun);
    }
  }

  private serverFor({ tries }: Message): Server {
    const [first, fallback] = this.servers as [Server, Server?];
    return fallback !== undefined && (tries > 0 || first.breaker.restsFor() > 0) ? fallback : first;
  }

  private mailOf(message: Message): SendMailOptions {
    const { to, subject = '', text, html } = message;
    return {
      from: this.options.from,
      // As an object: in a text a comma would be a second recipient.
      to: { name: '', address: to[0] ?? '' },
      subject,
      text,
      ...(html === undefined ? {} : { html }),
      messageId: messageIdOf(message, this.host),
      headers: { ...headersOf(message) },
      disableFileAccess: true,
      disableUrlAccess: true,
    };
  }

  private async outcomeOf(error: SmtpError, { name: provider, breaker }: Server, { to }: Message, hasBegun: boolean): Promise<Outcome> {
    const { responseCode, code = 'failed', command } = error;
    if (responseCode !== undefined && responseCode >= 500) {
      breaker.answered();
      if (command !== 'RCPT TO') return { state: 'failed', provider, code: String(responseCode) };
      await this.options.suppressions.add('email', to[0] ?? '', 'bounce');
      return { state: 'bounced', provider, code: String(responseCode) };
    }
    breaker.failed();
    // The text was on its way, and nobody said whether it was taken.
    if (responseCode === undefined && hasBegun) return { state: 'unknown', provider, code };
    return { state: 'again', provider, code: String(responseCode ?? code) };
  }
}

function serverAt(name: string, url: string, dkim: Dkim | undefined): Server {
  let made: Promise<Transporter> | undefined;
  const make = async (): Promise<Transporter> => {
    const { createTransport } = await import('nodemailer');
    const timeouts = { connectionTimeout: CONNECT_MS, greetingTimeout: CONNECT_MS, socketTimeout: ANSWER_MS };
    const mailer = createTransport({
      url,
      pool: true,
      maxConnections: AT_ONCE * 2,
      maxMessages: 100,
      ...timeouts,
      ...(dkim === undefined ? {} : { dkim: { ...dkim, headerFieldNames: SIGNED } }),
    });
    tellWhenRead(mailer);
    return mailer;
  };
  return {
    name,
    breaker: new Breaker(),
    transport: () => {
      made ??= make();
      return made;
    },
  };
}

/** The text is read once the server has said that it takes it, and nodemailer's errors do not say whether that was so. */
function tellWhenRead({ transporter }: Transporter): void {
  const send = transporter.send.bind(transporter);
  transporter.send = (mail, done) => {
    const { onRead } = mail.data as SendMailOptions & { onRead?: () => void };
    mail.message.processFunc((text) =>
      Readable.from(
        (async function* () {
          onRead?.();
          yield* text;
        })(),
        { objectMode: false },
      ),
    );
    send(mail, done);
  };
}
