// How tests tell the stand-in what to be like, and ask it what it saw (stand-in/control.mjs).

export class Told {
  // `urls`: the stand-in's hosts by provider.
  constructor(urls) {
    this.urls = urls;
  }

  // The stand-in that scripts/with-gateways.mjs has started.
  static given() {
    if (!process.env.SLUICE_STAND_IN) throw new Error("SLUICE_STAND_IN is not set: run this through `node scripts/with-gateways.mjs -- …`");
    return new Told(JSON.parse(process.env.SLUICE_STAND_IN));
  }

  async do(action, order = {}) {
    const response = await fetch(`${this.urls.stripe}/__control`, { method: "POST", body: JSON.stringify({ do: action, ...order }) });
    const answer = await response.json();
    if (!response.ok) throw new Error(`the stand-in: ${JSON.stringify(answer)}`);
    return answer;
  }

  // An account at a provider: what is told of it.
  account(provider, key) {
    const tell = (action, order) => this.do(action, { provider, key, ...order });
    return {
      provider, key, url: this.urls[provider],
      is: (fields) => tell("account", fields),
      load: (order) => tell("load", order),
      revoke: (order) => tell("revoke", order),
      drop: (kind, id) => tell("drop", { kind, id }),
      answer: (target, answer) => tell("answer", { target, ...answer }),
      misbehave: (how, order) => tell("misbehave", { how, ...order }),
      happen: (type, object, order) => tell("happen", { type, object, ...order }),
      post: (body, order) => tell("happen", { body, ...order }),
      webhooks: (order) => tell("webhooks", order),
      change: (id, fields) => tell("change", { id, fields }),
      requests: (order) => tell("requests", order),
    };
  }
}
