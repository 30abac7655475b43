import { describe, expect, it } from 'vitest';
import { SecretTexts } from './secret-texts.ts';

const [old, present] = ['the secret before, which is long enough', 'the present secret, which is long enough'];

describe('a closed text', () => {
  it('opens at its place alone, and shows nothing of itself', () => {
    const texts = new SecretTexts({ present });
    const closed = texts.close('message 1', '४८२ 917');
    expect(texts.open('message 1', closed)).toBe('४८२ 917');
    expect(texts.open('message 2', closed)).toBeUndefined();
    expect(Buffer.from(closed, 'base64url').toString('latin1')).not.toContain('917');
    expect(texts.close('message 1', '४८२ 917')).not.toBe(closed);
  });

  it('opens with the secret before, and with no other; what was changed or cut does not open', () => {
    const closed = new SecretTexts({ present: old }).close('m', '123456');
    expect(new SecretTexts({ present, previous: old }).open('m', closed)).toBe('123456');
    expect(new SecretTexts({ present }).open('m', closed)).toBeUndefined();
    const texts = new SecretTexts({ present: old });
    for (let end = 0; end < closed.length; end += 1) expect(texts.open('m', closed.slice(0, end))).toBeUndefined();
    const changed = Buffer.from(closed, 'base64url');
    changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
    expect(texts.open('m', changed.toString('base64url'))).toBeUndefined();
  });
});
