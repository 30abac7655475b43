/** The codes that GST gives to states and union territories, by their names in small letters. */
const CODES: Readonly<Record<string, string>> = {
  'jammu and kashmir': '01',
  'himachal pradesh': '02',
  punjab: '03',
  chandigarh: '04',
  uttarakhand: '05',
  haryana: '06',
  delhi: '07',
  rajasthan: '08',
  'uttar pradesh': '09',
  bihar: '10',
  sikkim: '11',
  'arunachal pradesh': '12',
  nagaland: '13',
  manipur: '14',
  mizoram: '15',
  tripura: '16',
  meghalaya: '17',
  assam: '18',
  'west bengal': '19',
  jharkhand: '20',
  odisha: '21',
  chhattisgarh: '22',
  'madhya pradesh': '23',
  gujarat: '24',
  // Daman and Diu had 25 until it was merged in 2020.
  'dadra and nagar haveli and daman and diu': '26',
  maharashtra: '27',
  karnataka: '29',
  goa: '30',
  lakshadweep: '31',
  kerala: '32',
  'tamil nadu': '33',
  puducherry: '34',
  'andaman and nicobar islands': '35',
  telangana: '36',
  'andhra pradesh': '37',
  ladakh: '38',
};

/** Older and shorter names that people still write. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  orissa: 'odisha',
  pondicherry: 'puducherry',
  uttaranchal: 'uttarakhand',
  'new delhi': 'delhi',
  'nct of delhi': 'delhi',
  tamilnadu: 'tamil nadu',
  chattisgarh: 'chhattisgarh',
  'andaman and nicobar': 'andaman and nicobar islands',
  'dadra and nagar haveli': 'dadra and nagar haveli and daman and diu',
  'daman and diu': 'dadra and nagar haveli and daman and diu',
};

/** Two digits; null for a name that is none of a state's. */
export function gstStateCode(state: string): string | null {
  const name = state.trim().toLowerCase().replaceAll('&', ' and ').replaceAll(/\s+/g, ' ');
  return CODES[OTHER_NAMES[name] ?? name] ?? null;
}
