import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cloneRoot } from '#libs/runtime/project-root';

/** All files of a simple service by their path, as small as they can be and still be a whole one. */
export function filesOf(service: string): ReadonlyMap<string, string> {
  const Service = service.charAt(0).toUpperCase() + service.slice(1);
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
import { retention } from '../migrations/${service}.retention.ts';
import { ${Service}Handlers } from './${service}.handlers.ts';
import { ${Service}Repository } from './${service}.repository.ts';

@Module({
  imports: [ServiceModule.for({ contract: ${service}Api, migrations, retention })],
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
    await runner.query('CREATE INDEX ${service}_notes_age ON ${service}_notes (created_at)');
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
      `${app}/migrations/${service}.retention.ts`,
      `import type { Retention } from '#libs/persistence/retention';

/** How long each table of this service keeps its rows. */
export const retention = {
  ${service}_notes: { keptFor: '1 year', since: 'created_at', why: 'people look back at what they wrote' },
} as const satisfies Retention;
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
