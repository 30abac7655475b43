import { globSync } from 'node:fs';
import pg from 'pg';
import ts from 'typescript';
import { expect, it } from 'vitest';
import { services } from '#libs/runtime/topology';
import { scratchDatabase } from '#libs/testing/scratch-database';
import { type Statement, statementsIn } from './statements.ts';

/**
 * Whether repositories and tables agree. Statements put together from more than constants, one-expression functions and conditions: they are proved only by the suites that run
 * them, and each one is named here.
 */
const PUT_TOGETHER = [
  'auth find',
  'auth idsAfter',
  'cart store',
  'cart storeConsumed',
  'cart storeForOrder',
  'cart storeUnlessNewer',
  'chat page',
  'coupon list',
  'feedback change',
  'feedback counted',
  'feedback page',
  'feedback rowsAfter',
  'order addCreditNote',
  'order addInvoice',
  'order confirmSold',
  'order history',
  'order move',
  'order search',
  'payment changeState',
  'payment record',
  'payment recordWebhook',
  'persistence inBatches',
  'persistence postpone',
  'persistence publish',
  'persistence sweep',
  'product filtered',
  'product page',
  'product read',
  'product seed',
  'product update',
  'referral list',
  'review count',
  'review forget',
  'review list',
  'review page',
  'storage page',
];
/** Others (SAVEPOINT, SET LOCAL) cannot be prepared by PREPARE. */
const PREPARABLE = /^\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\b/;

const { config } = ts.readConfigFile('tsconfig.json', ts.sys.readFile);
const { options } = ts.parseJsonConfigFileContent(config, ts.sys, '.');
const names = services.filter(({ database }) => database).map(({ name }) => name);
const filesOf = (folder: string): string[] =>
  globSync(`${folder}/**/*.ts`).filter((file) => !/spec\.ts$|\/test\/|\/migrations\//.test(file));
const found = statementsIn(
  [...names.flatMap((name) => filesOf(`apps/${name}`)), ...filesOf('libs/persistence'), ...filesOf('libs/runtime')],
  options,
);

it.each(names)('%s: every statement whose text can be read from the code is understood by its migrated database', async (name) => {
  const { migrations } = (await import(`../../apps/${name}/migrations/${name}.migrations.ts`)) as { migrations: (new () => object)[] };
  const own = found.filter(({ file }) => file.startsWith(`apps/${name}/`) || file.startsWith('libs/'));
  const scratch = await scratchDatabase(migrations);
  const client = new pg.Client({ connectionString: scratch.url });
  await client.connect();
  try {
    expect(own.length).toBeGreaterThan(10);
    expect(await refusedBy(client, own)).toEqual([]);
  } finally {
    await client.end();
    await scratch.drop();
  }
});

it('knows which statements cannot be read from the code', () => {
  const unread = found.filter(({ texts }) => texts === undefined).map(({ file, place }) => `${file.split('/')[1]} ${place}`);
  expect([...new Set(unread)].sort()).toEqual(PUT_TOGETHER);
});

async function refusedBy(client: pg.Client, statements: readonly Statement[]): Promise<string[]> {
  const refused: string[] = [];
  for (const { file, place, texts = [] } of statements) {
    for (const text of texts.filter((candidate) => PREPARABLE.test(candidate))) {
      await client.query(`PREPARE statement AS ${text}`).then(
        () => client.query('DEALLOCATE statement'),
        (error: Error) => refused.push(`${file} ${place}: ${error.message}\n${text}`),
      );
    }
  }
  return refused;
}
