// Generated from openapi.json by console/types.mjs.

export interface paths {
    "/api/ai-crawls": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Count a request that a crawler made to a website's server
         * @description Needs no token.
         */
        post: operations["trackCrawl"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Accept an event of the tracking script or the SDK
         * @description Needs no token.
         */
        post: operations["trackEvent"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/access-tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List account tokens
         * @description Permission `api-keys:read`. Tokens: dft_. Sessions of the console too.
         */
        get: operations["listAccessTokens"];
        put?: never;
        /**
         * Create an account token; it is shown once
         * @description Permission `api-keys:write`. Tokens: dft_. Sessions of the console too. A session must have been signed in to in the last 15 minutes.
         */
        post: operations["createAccessToken"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/access-tokens/{tokenId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Revoke an account token
         * @description Permission `api-keys:write`. Tokens: dft_. Sessions of the console too.
         */
        delete: operations["deleteAccessToken"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/account": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get the account behind the token
         * @description Permission `analytics:read`. Tokens: dft_, df_. Sessions of the console too.
         */
        get: operations["getAccount"];
        /**
         * Change the account's name
         * @description Permission `analytics:read`. Tokens: dft_. Sessions of the console too.
         */
        put: operations["updateAccount"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List what the account has done, newest first
         * @description Permissions `settings:read` and `api-keys:read` and `team:read` and `webhooks:read` and `alerts:read` and `funnels:read` and `goals:read` and `notes:read`. Tokens: dft_. Sessions of the console too.
         */
        get: operations["listAudit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/bot-traffic/usage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * How many requests of crawlers one's websites had this month
         * @description Permission `settings:read`. Tokens: dft_. Sessions of the console too.
         */
        get: operations["getBotUsage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/websites": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the websites that the token can reach
         * @description Permission `websites:read`. Tokens: dft_. Sessions of the console too.
         */
        get: operations["listWebsites"];
        put?: never;
        /**
         * Create a website
         * @description Permission `websites:write`. Tokens: dft_. Sessions of the console too.
         */
        post: operations["createWebsite"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/websites/{websiteId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get a website's settings
         * @description Permission `settings:read`; role viewer or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        get: operations["getWebsite"];
        /**
         * Update a website's settings
         * @description Permission `settings:write`; role member or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        put: operations["updateWebsite"];
        post?: never;
        /**
         * Always refused: websites are not deleted by the API
         * @description Permission `websites:write`; role member or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        delete: operations["deleteWebsite"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/websites/{websiteId}/alerts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List alerts
         * @description Permission `alerts:read`; role viewer or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        get: operations["listAlerts"];
        put?: never;
        /**
         * Create an alert
         * @description Permission `alerts:write`; role member or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        post: operations["createAlert"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/websites/{websiteId}/alerts/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List what alerts have sent
         * @description Permission `alerts:read`; role viewer or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        get: operations["listAlertHistory"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/websites/{websiteId}/alerts/preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * What an alert would have done in the last seven days
         * @description Permission `alerts:write`; role member or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        post: operations["previewAlert"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/websites/{websiteId}/alerts/{alertId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Update an alert
         * @description Permission `alerts:write`; role member or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        put: operations["updateAlert"];
        post?: never;
        /**
         * Delete an alert; its history stays
         * @description Permission `alerts:write`; role member or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        delete: operations["deleteAlert"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/websites/{websiteId}/alerts/{alertId}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send one real message of an alert, marked as a test
         * @description Permission `alerts:write`; role member or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        post: operations["testAlert"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/websites/{websiteId}/alerts/{alertId}/transitions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List an alert's changes of state, newest first
         * @description Permission `alerts:read`; role viewer or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        get: operations["listAlertTransitions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/websites/{websiteId}/apikeys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List a website's keys
         * @description Permission `api-keys:read`; role viewer or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        get: operations["listWebsiteKeys"];
        put?: never;
        /**
         * Create a website key; it is shown once
         * @description Permission `api-keys:write`; role member or higher on the website. Tokens: dft_, df_. Sessions of the console too. A session must have been signed in to in the last 15 minutes.
         */
        post: operations["createWebsiteKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/websites/{websiteId}/apikeys/{apiKeyId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Give a key a new value; it is shown once
         * @description Permission `api-keys:write`; role member or higher on the website. Tokens: dft_, df_. Sessions of the console too. A session must have been signed in to in the last 15 minutes.
         */
        put: operations["rollWebsiteKey"];
        post?: never;
        /**
         * Revoke a website key
         * @description Permission `api-keys:write`; role member or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        delete: operations["deleteWebsiteKey"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/websites/{websiteId}/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List what was done to a website, newest first
         * @description Permissions `settings:read` and `api-keys:read` and `team:read` and `webhooks:read` and `alerts:read` and `funnels:read` and `goals:read` and `notes:read`; role owner or higher on the website. Tokens: dft_. Sessions of the console too.
         */
        get: operations["listWebsiteAudit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/websites/{websiteId}/bot-traffic/settings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get the settings of bot traffic, and every crawler that is known
         * @description Permission `settings:read`; role owner or higher on the website. Tokens: dft_. Sessions of the console too.
         */
        get: operations["getBotSettings"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Change which crawlers are counted and shown
         * @description Permission `settings:write`; role owner or higher on the website. Tokens: dft_. Sessions of the console too.
         */
        patch: operations["updateBotSettings"];
        trace?: never;
    };
    "/api/v1/admin/websites/{websiteId}/bot-traffic/token": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get whether requests of crawlers have a token
         * @description Permission `settings:read`; role owner or higher on the website. Tokens: dft_. Sessions of the console too.
         */
        get: operations["getBotToken"];
        /**
         * Give the token a new value; it is shown once, and the old one is worth nothing
         * @description Permission `settings:write`; role owner or higher on the website. Tokens: dft_. Sessions of the console too. A session must have been signed in to in the last 15 minutes.
         */
        put: operations["rotateBotToken"];
        /**
         * Create the token for requests of crawlers; it is shown once
         * @description Permission `settings:write`; role owner or higher on the website. Tokens: dft_. Sessions of the console too. A session must have been signed in to in the last 15 minutes.
         */
        post: operations["createBotToken"];
        /**
         * Delete the token, and require none
         * @description Permission `settings:write`; role owner or higher on the website. Tokens: dft_. Sessions of the console too.
         */
        delete: operations["deleteBotToken"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/websites/{websiteId}/deliveries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the deliveries of all webhooks of a website, newest first
         * @description Permission `webhooks:read`; role viewer or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        get: operations["listAllDeliveries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/websites/{websiteId}/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Export all events as the import takes them, or as Apache Parquet
         * @description Permissions `settings:read` and `analytics:read`; role viewer or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        get: operations["exportEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/websites/{websiteId}/funnels": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List active funnels
         * @description Permission `funnels:read`; role viewer or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        get: operations["listFunnels"];
        put?: never;
        /**
         * Create a funnel
         * @description Permission `funnels:write`; role member or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        post: operations["createFunnel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/websites/{websiteId}/funnels/{funnelId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Update a funnel
         * @description Permission `funnels:write`; role member or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        put: operations["updateFunnel"];
        post?: never;
        /**
         * Soft-delete a funnel
         * @description Permission `funnels:write`; role member or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        delete: operations["deleteFunnel"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/websites/{websiteId}/goals": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List tracked goals, most frequent first
         * @description Permission `settings:read` or `goals:read`; role viewer or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        get: operations["listTrackedGoals"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/websites/{websiteId}/goals/customizations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List how goals are shown, and the palette
         * @description Permission `goals:read`; role viewer or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        get: operations["listGoalCustomizations"];
        put?: never;
        post?: never;
        /**
         * Show a goal by its own name again
         * @description Permission `goals:write`; role member or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        delete: operations["resetGoal"];
        options?: never;
        head?: never;
        /**
         * Change how a goal is shown
         * @description Permission `goals:write`; role member or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        patch: operations["customizeGoal"];
        trace?: never;
    };
    "/api/v1/admin/websites/{websiteId}/import": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Import past events, one JSON object per line
         * @description Permissions `settings:write` and `goals:write` and `payments:write` and `identify:write`; role member or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        post: operations["importEvents"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/websites/{websiteId}/integrations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get which payment providers are connected
         * @description Permission `settings:read`; role viewer or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        get: operations["getIntegrations"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/websites/{websiteId}/integrations/lemonsqueezy": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Lemon Squeezy
         * @description Permission `settings:read`; role viewer or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        get: operations["getLemonSqueezy"];
        put?: never;
        /**
         * Connect Lemon Squeezy
         * @description Permission `settings:write`; role member or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        post: operations["connectLemonSqueezy"];
        /**
         * Disconnect Lemon Squeezy
         * @description Permission `settings:write`; role member or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        delete: operations["disconnectLemonSqueezy"];
        options?: never;
        head?: never;
        /**
         * Import the past payments of Lemon Squeezy
         * @description Permission `settings:write`; role member or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        patch: operations["resyncLemonSqueezy"];
        trace?: never;
    };
    "/api/v1/admin/websites/{websiteId}/integrations/lemonsqueezy/webhook": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Store the secret of Lemon Squeezy's webhook
         * @description Permission `settings:write`; role member or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        put: operations["setLemonSqueezyWebhookSecret"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/websites/{websiteId}/integrations/paddle": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Paddle
         * @description Permission `settings:read`; role viewer or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        get: operations["getPaddle"];
        put?: never;
        /**
         * Connect Paddle
         * @description Permission `settings:write`; role member or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        post: operations["connectPaddle"];
        /**
         * Disconnect Paddle
         * @description Permission `settings:write`; role member or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        delete: operations["disconnectPaddle"];
        options?: never;
        head?: never;
        /**
         * Import the past payments of Paddle
         * @description Permission `settings:write`; role member or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        patch: operations["resyncPaddle"];
        trace?: never;
    };
    "/api/v1/admin/websites/{websiteId}/integrations/paddle/webhook": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Store the secret of Paddle's webhook
         * @description Permission `settings:write`; role member or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        put: operations["setPaddleWebhookSecret"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/websites/{websiteId}/integrations/polar": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Polar
         * @description Permission `settings:read`; role viewer or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        get: operations["getPolar"];
        put?: never;
        /**
         * Connect Polar
         * @description Permission `settings:write`; role member or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        post: operations["connectPolar"];
        /**
         * Disconnect Polar
         * @description Permission `settings:write`; role member or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        delete: operations["disconnectPolar"];
        options?: never;
        head?: never;
        /**
         * Import the past payments of Polar
         * @description Permission `settings:write`; role member or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        patch: operations["resyncPolar"];
        trace?: never;
    };
    "/api/v1/admin/websites/{websiteId}/integrations/polar/webhook": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Store the secret of Polar's webhook
         * @description Permission `settings:write`; role member or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        put: operations["setPolarWebhookSecret"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/websites/{websiteId}/integrations/shopify": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Shopify
         * @description Permission `settings:read`; role viewer or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        get: operations["getShopify"];
        put?: never;
        /**
         * Connect Shopify
         * @description Permission `settings:write`; role member or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        post: operations["connectShopify"];
        /**
         * Disconnect Shopify
         * @description Permission `settings:write`; role member or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        delete: operations["disconnectShopify"];
        options?: never;
        head?: never;
        /**
         * Import the past payments of Shopify
         * @description Permission `settings:write`; role member or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        patch: operations["resyncShopify"];
        trace?: never;
    };
    "/api/v1/admin/websites/{websiteId}/integrations/shopify/webhook": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Store the secret of Shopify's webhook
         * @description Permission `settings:write`; role member or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        put: operations["setShopifyWebhookSecret"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/websites/{websiteId}/integrations/stripe": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get Stripe
         * @description Permission `settings:read`; role viewer or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        get: operations["getStripe"];
        put?: never;
        /**
         * Connect Stripe
         * @description Permission `settings:write`; role member or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        post: operations["connectStripe"];
        /**
         * Disconnect Stripe
         * @description Permission `settings:write`; role member or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        delete: operations["disconnectStripe"];
        options?: never;
        head?: never;
        /**
         * Import the past payments of Stripe
         * @description Permission `settings:write`; role member or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        patch: operations["resyncStripe"];
        trace?: never;
    };
    "/api/v1/admin/websites/{websiteId}/integrations/stripe/webhook": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Store the secret of Stripe's webhook
         * @description Permission `settings:write`; role member or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        put: operations["setStripeWebhookSecret"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/websites/{websiteId}/integrations/woocommerce": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get WooCommerce
         * @description Permission `settings:read`; role viewer or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        get: operations["getWooCommerce"];
        put?: never;
        /**
         * Connect WooCommerce
         * @description Permission `settings:write`; role member or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        post: operations["connectWooCommerce"];
        /**
         * Disconnect WooCommerce
         * @description Permission `settings:write`; role member or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        delete: operations["disconnectWooCommerce"];
        options?: never;
        head?: never;
        /**
         * Import the past payments of WooCommerce
         * @description Permission `settings:write`; role member or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        patch: operations["resyncWooCommerce"];
        trace?: never;
    };
    "/api/v1/admin/websites/{websiteId}/integrations/woocommerce/authorize": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Get the page of a WooCommerce shop on which its owner consents; the shop then connects itself
         * @description Permission `settings:write`; role member or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        post: operations["authorizeWooCommerce"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/websites/{websiteId}/integrations/woocommerce/webhook": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Store the secret of WooCommerce's webhook
         * @description Permission `settings:write`; role member or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        put: operations["setWooCommerceWebhookSecret"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/websites/{websiteId}/integrations/{provider}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List what a payment provider has told, newest first
         * @description Permission `settings:read`; role viewer or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        get: operations["listProviderEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/websites/{websiteId}/integrations/{provider}/events/{eventId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get an event with what the provider sent
         * @description Permission `settings:write`; role member or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        get: operations["getProviderEvent"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/websites/{websiteId}/integrations/{provider}/events/{eventId}/replay": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Work on an event again
         * @description Permission `settings:write`; role member or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        post: operations["replayProviderEvent"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/websites/{websiteId}/notes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the notes on the chart, newest first
         * @description Permission `notes:read`; role viewer or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        get: operations["listNotes"];
        put?: never;
        /**
         * Note something on the chart
         * @description Permission `notes:write`; role member or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        post: operations["createNote"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/websites/{websiteId}/notes/{noteId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Change a note's text or time
         * @description Permission `notes:write`; role member or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        put: operations["updateNote"];
        post?: never;
        /**
         * Delete a note
         * @description Permission `notes:write`; role member or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        delete: operations["deleteNote"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/websites/{websiteId}/team": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List team members; for the owner also open invitations
         * @description Permission `team:read`; role viewer or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        get: operations["listTeam"];
        put?: never;
        /**
         * Invite a team member
         * @description Permission `team:write`; role owner or higher on the website. Tokens: dft_. Sessions of the console too.
         */
        post: operations["inviteTeamMember"];
        /**
         * Remove a team member, with the keys, webhooks and webhook alerts that they made
         * @description Permission `team:write`; role owner or higher on the website. Tokens: dft_. Sessions of the console too.
         */
        delete: operations["removeTeamMember"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/websites/{websiteId}/team/invitations/{invitationId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Cancel an invitation; its links open nothing from then on
         * @description Permission `team:write`; role owner or higher on the website. Tokens: dft_. Sessions of the console too.
         */
        delete: operations["cancelInvitation"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/websites/{websiteId}/team/invitations/{invitationId}/resend": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send an invitation again, with another link and its whole time
         * @description Permission `team:write`; role owner or higher on the website. Tokens: dft_. Sessions of the console too.
         */
        post: operations["resendInvitation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/websites/{websiteId}/team/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Leave the team, with all keys, webhooks and webhook alerts that one made
         * @description Permission `team:write`; role viewer or higher on the website. Tokens: dft_. Sessions of the console too.
         */
        delete: operations["leaveTeam"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/websites/{websiteId}/team/transfer": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make a member of the team the owner; the caller becomes a member
         * @description Permission `*`; role owner or higher on the website. Tokens: dft_. Sessions of the console too. A session must have been signed in to in the last 15 minutes.
         */
        post: operations["transferWebsite"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/websites/{websiteId}/team/{userId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Change the role of a team member; whoever becomes a viewer loses the keys that they made
         * @description Permission `team:write`; role owner or higher on the website. Tokens: dft_. Sessions of the console too.
         */
        put: operations["updateTeamMember"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/websites/{websiteId}/webhooks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List webhooks
         * @description Permission `webhooks:read`; role viewer or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        get: operations["listWebhooks"];
        put?: never;
        /**
         * Create a webhook; the answer has its secret
         * @description Permission `webhooks:write`; role member or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        post: operations["createWebhook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/websites/{websiteId}/webhooks/{webhookId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get a webhook
         * @description Permission `webhooks:read`; role viewer or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        get: operations["getWebhook"];
        /**
         * Update a webhook
         * @description Permission `webhooks:write`; role member or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        put: operations["updateWebhook"];
        post?: never;
        /**
         * Delete a webhook that no alert uses
         * @description Permission `webhooks:write`; role member or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        delete: operations["deleteWebhook"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/websites/{websiteId}/webhooks/{webhookId}/deliveries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List a webhook's deliveries, newest first
         * @description Permission `webhooks:read`; role viewer or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        get: operations["listDeliveries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/websites/{websiteId}/webhooks/{webhookId}/deliveries/{deliveryId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get a delivery with its payload and attempts
         * @description Permission `webhooks:read`; role viewer or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        get: operations["getDelivery"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/websites/{websiteId}/webhooks/{webhookId}/deliveries/{deliveryId}/resend": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send a delivery again
         * @description Permission `webhooks:write`; role member or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        post: operations["resendDelivery"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/websites/{websiteId}/webhooks/{webhookId}/resend": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send all that failed or was missed in a time again, or count them
         * @description Permission `webhooks:write`; role member or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        post: operations["resendDeliveries"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/websites/{websiteId}/webhooks/{webhookId}/secret": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get the secret that signs a webhook's deliveries
         * @description Permission `webhooks:write`; role member or higher on the website. Tokens: dft_, df_. Sessions of the console too. A session must have been signed in to in the last 15 minutes.
         */
        get: operations["getWebhookSecret"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/websites/{websiteId}/webhooks/{webhookId}/secret/rotate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Give a webhook a new secret; the old one signs too for 24 hours
         * @description Permission `webhooks:write`; role member or higher on the website. Tokens: dft_, df_. Sessions of the console too. A session must have been signed in to in the last 15 minutes.
         */
        post: operations["rotateWebhookSecret"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/websites/{websiteId}/webhooks/{webhookId}/stats": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get how a webhook is doing, by the hour or the day
         * @description Permission `webhooks:read`; role viewer or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        get: operations["getWebhookStats"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/websites/{websiteId}/webhooks/{webhookId}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send an example of an event to a webhook
         * @description Permission `webhooks:write`; role member or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        post: operations["testWebhook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/analytics/bot-traffic": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Requests of crawlers by crawler and over time; website keys have to be the owner's
         * @description Permission `analytics:read`; role owner or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        get: operations["getBotTraffic"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/analytics/bot-traffic/pages": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The pages that crawlers requested; website keys have to be the owner's
         * @description Permission `analytics:read`; role owner or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        get: operations["listBotPages"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/analytics/browsers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Visitors and revenue by browser
         * @description Permission `analytics:read`; role viewer or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        get: operations["listBrowsers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/analytics/campaigns": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Visitors and revenue by campaign
         * @description Permission `analytics:read`; role viewer or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        get: operations["listCampaigns"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/analytics/channels": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Visitors and revenue by channel
         * @description Permission `analytics:read`; role viewer or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        get: operations["listChannels"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/analytics/cities": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Visitors and revenue by city
         * @description Permission `analytics:read`; role viewer or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        get: operations["listCities"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/analytics/countries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Visitors and revenue by country
         * @description Permission `analytics:read`; role viewer or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        get: operations["listCountries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/analytics/devices": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Visitors and revenue by kind of device
         * @description Permission `analytics:read`; role viewer or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        get: operations["listDevices"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/analytics/entry-pages": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Visitors and revenue by the page that visits begin on
         * @description Permission `analytics:read`; role viewer or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        get: operations["listEntryPages"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/analytics/exit-clicks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Links followed to other websites
         * @description Permission `analytics:read`; role viewer or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        get: operations["listExitClicks"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/analytics/exit-pages": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Visitors and revenue by the page that visits end on
         * @description Permission `analytics:read`; role viewer or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        get: operations["listExitPages"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/analytics/funnels/{funnelId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * How visitors took the steps of a funnel
         * @description Permission `analytics:read`; role viewer or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        get: operations["getFunnelResult"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/analytics/goals": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Goals with their completions
         * @description Permission `analytics:read`; role viewer or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        get: operations["listGoals"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/analytics/goals/properties": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What came with a goal
         * @description Permission `analytics:read`; role viewer or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        get: operations["listGoalProperties"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/analytics/hostnames": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Visitors and revenue by host
         * @description Permission `analytics:read`; role viewer or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        get: operations["listHostnames"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/analytics/metadata": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What the website is
         * @description Permission `analytics:read`; role viewer or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        get: operations["getMetadata"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/analytics/operating-systems": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Visitors and revenue by operating system
         * @description Permission `analytics:read`; role viewer or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        get: operations["listOperatingSystems"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/analytics/overview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The totals of a range
         * @description Permission `analytics:read`; role viewer or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        get: operations["getOverview"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/analytics/pages": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Visitors and revenue by page
         * @description Permission `analytics:read`; role viewer or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        get: operations["listPages"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/analytics/realtime": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * How many visitors there were in the last ten minutes
         * @description Permission `analytics:read`; role viewer or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        get: operations["getRealtime"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/analytics/realtime/map": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Who was there in the last ten minutes
         * @description Permission `analytics:read`; role viewer or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        get: operations["getRealtimeMap"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/analytics/referrers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Visitors and revenue by source
         * @description Permission `analytics:read`; role viewer or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        get: operations["listReferrers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/analytics/regions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Visitors and revenue by region
         * @description Permission `analytics:read`; role viewer or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        get: operations["listRegions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/analytics/timeseries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The totals of a range by hour, day, week or month
         * @description Permission `analytics:read`; role viewer or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        get: operations["getTimeseries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/console/authorization": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Which application asks to be granted what
         * @description Permission `api-keys:write`. Sessions of the console only.
         */
        get: operations["getAuthorization"];
        put?: never;
        /**
         * Grant an application a token with an end (OAuth)
         * @description Permission `api-keys:write`. Sessions of the console only. A session must have been signed in to in the last 15 minutes.
         */
        post: operations["grantAuthorization"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/console/passkeys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the account's passkeys, oldest first
         * @description Permission `api-keys:read`. Sessions of the console only.
         */
        get: operations["listPasskeys"];
        put?: never;
        /**
         * Add a passkey to the account
         * @description Permission `api-keys:write`. Sessions of the console only. A session must have been signed in to in the last 15 minutes.
         */
        post: operations["addPasskey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/console/passkeys/options": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make a challenge to add a passkey
         * @description Permission `api-keys:write`. Sessions of the console only. A session must have been signed in to in the last 15 minutes.
         */
        post: operations["createPasskeyOptions"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/console/passkeys/{passkeyId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Change a passkey's name
         * @description Permission `api-keys:write`. Sessions of the console only.
         */
        put: operations["renamePasskey"];
        post?: never;
        /**
         * Remove a passkey, and sign out what was signed in with it
         * @description Permission `api-keys:write`. Sessions of the console only. A session must have been signed in to in the last 15 minutes.
         */
        delete: operations["deletePasskey"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/console/session": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Who is signed in, and to what
         * @description No permission. Sessions of the console only.
         */
        get: operations["getConsoleSession"];
        put?: never;
        /**
         * Sign in to the console
         * @description Needs no token. A page of the gateway itself must have sent it; failures are counted for the client's address.
         */
        post: operations["signIn"];
        /**
         * Sign out of the console
         * @description No permission. Sessions of the console only.
         */
        delete: operations["signOut"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/console/session/options": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make a challenge to sign in with a passkey
         * @description Needs no token. A page of the gateway itself must have sent it; failures are counted for the client's address.
         */
        post: operations["createSignInOptions"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/console/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the devices that are signed in, newest first
         * @description Permission `api-keys:read`. Sessions of the console only.
         */
        get: operations["listConsoleSessions"];
        put?: never;
        post?: never;
        /**
         * Sign out every other device
         * @description Permission `api-keys:write`. Sessions of the console only.
         */
        delete: operations["deleteOtherConsoleSessions"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/console/sessions/{sessionId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Sign out one device
         * @description Permission `api-keys:write`. Sessions of the console only.
         */
        delete: operations["deleteConsoleSession"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/console/sign-in-codes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Mail a code that signs in to the console
         * @description Needs no token. A page of the gateway itself must have sent it; failures are counted for the client's address.
         */
        post: operations["createSignInCode"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/console/status": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * How one can sign in to the console
         * @description Needs no token.
         */
        get: operations["getConsoleStatus"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/console/tickets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make an address that signs in to the console once
         * @description Needs the setup secret.
         */
        post: operations["createConsoleTicket"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/console/websites": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the websites that the session reaches, with figures
         * @description Permission `websites:read`. Sessions of the console only.
         */
        get: operations["listConsoleWebsites"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/console/websites/{websiteId}/installation": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get what arrives at a website, and what was dropped
         * @description Permission `analytics:read`; role viewer or higher on the website. Sessions of the console only.
         */
        get: operations["getInstallation"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/console/websites/{websiteId}/reports": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get several reports in one request, each as soon as it is there
         * @description Permission `analytics:read`; role viewer or higher on the website. Sessions of the console only.
         */
        get: operations["getView"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/goals": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Record a goal that a visitor completed
         * @description Permission `goals:write`; role member or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        post: operations["createGoal"];
        /**
         * Delete goals of a visitor, a name, a time
         * @description Permission `goals:write`; role member or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        delete: operations["deleteGoals"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/hooks/{provider}/{websiteId}/{token}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Take what a connected payment provider posts
         * @description Needs no token: the address is secret, and what is posted to it is signed. The body is taken byte for byte.
         */
        post: operations["receiveProviderEvent"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/identify": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Say who a visitor is
         * @description Permission `identify:write`; role member or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        post: operations["identifyVisitor"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/invitations/{invitationId}/accept": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Accept an invitation with the code from its link; where its address has an account, with a ["*"] token of that account
         * @description Needs no token; one that is sent must be valid.
         */
        post: operations["acceptInvitation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/mentions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List posts that mention the website; none is collected, so the list is empty
         * @description Permission `analytics:read`; role viewer or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        get: operations["listMentions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/payments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Record a payment, a refund or a free trial
         * @description Permission `payments:write`; role member or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        post: operations["createPayment"];
        /**
         * Delete payments of a transaction, a visitor, a time
         * @description Permission `payments:write`; role member or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        delete: operations["deletePayments"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/setup": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make an account and its first token, or give an account back to its owner
         * @description Needs the setup secret.
         */
        post: operations["createFirstAccount"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/visitors": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List visitors, last seen first
         * @description Permission `analytics:read`; role viewer or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        get: operations["listVisitors"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/visitors/{visitorId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get one visitor with all that they did
         * @description Permission `analytics:read`; role viewer or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        get: operations["getVisitor"];
        put?: never;
        post?: never;
        /**
         * Erase a visitor with all events, payments, profile and messages
         * @description Permissions `identify:write` and `goals:write` and `payments:write`; role member or higher on the website. Tokens: dft_, df_. Sessions of the console too.
         */
        delete: operations["eraseVisitor"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/healthz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Whether D1 and the Durable Objects answer
         * @description Needs no token.
         */
        get: operations["getHealth"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/invitations/{invitationId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The page behind an invitation's link
         * @description Needs no token.
         */
        get: operations["getInvitationPage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/js/script.cookieless.js": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The tracking script without cookies
         * @description Needs no token.
         */
        get: operations["getCookielessScript"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/js/script.hash.js": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The tracking script for pages distinguished by their fragment
         * @description Needs no token.
         */
        get: operations["getHashScript"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/js/script.js": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The tracking script
         * @description Needs no token.
         */
        get: operations["getScript"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/openapi.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * This document
         * @description Needs no token.
         */
        get: operations["getOpenApi"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/unsubscribe/reports/{reportsToken}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The page behind the link of a report's mail; it switches nothing off
         * @description Needs no token.
         */
        get: operations["getReportsPage"];
        put?: never;
        /**
         * Switch off the mails behind a report's link (RFC 8058)
         * @description Needs no token.
         */
        post: operations["unsubscribeFromReports"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/unsubscribe/{token}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The page behind the link of an alert's mail; it switches nothing off
         * @description Needs no token.
         */
        get: operations["getUnsubscribePage"];
        put?: never;
        /**
         * Switch off the alert behind a mail's link (RFC 8058)
         * @description Needs no token.
         */
        post: operations["unsubscribe"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export interface webhooks {
    "alert.firing": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** `alert.firing` */
        post: {
            parameters: {
                query?: never;
                header: {
                    /** @description Of the event: the same on every attempt, and at every endpoint. */
                    "webhook-id": string;
                    /** @description Unix seconds of the attempt. */
                    "webhook-timestamp": string;
                    /** @description Standard Webhooks: `v1,` and a signature for each secret, separated by spaces. */
                    "webhook-signature": string;
                };
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @description The payload of the event's type. */
                        data: {
                            alertId: string;
                            alertName: string;
                            /** @description The alert's message, filled in. */
                            message: string;
                            /** @description Why the alert fires or resolves. */
                            reason: string;
                            /**
                             * @description Present and true in requested examples only.
                             * @constant
                             */
                            test?: true;
                            /**
                             * Format: double
                             * @description The threshold of the comparison.
                             */
                            threshold: number | null;
                            /** @description The trigger, as in the alert's notification. */
                            trigger: unknown;
                            /**
                             * Format: double
                             * @description The metric's value.
                             */
                            value: number | null;
                            /**
                             * Format: uuid
                             * @description The visitor who completed the goal.
                             */
                            visitorId: string | null;
                            websiteId: string;
                        };
                        /**
                         * Format: date-time
                         * @description When it happened.
                         */
                        timestamp: string;
                        /**
                         * @description The type of the event.
                         * @constant
                         */
                        type: "alert.firing";
                    };
                };
            };
            responses: {
                /** @description Never again: the webhook is switched off. */
                410: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description Taken. Everything else is tried again, and nothing is redirected. */
                "2XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "alert.resolved": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** `alert.resolved` */
        post: {
            parameters: {
                query?: never;
                header: {
                    /** @description Of the event: the same on every attempt, and at every endpoint. */
                    "webhook-id": string;
                    /** @description Unix seconds of the attempt. */
                    "webhook-timestamp": string;
                    /** @description Standard Webhooks: `v1,` and a signature for each secret, separated by spaces. */
                    "webhook-signature": string;
                };
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @description The payload of the event's type. */
                        data: {
                            alertId: string;
                            alertName: string;
                            /** @description The alert's message, filled in. */
                            message: string;
                            /** @description Why the alert fires or resolves. */
                            reason: string;
                            /**
                             * @description Present and true in requested examples only.
                             * @constant
                             */
                            test?: true;
                            /**
                             * Format: double
                             * @description The threshold of the comparison.
                             */
                            threshold: number | null;
                            /** @description The trigger, as in the alert's notification. */
                            trigger: unknown;
                            /**
                             * Format: double
                             * @description The metric's value.
                             */
                            value: number | null;
                            /**
                             * Format: uuid
                             * @description The visitor who completed the goal.
                             */
                            visitorId: string | null;
                            websiteId: string;
                        };
                        /**
                         * Format: date-time
                         * @description When it happened.
                         */
                        timestamp: string;
                        /**
                         * @description The type of the event.
                         * @constant
                         */
                        type: "alert.resolved";
                    };
                };
            };
            responses: {
                /** @description Never again: the webhook is switched off. */
                410: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description Taken. Everything else is tried again, and nothing is redirected. */
                "2XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "endpoint.disabled": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** `endpoint.disabled` */
        post: {
            parameters: {
                query?: never;
                header: {
                    /** @description Of the event: the same on every attempt, and at every endpoint. */
                    "webhook-id": string;
                    /** @description Unix seconds of the attempt. */
                    "webhook-timestamp": string;
                    /** @description Standard Webhooks: `v1,` and a signature for each secret, separated by spaces. */
                    "webhook-signature": string;
                };
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @description The payload of the event's type. */
                        data: {
                            /** @description `gone` or `failing`. */
                            reason: string;
                            /**
                             * @description Present and true in requested examples only.
                             * @constant
                             */
                            test?: true;
                            /** @description The disabled endpoint's address. */
                            url: string;
                            webhookId: string;
                            websiteId: string;
                        };
                        /**
                         * Format: date-time
                         * @description When it happened.
                         */
                        timestamp: string;
                        /**
                         * @description The type of the event.
                         * @constant
                         */
                        type: "endpoint.disabled";
                    };
                };
            };
            responses: {
                /** @description Never again: the webhook is switched off. */
                410: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description Taken. Everything else is tried again, and nothing is redirected. */
                "2XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "goal.completed": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** `goal.completed` */
        post: {
            parameters: {
                query?: never;
                header: {
                    /** @description Of the event: the same on every attempt, and at every endpoint. */
                    "webhook-id": string;
                    /** @description Unix seconds of the attempt. */
                    "webhook-timestamp": string;
                    /** @description Standard Webhooks: `v1,` and a signature for each secret, separated by spaces. */
                    "webhook-signature": string;
                };
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @description The payload of the event's type. */
                        data: {
                            eventId: string;
                            goalName: string;
                            /** @description The goal's properties. */
                            metadata: {
                                [key: string]: unknown;
                            };
                            /**
                             * @description Present and true in requested examples only.
                             * @constant
                             */
                            test?: true;
                            /** Format: date-time */
                            timestamp: string;
                            /** Format: uuid */
                            visitorId: string;
                            websiteId: string;
                        };
                        /**
                         * Format: date-time
                         * @description When it happened.
                         */
                        timestamp: string;
                        /**
                         * @description The type of the event.
                         * @constant
                         */
                        type: "goal.completed";
                    };
                };
            };
            responses: {
                /** @description Never again: the webhook is switched off. */
                410: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description Taken. Everything else is tried again, and nothing is redirected. */
                "2XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "payment.received": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** `payment.received` */
        post: {
            parameters: {
                query?: never;
                header: {
                    /** @description Of the event: the same on every attempt, and at every endpoint. */
                    "webhook-id": string;
                    /** @description Unix seconds of the attempt. */
                    "webhook-timestamp": string;
                    /** @description Standard Webhooks: `v1,` and a signature for each secret, separated by spaces. */
                    "webhook-signature": string;
                };
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @description The payload of the event's type. */
                        data: {
                            /**
                             * Format: double
                             * @description Major units of the currency, never negative.
                             */
                            amount: number;
                            currency: string;
                            customerEmail: string | null;
                            freeTrial: boolean;
                            renewal: boolean;
                            /**
                             * @description Present and true in requested examples only.
                             * @constant
                             */
                            test?: true;
                            transactionId: string;
                            /** Format: uuid */
                            visitorId: string | null;
                            websiteId: string;
                        };
                        /**
                         * Format: date-time
                         * @description When it happened.
                         */
                        timestamp: string;
                        /**
                         * @description The type of the event.
                         * @constant
                         */
                        type: "payment.received";
                    };
                };
            };
            responses: {
                /** @description Never again: the webhook is switched off. */
                410: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description Taken. Everything else is tried again, and nothing is redirected. */
                "2XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "payment.refunded": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** `payment.refunded` */
        post: {
            parameters: {
                query?: never;
                header: {
                    /** @description Of the event: the same on every attempt, and at every endpoint. */
                    "webhook-id": string;
                    /** @description Unix seconds of the attempt. */
                    "webhook-timestamp": string;
                    /** @description Standard Webhooks: `v1,` and a signature for each secret, separated by spaces. */
                    "webhook-signature": string;
                };
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @description The payload of the event's type. */
                        data: {
                            /**
                             * Format: double
                             * @description Major units of the currency, never negative.
                             */
                            amount: number;
                            currency: string;
                            customerEmail: string | null;
                            freeTrial: boolean;
                            /** @description The transaction of the payment whose money goes back. */
                            originalTransactionId?: string | null;
                            renewal: boolean;
                            /**
                             * @description Present and true in requested examples only.
                             * @constant
                             */
                            test?: true;
                            transactionId: string;
                            /** Format: uuid */
                            visitorId: string | null;
                            websiteId: string;
                        };
                        /**
                         * Format: date-time
                         * @description When it happened.
                         */
                        timestamp: string;
                        /**
                         * @description The type of the event.
                         * @constant
                         */
                        type: "payment.refunded";
                    };
                };
            };
            responses: {
                /** @description Never again: the webhook is switched off. */
                410: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description Taken. Everything else is tried again, and nothing is redirected. */
                "2XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "visitor.identified": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** `visitor.identified` */
        post: {
            parameters: {
                query?: never;
                header: {
                    /** @description Of the event: the same on every attempt, and at every endpoint. */
                    "webhook-id": string;
                    /** @description Unix seconds of the attempt. */
                    "webhook-timestamp": string;
                    /** @description Standard Webhooks: `v1,` and a signature for each secret, separated by spaces. */
                    "webhook-signature": string;
                };
                path?: never;
                cookie?: never;
            };
            requestBody: {
                content: {
                    "application/json": {
                        /** @description The payload of the event's type. */
                        data: {
                            /** @description The user's profile. */
                            metadata: {
                                [key: string]: unknown;
                            };
                            /**
                             * @description Present and true in requested examples only.
                             * @constant
                             */
                            test?: true;
                            userId: string;
                            /** Format: uuid */
                            visitorId: string;
                            websiteId: string;
                        };
                        /**
                         * Format: date-time
                         * @description When it happened.
                         */
                        timestamp: string;
                        /**
                         * @description The type of the event.
                         * @constant
                         */
                        type: "visitor.identified";
                    };
                };
            };
            responses: {
                /** @description Never again: the webhook is switched off. */
                410: {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
                /** @description Taken. Everything else is tried again, and nothing is redirected. */
                "2XX": {
                    headers: {
                        [name: string]: unknown;
                    };
                    content?: never;
                };
            };
        };
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export interface components {
    schemas: {
        /** @description The body of accept. */
        AcceptInvitation: {
            /** @description From the invitation's link. */
            code: string;
            /** @description The name of the new account; needed only where the address has none. */
            name?: string | null;
            /** @description `true`: signs the browser in to the console, by a cookie, and issues no token. One of the gateway's own pages must ask. */
            session?: boolean | null;
        };
        /** @description What accept answers. */
        AcceptedInvitation: {
            email: string;
            /** @description A token of the account, where this made the account or proved its mailbox and no session was asked for; shown this once. */
            key?: string | null;
            message: string;
            /** @description The role of an account on a website; each role includes the ones before it. */
            role: "viewer" | "member" | "owner";
            userId: string;
            websiteId: string;
        };
        /** @description A token as lists show it. */
        AccessToken: {
            _id: string;
            /** Format: date-time */
            createdAt: string;
            /** @description First 7 and last 4 characters. */
            displayKey: string;
            /**
             * Format: date-time
             * @description When an application loses it (OAuth); null for all others.
             */
            expiresAt: string | null;
            id: string;
            /**
             * Format: date-time
             * @description Exact to the minute.
             */
            lastUsedAt: string | null;
            name: string | null;
            /** @description The permissions of one token: at least one, without repetitions, in the order given. */
            permissions: ("*" | "analytics:read" | "goals:read" | "goals:write" | "payments:read" | "payments:write" | "identify:write" | "websites:read" | "websites:write" | "settings:read" | "settings:write" | "api-keys:read" | "api-keys:write" | "funnels:read" | "funnels:write" | "alerts:read" | "alerts:write" | "webhooks:read" | "webhooks:write" | "team:read" | "team:write" | "notes:read" | "notes:write")[];
            /** @enum {string} */
            scope: "user";
            /** @description The websites that a token is restricted to; an empty list means every website of its account. */
            websiteIds: string[];
        };
        /** @description The account with its plan; a self-hosted gateway has only one plan. */
        Account: {
            _id: string;
            /** Format: date-time */
            billingCycleEndAt: string | null;
            /** Format: date-time */
            billingCycleStartAt: string | null;
            /** Format: date-time */
            createdAt: string;
            email: string;
            /** Format: date-time */
            freeTrialStartAt: string | null;
            hasAccess: boolean;
            id: string;
            image: string | null;
            isFreeTrialActive: boolean;
            name: string | null;
            planType: string | null;
            /** @description The key's website; only with a `df_` key. */
            websiteId?: string | null;
        };
        /** @description What a browser answers to making a passkey; all of it is Base64url. */
        AddPasskey: {
            /** @description From `getAuthenticatorData()`. */
            authenticatorData: string;
            clientDataJSON: string;
            /** @description The passkey's `id`. */
            id: string;
            /** @description What its owner knows it by. */
            name: string;
            /** @description From `getPublicKey()`: a key of ES256. */
            publicKey: string;
        };
        /** @description An alert rule. */
        Alert: {
            _id: string;
            /**
             * @description Minutes, hours or days, from 0m to 30d.
             * @example 30d
             */
            cooldown: string;
            /** Format: date-time */
            createdAt: string;
            /** @description The account whose token made it; `null` for alerts from before this was stored. */
            createdBy: string | null;
            /** @description Where an alert's notifications go. */
            destination: {
                /** @constant */
                type: "email";
            } | {
                endpointId: string;
                /** @constant */
                type: "webhook";
            };
            id: string;
            isEnabled: boolean;
            name: string;
            notifyResolved: boolean;
            /** @description The latest messages, newest first. */
            recentLogs: {
                error: string | null;
                /** @description Whether a message was sent. */
                status: "sent" | "failed";
                /** Format: date-time */
                triggeredAt: string;
                visitorId: string | null;
            }[];
            /** @description The state of an alert on a metric; an alert on a goal stays `normal`. */
            state: "normal" | "pending" | "firing" | "resolved" | "nodata";
            /** Format: date-time */
            stateSince: string;
            template: {
                message: string;
                subject: string | null;
            };
            /** @description The trigger of an alert. */
            trigger: {
                goalName: string;
                /** @constant */
                type: "goal";
            } | {
                /** @description How the metric is compared with the threshold; all comparisons are strict. */
                comparison: "above" | "below" | "increase_pct" | "decrease_pct";
                /** @description Which sessions count: the filters of reports, named without `filter_`. */
                filters?: {
                    browser?: string;
                    city?: string;
                    country?: string;
                    device?: string;
                    entry_page?: string;
                    goal?: string;
                    hostname?: string;
                    os?: string;
                    page?: string;
                    ref?: string;
                    referrer?: string;
                    region?: string;
                    source?: string;
                    utm_campaign?: string;
                    utm_content?: string;
                    utm_medium?: string;
                    utm_source?: string;
                    utm_term?: string;
                    via?: string;
                    visit_count?: string;
                } | null;
                /**
                 * @description How long the comparison must hold without interruption.
                 * @example 1d
                 */
                for: string;
                /** @description One goal, for the metrics `goals` and `conversion_rate`. */
                goalName?: string | null;
                /**
                 * @description The numbers that can be watched.
                 * @enum {string}
                 */
                metric: "visitors" | "sessions" | "goals" | "revenue" | "payments" | "bounce_rate" | "conversion_rate";
                /** @description How an alert treats missing data. */
                noData: "ok" | "alert" | "keep";
                /** Format: double */
                threshold: number;
                /** @constant */
                type: "metric";
                /**
                 * @description The time up to now over which the metric is measured.
                 * @example 30d
                 */
                window: string;
            };
            /** Format: date-time */
            updatedAt: string;
            websiteId: string;
        };
        /** @description The body of create. */
        AskForCode: {
            /**
             * Format: email
             * @description The address of the account to sign in to.
             * @example member@example.com
             */
            email: string;
        };
        /** @description Who asks for what. */
        AskedByApplication: {
            /** @description What it asks for, as far as it can be granted. */
            asked: ("*" | "analytics:read" | "goals:read" | "goals:write" | "payments:read" | "payments:write" | "identify:write" | "websites:read" | "websites:write" | "settings:read" | "settings:write" | "api-keys:read" | "api-keys:write" | "funnels:read" | "funnels:write" | "alerts:read" | "alerts:write" | "webhooks:read" | "webhooks:write" | "team:read" | "team:write" | "notes:read" | "notes:write")[];
            /** @description The host of the document about it; null where it has only registered itself. */
            documentHost: string | null;
            /** @description What this session can grant. */
            grantable: ("*" | "analytics:read" | "goals:read" | "goals:write" | "payments:read" | "payments:write" | "identify:write" | "websites:read" | "websites:write" | "settings:read" | "settings:write" | "api-keys:read" | "api-keys:write" | "funnels:read" | "funnels:write" | "alerts:read" | "alerts:write" | "webhooks:read" | "webhooks:write" | "team:read" | "team:write" | "notes:read" | "notes:write")[];
            /** @description Whether that is whatever listens on the machine of who grants, or has taken the scheme there. */
            isOnThisMachine: boolean;
            /** @description What the application calls itself; it may say anything. */
            name: string;
            /** @description What is wrong with what it asks, so that nothing can be granted. */
            problem: string | null;
            /** @description Where the answer goes: host and port, or the scheme of a program on the machine of who grants, with a colon. */
            redirectHost: string;
            /** @description Where to go for who refuses. */
            refuseTo: string;
        };
        /** @description What everybody is answered. */
        AskedForCode: {
            message: string;
        };
        /** @description What a browser answers to signing in with a passkey; all of it is Base64url. */
        Assertion: {
            authenticatorData: string;
            clientDataJSON: string;
            /** @description The passkey's `id`. */
            id: string;
            signature: string;
        };
        /** @description One attempt. */
        Attempt: {
            /**
             * Format: uint32
             * @description The time until the head of the response arrived or the attempt failed.
             */
            durationMs: number;
            /** @description Why it failed. */
            error: ("timeout" | "connection" | "dns" | "tls" | "redirect" | "status" | "blocked" | "internal") | null;
            /** Format: uint32 */
            number: number;
            /** @description At most 1,000 bytes of the response, of the last three attempts. */
            responseBody: string | null;
            /** Format: date-time */
            startedAt: string;
            /** Format: uint16 */
            statusCode: number | null;
            /** @description Why an attempt is made. */
            trigger: "automatic" | "manual";
        };
        /** @description Something that was done. */
        AuditEntry: {
            /** @description Who answers for it; `null` where nobody is known. */
            account: {
                email: string | null;
                id: string;
                /** @description `null` once the account is deleted. */
                name: string | null;
            } | null;
            /** Format: date-time */
            at: string;
            /** @description What is different since. */
            changes: {
                after: unknown;
                before: unknown;
                field: string;
                /** @description A secret: it is another, and neither is kept. */
                isSecret?: boolean;
            }[];
            /** @description By which way something was done. */
            client: ("console" | "cli" | "mcp" | "api") | "mail";
            /** @description Where the request came from. */
            country: string | null;
            /** @description With what it was done. */
            credential: {
                id: string | null;
                /** @description `token`, `application` (OAuth), `key`, `session`, `invitation`, `setup`, `link`. */
                kind: string;
                /** @description Its name and its masked value at that time. */
                name: string | null;
            };
            /** @description Of one request, its `X-Request-Id`. */
            id: string;
            /** @description What was done: an operation of this document. */
            operation: string;
            /** @description What it was done to: an id, or a name. */
            target: string | null;
            websiteId: string | null;
        };
        /** @description The body of authorize. */
        AuthorizeWooCommerce: {
            /**
             * @description Where the shop leads its owner back to; without it, to the gateway.
             * @example https://shop.example.com
             */
            returnUrl?: string | null;
            /** @example https://shop.example.com */
            storeUrl: string;
        };
        /** @description The settings with the catalogue. */
        BotSettings: {
            /** @description Every crawler that is known, by company. */
            companies: {
                company: string;
                crawlers: {
                    /** @description What a crawler fetches pages for. */
                    category: "answer_fetch" | "search_index" | "training" | "ai_crawler";
                    crawlerId: string;
                    /** @description Whether its requests are counted. */
                    isEnabled: boolean;
                    name: string;
                }[];
            }[];
            domain: string;
            settings: {
                excludedCrawlerIds: string[];
                /** @enum {string} */
                groupBy: "crawlers" | "companies";
                hiddenCrawlers: string[];
                hideDashboardCard: boolean;
                requireAuthToken: boolean;
                verifiedOnly: boolean;
            };
            websiteId: string;
        };
        /** @description What is known of the token. */
        BotToken: {
            /** Format: date-time */
            createdAt: string | null;
            displayToken: string | null;
            domain: string;
            hasToken: boolean;
            /** @description The whole token, once. */
            requestAuthToken?: string | null;
            requireAuthToken: boolean;
            websiteId: string;
        };
        /** @description The requests of crawlers in a range. */
        BotTraffic: {
            /** @description By what they are for, most first. */
            categories: {
                /** @description What a crawler fetches pages for. */
                category: "answer_fetch" | "search_index" | "training" | "ai_crawler";
                /** Format: int64 */
                requests: number;
            }[];
            /** @description By who runs them, most first. */
            companies: {
                company: string;
                /** Format: int64 */
                requests: number;
            }[];
            /** @description By crawler, most first. */
            crawlers: {
                /** @description What a crawler fetches pages for. */
                category: "answer_fetch" | "search_index" | "training" | "ai_crawler";
                company: string;
                crawlerId: string;
                /** Format: date-time */
                lastSeenAt: string;
                name: string;
                /** Format: int64 */
                requests: number;
                /** Format: int64 */
                verifiedRequests: number;
            }[];
            /** Format: int64 */
            requests: number;
            /** @description By hour, day, week or month, without crawlers that are hidden from the chart. */
            timeseries: {
                name: string;
                /** Format: int64 */
                requests: number;
                timestamp: string;
            }[];
            /** Format: int64 */
            verifiedRequests: number;
        };
        /** @description What was counted this month. */
        BotUsage: {
            /** @description Nothing is billed. */
            billing: Record<string, never> | null;
            usage: {
                /**
                 * Format: int64
                 * @description Of all websites together. Each has its own, which no other uses up.
                 */
                allowance: number;
                /**
                 * Format: int64
                 * @description What came beyond the allowance of a website.
                 */
                dropped: number;
                /** @description Whether no website has used up its own allowance. */
                isCounting: boolean;
                /**
                 * Format: double
                 * @description At most 100.
                 */
                percentUsed: number;
                /** Format: date-time */
                periodStartAt: string;
                /** Format: int64 */
                remaining: number;
                /** Format: date-time */
                resetAt: string;
                /** Format: int64 */
                usage: number;
            };
            /** @description The websites that had any, most first. */
            websiteStats: {
                /** Format: int64 */
                allowance: number;
                domain: string;
                /** Format: int64 */
                dropped: number;
                /** Format: int64 */
                requests: number;
                websiteId: string;
            }[];
        };
        /** @description A browser. */
        BrowserRow: {
            browser?: string | null;
            /**
             * Format: double
             * @description Percentage of these visitors who paid.
             */
            conversion_rate?: number | null;
            /**
             * Format: int64
             * @description The number of payments above zero.
             */
            payments?: number | null;
            /**
             * Format: double
             * @description New and, where included, renewal revenue, less refunds.
             */
            revenue?: number | null;
            /**
             * Format: int64
             * @description Distinct visitors.
             */
            visitors?: number | null;
        };
        /** @description A campaign: all eight parameters together, or the parameters that were asked for by name. */
        CampaignRow: {
            /** @description All eight parameters; unset ones are empty. */
            campaign?: {
                ref?: string | null;
                source?: string | null;
                utm_campaign?: string | null;
                utm_content?: string | null;
                utm_medium?: string | null;
                utm_source?: string | null;
                utm_term?: string | null;
                via?: string | null;
            } | null;
            /**
             * Format: double
             * @description Percentage of these visitors who paid.
             */
            conversion_rate?: number | null;
            /**
             * Format: int64
             * @description The number of payments above zero.
             */
            payments?: number | null;
            ref?: string | null;
            /**
             * Format: double
             * @description New and, where included, renewal revenue, less refunds.
             */
            revenue?: number | null;
            source?: string | null;
            utm_campaign?: string | null;
            utm_content?: string | null;
            utm_medium?: string | null;
            utm_source?: string | null;
            utm_term?: string | null;
            via?: string | null;
            /**
             * Format: int64
             * @description Distinct visitors.
             */
            visitors?: number | null;
        };
        /** @description A member whose role was changed. */
        ChangedMember: {
            _id: string;
            email: string;
            id: string;
            image: string | null;
            /** Format: date-time */
            joinedAt: string;
            name: string | null;
            /** @description The keys that went. */
            revokedKeys: {
                _id: string;
                displayKey: string;
                id: string;
                name: string | null;
            }[];
            /** @description The role of an account on a website; each role includes the ones before it. */
            role: "viewer" | "member" | "owner";
            userId: string;
        };
        /** @description A channel: what kind of source visitors come from. */
        ChannelRow: {
            channel?: string | null;
            /**
             * Format: double
             * @description Percentage of these visitors who paid.
             */
            conversion_rate?: number | null;
            /**
             * Format: int64
             * @description The number of payments above zero.
             */
            payments?: number | null;
            /**
             * Format: double
             * @description New and, where included, renewal revenue, less refunds.
             */
            revenue?: number | null;
            /**
             * Format: int64
             * @description Distinct visitors.
             */
            visitors?: number | null;
        };
        /** @description A city. */
        CityRow: {
            city?: string | null;
            /**
             * Format: double
             * @description Percentage of these visitors who paid.
             */
            conversion_rate?: number | null;
            /** @description ISO 3166-1 alpha-2. */
            countryCode?: string | null;
            /**
             * Format: int64
             * @description The number of payments above zero.
             */
            payments?: number | null;
            /** @description ISO 3166-2. */
            regionCode?: string | null;
            /**
             * Format: double
             * @description New and, where included, renewal revenue, less refunds.
             */
            revenue?: number | null;
            /**
             * Format: int64
             * @description Distinct visitors.
             */
            visitors?: number | null;
        };
        /** @description The body of connect. */
        ConnectLemonSqueezy: {
            /** @description A JSON Web Token of about a thousand characters. */
            lemonsqueezyApiKey: string;
            /** @example 12345 */
            lemonsqueezyStoreId: string;
        };
        /** @description The body of connect. */
        ConnectPaddle: {
            /** @description `pdl_live_…`; `pdl_sdbx_…` in development. */
            paddleApiKey: string;
        };
        /** @description The body of connect. */
        ConnectPolar: {
            polarAccessToken: string;
            polarOrgId: string;
        };
        /** @description The body of connect: `clientId` and `clientSecret`, or `adminApiAccessToken` and `apiSecretKey`. */
        ConnectShopify: {
            /** @description `shpat_…`, of an app that was made in the shop's admin. */
            adminApiAccessToken?: string | null;
            /** @description What the webhooks of such an app are signed with. */
            apiSecretKey?: string | null;
            /** @description Of an app of the Dev Dashboard that is installed in the shop. */
            clientId?: string | null;
            clientSecret?: string | null;
            /** @example sluice-demo.myshopify.com */
            shopDomain: string;
        };
        /** @description The body of connect. */
        ConnectStripe: {
            /** @description A restricted key, `rk_live_…`; `rk_test_…` in development. */
            stripeRak: string;
        };
        /** @description The body of connect. */
        ConnectWooCommerce: {
            /** @description `ck_…` */
            consumerKey: string;
            /** @description `cs_…` */
            consumerSecret: string;
            /** @example https://shop.example.com */
            storeUrl: string;
        };
        /** @description A device that is signed in. */
        ConsoleDevice: {
            /** @description Where it signed in: ISO 3166-1, two letters. */
            country: string | null;
            /** Format: date-time */
            createdAt: string;
            /**
             * Format: date-time
             * @description When it is signed out if it is not used.
             */
            expiresAt: string;
            id: string;
            isCurrent: boolean;
            /**
             * Format: date-time
             * @description Exact to the minute.
             */
            lastSeenAt: string;
            /** @description How somebody signed in. Stored by name in `console_sessions.method`: none is renamed. */
            method: "passkey" | "ticket" | "token" | "invitation" | "email" | "access";
            /** @description As the browser names itself. */
            userAgent: string;
        };
        /** @description A website with its figures, which are null where they are not known. */
        ConsoleListedWebsite: {
            /** Format: date-time */
            createdAt: string;
            /**
             * @description ISO 4217 currency
             * @example USD
             */
            currency: string;
            /** @description The last 24 hours, and the 24 hours before. */
            day: {
                /**
                 * Format: double
                 * @description A number that is serialized without decimals if it has none.
                 */
                revenue: number;
                /**
                 * Format: double
                 * @description A number that is serialized without decimals if it has none.
                 */
                revenueBefore: number;
                /** Format: int64 */
                visitors: number;
                /** Format: int64 */
                visitorsBefore: number;
            } | null;
            domain: string;
            /** @description Whether there was ever an event. */
            hasEvents: boolean | null;
            id: string;
            /**
             * Format: date-time
             * @description The time of the latest event.
             */
            lastEventAt: string | null;
            name: string | null;
            /**
             * Format: int64
             * @description Distinct visitors of the last ten minutes.
             */
            online: number | null;
            /** @description The role of an account on a website; each role includes the ones before it. */
            role: "viewer" | "member" | "owner";
            /** @description Distinct visitors of each of these seven days, oldest first. */
            sparkline: number[] | null;
            /**
             * @description IANA time zone
             * @example America/New_York
             */
            timezone: string;
            /** @description The last seven days of the website, today included, and the seven days before up to the same time of day. */
            week: {
                /**
                 * Format: double
                 * @description A number that is serialized without decimals if it has none.
                 */
                revenue: number;
                /**
                 * Format: double
                 * @description A number that is serialized without decimals if it has none.
                 */
                revenueBefore: number;
                /** Format: int64 */
                visitors: number;
                /** Format: int64 */
                visitorsBefore: number;
            } | null;
        };
        /** @description Who is signed in, and to what. */
        ConsoleSession: {
            account: {
                email: string;
                id: string;
                name: string | null;
            };
            /**
             * Format: date-time
             * @description When it is over if it is not used.
             */
            expiresAt: string;
            /**
             * Format: date-time
             * @description Until then it shows secrets and mints tokens.
             */
            freshUntil: string;
            id: string;
            /** @description The requests of any rolling minute. */
            limit: {
                /** Format: uint32 */
                limit: number;
                /** Format: uint32 */
                remaining: number;
            };
            /** @description How somebody signed in. Stored by name in `console_sessions.method`: none is renamed. */
            method: "passkey" | "ticket" | "token" | "invitation" | "email" | "access";
            /** @description What the session may do at most; on each website, the role decides too. */
            permissions: ("*" | "analytics:read" | "goals:read" | "goals:write" | "payments:read" | "payments:write" | "identify:write" | "websites:read" | "websites:write" | "settings:read" | "settings:write" | "api-keys:read" | "api-keys:write" | "funnels:read" | "funnels:write" | "alerts:read" | "alerts:write" | "webhooks:read" | "webhooks:write" | "team:read" | "team:write" | "notes:read" | "notes:write")[];
            /** @description The version of the gateway. */
            version: string;
            /** @description The websites that it reaches, oldest first. */
            websites: {
                /** Format: date-time */
                createdAt: string;
                /**
                 * @description ISO 4217 currency
                 * @example USD
                 */
                currency: string;
                domain: string;
                id: string;
                /** @description Whether its visitors are new again every day. */
                isCookieless: boolean;
                name: string | null;
                /** @description The role of an account on a website; each role includes the ones before it. */
                role: "viewer" | "member" | "owner";
                timezone: string;
                trackingId: string;
            }[];
        };
        /** @description The state of the gateway, as anybody may know it. */
        ConsoleStatus: {
            /** @enum {string} */
            environment: "development" | "production";
            /** @description Whether there is no account yet. */
            isEmpty: boolean;
            /** @description The ways to sign in. */
            methods: {
                /** @description What Cloudflare Access says of whoever it has let through. */
                access: boolean;
                /** @description Codes by mail. */
                email: boolean;
                /** @description At the address that was called; a browser makes none for an IP address. */
                passkey: boolean;
                token: boolean;
            };
            /** @description The version of the gateway. */
            version: string;
        };
        /** @description A country. */
        CountryRow: {
            /**
             * Format: double
             * @description Percentage of these visitors who paid.
             */
            conversion_rate?: number | null;
            /** @description Its full name. */
            country?: string | null;
            /** @description ISO 3166-1 alpha-2. */
            countryCode?: string | null;
            /** @description The URL of its flag. */
            image?: string | null;
            /**
             * Format: int64
             * @description The number of payments above zero.
             */
            payments?: number | null;
            /** @description ISO 3166-2. */
            regionCode?: string | null;
            /**
             * Format: double
             * @description New and, where included, renewal revenue, less refunds.
             */
            revenue?: number | null;
            /**
             * Format: int64
             * @description Distinct visitors.
             */
            visitors?: number | null;
        };
        CrawlAnswer: {
            /** @description Whether the request is counted; `X-Sluice-Dropped` says why not. */
            accepted: boolean;
        };
        /** @description A page that crawlers requested. */
        CrawledPage: {
            /**
             * Format: int64
             * @description Those that were answered 400 or more.
             */
            errorRequests: number;
            /** @description `null` of pages beyond the 10,000 that a website has, and of requests that were sent without a page. */
            hostname: string | null;
            /** Format: date-time */
            lastSeenAt: string;
            path: string | null;
            /** Format: int64 */
            requests: number;
            /** Format: int64 */
            verifiedRequests: number;
        };
        /** @description The body of create. */
        CreateAccessToken: {
            name?: string | null;
            /** @description Defaults to the caller's own. */
            permissions?: ("*" | "analytics:read" | "goals:read" | "goals:write" | "payments:read" | "payments:write" | "identify:write" | "websites:read" | "websites:write" | "settings:read" | "settings:write" | "api-keys:read" | "api-keys:write" | "funnels:read" | "funnels:write" | "alerts:read" | "alerts:write" | "webhooks:read" | "webhooks:write" | "team:read" | "team:write" | "notes:read" | "notes:write")[] | null;
            /** @description If left out or empty, the caller's own scope. */
            websiteIds?: string[] | null;
        };
        /** @description The body of create. */
        CreateAlert: {
            /**
             * @description The time between two messages of the alert; defaults to `0m` for goals and `1h` for metrics.
             * @example 30d
             */
            cooldown?: string | null;
            /**
             * @description Where an alert's notifications go.
             * @default {
             *       "type": "email"
             *     }
             */
            destination?: {
                /** @constant */
                type: "email";
            } | {
                endpointId: string;
                /** @constant */
                type: "webhook";
            };
            /** @description Defaults to `true`. */
            isEnabled?: boolean | null;
            name: string;
            /** @description Whether a message is also sent when the alert stops firing; defaults to `false`. */
            notifyResolved?: boolean | null;
            /** @description The text of an alert's messages. */
            template: {
                /** @description Placeholders: `{{goal}}`, `{{alert.name}}`, `{{website.domain}}`, `{{website.name}}`, `{{visitor.id}}`, `{{visitor.country}}`, `{{visitor.city}}`, `{{visitor.device}}`, `{{visitor.referrer}}`, `{{value}}`, `{{threshold}}`, `{{metric}}`, `{{window}}`, `{{count}}`, `{{triggeredAt}}`, `{{metadata.<key>}}`; what has no value becomes `unknown`. */
                message: string;
                /** @description Placeholders: `{{goal}}`, `{{alert.name}}`, `{{website.domain}}`, `{{website.name}}`, `{{visitor.id}}`, `{{visitor.country}}`, `{{visitor.city}}`, `{{visitor.device}}`, `{{visitor.referrer}}`, `{{value}}`, `{{threshold}}`, `{{metric}}`, `{{window}}`, `{{count}}`, `{{triggeredAt}}`, `{{metadata.<key>}}`; what has no value becomes `unknown`. */
                subject?: string | null;
            };
            /** @description What sets an alert off: a goal, or a metric that crosses a threshold. */
            trigger: {
                goalName: string;
                /**
                 * @default goal
                 * @enum {string}
                 */
                type?: "goal";
            } | {
                /** @description How the metric is compared with the threshold; all comparisons are strict. */
                comparison: "above" | "below" | "increase_pct" | "decrease_pct";
                /** @description Which sessions count: the filters of reports, named without `filter_`. */
                filters?: {
                    browser?: string;
                    city?: string;
                    country?: string;
                    device?: string;
                    entry_page?: string;
                    goal?: string;
                    hostname?: string;
                    os?: string;
                    page?: string;
                    ref?: string;
                    referrer?: string;
                    region?: string;
                    source?: string;
                    utm_campaign?: string;
                    utm_content?: string;
                    utm_medium?: string;
                    utm_source?: string;
                    utm_term?: string;
                    via?: string;
                    visit_count?: string;
                } | null;
                /**
                 * @description How long the comparison must hold without interruption; left out: `0m`.
                 * @example 1d
                 */
                for?: string | null;
                /** @description One goal, for the metrics `goals` and `conversion_rate`. */
                goalName?: string | null;
                /**
                 * @description The numbers that can be watched.
                 * @enum {string}
                 */
                metric: "visitors" | "sessions" | "goals" | "revenue" | "payments" | "bounce_rate" | "conversion_rate";
                /** @description Left out: `ok`. */
                noData?: ("ok" | "alert" | "keep") | null;
                /** Format: double */
                threshold: number;
                /** @enum {string} */
                type: "metric";
                /**
                 * @description The time up to now over which the metric is measured.
                 * @example 30d
                 */
                window: string;
            };
        };
        /** @description The body of create. */
        CreateFunnel: {
            name: string;
            /** @description 2 to 8, in order. An update replaces all of them. */
            steps: ({
                name: string;
            } & ({
                /** @constant */
                type: "pageview";
                url: string;
            } | {
                goalName: string;
                /** @constant */
                type: "goal";
            }))[];
        };
        /** @description The body of create. */
        CreateGoal: {
            /** Format: uuid */
            datafast_visitor_id: string;
            /** @description Cut to 1,000 characters. */
            description?: string | null;
            /** @description At most 10. Values become text, which is cut to 255 characters. */
            metadata?: {
                [key: string]: unknown;
            } | null;
            /**
             * @description Upper case becomes lower case, spaces become `_`.
             * @example signup
             */
            name: string;
        };
        /** @description The body of create. */
        CreateNote: {
            /** @description Sent again with the same text and timestamp, the note is answered instead of made twice. It is the caller's own on this website. */
            idempotencyKey?: string | null;
            text: string;
            /**
             * @description A moment (ISO 8601 with an offset), or a day (YYYY-MM-DD): its start in the website's time zone.
             * @example 2026-01-31T12:00:00Z
             * @example 2026-01-31
             */
            timestamp: string;
        };
        /** @description The body of create. */
        CreatePayment: {
            /** @description Major units; 0 for a free trial. */
            amount: number;
            /**
             * @description ISO 4217 currency
             * @example USD
             */
            currency: string;
            customer_id?: string | null;
            /** Format: uuid */
            datafast_visitor_id?: string | null;
            /** @description Also used to find the visitor, where none is given. */
            email?: string | null;
            /** @default false */
            is_free_trial?: boolean;
            name?: string | null;
            /** @description Tells several refunds of one transaction apart. */
            refund_id?: string | null;
            /**
             * @description Whether this is a refund; the amount stays positive.
             * @default false
             */
            refunded?: boolean;
            /** @default false */
            renewal?: boolean;
            /**
             * Format: date-time
             * @description Defaults to now.
             */
            timestamp?: string | null;
            /** @description Sending it again does not create a second payment. */
            transaction_id: string;
        };
        /** @description The body of create. */
        CreateTicket: {
            /**
             * Format: email
             * @description The address of the account that the ticket signs in to.
             * @example member@example.com
             */
            email: string;
        };
        /** @description The body of create. */
        CreateWebhook: {
            description?: string | null;
            /**
             * @description Left out or empty: all types.
             * @default []
             */
            eventTypes?: ("goal.completed" | "payment.received" | "payment.refunded" | "visitor.identified" | "alert.firing" | "alert.resolved" | "endpoint.disabled")[];
            /**
             * @description Only these goals; left out or empty: all goals. Other types of events are not affected.
             * @default []
             */
            goalNames?: string[];
            /**
             * @description Sent with every delivery.
             * @default {}
             * @example {
             *       "X-Team": "growth"
             *     }
             */
            headers?: {
                [key: string]: string;
            };
            /** @description Defaults to `true`. */
            isEnabled?: boolean | null;
            /** @description The maximum number of deliveries per second; further ones wait. */
            rateLimit?: number | null;
            /**
             * Format: uri
             * @description Where deliveries go: https, at a public address.
             * @example https://example.com/hooks
             */
            url: string;
        };
        /** @description The body of create. */
        CreateWebsite: {
            /**
             * Format: idn-hostname
             * @description A domain without scheme, port or path
             * @example example.com
             */
            domain: string;
            name?: string | null;
            /**
             * @description IANA time zone
             * @example America/New_York
             */
            timezone: string;
        };
        /** @description The body of create. */
        CreateWebsiteKey: {
            name?: string | null;
        };
        /** @description The response of create. */
        CreatedGoal: {
            eventId: string;
            message: string;
        };
        /** @description What invite answers. */
        CreatedInvitation: {
            _id: string;
            /**
             * Format: email
             * @example member@example.com
             */
            email: string;
            /** Format: date-time */
            expiresAt: string;
            id: string;
            invitationId: string;
            /** @description The link for the invited person; shown this once. */
            inviteUrl: string;
            message: string;
            /** @description A role that can be given away. */
            role: "viewer" | "member";
            /** @description Whether a mail with a link of its own goes to the address: where the gateway sends mail, one a day does. */
            sendsMail: boolean;
        };
        /** @description The response of create: plain JSON. */
        CreatedPayment: {
            message: string;
            transaction_id: string;
        };
        /** @description A new endpoint, with the secret that signs its deliveries. */
        CreatedWebhook: {
            _id: string;
            /** Format: date-time */
            createdAt: string;
            /** @description The account whose token made it; `null` for webhooks from before this was stored. */
            createdBy: string | null;
            description: string | null;
            /** @description `manual`, `gone` (it answered 410) or `failing` (for too long). */
            disabledReason: string | null;
            eventTypes: ("goal.completed" | "payment.received" | "payment.refunded" | "visitor.identified" | "alert.firing" | "alert.resolved" | "endpoint.disabled")[];
            goalNames: string[];
            /** @description Values that look like credentials are masked. */
            headers: {
                [key: string]: string;
            };
            id: string;
            isEnabled: boolean;
            /**
             * Format: uint32
             * @description The maximum number of deliveries per second.
             */
            rateLimit: number | null;
            /** @description `whsec_…`, the form that the libraries of Standard Webhooks expect. */
            secret: string;
            /** Format: date-time */
            updatedAt: string;
            /** @description For viewers only scheme, host and port: the rest may be a credential. */
            url: string;
            websiteId: string;
        };
        /** @description The response of create. */
        CreatedWebsite: {
            _id: string;
            domain: string;
            id: string;
            trackingId: string;
            websiteId: string;
        };
        /** @description How a goal is displayed. */
        Customization: {
            color: string | null;
            description: string | null;
            displayName: string | null;
            goalName: string;
            /** Format: date-time */
            updatedAt: string | null;
        };
        /** @description The body of a change. */
        CustomizeGoal: {
            /**
             * @description A color of the palette; `null` clears it.
             * @enum {string|null}
             */
            color?: "#ef4444" | "#f87171" | "#f97316" | "#fb923c" | "#f59e0b" | "#eab308" | "#84cc16" | "#22c55e" | "#10b981" | "#14b8a6" | "#06b6d4" | "#8dcdff" | "#3b82f6" | "#6366f1" | "#8b5cf6" | "#a855f7" | "#d946ef" | "#ec4899" | "#f43f5e" | "#6b7280" | null;
            /** @description At most 300 characters; `null` clears it. */
            description?: string | null;
            /** @description At most 80 characters; `null` clears it. */
            displayName?: string | null;
            /** @example signup */
            goalName: string;
        };
        /** @description The response of delete. */
        Deleted: {
            /** @description Whether there was anything to delete. */
            deleted: boolean;
            goalName: string;
        };
        /** @description The response of delete. */
        DeletedGoals: {
            /** Format: uuid */
            datafast_visitor_id?: string | null;
            /**
             * Format: int64
             * @description The number of deleted goals; in a dry run, of those that would be.
             */
            deleted: number;
            goal_name?: string | null;
            message: string;
            /** @description A range, as responses to deletions show it. */
            timeRange?: {
                /** Format: date-time */
                end: string;
                /** Format: date-time */
                start: string;
            } | null;
        };
        /** @description The response of delete. */
        DeletedPayments: {
            /** Format: uuid */
            datafast_visitor_id?: string | null;
            /**
             * Format: int64
             * @description The number of deleted payments.
             */
            deleted: number;
            message: string;
            /** @description A range, as responses to deletions show it. */
            timeRange?: {
                /** Format: date-time */
                end: string;
                /** Format: date-time */
                start: string;
            } | null;
            transaction_id?: string | null;
        };
        /** @description A message on its way to one endpoint. */
        Delivery: {
            _id: string;
            /** Format: uint32 */
            attemptCount: number;
            /** Format: date-time */
            createdAt: string;
            id: string;
            /** Format: uint16 */
            lastStatusCode: number | null;
            /** @description `webhook-id`: the same on every attempt, and at every endpoint. */
            messageId: string;
            /** Format: date-time */
            nextAttemptAt: string | null;
            /** @description Why it is `missed` although the endpoint was on. */
            reason?: string | null;
            /** @description The state of a delivery. */
            status: "pending" | "delivered" | "failed" | "missed";
            /** @description The type of an event. */
            type: "goal.completed" | "payment.received" | "payment.refunded" | "visitor.identified" | "alert.firing" | "alert.resolved" | "endpoint.disabled";
            /** Format: date-time */
            updatedAt: string;
            webhookId: string;
            websiteId: string;
        };
        /** @description A delivery with its payload and its attempts. */
        DeliveryDetails: {
            _id: string;
            /** Format: uint32 */
            attemptCount: number;
            /** @description The attempts, in order. */
            attempts: components["schemas"]["Attempt"][];
            /** Format: date-time */
            createdAt: string;
            id: string;
            /** Format: uint16 */
            lastStatusCode: number | null;
            /** @description `webhook-id`: the same on every attempt, and at every endpoint. */
            messageId: string;
            /** Format: date-time */
            nextAttemptAt: string | null;
            /** @description The payload, byte for byte as it is sent; viewers do not see the path of an endpoint's address in it. */
            payload: unknown;
            /** @description Why it is `missed` although the endpoint was on. */
            reason?: string | null;
            /** @description The state of a delivery. */
            status: "pending" | "delivered" | "failed" | "missed";
            /** @description The type of an event. */
            type: "goal.completed" | "payment.received" | "payment.refunded" | "visitor.identified" | "alert.firing" | "alert.resolved" | "endpoint.disabled";
            /** Format: date-time */
            updatedAt: string;
            webhookId: string;
            websiteId: string;
        };
        /** @description A kind of device. */
        DeviceRow: {
            /**
             * Format: double
             * @description Percentage of these visitors who paid.
             */
            conversion_rate?: number | null;
            device?: string | null;
            /**
             * Format: int64
             * @description The number of payments above zero.
             */
            payments?: number | null;
            /**
             * Format: double
             * @description New and, where included, renewal revenue, less refunds.
             */
            revenue?: number | null;
            /**
             * Format: int64
             * @description Distinct visitors.
             */
            visitors?: number | null;
        };
        /** @description A page that visits begin on. */
        EntryPageRow: {
            /**
             * Format: double
             * @description Percentage of these visitors who paid.
             */
            conversion_rate?: number | null;
            hostname?: string | null;
            path?: string | null;
            /**
             * Format: int64
             * @description The number of payments above zero.
             */
            payments?: number | null;
            /**
             * Format: double
             * @description New and, where included, renewal revenue, less refunds.
             */
            revenue?: number | null;
            /**
             * Format: int64
             * @description Distinct visitors.
             */
            visitors?: number | null;
        };
        /** @description The response of erase. */
        ErasedVisitor: {
            /**
             * Format: int64
             * @description The number of the visitor's events.
             */
            events: number;
            message: string;
            /**
             * Format: int64
             * @description The number of the visitor's payments.
             */
            payments: number;
        };
        /** @description `{"status":"error","error":{"code":…,"message":…}}` */
        Error: {
            error: {
                /**
                 * Format: uint16
                 * @description The HTTP status.
                 */
                code: number;
                message: string;
                /** @description What a program can do about it. */
                reason?: "fresh" | null;
            };
            /** @enum {string} */
            status: "error";
        };
        /** @description The response to an event. */
        EventAnswer: {
            /**
             * Format: uuid
             * @description The id of a visitor without cookies, valid today.
             */
            visitorId?: string | null;
        };
        /** @description A link to another website. */
        ExitClickRow: {
            /**
             * Format: int64
             * @description The number of clicks.
             */
            clicks?: number | null;
            /** @description The address of the link. */
            url?: string | null;
            /**
             * Format: int64
             * @description The number of distinct visitors.
             */
            visitors?: number | null;
        };
        /** @description A page that visits end on. */
        ExitPageRow: {
            /**
             * Format: double
             * @description Percentage of these visitors who paid.
             */
            conversion_rate?: number | null;
            hostname?: string | null;
            path?: string | null;
            /**
             * Format: int64
             * @description The number of payments above zero.
             */
            payments?: number | null;
            /**
             * Format: double
             * @description New and, where included, renewal revenue, less refunds.
             */
            revenue?: number | null;
            /**
             * Format: int64
             * @description Distinct visitors.
             */
            visitors?: number | null;
        };
        /** @description A funnel. */
        Funnel: {
            _id: string;
            /** Format: date-time */
            createdAt: string;
            id: string;
            isActive: boolean;
            name: string;
            /** @description Derived from the name. */
            slug: string;
            steps: ({
                /** @description Derived from the step's name; unique within the funnel. */
                id: string;
                name: string;
            } & ({
                /** @constant */
                type: "pageview";
                url: string;
            } | {
                goalName: string;
                /** @constant */
                type: "goal";
            }))[];
            /** Format: date-time */
            updatedAt: string;
            websiteId: string;
        };
        /** @description A funnel and how many visitors completed its steps. */
        FunnelResult: {
            /**
             * Format: int64
             * @description Visitors who completed all steps.
             */
            completedVisitors: number;
            /**
             * Format: double
             * @description As a percentage of those who completed the first step.
             */
            conversionRate: number;
            funnelId: string;
            name: string;
            /**
             * Format: double
             * @description Revenue from those who completed all steps.
             */
            revenue: number;
            slug: string;
            steps: {
                /**
                 * Format: double
                 * @description As a percentage of those who completed the first step.
                 */
                conversionRate: number;
                /**
                 * Format: int64
                 * @description Visitors who completed the step before and not this one.
                 */
                dropOff: number;
                /**
                 * Format: double
                 * @description The drop-off as a percentage of those who completed the step before.
                 */
                dropOffRate: number;
                id: string;
                name: string;
                /**
                 * Format: double
                 * @description Revenue from those who completed this step.
                 */
                revenue: number;
                /**
                 * Format: double
                 * @description As a percentage of those who completed the step before.
                 */
                stepConversionRate: number;
                type: string;
                /** Format: int64 */
                visitors: number;
            }[];
            /**
             * Format: int64
             * @description Visitors who completed the first step.
             */
            totalVisitors: number;
        };
        /** @description A goal. */
        GoalRow: {
            /**
             * Format: int64
             * @description The number of completions.
             */
            completions?: number | null;
            goal?: string | null;
            /**
             * Format: int64
             * @description The number of distinct visitors.
             */
            visitors?: number | null;
        };
        /** @description What is granted. */
        GrantToApplication: {
            /** @description After how many days everything ends: 1 to 365. */
            days: number;
            /** @description The permissions of one token: at least one, without repetitions, in the order given. */
            permissions: ("*" | "analytics:read" | "goals:read" | "goals:write" | "payments:read" | "payments:write" | "identify:write" | "websites:read" | "websites:write" | "settings:read" | "settings:write" | "api-keys:read" | "api-keys:write" | "funnels:read" | "funnels:write" | "alerts:read" | "alerts:write" | "webhooks:read" | "webhooks:write" | "team:read" | "team:write" | "notes:read" | "notes:write")[];
            /** @description An empty list: every website that the session reaches, also later ones. */
            websiteIds: string[];
        };
        /** @description Where to go with the code. */
        GrantedToApplication: {
            /** @description The application's address with a code that is good once, for a minute. */
            redirectTo: string;
        };
        Health: {
            /** @description How full D1 is, if it is: `nearlyFull` from 80 % of its size, `full` from 95 %. */
            database?: ("ok" | "nearlyFull" | "full") | null;
            /** @enum {string} */
            status: "ok";
            /** @description How many websites have a store that is that full, if any has. */
            websites?: {
                /** Format: uint32 */
                full: number;
                /** Format: uint32 */
                nearlyFull: number;
            } | null;
        };
        /** @description One message in the history. */
        HistoryRow: {
            alertId: string;
            alertName: string;
            /** @description Where an alert's notifications go. */
            destination: {
                /** @constant */
                type: "email";
            } | {
                endpointId: string;
                /** @constant */
                type: "webhook";
            };
            error: string | null;
            /** @description What a notification is about. */
            event: "firing" | "resolved";
            /** @description `null` if the alert is not about one goal. */
            goalName: string | null;
            /** @description Whether a message was sent. */
            status: "sent" | "failed";
            /** Format: date-time */
            triggeredAt: string;
            visitorId: string | null;
        };
        /** @description A host. */
        HostnameRow: {
            /**
             * Format: double
             * @description Percentage of these visitors who paid.
             */
            conversion_rate?: number | null;
            hostname?: string | null;
            /**
             * Format: int64
             * @description The number of payments above zero.
             */
            payments?: number | null;
            /**
             * Format: double
             * @description New and, where included, renewal revenue, less refunds.
             */
            revenue?: number | null;
            /** @description The same with Punycode decoded, if it has any. */
            unicode?: string | null;
            /**
             * Format: int64
             * @description Distinct visitors.
             */
            visitors?: number | null;
        };
        /** @description The response. */
        Identified: {
            message: string;
            /** @description Missing where the website keeps no profiles. */
            profileId?: string | null;
        };
        /** @description The body: the two ids; all other fields are stored in the visitor's profile. */
        Identify: {
            /** Format: uuid */
            datafast_visitor_id: string;
            /** @description The website's own id of the user. */
            user_id: string;
        } & {
            [key: string]: unknown;
        };
        /** @description The result of an import. */
        ImportResult: {
            /**
             * Format: uint64
             * @description Lines stored by this import.
             */
            accepted: number;
            /**
             * Format: uint64
             * @description Lines whose ids were stored before.
             */
            duplicates: number;
            /** @description The errors of the first hundred rejected lines. */
            errors: {
                /**
                 * Format: uint64
                 * @description Counted from 1.
                 */
                line: number;
                message: string;
            }[];
            /**
             * Format: uint64
             * @description Lines that are wrong and were not stored.
             */
            rejected: number;
        };
        /** @description What arrives, and what does not. */
        Installation: {
            /** @description The 20 events that arrived last, the last one first. */
            arrivals: {
                /** Format: date-time */
                at: string;
                /** @description ISO 3166-1 alpha-2. */
                country: string | null;
                /** @description `desktop`, `mobile` or `tablet`. */
                device: string | null;
                hostname: string | null;
                path: string | null;
                /** @description `pageview`, `custom`, `identify`, `payment` or `external_link`. */
                type: string;
            }[];
            /** @description What was dropped in the last hour, by reason, the last first. */
            dropped: {
                /** Format: int64 */
                count: number;
                /** @description The host that it happened to last. */
                example: string | null;
                /** @description The hosts that it happened to, as far as they are known, the last first. */
                hosts: {
                    /** Format: int64 */
                    count: number;
                    hostname: string;
                    /** Format: date-time */
                    lastAt: string;
                }[];
                /** Format: date-time */
                lastAt: string;
                /** @description As `X-Sluice-Dropped` says it; `invalid` for what was answered 400, `rate-limit` for what was answered 429. */
                reason: string;
            }[];
            /** Format: date-time */
            firstEventAt: string | null;
            /** @description The hosts of the 10,000 events that arrived last; the 20 with the most events. */
            hosts: {
                /** Format: int64 */
                events: number;
                hostname: string;
                /** Format: date-time */
                lastSeenAt: string;
            }[];
            /** Format: date-time */
            lastEventAt: string | null;
        };
        /** @description Which providers are connected. */
        Integrations: {
            /** @description The website's currency. */
            currency: string;
            /** @description Whether a provider is connected, and how that goes. */
            lemonsqueezy: {
                /** @description Whose credentials they are, where the provider says it. */
                account?: {
                    id: string;
                    name: string | null;
                } | null;
                connected: boolean;
                /** Format: date-time */
                connectedAt?: string;
                /** @description Why events or payments may be missing; `null` if all is well. */
                failing?: {
                    message: string;
                    /**
                     * @description Why a connection is failing. Stored by name.
                     * @enum {string}
                     */
                    reason: "key_refused" | "key_expired" | "permission_missing" | "webhook_missing" | "webhook_disabled" | "provider_unreachable" | "import_stuck";
                    /** Format: date-time */
                    since: string;
                } | null;
                /** @description The last import of payments of the past. */
                import?: {
                    /**
                     * Format: int64
                     * @description How many objects were read.
                     */
                    done: number;
                    /** Format: date-time */
                    finishedAt: string | null;
                    /**
                     * Format: date-time
                     * @description From when on; `null`: from the beginning.
                     */
                    from: string | null;
                    /** @description What is being read. */
                    stage: string;
                    /** Format: date-time */
                    startedAt: string;
                    /** @description Stored by name. */
                    state: ("running" | "done") | "stopped";
                    /**
                     * Format: int64
                     * @description How many there are, where the provider says it.
                     */
                    total: number | null;
                } | null;
                /** Format: date-time */
                lastEventAt?: string | null;
                /** Format: date-time */
                lastPaymentAt?: string | null;
                /** @description How a provider's events arrive. Stored by name. */
                mode?: "webhook" | "manual" | "polling";
                /** @description How far a connection is. Stored by name. */
                state?: "connected" | "verifying" | "importing" | "failing";
                /** @description Whether the credentials are of the provider's test mode. */
                testMode?: boolean;
            };
            /** @description Whether Paddle is connected, and until when its key is valid. */
            paddle: {
                /** @description Whose credentials they are, where the provider says it. */
                account?: {
                    id: string;
                    name: string | null;
                } | null;
                connected: boolean;
                /** Format: date-time */
                connectedAt?: string;
                /** @description Why events or payments may be missing; `null` if all is well. */
                failing?: {
                    message: string;
                    /**
                     * @description Why a connection is failing. Stored by name.
                     * @enum {string}
                     */
                    reason: "key_refused" | "key_expired" | "permission_missing" | "webhook_missing" | "webhook_disabled" | "provider_unreachable" | "import_stuck";
                    /** Format: date-time */
                    since: string;
                } | null;
                /** @description The last import of payments of the past. */
                import?: {
                    /**
                     * Format: int64
                     * @description How many objects were read.
                     */
                    done: number;
                    /** Format: date-time */
                    finishedAt: string | null;
                    /**
                     * Format: date-time
                     * @description From when on; `null`: from the beginning.
                     */
                    from: string | null;
                    /** @description What is being read. */
                    stage: string;
                    /** Format: date-time */
                    startedAt: string;
                    /** @description Stored by name. */
                    state: ("running" | "done") | "stopped";
                    /**
                     * Format: int64
                     * @description How many there are, where the provider says it.
                     */
                    total: number | null;
                } | null;
                /** Format: date-time */
                keyExpiresAt: string | null;
                /** Format: date-time */
                lastEventAt?: string | null;
                /** Format: date-time */
                lastPaymentAt?: string | null;
                /** @description How a provider's events arrive. Stored by name. */
                mode?: "webhook" | "manual" | "polling";
                /** @description How far a connection is. Stored by name. */
                state?: "connected" | "verifying" | "importing" | "failing";
                /** @description Whether the credentials are of the provider's test mode. */
                testMode?: boolean;
            };
            /** @description Whether a provider is connected, and how that goes. */
            polar: {
                /** @description Whose credentials they are, where the provider says it. */
                account?: {
                    id: string;
                    name: string | null;
                } | null;
                connected: boolean;
                /** Format: date-time */
                connectedAt?: string;
                /** @description Why events or payments may be missing; `null` if all is well. */
                failing?: {
                    message: string;
                    /**
                     * @description Why a connection is failing. Stored by name.
                     * @enum {string}
                     */
                    reason: "key_refused" | "key_expired" | "permission_missing" | "webhook_missing" | "webhook_disabled" | "provider_unreachable" | "import_stuck";
                    /** Format: date-time */
                    since: string;
                } | null;
                /** @description The last import of payments of the past. */
                import?: {
                    /**
                     * Format: int64
                     * @description How many objects were read.
                     */
                    done: number;
                    /** Format: date-time */
                    finishedAt: string | null;
                    /**
                     * Format: date-time
                     * @description From when on; `null`: from the beginning.
                     */
                    from: string | null;
                    /** @description What is being read. */
                    stage: string;
                    /** Format: date-time */
                    startedAt: string;
                    /** @description Stored by name. */
                    state: ("running" | "done") | "stopped";
                    /**
                     * Format: int64
                     * @description How many there are, where the provider says it.
                     */
                    total: number | null;
                } | null;
                /** Format: date-time */
                lastEventAt?: string | null;
                /** Format: date-time */
                lastPaymentAt?: string | null;
                /** @description How a provider's events arrive. Stored by name. */
                mode?: "webhook" | "manual" | "polling";
                /** @description How far a connection is. Stored by name. */
                state?: "connected" | "verifying" | "importing" | "failing";
                /** @description Whether the credentials are of the provider's test mode. */
                testMode?: boolean;
            };
            /** @description Whether a provider is connected, and how that goes. */
            shopify: {
                /** @description Whose credentials they are, where the provider says it. */
                account?: {
                    id: string;
                    name: string | null;
                } | null;
                connected: boolean;
                /** Format: date-time */
                connectedAt?: string;
                /** @description Why events or payments may be missing; `null` if all is well. */
                failing?: {
                    message: string;
                    /**
                     * @description Why a connection is failing. Stored by name.
                     * @enum {string}
                     */
                    reason: "key_refused" | "key_expired" | "permission_missing" | "webhook_missing" | "webhook_disabled" | "provider_unreachable" | "import_stuck";
                    /** Format: date-time */
                    since: string;
                } | null;
                /** @description The last import of payments of the past. */
                import?: {
                    /**
                     * Format: int64
                     * @description How many objects were read.
                     */
                    done: number;
                    /** Format: date-time */
                    finishedAt: string | null;
                    /**
                     * Format: date-time
                     * @description From when on; `null`: from the beginning.
                     */
                    from: string | null;
                    /** @description What is being read. */
                    stage: string;
                    /** Format: date-time */
                    startedAt: string;
                    /** @description Stored by name. */
                    state: ("running" | "done") | "stopped";
                    /**
                     * Format: int64
                     * @description How many there are, where the provider says it.
                     */
                    total: number | null;
                } | null;
                /** Format: date-time */
                lastEventAt?: string | null;
                /** Format: date-time */
                lastPaymentAt?: string | null;
                /** @description How a provider's events arrive. Stored by name. */
                mode?: "webhook" | "manual" | "polling";
                /** @description How far a connection is. Stored by name. */
                state?: "connected" | "verifying" | "importing" | "failing";
                /** @description Whether the credentials are of the provider's test mode. */
                testMode?: boolean;
            };
            /** @description Whether a provider is connected, and how that goes. */
            stripe: {
                /** @description Whose credentials they are, where the provider says it. */
                account?: {
                    id: string;
                    name: string | null;
                } | null;
                connected: boolean;
                /** Format: date-time */
                connectedAt?: string;
                /** @description Why events or payments may be missing; `null` if all is well. */
                failing?: {
                    message: string;
                    /**
                     * @description Why a connection is failing. Stored by name.
                     * @enum {string}
                     */
                    reason: "key_refused" | "key_expired" | "permission_missing" | "webhook_missing" | "webhook_disabled" | "provider_unreachable" | "import_stuck";
                    /** Format: date-time */
                    since: string;
                } | null;
                /** @description The last import of payments of the past. */
                import?: {
                    /**
                     * Format: int64
                     * @description How many objects were read.
                     */
                    done: number;
                    /** Format: date-time */
                    finishedAt: string | null;
                    /**
                     * Format: date-time
                     * @description From when on; `null`: from the beginning.
                     */
                    from: string | null;
                    /** @description What is being read. */
                    stage: string;
                    /** Format: date-time */
                    startedAt: string;
                    /** @description Stored by name. */
                    state: ("running" | "done") | "stopped";
                    /**
                     * Format: int64
                     * @description How many there are, where the provider says it.
                     */
                    total: number | null;
                } | null;
                /** Format: date-time */
                lastEventAt?: string | null;
                /** Format: date-time */
                lastPaymentAt?: string | null;
                /** @description How a provider's events arrive. Stored by name. */
                mode?: "webhook" | "manual" | "polling";
                /** @description How far a connection is. Stored by name. */
                state?: "connected" | "verifying" | "importing" | "failing";
                /** @description Whether the credentials are of the provider's test mode. */
                testMode?: boolean;
            };
            /** @description Whether a provider is connected, and how that goes. */
            woocommerce: {
                /** @description Whose credentials they are, where the provider says it. */
                account?: {
                    id: string;
                    name: string | null;
                } | null;
                connected: boolean;
                /** Format: date-time */
                connectedAt?: string;
                /** @description Why events or payments may be missing; `null` if all is well. */
                failing?: {
                    message: string;
                    /**
                     * @description Why a connection is failing. Stored by name.
                     * @enum {string}
                     */
                    reason: "key_refused" | "key_expired" | "permission_missing" | "webhook_missing" | "webhook_disabled" | "provider_unreachable" | "import_stuck";
                    /** Format: date-time */
                    since: string;
                } | null;
                /** @description The last import of payments of the past. */
                import?: {
                    /**
                     * Format: int64
                     * @description How many objects were read.
                     */
                    done: number;
                    /** Format: date-time */
                    finishedAt: string | null;
                    /**
                     * Format: date-time
                     * @description From when on; `null`: from the beginning.
                     */
                    from: string | null;
                    /** @description What is being read. */
                    stage: string;
                    /** Format: date-time */
                    startedAt: string;
                    /** @description Stored by name. */
                    state: ("running" | "done") | "stopped";
                    /**
                     * Format: int64
                     * @description How many there are, where the provider says it.
                     */
                    total: number | null;
                } | null;
                /** Format: date-time */
                lastEventAt?: string | null;
                /** Format: date-time */
                lastPaymentAt?: string | null;
                /** @description How a provider's events arrive. Stored by name. */
                mode?: "webhook" | "manual" | "polling";
                /** @description How far a connection is. Stored by name. */
                state?: "connected" | "verifying" | "importing" | "failing";
                /** @description Whether the credentials are of the provider's test mode. */
                testMode?: boolean;
            };
        };
        /** @description The body of invite. */
        InviteTeamMember: {
            /**
             * Format: email
             * @example member@example.com
             */
            email: string;
            /**
             * @description A role that can be given away.
             * @default viewer
             */
            role?: "viewer" | "member";
        };
        /** @description A token as the answer that issues it shows it. */
        IssuedAccessToken: {
            _id: string;
            /** Format: date-time */
            createdAt: string;
            /** @description First 7 and last 4 characters. */
            displayKey: string;
            /**
             * Format: date-time
             * @description When an application loses it (OAuth); null for all others.
             */
            expiresAt: string | null;
            id: string;
            /** @description The whole token; shown this once. */
            key: string;
            /**
             * Format: date-time
             * @description Exact to the minute.
             */
            lastUsedAt: string | null;
            name: string | null;
            /** @description The permissions of one token: at least one, without repetitions, in the order given. */
            permissions: ("*" | "analytics:read" | "goals:read" | "goals:write" | "payments:read" | "payments:write" | "identify:write" | "websites:read" | "websites:write" | "settings:read" | "settings:write" | "api-keys:read" | "api-keys:write" | "funnels:read" | "funnels:write" | "alerts:read" | "alerts:write" | "webhooks:read" | "webhooks:write" | "team:read" | "team:write" | "notes:read" | "notes:write")[];
            /** @enum {string} */
            scope: "user";
            /** @description The websites that a token is restricted to; an empty list means every website of its account. */
            websiteIds: string[];
        };
        /** @description A ticket, as the address that uses it. */
        IssuedTicket: {
            /** Format: date-time */
            expiresAt: string;
            /** @description Opens the console, signed in; shown this once. */
            url: string;
        };
        /** @description A key as the answer that issues it shows it. */
        IssuedWebsiteKey: {
            _id: string;
            /** Format: date-time */
            createdAt: string;
            /** @description The account whose token made the key; `null` for keys from before this was stored. */
            createdBy: string | null;
            /** @description First 7 and last 4 characters. */
            displayKey: string;
            id: string;
            /** @description The whole key; shown this once. */
            key: string;
            /**
             * Format: date-time
             * @description Exact to the minute.
             */
            lastUsedAt: string | null;
            name: string | null;
            websiteId: string;
        };
        /** @description A visitor of the list. */
        ListedVisitor: {
            /** @description The source of the first visit. */
            acquisition: {
                ref: string | null;
                referrer: string | null;
                source: string | null;
                utm_campaign: string | null;
                utm_content: string | null;
                utm_medium: string | null;
                utm_source: string | null;
                utm_term: string | null;
                via: string | null;
            };
            /** @description Host and path. */
            currentUrl: string | null;
            /** @description The name of an identified visitor. */
            displayName?: string | null;
            /**
             * Format: date-time
             * @description When the first visit began; null if there was none.
             */
            firstSeenAt?: string | null;
            identity: {
                browser: string | null;
                city: string | null;
                country: string | null;
                device: string | null;
                os: string | null;
                region: string | null;
            };
            /** @description Whether the visitor has any payment. */
            isCustomer?: boolean | null;
            /**
             * Format: date-time
             * @description The last pageview within the range; with `completedGoal`, the last completion.
             */
            lastSeenAt: string;
            /**
             * Format: double
             * @description What the visitor paid in the range: new and, where included, renewal revenue, less refunds.
             */
            revenue?: number | null;
            /**
             * Format: int64
             * @description All visits, regardless of the range.
             */
            visitCount?: number | null;
            /** Format: uuid */
            visitorId: string;
        };
        /** @description A website as lists show it. */
        ListedWebsite: {
            _id: string;
            currency: string;
            domain: string;
            id: string;
            name: string | null;
            /** @description The caller's role. */
            role: "viewer" | "member" | "owner";
            timezone: string;
            trackingId: string;
        };
        /** @description A post. */
        Mention: {
            author: {
                image: string | null;
                name: string | null;
                username: string | null;
            };
            /** @description How many reacted. */
            engagement: {
                /** Format: int64 */
                likes: number;
                /** Format: int64 */
                quotes: number;
                /** Format: int64 */
                replies: number;
                /** Format: int64 */
                reposts: number;
            } | {
                /** Format: int64 */
                comments: number;
                /** Format: int64 */
                score: number;
            };
            id: string;
            /** @description Of X. */
            isRetweet?: boolean | null;
            /** @description Of X. */
            media?: string[] | null;
            /** @enum {string} */
            platform: "x" | "reddit";
            /** @description Of Reddit. */
            subreddit?: string | null;
            text: string;
            /** Format: date-time */
            timestamp: string;
            url: string;
            websiteId: string;
        };
        /** @description The website's metadata. */
        Metadata: {
            /** @description ISO 4217. */
            currency?: string | null;
            domain?: string | null;
            /** @description The goal chosen as the website's KPI. */
            kpi?: string | null;
            /**
             * @description The color in which the KPI is shown.
             * @enum {string|null}
             */
            kpiColorScheme?: "red" | "orange" | "yellow" | "green" | "purple" | "pink" | "gray" | "blue" | "teal" | "indigo" | null;
            logo?: string | null;
            name?: string | null;
            timezone?: string | null;
        };
        /** @description An account with its one token. */
        NewAccount: {
            _id: string;
            email: string;
            id: string;
            image: string | null;
            /** @description The token itself; shown this once. */
            key: string;
            name: string | null;
            /** @description The id of the account's token, which has every permission. */
            tokenId: string;
        };
        /** @description A note. */
        Note: {
            _id: string;
            /** @description Who noted it; `null` if the account is gone. */
            author: {
                id: string;
                image: string | null;
                name: string | null;
            } | null;
            /** Format: date-time */
            createdAt: string;
            id: string;
            text: string;
            /**
             * Format: date-time
             * @description When what is noted happened.
             */
            timestamp: string;
            /** Format: date-time */
            updatedAt: string;
            websiteId: string;
        };
        /** @description An operating system. */
        OperatingSystemRow: {
            /**
             * Format: double
             * @description Percentage of these visitors who paid.
             */
            conversion_rate?: number | null;
            operating_system?: string | null;
            /**
             * Format: int64
             * @description The number of payments above zero.
             */
            payments?: number | null;
            /**
             * Format: double
             * @description New and, where included, renewal revenue, less refunds.
             */
            revenue?: number | null;
            /**
             * Format: int64
             * @description Distinct visitors.
             */
            visitors?: number | null;
        };
        /** @description The totals of a range. */
        OverviewRow: {
            /**
             * Format: double
             * @description Milliseconds from first to last event.
             */
            avg_session_duration?: number | null;
            /**
             * Format: double
             * @description Percentage of sessions with one pageview and no goal.
             */
            bounce_rate?: number | null;
            /**
             * Format: double
             * @description Percentage of visitors who paid.
             */
            conversion_rate?: number | null;
            /** @description The symbol of the website's currency. */
            currency?: string | null;
            /**
             * Format: int64
             * @description Visitors whose first session ever began in the range.
             */
            new_visitors?: number | null;
            /**
             * Format: int64
             * @description The number of pages viewed.
             */
            pageviews?: number | null;
            /**
             * Format: int64
             * @description The number of payments above zero.
             */
            payments?: number | null;
            /**
             * Format: int64
             * @description Visitors who had a session before the range.
             */
            returning_visitors?: number | null;
            /**
             * Format: double
             * @description New and, where included, renewal revenue, less refunds.
             */
            revenue?: number | null;
            /**
             * Format: double
             * @description Revenue per visitor.
             */
            revenue_per_visitor?: number | null;
            /**
             * Format: int64
             * @description The number of sessions.
             */
            sessions?: number | null;
            /**
             * Format: int64
             * @description Distinct visitors.
             */
            visitors?: number | null;
        };
        /** @description A page. */
        PageRow: {
            /**
             * Format: double
             * @description Percentage of these visitors who paid.
             */
            conversion_rate?: number | null;
            hostname?: string | null;
            path?: string | null;
            /**
             * Format: int64
             * @description The number of payments above zero.
             */
            payments?: number | null;
            /**
             * Format: double
             * @description New and, where included, renewal revenue, less refunds.
             */
            revenue?: number | null;
            /**
             * Format: int64
             * @description Distinct visitors.
             */
            visitors?: number | null;
        };
        /** @description A passkey of the account. */
        Passkey: {
            /** Format: date-time */
            createdAt: string;
            id: string;
            /** Format: date-time */
            lastUsedAt: string | null;
            name: string;
        };
        /** @description What a browser is asked to make a passkey. */
        PasskeyOptions: {
            /** @description Base64url; it can be answered once, within 5 minutes. */
            challenge: string;
            /** @description The account's name, or its address. */
            displayName: string;
            email: string;
            /** @description The passkeys that the account has already: Base64url. */
            exclude: string[];
            /** @description The host that passkeys are for. */
            rpId: string;
            /** @description The account, as authenticators know it: Base64url. */
            userId: string;
        };
        /** @description An invitation that has not been accepted yet. */
        PendingInvitation: {
            _id: string;
            /** Format: date-time */
            createdAt: string;
            email: string;
            /** Format: date-time */
            expiresAt: string;
            id: string;
            invitationId: string;
            /** @description The role of an account on a website; each role includes the ones before it. */
            role: "viewer" | "member" | "owner";
            /** @description Whether an invitation can still be accepted. */
            state: "pending" | "expired";
        };
        /** @description The body of a validation error on a route without the envelope. */
        PlainError: {
            /** @description What is wrong, where, and what would be right. */
            error: string;
        };
        PreviewAlert: {
            /** @description What sets an alert off: a goal, or a metric that crosses a threshold. */
            trigger: {
                goalName: string;
                /**
                 * @default goal
                 * @enum {string}
                 */
                type?: "goal";
            } | {
                /** @description How the metric is compared with the threshold; all comparisons are strict. */
                comparison: "above" | "below" | "increase_pct" | "decrease_pct";
                /** @description Which sessions count: the filters of reports, named without `filter_`. */
                filters?: {
                    browser?: string;
                    city?: string;
                    country?: string;
                    device?: string;
                    entry_page?: string;
                    goal?: string;
                    hostname?: string;
                    os?: string;
                    page?: string;
                    ref?: string;
                    referrer?: string;
                    region?: string;
                    source?: string;
                    utm_campaign?: string;
                    utm_content?: string;
                    utm_medium?: string;
                    utm_source?: string;
                    utm_term?: string;
                    via?: string;
                    visit_count?: string;
                } | null;
                /**
                 * @description How long the comparison must hold without interruption; left out: `0m`.
                 * @example 1d
                 */
                for?: string | null;
                /** @description One goal, for the metrics `goals` and `conversion_rate`. */
                goalName?: string | null;
                /**
                 * @description The numbers that can be watched.
                 * @enum {string}
                 */
                metric: "visitors" | "sessions" | "goals" | "revenue" | "payments" | "bounce_rate" | "conversion_rate";
                /** @description Left out: `ok`. */
                noData?: ("ok" | "alert" | "keep") | null;
                /** Format: double */
                threshold: number;
                /** @enum {string} */
                type: "metric";
                /**
                 * @description The time up to now over which the metric is measured.
                 * @example 30d
                 */
                window: string;
            };
        };
        /** @description What an alert would have done. */
        Previewed: {
            /**
             * Format: uint
             * @description How often the alert would have fired, or how often its goal was completed.
             */
            count: number;
            /** @description The latest 100 of these, oldest first. */
            firings: {
                /** Format: date-time */
                firedAt: string;
                /**
                 * Format: date-time
                 * @description `null` while the alert still fires, and for a goal.
                 */
                resolvedAt: string | null;
                /**
                 * Format: double
                 * @description The metric's value when the alert fired; `null` for a goal, and without data.
                 */
                value: number | null;
            }[];
            /** @description Each hour of the seven days, ascending; the first and the last are not whole. */
            series: {
                /**
                 * Format: date-time
                 * @description The hour's beginning.
                 */
                at: string;
                /**
                 * Format: double
                 * @description Of the values that the alert would have compared with its threshold, the one that is nearest to firing: the smallest for `below`,
                 *     else the largest. `null` without data.
                 */
                value: number | null;
            }[];
        };
        /** @description A property of a goal, or a value of one. */
        PropertyRow: {
            /**
             * Format: int64
             * @description How often the goal was completed with it.
             */
            completions: number;
            /** @description The property's name. */
            property?: string | null;
            /** @description The property's value. */
            value?: string | null;
            /**
             * Format: int64
             * @description The number of distinct visitors.
             */
            visitors: number;
        };
        /** @description What a provider told of. */
        ProviderEvent: {
            _id: string;
            /**
             * Format: uint32
             * @description Attempts so far.
             */
            attempts: number;
            /**
             * Format: date-time
             * @description When it happened, by the provider.
             */
            happenedAt: string | null;
            id: string;
            /**
             * Format: date-time
             * @description When it is worked on next.
             */
            nextAttemptAt: string | null;
            /** @description How an event was heard of. Part of the stored format. */
            origin: "webhook" | "poll" | "sweep" | "replay";
            /** @description How many payments were added, changed and voided, once it is done. */
            outcome: {
                /**
                 * Format: uint32
                 * @description Payments that were not known before.
                 */
                added: number;
                /** Format: uint32 */
                changed: number;
                /**
                 * Format: uint32
                 * @description Payments without a visitor.
                 */
                unattributed: number;
                /** Format: uint32 */
                unchanged: number;
                /**
                 * Format: uint32
                 * @description Payments that are no more.
                 */
                voided: number;
            } | null;
            /** @description The provider. */
            provider: string;
            /** @description Why it was ignored or failed, or why the last attempt did. */
            reason: string | null;
            /** Format: date-time */
            receivedAt: string;
            /** @description The state of an event. Part of the stored format. */
            state: "done" | "received" | "ignored" | "failed";
            /** @description What it is about: the provider's id of it. */
            subject: string | null;
            /** @description The provider's name for what happened. */
            type: string;
        };
        /** @description An event with what the provider sent. */
        ProviderEventDetails: {
            _id: string;
            /**
             * Format: uint32
             * @description Attempts so far.
             */
            attempts: number;
            /** @description What the provider sent: JSON, or a text if it is none. It is kept for a time only. */
            body: unknown;
            /**
             * Format: date-time
             * @description When it happened, by the provider.
             */
            happenedAt: string | null;
            id: string;
            /**
             * Format: date-time
             * @description When it is worked on next.
             */
            nextAttemptAt: string | null;
            /** @description How an event was heard of. Part of the stored format. */
            origin: "webhook" | "poll" | "sweep" | "replay";
            /** @description How many payments were added, changed and voided, once it is done. */
            outcome: {
                /**
                 * Format: uint32
                 * @description Payments that were not known before.
                 */
                added: number;
                /** Format: uint32 */
                changed: number;
                /**
                 * Format: uint32
                 * @description Payments without a visitor.
                 */
                unattributed: number;
                /** Format: uint32 */
                unchanged: number;
                /**
                 * Format: uint32
                 * @description Payments that are no more.
                 */
                voided: number;
            } | null;
            /** @description The provider. */
            provider: string;
            /** @description Why it was ignored or failed, or why the last attempt did. */
            reason: string | null;
            /** Format: date-time */
            receivedAt: string;
            /** @description The state of an event. Part of the stored format. */
            state: "done" | "received" | "ignored" | "failed";
            /** @description What it is about: the provider's id of it. */
            subject: string | null;
            /** @description The provider's name for what happened. */
            type: string;
        };
        /** @description The current visitors and their recent events, newest first. */
        RealtimeMapAnswer: {
            /** @description Always null: Sluice makes no predictions. */
            conversionMetrics: Record<string, never> | null;
            /**
             * Format: int64
             * @description Distinct visitors.
             */
            count: number;
            hasConversionPredictions: boolean;
            recentEvents: {
                _id: string;
                /**
                 * Format: double
                 * @description A number that is serialized without decimals if it has none.
                 */
                amount: number | null;
                countryCode: string | null;
                customerName: string | null;
                displayName: string | null;
                extraData: {
                    [key: string]: unknown;
                };
                path: string | null;
                referrer: string | null;
                /** Format: date-time */
                timestamp: string;
                type: string;
                /** Format: uuid */
                visitorId: string;
            }[];
            recentPayments: {
                _id: string;
                /**
                 * Format: double
                 * @description Major units of `currency`.
                 */
                amount: number;
                currency: string;
                displayName: string | null;
                email: string | null;
                /** @description Whether it is the visitor's first payment. */
                isNew: boolean;
                name: string | null;
                renewal: boolean;
                /** Format: date-time */
                timestamp: string;
                type: string;
                visible: boolean;
            }[];
            visitors: {
                /** @description A field that is always null. */
                conversionLikelihood: Record<string, never> | null;
                /** @description The path of the page that the visitor is on. */
                currentUrl: string | null;
                customerEmail: string | null;
                customerName: string | null;
                isCustomer: boolean;
                /** Format: double */
                latitude: number | null;
                location: {
                    city: string | null;
                    /** @description ISO 3166-1 alpha-2. */
                    countryCode: string | null;
                    region: string | null;
                };
                /** Format: double */
                longitude: number | null;
                /** @description Campaign parameters; null if unset. */
                params: {
                    ref: string | null;
                    source: string | null;
                    utm_campaign: string | null;
                    utm_content: string | null;
                    utm_medium: string | null;
                    utm_source: string | null;
                    utm_term: string | null;
                    via: string | null;
                };
                profileData: {
                    displayName: string | null;
                    hasProfile: boolean;
                    isRandomName: boolean;
                    userId: string | null;
                };
                referrer: string | null;
                /** Format: date-time */
                sessionStartTime: string;
                system: {
                    browser: {
                        name: string | null;
                    };
                    device: {
                        type: string | null;
                    };
                    os: {
                        name: string | null;
                    };
                };
                /** Format: int64 */
                visitCount: number;
                /** Format: uuid */
                visitorId: string;
            }[];
        };
        /** @description The number of visitors now. */
        RealtimeRow: {
            /**
             * Format: int64
             * @description Distinct visitors of the last ten minutes.
             */
            visitors?: number | null;
        };
        /** @description A source of visitors. */
        ReferrerRow: {
            /**
             * Format: double
             * @description Percentage of these visitors who paid.
             */
            conversion_rate?: number | null;
            /**
             * Format: int64
             * @description The number of payments above zero.
             */
            payments?: number | null;
            referrer?: string | null;
            /**
             * Format: double
             * @description New and, where included, renewal revenue, less refunds.
             */
            revenue?: number | null;
            /** @description The same with Punycode decoded, if it has any. */
            unicode?: string | null;
            /**
             * Format: int64
             * @description Distinct visitors.
             */
            visitors?: number | null;
        };
        /** @description A region. */
        RegionRow: {
            /**
             * Format: double
             * @description Percentage of these visitors who paid.
             */
            conversion_rate?: number | null;
            /** @description ISO 3166-1 alpha-2. */
            countryCode?: string | null;
            /**
             * Format: int64
             * @description The number of payments above zero.
             */
            payments?: number | null;
            region?: string | null;
            /** @description ISO 3166-2. */
            regionCode?: string | null;
            /**
             * Format: double
             * @description New and, where included, renewal revenue, less refunds.
             */
            revenue?: number | null;
            /**
             * Format: int64
             * @description Distinct visitors.
             */
            visitors?: number | null;
        };
        /** @description The body of remove. */
        RemoveTeamMember: {
            /** @description Whether the keys, webhooks and webhook alerts that they made go too; left out: `true`. */
            revokeKeys?: boolean | null;
            userId: string;
        };
        /** @description What remove and leave answer. */
        Removed: {
            alerts: {
                _id: string;
                id: string;
                name: string;
            }[];
            keys: {
                _id: string;
                displayKey: string;
                id: string;
                name: string | null;
            }[];
            message: string;
            /** @description Whether the things below are deleted; otherwise they are kept. */
            revoked: boolean;
            /** @description Alerts of others that sent to one of these webhooks, and are now switched off. */
            switchedOffAlerts: {
                _id: string;
                id: string;
                name: string;
            }[];
            webhooks: {
                _id: string;
                id: string;
                url: string;
            }[];
        };
        /** @description The body of rename. */
        RenamePasskey: {
            name: string;
        };
        /** @description The body of resend. */
        ResendDeliveries: {
            /**
             * @description Only counts the deliveries.
             * @default false
             */
            dryRun?: boolean;
            /**
             * Format: date-time
             * @description Deliveries created at this time or later.
             */
            since: string;
            /**
             * Format: date-time
             * @description Deliveries created at this time or earlier; defaults to now.
             */
            until?: string | null;
        };
        /** @description The response of resend. */
        Resent: {
            /**
             * Format: uint32
             * @description The number of failed and missed deliveries in the time range.
             */
            count: number;
            /** @description Whether the deliveries were only counted. */
            dryRun: boolean;
        };
        /** @description The body of a resync; all of it is optional. */
        ResyncIntegration: {
            /**
             * Format: date
             * @description The day from which on payments are read (UTC); without it, all of them.
             * @example 2026-01-01
             */
            from?: string | null;
            /**
             * @description Whether payments come back that were deleted here.
             * @default false
             */
            restoreDeleted?: boolean;
        };
        /** @description A new secret. */
        RotatedSecret: {
            /**
             * Format: date-time
             * @description The previous secret signs too until this time.
             */
            previousSecretExpiresAt: string;
            /** @description `whsec_…`, the form that the libraries of Standard Webhooks expect. */
            secret: string;
        };
        /** @description The body of a webhook's secret. */
        SetWebhookSecret: {
            /** @description The secret that the provider shows for the webhook, as it stands there. */
            secret: string;
        };
        /** @description The body of setup. */
        Setup: {
            /**
             * Format: email
             * @example member@example.com
             */
            email: string;
            /** @description The name of the new account; with `recover` it is not needed. */
            name?: string | null;
            /** @description `true`: the account exists and its owner has no way in. Every token of it is revoked and one is issued. */
            recover?: boolean | null;
        };
        /** @description The secret of an endpoint. */
        ShownSecret: {
            /** @description `whsec_…`, the form that the libraries of Standard Webhooks expect. */
            secret: string;
        };
        /** @description The body of sign-in: one of them. */
        SignIn: {
            /** @description True: what Cloudflare Access says in `Cf-Access-Jwt-Assertion`, or in the cookie `CF_Authorization`. */
            access?: boolean | null;
            /** @description From the mail that `POST /api/v1/console/sign-in-codes` has sent, in the browser that has asked for it. */
            code?: string | null;
            /** @description What a passkey has answered to `POST /api/v1/console/session/options`. */
            passkey?: components["schemas"]["Assertion"] | null;
            /** @description From the address that `POST /api/v1/console/tickets` has answered. */
            ticket?: string | null;
            /** @description A `dft_` account token; the session can do what the token can. */
            token?: string | null;
        };
        /** @description What a browser is asked to sign in with a passkey. */
        SignInOptions: {
            /** @description Base64url; it can be answered once, within 5 minutes. */
            challenge: string;
            /** @description The host that passkeys are for. */
            rpId: string;
        };
        /** @description A member of a website's team. */
        TeamMember: {
            _id: string;
            email: string;
            id: string;
            image: string | null;
            /** Format: date-time */
            joinedAt: string;
            name: string | null;
            /** @description The role of an account on a website; each role includes the ones before it. */
            role: "viewer" | "member" | "owner";
            userId: string;
        };
        /** @description The body of test. */
        TestWebhook: {
            /**
             * @description Defaults to `goal.completed`.
             * @default goal.completed
             */
            type?: "goal.completed" | "payment.received" | "payment.refunded" | "visitor.identified" | "alert.firing" | "alert.resolved" | "endpoint.disabled";
        };
        /** @description The response of test. */
        Tested: {
            /** @description The id of the example's delivery. */
            deliveryId: string;
        };
        TestedAlert: {
            /** @description The delivery of a test that went to a webhook. */
            deliveryId: string | null;
            /** @description Why the message could not be sent. */
            error: string | null;
            message: string;
            /** @description Whether a message was sent. */
            status: "sent" | "failed";
        };
        /** @description A bucket. */
        TimeseriesRow: {
            /**
             * Format: double
             * @description Milliseconds from first to last event.
             */
            avg_session_duration?: number | null;
            /**
             * Format: double
             * @description Percentage of sessions with one pageview and no goal.
             */
            bounce_rate?: number | null;
            /**
             * Format: int64
             * @description How often `goalName` was completed.
             */
            completions?: number | null;
            /**
             * Format: double
             * @description Percentage of visitors who paid.
             */
            conversion_rate?: number | null;
            /** @description Such as `14:00`, `18 Dec` or `Dec 2025`. */
            name: string;
            /**
             * Format: int64
             * @description Visitors whose first session ever began here.
             */
            new_visitors?: number | null;
            /**
             * Format: int64
             * @description The number of pages viewed.
             */
            pageviews?: number | null;
            /**
             * Format: int64
             * @description The number of payments above zero.
             */
            payments?: number | null;
            /**
             * Format: int64
             * @description Visitors who had a session before.
             */
            returning_visitors?: number | null;
            /**
             * Format: double
             * @description New and, where included, renewal revenue, less refunds.
             */
            revenue?: number | null;
            /** @description Each kind of revenue, as a positive number. */
            revenueBreakdown?: {
                /**
                 * Format: double
                 * @description A number that is serialized without decimals if it has none.
                 */
                new: number;
                /**
                 * Format: double
                 * @description A number that is serialized without decimals if it has none.
                 */
                refund: number;
                /**
                 * Format: double
                 * @description A number that is serialized without decimals if it has none.
                 */
                renewal: number;
            } | null;
            /**
             * Format: double
             * @description Revenue per visitor.
             */
            revenue_per_visitor?: number | null;
            /**
             * Format: int64
             * @description The number of sessions.
             */
            sessions?: number | null;
            /** @description The bucket's start, with the zone's offset. */
            timestamp: string;
            /**
             * Format: int64
             * @description Distinct visitors.
             */
            visitors?: number | null;
        };
        /** @description The body of a 429. */
        TooManyRequests: {
            error: string;
            /**
             * Format: uint32
             * @description Requests in any rolling minute.
             */
            limit: number;
            message: string;
            /** Format: uint32 */
            remaining: number;
            /**
             * Format: int64
             * @description Unix seconds.
             */
            reset: number;
        };
        /** @description A request of a crawler. `referrer`, `ai.provider`, `ai.agent`, `ai.category` and `ai.source` may be sent, and decide nothing. */
        TrackCrawl: {
            ai: components["schemas"]["TrackCrawler"];
            /** @description The page's address. */
            href?: string | null;
            /** @description The website's tracking id (`dfid_…`), or its id. */
            websiteId: string;
        };
        TrackCrawler: {
            /** @description The crawler's address. */
            ip?: string | null;
            /**
             * Format: int64
             * @description The status that the request was answered.
             */
            statusCode?: number | null;
            userAgent: string;
        };
        /** @description An event as clients send it. Unknown fields are ignored. */
        TrackedEvent: {
            /**
             * @description The click ids that advertising networks added to the address.
             * @default {}
             */
            adClickIds?: {
                [key: string]: unknown;
            } | null;
            /**
             * @description Whether the visitor must be identified without a cookie.
             * @default false
             */
            cookieless?: boolean | null;
            /** @description `{platform, osVersion, model}` of an app, or one of `desktop`, `mobile`, `tablet`. */
            device?: {
                [key: string]: unknown;
            } | null;
            /** @description The root domain that the script was configured with. */
            domain?: string | null;
            /**
             * @description The fields that belong to the type. Of a goal: `eventName`, and at most 10 properties as in `POST /goals`. Of an
             *     identification: `user_id`, and at most 20 traits with 4,096 bytes as JSON. Of a link: `url`, at most 2,048 bytes, and
             *     `text`.
             * @default {}
             */
            extraData?: {
                [key: string]: unknown;
            } | null;
            /**
             * @description Whether the fragment of the address is part of the page's path.
             * @default false
             */
            hashIsPage?: boolean | null;
            /**
             * @description The full address of the page: a host of at most 253 bytes and a path of at most 2,048, percent-encoded. An address of
             *     more than 4,096 bytes loses its fragment and what its query has beside campaign parameters.
             */
            href?: string | null;
            /** @description An event with an id is stored once, however often it is sent. */
            id?: string | null;
            /** @description The browser's language. */
            language?: string | null;
            /** @description The page that linked here. One of more than 4,096 bytes loses its query, then its path. */
            referrer?: string | null;
            /**
             * Format: double
             * @description In CSS pixels.
             */
            screenHeight?: number | null;
            /**
             * Format: double
             * @description In CSS pixels.
             */
            screenWidth?: number | null;
            sessionId?: string | null;
            /** @description The browser's time zone. */
            timezone?: string | null;
            /**
             * @description What happened.
             * @enum {string}
             */
            type: "pageview" | "custom" | "identify" | "payment" | "external_link";
            /** @description The size of the window, in CSS pixels. */
            viewport?: {
                /** Format: uint32 */
                height: number;
                /** Format: uint32 */
                width: number;
            } | null;
            /** @description A UUID v4; not needed for visitors without cookies. */
            visitorId?: string | null;
            /** @description The website's tracking id (`dfid_…`), or its id. */
            websiteId?: string | null;
        };
        /** @description A goal, its counts, and how it is displayed. */
        TrackedGoal: {
            color: string | null;
            /**
             * Format: double
             * @description Distinct visitors of the goal as a fraction of all visitors.
             */
            conversionRate: number;
            description: string | null;
            displayName: string | null;
            /** @description Always `custom`. */
            eventType: string;
            name: string;
            /**
             * Format: int64
             * @description Completions.
             */
            total: number;
            /**
             * Format: int64
             * @description Distinct visitors.
             */
            uv: number;
        };
        /** @description The body of a transfer. */
        TransferWebsite: {
            /**
             * Format: idn-hostname
             * @description The website's domain, as a confirmation: only the new owner can give it back.
             * @example example.com
             */
            domain: string;
            /** @description Who becomes the owner: somebody on the team. */
            userId: string;
        };
        /** @description What a transfer answers. */
        Transferred: {
            message: string;
            /** @description What the caller is on the team now. */
            role: "viewer" | "member" | "owner";
            /** @description The new owner. */
            userId: string;
            websiteId: string;
        };
        /** @description A change of an alert's state. */
        TransitionRow: {
            /** Format: date-time */
            at: string;
            /** @description The state of an alert. */
            from: "normal" | "pending" | "firing" | "resolved" | "nodata";
            /** @description Why, in words for people. */
            reason: string;
            /** @description The state of an alert. */
            to: "normal" | "pending" | "firing" | "resolved" | "nodata";
            /**
             * Format: double
             * @description The metric's value at the time; `null` if there was no data.
             */
            value: number | null;
        };
        /** @description The body of update: only the name can change. */
        UpdateAccount: {
            name: string;
        };
        /** @description The body of update. */
        UpdateAlert: {
            /**
             * @description The time between two messages of the alert.
             * @example 30d
             */
            cooldown?: string;
            /** @description Where an alert's notifications go. */
            destination?: {
                /** @constant */
                type: "email";
            } | {
                endpointId: string;
                /** @constant */
                type: "webhook";
            };
            isEnabled?: boolean;
            name?: string;
            /** @description Whether a message is also sent when the alert stops firing. */
            notifyResolved?: boolean;
            template?: {
                /** @description Placeholders: `{{goal}}`, `{{alert.name}}`, `{{website.domain}}`, `{{website.name}}`, `{{visitor.id}}`, `{{visitor.country}}`, `{{visitor.city}}`, `{{visitor.device}}`, `{{visitor.referrer}}`, `{{value}}`, `{{threshold}}`, `{{metric}}`, `{{window}}`, `{{count}}`, `{{triggeredAt}}`, `{{metadata.<key>}}`; what has no value becomes `unknown`. */
                message?: string;
                /** @description `null` clears it. */
                subject?: string | null;
            };
            /**
             * @description A change of a trigger. A complete trigger, its type included, replaces the old one. Anything else changes the fields
             *     that it names, and `null` removes optional ones.
             */
            trigger?: {
                /** @description How the metric is compared with the threshold; all comparisons are strict. */
                comparison?: "above" | "below" | "increase_pct" | "decrease_pct";
                filters?: {
                    browser?: string;
                    city?: string;
                    country?: string;
                    device?: string;
                    entry_page?: string;
                    goal?: string;
                    hostname?: string;
                    os?: string;
                    page?: string;
                    ref?: string;
                    referrer?: string;
                    region?: string;
                    source?: string;
                    utm_campaign?: string;
                    utm_content?: string;
                    utm_medium?: string;
                    utm_source?: string;
                    utm_term?: string;
                    via?: string;
                    visit_count?: string;
                } | null;
                /**
                 * @description Minutes, hours or days, from 0m to 1d.
                 * @example 1d
                 */
                for?: string | null;
                goalName?: string | null;
                /**
                 * @description The numbers that can be watched.
                 * @enum {string}
                 */
                metric?: "visitors" | "sessions" | "goals" | "revenue" | "payments" | "bounce_rate" | "conversion_rate";
                noData?: ("ok" | "alert" | "keep") | null;
                /** Format: double */
                threshold?: number;
                /** @description The kinds of trigger. */
                type?: "goal" | "metric";
                /**
                 * @description Minutes, hours or days, from 5m to 30d.
                 * @example 30d
                 */
                window?: string;
            };
        };
        /** @description The body of a change of the settings. */
        UpdateBotSettings: {
            /** @description Companies whose crawlers are not counted any more. */
            disableCompanies?: string[];
            /** @description Crawlers that are not counted any more. */
            disableCrawlerIds?: string[];
            enableCompanies?: string[];
            enableCrawlerIds?: string[];
            /** @description All crawlers that are not counted. Not together with the four above. */
            excludedCrawlerIds?: string[];
            /**
             * @description Stored, and not used by the gateway's own console.
             * @enum {string}
             */
            groupBy?: "crawlers" | "companies";
            /** @description All crawlers that are counted, and not in the chart. */
            hiddenCrawlers?: string[];
            /** @description Stored, and not used by the gateway's own console. */
            hideDashboardCard?: boolean;
            /** @description Whether requests without the token are refused. There has to be one. */
            requireAuthToken?: boolean;
            /** @description Whether only requests from a crawler's own addresses are counted. The gateway has to know them (`BOT_IP_RANGES`). */
            verifiedOnly?: boolean;
        };
        /** @description The body of update. */
        UpdateFunnel: {
            /** @description `false` soft-deletes, `true` restores. */
            isActive?: boolean;
            name?: string;
            /** @description 2 to 8, in order. An update replaces all of them. */
            steps?: ({
                name: string;
            } & ({
                /** @constant */
                type: "pageview";
                url: string;
            } | {
                goalName: string;
                /** @constant */
                type: "goal";
            }))[];
        };
        /** @description The body of update. */
        UpdateNote: {
            text?: string;
            /**
             * @description A moment (ISO 8601 with an offset), or a day (YYYY-MM-DD): its start in the website's time zone.
             * @example 2026-01-31T12:00:00Z
             * @example 2026-01-31
             */
            timestamp?: string;
        };
        /** @description The body of a change of role. */
        UpdateTeamMember: {
            /**
             * @description Whether the keys whose value they know go too, where they become a viewer: a key may change things whatever its maker
             *     may; left out: `true`.
             */
            revokeKeys?: boolean | null;
            /** @description A role that can be given away. */
            role: "viewer" | "member";
        };
        /** @description The body of update. */
        UpdateWebhook: {
            /** @description `null` clears it. */
            description?: string | null;
            eventTypes?: ("goal.completed" | "payment.received" | "payment.refunded" | "visitor.identified" | "alert.firing" | "alert.resolved" | "endpoint.disabled")[];
            goalNames?: string[];
            /**
             * @description Replaces all headers; a value that was returned masked may be sent back unchanged.
             * @example {
             *       "X-Team": "growth"
             *     }
             */
            headers?: {
                [key: string]: string;
            };
            isEnabled?: boolean;
            /** @description `null` removes the limit. */
            rateLimit?: number | null;
            /**
             * Format: uri
             * @example https://example.com/hooks
             */
            url?: string;
        };
        /** @description The body of update: every field may be left out. */
        UpdateWebsite: {
            allowedHostnames?: string[];
            /**
             * @description ISO 4217 currency
             * @example USD
             */
            currency?: string;
            /**
             * Format: idn-hostname
             * @description A domain without scheme, port or path
             * @example example.com
             */
            domain?: string;
            excludedCountries?: string[];
            excludedHostnames?: string[];
            excludedIps?: (string | unknown | unknown | unknown | unknown)[];
            excludedPaths?: string[];
            includeRenewalRevenue?: boolean;
            isAllHostnamesAllowed?: boolean;
            isAttackModeEnabled?: boolean;
            isCookieless?: boolean;
            isPublicDashboardEnabled?: boolean;
            isPublicDataEnabled?: boolean;
            /** @description The goal chosen as the website's KPI; `null` for none. */
            kpi?: string | null;
            /**
             * @description The color in which the KPI is shown.
             * @enum {string|null}
             */
            kpiColorScheme?: "red" | "orange" | "yellow" | "green" | "purple" | "pink" | "gray" | "blue" | "teal" | "indigo" | null;
            name?: string | null;
            /** @description For how many days events, sessions and profiles are kept; `null` for ever. */
            retentionDays?: number | null;
            revenueMetric?: ("revenue" | "mrr") | null;
            sendViralTrafficAlerts?: boolean;
            sendWeeklyReports?: boolean;
            /**
             * @description IANA time zone
             * @example America/New_York
             */
            timezone?: string;
            /** @description Proxies whose `x-datafast-real-ip` counts. */
            trustedProxies?: (string | unknown | unknown | unknown | unknown)[];
        };
        /** @description One visitor. */
        VisitorDetail: {
            activity: {
                completedCustomGoals: {
                    description: string | null;
                    /** @description Whether a backend sent it. */
                    isServer: boolean;
                    name: string;
                    /** Format: date-time */
                    timestamp: string;
                }[];
                completedGoals: {
                    /**
                     * Format: double
                     * @description Of a payment.
                     */
                    amount?: number | null;
                    /**
                     * @description The currency of the payment, ISO 4217.
                     * @example USD
                     */
                    currency?: string | null;
                    description: string | null;
                    metadata: {
                        [key: string]: unknown;
                    };
                    name: string;
                    /** @description `manual` or `payment_provider`. */
                    origin: string;
                    /** Format: date-time */
                    timestamp: string;
                }[];
                /** @description Host and path. */
                currentUrl: string | null;
                /** Format: date-time */
                firstVisitAt: string;
                /** Format: date-time */
                lastVisitAt: string;
                /** Format: int64 */
                pageViewCount: number;
                /**
                 * Format: int64
                 * @description Milliseconds.
                 */
                timeSinceCurrentVisit: number;
                /**
                 * Format: int64
                 * @description Milliseconds.
                 */
                timeSinceFirstVisit: number;
                /** Format: int64 */
                visitCount: number;
                visitedPages: {
                    /** Format: date-time */
                    timestamp: string;
                    /** @description Host and path. */
                    url: string;
                }[];
            };
            identity: {
                adClickIds: {
                    [key: string]: string;
                };
                browser: {
                    name: string | null;
                    version: string | null;
                };
                city: string | null;
                country: string | null;
                countryCode: string | null;
                device: {
                    model: string | null;
                    type: string | null;
                    vendor: string | null;
                };
                os: {
                    name: string | null;
                    version: string | null;
                };
                /** @description From the first session. */
                params: {
                    ref: string | null;
                    source: string | null;
                    utm_campaign: string | null;
                    utm_content: string | null;
                    utm_medium: string | null;
                    utm_source: string | null;
                    utm_term: string | null;
                    via: string | null;
                };
                region: string | null;
                viewport: {
                    /** Format: uint32 */
                    height: number | null;
                    /** Format: uint32 */
                    width: number | null;
                };
            };
            /** @description Always null: Sluice makes no predictions. */
            prediction: Record<string, never> | null;
            /** @description Only for identified visitors. */
            profile?: {
                /** Format: date-time */
                identifiedAt: string;
                metadata: {
                    [key: string]: unknown;
                };
                userId: string;
            } | null;
            /** Format: uuid */
            visitorId: string;
        };
        /** @description An endpoint. */
        Webhook: {
            _id: string;
            /** Format: date-time */
            createdAt: string;
            /** @description The account whose token made it; `null` for webhooks from before this was stored. */
            createdBy: string | null;
            description: string | null;
            /** @description `manual`, `gone` (it answered 410) or `failing` (for too long). */
            disabledReason: string | null;
            eventTypes: ("goal.completed" | "payment.received" | "payment.refunded" | "visitor.identified" | "alert.firing" | "alert.resolved" | "endpoint.disabled")[];
            goalNames: string[];
            /** @description Values that look like credentials are masked. */
            headers: {
                [key: string]: string;
            };
            id: string;
            isEnabled: boolean;
            /**
             * Format: uint32
             * @description The maximum number of deliveries per second.
             */
            rateLimit: number | null;
            /** Format: date-time */
            updatedAt: string;
            /** @description For viewers only scheme, host and port: the rest may be a credential. */
            url: string;
            websiteId: string;
        };
        /** @description How a webhook is doing. */
        WebhookStats: {
            /**
             * Format: uint32
             * @description Attempts that the endpoint accepted.
             */
            delivered: number;
            /**
             * Format: date-time
             * @description When it is switched off if every attempt goes on failing.
             */
            disablesAt: string | null;
            /**
             * Format: uint32
             * @description Attempts that failed.
             */
            failed: number;
            /**
             * Format: date-time
             * @description Since when every attempt has failed; `null` while it is well.
             */
            failingSince: string | null;
            /**
             * @description What is counted together; days are those of UTC.
             * @enum {string}
             */
            interval: "hour" | "day";
            /**
             * Format: date-time
             * @description When its latest delivery was made.
             */
            lastDeliveryAt: string | null;
            /**
             * Format: uint32
             * @description Deliveries that were not attempted, because the endpoint was off or too many waited.
             */
            missed: number;
            /**
             * Format: uint32
             * @description Half of the attempts took no longer, in milliseconds, to the next step of a scale; `null` without any.
             */
            p50Ms: number | null;
            /**
             * Format: uint32
             * @description 95 % of the attempts took no longer.
             */
            p95Ms: number | null;
            /** @description Every hour or day, ascending. */
            series: {
                /**
                 * Format: date-time
                 * @description Its beginning.
                 */
                at: string;
                /**
                 * Format: uint32
                 * @description Attempts that the endpoint accepted.
                 */
                delivered: number;
                /**
                 * Format: uint32
                 * @description Attempts that failed.
                 */
                failed: number;
                /**
                 * Format: uint32
                 * @description Deliveries that were not attempted, because the endpoint was off or too many waited.
                 */
                missed: number;
                /**
                 * Format: uint32
                 * @description Half of the attempts took no longer, in milliseconds, to the next step of a scale; `null` without any.
                 */
                p50Ms: number | null;
                /**
                 * Format: uint32
                 * @description 95 % of the attempts took no longer.
                 */
                p95Ms: number | null;
            }[];
            webhookId: string;
        };
        /** @description A website with all its settings. */
        Website: {
            _id: string;
            /**
             * @description Further hosts whose events are accepted, with their subdomains.
             * @default []
             */
            allowedHostnames: string[];
            /** Format: date-time */
            createdAt: string;
            currency: string;
            domain: string;
            /**
             * @description Countries from which events are dropped.
             * @default []
             */
            excludedCountries: string[];
            /**
             * @description Pages' hosts whose events are dropped.
             * @default []
             */
            excludedHostnames: string[];
            /**
             * @description Clients whose events are dropped.
             * @default []
             */
            excludedIps: (string | unknown | unknown | unknown | unknown)[];
            /**
             * @description Pages whose events are dropped.
             * @default []
             */
            excludedPaths: string[];
            id: string;
            /**
             * @description A switch that is on where it was never set.
             * @default true
             */
            includeRenewalRevenue: boolean;
            /**
             * @description Whether events from any host are accepted.
             * @default false
             */
            isAllHostnamesAllowed: boolean;
            /**
             * @description Whether only events that certainly come from a person are accepted.
             * @default false
             */
            isAttackModeEnabled: boolean;
            /**
             * @description Whether visitors are identified without cookies.
             * @default false
             */
            isCookieless: boolean;
            /** @default false */
            isPublicDashboardEnabled: boolean;
            /** @default false */
            isPublicDataEnabled: boolean;
            /** @default null */
            kpi: string | null;
            /**
             * @description The color in which the KPI is shown.
             * @default null
             * @enum {string|null}
             */
            kpiColorScheme: "red" | "orange" | "yellow" | "green" | "purple" | "pink" | "gray" | "blue" | "teal" | "indigo" | null;
            name: string | null;
            /** @description The currency that the website is changing to, while its payments are being converted. */
            pendingCurrency?: string | null;
            /**
             * @description For how many days events, sessions and profiles are kept; payments stay.
             * @default null
             */
            retentionDays: number | null;
            /** @default null */
            revenueMetric: ("revenue" | "mrr") | null;
            /** @default false */
            sendViralTrafficAlerts: boolean;
            /** @default false */
            sendWeeklyReports: boolean;
            timezone: string;
            /** @description The id that the tracking script sends. */
            trackingId: string;
            /**
             * @description Proxies whose header with the client's address counts.
             * @default []
             */
            trustedProxies: (string | unknown | unknown | unknown | unknown)[];
        };
        /** @description A key as lists show it. */
        WebsiteKey: {
            _id: string;
            /** Format: date-time */
            createdAt: string;
            /** @description The account whose token made the key; `null` for keys from before this was stored. */
            createdBy: string | null;
            /** @description First 7 and last 4 characters. */
            displayKey: string;
            id: string;
            /**
             * Format: date-time
             * @description Exact to the minute.
             */
            lastUsedAt: string | null;
            name: string | null;
            websiteId: string;
        };
    };
    responses: {
        /** @description What was wrong, where, and what would be right. */
        Error: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Error"];
            };
        };
        /** @description What was wrong, where, and what would be right. */
        PlainError: {
            headers: {
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["PlainError"];
            };
        };
        /** @description Too many requests in the last minute. */
        TooManyRequests: {
            headers: {
                "Retry-After": components["headers"]["Retry-After"];
                "X-Request-Id": components["headers"]["X-Request-Id"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["TooManyRequests"];
            };
        };
    };
    parameters: {
        /** @description Makes it safe to send the request again: for 24 hours the first success is answered again, to the same credential on the same path. The same key with another body, or while the first request still runs, is 409. A request that was refused leaves its key free. */
        "Idempotency-Key": string;
        alertId: string;
        apiKeyId: string;
        category: "all" | "answer_fetch" | "search_index" | "training" | "ai_crawler";
        client: (("console" | "cli" | "mcp" | "api") | "mail") | null;
        client_id: string;
        code_challenge: string;
        code_challenge_method: string;
        company: string;
        crawlerId: string;
        datafast_visitor_id: string;
        deliveryId: string;
        end: string;
        endAt: string;
        eventId: string;
        fields: string;
        filter_browser: string;
        filter_city: string;
        filter_country: string;
        filter_device: string;
        filter_entry_page: string;
        filter_goal: string;
        filter_hostname: string;
        filter_os: string;
        filter_page: string;
        filter_ref: string;
        filter_referrer: string;
        filter_region: string;
        filter_source: string;
        filter_utm_campaign: string;
        filter_utm_content: string;
        filter_utm_medium: string;
        filter_utm_source: string;
        filter_utm_term: string;
        filter_via: string;
        filter_visit_count: string;
        format: "json" | "ndjson" | "csv";
        funnelId: string;
        interval: "hour" | "day" | "week" | "month";
        invitationId: string;
        limit: number;
        "limit.listAlertHistory": number;
        "limit.listAudit": number;
        noteId: string;
        offset: number;
        "offset.listAudit": number;
        operation: string;
        order: "asc" | "desc";
        passkeyId: string;
        provider: "shopify" | "woocommerce" | "stripe" | "lemonsqueezy" | "polar" | "paddle";
        q: string;
        redirect_uri: string;
        reportsToken: string;
        resource: string;
        response_type: string;
        scope: string;
        since: string;
        "since.listAllDeliveries": string;
        sort: "visitors" | "revenue";
        start: string;
        startAt: string;
        state: string;
        status: ("pending" | "delivered" | "failed" | "missed") | null;
        target: string;
        timezone: string;
        token: string;
        type: ("goal.completed" | "payment.received" | "payment.refunded" | "visitor.identified" | "alert.firing" | "alert.resolved" | "endpoint.disabled") | null;
        until: string;
        "until.listAllDeliveries": string;
        verification: ("all" | "user_agent_only") | "ip_verified";
        visitorId: string;
        webhookId: string;
        websiteId: string;
        "websiteId.getBotTraffic": string;
    };
    requestBodies: never;
    headers: {
        /** @description There, and `true`, where this is the answer to an earlier request with the same key. */
        "Idempotency-Replayed": "true";
        /** @description draft-ietf-httpapi-ratelimit-headers */
        RateLimit: string;
        /** @description draft-ietf-httpapi-ratelimit-headers */
        "RateLimit-Policy": string;
        /** @description Seconds to wait. */
        "Retry-After": number;
        /** @description Requests in any rolling minute. */
        "X-RateLimit-Limit": number;
        /** @description Requests that may pass now. */
        "X-RateLimit-Remaining": number;
        /** @description Unix second at which the oldest request leaves the window. */
        "X-RateLimit-Reset": number;
        /** @description Names this request in the gateway's log. */
        "X-Request-Id": string;
    };
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    trackCrawl: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description JSON of at most 65536 bytes, also after decoding, and 16 levels. */
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "ai": {
                 *         "ip": "203.0.113.7",
                 *         "statusCode": 200,
                 *         "userAgent": "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko); compatible; GPTBot/1.3; +https://openai.com/gptbot"
                 *       },
                 *       "href": "https://example.com/pricing",
                 *       "websiteId": "6a1d7440e6fa467698cfa378"
                 *     }
                 */
                "application/json": components["schemas"]["TrackCrawl"];
            };
        };
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "accepted": true
                     *     }
                     */
                    "application/json": components["schemas"]["CrawlAnswer"];
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            404: components["responses"]["Error"];
            413: components["responses"]["Error"];
            415: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    trackEvent: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description JSON of at most 65536 bytes, also after decoding, and 16 levels. */
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "adClickIds": {
                 *         "gclid": "x"
                 *       },
                 *       "cookieless": false,
                 *       "device": {
                 *         "model": "Browser",
                 *         "platform": "web"
                 *       },
                 *       "domain": "example.com",
                 *       "extraData": {
                 *         "eventName": "signup",
                 *         "plan": "pro"
                 *       },
                 *       "hashIsPage": false,
                 *       "href": "https://example.com/pricing?utm_source=newsletter",
                 *       "id": "event-1",
                 *       "language": "en",
                 *       "referrer": "https://news.ycombinator.com/",
                 *       "screenHeight": 900,
                 *       "screenWidth": 1440,
                 *       "sessionId": "s5a1f7e52-8a4e-4c9e-8f0d-0a8d1c5b9e77",
                 *       "timezone": "Europe/Berlin",
                 *       "type": "custom",
                 *       "viewport": {
                 *         "height": 900,
                 *         "width": 1440
                 *       },
                 *       "visitorId": "b971cbbf-7ce2-4925-902b-8f95a5fb3449",
                 *       "websiteId": "6a1d7440e6fa467698cfa378"
                 *     }
                 */
                "application/json": components["schemas"]["TrackedEvent"];
            };
        };
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /** @example {} */
                    "application/json": components["schemas"]["EventAnswer"];
                };
            };
            400: components["responses"]["Error"];
            404: components["responses"]["Error"];
            413: components["responses"]["Error"];
            415: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    listAccessTokens: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "_id": "6a1d7440054fa8703dbcafbf",
                     *           "createdAt": "2026-06-01T12:00:00.000Z",
                     *           "displayKey": "dft_a6T...xWXL",
                     *           "expiresAt": null,
                     *           "id": "6a1d7440054fa8703dbcafbf",
                     *           "lastUsedAt": "2026-06-01T12:00:00.000Z",
                     *           "name": null,
                     *           "permissions": [
                     *             "*"
                     *           ],
                     *           "scope": "user",
                     *           "websiteIds": []
                     *         },
                     *         {
                     *           "_id": "6a1d74404f02b9defe9effaa",
                     *           "createdAt": "2026-06-01T12:00:00.000Z",
                     *           "displayKey": "dft_8I3...fuKd",
                     *           "expiresAt": null,
                     *           "id": "6a1d74404f02b9defe9effaa",
                     *           "lastUsedAt": null,
                     *           "name": "Read only agent",
                     *           "permissions": [
                     *             "analytics:read",
                     *             "websites:read",
                     *             "funnels:read"
                     *           ],
                     *           "scope": "user",
                     *           "websiteIds": [
                     *             "6a1d7440e6fa467698cfa378"
                     *           ]
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["AccessToken"][];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    createAccessToken: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes it safe to send the request again: for 24 hours the first success is answered again, to the same credential on the same path. The same key with another body, or while the first request still runs, is 409. A request that was refused leaves its key free. */
                "Idempotency-Key"?: components["parameters"]["Idempotency-Key"];
            };
            path?: never;
            cookie?: never;
        };
        /** @description JSON of at most 65536 bytes, also after decoding, and 16 levels. */
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "name": "Read only agent",
                 *       "permissions": [
                 *         "analytics:read",
                 *         "websites:read",
                 *         "funnels:read"
                 *       ],
                 *       "websiteIds": [
                 *         "6a1d7440e6fa467698cfa378"
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["CreateAccessToken"];
            };
        };
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "_id": "6a1d74404f02b9defe9effaa",
                     *           "createdAt": "2026-06-01T12:00:00.000Z",
                     *           "displayKey": "dft_8I3...fuKd",
                     *           "expiresAt": null,
                     *           "id": "6a1d74404f02b9defe9effaa",
                     *           "key": "dft_…",
                     *           "lastUsedAt": null,
                     *           "name": "Read only agent",
                     *           "permissions": [
                     *             "analytics:read",
                     *             "websites:read",
                     *             "funnels:read"
                     *           ],
                     *           "scope": "user",
                     *           "websiteIds": [
                     *             "6a1d7440e6fa467698cfa378"
                     *           ]
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["IssuedAccessToken"][];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            409: components["responses"]["Error"];
            413: components["responses"]["Error"];
            415: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    deleteAccessToken: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                tokenId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "message": "Access token deleted successfully"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: {
                            /** @description What was done. */
                            message: string;
                        }[];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    getAccount: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "_id": "6a1d744091fbde0d0bb977af",
                     *           "billingCycleEndAt": null,
                     *           "billingCycleStartAt": null,
                     *           "createdAt": "2026-06-01T12:00:00.000Z",
                     *           "email": "jane@example.com",
                     *           "freeTrialStartAt": null,
                     *           "hasAccess": true,
                     *           "id": "6a1d744091fbde0d0bb977af",
                     *           "image": null,
                     *           "isFreeTrialActive": false,
                     *           "name": "Jane Doe",
                     *           "planType": "self-hosted"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Account"][];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    updateAccount: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description JSON of at most 65536 bytes, also after decoding, and 16 levels. */
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "name": "Jane Doe"
                 *     }
                 */
                "application/json": components["schemas"]["UpdateAccount"];
            };
        };
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "_id": "6a1d744091fbde0d0bb977af",
                     *           "email": "jane@example.com",
                     *           "id": "6a1d744091fbde0d0bb977af",
                     *           "image": null,
                     *           "name": "Jane Doe"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: {
                            _id: string;
                            email: string;
                            id: string;
                            image: string | null;
                            name: string | null;
                        }[];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            413: components["responses"]["Error"];
            415: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    listAudit: {
        parameters: {
            query?: {
                client?: components["parameters"]["client"];
                format?: components["parameters"]["format"];
                limit?: components["parameters"]["limit.listAudit"];
                offset?: components["parameters"]["offset.listAudit"];
                operation?: components["parameters"]["operation"];
                since?: components["parameters"]["since"];
                target?: components["parameters"]["target"];
                until?: components["parameters"]["until"];
                website?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "account": {
                     *             "email": "jane@example.com",
                     *             "id": "6a1d744091fbde0d0bb977af",
                     *             "name": "Jane Doe"
                     *           },
                     *           "at": "2026-06-01T12:05:00.000Z",
                     *           "changes": [
                     *             {
                     *               "after": "Signup",
                     *               "before": "Signup funnel",
                     *               "field": "name"
                     *             },
                     *             {
                     *               "after": "signup",
                     *               "before": "signup-funnel",
                     *               "field": "slug"
                     *             }
                     *           ],
                     *           "client": "api",
                     *           "country": "US",
                     *           "credential": {
                     *             "id": "6a1d7440054fa8703dbcafbf",
                     *             "kind": "token",
                     *             "name": "dft_a6T...xWXL"
                     *           },
                     *           "id": "6a1d7440e3f145ff8dedc53e",
                     *           "operation": "updateFunnel",
                     *           "target": "6a1d74404efcfc7eaf61d4d8",
                     *           "websiteId": "6a1d7440e6fa467698cfa378"
                     *         },
                     *         {
                     *           "account": {
                     *             "email": "jane@example.com",
                     *             "id": "6a1d744091fbde0d0bb977af",
                     *             "name": "Jane Doe"
                     *           },
                     *           "at": "2026-06-01T12:00:00.000Z",
                     *           "changes": [
                     *             {
                     *               "after": true,
                     *               "before": null,
                     *               "field": "isActive"
                     *             },
                     *             {
                     *               "after": "Signup funnel",
                     *               "before": null,
                     *               "field": "name"
                     *             },
                     *             {
                     *               "after": "signup-funnel",
                     *               "before": null,
                     *               "field": "slug"
                     *             },
                     *             {
                     *               "after": [
                     *                 {
                     *                   "id": "landing-page",
                     *                   "name": "Landing page",
                     *                   "type": "pageview",
                     *                   "url": "/"
                     *                 },
                     *                 {
                     *                   "id": "signup-page",
                     *                   "name": "Signup page",
                     *                   "type": "pageview",
                     *                   "url": "/signup"
                     *                 },
                     *                 {
                     *                   "goalName": "signup",
                     *                   "id": "signed-up",
                     *                   "name": "Signed up",
                     *                   "type": "goal"
                     *                 }
                     *               ],
                     *               "before": null,
                     *               "field": "steps"
                     *             }
                     *           ],
                     *           "client": "api",
                     *           "country": "US",
                     *           "credential": {
                     *             "id": "6a1d7440054fa8703dbcafbf",
                     *             "kind": "token",
                     *             "name": "dft_a6T...xWXL"
                     *           },
                     *           "id": "6a1d744080478c31f7e8ba9f",
                     *           "operation": "createFunnel",
                     *           "target": "6a1d74404efcfc7eaf61d4d8",
                     *           "websiteId": "6a1d7440e6fa467698cfa378"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["AuditEntry"][];
                        /** @enum {string} */
                        status: "success";
                    };
                    "application/x-ndjson": string;
                    "text/csv": string;
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    getBotUsage: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "billing": null,
                     *           "usage": {
                     *             "allowance": 100000,
                     *             "dropped": 0,
                     *             "isCounting": true,
                     *             "percentUsed": 0,
                     *             "periodStartAt": "2026-05-01T00:00:00.000Z",
                     *             "remaining": 99999,
                     *             "resetAt": "2026-06-01T00:00:00.000Z",
                     *             "usage": 1
                     *           },
                     *           "websiteStats": [
                     *             {
                     *               "allowance": 100000,
                     *               "domain": "example.com",
                     *               "dropped": 0,
                     *               "requests": 1,
                     *               "websiteId": "6a1d7440e6fa467698cfa378"
                     *             }
                     *           ]
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["BotUsage"][];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    listWebsites: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "_id": "6a1d7440e6fa467698cfa378",
                     *           "currency": "USD",
                     *           "domain": "example.com",
                     *           "id": "6a1d7440e6fa467698cfa378",
                     *           "name": "Example",
                     *           "role": "owner",
                     *           "timezone": "America/New_York",
                     *           "trackingId": "dfid_ffe0b6d0a06fb4a8363a0eec"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["ListedWebsite"][];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    createWebsite: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes it safe to send the request again: for 24 hours the first success is answered again, to the same credential on the same path. The same key with another body, or while the first request still runs, is 409. A request that was refused leaves its key free. */
                "Idempotency-Key"?: components["parameters"]["Idempotency-Key"];
            };
            path?: never;
            cookie?: never;
        };
        /** @description JSON of at most 65536 bytes, also after decoding, and 16 levels. */
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "domain": "example.com",
                 *       "name": "Example",
                 *       "timezone": "America/New_York"
                 *     }
                 */
                "application/json": components["schemas"]["CreateWebsite"];
            };
        };
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "_id": "6a1d7440e6fa467698cfa378",
                     *           "domain": "example.com",
                     *           "id": "6a1d7440e6fa467698cfa378",
                     *           "trackingId": "dfid_ffe0b6d0a06fb4a8363a0eec",
                     *           "websiteId": "6a1d7440e6fa467698cfa378"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["CreatedWebsite"][];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            409: components["responses"]["Error"];
            413: components["responses"]["Error"];
            415: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    getWebsite: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                websiteId: components["parameters"]["websiteId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "_id": "6a1d7440e6fa467698cfa378",
                     *           "allowedHostnames": [],
                     *           "createdAt": "2026-06-01T12:00:00.000Z",
                     *           "currency": "USD",
                     *           "domain": "example.com",
                     *           "excludedCountries": [],
                     *           "excludedHostnames": [],
                     *           "excludedIps": [],
                     *           "excludedPaths": [],
                     *           "id": "6a1d7440e6fa467698cfa378",
                     *           "includeRenewalRevenue": true,
                     *           "isAllHostnamesAllowed": false,
                     *           "isAttackModeEnabled": false,
                     *           "isCookieless": false,
                     *           "isPublicDashboardEnabled": false,
                     *           "isPublicDataEnabled": false,
                     *           "kpi": null,
                     *           "kpiColorScheme": null,
                     *           "name": "Example",
                     *           "retentionDays": null,
                     *           "revenueMetric": null,
                     *           "sendViralTrafficAlerts": false,
                     *           "sendWeeklyReports": false,
                     *           "timezone": "America/New_York",
                     *           "trackingId": "dfid_ffe0b6d0a06fb4a8363a0eec",
                     *           "trustedProxies": []
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Website"][];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    updateWebsite: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                websiteId: components["parameters"]["websiteId"];
            };
            cookie?: never;
        };
        /** @description JSON of at most 65536 bytes, also after decoding, and 16 levels. */
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "allowedHostnames": [
                 *         "app.example.com"
                 *       ],
                 *       "currency": "USD",
                 *       "domain": "example.com",
                 *       "excludedCountries": [
                 *         "AQ"
                 *       ],
                 *       "excludedHostnames": [
                 *         "staging.example.com"
                 *       ],
                 *       "excludedIps": [
                 *         "203.0.113.0/24",
                 *         "2001:db8::1"
                 *       ],
                 *       "excludedPaths": [
                 *         "/admin/*"
                 *       ],
                 *       "includeRenewalRevenue": true,
                 *       "isAllHostnamesAllowed": false,
                 *       "isAttackModeEnabled": false,
                 *       "isCookieless": false,
                 *       "isPublicDashboardEnabled": false,
                 *       "isPublicDataEnabled": false,
                 *       "kpi": "signup",
                 *       "kpiColorScheme": "green",
                 *       "name": "New name",
                 *       "retentionDays": 365,
                 *       "revenueMetric": "revenue",
                 *       "sendViralTrafficAlerts": false,
                 *       "sendWeeklyReports": true,
                 *       "timezone": "America/New_York",
                 *       "trustedProxies": [
                 *         "198.51.100.7"
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["UpdateWebsite"] | unknown | unknown | unknown | unknown | unknown | unknown | unknown | unknown | unknown | unknown | unknown | unknown | unknown | unknown | unknown | unknown | unknown | unknown | unknown | unknown | unknown | unknown;
            };
        };
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "_id": "6a1d7440e6fa467698cfa378",
                     *           "allowedHostnames": [
                     *             "app.example.com"
                     *           ],
                     *           "createdAt": "2026-06-01T12:00:00.000Z",
                     *           "currency": "USD",
                     *           "domain": "example.com",
                     *           "excludedCountries": [
                     *             "AQ"
                     *           ],
                     *           "excludedHostnames": [
                     *             "staging.example.com"
                     *           ],
                     *           "excludedIps": [
                     *             "203.0.113.0/24",
                     *             "2001:db8::1"
                     *           ],
                     *           "excludedPaths": [
                     *             "/admin/*"
                     *           ],
                     *           "id": "6a1d7440e6fa467698cfa378",
                     *           "includeRenewalRevenue": true,
                     *           "isAllHostnamesAllowed": false,
                     *           "isAttackModeEnabled": false,
                     *           "isCookieless": false,
                     *           "isPublicDashboardEnabled": false,
                     *           "isPublicDataEnabled": false,
                     *           "kpi": "signup",
                     *           "kpiColorScheme": "green",
                     *           "name": "New name",
                     *           "retentionDays": 365,
                     *           "revenueMetric": "revenue",
                     *           "sendViralTrafficAlerts": false,
                     *           "sendWeeklyReports": true,
                     *           "timezone": "America/New_York",
                     *           "trackingId": "dfid_ffe0b6d0a06fb4a8363a0eec",
                     *           "trustedProxies": [
                     *             "198.51.100.7"
                     *           ]
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Website"][];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            409: components["responses"]["Error"];
            413: components["responses"]["Error"];
            415: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    deleteWebsite: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                websiteId: components["parameters"]["websiteId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    listAlerts: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                websiteId: components["parameters"]["websiteId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "_id": "6a1d74404dcedb27e0913437",
                     *           "cooldown": "0m",
                     *           "createdAt": "2026-06-01T12:00:00.000Z",
                     *           "createdBy": "6a1d744091fbde0d0bb977af",
                     *           "destination": {
                     *             "type": "email"
                     *           },
                     *           "id": "6a1d74404dcedb27e0913437",
                     *           "isEnabled": true,
                     *           "name": "New signup",
                     *           "notifyResolved": false,
                     *           "recentLogs": [],
                     *           "state": "normal",
                     *           "stateSince": "2026-06-01T12:00:00.000Z",
                     *           "template": {
                     *             "message": "A visitor completed signup.",
                     *             "subject": "New signup"
                     *           },
                     *           "trigger": {
                     *             "goalName": "signup",
                     *             "type": "goal"
                     *           },
                     *           "updatedAt": "2026-06-01T12:00:00.000Z",
                     *           "websiteId": "6a1d7440e6fa467698cfa378"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Alert"][];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    createAlert: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes it safe to send the request again: for 24 hours the first success is answered again, to the same credential on the same path. The same key with another body, or while the first request still runs, is 409. A request that was refused leaves its key free. */
                "Idempotency-Key"?: components["parameters"]["Idempotency-Key"];
            };
            path: {
                websiteId: components["parameters"]["websiteId"];
            };
            cookie?: never;
        };
        /** @description JSON of at most 65536 bytes, also after decoding, and 16 levels. */
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "destination": {
                 *         "type": "email"
                 *       },
                 *       "isEnabled": true,
                 *       "name": "New signup",
                 *       "template": {
                 *         "message": "A visitor completed signup.",
                 *         "subject": "New signup"
                 *       },
                 *       "trigger": {
                 *         "goalName": "signup",
                 *         "type": "goal"
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["CreateAlert"];
            };
        };
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "_id": "6a1d74404dcedb27e0913437",
                     *           "cooldown": "0m",
                     *           "createdAt": "2026-06-01T12:00:00.000Z",
                     *           "createdBy": "6a1d744091fbde0d0bb977af",
                     *           "destination": {
                     *             "type": "email"
                     *           },
                     *           "id": "6a1d74404dcedb27e0913437",
                     *           "isEnabled": true,
                     *           "name": "New signup",
                     *           "notifyResolved": false,
                     *           "recentLogs": [],
                     *           "state": "normal",
                     *           "stateSince": "2026-06-01T12:00:00.000Z",
                     *           "template": {
                     *             "message": "A visitor completed signup.",
                     *             "subject": "New signup"
                     *           },
                     *           "trigger": {
                     *             "goalName": "signup",
                     *             "type": "goal"
                     *           },
                     *           "updatedAt": "2026-06-01T12:00:00.000Z",
                     *           "websiteId": "6a1d7440e6fa467698cfa378"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Alert"][];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            409: components["responses"]["Error"];
            413: components["responses"]["Error"];
            415: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    listAlertHistory: {
        parameters: {
            query?: {
                alertId?: string;
                limit?: components["parameters"]["limit.listAlertHistory"];
            };
            header?: never;
            path: {
                websiteId: components["parameters"]["websiteId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "counts": {
                     *         "failed": 0,
                     *         "sent": 0,
                     *         "total": 0
                     *       },
                     *       "data": [],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        /** @description The number of all messages that match the query, regardless of the limit. */
                        counts: {
                            /** Format: uint32 */
                            failed: number;
                            /** Format: uint32 */
                            sent: number;
                            /** Format: uint32 */
                            total: number;
                        };
                        data: components["schemas"]["HistoryRow"][];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    previewAlert: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes it safe to send the request again: for 24 hours the first success is answered again, to the same credential on the same path. The same key with another body, or while the first request still runs, is 409. A request that was refused leaves its key free. */
                "Idempotency-Key"?: components["parameters"]["Idempotency-Key"];
            };
            path: {
                websiteId: components["parameters"]["websiteId"];
            };
            cookie?: never;
        };
        /** @description JSON of at most 65536 bytes, also after decoding, and 16 levels. */
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "trigger": {
                 *         "goalName": "signup",
                 *         "type": "goal"
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["PreviewAlert"];
            };
        };
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "count": 1,
                     *           "firings": [
                     *             {
                     *               "firedAt": "2026-06-01T12:00:00.000Z",
                     *               "resolvedAt": null,
                     *               "value": null
                     *             }
                     *           ],
                     *           "series": [
                     *             {
                     *               "at": "2026-06-01T10:00:00.000Z",
                     *               "value": 0
                     *             },
                     *             {
                     *               "at": "2026-06-01T11:00:00.000Z",
                     *               "value": 0
                     *             },
                     *             {
                     *               "at": "2026-06-01T12:00:00.000Z",
                     *               "value": 1
                     *             }
                     *           ]
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Previewed"][];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            409: components["responses"]["Error"];
            413: components["responses"]["Error"];
            415: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    updateAlert: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                websiteId: components["parameters"]["websiteId"];
                alertId: components["parameters"]["alertId"];
            };
            cookie?: never;
        };
        /** @description JSON of at most 65536 bytes, also after decoding, and 16 levels. */
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "destination": {
                 *         "type": "email"
                 *       },
                 *       "isEnabled": false,
                 *       "name": "New signup",
                 *       "template": {
                 *         "message": "A visitor completed signup.",
                 *         "subject": "New signup"
                 *       },
                 *       "trigger": {
                 *         "goalName": "signup",
                 *         "type": "goal"
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["UpdateAlert"] | unknown | unknown | unknown | unknown | unknown | unknown | unknown;
            };
        };
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "_id": "6a1d74404dcedb27e0913437",
                     *           "cooldown": "0m",
                     *           "createdAt": "2026-06-01T12:00:00.000Z",
                     *           "createdBy": "6a1d744091fbde0d0bb977af",
                     *           "destination": {
                     *             "type": "email"
                     *           },
                     *           "id": "6a1d74404dcedb27e0913437",
                     *           "isEnabled": false,
                     *           "name": "New signup",
                     *           "notifyResolved": false,
                     *           "recentLogs": [],
                     *           "state": "normal",
                     *           "stateSince": "2026-06-01T12:00:00.000Z",
                     *           "template": {
                     *             "message": "A visitor completed signup.",
                     *             "subject": "New signup"
                     *           },
                     *           "trigger": {
                     *             "goalName": "signup",
                     *             "type": "goal"
                     *           },
                     *           "updatedAt": "2026-06-01T12:05:00.000Z",
                     *           "websiteId": "6a1d7440e6fa467698cfa378"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Alert"][];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            409: components["responses"]["Error"];
            413: components["responses"]["Error"];
            415: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    deleteAlert: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                websiteId: components["parameters"]["websiteId"];
                alertId: components["parameters"]["alertId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "message": "Alert deleted successfully"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: {
                            /** @description What was done. */
                            message: string;
                        }[];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    testAlert: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes it safe to send the request again: for 24 hours the first success is answered again, to the same credential on the same path. The same key with another body, or while the first request still runs, is 409. A request that was refused leaves its key free. */
                "Idempotency-Key"?: components["parameters"]["Idempotency-Key"];
            };
            path: {
                websiteId: components["parameters"]["websiteId"];
                alertId: components["parameters"]["alertId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "deliveryId": null,
                     *           "error": null,
                     *           "message": "Test message sent to the website's owner",
                     *           "status": "sent"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["TestedAlert"][];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            409: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    listAlertTransitions: {
        parameters: {
            query?: {
                limit?: components["parameters"]["limit.listAlertHistory"];
                offset?: number;
            };
            header?: never;
            path: {
                websiteId: components["parameters"]["websiteId"];
                alertId: components["parameters"]["alertId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["TransitionRow"][];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    listWebsiteKeys: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                websiteId: components["parameters"]["websiteId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "_id": "6a1d7440e6628a7ddaa56ea6",
                     *           "createdAt": "2026-06-01T12:00:00.000Z",
                     *           "createdBy": "6a1d744091fbde0d0bb977af",
                     *           "displayKey": "df_sEgL...zCv6",
                     *           "id": "6a1d7440e6628a7ddaa56ea6",
                     *           "lastUsedAt": null,
                     *           "name": "Production key",
                     *           "websiteId": "6a1d7440e6fa467698cfa378"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["WebsiteKey"][];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    createWebsiteKey: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes it safe to send the request again: for 24 hours the first success is answered again, to the same credential on the same path. The same key with another body, or while the first request still runs, is 409. A request that was refused leaves its key free. */
                "Idempotency-Key"?: components["parameters"]["Idempotency-Key"];
            };
            path: {
                websiteId: components["parameters"]["websiteId"];
            };
            cookie?: never;
        };
        /** @description JSON of at most 65536 bytes, also after decoding, and 16 levels. */
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "name": "Production key"
                 *     }
                 */
                "application/json": components["schemas"]["CreateWebsiteKey"];
            };
        };
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "_id": "6a1d7440e6628a7ddaa56ea6",
                     *           "createdAt": "2026-06-01T12:00:00.000Z",
                     *           "createdBy": "6a1d744091fbde0d0bb977af",
                     *           "displayKey": "df_sEgL...zCv6",
                     *           "id": "6a1d7440e6628a7ddaa56ea6",
                     *           "key": "df_…",
                     *           "lastUsedAt": null,
                     *           "name": "Production key",
                     *           "websiteId": "6a1d7440e6fa467698cfa378"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["IssuedWebsiteKey"][];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            409: components["responses"]["Error"];
            413: components["responses"]["Error"];
            415: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    rollWebsiteKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                websiteId: components["parameters"]["websiteId"];
                apiKeyId: components["parameters"]["apiKeyId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "_id": "6a1d7440e6628a7ddaa56ea6",
                     *           "createdAt": "2026-06-01T12:00:00.000Z",
                     *           "createdBy": "6a1d744091fbde0d0bb977af",
                     *           "displayKey": "df_vPE4...d5OP",
                     *           "id": "6a1d7440e6628a7ddaa56ea6",
                     *           "key": "df_…",
                     *           "lastUsedAt": null,
                     *           "name": "Production key",
                     *           "websiteId": "6a1d7440e6fa467698cfa378"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["IssuedWebsiteKey"][];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    deleteWebsiteKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                websiteId: components["parameters"]["websiteId"];
                apiKeyId: components["parameters"]["apiKeyId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "deleted": true
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: {
                            deleted: boolean;
                        }[];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    listWebsiteAudit: {
        parameters: {
            query?: {
                client?: components["parameters"]["client"];
                format?: components["parameters"]["format"];
                limit?: components["parameters"]["limit.listAudit"];
                offset?: components["parameters"]["offset.listAudit"];
                operation?: components["parameters"]["operation"];
                since?: components["parameters"]["since"];
                target?: components["parameters"]["target"];
                until?: components["parameters"]["until"];
                account?: string;
            };
            header?: never;
            path: {
                websiteId: components["parameters"]["websiteId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "account": {
                     *             "email": "jane@example.com",
                     *             "id": "6a1d744091fbde0d0bb977af",
                     *             "name": "Jane Doe"
                     *           },
                     *           "at": "2026-06-01T12:00:00.000Z",
                     *           "changes": [
                     *             {
                     *               "after": [
                     *                 "app.example.com"
                     *               ],
                     *               "before": null,
                     *               "field": "allowedHostnames"
                     *             },
                     *             {
                     *               "after": [
                     *                 "AQ"
                     *               ],
                     *               "before": null,
                     *               "field": "excludedCountries"
                     *             },
                     *             {
                     *               "after": [
                     *                 "staging.example.com"
                     *               ],
                     *               "before": null,
                     *               "field": "excludedHostnames"
                     *             },
                     *             {
                     *               "after": [
                     *                 "203.0.113.0/24",
                     *                 "2001:db8::1"
                     *               ],
                     *               "before": null,
                     *               "field": "excludedIps"
                     *             },
                     *             {
                     *               "after": [
                     *                 "/admin/*"
                     *               ],
                     *               "before": null,
                     *               "field": "excludedPaths"
                     *             },
                     *             {
                     *               "after": true,
                     *               "before": null,
                     *               "field": "includeRenewalRevenue"
                     *             },
                     *             {
                     *               "after": false,
                     *               "before": null,
                     *               "field": "isAllHostnamesAllowed"
                     *             },
                     *             {
                     *               "after": false,
                     *               "before": null,
                     *               "field": "isAttackModeEnabled"
                     *             },
                     *             {
                     *               "after": false,
                     *               "before": null,
                     *               "field": "isCookieless"
                     *             },
                     *             {
                     *               "after": false,
                     *               "before": null,
                     *               "field": "isPublicDashboardEnabled"
                     *             },
                     *             {
                     *               "after": false,
                     *               "before": null,
                     *               "field": "isPublicDataEnabled"
                     *             },
                     *             {
                     *               "after": "signup",
                     *               "before": null,
                     *               "field": "kpi"
                     *             },
                     *             {
                     *               "after": "green",
                     *               "before": null,
                     *               "field": "kpiColorScheme"
                     *             },
                     *             {
                     *               "after": "New name",
                     *               "before": "Example",
                     *               "field": "name"
                     *             },
                     *             {
                     *               "after": 365,
                     *               "before": null,
                     *               "field": "retentionDays"
                     *             },
                     *             {
                     *               "after": "revenue",
                     *               "before": null,
                     *               "field": "revenueMetric"
                     *             },
                     *             {
                     *               "after": false,
                     *               "before": null,
                     *               "field": "sendViralTrafficAlerts"
                     *             },
                     *             {
                     *               "after": true,
                     *               "before": null,
                     *               "field": "sendWeeklyReports"
                     *             },
                     *             {
                     *               "after": [
                     *                 "198.51.100.7"
                     *               ],
                     *               "before": null,
                     *               "field": "trustedProxies"
                     *             }
                     *           ],
                     *           "client": "api",
                     *           "country": "US",
                     *           "credential": {
                     *             "id": "6a1d7440054fa8703dbcafbf",
                     *             "kind": "token",
                     *             "name": "dft_a6T...xWXL"
                     *           },
                     *           "id": "6a1d7440cd30ed62a2505fa2",
                     *           "operation": "updateWebsite",
                     *           "target": "6a1d7440e6fa467698cfa378",
                     *           "websiteId": "6a1d7440e6fa467698cfa378"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["AuditEntry"][];
                        /** @enum {string} */
                        status: "success";
                    };
                    "application/x-ndjson": string;
                    "text/csv": string;
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    getBotSettings: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                websiteId: components["parameters"]["websiteId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "companies": [
                     *             {
                     *               "company": "OpenAI",
                     *               "crawlers": [
                     *                 {
                     *                   "category": "training",
                     *                   "crawlerId": "gptbot",
                     *                   "isEnabled": true,
                     *                   "name": "GPTBot"
                     *                 },
                     *                 {
                     *                   "category": "answer_fetch",
                     *                   "crawlerId": "chatgpt-user",
                     *                   "isEnabled": true,
                     *                   "name": "ChatGPT-User"
                     *                 },
                     *                 {
                     *                   "category": "search_index",
                     *                   "crawlerId": "oai-searchbot",
                     *                   "isEnabled": true,
                     *                   "name": "OAI-SearchBot"
                     *                 },
                     *                 {
                     *                   "category": "ai_crawler",
                     *                   "crawlerId": "oai-adsbot",
                     *                   "isEnabled": true,
                     *                   "name": "OAI-AdsBot"
                     *                 }
                     *               ]
                     *             }
                     *           ],
                     *           "domain": "example.com",
                     *           "settings": {
                     *             "excludedCrawlerIds": [
                     *               "bytespider",
                     *               "tiktokspider",
                     *               "doubaobot",
                     *               "ccbot"
                     *             ],
                     *             "groupBy": "companies",
                     *             "hiddenCrawlers": [
                     *               "googlebot"
                     *             ],
                     *             "hideDashboardCard": false,
                     *             "requireAuthToken": true,
                     *             "verifiedOnly": false
                     *           },
                     *           "websiteId": "6a1d7440e6fa467698cfa378"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["BotSettings"][];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    updateBotSettings: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                websiteId: components["parameters"]["websiteId"];
            };
            cookie?: never;
        };
        /** @description JSON of at most 65536 bytes, also after decoding, and 16 levels. */
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "disableCompanies": [
                 *         "ByteDance"
                 *       ],
                 *       "disableCrawlerIds": [
                 *         "ccbot"
                 *       ],
                 *       "enableCompanies": [
                 *         "OpenAI"
                 *       ],
                 *       "enableCrawlerIds": [
                 *         "bingbot"
                 *       ],
                 *       "groupBy": "companies",
                 *       "hiddenCrawlers": [
                 *         "googlebot"
                 *       ],
                 *       "hideDashboardCard": false,
                 *       "requireAuthToken": true,
                 *       "verifiedOnly": false
                 *     }
                 */
                "application/json": components["schemas"]["UpdateBotSettings"] | unknown | unknown | unknown | unknown | unknown | unknown | unknown | unknown | unknown | unknown;
            };
        };
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "companies": [
                     *             {
                     *               "company": "OpenAI",
                     *               "crawlers": [
                     *                 {
                     *                   "category": "training",
                     *                   "crawlerId": "gptbot",
                     *                   "isEnabled": true,
                     *                   "name": "GPTBot"
                     *                 },
                     *                 {
                     *                   "category": "answer_fetch",
                     *                   "crawlerId": "chatgpt-user",
                     *                   "isEnabled": true,
                     *                   "name": "ChatGPT-User"
                     *                 },
                     *                 {
                     *                   "category": "search_index",
                     *                   "crawlerId": "oai-searchbot",
                     *                   "isEnabled": true,
                     *                   "name": "OAI-SearchBot"
                     *                 },
                     *                 {
                     *                   "category": "ai_crawler",
                     *                   "crawlerId": "oai-adsbot",
                     *                   "isEnabled": true,
                     *                   "name": "OAI-AdsBot"
                     *                 }
                     *               ]
                     *             }
                     *           ],
                     *           "domain": "example.com",
                     *           "settings": {
                     *             "excludedCrawlerIds": [
                     *               "bytespider",
                     *               "tiktokspider",
                     *               "doubaobot",
                     *               "ccbot"
                     *             ],
                     *             "groupBy": "companies",
                     *             "hiddenCrawlers": [
                     *               "googlebot"
                     *             ],
                     *             "hideDashboardCard": false,
                     *             "requireAuthToken": true,
                     *             "verifiedOnly": false
                     *           },
                     *           "websiteId": "6a1d7440e6fa467698cfa378"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["BotSettings"][];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            413: components["responses"]["Error"];
            415: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    getBotToken: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                websiteId: components["parameters"]["websiteId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "createdAt": "2026-06-01T12:00:00.000Z",
                     *           "displayToken": "dfbot_j...TNde",
                     *           "domain": "example.com",
                     *           "hasToken": true,
                     *           "requireAuthToken": false,
                     *           "websiteId": "6a1d7440e6fa467698cfa378"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["BotToken"][];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    rotateBotToken: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                websiteId: components["parameters"]["websiteId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "createdAt": "2026-06-01T12:05:00.000Z",
                     *           "displayToken": "dfbot_C...U7kY",
                     *           "domain": "example.com",
                     *           "hasToken": true,
                     *           "requestAuthToken": "dfbot_…",
                     *           "requireAuthToken": false,
                     *           "websiteId": "6a1d7440e6fa467698cfa378"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["BotToken"][];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    createBotToken: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes it safe to send the request again: for 24 hours the first success is answered again, to the same credential on the same path. The same key with another body, or while the first request still runs, is 409. A request that was refused leaves its key free. */
                "Idempotency-Key"?: components["parameters"]["Idempotency-Key"];
            };
            path: {
                websiteId: components["parameters"]["websiteId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "createdAt": "2026-06-01T12:00:00.000Z",
                     *           "displayToken": "dfbot_j...TNde",
                     *           "domain": "example.com",
                     *           "hasToken": true,
                     *           "requestAuthToken": "dfbot_…",
                     *           "requireAuthToken": false,
                     *           "websiteId": "6a1d7440e6fa467698cfa378"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["BotToken"][];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            409: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    deleteBotToken: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                websiteId: components["parameters"]["websiteId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "createdAt": null,
                     *           "displayToken": null,
                     *           "domain": "example.com",
                     *           "hasToken": false,
                     *           "requireAuthToken": false,
                     *           "websiteId": "6a1d7440e6fa467698cfa378"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["BotToken"][];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    listAllDeliveries: {
        parameters: {
            query?: {
                limit?: components["parameters"]["limit.listAlertHistory"];
                offset?: number;
                since?: components["parameters"]["since.listAllDeliveries"];
                status?: components["parameters"]["status"];
                type?: components["parameters"]["type"];
                until?: components["parameters"]["until.listAllDeliveries"];
            };
            header?: never;
            path: {
                websiteId: components["parameters"]["websiteId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "_id": "6a1d7440d21912423cb147f2",
                     *           "attemptCount": 1,
                     *           "createdAt": "2026-06-01T12:00:00.000Z",
                     *           "id": "6a1d7440d21912423cb147f2",
                     *           "lastStatusCode": null,
                     *           "messageId": "msg_71607d3b1fca514f9719b3d0776636c5",
                     *           "nextAttemptAt": "2026-06-01T12:00:05.000Z",
                     *           "status": "pending",
                     *           "type": "goal.completed",
                     *           "updatedAt": "2026-06-01T12:00:00.000Z",
                     *           "webhookId": "6a1d74400a11e1c974506e53",
                     *           "websiteId": "6a1d7440e6fa467698cfa378"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Delivery"][];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    exportEvents: {
        parameters: {
            query?: {
                format?: "ndjson" | "parquet";
                since?: string;
            };
            header?: never;
            path: {
                websiteId: components["parameters"]["websiteId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.apache.parquet": string;
                    "application/x-ndjson": string;
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    listFunnels: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                websiteId: components["parameters"]["websiteId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "_id": "6a1d74404efcfc7eaf61d4d8",
                     *           "createdAt": "2026-06-01T12:00:00.000Z",
                     *           "id": "6a1d74404efcfc7eaf61d4d8",
                     *           "isActive": true,
                     *           "name": "Signup funnel",
                     *           "slug": "signup-funnel",
                     *           "steps": [
                     *             {
                     *               "id": "landing-page",
                     *               "name": "Landing page",
                     *               "type": "pageview",
                     *               "url": "/"
                     *             },
                     *             {
                     *               "id": "signup-page",
                     *               "name": "Signup page",
                     *               "type": "pageview",
                     *               "url": "/signup"
                     *             },
                     *             {
                     *               "goalName": "signup",
                     *               "id": "signed-up",
                     *               "name": "Signed up",
                     *               "type": "goal"
                     *             }
                     *           ],
                     *           "updatedAt": "2026-06-01T12:00:00.000Z",
                     *           "websiteId": "6a1d7440e6fa467698cfa378"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Funnel"][];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    createFunnel: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes it safe to send the request again: for 24 hours the first success is answered again, to the same credential on the same path. The same key with another body, or while the first request still runs, is 409. A request that was refused leaves its key free. */
                "Idempotency-Key"?: components["parameters"]["Idempotency-Key"];
            };
            path: {
                websiteId: components["parameters"]["websiteId"];
            };
            cookie?: never;
        };
        /** @description JSON of at most 65536 bytes, also after decoding, and 16 levels. */
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "name": "Signup funnel",
                 *       "steps": [
                 *         {
                 *           "name": "Landing page",
                 *           "type": "pageview",
                 *           "url": "/"
                 *         },
                 *         {
                 *           "name": "Signup page",
                 *           "type": "pageview",
                 *           "url": "/signup"
                 *         },
                 *         {
                 *           "goalName": "signup",
                 *           "name": "Signed up",
                 *           "type": "goal"
                 *         }
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["CreateFunnel"];
            };
        };
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "_id": "6a1d74404efcfc7eaf61d4d8",
                     *           "createdAt": "2026-06-01T12:00:00.000Z",
                     *           "id": "6a1d74404efcfc7eaf61d4d8",
                     *           "isActive": true,
                     *           "name": "Signup funnel",
                     *           "slug": "signup-funnel",
                     *           "steps": [
                     *             {
                     *               "id": "landing-page",
                     *               "name": "Landing page",
                     *               "type": "pageview",
                     *               "url": "/"
                     *             },
                     *             {
                     *               "id": "signup-page",
                     *               "name": "Signup page",
                     *               "type": "pageview",
                     *               "url": "/signup"
                     *             },
                     *             {
                     *               "goalName": "signup",
                     *               "id": "signed-up",
                     *               "name": "Signed up",
                     *               "type": "goal"
                     *             }
                     *           ],
                     *           "updatedAt": "2026-06-01T12:00:00.000Z",
                     *           "websiteId": "6a1d7440e6fa467698cfa378"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Funnel"][];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            409: components["responses"]["Error"];
            413: components["responses"]["Error"];
            415: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    updateFunnel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                websiteId: components["parameters"]["websiteId"];
                funnelId: components["parameters"]["funnelId"];
            };
            cookie?: never;
        };
        /** @description JSON of at most 65536 bytes, also after decoding, and 16 levels. */
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "isActive": true,
                 *       "name": "Signup",
                 *       "steps": [
                 *         {
                 *           "name": "Landing page",
                 *           "type": "pageview",
                 *           "url": "/"
                 *         },
                 *         {
                 *           "name": "Signup page",
                 *           "type": "pageview",
                 *           "url": "/signup"
                 *         },
                 *         {
                 *           "goalName": "signup",
                 *           "name": "Signed up",
                 *           "type": "goal"
                 *         }
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["UpdateFunnel"] | unknown | unknown | unknown;
            };
        };
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "_id": "6a1d74404efcfc7eaf61d4d8",
                     *           "createdAt": "2026-06-01T12:00:00.000Z",
                     *           "id": "6a1d74404efcfc7eaf61d4d8",
                     *           "isActive": true,
                     *           "name": "Signup",
                     *           "slug": "signup",
                     *           "steps": [
                     *             {
                     *               "id": "landing-page",
                     *               "name": "Landing page",
                     *               "type": "pageview",
                     *               "url": "/"
                     *             },
                     *             {
                     *               "id": "signup-page",
                     *               "name": "Signup page",
                     *               "type": "pageview",
                     *               "url": "/signup"
                     *             },
                     *             {
                     *               "goalName": "signup",
                     *               "id": "signed-up",
                     *               "name": "Signed up",
                     *               "type": "goal"
                     *             }
                     *           ],
                     *           "updatedAt": "2026-06-01T12:05:00.000Z",
                     *           "websiteId": "6a1d7440e6fa467698cfa378"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Funnel"][];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            409: components["responses"]["Error"];
            413: components["responses"]["Error"];
            415: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    deleteFunnel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                websiteId: components["parameters"]["websiteId"];
                funnelId: components["parameters"]["funnelId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "message": "Funnel deleted successfully"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: {
                            /** @description What was done. */
                            message: string;
                        }[];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    listTrackedGoals: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                websiteId: components["parameters"]["websiteId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "color": null,
                     *           "conversionRate": 1,
                     *           "description": null,
                     *           "displayName": null,
                     *           "eventType": "custom",
                     *           "name": "payment",
                     *           "total": 1,
                     *           "uv": 1
                     *         },
                     *         {
                     *           "color": "#8dcdff",
                     *           "conversionRate": 1,
                     *           "description": "Visitor made an account",
                     *           "displayName": "Signed up",
                     *           "eventType": "custom",
                     *           "name": "signup",
                     *           "total": 1,
                     *           "uv": 1
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["TrackedGoal"][];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    listGoalCustomizations: {
        parameters: {
            query?: {
                goalName?: string;
            };
            header?: never;
            path: {
                websiteId: components["parameters"]["websiteId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "colors": [
                     *         {
                     *           "color": "#ef4444",
                     *           "family": "red",
                     *           "label": "Red"
                     *         },
                     *         {
                     *           "color": "#f87171",
                     *           "family": "red",
                     *           "label": "Light red"
                     *         },
                     *         {
                     *           "color": "#f97316",
                     *           "family": "orange",
                     *           "label": "Orange"
                     *         },
                     *         {
                     *           "color": "#fb923c",
                     *           "family": "orange",
                     *           "label": "Light orange"
                     *         },
                     *         {
                     *           "color": "#f59e0b",
                     *           "family": "amber",
                     *           "label": "Amber"
                     *         },
                     *         {
                     *           "color": "#eab308",
                     *           "family": "yellow",
                     *           "label": "Yellow"
                     *         },
                     *         {
                     *           "color": "#84cc16",
                     *           "family": "lime",
                     *           "label": "Lime"
                     *         },
                     *         {
                     *           "color": "#22c55e",
                     *           "family": "green",
                     *           "label": "Green"
                     *         },
                     *         {
                     *           "color": "#10b981",
                     *           "family": "emerald",
                     *           "label": "Emerald"
                     *         },
                     *         {
                     *           "color": "#14b8a6",
                     *           "family": "teal",
                     *           "label": "Teal"
                     *         },
                     *         {
                     *           "color": "#06b6d4",
                     *           "family": "cyan",
                     *           "label": "Cyan"
                     *         },
                     *         {
                     *           "color": "#8dcdff",
                     *           "family": "sky",
                     *           "label": "Sky"
                     *         },
                     *         {
                     *           "color": "#3b82f6",
                     *           "family": "blue",
                     *           "label": "Blue"
                     *         },
                     *         {
                     *           "color": "#6366f1",
                     *           "family": "indigo",
                     *           "label": "Indigo"
                     *         },
                     *         {
                     *           "color": "#8b5cf6",
                     *           "family": "violet",
                     *           "label": "Violet"
                     *         },
                     *         {
                     *           "color": "#a855f7",
                     *           "family": "purple",
                     *           "label": "Purple"
                     *         },
                     *         {
                     *           "color": "#d946ef",
                     *           "family": "fuchsia",
                     *           "label": "Fuchsia"
                     *         },
                     *         {
                     *           "color": "#ec4899",
                     *           "family": "pink",
                     *           "label": "Pink"
                     *         },
                     *         {
                     *           "color": "#f43f5e",
                     *           "family": "rose",
                     *           "label": "Rose"
                     *         },
                     *         {
                     *           "color": "#6b7280",
                     *           "family": "gray",
                     *           "label": "Gray"
                     *         }
                     *       ],
                     *       "data": [
                     *         {
                     *           "color": "#8dcdff",
                     *           "description": "Visitor made an account",
                     *           "displayName": "Signed up",
                     *           "goalName": "signup",
                     *           "updatedAt": "2026-06-01T12:00:00.000Z"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        /** @description Every color that a goal can have. */
                        colors: {
                            color: string;
                            family: string;
                            label: string;
                        }[];
                        data: components["schemas"]["Customization"][];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    resetGoal: {
        parameters: {
            query: {
                goalName: string;
            };
            header?: never;
            path: {
                websiteId: components["parameters"]["websiteId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "deleted": true,
                     *           "goalName": "signup"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Deleted"][];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    customizeGoal: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                websiteId: components["parameters"]["websiteId"];
            };
            cookie?: never;
        };
        /** @description JSON of at most 4096 bytes, also after decoding, and 16 levels. */
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "color": "#8dcdff",
                 *       "description": "Visitor made an account",
                 *       "displayName": "Signed up",
                 *       "goalName": "signup"
                 *     }
                 */
                "application/json": components["schemas"]["CustomizeGoal"];
            };
        };
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "color": "#8dcdff",
                     *           "description": "Visitor made an account",
                     *           "displayName": "Signed up",
                     *           "goalName": "signup",
                     *           "updatedAt": "2026-06-01T12:00:00.000Z"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Customization"][];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            413: components["responses"]["Error"];
            415: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    importEvents: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes it safe to send the request again: for 24 hours the first success is answered again, to the same credential on the same path. The same key with another body, or while the first request still runs, is 409. A request that was refused leaves its key free. */
                "Idempotency-Key"?: components["parameters"]["Idempotency-Key"];
            };
            path: {
                websiteId: components["parameters"]["websiteId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/x-ndjson": string;
            };
        };
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "accepted": 5,
                     *           "duplicates": 0,
                     *           "errors": [],
                     *           "rejected": 0
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["ImportResult"][];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            409: components["responses"]["Error"];
            415: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    getIntegrations: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                websiteId: components["parameters"]["websiteId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "currency": "USD",
                     *           "lemonsqueezy": {
                     *             "account": {
                     *               "id": "12345",
                     *               "name": "Sluice Demo"
                     *             },
                     *             "connected": true,
                     *             "connectedAt": "2026-06-01T12:00:00.000Z",
                     *             "failing": null,
                     *             "import": {
                     *               "done": 0,
                     *               "finishedAt": "2026-06-01T12:00:00.000Z",
                     *               "from": null,
                     *               "stage": "invoices",
                     *               "startedAt": "2026-06-01T12:00:00.000Z",
                     *               "state": "done",
                     *               "total": 0
                     *             },
                     *             "lastEventAt": null,
                     *             "lastPaymentAt": null,
                     *             "mode": "manual",
                     *             "state": "connected",
                     *             "testMode": false
                     *           },
                     *           "paddle": {
                     *             "account": {
                     *               "id": "seller_c7be0ea4a37a",
                     *               "name": "Sluice Demo"
                     *             },
                     *             "connected": true,
                     *             "connectedAt": "2026-06-01T12:00:00.000Z",
                     *             "failing": null,
                     *             "import": {
                     *               "done": 0,
                     *               "finishedAt": "2026-06-01T12:00:00.000Z",
                     *               "from": null,
                     *               "stage": "adjustments",
                     *               "startedAt": "2026-06-01T12:00:00.000Z",
                     *               "state": "done",
                     *               "total": 0
                     *             },
                     *             "keyExpiresAt": "2027-02-01T00:00:00.000Z",
                     *             "lastEventAt": null,
                     *             "lastPaymentAt": null,
                     *             "mode": "manual",
                     *             "state": "connected",
                     *             "testMode": false
                     *           },
                     *           "polar": {
                     *             "account": {
                     *               "id": "0b5f2a4e-6c1d-4f6e-9a57-6f2c7f3f1f11",
                     *               "name": "Sluice Demo"
                     *             },
                     *             "connected": true,
                     *             "connectedAt": "2026-06-01T12:00:00.000Z",
                     *             "failing": null,
                     *             "import": {
                     *               "done": 0,
                     *               "finishedAt": "2026-06-01T12:00:00.000Z",
                     *               "from": null,
                     *               "stage": "disputes",
                     *               "startedAt": "2026-06-01T12:00:00.000Z",
                     *               "state": "done",
                     *               "total": 0
                     *             },
                     *             "lastEventAt": null,
                     *             "lastPaymentAt": null,
                     *             "mode": "manual",
                     *             "state": "connected",
                     *             "testMode": false
                     *           },
                     *           "shopify": {
                     *             "account": {
                     *               "id": "sluice-demo.myshopify.com",
                     *               "name": "Sluice Demo"
                     *             },
                     *             "connected": true,
                     *             "connectedAt": "2026-06-01T12:00:00.000Z",
                     *             "failing": null,
                     *             "import": {
                     *               "done": 0,
                     *               "finishedAt": "2026-06-01T12:00:00.000Z",
                     *               "from": null,
                     *               "stage": "orders",
                     *               "startedAt": "2026-06-01T12:00:00.000Z",
                     *               "state": "done",
                     *               "total": 0
                     *             },
                     *             "lastEventAt": null,
                     *             "lastPaymentAt": null,
                     *             "mode": "manual",
                     *             "state": "connected",
                     *             "testMode": false
                     *           },
                     *           "stripe": {
                     *             "account": {
                     *               "id": "acct_6f844cee547b",
                     *               "name": "Sluice Demo"
                     *             },
                     *             "connected": true,
                     *             "connectedAt": "2026-06-01T12:00:00.000Z",
                     *             "failing": null,
                     *             "import": {
                     *               "done": 0,
                     *               "finishedAt": "2026-06-01T12:00:00.000Z",
                     *               "from": null,
                     *               "stage": "disputes",
                     *               "startedAt": "2026-06-01T12:00:00.000Z",
                     *               "state": "done",
                     *               "total": null
                     *             },
                     *             "lastEventAt": null,
                     *             "lastPaymentAt": null,
                     *             "mode": "polling",
                     *             "state": "connected",
                     *             "testMode": false
                     *           },
                     *           "woocommerce": {
                     *             "account": {
                     *               "id": "https://shop.example.com",
                     *               "name": null
                     *             },
                     *             "connected": true,
                     *             "connectedAt": "2026-06-01T12:00:00.000Z",
                     *             "failing": null,
                     *             "import": {
                     *               "done": 0,
                     *               "finishedAt": "2026-06-01T12:00:00.000Z",
                     *               "from": null,
                     *               "stage": "orders",
                     *               "startedAt": "2026-06-01T12:00:00.000Z",
                     *               "state": "done",
                     *               "total": 0
                     *             },
                     *             "lastEventAt": null,
                     *             "lastPaymentAt": null,
                     *             "mode": "manual",
                     *             "state": "connected",
                     *             "testMode": false
                     *           }
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Integrations"][];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    getLemonSqueezy: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                websiteId: components["parameters"]["websiteId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "account": {
                     *             "id": "12345",
                     *             "name": "Sluice Demo"
                     *           },
                     *           "connected": true,
                     *           "connectedAt": "2026-06-01T12:00:00.000Z",
                     *           "failing": null,
                     *           "import": {
                     *             "done": 0,
                     *             "finishedAt": "2026-06-01T12:00:00.000Z",
                     *             "from": "2026-01-01T00:00:00.000Z",
                     *             "stage": "invoices",
                     *             "startedAt": "2026-06-01T12:00:00.000Z",
                     *             "state": "done",
                     *             "total": 0
                     *           },
                     *           "lastEventAt": null,
                     *           "lastPaymentAt": null,
                     *           "missingPermissions": [],
                     *           "mode": "manual",
                     *           "state": "connected",
                     *           "testMode": false,
                     *           "webhookSecretKnown": true,
                     *           "webhookUrl": "http://127.0.0.1:8787/api/v1/hooks/lemonsqueezy/6a1d7440e6fa467698cfa378/0aB1cD2eF3gH4iJ5kL6mN7oP8qR9sT0u"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: {
                            /** @description Whose credentials they are, where the provider says it. */
                            account?: {
                                id: string;
                                name: string | null;
                            } | null;
                            connected: boolean;
                            /** Format: date-time */
                            connectedAt?: string;
                            /** @description The page that makes a key with all permissions (Stripe). */
                            createKeyUrl?: string | null;
                            /** @description Why events or payments may be missing; `null` if all is well. */
                            failing?: {
                                message: string;
                                /**
                                 * @description Why a connection is failing. Stored by name.
                                 * @enum {string}
                                 */
                                reason: "key_refused" | "key_expired" | "permission_missing" | "webhook_missing" | "webhook_disabled" | "provider_unreachable" | "import_stuck";
                                /** Format: date-time */
                                since: string;
                            } | null;
                            /** @description The last import of payments of the past. */
                            import?: {
                                /**
                                 * Format: int64
                                 * @description How many objects were read.
                                 */
                                done: number;
                                /** Format: date-time */
                                finishedAt: string | null;
                                /**
                                 * Format: date-time
                                 * @description From when on; `null`: from the beginning.
                                 */
                                from: string | null;
                                /** @description What is being read. */
                                stage: string;
                                /** Format: date-time */
                                startedAt: string;
                                /** @description Stored by name. */
                                state: ("running" | "done") | "stopped";
                                /**
                                 * Format: int64
                                 * @description How many there are, where the provider says it.
                                 */
                                total: number | null;
                            } | null;
                            /** Format: date-time */
                            lastEventAt?: string | null;
                            /** Format: date-time */
                            lastPaymentAt?: string | null;
                            /** @description The permissions that the credentials lack and do without. */
                            missingPermissions?: string[];
                            /** @description How a provider's events arrive. Stored by name. */
                            mode?: "webhook" | "manual" | "polling";
                            /** @description How far a connection is. Stored by name. */
                            state?: "connected" | "verifying" | "importing" | "failing";
                            /** @description Whether the credentials are of the provider's test mode. */
                            testMode?: boolean;
                            /** @description Whether deliveries can be verified. */
                            webhookSecretKnown?: boolean;
                            /** @description Where the provider posts to. It holds no secret, and is for the provider alone. */
                            webhookUrl?: string;
                        }[];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    connectLemonSqueezy: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes it safe to send the request again: for 24 hours the first success is answered again, to the same credential on the same path. The same key with another body, or while the first request still runs, is 409. A request that was refused leaves its key free. */
                "Idempotency-Key"?: components["parameters"]["Idempotency-Key"];
            };
            path: {
                websiteId: components["parameters"]["websiteId"];
            };
            cookie?: never;
        };
        /** @description JSON of at most 65536 bytes, also after decoding, and 16 levels. */
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "lemonsqueezyApiKey": "eyJ0eXAi",
                 *       "lemonsqueezyStoreId": "12345"
                 *     }
                 */
                "application/json": components["schemas"]["ConnectLemonSqueezy"];
            };
        };
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "currency": "USD",
                     *           "message": "Lemon Squeezy connected successfully"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: {
                            /** @description The website's currency; not returned by every provider. */
                            currency?: string | null;
                            message: string;
                        }[];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            409: components["responses"]["Error"];
            413: components["responses"]["Error"];
            415: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
            503: components["responses"]["Error"];
        };
    };
    disconnectLemonSqueezy: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                websiteId: components["parameters"]["websiteId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "message": "Lemon Squeezy disconnected successfully"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: {
                            /** @description What was done. */
                            message: string;
                        }[];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    resyncLemonSqueezy: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                websiteId: components["parameters"]["websiteId"];
            };
            cookie?: never;
        };
        /** @description JSON of at most 65536 bytes, also after decoding, and 16 levels. */
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "from": "2026-01-01"
                 *     }
                 */
                "application/json": components["schemas"]["ResyncIntegration"];
            };
        };
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "message": "Lemon Squeezy payment resync queued"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: {
                            /** @description What was done. */
                            message: string;
                        }[];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            413: components["responses"]["Error"];
            415: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    setLemonSqueezyWebhookSecret: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                websiteId: components["parameters"]["websiteId"];
            };
            cookie?: never;
        };
        /** @description JSON of at most 65536 bytes, also after decoding, and 16 levels. */
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "secret": "whsec_0123456789"
                 *     }
                 */
                "application/json": components["schemas"]["SetWebhookSecret"];
            };
        };
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "message": "Lemon Squeezy webhook secret stored"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: {
                            /** @description What was done. */
                            message: string;
                        }[];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            413: components["responses"]["Error"];
            415: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    getPaddle: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                websiteId: components["parameters"]["websiteId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "account": {
                     *             "id": "seller_c7be0ea4a37a",
                     *             "name": "Sluice Demo"
                     *           },
                     *           "connected": true,
                     *           "connectedAt": "2026-06-01T12:00:00.000Z",
                     *           "failing": null,
                     *           "import": {
                     *             "done": 0,
                     *             "finishedAt": "2026-06-01T12:00:00.000Z",
                     *             "from": "2026-01-01T00:00:00.000Z",
                     *             "stage": "adjustments",
                     *             "startedAt": "2026-06-01T12:00:00.000Z",
                     *             "state": "done",
                     *             "total": 0
                     *           },
                     *           "keyExpiresAt": "2027-02-01T00:00:00.000Z",
                     *           "lastEventAt": null,
                     *           "lastPaymentAt": null,
                     *           "missingPermissions": [],
                     *           "mode": "manual",
                     *           "state": "connected",
                     *           "testMode": false,
                     *           "webhookSecretKnown": true,
                     *           "webhookUrl": "http://127.0.0.1:8787/api/v1/hooks/paddle/6a1d7440e6fa467698cfa378/0aB1cD2eF3gH4iJ5kL6mN7oP8qR9sT0u"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: {
                            /** @description Whose credentials they are, where the provider says it. */
                            account?: {
                                id: string;
                                name: string | null;
                            } | null;
                            connected: boolean;
                            /** Format: date-time */
                            connectedAt?: string;
                            /** @description The page that makes a key with all permissions (Stripe). */
                            createKeyUrl?: string | null;
                            /** @description Why events or payments may be missing; `null` if all is well. */
                            failing?: {
                                message: string;
                                /**
                                 * @description Why a connection is failing. Stored by name.
                                 * @enum {string}
                                 */
                                reason: "key_refused" | "key_expired" | "permission_missing" | "webhook_missing" | "webhook_disabled" | "provider_unreachable" | "import_stuck";
                                /** Format: date-time */
                                since: string;
                            } | null;
                            /** @description The last import of payments of the past. */
                            import?: {
                                /**
                                 * Format: int64
                                 * @description How many objects were read.
                                 */
                                done: number;
                                /** Format: date-time */
                                finishedAt: string | null;
                                /**
                                 * Format: date-time
                                 * @description From when on; `null`: from the beginning.
                                 */
                                from: string | null;
                                /** @description What is being read. */
                                stage: string;
                                /** Format: date-time */
                                startedAt: string;
                                /** @description Stored by name. */
                                state: ("running" | "done") | "stopped";
                                /**
                                 * Format: int64
                                 * @description How many there are, where the provider says it.
                                 */
                                total: number | null;
                            } | null;
                            /** Format: date-time */
                            keyExpiresAt: string | null;
                            /** Format: date-time */
                            lastEventAt?: string | null;
                            /** Format: date-time */
                            lastPaymentAt?: string | null;
                            /** @description The permissions that the credentials lack and do without. */
                            missingPermissions?: string[];
                            /** @description How a provider's events arrive. Stored by name. */
                            mode?: "webhook" | "manual" | "polling";
                            /** @description How far a connection is. Stored by name. */
                            state?: "connected" | "verifying" | "importing" | "failing";
                            /** @description Whether the credentials are of the provider's test mode. */
                            testMode?: boolean;
                            /** @description Whether deliveries can be verified. */
                            webhookSecretKnown?: boolean;
                            /** @description Where the provider posts to. It holds no secret, and is for the provider alone. */
                            webhookUrl?: string;
                        }[];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    connectPaddle: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes it safe to send the request again: for 24 hours the first success is answered again, to the same credential on the same path. The same key with another body, or while the first request still runs, is 409. A request that was refused leaves its key free. */
                "Idempotency-Key"?: components["parameters"]["Idempotency-Key"];
            };
            path: {
                websiteId: components["parameters"]["websiteId"];
            };
            cookie?: never;
        };
        /** @description JSON of at most 65536 bytes, also after decoding, and 16 levels. */
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "paddleApiKey": "pdl_live_apikey_0123456789"
                 *     }
                 */
                "application/json": components["schemas"]["ConnectPaddle"];
            };
        };
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "currency": "USD",
                     *           "message": "Paddle connected successfully"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: {
                            /** @description The website's currency; not returned by every provider. */
                            currency?: string | null;
                            message: string;
                        }[];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            409: components["responses"]["Error"];
            413: components["responses"]["Error"];
            415: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
            503: components["responses"]["Error"];
        };
    };
    disconnectPaddle: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                websiteId: components["parameters"]["websiteId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "message": "Paddle disconnected successfully"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: {
                            /** @description What was done. */
                            message: string;
                        }[];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    resyncPaddle: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                websiteId: components["parameters"]["websiteId"];
            };
            cookie?: never;
        };
        /** @description JSON of at most 65536 bytes, also after decoding, and 16 levels. */
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "from": "2026-01-01"
                 *     }
                 */
                "application/json": components["schemas"]["ResyncIntegration"];
            };
        };
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "message": "Paddle payment resync queued"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: {
                            /** @description What was done. */
                            message: string;
                        }[];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            413: components["responses"]["Error"];
            415: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    setPaddleWebhookSecret: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                websiteId: components["parameters"]["websiteId"];
            };
            cookie?: never;
        };
        /** @description JSON of at most 65536 bytes, also after decoding, and 16 levels. */
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "secret": "whsec_0123456789"
                 *     }
                 */
                "application/json": components["schemas"]["SetWebhookSecret"];
            };
        };
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "message": "Paddle webhook secret stored"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: {
                            /** @description What was done. */
                            message: string;
                        }[];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            413: components["responses"]["Error"];
            415: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    getPolar: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                websiteId: components["parameters"]["websiteId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "account": {
                     *             "id": "0b5f2a4e-6c1d-4f6e-9a57-6f2c7f3f1f11",
                     *             "name": "Sluice Demo"
                     *           },
                     *           "connected": true,
                     *           "connectedAt": "2026-06-01T12:00:00.000Z",
                     *           "failing": null,
                     *           "import": {
                     *             "done": 0,
                     *             "finishedAt": "2026-06-01T12:00:00.000Z",
                     *             "from": "2026-01-01T00:00:00.000Z",
                     *             "stage": "disputes",
                     *             "startedAt": "2026-06-01T12:00:00.000Z",
                     *             "state": "done",
                     *             "total": 0
                     *           },
                     *           "lastEventAt": null,
                     *           "lastPaymentAt": null,
                     *           "missingPermissions": [],
                     *           "mode": "manual",
                     *           "state": "connected",
                     *           "testMode": false,
                     *           "webhookSecretKnown": true,
                     *           "webhookUrl": "http://127.0.0.1:8787/api/v1/hooks/polar/6a1d7440e6fa467698cfa378/0aB1cD2eF3gH4iJ5kL6mN7oP8qR9sT0u"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: {
                            /** @description Whose credentials they are, where the provider says it. */
                            account?: {
                                id: string;
                                name: string | null;
                            } | null;
                            connected: boolean;
                            /** Format: date-time */
                            connectedAt?: string;
                            /** @description The page that makes a key with all permissions (Stripe). */
                            createKeyUrl?: string | null;
                            /** @description Why events or payments may be missing; `null` if all is well. */
                            failing?: {
                                message: string;
                                /**
                                 * @description Why a connection is failing. Stored by name.
                                 * @enum {string}
                                 */
                                reason: "key_refused" | "key_expired" | "permission_missing" | "webhook_missing" | "webhook_disabled" | "provider_unreachable" | "import_stuck";
                                /** Format: date-time */
                                since: string;
                            } | null;
                            /** @description The last import of payments of the past. */
                            import?: {
                                /**
                                 * Format: int64
                                 * @description How many objects were read.
                                 */
                                done: number;
                                /** Format: date-time */
                                finishedAt: string | null;
                                /**
                                 * Format: date-time
                                 * @description From when on; `null`: from the beginning.
                                 */
                                from: string | null;
                                /** @description What is being read. */
                                stage: string;
                                /** Format: date-time */
                                startedAt: string;
                                /** @description Stored by name. */
                                state: ("running" | "done") | "stopped";
                                /**
                                 * Format: int64
                                 * @description How many there are, where the provider says it.
                                 */
                                total: number | null;
                            } | null;
                            /** Format: date-time */
                            lastEventAt?: string | null;
                            /** Format: date-time */
                            lastPaymentAt?: string | null;
                            /** @description The permissions that the credentials lack and do without. */
                            missingPermissions?: string[];
                            /** @description How a provider's events arrive. Stored by name. */
                            mode?: "webhook" | "manual" | "polling";
                            /** @description How far a connection is. Stored by name. */
                            state?: "connected" | "verifying" | "importing" | "failing";
                            /** @description Whether the credentials are of the provider's test mode. */
                            testMode?: boolean;
                            /** @description Whether deliveries can be verified. */
                            webhookSecretKnown?: boolean;
                            /** @description Where the provider posts to. It holds no secret, and is for the provider alone. */
                            webhookUrl?: string;
                        }[];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    connectPolar: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes it safe to send the request again: for 24 hours the first success is answered again, to the same credential on the same path. The same key with another body, or while the first request still runs, is 409. A request that was refused leaves its key free. */
                "Idempotency-Key"?: components["parameters"]["Idempotency-Key"];
            };
            path: {
                websiteId: components["parameters"]["websiteId"];
            };
            cookie?: never;
        };
        /** @description JSON of at most 65536 bytes, also after decoding, and 16 levels. */
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "polarAccessToken": "polar_oat_0123456789",
                 *       "polarOrgId": "0b5f2a4e-6c1d-4f6e-9a57-6f2c7f3f1f11"
                 *     }
                 */
                "application/json": components["schemas"]["ConnectPolar"];
            };
        };
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "message": "Polar connected successfully"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: {
                            /** @description The website's currency; not returned by every provider. */
                            currency?: string | null;
                            message: string;
                        }[];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            409: components["responses"]["Error"];
            413: components["responses"]["Error"];
            415: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
            503: components["responses"]["Error"];
        };
    };
    disconnectPolar: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                websiteId: components["parameters"]["websiteId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "message": "Polar disconnected successfully"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: {
                            /** @description What was done. */
                            message: string;
                        }[];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    resyncPolar: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                websiteId: components["parameters"]["websiteId"];
            };
            cookie?: never;
        };
        /** @description JSON of at most 65536 bytes, also after decoding, and 16 levels. */
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "from": "2026-01-01"
                 *     }
                 */
                "application/json": components["schemas"]["ResyncIntegration"];
            };
        };
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "message": "Polar payment resync queued"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: {
                            /** @description What was done. */
                            message: string;
                        }[];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            413: components["responses"]["Error"];
            415: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    setPolarWebhookSecret: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                websiteId: components["parameters"]["websiteId"];
            };
            cookie?: never;
        };
        /** @description JSON of at most 65536 bytes, also after decoding, and 16 levels. */
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "secret": "whsec_0123456789"
                 *     }
                 */
                "application/json": components["schemas"]["SetWebhookSecret"];
            };
        };
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "message": "Polar webhook secret stored"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: {
                            /** @description What was done. */
                            message: string;
                        }[];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            413: components["responses"]["Error"];
            415: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    getShopify: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                websiteId: components["parameters"]["websiteId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "account": {
                     *             "id": "sluice-demo.myshopify.com",
                     *             "name": "Sluice Demo"
                     *           },
                     *           "connected": true,
                     *           "connectedAt": "2026-06-01T12:00:00.000Z",
                     *           "failing": null,
                     *           "import": {
                     *             "done": 0,
                     *             "finishedAt": "2026-06-01T12:00:00.000Z",
                     *             "from": "2026-01-01T00:00:00.000Z",
                     *             "stage": "orders",
                     *             "startedAt": "2026-06-01T12:00:00.000Z",
                     *             "state": "done",
                     *             "total": 0
                     *           },
                     *           "lastEventAt": null,
                     *           "lastPaymentAt": null,
                     *           "missingPermissions": [],
                     *           "mode": "manual",
                     *           "state": "connected",
                     *           "testMode": false,
                     *           "webhookSecretKnown": true,
                     *           "webhookUrl": "http://127.0.0.1:8787/api/v1/hooks/shopify/6a1d7440e6fa467698cfa378/0aB1cD2eF3gH4iJ5kL6mN7oP8qR9sT0u"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: {
                            /** @description Whose credentials they are, where the provider says it. */
                            account?: {
                                id: string;
                                name: string | null;
                            } | null;
                            connected: boolean;
                            /** Format: date-time */
                            connectedAt?: string;
                            /** @description The page that makes a key with all permissions (Stripe). */
                            createKeyUrl?: string | null;
                            /** @description Why events or payments may be missing; `null` if all is well. */
                            failing?: {
                                message: string;
                                /**
                                 * @description Why a connection is failing. Stored by name.
                                 * @enum {string}
                                 */
                                reason: "key_refused" | "key_expired" | "permission_missing" | "webhook_missing" | "webhook_disabled" | "provider_unreachable" | "import_stuck";
                                /** Format: date-time */
                                since: string;
                            } | null;
                            /** @description The last import of payments of the past. */
                            import?: {
                                /**
                                 * Format: int64
                                 * @description How many objects were read.
                                 */
                                done: number;
                                /** Format: date-time */
                                finishedAt: string | null;
                                /**
                                 * Format: date-time
                                 * @description From when on; `null`: from the beginning.
                                 */
                                from: string | null;
                                /** @description What is being read. */
                                stage: string;
                                /** Format: date-time */
                                startedAt: string;
                                /** @description Stored by name. */
                                state: ("running" | "done") | "stopped";
                                /**
                                 * Format: int64
                                 * @description How many there are, where the provider says it.
                                 */
                                total: number | null;
                            } | null;
                            /** Format: date-time */
                            lastEventAt?: string | null;
                            /** Format: date-time */
                            lastPaymentAt?: string | null;
                            /** @description The permissions that the credentials lack and do without. */
                            missingPermissions?: string[];
                            /** @description How a provider's events arrive. Stored by name. */
                            mode?: "webhook" | "manual" | "polling";
                            /** @description How far a connection is. Stored by name. */
                            state?: "connected" | "verifying" | "importing" | "failing";
                            /** @description Whether the credentials are of the provider's test mode. */
                            testMode?: boolean;
                            /** @description Whether deliveries can be verified. */
                            webhookSecretKnown?: boolean;
                            /** @description Where the provider posts to. It holds no secret, and is for the provider alone. */
                            webhookUrl?: string;
                        }[];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    connectShopify: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes it safe to send the request again: for 24 hours the first success is answered again, to the same credential on the same path. The same key with another body, or while the first request still runs, is 409. A request that was refused leaves its key free. */
                "Idempotency-Key"?: components["parameters"]["Idempotency-Key"];
            };
            path: {
                websiteId: components["parameters"]["websiteId"];
            };
            cookie?: never;
        };
        /** @description JSON of at most 65536 bytes, also after decoding, and 16 levels. */
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "clientId": "0123456789abcdef",
                 *       "clientSecret": "shpss_0123456789",
                 *       "shopDomain": "sluice-demo.myshopify.com"
                 *     }
                 */
                "application/json": components["schemas"]["ConnectShopify"];
            };
        };
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "currency": "USD",
                     *           "message": "Shopify connected successfully"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: {
                            /** @description The website's currency; not returned by every provider. */
                            currency?: string | null;
                            message: string;
                        }[];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            409: components["responses"]["Error"];
            413: components["responses"]["Error"];
            415: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
            503: components["responses"]["Error"];
        };
    };
    disconnectShopify: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                websiteId: components["parameters"]["websiteId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "message": "Shopify disconnected successfully"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: {
                            /** @description What was done. */
                            message: string;
                        }[];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    resyncShopify: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                websiteId: components["parameters"]["websiteId"];
            };
            cookie?: never;
        };
        /** @description JSON of at most 65536 bytes, also after decoding, and 16 levels. */
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "from": "2026-01-01"
                 *     }
                 */
                "application/json": components["schemas"]["ResyncIntegration"];
            };
        };
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "message": "Shopify payment resync queued"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: {
                            /** @description What was done. */
                            message: string;
                        }[];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            413: components["responses"]["Error"];
            415: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    setShopifyWebhookSecret: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                websiteId: components["parameters"]["websiteId"];
            };
            cookie?: never;
        };
        /** @description JSON of at most 65536 bytes, also after decoding, and 16 levels. */
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "secret": "whsec_0123456789"
                 *     }
                 */
                "application/json": components["schemas"]["SetWebhookSecret"];
            };
        };
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "message": "Shopify webhook secret stored"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: {
                            /** @description What was done. */
                            message: string;
                        }[];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            413: components["responses"]["Error"];
            415: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    getStripe: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                websiteId: components["parameters"]["websiteId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "account": {
                     *             "id": "acct_6f844cee547b",
                     *             "name": "Sluice Demo"
                     *           },
                     *           "connected": true,
                     *           "connectedAt": "2026-06-01T12:00:00.000Z",
                     *           "createKeyUrl": "https://dashboard.stripe.com/apikeys/create?name=Sluice&permissions[]=rak_charge_read&permissions[]=rak_payment_intent_read&permissions[]=rak_checkout_session_read&permissions[]=rak_invoice_read&permissions[]=rak_subscription_read&permissions[]=rak_customer_read&permissions[]=rak_dispute_read&permissions[]=rak_event_read&permissions[]=rak_webhook_write",
                     *           "failing": null,
                     *           "import": {
                     *             "done": 0,
                     *             "finishedAt": "2026-06-01T12:00:00.000Z",
                     *             "from": "2026-01-01T00:00:00.000Z",
                     *             "stage": "disputes",
                     *             "startedAt": "2026-06-01T12:00:00.000Z",
                     *             "state": "done",
                     *             "total": null
                     *           },
                     *           "lastEventAt": null,
                     *           "lastPaymentAt": null,
                     *           "missingPermissions": [],
                     *           "mode": "manual",
                     *           "state": "connected",
                     *           "testMode": false,
                     *           "webhookSecretKnown": true,
                     *           "webhookUrl": "http://127.0.0.1:8787/api/v1/hooks/stripe/6a1d7440e6fa467698cfa378/0aB1cD2eF3gH4iJ5kL6mN7oP8qR9sT0u"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: {
                            /** @description Whose credentials they are, where the provider says it. */
                            account?: {
                                id: string;
                                name: string | null;
                            } | null;
                            connected: boolean;
                            /** Format: date-time */
                            connectedAt?: string;
                            /** @description The page that makes a key with all permissions (Stripe). */
                            createKeyUrl?: string | null;
                            /** @description Why events or payments may be missing; `null` if all is well. */
                            failing?: {
                                message: string;
                                /**
                                 * @description Why a connection is failing. Stored by name.
                                 * @enum {string}
                                 */
                                reason: "key_refused" | "key_expired" | "permission_missing" | "webhook_missing" | "webhook_disabled" | "provider_unreachable" | "import_stuck";
                                /** Format: date-time */
                                since: string;
                            } | null;
                            /** @description The last import of payments of the past. */
                            import?: {
                                /**
                                 * Format: int64
                                 * @description How many objects were read.
                                 */
                                done: number;
                                /** Format: date-time */
                                finishedAt: string | null;
                                /**
                                 * Format: date-time
                                 * @description From when on; `null`: from the beginning.
                                 */
                                from: string | null;
                                /** @description What is being read. */
                                stage: string;
                                /** Format: date-time */
                                startedAt: string;
                                /** @description Stored by name. */
                                state: ("running" | "done") | "stopped";
                                /**
                                 * Format: int64
                                 * @description How many there are, where the provider says it.
                                 */
                                total: number | null;
                            } | null;
                            /** Format: date-time */
                            lastEventAt?: string | null;
                            /** Format: date-time */
                            lastPaymentAt?: string | null;
                            /** @description The permissions that the credentials lack and do without. */
                            missingPermissions?: string[];
                            /** @description How a provider's events arrive. Stored by name. */
                            mode?: "webhook" | "manual" | "polling";
                            /** @description How far a connection is. Stored by name. */
                            state?: "connected" | "verifying" | "importing" | "failing";
                            /** @description Whether the credentials are of the provider's test mode. */
                            testMode?: boolean;
                            /** @description Whether deliveries can be verified. */
                            webhookSecretKnown?: boolean;
                            /** @description Where the provider posts to. It holds no secret, and is for the provider alone. */
                            webhookUrl?: string;
                        }[];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    connectStripe: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes it safe to send the request again: for 24 hours the first success is answered again, to the same credential on the same path. The same key with another body, or while the first request still runs, is 409. A request that was refused leaves its key free. */
                "Idempotency-Key"?: components["parameters"]["Idempotency-Key"];
            };
            path: {
                websiteId: components["parameters"]["websiteId"];
            };
            cookie?: never;
        };
        /** @description JSON of at most 65536 bytes, also after decoding, and 16 levels. */
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "stripeRak": "rk_live_0123456789"
                 *     }
                 */
                "application/json": components["schemas"]["ConnectStripe"];
            };
        };
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "currency": "USD",
                     *           "message": "Stripe connected successfully"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: {
                            /** @description The website's currency; not returned by every provider. */
                            currency?: string | null;
                            message: string;
                        }[];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            409: components["responses"]["Error"];
            413: components["responses"]["Error"];
            415: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
            503: components["responses"]["Error"];
        };
    };
    disconnectStripe: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                websiteId: components["parameters"]["websiteId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "message": "Stripe disconnected successfully"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: {
                            /** @description What was done. */
                            message: string;
                        }[];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    resyncStripe: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                websiteId: components["parameters"]["websiteId"];
            };
            cookie?: never;
        };
        /** @description JSON of at most 65536 bytes, also after decoding, and 16 levels. */
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "from": "2026-01-01"
                 *     }
                 */
                "application/json": components["schemas"]["ResyncIntegration"];
            };
        };
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "message": "Stripe payment resync queued"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: {
                            /** @description What was done. */
                            message: string;
                        }[];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            413: components["responses"]["Error"];
            415: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    setStripeWebhookSecret: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                websiteId: components["parameters"]["websiteId"];
            };
            cookie?: never;
        };
        /** @description JSON of at most 65536 bytes, also after decoding, and 16 levels. */
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "secret": "whsec_0123456789"
                 *     }
                 */
                "application/json": components["schemas"]["SetWebhookSecret"];
            };
        };
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "message": "Stripe webhook secret stored"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: {
                            /** @description What was done. */
                            message: string;
                        }[];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            413: components["responses"]["Error"];
            415: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    getWooCommerce: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                websiteId: components["parameters"]["websiteId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "account": {
                     *             "id": "https://shop.example.com",
                     *             "name": null
                     *           },
                     *           "connected": true,
                     *           "connectedAt": "2026-06-01T12:00:00.000Z",
                     *           "failing": null,
                     *           "import": {
                     *             "done": 0,
                     *             "finishedAt": "2026-06-01T12:00:00.000Z",
                     *             "from": "2026-01-01T00:00:00.000Z",
                     *             "stage": "orders",
                     *             "startedAt": "2026-06-01T12:00:00.000Z",
                     *             "state": "done",
                     *             "total": 0
                     *           },
                     *           "lastEventAt": null,
                     *           "lastPaymentAt": null,
                     *           "missingPermissions": [],
                     *           "mode": "manual",
                     *           "state": "connected",
                     *           "testMode": false,
                     *           "webhookSecretKnown": true,
                     *           "webhookUrl": "http://127.0.0.1:8787/api/v1/hooks/woocommerce/6a1d7440e6fa467698cfa378/0aB1cD2eF3gH4iJ5kL6mN7oP8qR9sT0u"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: {
                            /** @description Whose credentials they are, where the provider says it. */
                            account?: {
                                id: string;
                                name: string | null;
                            } | null;
                            connected: boolean;
                            /** Format: date-time */
                            connectedAt?: string;
                            /** @description The page that makes a key with all permissions (Stripe). */
                            createKeyUrl?: string | null;
                            /** @description Why events or payments may be missing; `null` if all is well. */
                            failing?: {
                                message: string;
                                /**
                                 * @description Why a connection is failing. Stored by name.
                                 * @enum {string}
                                 */
                                reason: "key_refused" | "key_expired" | "permission_missing" | "webhook_missing" | "webhook_disabled" | "provider_unreachable" | "import_stuck";
                                /** Format: date-time */
                                since: string;
                            } | null;
                            /** @description The last import of payments of the past. */
                            import?: {
                                /**
                                 * Format: int64
                                 * @description How many objects were read.
                                 */
                                done: number;
                                /** Format: date-time */
                                finishedAt: string | null;
                                /**
                                 * Format: date-time
                                 * @description From when on; `null`: from the beginning.
                                 */
                                from: string | null;
                                /** @description What is being read. */
                                stage: string;
                                /** Format: date-time */
                                startedAt: string;
                                /** @description Stored by name. */
                                state: ("running" | "done") | "stopped";
                                /**
                                 * Format: int64
                                 * @description How many there are, where the provider says it.
                                 */
                                total: number | null;
                            } | null;
                            /** Format: date-time */
                            lastEventAt?: string | null;
                            /** Format: date-time */
                            lastPaymentAt?: string | null;
                            /** @description The permissions that the credentials lack and do without. */
                            missingPermissions?: string[];
                            /** @description How a provider's events arrive. Stored by name. */
                            mode?: "webhook" | "manual" | "polling";
                            /** @description How far a connection is. Stored by name. */
                            state?: "connected" | "verifying" | "importing" | "failing";
                            /** @description Whether the credentials are of the provider's test mode. */
                            testMode?: boolean;
                            /** @description Whether deliveries can be verified. */
                            webhookSecretKnown?: boolean;
                            /** @description Where the provider posts to. It holds no secret, and is for the provider alone. */
                            webhookUrl?: string;
                        }[];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    connectWooCommerce: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes it safe to send the request again: for 24 hours the first success is answered again, to the same credential on the same path. The same key with another body, or while the first request still runs, is 409. A request that was refused leaves its key free. */
                "Idempotency-Key"?: components["parameters"]["Idempotency-Key"];
            };
            path: {
                websiteId: components["parameters"]["websiteId"];
            };
            cookie?: never;
        };
        /** @description JSON of at most 65536 bytes, also after decoding, and 16 levels. */
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "consumerKey": "ck_0123456789",
                 *       "consumerSecret": "cs_0123456789",
                 *       "storeUrl": "https://shop.example.com"
                 *     }
                 */
                "application/json": components["schemas"]["ConnectWooCommerce"];
            };
        };
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "currency": "USD",
                     *           "message": "WooCommerce connected successfully"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: {
                            /** @description The website's currency; not returned by every provider. */
                            currency?: string | null;
                            message: string;
                        }[];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            409: components["responses"]["Error"];
            413: components["responses"]["Error"];
            415: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
            503: components["responses"]["Error"];
        };
    };
    disconnectWooCommerce: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                websiteId: components["parameters"]["websiteId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "message": "WooCommerce disconnected successfully"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: {
                            /** @description What was done. */
                            message: string;
                        }[];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    resyncWooCommerce: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                websiteId: components["parameters"]["websiteId"];
            };
            cookie?: never;
        };
        /** @description JSON of at most 65536 bytes, also after decoding, and 16 levels. */
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "from": "2026-01-01"
                 *     }
                 */
                "application/json": components["schemas"]["ResyncIntegration"];
            };
        };
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "message": "WooCommerce payment resync queued"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: {
                            /** @description What was done. */
                            message: string;
                        }[];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            413: components["responses"]["Error"];
            415: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    authorizeWooCommerce: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes it safe to send the request again: for 24 hours the first success is answered again, to the same credential on the same path. The same key with another body, or while the first request still runs, is 409. A request that was refused leaves its key free. */
                "Idempotency-Key"?: components["parameters"]["Idempotency-Key"];
            };
            path: {
                websiteId: components["parameters"]["websiteId"];
            };
            cookie?: never;
        };
        /** @description JSON of at most 65536 bytes, also after decoding, and 16 levels. */
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "returnUrl": "https://app.example.com/settings",
                 *       "storeUrl": "https://shop.example.com"
                 *     }
                 */
                "application/json": components["schemas"]["AuthorizeWooCommerce"];
            };
        };
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: {
                            /** @description The page of the shop; it is good for 15 minutes and for one consent. */
                            authorizeUrl: string;
                        }[];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            409: components["responses"]["Error"];
            413: components["responses"]["Error"];
            415: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    setWooCommerceWebhookSecret: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                websiteId: components["parameters"]["websiteId"];
            };
            cookie?: never;
        };
        /** @description JSON of at most 65536 bytes, also after decoding, and 16 levels. */
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "secret": "whsec_0123456789"
                 *     }
                 */
                "application/json": components["schemas"]["SetWebhookSecret"];
            };
        };
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "message": "WooCommerce webhook secret stored"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: {
                            /** @description What was done. */
                            message: string;
                        }[];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            413: components["responses"]["Error"];
            415: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    listProviderEvents: {
        parameters: {
            query?: {
                limit?: components["parameters"]["limit.listAlertHistory"];
                offset?: components["parameters"]["offset.listAudit"];
                state?: ("done" | "received" | "ignored" | "failed") | null;
            };
            header?: never;
            path: {
                websiteId: components["parameters"]["websiteId"];
                provider: components["parameters"]["provider"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "_id": "6a1d7440192391eb296bf1ba",
                     *           "attempts": 1,
                     *           "happenedAt": "2026-11-28T09:59:53.120Z",
                     *           "id": "6a1d7440192391eb296bf1ba",
                     *           "nextAttemptAt": null,
                     *           "origin": "webhook",
                     *           "outcome": null,
                     *           "provider": "polar",
                     *           "reason": "not used",
                     *           "receivedAt": "2026-06-01T12:00:00.000Z",
                     *           "state": "ignored",
                     *           "subject": "ffb0e4fd-0a24-428d-8d0d-3140aa2a1586",
                     *           "type": "customer.created"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["ProviderEvent"][];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    getProviderEvent: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                websiteId: components["parameters"]["websiteId"];
                provider: components["parameters"]["provider"];
                eventId: components["parameters"]["eventId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "_id": "6a1d7440192391eb296bf1ba",
                     *           "attempts": 1,
                     *           "body": {
                     *             "data": {
                     *               "id": "ffb0e4fd-0a24-428d-8d0d-3140aa2a1586"
                     *             },
                     *             "timestamp": "2026-11-28T09:59:53.120000Z",
                     *             "type": "customer.created"
                     *           },
                     *           "happenedAt": "2026-11-28T09:59:53.120Z",
                     *           "id": "6a1d7440192391eb296bf1ba",
                     *           "nextAttemptAt": null,
                     *           "origin": "webhook",
                     *           "outcome": null,
                     *           "provider": "polar",
                     *           "reason": "not used",
                     *           "receivedAt": "2026-06-01T12:00:00.000Z",
                     *           "state": "ignored",
                     *           "subject": "ffb0e4fd-0a24-428d-8d0d-3140aa2a1586",
                     *           "type": "customer.created"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["ProviderEventDetails"][];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    replayProviderEvent: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes it safe to send the request again: for 24 hours the first success is answered again, to the same credential on the same path. The same key with another body, or while the first request still runs, is 409. A request that was refused leaves its key free. */
                "Idempotency-Key"?: components["parameters"]["Idempotency-Key"];
            };
            path: {
                websiteId: components["parameters"]["websiteId"];
                provider: components["parameters"]["provider"];
                eventId: components["parameters"]["eventId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "_id": "6a1d7440192391eb296bf1ba",
                     *           "attempts": 0,
                     *           "happenedAt": "2026-11-28T09:59:53.120Z",
                     *           "id": "6a1d7440192391eb296bf1ba",
                     *           "nextAttemptAt": "2026-06-01T12:00:00.000Z",
                     *           "origin": "replay",
                     *           "outcome": null,
                     *           "provider": "polar",
                     *           "reason": null,
                     *           "receivedAt": "2026-06-01T12:00:00.000Z",
                     *           "state": "received",
                     *           "subject": "ffb0e4fd-0a24-428d-8d0d-3140aa2a1586",
                     *           "type": "customer.created"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["ProviderEvent"][];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            409: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    listNotes: {
        parameters: {
            query?: {
                endAt?: components["parameters"]["endAt"];
                startAt?: components["parameters"]["startAt"];
                timezone?: components["parameters"]["timezone"];
                order?: components["parameters"]["order"];
                q?: string;
                limit?: components["parameters"]["limit"];
                offset?: components["parameters"]["offset"];
            };
            header?: never;
            path: {
                websiteId: components["parameters"]["websiteId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "_id": "6a1d74401e72c54bce68ad3c",
                     *           "author": {
                     *             "id": "6a1d744091fbde0d0bb977af",
                     *             "image": null,
                     *             "name": "Jane Doe"
                     *           },
                     *           "createdAt": "2026-06-01T12:00:00.000Z",
                     *           "id": "6a1d74401e72c54bce68ad3c",
                     *           "text": "Launch on Product Hunt",
                     *           "timestamp": "2026-05-21T10:00:00.000Z",
                     *           "updatedAt": "2026-06-01T12:00:00.000Z",
                     *           "websiteId": "6a1d7440e6fa467698cfa378"
                     *         }
                     *       ],
                     *       "pagination": {
                     *         "limit": 100,
                     *         "offset": 0,
                     *         "total": 1
                     *       },
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Note"][];
                        /** @description The page of a list that the response contains. */
                        pagination: {
                            /**
                             * Format: uint32
                             * @description The maximum number of rows.
                             */
                            limit: number;
                            /**
                             * Format: uint32
                             * @description The number of rows skipped.
                             */
                            offset: number;
                            /**
                             * Format: int64
                             * @description The total number of rows.
                             */
                            total: number;
                        };
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    createNote: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes it safe to send the request again: for 24 hours the first success is answered again, to the same credential on the same path. The same key with another body, or while the first request still runs, is 409. A request that was refused leaves its key free. */
                "Idempotency-Key"?: components["parameters"]["Idempotency-Key"];
            };
            path: {
                websiteId: components["parameters"]["websiteId"];
            };
            cookie?: never;
        };
        /** @description JSON of at most 65536 bytes, also after decoding, and 16 levels. */
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "idempotencyKey": "launch-1",
                 *       "text": "Launch on Product Hunt",
                 *       "timestamp": "2026-05-21T10:00:00.000Z"
                 *     }
                 */
                "application/json": components["schemas"]["CreateNote"];
            };
        };
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "_id": "6a1d74401e72c54bce68ad3c",
                     *           "author": {
                     *             "id": "6a1d744091fbde0d0bb977af",
                     *             "image": null,
                     *             "name": "Jane Doe"
                     *           },
                     *           "createdAt": "2026-06-01T12:00:00.000Z",
                     *           "id": "6a1d74401e72c54bce68ad3c",
                     *           "text": "Launch on Product Hunt",
                     *           "timestamp": "2026-05-21T10:00:00.000Z",
                     *           "updatedAt": "2026-06-01T12:00:00.000Z",
                     *           "websiteId": "6a1d7440e6fa467698cfa378"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Note"][];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            /** @description Success. */
            201: {
                headers: {
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "_id": "6a1d74401e72c54bce68ad3c",
                     *           "author": {
                     *             "id": "6a1d744091fbde0d0bb977af",
                     *             "image": null,
                     *             "name": "Jane Doe"
                     *           },
                     *           "createdAt": "2026-06-01T12:00:00.000Z",
                     *           "id": "6a1d74401e72c54bce68ad3c",
                     *           "text": "Launch on Product Hunt",
                     *           "timestamp": "2026-05-21T10:00:00.000Z",
                     *           "updatedAt": "2026-06-01T12:00:00.000Z",
                     *           "websiteId": "6a1d7440e6fa467698cfa378"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Note"][];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            409: components["responses"]["Error"];
            413: components["responses"]["Error"];
            415: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    updateNote: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                websiteId: components["parameters"]["websiteId"];
                noteId: components["parameters"]["noteId"];
            };
            cookie?: never;
        };
        /** @description JSON of at most 65536 bytes, also after decoding, and 16 levels. */
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "text": "Launch on Product Hunt, second of the day",
                 *       "timestamp": "2026-05-21"
                 *     }
                 */
                "application/json": components["schemas"]["UpdateNote"] | unknown | unknown;
            };
        };
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "_id": "6a1d74401e72c54bce68ad3c",
                     *           "author": {
                     *             "id": "6a1d744091fbde0d0bb977af",
                     *             "image": null,
                     *             "name": "Jane Doe"
                     *           },
                     *           "createdAt": "2026-06-01T12:00:00.000Z",
                     *           "id": "6a1d74401e72c54bce68ad3c",
                     *           "text": "Launch on Product Hunt, second of the day",
                     *           "timestamp": "2026-05-21T04:00:00.000Z",
                     *           "updatedAt": "2026-06-01T12:05:00.000Z",
                     *           "websiteId": "6a1d7440e6fa467698cfa378"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Note"][];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            413: components["responses"]["Error"];
            415: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    deleteNote: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                websiteId: components["parameters"]["websiteId"];
                noteId: components["parameters"]["noteId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "message": "Note deleted successfully"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: {
                            /** @description What was done. */
                            message: string;
                        }[];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    listTeam: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                websiteId: components["parameters"]["websiteId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "_id": "6a1d744091fbde0d0bb977af",
                     *           "email": "jane@example.com",
                     *           "id": "6a1d744091fbde0d0bb977af",
                     *           "image": null,
                     *           "joinedAt": "2026-06-01T12:00:00.000Z",
                     *           "name": "Jane Doe",
                     *           "role": "owner",
                     *           "userId": "6a1d744091fbde0d0bb977af"
                     *         }
                     *       ],
                     *       "invitations": [
                     *         {
                     *           "_id": "6a1d7440e65601400b6a74b5",
                     *           "createdAt": "2026-06-01T12:00:00.000Z",
                     *           "email": "john@example.com",
                     *           "expiresAt": "2026-06-08T12:00:00.000Z",
                     *           "id": "6a1d7440e65601400b6a74b5",
                     *           "invitationId": "6a1d7440e65601400b6a74b5",
                     *           "role": "viewer",
                     *           "state": "pending"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["TeamMember"][];
                        /** @description Invitations that were not accepted yet; for the owner only. */
                        invitations?: components["schemas"]["PendingInvitation"][] | null;
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    inviteTeamMember: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes it safe to send the request again: for 24 hours the first success is answered again, to the same credential on the same path. The same key with another body, or while the first request still runs, is 409. A request that was refused leaves its key free. */
                "Idempotency-Key"?: components["parameters"]["Idempotency-Key"];
            };
            path: {
                websiteId: components["parameters"]["websiteId"];
            };
            cookie?: never;
        };
        /** @description JSON of at most 65536 bytes, also after decoding, and 16 levels. */
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "email": "john@example.com",
                 *       "role": "viewer"
                 *     }
                 */
                "application/json": components["schemas"]["InviteTeamMember"];
            };
        };
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "_id": "6a1d7440e65601400b6a74b5",
                     *           "email": "john@example.com",
                     *           "expiresAt": "2026-06-08T12:00:00.000Z",
                     *           "id": "6a1d7440e65601400b6a74b5",
                     *           "invitationId": "6a1d7440e65601400b6a74b5",
                     *           "inviteUrl": "http://127.0.0.1:8787/invitations/6a1d7440e65601400b6a74b5#code=hJAZ5gsOA0bPP9obVC6bziqfpZA5wv4T",
                     *           "message": "Invitation created. Send the invite link to the user.",
                     *           "role": "viewer",
                     *           "sendsMail": true
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["CreatedInvitation"][];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            409: components["responses"]["Error"];
            413: components["responses"]["Error"];
            415: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    removeTeamMember: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                websiteId: components["parameters"]["websiteId"];
            };
            cookie?: never;
        };
        /** @description JSON of at most 65536 bytes, also after decoding, and 16 levels. */
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "userId": "6a1d744021edf3e4e1bfd3cc"
                 *     }
                 */
                "application/json": components["schemas"]["RemoveTeamMember"];
            };
        };
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "alerts": [],
                     *           "keys": [],
                     *           "message": "Team member removed successfully",
                     *           "revoked": true,
                     *           "switchedOffAlerts": [],
                     *           "webhooks": []
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Removed"][];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            413: components["responses"]["Error"];
            415: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    cancelInvitation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                websiteId: components["parameters"]["websiteId"];
                invitationId: components["parameters"]["invitationId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "message": "Invitation cancelled"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: {
                            /** @description What was done. */
                            message: string;
                        }[];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    resendInvitation: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes it safe to send the request again: for 24 hours the first success is answered again, to the same credential on the same path. The same key with another body, or while the first request still runs, is 409. A request that was refused leaves its key free. */
                "Idempotency-Key"?: components["parameters"]["Idempotency-Key"];
            };
            path: {
                websiteId: components["parameters"]["websiteId"];
                invitationId: components["parameters"]["invitationId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "_id": "6a1d7440e65601400b6a74b5",
                     *           "email": "john@example.com",
                     *           "expiresAt": "2026-06-08T12:05:00.000Z",
                     *           "id": "6a1d7440e65601400b6a74b5",
                     *           "invitationId": "6a1d7440e65601400b6a74b5",
                     *           "inviteUrl": "http://127.0.0.1:8787/invitations/6a1d7440e65601400b6a74b5#code=KIpVCuSoVR2KYrjyNe1PNAnFWcLVHT63",
                     *           "message": "Invitation sent again. The earlier links no longer work.",
                     *           "role": "viewer",
                     *           "sendsMail": false
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["CreatedInvitation"][];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            409: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    leaveTeam: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                websiteId: components["parameters"]["websiteId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "alerts": [],
                     *           "keys": [],
                     *           "message": "You have left the team",
                     *           "revoked": true,
                     *           "switchedOffAlerts": [],
                     *           "webhooks": []
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Removed"][];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    transferWebsite: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes it safe to send the request again: for 24 hours the first success is answered again, to the same credential on the same path. The same key with another body, or while the first request still runs, is 409. A request that was refused leaves its key free. */
                "Idempotency-Key"?: components["parameters"]["Idempotency-Key"];
            };
            path: {
                websiteId: components["parameters"]["websiteId"];
            };
            cookie?: never;
        };
        /** @description JSON of at most 65536 bytes, also after decoding, and 16 levels. */
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "domain": "example.com",
                 *       "userId": "6a1d744021edf3e4e1bfd3cc"
                 *     }
                 */
                "application/json": components["schemas"]["TransferWebsite"];
            };
        };
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "message": "The website has another owner",
                     *           "role": "member",
                     *           "userId": "6a1d744021edf3e4e1bfd3cc",
                     *           "websiteId": "6a1d7440e6fa467698cfa378"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Transferred"][];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            409: components["responses"]["Error"];
            413: components["responses"]["Error"];
            415: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    updateTeamMember: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                websiteId: components["parameters"]["websiteId"];
                userId: string;
            };
            cookie?: never;
        };
        /** @description JSON of at most 65536 bytes, also after decoding, and 16 levels. */
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "role": "member"
                 *     }
                 */
                "application/json": components["schemas"]["UpdateTeamMember"];
            };
        };
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "_id": "6a1d744021edf3e4e1bfd3cc",
                     *           "email": "john@example.com",
                     *           "id": "6a1d744021edf3e4e1bfd3cc",
                     *           "image": null,
                     *           "joinedAt": "2026-06-01T12:05:00.000Z",
                     *           "name": "John Roe",
                     *           "revokedKeys": [],
                     *           "role": "member",
                     *           "userId": "6a1d744021edf3e4e1bfd3cc"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["ChangedMember"][];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            413: components["responses"]["Error"];
            415: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    listWebhooks: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                websiteId: components["parameters"]["websiteId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "_id": "6a1d74400a11e1c974506e53",
                     *           "createdAt": "2026-06-01T12:00:00.000Z",
                     *           "createdBy": "6a1d744091fbde0d0bb977af",
                     *           "description": "Our billing",
                     *           "disabledReason": null,
                     *           "eventTypes": [
                     *             "goal.completed",
                     *             "payment.received"
                     *           ],
                     *           "goalNames": [
                     *             "signup"
                     *           ],
                     *           "headers": {
                     *             "Authorization": "********",
                     *             "X-Team": "growth"
                     *           },
                     *           "id": "6a1d74400a11e1c974506e53",
                     *           "isEnabled": true,
                     *           "rateLimit": 10,
                     *           "updatedAt": "2026-06-01T12:00:00.000Z",
                     *           "url": "http://127.0.0.1:9/hooks/sluice",
                     *           "websiteId": "6a1d7440e6fa467698cfa378"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Webhook"][];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    createWebhook: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes it safe to send the request again: for 24 hours the first success is answered again, to the same credential on the same path. The same key with another body, or while the first request still runs, is 409. A request that was refused leaves its key free. */
                "Idempotency-Key"?: components["parameters"]["Idempotency-Key"];
            };
            path: {
                websiteId: components["parameters"]["websiteId"];
            };
            cookie?: never;
        };
        /** @description JSON of at most 65536 bytes, also after decoding, and 16 levels. */
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "description": "Our billing",
                 *       "eventTypes": [
                 *         "goal.completed",
                 *         "payment.received"
                 *       ],
                 *       "goalNames": [
                 *         "signup"
                 *       ],
                 *       "headers": {
                 *         "Authorization": "Bearer secret",
                 *         "X-Team": "growth"
                 *       },
                 *       "isEnabled": true,
                 *       "rateLimit": 10,
                 *       "url": "http://127.0.0.1:9/hooks/sluice"
                 *     }
                 */
                "application/json": components["schemas"]["CreateWebhook"];
            };
        };
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "_id": "6a1d74400a11e1c974506e53",
                     *           "createdAt": "2026-06-01T12:00:00.000Z",
                     *           "createdBy": "6a1d744091fbde0d0bb977af",
                     *           "description": "Our billing",
                     *           "disabledReason": null,
                     *           "eventTypes": [
                     *             "goal.completed",
                     *             "payment.received"
                     *           ],
                     *           "goalNames": [
                     *             "signup"
                     *           ],
                     *           "headers": {
                     *             "Authorization": "********",
                     *             "X-Team": "growth"
                     *           },
                     *           "id": "6a1d74400a11e1c974506e53",
                     *           "isEnabled": true,
                     *           "rateLimit": 10,
                     *           "secret": "whsec_…",
                     *           "updatedAt": "2026-06-01T12:00:00.000Z",
                     *           "url": "http://127.0.0.1:9/hooks/sluice",
                     *           "websiteId": "6a1d7440e6fa467698cfa378"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["CreatedWebhook"][];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            409: components["responses"]["Error"];
            413: components["responses"]["Error"];
            415: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    getWebhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                websiteId: components["parameters"]["websiteId"];
                webhookId: components["parameters"]["webhookId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "_id": "6a1d74400a11e1c974506e53",
                     *           "createdAt": "2026-06-01T12:00:00.000Z",
                     *           "createdBy": "6a1d744091fbde0d0bb977af",
                     *           "description": "Our billing",
                     *           "disabledReason": null,
                     *           "eventTypes": [
                     *             "goal.completed",
                     *             "payment.received"
                     *           ],
                     *           "goalNames": [
                     *             "signup"
                     *           ],
                     *           "headers": {
                     *             "Authorization": "********",
                     *             "X-Team": "growth"
                     *           },
                     *           "id": "6a1d74400a11e1c974506e53",
                     *           "isEnabled": true,
                     *           "rateLimit": 10,
                     *           "updatedAt": "2026-06-01T12:00:00.000Z",
                     *           "url": "http://127.0.0.1:9/hooks/sluice",
                     *           "websiteId": "6a1d7440e6fa467698cfa378"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Webhook"][];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    updateWebhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                websiteId: components["parameters"]["websiteId"];
                webhookId: components["parameters"]["webhookId"];
            };
            cookie?: never;
        };
        /** @description JSON of at most 65536 bytes, also after decoding, and 16 levels. */
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "eventTypes": [],
                 *       "isEnabled": true
                 *     }
                 */
                "application/json": components["schemas"]["UpdateWebhook"] | unknown | unknown | unknown | unknown | unknown | unknown | unknown;
            };
        };
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "_id": "6a1d74400a11e1c974506e53",
                     *           "createdAt": "2026-06-01T12:00:00.000Z",
                     *           "createdBy": "6a1d744091fbde0d0bb977af",
                     *           "description": "Our billing",
                     *           "disabledReason": null,
                     *           "eventTypes": [],
                     *           "goalNames": [
                     *             "signup"
                     *           ],
                     *           "headers": {
                     *             "Authorization": "********",
                     *             "X-Team": "growth"
                     *           },
                     *           "id": "6a1d74400a11e1c974506e53",
                     *           "isEnabled": true,
                     *           "rateLimit": 10,
                     *           "updatedAt": "2026-06-01T12:05:00.000Z",
                     *           "url": "http://127.0.0.1:9/hooks/sluice",
                     *           "websiteId": "6a1d7440e6fa467698cfa378"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Webhook"][];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            413: components["responses"]["Error"];
            415: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    deleteWebhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                websiteId: components["parameters"]["websiteId"];
                webhookId: components["parameters"]["webhookId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "message": "Webhook deleted successfully"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: {
                            /** @description What was done. */
                            message: string;
                        }[];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            409: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    listDeliveries: {
        parameters: {
            query?: {
                limit?: components["parameters"]["limit.listAlertHistory"];
                offset?: components["parameters"]["offset.listAudit"];
                since?: components["parameters"]["since.listAllDeliveries"];
                status?: components["parameters"]["status"];
                type?: components["parameters"]["type"];
                until?: components["parameters"]["until.listAllDeliveries"];
            };
            header?: never;
            path: {
                websiteId: components["parameters"]["websiteId"];
                webhookId: components["parameters"]["webhookId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "_id": "6a1d7440d21912423cb147f2",
                     *           "attemptCount": 1,
                     *           "createdAt": "2026-06-01T12:00:00.000Z",
                     *           "id": "6a1d7440d21912423cb147f2",
                     *           "lastStatusCode": null,
                     *           "messageId": "msg_71607d3b1fca514f9719b3d0776636c5",
                     *           "nextAttemptAt": "2026-06-01T12:00:05.000Z",
                     *           "status": "pending",
                     *           "type": "goal.completed",
                     *           "updatedAt": "2026-06-01T12:00:00.000Z",
                     *           "webhookId": "6a1d74400a11e1c974506e53",
                     *           "websiteId": "6a1d7440e6fa467698cfa378"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Delivery"][];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    getDelivery: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                websiteId: components["parameters"]["websiteId"];
                webhookId: components["parameters"]["webhookId"];
                deliveryId: components["parameters"]["deliveryId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "_id": "6a1d7440d21912423cb147f2",
                     *           "attemptCount": 1,
                     *           "attempts": [
                     *             {
                     *               "durationMs": 15,
                     *               "error": "connection",
                     *               "number": 1,
                     *               "responseBody": null,
                     *               "startedAt": "2026-06-01T12:00:00.000Z",
                     *               "statusCode": null,
                     *               "trigger": "manual"
                     *             }
                     *           ],
                     *           "createdAt": "2026-06-01T12:00:00.000Z",
                     *           "id": "6a1d7440d21912423cb147f2",
                     *           "lastStatusCode": null,
                     *           "messageId": "msg_71607d3b1fca514f9719b3d0776636c5",
                     *           "nextAttemptAt": "2026-06-01T12:00:05.000Z",
                     *           "payload": {
                     *             "data": {
                     *               "eventId": "000000000000000000000002",
                     *               "goalName": "signup",
                     *               "metadata": {
                     *                 "plan": "pro"
                     *               },
                     *               "test": true,
                     *               "timestamp": "2026-06-01T12:00:00.000Z",
                     *               "visitorId": "b9b9b9b9-b9b9-49b9-b9b9-b9b9b9b9b9b9",
                     *               "websiteId": "6a1d7440e6fa467698cfa378"
                     *             },
                     *             "timestamp": "2026-06-01T12:00:00.000Z",
                     *             "type": "goal.completed"
                     *           },
                     *           "status": "pending",
                     *           "type": "goal.completed",
                     *           "updatedAt": "2026-06-01T12:00:00.000Z",
                     *           "webhookId": "6a1d74400a11e1c974506e53",
                     *           "websiteId": "6a1d7440e6fa467698cfa378"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["DeliveryDetails"][];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    resendDelivery: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes it safe to send the request again: for 24 hours the first success is answered again, to the same credential on the same path. The same key with another body, or while the first request still runs, is 409. A request that was refused leaves its key free. */
                "Idempotency-Key"?: components["parameters"]["Idempotency-Key"];
            };
            path: {
                websiteId: components["parameters"]["websiteId"];
                webhookId: components["parameters"]["webhookId"];
                deliveryId: components["parameters"]["deliveryId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "_id": "6a1d7440d21912423cb147f2",
                     *           "attemptCount": 1,
                     *           "createdAt": "2026-06-01T12:00:00.000Z",
                     *           "id": "6a1d7440d21912423cb147f2",
                     *           "lastStatusCode": null,
                     *           "messageId": "msg_71607d3b1fca514f9719b3d0776636c5",
                     *           "nextAttemptAt": "2026-06-01T12:05:00.000Z",
                     *           "status": "pending",
                     *           "type": "goal.completed",
                     *           "updatedAt": "2026-06-01T12:05:00.000Z",
                     *           "webhookId": "6a1d74400a11e1c974506e53",
                     *           "websiteId": "6a1d7440e6fa467698cfa378"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Delivery"][];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            409: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    resendDeliveries: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes it safe to send the request again: for 24 hours the first success is answered again, to the same credential on the same path. The same key with another body, or while the first request still runs, is 409. A request that was refused leaves its key free. */
                "Idempotency-Key"?: components["parameters"]["Idempotency-Key"];
            };
            path: {
                websiteId: components["parameters"]["websiteId"];
                webhookId: components["parameters"]["webhookId"];
            };
            cookie?: never;
        };
        /** @description JSON of at most 65536 bytes, also after decoding, and 16 levels. */
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "dryRun": true,
                 *       "since": "2026-05-21T10:00:00.000Z"
                 *     }
                 */
                "application/json": components["schemas"]["ResendDeliveries"];
            };
        };
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "count": 0,
                     *           "dryRun": true
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Resent"][];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            409: components["responses"]["Error"];
            413: components["responses"]["Error"];
            415: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    getWebhookSecret: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                websiteId: components["parameters"]["websiteId"];
                webhookId: components["parameters"]["webhookId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "secret": "whsec_…"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["ShownSecret"][];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    rotateWebhookSecret: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes it safe to send the request again: for 24 hours the first success is answered again, to the same credential on the same path. The same key with another body, or while the first request still runs, is 409. A request that was refused leaves its key free. */
                "Idempotency-Key"?: components["parameters"]["Idempotency-Key"];
            };
            path: {
                websiteId: components["parameters"]["websiteId"];
                webhookId: components["parameters"]["webhookId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "previousSecretExpiresAt": "2026-06-02T12:05:00.000Z",
                     *           "secret": "whsec_…"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["RotatedSecret"][];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            409: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    getWebhookStats: {
        parameters: {
            query?: {
                interval?: "hour" | "day";
                since?: string;
                until?: string;
            };
            header?: never;
            path: {
                websiteId: components["parameters"]["websiteId"];
                webhookId: components["parameters"]["webhookId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "delivered": 0,
                     *           "disablesAt": null,
                     *           "failed": 0,
                     *           "failingSince": null,
                     *           "interval": "hour",
                     *           "lastDeliveryAt": "2026-06-01T12:00:00.000Z",
                     *           "missed": 0,
                     *           "p50Ms": null,
                     *           "p95Ms": null,
                     *           "series": [
                     *             {
                     *               "at": "2026-05-20T22:00:00.000Z",
                     *               "delivered": 0,
                     *               "failed": 0,
                     *               "missed": 0,
                     *               "p50Ms": null,
                     *               "p95Ms": null
                     *             },
                     *             {
                     *               "at": "2026-05-20T23:00:00.000Z",
                     *               "delivered": 0,
                     *               "failed": 0,
                     *               "missed": 0,
                     *               "p50Ms": null,
                     *               "p95Ms": null
                     *             }
                     *           ],
                     *           "webhookId": "6a1d74400a11e1c974506e53"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["WebhookStats"][];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    testWebhook: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes it safe to send the request again: for 24 hours the first success is answered again, to the same credential on the same path. The same key with another body, or while the first request still runs, is 409. A request that was refused leaves its key free. */
                "Idempotency-Key"?: components["parameters"]["Idempotency-Key"];
            };
            path: {
                websiteId: components["parameters"]["websiteId"];
                webhookId: components["parameters"]["webhookId"];
            };
            cookie?: never;
        };
        /** @description JSON of at most 65536 bytes, also after decoding, and 16 levels. */
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "type": "goal.completed"
                 *     }
                 */
                "application/json": components["schemas"]["TestWebhook"];
            };
        };
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    "Idempotency-Replayed": components["headers"]["Idempotency-Replayed"];
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "deliveryId": "6a1d7440d21912423cb147f2"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Tested"][];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            409: components["responses"]["Error"];
            413: components["responses"]["Error"];
            415: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    getBotTraffic: {
        parameters: {
            query?: {
                websiteId?: components["parameters"]["websiteId.getBotTraffic"];
                endAt?: components["parameters"]["endAt"];
                startAt?: components["parameters"]["startAt"];
                timezone?: components["parameters"]["timezone"];
                category?: components["parameters"]["category"];
                company?: components["parameters"]["company"];
                crawlerId?: components["parameters"]["crawlerId"];
                verification?: components["parameters"]["verification"];
                interval?: components["parameters"]["interval"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "categories": [],
                     *           "companies": [],
                     *           "crawlers": [],
                     *           "requests": 0,
                     *           "timeseries": [
                     *             {
                     *               "name": "20 May",
                     *               "requests": 0,
                     *               "timestamp": "2026-05-20T00:00:00-04:00"
                     *             },
                     *             {
                     *               "name": "21 May",
                     *               "requests": 0,
                     *               "timestamp": "2026-05-21T00:00:00-04:00"
                     *             },
                     *             {
                     *               "name": "22 May",
                     *               "requests": 0,
                     *               "timestamp": "2026-05-22T00:00:00-04:00"
                     *             }
                     *           ],
                     *           "verifiedRequests": 0
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["BotTraffic"][];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    listBotPages: {
        parameters: {
            query?: {
                websiteId?: components["parameters"]["websiteId.getBotTraffic"];
                endAt?: components["parameters"]["endAt"];
                startAt?: components["parameters"]["startAt"];
                timezone?: components["parameters"]["timezone"];
                category?: components["parameters"]["category"];
                company?: components["parameters"]["company"];
                crawlerId?: components["parameters"]["crawlerId"];
                verification?: components["parameters"]["verification"];
                pageSearch?: string;
                limit?: components["parameters"]["limit"];
                offset?: components["parameters"]["offset"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "errorRequests": 0,
                     *           "hostname": "example.com",
                     *           "lastSeenAt": "2026-06-01T12:00:00.000Z",
                     *           "path": "/pricing",
                     *           "requests": 1,
                     *           "verifiedRequests": 0
                     *         }
                     *       ],
                     *       "pagination": {
                     *         "limit": 100,
                     *         "offset": 0,
                     *         "total": 1
                     *       },
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["CrawledPage"][];
                        /** @description The page of a list that the response contains. */
                        pagination: {
                            /**
                             * Format: uint32
                             * @description The maximum number of rows.
                             */
                            limit: number;
                            /**
                             * Format: uint32
                             * @description The number of rows skipped.
                             */
                            offset: number;
                            /**
                             * Format: int64
                             * @description The total number of rows.
                             */
                            total: number;
                        };
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    listBrowsers: {
        parameters: {
            query?: {
                websiteId?: components["parameters"]["websiteId.getBotTraffic"];
                fields?: string;
                q?: components["parameters"]["q"];
                limit?: components["parameters"]["limit"];
                offset?: components["parameters"]["offset"];
                endAt?: components["parameters"]["endAt"];
                startAt?: components["parameters"]["startAt"];
                timezone?: components["parameters"]["timezone"];
                filter_country?: components["parameters"]["filter_country"];
                filter_region?: components["parameters"]["filter_region"];
                filter_city?: components["parameters"]["filter_city"];
                filter_device?: components["parameters"]["filter_device"];
                filter_browser?: components["parameters"]["filter_browser"];
                filter_os?: components["parameters"]["filter_os"];
                filter_referrer?: components["parameters"]["filter_referrer"];
                filter_page?: components["parameters"]["filter_page"];
                filter_entry_page?: components["parameters"]["filter_entry_page"];
                filter_hostname?: components["parameters"]["filter_hostname"];
                filter_goal?: components["parameters"]["filter_goal"];
                filter_utm_source?: components["parameters"]["filter_utm_source"];
                filter_utm_medium?: components["parameters"]["filter_utm_medium"];
                filter_utm_campaign?: components["parameters"]["filter_utm_campaign"];
                filter_utm_term?: components["parameters"]["filter_utm_term"];
                filter_utm_content?: components["parameters"]["filter_utm_content"];
                filter_ref?: components["parameters"]["filter_ref"];
                filter_source?: components["parameters"]["filter_source"];
                filter_via?: components["parameters"]["filter_via"];
                filter_visit_count?: components["parameters"]["filter_visit_count"];
                sort?: components["parameters"]["sort"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "browser": "Chrome",
                     *           "payments": 2,
                     *           "revenue": 98,
                     *           "visitors": 1
                     *         }
                     *       ],
                     *       "pagination": {
                     *         "limit": 100,
                     *         "offset": 0,
                     *         "total": 1
                     *       },
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["BrowserRow"][];
                        /** @description The page of a list that the response contains. */
                        pagination: {
                            /**
                             * Format: uint32
                             * @description The maximum number of rows.
                             */
                            limit: number;
                            /**
                             * Format: uint32
                             * @description The number of rows skipped.
                             */
                            offset: number;
                            /**
                             * Format: int64
                             * @description The total number of rows.
                             */
                            total: number;
                        };
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    listCampaigns: {
        parameters: {
            query?: {
                websiteId?: components["parameters"]["websiteId.getBotTraffic"];
                fields?: string;
                q?: components["parameters"]["q"];
                limit?: components["parameters"]["limit"];
                offset?: components["parameters"]["offset"];
                endAt?: components["parameters"]["endAt"];
                startAt?: components["parameters"]["startAt"];
                timezone?: components["parameters"]["timezone"];
                filter_country?: components["parameters"]["filter_country"];
                filter_region?: components["parameters"]["filter_region"];
                filter_city?: components["parameters"]["filter_city"];
                filter_device?: components["parameters"]["filter_device"];
                filter_browser?: components["parameters"]["filter_browser"];
                filter_os?: components["parameters"]["filter_os"];
                filter_referrer?: components["parameters"]["filter_referrer"];
                filter_page?: components["parameters"]["filter_page"];
                filter_entry_page?: components["parameters"]["filter_entry_page"];
                filter_hostname?: components["parameters"]["filter_hostname"];
                filter_goal?: components["parameters"]["filter_goal"];
                filter_utm_source?: components["parameters"]["filter_utm_source"];
                filter_utm_medium?: components["parameters"]["filter_utm_medium"];
                filter_utm_campaign?: components["parameters"]["filter_utm_campaign"];
                filter_utm_term?: components["parameters"]["filter_utm_term"];
                filter_utm_content?: components["parameters"]["filter_utm_content"];
                filter_ref?: components["parameters"]["filter_ref"];
                filter_source?: components["parameters"]["filter_source"];
                filter_via?: components["parameters"]["filter_via"];
                filter_visit_count?: components["parameters"]["filter_visit_count"];
                sort?: components["parameters"]["sort"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "campaign": {
                     *             "ref": "",
                     *             "source": "",
                     *             "utm_campaign": "",
                     *             "utm_content": "",
                     *             "utm_medium": "",
                     *             "utm_source": "newsletter",
                     *             "utm_term": "",
                     *             "via": ""
                     *           },
                     *           "payments": 0,
                     *           "revenue": 0,
                     *           "visitors": 1
                     *         },
                     *         {
                     *           "campaign": {
                     *             "ref": "friend",
                     *             "source": "",
                     *             "utm_campaign": "",
                     *             "utm_content": "",
                     *             "utm_medium": "",
                     *             "utm_source": "newsletter",
                     *             "utm_term": "",
                     *             "via": ""
                     *           },
                     *           "payments": 2,
                     *           "revenue": 98,
                     *           "visitors": 1
                     *         }
                     *       ],
                     *       "pagination": {
                     *         "limit": 100,
                     *         "offset": 0,
                     *         "total": 2
                     *       },
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["CampaignRow"][];
                        /** @description The page of a list that the response contains. */
                        pagination: {
                            /**
                             * Format: uint32
                             * @description The maximum number of rows.
                             */
                            limit: number;
                            /**
                             * Format: uint32
                             * @description The number of rows skipped.
                             */
                            offset: number;
                            /**
                             * Format: int64
                             * @description The total number of rows.
                             */
                            total: number;
                        };
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    listChannels: {
        parameters: {
            query?: {
                websiteId?: components["parameters"]["websiteId.getBotTraffic"];
                fields?: string;
                q?: components["parameters"]["q"];
                limit?: components["parameters"]["limit"];
                offset?: components["parameters"]["offset"];
                endAt?: components["parameters"]["endAt"];
                startAt?: components["parameters"]["startAt"];
                timezone?: components["parameters"]["timezone"];
                filter_country?: components["parameters"]["filter_country"];
                filter_region?: components["parameters"]["filter_region"];
                filter_city?: components["parameters"]["filter_city"];
                filter_device?: components["parameters"]["filter_device"];
                filter_browser?: components["parameters"]["filter_browser"];
                filter_os?: components["parameters"]["filter_os"];
                filter_referrer?: components["parameters"]["filter_referrer"];
                filter_page?: components["parameters"]["filter_page"];
                filter_entry_page?: components["parameters"]["filter_entry_page"];
                filter_hostname?: components["parameters"]["filter_hostname"];
                filter_goal?: components["parameters"]["filter_goal"];
                filter_utm_source?: components["parameters"]["filter_utm_source"];
                filter_utm_medium?: components["parameters"]["filter_utm_medium"];
                filter_utm_campaign?: components["parameters"]["filter_utm_campaign"];
                filter_utm_term?: components["parameters"]["filter_utm_term"];
                filter_utm_content?: components["parameters"]["filter_utm_content"];
                filter_ref?: components["parameters"]["filter_ref"];
                filter_source?: components["parameters"]["filter_source"];
                filter_via?: components["parameters"]["filter_via"];
                filter_visit_count?: components["parameters"]["filter_visit_count"];
                sort?: components["parameters"]["sort"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "channel": "Email",
                     *           "payments": 2,
                     *           "revenue": 98,
                     *           "visitors": 1
                     *         }
                     *       ],
                     *       "pagination": {
                     *         "limit": 100,
                     *         "offset": 0,
                     *         "total": 1
                     *       },
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["ChannelRow"][];
                        /** @description The page of a list that the response contains. */
                        pagination: {
                            /**
                             * Format: uint32
                             * @description The maximum number of rows.
                             */
                            limit: number;
                            /**
                             * Format: uint32
                             * @description The number of rows skipped.
                             */
                            offset: number;
                            /**
                             * Format: int64
                             * @description The total number of rows.
                             */
                            total: number;
                        };
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    listCities: {
        parameters: {
            query?: {
                websiteId?: components["parameters"]["websiteId.getBotTraffic"];
                fields?: string;
                q?: components["parameters"]["q"];
                limit?: components["parameters"]["limit"];
                offset?: components["parameters"]["offset"];
                endAt?: components["parameters"]["endAt"];
                startAt?: components["parameters"]["startAt"];
                timezone?: components["parameters"]["timezone"];
                filter_country?: components["parameters"]["filter_country"];
                filter_region?: components["parameters"]["filter_region"];
                filter_city?: components["parameters"]["filter_city"];
                filter_device?: components["parameters"]["filter_device"];
                filter_browser?: components["parameters"]["filter_browser"];
                filter_os?: components["parameters"]["filter_os"];
                filter_referrer?: components["parameters"]["filter_referrer"];
                filter_page?: components["parameters"]["filter_page"];
                filter_entry_page?: components["parameters"]["filter_entry_page"];
                filter_hostname?: components["parameters"]["filter_hostname"];
                filter_goal?: components["parameters"]["filter_goal"];
                filter_utm_source?: components["parameters"]["filter_utm_source"];
                filter_utm_medium?: components["parameters"]["filter_utm_medium"];
                filter_utm_campaign?: components["parameters"]["filter_utm_campaign"];
                filter_utm_term?: components["parameters"]["filter_utm_term"];
                filter_utm_content?: components["parameters"]["filter_utm_content"];
                filter_ref?: components["parameters"]["filter_ref"];
                filter_source?: components["parameters"]["filter_source"];
                filter_via?: components["parameters"]["filter_via"];
                filter_visit_count?: components["parameters"]["filter_visit_count"];
                sort?: components["parameters"]["sort"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "city": "Austin",
                     *           "payments": 0,
                     *           "revenue": 0,
                     *           "visitors": 1
                     *         },
                     *         {
                     *           "city": "San Francisco",
                     *           "payments": 2,
                     *           "revenue": 98,
                     *           "visitors": 1
                     *         }
                     *       ],
                     *       "pagination": {
                     *         "limit": 100,
                     *         "offset": 0,
                     *         "total": 2
                     *       },
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["CityRow"][];
                        /** @description The page of a list that the response contains. */
                        pagination: {
                            /**
                             * Format: uint32
                             * @description The maximum number of rows.
                             */
                            limit: number;
                            /**
                             * Format: uint32
                             * @description The number of rows skipped.
                             */
                            offset: number;
                            /**
                             * Format: int64
                             * @description The total number of rows.
                             */
                            total: number;
                        };
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    listCountries: {
        parameters: {
            query?: {
                websiteId?: components["parameters"]["websiteId.getBotTraffic"];
                fields?: string;
                q?: components["parameters"]["q"];
                limit?: components["parameters"]["limit"];
                offset?: components["parameters"]["offset"];
                endAt?: components["parameters"]["endAt"];
                startAt?: components["parameters"]["startAt"];
                timezone?: components["parameters"]["timezone"];
                filter_country?: components["parameters"]["filter_country"];
                filter_region?: components["parameters"]["filter_region"];
                filter_city?: components["parameters"]["filter_city"];
                filter_device?: components["parameters"]["filter_device"];
                filter_browser?: components["parameters"]["filter_browser"];
                filter_os?: components["parameters"]["filter_os"];
                filter_referrer?: components["parameters"]["filter_referrer"];
                filter_page?: components["parameters"]["filter_page"];
                filter_entry_page?: components["parameters"]["filter_entry_page"];
                filter_hostname?: components["parameters"]["filter_hostname"];
                filter_goal?: components["parameters"]["filter_goal"];
                filter_utm_source?: components["parameters"]["filter_utm_source"];
                filter_utm_medium?: components["parameters"]["filter_utm_medium"];
                filter_utm_campaign?: components["parameters"]["filter_utm_campaign"];
                filter_utm_term?: components["parameters"]["filter_utm_term"];
                filter_utm_content?: components["parameters"]["filter_utm_content"];
                filter_ref?: components["parameters"]["filter_ref"];
                filter_source?: components["parameters"]["filter_source"];
                filter_via?: components["parameters"]["filter_via"];
                filter_visit_count?: components["parameters"]["filter_visit_count"];
                sort?: components["parameters"]["sort"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "country": "United States of America",
                     *           "image": "https://purecatamphetamine.github.io/country-flag-icons/3x2/US.svg",
                     *           "payments": 2,
                     *           "revenue": 98,
                     *           "visitors": 1
                     *         }
                     *       ],
                     *       "pagination": {
                     *         "limit": 100,
                     *         "offset": 0,
                     *         "total": 1
                     *       },
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["CountryRow"][];
                        /** @description The page of a list that the response contains. */
                        pagination: {
                            /**
                             * Format: uint32
                             * @description The maximum number of rows.
                             */
                            limit: number;
                            /**
                             * Format: uint32
                             * @description The number of rows skipped.
                             */
                            offset: number;
                            /**
                             * Format: int64
                             * @description The total number of rows.
                             */
                            total: number;
                        };
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    listDevices: {
        parameters: {
            query?: {
                websiteId?: components["parameters"]["websiteId.getBotTraffic"];
                fields?: string;
                q?: components["parameters"]["q"];
                limit?: components["parameters"]["limit"];
                offset?: components["parameters"]["offset"];
                endAt?: components["parameters"]["endAt"];
                startAt?: components["parameters"]["startAt"];
                timezone?: components["parameters"]["timezone"];
                filter_country?: components["parameters"]["filter_country"];
                filter_region?: components["parameters"]["filter_region"];
                filter_city?: components["parameters"]["filter_city"];
                filter_device?: components["parameters"]["filter_device"];
                filter_browser?: components["parameters"]["filter_browser"];
                filter_os?: components["parameters"]["filter_os"];
                filter_referrer?: components["parameters"]["filter_referrer"];
                filter_page?: components["parameters"]["filter_page"];
                filter_entry_page?: components["parameters"]["filter_entry_page"];
                filter_hostname?: components["parameters"]["filter_hostname"];
                filter_goal?: components["parameters"]["filter_goal"];
                filter_utm_source?: components["parameters"]["filter_utm_source"];
                filter_utm_medium?: components["parameters"]["filter_utm_medium"];
                filter_utm_campaign?: components["parameters"]["filter_utm_campaign"];
                filter_utm_term?: components["parameters"]["filter_utm_term"];
                filter_utm_content?: components["parameters"]["filter_utm_content"];
                filter_ref?: components["parameters"]["filter_ref"];
                filter_source?: components["parameters"]["filter_source"];
                filter_via?: components["parameters"]["filter_via"];
                filter_visit_count?: components["parameters"]["filter_visit_count"];
                sort?: components["parameters"]["sort"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "device": "desktop",
                     *           "payments": 2,
                     *           "revenue": 98,
                     *           "visitors": 1
                     *         }
                     *       ],
                     *       "pagination": {
                     *         "limit": 100,
                     *         "offset": 0,
                     *         "total": 1
                     *       },
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["DeviceRow"][];
                        /** @description The page of a list that the response contains. */
                        pagination: {
                            /**
                             * Format: uint32
                             * @description The maximum number of rows.
                             */
                            limit: number;
                            /**
                             * Format: uint32
                             * @description The number of rows skipped.
                             */
                            offset: number;
                            /**
                             * Format: int64
                             * @description The total number of rows.
                             */
                            total: number;
                        };
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    listEntryPages: {
        parameters: {
            query?: {
                websiteId?: components["parameters"]["websiteId.getBotTraffic"];
                fields?: components["parameters"]["fields"];
                q?: components["parameters"]["q"];
                limit?: components["parameters"]["limit"];
                offset?: components["parameters"]["offset"];
                endAt?: components["parameters"]["endAt"];
                startAt?: components["parameters"]["startAt"];
                timezone?: components["parameters"]["timezone"];
                filter_country?: components["parameters"]["filter_country"];
                filter_region?: components["parameters"]["filter_region"];
                filter_city?: components["parameters"]["filter_city"];
                filter_device?: components["parameters"]["filter_device"];
                filter_browser?: components["parameters"]["filter_browser"];
                filter_os?: components["parameters"]["filter_os"];
                filter_referrer?: components["parameters"]["filter_referrer"];
                filter_page?: components["parameters"]["filter_page"];
                filter_entry_page?: components["parameters"]["filter_entry_page"];
                filter_hostname?: components["parameters"]["filter_hostname"];
                filter_goal?: components["parameters"]["filter_goal"];
                filter_utm_source?: components["parameters"]["filter_utm_source"];
                filter_utm_medium?: components["parameters"]["filter_utm_medium"];
                filter_utm_campaign?: components["parameters"]["filter_utm_campaign"];
                filter_utm_term?: components["parameters"]["filter_utm_term"];
                filter_utm_content?: components["parameters"]["filter_utm_content"];
                filter_ref?: components["parameters"]["filter_ref"];
                filter_source?: components["parameters"]["filter_source"];
                filter_via?: components["parameters"]["filter_via"];
                filter_visit_count?: components["parameters"]["filter_visit_count"];
                sort?: components["parameters"]["sort"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "hostname": "example.com",
                     *           "path": "/",
                     *           "payments": 2,
                     *           "revenue": 98,
                     *           "visitors": 1
                     *         }
                     *       ],
                     *       "pagination": {
                     *         "limit": 100,
                     *         "offset": 0,
                     *         "total": 1
                     *       },
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["EntryPageRow"][];
                        /** @description The page of a list that the response contains. */
                        pagination: {
                            /**
                             * Format: uint32
                             * @description The maximum number of rows.
                             */
                            limit: number;
                            /**
                             * Format: uint32
                             * @description The number of rows skipped.
                             */
                            offset: number;
                            /**
                             * Format: int64
                             * @description The total number of rows.
                             */
                            total: number;
                        };
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    listExitClicks: {
        parameters: {
            query?: {
                websiteId?: components["parameters"]["websiteId.getBotTraffic"];
                fields?: string;
                q?: components["parameters"]["q"];
                limit?: components["parameters"]["limit"];
                offset?: components["parameters"]["offset"];
                endAt?: components["parameters"]["endAt"];
                startAt?: components["parameters"]["startAt"];
                timezone?: components["parameters"]["timezone"];
                filter_country?: components["parameters"]["filter_country"];
                filter_region?: components["parameters"]["filter_region"];
                filter_city?: components["parameters"]["filter_city"];
                filter_device?: components["parameters"]["filter_device"];
                filter_browser?: components["parameters"]["filter_browser"];
                filter_os?: components["parameters"]["filter_os"];
                filter_referrer?: components["parameters"]["filter_referrer"];
                filter_page?: components["parameters"]["filter_page"];
                filter_entry_page?: components["parameters"]["filter_entry_page"];
                filter_hostname?: components["parameters"]["filter_hostname"];
                filter_goal?: components["parameters"]["filter_goal"];
                filter_utm_source?: components["parameters"]["filter_utm_source"];
                filter_utm_medium?: components["parameters"]["filter_utm_medium"];
                filter_utm_campaign?: components["parameters"]["filter_utm_campaign"];
                filter_utm_term?: components["parameters"]["filter_utm_term"];
                filter_utm_content?: components["parameters"]["filter_utm_content"];
                filter_ref?: components["parameters"]["filter_ref"];
                filter_source?: components["parameters"]["filter_source"];
                filter_via?: components["parameters"]["filter_via"];
                filter_visit_count?: components["parameters"]["filter_visit_count"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "clicks": 1,
                     *           "url": "https://partner.example/",
                     *           "visitors": 1
                     *         }
                     *       ],
                     *       "pagination": {
                     *         "limit": 100,
                     *         "offset": 0,
                     *         "total": 1
                     *       },
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["ExitClickRow"][];
                        /** @description The page of a list that the response contains. */
                        pagination: {
                            /**
                             * Format: uint32
                             * @description The maximum number of rows.
                             */
                            limit: number;
                            /**
                             * Format: uint32
                             * @description The number of rows skipped.
                             */
                            offset: number;
                            /**
                             * Format: int64
                             * @description The total number of rows.
                             */
                            total: number;
                        };
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    listExitPages: {
        parameters: {
            query?: {
                websiteId?: components["parameters"]["websiteId.getBotTraffic"];
                fields?: components["parameters"]["fields"];
                q?: components["parameters"]["q"];
                limit?: components["parameters"]["limit"];
                offset?: components["parameters"]["offset"];
                endAt?: components["parameters"]["endAt"];
                startAt?: components["parameters"]["startAt"];
                timezone?: components["parameters"]["timezone"];
                filter_country?: components["parameters"]["filter_country"];
                filter_region?: components["parameters"]["filter_region"];
                filter_city?: components["parameters"]["filter_city"];
                filter_device?: components["parameters"]["filter_device"];
                filter_browser?: components["parameters"]["filter_browser"];
                filter_os?: components["parameters"]["filter_os"];
                filter_referrer?: components["parameters"]["filter_referrer"];
                filter_page?: components["parameters"]["filter_page"];
                filter_entry_page?: components["parameters"]["filter_entry_page"];
                filter_hostname?: components["parameters"]["filter_hostname"];
                filter_goal?: components["parameters"]["filter_goal"];
                filter_utm_source?: components["parameters"]["filter_utm_source"];
                filter_utm_medium?: components["parameters"]["filter_utm_medium"];
                filter_utm_campaign?: components["parameters"]["filter_utm_campaign"];
                filter_utm_term?: components["parameters"]["filter_utm_term"];
                filter_utm_content?: components["parameters"]["filter_utm_content"];
                filter_ref?: components["parameters"]["filter_ref"];
                filter_source?: components["parameters"]["filter_source"];
                filter_via?: components["parameters"]["filter_via"];
                filter_visit_count?: components["parameters"]["filter_visit_count"];
                sort?: components["parameters"]["sort"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "hostname": "example.com",
                     *           "path": "/signup",
                     *           "payments": 2,
                     *           "revenue": 98,
                     *           "visitors": 1
                     *         }
                     *       ],
                     *       "pagination": {
                     *         "limit": 100,
                     *         "offset": 0,
                     *         "total": 1
                     *       },
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["ExitPageRow"][];
                        /** @description The page of a list that the response contains. */
                        pagination: {
                            /**
                             * Format: uint32
                             * @description The maximum number of rows.
                             */
                            limit: number;
                            /**
                             * Format: uint32
                             * @description The number of rows skipped.
                             */
                            offset: number;
                            /**
                             * Format: int64
                             * @description The total number of rows.
                             */
                            total: number;
                        };
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    getFunnelResult: {
        parameters: {
            query?: {
                websiteId?: components["parameters"]["websiteId.getBotTraffic"];
                endAt?: components["parameters"]["endAt"];
                startAt?: components["parameters"]["startAt"];
                timezone?: components["parameters"]["timezone"];
                filter_country?: components["parameters"]["filter_country"];
                filter_region?: components["parameters"]["filter_region"];
                filter_city?: components["parameters"]["filter_city"];
                filter_device?: components["parameters"]["filter_device"];
                filter_browser?: components["parameters"]["filter_browser"];
                filter_os?: components["parameters"]["filter_os"];
                filter_referrer?: components["parameters"]["filter_referrer"];
                filter_page?: components["parameters"]["filter_page"];
                filter_entry_page?: components["parameters"]["filter_entry_page"];
                filter_hostname?: components["parameters"]["filter_hostname"];
                filter_goal?: components["parameters"]["filter_goal"];
                filter_utm_source?: components["parameters"]["filter_utm_source"];
                filter_utm_medium?: components["parameters"]["filter_utm_medium"];
                filter_utm_campaign?: components["parameters"]["filter_utm_campaign"];
                filter_utm_term?: components["parameters"]["filter_utm_term"];
                filter_utm_content?: components["parameters"]["filter_utm_content"];
                filter_ref?: components["parameters"]["filter_ref"];
                filter_source?: components["parameters"]["filter_source"];
                filter_via?: components["parameters"]["filter_via"];
                filter_visit_count?: components["parameters"]["filter_visit_count"];
            };
            header?: never;
            path: {
                funnelId: components["parameters"]["funnelId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "completedVisitors": 1,
                     *           "conversionRate": 100,
                     *           "funnelId": "6a1d74404efcfc7eaf61d4d8",
                     *           "name": "Signup",
                     *           "revenue": 98,
                     *           "slug": "signup",
                     *           "steps": [
                     *             {
                     *               "conversionRate": 100,
                     *               "dropOff": 0,
                     *               "dropOffRate": 0,
                     *               "id": "landing-page",
                     *               "name": "Landing page",
                     *               "revenue": 98,
                     *               "stepConversionRate": 100,
                     *               "type": "pageview",
                     *               "visitors": 1
                     *             },
                     *             {
                     *               "conversionRate": 100,
                     *               "dropOff": 0,
                     *               "dropOffRate": 0,
                     *               "id": "signup-page",
                     *               "name": "Signup page",
                     *               "revenue": 98,
                     *               "stepConversionRate": 100,
                     *               "type": "pageview",
                     *               "visitors": 1
                     *             },
                     *             {
                     *               "conversionRate": 100,
                     *               "dropOff": 0,
                     *               "dropOffRate": 0,
                     *               "id": "signed-up",
                     *               "name": "Signed up",
                     *               "revenue": 98,
                     *               "stepConversionRate": 100,
                     *               "type": "goal",
                     *               "visitors": 1
                     *             }
                     *           ],
                     *           "totalVisitors": 1
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["FunnelResult"][];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    listGoals: {
        parameters: {
            query?: {
                websiteId?: components["parameters"]["websiteId.getBotTraffic"];
                fields?: string;
                q?: components["parameters"]["q"];
                limit?: components["parameters"]["limit"];
                offset?: components["parameters"]["offset"];
                endAt?: components["parameters"]["endAt"];
                startAt?: components["parameters"]["startAt"];
                timezone?: components["parameters"]["timezone"];
                filter_country?: components["parameters"]["filter_country"];
                filter_region?: components["parameters"]["filter_region"];
                filter_city?: components["parameters"]["filter_city"];
                filter_device?: components["parameters"]["filter_device"];
                filter_browser?: components["parameters"]["filter_browser"];
                filter_os?: components["parameters"]["filter_os"];
                filter_referrer?: components["parameters"]["filter_referrer"];
                filter_page?: components["parameters"]["filter_page"];
                filter_entry_page?: components["parameters"]["filter_entry_page"];
                filter_hostname?: components["parameters"]["filter_hostname"];
                filter_goal?: components["parameters"]["filter_goal"];
                filter_utm_source?: components["parameters"]["filter_utm_source"];
                filter_utm_medium?: components["parameters"]["filter_utm_medium"];
                filter_utm_campaign?: components["parameters"]["filter_utm_campaign"];
                filter_utm_term?: components["parameters"]["filter_utm_term"];
                filter_utm_content?: components["parameters"]["filter_utm_content"];
                filter_ref?: components["parameters"]["filter_ref"];
                filter_source?: components["parameters"]["filter_source"];
                filter_via?: components["parameters"]["filter_via"];
                filter_visit_count?: components["parameters"]["filter_visit_count"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "completions": 2,
                     *           "goal": "signup",
                     *           "visitors": 1
                     *         },
                     *         {
                     *           "completions": 1,
                     *           "goal": "newsletter",
                     *           "visitors": 1
                     *         }
                     *       ],
                     *       "pagination": {
                     *         "limit": 100,
                     *         "offset": 0,
                     *         "total": 2
                     *       },
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["GoalRow"][];
                        /** @description The page of a list that the response contains. */
                        pagination: {
                            /**
                             * Format: uint32
                             * @description The maximum number of rows.
                             */
                            limit: number;
                            /**
                             * Format: uint32
                             * @description The number of rows skipped.
                             */
                            offset: number;
                            /**
                             * Format: int64
                             * @description The total number of rows.
                             */
                            total: number;
                        };
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    listGoalProperties: {
        parameters: {
            query: {
                websiteId?: components["parameters"]["websiteId.getBotTraffic"];
                eventName: string;
                propertyName?: string;
                endAt?: components["parameters"]["endAt"];
                startAt?: components["parameters"]["startAt"];
                timezone?: components["parameters"]["timezone"];
                limit?: components["parameters"]["limit"];
                offset?: components["parameters"]["offset"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "completions": 2,
                     *           "property": "plan",
                     *           "visitors": 1
                     *         }
                     *       ],
                     *       "pagination": {
                     *         "limit": 100,
                     *         "offset": 0,
                     *         "total": 1
                     *       },
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["PropertyRow"][];
                        /** @description The page of a list that the response contains. */
                        pagination: {
                            /**
                             * Format: uint32
                             * @description The maximum number of rows.
                             */
                            limit: number;
                            /**
                             * Format: uint32
                             * @description The number of rows skipped.
                             */
                            offset: number;
                            /**
                             * Format: int64
                             * @description The total number of rows.
                             */
                            total: number;
                        };
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    listHostnames: {
        parameters: {
            query?: {
                websiteId?: components["parameters"]["websiteId.getBotTraffic"];
                fields?: string;
                q?: components["parameters"]["q"];
                limit?: components["parameters"]["limit"];
                offset?: components["parameters"]["offset"];
                endAt?: components["parameters"]["endAt"];
                startAt?: components["parameters"]["startAt"];
                timezone?: components["parameters"]["timezone"];
                filter_country?: components["parameters"]["filter_country"];
                filter_region?: components["parameters"]["filter_region"];
                filter_city?: components["parameters"]["filter_city"];
                filter_device?: components["parameters"]["filter_device"];
                filter_browser?: components["parameters"]["filter_browser"];
                filter_os?: components["parameters"]["filter_os"];
                filter_referrer?: components["parameters"]["filter_referrer"];
                filter_page?: components["parameters"]["filter_page"];
                filter_entry_page?: components["parameters"]["filter_entry_page"];
                filter_hostname?: components["parameters"]["filter_hostname"];
                filter_goal?: components["parameters"]["filter_goal"];
                filter_utm_source?: components["parameters"]["filter_utm_source"];
                filter_utm_medium?: components["parameters"]["filter_utm_medium"];
                filter_utm_campaign?: components["parameters"]["filter_utm_campaign"];
                filter_utm_term?: components["parameters"]["filter_utm_term"];
                filter_utm_content?: components["parameters"]["filter_utm_content"];
                filter_ref?: components["parameters"]["filter_ref"];
                filter_source?: components["parameters"]["filter_source"];
                filter_via?: components["parameters"]["filter_via"];
                filter_visit_count?: components["parameters"]["filter_visit_count"];
                sort?: components["parameters"]["sort"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "hostname": "example.com",
                     *           "payments": 2,
                     *           "revenue": 98,
                     *           "visitors": 1
                     *         }
                     *       ],
                     *       "pagination": {
                     *         "limit": 100,
                     *         "offset": 0,
                     *         "total": 1
                     *       },
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["HostnameRow"][];
                        /** @description The page of a list that the response contains. */
                        pagination: {
                            /**
                             * Format: uint32
                             * @description The maximum number of rows.
                             */
                            limit: number;
                            /**
                             * Format: uint32
                             * @description The number of rows skipped.
                             */
                            offset: number;
                            /**
                             * Format: int64
                             * @description The total number of rows.
                             */
                            total: number;
                        };
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    getMetadata: {
        parameters: {
            query?: {
                websiteId?: components["parameters"]["websiteId.getBotTraffic"];
                fields?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "currency": "USD",
                     *           "domain": "example.com",
                     *           "kpi": "signup",
                     *           "kpiColorScheme": "green",
                     *           "logo": null,
                     *           "name": "New name",
                     *           "timezone": "America/New_York"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Metadata"][];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    listOperatingSystems: {
        parameters: {
            query?: {
                websiteId?: components["parameters"]["websiteId.getBotTraffic"];
                fields?: string;
                q?: components["parameters"]["q"];
                limit?: components["parameters"]["limit"];
                offset?: components["parameters"]["offset"];
                endAt?: components["parameters"]["endAt"];
                startAt?: components["parameters"]["startAt"];
                timezone?: components["parameters"]["timezone"];
                filter_country?: components["parameters"]["filter_country"];
                filter_region?: components["parameters"]["filter_region"];
                filter_city?: components["parameters"]["filter_city"];
                filter_device?: components["parameters"]["filter_device"];
                filter_browser?: components["parameters"]["filter_browser"];
                filter_os?: components["parameters"]["filter_os"];
                filter_referrer?: components["parameters"]["filter_referrer"];
                filter_page?: components["parameters"]["filter_page"];
                filter_entry_page?: components["parameters"]["filter_entry_page"];
                filter_hostname?: components["parameters"]["filter_hostname"];
                filter_goal?: components["parameters"]["filter_goal"];
                filter_utm_source?: components["parameters"]["filter_utm_source"];
                filter_utm_medium?: components["parameters"]["filter_utm_medium"];
                filter_utm_campaign?: components["parameters"]["filter_utm_campaign"];
                filter_utm_term?: components["parameters"]["filter_utm_term"];
                filter_utm_content?: components["parameters"]["filter_utm_content"];
                filter_ref?: components["parameters"]["filter_ref"];
                filter_source?: components["parameters"]["filter_source"];
                filter_via?: components["parameters"]["filter_via"];
                filter_visit_count?: components["parameters"]["filter_visit_count"];
                sort?: components["parameters"]["sort"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "operating_system": "Mac OS",
                     *           "payments": 2,
                     *           "revenue": 98,
                     *           "visitors": 1
                     *         }
                     *       ],
                     *       "pagination": {
                     *         "limit": 100,
                     *         "offset": 0,
                     *         "total": 1
                     *       },
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["OperatingSystemRow"][];
                        /** @description The page of a list that the response contains. */
                        pagination: {
                            /**
                             * Format: uint32
                             * @description The maximum number of rows.
                             */
                            limit: number;
                            /**
                             * Format: uint32
                             * @description The number of rows skipped.
                             */
                            offset: number;
                            /**
                             * Format: int64
                             * @description The total number of rows.
                             */
                            total: number;
                        };
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    getOverview: {
        parameters: {
            query?: {
                websiteId?: components["parameters"]["websiteId.getBotTraffic"];
                fields?: string;
                endAt?: components["parameters"]["endAt"];
                startAt?: components["parameters"]["startAt"];
                timezone?: components["parameters"]["timezone"];
                filter_country?: components["parameters"]["filter_country"];
                filter_region?: components["parameters"]["filter_region"];
                filter_city?: components["parameters"]["filter_city"];
                filter_device?: components["parameters"]["filter_device"];
                filter_browser?: components["parameters"]["filter_browser"];
                filter_os?: components["parameters"]["filter_os"];
                filter_referrer?: components["parameters"]["filter_referrer"];
                filter_page?: components["parameters"]["filter_page"];
                filter_entry_page?: components["parameters"]["filter_entry_page"];
                filter_hostname?: components["parameters"]["filter_hostname"];
                filter_goal?: components["parameters"]["filter_goal"];
                filter_utm_source?: components["parameters"]["filter_utm_source"];
                filter_utm_medium?: components["parameters"]["filter_utm_medium"];
                filter_utm_campaign?: components["parameters"]["filter_utm_campaign"];
                filter_utm_term?: components["parameters"]["filter_utm_term"];
                filter_utm_content?: components["parameters"]["filter_utm_content"];
                filter_ref?: components["parameters"]["filter_ref"];
                filter_source?: components["parameters"]["filter_source"];
                filter_via?: components["parameters"]["filter_via"];
                filter_visit_count?: components["parameters"]["filter_visit_count"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "avg_session_duration": 90000,
                     *           "bounce_rate": 0,
                     *           "conversion_rate": 100,
                     *           "currency": "$",
                     *           "new_visitors": 1,
                     *           "pageviews": 2,
                     *           "payments": 2,
                     *           "returning_visitors": 0,
                     *           "revenue": 98,
                     *           "revenue_per_visitor": 98,
                     *           "sessions": 2,
                     *           "visitors": 1
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["OverviewRow"][];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    listPages: {
        parameters: {
            query?: {
                websiteId?: components["parameters"]["websiteId.getBotTraffic"];
                fields?: components["parameters"]["fields"];
                q?: components["parameters"]["q"];
                limit?: components["parameters"]["limit"];
                offset?: components["parameters"]["offset"];
                endAt?: components["parameters"]["endAt"];
                startAt?: components["parameters"]["startAt"];
                timezone?: components["parameters"]["timezone"];
                filter_country?: components["parameters"]["filter_country"];
                filter_region?: components["parameters"]["filter_region"];
                filter_city?: components["parameters"]["filter_city"];
                filter_device?: components["parameters"]["filter_device"];
                filter_browser?: components["parameters"]["filter_browser"];
                filter_os?: components["parameters"]["filter_os"];
                filter_referrer?: components["parameters"]["filter_referrer"];
                filter_page?: components["parameters"]["filter_page"];
                filter_entry_page?: components["parameters"]["filter_entry_page"];
                filter_hostname?: components["parameters"]["filter_hostname"];
                filter_goal?: components["parameters"]["filter_goal"];
                filter_utm_source?: components["parameters"]["filter_utm_source"];
                filter_utm_medium?: components["parameters"]["filter_utm_medium"];
                filter_utm_campaign?: components["parameters"]["filter_utm_campaign"];
                filter_utm_term?: components["parameters"]["filter_utm_term"];
                filter_utm_content?: components["parameters"]["filter_utm_content"];
                filter_ref?: components["parameters"]["filter_ref"];
                filter_source?: components["parameters"]["filter_source"];
                filter_via?: components["parameters"]["filter_via"];
                filter_visit_count?: components["parameters"]["filter_visit_count"];
                sort?: components["parameters"]["sort"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "hostname": "example.com",
                     *           "path": "/",
                     *           "payments": 2,
                     *           "revenue": 98,
                     *           "visitors": 1
                     *         },
                     *         {
                     *           "hostname": "example.com",
                     *           "path": "/signup",
                     *           "payments": 2,
                     *           "revenue": 98,
                     *           "visitors": 1
                     *         }
                     *       ],
                     *       "pagination": {
                     *         "limit": 100,
                     *         "offset": 0,
                     *         "total": 2
                     *       },
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["PageRow"][];
                        /** @description The page of a list that the response contains. */
                        pagination: {
                            /**
                             * Format: uint32
                             * @description The maximum number of rows.
                             */
                            limit: number;
                            /**
                             * Format: uint32
                             * @description The number of rows skipped.
                             */
                            offset: number;
                            /**
                             * Format: int64
                             * @description The total number of rows.
                             */
                            total: number;
                        };
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    getRealtime: {
        parameters: {
            query?: {
                websiteId?: components["parameters"]["websiteId.getBotTraffic"];
                fields?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "visitors": 1
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["RealtimeRow"][];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    getRealtimeMap: {
        parameters: {
            query?: {
                websiteId?: components["parameters"]["websiteId.getBotTraffic"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "conversionMetrics": null,
                     *         "count": 1,
                     *         "hasConversionPredictions": false,
                     *         "recentEvents": [
                     *           {
                     *             "_id": "6a1d7440c3e6b11b97c6b0b9",
                     *             "amount": null,
                     *             "countryCode": null,
                     *             "customerName": null,
                     *             "displayName": null,
                     *             "extraData": {
                     *               "name": "Jane Doe",
                     *               "plan": "pro",
                     *               "user_id": "user_1"
                     *             },
                     *             "path": null,
                     *             "referrer": null,
                     *             "timestamp": "2026-06-01T12:00:00.000Z",
                     *             "type": "identify",
                     *             "visitorId": "b971cbbf-7ce2-4925-902b-8f95a5fb3449"
                     *           },
                     *           {
                     *             "_id": "6a1d74409ff2fee4bb82fba1",
                     *             "amount": null,
                     *             "countryCode": null,
                     *             "customerName": null,
                     *             "displayName": null,
                     *             "extraData": {
                     *               "eventName": "newsletter",
                     *               "list": "weekly"
                     *             },
                     *             "path": null,
                     *             "referrer": null,
                     *             "timestamp": "2026-06-01T12:00:00.000Z",
                     *             "type": "custom",
                     *             "visitorId": "b971cbbf-7ce2-4925-902b-8f95a5fb3449"
                     *           },
                     *           {
                     *             "_id": "6a1d74403abaee8ab30b9446",
                     *             "amount": null,
                     *             "countryCode": "US",
                     *             "customerName": null,
                     *             "displayName": null,
                     *             "extraData": {
                     *               "eventName": "signup",
                     *               "plan": "pro"
                     *             },
                     *             "path": "/pricing",
                     *             "referrer": "Hacker News",
                     *             "timestamp": "2026-06-01T12:00:00.000Z",
                     *             "type": "custom",
                     *             "visitorId": "b971cbbf-7ce2-4925-902b-8f95a5fb3449"
                     *           }
                     *         ],
                     *         "recentPayments": [],
                     *         "visitors": [
                     *           {
                     *             "conversionLikelihood": null,
                     *             "currentUrl": "/signup",
                     *             "customerEmail": "jane@example.com",
                     *             "customerName": "Jane Doe",
                     *             "isCustomer": true,
                     *             "latitude": 30.2713,
                     *             "location": {
                     *               "city": "Austin",
                     *               "countryCode": "US",
                     *               "region": "US-TX"
                     *             },
                     *             "longitude": -97.7426,
                     *             "params": {
                     *               "ref": null,
                     *               "source": null,
                     *               "utm_campaign": null,
                     *               "utm_content": null,
                     *               "utm_medium": null,
                     *               "utm_source": "newsletter",
                     *               "utm_term": null,
                     *               "via": null
                     *             },
                     *             "profileData": {
                     *               "displayName": "Jane Doe",
                     *               "hasProfile": true,
                     *               "isRandomName": false,
                     *               "userId": "user_1"
                     *             },
                     *             "referrer": "Hacker News",
                     *             "sessionStartTime": "2026-06-01T12:00:00.000Z",
                     *             "system": {
                     *               "browser": {
                     *                 "name": "Chrome"
                     *               },
                     *               "device": {
                     *                 "type": "desktop"
                     *               },
                     *               "os": {
                     *                 "name": "Mac OS"
                     *               }
                     *             },
                     *             "visitCount": 2,
                     *             "visitorId": "b971cbbf-7ce2-4925-902b-8f95a5fb3449"
                     *           }
                     *         ]
                     *       },
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["RealtimeMapAnswer"];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    listReferrers: {
        parameters: {
            query?: {
                websiteId?: components["parameters"]["websiteId.getBotTraffic"];
                fields?: string;
                q?: components["parameters"]["q"];
                limit?: components["parameters"]["limit"];
                offset?: components["parameters"]["offset"];
                endAt?: components["parameters"]["endAt"];
                startAt?: components["parameters"]["startAt"];
                timezone?: components["parameters"]["timezone"];
                filter_country?: components["parameters"]["filter_country"];
                filter_region?: components["parameters"]["filter_region"];
                filter_city?: components["parameters"]["filter_city"];
                filter_device?: components["parameters"]["filter_device"];
                filter_browser?: components["parameters"]["filter_browser"];
                filter_os?: components["parameters"]["filter_os"];
                filter_referrer?: components["parameters"]["filter_referrer"];
                filter_page?: components["parameters"]["filter_page"];
                filter_entry_page?: components["parameters"]["filter_entry_page"];
                filter_hostname?: components["parameters"]["filter_hostname"];
                filter_goal?: components["parameters"]["filter_goal"];
                filter_utm_source?: components["parameters"]["filter_utm_source"];
                filter_utm_medium?: components["parameters"]["filter_utm_medium"];
                filter_utm_campaign?: components["parameters"]["filter_utm_campaign"];
                filter_utm_term?: components["parameters"]["filter_utm_term"];
                filter_utm_content?: components["parameters"]["filter_utm_content"];
                filter_ref?: components["parameters"]["filter_ref"];
                filter_source?: components["parameters"]["filter_source"];
                filter_via?: components["parameters"]["filter_via"];
                filter_visit_count?: components["parameters"]["filter_visit_count"];
                sort?: components["parameters"]["sort"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "payments": 2,
                     *           "referrer": "Google",
                     *           "revenue": 98,
                     *           "visitors": 1
                     *         },
                     *         {
                     *           "payments": 0,
                     *           "referrer": "Hacker News",
                     *           "revenue": 0,
                     *           "visitors": 1
                     *         }
                     *       ],
                     *       "pagination": {
                     *         "limit": 100,
                     *         "offset": 0,
                     *         "total": 2
                     *       },
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["ReferrerRow"][];
                        /** @description The page of a list that the response contains. */
                        pagination: {
                            /**
                             * Format: uint32
                             * @description The maximum number of rows.
                             */
                            limit: number;
                            /**
                             * Format: uint32
                             * @description The number of rows skipped.
                             */
                            offset: number;
                            /**
                             * Format: int64
                             * @description The total number of rows.
                             */
                            total: number;
                        };
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    listRegions: {
        parameters: {
            query?: {
                websiteId?: components["parameters"]["websiteId.getBotTraffic"];
                fields?: string;
                q?: components["parameters"]["q"];
                limit?: components["parameters"]["limit"];
                offset?: components["parameters"]["offset"];
                endAt?: components["parameters"]["endAt"];
                startAt?: components["parameters"]["startAt"];
                timezone?: components["parameters"]["timezone"];
                filter_country?: components["parameters"]["filter_country"];
                filter_region?: components["parameters"]["filter_region"];
                filter_city?: components["parameters"]["filter_city"];
                filter_device?: components["parameters"]["filter_device"];
                filter_browser?: components["parameters"]["filter_browser"];
                filter_os?: components["parameters"]["filter_os"];
                filter_referrer?: components["parameters"]["filter_referrer"];
                filter_page?: components["parameters"]["filter_page"];
                filter_entry_page?: components["parameters"]["filter_entry_page"];
                filter_hostname?: components["parameters"]["filter_hostname"];
                filter_goal?: components["parameters"]["filter_goal"];
                filter_utm_source?: components["parameters"]["filter_utm_source"];
                filter_utm_medium?: components["parameters"]["filter_utm_medium"];
                filter_utm_campaign?: components["parameters"]["filter_utm_campaign"];
                filter_utm_term?: components["parameters"]["filter_utm_term"];
                filter_utm_content?: components["parameters"]["filter_utm_content"];
                filter_ref?: components["parameters"]["filter_ref"];
                filter_source?: components["parameters"]["filter_source"];
                filter_via?: components["parameters"]["filter_via"];
                filter_visit_count?: components["parameters"]["filter_visit_count"];
                sort?: components["parameters"]["sort"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "payments": 2,
                     *           "region": "California",
                     *           "revenue": 98,
                     *           "visitors": 1
                     *         },
                     *         {
                     *           "payments": 0,
                     *           "region": "Texas",
                     *           "revenue": 0,
                     *           "visitors": 1
                     *         }
                     *       ],
                     *       "pagination": {
                     *         "limit": 100,
                     *         "offset": 0,
                     *         "total": 2
                     *       },
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["RegionRow"][];
                        /** @description The page of a list that the response contains. */
                        pagination: {
                            /**
                             * Format: uint32
                             * @description The maximum number of rows.
                             */
                            limit: number;
                            /**
                             * Format: uint32
                             * @description The number of rows skipped.
                             */
                            offset: number;
                            /**
                             * Format: int64
                             * @description The total number of rows.
                             */
                            total: number;
                        };
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    getTimeseries: {
        parameters: {
            query?: {
                websiteId?: components["parameters"]["websiteId.getBotTraffic"];
                fields?: string;
                goalName?: string;
                interval?: components["parameters"]["interval"];
                limit?: components["parameters"]["limit"];
                offset?: components["parameters"]["offset"];
                endAt?: components["parameters"]["endAt"];
                startAt?: components["parameters"]["startAt"];
                timezone?: components["parameters"]["timezone"];
                filter_country?: components["parameters"]["filter_country"];
                filter_region?: components["parameters"]["filter_region"];
                filter_city?: components["parameters"]["filter_city"];
                filter_device?: components["parameters"]["filter_device"];
                filter_browser?: components["parameters"]["filter_browser"];
                filter_os?: components["parameters"]["filter_os"];
                filter_referrer?: components["parameters"]["filter_referrer"];
                filter_page?: components["parameters"]["filter_page"];
                filter_entry_page?: components["parameters"]["filter_entry_page"];
                filter_hostname?: components["parameters"]["filter_hostname"];
                filter_goal?: components["parameters"]["filter_goal"];
                filter_utm_source?: components["parameters"]["filter_utm_source"];
                filter_utm_medium?: components["parameters"]["filter_utm_medium"];
                filter_utm_campaign?: components["parameters"]["filter_utm_campaign"];
                filter_utm_term?: components["parameters"]["filter_utm_term"];
                filter_utm_content?: components["parameters"]["filter_utm_content"];
                filter_ref?: components["parameters"]["filter_ref"];
                filter_source?: components["parameters"]["filter_source"];
                filter_via?: components["parameters"]["filter_via"];
                filter_visit_count?: components["parameters"]["filter_visit_count"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "currency": "$",
                     *       "data": [
                     *         {
                     *           "conversion_rate": 0,
                     *           "name": "20 May",
                     *           "payments": 0,
                     *           "revenue": 0,
                     *           "revenueBreakdown": {
                     *             "new": 0,
                     *             "refund": 0,
                     *             "renewal": 0
                     *           },
                     *           "sessions": 0,
                     *           "timestamp": "2026-05-20T00:00:00-04:00",
                     *           "visitors": 0
                     *         },
                     *         {
                     *           "conversion_rate": 100,
                     *           "name": "21 May",
                     *           "payments": 2,
                     *           "revenue": 98,
                     *           "revenueBreakdown": {
                     *             "new": 98,
                     *             "refund": 0,
                     *             "renewal": 0
                     *           },
                     *           "sessions": 1,
                     *           "timestamp": "2026-05-21T00:00:00-04:00",
                     *           "visitors": 1
                     *         },
                     *         {
                     *           "conversion_rate": 0,
                     *           "name": "22 May",
                     *           "payments": 0,
                     *           "revenue": 0,
                     *           "revenueBreakdown": {
                     *             "new": 0,
                     *             "refund": 0,
                     *             "renewal": 0
                     *           },
                     *           "sessions": 0,
                     *           "timestamp": "2026-05-22T00:00:00-04:00",
                     *           "visitors": 0
                     *         }
                     *       ],
                     *       "fields": [
                     *         "name",
                     *         "visitors",
                     *         "sessions",
                     *         "revenue",
                     *         "conversion_rate",
                     *         "payments"
                     *       ],
                     *       "interval": "day",
                     *       "pagination": {
                     *         "limit": 100,
                     *         "offset": 0,
                     *         "total": 3
                     *       },
                     *       "status": "success",
                     *       "timezone": "America/New_York",
                     *       "totals": {
                     *         "conversion_rate": 100,
                     *         "payments": 2,
                     *         "revenue": 98,
                     *         "revenueBreakdown": {
                     *           "new": 98,
                     *           "refund": 0,
                     *           "renewal": 0
                     *         },
                     *         "sessions": 1,
                     *         "visitors": 1
                     *       }
                     *     }
                     */
                    "application/json": {
                        /** @description The symbol of the website's currency; null if no revenue was asked for. */
                        currency: string | null;
                        data: components["schemas"]["TimeseriesRow"][];
                        fields: string[];
                        /**
                         * @description The length of a bucket.
                         * @enum {string}
                         */
                        interval: "hour" | "day" | "week" | "month";
                        /** @description The page of a list that the response contains. */
                        pagination: {
                            /**
                             * Format: uint32
                             * @description The maximum number of rows.
                             */
                            limit: number;
                            /**
                             * Format: uint32
                             * @description The number of rows skipped.
                             */
                            offset: number;
                            /**
                             * Format: int64
                             * @description The total number of rows.
                             */
                            total: number;
                        };
                        /** @enum {string} */
                        status: "success";
                        timezone: string;
                        /** @description The numbers of a bucket, or of all buckets together. */
                        totals: {
                            /**
                             * Format: double
                             * @description Milliseconds from first to last event.
                             */
                            avg_session_duration?: number | null;
                            /**
                             * Format: double
                             * @description Percentage of sessions with one pageview and no goal.
                             */
                            bounce_rate?: number | null;
                            /**
                             * Format: int64
                             * @description How often `goalName` was completed.
                             */
                            completions?: number | null;
                            /**
                             * Format: double
                             * @description Percentage of visitors who paid.
                             */
                            conversion_rate?: number | null;
                            /**
                             * Format: int64
                             * @description Visitors whose first session ever began here.
                             */
                            new_visitors?: number | null;
                            /**
                             * Format: int64
                             * @description The number of pages viewed.
                             */
                            pageviews?: number | null;
                            /**
                             * Format: int64
                             * @description The number of payments above zero.
                             */
                            payments?: number | null;
                            /**
                             * Format: int64
                             * @description Visitors who had a session before.
                             */
                            returning_visitors?: number | null;
                            /**
                             * Format: double
                             * @description New and, where included, renewal revenue, less refunds.
                             */
                            revenue?: number | null;
                            /** @description Each kind of revenue, as a positive number. */
                            revenueBreakdown?: {
                                /**
                                 * Format: double
                                 * @description A number that is serialized without decimals if it has none.
                                 */
                                new: number;
                                /**
                                 * Format: double
                                 * @description A number that is serialized without decimals if it has none.
                                 */
                                refund: number;
                                /**
                                 * Format: double
                                 * @description A number that is serialized without decimals if it has none.
                                 */
                                renewal: number;
                            } | null;
                            /**
                             * Format: double
                             * @description Revenue per visitor.
                             */
                            revenue_per_visitor?: number | null;
                            /**
                             * Format: int64
                             * @description The number of sessions.
                             */
                            sessions?: number | null;
                            /**
                             * Format: int64
                             * @description Distinct visitors.
                             */
                            visitors?: number | null;
                        };
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    getAuthorization: {
        parameters: {
            query: {
                client_id: components["parameters"]["client_id"];
                code_challenge?: components["parameters"]["code_challenge"];
                code_challenge_method?: components["parameters"]["code_challenge_method"];
                redirect_uri: components["parameters"]["redirect_uri"];
                resource?: components["parameters"]["resource"];
                response_type?: components["parameters"]["response_type"];
                scope?: components["parameters"]["scope"];
                state?: components["parameters"]["state"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "asked": [
                     *             "analytics:read"
                     *           ],
                     *           "documentHost": null,
                     *           "grantable": [
                     *             "analytics:read",
                     *             "goals:read",
                     *             "goals:write",
                     *             "payments:read",
                     *             "payments:write",
                     *             "identify:write",
                     *             "websites:read",
                     *             "websites:write",
                     *             "settings:read",
                     *             "settings:write",
                     *             "api-keys:read",
                     *             "funnels:read",
                     *             "funnels:write",
                     *             "alerts:read",
                     *             "alerts:write",
                     *             "webhooks:read",
                     *             "webhooks:write",
                     *             "team:read",
                     *             "notes:read",
                     *             "notes:write"
                     *           ],
                     *           "isOnThisMachine": false,
                     *           "name": "Agent",
                     *           "problem": null,
                     *           "redirectHost": "client.example",
                     *           "refuseTo": "https://client.example/cb?error=access_denied&state=xyz&iss=http%3A%2F%2F127.0.0.1%3A8787"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["AskedByApplication"][];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    grantAuthorization: {
        parameters: {
            query: {
                client_id: components["parameters"]["client_id"];
                code_challenge?: components["parameters"]["code_challenge"];
                code_challenge_method?: components["parameters"]["code_challenge_method"];
                redirect_uri: components["parameters"]["redirect_uri"];
                resource?: components["parameters"]["resource"];
                response_type?: components["parameters"]["response_type"];
                scope?: components["parameters"]["scope"];
                state?: components["parameters"]["state"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description JSON of at most 65536 bytes, also after decoding, and 16 levels. */
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "days": 30,
                 *       "permissions": [
                 *         "analytics:read"
                 *       ],
                 *       "websiteIds": []
                 *     }
                 */
                "application/json": components["schemas"]["GrantToApplication"];
            };
        };
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "redirectTo": "https://client.example/cb?code=dfc_…&state=xyz&iss=http%3A%2F%2F127.0.0.1%3A8787"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["GrantedToApplication"][];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            413: components["responses"]["Error"];
            415: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    listPasskeys: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "createdAt": "2026-06-01T12:00:00.000Z",
                     *           "id": "6a1d7440a856379f0ff93a14",
                     *           "lastUsedAt": null,
                     *           "name": "Laptop"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Passkey"][];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    addPasskey: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description JSON of at most 65536 bytes, also after decoding, and 16 levels. */
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "authenticatorData": "SpGqagTiFb9QRXQa33pq_tpKZsBUMGIkk7vqEgg2zpo",
                 *       "clientDataJSON": "bYWyOUeHtuBdaArYcs9kNPtj_PZ6PwWIdX_IQfKYSIE",
                 *       "id": "pWFFJwzms769HdAStzlIZ33WGNSWSIvGCKPLQ841R90",
                 *       "name": "Laptop",
                 *       "publicKey": "Uymz7ebeWM9d24X9dyBB6PunYLIw6F59xyU_9ftJAGs"
                 *     }
                 */
                "application/json": components["schemas"]["AddPasskey"];
            };
        };
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "createdAt": "2026-06-01T12:00:00.000Z",
                     *           "id": "6a1d7440a856379f0ff93a14",
                     *           "lastUsedAt": null,
                     *           "name": "Laptop"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Passkey"][];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            409: components["responses"]["Error"];
            413: components["responses"]["Error"];
            415: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    createPasskeyOptions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "challenge": "LdAL134CIs7YgmZUganB2fkHMJ0W4F7QB6HqY5KEd6k",
                     *           "displayName": "Jane Doe",
                     *           "email": "jane@example.com",
                     *           "exclude": [],
                     *           "rpId": "localhost",
                     *           "userId": "bMshIU_9YLD8LBYHz2oFvmoP7Zx0gZ62qS4b1nF7KOs"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["PasskeyOptions"][];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    renamePasskey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                passkeyId: components["parameters"]["passkeyId"];
            };
            cookie?: never;
        };
        /** @description JSON of at most 65536 bytes, also after decoding, and 16 levels. */
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "name": "Old laptop"
                 *     }
                 */
                "application/json": components["schemas"]["RenamePasskey"];
            };
        };
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "createdAt": "2026-06-01T12:00:00.000Z",
                     *           "id": "6a1d7440a856379f0ff93a14",
                     *           "lastUsedAt": null,
                     *           "name": "Old laptop"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Passkey"][];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            413: components["responses"]["Error"];
            415: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    deletePasskey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                passkeyId: components["parameters"]["passkeyId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "message": "Passkey removed"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: {
                            /** @description What was done. */
                            message: string;
                        }[];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    getConsoleSession: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "account": {
                     *             "email": "jane@example.com",
                     *             "id": "6a1d744091fbde0d0bb977af",
                     *             "name": "Jane Doe"
                     *           },
                     *           "expiresAt": "2026-06-08T12:00:00.000Z",
                     *           "freshUntil": "2026-06-01T12:15:00.000Z",
                     *           "id": "6a1d7440e9905b4ebd373b9f",
                     *           "limit": {
                     *             "limit": 1000000,
                     *             "remaining": 999999
                     *           },
                     *           "method": "token",
                     *           "permissions": [
                     *             "*"
                     *           ],
                     *           "version": "0.1.0+0123456789ab",
                     *           "websites": []
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["ConsoleSession"][];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    signIn: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description JSON of at most 65536 bytes, also after decoding, and 16 levels. */
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "token": "dft_…"
                 *     }
                 */
                "application/json": components["schemas"]["SignIn"];
            };
        };
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "account": {
                     *             "email": "jane@example.com",
                     *             "id": "6a1d744091fbde0d0bb977af",
                     *             "name": "Jane Doe"
                     *           },
                     *           "expiresAt": "2026-06-08T12:00:00.000Z",
                     *           "freshUntil": "2026-06-01T12:15:00.000Z",
                     *           "id": "6a1d7440235c74c0206cc778",
                     *           "limit": {
                     *             "limit": 1000000,
                     *             "remaining": 1000000
                     *           },
                     *           "method": "token",
                     *           "permissions": [
                     *             "*"
                     *           ],
                     *           "version": "0.1.0+0123456789ab",
                     *           "websites": []
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["ConsoleSession"][];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            413: components["responses"]["Error"];
            415: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
            503: components["responses"]["Error"];
        };
    };
    signOut: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "message": "Signed out"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: {
                            /** @description What was done. */
                            message: string;
                        }[];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    createSignInOptions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "challenge": "LdAL134CIs7YgmZUganB2fkHMJ0W4F7QB6HqY5KEd6k",
                     *           "rpId": "localhost"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["SignInOptions"][];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    listConsoleSessions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "country": "US",
                     *           "createdAt": "2026-06-01T12:00:00.000Z",
                     *           "expiresAt": "2026-06-08T12:00:00.000Z",
                     *           "id": "6a1d7440e9905b4ebd373b9f",
                     *           "isCurrent": true,
                     *           "lastSeenAt": "2026-06-01T12:00:00.000Z",
                     *           "method": "token",
                     *           "userAgent": "node"
                     *         },
                     *         {
                     *           "country": "US",
                     *           "createdAt": "2026-06-01T12:00:00.000Z",
                     *           "expiresAt": "2026-06-08T12:00:00.000Z",
                     *           "id": "6a1d7440235c74c0206cc778",
                     *           "isCurrent": false,
                     *           "lastSeenAt": "2026-06-01T12:00:00.000Z",
                     *           "method": "token",
                     *           "userAgent": "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/128.0.0.0 Safari/537.36"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["ConsoleDevice"][];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    deleteOtherConsoleSessions: {
        parameters: {
            query?: {
                others?: "true" | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "message": "0 other devices signed out"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: {
                            /** @description What was done. */
                            message: string;
                        }[];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    deleteConsoleSession: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                sessionId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "message": "Signed out"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: {
                            /** @description What was done. */
                            message: string;
                        }[];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    createSignInCode: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description JSON of at most 65536 bytes, also after decoding, and 16 levels. */
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "email": "jane@example.com"
                 *     }
                 */
                "application/json": components["schemas"]["AskForCode"];
            };
        };
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "message": "If this address has an account, a code is on its way"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["AskedForCode"][];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            413: components["responses"]["Error"];
            415: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    getConsoleStatus: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "environment": "development",
                     *           "isEmpty": false,
                     *           "methods": {
                     *             "access": false,
                     *             "email": true,
                     *             "passkey": false,
                     *             "token": true
                     *           },
                     *           "version": "0.1.0+0123456789ab"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["ConsoleStatus"][];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            500: components["responses"]["Error"];
        };
    };
    createConsoleTicket: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description JSON of at most 65536 bytes, also after decoding, and 16 levels. */
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "email": "jane@example.com"
                 *     }
                 */
                "application/json": components["schemas"]["CreateTicket"];
            };
        };
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "expiresAt": "2026-06-02T00:00:00.000Z",
                     *           "url": "http://127.0.0.1:8787/console/sign-in#ticket=-WnNGEM5rtWpUp8kN6ERI5d3LlYYoQVC"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["IssuedTicket"][];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            404: components["responses"]["Error"];
            413: components["responses"]["Error"];
            415: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    listConsoleWebsites: {
        parameters: {
            query?: {
                limit?: number;
                offset?: number;
                q?: string;
                sort?: ("online" | "weekVisitors" | "weekRevenue" | "lastEvent" | "domain" | "created") | "visitors" | "revenue";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "asOf": "2026-06-01T12:00:00.000Z",
                     *       "data": [
                     *         {
                     *           "createdAt": "2026-06-01T12:00:00.000Z",
                     *           "currency": "USD",
                     *           "day": {
                     *             "revenue": 0,
                     *             "revenueBefore": 0,
                     *             "visitors": 0,
                     *             "visitorsBefore": 0
                     *           },
                     *           "domain": "example.com",
                     *           "hasEvents": true,
                     *           "id": "6a1d7440e6fa467698cfa378",
                     *           "lastEventAt": "2026-05-21T10:03:00.000Z",
                     *           "name": "New name",
                     *           "online": 0,
                     *           "role": "owner",
                     *           "sparkline": [
                     *             0,
                     *             0,
                     *             0,
                     *             0,
                     *             0,
                     *             0,
                     *             0
                     *           ],
                     *           "timezone": "America/New_York",
                     *           "week": {
                     *             "revenue": 0,
                     *             "revenueBefore": 0,
                     *             "visitors": 0,
                     *             "visitorsBefore": 0
                     *           }
                     *         }
                     *       ],
                     *       "pagination": {
                     *         "limit": 50,
                     *         "offset": 0,
                     *         "total": 1
                     *       },
                     *       "status": "success",
                     *       "totals": {
                     *         "online": 0,
                     *         "revenue": [],
                     *         "visitors": 0,
                     *         "visitorsBefore": 0
                     *       },
                     *       "unavailable": 0
                     *     }
                     */
                    "application/json": {
                        /**
                         * Format: date-time
                         * @description When the figures were read: 24 hours and days end then.
                         */
                        asOf: string;
                        data: components["schemas"]["ConsoleListedWebsite"][];
                        pagination: {
                            /** Format: uint32 */
                            limit: number;
                            /** Format: uint32 */
                            offset: number;
                            /** Format: uint */
                            total: number;
                        };
                        /** @enum {string} */
                        status: "success";
                        /** @description The last 24 hours of all websites together, not only of this page; null if not all were asked. */
                        totals: {
                            /** Format: int64 */
                            online: number;
                            /** @description By currency, those with any revenue. */
                            revenue: {
                                /**
                                 * @description ISO 4217 currency
                                 * @example USD
                                 */
                                currency: string;
                                /**
                                 * Format: double
                                 * @description A number that is serialized without decimals if it has none.
                                 */
                                revenue: number;
                                /**
                                 * Format: double
                                 * @description A number that is serialized without decimals if it has none.
                                 */
                                revenueBefore: number;
                            }[];
                            /** Format: int64 */
                            visitors: number;
                            /** Format: int64 */
                            visitorsBefore: number;
                        } | null;
                        /**
                         * Format: uint
                         * @description How many websites were asked for figures and did not answer.
                         */
                        unavailable: number;
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    getInstallation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                websiteId: components["parameters"]["websiteId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "arrivals": [
                     *             {
                     *               "at": "2026-05-21T10:03:00.000Z",
                     *               "country": "US",
                     *               "device": "desktop",
                     *               "hostname": "example.com",
                     *               "path": "/signup",
                     *               "type": "external_link"
                     *             },
                     *             {
                     *               "at": "2026-05-21T10:02:00.000Z",
                     *               "country": "US",
                     *               "device": "desktop",
                     *               "hostname": "example.com",
                     *               "path": "/signup",
                     *               "type": "custom"
                     *             },
                     *             {
                     *               "at": "2026-05-21T10:01:00.000Z",
                     *               "country": "US",
                     *               "device": "desktop",
                     *               "hostname": "example.com",
                     *               "path": "/signup",
                     *               "type": "pageview"
                     *             },
                     *             {
                     *               "at": "2026-05-21T10:00:00.000Z",
                     *               "country": "US",
                     *               "device": "desktop",
                     *               "hostname": "example.com",
                     *               "path": "/",
                     *               "type": "pageview"
                     *             }
                     *           ],
                     *           "dropped": [],
                     *           "firstEventAt": "2026-05-21T10:00:00.000Z",
                     *           "hosts": [
                     *             {
                     *               "events": 4,
                     *               "hostname": "example.com",
                     *               "lastSeenAt": "2026-05-21T10:03:00.000Z"
                     *             }
                     *           ],
                     *           "lastEventAt": "2026-05-21T10:03:00.000Z"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Installation"][];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    getView: {
        parameters: {
            query: {
                compare?: ("previous" | "year" | "custom") | null;
                compareEndAt?: string;
                compareStartAt?: string;
                parts: string;
                endAt?: components["parameters"]["endAt"];
                startAt?: components["parameters"]["startAt"];
                timezone?: components["parameters"]["timezone"];
                filter_country?: components["parameters"]["filter_country"];
                filter_region?: components["parameters"]["filter_region"];
                filter_city?: components["parameters"]["filter_city"];
                filter_device?: components["parameters"]["filter_device"];
                filter_browser?: components["parameters"]["filter_browser"];
                filter_os?: components["parameters"]["filter_os"];
                filter_referrer?: components["parameters"]["filter_referrer"];
                filter_page?: components["parameters"]["filter_page"];
                filter_entry_page?: components["parameters"]["filter_entry_page"];
                filter_hostname?: components["parameters"]["filter_hostname"];
                filter_goal?: components["parameters"]["filter_goal"];
                filter_utm_source?: components["parameters"]["filter_utm_source"];
                filter_utm_medium?: components["parameters"]["filter_utm_medium"];
                filter_utm_campaign?: components["parameters"]["filter_utm_campaign"];
                filter_utm_term?: components["parameters"]["filter_utm_term"];
                filter_utm_content?: components["parameters"]["filter_utm_content"];
                filter_ref?: components["parameters"]["filter_ref"];
                filter_source?: components["parameters"]["filter_source"];
                filter_via?: components["parameters"]["filter_via"];
                filter_visit_count?: components["parameters"]["filter_visit_count"];
            };
            header?: never;
            path: {
                websiteId: components["parameters"]["websiteId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": string;
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    createGoal: {
        parameters: {
            query?: {
                websiteId?: components["parameters"]["websiteId.getBotTraffic"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description JSON of at most 65536 bytes, also after decoding, and 16 levels. */
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "datafast_visitor_id": "b971cbbf-7ce2-4925-902b-8f95a5fb3449",
                 *       "description": "Signed up for the newsletter",
                 *       "metadata": {
                 *         "list": "weekly"
                 *       },
                 *       "name": "newsletter"
                 *     }
                 */
                "application/json": components["schemas"]["CreateGoal"];
            };
        };
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "eventId": "6a1d7440e06b9be88d31214b",
                     *           "message": "Custom event created successfully"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["CreatedGoal"][];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            413: components["responses"]["Error"];
            415: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    deleteGoals: {
        parameters: {
            query?: {
                websiteId?: components["parameters"]["websiteId.getBotTraffic"];
                datafast_visitor_id?: components["parameters"]["datafast_visitor_id"];
                dryRun?: "true" | "false" | null;
                name?: string;
                end?: components["parameters"]["end"];
                endAt?: components["parameters"]["endAt"];
                start?: components["parameters"]["start"];
                startAt?: components["parameters"]["startAt"];
                timezone?: components["parameters"]["timezone"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "deleted": 1,
                     *           "goal_name": "newsletter",
                     *           "message": "Goal events deleted successfully within time range",
                     *           "timeRange": {
                     *             "end": "2036-01-02T04:59:59.999Z",
                     *             "start": "2026-01-01T05:00:00.000Z"
                     *           }
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["DeletedGoals"][];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    receiveProviderEvent: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                provider: components["parameters"]["provider"];
                websiteId: components["parameters"]["websiteId"];
                token: string;
            };
            cookie?: never;
        };
        /** @description What the provider posts: at most 2097152 bytes. */
        requestBody: {
            content: {
                "*/*": unknown;
            };
        };
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "received": true
                     *     }
                     */
                    "application/json": {
                        received: boolean;
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            404: components["responses"]["Error"];
            410: components["responses"]["Error"];
            413: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
            503: components["responses"]["Error"];
        };
    };
    identifyVisitor: {
        parameters: {
            query?: {
                websiteId?: components["parameters"]["websiteId.getBotTraffic"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description JSON of at most 65536 bytes, also after decoding, and 16 levels. */
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "datafast_visitor_id": "b971cbbf-7ce2-4925-902b-8f95a5fb3449",
                 *       "name": "Jane Doe",
                 *       "plan": "pro",
                 *       "user_id": "user_1"
                 *     }
                 */
                "application/json": components["schemas"]["Identify"];
            };
        };
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "message": "User profile created successfully",
                     *         "profileId": "6a1d7440c3e6b11b97c6b0b9"
                     *       },
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Identified"];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            413: components["responses"]["Error"];
            415: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    acceptInvitation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                invitationId: components["parameters"]["invitationId"];
            };
            cookie?: never;
        };
        /** @description JSON of at most 65536 bytes, also after decoding, and 16 levels. */
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "code": "KIpVCuSoVR2KYrjyNe1PNAnFWcLVHT63",
                 *       "name": "John Roe"
                 *     }
                 */
                "application/json": components["schemas"]["AcceptInvitation"];
            };
        };
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "email": "john@example.com",
                     *           "key": "dft_…",
                     *           "message": "Invitation accepted",
                     *           "role": "viewer",
                     *           "userId": "6a1d744021edf3e4e1bfd3cc",
                     *           "websiteId": "6a1d7440e6fa467698cfa378"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["AcceptedInvitation"][];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            413: components["responses"]["Error"];
            415: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    listMentions: {
        parameters: {
            query?: {
                websiteId?: components["parameters"]["websiteId.getBotTraffic"];
                endAt?: components["parameters"]["endAt"];
                startAt?: components["parameters"]["startAt"];
                timezone?: components["parameters"]["timezone"];
                order?: components["parameters"]["order"];
                platform?: "x" | "reddit" | null;
                q?: string;
                limit?: components["parameters"]["limit"];
                offset?: components["parameters"]["offset"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [],
                     *       "meta": {
                     *         "totalMentions": 0
                     *       },
                     *       "pagination": {
                     *         "hasMore": false,
                     *         "limit": 100,
                     *         "offset": 0,
                     *         "total": 0
                     *       },
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["Mention"][];
                        meta: {
                            /**
                             * Format: int64
                             * @description Mentions of the website at any time.
                             */
                            totalMentions: number;
                        };
                        pagination: {
                            hasMore: boolean;
                            /** Format: uint32 */
                            limit: number;
                            /** Format: uint32 */
                            offset: number;
                            /** Format: int64 */
                            total: number;
                        };
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    createPayment: {
        parameters: {
            query?: {
                websiteId?: components["parameters"]["websiteId.getBotTraffic"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description JSON of at most 65536 bytes, also after decoding, and 16 levels. */
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "amount": 49,
                 *       "currency": "USD",
                 *       "customer_id": "cus_abc123",
                 *       "datafast_visitor_id": "b971cbbf-7ce2-4925-902b-8f95a5fb3449",
                 *       "email": "jane@example.com",
                 *       "is_free_trial": false,
                 *       "name": "Jane Doe",
                 *       "refunded": false,
                 *       "renewal": false,
                 *       "timestamp": "2026-05-21T10:05:00.000Z",
                 *       "transaction_id": "payment_456"
                 *     }
                 */
                "application/json": components["schemas"]["CreatePayment"];
            };
        };
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "message": "Payment recorded and attributed successfully",
                     *       "transaction_id": "payment_456"
                     *     }
                     */
                    "application/json": components["schemas"]["CreatedPayment"];
                };
            };
            400: components["responses"]["PlainError"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            413: components["responses"]["PlainError"];
            415: components["responses"]["PlainError"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    deletePayments: {
        parameters: {
            query?: {
                websiteId?: components["parameters"]["websiteId.getBotTraffic"];
                datafast_visitor_id?: components["parameters"]["datafast_visitor_id"];
                transaction_id?: string;
                tx_id?: string;
                end?: components["parameters"]["end"];
                endAt?: components["parameters"]["endAt"];
                start?: components["parameters"]["start"];
                startAt?: components["parameters"]["startAt"];
                timezone?: components["parameters"]["timezone"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "deleted": 1,
                     *           "message": "Payment deleted successfully",
                     *           "transaction_id": "payment_456"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["DeletedPayments"][];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    createFirstAccount: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description JSON of at most 65536 bytes, also after decoding, and 16 levels. */
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "email": "jane@example.com",
                 *       "name": "Jane Doe"
                 *     }
                 */
                "application/json": components["schemas"]["Setup"];
            };
        };
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "_id": "6a1d744091fbde0d0bb977af",
                     *           "email": "jane@example.com",
                     *           "id": "6a1d744091fbde0d0bb977af",
                     *           "image": null,
                     *           "key": "dft_…",
                     *           "name": "Jane Doe",
                     *           "tokenId": "6a1d7440054fa8703dbcafbf"
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["NewAccount"][];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            404: components["responses"]["Error"];
            409: components["responses"]["Error"];
            413: components["responses"]["Error"];
            415: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    listVisitors: {
        parameters: {
            query?: {
                websiteId?: components["parameters"]["websiteId.getBotTraffic"];
                endAt?: components["parameters"]["endAt"];
                startAt?: components["parameters"]["startAt"];
                timezone?: components["parameters"]["timezone"];
                browser?: string;
                city?: string;
                completedGoal?: string;
                country?: string;
                device?: string;
                hostname?: string;
                isCustomer?: "true" | "false" | null;
                os?: string;
                ref?: string;
                referrer?: string;
                region?: string;
                source?: string;
                utm_campaign?: string;
                utm_content?: string;
                utm_medium?: string;
                utm_source?: string;
                utm_term?: string;
                via?: string;
                visitedPage?: string;
                visitedPageContains?: string;
                fields?: string;
                q?: string;
                sort?: "lastSeenAt" | "revenue";
                limit?: number;
                offset?: components["parameters"]["offset.listAudit"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "acquisition": {
                     *             "ref": "friend",
                     *             "referrer": "Google",
                     *             "source": null,
                     *             "utm_campaign": null,
                     *             "utm_content": null,
                     *             "utm_medium": null,
                     *             "utm_source": "newsletter",
                     *             "utm_term": null,
                     *             "via": null
                     *           },
                     *           "currentUrl": "example.com/signup",
                     *           "identity": {
                     *             "browser": "Chrome",
                     *             "city": "Austin",
                     *             "country": "US",
                     *             "device": "desktop",
                     *             "os": "Mac OS",
                     *             "region": "US-TX"
                     *           },
                     *           "lastSeenAt": "2026-05-21T10:01:00.000Z",
                     *           "visitorId": "b971cbbf-7ce2-4925-902b-8f95a5fb3449"
                     *         }
                     *       ],
                     *       "pagination": {
                     *         "hasMore": false,
                     *         "limit": 10,
                     *         "offset": 0,
                     *         "total": 1
                     *       },
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["ListedVisitor"][];
                        pagination: {
                            hasMore: boolean;
                            /** Format: uint32 */
                            limit: number;
                            /** Format: uint32 */
                            offset: number;
                            /** Format: int64 */
                            total: number;
                        };
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    getVisitor: {
        parameters: {
            query?: {
                websiteId?: components["parameters"]["websiteId.getBotTraffic"];
            };
            header?: never;
            path: {
                visitorId: components["parameters"]["visitorId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": {
                     *         "activity": {
                     *           "completedCustomGoals": [
                     *             {
                     *               "description": null,
                     *               "isServer": false,
                     *               "name": "signup",
                     *               "timestamp": "2026-05-21T10:02:00.000Z"
                     *             },
                     *             {
                     *               "description": null,
                     *               "isServer": false,
                     *               "name": "signup",
                     *               "timestamp": "2026-06-01T12:00:00.000Z"
                     *             },
                     *             {
                     *               "description": "Signed up for the newsletter",
                     *               "isServer": true,
                     *               "name": "newsletter",
                     *               "timestamp": "2026-06-01T12:00:00.000Z"
                     *             }
                     *           ],
                     *           "completedGoals": [
                     *             {
                     *               "description": null,
                     *               "metadata": {
                     *                 "plan": "pro"
                     *               },
                     *               "name": "signup",
                     *               "origin": "manual",
                     *               "timestamp": "2026-05-21T10:02:00.000Z"
                     *             },
                     *             {
                     *               "amount": 49,
                     *               "currency": "USD",
                     *               "description": null,
                     *               "metadata": {},
                     *               "name": "payment",
                     *               "origin": "payment_provider",
                     *               "timestamp": "2026-05-21T10:04:00.000Z"
                     *             },
                     *             {
                     *               "amount": 49,
                     *               "currency": "USD",
                     *               "description": null,
                     *               "metadata": {},
                     *               "name": "payment",
                     *               "origin": "payment_provider",
                     *               "timestamp": "2026-05-21T10:05:00.000Z"
                     *             },
                     *             {
                     *               "description": null,
                     *               "metadata": {
                     *                 "plan": "pro"
                     *               },
                     *               "name": "signup",
                     *               "origin": "manual",
                     *               "timestamp": "2026-06-01T12:00:00.000Z"
                     *             },
                     *             {
                     *               "description": "Signed up for the newsletter",
                     *               "metadata": {
                     *                 "list": "weekly"
                     *               },
                     *               "name": "newsletter",
                     *               "origin": "manual",
                     *               "timestamp": "2026-06-01T12:00:00.000Z"
                     *             }
                     *           ],
                     *           "currentUrl": "example.com/signup",
                     *           "firstVisitAt": "2026-05-21T10:00:00.000Z",
                     *           "lastVisitAt": "2026-06-01T12:00:00.000Z",
                     *           "pageViewCount": 2,
                     *           "timeSinceCurrentVisit": 700,
                     *           "timeSinceFirstVisit": 957600000,
                     *           "visitCount": 2,
                     *           "visitedPages": [
                     *             {
                     *               "timestamp": "2026-05-21T10:00:00.000Z",
                     *               "url": "example.com/"
                     *             },
                     *             {
                     *               "timestamp": "2026-05-21T10:01:00.000Z",
                     *               "url": "example.com/signup"
                     *             }
                     *           ]
                     *         },
                     *         "identity": {
                     *           "adClickIds": {},
                     *           "browser": {
                     *             "name": "Chrome",
                     *             "version": "128.0.0.0"
                     *           },
                     *           "city": "Austin",
                     *           "country": "US",
                     *           "countryCode": "US",
                     *           "device": {
                     *             "model": "Mac",
                     *             "type": "desktop",
                     *             "vendor": "Apple"
                     *           },
                     *           "os": {
                     *             "name": "Mac OS",
                     *             "version": "10.15.7"
                     *           },
                     *           "params": {
                     *             "ref": "friend",
                     *             "source": null,
                     *             "utm_campaign": null,
                     *             "utm_content": null,
                     *             "utm_medium": null,
                     *             "utm_source": "newsletter",
                     *             "utm_term": null,
                     *             "via": null
                     *           },
                     *           "region": "US-TX",
                     *           "viewport": {
                     *             "height": 900,
                     *             "width": 1440
                     *           }
                     *         },
                     *         "prediction": null,
                     *         "profile": {
                     *           "identifiedAt": "2026-06-01T12:00:00.000Z",
                     *           "metadata": {
                     *             "name": "Jane Doe",
                     *             "plan": "pro"
                     *           },
                     *           "userId": "user_1"
                     *         },
                     *         "visitorId": "b971cbbf-7ce2-4925-902b-8f95a5fb3449"
                     *       },
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["VisitorDetail"];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    eraseVisitor: {
        parameters: {
            query?: {
                websiteId?: components["parameters"]["websiteId.getBotTraffic"];
            };
            header?: never;
            path: {
                visitorId: components["parameters"]["visitorId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    RateLimit: components["headers"]["RateLimit"];
                    "RateLimit-Policy": components["headers"]["RateLimit-Policy"];
                    "X-RateLimit-Limit": components["headers"]["X-RateLimit-Limit"];
                    "X-RateLimit-Remaining": components["headers"]["X-RateLimit-Remaining"];
                    "X-RateLimit-Reset": components["headers"]["X-RateLimit-Reset"];
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "data": [
                     *         {
                     *           "events": 6,
                     *           "message": "Visitor erased successfully",
                     *           "payments": 1
                     *         }
                     *       ],
                     *       "status": "success"
                     *     }
                     */
                    "application/json": {
                        data: components["schemas"]["ErasedVisitor"][];
                        /** @enum {string} */
                        status: "success";
                    };
                };
            };
            400: components["responses"]["Error"];
            401: components["responses"]["Error"];
            403: components["responses"]["Error"];
            404: components["responses"]["Error"];
            429: components["responses"]["TooManyRequests"];
            500: components["responses"]["Error"];
        };
    };
    getHealth: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "status": "ok"
                     *     }
                     */
                    "application/json": components["schemas"]["Health"];
                };
            };
            500: components["responses"]["Error"];
        };
    };
    getInvitationPage: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                invitationId: components["parameters"]["invitationId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "text/html": string;
                };
            };
            400: components["responses"]["Error"];
            500: components["responses"]["Error"];
        };
    };
    getCookielessScript: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "text/javascript": string;
                };
            };
            500: components["responses"]["Error"];
        };
    };
    getHashScript: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "text/javascript": string;
                };
            };
            500: components["responses"]["Error"];
        };
    };
    getScript: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "text/javascript": string;
                };
            };
            500: components["responses"]["Error"];
        };
    };
    getOpenApi: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            500: components["responses"]["Error"];
        };
    };
    getReportsPage: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                reportsToken: components["parameters"]["reportsToken"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "text/html": string;
                };
            };
            400: components["responses"]["Error"];
            /** @description A page that says that the link is broken. */
            404: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "text/html": string;
                };
            };
            500: components["responses"]["Error"];
        };
    };
    unsubscribeFromReports: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                reportsToken: components["parameters"]["reportsToken"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "text/html": string;
                };
            };
            400: components["responses"]["Error"];
            /** @description A page that says that the link is broken. */
            404: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "text/html": string;
                };
            };
            500: components["responses"]["Error"];
        };
    };
    getUnsubscribePage: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                token: components["parameters"]["token"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "text/html": string;
                };
            };
            400: components["responses"]["Error"];
            /** @description A page that says that the link is broken. */
            404: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "text/html": string;
                };
            };
            500: components["responses"]["Error"];
        };
    };
    unsubscribe: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                token: components["parameters"]["token"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "text/html": string;
                };
            };
            400: components["responses"]["Error"];
            /** @description A page that says that the link is broken. */
            404: {
                headers: {
                    "X-Request-Id": components["headers"]["X-Request-Id"];
                    [name: string]: unknown;
                };
                content: {
                    "text/html": string;
                };
            };
            500: components["responses"]["Error"];
        };
    };
}
