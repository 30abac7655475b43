/** The services of compose that are there at wish: `front`, `observe`, `cassandra`, `s3`. What they read comes by `configs`, one a file. */
import { globSync } from 'node:fs';

/** A file of this repository and where a container finds it. */
interface MountedFile {
  readonly name: string;
  readonly file: string;
  readonly target: string;
}

/** Where the folders of `observe/` are in their containers; tests of rules and what is for other places stay outside. */
const OBSERVED: readonly [service: string, folder: string, target: string][] = [
  ['prometheus', 'observe/prometheus', '/etc/prometheus'],
  ['grafana', 'observe/grafana/provisioning', '/etc/grafana/provisioning'],
  ['grafana', 'observe/grafana/dashboards', '/var/lib/grafana/dashboards'],
  ['alertmanager', 'observe/alertmanager', '/etc/alertmanager'],
];
const ELSEWHERE = /(^|\/)(tests\/|kubernetes|README)/;
const COLLECTOR_FILE = 'observe/otel-collector.yaml';

/** By the service that reads them. */
export type ObservedFiles = ReadonlyMap<string, readonly MountedFile[]>;

export function observedFiles(root: string): ObservedFiles {
  const found = OBSERVED.flatMap(([service, folder, target]) =>
    globSync('**/*.{yml,yaml,json,tmpl}', { cwd: `${root}/${folder}` })
      .map((name) => name.replaceAll('\\', '/'))
      .filter((name) => !ELSEWHERE.test(name))
      .sort()
      .map((name) => ({
        service,
        name: `${folder.replace('observe/', '')}/${name}`.replace(/[^a-z0-9]+/gi, '_'),
        file: `./${folder}/${name}`,
        target: `${target}/${name}`,
      })),
  );
  const collector = {
    service: 'otel-collector',
    name: 'otel_collector',
    file: `./${COLLECTOR_FILE}`,
    target: '/etc/otelcol-contrib/config.yaml',
  };
  return Map.groupBy([...found, ...(globSync(COLLECTOR_FILE, { cwd: root }).length > 0 ? [collector] : [])], ({ service }) => service);
}

const mounted = (files: readonly MountedFile[]): string =>
  files.map(({ name, target }) => `      - { source: ${name}, target: "${target}", mode: 0444 }\n`).join('');

/** nginx as a user without rights; a fixed address, for it is the one proxy whose X-Forwarded-For the gateway believes. */
export const frontService = (address: string): string => `  front:
    <<: *store
    profiles: [front]
    image: nginx:1.28.0
    user: "101:101"
    entrypoint: ["nginx", "-c", "/etc/nginx/only2u.conf"]
    read_only: true
    tmpfs: ["/tmp:mode=1777"]
    mem_limit: 256m
    networks:
      edge: { ipv4_address: ${address} }
    ports: ["127.0.0.1:8080:8080", "127.0.0.1:8443:8443"]
    configs:
      - { source: nginx, target: /etc/nginx/only2u.conf, mode: 0444 }
    secrets: [front_certificate, front_key]
    healthcheck:
      test: ["CMD", "curl", "-fsSk", "-o", "/dev/null", "https://127.0.0.1:8443/robots.txt"]
      interval: 5s
      retries: 24
    depends_on:
      gateway: { condition: service_healthy }
`;

interface Watcher {
  readonly name: string;
  readonly image: string;
  readonly lines: string;
  readonly memory: string;
  readonly ports?: string;
  readonly health?: string;
  /** Sends what it has to somewhere outside. */
  readonly reaches?: true;
}

