import type { Print } from './picture-name.ts';

export interface Pattern {
  /** The attribute's value, and the word in a product's name unless that is empty. */
  readonly name: string;
  readonly title: string;
  readonly lines: readonly string[];
}

const pattern = (name: string, title: string, ...lines: readonly string[]): Pattern => ({ name, title, lines });

export const patterns: Record<Print, Pattern> = {
  plain: pattern(
    'Solid',
    '',
    'One clear {colour}, with nothing to distract from it.',
    'We left it plain, because a {colour} this good needs no help.',
    'The colour is dyed in the piece for an even, deep {colour}.',
    'No print, no fuss: the cut does the talking.',
    'A solid colour, dyed twice for depth and fixed so that it stays.',
    'Plain, yes; boring, no.',
    'There is nothing on it that will look dated in two years.',
    'Kept in one colour from edge to edge, so that you can have fun with everything else.',
  ),
  'block-print': pattern(
    'Block print',
    'Block Print',
    'The motif is stamped by hand in Bagru from a block of carved teak, and you can tell where the printer breathed.',
    'Hand-block printed in Sanganer, one colour a day, each left to dry in the sun.',
    'Look closely and the rows of butis are never perfectly aligned; that is the block printer’s hand.',
    'Printed with azo-free dyes from blocks that have been in one family for three generations.',
  ),
  floral: pattern(
    'Floral',
    'Floral Print',
    'Scattered blooms on {colour} keep the mood light.',
    'The floral is drawn from a garden in Pune after the first rain.',
    'A loose, painterly floral that is pretty without being sweet.',
    'Flowers in two sizes wander over the cloth, so the repeat never shows.',
  ),
  stripes: pattern(
    'Striped',
    'Striped',
    'The stripes are woven in, not printed, and meet at the seams.',
    'A fine stripe runs the length of it and draws the eye up.',
    'Yarn-dyed stripes stay sharp however often you wash them.',
  ),
  checks: pattern(
    'Checked',
    'Checked',
    'The check is yarn-dyed and matched across the front.',
    'A generous check in three tones, more hill station than boardroom.',
    'Checks soft enough to wear with anything plain you own.',
  ),
  paisley: pattern(
    'Paisley',
    'Paisley Print',
    'The ambi motif turns up in every Indian textile worth the name; here it comes in two directions at once.',
    'Plump paisleys, printed in one contrasting colour, give it an old-haveli charm.',
    'A mango motif in alternating rows, scaled to look right from across the room.',
  ),
  ikat: pattern(
    'Ikat',
    'Ikat',
    'The yarns were tied and dyed before weaving, which is why the edges of each diamond shimmer.',
    'A Pochampally-style ikat, with the soft blur that printing never quite copies.',
    'Ikat diamonds in {colour} give a simple shape all the drama it needs.',
  ),
  bandhani: pattern(
    'Bandhani',
    'Bandhani',
    'Every dot is a knot tied by hand in Kutch before the cloth met the dye.',
    'Bandhani dots cluster and scatter across the {colour} like a night sky over Bhuj.',
    'The tie-dye is done in Jamnagar, where the water is said to make the colours sing.',
  ),
  leheriya: pattern(
    'Leheriya',
    'Leheriya',
    'Leheriya waves run across the cloth, the way Rajasthan greets the rains.',
    'Rolled, tied and dyed in Jaipur, the diagonal stripes ripple as the fabric moves.',
    'The waves of leheriya are never quite parallel, and better for it.',
  ),
  embroidered: pattern(
    'Embroidered',
    'Embroidered',
    'Zari thread picks out small motifs that glint and then go quiet.',
    'The embroidery is worked close and finished clean on the reverse, so it does not scratch.',
    'Scattered embroidered butis dress it up without weighing it down.',
    'Artisans in Bareilly spend the better part of two days on the handwork.',
  ),
  chikankari: pattern(
    'Chikankari',
    'Chikankari',
    'Lucknow’s chikankari, with its shadow-work leaves and tiny murri knots, sits tone on tone.',
    'The chikan work is done by a self-help group near Malihabad and washed in the Gomti style until it is soft.',
    'White-on-colour chikankari whispers where other embroidery shouts.',
  ),
  brocade: pattern(
    'Woven zari',
    'Zari Woven',
    'Zari runs through the weave in a lattice of small blossoms.',
    'The gold is in the loom, not on the surface, so it will not snag or shed.',
    'A jaal of woven zari covers the ground from edge to edge.',
  ),
  polka: pattern(
    'Polka dots',
    'Polka Dot',
    'Polka dots, evenly spaced and entirely cheerful.',
    'Dots the size of a one-rupee coin keep things playful.',
    'The dots are printed with soft pigment that does not crack.',
  ),
  'mirror-work': pattern(
    'Mirror work',
    'Mirror Work',
    'Little mirrors, each held in by hand with a ring of buttonhole stitch, send light about the room.',
    'Shisha work from Kutch adds a flicker with every turn.',
    'The mirrors are real glass, filed smooth and stitched down twice.',
  ),
  ombre: pattern(
    'Ombré',
    'Ombre',
    'The colour deepens slowly towards the hem, dipped by hand in four baths.',
    'A hand-dipped ombré makes plain cloth look like the hour after sunset.',
    'Dip-dyed in small lots, so no two fade in quite the same place.',
  ),
  washed: pattern(
    'Washed',
    'Washed',
    'A stone wash takes the stiffness out and leaves soft fading along the thighs.',
    'Laser finishing does the fading here, with a bucket of water where others use a tank.',
    'The wash is even and honest, with no holes you did not make yourself.',
  ),
  kundan: pattern(
    'Kundan',
    'Kundan',
    'Kundan-style stones are set in foil by hand, which gives them their candlelit depth.',
    'Each stone sits flush in its setting, the way Jaipur’s karigars have always done it.',
    'The kundan work is edged in gold and backed smooth, so it never catches on a dupatta.',
  ),
  oxidised: pattern(
    'Oxidised',
    'Oxidised',
    'Oxidised by hand, the metal looks like something found in a grandmother’s trunk.',
    'The dark finish brings out every bead and coil of the pattern.',
    'Tribal in spirit, it asks for nothing more than a plain cotton.',
  ),
  meenakari: pattern(
    'Meenakari',
    'Meenakari',
    'Enamel in {colour} is fired into the metal, one shade at a time.',
    'Meenakari from Nathdwara gives it colour that will not chip with care.',
    'The enamel work is as neat at the back as at the front, a jeweller’s point of pride.',
  ),
  pearl: pattern(
    'Pearl',
    'Pearl',
    'Shell pearls, matched for size, keep the gold from feeling heavy.',
    'Rows of seed pearls move a little as you turn your head.',
    'Cream pearls soften the shine and go with every shade of silk.',
  ),
};
