import fc from 'fast-check';
import { describe, expect, expectTypeOf, it } from 'vitest';
import type { Peer } from '#libs/messaging/peer';
import { AddAddress } from './auth/addresses.ts';
import type { Call } from './call.ts';
import { cartApi } from './cart/api.ts';
import { contract, event, type Handlers, operation, type Reactions } from './contract.ts';
import { Refusal } from './errors.ts';
import {
  Code,
  Day,
  Email,
  Flag,
  ListOf,
  Nested,
  Nullable,
  OneOf,
  Optional,
  Paise,
  Phone,
  Text,
  Timestamp,
  Uuid,
  UuidList,
  Whole,
  Words,
} from './fields.ts';
import { openApiOf } from './openapi.ts';
import { paymentApi } from './payment/api.ts';
import { productApi } from './product/api.ts';
import type { ReadyJson } from './ready-json.ts';
import { shapeOf } from './schema.ts';
import { fromText, parseJson, readEvent, readInput, writeOutput } from './shape.ts';
import { phonePartOf } from './spellings.ts';

class Line {
  @Uuid() variantId!: string;
  @Whole(1, 20) quantity!: number;
}
class Basket {
  @Text(1, 10) name!: string;
  @Optional() @Text(1, 5) note?: string;
  @Nullable() @Paise() total!: number | null;
  @OneOf(['card', 'upi']) method: string = 'upi';
  @ListOf(() => Line, 1, 3) lines!: Line[];
  @Optional() @Nested(() => Line) gift?: Line;
}
class Answer {
  @Flag() done!: boolean;
}

const line = { variantId: '018f0000-0000-7000-8000-000000000000', quantity: 1 };
const basket = { name: 'x', total: 5, lines: [line] };
const errorsOf = (plain: unknown): string[] => {
  try {
    readInput(Basket, plain);
    return [];
  } catch (error) {
    return ((error as Refusal).fields.errors as { path: string }[]).map(({ path }) => path);
  }
};

describe('an event', () => {
  it('of a newer publisher is read without the fields that are not known, at every depth, and by the same rules', () => {
    const newer = { ...basket, since: 'tomorrow', lines: [{ ...line, colour: { name: 'Indigo' } }], gift: { ...line, wrapped: true } };
    const read = readEvent(Basket, newer);
    expect(read).toEqual(readInput(Basket, { ...basket, gift: line }));
    expect(() => readEvent(Basket, { ...newer, total: -5 })).toThrow(Refusal);
    expect(errorsOf(newer)).toEqual(expect.arrayContaining(['since', 'lines.0.colour', 'gift.wrapped']));
  });
});

describe('an input', () => {
  it('becomes an instance of its class, with its defaults', () => {
    const read = readInput(Basket, basket);
    expect(read).toBeInstanceOf(Basket);
    expect(read.lines[0]).toBeInstanceOf(Line);
    expect(read.method).toBe('upi');
  });

  it.each<[string, unknown, string]>([
    ['an unknown field', { ...basket, admin: true }, 'admin'],
    ['an unknown nested field', { ...basket, lines: [{ ...line, price: 1 }] }, 'lines.0.price'],
    ['null for an optional field', { ...basket, note: null }, 'note'],
    ['a number as text', { ...basket, total: '5' }, 'total'],
    ['a fraction', { ...basket, total: 1.5 }, 'total'],
    ['infinity', { ...basket, total: Number.POSITIVE_INFINITY }, 'total'],
    ['a list for an object', { ...basket, gift: [line] }, 'gift'],
    ['an object for a list', { ...basket, lines: { 0: line } }, 'lines'],
    ['a list of lists', { ...basket, lines: [[line]] }, 'lines'],
    ['too many elements', { ...basket, lines: [line, line, line, line] }, 'lines'],
    ['an operator for a text', { ...basket, name: { $ne: '' } }, 'name'],
    ['a value outside the set', { ...basket, method: 'cash' }, 'method'],
  ])('with %s is refused by the path of the field', (_name, plain, path) => {
    expect(errorsOf(plain)).toContain(path);
  });

  it('is held to the rules of its class and of those it extends, the first time and every time after', () => {
    class WiderBasket extends Basket {
      @Whole(1, 9) size!: number;
    }
    for (let time = 0; time < 3; time += 1) {
      expect(() => readInput(WiderBasket, { ...basket, size: 10 })).toThrow(Refusal);
      expect(() => readInput(WiderBasket, { ...basket, name: '', size: 1 })).toThrow(Refusal);
      expect(readInput(WiderBasket, { ...basket, size: 1 }).size).toBe(1);
      expect(errorsOf({ ...basket, size: 1 })).toEqual(['size']);
    }
  });

  it('is refused or read, whatever JSON a client sends, and never breaks us', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        try {
          readInput(Basket, value);
        } catch (error) {
          expect(error).toBeInstanceOf(Refusal);
        }
      }),
    );
  });
});

