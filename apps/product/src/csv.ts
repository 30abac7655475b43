import { refuse } from '#libs/contracts/errors';

/** What a spreadsheet would run as a formula. */
const FORMULA = /^[=+\-@\t\r]/;
/** A cell that was kept from being one. */
const GUARDED = /^'(?=[=+\-@\t\r])/;
const TO_QUOTE = /[",\r\n]/;
const LINE_END = '\r\n';

/** Fifty attributes with the longest names and texts, each of whose characters JSON may write as six. */
const MAX_CELL = 180_000;
const MAX_CELLS = 50;

function cell(value: string): string {
  const safe = FORMULA.test(value) ? `'${value}` : value;
  return TO_QUOTE.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** As a spreadsheet may open it (RFC 4180). */
export const csvLine = (values: readonly string[]): string => `${values.map(cell).join(',')}${LINE_END}`;

/** A line with something in it, and which row of a spreadsheet it is, the empty ones counted. */
export interface CsvLine {
  /** From 1. */
  readonly row: number;
  readonly cells: readonly string[];
}

/** Reads lines of cells as they come (RFC 4180); empty lines are left out. Any line end is taken. */
export class CsvReader {
  private row = 0;
  private cells: string[] = [];
  private text = '';
  private state: 'start' | 'plain' | 'quoted' | 'closed' = 'start';
  private isAfterReturn = false;

  /** The lines that end in this piece of the file. @throws Refusal `malformed` */
  *take(piece: string): Generator<CsvLine> {
    for (const character of piece) {
      const isSecondEnd = this.isAfterReturn && character === '\n';
      this.isAfterReturn = false;
      if (isSecondEnd) continue;
      if (this.state === 'quoted') this.inQuotes(character);
      else if (character === ',') this.endCell();
      else if (character === '\n' || character === '\r') {
        this.isAfterReturn = character === '\r';
        yield* this.endLine();
      } else this.outsideQuotes(character);
    }
  }

  /** The last line, where no line end follows it. */
  *end(): Generator<CsvLine> {
    if (this.state === 'quoted') throw refuse('malformed', 'The file ends within a quoted cell');
    if (this.state !== 'start' || this.cells.length > 0) yield* this.endLine();
  }

  private inQuotes(character: string): void {
    if (character === '"') this.state = 'closed';
    else this.add(character);
  }

  private outsideQuotes(character: string): void {
    if (character === '"' && this.state === 'start') this.state = 'quoted';
    else if (character === '"' && this.state === 'closed') {
      this.add('"');
      this.state = 'quoted';
    } else if (this.state === 'closed') throw refuse('malformed', 'A quoted cell goes on behind its quotes');
    else {
      this.state = 'plain';
      this.add(character);
    }
  }

  private add(character: string): void {
    if (this.text.length >= MAX_CELL) throw refuse('malformed', `A cell may have ${MAX_CELL} characters`);
    this.text += character;
  }

  private endCell(): void {
    if (this.cells.length >= MAX_CELLS) throw refuse('malformed', `A line may have ${MAX_CELLS} cells`);
    this.cells.push(this.text.replace(GUARDED, ''));
    this.text = '';
    this.state = 'start';
  }

  private *endLine(): Generator<CsvLine> {
    this.endCell();
    const { cells } = this;
    this.cells = [];
    this.row += 1;
    if (cells.some((value) => value.trim() !== '')) yield { row: this.row, cells };
  }
}
