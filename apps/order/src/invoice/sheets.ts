import type { Ink, Style } from './ink.ts';

/** Points; an A4 page. */
export const LEFT = 36;
export const WIDTH = 523;
export const RIGHT = LEFT + WIDTH;
const TOP = 36;
const BOTTOM = 790;
const FOOT = 806;
export const PAD = 4;

export const TITLE: Style = { size: 17, weight: 'bold' };
export const TEXT: Style = { size: 8.5 };
export const STRONG: Style = { size: 8.5, weight: 'bold' };
export const SMALL: Style = { size: 7.5 };
export const LABEL: Style = { size: 7, colour: '#666666' };
const HEAD: Style = { size: 7.5, weight: 'bold' };
export const TOTAL: Style = { size: 11, weight: 'bold' };

export interface Piece {
  readonly text: string;
  readonly style: Style;
}
type Cell = string | readonly Piece[];

export interface Column<T> {
  readonly head: string;
  /** Points; 0 takes what the others leave. */
  readonly width: number;
  readonly of: (row: T, index: number) => Cell;
  /** Texts are aligned left, figures right. */
  readonly isText?: boolean;
}

export const sum = <T>(rows: readonly T[], of: (row: T) => number): number => rows.reduce((total, row) => total + of(row), 0);

/** Pages that are filled from the top down, with tables that go on over them and a foot on each. */
export class Sheets {
  /** Where on the page what comes next begins, in points. */
  protected y = TOP;
  protected readonly ink: Ink;
  private readonly name: string;

  constructor(ink: Ink, name: string) {
    this.ink = ink;
    this.name = name;
  }

  /** Rows are never cut; where a page ends the heads are repeated on the next. */
  protected table<T>(rows: readonly T[], columns: readonly Column<T>[]): void {
    const rest = WIDTH - sum(columns, ({ width }) => width);
    const placedColumns: { column: Column<T>; x: number; width: number }[] = [];
    let x = LEFT;
    for (const column of columns) {
      const width = column.width === 0 ? rest : column.width;
      placedColumns.push({ column, x, width });
      x += width;
    }
    const heads = (): void => {
      this.ink.band(LEFT, this.y, WIDTH, 16);
      for (const { column, x: at, width } of placedColumns) {
        if (column.isText) this.ink.write(column.head, at + PAD, this.y + 3, HEAD);
        else this.ink.fit(column.head, at + width - PAD, this.y + 3, width - PAD, HEAD);
      }
      this.y += 18;
    };
    heads();
    for (const [index, row] of rows.entries()) {
      const cells = placedColumns.map(({ column, width }) => this.cell(column.of(row, index), width - 2 * PAD, column.isText === true));
      const height = Math.max(...cells.map((cell) => sum(cell, ({ style }) => this.ink.lineHeight(style)))) + 6;
      if (this.need(height)) heads();
      for (const [place, { column, x: at, width }] of placedColumns.entries()) {
        let y = this.y + 2;
        for (const { text, style } of cells[place] ?? []) {
          if (column.isText) this.ink.write(text, at + PAD, y, style);
          else this.ink.fit(text, at + width - PAD, y, width - PAD, style);
          y += this.ink.lineHeight(style);
        }
      }
      this.y += height;
      this.ink.rule(LEFT, this.y - 1.5, WIDTH);
    }
    this.y += 4;
  }

  private cell(content: Cell, width: number, wraps: boolean): Piece[] {
    const pieces = typeof content === 'string' ? [{ text: content, style: SMALL }] : content;
    return pieces.flatMap(({ text, style }) => (wraps ? this.ink.wrap(text, width, style) : [text]).map((line) => ({ text: line, style })));
  }

  /** Goes to a new page when there are not `height` points left on this one. */
  protected need(height: number): boolean {
    if (this.y + height <= BOTTOM) return false;
    this.ink.doc.addPage();
    this.y = TOP;
    this.ink.write(`${this.name}, continued`, LEFT, this.y, STRONG);
    this.y += 18;
    return true;
  }

  protected feet(): void {
    const { doc } = this.ink;
    const { count } = doc.bufferedPageRange();
    for (let page = 0; page < count; page += 1) {
      doc.switchToPage(page);
      this.ink.write(this.name, LEFT, FOOT, LABEL);
      this.ink.write(`Page ${page + 1} of ${count}`, RIGHT, FOOT, LABEL, 'right');
    }
  }
}
