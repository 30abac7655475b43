import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cloneRoot } from '#libs/runtime/project-root';
import { verdictOf } from '../supply/audit.ts';
import { licencesOf } from '../supply/licences.ts';
import { notesOf, variablesIn } from '../supply/release-notes.ts';
import { rulesIn, secretsIn } from '../supply/secret-rules.ts';

describe('the scan for secrets', () => {
  const rules = rulesIn(readFileSync(join(cloneRoot(), '.gitleaks.toml'), 'utf8'));
  const letters = 'Zq7Xw2Kd9Lm4Pn8Rt3Vb6Yc1Hs5Jf0Ga7Qe2Wu9Io4';
  const hex = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';
  // Put together here, or the scan would find them in this file.
  const planted: readonly (readonly [rule: string, text: string])[] = [
    ['razorpay-live-key', `RAZORPAY_KEY_ID=${'rzp_'}live_${letters.slice(0, 14)}`],
    ['razorpay-live-key', `const key = '${'rzp_'}live_${letters.slice(0, 8)}';`],
    ['razorpay-test-key', `key: ${'rzp_'}test_${letters.slice(0, 14)}`],
    ['private-key', `-----BEGIN ${'PRIVATE'} KEY-----\n${letters}\n`],
    ['private-key', `"private_key": "-----BEGIN RSA ${'PRIVATE'} KEY-----\\n${letters}`],
    ['github-token', `token = ${'gh'}p_${letters.slice(0, 24)}`],
    ['npm-token', `//registry.npmjs.org/:_auth${'Token'}=${letters}`],
    ['aws-key-id', `aws_access_key_id = ${'AK'}IAQ7XW2KD9LM4PN8RT`],
    ['google-api-key', `apiKey: "${'AI'}za${letters.slice(0, 35)}"`],
    ['signed-token', `Bearer ${'ey'}J${letters.slice(0, 20)}.${'ey'}J${letters}.${letters}`],
    ['password-in-url', `DATABASE_URL=postgres${'://'}only2u:${letters.slice(0, 16)}@db.internal.shop.in:5432/only2u`],
    ['own-secret', `BUS_${'SECRET'}=${hex}`],
    ['own-secret', `  ORDER_DATABASE_${'PASSWORD'}: "${hex}"`],
    ['own-secret', `STORAGE_${'LINK_KEYS'}=first:${hex}`],
  ];
  it.each(planted)('finds a planted %s, by its line, whatever stands around it', (rule, secret) => {
    expect(secretsIn('some/file.yml', `first line\n\n  ${secret}\nlast line`, rules)).toContainEqual({
      rule,
      file: 'some/file.yml',
      line: 3,
    });
  });

  it.each([
    `BUS_SECRET=\${BUS_SECRET:?a secret}`,
    'postgres://only2u_order@postgres:5432/only2u_order',
    `postgres://user:${letters.slice(0, 12)}@db.example.com/x`,
    '-----BEGIN PRIVATE KEY-----…-----END PRIVATE KEY-----',
    'rzp_test_…',
    `RAZORPAY_KEY_ID=${'rzp_'}live_${letters.slice(0, 14)} # gitleaks:allow: made up`,
  ])('lets pass what is none: %s', (text) => {
    expect(secretsIn('some/file.yml', text, rules)).toEqual([]);
  });

  it('has every rule of its file, each tried by a planted secret', () => {
    expect(new Set(planted.map(([rule]) => rule))).toEqual(new Set(rules.rules.map(({ id }) => id)));
    expect(rules.rules.length).toBe(readFileSync(join(cloneRoot(), '.gitleaks.toml'), 'utf8').match(/^\[\[rules\]\]$/gm)?.length);
  });
});

describe('the licences', () => {
  const lockOf = (packages: Record<string, object>) => ({ packages: { '': {}, ...packages } });

  it('of all locked packages are allowed, and those without a field were read', () => {
    const { faults, withoutField } = licencesOf(JSON.parse(readFileSync(join(cloneRoot(), 'package-lock.json'), 'utf8')));
    expect(faults).toEqual([]);
    for (const name of ['pause@0.0.1', 'passport-strategy@1.0.0', 'png-js@2.0.0'])
      expect(withoutField).toContainEqual(expect.stringContaining(`${name}: MIT`));
  });

  it.each([
    ['GPL-3.0-only', false],
    ['SSPL-1.0', false],
    ['UNLICENSED', false],
    ['MIT OR GPL-3.0-only', true],
    ['MIT AND GPL-3.0-only', false],
    ['(MIT AND Zlib)', true],
    ['LGPL-3.0-or-later', false],
  ])('%s may be used by any package: %s', (license, isAllowed) => {
    expect(licencesOf(lockOf({ 'node_modules/some-package': { version: '1.0.0', license } })).faults).toHaveLength(isAllowed ? 0 : 1);
  });

  it('of a new version of a package without a field is unknown again', () => {
    expect(licencesOf(lockOf({ 'node_modules/a/node_modules/pause': { version: '0.0.2' } })).faults).toEqual([
      expect.stringContaining('pause@0.0.2 names no licence'),
    ]);
  });
});

describe('the audit', () => {
  const report = (high: number, total = 300) =>
    JSON.stringify({ metadata: { vulnerabilities: { high, critical: 0, total: high }, dependencies: { total } } });
  it.each([
    ['nothing found', report(0), 0],
    ['something high', report(2), 1],
    ['a registry that refuses', JSON.stringify({ message: '405 Method Not Allowed', statusCode: 405 }), 3],
    ['no network', JSON.stringify({ error: { code: 'ENOTFOUND', summary: 'request failed' } }), 3],
    ['no package looked at', report(0, 0), 3],
    ['no output', '', 3],
  ])('never calls it a pass when nobody has looked: %s', (_case, stdout, code) => {
    const verdict = verdictOf(stdout);
    expect(verdict.code).toBe(code);
    if (code === 3) expect(verdict.says).toMatch(/^Not done: /);
  });
});

describe('the notes of a release', () => {
  it('say first what an operator has to do, then what is true of each part', () => {
    const commits = [
      { hash: 'a1', subject: 'A coupon may be used twice', files: ['apps/coupon/src/a.ts', 'apps/coupon/src/b.ts', 'docs/errors.md'] },
      { hash: 'b2', subject: 'The page of a product has a picture', files: ['apps/web/shop/a.tsx'] },
      { hash: 'c3', subject: 'Loops hear of the shutdown', files: ['libs/runtime/rounds.ts'] },
    ];
    const notes = notesOf('v2', {
      commits,
      migrations: ['apps/coupon/migrations/coupon.migrations.ts'],
      added: ['NEW_ONE'],
      removed: ['OLD_ONE'],
    });
    expect(notes.match(/^## .*$/gm)).toEqual(['## Before it runs', '## Coupon', '## Libraries and tools', '## Pages']);
    expect(notes).toMatch(
      /- Run `migrate`[\s\S]*coupon\.migrations\.ts[\s\S]*New variable `NEW_ONE`[\s\S]*Variable `OLD_ONE` is gone[\s\S]*- A coupon may be used twice \(a1\)/,
    );
    expect(notesOf('v3', { commits: [], migrations: [], added: [], removed: [] })).toBe('# v3\n');
  });

  it('know a variable by its line in .env.example', () => {
    const names = variablesIn(readFileSync(join(cloneRoot(), '.env.example'), 'utf8'));
    for (const name of ['BUS_SECRET', 'TRUST_PROXY', 'ORDER_PAYMENT_TTL_SECONDS']) expect(names).toContain(name);
  });
});
