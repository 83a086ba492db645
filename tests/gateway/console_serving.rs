//! How the console is served: its page with its headers, its files, and nothing of the API's swallowed by them.

use reqwest::{Client, Method, redirect};

use crate::support::{Answer, Gateway, NO_SUCH_ID, answer};

const HTML: &str = "text/html,application/xhtml+xml,*/*;q=0.8";
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; \
                      font-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

async fn open(gateway: &Gateway, path: &str) -> Answer {
    answer(gateway.request(Method::GET, path).header("accept", HTML)).await
}

#[tokio::test]
async fn every_address_of_the_console_is_its_page_with_these_headers() {
    for (gateway, is_production) in [(Gateway::roomy(), false), (Gateway::strict(), true)] {
        let first = open(&gateway, "/console").await;
        for path in
            ["/console", "/console/", "/console/sign-in", "/console/w/x/goals/a%20b?period=7d", "/console/no.where"]
        {
            let page = open(&gateway, path).await;
            assert_eq!((page.status, &page.body), (200, &first.body), "{path}");
            for (name, value) in [
                ("content-type", "text/html; charset=utf-8"),
                (
                    "content-security-policy",
                    &format!("{POLICY}; require-trusted-types-for 'script'; trusted-types 'none'"),
                ),
                ("cross-origin-opener-policy", "same-origin"),
                ("cross-origin-resource-policy", "same-origin"),
                ("referrer-policy", "no-referrer"),
                ("x-content-type-options", "nosniff"),
                ("cache-control", "no-store"),
                (
                    "permissions-policy",
                    "camera=(), microphone=(), geolocation=(), payment=(), usb=(), publickey-credentials-get=(self), \
                     publickey-credentials-create=(self)",
                ),
            ] {
                assert_eq!(page.header(name), value, "{path} {name}");
            }
            assert_eq!(page.headers.contains_key("strict-transport-security"), is_production, "{path}");
        }
        let reference = open(&gateway, "/console/api").await;
        assert_eq!(reference.header("content-security-policy"), POLICY, "its library sets HTML");
    }
}

#[tokio::test]
async fn the_page_names_files_that_are_there_and_never_change() {
    let gateway = Gateway::strict();
    let page = open(&gateway, "/console").await;
    let link = page.header("link");
    let script = link.strip_prefix('<').unwrap().strip_suffix(">; rel=modulepreload").unwrap();
    assert!(page.body.contains(&format!("src=\"{script}\"")), "{link}");
    let named = page.body.split('"').filter(|part| part.starts_with("/console/assets/"));
    let files: Vec<&str> = named.collect();
    assert!(files.len() >= 2 && files.contains(&script), "{files:?}");
    for file in files {
        let file = answer(gateway.request(Method::GET, file)).await;
        assert_eq!(file.status, 200, "{file}");
        assert_eq!(file.header("cache-control"), "public, max-age=31536000, immutable");
        assert_eq!(file.header("x-content-type-options"), "nosniff");
        assert!(!file.headers.contains_key("x-request-id"), "the platform serves it, not the Worker");
    }
}

#[tokio::test]
async fn a_file_that_is_not_there_is_no_page() {
    let gateway = Gateway::strict();
    for path in ["/console/assets/gone.js", "/console/assets/gone-00000000.css", "/console/assets/a/b.svg"] {
        let gone = open(&gateway, path).await;
        assert_eq!((gone.status, gone.header("content-type")), (404, "text/plain; charset=utf-8".to_owned()), "{path}");
        assert_eq!(gone.header("cache-control"), "no-store", "{path}");
    }
    open(&gateway, "/pages/gone.css").await.error(404);
}

#[tokio::test]
async fn the_page_comes_in_the_theme_that_was_chosen() {
    let gateway = Gateway::strict();
    for (cookie, theme) in
        [("a=b; sluice-theme=dark", "dark"), ("sluice-theme=light", "light"), ("sluice-theme=x", "system")]
    {
        let page = answer(gateway.request(Method::GET, "/console").header("cookie", cookie)).await;
        assert!(page.body.contains(&format!("data-theme=\"{theme}\"")), "{cookie}: {page}");
    }
}

#[tokio::test]
async fn the_gateways_address_leads_a_browser_to_the_console_and_a_program_nowhere() {
    let gateway = Gateway::strict();
    let client = Client::builder().no_proxy().redirect(redirect::Policy::none()).build().unwrap();
    let to = client.get(&gateway.url).header("accept", HTML).send().await.unwrap();
    assert_eq!((to.status().as_u16(), to.headers()["location"].to_str().unwrap()), (302, "/console"));
    answer(gateway.request(Method::GET, "/")).await.error(404);
    answer(gateway.request(Method::POST, "/console")).await.error(405);
}

/// With another setting of the assets, a browser that opens these would be given the console.
#[tokio::test]
async fn pages_of_the_api_and_of_mails_are_not_swallowed() {
    let gateway = Gateway::strict();
    let document = open(&gateway, "/openapi.json").await;
    assert_eq!((document.status, document.header("content-type").as_str()), (200, "application/json"));
    open(&gateway, "/api/v1/admin/account").await.error(401);
    open(&gateway, "/nowhere").await.error(404);
    for (path, status, text) in [
        (format!("/invitations/{NO_SUCH_ID}"), 200, "You have been invited"),
        ("/unsubscribe/x".to_owned(), 404, "This link does not work"),
        ("/invitations/x".to_owned(), 400, "This link does not work"),
    ] {
        let page = open(&gateway, &path).await;
        assert_eq!((page.status, page.body.contains(text)), (status, true), "{page}");
        assert!(!page.header("content-security-policy").contains("unsafe"), "{path}");
        assert!(!page.body.contains("<style") && page.body.contains("href=\"/pages/page.css\""), "{path}");
    }
    let posted = answer(gateway.request(Method::POST, "/unsubscribe/x").body("List-Unsubscribe=One-Click")).await;
    assert_eq!(posted.status, 404, "the Worker's, not the platform's 405");
}
