// Before `npm start` and `npm test`: installs the locked packages when they are missing or changed. Built-ins only, and nothing newer than
// Node 20 has, because what runs it is the machine's own Node; the scripts after it run on the Node 24 that it installs.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const stamp = join(root, 'node_modules', '.only2u-lock');
const wanted = createHash('sha256')
  .update(readFileSync(join(root, 'package-lock.json')))
  .digest('hex');

if (Number(process.versions.node.split('.')[0]) < 20) fail(`Only2U is installed with Node 20 or later; this is ${process.versions.node}.`);
if (installed() !== wanted) install();

function installed() {
  try {
    return readFileSync(stamp, 'utf8');
  } catch {
    return undefined;
  }
}

function install() {
  const began = Date.now();
  process.stdout.write('Installing the packages of package-lock.json (about a minute) …\n');
  // npm's own Node and program: the one in node_modules/.bin vanishes during a re-install.
  const npm = process.env.npm_execpath;
  const [file, args] = npm === undefined ? ['npm', []] : [process.env.npm_node_execpath ?? process.execPath, [npm]];
  const { status, error } = spawnSync(file, [...args, 'ci', '--include=dev', '--ignore-scripts=false', '--loglevel=error'], {
    cwd: root,
    stdio: 'inherit',
    env: cleanEnvironment(),
  });
  if (error) fail(`npm could not be started: ${error.message}`);
  if (status !== 0) fail('npm ci failed; its messages are above.');
  writeFileSync(stamp, wanted);
  process.stdout.write(`Packages installed in ${Math.round((Date.now() - began) / 1000)} s\n`);
}

/** Settings of a calling npm, such as `npm_config_omit=dev`, would leave out packages that are needed. */
function cleanEnvironment() {
  const dropped = /^npm_config_(omit|only|production|include|ignore_scripts)$/i;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !dropped.test(name)));
}

function fail(sentence) {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
}
