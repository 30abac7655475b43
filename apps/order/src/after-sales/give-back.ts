/** The columns of a line that decide what its units are worth; amounts in paise. */
export interface GivableLine {
  readonly id: string;
  readonly variant_id: string;
  readonly quantity: number;
  readonly cancelled_quantity: number;
  readonly returned_quantity: number;
  readonly total: number;
}

export interface Units {
  readonly itemId: string;
  readonly quantity: number;
}

/** Units of a line with their worth. */
export interface GivenLine extends Units {
  readonly variantId: string;
  readonly amount: number;
}

/** Units and fees that go back at once: `amount = Σ lines.amount + fees`. Paise. */
export interface Share {
  readonly lines: readonly GivenLine[];
  readonly fees: number;
  readonly amount: number;
}

/** Units that are still the customer's: neither cancelled nor returned. */
export const left = ({ quantity, cancelled_quantity, returned_quantity }: GivableLine): number =>
  quantity - cancelled_quantity - returned_quantity;

export const allLeft = (lines: readonly GivableLine[]): Units[] =>
  lines.flatMap((line) => (left(line) === 0 ? [] : [{ itemId: line.id, quantity: left(line) }]));

/**
 * The worth of units: k of n are floor(total × k ÷ n) in all, less what went before, so that a line given back unit by unit gives its
 * total, whatever the order; `creditPaper` follows the same rule for each tax in it. `fees` go back with the last unit of all.
 * Undefined when the order does not have these units: they are another order's, or more than is left. Equal items add up.
 */
export function shareOf(lines: readonly GivableLine[], units: readonly Units[], fees: number): Share | undefined {
  const quantities = new Map<string, number>();
  for (const { itemId, quantity } of units) quantities.set(itemId, (quantities.get(itemId) ?? 0) + quantity);
  const known = lines.filter(({ id }) => quantities.has(id));
  if (known.length < quantities.size || known.some((line) => (quantities.get(line.id) ?? 0) > left(line))) return undefined;
  const given = known.map((line): GivenLine => {
    const quantity = quantities.get(line.id) ?? 0;
    const before = line.quantity - left(line);
    return { itemId: line.id, variantId: line.variant_id, quantity, amount: worthOf(line, before, quantity) };
  });
  const isLast = lines.every((line) => left(line) === (quantities.get(line.id) ?? 0));
  const feesBack = isLast ? fees : 0;
  return { lines: given, fees: feesBack, amount: given.reduce((sum, { amount }) => sum + amount, feesBack) };
}

/** Paise of `quantity` units, after `before` of the line. */
export const worthOf = (line: { readonly total: number; readonly quantity: number }, before: number, quantity: number): number =>
  partOf(line.total, before + quantity, line.quantity) - partOf(line.total, before, line.quantity);

/** floor(whole × k ÷ n). A line total of at most 10¹¹ paise times at most 1,000 units is a safe integer. */
export const partOf = (whole: number, k: number, n: number): number => Math.floor((whole * k) / n);

/** Cuts the share to `room` paise: credit notes never exceed their invoice, also where goodwill has credited a part before. */
export function withinRoom(share: Share, room: number): Share {
  let excess = Math.max(0, share.amount - room);
  if (excess === 0) return share;
  const fees = Math.max(0, share.fees - excess);
  excess -= share.fees - fees;
  const lines = share.lines.map((line): GivenLine => {
    const amount = Math.max(0, line.amount - excess);
    excess -= line.amount - amount;
    return { ...line, amount };
  });
  return { lines, fees, amount: share.amount - Math.max(0, share.amount - room) };
}
