/**
 * `npm run new:service loyalty`: a new service that builds, migrates, starts, answers two operations and has a green spec; what is left to write is
 * its rules. It writes the app, its contract and its spec, and registers it in the table of services, at the gateway and in nest-cli.json; the rest is generated from those.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cloneRoot } from '#libs/runtime/project-root';
import { isServiceName, serviceNames, serviceOf } from '#libs/runtime/topology';
import { helpAsked } from './help.ts';
import { complain, say, timed } from './progress.ts';

const HELP = `npm run new:service <name> [port]

  <name>  one lower-case word, such as loyalty
  [port]  where it listens; the next free one unless given`;

class Refused extends Error {}

const [name = '', givenPort] = process.argv.slice(2);
if (!helpAsked(HELP)) {
  try {
    await create(name, portFor(givenPort));
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    complain(`${error.message}\n\n${HELP}`);
    process.exitCode = 2;
  }
}

function portFor(given: string | undefined): number {
  const taken = serviceNames.map((service) => serviceOf(service).port);
  const port = given === undefined ? Math.max(3_017, ...taken) + 1 : Number(given);
  if (!Number.isInteger(port) || port < 1_024 || port > 9_999) throw new Refused(`${given} is not a port from 1024 to 9999`);
  if (taken.includes(port)) throw new Refused(`Port ${port} is taken`);
  return port;
}

async function create(service: string, port: number): Promise<void> {
  if (!/^[a-z]{3,20}$/.test(service))
    throw new Refused(service === '' ? 'Which service?' : `${service} is not one lower-case word of 3 to 20 letters`);
  if (isServiceName(service)) throw new Refused(`There is a service ${service} already`);
  const root = cloneRoot();
  const files = filesOf(service, service.charAt(0).toUpperCase() + service.slice(1));
  for (const file of files.keys()) if (existsSync(join(root, file))) throw new Refused(`${file} exists already`);
  say(`Service ${service} on port ${port}`);
  await timed('files of the service', async () => {
    for (const [file, content] of files) {
      mkdirSync(dirname(join(root, file)), { recursive: true });
      writeFileSync(join(root, file), content);
    }
  });
  await timed('registrations', async () => register(root, service, port));
  await timed('format', async () =>
    run(root, 'node_modules/@biomejs/biome/bin/biome', [
      'check',
      '--write',
      `apps/${service}`,
      'apps/gateway/src/gateway.contracts.ts',
      'libs/contracts',
      'libs/runtime/topology.ts',
    ]),
  );
  await timed('generated files', async () => run(root, 'tools/generate.ts', [], ['--conditions=source']));
  say(`
apps/${service} listens on ${port} once the shop is started again. Next:
  npm test -- apps/${service}                  its spec, on a real Postgres and Redis
  libs/contracts/${service}/api.ts            what it can do: its operations, events and errors
  apps/${service}/src/${service}.handlers.ts  how it does it
  apps/${service}/migrations/                 the tables it needs`);
}

/** In the table of services, at the gateway and in nest-cli.json; the rest is generated from those. */
function register(root: string, service: string, port: number): void {
  edit(
    root,
    'libs/runtime/topology.ts',
    /\n} as const satisfies Record<string, Line>/,
    `\n  ${service}: { port: ${port}, database: true, redis: ['bus'], secrets: [] },$&`,
  );
  edit(
    root,
    'apps/gateway/src/gateway.contracts.ts',
    /(import type \{ AnyContract \}[^\n]*\n)/,
    `$1import { ${service}Api } from '#libs/contracts/${service}/api';\n`,
  );
  edit(root, 'apps/gateway/src/gateway.contracts.ts', /(serviceContracts: readonly AnyContract\[\] = \[[^\]]*)\]/, `$1, ${service}Api]`);
  const nest = JSON.parse(readFileSync(join(root, 'nest-cli.json'), 'utf8'));
  nest.projects[service] = JSON.parse(JSON.stringify(nest.projects.gateway).replaceAll('gateway', service));
  writeFileSync(join(root, 'nest-cli.json'), `${JSON.stringify(nest, null, 2)}\n`);
}

