import type { Schemas } from '#libs/client/client';

type Chart = Pick<Schemas['SizeChart'], 'measures' | 'sizes'>;

const cellsOf = (line: string): string[] => line.split(/[\t,;]/).map((cell) => cell.trim());

/** A head with what is measured, then a line for each size. */
export function chartIn(text: string): Chart {
  const [head = '', ...lines] = text.split('\n').filter((line) => line.trim() !== '');
  const [, ...measures] = cellsOf(head);
  return {
    measures,
    sizes: lines.map((line) => {
      const [size = '', ...values] = cellsOf(line);
      return { size, values };
    }),
  };
}

export const chartText = ({ measures, sizes }: Chart): string =>
  [['Size', ...measures], ...sizes.map(({ size, values }) => [size, ...values])].map((cells) => cells.join(', ')).join('\n');
