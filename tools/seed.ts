/** `npm run seed`: fills the demo shop and stops again; `npm start` does the same on its way. */
import { startStack } from '#libs/runtime/local-stack/stack';
import { build } from './build.ts';
import { complain, explain, phaseDone, table, timed } from './progress.ts';
import { loadDotEnv } from './start.ts';

try {
  loadDotEnv();
  await timed('build', () => build());
  const stack = await startStack({ env: process.env, only: [], seed: true, onPhase: phaseDone });
  table(
    'Demo logins',
    stack.logins.map(({ role, login, password }) => [role, login, password]),
  );
  await stack.stop();
} catch (error) {
  complain(explain(error));
  process.exitCode = 1;
}
