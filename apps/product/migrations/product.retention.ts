import type { Retention } from '#libs/persistence/retention';

const ASSORTMENT = 'orders and the stock book name them; they grow with the assortment, not with sales';

/** How long each table of this service keeps its rows. */
export const retention = {
  products: { keptForever: ASSORTMENT },
  variants: { keptForever: ASSORTMENT },
  stock: { keptForever: ASSORTMENT },
  categories: { keptUntil: 'an admin removes them', why: 'a removed one frees its slug' },
  product_cards: { keptForever: ASSORTMENT },
  listed_counts: { keptForever: 'kept sums, a few for each category' },
  listing_changes: { keptForever: 'one row a product' },
  interests: { keptFor: '8 days', since: 'hour', why: 'trending looks back seven days' },
  interest_hours: { keptFor: '8 days', since: 'hour', why: 'trending looks back seven days' },
  trends: { keptUntil: 'nobody has taken an interest for seven days', why: 'a row a product' },
  erased_people: { keptFor: '30 days', since: 'erased_at', why: 'nothing of an erased account comes back, however late it arrives' },
  bought_together: { keptFor: '1 year', since: 'last_at', why: 'what went together last season seldom does today' },
  search_documents: { keptUntil: 'their product is no longer listed', why: 'they are what searches read of it' },
  search_terms: { keptForever: ASSORTMENT },
  search_category_words: { keptUntil: 'their category goes', why: 'words of its name' },
  search_brands: { keptForever: ASSORTMENT },
  search_synonyms: { keptUntil: 'staff remove them', why: 'staff keep them by hand' },
  search_state: { keptForever: 'one row' },
  search_queries: {
    ...{ keptFor: '90 days', since: 'last_asked_on' },
    why: 'what nobody asks for any more is no suggestion; a row has words of the catalogue and a count, and nothing about who asked',
  },
  reservations: {
    ...{ keptFor: '2 years', removedBy: 'src/reservation.repository.ts' },
    why: 'units come back, and customers may complain, that long (Consumer Protection Act 2019, s. 69); a payment that comes later still is given back',
  },
  reservation_lines: { keptUntil: 'their reservation goes', why: 'lines of it' },
  stock_movements: {
    ...{ keptFor: '8 years', removedBy: 'src/stock.repository.ts' },
    why: 'accounts of stock are kept 72 months after the annual return (CGST Act, s. 36)',
  },
  past_prices: {
    keptFor: '2 years',
    since: 'until',
    why: 'a price that is struck through must be shown to have been one, and customers may complain that long',
  },
  size_charts: { keptUntil: 'an admin removes them, or their category', why: 'a few for each category' },
  imports: { keptFor: '30 days', since: 'created_at', why: 'an admin looks at what failed, and sends it again' },
  import_rows: { keptUntil: 'they are worked off, or their import goes', why: 'work that waits' },
  import_errors: { keptUntil: 'their import goes', why: 'what an admin is told of it' },
  import_marks: { keptUntil: 'their import is done', why: 'rows of one file are compared' },
} as const satisfies Retention;
