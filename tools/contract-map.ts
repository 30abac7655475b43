/** What the contracts declare and which file does it: read by `npm run routes` and written to docs/ by `npm run generate`. */
import { execFileSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { build } from './build.ts';

interface DeclaredOperation {
  readonly key: string;
  /** Absent for operations that only services call. */
  readonly method?: string;
  readonly path?: string;
  readonly access: string;
  readonly lane: string;
}

interface DeclaredEvent {
  readonly key: string;
  readonly summary: string;
  readonly version: number;
  readonly subscribers: readonly string[];
  readonly batched: readonly string[];
  readonly lane: string;
  readonly payload: string;
}

interface Declared {
  readonly name: string;
  readonly operations: readonly DeclaredOperation[];
  readonly events: readonly DeclaredEvent[];
  readonly signals: readonly Pick<DeclaredEvent, 'key' | 'summary' | 'payload'>[];
}

export interface MappedOperation extends DeclaredOperation {
  readonly handler: string;
}

export interface MappedEvent extends DeclaredEvent {
  readonly payloadFile: string;
  readonly reactions: readonly { readonly subscriber: string; readonly file: string }[];
}

export interface ContractMap {
  readonly operations: readonly MappedOperation[];
  readonly events: readonly MappedEvent[];
  readonly signals: readonly (Declared['signals'][number] & { readonly payloadFile: string })[];
}

/** @throws Error for an operation, a reaction or a payload that is not found in exactly one file. */
export async function readContractMap(root: string): Promise<ContractMap> {
  await build(root);
  const program = join(root, 'dist/apps/gateway/src/print-contracts.js');
  const contracts: Declared[] = JSON.parse(execFileSync(process.execPath, [program], { encoding: 'utf8' }));
  const libraries = methodsIn(root, 'libs/runtime/*.handlers.ts');
  const apps = new Map<string, Methods>();
  const methodsOf = (service: string): Methods => {
    const known = apps.get(service) ?? methodsIn(root, `apps/${service}/src/**/*.ts`);
    apps.set(service, known);
    return known;
  };
  const payloads = classesIn(root, 'libs/contracts/**/*.ts');
  return {
    operations: contracts.flatMap(({ name, operations }) =>
      operations.map((operation) => {
        const method = operation.key.slice(name.length + 1);
        return {
          ...operation,
          handler: onlyFile(operation.key, methodsOf(name).get(`Handlers.${method}`) ?? libraries.get(`Handlers.${method}`)),
        };
      }),
    ),
    events: contracts.flatMap(({ events }) =>
      events.map((event) => ({
        ...event,
        payloadFile: onlyFile(event.payload, payloads.get(event.payload)),
        reactions: event.subscribers.map((subscriber) => ({
          subscriber,
          file: onlyFile(`${subscriber}'s reaction to ${event.key}`, methodsOf(subscriber).get(`Reactions.${reactionTo(event.key)}`)),
        })),
      })),
    ),
    signals: contracts.flatMap(({ signals }) =>
      signals.map((one) => ({ ...one, payloadFile: onlyFile(one.payload, payloads.get(one.payload)) })),
    ),
  };
}

/** `Handlers.place` or `Reactions.onPaymentCaptured` → the files of classes so called that have the method. */
type Methods = ReadonlyMap<string, readonly string[]>;

/** `onPaymentCaptured` for `payment.captured`. */
const reactionTo = (key: string): string =>
  `on${key
    .split('.')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('')}`;

function methodsIn(root: string, pattern: string): Methods {
  return collect(root, pattern, (node) => {
    const role = /(Handlers|Reactions)$/.exec(node.name?.text ?? '')?.[1];
    if (role === undefined) return [];
    return node.members.filter(ts.isMethodDeclaration).flatMap(({ name }) => (ts.isIdentifier(name) ? [`${role}.${name.text}`] : []));
  });
}

function classesIn(root: string, pattern: string): Methods {
  return collect(root, pattern, (node) => (node.name === undefined ? [] : [node.name.text]));
}

function collect(root: string, pattern: string, namesOf: (node: ts.ClassDeclaration) => readonly string[]): Methods {
  const found = new Map<string, string[]>();
  for (const path of globSync(pattern, { cwd: root }).sort()) {
    if (path.endsWith('.spec.ts')) continue;
    const file = path.replaceAll('\\', '/');
    const source = ts.createSourceFile(file, readFileSync(join(root, file), 'utf8'), ts.ScriptTarget.Latest);
    for (const node of source.statements.filter(ts.isClassDeclaration))
      for (const name of namesOf(node)) found.set(name, [...(found.get(name) ?? []), file]);
  }
  return found;
}

function onlyFile(what: string, files: readonly string[] = []): string {
  const [file] = files;
  if (file === undefined || files.length > 1) throw new Error(`${what} stands in ${files.length === 0 ? 'no file' : files.join(' and ')}`);
  return file;
}