describe('JSON from a client', () => {
  it.each([
    '{"__proto__":{}}',
    '{"a":{"constructor":1}}',
    '{"a":"\\u0000"}',
    '{"\\u0000":1}',
    '{',
    '',
    '['.repeat(21) + ']'.repeat(21),
    '{"a":1e',
  ])('is refused: %s', (text) => {
    expect(() => parseJson(text)).toThrow(Refusal);
  });
  it('has no half of a surrogate pair, which would become another text', () => {
    for (const text of [String.raw`{"a":"\ud800"}`, String.raw`["x\udc00"]`, String.raw`{"\ud83d":1}`])
      expect(() => parseJson(text)).toThrow(Refusal);
    expect(parseJson(String.raw`"\ud83d\ude00"`)).toBe('😀');
  });
  it('may be twenty levels deep', () => {
    expect(() => parseJson('['.repeat(20) + ']'.repeat(20))).not.toThrow();
  });
  it('may have a million levels and is refused without breaking us', () => {
    expect(() => parseJson('['.repeat(100_000) + ']'.repeat(100_000))).toThrow(Refusal);
  });
});

describe('text from paths and queries', () => {
  it('becomes a number or a flag only where the field asks for one and the text is one', () => {
    expect(fromText(Line, { quantity: '5' })).toEqual({ quantity: 5 });
    for (const text of ['5.0', '1e3', '0x10', ' 5', '', '٥']) expect(fromText(Line, { quantity: text })).toEqual({ quantity: text });
    expect(fromText(Answer, { done: 'true' })).toEqual({ done: true });
    expect(fromText(Answer, { done: 'yes' })).toEqual({ done: 'yes' });
  });
});

describe('an answer', () => {
  it('carries its declared fields only', () => {
    const written = JSON.parse(writeOutput(Basket, { ...basket, method: 'upi', passwordHash: 'secret', lines: [{ ...line, cost: 1 }] }));
    expect(written).toEqual({ ...basket, method: 'upi' });
  });
});

describe('a contract', () => {
  it('names what it holds', () => {
    expect([cartApi.operations.addItem.key, cartApi.operations.addItem.path, cartApi.operations.addItem.idempotent]).toEqual([
      'cart.addItem',
      '/api/cart/:userId/items',
      true,
    ]);
    expect(paymentApi.events.captured.key).toBe('payment.captured');
    expect(cartApi.refuse('cart.line_limit', 'Too many').kind).toBe('conflict');
  });

  it('has a schema for every rule, or says that it has none', () => {
    expect(shapeOf(Basket).schema).toMatchObject({
      required: ['name', 'total', 'lines'],
      properties: {
        total: { type: ['integer', 'null'], minimum: 0 },
        method: { enum: ['card', 'upi'], default: 'upi' },
        lines: { minItems: 1, maxItems: 3 },
      },
      additionalProperties: false,
    });
    expect(JSON.stringify(openApiOf([cartApi, productApi], '1'))).not.toContain('undefined');
  });
});

