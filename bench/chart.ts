import { type Goal, isMet } from './scenario.ts';

const WIDTH = 860;
const LEFT = 24;
const BAR = 560;
const ROW = 58;
const TOP = 74;
/** Where every goal's limit stands, so that bars of different units can be read together. */
const LIMIT_AT = 0.7;

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
export const figure = ({ unit }: Goal, value: number): string =>
  unit === '×' ? `${value.toFixed(2)} ×` : unit === '/s' ? `${value.toFixed(0)}/s` : `${value.toFixed(unit === 'MB' ? 0 : 1)} ${unit}`;

/** An SVG with a bar for each goal: its length is the share of the limit that was used (of what is wanted at least, how many times it is short), with the limits in one line. */
export function chartOf(goals: readonly Goal[], subtitle: string): string {
  const height = TOP + goals.length * ROW + 34;
  const limitX = LEFT + BAR * LIMIT_AT;
  const rows = goals.map((goal, index) => {
    const y = TOP + index * ROW;
    const share = (goal.atLeast === true ? goal.limit / goal.measured : goal.measured / goal.limit) * LIMIT_AT;
    const length = BAR * Math.min(1, share);
    const color = isMet(goal) ? '#2b8a5f' : '#c2492f';
    // A bar that would leave the chart ends in an arrow; the figure says how far it goes.
    const end = LEFT + BAR;
    const arrow = share > 1 ? `<path d="M${end - 12} ${y + 6} h12 l10 12 l-10 12 h-12 l10 -12 z" fill="${color}" stroke="#fff"/>` : '';
    const said = `${figure(goal, goal.measured)} of ${figure(goal, goal.limit)}: ${isMet(goal) ? 'met' : 'missed'}`;
    return [
      `<text x="${LEFT}" y="${y}" fill="#222" font-size="14">${escaped(goal.what)}</text>`,
      `<rect x="${LEFT}" y="${y + 8}" width="${BAR}" height="20" rx="3" fill="#eeebe4"/>`,
      `<rect x="${LEFT}" y="${y + 8}" width="${length.toFixed(1)}" height="20" rx="3" fill="${color}"/>${arrow}`,
      `<line x1="${limitX}" x2="${limitX}" y1="${y + 5}" y2="${y + 31}" stroke="#222" stroke-width="2"/>`,
      `<text x="${LEFT + BAR + 18}" y="${y + 23}" fill="${color}" font-size="14" font-weight="600">${escaped(said)}</text>`,
    ].join('\n');
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" font-family="system-ui, sans-serif" role="img" aria-label="Goals of the bench and what was measured">
<rect width="${WIDTH}" height="${height}" fill="#fff"/>
<text x="${LEFT}" y="28" font-size="18" font-weight="700" fill="#222">Goals and what was measured (shorter is better)</text>
<text x="${LEFT}" y="48" font-size="12" fill="#666">${escaped(subtitle)}</text>
${rows.join('\n')}
<text x="${limitX}" y="${TOP + goals.length * ROW - 4}" font-size="12" fill="#222" text-anchor="middle">goal</text>
</svg>
`;
}
