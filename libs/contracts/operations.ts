import { contract, operation } from './contract.ts';
import { Nullable, Text, Timestamp, Uuid, Whole } from './fields.ts';
import { ById, PageQuery, pageOf } from './page.ts';

/** An event that a subscriber keeps refusing. */
export class DeadLetter {
  @Uuid() id!: string;
  /** The publisher. */
  @Text(1, 40) service!: string;
  @Text(1, 40) subscriber!: string;
  @Text(1, 80) event!: string;
  @Whole(0, 1_000_000) attempts!: number;
  @Nullable() @Text(0, 2000) error!: string | null;
  @Timestamp() createdAt!: string;
}
export class DeadLetterPage extends pageOf(DeadLetter) {}

/** What every service with a database answers about itself, under its own name. */
export const operationsOf = <const Name extends string>(service: Name) =>
  contract(service, {
    operations: {
      deadLetters: operation({ summary: 'Events that were given up', access: 'admin', in: PageQuery, out: DeadLetterPage }),
      replayDeadLetter: operation({ summary: 'Deliver a given-up event again', access: 'admin', in: ById }),
      dropDeadLetter: operation({ summary: 'Forget a given-up event', access: 'admin', in: ById }),
    },
  });
