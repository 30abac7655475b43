import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, lstatSync, mkdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** PostgreSQL refuses to run as root. Who runs it then; undefined when we are not root and it runs as ourselves. */
export function unprivilegedAccount(): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const accounts = accountsOf(readFileSync('/etc/passwd', 'utf8'));
  const account = accounts.find(({ name }) => name === 'postgres') ?? accounts.find(({ name }) => name === 'nobody');
  if (account === undefined)
    throw new Error(
      'PostgreSQL must not run as root, and /etc/passwd has neither "postgres" nor "nobody". Start as a user, or set DATABASE_URL.',
    );
  return account;
}

/** The account that owns a cluster made earlier; the system may have got a `postgres` user since. */
export function accountOfOwner(path: string, preferred: Account): Account {
  const { uid, gid } = lstatSync(path);
  return uid === preferred.uid || uid === 0 ? preferred : { name: String(uid), uid, gid };
}

function accountsOf(passwd: string): Account[] {
  return passwd.split('\n').flatMap((line) => {
    const [name = '', , uid, gid] = line.split(':');
    return name === '' || name.startsWith('#') || uid === undefined || gid === undefined
      ? []
      : [{ name, uid: Number(uid), gid: Number(gid) }];
  });
}

/** Whether the account can run the program, or enter the folder, at `path`. Asked of the system, since that depends on every folder above. */
export function canReach(account: Account, path: string): boolean {
  const asked = spawnSync('/bin/sh', ['-c', 'test -x "$1"', 'sh', path], {
    uid: account.uid,
    gid: account.gid,
    cwd: '/',
    stdio: 'ignore',
  });
  return asked.status === 0;
}

/** `/var/tmp/only2u-<hash>`: where what belongs to `path` lies when an unprivileged account cannot reach `path` itself. */
export function outsideClone(path: string): string {
  return join('/var/tmp', `only2u-${createHash('sha256').update(resolve(path)).digest('hex').slice(0, 12)}`);
}

/** Makes that folder, which any user may enter. `/var/tmp` belongs to everybody, so one that somebody else put there is refused. */
export function makeOutsideClone(path: string): string {
  const folder = outsideClone(path);
  mkdirSync(folder, { recursive: true, mode: 0o711 });
  const status = lstatSync(folder);
  if (!status.isDirectory() || status.uid !== process.getuid?.())
    throw new Error(`${folder} was made by another user. Remove it, or set DATA_DIR.`);
  // mkdir's mode is cut by the umask.
  chmodSync(folder, 0o711);
  return folder;
}
