import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canLieIn, statesOfPincode } from './pincodes.ts';
import { STATE_NAMES, STATES, stateOf, stateOfGst } from './states.ts';

const namesOf = (pincode: string): string[] => statesOfPincode(pincode).map(({ name }) => name);

describe('the states', () => {
  it('are 28 and 8 territories, each with a code and a GST code of its own', () => {
    expect([STATES.length, new Set(STATE_NAMES).size]).toEqual([36, 36]);
    expect(new Set(STATES.map(({ code }) => code)).size).toBe(36);
    expect(STATES.map(({ gst }) => Number(gst)).sort((a, b) => a - b)).toEqual([
      ...Array.from({ length: 24 }, (_, index) => index + 1),
      26,
      27,
      ...Array.from({ length: 10 }, (_, index) => index + 29),
    ]);
  });

  it('are known by name and code, in any case, with and without IN-', () => {
    fc.assert(
      fc.property(fc.constantFrom(...STATES), fc.infiniteStream(fc.boolean()), fc.boolean(), (one, capitals, withPrefix) => {
        const inAnyCase = (text: string): string =>
          [...text].map((letter) => (capitals.next().value ? letter.toUpperCase() : letter.toLowerCase())).join('');
        expect(stateOf(` ${inAnyCase(one.name)} `)).toBe(one);
        expect(stateOf(inAnyCase(withPrefix ? `IN-${one.code}` : one.code))).toBe(one);
        expect(stateOfGst(one.gst)).toBe(one);
      }),
    );
  });

  it.each([
    ['Orissa', 'Odisha'],
    ['Pondicherry', 'Puducherry'],
    ['NCT of Delhi', 'Delhi'],
    ['New Delhi', 'Delhi'],
    ['Uttaranchal', 'Uttarakhand'],
    ['IN-UT', 'Uttarakhand'],
    ['in-or', 'Odisha'],
    ['TG', 'Telangana'],
    ['ct', 'Chhattisgarh'],
    ['Tamilnadu', 'Tamil Nadu'],
    ['TAMIL  NADU', 'Tamil Nadu'],
    ['J&K', 'Jammu and Kashmir'],
    ['Jammu & Kashmir', 'Jammu and Kashmir'],
    ['Andaman & Nicobar', 'Andaman and Nicobar Islands'],
    ['Daman and Diu', 'Dadra and Nagar Haveli and Daman and Diu'],
    ['IN-DN', 'Dadra and Nagar Haveli and Daman and Diu'],
    ['Karnataka\u200b', 'Karnataka'],
  ])('%s is %s', (written, name) => {
    expect(stateOf(written)?.name).toBe(name);
  });

  it.each([
    'Karnatka',
    'Atlantis',
    'Dilli',
    'Kar',
    'K A',
    'IN',
    'IN-',
    'IN-XX',
    'XX-KA',
    'Punjab, Pakistan',
    'Karnataka 1',
    '29',
    '',
    ' ',
    'constructor',
  ])('%j is none', (written) => {
    expect(stateOf(written)).toBeUndefined();
  });

  it('keep the GST codes of the states that were', () => {
    expect([stateOfGst('25')?.code, stateOfGst('28')?.code, stateOfGst('00'), stateOfGst('39')]).toEqual([
      'DH',
      'AP',
      undefined,
      undefined,
    ]);
  });
});

