/*
 * How a text becomes words, in functions of the database: the triggers that keep the index and the searches that read it use the same ones,
 * whichever version of the service writes.
 */

/** Consonants of Devanagari that Latin writes with two letters. */
const ASPIRATES: Readonly<Record<string, string>> = {
  ...{ ख: 'kh', घ: 'gh', च: 'ch', छ: 'chh', झ: 'jh', ठ: 'th', ढ: 'dh', थ: 'th', ध: 'dh', फ: 'ph', भ: 'bh', श: 'sh', ष: 'sh' },
};
const CONSONANTS = { from: 'कगङजञटडणतदनपबमयरलवसहळ', to: 'kgnjntdntdnpbmyrlvshl' };
/** आ ई ऊ ऐ औ, and the signs of the last four. */
const VOWELS: Readonly<Record<string, string>> = {
  ...{ '\u0906': 'a', '\u0908': 'ee', '\u090a': 'oo', '\u0910': 'ai', '\u0914': 'au' },
  ...{ '\u0940': 'i', '\u0942': 'u', '\u0948': 'ai', '\u094c': 'au' },
};
/** अ इ उ ए ओ ऋ ऑ ऍ, the signs of the last seven with that of आ, and the three signs that follow a vowel. */
const SIGNS = {
  from: '\u0905\u0907\u0909\u090f\u0913\u090b\u0911\u090d\u093e\u093f\u0941\u0947\u094b\u0943\u0949\u0945\u0902\u0901\u0903',
  to: 'aiueoroeaiueoroennh',
};
const [NUKTA, VIRAMA] = ['\u093c', '\u094d'];

/** None of these texts has a quote. */
const replaced = (text: string, by: Readonly<Record<string, string>>): string =>
  Object.entries(by).reduce((inner, [from, to]) => `replace(${inner}, '${from}', '${to}')`, text);

/** Small Latin letters without marks; Devanagari letter by letter, with the vowel that a consonant has by itself, except at the end of a word. */
const LATIN = String.raw`
  CREATE FUNCTION search_latin(given text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
    DECLARE
      plain text := lower(regexp_replace(normalize(given, NFKD), '[\u0300-\u036f]', '', 'g'));
    BEGIN
      IF plain ~ '[\u0900-\u097f]' THEN
        plain := regexp_replace(plain, '[\u200b-\u200d]', '', 'g');
        plain := replace(replace(plain, 'ड${NUKTA}', 'र'), 'ढ${NUKTA}', 'र');
        plain := replace(plain, '${NUKTA}', '');
        plain := regexp_replace(plain, '([\u0915-\u0939])(?=[\u0901\u0902\u0905-\u0939])', '\1a', 'g');
        plain := replace(plain, '${VIRAMA}', '');
        plain := ${replaced('plain', ASPIRATES)};
        plain := ${replaced('plain', VOWELS)};
        plain := translate(plain, '${CONSONANTS.from}', '${CONSONANTS.to}');
        plain := translate(plain, '${SIGNS.from}', '${SIGNS.to}');
      END IF;
      plain := regexp_replace(plain, '[''’]s\M', '', 'g');
      plain := regexp_replace(plain, '[''’]', '', 'g');
      -- One garment, however it is written: else a shirt would be one too.
      RETURN regexp_replace(plain, '\mt[- ]?shirt', 'tshirt', 'g');
    END $$`;

/** Words with one blank between them, each cut at 60 letters. Letters of other scripts make words as they are. */
const CLEAN = String.raw`
  CREATE FUNCTION search_clean(latin text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
    DECLARE
      clean text := btrim(regexp_replace(latin,
        '(?:(?<![0-9])[.]|[.](?![0-9])|[^a-z0-9.\u00c0-\u1fff\u2c00-\u2dff\u3040-\ud7ff\uf900-\uffef])+', ' ', 'g'));
    BEGIN
      RETURN CASE WHEN clean ~ '[^ ]{61}' THEN regexp_replace(clean, '([^ ]{60})[^ ]+', '\1', 'g') ELSE clean END;
    END $$`;

/** In their order. */
const WORDS = `
  CREATE FUNCTION search_words(latin text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT coalesce(array_remove(string_to_array(search_clean(latin), ' '), ''), '{}')
  $$`;

