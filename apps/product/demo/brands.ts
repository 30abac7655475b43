/** What a brand makes; a category takes its brands from one of these. */
export type Trade = 'women-ethnic' | 'women-western' | 'men-ethnic' | 'men-western' | 'kids' | 'footwear' | 'jewellery' | 'bags';

export interface Brand {
  readonly name: string;
  /** Three letters, no two alike: the head of its SKUs. */
  readonly code: string;
  /** 0 everyday, 1 better, 2 occasion. */
  readonly tier: 0 | 1 | 2;
  readonly trades: readonly Trade[];
}

/** Invented names; none is meant to be anyone's. */
export const brands: readonly Brand[] = [
  { name: 'Aaranya', code: 'AAR', tier: 1, trades: ['women-ethnic', 'women-western'] },
  { name: 'Rangposhi', code: 'RNG', tier: 0, trades: ['women-ethnic', 'kids'] },
  { name: 'Neelkamra', code: 'NLK', tier: 1, trades: ['women-ethnic', 'women-western', 'men-western'] },
  { name: 'Bunkar & Bela', code: 'BNB', tier: 2, trades: ['women-ethnic'] },
  { name: 'Saanjhveli', code: 'SNJ', tier: 1, trades: ['women-ethnic', 'jewellery'] },
  { name: 'Gulnaar Lane', code: 'GLN', tier: 2, trades: ['women-ethnic', 'bags'] },
  { name: 'Kesarbadi', code: 'KSB', tier: 0, trades: ['women-ethnic', 'men-ethnic', 'kids'] },
  { name: 'Tanavastra', code: 'TNV', tier: 2, trades: ['women-ethnic', 'men-ethnic'] },
  { name: 'Morchhap', code: 'MRC', tier: 1, trades: ['women-ethnic', 'men-ethnic', 'bags'] },
  { name: 'Phulwaadi Studio', code: 'PHW', tier: 0, trades: ['women-western', 'women-ethnic'] },
  { name: 'Ekdori', code: 'EKD', tier: 1, trades: ['women-western', 'bags'] },
  { name: 'Meher & Moss', code: 'MHM', tier: 1, trades: ['women-western'] },
  { name: 'Banjaari Blue', code: 'BJB', tier: 0, trades: ['women-western', 'men-western'] },
  { name: 'Dhoopchaon', code: 'DPC', tier: 1, trades: ['women-western', 'men-western'] },
  { name: 'Thapparel Works', code: 'THW', tier: 0, trades: ['men-western', 'kids'] },
  { name: 'Nagarsutra', code: 'NGS', tier: 1, trades: ['men-western', 'men-ethnic'] },
  { name: 'Sawaiwala', code: 'SWW', tier: 2, trades: ['men-ethnic'] },
  { name: 'Riwaayat House', code: 'RWH', tier: 2, trades: ['men-ethnic', 'women-ethnic'] },
  { name: 'Kothi No. 9', code: 'KN9', tier: 1, trades: ['men-ethnic', 'men-western'] },
  { name: 'Gilehri', code: 'GLH', tier: 0, trades: ['kids'] },
  { name: 'Ladoo Lane', code: 'LDL', tier: 1, trades: ['kids'] },
  { name: 'Titli & Tota', code: 'TTT', tier: 0, trades: ['kids'] },
  { name: 'Nanhi Patang', code: 'NPT', tier: 1, trades: ['kids'] },
  { name: 'Pagdandi', code: 'PGD', tier: 0, trades: ['footwear'] },
  { name: 'Mochigaon', code: 'MCG', tier: 1, trades: ['footwear', 'bags'] },
  { name: 'Chaalbaaz', code: 'CLB', tier: 1, trades: ['footwear'] },
  { name: 'Rahguzar', code: 'RHG', tier: 2, trades: ['footwear', 'bags'] },
  { name: 'Juttiwali Gali', code: 'JWG', tier: 0, trades: ['footwear'] },
  { name: 'Kangan Katha', code: 'KGK', tier: 0, trades: ['jewellery'] },
  { name: 'Tarasha', code: 'TRS', tier: 1, trades: ['jewellery'] },
  { name: 'Chaandbali Co.', code: 'CBC', tier: 1, trades: ['jewellery'] },
  { name: 'Naulakhi', code: 'NLH', tier: 2, trades: ['jewellery', 'bags'] },
  { name: 'Jholamaar', code: 'JHM', tier: 0, trades: ['bags'] },
];
