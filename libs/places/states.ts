/** One of the 28 states and 8 union territories. */
export interface State {
  /** ISO 3166-2:IN without `IN-`, as of November 2023. */
  readonly code: string;
  /** The official English name. */
  readonly name: string;
  /** Two digits: the state's code in a GSTIN and on an invoice. */
  readonly gst: string;
}

const state = (code: string, name: string, gst: string): State => ({ code, name, gst });

/** By name. */
export const STATES: readonly State[] = [
  state('AN', 'Andaman and Nicobar Islands', '35'),
  state('AP', 'Andhra Pradesh', '37'),
  state('AR', 'Arunachal Pradesh', '12'),
  state('AS', 'Assam', '18'),
  state('BR', 'Bihar', '10'),
  state('CH', 'Chandigarh', '04'),
  state('CG', 'Chhattisgarh', '22'),
  state('DH', 'Dadra and Nagar Haveli and Daman and Diu', '26'),
  state('DL', 'Delhi', '07'),
  state('GA', 'Goa', '30'),
  state('GJ', 'Gujarat', '24'),
  state('HR', 'Haryana', '06'),
  state('HP', 'Himachal Pradesh', '02'),
  state('JK', 'Jammu and Kashmir', '01'),
  state('JH', 'Jharkhand', '20'),
  state('KA', 'Karnataka', '29'),
  state('KL', 'Kerala', '32'),
  state('LA', 'Ladakh', '38'),
  state('LD', 'Lakshadweep', '31'),
  state('MP', 'Madhya Pradesh', '23'),
  state('MH', 'Maharashtra', '27'),
  state('MN', 'Manipur', '14'),
  state('ML', 'Meghalaya', '17'),
  state('MZ', 'Mizoram', '15'),
  state('NL', 'Nagaland', '13'),
  state('OD', 'Odisha', '21'),
  state('PY', 'Puducherry', '34'),
  state('PB', 'Punjab', '03'),
  state('RJ', 'Rajasthan', '08'),
  state('SK', 'Sikkim', '11'),
  state('TN', 'Tamil Nadu', '33'),
  state('TS', 'Telangana', '36'),
  state('TR', 'Tripura', '16'),
  state('UP', 'Uttar Pradesh', '09'),
  state('UK', 'Uttarakhand', '05'),
  state('WB', 'West Bengal', '19'),
];

export const STATE_NAMES: readonly string[] = STATES.map(({ name }) => name);

/** Codes that ISO, the vehicle plates or GST used before or use beside, and two territories that became one in 2020. */
const OTHER_CODES: Readonly<Record<string, string>> = {
  AD: 'AP',
  CT: 'CG',
  DD: 'DH',
  DN: 'DH',
  OR: 'OD',
  TG: 'TS',
  UA: 'UK',
  UL: 'UK',
  UT: 'UK',
};

/** Former, shorter and other names that people write; never a misspelling, which might mean another state. */
const OTHER_NAMES: Readonly<Record<string, readonly string[]>> = {
  AN: ['Andaman and Nicobar', 'Andaman', 'Andamans', 'Andaman Islands', 'Nicobar Islands', 'A and N Islands'],
  AP: ['Andhra', 'Andhra State'],
  AR: ['Arunachal', 'North-East Frontier Agency', 'NEFA'],
  CG: ['Chattisgarh'],
  CH: ['Chandigarh UT'],
  DH: [
    'Dadra and Nagar Haveli',
    'Dadra Nagar Haveli',
    'Daman and Diu',
    'Daman',
    'Diu',
    'Dadra and Nagar Haveli, Daman and Diu',
    'DNH',
    'DNHDD',
    'The Dadra and Nagar Haveli and Daman and Diu',
  ],
  DL: ['New Delhi', 'NCT of Delhi', 'Delhi NCT', 'NCT Delhi', 'National Capital Territory of Delhi', 'National Capital Territory', 'NCT'],
  HP: ['Himachal'],
  JK: ['Jammu Kashmir', 'J and K', 'Jammu'],
  KA: ['Mysore', 'Mysore State'],
  KL: ['Keralam'],
  LA: ['Leh Ladakh', 'Leh-Ladakh'],
  LD: ['Lakshadweep Islands', 'Laccadive, Minicoy and Amindivi Islands', 'Laccadives'],
  MP: ['Madhya Bharat'],
  OD: ['Orissa'],
  PY: ['Pondicherry', 'Pondichéry', 'Pondy'],
  TN: ['Tamilnadu', 'Madras', 'Madras State'],
  TS: ['Telengana'],
  UK: ['Uttaranchal', 'Uttarakhand State'],
  UP: ['United Provinces'],
  WB: ['Bengal', 'Bangla', 'Paschim Banga', 'Paschimbanga'],
};

/** `Andaman & Nicobar Islands` → `andamanandnicobarislands`. */
const keyOf = (name: string): string =>
  name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll('&', 'and')
    .replace(/[\s.,'’()\-\p{Mn}\p{Cf}]/gu, '');

const byCode = new Map(STATES.map((one) => [one.code, one]));
const byKey = new Map(STATES.map((one) => [keyOf(one.name), one]));
for (const [code, names] of Object.entries(OTHER_NAMES)) for (const name of names) byKey.set(keyOf(name), byCode.get(code) as State);

/** The state that a name or an ISO code means, in any case, with or without `IN-`; undefined for what is none. */
export function stateOf(text: string): State | undefined {
  const named = byKey.get(keyOf(text));
  if (named !== undefined) return named;
  const code = /^(?:IN-)?([A-Z]{2})$/.exec(text.trim().toUpperCase())?.[1] ?? '';
  return byCode.get(OTHER_CODES[code] ?? code);
}

/** Daman and Diu until 2020, Andhra Pradesh until 2014: GSTINs of that time keep their digits. */
const FORMER_GST_CODES: Readonly<Record<string, string>> = { '25': '26', '28': '37' };

/** The state of a GSTIN's first two digits. */
export function stateOfGst(code: string): State | undefined {
  const present = FORMER_GST_CODES[code] ?? code;
  return STATES.find(({ gst }) => gst === present);
}
