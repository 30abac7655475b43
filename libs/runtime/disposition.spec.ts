import { expect, it } from 'vitest';
import { dispositionOf } from './disposition.ts';

it('a name of plain letters is said once, any other also whole, and none ends the header', () => {
  expect(dispositionOf('inline', 'INV-2026-1.pdf')).toBe('inline; filename="INV-2026-1.pdf"');
  expect(dispositionOf('attachment', 'कुर्ता.jpg')).toMatch(/^attachment; filename="_+\.jpg"; filename\*=UTF-8''%E0%A4%95/);
  const hostile = dispositionOf('inline', 'a"\r\nset-cookie: b=1;\\.pdf');
  expect(hostile).not.toMatch(/[\r\n]/);
  expect(hostile.match(/"/g)).toHaveLength(2);
});
