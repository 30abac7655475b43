import { parseArgs } from 'node:util';
import { DataSource } from 'typeorm';
import { Database } from '#libs/persistence/database';
import { databaseOptions } from '#libs/persistence/database-options';
import { databaseUrl, settings } from '#libs/runtime/settings';
import { seed } from './product.seed.ts';

/** `node dist/apps/product/src/seed-products.js --products 100000`: a catalogue of that size, in a database whose migrations have run. */
const { values } = parseArgs({ options: { products: { type: 'string', default: '240' } } });
const products = Number(values.products);
if (!Number.isInteger(products) || products < 1 || products > 1_000_000) {
  process.stderr.write('seed-products: --products must be a whole number from 1 up to 1000000\n');
  process.exit(2);
}

const source = await new DataSource(
  databaseOptions({
    url: databaseUrl(settings.read(process.env), 'product'),
    entities: [],
    migrations: [],
    applicationName: 'product-seed',
    statementTimeoutMs: 0,
  }),
).initialize();
try {
  const { summary } = await seed(new Database(source), process.env, { products });
  process.stdout.write(`${summary.join('\n')}\n`);
} finally {
  await source.destroy();
}
