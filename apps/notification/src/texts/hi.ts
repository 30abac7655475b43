import { type Wordings, wordingIn } from './text.ts';

const { mail, note, everywhere } = wordingIn('hi', 'नमस्ते {{name}},');

const toOrder = { button: ['ऑर्डर देखें', '{{link}}'] } as const;
const toProduct = { button: ['शॉप में देखें', '{{link}}'] } as const;

export const hi: Wordings = {
  otp: { sms: { text: '{{code}} आपका Only2U कोड है। यह {{minutes}} मिनट तक मान्य है। इसे किसी को न बताएँ। - Only2U' } },
  email_verification: {
    email: mail({
      subject: 'अपने ई-मेल पते की पुष्टि करें',
      paragraphs: ['कृपया पुष्टि करें कि यह ई-मेल पता आपका ही है।'],
      button: ['पते की पुष्टि करें', '{{link}}'],
      closing: ['यह लिंक {{hours}} घंटे तक चलेगा। अगर आपने Only2U पर खाता नहीं बनाया है, तो इस मेल को अनदेखा कर दें।'],
    }),
  },
  password_reset: {
    email: mail({
      subject: 'नया पासवर्ड चुनें',
      paragraphs: ['आपके Only2U खाते के लिए नया पासवर्ड माँगा गया है।'],
      button: ['नया पासवर्ड चुनें', '{{link}}'],
      closing: [
        'यह लिंक एक ही बार काम करेगा, {{minutes}} मिनट के अंदर। अगर नया पासवर्ड आपने नहीं माँगा, तो इस मेल को अनदेखा कर दें: आपका पासवर्ड वही रहेगा।',
      ],
    }),
  },
  staff_invitation: {
    email: mail({
      subject: 'आपको Only2U की टीम में बुलाया गया है',
      paragraphs: ['आपके लिए Only2U टीम का एक खाता बनाया गया है। पहले पासवर्ड चुनें, फिर इसी ई-मेल पते से साइन-इन करें।'],
      button: ['पासवर्ड चुनें', '{{link}}'],
      closing: ['यह लिंक एक ही बार और {{hours}} घंटे तक काम करेगा। अगर आपको इसके बारे में कुछ नहीं पता, तो इस मेल को अनदेखा कर दें।'],
    }),
  },
  password_changed: everywhere('आपका पासवर्ड बदल दिया गया है', '{{at}} आपके खाते का पासवर्ड बदला गया।', {
    closing: ['बाकी सभी डिवाइस साइन-आउट कर दिए गए हैं। अगर यह आपने नहीं किया, तो तुरंत “पासवर्ड भूल गए” से नया पासवर्ड चुनें।'],
  }),
  new_sign_in: everywhere('आपके खाते में नया साइन-इन', '{{at}} एक नए डिवाइस से आपके खाते में साइन-इन किया गया।', {
    closing: ['अगर यह आप ही थे, तो कुछ करने की ज़रूरत नहीं। अगर नहीं, तो “डिवाइस” में जाकर उस डिवाइस को साइन-आउट करें और अपना पासवर्ड बदल लें।'],
  }),
  session_replay: everywhere(
    'किसी ने आपका पुराना साइन-इन इस्तेमाल किया',
    'आपका एक साइन-इन दो जगहों से इस्तेमाल हुआ। हमने उसे दोनों जगह बंद कर दिया है। अगर यह आप नहीं थे, तो अपना पासवर्ड बदल लें।',
  ),
  referral_reward: everywhere('दोस्त को साथ लाने के लिए धन्यवाद', 'आपका {{amount}} का इनाम आ गया है।{{coupon}}', {
    button: ['अपने इनाम देखें', '{{link}}'],
  }),
  feedback_status: everywhere('आपके सुझाव की ख़बर', 'आपके सुझाव की स्थिति अब यह है: {{status}}।', { button: ['देखें', '{{link}}'] }),
  feedback_reply: everywhere('आपके सुझाव का जवाब', 'हमारी टीम ने आपके सुझाव का जवाब दिया है।', { button: ['जवाब पढ़ें', '{{link}}'] }),
  review_updated: everywhere('आपके रिव्यू की ख़बर', '{{change}}'),
  staff_alert: everywhere('किसी को देखना होगा', '{{matter}}: {{subject}}'),

  order_confirmed: {
    ...everywhere('ऑर्डर कन्फ़र्म हो गया', '{{total}} का आपका ऑर्डर {{number}} कन्फ़र्म हो गया है।', {
      subject: 'आपका ऑर्डर {{number}} कन्फ़र्म हो गया है',
      paragraphs: ['धन्यवाद! ऑर्डर रवाना होते ही हम आपको बताएँगे।'],
      ...toOrder,
      second: ['आपका इनवॉइस', '{{invoice}}'],
    }),
    sms: { text: '{{total}} का आपका Only2U ऑर्डर {{number}} कन्फ़र्म हो गया है। रवाना होते ही हम आपको बताएँगे। - Only2U' },
  },
  order_shipped: {
    ...everywhere('आपका ऑर्डर रवाना हो गया', 'ऑर्डर {{number}} हमारे गोदाम से निकल चुका है। {{tracking}}', {
      subject: 'आपका ऑर्डर {{number}} रवाना हो गया है',
      ...toOrder,
    }),
    sms: { text: 'आपका Only2U ऑर्डर {{number}} रवाना हो गया है। - Only2U' },
  },
  order_delivered: {
    ...everywhere('ऑर्डर पहुँच गया', 'ऑर्डर {{number}} आप तक पहुँच गया है। उम्मीद है आपको पसंद आएगा।', {
      subject: 'आपका ऑर्डर {{number}} पहुँच गया है',
      ...toOrder,
    }),
    sms: { text: 'आपका Only2U ऑर्डर {{number}} पहुँच गया है। - Only2U' },
  },
  refund_processed: {
    ...everywhere('रिफ़ंड हो गया', 'ऑर्डर {{number}} के {{amount}} आपको लौटा दिए गए हैं।', {
      subject: 'ऑर्डर {{number}} के {{amount}} लौटा दिए गए हैं',
      paragraphs: ['आपके बैंक में रकम दिखने में कुछ दिन लग सकते हैं।'],
      ...toOrder,
    }),
    sms: { text: 'Only2U ने ऑर्डर {{number}} के {{amount}} लौटा दिए हैं। बैंक में रकम दिखने में कुछ दिन लग सकते हैं। - Only2U' },
  },
  order_out_for_delivery: everywhere('आज डिलीवरी है', 'ऑर्डर {{number}} आज आप तक पहुँचेगा।', {
    subject: 'आपका ऑर्डर {{number}} आज पहुँचेगा',
    ...toOrder,
  }),
  order_cancelled: everywhere(
    'ऑर्डर रद्द हुआ',
    'ऑर्डर {{number}} या उसका कुछ हिस्सा रद्द कर दिया गया है। उसके लिए आपने जो चुकाया है, वह लौटा दिया जाएगा।',
    {
      subject: 'आपका ऑर्डर {{number}} रद्द कर दिया गया है',
      ...toOrder,
    },
  ),
  order_expired: everywhere(
    'समय पर भुगतान नहीं हुआ',
    'ऑर्डर {{number}} का भुगतान समय पर नहीं हुआ, इसलिए वह समाप्त हो गया। आप कभी भी दोबारा ऑर्डर कर सकते हैं।',
    {
      subject: 'ऑर्डर {{number}} का भुगतान समय पर नहीं हुआ',
      ...toOrder,
    },
  ),
  return_updated: everywhere('आपकी वापसी की ख़बर', 'ऑर्डर {{number}}: {{change}}', { subject: 'ऑर्डर {{number}} की वापसी', ...toOrder }),
  late_payment: everywhere('देर से आया भुगतान', 'ऑर्डर {{number}}: {{change}}', { subject: 'ऑर्डर {{number}} का भुगतान', ...toOrder }),
  payment_failed: {
    push: note('भुगतान नहीं हो पाया', 'ऑर्डर {{number}} का भुगतान नहीं हो पाया। आप फिर से कोशिश कर सकते हैं।'),
    in_app: note('भुगतान नहीं हो पाया', 'ऑर्डर {{number}} का भुगतान नहीं हो पाया। आप फिर से कोशिश कर सकते हैं।'),
  },

  chat_unread: { push: note('नए संदेश', 'बिना पढ़े संदेश: {{count}}।'), in_app: note('नए संदेश', 'बिना पढ़े संदेश: {{count}}।') },

  back_in_stock: {
    ...everywhere('फिर से उपलब्ध', '{{product}} की बिक्री फिर से शुरू हो गई है।{{others}}', toProduct),
    in_app: note('फिर से उपलब्ध', '{{product}} की बिक्री फिर से शुरू हो गई है।'),
  },
  price_drop: {
    ...everywhere('दाम घटे', '{{product}}: अब {{price}} में।{{others}}', toProduct),
    in_app: note('दाम घटे', '{{product}}: अब {{price}} में।'),
  },

  cart_abandoned: everywhere('आपका कार्ट इंतज़ार कर रहा है', 'आपके कार्ट में रखा सामान ({{items}}) अब भी वहीं है।', {
    button: ['कार्ट में जाएँ', '{{link}}'],
  }),
  review_request: everywhere('कैसा लगा?', 'आपने जो ख़रीदा, उसके बारे में दूसरों को अपनी राय बताइए।', {
    button: ['रिव्यू लिखें', '{{link}}'],
  }),
  coupon_issued: everywhere('आपके लिए एक कूपन', '{{until}} तक कूपन कोड {{code}} इस्तेमाल करें।', { button: ['शॉप में जाएँ', '{{link}}'] }),
};

