import { hostname } from 'node:os';
import { expect, it } from 'vitest';
import { hostInUrl } from './run-service.ts';

it.each([
  ['127.0.0.1', undefined, '127.0.0.1'],
  ['0.0.0.0', '10.1.2.3', '10.1.2.3'],
  ['0.0.0.0', 'fd00::12', '[fd00::12]'],
  ['::', 'fd00::12', '[fd00::12]'],
  ['::1', undefined, '[::1]'],
  ['0.0.0.0', undefined, hostname()],
])('a process on %s with POD_IP %s is reached at %s', (HOST, POD_IP, host) => {
  expect(hostInUrl({ HOST, POD_IP })).toBe(host);
});
