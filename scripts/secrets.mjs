// What a token, a website key and a webhook secret look like.

const FORMS = {
  token: /(?<![A-Za-z0-9_])df(t|bot)?_[A-Za-z0-9]{36}(?![A-Za-z0-9])/,
  "webhook secret": /whsec_[A-Za-z0-9+/_-]{24,}/,
};

// Where a text has something of these forms: { line, kind }.
export function secretsIn(text) {
  return text.split("\n").flatMap((content, index) =>
    Object.entries(FORMS).filter(([, form]) => form.test(content)).map(([kind]) => ({ line: index + 1, kind })));
}
