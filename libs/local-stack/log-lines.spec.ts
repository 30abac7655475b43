import { stripVTControlCharacters } from 'node:util';
import { expect, it } from 'vitest';
import { LineSplitter, readable } from './log-lines.ts';

it('cuts chunks into lines wherever they break', () => {
  const lines: string[] = [];
  const splitter = new LineSplitter((line) => lines.push(line));
  for (const chunk of ['a\nb', 'c\r\n', '\nd']) splitter.push(chunk);
  expect(lines).toEqual(['a', 'bc']);
  splitter.end();
  expect(lines).toEqual(['a', 'bc', 'd']);
});

it('shows a JSON line as event and fields, with an error’s stack below', () => {
  const line = JSON.stringify({
    level: 50,
    time: 1,
    pid: 7,
    msg: 'order.failed',
    orderId: 'o 1',
    err: { message: 'broken', stack: 'Error: broken\n    at x' },
  });
  const { level, text } = readable(line);
  expect(level).toBe(50);
  expect(stripVTControlCharacters(text)).toMatch(/ERROR order\.failed orderId="o 1" err="broken"\nError: broken\n {4}at x$/);
});

it('leaves every other line as it is', () => {
  expect(readable('{not json').text).toBe('{not json');
  expect(readable('(node:1) Warning').text).toBe('(node:1) Warning');
});
