import type { Trade } from './brands.ts';
import type { FabricName, Fibre } from './fabrics.ts';
import type { Garment, Neckline, Print, Sleeve } from './picture-name.ts';

export interface Style {
  readonly name: string;
  readonly garment: Garment;
  /** Which of the garment's shapes the picture shows. */
  readonly shape: number;
  /** Of the category's sizes, those that this style comes in; all unless given. */
  readonly sizes?: readonly string[];
  /** Where the name says how it fits; one of the range's fits unless given. */
  readonly fit?: string;
  /** Only these prints, where a style is a matter of technique; all of its cloth's unless given. */
  readonly prints?: readonly Print[];
}

/** What a leaf category sells, and how the shop speaks of it. Lists are dealt from, so longer ones repeat later. */
export interface Range {
  /** The leaf's slug. */
  readonly category: string;
  /** `Women's`, as it stands in names; empty where the noun says it. */
  readonly audience: string;
  readonly trade: Trade;
  readonly styles: readonly Style[];
  /** Cloths with the prints that are really made on them. */
  readonly cloths: readonly (readonly [FabricName, ...Print[]])[];
  /** Six-digit HSN subheading for each fibre among the cloths. */
  readonly hsn: Partial<Record<Fibre, string>>;
  readonly colours: readonly string[];
  /** Selling prices in rupees, cheapest to dearest. */
  readonly rupees: readonly [low: number, high: number];
  readonly necklines?: readonly Neckline[];
  readonly sleeves?: readonly Sleeve[];
  /** What the neckline and sleeve are called here; nothing is said about them where this is missing. */
  readonly necklineNames?: Partial<Record<Neckline, string>>;
  readonly saysSleeve?: boolean;
  /** Ends of names: `… with Gota Border`. */
  readonly details: readonly string[];
  readonly fits: readonly string[];
  /** Countries of origin; India unless given. */
  readonly origins?: readonly string[];
  readonly occasions: readonly string[];
  readonly more?: Readonly<Record<string, readonly string[]>>;
  /** Sentences on the shape, and on wearing it. */
  readonly cut: readonly string[];
  readonly wear: readonly string[];
}

export const neckNames: Partial<Record<Neckline, string>> = {
  round: 'Round neck',
  v: 'V-neck',
  band: 'Mandarin collar',
  boat: 'Boat neck',
};

export const style = (name: string, garment: Garment, shape = 0, limits: Pick<Style, 'sizes' | 'prints' | 'fit'> = {}): Style => ({
  name,
  garment,
  shape,
  ...limits,
});
