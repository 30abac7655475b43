import { describe } from 'vitest';
import { Suite } from './chat-fixture.ts';
import { messageSuite } from './messages.suite.ts';

messageSuite('messages in Postgres', describe, async () => {
  const suite = await Suite.open();
  return { suite, settled: async () => undefined, close: () => suite.close() };
});
