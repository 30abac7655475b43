/**
 * `npm run seed`: fills the demo shop and stops again; `npm start` does the same on its way. `-- --products 100000` makes the catalogue that large, for load
 * tests: about a minute and a half.
 */
import { parseArgs } from 'node:util';
import { startStack } from '#libs/local-stack/stack';
import { cloneRoot } from '#libs/runtime/project-root';
import { build, buildPictures } from './build.ts';
import { helpAsked, parsed } from './help.ts';
import { complain, explain, phaseDone, say, table, timed } from './progress.ts';
import { loadDotEnv } from './start.ts';

const HELP = `npm run seed [-- --products <n>]

Fills the demo shop and stops again. --products makes the catalogue that large (about a minute and a half for 100,000).`;

const MAX_PRODUCTS = 1_000_000;

/** How many products there should be; undefined for as many as a demo shop has. */
function productsWanted(args: readonly string[]): string | undefined {
  const { products } = parsed(() => parseArgs({ args: [...args], options: { products: { type: 'string' } } })).values;
  if (products !== undefined && !(/^\d{1,7}$/.test(products) && Number(products) >= 1 && Number(products) <= MAX_PRODUCTS)) {
    throw new Error(`--products takes a whole number from 1 to ${MAX_PRODUCTS}, not ${products}`);
  }
  return products;
}

if (!helpAsked(HELP))
  await seed(process.argv.slice(2)).catch((error: unknown) => {
    complain(explain(error));
    process.exitCode = 1;
  });

async function seed(args: readonly string[]): Promise<void> {
  const products = productsWanted(args);
  loadDotEnv();
  await timed('build', () => build());
  await timed('pictures', () => buildPictures(cloneRoot(), Number(products ?? 240), say));
  const stack = await startStack({
    env: { ...process.env, ...(products && { SEED_PRODUCTS: products }) },
    only: [],
    seed: true,
    onPhase: phaseDone,
    // How far it has come.
    onLog: (name, line) => {
      if (name === 'seed') say(`    ${line}`);
    },
  });
  table(
    'Demo logins',
    stack.logins.map(({ role, login, password }) => [role, login, password]),
  );
  await stack.stop();
}
