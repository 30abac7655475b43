/** `npm run deploy`: a release in a cluster: migrations, a few pods of the new gateway, then everything, or back to what was there. */
import { spawnSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { helpAsked, parsed } from '../help.ts';
import { complain, say } from '../progress.ts';

const HELP = `npm run deploy -- --image <name@sha256:…> --url <https://…> [--manifests k8s] [--namespace only2u] [--weight 10] [--watch 300]

  --image       by its digest, so that what was tested is what runs
  --url         where customers reach the shop; asked after each step
  --manifests   a folder with a kustomization, or with files
  --weight      percent of the gateway's pods that are new while they are watched
  --watch       seconds of that
  --rollback    nothing of the above: every Deployment goes back to what it was before

Runs the Job \`migrate\` to its end, puts new gateways beside the old ones, watches their share of 5xx (at most 1 %) and the shop from outside, and
rolls out everything. When that fails, every Deployment goes back to the revision it had, and the command ends with 1; migrations stay, for the
version before runs on them.
kubectl must know the cluster.`;

const CANARY = 'gateway-canary';
const WORST_SHARE = 0.01;
const ASKED = ['/api/status', '/api/products?limit=1'];
const LOOK_MS = 5_000;

interface Plan {
  readonly image: string;
  readonly url: string;
  readonly namespace: string;
  readonly weight: number;
  readonly watchSeconds: number;
}

interface Deployment {
  readonly metadata: { readonly name: string; readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: {
    readonly replicas?: number;
    readonly template: {
      readonly metadata: { readonly labels: Readonly<Record<string, string>> };
      readonly spec: { readonly containers: readonly { readonly image: string }[] };
    };
  };
}

/** How many new pods beside `replicas` old ones make up this share, at least one. */
export const canaryPods = (replicas: number, weight: number): number => Math.max(1, Math.round((replicas * weight) / (100 - weight)));

/** The live gateway with another image under another name: its pods have the labels that the Service and the network's rules go by. */
export function canaryOf(live: Deployment, image: string, weight: number): object {
  const { template, replicas = 1 } = live.spec;
  const labels = { ...template.metadata.labels, track: 'canary' };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: CANARY, labels },
    spec: {
      replicas: canaryPods(replicas, weight),
      selector: { matchLabels: { track: 'canary' } },
      template: {
        metadata: { labels },
        spec: { ...template.spec, containers: template.spec.containers.map((container) => ({ ...container, image })) },
      },
    },
  };
}

/** Requests and those answered 5xx, of one process since its start. */
export function answersIn(metrics: string): { readonly all: number; readonly failed: number } {
  let [all, failed] = [0, 0];
  for (const [, status = '', count = ''] of metrics.matchAll(/^only2u_http_seconds_count\{[^}]*status="(\d)[^"]*"[^}]*\} (\S+)$/gm)) {
    all += Number(count);
    if (status === '5') failed += Number(count);
  }
  return { all, failed };
}

export interface World {
  /** What kubectl prints; throws when it ends with another code than 0. */
  readonly kubectl: (args: readonly string[], input?: string) => string;
  /** The status of an answer, 0 without one. */
  readonly ask: (url: string) => Promise<number>;
  readonly wait: (milliseconds: number) => Promise<unknown>;
}

export class Release {
  private readonly plan: Plan;
  private readonly kubectl: World['kubectl'];
  private readonly ask: World['ask'];
  private readonly wait: World['wait'];

  constructor(plan: Plan, { kubectl, ask, wait }: World) {
    this.plan = plan;
    this.kubectl = kubectl;
    this.ask = ask;
    this.wait = wait;
  }

  async run(manifests: string): Promise<void> {
    const { image } = this.plan;
    const wanted = manifests.replace(/^(\s*(?:- )?image: )["']?(?:\S*\/)?only2u(?:[:@][^\s"']+)?["']?$/gm, `$1${image}`);
    if (!wanted.includes(image)) throw new Error('the manifests name no image only2u');
    say('migrate');
    this.kubectl(['delete', 'job', 'migrate', '--ignore-not-found']);
    this.kubectl(['apply', '-l', 'app=migrate', '-f', '-'], wanted);
    this.kubectl(['wait', '--for=condition=complete', '--timeout=15m', 'job/migrate']);
    const before = this.revisions();
    let isChanged = false;
    try {
      await this.watchCanary(before);
      say('everything');
      isChanged = true;
      this.kubectl(['apply', '-f', '-'], wanted);
      for (const name of this.revisions().keys()) this.kubectl(['rollout', 'status', `deployment/${name}`, '--timeout=10m']);
      await this.look();
    } catch (error) {
      // Before that nothing of the old has changed, and going back would be going one release too far.
      if (isChanged) this.back(before);
      throw error;
    } finally {
      this.kubectl(['delete', 'deployment', CANARY, '--ignore-not-found']);
    }
  }

  /** Every Deployment to the revision it had, else to the one before. */
  back(revisions: ReadonlyMap<string, string | undefined> = this.revisionsBefore()): void {
    say('back to what was there');
    for (const [name, revision] of revisions) {
      try {
        this.kubectl(['rollout', 'undo', `deployment/${name}`, ...(revision === undefined ? [] : [`--to-revision=${revision}`])]);
        this.kubectl(['rollout', 'status', `deployment/${name}`, '--timeout=10m']);
      } catch (error) {
        complain(`${name} stays as it is: ${error instanceof Error ? error.message : error}`);
      }
    }
  }

