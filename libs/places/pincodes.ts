import { STATES, type State } from './states.ts';

/** Six digits, the first not 0. */
export const PINCODE = /^[1-9]\d{5}$/;

/** The day whose list of post offices this follows. */
export const PREFIXES_AS_OF = '2025-10-03';

/**
 * The first three digits of a PIN code are its sorting district (India Post's directory of post offices). A district that serves several
 * states stands with each of them; what is not here is allotted to nobody.
 */
const DISTRICTS: readonly (readonly [from: number, to: number, states: string])[] = [
  [110, 110, 'DL'],
  [121, 127, 'HR'],
  [131, 136, 'HR'],
  [140, 148, 'PB'],
  [151, 152, 'PB'],
  [160, 160, 'CH PB'],
  [171, 177, 'HP'],
  [180, 182, 'JK'],
  [184, 185, 'JK'],
  [190, 193, 'JK'],
  [194, 194, 'LA'],
  [201, 212, 'UP'],
  [221, 233, 'UP'],
  [241, 243, 'UP'],
  [244, 244, 'UP UK'],
  [245, 245, 'UP'],
  [246, 247, 'UP UK'],
  [248, 249, 'UK'],
  [250, 251, 'UP'],
  [261, 261, 'UP'],
  [262, 262, 'UP UK'],
  [263, 263, 'UK'],
  [271, 277, 'UP'],
  [281, 285, 'UP'],
  [301, 307, 'RJ'],
  [311, 314, 'RJ'],
  [321, 328, 'RJ'],
  [331, 335, 'RJ'],
  [341, 345, 'RJ'],
  [360, 361, 'GJ'],
  // Diu and Ghoghla (362520, 362540, 362570).
  [362, 362, 'DH GJ'],
  [363, 365, 'GJ'],
  [370, 370, 'GJ'],
  [380, 380, 'GJ'],
  [382, 385, 'GJ'],
  [387, 395, 'GJ'],
  // Daman (396210, 396220) and Silvassa (396230).
  [396, 396, 'DH GJ'],
  [400, 402, 'MH'],
  [403, 403, 'GA'],
  [410, 416, 'MH'],
  [421, 425, 'MH'],
  [431, 431, 'MH'],
  [440, 445, 'MH'],
  [450, 458, 'MP'],
  [460, 466, 'MP'],
  [470, 477, 'MP'],
  [480, 488, 'MP'],
  [490, 497, 'CG'],
  [500, 506, 'TS'],
  // Parts of Khammam that went to Andhra Pradesh in 2014.
  [507, 507, 'AP TS'],
  [508, 509, 'TS'],
  [515, 518, 'AP'],
  [520, 524, 'AP'],
  [530, 532, 'AP'],
  // Yanam (533464).
  [533, 533, 'AP PY'],
  [534, 535, 'AP'],
  [560, 563, 'KA'],
  [570, 577, 'KA'],
  [580, 587, 'KA'],
  [590, 591, 'KA'],
  [600, 604, 'TN'],
  [605, 605, 'PY TN'],
  [606, 606, 'TN'],
  // Bahour (607402).
  [607, 607, 'PY TN'],
  [608, 608, 'TN'],
  // Karaikal (609602).
  [609, 609, 'PY TN'],
  [610, 614, 'TN'],
  [620, 632, 'TN'],
  [635, 639, 'TN'],
  [641, 643, 'TN'],
  [670, 671, 'KL'],
  // Mahé (673310).
  [673, 673, 'KL PY'],
  [676, 676, 'KL'],
  [678, 680, 'KL'],
  // The islands (682551 to 682559).
  [682, 682, 'KL LD'],
  [683, 683, 'KL'],
  [685, 686, 'KL'],
  [688, 691, 'KL'],
  [695, 695, 'KL'],
  [700, 700, 'WB'],
  [711, 713, 'WB'],
  [721, 723, 'WB'],
  [731, 736, 'WB'],
  [737, 737, 'SK'],
  [741, 743, 'WB'],
  [744, 744, 'AN'],
  [751, 770, 'OD'],
  // Places by the border with Meghalaya (781029, 782410).
  [781, 782, 'AS ML'],
  [783, 788, 'AS'],
  [790, 792, 'AR'],
  [793, 794, 'ML'],
  [795, 795, 'MN'],
  [796, 796, 'MZ'],
  [797, 798, 'NL'],
  [799, 799, 'TR'],
  [800, 805, 'BR'],
  [811, 812, 'BR'],
  [813, 814, 'BR JH'],
  [815, 816, 'JH'],
  [818, 818, 'JH'],
  [821, 821, 'BR'],
  [822, 822, 'JH'],
  [823, 824, 'BR'],
  [825, 829, 'JH'],
  [831, 835, 'JH'],
  [841, 848, 'BR'],
  [851, 855, 'BR'],
];

/** The Army Postal Service; its offices move with the units and may stand in any state. */
const ARMY = [900, 949] as const;

const byPrefix = new Map<number, readonly State[]>();
for (const [from, to, codes] of DISTRICTS) {
  const states = STATES.filter(({ code }) => codes.split(' ').includes(code));
  for (let prefix = from; prefix <= to; prefix += 1) byPrefix.set(prefix, states);
}
for (let prefix = ARMY[0]; prefix <= ARMY[1]; prefix += 1) byPrefix.set(prefix, STATES);

/** The states that a PIN code can lie in, by name; none for one that cannot be. */
export const statesOfPincode = (pincode: string): readonly State[] =>
  PINCODE.test(pincode) ? (byPrefix.get(Number(pincode.slice(0, 3))) ?? []) : [];

export const canLieIn = (pincode: string, state: State): boolean => statesOfPincode(pincode).includes(state);
