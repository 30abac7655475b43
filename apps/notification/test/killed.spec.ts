import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { authApi } from '#libs/contracts/auth/api';
import { eventually } from '#libs/testing/builders';
import { SmtpDouble } from '../../../doubles/smtp/smtp-double.ts';
import { aMessageDue, aPerson, people } from './notification-fixture.ts';
import { NotificationProcess } from './notification-process.ts';

/** The service as a process, killed with -9 between the steps of a message; the next process finds what it left. */
const START_LIMIT_MS = 180_000;
/** Longer than a process that starts on a busy machine needs for what it finds. */
const SOON_MS = 60_000;
let smtp: SmtpDouble;
let running: NotificationProcess;

beforeAll(async () => {
  smtp = await SmtpDouble.start();
  running = await NotificationProcess.open({ SMTP_URL: smtp.url, DIGEST_SECONDS: '0' });
}, START_LIMIT_MS);
afterAll(async () => {
  await running?.close();
  await smtp?.stop();
});
beforeEach(() => {
  people.clear();
  smtp.goOn();
});

const { messageDue, securityNoticed } = authApi.events;
const aMail = () => aMessageDue({ template: 'email_verification', channel: 'email', to: `${uuidv7()}@example.com` }, 'a-token');
const tell = (due: ReturnType<typeof aMail>) => running.tell(messageDue, due.messageId, due);
const mailsTo = (address: string) => smtp.mails.filter(({ recipients }) => recipients.includes(address)).length;

/** What is known of a message: on its way, or filed. */
const statesOf = (notificationId: string, channel: string) =>
  running
    .rows<{ state: string }>(
      `SELECT state FROM outgoing WHERE notification_id = $1 AND channel = $2
       UNION ALL SELECT state FROM deliveries WHERE notification_id = $1 AND channel = $2`,
      [notificationId, channel],
    )
    .then((rows) => rows.map(({ state }) => state));
const isState = (notificationId: string, state: string, channel = 'email') =>
  eventually(async () => (await statesOf(notificationId, channel)).join() === state, SOON_MS);
/** Filed once, so, and nothing of it is left on its way. */
const endsAs = (notificationId: string, state: string, channel = 'email') =>
  eventually(async () => {
    const filed = await running.rows<{ state: string }>('SELECT state FROM deliveries WHERE notification_id = $1 AND channel = $2', [
      notificationId,
      channel,
    ]);
    const left = await running.rows('SELECT 1 FROM outgoing WHERE notification_id = $1 AND channel = $2', [notificationId, channel]);
    return left.length === 0 && filed.map((one) => one.state).join() === state;
  }, SOON_MS);

/** The process dies here; what it had on lease is due when the next one is there. */
async function dies(meanwhile: () => unknown = () => undefined): Promise<void> {
  await running.kill();
  await meanwhile();
  await running.rows(`UPDATE outgoing SET due_at = now() - interval '1 second' WHERE state IN ('queued', 'waiting', 'sending')`);
  await running.rows('UPDATE campaigns SET due_at = now()');
  await running.start();
}

