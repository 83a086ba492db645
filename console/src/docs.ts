// What a page of the documentation does beside being read: blocks of code can be copied, and the navigation shows where one is.

const SHOWN_MS = 1_500;

for (const button of document.querySelectorAll<HTMLButtonElement>("button[data-copies]")) {
  button.addEventListener("click", async () => {
    const text = document.getElementById(button.dataset.copies ?? "")?.textContent ?? "";
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
    setTimeout(() => {
      button.textContent = "Copy";
    }, SHOWN_MS);
  });
}

const side = document.getElementById("pages");
const current = side?.querySelector<HTMLElement>("[aria-current]");
if (side && current && current.offsetTop > side.clientHeight - current.clientHeight)
  side.scrollTop = current.offsetTop - side.clientHeight / 2;
