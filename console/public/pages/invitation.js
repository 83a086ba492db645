// The page behind an invitation's link. The code stands in the fragment, which browsers send to nobody. Whoever is signed in to the
// console here accepts as that; whoever accepts is signed in.
const code = new URLSearchParams(location.hash.slice(1)).get("code") ?? "";
const said = document.querySelector("output");
if (!code) said.textContent = "This link is incomplete: it ends with #code= and a code. Please open the whole link.";

document.forms[0].addEventListener("submit", async (event) => {
  event.preventDefault();
  const { name, token } = event.target;
  const id = location.pathname.split("/").filter(Boolean).pop();
  const headers = { "content-type": "application/json" };
  if (token.value.trim()) headers.authorization = `Bearer ${token.value.trim()}`;
  const body = { code, session: true, ...(name.value.trim() && { name: name.value.trim() }) };
  try {
    const response = await fetch(`/api/v1/invitations/${id}/accept`, {
      method: "POST",
      headers,
      body: JSON.stringify(body),
    });
    const answer = await response.json();
    if (response.ok) location.replace(`/console/w/${answer.data[0].websiteId}`);
    else said.textContent = answer.error?.message ?? "Something went wrong. Please try again.";
  } catch {
    said.textContent = "The gateway could not be reached. Please try again.";
  }
});
