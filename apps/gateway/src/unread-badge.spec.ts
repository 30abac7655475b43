import { describe, expect, it } from 'vitest';
import { UnreadBadges } from './unread-badge.ts';

describe('what is unread', () => {
  it('is told of both services with the sum of their versions, which never falls', () => {
    const badges = new UnreadBadges();
    expect(badges.of('meera')).toBeUndefined();
    badges.note('meera', 'notification', { unread: 3, version: 7 });
    expect([badges.of('meera'), badges.missing('meera')]).toEqual([{ notifications: 3, chat: 0, version: 7 }, ['chat']]);
    badges.note('meera', 'chat', { unread: 2, version: 5 });
    badges.note('meera', 'chat', { unread: 9, version: 4 });
    expect([badges.of('meera'), badges.missing('meera')]).toEqual([{ notifications: 3, chat: 2, version: 12 }, []]);
    badges.forget('meera');
    expect(badges.of('meera')).toBeUndefined();
  });

  it('is told to all sockets of a user once in each version', () => {
    const badges = new UnreadBadges();
    expect(badges.toTell('meera')).toBeUndefined();
    badges.note('meera', 'chat', { unread: 1, version: 5 });
    expect([badges.toTell('meera')?.version, badges.toTell('meera')]).toEqual([5, undefined]);
    badges.note('meera', 'chat', { unread: 9, version: 5 });
    expect(badges.toTell('meera')).toBeUndefined();
    badges.note('meera', 'notification', { unread: 1, version: 1 });
    expect(badges.toTell('meera')?.version).toBe(6);
    badges.forget('meera');
    badges.note('meera', 'chat', { unread: 0, version: 6 });
    expect(badges.toTell('meera')?.version).toBe(6);
  });
});
