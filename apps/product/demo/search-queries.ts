import type { SeedProduct } from './catalogue.ts';

/** What a query asks for: all that is given must be so. */
export interface Wanted {
  /** Slugs of categories. */
  readonly in: readonly string[];
  /** Of a variant. */
  readonly colour?: RegExp;
  /** In its name, its brand or its attributes. */
  readonly says?: RegExp;
}

export interface LabelledQuery {
  readonly query: string;
  readonly wanted: Wanted;
}

const asked = (wanted: Wanted, queries: string): LabelledQuery[] => queries.split('|').map((query) => ({ query: query.trim(), wanted }));

const KURTAS = ['kurtas', 'mens-kurtas', 'kids-kurta-sets'];
const SAREES = ['silk-sarees', 'cotton-sarees'];
const LEHENGAS = ['lehengas', 'kids-lehengas'];
const TEES = ['t-shirts', 'kids-t-shirts'];
const JEANS = ['womens-jeans', 'mens-jeans'];
const RED = /\bred\b/i;
const BLUE = /\bblue\b/i;
const GREEN = /\bgreen\b/i;
const YELLOW = /\byellow\b/i;
const PINK = /\bpink\b/i;
const BLACK = /\bblack\b/i;
const WHITE = /\bwhite\b|ivory/i;
const ORANGE = /orange/i;

const SPELLINGS: readonly LabelledQuery[] = [
  ...asked({ in: KURTAS }, 'kurta | kurtha | kurtas | kurtaa | kurata | kruta | kurtta | qurta | कुर्ता | kuurta | KURTA'),
  ...asked({ in: SAREES }, 'saree | sari | sarees | saris | sadi | saaree | sareee | sarree | saere | साड़ी | साडी'),
  ...asked(
    { in: LEHENGAS },
    'lehenga | lehnga | lehanga | lahenga | lahanga | lehengas | lengha | lehega | lehenag | लहंगा | ghagra | lehenga choli | chaniya choli',
  ),
  ...asked({ in: ['juttis'] }, 'jutti | juttis | juti | jooti | jutis | juttti | mojari | mojri | mojaris | जूती | मोजरी | jutti for women'),
  ...asked({ in: ['sherwanis'] }, 'sherwani | sherwaani | shervani | sherwanis | sherwni | shrewani | sherwani for men | शेरवानी | achkan'),
  ...asked({ in: ['anarkalis'] }, 'anarkali | anarkalis | anarkli | anarkaali | anarkai | anar kali | अनारकली | anarkali suit'),
  ...asked({ in: ['palazzos'] }, 'palazzo | palazzos | palazo | plazo | palazoo | pallazo | palazzo pants | पलाज़ो'),
  ...asked({ in: ['dupattas'] }, 'dupatta | dupattas | dupata | duppatta | duptta | chunni | chunari | odhni | दुपट्टा | चुन्नी'),
  ...asked(
    { in: ['kolhapuris'] },
    'kolhapuri | kolhapuris | kolapuri | kolhapuri chappal | kolhapuri chappals | chappal | sandals | कोल्हापुरी',
  ),
  ...asked(
    { in: ['nehru-jackets'] },
    'nehru jacket | nehru jackets | neharu jacket | nehru jaket | modi jacket | sadri | bandi | waistcoat',
  ),
  ...asked({ in: JEANS }, 'jeans | jean | jeens | jins | जींस | denim jeans'),
  ...asked({ in: ['dresses'] }, 'dress | dresses | drees | dres | ड्रेस | women dress'),
  ...asked({ in: ['frocks'] }, 'frock | frocks | forck | frok | फ्रॉक | girls frock'),
  ...asked({ in: ['shirts'] }, 'shirt | shirts | shrit | shirrt | शर्ट | mens shirt'),
  ...asked({ in: TEES }, 't-shirt | tshirt | t shirt | t-shirts | tee | tees | tshrit | टीशर्ट'),
  ...asked({ in: ['tops'] }, 'top | tops | womens tops | टॉप'),
  ...asked({ in: ['bags'] }, 'bag | bags | purse | handbag | hand bag | बैग | पर्स'),
  ...asked({ in: ['jewellery'] }, 'jewellery | jewelry | jewelery | jewellry | gehne | गहने'),
  ...asked({ in: ['jewellery'], says: /jhumka/i }, 'jhumka | jhumkas | jhumki | jhumke | झुमका | zumka'),
  ...asked({ in: ['jewellery'], says: /bangle/i }, 'bangles | bangle | chudi | chudiyan | bangels | kangan | चूड़ी'),
  ...asked({ in: ['jewellery'], says: /necklace|haar|choker/i }, 'necklace | neckless | haar | necklase'),
  ...asked({ in: ['kurtas'], says: /kurti/i }, 'kurti | kurtis | kurtee | कुर्ती'),
];

