import { Inject, Injectable } from '@nestjs/common';
import { refuse } from '#libs/contracts/errors';
import { type ArchivedText, TextArchive } from '../store/text-archive.ts';
import { type Content, readContent } from './content.ts';
import { MessageRepository, type MessageRow } from './message.repository.ts';

export interface FullMessage {
  readonly row: MessageRow;
  readonly content: Content;
}

/** A text that is changed between two looks is looked at again so often. */
const LOOKS = 5;

/** Messages with what they say, wherever that lies. */
@Injectable()
export class MessageTexts {
  constructor(
    private readonly messages: MessageRepository,
    @Inject(TextArchive) private readonly archive: TextArchive | null,
  ) {}

  /** In their order. @throws unavailable while the store of one of them does not answer */
  async of(rows: readonly MessageRow[]): Promise<FullMessage[]> {
    const full = new Map<string, FullMessage>();
    let missing = rows;
    for (let look = 0; look < LOOKS && missing.length > 0; look += 1) {
      // A message was changed, and maybe moved, between the look at its row and that at its text.
      if (look > 0) missing = await this.messages.findMany(missing.map(({ id }) => id));
      const archived = await this.archived(missing.filter(({ content }) => content === null));
      for (const row of missing) {
        const text = row.content ?? archived.get(row.id);
        if (text !== undefined) full.set(row.id, { row, content: readContent(text) });
      }
      missing = missing.filter(({ id }) => !full.has(id));
    }
    return rows.map(({ id }) => {
      const message = full.get(id);
      if (message === undefined) throw refuse('unavailable', 'Messages cannot be read right now');
      return message;
    });
  }

  async one(row: MessageRow): Promise<FullMessage> {
    const [message] = await this.of([row]);
    if (message === undefined) throw new Error('a message was asked for and is not answered');
    return message;
  }

  /** By the id of their message, where the store has the revision of the row. */
  private async archived(rows: readonly MessageRow[]): Promise<ReadonlyMap<string, string>> {
    if (rows.length === 0) return new Map();
    const { archive } = this;
    if (archive === null) throw refuse('unavailable', 'Messages cannot be read right now');
    const byThread = Map.groupBy(rows, ({ thread_id }) => thread_id);
    const parts = await Promise.all(
      [...byThread].map(async ([threadId, own]): Promise<[string, string][]> => {
        const found: ReadonlyMap<number, ArchivedText> = await archive.find(
          threadId,
          own.map(({ sequence }) => sequence),
        );
        return own.flatMap(({ id, sequence, revision }): [string, string][] => {
          const text = found.get(sequence);
          return text?.revision === revision ? [[id, text.content]] : [];
        });
      }),
    );
    return new Map(parts.flat());
  }
}