export const hiWords: Readonly<Record<string, string>> = {
  return_requested: 'वापसी का आपका अनुरोध हमें मिल गया है।',
  returned: 'आपका लौटाया हुआ सामान हमें मिल गया है, और उसकी कीमत आपको लौटाई जा रही है।',
  refused: 'आपका लौटाया हुआ सामान हम वापस नहीं ले पाए; वह फिर आपको भेजा जा रहा है।',
  returned_to_origin: 'पार्सल हमारे पास लौट आया है।',
  confirmed: 'आपका भुगतान देर से आया, फिर भी ऑर्डर कन्फ़र्म हो गया है।',
  refunded: 'आपका भुगतान ऑर्डर समाप्त होने के बाद आया, इसलिए रकम लौटाई जा रही है।',
  hidden: 'आपका रिव्यू अब नहीं दिखाया जा रहा है।',
  approved: 'आपका रिव्यू प्रकाशित हो गया है।',
  replied: 'शॉप ने आपके रिव्यू का जवाब दिया है।',
  open: 'खुला',
  in_review: 'देखा जा रहा है',
  planned: 'योजना में',
  resolved: 'हल हो गया',
  rejected: 'स्वीकार नहीं हुआ',
  closed: 'बंद',
  amount_mismatch: 'एक भुगतान की रकम उसके ऑर्डर से अलग है',
  refund_failed: 'एक रिफ़ंड नहीं हो पाया',
  bad_credentials: 'भुगतान सेवा हमारी कुंजी नहीं मान रही है',
  dispute: 'एक भुगतान पर विवाद है',
  feedback_overdue: 'एक सुझाव बहुत देर से जवाब का इंतज़ार कर रहा है',
};
