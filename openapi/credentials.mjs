// Credentials of payment providers, as the stand-in takes them (tests/providers/stand-in): for what connects each of them once.

export const credentials = (standIn) => ({
  Stripe: { stripeRak: "rk_live_0123456789" },
  LemonSqueezy: { lemonsqueezyApiKey: "eyJ0eXAi", lemonsqueezyStoreId: "12345" },
  Polar: { polarAccessToken: "polar_oat_0123456789", polarOrgId: "0b5f2a4e-6c1d-4f6e-9a57-6f2c7f3f1f11" },
  Paddle: { paddleApiKey: "pdl_live_apikey_0123456789" },
  Shopify: { shopDomain: "sluice-demo.myshopify.com", clientId: "0123456789abcdef", clientSecret: "shpss_0123456789" },
  WooCommerce: { storeUrl: standIn.woocommerce, consumerKey: "ck_0123456789", consumerSecret: "cs_0123456789" },
});
