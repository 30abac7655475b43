import { describe, expect, it } from 'vitest';
import { gatewayEnv } from './gateway.env.ts';

const production = (values: Record<string, string> = {}) => gatewayEnv.read({ NODE_ENV: 'production', ...values });

describe('production', () => {
  it('shows no page of docs, demo or sandbox unless told by name', () => {
    expect(production()).toMatchObject({ SERVE_DOCS: false, SERVE_DEMO: false, DEV_INBOX: false });
    expect(production({ SERVE_DOCS: 'yes', SERVE_DEMO: '1' })).toMatchObject({ SERVE_DOCS: true, SERVE_DEMO: true });
    expect(gatewayEnv.read({})).toMatchObject({ SERVE_DOCS: true, SERVE_DEMO: true, DEV_INBOX: true });
  });

  it.each(['true', 'TRUE', '1', 'yes', 'Yes', 'on', 'ON'])('refuses the dev inbox, spelt %s too', (spelling) => {
    expect(() => production({ DEV_INBOX: spelling })).toThrow('DEV_INBOX shows what customers are sent');
  });

  it.each<Record<string, string>>([
    { RATE_LIMIT_SCALE: '1000000' },
    { RATE_LIMIT_SCALE: '21' },
    { RATE_LIMIT_SIGN_IN: '10000000' },
    { RATE_LIMIT_CALLS: '12000', RATE_LIMIT_SCALE: '3' },
  ])('refuses limits that are none: %o', (values) => {
    expect(() => production(values)).toThrow('which is no limit');
    expect(() => gatewayEnv.read(values)).not.toThrow();
  });

  it('takes limits that a large shop needs', () => {
    expect(() => production({ RATE_LIMIT_SCALE: '20' })).not.toThrow();
  });
});

describe('TRUST_PROXY', () => {
  it.each([
    '0.0.0.0/0',
    '::/0',
    '0.0.0.0/1',
    '10.0.0.0/33',
    '10.0.0.0/',
    '10.0.0.0/8/8',
    'nginx',
    '10.0.0',
    'loopback',
    '10.0.0.1,everyone',
  ])('is refused in one sentence, without its value: %s', (value) => {
    const start = () => gatewayEnv.read({ TRUST_PROXY: value });
    expect(start).toThrow('TRUST_PROXY must be a list of addresses and CIDR ranges');
    expect(start).not.toThrow(value);
  });

  it.each(['', '10.0.0.0/8', '10.1.2.3, 192.168.0.0/16', 'fd00::/8', '::1', '172.16.0.0/12,fc00::/7'])('takes %s', (value) => {
    expect(() => gatewayEnv.read({ TRUST_PROXY: value })).not.toThrow();
  });
});
