import assert from "node:assert/strict";
import { test } from "node:test";
import { memberText } from "./raw-json.ts";

test("a member is cut out byte for byte", () => {
  const payload =
    '{ "type":"goal.completed", "data":{"amount":1.50,"big":12345678901234567890,"__proto__":{"a":[1,{"b":"}]"}]}} }';
  const body = `{"status":"success","data":[{"id":"1","note":"\\"payload\\": no","payload":${payload},"attempts":[]}]}`;
  assert.equal(memberText(body, "payload"), payload);
  assert.equal(memberText(body, "status"), '"success"');
  assert.equal(memberText(body, "attempts"), "[]");
  assert.equal(memberText('{"a": 12 , "b":true}', "a")?.trim(), "12");
  assert.equal(memberText('{"a":"\\\\","b":null}', "b"), "null");
  assert.equal(memberText(body, "nothing"), undefined);
});
