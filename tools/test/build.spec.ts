import { expect, it } from 'vitest';
import { build, buildWeb } from '../build.ts';

it('what is built is not built again while nothing has changed, the pages included', async () => {
  await Promise.all([build(), buildWeb()]);
  expect(await build()).toMatchObject({ changed: false });
  expect(await buildWeb()).toMatchObject({ changed: false });
}, 120_000);
