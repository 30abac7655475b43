import { Module } from '@nestjs/common';
import { authApi } from '#libs/contracts/auth/api';
import { orderApi } from '#libs/contracts/order/api';
import { productApi } from '#libs/contracts/product/api';
import { reviewApi } from '#libs/contracts/review/api';
import { storageApi } from '#libs/contracts/storage/api';
import { wishlistApi } from '#libs/contracts/wishlist/api';
import { handlersOf, reactionsOf } from '#libs/runtime/handlers';
import { ServiceModule } from '#libs/runtime/service.module';
import { migrations } from '../migrations/product.migrations.ts';
import { retention } from '../migrations/product.retention.ts';
import { CardRepository } from './card.repository.ts';
import { CatalogueCache } from './catalogue-cache.ts';
import { CatalogueChanges } from './catalogue-changes.ts';
import { CatalogueExport } from './catalogue-export.ts';
import { CategoryHandlers } from './category.handlers.ts';
import { CategoryRepository } from './category.repository.ts';
import { CategoryPlaces } from './category-places.ts';
import { CsvHandlers } from './csv.handlers.ts';
import { ExportRepository } from './export.repository.ts';
import { FacetRepository } from './facets/facet.repository.ts';
import { FacetIndex } from './facets/facet-index.ts';
import { Facets } from './facets/facets.ts';
import { ImportRepository } from './import.repository.ts';
import { ImportBatch } from './import-batch.ts';
import { ImportCatalogueRepository } from './import-catalogue.repository.ts';
import { ImportWorker } from './import-worker.ts';
import { ImportWriter } from './import-writer.ts';
import { ListingRepository } from './listing.repository.ts';
import { ListingCountsRepository } from './listing-counts.repository.ts';
import { ListingSummaryRepository } from './listing-summary.repository.ts';
import { PriceHistoryRepository } from './price-history.repository.ts';
import { ProductHandlers } from './product.handlers.ts';
import { ProductReactions } from './product.reactions.ts';
import { ProductRepository } from './product.repository.ts';
import { ProductAdminHandlers } from './product-admin.handlers.ts';
import { ProductFiles } from './product-files.ts';
import { PublishingRepository } from './publishing.repository.ts';
import { Publishing } from './publishing.ts';
import { RatingRepository } from './rating.repository.ts';
import { RatingNews } from './rating-news.ts';
import { RepriceHandlers } from './reprice.handlers.ts';
import { RepriceRepository } from './reprice.repository.ts';
import { ReservationHandlers } from './reservation.handlers.ts';
import { ReservationRepository } from './reservation.repository.ts';
import { Retention } from './retention.ts';
import { Sales } from './sales.ts';
import { PastQueries } from './search/past-queries.ts';
import { PastQueryRepository } from './search/past-query.repository.ts';
import { PostgresSearchIndex } from './search/postgres-search-index.ts';
import { QueryReader } from './search/query-reader.ts';
import { SearchHandlers } from './search/search.handlers.ts';
import { SearchDocumentsRepository } from './search/search-documents.repository.ts';
import { SearchIndex } from './search/search-index.ts';
import { SearchKnowledgeRepository } from './search/search-knowledge.repository.ts';
import { SearchKnowledge } from './search/search-knowledge.ts';
import { SearchPageRepository } from './search/search-page.repository.ts';
import { SearchWordCountRepository } from './search/search-word-count.repository.ts';
import { SearchWordCounts } from './search/search-word-counts.ts';
import { SearchWordsRepository } from './search/search-words.repository.ts';
import { SuggestionRepository } from './search/suggestion.repository.ts';
import { Suggestions } from './search/suggestions.ts';
import { SynonymsHandlers } from './search/synonyms.handlers.ts';
import { SynonymsRepository } from './search/synonyms.repository.ts';
import { SizeChartHandlers } from './size-chart.handlers.ts';
import { SizeChartRepository } from './size-chart.repository.ts';
import { StaffHandlers } from './staff.handlers.ts';
import { StaffRepository } from './staff.repository.ts';
import { StockHandlers } from './stock.handlers.ts';
import { StockRepository } from './stock.repository.ts';
import { InterestRepository } from './trending/interest.repository.ts';
import { Interests } from './trending/interests.ts';
import { RelatedRepository } from './trending/related.repository.ts';
import { TrendRepository } from './trending/trend.repository.ts';
import { TrendingHandlers } from './trending/trending.handlers.ts';

@Module({
  imports: [ServiceModule.for({ contract: productApi, peers: [orderApi, storageApi], migrations, retention, bytes: CsvHandlers })],
  controllers: [
    ...handlersOf(productApi, [
      ProductHandlers,
      ProductAdminHandlers,
      CategoryHandlers,
      StockHandlers,
      ReservationHandlers,
      TrendingHandlers,
      SearchHandlers,
      SynonymsHandlers,
      StaffHandlers,
      SizeChartHandlers,
      RepriceHandlers,
      CsvHandlers,
    ]),
    ...reactionsOf('product', [authApi, orderApi, reviewApi, wishlistApi], ProductReactions),
  ],
  providers: [
    { provide: SearchIndex, useClass: PostgresSearchIndex },
    QueryReader,
    SearchDocumentsRepository,
    Suggestions,
    SearchKnowledge,
    SearchKnowledgeRepository,
    SearchWordsRepository,
    SuggestionRepository,
    PastQueries,
    PastQueryRepository,
    SearchPageRepository,
    SynonymsRepository,
    SearchWordCountRepository,
    SearchWordCounts,
    CardRepository,
    CatalogueCache,
    CatalogueChanges,
    CatalogueExport,
    CategoryPlaces,
    CategoryRepository,
    FacetIndex,
    FacetRepository,
    Facets,
    InterestRepository,
    Interests,
    ExportRepository,
    ImportBatch,
    ImportCatalogueRepository,
    ImportRepository,
    ImportWorker,
    ImportWriter,
    ListingCountsRepository,
    ListingRepository,
    ListingSummaryRepository,
    PriceHistoryRepository,
    ProductFiles,
    ProductRepository,
    Publishing,
    PublishingRepository,
    RatingNews,
    RatingRepository,
    RelatedRepository,
    RepriceRepository,
    ReservationRepository,
    Retention,
    Sales,
    SizeChartRepository,
    StaffRepository,
    StockRepository,
    TrendRepository,
  ],
})
export class ProductModule {}