describe('a PIN code', () => {
  it.each(
    Object.entries({
      Delhi: ['110001', '110092'],
      Haryana: ['122001', '121001', '134109', '125001'],
      Punjab: ['141001', '143001', '160055', '147001', '152002'],
      Chandigarh: ['160017'],
      'Himachal Pradesh': ['171001', '176215', '175131'],
      'Jammu and Kashmir': ['180001', '190001', '182101', '193101'],
      Ladakh: ['194101', '194103'],
      'Uttar Pradesh': ['201301', '208001', '221001', '226001', '244001', '247001', '250001', '262701', '282001', '284001'],
      Uttarakhand: ['248001', '249401', '263001', '244712', '246149', '247667', '262501'],
      Rajasthan: ['302001', '313001', '324001', '335001', '342001', '345001'],
      Gujarat: ['360001', '370001', '380001', '390001', '395003', '396445', '362001'],
      'Dadra and Nagar Haveli and Daman and Diu': ['396210', '396230', '362520'],
      Maharashtra: ['400001', '411038', '416001', '422001', '431001', '440001'],
      Goa: ['403001', '403601'],
      'Madhya Pradesh': ['452001', '462001', '474001', '482001', '486001'],
      Chhattisgarh: ['492001', '495001', '497001'],
      Telangana: ['500001', '506002', '507001', '509001'],
      'Andhra Pradesh': ['515001', '517501', '520001', '530001', '533101', '507126'],
      Karnataka: ['560001', '563101', '570001', '575001', '580020', '585101', '590001'],
      'Tamil Nadu': ['600001', '605602', '607001', '609001', '625001', '641001', '629001'],
      Puducherry: ['605001', '609602', '673310', '533464', '607402'],
      Kerala: ['670001', '673001', '682001', '695001', '686001'],
      Lakshadweep: ['682555'],
      'West Bengal': ['700001', '711101', '734001', '743144'],
      Sikkim: ['737101'],
      'Andaman and Nicobar Islands': ['744101'],
      Odisha: ['751001', '760001', '769001'],
      Assam: ['781001', '786001', '788001'],
      'Arunachal Pradesh': ['791111', '790001', '792001'],
      Meghalaya: ['793001', '794001'],
      Manipur: ['795001'],
      Mizoram: ['796001'],
      Nagaland: ['797001', '798601'],
      Tripura: ['799001'],
      Bihar: ['800001', '812001', '823001', '842001', '814131'],
      Jharkhand: ['834001', '831001', '826001', '814112', '822101'],
    }).flatMap(([state, pincodes]) => pincodes.map((pincode) => [pincode, state] as const)),
  )('%s can lie in %s', (pincode, state) => {
    expect(namesOf(pincode)).toContain(state);
  });

  it('of one state fits no other', () => {
    for (const [pincode, state] of [
      ['110001', 'Delhi'],
      ['560001', 'Karnataka'],
      ['400001', 'Maharashtra'],
      ['500001', 'Telangana'],
      ['700001', 'West Bengal'],
    ] as const)
      expect(namesOf(pincode)).toEqual([state]);
  });

  it('of a district that serves several states fits each', () => {
    expect(namesOf('160017')).toEqual(['Chandigarh', 'Punjab']);
    expect(namesOf('605001')).toEqual(['Puducherry', 'Tamil Nadu']);
    expect(namesOf('682555')).toEqual(['Kerala', 'Lakshadweep']);
    expect(namesOf('396210')).toEqual(['Dadra and Nagar Haveli and Daman and Diu', 'Gujarat']);
  });

  it('of the army fits every state', () => {
    expect([namesOf('900056').length, namesOf('937056').length]).toEqual([36, 36]);
  });

  it.each([
    '999999',
    '100001',
    '109999',
    '120001',
    '170001',
    '300001',
    '555555',
    '860001',
    '899999',
    '011001',
    '56000',
    '5600011',
    '560 001',
    '',
  ])('%j cannot be', (pincode) => {
    expect(namesOf(pincode)).toEqual([]);
  });

  it('is there for every state, and lies in those that are named for it and no others', () => {
    const all = Array.from({ length: 900 }, (_, index) => `${index + 100}001`);
    for (const state of STATES) expect(all.some((pincode) => canLieIn(pincode, state))).toBe(true);
    fc.assert(
      fc.property(fc.integer({ min: 100_000, max: 999_999 }).map(String), fc.constantFrom(...STATES), (pincode, state) => {
        expect(canLieIn(pincode, state)).toBe(namesOf(pincode).includes(state.name));
      }),
    );
  });
});
