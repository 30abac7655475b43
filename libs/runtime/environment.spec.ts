import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import {
  choice,
  decimal,
  EnvironmentError,
  environment,
  flag,
  list,
  paise,
  pem,
  port,
  secret,
  text,
  together,
  url,
  whole,
} from './environment.ts';

const about = 'A sentence.';
const long = 'x'.repeat(40);
const drawn = randomBytes(32).toString('base64url');

function problemsOf(read: () => unknown): readonly string[] {
  try {
    read();
  } catch (error) {
    if (error instanceof EnvironmentError) return error.problems;
    throw error;
  }
  return [];
}

describe('reading', () => {
  it('gives each variable its own type, and defaults for what is unset', () => {
    const env = environment({
      NAME: text({ about }),
      FEE: paise({ default: 4900, about }),
      LIMIT: whole({ min: 1, max: 500, default: 100, about }),
      FACTOR: decimal({ default: 1, about }),
      OPEN: flag({ default: false, about }),
      MODE: choice(['fast', 'slow'], { default: 'slow', about }),
      HOSTS: list({ default: [], about }),
      NOTE: text({ optional: true, about }),
    });
    const values: {
      readonly NAME: string;
      readonly FEE: number;
      readonly LIMIT: number;
      readonly FACTOR: number;
      readonly OPEN: boolean;
      readonly MODE: 'fast' | 'slow';
      readonly HOSTS: readonly string[];
      readonly NOTE: string | undefined;
    } = env.read({ NAME: 'a', LIMIT: '7', FACTOR: '2.5', OPEN: 'yes', MODE: 'fast', HOSTS: ' a, b ,,' });
    expect({ ...values }).toEqual({
      NAME: 'a',
      FEE: 4900,
      LIMIT: 7,
      FACTOR: 2.5,
      OPEN: true,
      MODE: 'fast',
      HOSTS: ['a', 'b'],
      NOTE: undefined,
    });
    expect(Object.isFrozen(values)).toBe(true);
  });

  it('treats an empty string as unset', () => {
    const env = environment({ FEE: paise({ default: 4900, about }), NAME: text({ about }) });
    expect(problemsOf(() => env.read({ FEE: '', NAME: '' }))).toEqual(['NAME is missing: it must be a text']);
    expect(env.read({ FEE: '', NAME: 'a' }).FEE).toBe(4900);
  });

  it('reports every problem at once, naming variables and never values', () => {
    const env = environment({
      A: whole({ min: 1, max: 9, about }),
      B: secret({ about }),
      C: url({ about }),
      D: flag({ about }),
      E: text({ about }),
    });
    const source = { A: '77123', B: 'hunter2', C: 'ftp://hunter2', D: 'perhaps-hunter2' };
    const problems = problemsOf(() => env.read(source));
    expect(problems).toEqual([
      'A must be a whole number from 1 up to 9',
      'B must be a secret of at least 32 bytes',
      'C must be a URL that starts with http:// or https://',
      'D must be true or false',
      'E is missing: it must be a text',
    ]);
    expect(new EnvironmentError(problems).message).not.toMatch(/hunter2|77123/);
  });

  it.each(['1.5', '0x10', '1e3', ' 7', '7 ', '', '--1', '9007199254740993'])('refuses %j as a whole number', (value) => {
    expect(problemsOf(() => environment({ A: whole({ about }) }).read({ A: value }))).toHaveLength(1);
  });

  it('refuses a URL without an authority and drops a trailing slash', () => {
    const env = environment({ A: url({ about }) });
    expect(problemsOf(() => env.read({ A: 'https:only2u.in' }))).toHaveLength(1);
    expect(env.read({ A: 'https://only2u.in/' }).A).toBe('https://only2u.in');
  });

  it('takes a private key on one line or on several', () => {
    const env = environment({ KEY: pem({ about }) });
    const key = '-----BEGIN PRIVATE KEY-----\nTUlH\n-----END PRIVATE KEY-----\n';
    expect(env.read({ KEY: key }).KEY).toBe(key);
    expect(env.read({ KEY: key.replaceAll('\n', '\\n') }).KEY).toBe(key);
    expect(problemsOf(() => env.read({ KEY: 'TUlH' }))).toHaveLength(1);
  });

  it('ignores the port that Kubernetes writes for a Service of that name', () => {
    const env = environment({ GATEWAY_PORT: port({ optional: true, about }) });
    expect(env.read({ GATEWAY_PORT: 'tcp://10.0.0.1:3000' }).GATEWAY_PORT).toBeUndefined();
    expect(problemsOf(() => env.read({ GATEWAY_PORT: '70000' }))).toHaveLength(1);
  });
});

