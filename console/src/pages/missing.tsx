import { Empty } from "../parts/states.tsx";
import { useTitle } from "../router.tsx";

export function Missing() {
  useTitle("Nothing here");
  return (
    <>
      <h1 class="out-of-sight">Nothing here</h1>
      <Empty
        title="Nothing here"
        actions={
          <a class="button" href="/console">
            All websites
          </a>
        }
      >
        No page of the console has this address. Press <kbd>Ctrl</kbd> <kbd>K</kbd> to look for one.
      </Empty>
    </>
  );
}