const WATCHERS: readonly Watcher[] = [
  {
    name: 'prometheus',
    image: 'prom/prometheus:v3.7.3',
    memory: '1g',
    ports: '127.0.0.1:9090:9090',
    lines: `    command: ["--config.file=/etc/prometheus/prometheus.yml", "--storage.tsdb.path=/prometheus", "--storage.tsdb.retention.time=15d", "--storage.tsdb.retention.size=4GB"]
    volumes: ["prometheus:/prometheus"]
`,
    health: '"CMD", "wget", "-q", "-O", "/dev/null", "http://127.0.0.1:9090/-/ready"',
  },
  {
    name: 'alertmanager',
    image: 'prom/alertmanager:v0.28.1',
    memory: '128m',
    ports: '127.0.0.1:9093:9093',
    lines: `    command: ["--config.file=/etc/alertmanager/alertmanager.yml", "--storage.path=/alertmanager"]
    volumes: ["alertmanager:/alertmanager"]
`,
    health: '"CMD", "wget", "-q", "-O", "/dev/null", "http://127.0.0.1:9093/-/ready"',
  },
  {
    name: 'grafana',
    image: 'grafana/grafana:12.2.0',
    memory: '512m',
    // 3000 is the gateway's.
    ports: '127.0.0.1:3300:3000',
    lines: `    environment:
      GF_SECURITY_ADMIN_PASSWORD: \${GRAFANA_ADMIN_PASSWORD:?a password of at least 16 characters}
      GF_USERS_ALLOW_SIGN_UP: "false"
      GF_ANALYTICS_REPORTING_ENABLED: "false"
      GF_ANALYTICS_CHECK_FOR_UPDATES: "false"
    volumes: ["grafana:/var/lib/grafana"]
`,
    health: '"CMD", "wget", "-q", "-O", "/dev/null", "http://127.0.0.1:3000/api/health"',
  },
  {
    // Its image has no program that could ask it.
    name: 'otel-collector',
    image: 'otel/opentelemetry-collector-contrib:0.137.0',
    memory: '512m',
    reaches: true,
    lines: `    command: ["--config=/etc/otelcol-contrib/config.yaml"]
    environment: { TRACES_ENDPOINT: "\${TRACES_ENDPOINT:-tempo:4317}" }
`,
  },
];

export function observeServices(files: ObservedFiles): string {
  return WATCHERS.filter(({ name }) => (files.get(name) ?? []).length > 0)
    .map(
      ({ name, image, lines, memory, ports, health, reaches }) => `  ${name}:
    <<: *store
    profiles: [observe]
    image: ${image}
${lines}    read_only: true
    tmpfs: [/tmp]
    mem_limit: ${memory}
    networks: [inner${ports === undefined && reaches !== true ? '' : ', edge'}]
${ports === undefined ? '' : `    ports: ["${ports}"]\n`}    configs:
${mounted(files.get(name) ?? [])}${health === undefined ? '' : `    healthcheck:\n      test: [${health}]\n      interval: 5s\n      retries: 24\n`}`,
    )
    .join('\n');
}

export const keepingWatchers = (files: ObservedFiles): readonly string[] =>
  WATCHERS.filter(({ name, lines }) => lines.includes('volumes:') && (files.get(name) ?? []).length > 0).map(({ name }) => name);

/** One node, on the inner network alone. It writes into its own folders at each start, so its root is not read-only. */
export const cassandraService = `  cassandra:
    <<: *store
    profiles: [cassandra]
    image: cassandra:5.0.5
    user: cassandra
    mem_limit: 2g
    environment: { MAX_HEAP_SIZE: 768M, HEAP_NEWSIZE: 128M, CASSANDRA_CLUSTER_NAME: only2u, CASSANDRA_DC: datacenter1 }
    volumes: ["cassandra:/var/lib/cassandra"]
    networks: [inner]
    healthcheck:
      test: ["CMD-SHELL", "cqlsh -e 'SELECT key FROM system.local' > /dev/null"]
      interval: 5s
      retries: 60
      start_period: 60s
`;

export const BUCKET = 'only2u';
export const s3Service = `  s3:
    <<: *store
    profiles: [s3]
    image: versity/versitygw:v1.8.0
    entrypoint: ["sh", "-c", "mkdir -p /files/${BUCKET} && exec $$(command -v versitygw || echo /app/versitygw) --port :7070 posix /files"]
    environment:
      ROOT_ACCESS_KEY: \${S3_ACCESS_KEY_ID:-}
      ROOT_SECRET_KEY: \${S3_SECRET_ACCESS_KEY:-}
    read_only: true
    tmpfs: [/tmp]
    mem_limit: 256m
    volumes: ["s3:/files"]
    networks: [inner]
    healthcheck:
      test: ["CMD-SHELL", "nc -z 127.0.0.1 7070"]
      interval: 5s
      retries: 24
`;