describe('a process that is killed', () => {
  it('while it hears of an event leaves none, and the event that comes again five times makes one message', async () => {
    const due = aMail();
    const unlock = await running.lock('LOCK TABLE outgoing IN EXCLUSIVE MODE');
    const heard = tell(due).catch(() => undefined);
    await eventually(() => running.isBlocked('INSERT INTO outgoing'));
    await dies(unlock);
    await heard;
    await Promise.all(Array.from({ length: 5 }, () => tell(due)));
    await endsAs(due.messageId, 'sent');
    expect(mailsTo(due.to)).toBe(1);
  });

  it('between the claim and the hand-over leaves a message that is sent once', async () => {
    const person = aPerson();
    const contacts = running.holdNext('contacts');
    const id = uuidv7();
    await running.tell(securityNoticed, id, { userId: person.userId, template: 'password_changed', at: new Date().toISOString() });
    await eventually(() => contacts.asked);
    await dies(contacts.letGo);
    await eventually(() => mailsTo(person.email ?? '') > 0, SOON_MS);
    const [row] = await eventually(async () => {
      const rows = await running.rows<{ state: string; notification_id: string }>(
        `SELECT state, notification_id FROM deliveries WHERE user_id = $1 AND channel = 'email'`,
        [person.userId],
      );
      return rows.length > 0 && rows;
    }, SOON_MS);
    expect([row?.state, mailsTo(person.email ?? '')]).toEqual(['sent', 1]);
    await endsAs(row?.notification_id ?? '', 'delivered', 'in_app');
  });

  it('before the server has the mail leaves one of which nobody knows, and it is not sent', async () => {
    smtp.rules = [{ at: 'MAIL', answer: 'hang' }];
    const due = aMail();
    await tell(due);
    await isState(due.messageId, 'sending');
    await dies(() => smtp.goOn());
    await endsAs(due.messageId, 'unknown');
    expect(mailsTo(due.to)).toBe(0);
  });

  it('while the server has the mail and has not answered leaves one of which nobody knows, and it is not sent again', async () => {
    smtp.rules = [{ at: 'END', answer: 'hang' }];
    const due = aMail();
    await tell(due);
    await eventually(() => mailsTo(due.to) === 1, SOON_MS);
    await dies(() => smtp.goOn());
    await endsAs(due.messageId, 'unknown');
    expect(mailsTo(due.to)).toBe(1);
  });

  it('between the server’s answer and its record leaves one of which nobody knows, and it is not sent again', async () => {
    smtp.rules = [{ at: 'END', answer: 'hang' }];
    const due = aMail();
    await tell(due);
    await eventually(() => mailsTo(due.to) === 1, SOON_MS);
    const unlock = await running.lock('SELECT 1 FROM outgoing WHERE notification_id = $1 FOR UPDATE', [due.messageId]);
    smtp.goOn();
    await eventually(() => running.isBlocked('WITH recorded AS'), SOON_MS);
    await dies(unlock);
    await endsAs(due.messageId, 'unknown');
    expect(mailsTo(due.to)).toBe(1);
  });

  it('between the record and the filing leaves one that is filed once, as it was recorded', async () => {
    const unlock = await running.lock('LOCK TABLE deliveries IN EXCLUSIVE MODE');
    const due = aMail();
    await tell(due);
    await eventually(() => running.isBlocked('INSERT INTO deliveries'), SOON_MS);
    await dies(async () => {
      await unlock();
      // The lease of the filing, too.
      await running.rows('UPDATE outgoing SET due_at = now()');
    });
    await endsAs(due.messageId, 'sent');
    expect(mailsTo(due.to)).toBe(1);
  });

  it('between a list and its record leaves a notification that stands there once', async () => {
    const { userId } = aPerson({ email: null });
    const unlockList = await running.lock('LOCK TABLE notifications IN EXCLUSIVE MODE');
    await running.tell(securityNoticed, uuidv7(), { userId, template: 'session_replay', at: new Date().toISOString() });
    await eventually(() => running.isBlocked('INSERT INTO notifications'), SOON_MS);
    const unlock = await running.lock(`SELECT 1 FROM outgoing WHERE user_id = $1 AND channel = 'in_app' FOR UPDATE`, [userId]);
    await unlockList();
    await eventually(() => running.isBlocked('WITH recorded AS'), SOON_MS);
    await dies(unlock);
    const [row] = await eventually(async () => {
      const rows = await running.rows<{ id: string }>('SELECT id FROM notifications WHERE user_id = $1', [userId]);
      return rows.length > 0 && rows;
    }, SOON_MS);
    await endsAs(row?.id ?? '', 'delivered', 'in_app');
    expect(await running.rows('SELECT id FROM notifications WHERE user_id = $1', [userId])).toHaveLength(1);
  });

  it('while it expands a campaign leaves one that each user gets once', async () => {
    const readers = Array.from({ length: 1_200 }, () => aPerson({ email: null, phone: null }).userId);
    const [id, accounts] = [uuidv7(), running.holdNext('accounts')];
    await running.rows(
      `INSERT INTO campaigns (id, category, title, body, data, channels, segment, status, send_at, due_at, recipients, created_by)
       VALUES ($1, 'orders', 'News', 'Hello', '{}', '{in_app}', '{"everyone": true}', 'running', now(), now(), 0, $2)`,
      [id, uuidv7()],
    );
    // The first batch is written, and the second one asked for.
    await eventually(() => accounts.asked, SOON_MS);
    await dies(accounts.letGo);
    await eventually(
      async () => (await running.rows(`SELECT 1 FROM campaigns WHERE id = $1 AND status = 'done'`, [id])).length === 1,
      SOON_MS,
    );
    const told = await running.rows<{ user_id: string }>(`SELECT user_id FROM notifications WHERE template IS NULL`);
    expect(told.map(({ user_id }) => user_id).sort()).toEqual([...readers].sort());
    expect(await running.rows('SELECT recipients FROM campaigns WHERE id = $1', [id])).toEqual([{ recipients: 1_200 }]);
  });
});
