import { describe, expect, it } from 'vitest';
import { answersIn, canaryPods, Release } from '../supply/deploy.ts';

const NEW = `registry.example.com/only2u@sha256:${'a'.repeat(64)}`;
const MANIFESTS = ['kind: Job\nimage: only2u', '  - image: only2u:old', 'image: ghcr.io/shop/only2u@sha256:0', 'image: postgres:18'].join(
  '\n---\n',
);
const live = {
  metadata: { name: 'gateway' },
  spec: { replicas: 4, template: { metadata: { labels: { app: 'gateway' } }, spec: { containers: [{ name: 'gateway', image: 'old' }] } } },
};

interface Faults {
  /** The number of requests that the new gateways answered with 5xx, of 1,000. */
  readonly failed?: number;
  /** What the shop answers after this many questions. */
  readonly down?: number;
  readonly refuses?: string;
}

const deployed = (name: string) => ({ metadata: { name, annotations: { 'deployment.kubernetes.io/revision': '7' } } });

/** A cluster that notes what it is told. */
function cluster({ failed = 0, down = Number.POSITIVE_INFINITY, refuses }: Faults = {}) {
  const told: string[] = [];
  const applied: string[] = [];
  let asked = 0;
  const release = new Release(
    { image: NEW, url: 'https://shop.example', namespace: 'shop', weight: 20, watchSeconds: 10 },
    {
      kubectl: (args, input) => {
        const line = args.join(' ');
        told.push(line);
        if (input !== undefined) applied.push(input);
        if (refuses !== undefined && line.startsWith(refuses)) throw new Error(`refused: ${line}`);
        if (line === 'get deployments -o json') return JSON.stringify({ items: ['gateway', 'order'].map(deployed) });
        if (line === 'get deployment gateway -o json') return JSON.stringify(live);
        if (line.startsWith('get pods')) return 'pod/gateway-canary-1\n';
        if (line.startsWith('get --raw'))
          return `only2u_http_seconds_count{service="order",status="200"} ${1_000 - failed}\nonly2u_http_seconds_count{service="order",status="503"} ${failed}\n`;
        return '';
      },
      ask: async () => {
        asked += 1;
        return asked > down ? 502 : 200;
      },
      wait: async () => undefined,
    },
  );
  return { release, told, applied };
}
const undone = ['rollout undo deployment/gateway --to-revision=7', 'rollout undo deployment/order --to-revision=7'];

describe('a release', () => {
  it('migrates, puts new gateways beside the old ones, and then rolls out everything by the digest it was given', async () => {
    const { release, told, applied } = cluster();
    await release.run(MANIFESTS);
    const steps = ['delete job migrate --ignore-not-found', 'apply -l app=migrate -f -'];
    expect(told.slice(0, 3)).toEqual([...steps, 'wait --for=condition=complete --timeout=15m job/migrate']);
    const [migration, canary, everything] = applied as [string, string, string];
    expect(migration).toBe(everything);
    expect(everything.match(/image: .*/g)).toEqual([`image: ${NEW}`, `image: ${NEW}`, `image: ${NEW}`, 'image: postgres:18']);
    expect(JSON.parse(canary)).toMatchObject({
      metadata: { name: 'gateway-canary' },
      spec: {
        replicas: 1,
        template: { metadata: { labels: { app: 'gateway', track: 'canary' } }, spec: { containers: [{ image: NEW }] } },
      },
    });
    expect(told.at(-1)).toBe('delete deployment gateway-canary --ignore-not-found');
    expect(told).not.toContainEqual(expect.stringContaining('undo'));
  });

  it.each<[string, Faults, string]>([
    ['the shop is down after it', { down: 4 }, 'answers 502'],
    ['a Deployment is not ready in time', { refuses: 'rollout status deployment/order' }, 'refused'],
  ])('goes back to the revisions there were, and takes the new gateways away, when %s', async (_case, faults, why) => {
    const { release, told } = cluster(faults);
    await expect(release.run(MANIFESTS)).rejects.toThrow(why);
    expect(told).toEqual(expect.arrayContaining(undone));
    expect(told.at(-1)).toBe('delete deployment gateway-canary --ignore-not-found');
  });

  it.each<[string, Faults, string]>([
    ['the new gateways fail', { failed: 30 }, 'answered 30 of 1000 requests with 5xx'],
    ['the shop is down beside them', { down: 1 }, 'answers 502'],
    ['they are not ready in time', { refuses: 'rollout status deployment/gateway-canary' }, 'refused'],
  ])('takes the new gateways away and leaves everything else as it is, when %s', async (_case, faults, why) => {
    const { release, told, applied } = cluster(faults);
    await expect(release.run(MANIFESTS)).rejects.toThrow(why);
    expect(applied).toHaveLength(2);
    expect(told).not.toContainEqual(expect.stringContaining('undo'));
    expect(told.at(-1)).toBe('delete deployment gateway-canary --ignore-not-found');
  });

  it('touches no process when the migration fails', async () => {
    const { release, told } = cluster({ refuses: 'wait' });
    await expect(release.run(MANIFESTS)).rejects.toThrow('refused');
    expect(told).toHaveLength(3);
    expect(told).not.toContainEqual(expect.stringContaining('undo'));
  });

  it('does not begin with manifests that name no image of ours', async () => {
    const { release, told } = cluster();
    await expect(release.run('image: postgres:18')).rejects.toThrow('name no image');
    expect(told).toEqual([]);
  });
});

it('a share of new gateways is at least one pod', () => {
  expect([canaryPods(2, 10), canaryPods(9, 10), canaryPods(10, 50)]).toEqual([1, 1, 10]);
});

it('what a gateway answered is counted by status, whatever the other labels', () => {
  const metrics = 'only2u_http_seconds_count{operation="a",status="201"} 7\nonly2u_http_seconds_count{status="500",x="y"} 2\nother 9\n';
  expect(answersIn(metrics)).toEqual({ all: 9, failed: 2 });
});
