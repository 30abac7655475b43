/** The Kubernetes files of the services, as a cluster with Pod Security "restricted" takes them. */
import { needLargeYoungGeneration } from '#libs/local-stack/process-environment';
import {
  cassandraLogin,
  databaseVariable,
  isDispensable,
  migrationDatabaseVariable,
  passwordVariable,
  probePortDistance,
  redisVariable,
  type Service,
  type ServiceName,
} from '#libs/runtime/topology';

const NOTICE = '# Generated from libs/runtime/topology.ts by `npm run generate`.\n';
const BUS_SECRETS = ['BUS_SECRET', 'BUS_SECRET_PREVIOUS'];

/** Left out unless a secret is being changed, a password stands beside its URL because of its characters, or a Cassandra asks for a login. */
const isOptional = (key: string): boolean =>
  isDispensable(key) || key === 'REDIS_PASSWORD' || cassandraLogin.some((one) => one === key) || key.endsWith('DATABASE_PASSWORD');

const fromSecret = (secret: string, key: string): string =>
  `            - name: ${key}\n              valueFrom: { secretKeyRef: { name: ${secret}, key: ${key}${isOptional(key) ? ', optional: true' : ''} } }`;
const fromSettings = (key: string): string =>
  `            - name: ${key}\n              valueFrom: { configMapKeyRef: { name: only2u, key: ${key} } }`;

const POD_SECURITY = 'securityContext: { runAsNonRoot: true, runAsUser: 1000, runAsGroup: 1000, seccompProfile: { type: RuntimeDefault } }';
const CONTAINER_SECURITY =
  'securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: [ALL] } }';

const withPasswordOf = (urlVariable: string): readonly string[] => [urlVariable, passwordVariable(urlVariable)];

/** What a service's own Secret holds: the logins that it runs as, and none that owns a table. */
const ownSecrets = ({ name, database, redis, secrets, cassandra }: Service): readonly string[] => [
  ...(database ? withPasswordOf(databaseVariable(name)) : []),
  ...redis.map(redisVariable),
  'REDIS_PASSWORD',
  ...secrets,
  ...(cassandra ? cassandraLogin : []),
];

/** Settings without which a service in a cluster refuses to start, or a gateway would be wrong; a pod waits for them. */
const OWN_SETTINGS: Partial<Record<ServiceName, readonly string[]>> = { gateway: ['TRUST_PROXY'], storage: ['S3_BUCKET'] };
const neededSettings = ({ name }: Service): readonly string[] => ['PUBLIC_URL', ...(OWN_SETTINGS[name] ?? [])];

/** Replicas share no disk: files are in S3, and what is on its way there in a folder of the pod. Pictures are decoded in memory. */
const STORAGE_ROOM = {
  environment: '            - { name: STORAGE_DIR, value: /files }',
  mount: '          volumeMounts: [{ name: files, mountPath: /files }]\n',
  volume: '      volumes: [{ name: files, emptyDir: { sizeLimit: 4Gi } }]\n',
  memory: '1Gi',
};