describe('a field', () => {
  class Several {
    @Uuid() id!: string;
    @UuidList(0, 3) ids!: string[];
    @Timestamp() at!: string;
    @Words(1, 10) name!: string;
  }
  const id = '018F0000-0000-7000-8000-00000000ABCD';
  const given = { id, ids: [id], at: '2028-02-29T10:00:00Z', name: 'Asha' };

  it('that is a UUID may be written in capitals, and is one spelling inside', () => {
    expect(readInput(Several, given)).toMatchObject({ id: id.toLowerCase(), ids: [id.toLowerCase()] });
    expect(() => readInput(Several, { ...given, id: 'nonsense' })).toThrow(Refusal);
  });

  it('that is a time names a day that there is', () => {
    for (const at of ['2026-02-30T10:00:00Z', '2026-02-29T10:00:00Z', '2026-04-31T10:00:00Z', 'tomorrow', ''])
      expect(() => readInput(Several, { ...given, at })).toThrow(Refusal);
  });

  it('that is a time carries a zone', () => {
    for (const at of ['2026-11-30T10:00:00Z', '2026-11-30T10:00:00.123Z', '2026-11-30T10:00+05:30', '2026-11-30T10:00:00-0800'])
      expect(readInput(Several, { ...given, at }).at).toBe(at);
    for (const at of [
      '2026-11-30',
      '2026-11-30T10:00:00',
      '2026-11-30 10:00:00Z',
      '2026-W48-1T10:00:00Z',
      '2026-11-30T24:00:00Z',
      '2026-11-30T10:00:60Z',
      '2026-11-30T10:00:00+23:00',
      '0000-01-01T00:00:00Z',
    ])
      expect(() => readInput(Several, { ...given, at })).toThrow(Refusal);
  });

  it('that is a time can be read by the clock and the database, whatever passes', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('1000-01-01T00:00:00Z'), max: new Date('9999-12-31T00:00:00Z'), noInvalidDate: true }),
        fc.constantFrom('Z', '+05:30', '-11:59', '+14:00', '+0530'),
        (date, zone) => {
          const at = date.toISOString().replace('Z', zone);
          expect(new Date(readInput(Several, { ...given, at }).at).getTime()).not.toBeNaN();
        },
      ),
    );
  });

  class DayOf {
    @Day() day!: string;
  }
  it('that is a day has no time', () => {
    expect(readInput(DayOf, { day: '2028-02-29' }).day).toBe('2028-02-29');
    for (const day of ['2026-02-29', '2026-11-31', '2026-1-1', '2026-11-30T00:00:00Z', '30-11-2026', '0000-01-01', ''])
      expect(() => readInput(DayOf, { day })).toThrow(Refusal);
    expect(shapeOf(DayOf).schema.properties).toEqual({ day: { type: 'string', format: 'date', description: 'A day in India.' } });
  });

  it('for people to read has something to see', () => {
    for (const name of [
      '',
      ' ',
      '\t\u00a0',
      '\u200b',
      '\u00ad',
      '\u3164',
      '\u2800',
      '\u200d\u200c',
      '\ufeff ',
      '\u2060\ufe0f',
      '\u115f',
      '\u{e0041}',
    ])
      expect(() => readInput(Several, { ...given, name })).toThrow(Refusal);
    // Devanagari, Malayalam and emoji need the joiners.
    for (const name of ['आशा', 'क्\u200dष', 'അവന്\u200d', '👩\u200d🚀', 'O’Neil', '7', '✿'])
      expect(readInput(Several, { ...given, name }).name).toBe(name);
  });

  class Person {
    @Email() email!: string;
    @Phone() phone!: string;
    @Optional() @Code(3, 20) code?: string;
  }
  const person = { email: 'asha@example.com', phone: '+919845012345' };

  it('that is an e-mail address has nothing that cannot be seen, and no second spelling', () => {
    for (const hidden of ['\u200b', '\u00ad', '\u3164', '\u2800', '\u200d', '\ufeff', '\u2060', '\u00a0'])
      for (const email of [
        `as${hidden}ha@example.com`,
        `asha@exam${hidden}ple.com`,
        `${hidden}asha@example.com`,
        `asha@example.com${hidden}`,
      ])
        expect(() => readInput(Person, { ...person, email })).toThrow(Refusal);
    expect(() => readInput(Person, { ...person, email: 'asha@ｅxample.com' })).toThrow(Refusal);
  });

  const SPELLINGS = [
    '9845012345',
    '+91 98450 12345',
    '+91-98450-12345',
    '0091 98450 12345',
    '919845012345',
    '91 98450 12345',
    '098450 12345',
    '0919845012345',
    '0 91 98450 12345',
    '(+91) 98450.12345',
    '+91 (0) 98450 12345',
    '\u202a+91 98450 12345\u202c',
    '98450\u00a012345',
  ];
  it('that is a phone number may be written in every usual way, and is one spelling inside', () => {
    for (const phone of SPELLINGS) expect(readInput(Person, { ...person, phone }).phone).toBe('+919845012345');
    for (const phone of [
      '',
      '98450',
      '5845012345',
      '+1 9845012345',
      '98450123456',
      '+9198450123456',
      '00009845012345',
      '098450123456',
      '00919845',
      '98450x12345',
      '+91',
      '٩٨٤٥٠١٢٣٤٥',
      9845012345,
    ])
      expect(() => readInput(Person, { ...person, phone })).toThrow(Refusal);
    fc.assert(
      fc.property(
        fc.stringMatching(/^[6-9]\d{9}$/),
        fc.constantFrom('', '+91', '0091', '091', '91', '0'),
        fc.array(fc.constantFrom('', ' ', '-', '.', '(', ')'), { minLength: 10, maxLength: 10 }),
        (digits, prefix, between) => {
          const phone = prefix + [...digits].map((digit, index) => between[index] + digit).join('');
          expect(readInput(Person, { ...person, phone }).phone).toBe(`+91${digits}`);
        },
      ),
    );
  });

  it('that is a phone number has a schema that takes what is taken', () => {
    const pattern = new RegExp(shapeOf(Person).schema.properties?.phone?.pattern ?? '', 'u');
    for (const phone of SPELLINGS.filter((one) => /^[\x20-\x7e]*$/.test(one))) expect(pattern.test(phone)).toBe(true);
    for (const phone of ['98450', '5845012345', '+1 9845012345', '98450123456']) expect(pattern.test(phone)).toBe(false);
  });

  it('that is a code is looked up by what can be seen of it', () => {
    for (const code of ['SAVE10', ' SAVE10\u200b', 'SA\u00adVE10', '\ufeffSAVE10\u3164', 'SAVE\u00a010'])
      expect(readInput(Person, { ...person, code }).code).toBe('SAVE10');
    expect(() => readInput(Person, { ...person, code: '\u200b\u200b\u200b\u200b' })).toThrow(Refusal);
  });
});

