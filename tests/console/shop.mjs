// A website with the script in its pages, and a browser in which somebody visits it. It is another browser than the console's: the script
// is silent in one that says that it is automated.

import { createServer } from "node:http";
import { chromium } from "playwright-core";

export class Shop {
  // `head` is what the console says to put into the head of every page, `body` the page.
  static async open({ domain, head, body }) {
    const shop = new Shop();
    const server = createServer((_, response) => {
      response.setHeader("content-type", "text/html; charset=utf-8");
      response.end(`<!doctype html><html lang="en"><head><title>Acme</title>${head}</head><body>${body}</body></html>`);
    });
    await new Promise((resolve) => server.listen({ port: 0, host: "127.0.0.1" }, resolve));
    server.unref();
    const browser = await chromium.launch({
      executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
      args: [
        "--no-sandbox",
        "--disable-blink-features=AutomationControlled",
        `--host-resolver-rules=MAP ${domain} 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1`,
      ],
    });
    const [major] = browser.version().split(".");
    const userAgent = `Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${major}.0.0.0 Safari/537.36`;
    const page = await browser.newPage({ userAgent, locale: "en-US", timezoneId: "America/Chicago" });
    return Object.assign(shop, { server, browser, page, url: `http://${domain}:${server.address().port}/` });
  }

  async visit() {
    await this.page.goto(this.url);
  }

  // As the script knows this visitor.
  async visitorId() {
    const cookies = await this.page.context().cookies();
    return cookies.find(({ name }) => name === "datafast_visitor_id")?.value;
  }

  async close() {
    await this.browser.close();
    this.server.close().closeAllConnections();
  }
}
