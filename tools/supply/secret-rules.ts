/** The rules of `.gitleaks.toml`, as far as they are written there: our own, not those that gitleaks has built in. */
export interface SecretRule {
  readonly id: string;
  readonly regex: RegExp;
  /** In small letters; one of them must be in a text for the rule to be tried. */
  readonly keywords: readonly string[];
}
export interface SecretRules {
  readonly rules: readonly SecretRule[];
  readonly allowedPaths: readonly RegExp[];
  readonly allowedValues: readonly RegExp[];
}
export interface Finding {
  readonly rule: string;
  readonly file: string;
  readonly line: number;
}

const ALLOWED_LINE = 'gitleaks:allow';

export function rulesIn(toml: string): SecretRules {
  const tables = toml.split(/^\[\[(?=rules|allowlists)/m).slice(1);
  const texts = (table: string, key: string): string[] =>
    [...(new RegExp(`^${key} = (.*)$`, 'm').exec(table)?.[1] ?? '').matchAll(/'''(.*?)'''|"([^"]*)"/g)].map(
      ([, raw, plain]) => raw ?? plain ?? '',
    );
  const rules = tables.filter((table) => table.startsWith('rules'));
  const lists = tables.filter((table) => table.startsWith('allowlists'));
  return {
    rules: rules.map((table) => {
      const [id, regex] = [texts(table, 'id')[0], texts(table, 'regex')[0]];
      if (id === undefined || regex === undefined) throw new Error('a rule of .gitleaks.toml has no id or no regex');
      return { id, regex: new RegExp(regex, 'g'), keywords: texts(table, 'keywords') };
    }),
    allowedPaths: lists.flatMap((table) => texts(table, 'paths')).map((text) => new RegExp(text)),
    allowedValues: lists.flatMap((table) => texts(table, 'regexes')).map((text) => new RegExp(text)),
  };
}

export function secretsIn(file: string, text: string, { rules, allowedPaths, allowedValues }: SecretRules): readonly Finding[] {
  if (allowedPaths.some((path) => path.test(file))) return [];
  const lower = text.toLowerCase();
  return rules
    .filter(({ keywords }) => keywords.length === 0 || keywords.some((word) => lower.includes(word)))
    .flatMap(({ id, regex }) =>
      [...text.matchAll(regex)]
        .filter(([value]) => !allowedValues.some((allowed) => allowed.test(value)))
        .map(({ index }) => ({ at: index, line: text.slice(0, index).split('\n').length }))
        .filter(({ line }) => !(text.split('\n')[line - 1] ?? '').includes(ALLOWED_LINE))
        .map(({ line }) => ({ rule: id, file, line })),
    );
}