export function kubernetesFile(service: Service): string {
  const { name, port } = service;
  const room = name === 'storage' ? STORAGE_ROOM : undefined;
  const environment = [
    `            - { name: APP, value: ${name} }`,
    '            - name: POD_IP\n              valueFrom: { fieldRef: { fieldPath: status.podIP } }',
    ...(needLargeYoungGeneration.includes(name) ? [] : ['            - { name: NODE_OPTIONS, value: "--max-semi-space-size=2" }']),
    ...neededSettings(service).map(fromSettings),
    ...(room === undefined ? [] : [room.environment]),
    ...BUS_SECRETS.map((key) => fromSecret('only2u-bus', key)),
    ...ownSecrets(service).map((key) => fromSecret(`only2u-${name}`, key)),
  ].join('\n');
  return `${NOTICE}# Secret only2u-bus: BUS_SECRET (and BUS_SECRET_PREVIOUS while it changes).
# Secret only2u-${name}: ${ownSecrets(service)
    .map((key) => (isOptional(key) ? `${key} (may be left out)` : key))
    .join(', ')}.
# ConfigMap only2u: the settings; ${neededSettings(service).join(' and ')} must be there.
apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name}, labels: { app: ${name} } }
spec:
  replicas: 2
  selector: { matchLabels: { app: ${name} } }
  strategy: { rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } }
  template:
    metadata: { labels: { app: ${name} } }
    spec:
      terminationGracePeriodSeconds: 30
      automountServiceAccountToken: false
      enableServiceLinks: false
      ${POD_SECURITY}
      containers:
        - name: ${name}
          image: only2u
          args: ["${name}"]
          ports: [{ name: http, containerPort: ${port} }, { name: probes, containerPort: ${port + probePortDistance} }]
          envFrom: [{ configMapRef: { name: only2u } }]
          env:
${environment}
          ${CONTAINER_SECURITY}
          lifecycle: { preStop: { sleep: { seconds: 5 } } }
          livenessProbe: { httpGet: { path: /health/live, port: probes }, periodSeconds: 10, failureThreshold: 3 }
          readinessProbe: { httpGet: { path: /health/ready, port: probes }, periodSeconds: 2, failureThreshold: 2 }
          startupProbe: { httpGet: { path: /health/live, port: probes }, periodSeconds: 2, failureThreshold: 30 }
          resources: { requests: { cpu: 100m, memory: 160Mi }, limits: { memory: ${room?.memory ?? '384Mi'} } }
${room === undefined ? '' : `${room.mount}${room.volume}`}---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: { name: ${name} }
spec: { minAvailable: 1, selector: { matchLabels: { app: ${name} } } }
---
apiVersion: v1
kind: Service
metadata: { name: ${name} }
spec: { selector: { app: ${name} }, ports: [{ name: http, port: ${port}, targetPort: http }] }
`;
}

/** One Job that brings all databases up to date, run to its end before the new pods of a release. */
export function migrationFile(services: readonly Service[]): string {
  const owners = services.filter(({ database }) => database);
  const environment = [
    ...BUS_SECRETS.map((key) => fromSecret('only2u-bus', key)),
    // Its login's name says who gets the rights.
    ...owners.map(({ name }) => fromSecret(`only2u-${name}`, databaseVariable(name))),
    ...owners.flatMap(({ name, cassandra }) => (cassandra ? cassandraLogin.map((key) => fromSecret(`only2u-${name}`, key)) : [])),
    ...owners.flatMap(({ name }) => withPasswordOf(migrationDatabaseVariable(name))).map((key) => fromSecret('only2u-migrate', key)),
  ].join('\n');
  return `${NOTICE}# Before each release: kubectl replace --force -f k8s/migrate.yaml && kubectl wait --for=condition=complete --timeout=10m job/migrate
# Secret only2u-migrate, for nobody but this Job: ${owners.map(({ name }) => migrationDatabaseVariable(name)).join(', ')},
# the databases as the logins that own their tables; a password may stand beside its URL, in …_MIGRATION_DATABASE_PASSWORD.
# A Job cannot be changed once it ran, so it is replaced. Migrations are safe beside the version before.
apiVersion: batch/v1
kind: Job
metadata: { name: migrate, labels: { app: migrate } }
spec:
  backoffLimit: 3
  activeDeadlineSeconds: 900
  template:
    metadata: { labels: { app: migrate } }
    spec:
      restartPolicy: Never
      automountServiceAccountToken: false
      enableServiceLinks: false
      ${POD_SECURITY}
      containers:
        - name: migrate
          image: only2u
          args: [${['migrate', ...owners.map(({ name }) => name)].map((word) => `"${word}"`).join(', ')}]
          envFrom: [{ configMapRef: { name: only2u } }]
          env:
${environment}
          ${CONTAINER_SECURITY}
          resources: { requests: { cpu: 100m, memory: 128Mi }, limits: { memory: 384Mi } }
`;
}