describe('production', () => {
  const env = environment({
    PROVIDER: choice(['inbox', 'sms'], { sandbox: 'inbox', about }),
    KEY: secret({ sandbox: long, about }),
    STRICT: flag({ default: false, production: true, about }),
  });

  it('refuses a sandbox it was not told to use, and a secret that development uses', () => {
    expect(env.read({}).PROVIDER).toBe('inbox');
    expect(problemsOf(() => env.read({ NODE_ENV: 'production', KEY: long }))).toEqual([
      'PROVIDER must be set in production (one of inbox, sms); what stands for it in development is a sandbox',
      'KEY has the value that development uses; production needs one of its own',
    ]);
  });

  it('uses a sandbox it was told to use', () => {
    expect(env.read({ NODE_ENV: 'production', KEY: drawn, PROVIDER: 'inbox' }).PROVIDER).toBe('inbox');
  });

  it.each([
    [{ KEY: 'a'.repeat(40) }, 'KEY can be guessed: it repeats a few characters'],
    [{ KEY: 'compose-sandbox-webhook-secret-compose' }, 'KEY stands in this repository'],
    [{ KEY: 'a bus secret of tests, long enough to pass' }, 'KEY stands in this repository'],
    [{ KEY: drawn, OTHER: drawn }, 'KEY and OTHER are the same; each needs a value of its own'],
  ])('refuses the secrets %j', (given, problem) => {
    const secrets = environment({
      KEY: secret({ about }),
      OTHER: secret({ optional: true, about }),
      KEY_PREVIOUS: secret({ optional: true, about }),
    });
    expect(problemsOf(() => secrets.read({ NODE_ENV: 'production', ...given })).join()).toContain(problem);
    expect(problemsOf(() => secrets.read(given))).toEqual([]);
    expect(problemsOf(() => secrets.read({ NODE_ENV: 'production', KEY: drawn, KEY_PREVIOUS: drawn, OTHER: `${drawn}2` }))).toEqual([]);
  });

  it('refuses every secret that the compose file has', () => {
    const compose = readFileSync('docker-compose.yml', 'utf8');
    const secrets = [...compose.matchAll(/_SECRET(?:_PREVIOUS)?: ([\w-]+)$/gm)].map(([, value = '']) => value);
    expect(secrets.length).toBeGreaterThan(1);
    for (const KEY of secrets)
      expect(problemsOf(() => environment({ KEY: secret({ min: 1, about }) }).read({ NODE_ENV: 'production', KEY }))).toHaveLength(1);
  });

  it('may have a default of its own', () => {
    expect(env.read({}).STRICT).toBe(false);
    expect(env.read({ NODE_ENV: 'production', KEY: drawn, PROVIDER: 'sms' }).STRICT).toBe(true);
    expect(env.read({ NODE_ENV: 'production', KEY: drawn, PROVIDER: 'sms', STRICT: 'false' }).STRICT).toBe(false);
  });
});

it('shows no secret and no login when the values are printed or serialised', () => {
  const env = environment({
    KEY: secret({ about }),
    OTHER: secret({ optional: true, about }),
    STORE: url({ protocols: ['redis'], about }),
  });
  const values = env.read({ KEY: long, STORE: 'redis://user:hunter2@10.0.0.1:6379' });
  expect(JSON.parse(JSON.stringify(values))).toEqual({ KEY: '[set]', STORE: 'redis://10.0.0.1:6379' });
  expect(inspect(values)).not.toContain(long);
  expect(inspect(values)).not.toContain('hunter2');
  expect(values.KEY).toBe(long);
});

it('reads two sets as one, with the problems and rules of both', () => {
  const both = together(
    environment({ A: text({ about }) }, () => ['A and B do not go together']),
    environment({ B: text({ about }) }),
  );
  expect(problemsOf(() => both.read({}))).toEqual([
    'A is missing: it must be a text',
    'B is missing: it must be a text',
    'A and B do not go together',
  ]);
  expect(problemsOf(() => both.read({ A: '1', B: '2' }))).toEqual(['A and B do not go together']);
});