describe('an address in India', () => {
  const home = { name: 'Asha', phone: '98450 12345', line1: '27, 8th Main', city: 'Bengaluru', state: 'in-ka', pincode: '560011' };
  const problemsOf = (change: object): unknown => {
    try {
      readInput(AddAddress, { ...home, ...change });
      return [];
    } catch (error) {
      return (error as Refusal).fields.errors;
    }
  };

  it('is kept with the official name of its state and one spelling of the phone number', () => {
    expect(readInput(AddAddress, home)).toMatchObject({ state: 'Karnataka', phone: '+919845012345', country: 'IN' });
    for (const state of ['KA', 'KARNATAKA', 'karnataka', 'Mysore'])
      expect(readInput(AddAddress, { ...home, state }).state).toBe('Karnataka');
  });

  it('with a state that there is not is told which there are', () => {
    for (const state of ['Karnatka', 'Atlantis', '', 'ಕರ್ನಾಟಕ', 29, null])
      expect(problemsOf({ state })).toMatchObject([{ path: 'state', allowed: expect.arrayContaining(['Karnataka', 'Odisha']) }]);
    expect((problemsOf({ state: 'Atlantis' }) as { allowed: string[] }[])[0]?.allowed).toHaveLength(36);
    expect(problemsOf({ state: 'Atlantis' })).toMatchObject([{ message: 'must be a state or union territory of India' }]);
  });

  it('has a PIN code that can lie in its state', () => {
    for (const [state, pincode] of [
      ['Karnataka', '110001'],
      ['Delhi', '560001'],
      ['Maharashtra', '560001'],
      ['Karnataka', '999999'],
      ['Karnataka', '56001'],
      ['Karnataka', '056001'],
      ['Karnataka', '560 01'],
    ])
      expect(problemsOf({ state, pincode })).toMatchObject([{ path: 'pincode' }]);
    expect(problemsOf({ state: 'Punjab', pincode: '160055' })).toEqual([]);
    expect(problemsOf({ state: 'Chandigarh', pincode: '160017' })).toEqual([]);
  });
});