const COLOURS: readonly LabelledQuery[] = [
  ...asked({ in: ['dresses'], colour: RED }, 'red dress | lal dress | laal dress | लाल ड्रेस | dress red'),
  ...asked({ in: KURTAS, colour: RED }, 'kurtha lal | lal kurta | red kurta | kurta red'),
  ...asked({ in: SAREES, colour: RED }, 'lal sari | red saree | लाल साड़ी | laal saree | sindoor red saree'),
  ...asked({ in: LEHENGAS, colour: RED }, 'red lehenga | lal lehenga | lal lehnga'),
  ...asked({ in: SAREES, colour: GREEN }, 'green saree | hari sari | hara saree | हरी साड़ी'),
  ...asked({ in: KURTAS, colour: GREEN }, 'green kurta | hara kurta | gren kurta'),
  ...asked({ in: LEHENGAS, colour: GREEN }, 'green lehenga | hara lehenga'),
  ...asked({ in: KURTAS, colour: BLUE }, 'blue kurta | neela kurta | nila kurta | नीला कुर्ता | bleu kurta'),
  ...asked({ in: SAREES, colour: BLUE }, 'blue saree | neeli saree | nili sari | नीली साड़ी'),
  ...asked({ in: ['shirts'], colour: BLUE }, 'blue shirt | neela shirt | blue shirts'),
  ...asked({ in: ['juttis'], colour: BLUE }, 'blue jutti | neeli jutti'),
  ...asked({ in: KURTAS, colour: YELLOW }, 'yellow kurta | peela kurta | haldi kurta | पीला कुर्ता'),
  ...asked({ in: SAREES, colour: YELLOW }, 'yellow saree | peeli saree | पीली साड़ी'),
  ...asked({ in: LEHENGAS, colour: YELLOW }, 'yellow lehenga | peela lehenga'),
  ...asked({ in: LEHENGAS, colour: PINK }, 'pink lehenga | gulabi lehenga | गुलाबी लहंगा'),
  ...asked({ in: SAREES, colour: PINK }, 'pink saree | gulabi saree | pnik saree'),
  ...asked({ in: ['frocks'], colour: PINK }, 'pink frock | gulabi frock | गुलाबी फ्रॉक'),
  ...asked({ in: KURTAS, colour: PINK }, 'pink kurta | gulabi kurta'),
  ...asked({ in: ['dresses'], colour: BLACK }, 'black dress | kala dress | काली ड्रेस | balck dress'),
  ...asked({ in: JEANS, colour: BLACK }, 'black jeans | kali jeans | jeans black'),
  ...asked({ in: ['tops'], colour: BLACK }, 'black top | kala top'),
  ...asked({ in: ['shirts'], colour: WHITE }, 'white shirt | safed shirt | सफेद शर्ट'),
  ...asked({ in: KURTAS, colour: WHITE }, 'white kurta | safed kurta | सफ़ेद कुर्ता | whte kurta'),
  ...asked({ in: ['palazzos'], colour: WHITE }, 'white palazzo | safed palazzo'),
  ...asked({ in: KURTAS, colour: ORANGE }, 'orange kurta | kesari kurta'),
  ...asked({ in: SAREES, colour: /maroon/i }, 'maroon saree | mehroon saree | marron saree'),
  ...asked({ in: ['shirts'], colour: /maroon/i }, 'maroon shirt | mehroon shirt'),
  ...asked({ in: ['dresses'], colour: /mustard/i }, 'mustard dress | musterd dress'),
  ...asked({ in: ['tops'], colour: /peach/i }, 'peach top | peech top'),
];

