/** A colour of the shop. `accent` is what its borders, prints and embroidery are done in. */
export interface Colour {
  readonly slug: string;
  readonly name: string;
  /** `#RRGGBB`, for swatches. */
  readonly hex: string;
  readonly accent: string;
}

const table: readonly (readonly [name: string, hex: string, accent: string])[] = [
  ['Rani pink', '#C01F62', '#F1C15A'],
  ['Haldi yellow', '#E2AC2B', '#8F2B2B'],
  ['Indigo', '#2C3B74', '#E9E2D0'],
  ['Maroon', '#701C2C', '#D9AC54'],
  ['Bottle green', '#12503D', '#DCB860'],
  ['Mehendi green', '#727C32', '#F0E0AE'],
  ['Peacock blue', '#0F6680', '#E4BB5A'],
  ['Sindoor red', '#B02622', '#EBC062'],
  ['Kesari orange', '#DF7426', '#7B2230'],
  ['Gulabi pink', '#E3A0AD', '#9E3A58'],
  ['Pista green', '#B8CDA2', '#4F7048'],
  ['Firozi blue', '#2F9FA3', '#F6E8C6'],
  ['Jamun purple', '#51274F', '#D8AC62'],
  ['Neelam blue', '#21509A', '#F0DCA8'],
  ['Ivory', '#F0E7D5', '#A9823F'],
  ['Chandan beige', '#D6BD97', '#7A4A2B'],
  ['Mitti brown', '#8A5B3E', '#EBD9BA'],
  ['Charcoal', '#43444A', '#CFC8BC'],
  ['Kajal black', '#232226', '#C8A352'],
  ['Rust', '#A84A2C', '#F1D8AE'],
  ['Wine', '#5A1E38', '#D9A96B'],
  ['Lavender', '#B5A6CD', '#64498A'],
  ['Peach', '#EFB899', '#A9533A'],
  ['Sea green', '#6CAB95', '#F6EBD2'],
  ['Powder blue', '#A8C1D8', '#3C5A86'],
  ['Off white', '#F4EFE6', '#8C7B62'],
  ['Khaki', '#9C8E66', '#41402F'],
  ['Mustard', '#CB9729', '#5B2A24'],
  ['Coral', '#E06C5C', '#FBE6CF'],
  ['Onion pink', '#C98C91', '#6F2A3B'],
  ['Mid blue', '#4E6F9A', '#C98F4B'],
  ['Dark indigo', '#28375A', '#C98F4B'],
  ['Stone grey', '#8D8B86', '#3D3C3A'],
  ['Ice blue', '#9DB5CC', '#B9803F'],
  ['Tan', '#B57D4C', '#5A3116'],
  ['Cognac', '#8B4B26', '#E3B67C'],
  ['Antique gold', '#B88C42', '#8E1F3A'],
  ['Oxidised silver', '#8E9297', '#2B2C30'],
  ['Rose gold', '#C79079', '#7C2F45'],
  ['Mint', '#BBDCCB', '#3F7A63'],
];

export const slugOf = (name: string): string =>
  name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');

export const colours: readonly Colour[] = table.map(([name, hex, accent]) => ({ slug: slugOf(name), name, hex, accent }));

const byName = new Map(colours.map((colour) => [colour.name, colour]));
const bySlug = new Map(colours.map((colour) => [colour.slug, colour]));

/** The colour of that shop name. Throws for a name that the palette lacks: the catalogue's own tables are wrong then. */
export function colourNamed(name: string): Colour {
  const colour = byName.get(name);
  if (!colour) throw new Error(`no such colour: ${name}`);
  return colour;
}

export function colourBySlug(slug: string): Colour | undefined {
  return bySlug.get(slug);
}

/** Mixes towards black (`amount` < 0) or white (> 0); -1..1. */
export function shade(hex: string, amount: number): string {
  const target = amount < 0 ? 0 : 255;
  const share = Math.abs(amount);
  const channels = [1, 3, 5].map((at) => Math.round(Number.parseInt(hex.slice(at, at + 2), 16) * (1 - share) + target * share));
  return `#${channels.map((channel) => channel.toString(16).padStart(2, '0')).join('')}`;
}

/** Perceived brightness, 0 (black) to 1 (white). */
export function brightness(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255);
  return 0.299 * red + 0.587 * green + 0.114 * blue;
}
