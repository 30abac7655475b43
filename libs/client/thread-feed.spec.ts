import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { type Missed, type Numbered, ThreadFeed, type ThreadPlace } from './thread-feed.ts';

/** A thread as the server keeps it. */
class Kept {
  readonly messages: Numbered[] = [];
  revision = 0;

  send(): Numbered {
    this.revision += 1;
    const message = { id: `m${this.messages.length + 1}`, sequence: this.messages.length + 1, revision: this.revision };
    this.messages.push(message);
    return message;
  }

  edit(sequence: number): Numbered | undefined {
    const message = this.messages[sequence - 1];
    if (message === undefined) return undefined;
    this.revision += 1;
    const edited = { ...message, revision: this.revision };
    this.messages[sequence - 1] = edited;
    return edited;
  }

  missed({ after, revision }: ThreadPlace, limit: number): Missed<Numbered> {
    const above = this.messages.filter(({ sequence }) => sequence > after);
    return {
      messages: above.slice(0, limit),
      changed: this.messages.filter((message) => message.sequence <= after && message.revision > revision),
      more: above.length > limit,
      revision: this.revision,
    };
  }
}

/** What a reader has on their screen. */
function reading(kept: Kept, from: ThreadPlace = { after: 0, revision: 0 }) {
  const shown: Numbered[] = kept.messages.slice(0, from.after);
  const ask = vi.fn(async (place: ThreadPlace) => kept.missed(place, 3));
  const feed = new ThreadFeed<Numbered>(
    from,
    {
      messages: (messages) => shown.push(...messages),
      changed: (messages) => {
        for (const message of messages) shown[message.sequence - 1] = message;
      },
    },
    ask,
  );
  return { shown, feed, ask };
}

describe('a thread that is followed', () => {
  it('is given in order, each message once, whatever order they come in', () => {
    const kept = new Kept();
    const { shown, feed, ask } = reading(kept);
    const [one, two, three] = [kept.send(), kept.send(), kept.send()];
    for (const message of [two, one, two, three, one]) feed.heard(message);
    expect(shown).toEqual([one, two, three]);
    expect(ask).not.toHaveBeenCalled();
    feed.close();
  });

  it('is asked for where a message is missing, and where a change is', async () => {
    const kept = new Kept();
    const { shown, feed } = reading(kept);
    feed.heard(kept.send());
    kept.send();
    feed.heard(kept.send());
    await vi.waitFor(() => expect(shown).toEqual(kept.messages));
    kept.edit(1);
    feed.heard(kept.send());
    await vi.waitFor(() => expect(shown).toEqual(kept.messages));
    feed.close();
  });

  it('shows an edit of a message that was heard while the server was asked', async () => {
    const kept = new Kept();
    const { shown, feed, ask } = reading(kept);
    const one = kept.send();
    ask.mockImplementationOnce(async (place) => {
      feed.heard(one);
      kept.edit(1);
      return kept.missed(place, 3);
    });
    await feed.catchUp();
    expect(shown).toEqual(kept.messages);
    feed.close();
  });

  it('is asked for again when the server did not answer', async () => {
    const kept = new Kept();
    const { shown, feed, ask } = reading(kept);
    ask.mockRejectedValueOnce(new Error('away'));
    kept.send();
    await feed.catchUp();
    expect(shown).toEqual([]);
    await vi.waitFor(() => expect(shown).toEqual(kept.messages), 3_000);
    feed.close();
  });

  it('looks in the end as it is kept, whatever is lost, repeated or late', async () => {
    const step = fc.record({
      what: fc.constantFrom('send', 'edit'),
      at: fc.nat(9),
      fate: fc.constantFrom('heard', 'lost', 'late', 'twice'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const kept = new Kept();
        const { shown, feed } = reading(kept);
        const late: (() => void)[] = [];
        for (const { what, at, fate } of steps) {
          const message = what === 'send' ? kept.send() : kept.edit(at + 1);
          if (message === undefined) continue;
          const tell = (): void => (what === 'send' ? feed.heard(message) : feed.changed(message));
          if (fate === 'late') late.push(tell);
          else if (fate !== 'lost') tell();
          if (fate === 'twice') tell();
          expect(shown.map(({ sequence }) => sequence)).toEqual(shown.map((_, index) => index + 1));
        }
        for (const tell of late.reverse()) tell();
        await feed.catchUp();
        expect(shown).toEqual(kept.messages);
        feed.close();
      }),
    );
  });
});