const CLOTHS: readonly LabelledQuery[] = [
  ...asked({ in: SAREES, says: /silk/i }, 'silk saree | silk sari | reshmi saree | sylk saree | silksaree | सिल्क साड़ी'),
  ...asked({ in: SAREES, says: /banarasi/i }, 'banarasi saree | benarasi saree | banarsi saree | banarasi sari | बनारसी साड़ी'),
  ...asked({ in: SAREES, says: /kanjivaram/i }, 'kanjivaram saree | kanjeevaram saree | kanchipuram saree | kanjivaram'),
  ...asked({ in: SAREES, says: /chanderi/i }, 'chanderi saree | chandheri saree'),
  ...asked({ in: SAREES, says: /tussar/i }, 'tussar saree | tusar saree | tussar silk saree'),
  ...asked({ in: SAREES, says: /jamdani/i }, 'jamdani saree | jamdhani saree'),
  ...asked({ in: ['cotton-sarees'] }, 'cotton saree | suti saree | cotton sarees | sooti sari'),
  ...asked({ in: KURTAS, says: /cotton/i }, 'cotton kurta | sooti kurta | coton kurta | kurta cotton'),
  ...asked({ in: KURTAS, says: /linen/i }, 'linen kurta | linan kurta'),
  ...asked({ in: KURTAS, says: /khadi/i }, 'khadi kurta | khaadi kurta'),
  ...asked({ in: ['shirts'], says: /linen/i }, 'linen shirt | linnen shirt'),
  ...asked({ in: ['shirts'], says: /oxford/i }, 'oxford shirt'),
  ...asked({ in: LEHENGAS, says: /georgette/i }, 'georgette lehenga | gorgette lehenga | jorjet lehenga'),
  ...asked({ in: LEHENGAS, says: /organza/i }, 'organza lehenga | orgenza lehenga'),
  ...asked({ in: LEHENGAS, says: /velvet/i }, 'velvet lehenga | welvet lehenga'),
  ...asked({ in: ['sherwanis'], says: /velvet/i }, 'velvet sherwani'),
  ...asked({ in: ['sherwanis'], says: /silk/i }, 'silk sherwani | sherwani silk'),
  ...asked({ in: ['anarkalis'], says: /georgette/i }, 'georgette anarkali | anarkali georgette'),
  ...asked({ in: ['dresses'], says: /linen/i }, 'linen dress'),
  ...asked({ in: ['dresses'], says: /satin/i }, 'satin dress | satan dress'),
  ...asked({ in: ['dupattas'], says: /organza/i }, 'organza dupatta'),
  ...asked({ in: ['dupattas'], says: /banarasi/i }, 'banarasi dupatta | banarsi dupatta | banarasi chunni'),
  ...asked({ in: ['kolhapuris'], says: /leather/i }, 'leather kolhapuri | lether chappal'),
  ...asked({ in: ['bags'], says: /canvas/i }, 'canvas bag | canvas tote | canvass bag'),
];

const WORK: readonly LabelledQuery[] = [
  ...asked(
    { in: KURTAS, says: /chikankari/i },
    'chikankari kurta | chikan kurta | chikan kari kurta | lucknowi kurta | chickenkari kurta | चिकनकारी कुर्ता',
  ),
  ...asked({ in: KURTAS, says: /block print/i }, 'block print kurta | bagru kurta'),
  ...asked({ in: SAREES, says: /bandhani|bandhej/i }, 'bandhani saree | bandhej saree | bandhni saree'),
  ...asked({ in: LEHENGAS, says: /leheriya/i }, 'leheriya lehenga | lehariya lehenga'),
  ...asked({ in: LEHENGAS, says: /mirror/i }, 'mirror work lehenga | miror work lehenga | sheesha lehenga'),
  ...asked({ in: SAREES, says: /ikat/i }, 'ikat saree | ikkat saree'),
  ...asked({ in: SAREES, says: /zari/i }, 'zari saree | jari saree | ज़री साड़ी'),
  ...asked({ in: SAREES, says: /embroider/i }, 'embroidered saree | embroidery saree | embroidred saree | kadhai saree'),
  ...asked({ in: ['sherwanis'], says: /embroider/i }, 'embroidered sherwani | embroidery sherwani'),
  ...asked({ in: ['tops'], says: /floral/i }, 'floral top | flower top | floral tops'),
  ...asked({ in: ['dresses'], says: /floral/i }, 'floral dress | phool dress | flroal dress'),
  ...asked({ in: ['shirts'], says: /check/i }, 'checked shirt | check shirt | checks shirt'),
  ...asked({ in: ['shirts'], says: /strip/i }, 'striped shirt | stripes shirt'),
  ...asked({ in: ['dresses'], says: /strip/i }, 'striped dress'),
  ...asked({ in: ['dresses'], says: /polka/i }, 'polka dot dress | polka dress'),
  ...asked({ in: ['jewellery'], says: /kundan/i }, 'kundan jewellery | kundan jhumka | kundan'),
  ...asked({ in: ['jewellery'], says: /oxidised/i }, 'oxidised jewellery | oxidized jewellery | oxidised jhumka'),
  ...asked({ in: ['jewellery'], says: /pearl/i }, 'pearl jewellery | perl jewellery'),
  ...asked({ in: ['bags'], says: /potli/i }, 'potli | potli bag | potlee'),
  ...asked({ in: ['bags'], says: /tote/i }, 'tote | tote bag | totte bag'),
];

