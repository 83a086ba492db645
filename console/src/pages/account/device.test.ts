import assert from "node:assert/strict";
import { test } from "node:test";
import { deviceOf } from "./device.ts";

test("a device is named by its browser and its system", () => {
  const mac = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko)";
  assert.equal(deviceOf(`${mac} Chrome/128.0.0.0 Safari/537.36`), "Chrome on macOS");
  assert.equal(deviceOf(`${mac} Chrome/128.0.0.0 Safari/537.36 Edg/128.0`), "Edge on macOS");
  assert.equal(deviceOf("Mozilla/5.0 (Windows NT 10.0; rv:130.0) Gecko/20100101 Firefox/130.0"), "Firefox on Windows");
  assert.equal(
    deviceOf(
      "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1 Version/18.0 Mobile/15E148 Safari/604.1",
    ),
    "Safari on iPhone",
  );
});

test("what is no browser is an unknown device", () => {
  assert.equal(deviceOf("curl/8.5.0"), "Unknown device");
  assert.equal(deviceOf(""), "Unknown device");
});