function edit(root: string, file: string, pattern: RegExp, replacement: string): void {
  const before = readFileSync(join(root, file), 'utf8');
  const after = before.replace(pattern, replacement);
  if (after === before) throw new Error(`${file} has changed its shape; register the service there by hand and mend this tool`);
  writeFileSync(join(root, file), after);
}

function run(root: string, file: string, args: readonly string[], flags: readonly string[] = []): void {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...flags, join(root, file), ...args], { cwd: root, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${file} failed:\n${stdout}${stderr}`);
}

/** Everything a simple service consists of, as small as it can be and still be a whole one. */
function filesOf(service: string, Service: string): ReadonlyMap<string, string> {
  const app = `apps/${service}`;
  return new Map([
    [
      `libs/contracts/${service}/views.ts`,
      `import { Text, Timestamp, Uuid } from '../fields.ts';
import { listOf } from '../page.ts';

export class ${Service}Note {
  @Uuid() id!: string;
  @Text(1, 200) text!: string;
  @Timestamp() createdAt!: string;
}
export class ${Service}NoteList extends listOf(${Service}Note) {}
`,
    ],
    [
      `libs/contracts/${service}/api.ts`,
      `import { contract, operation } from '../contract.ts';
import { Words } from '../fields.ts';
import { ByUser } from '../page.ts';
import { ${Service}Note, ${Service}NoteList } from './views.ts';

export class Add${Service}Note extends ByUser {
  @Words(1, 200) text!: string;
}

export const ${service}Api = contract('${service}', {
  operations: {
    notes: operation({ summary: 'Own notes, newest first', access: 'user', http: 'GET /${service}/user/:userId', in: ByUser, out: ${Service}NoteList }),
    addNote: operation({ summary: 'Add a note', access: 'user', http: 'POST /${service}/user/:userId', in: Add${Service}Note, out: ${Service}Note, status: 201 }),
  },
});
`,
    ],
    [
      `${app}/src/main.ts`,
      `import { runService } from '#libs/runtime/run-service';
import { ${service}Env } from './${service}.env.ts';
import { ${Service}Module } from './${service}.module.ts';

await runService('${service}', ${Service}Module, ${service}Env);
`,
    ],
    [
      `${app}/src/${service}.env.ts`,
      `import { environment, type Values } from '#libs/runtime/environment';

export const ${service}Env = environment({});
export type ${Service}Env = Values<typeof ${service}Env>;
`,
    ],
    [
      `${app}/src/${service}.module.ts`,
      `import { Module } from '@nestjs/common';
import { ${service}Api } from '#libs/contracts/${service}/api';
import { handlersOf } from '#libs/runtime/handlers';
import { ServiceModule } from '#libs/runtime/service.module';
import { migrations } from '../migrations/${service}.migrations.ts';
import { ${Service}Handlers } from './${service}.handlers.ts';
import { ${Service}Repository } from './${service}.repository.ts';

@Module({
  imports: [ServiceModule.for({ contract: ${service}Api, migrations })],
  controllers: handlersOf(${service}Api, [${Service}Handlers]),
  providers: [${Service}Repository],
})
export class ${Service}Module {}
`,
    ],
    [
      `${app}/src/${service}.handlers.ts`,
      `import { Injectable } from '@nestjs/common';
import type { Add${Service}Note } from '#libs/contracts/${service}/api';
import type { ${Service}Note, ${Service}NoteList } from '#libs/contracts/${service}/views';
import type { ByUser } from '#libs/contracts/page';
import { ${Service}Repository } from './${service}.repository.ts';

@Injectable()
export class ${Service}Handlers {
  constructor(private readonly repository: ${Service}Repository) {}

  async notes({ userId }: ByUser): Promise<${Service}NoteList> {
    return { items: await this.repository.notesOf(userId) };
  }

  addNote({ userId, text }: Add${Service}Note): Promise<${Service}Note> {
    return this.repository.add(userId, text);
  }
}
`,
    ],
    [
      `${app}/src/${service}.repository.ts`,
      `import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import type { ${Service}Note } from '#libs/contracts/${service}/views';
import { Database } from '#libs/persistence/database';
import { sql } from '#libs/persistence/sql';

interface NoteRow {
  readonly id: string;
  readonly text: string;
  readonly created_at: Date;
}

const noteOf = ({ id, text, created_at }: NoteRow): ${Service}Note => ({ id, text, createdAt: created_at.toISOString() });

@Injectable()
export class ${Service}Repository {
  constructor(private readonly database: Database) {}

  async notesOf(userId: string): Promise<${Service}Note[]> {
    const rows = await this.database.rows<NoteRow>(sql\`SELECT id, text, created_at FROM ${service}_notes WHERE user_id = \${userId} ORDER BY id DESC LIMIT 100\`);
    return rows.map(noteOf);
  }

  async add(userId: string, text: string): Promise<${Service}Note> {
    const row = await this.database.row<NoteRow>(sql\`
      INSERT INTO ${service}_notes (id, user_id, text) VALUES (\${uuidv7()}, \${userId}, \${text}) RETURNING id, text, created_at\`);
    return noteOf(row as NoteRow);
  }
}
`,
    ],
    [
      `${app}/migrations/1764900000000-${service}-notes.ts`,
      `import type { MigrationInterface, QueryRunner } from 'typeorm';

export class ${Service}Notes1764900000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(\`
      CREATE TABLE ${service}_notes (
        id uuid PRIMARY KEY,
        user_id uuid NOT NULL,
        text text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now()
      )\`);
    await runner.query('CREATE INDEX ${service}_notes_of_user ON ${service}_notes (user_id, id DESC)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE ${service}_notes');
  }
}
`,
    ],
    [
      `${app}/migrations/${service}.migrations.ts`,
      `import { MessagingTables1764000000000 } from '#libs/persistence/migrations';
import { ${Service}Notes1764900000000 } from './1764900000000-${service}-notes.ts';

export const migrations = [MessagingTables1764000000000, ${Service}Notes1764900000000];
`,
    ],
    [
      `${app}/test/${service}.spec.ts`,
      `import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ScratchDatabase, scratchDatabase } from '#libs/testing/scratch-database';
import { startTestService } from '#libs/testing/test-service';
import { migrations } from '../migrations/${service}.migrations.ts';
import { ${Service}Handlers } from '../src/${service}.handlers.ts';
import { ${Service}Module } from '../src/${service}.module.ts';

/** The ${service} service on a real Postgres and Redis. */
let scratch: ScratchDatabase;
let app: NestFastifyApplication;
let handlers: ${Service}Handlers;

beforeAll(async () => {
  scratch = await scratchDatabase(migrations);
  app = await startTestService({
    service: '${service}',
    module: ${Service}Module,
    databaseUrl: scratch.url,
    redisUrl: process.env.TEST_REDIS_URL ?? '',
  });
  handlers = app.get(${Service}Handlers);
});
afterAll(async () => {
  await app?.close();
  await scratch?.drop();
});

describe('notes', () => {
  it('are listed newest first, to the user who wrote them alone', async () => {
    const [userId, stranger] = [uuidv7(), uuidv7()];
    const first = await handlers.addNote({ userId, text: 'first' });
    const second = await handlers.addNote({ userId, text: 'second' });
    expect((await handlers.notes({ userId })).items).toEqual([second, first]);
    expect((await handlers.notes({ userId: stranger })).items).toEqual([]);
  });
});
`,
    ],
    [`${app}/tsconfig.app.json`, readFileSync(join(cloneRoot(), 'apps/gateway/tsconfig.app.json'), 'utf8').replaceAll('gateway', service)],
    [
      `${app}/README.md`,
      `# ${service}

What it is for, in a sentence. Its operations are in \`libs/contracts/${service}/api.ts\`, its rules in \`src/${service}.handlers.ts\`, its tables in \`migrations/\`.
`,
    ],
  ]);
}
