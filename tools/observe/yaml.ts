/** What the files of Prometheus and Alertmanager are made of. */
export type Yaml = string | number | boolean | readonly Yaml[] | { readonly [key: string]: Yaml | undefined };

/** Values as YAML in block style. Texts of several lines are literal blocks; others are quoted unless they are plain words. */
export function yaml(value: Yaml, indent = ''): string {
  if (isList(value)) return value.length === 0 ? '[]\n' : value.map((item) => `${indent}- ${inItem(item, indent)}`).join('');
  if (typeof value === 'object') {
    return Object.entries(value)
      .filter((entry): entry is [string, Yaml] => entry[1] !== undefined)
      .map(([key, item]) => `${indent}${key}:${inField(item, indent)}`)
      .join('');
  }
  return `${scalar(value)}\n`;
}

const isList = (value: Yaml): value is readonly Yaml[] => Array.isArray(value);

/** The first line of an item stands behind its dash. */
function inItem(item: Yaml, indent: string): string {
  return typeof item === 'object' ? yaml(item, `${indent}  `).slice(indent.length + 2) : `${scalar(item)}\n`;
}

function inField(item: Yaml, indent: string): string {
  if (typeof item === 'string' && item.includes('\n')) {
    const lines = item.trim().split('\n');
    return ` |-\n${lines.map((line) => `${indent}  ${line}`.trimEnd()).join('\n')}\n`;
  }
  if (typeof item !== 'object') return ` ${scalar(item)}\n`;
  const isEmpty = isList(item) ? item.length === 0 : Object.keys(item).length === 0;
  return isEmpty ? ` ${isList(item) ? '[]' : '{}'}\n` : `\n${yaml(item, `${indent}  `)}`;
}

const PLAIN = /^[A-Za-z_./][\w./@-]*$/;
const NO_TEXT = /^(true|false|yes|no|on|off|null)$/i;

const scalar = (value: string | number | boolean): string =>
  typeof value === 'string' && (!PLAIN.test(value) || NO_TEXT.test(value)) ? JSON.stringify(value) : String(value);
