import { expect, it } from 'vitest';
import { readFlags, refuseSwallowedOptions } from '../start.ts';

it('services are named with and without an option, and a name that is no service is refused', () => {
  expect(readFlags(['gateway', 'product'])).toMatchObject({ only: ['gateway', 'product'], seed: true });
  expect(readFlags(['--only', 'gateway,product', '--no-seed'])).toMatchObject({ only: ['gateway', 'product'], seed: false });
  expect(readFlags([])).toEqual({ seed: true });
  expect(readFlags(['--together', '--replicas', 'order=2'])).toEqual({ seed: true, together: true, replicas: { order: 2 } });
  expect(() => readFlags(['gatewya'])).toThrow('There is no service gatewya');
});

it.each([
  ['npm_config_only', 'gateway', 'npm start -- --only gateway,product'],
  ['npm_config_replicas', 'order=2', 'npm start -- --replicas order=2'],
  ['npm_config_together', 'true', 'npm start -- --together'],
  ['npm_config_seed', '', 'npm start -- --no-seed'],
])('an option that npm kept as %s is answered with what to type', (variable, value, sentence) => {
  expect(() => refuseSwallowedOptions({ [variable]: value })).toThrow(sentence);
  expect(() => refuseSwallowedOptions({})).not.toThrow();
});
