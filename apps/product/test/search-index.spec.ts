import { NewCategory } from '#libs/contracts/product/categories';
import { SearchIndex } from '../src/search/search-index.ts';
import { SynonymsHandlers } from '../src/search/synonyms.handlers.ts';
import { adminCall, ProductFixture } from './product-fixture.ts';
import { searchIndexSuite } from './search-index.suite.ts';

searchIndexSuite('PostgreSQL', async () => {
  const fixture = await ProductFixture.start();
  const { replica } = fixture;
  return {
    index: replica.app.get(SearchIndex),
    add: async ({ colors = ['Indigo'], ...fields }) => {
      const { id } = await fixture.product(
        colors.map((color) => ({ color, onHand: 1 })),
        fields,
      );
      return id;
    },
    rename: async (id, name) => void (await replica.admin.edit({ id, name }, adminCall())),
    withdraw: (id) => replica.admin.remove({ id }, adminCall()),
    addCategory: async (name) => (await replica.categories.createCategory(Object.assign(new NewCategory(), { name }), adminCall())).id,
    addSynonyms: async (words) => void (await replica.app.get(SynonymsHandlers).addSynonyms({ words: [...words] }, adminCall())),
    close: () => fixture.stop(),
  };
});