/** English stems, also of words that say nothing: some brands are called so. */
const STEMS = [
  'CREATE TEXT SEARCH DICTIONARY search_stem (TEMPLATE = pg_catalog.snowball, Language = english)',
  'CREATE TEXT SEARCH CONFIGURATION search_facts (COPY = pg_catalog.english)',
  `ALTER TEXT SEARCH CONFIGURATION search_facts
    ALTER MAPPING FOR asciiword, asciihword, hword_asciipart, word, hword, hword_part WITH search_stem`,
];

/** What stands in the index for a word: its English stem; a word with a digit is its own. */
const LEXEME = `
  CREATE FUNCTION search_lexeme(word text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT CASE WHEN word ~ '[0-9]' THEN word ELSE coalesce((ts_lexize('search_stem', word))[1], word) END
  $$`;

/**
 * What the index holds of a text. Two words with a hyphen are also one: block-print, blockprint. The parser of PostgreSQL cuts other scripts at
 * their vowels, so their words are put together by hand.
 */
const PART = String.raw`
  CREATE FUNCTION search_part(given text, weight "char") RETURNS tsvector LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
    DECLARE
      latin text := search_latin(coalesce(given, ''));
      clean text;
    BEGIN
      IF latin ~ '[a-z]-[a-z]' THEN
        latin := latin || ' ' || (SELECT string_agg(pair[1] || pair[2], ' ') FROM regexp_matches(latin, '([a-z]+)-([a-z]+)', 'g') AS pair);
      END IF;
      clean := search_clean(latin);
      IF clean ~ '[^\u0001-\u007f]' THEN
        RETURN (
          SELECT coalesce(string_agg(DISTINCT quote_literal(search_lexeme(word)) || ':1' || weight::text, ' '), '')::tsvector
          FROM unnest(string_to_array(clean, ' ')) AS word WHERE word <> '');
      END IF;
      IF weight = 'D' THEN RETURN setweight(to_tsvector('pg_catalog.english', clean), weight); END IF;
      RETURN setweight(to_tsvector('search_facts', clean), weight);
    END $$`;

/** Alike for spellings that sound alike to an Indian ear: kurtha and kurta, saree and sari, juti and jutti, shalwar and salwaar. */
const SOUND = String.raw`
  CREATE FUNCTION search_sound(word text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
    DECLARE
      sound text := word;
    BEGIN
      sound := replace(replace(replace(sound, 'chh', '4'), 'tch', '4'), 'ch', '4');
      sound := regexp_replace(sound, 'c([eiy])', 's\1', 'g');
      sound := replace(replace(replace(replace(replace(sound, 'ck', 'k'), 'ph', 'f'), 'sh', 's'), 'x', 'ks'), 'q', 'k');
      sound := regexp_replace(sound, '([kgbdtj])h', '\1', 'g');
      sound := translate(sound, 'cwz', 'kvj');
      sound := regexp_replace(sound, 'ee|ea|ie|ey|y', 'i', 'g');
      sound := regexp_replace(sound, 'oo|ou', 'u', 'g');
      sound := regexp_replace(sound, 'ai|ei', 'e', 'g');
      sound := regexp_replace(sound, 'au|ao', 'o', 'g');
      sound := regexp_replace(sound, '(.)\1+', '\1', 'g');
      sound := regexp_replace(sound, '(..)h$', '\1');
      RETURN regexp_replace(regexp_replace(sound, '(...)s$', '\1'), '(..)e$', '\1');
    END $$`;

/** A word, and it with each one letter left out: two words that differ by one slip of a finger have one of these in common. */
const SLIPS = `
  CREATE FUNCTION search_slips(word text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT CASE WHEN length(word) < 3 OR length(word) > 30 OR word ~ '[0-9]' THEN ARRAY[word]
      ELSE array_agg(DISTINCT left(word, place - 1) || substr(word, place + 1)) || word END
    FROM generate_series(1, length(word)) AS place
  $$`;

export const WORD_FUNCTIONS: readonly string[] = [LATIN, CLEAN, WORDS, ...STEMS, LEXEME, PART, SOUND, SLIPS];
export const DROP_WORD_FUNCTIONS: readonly string[] = [
  'DROP FUNCTION search_part(text, "char"), search_words(text), search_clean(text), search_latin(text), search_lexeme(text)',
  'DROP FUNCTION search_sound(text), search_slips(text)',
  'DROP TEXT SEARCH CONFIGURATION search_facts',
  'DROP TEXT SEARCH DICTIONARY search_stem',
];
