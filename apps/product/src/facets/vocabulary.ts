import { folded } from './folded.ts';

/** Numbers for the texts of a column. Texts that differ only in case are one. */
export class Vocabulary {
  private readonly codes = new Map<string, number>();
  private readonly spellings: string[] = [];

  get size(): number {
    return this.spellings.length;
  }

  /** The number of a text, which gets one where it has none. */
  codeOf(text: string): number {
    // Most texts come as they came before; only a new spelling is folded.
    const known = this.codes.get(text);
    if (known !== undefined) return known;
    const key = folded(text);
    const code = this.codes.get(key) ?? this.spellings.push(text) - 1;
    this.codes.set(key, code);
    this.codes.set(text, code);
    // Whichever spelling comes first, each replica shows the same.
    if (text < (this.spellings[code] ?? '')) this.spellings[code] = text;
    return code;
  }

  /** Undefined for a text that nothing has. */
  find(text: string): number | undefined {
    return this.codes.get(folded(text));
  }

  textOf(code: number): string {
    return this.spellings[code] ?? '';
  }
}