describe('what people search phone numbers with', () => {
  it('is brought to the digits that are kept', () => {
    for (const text of ['9845012345', '+91 98450 12345', '09845012345', '0919845012345', '91-9845012345'])
      expect(phonePartOf(text)).toBe('+919845012345');
    expect([phonePartOf('98450 12'), phonePartOf('098450'), phonePartOf('+91 984'), phonePartOf('12 345')]).toEqual([
      '9845012',
      '98450',
      '91984',
      '12345',
    ]);
    for (const text of ['Asha', 'asha@example.com', '12', '']) expect(phonePartOf(text)).toBeUndefined();
  });
});

describe('misuse does not compile', () => {
  const api = contract('shop', {
    operations: {
      buy: operation({
        summary: 'Buy',
        access: 'user',
        http: 'POST /shop/:name',
        in: Basket,
        out: Answer,
        errors: { 'shop.closed': 'conflict' },
      }),
      close: operation({ summary: 'Close', access: 'internal', in: Line }),
    },
    events: { bought: event({ summary: 'Bought', version: 1, data: Answer, subscribers: ['cart'] }) },
  });

  it('of an error code that is not declared', () => {
    expectTypeOf(api.refuse).parameter(0).toEqualTypeOf<'shop.closed'>();
    // @ts-expect-error: the contract has no such code
    api.refuse('shop.opened', 'No');
  });

  it('of a route whose parameter is no field of the input', () => {
    // @ts-expect-error: Basket has no field `id`
    operation({ summary: 'Buy', access: 'user', http: 'POST /shop/:id', in: Basket });
  });

  it('of handlers that miss an operation, or answer something else', () => {
    type Needed = Handlers<typeof api>;
    expectTypeOf<Needed['buy']>().toEqualTypeOf<(input: Basket, call: Call) => Promise<Answer | ReadyJson>>();
    expectTypeOf<Needed['close']>().returns.toEqualTypeOf<Promise<void>>();
    // @ts-expect-error: `close` is missing
    const incomplete: Needed = { buy: async () => ({ done: true }) };
    // @ts-expect-error: a wrong field in the answer
    const wrong: Needed['buy'] = async () => ({ finished: true });
    expect([incomplete, wrong]).toHaveLength(2);
  });

  it('of a peer’s operation that is not for services', () => {
    expectTypeOf<keyof Peer<typeof api>>().toEqualTypeOf<'close'>();
  });

  it('of a subscriber that does not react', () => {
    expectTypeOf<keyof Reactions<'cart', typeof api>>().toEqualTypeOf<'onShopBought'>();
    expectTypeOf<keyof Reactions<'order', typeof api>>().toEqualTypeOf<never>();
  });
});