const CUTS: readonly LabelledQuery[] = [
  ...asked({ in: ['kurtas'], says: /straight/i }, 'straight kurta women | straight kurta for women'),
  ...asked({ in: ['kurtas'], says: /a-line/i }, 'a-line kurta | a line kurta | aline kurta'),
  ...asked({ in: JEANS, says: /skinny/i }, 'skinny jeans | skiny jeans'),
  ...asked({ in: JEANS, says: /wide.leg/i }, 'wide leg jeans'),
  ...asked({ in: ['palazzos'], says: /wide.leg/i }, 'wide leg palazzo | wide-leg palazzos'),
  ...asked({ in: ['shirts'], says: /slim/i }, 'slim fit shirt | slim shirt'),
  ...asked({ in: ['dresses'], says: /sleeveless/i }, 'sleeveless dress | sleevless dress'),
  ...asked({ in: ['dresses'], says: /fit and flare/i }, 'fit and flare dress | flare dress'),
  ...asked({ in: ['kurtas'], says: /sleeveless/i }, 'sleeveless kurta'),
  ...asked({ in: ['mens-kurtas'], says: /short kurta/i }, 'short kurta for men | mens short kurta'),
];

const PEOPLE: readonly LabelledQuery[] = [
  ...asked({ in: ['mens-kurtas'] }, 'kurta for men | mens kurta | gents kurta | men kurta | kurta men'),
  ...asked({ in: ['kurtas'] }, "women kurta | ladies kurta | kurta for women | women's kurta | mahila kurta"),
  ...asked({ in: ['kids-kurta-sets'] }, 'kids kurta | boys kurta | kurta for boys | boys kurta set | bachche kurta'),
  ...asked({ in: ['kids-lehengas'] }, 'girls lehenga | kids lehenga | lehenga for girls | ladki lehenga'),
  ...asked({ in: ['lehengas'] }, 'women lehenga | ladies lehenga'),
  ...asked({ in: ['womens-jeans'] }, 'women jeans | ladies jeans | jeans for women | womens jeans'),
  ...asked({ in: ['mens-jeans'] }, 'men jeans | gents jeans | jeans for men | mens jeans'),
  ...asked({ in: ['t-shirts'] }, 'mens tshirt | men t shirt | t-shirt for men'),
  ...asked({ in: ['kids-t-shirts'] }, 'kids tshirt | kids t-shirt | kids t shirts'),
];

const OCCASIONS: readonly LabelledQuery[] = [
  ...asked({ in: SAREES, says: /wedding/i }, 'wedding saree | shaadi saree | saree for wedding | bridal saree'),
  ...asked({ in: LEHENGAS, says: /wedding/i }, 'wedding lehenga | bridal lehenga | shadi lehenga | शादी लहंगा'),
  ...asked({ in: ['sherwanis'], says: /wedding/i }, 'wedding sherwani | sherwani for wedding'),
  ...asked({ in: KURTAS, says: /festive/i }, 'festive kurta | festival kurta | diwali kurta'),
  ...asked({ in: ['dresses'], says: /work/i }, 'office dress | work dress'),
  ...asked({ in: ['shirts'], says: /work/i }, 'office shirt | formal shirt'),
  ...asked({ in: ['frocks'], says: /birthday/i }, 'birthday frock | frock for birthday | birthday frok'),
];

const BRANDS: readonly LabelledQuery[] = [
  ...asked(
    {
      in: ['silk-sarees', 'cotton-sarees', 'kurtas', 'lehengas', 'anarkalis', 'palazzos', 'dupattas', 'dresses', 'tops', 'womens-jeans'],
      says: /^Aaranya/,
    },
    'aaranya | aranya | aaranyaa',
  ),
  ...asked({ in: ['juttis', 'kolhapuris'], says: /^Juttiwali Gali/ }, 'juttiwali gali | jutiwali gali'),
  ...asked({ in: ['juttis', 'kolhapuris'], says: /^Pagdandi/ }, 'pagdandi | pagdandee | pagdndi'),
  ...asked({ in: ['jewellery'], says: /^Chaandbali/ }, 'chaandbali | chandbali'),
  ...asked({ in: SAREES, says: /^Rangposhi/ }, 'rangposhi saree | rangposi saree'),
  ...asked({ in: ['frocks', 'kids-lehengas', 'kids-kurta-sets', 'kids-t-shirts'], says: /^Gilehri/ }, 'gilehri | gilheri'),
];

/** What people type in India, with what they mean: spellings, Hindi in both scripts, mistakes, and several wishes at once. */
export const labelledQueries: readonly LabelledQuery[] = [
  ...SPELLINGS,
  ...COLOURS,
  ...CLOTHS,
  ...WORK,
  ...CUTS,
  ...PEOPLE,
  ...OCCASIONS,
  ...BRANDS,
];

const textOf = ({ name, brand, attributes }: SeedProduct): string => [name, brand, ...Object.values(attributes)].join('\n');

/** 3: all of it; 1: the right kind of thing; 0: neither. */
export function gradeOf(product: SeedProduct, { in: slugs, colour, says }: Wanted): 0 | 1 | 3 {
  if (!slugs.includes(product.categorySlug)) return 0;
  const hasColour = colour === undefined || product.variants.some(({ color }) => colour.test(color));
  return hasColour && (says === undefined || says.test(textOf(product))) ? 3 : 1;
}