  private async watchCanary(before: ReadonlyMap<string, unknown>): Promise<void> {
    const { image, weight, watchSeconds } = this.plan;
    if (!before.has('gateway')) {
      say('no gateway yet: nothing to stand beside');
      return;
    }
    const live = JSON.parse(this.kubectl(['get', 'deployment', 'gateway', '-o', 'json'])) as Deployment;
    say(`${canaryPods(live.spec.replicas ?? 1, weight)} new gateways beside ${live.spec.replicas ?? 1}, for ${watchSeconds} s`);
    this.kubectl(['apply', '-f', '-'], JSON.stringify(canaryOf(live, image, weight)));
    this.kubectl(['rollout', 'status', `deployment/${CANARY}`, '--timeout=5m']);
    for (let waited = 0; waited < watchSeconds * 1_000; waited += LOOK_MS) {
      await this.wait(LOOK_MS);
      await this.look();
      this.judge();
    }
  }

  private judge(): void {
    const pods = this.kubectl(['get', 'pods', '-l', 'track=canary', '-o', 'name']).split('\n').filter(Boolean);
    if (pods.length === 0) throw new Error('the new gateways are gone');
    let [all, failed] = [0, 0];
    for (const pod of pods) {
      const path = `/api/v1/namespaces/${this.plan.namespace}/pods/${pod.replace(/^pod\//, '')}:4000/proxy/metrics`;
      const counted = answersIn(this.kubectl(['get', '--raw', path]));
      all += counted.all;
      failed += counted.failed;
    }
    if (failed > Math.max(1, all * WORST_SHARE)) throw new Error(`the new gateways answered ${failed} of ${all} requests with 5xx`);
  }

  /** As a customer; once more where a single answer was lost. */
  private async look(): Promise<void> {
    for (const path of ASKED) {
      const url = `${this.plan.url}${path}`;
      const status = await this.ask(url);
      if (status === 200) continue;
      await this.wait(LOOK_MS);
      const again = await this.ask(url);
      if (again !== 200) throw new Error(`${url} answers ${again}`);
    }
  }

  private revisions(): ReadonlyMap<string, string> {
    const { items } = JSON.parse(this.kubectl(['get', 'deployments', '-o', 'json'])) as { items: readonly Deployment[] };
    const ours = items.filter(({ metadata }) => metadata.name !== CANARY);
    return new Map(ours.map(({ metadata: { name, annotations } }) => [name, annotations?.['deployment.kubernetes.io/revision'] ?? '1']));
  }

  /** Of which each Deployment finds the number by itself. */
  private revisionsBefore(): ReadonlyMap<string, undefined> {
    return new Map([...this.revisions().keys()].map((name) => [name, undefined]));
  }
}

function kubectlIn(namespace: string): World['kubectl'] {
  return (args, input) => {
    const { status, stdout, stderr, error } = spawnSync('kubectl', ['--namespace', namespace, ...args], {
      input,
      encoding: 'utf8',
      maxBuffer: 64 * 1_048_576,
    });
    if (status !== 0) throw new Error(`kubectl ${args.slice(0, 3).join(' ')}: ${error?.message ?? stderr.trim()}`);
    return stdout;
  };
}

const statusOf = (url: string): Promise<number> =>
  fetch(url, { signal: AbortSignal.timeout(10_000) }).then(
    ({ status }) => status,
    () => 0,
  );

async function main(): Promise<void> {
  const { values } = parsed(() =>
    parseArgs({
      options: {
        image: { type: 'string' },
        url: { type: 'string' },
        manifests: { type: 'string', default: 'k8s' },
        namespace: { type: 'string', default: 'only2u' },
        weight: { type: 'string', default: '10' },
        watch: { type: 'string', default: '300' },
        rollback: { type: 'boolean', default: false },
      },
    }),
  );
  const { image = '', url = '', manifests, namespace, rollback } = values;
  const [weight, watchSeconds] = [Number(values.weight), Number(values.watch)];
  if (!rollback && !/@sha256:[0-9a-f]{64}$/.test(image))
    throw new Error('--image must be given by its digest. See npm run deploy -- --help');
  if (!rollback && !/^https:\/\//.test(url)) throw new Error('--url must be the https address of the shop. See npm run deploy -- --help');
  if (!(weight >= 1 && weight <= 50 && watchSeconds >= 0))
    throw new Error('--weight is 1 to 50, --watch seconds. See npm run deploy -- --help');
  const release = new Release(
    { image, url, namespace, weight, watchSeconds },
    { kubectl: kubectlIn(namespace), ask: statusOf, wait: pause },
  );
  if (rollback) release.back();
  else await release.run(manifestsIn(manifests));
}

function manifestsIn(folder: string): string {
  if (!existsSync(join(folder, 'kustomization.yaml')))
    return globSync('*.yaml', { cwd: folder })
      .sort()
      .map((file) => readFileSync(join(folder, file), 'utf8'))
      .join('\n---\n');
  const { status, stdout, stderr } = spawnSync('kubectl', ['kustomize', folder], { encoding: 'utf8', maxBuffer: 64 * 1_048_576 });
  if (status !== 0) throw new Error(`kubectl kustomize: ${stderr.trim()}`);
  return stdout;
}

if (import.meta.main && !helpAsked(HELP)) {
  try {
    await main();
  } catch (error) {
    complain(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}
