// Whether somebody is still there. What asks the gateway again and again asks less when nobody is.

const IDLE_AFTER_MS = 3_600_000; // without input
const IDLE_EVERY_MS = 60_000;
const IDLE_TIMES = 5;

let lastInput = Date.now();
const note = () => {
  lastInput = Date.now();
};
for (const type of ["pointerdown", "pointermove", "keydown", "wheel"]) addEventListener(type, note, { passive: true });

// Does something again and again while the page is seen: every so often, and after an hour without input once a minute, five times.
export function whileSeen(everyMs: number, run: () => unknown): () => void {
  let timer: ReturnType<typeof setTimeout>;
  let idle = 0;
  const next = () => {
    const isIdle = Date.now() - lastInput > IDLE_AFTER_MS;
    idle = isIdle ? idle + 1 : 0;
    timer = setTimeout(
      async () => {
        if (!document.hidden && idle <= IDLE_TIMES) await run();
        next();
      },
      isIdle ? Math.max(everyMs, IDLE_EVERY_MS) : everyMs,
    );
  };
  next();
  return () => clearTimeout(timer);
}
