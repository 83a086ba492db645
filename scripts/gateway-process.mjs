// Runs scripts/gateway.mjs in processes of its own: the one way in which tests and benchmarks start and end a gateway. The
// tests in Rust read the same line of JSON (tests/gateway/own_gateway.rs).

import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { call, ROOT, toolEnv } from "./lib.mjs";

const STOPPING_MS = 10_000;

export class GatewayProcess {
  // Starts a gateway on the folder `state` (a temporary one without it) and waits until it answers. `log` is given what the
  // gateway writes to its log. `main` is another module than build/index.js.
  static async start({ state, main, settings = {}, log = (text) => process.stderr.write(text) }) {
    const vars = Object.entries(settings).flatMap(([name, value]) => ["--var", `${name}=${value}`]);
    const args = [join(ROOT, "scripts", "gateway.mjs"), ...(state ? ["--state", state] : []), ...(main ? ["--main", main] : []), ...vars];
    // The pipe on its standard input closes with this process, however that ends; then the gateway stops.
    const child = spawn("node", args, { env: toolEnv, stdio: ["pipe", "pipe", "pipe"] });
    let logged = "";
    child.stderr.setEncoding("utf8").on("data", (text) => {
      logged = (logged + text).slice(-10_000);
      log(text);
    });
    const gone = new Promise((resolve) => child.once("exit", resolve));
    const line = await new Promise((resolve, reject) => {
      child.once("error", reject);
      gone.then((code) => reject(new Error(`a gateway stopped with ${code} before it was ready:\n${logged}`)));
      createInterface({ input: child.stdout }).once("line", resolve);
    });
    return Object.assign(new GatewayProcess(), JSON.parse(line), { child, gone });
  }

  get isRunning() {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  // Runs what cron runs every minute.
  async runCron() {
    const { status, text } = await call(this.cron, "GET", "");
    if (status !== 200 || text !== "ok") throw new Error(`a cron run answered ${status}: ${text}`);
  }

  async stop() {
    this.child.stdin.end();
    const tooLong = setTimeout(() => this.kill(), STOPPING_MS);
    await this.gone;
    clearTimeout(tooLong);
  }

  // Ends all its processes in the middle of whatever they do.
  async kill() {
    if (this.pids.length < 2) throw new Error("workerd runs below node");
    for (const pid of this.pids) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {} // it ended with its parent
    }
    await this.gone;
  }
}
