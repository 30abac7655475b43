import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';

const pages = ['*.md', 'docs/**/*.md', 'apps/*/README.md', 'doubles/*/README.md'].flatMap((pattern) => globSync(pattern));

it.each(pages)('%s names files that exist', (page) => {
  const text = readFileSync(page, 'utf8').replaceAll(/^```[\s\S]*?^```$/gm, '');
  const linked = [...text.matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)].map(([, path = '']) => join(dirname(page), path));
  const named = [...text.matchAll(/`((?:apps|libs|tools|e2e|bench|docs|doubles|k8s|docker)\/[\w./-]+\.[a-z]+)`/g)].map(
    ([, path = '']) => path,
  );
  expect([...linked, ...named].filter((path) => !existsSync(path))).toEqual([]);
});
