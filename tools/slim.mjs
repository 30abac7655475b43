/** After `npm prune --omit=dev`, in the image's build: removes what no process reads. Plain JavaScript, for the compiler is among it. */
import { globSync, rmSync } from 'node:fs';

/** Peers that npm keeps for packages which use them at a developer's desk only. */
const unused = [
  'node_modules/typescript',
  'node_modules/node',
  'node_modules/node-bin-*',
  'node_modules/.bin',
  'node_modules/.package-lock.json',
];
const files = ['**/*.{map,tsbuildinfo,flow,markdown,md}', '**/*.d.{ts,mts,cts}'];
const patterns = [
  ...unused,
  ...files.flatMap((pattern) => [`node_modules/${pattern}`, `dist/${pattern}`]),
  'dist/libs/testing',
  'dist/.build',
];

for (const path of patterns.flatMap((pattern) => globSync(pattern))) rmSync(path, { recursive: true, force: true });
